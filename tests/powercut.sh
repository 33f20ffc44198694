#!/bin/bash
# Power cuts against the journal, and the same against a disk that lies, which must be found out.
#   powercut.sh BUILD [STATES]
set -euo pipefail
build=${1:?usage: powercut.sh BUILD [STATES]}
"$build/tests/powercut" --control --states 2000
"$build/tests/powercut" --states "${2:-20000}"
