#!/usr/bin/env bats
# ocop: words of a shell to requests, answers to words, files of accounts, exit codes.
# The client alone speaks with echo.py, which answers with the request; the verbs with the daemon.

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	export OCOP=$PWD/${OCOPD_BUILD:-build}/ocop OCOPD=$PWD/${OCOPD_BUILD:-build}/ocopd
	export PROGRAMME=$PWD/config/krong-nang-2020 SHEET=$PWD/tests/sheet.awk
	export HOME=$BATS_FILE_TMPDIR W=$BATS_FILE_TMPDIR LC_ALL=C
	unset OCOP_ENDPOINT OCOP_KEY OCOP_SERVER
	mkfifo "$W/echo.out" "$W/ocopd.err"
	/usr/bin/python3 tests/e2e/echo.py "ipc://$W/echo" >"$W/echo.out" 3>&- &
	echo $! >"$W/echo.pid"
	read -r _ <"$W/echo.out"

	mkdir -m 0750 "$W/accounts" "$W/run" "$W/backup"
	local who
	for who in admin officer secretary finance steering; do
		"$OCOP" account add $who --role $who --accounts "$W/accounts" --secret "$W/$who.key" -q
	done
	for who in chair agriculture infrastructure finance health culture environment; do
		"$OCOP" account add seat-$who --role council --member $who --accounts "$W/accounts" --secret "$W/seat-$who.key" -q
	done
	"$OCOP" account add commune --role commune --commune 24346 --accounts "$W/accounts" --secret "$W/commune.key" -q
	# The port of a moment ago may be taken: then standard error ends without `ready`.
	local line port ready=
	for port in 1 2 3 4 5; do
		port=$((32000 - RANDOM % 12000))
		"$OCOPD" --programme "$PROGRAMME" --state "$W/state" --accounts "$W/accounts" --run "$W/run" \
			--command tcp://127.0.0.1:$port --server-key "$W/server.key" --backup "$W/backup" \
			--clock simulated:2020-03-02T08:00:00+07:00 --segment-bytes 1M --preallocate-bytes 0 2>"$W/ocopd.err" 3>&- &
		echo $! >"$W/ocopd.pid"
		exec 9<"$W/ocopd.err"
		while read -r line <&9; do [ "$line" != ready ] || { ready=1; break; }; done
		[ -z "$ready" ] || break
	done
	cat <&9 >"$W/log" 3>&- &
	[ -n "$ready" ]
	export TCP=tcp://127.0.0.1:$port ECHO=ipc://$W/echo
	OCOP_SERVER=$(cat "$W/server.key.pub")
	export OCOP_SERVER
}

teardown_file() {
	kill "$(cat "$W/echo.pid")" "$(cat "$W/ocopd.pid")"
}

# The request's params, as the client sends them, without the language and the random key.
params() {
	"$OCOP" --endpoint "$ECHO" --json "$@" |
		sed 's/^.*"params":\(.*\)}$/\1/; s/"key":"ocop-[0-9a-f]*",//; s/,\{0,1\}"lang":"en"//; s/{,/{/'
}
as() { local who=$1; shift; OCOP_KEY=$W/$who.key OCOP_ENDPOINT=$TCP "$OCOP" "$@"; }
same() { [ "$1" = "$2" ] || { printf '%s\nis not\n%s\n' "$1" "$2"; return 1; }; }
has() { [[ $output == *"$1"* ]] || { printf '%s\nhas no\n%s\n' "$output" "$1"; return 1; }; }

@test "every kind of option becomes its JSON" {
	while read -r line; do
		want=${line#* => }
		eval "set -- ${line%% => *}"
		same "$(params "$@")" "$want"
	done <<-'LINES'
		show KN-2020-0001 => {"dossier":"KN-2020-0001"}
		show --dossier=KN-2020-0001 => {"dossier":"KN-2020-0001"}
		complete KN-1 --version 7 => {"dossier":"KN-1","version":7}
		propose --product-name "Cà \"phê\"" --product-group coffee-cocoa => {"product":{"name":"Cà \"phê\"","group":"coffee-cocoa"}}
		propose --producer-name A --producer-kind farm --phone 1 --email a@b --address X => {"producer":{"name":"A","kind":"farm","phone":"1","email":"a@b","address":"X"}}
		submit KN-1 --samples 005 --received 5/3/2020 --kind first => {"dossier":"KN-1","samples":5,"received":"2020-03-05","kind":"first"}
		submit KN-1 --document a=present --document "b=invalid: no stamp" => {"dossier":"KN-1","documents":[{"code":"a","status":"present"},{"code":"b","status":"invalid","note":"no stamp"}]}
		return KN-1 --until 2020-03-09 --reason lacking => {"dossier":"KN-1","reasons":[{"reason":"lacking"}],"until":"2020-03-09"}
		recall KN-1 --reason "story:Too short: one line|Write more" => {"dossier":"KN-1","reasons":[{"document":"story","reason":"Too short: one line","guidance":"Write more"}]}
		return KN-1 --reason "Thiếu: biểu 04" => {"dossier":"KN-1","reasons":[{"reason":"Thiếu: biểu 04"}]}
		lapse KN-1 --reason late => {"dossier":"KN-1","reason":"late"}
		assess KN-1 --sheet a1.1=2,c7=0 --sheet c8=5 => {"dossier":"KN-1","sheet":{"a1.1":2,"c7":0,"c8":5}}
		rank KN-1 --points 74,28 --stars 4 => {"dossier":"KN-1","points":"74.28","stars":4}
		rank KN-1 --points 74.5 => {"dossier":"KN-1","points":"74.5"}
		rank KN-1 --points 74 => {"dossier":"KN-1","points":"74"}
		support KN-1 --item labels,1.500.000,12/QD,mtqg-2020 => {"dossier":"KN-1","items":[{"content":"labels","amount":1500000,"decision":"12/QD","source":"mtqg-2020"}]}
		support KN-1 --item "labels,5,12/QD, 1/5/2020 of X,other-legal,01/05/2020" => {"dossier":"KN-1","items":[{"content":"labels","amount":5,"decision":"12/QD, 1/5/2020 of X","source":"other-legal","date":"2020-05-01"}]}
		note KN-1 "two words" => {"dossier":"KN-1","text":"two words"}
		list --overdue --limit 5 --after KN-9 => {"overdue":true,"limit":5,"after":"KN-9"}
		list --overdue=no "ca phe" => {"text":"ca phe","overdue":false}
		list -- --odd => {"text":"--odd"}
		events => {"after":0}
		events 17 --communes 24346,24349 --types returned --raw => {"after":17,"communes":["24346","24349"],"types":["returned"],"raw":true}
		deadline 1/4/2020 3 => {"from":"2020-04-01","days":3}
		deadline --from 2020-04-01 --days 3 => {"from":"2020-04-01","days":3}
		clock 05/03/2020 => {"to":"2020-03-05T00:00:00.000+07:00"}
		clock 2020-03-05T01:00:00Z => {"to":"2020-03-05T08:00:00.000+07:00"}
		ping => {}
		workflow dot => {"format":"dot"}
	LINES
}

@test "what is no value is refused with 64 and names the option" {
	while read -r line; do
		want=${line#* => }
		eval "set -- ${line%% => *}"
		run "$OCOP" --endpoint "$ECHO" "$@"
		same "$status" 64
		has "$want"
	done <<-'LINES'
		submit --samples five => --samples
		submit --samples -1 => --samples
		submit --received 31/02/2020 => --received
		submit --received 2020-2-3 => --received
		submit --document registration => --document
		rank KN-1 --points 74,281 => --points
		rank KN-1 --points x => --points
		support KN-1 --item labels,5,mtqg-2020 => --item
		assess KN-1 --sheet a1.1 => --sheet
		assess KN-1 --sheet a1.1=x => --sheet
		list --overdue=maybe => --overdue
		clock tomorrow => --to
		note KN-1 --text "" => --text
		note KN-1 --text "$(printf '\377')" => UTF-8
		show KN-1 KN-2 => KN-2
		show KN-1 --dossier KN-2 => twice
		show --product-name X => --product-name
		show --dossier => --dossier
		ping --timeout 0 => --timeout
		ping --lang fr => --lang
		frobnicate => frobnicate
		call => METHOD
		help frobnicate => frobnicate
		account paint x => paint
	LINES
	run "$OCOP"
	same "$status" 64
	run "$OCOP" --endpoint nonsense ping
	same "$status" 64
	run "$OCOP" --endpoint tcp://127.0.0.1:1 --server '' ping
	same "$status" 64
}

@test "--from gives the params, and options win over it" {
	echo '{"product":{"name":"A","group":"honey"},"samples":3,"documents":[{"code":"a","status":"present"}]}' >"$W/from"
	same "$(params submit --from "$W/from" --product-name B --samples 5)" \
		'{"product":{"name":"B","group":"honey"},"samples":5,"documents":[{"code":"a","status":"present"}]}'
	same "$(params submit --from - --document b=missing <"$W/from")" \
		'{"documents":[{"code":"b","status":"missing"}],"product":{"name":"A","group":"honey"},"samples":3}'
	same "$(params call any.method --from - <<<'{"a":[1,{"b":null}]}')" '{"a":[1,{"b":null}]}'
	for bad in 'no json' '[1]' '{"a":1,"a":2}' '{"a":1} x' ''; do
		run "$OCOP" --endpoint "$ECHO" submit --from - <<<"$bad"
		same "$status" 65
	done
	run "$OCOP" --endpoint "$ECHO" submit --from "$W/none"
	same "$status" 65
}

@test "every write has a key of its own, and keeps the one it is given" {
	local first second
	first=$("$OCOP" --endpoint "$ECHO" --json complete KN-1)
	second=$("$OCOP" --endpoint "$ECHO" --json complete KN-1)
	[[ $first == *'"key":"ocop-'* ]]
	[ "$first" != "$second" ]
	[[ $("$OCOP" --endpoint "$ECHO" --json complete KN-1 --request-key mine) == *'"key":"mine"'* ]]
	[[ $("$OCOP" --endpoint "$ECHO" --json complete KN-1 --from - <<<'{"key":"theirs"}') == *'"key":"theirs"'* ]]
	[[ $("$OCOP" --endpoint "$ECHO" --json show KN-1) != *'"key"'* ]]
}

@test "a request that gets no answer is sent again, the same bytes" {
	mkfifo "$W/drop.out"
	/usr/bin/python3 "$BATS_TEST_DIRNAME/echo.py" "ipc://$W/drop" 1 >"$W/drop.out" 3>&- &
	local server=$! line lost
	exec 8<"$W/drop.out"
	read -r line <&8
	run "$OCOP" --endpoint "ipc://$W/drop" --json complete KN-1
	kill $server
	same "$status" 0
	read -r lost <&8
	same "$output" "$lost"
}

@test "no answer is 69, and says how to learn what became of a write" {
	run "$OCOP" --endpoint "ipc://$W/nobody" --timeout 0.2 complete KN-1 --request-key k1
	same "$status" 69
	has "--request-key k1"
	has "is the daemon running"
	run as officer --endpoint "$TCP" --timeout 0.2 --key "$W/server.key" ping
	same "$status" 69
}

@test "config file and environment, the later winning" {
	mkdir -p "$W/.config/ocop"
	printf 'endpoint = "%s"\nlang = vi\n' "$ECHO" >"$W/.config/ocop/ocop.cfg"
	[[ $("$OCOP" --json ping) == *'"lang":"vi"'* ]]
	[[ $("$OCOP" --json --lang en ping) == *'"lang":"en"'* ]]
	OCOP_ENDPOINT=ipc://$W/nobody run "$OCOP" --timeout 0.1 ping
	same "$status" 69
	echo 'endpiont = "x"' >"$W/.config/ocop/ocop.cfg"
	run "$OCOP" ping
	same "$status" 78
	has "ocop.cfg:1"
	rm "$W/.config/ocop/ocop.cfg"
	[[ $(LC_ALL=vi_VN.UTF-8 "$OCOP" --endpoint "$ECHO" --json ping) == *'"lang":"vi"'* ]]
}

@test "account add writes both files once, with the right modes" {
	mkdir -p "$W/a"
	cd "$W"
	run "$OCOP" account add xa --role commune,officer --commune 24346 --title 'Xã "A"' --accounts a
	same "$status" 0
	same "$(stat -c %a a/xa.account) $(stat -c %a xa.key)" "640 600"
	run cat a/xa.account
	has 'name = "xa"'
	has "title = 'Xã \"A\"'"
	has 'role = "commune,officer"'
	has 'commune = "24346"'
	same "$(sed -n 's/.*public-key = //p' xa.key)" "$(sed -n 's/.*curve-key = //p' a/xa.account)"
	cp xa.key before
	run "$OCOP" account add xa --role admin --accounts a --secret other.key
	same "$status" 73
	[ ! -e other.key ]
	rm a/xa.account
	run "$OCOP" account add xa --role admin --accounts a
	same "$status" 73
	cmp xa.key before
	[ ! -e a/xa.account ]
	"$OCOP" account add local --role admin --unix-user root --accounts a -q
	[ ! -e local.key ]
	same "$(grep -c curve-key a/local.account)" 0
	same "$(find a -name '.*' -type f | wc -l)" 0
}

@test "account add refuses what makes no account" {
	while read -r line; do
		eval "set -- $line"
		run "$OCOP" account add --accounts "$W/a" "$@"
		same "$status" 64
	done <<-'LINES'
		--role admin
		x
		x --role king
		x --role ,
		x --role commune
		x --role admin --commune 24346
		x --role council
		x --role admin --member chair
		../x --role admin
		x y --role admin
		x --role admin --no-key
		x --role admin --title $'a\nb'
		x --role admin --colour red
	LINES
}

@test "help names every verb, in both languages, and every option of one" {
	local verb
	for verb in $(sed -n 's/^VERB("\([a-z]*\)".*/\1/p' "$BATS_TEST_DIRNAME/../../clients/verbs.def"); do
		"$OCOP" help | grep -q "^    $verb "
		"$OCOP" --lang vi help "$verb" | grep -q "^cách dùng: ocop $verb"
		"$OCOP" "$verb" --help | grep -q "^usage: ocop $verb"
	done
	run "$OCOP" help submit
	for option in product-name producer-kind phone document samples received round previous version; do
		has "--$option"
	done
	"$OCOP" help account | grep -q -- --unix-user
}

@test "every method and transition has a verb" {
	local method
	for method in $(sed -n 's/^METHOD([A-Z_]*, *"\([a-z.]*\)".*/\1/p' "$BATS_TEST_DIRNAME/../../proto/methods.def" | grep -v '^feed\.[^l]') \
		$(sed -n 's/^transition = \([a-z]*\)$/dossier.\1/p' "$PROGRAMME/workflow.zpl"); do
		grep -q "\"$method\"" "$BATS_TEST_DIRNAME"/../../clients/{verbs.def,metrics.c} || { echo "no verb for $method"; return 1; }
	done
}

@test "a dossier's whole way, a verb a step" {
	local d documents=(--document registration=present --document business-plan=present
		--document organisation=present --document business-registration=present) seat
	d=$(as commune -q propose --product-name 'Mật ong (mẫu)' --product-group honey --commune 24346 \
		--producer-name 'Hộ A (mẫu)' --producer-kind household)
	run as officer submit "$d" "${documents[@]}" --samples 5 --received 02/03/2020
	same "$output" "$d: Submitted (version 2, event 2); due 05/03/2020"
	run as officer --lang vi return "$d" --reason 'Thiếu chữ ký'
	same "$output" "$d: Yêu cầu bổ sung, hoàn thiện (lần thay đổi 3, sự kiện số 3)"
	as officer resubmit "$d" --document story=present
	as officer amend "$d" --samples 6 --reason 'Đếm lại'
	as officer complete "$d"
	for seat in chair agriculture infrastructure finance health culture environment; do
		as seat-$seat assess "$d" --sheet "$(awk -v want=72 -f "$SHEET" "$PROGRAMME/criteria/honey.zpl")"
	done
	as secretary score "$d" --minutes 01/BB
	as officer forward "$d" --letter 1/CV
	as officer recall "$d" --letter 2/CV --reason 'test-results:Quá hạn'
	as officer forward "$d" --letter 3/CV
	as officer rank "$d" --points 70,5 --stars 4 --decision 1/QĐ --certificate 1/GCN
	as finance support "$d" --item 'labels,1.000.000,2/QĐ,mtqg-2020'
	as steering note "$d" 'Đã xem'
	run as officer show "$d"
	has 'Supported'
	has '1.000.000 đ'
	run as officer --json show "$d"
	has '"points":"72.00"'
	run as steering history "$d"
	same "${lines[0]}" "$d"
	same "$(tail -n +3 <<<"$output" | wc -l)" "$(as steering --json show "$d" | sed 's/.*"version":\([0-9]*\).*/\1/')"

	d=$(as officer -q submit --product-name 'Rượu cần (mẫu)' --product-group other-alcohol --commune 24361 \
		--producer-name 'Hộ B (mẫu)' --producer-kind household "${documents[@]}" --samples 5)
	as officer lapse "$d" --reason 'Không bổ sung'
	d=$(as officer -q submit --product-name 'Thổ cẩm (mẫu)' --product-group textile --commune 24359 \
		--producer-name 'Hộ C (mẫu)' --producer-kind household "${documents[@]}" --samples 5)
	as officer complete "$d"
	as secretary disqualify "$d" --rule knockout-ip --reason 'Mẫu của người khác'
	d=$(as officer -q propose --product-name 'Bơ (mẫu)' --product-group fresh-fruit-veg --commune 24355 \
		--producer-name 'Hộ D (mẫu)' --producer-kind farm)
	as officer withdraw "$d" --reason 'Chủ thể rút'

	same "$(as officer -q list | wc -l)" 4
	same "$(as commune -q list | wc -l)" 1
	same "$(as officer -q list 'ruou can' | wc -l)" 1
	run as officer list --limit 2
	has '--after '
	run as steering events
	has 'Disqualified'
	run as steering report
	has '24346'
	run as officer deadlines --within 5
	same "$status" 0
}

@test "the daemon's own verbs" {
	run as officer deadline 01/04/2020 3
	has '07/04/2020'
	has 'Giỗ Tổ Hùng Vương'
	as officer workflow mermaid | grep -q submitted
	as officer workflow --json | grep -q '^{"programme":"krong-nang-2020"'
	as officer metrics | tail -n 1 | grep -q '^# EOF'
	run as admin status
	has 'simulated'
	as admin backup copy-1
	run as admin clock 03/03/2020
	has '03/03/2020 00:00:00'
	same "$(as admin --json ping | grep -cF "$(cat "$W/server.key.pub")")" 1
}

@test "the office sees who has not been told" {
	local d
	run as officer feeds
	same "$output" 'no feeds'
	as commune call feed.open --from - <<<'{"feed":"xa"}'
	d=$(as officer -q submit --product-name 'Chè dây (mẫu)' --product-group other-tea --commune 24346 \
		--producer-name 'Hộ E (mẫu)' --producer-kind household --document registration=present --samples 5)
	as officer return "$d" --reason 'Thiếu chữ ký'
	as commune call feed.fail --from - <<<'{"feed":"xa","sequence":2,"reason":"550 no such mailbox"}'
	run as officer --lang vi feeds
	has 'Chờ từ'
	has '03/03/2020 00:00:00'
	has '550 no such mailbox'
	as admin clock 05/03/2020
	run as officer --lang vi deadlines
	has 'Xã chưa xác nhận đã biết'
	has 'Hạn xác nhận'
	as commune call feed.ack --from - <<<"{\"feed\":\"xa\",\"sequence\":$(as commune --json ping | sed 's/.*"sequence":\([0-9]*\).*/\1/')}"
	run as officer --lang vi show "$d"
	has 'Xã đã xác nhận'
	run as officer feeds
	[[ $output != *'Waiting since'* ]]
}

@test "refusals: the sentence in the language, what helps, the exit code" {
	run as commune show KN-2020-0999
	same "$status" 1
	same "${lines[0]}" "ocop: there is no such dossier [unknown-dossier]"
	has 'ocop list --text'
	run as commune --lang vi clock 2020-12-31
	same "$status" 77
	has 'không được phép'
	run as officer --lang vi rank KN-2020-0002 --points 50 --stars 3 --decision x
	same "$status" 1
	has '[wrong-state]'
	run as officer --json show KN-2020-0999
	same "$status" 1
	[[ $output == '{"code":1,'*'"kind":"unknown-dossier"'* ]]
	run as officer submit --from - <<<'{"sampels":5}'
	same "$status" 1
	has sampels
	run as officer call no.such
	same "$status" 1
	run as officer note KN-2020-0002 --text x --version 1
	has '[version-conflict]'
	as officer note KN-2020-0002 same --request-key again
	run as officer note KN-2020-0002 other --request-key again
	has '[key-reused]'
}

@test "a full standard output is an error" {
	run sh -c '"$OCOP" help >/dev/full'
	same "$status" 74
}

@test "criteria: every criterion below its part and section, with its levels" {
	run as commune criteria --group coffee-cocoa
	[ "$status" = 0 ]
	has "coffee-cocoa: Coffee, cocoa"
	[ "$(grep -cE '^[abc][0-9.]+b? .* 0, 1' <<<"$output")" = 33 ]
	grep -qE '^b4.1 +Khu vực phân phối chính +5 +0, 1, 2, 3, 5$' <<<"$output"
	run as commune criteria --group coffee
	[ "$status" = 1 ]
	has "known-group"
}
