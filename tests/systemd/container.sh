#!/bin/bash
# The units under a real systemd as PID 1: in a container over an overlay of this machine's files, with a
# network of its own. Installs the build (make install) or, with DEB=FILE..., the package; then runs
# inside.py in there and shows what that prints. Needs root; what is missing is told, and is no failure.
#   container.sh [BUILD]          OCOPD_BUILD and DEB from the environment too
cd "$(dirname "$0")/../.." || exit 1
build=${1:-${OCOPD_BUILD:-build}}

skip() { echo "1..0 # SKIP $1"; exit 0; }
[ "$(id -u)" = 0 ] || skip "needs root (sudo make check-systemd)"
for program in systemd-nspawn nsenter nft; do
	command -v $program >/dev/null || skip "$program is not installed (Debian: systemd-container util-linux nftables)"
done
[ -d /usr/lib/systemd ] && [ -x /usr/bin/python3 ] || skip "needs Debian's systemd and python3"

top=$(mktemp -d /tmp/ocopd-container.XXXXXX) root=$top/root nspawn=
clean() {
	trap - EXIT INT TERM
	if [ -n "$nspawn" ]; then
		kill -TERM "$nspawn" 2>/dev/null
		for _ in $(seq 50); do kill -0 "$nspawn" 2>/dev/null || break; read -rt 0.2 <> <(:); done
		kill -KILL "$nspawn" 2>/dev/null
	fi
	umount -R "$root" 2>/dev/null || umount -l "$root" 2>/dev/null
	umount "$top" 2>/dev/null || umount -l "$top"
	rmdir "$top"
}
trap clean EXIT
trap 'exit 130' INT TERM

mount -t tmpfs -o size=2G ocopd-container "$top" || { rmdir "$top"; trap - EXIT; skip "no tmpfs can be mounted"; }
mkdir "$top/upper" "$top/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$top/upper,workdir=$top/work" "$root" 2>/dev/null ||
	skip "no overlay can be mounted here"
[ -x "$root/usr/bin/python3" ] || skip "/usr is a file system of its own here"

# A machine of its own that starts nothing but what is asked for.
rm -rf "$root"/etc/systemd/system/*.wants "$root"/etc/systemd/system/*.requires
rm -rf "$root"/var/lib/ocopd "$root"/var/lib/private "$root"/etc/ocopd
head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$root/etc/machine-id"
for unit in timers.target systemd-resolved.service systemd-networkd.service systemd-timesyncd.service; do
	ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
printf '[Unit]\nRequires=basic.target dbus.socket\nAfter=basic.target\nAllowIsolate=yes\n' \
	>"$root/etc/systemd/system/probe.target"
mkdir -p "$root/opt/ocopd"
cp -r tests/e2e tests/crash.py tests/systemd systemd "$root/opt/ocopd/"
cc -O1 -Wall -Wextra -Werror -o "$root/opt/ocopd/probe" tests/systemd/probe.c || exit 1
if [ -n "${DEB:-}" ]; then
	# shellcheck disable=SC2086
	cp $DEB "$root/opt/ocopd/" || exit 1
else
	make -s install B="$build" DESTDIR="$root" PREFIX=/usr >"$top/install.log" 2>&1 || { cat "$top/install.log"; exit 1; }
fi

SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn -q -D "$root" --register=no --keep-unit --private-network \
	--capability=all --system-call-filter='bpf keyctl add_key' --console=pipe -M "ocopd-test-$$" \
	-b systemd.unit=probe.target systemd.show_status=no >"$top/console" 2>&1 </dev/null &
nspawn=$!
inside() { nsenter -t "$(pgrep -P "$nspawn" | head -n 1)" -a env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"; }
state=
for _ in $(seq 150); do
	kill -0 $nspawn 2>/dev/null || break
	state=$(inside systemctl is-system-running 2>/dev/null)
	case $state in running | degraded) break ;; esac
	read -rt 0.2 <> <(:)
done
case $state in running | degraded) ;; *) tail -n 20 "$top/console"; skip "systemd does not come up in a container here (${state:-no answer})" ;; esac

inside timeout -k 5 540 /usr/bin/python3 /opt/ocopd/systemd/inside.py
