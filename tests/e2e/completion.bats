#!/usr/bin/env bats
# Completion in bash, as bash does it: COMP_WORDS in, COMPREPLY out, against a real daemon and none.

setup_file() {
	load daemon
	daemon_start
	"$OCOP" submit --product-name 'Cà phê bột (mẫu)' --product-group coffee-cocoa --commune 24346 --producer-name X \
		--producer-kind farm --document registration=present --samples 5
	"$OCOP" submit --product-name 'Mật ong (mẫu)' --product-group honey --commune 24352 --producer-name X \
		--producer-kind farm --document registration=present --samples 5
}
teardown_file() { load daemon; daemon_stop; }

setup() {
	source clients/completion/ocop.bash
	PATH=${OCOP%/*}:$PATH
}

# The words of a command line, taken apart as bash does; the last is to be completed. Sets $reply.
complete_words() {
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=() options=
	_ocop ocop "${COMP_WORDS[COMP_CWORD]}"
	reply=${COMPREPLY[*]}
}
compopt() { options="$1 $2"; }
is() { [ "$reply" = "$1" ] || { printf '%s\nis not\n%s\n' "$reply" "$1"; return 1; }; }
has() { [[ " $reply " == *" $1 "* ]] || { printf '%s\nhas no\n%s\n' "$reply" "$1"; return 1; }; }
hasnt() { [[ " $reply " != *" $1 "* ]] || { printf '%s\nhas\n%s\n' "$reply" "$1"; return 1; }; }

@test "verbs and commands" {
	complete_words ocop ''
	local verb
	for verb in $(sed -n 's/^\(VERB\|COMMAND\)("\([a-z]*\)".*/\2/p' clients/verbs.def) help; do has "$verb"; done
	hasnt __complete
	complete_words ocop sub; is submit
	complete_words ocop help resu; is resubmit
	complete_words ocop --lang vi --json dead; is "deadlines deadline"
}

@test "options: of the verb, of a command, of all" {
	complete_words ocop submit --product; is "--product-name --product-group"
	complete_words ocop complete --; has --version; has --dry-run; has --endpoint; has --quiet; hasnt --reason
	complete_words ocop account add x --se; is "--secret --server"
	complete_words ocop --req; is --request-key
}

@test "codes of the programme" {
	complete_words ocop submit --product-group cof; is coffee-cocoa
	complete_words ocop list --commune 2434; is "24343 24346 24349"
	complete_words ocop list --state re; is "returned recalled"
	complete_words ocop submit --kind ''; is "first upgrade renewal"
	complete_words ocop submit --producer-kind coop; is "cooperative cooperative-group"
	complete_words ocop assess --member ch; is chair
	complete_words ocop disqualify --rule knockout-o; is knockout-origin
	complete_words ocop support --item lab; is labels,; [ "$options" = "-o nospace" ]
	complete_words ocop submit --document stor; is story=; [ "$options" = "-o nospace" ]
	complete_words ocop submit --document story = ''; is "present missing invalid not-applicable"
	complete_words ocop submit --document story = pr; is present; [ -z "$options" ]
	complete_words ocop return KN-2020-0001 --reason busi; is "business-plan: business-registration:"
	complete_words ocop return KN-2020-0001 --reason story : x; is ""
	complete_words ocop --lang ''; is "vi en"
	complete_words ocop --lang = v; is vi
	complete_words ocop list --commune = 2435; is "24352 24355 24358 24359"
	complete_words ocop events --communes 24346,2437; is 24346,24370
	complete_words ocop events --types returned,recal; is returned,recalled
	complete_words ocop account add x --role officer,adm; is officer,admin
	complete_words ocop account add x --commune 24370; is 24370
}

@test "a part of a name, without diacritics, where no code begins so" {
	complete_words ocop list --commune dlie; is 24346
	complete_words ocop submit --product-group 'mat ong'; is honey
	complete_words ocop show 'ca phe'; is KN-2020-0001
	complete_words ocop list --commune ea; is ""
}

@test "dossiers, papers, methods" {
	complete_words ocop show ''; is "KN-2020-0001 KN-2020-0002"
	complete_words ocop return KN-2020-0002 ''; is ""
	complete_words ocop note KN-2020-0002; is KN-2020-0002
	complete_words ocop submit --previous KN-; is "KN-2020-0001 KN-2020-0002"
	complete_words ocop print re; is "receipt return-notice result-notice"
	complete_words ocop print receipt ''; is "KN-2020-0001 KN-2020-0002"
	complete_words ocop call feed.; is "feed.open feed.next feed.ack feed.fail feed.list feed.close"
	complete_words ocop call dossier.su; is "dossier.submit dossier.support"
}

@test "the daemon is away, or nobody: silence, soon" {
	SECONDS=0
	complete_words ocop --endpoint "ipc://$W/nobody" show ''; is ""
	complete_words ocop --endpoint "ipc://$W/nobody" list --commune ''; is ""
	run "$OCOP" --endpoint "ipc://$W/nobody" __complete show ''
	[ "$status" = 0 ] && [ -z "$output" ]
	run "$OCOP" --endpoint nonsense --key /nowhere __complete show KN
	[ "$status" = 0 ] && [ -z "$output" ]
	[ $SECONDS -lt 10 ]
	complete_words ocop --endpoint "ipc://$W/nobody" sub; is submit
}
