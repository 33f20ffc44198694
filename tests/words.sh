#!/bin/sh
# Every sentence of the programs stands in every catalogue, and no catalogue keeps one that is gone.
# What lacks is printed ready to be filled in.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
xgettext --from-code=UTF-8 --language=C --omit-header -o "$work/all.pot" --keyword=_ --keyword=N_ \
	--keyword=complain:4 --keyword=complain_warning:4 --keyword=LOAD_COMPLAIN:3 --keyword=COMPLAIN:2 --keyword=complain_here:2 --keyword=wrong:3 \
	proto/*.[ch] daemon/*.[ch] clients/*.[ch] daemon/*.def clients/*.def
failed=0
for po in po/*.po; do
	msgfmt --check-format -o /dev/null "$po"
	msgmerge --quiet --no-fuzzy-matching --no-wrap -o "$work/merged.po" "$po" "$work/all.pot"
	msgattrib --untranslated --no-obsolete --no-wrap -o "$work/missing.po" "$work/merged.po"
	msgattrib --only-obsolete --no-wrap -o "$work/gone.po" "$work/merged.po"
	msgattrib --only-fuzzy --no-wrap -o "$work/fuzzy.po" "$po"
	for list in missing gone fuzzy; do
		[ -s "$work/$list.po" ] || continue
		echo "words: $po: $list:"
		cat "$work/$list.po"
		failed=1
	done
done
exit $failed
