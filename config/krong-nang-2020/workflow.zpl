# The way of a dossier: its states, and who may move it from one to the next under which conditions.
# Plan 17/KH-UBND of 10/02/2020. The six states in the plan's own words are submitted, returned, complete,
# scored, forwarded, supported; the others fill what the plan leaves open, each after practice elsewhere.
# Confidence: clauses are cited where the plan has them. The clock stops when a dossier is returned and
# starts anew with the supplement; the day of receipt does not count (Civil Code 2015, art. 147).
#
# move: FROM > TO; none is a new dossier, any is every state, same is the state it is in.
# Who may: roles. What a request must bring: needs; may bring besides: takes. Deadlines flag, they never block.

legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020 của UBND huyện Krông Năng"
valid-from = 2020-02-10
source = "Plan 17/KH-UBND; what it leaves open from the practice of other districts"
check-days = 3
# Within how many working days a commune confirms that it knows of a return (its feed does); past them the
# office is told that it has not been heard.
hear-days = 1

state = proposed
    vi = "Đề xuất theo dõi"
    en = "Proposed"

state = submitted
    vi = "Đã tiếp nhận"
    en = "Submitted"
    clock = check

state = returned
    vi = "Yêu cầu bổ sung, hoàn thiện"
    en = "Returned to be completed"

state = complete
    vi = "Hồ sơ hợp lệ, đã đề xuất Hội đồng"
    en = "Complete, proposed to the council"

state = scored
    vi = "Đã đánh giá cấp huyện"
    en = "Scored by the district"
    closed = below

state = disqualified
    vi = "Bị loại, không đánh giá"
    en = "Disqualified"
    final = yes
    closed = always

state = forwarded
    vi = "Đã gửi cấp tỉnh"
    en = "Forwarded to the province"

state = recalled
    vi = "Tỉnh yêu cầu bổ sung"
    en = "Recalled by the province"

state = ranked
    vi = "Đã được cấp tỉnh xếp hạng"
    en = "Ranked by the province"
    closed = "below expired"

state = supported
    vi = "Đã hỗ trợ"
    en = "Supported"
    final = yes
    closed = "below expired"

state = lapsed
    vi = "Quá hạn bổ sung, chuyển đợt sau"
    en = "Lapsed, left to a later round"
    final = yes
    closed = always

state = withdrawn
    vi = "Đã rút hồ sơ"
    en = "Withdrawn"
    final = yes
    closed = always

transition = propose
    event = proposed
    vi = "Đề xuất sản phẩm"
    en = "Propose a product"
    move = "none > proposed"
    roles = "officer commune"
    needs = "product producer commune"
    takes = note
    guards = "known-commune known-group known-kind"
    effects = register
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục II.2 và V.5"

transition = submit
    event = submitted
    vi = "Tiếp nhận hồ sơ"
    en = "Take in a dossier"
    move = "none > submitted"
    move = "proposed > submitted"
    roles = officer
    needs = "documents samples"
    takes = "product producer commune note received round kind previous"
    guards = "known-commune known-group known-kind known-documents known-round received-not-future previous-closed previous-earlier previous-unused"
    effects = "register receive merge-documents start-check"
    deadline = intake
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.3.a1"

transition = return
    event = returned
    vi = "Trả lại để bổ sung, hoàn thiện"
    en = "Return to be completed"
    move = "submitted complete > returned"
    roles = officer
    needs = reasons
    takes = until
    guards = known-documents
    effects = "set-reasons count-return stop-check"
    deadline = check
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.3.a2"
    notice = commune

transition = resubmit
    event = resubmitted
    vi = "Nhận hồ sơ bổ sung"
    en = "Take in the supplement"
    move = "returned > submitted"
    move = "recalled > recalled"
    roles = officer
    needs = documents
    takes = "samples received"
    guards = "known-documents received-not-future"
    effects = "merge-documents start-check"
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.3.a2 và III.4.a2"

transition = complete
    event = completed
    vi = "Xác nhận hồ sơ hợp lệ, đề xuất Hội đồng"
    en = "Find complete, propose to the council"
    move = "submitted > complete"
    roles = officer
    guards = "documents-complete samples-enough"
    effects = stop-check
    deadline = check
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.3.a3"

transition = assess
    event = assessed
    vi = "Chấm điểm"
    en = "Hand in a member's sheet"
    move = "complete > same"
    roles = "council secretary"
    needs = sheet
    takes = "member comment"
    guards = "scorable known-member sheet-complete sheet-ladder story-first"
    effects = take-sheet
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.4.a1; Quyết định 1048/QĐ-TTg ngày 21/8/2019"

transition = score
    event = scored
    vi = "Kết luận của Hội đồng"
    en = "Conclude the assessment"
    move = "complete > scored"
    roles = secretary
    needs = minutes
    takes = date
    guards = "scorable quorum spread no-knockout date-not-future"
    effects = conclude
    deadline = scoring
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.4.a1 và III.4.c"

transition = disqualify
    event = disqualified
    vi = "Loại, không đánh giá"
    en = "Disqualify"
    move = "complete > disqualified"
    roles = secretary
    needs = "rule reason"
    guards = known-finding
    effects = close
    legal = "Quyết định 1048/QĐ-TTg ngày 21/8/2019, ghi chú trong các Bộ tiêu chí"

transition = forward
    event = forwarded
    vi = "Gửi hồ sơ lên cấp tỉnh"
    en = "Forward to the province"
    move = "scored recalled > forwarded"
    roles = officer
    needs = letter
    takes = date
    guards = "three-stars date-not-future"
    effects = forward
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.4.a2 và V.3"

transition = recall
    event = recalled
    vi = "Tỉnh yêu cầu bổ sung"
    en = "Record the province's request for more"
    move = "forwarded > recalled"
    roles = officer
    needs = "reasons letter"
    takes = date
    guards = "known-documents date-not-future"
    effects = set-reasons
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.4.a2"
    notice = commune

transition = rank
    event = ranked
    vi = "Ghi kết quả xếp hạng cấp tỉnh"
    en = "Record the province's ranking"
    move = "forwarded > ranked"
    roles = officer
    needs = "points stars decision"
    takes = "date certificate"
    guards = "stars-agree date-not-future"
    effects = rank
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.5.a; Quyết định 1048/QĐ-TTg ngày 21/8/2019"

transition = support
    event = supported
    vi = "Ghi khoản hỗ trợ"
    en = "Record support"
    move = "ranked > supported"
    move = "supported > supported"
    roles = "finance officer"
    needs = items
    guards = "province-three-stars known-content known-source within-ceiling date-not-future"
    effects = support
    deadline = support
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.5; Thông tư 08/2019/TT-BTC ngày 30/01/2019, khoản 12 Điều 1"

transition = lapse
    event = lapsed
    vi = "Chuyển hồ sơ quá hạn sang đợt sau"
    en = "Let lapse"
    move = "submitted returned > lapsed"
    roles = officer
    needs = reason
    effects = "stop-check close"
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.3.c và III.4.a3"

transition = withdraw
    event = withdrawn
    vi = "Rút hồ sơ"
    en = "Withdraw"
    move = "proposed submitted returned complete scored recalled > withdrawn"
    roles = officer
    needs = reason
    effects = "stop-check close"
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục V.6"

transition = amend
    event = amended
    vi = "Đính chính hồ sơ"
    en = "Amend"
    move = "proposed submitted returned complete > same"
    roles = officer
    needs = reason
    takes = "product producer documents samples"
    guards = "known-group known-kind known-documents"
    effects = merge-documents
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.3.a2"

transition = note
    event = noted
    vi = "Ghi chú, kiến nghị"
    en = "Add a note"
    move = "any > same"
    roles = "officer secretary council finance commune steering admin"
    needs = text
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục V"
