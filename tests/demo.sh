#!/bin/bash
# The season of plan 17/KH-UBND in under a minute: a daemon with a simulated clock in a temporary
# folder, an account with its own key for everyone, and `ocop` over encrypted sockets. It tells in
# Vietnamese what happens, and it is a test: what it shows it has checked, and it ends with 1 where
# anything was otherwise. All products and producers are samples.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$PWD/${OCOPD_BUILD:-build}
programme=$PWD/config/krong-nang-2020
sheet=$PWD/tests/sheet.awk
work=$(mktemp -d "${TMPDIR:-/tmp}/ocop-demo.XXXXXX")
daemon=
listener=
export HOME=$work
unset OCOP_ENDPOINT OCOP_KEY OCOP_SERVER

finish() {
	local status=$?
	[ -z "$listener" ] || kill "$listener" 2>/dev/null || true
	[ -z "$daemon" ] || { kill "$daemon" && wait "$daemon"; } 2>/dev/null || true
	if [ $status != 0 ] && [ -f "$work/log" ]; then
		echo "--- nhật ký của máy chủ (cuối tệp)"
		tail -n 20 "$work/log"
	fi
	rm -rf "$work"
	exit $status
}
trap finish EXIT

# --- telling and checking ------------------------------------------------------------------------
checks=0
bold='' plain=''
[ ! -t 1 ] || bold=$'\033[1m' plain=$'\033[0m'
day() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
say() { echo " - $*"; }
die() { echo "SAI: $*" >&2; exit 1; }
as() { local who=$1; shift; OCOP_KEY=$work/keys/$who.key "$build/ocop" --lang vi "$@"; }

indent() { sed 's/^/      /'; }

# ok WHO VERB...: must be done; shows the answer.
ok() {
	local answer
	answer=$(as "$@" 2>&1) || die "$* -> $answer"
	checks=$((checks + 1))
	indent <<<"$answer"
}
# quietly WHO VERB...: the same without a word.
quietly() { ok "$@" >/dev/null; }
# refused CODE KIND WHO VERB...: must be refused like that (the kind, or the guard); shows why.
refused() {
	local code=$1 kind=$2 answer status=0
	shift 2
	answer=$(as "$@" 2>&1) || status=$?
	[ $status = "$code" ] || die "$* -> mã kết thúc $status thay vì $code: $answer"
	[[ $answer == *"$kind"* ]] || die "$* -> thiếu \"$kind\": $answer"
	checks=$((checks + 1))
	indent <<<"$answer"
}
# holds TEXT WHO VERB...: the answer's JSON has the text in it.
holds() {
	local text=$1 answer
	shift
	answer=$(as "$@" --json) || die "$*"
	[[ $answer == *"$text"* ]] || die "$* không có $text: $answer"
	checks=$((checks + 1))
}
state() { holds "\"state\":\"$2\"" phong-nnptnt show "$1"; }
until_time() { holds "\"time\":\"$1" quan-tri clock "$1:00+07:00"; }

# --- the daemon ----------------------------------------------------------------------------------
# Its readiness comes as a line on standard error; where it ends instead (the port is taken), so
# does the pipe.
start() {
	local line
	for _ in 1 2 3 4 5; do
		endpoint=tcp://127.0.0.1:$((20000 + RANDOM % 12000))
		: >"$work/log"
		"$build/ocopd" --programme "$programme" --state "$work/state" --accounts "$work/accounts" \
			--run "$work/run" --command "$endpoint" --server-key "$work/server.key" \
			--backup "$work/backup" --clock simulated:2020-02-10T08:00:00+07:00 \
			--segment-bytes 1M --preallocate-bytes 0 2>"$work/pipe" &
		daemon=$!
		exec 3<"$work/pipe"
		while read -r line <&3; do
			echo "$line" >>"$work/log"
			[ "$line" != ready ] || { cat <&3 >>"$work/log" & return 0; }
		done
		wait "$daemon" || true
		daemon=
	done
	die "máy chủ không khởi động được"
}

# listen WHO: a commune's own ocop-notify, over CURVE; heard TEXT: the line it says with this in it.
listen() {
	exec 4< <(OCOP_KEY=$work/keys/$1.key exec "$build/ocop-notify" --lang vi --feed "$1" 2>&1)
	listener=$!
	heard ready >/dev/null
}
heard() {
	local line
	while read -r -t 30 line <&4; do
		[[ $line == *"$1"* ]] || continue
		checks=$((checks + 1))
		indent <<<"$line"
		return 0
	done
	die "không nghe thấy \"$1\""
}

account() { "$build/ocop" account add "$1" --accounts "$work/accounts" --secret "$work/keys/$1.key" -q "${@:2}"; }

mkdir "$work/accounts" "$work/keys" "$work/run" "$work/backup"
chmod 0750 "$work/accounts" "$work/run"
mkfifo "$work/pipe"

# account, code, name of the commune; its product, group, producer, kind of producer
communes='
tt-krong-nang|24343|Thị trấn Krông Năng|Hạt mắc ca sấy nứt vỏ|processed-fruit-nut|Công ty TNHH Mắc ca|enterprise
xa-dlie-ya|24346|Xã ĐLiê Ya|Cà phê bột nguyên chất|coffee-cocoa|HTX Cà phê|cooperative
xa-ea-toh|24349|Xã Ea Tóh|Tiêu đen hạt xay|other-spice|HTX Hồ tiêu|cooperative
xa-ea-tam|24352|Xã Ea Tam|Mật ong hoa cà phê|honey|Hộ nuôi ong|household
xa-phu-loc|24355|Xã Phú Lộc|Quả bơ 034|fresh-fruit-veg|Tổ hợp tác cây ăn quả|cooperative-group
xa-tam-giang|24358|Xã Tam Giang|Trà thảo mộc|other-tea|Hộ trồng dược liệu|household
xa-ea-puk|24359|Xã Ea Puk|Thổ cẩm Ê Đê|textile|Tổ hợp tác dệt|cooperative-group
xa-ea-dah|24360|Xã Ea Dăh|Điểm du lịch thác nước|community-tourism|HTX Du lịch cộng đồng|cooperative
xa-ea-ho|24361|Xã Ea Hồ|Rượu cần|other-alcohol|Hộ làm rượu cần|household
xa-phu-xuan|24364|Xã Phú Xuân|Sầu riêng Dona|fresh-fruit-veg|Trang trại sầu riêng|farm
xa-cu-klong|24367|Xã Cư Klông|Măng khô|processed-fruit-nut|Hộ chế biến măng|household
xa-ea-tan|24370|Xã Ea Tân|Bột ca cao|coffee-cocoa|HTX Ca cao|cooperative'
council='chair agriculture infrastructure finance health culture environment'

echo 'MÙA OCOP NĂM 2020 CỦA HUYỆN KRÔNG NĂNG, theo kế hoạch 17/KH-UBND (mọi sản phẩm và chủ thể đều là mẫu)'
day 'Chuẩn bị: mỗi người một tài khoản, một khóa riêng'
account quan-tri --role admin --title 'Quản trị máy chủ'
account phong-nnptnt --role officer --title 'Phòng Nông nghiệp và PTNT'
account to-giup-viec --role secretary --title 'Tổ giúp việc của Hội đồng'
account phong-tckh --role finance --title 'Phòng Tài chính - Kế hoạch'
account ban-chi-dao --role steering --title 'Ban Chỉ đạo các Chương trình MTQG'
for member in $council; do account "hd-$member" --role council --member "$member"; done
while IFS='|' read -r who code name _; do
	[ -z "$who" ] || account "$who" --role commune --commune "$code" --title "UBND $name"
done <<<"$communes"
start
OCOP_ENDPOINT=$endpoint
OCOP_SERVER=$(cat "$work/server.key.pub")
export OCOP_ENDPOINT OCOP_SERVER
say "máy chủ chạy tại $endpoint, kết nối mã hóa; $(find "$work/accounts" -name '*.account' | wc -l) tài khoản; đồng hồ mô phỏng"
holds '"time":"2020-02-10T08:00' quan-tri ping

day '12/02/2020: mỗi xã, thị trấn đề xuất một sản phẩm (mục II.2)'
until_time 2020-02-12T08:00
declare -A id total
while IFS='|' read -r who code name product set producer kind; do
	[ -n "$who" ] || continue
	ok "$who" propose --product-name "$product (mẫu)" --product-group "$set" --commune "$code" \
		--producer-name "$producer (mẫu)" --producer-kind "$kind" --address "$name" | sed "s/\$/  $name: $product (mẫu)/"
	id[$who]=$(as "$who" list -q)
done <<<"$communes"
[ "${#id[@]}" = 12 ] || die "chỉ có ${#id[@]} đề xuất"
holds '"without":[]' ban-chi-dao report
holds '"reached":12' ban-chi-dao report
say 'đủ 12/12 xã, thị trấn. Xã này không thấy hồ sơ của xã kia, và không tự tiếp nhận hồ sơ:'
refused 1 unknown-dossier xa-ea-tam show "${id[xa-dlie-ya]}"
refused 77 forbidden xa-ea-tam submit "${id[xa-ea-tam]}" --samples 5 --document registration=present

day '02/03/2020: Phòng Nông nghiệp và PTNT tiếp nhận hồ sơ, hạn kiểm tra 3 ngày làm việc (mục III.3)'
until_time 2020-03-02T08:30
full=(--document registration=present --document business-plan=present --document organisation=present
	--document business-registration=present)
for who in tt-krong-nang xa-dlie-ya xa-ea-toh xa-ea-tam xa-ea-puk xa-ea-dah; do
	samples=5
	[ $who != xa-ea-dah ] || samples=0
	ok phong-nnptnt submit "${id[$who]}" "${full[@]}" --samples $samples --round 2020-1
done
ok phong-nnptnt submit "${id[xa-phu-loc]}" --document registration=present --document business-plan=present \
	--document organisation=missing --document business-registration=not-applicable --samples 3
ok phong-nnptnt submit "${id[xa-ea-ho]}" --document registration=present --document business-plan=invalid:'chưa ký' --samples 0
holds '"due":"2020-03-05"' phong-nnptnt show "${id[xa-phu-loc]}"

day '04/03/2020: kiểm tra; hồ sơ thiếu được trả lại kèm lý do và hướng dẫn'
until_time 2020-03-04T09:00
for who in tt-krong-nang xa-dlie-ya xa-ea-toh xa-ea-tam xa-ea-puk xa-ea-dah; do
	quietly phong-nnptnt complete "${id[$who]}"
done
say '6 hồ sơ hợp lệ, đề xuất Hội đồng. Hồ sơ quả bơ chưa đủ thành phần:'
refused 1 documents-complete phong-nnptnt complete "${id[xa-phu-loc]}"
listen xa-phu-loc
ok phong-nnptnt return "${id[xa-phu-loc]}" --until 16/03/2020 \
	--reason 'organisation:Thiếu phần giới thiệu bộ máy tổ chức|Lập theo biểu 04, có xác nhận của xã' \
	--reason 'Mới nộp 3 mẫu|Nộp đủ 5 đơn vị sản phẩm mẫu'
ok phong-nnptnt return "${id[xa-ea-ho]}" --reason 'business-plan:Phương án chưa ký|Ký, đóng dấu rồi nộp lại'
say 'UBND xã Phú Lộc có ocop-notify đang nghe, được báo ngay khi Phòng trả hồ sơ:'
heard "${id[xa-phu-loc]}"
kill "$listener" && wait "$listener" || die 'ocop-notify kết thúc với lỗi'
listener=
holds '"notified":{"feed":"xa-phu-loc","at":"2020-03-04' phong-nnptnt show "${id[xa-phu-loc]}"
say 'và xem được lý do:'
ok xa-phu-loc show "${id[xa-phu-loc]}" | grep -A 3 'Nội dung cần bổ sung'
holds '"state":"returned"' xa-phu-loc show "${id[xa-phu-loc]}"

day '09/03/2020: chủ thể nộp bổ sung; thêm hồ sơ trà thảo mộc'
until_time 2020-03-09T14:00
ok phong-nnptnt resubmit "${id[xa-phu-loc]}" --document organisation=present --samples 5
ok phong-nnptnt complete "${id[xa-phu-loc]}"
ok phong-nnptnt submit "${id[xa-tam-giang]}" "${full[@]}" --samples 5
holds '"returns":1' phong-nnptnt show "${id[xa-phu-loc]}"

day '13/03/2020: hồ sơ trà thảo mộc quá hạn kiểm tra; máy chủ nhắc, không tự quyết'
until_time 2020-03-13T07:30
holds '"overdue":true' phong-nnptnt show "${id[xa-tam-giang]}"
holds 'vn.ocop.dossier.overdue' ban-chi-dao history "${id[xa-tam-giang]}"
say 'xã Ea Hồ không nghe: Phòng biết xã chưa được báo về hồ sơ rượu cần, và gọi điện'
holds "\"unheard\":[{\"dossier\":\"${id[xa-ea-ho]}\"" phong-nnptnt deadlines
holds 'vn.ocop.dossier.unheard' phong-nnptnt history "${id[xa-ea-ho]}"
ok phong-nnptnt deadlines
ok phong-nnptnt complete "${id[xa-tam-giang]}" | tee "$work/late"
grep -q 'trễ hạn' "$work/late" || die 'việc làm trễ không bị ghi nhận'

day '20/03/2020: hết hạn tiếp nhận đợt 1; hồ sơ rượu cần chưa bổ sung, chuyển đợt sau'
until_time 2020-03-20T08:00
ok phong-nnptnt lapse "${id[xa-ea-ho]}" --reason 'Chưa bổ sung trước ngày 20/03/2020'

day '25/03/2020: bảy thành viên Hội đồng chấm theo Bộ tiêu chí (Quyết định 1048/QĐ-TTg)'
until_time 2020-03-25T08:00
# assess DOSSIER GROUP BASE: seven sheets around BASE; the sum of their totals goes to total[DOSSIER].
assess() {
	local dossier=$1 set=$2 base=$3 offset=(0 2 -2 1 -1 3 -1) i=0 points member
	total[$dossier]=0
	for member in $council; do
		points=$((base + offset[i++]))
		quietly "hd-$member" assess "$dossier" --sheet "$(awk -v want=$points -f "$sheet" "$programme/criteria/$set.zpl")"
		total[$dossier]=$((total[$dossier] + points))
	done
}
# score DOSSIER STARS MINUTES: the conclusion must be the exact average, cut after two decimals.
score() {
	local average=$((total[$1] * 100 / 7))
	average=$((average / 100)).$(printf %02d $((average % 100)))
	quietly to-giup-viec score "$1" --minutes "$3"
	holds "\"points\":\"$average\"" phong-nnptnt show "$1"
	holds "\"stars\":$2" phong-nnptnt show "$1"
	say "$1: tổng điểm 7 phiếu ${total[$1]}, trung bình ${average/./,}: tương đương $2 sao"
}
assess "${id[xa-dlie-ya]}" coffee-cocoa 78
assess "${id[tt-krong-nang]}" processed-fruit-nut 73
assess "${id[xa-ea-toh]}" other-spice 62
assess "${id[xa-ea-tam]}" honey 44
assess "${id[xa-phu-loc]}" fresh-fruit-veg 56
assess "${id[xa-ea-dah]}" community-tourism 53
assess "${id[xa-tam-giang]}" other-tea 50
say '49 phiếu. Trước khi kết luận, mỗi thành viên chỉ thấy phiếu của mình, xã không thấy phiếu nào:'
[ "$(as hd-health show "${id[xa-ea-toh]}" --json | grep -o '"total"' | wc -l)" = 1 ] || die 'lộ phiếu'
[ "$(as xa-ea-toh show "${id[xa-ea-toh]}" --json | grep -o '"total"' | wc -l)" = 0 ] || die 'lộ phiếu'
[ "$(as to-giup-viec show "${id[xa-ea-toh]}" --json | grep -o '"total"' | wc -l)" = 7 ] || die 'thiếu phiếu'
checks=$((checks + 3))
say 'một phiếu chấm tiêu lệch hơn 10 điểm, Hội đồng chưa kết luận được; thành viên chấm lại:'
quietly hd-culture assess "${id[xa-ea-toh]}" --sheet "$(awk -v want=80 -f "$sheet" "$programme/criteria/other-spice.zpl")"
refused 1 spread to-giup-viec score "${id[xa-ea-toh]}" --minutes 03/BB-HĐ
quietly hd-culture assess "${id[xa-ea-toh]}" --sheet "$(awk -v want=65 -f "$sheet" "$programme/criteria/other-spice.zpl")"
say 'thổ cẩm vi phạm sở hữu trí tuệ: bị loại, không đánh giá'
ok to-giup-viec disqualify "${id[xa-ea-puk]}" --rule knockout-ip --reason 'Hoa văn đã được tổ chức khác đăng ký bảo hộ (mẫu)'

day '27/03/2020: Hội đồng kết luận'
until_time 2020-03-27T15:00
score "${id[xa-dlie-ya]}" 4 01/BB-HĐ
score "${id[tt-krong-nang]}" 4 02/BB-HĐ
score "${id[xa-ea-toh]}" 3 03/BB-HĐ
score "${id[xa-ea-tam]}" 2 04/BB-HĐ
score "${id[xa-phu-loc]}" 3 05/BB-HĐ
score "${id[xa-ea-dah]}" 3 06/BB-HĐ
score "${id[xa-tam-giang]}" 3 07/BB-HĐ
state "${id[xa-ea-puk]}" disqualified

day '31/03/2020: gửi hồ sơ từ 3 sao lên Hội đồng cấp tỉnh (mục III.4)'
until_time 2020-03-31T09:00
for who in xa-dlie-ya tt-krong-nang xa-ea-toh xa-phu-loc; do
	ok phong-nnptnt forward "${id[$who]}" --letter 88/UBND-NNPTNT --date 31/03/2020
done
say 'hồ sơ mật ong 2 sao thì chưa:'
refused 1 three-stars phong-nnptnt forward "${id[xa-ea-tam]}" --letter 88/UBND-NNPTNT

day '01/04/2020: mật ong trở lại trong đợt 2; Giỗ Tổ Hùng Vương nằm trong hạn kiểm tra'
until_time 2020-04-01T08:00
ok phong-nnptnt submit --product-name 'Mật ong hoa cà phê (mẫu)' --product-group honey --commune 24352 \
	--producer-name 'Hộ nuôi ong (mẫu)' --producer-kind household "${full[@]}" --samples 5 --round 2020-2 \
	--kind upgrade --previous "${id[xa-ea-tam]}" --request-key mat-ong-dot-2 >"$work/first"
honey=$(as phong-nnptnt list --round 2020-2 -q)
say "hồ sơ mới $honey nối tiếp ${id[xa-ea-tam]}; nhận 01/04, 3 ngày làm việc:"
ok phong-nnptnt deadline 01/04/2020 3
holds '"due":"2020-04-07"' phong-nnptnt show "$honey"
holds "\"next\":\"$honey\"" phong-nnptnt show "${id[xa-ea-tam]}"
say 'mất mạng, gửi lại cùng một yêu cầu: vẫn một hồ sơ'
before=$(as quan-tri ping --json | grep -o '"sequence":[0-9]*')
ok phong-nnptnt submit --product-name 'Mật ong hoa cà phê (mẫu)' --product-group honey --commune 24352 \
	--producer-name 'Hộ nuôi ong (mẫu)' --producer-kind household "${full[@]}" --samples 5 --round 2020-2 \
	--kind upgrade --previous "${id[xa-ea-tam]}" --request-key mat-ong-dot-2 >"$work/second"
cmp -s "$work/first" "$work/second" || die 'gửi lại cho kết quả khác'
holds "$before" quan-tri ping
until_time 2020-04-07T10:00
ok phong-nnptnt complete "$honey"

day '22/05/2020: tỉnh yêu cầu bổ sung hồ sơ cà phê; bổ sung rồi gửi lại'
until_time 2020-05-22T09:00
ok phong-nnptnt recall "${id[xa-dlie-ya]}" --letter 15/HĐ-OCOP \
	--reason 'test-results:Phiếu kiểm nghiệm quá một năm|Kiểm nghiệm lại theo tiêu chuẩn công bố'
until_time 2020-06-05T09:00
ok phong-nnptnt resubmit "${id[xa-dlie-ya]}" --document test-results=present
ok phong-nnptnt forward "${id[xa-dlie-ya]}" --letter 140/UBND-NNPTNT

day '20/07/2020: tỉnh xếp hạng'
until_time 2020-07-20T09:00
ok phong-nnptnt rank "${id[xa-dlie-ya]}" --points 76,15 --stars 4 --decision 1650/QĐ-UBND --certificate 01/OCOP-ĐL
ok phong-nnptnt rank "${id[tt-krong-nang]}" --points 71 --stars 3 --decision 1650/QĐ-UBND --certificate 02/OCOP-ĐL
ok phong-nnptnt rank "${id[xa-ea-toh]}" --points 55,40 --stars 3 --decision 1650/QĐ-UBND --certificate 03/OCOP-ĐL
ok phong-nnptnt rank "${id[xa-phu-loc]}" --points 47,30 --stars 2 --decision 1650/QĐ-UBND
holds '"expires":"2023-07' phong-nnptnt show "${id[xa-dlie-ya]}"

day '20/08/2020: hỗ trợ chủ thể có sản phẩm được tỉnh xếp hạng từ 3 sao (mục III.5)'
until_time 2020-08-20T09:00
ok phong-tckh support "${id[xa-dlie-ya]}" --item 'labels,15.000.000,210/QĐ-UBND,mtqg-2020,18/08/2020' \
	--item 'trade-promotion,8.000.000,210/QĐ-UBND,steering-335,18/08/2020'
ok phong-tckh support "${id[tt-krong-nang]}" --item 'packaging,20.000.000,211/QĐ-UBND,mtqg-2020'
say 'quả bơ được tỉnh 2 sao thì chưa được hỗ trợ:'
refused 1 province-three-stars phong-tckh support "${id[xa-phu-loc]}" --item 'labels,5.000.000,212/QĐ-UBND,mtqg-2020'

day '24/11/2020: đợt 2, Hội đồng chấm lại mật ong'
until_time 2020-11-24T08:00
assess "$honey" honey 61
until_time 2020-11-27T15:00
score "$honey" 3 12/BB-HĐ
until_time 2020-11-30T09:00
ok phong-nnptnt forward "$honey" --letter 260/UBND-NNPTNT

day '31/12/2020: báo cáo Ban Chỉ đạo, so với mục tiêu của kế hoạch'
until_time 2020-12-31T08:00
ok ban-chi-dao list
ok ban-chi-dao report
holds '"ranked":{"year":2020,"stars":3,"min":1,"max":3,"count":3}' ban-chi-dao report
holds '"reached":12' ban-chi-dao report
holds '"total":13' ban-chi-dao report

day 'Cuối mùa: tắt máy chủ, tính lại toàn bộ dữ liệu từ nhật ký và so sánh'
quietly quan-tri backup cuoi-nam
kill "$daemon"
wait "$daemon" || die 'máy chủ kết thúc với lỗi'
daemon=
"$build/ocopd" --programme "$programme" --state "$work/state" --verify >"$work/verify" 2>&1 || { cat "$work/verify"; die 'nhật ký và dữ liệu khác nhau'; }
grep -v '^<4>' "$work/verify" | indent
printf '\nXong: 13 hồ sơ, %d việc đã thử, tất cả đúng như kế hoạch.\n' $checks
