# The district's council: its members, quorum and spread.
# Established by Decision 5188/QĐ-UBND of 26/12/2019 (plan 17/KH-UBND, III.2). The helper team's secretary
# records and does not score; an account of role council carries a member's code below.
# Confidence: the membership under Decision 5188 is not known; these seats, the quorum of 3/4 with the chair
# and the spread of 10 points are the model of other districts and provinces. To be replaced by the real ones.

legal = "Quyết định 5188/QĐ-UBND ngày 26/12/2019 của UBND huyện Krông Năng"
valid-from = 2019-12-26
source = "The councils of other districts and provinces; the decision's own text was not at hand"
quorum = "3/4"
chair-needed = yes
spread-max = 10

member = chair
    vi = "Chủ tịch Hội đồng (Lãnh đạo UBND huyện)"
    en = "Chair (leader of the district's people's committee)"
    chair = yes
member = agriculture
    vi = "Phòng Nông nghiệp và Phát triển nông thôn"
    en = "Agriculture and rural development office"
member = infrastructure
    vi = "Phòng Kinh tế và Hạ tầng"
    en = "Economy and infrastructure office"
member = finance
    vi = "Phòng Tài chính - Kế hoạch"
    en = "Finance and planning office"
member = health
    vi = "Phòng Y tế"
    en = "Health office"
member = culture
    vi = "Phòng Văn hóa và Thông tin"
    en = "Culture and information office"
member = environment
    vi = "Phòng Tài nguyên và Môi trường"
    en = "Natural resources and environment office"
