# For bats: a daemon with a simulated clock in $BATS_FILE_TMPDIR, on its local socket, where we may do everything.
daemon_start() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	export OCOP=$PWD/${OCOPD_BUILD:-build}/ocop W=$BATS_FILE_TMPDIR HOME=$BATS_FILE_TMPDIR
	unset OCOP_KEY OCOP_SERVER LC_ALL LC_MESSAGES LANGUAGE
	export OCOP_ENDPOINT=ipc://$W/run/command LANG=C
	mkdir -m 0750 "$W/accounts" "$W/run" "$W/backup"
	"$OCOP" account add me --role officer,secretary,finance,steering,admin --unix-user "$(id -un)" --accounts "$W/accounts" -q
	mkfifo "$W/err"
	"${OCOP}d" --programme config/krong-nang-2020 --state "$W/state" --accounts "$W/accounts" --run "$W/run" \
		--backup "$W/backup" --clock simulated:2020-03-02T08:00:00+07:00 --segment-bytes 1M --preallocate-bytes 0 2>"$W/err" 3>&- &
	echo $! >"$W/pid"
	local line ready=
	exec 9<"$W/err"
	while read -r line <&9; do [ "$line" != ready ] || { ready=1; break; }; done
	cat <&9 >"$W/log" 3>&- &
	[ -n "$ready" ]
}
daemon_stop() { kill "$(cat "$W/pid")"; }
