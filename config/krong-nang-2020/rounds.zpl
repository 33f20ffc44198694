# The rounds of 2020: when dossiers are taken in, when the council is to have scored, until when support runs.
# Plan 17/KH-UBND of 10/02/2020, III.3.c ("trước ngày 20/03/2020", read strictly: the last day is 19/03),
# III.4.c ("trong tháng 03/2020"), III.5.d ("trong năm 2020").
# Confidence: the first round stands in the plan; the second is "đợt tiếp theo" (III.4.a) with days set by
# the office, after the sessions really held in autumn 2020. A day that is not here is open.

legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.3.c, III.4.c, III.5.d"
valid-from = 2020-02-10
source = "Plan 17/KH-UBND; the second round by the office"

round = 2020-1
    vi = "Đợt 1 năm 2020"
    en = "First round of 2020"
    intake-until = 2020-03-19
    scoring-until = 2020-03-31
    support-until = 2020-12-31

round = 2020-2
    vi = "Đợt 2 năm 2020"
    en = "Second round of 2020"
    intake-from = 2020-04-01
    intake-until = 2020-11-20
    scoring-until = 2020-11-30
