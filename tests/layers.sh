#!/bin/sh
# Who may include what (HACKING.md, "Layers"): a layer is some files and the headers they must not name.
cd "$(dirname "$0")/.." || exit 1
fail=0
forbid() { # pattern, files...
	pattern=$1; shift
	grep -nE "^#include [<\"]($pattern)" "$@" && fail=1
}
only() { # pattern, the files that may, all others are refused
	pattern=$1; shift
	for f in proto/*.[ch] daemon/*.[ch] clients/*.[ch]; do
		case " $* " in *" $f "*) ;; *) grep -HnE "^#include [<\"]($pattern)" "$f" && fail=1 ;; esac
	done
}
core="daemon/workflow.c daemon/workflow.h daemon/scoring.c daemon/scoring.h daemon/calendar.c daemon/calendar.h"
core="$core daemon/decision.h daemon/guards.c daemon/effects.c"
# shellcheck disable=SC2086
forbid 'cjson|z?c?zmq|lmdb|time\.h|stdio|stdlib|unistd|sys/' $core
only 'cjson' proto/json.c
only 'libsmartcols' clients/table.c
only 'lmdb' daemon/store.c daemon/store_file.c daemon/store_file.h
only 'czmq|zmq' daemon/reactor.c daemon/sockets.c daemon/doorbell.c daemon/connections.c daemon/message.h daemon/zap.c daemon/zap.h daemon/server_key.c clients/link.c clients/link.h clients/account.c
only 'pango|cairo' clients/print_flow.c clients/print_flow.h clients/print_pdf.c
only 'histedit' clients/entry_prompt.c
only 'xlsxwriter' clients/ocop-export.c
forbid 'daemon/' proto/*.[ch] clients/*.[ch]
forbid 'clients/' proto/*.[ch] daemon/*.[ch]
if [ $fail = 0 ]; then echo "ok - layers"; else echo "not ok - layers"; exit 1; fi
