#!/usr/bin/env bats
# Every verb against a real daemon: in both languages, on a terminal and on a pipe, dry and in earnest.

setup_file() { load daemon; daemon_start; }
teardown_file() { load daemon; daemon_stop; }

SEATS='chair agriculture infrastructure finance health culture environment'
NEW="--product-name Cà_phê_mẫu --product-group coffee-cocoa --commune 24346 --producer-name HTX_mẫu --producer-kind farm"
IN_ORDER="--samples 5 --document registration=present --document business-plan=present --document organisation=present
	--document business-registration=not-applicable"

# What a verb is given, the state its dossier ($N) has before; `same`: no word of it is of a language.
# shellcheck disable=SC2016
VERBS='propose    -         propose $NEW
submit     -         submit $NEW $IN_ORDER
amend      submitted amend $N --samples 6 --reason x
note       submitted note $N x
return     submitted return $N --reason story:x
resubmit   returned  resubmit $N --document story=present
complete   submitted complete $N
assess     complete  assess $N --member chair --sheet $SHEET
score      assessed  score $N --minutes 1/BB
disqualify complete  disqualify $N --rule knockout-origin --reason x
forward    scored    forward $N --letter 1/CV
recall     forwarded recall $N --letter 2/CV --reason x
rank       forwarded rank $N --points 72,50 --stars 4 --decision 3/QĐ
support    ranked    support $N --item labels,5.000.000,4/QĐ,mtqg-2020
lapse      submitted lapse $N --reason x
withdraw   submitted withdraw $N --reason x
show       ranked    show $N
history    ranked    history $N
criteria   complete  criteria $N
list       submitted list
events     submitted events
feeds      -         feeds
report     submitted report
deadlines  submitted deadlines
deadline   -         deadline 01/04/2020 3
workflow   -         workflow
ping       -         ping
status     -         status
metrics    -         metrics same
backup     -         backup copy-$RANDOM
clock      -         clock 2020-03-02T08:00:00+07:00
call       submitted call dossier.get --from $W/params'

at() { # STATE: a new dossier in it; prints its number
	local n seat
	case $1 in
	-) return ;;
	submitted) n=$("$OCOP" -q submit $NEW $IN_ORDER) ;;
	returned) n=$(at submitted); "$OCOP" -q return "$n" --reason x ;;
	complete) n=$(at submitted); "$OCOP" -q complete "$n" ;;
	assessed) n=$(at complete); for seat in $SEATS; do "$OCOP" -q assess "$n" --member "$seat" --sheet "$SHEET"; done ;;
	scored) n=$(at assessed); "$OCOP" -q score "$n" --minutes 1/BB ;;
	forwarded) n=$(at scored); "$OCOP" -q forward "$n" --letter 1/CV ;;
	ranked) n=$(at forwarded); "$OCOP" -q rank "$n" --points 72.5 --stars 4 --decision 1/QĐ ;;
	esac >/dev/null
	echo "$n"
}

on_pipe() { "$OCOP" "$@" </dev/null 2>&1 | cat; return "${PIPESTATUS[0]}"; }
on_terminal() {
	local line
	printf -v line '%q ' "$OCOP" "$@"
	SHELL=/bin/bash TERM=xterm script -qec "$line" /dev/null </dev/null # %q may write $'…', which sh does not know
}
# Escapes, figures and line ends away: what is left are words.
words() { sed 's/\x1b\[[0-9;?]*[A-Za-z]//g; s/[0-9\r]//g'; }

setup() { SHEET=$(awk -v want=72 -f tests/sheet.awk config/krong-nang-2020/criteria/coffee-cocoa.zpl); }

@test "every verb is in the table" {
	local verb
	for verb in $(sed -n 's/^VERB("\([a-z]*\)".*/\1/p' clients/verbs.def); do
		grep -q "^$verb " <<<"$VERBS" || { echo "$verb is not tried"; return 1; }
	done
}

each_verb() { # on_pipe or on_terminal
	local verb state given lang out N before
	declare -A said
	while read -r verb state given; do
		for lang in en vi; do
			N=$(at "$state")
			printf '{"dossier":"%s"}' "$N" >"$W/params"
			eval "set -- ${given% same}"
			if ! out=$("$how" --lang "$lang" "$@"); then
				echo "$verb $lang: $out"
				return 1
			fi
			[ -n "$out" ] || { echo "$verb says nothing"; return 1; }
			[ "$state" = - ] || [[ $given != *'$N'* ]] || [[ $out == *"$N"* ]] || [ "$verb" = criteria ] ||
				{ echo "$verb does not name $N: $out"; return 1; }
			[ "$how" = on_terminal ] || [[ $out != *$'\e'* ]] || { echo "$verb: escapes on a pipe"; return 1; }
			said[$lang]=$(words <<<"$out")
		done
		[[ $given == *same ]] || [ "${said[en]}" != "${said[vi]}" ] || { echo "$verb speaks one language: ${said[vi]}"; return 1; }
	done <<<"$VERBS"
}

@test "every verb on a pipe, in both languages" { how=on_pipe; each_verb; }
@test "every verb on a terminal, in both languages" { how=on_terminal; each_verb; }

@test "as JSON a verb says the same on a terminal and on a pipe; a write said twice is done once" {
	local verb state given N pipe terminal key
	while read -r verb state given; do
		case $verb in ping | status | metrics | backup) continue ;; esac
		N=$(at "$state") key=
		printf '{"dossier":"%s"}' "$N" >"$W/params"
		eval "set -- ${given% same}"
		! grep -q "^VERB(\"$verb\",.* WRITE," clients/verbs.def || key=--request-key=$verb-1
		pipe=$(on_pipe --json $key "$@") || { echo "$verb: $pipe"; return 1; }
		terminal=$(on_terminal --json $key "$@" | tr -d '\r')
		[ "$pipe" = "$terminal" ] || { printf '%s\n%s\nis not\n%s\n' "$verb" "$terminal" "$pipe"; return 1; }
	done <<<"$VERBS"
}

@test "refusals in both languages, on both" {
	local how n
	n=$(at submitted)
	for how in on_pipe on_terminal; do
		run "$how" --lang en forward "$n" --letter x
		[ "$status" = 1 ]
		[[ $output == *wrong-state* && $output == *"not possible"* ]]
		run "$how" --lang vi forward "$n" --letter x
		[ "$status" = 1 ]
		[[ $output == *wrong-state* && $output == *"hồ sơ"* ]]
		run "$how" --lang vi --dry-run complete KN-2020-9999
		[ "$status" = 1 ]
		[[ $output == *unknown-dossier* ]]
	done
}
