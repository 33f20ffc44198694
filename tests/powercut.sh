#!/bin/bash
# Power cuts against the journal alone and against the whole engine, and the same against a disk that
# lies, which must be found out.     powercut.sh BUILD [STATES]
set -euo pipefail
build=${1:?usage: powercut.sh BUILD [STATES]}
states=${2:-20000}
for program in powercut powercut_engine; do
	"$build/tests/$program" --control --states 1000
	"$build/tests/$program" --states $((states / 2))
done
