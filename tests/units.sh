#!/bin/bash
# The systemd units as they are installed: without complaint of systemd-analyze verify, exposure within the
# limits, users, folders and the packet filter's example accepted. Reads the build from OCOPD_BUILD.
cd "$(dirname "$0")/.." || exit 1
n=0 failed=0
ok() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; sed 's/^/# /' "$log"; fi; }
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }

command -v systemd-analyze >/dev/null || { echo "1..0 # SKIP systemd-analyze is not installed"; exit 0; }
root=$(mktemp -d /tmp/ocopd-units.XXXXXX) log=$root.log
trap 'rm -rf "$root" "$log"' EXIT
make -s install B="${OCOPD_BUILD:-build}" DESTDIR="$root" PREFIX=/usr >"$log" 2>&1
ok $? "make install"

# The programs are looked for where the units name them, so for this the units name those just installed.
units=$root/units
mkdir "$units"
for f in "$root"/usr/lib/systemd/system/*; do
	sed -E "s#(Exec[A-Za-z]*=.*)/usr/(s?bin/ocop)#\1$root/usr/\2#" "$f" >"$units/${f##*/}"
done
mv "$units/ocop-notify@.service" "$units/ocop-notify@xa.service"
SYSTEMD_UNIT_PATH=$units: systemd-analyze verify --man=no "$units"/* >"$log" 2>&1 && ! grep -q . "$log"
ok $? "systemd-analyze verify"

# Exposure, in tenths.
while read -r unit limit; do
	systemd-analyze security --offline=true --threshold="$limit" "$units/$unit" >"$log" 2>&1
	result=$?
	got=$(sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\).*/\1/p' "$log")
	ok $result "$unit: exposure $got, at most $((limit / 10)).$((limit % 10))"
done <<-END
	ocopd.service 5
	ocop-notify@xa.service 15
	ocop-backup.service 15
	ocop-verify.service 15
	ocopd-key.service 15
END

systemd-sysusers --root="$root" "$root/usr/lib/sysusers.d/ocopd.conf" >"$log" 2>&1 &&
	grep -q '^ocopd:' "$root/etc/passwd" && grep -q '^ocop:' "$root/etc/group"
ok $? "systemd-sysusers"
if [ "$(id -u)" = 0 ]; then
	systemd-tmpfiles --create --root="$root" "$root/usr/lib/tmpfiles.d/ocopd.conf" >"$log" 2>&1 &&
		[ "$(stat -c %a "$root/etc/ocopd/accounts")" = 2750 ]
	ok $? "systemd-tmpfiles"
else
	skip systemd-tmpfiles "needs root"
fi
if ! command -v nft >/dev/null; then
	skip "the packet filter's example" "nft is not installed"
elif ! unshare -rn true 2>/dev/null; then
	skip "the packet filter's example" "no network namespace can be made here"
else
	unshare -rn nft -f systemd/ocopd.nft >"$log" 2>&1
	ok $? "the packet filter's example is loaded"
fi
echo "1..$n"
exit $failed
