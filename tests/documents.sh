#!/bin/sh
# Every method, error, guard, role, option and key of the tables stands in its page.
cd "$(dirname "$0")/.." || exit 1
fail=0
stands() { # word, page
	grep -qF -- "$1" "$2" || { echo "$2 does not mention $1"; fail=1; }
}
for m in $(sed -n 's/^METHOD([A-Z_]*, *"\([a-z.]*\)".*/\1/p' proto/methods.def); do stands "\`$m\`" proto/PROTOCOL.md; done
for m in $(sed -n 's/^transition = \([a-z]*\)$/\1/p' config/krong-nang-2020/workflow.zpl); do
	stands "\`dossier.$m\`" proto/PROTOCOL.md
done
for k in $(sed -n 's/^ERROR([A-Z_]*, *-*[0-9]*, "\([a-z-]*\)".*/\1/p' proto/errors.def); do stands "\`$k\`" proto/PROTOCOL.md; done
for g in $(sed -n 's/^GUARD([A-Z_]*, *"\([a-z0-9-]*\)".*/\1/p' proto/errors.def); do stands "\`$g\`" proto/PROTOCOL.md; done
for r in $(sed -n 's/^.*X([A-Z]*, *"\([a-z]*\)".*/\1/p' proto/role.h); do stands "$r" proto/PROTOCOL.md; done
for o in $(sed -n 's/^KEY([^,]*, *"\([a-z-]*\)".*/\1/p' daemon/config.def); do stands "$o" config/ocopd.cfg; done
for o in $(sed -n 's/^KEY([a-z]*, *[a-z_0-9]*, *"\([a-z-]*\)".*/\1/p' clients/notify_keys.def); do stands "$o" config/ocop-notify.cfg; done
for f in $(sed -n 's/^FACT\(_IN\)\{0,1\}("\([a-z.]*\)".*/\2/p' clients/print_fields.def); do stands "\`$f\`" config/print/README.md; done
for k in $(sed -n 's/^FORM("\([a-z-]*\)".*/\1/p' clients/print_forms.def); do stands '@title' "config/print/$k.txt"; done
if [ $fail = 0 ]; then echo "ok - documents"; else echo "not ok - documents"; exit 1; fi
