# The programme's own facts: names, dossier numbers, stars, certificate, targets, milestones.
# Plan 17/KH-UBND of 10/02/2020; star bands of Decision 1048/QĐ-TTg on the exact average, half-open
# (the decision writes whole numbers and leaves 49 to 50 open; "from 50 to below 70" is how later law says it).
# Confidence: targets and milestones stand in the plan; number template is the office's choice, no rule
# for dossier numbers was found; the knock-outs are notes in the criteria sets of Decision 1048/QĐ-TTg.

legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020 của UBND huyện Krông Năng"
valid-from = 2020-02-10
source = "Plan 17/KH-UBND; guides to Decision 1048/QĐ-TTg for bands, certificate and knock-outs"
name = krong-nang-2020
vi = "Chương trình Mỗi xã một sản phẩm huyện Krông Năng năm 2020"
en = "One Commune One Product, Krông Năng district, 2020"
event-source = "/ocop/650"
number = "KN-{year}-{number:4}"
certificate-months = 36
expiring-days = 30
forward-stars = 3

# Plan, I.2 and III.2.
producer-kind = enterprise
    vi = "Doanh nghiệp"
    en = "Enterprise"
producer-kind = cooperative
    vi = "Hợp tác xã"
    en = "Cooperative"
producer-kind = cooperative-group
    vi = "Tổ hợp tác"
    en = "Cooperative group"
producer-kind = farm
    vi = "Trang trại"
    en = "Farm"
producer-kind = household
    vi = "Hộ kinh doanh"
    en = "Household business"

# Stars by the exact average, from the highest.
band = 5
    from = 90
band = 4
    from = 70
band = 3
    from = 50
band = 2
    from = 30
band = 1
    from = 0

# What stops an assessment; each criteria set says which of them it has.
finding = knockout-origin
    vi = "Toàn bộ nguyên liệu nhập khẩu hoặc không rõ nguồn gốc"
    en = "All raw material is imported or of unclear origin"
finding = knockout-foreign-matter
    vi = "Có tạp chất lạ gây mất an toàn thực phẩm"
    en = "Foreign matter that endangers food safety"
finding = knockout-zero
    vi = "Đạt 0 điểm ở tiêu chí phải dừng đánh giá"
    en = "0 points at a criterion that then stops the assessment"
finding = knockout-food-safety
    vi = "Giấy chứng nhận an toàn thực phẩm (hoặc tương đương) không phù hợp"
    en = "The food safety certificate (or its equivalent) does not conform"
finding = knockout-production-cert
    vi = "Thiếu giấy chứng nhận đủ điều kiện sản xuất hoặc giấy không phù hợp"
    en = "The certificate of production conditions is missing or does not conform"
finding = knockout-declaration
    vi = "Không có hồ sơ công bố sản phẩm, tiêu chuẩn công bố"
    en = "There is no product declaration or declared standard"
finding = knockout-ip
    vi = "Vi phạm quyền sở hữu trí tuệ"
    en = "The product violates intellectual property"

target = 2020
    ranked-min = 1
    ranked-max = 3
    stars = 3
    proposals = 1
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục II.1 và II.2"

milestone = steering
    vi = "Hoàn thiện hệ thống chỉ đạo, thực hiện Chương trình"
    en = "Steering set up"
    from = 2020-02-01
    until = 2020-02-29
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.1.c"
milestone = conference
    vi = "Hội nghị hướng dẫn và triển khai Chương trình"
    en = "Conference that opens the programme"
    from = 2020-02-01
    until = 2020-02-29
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.2.c"
milestone = intake
    vi = "Hoàn thành tiếp nhận, kiểm tra hồ sơ (trước ngày 20/03/2020)"
    en = "Intake and check finished (before 20/03/2020)"
    until = 2020-03-19
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.3.c"
milestone = scoring
    vi = "Hoàn thành đánh giá, xếp hạng cấp huyện"
    en = "District assessment finished"
    until = 2020-03-31
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.4.c"
milestone = support
    vi = "Hoàn thành hỗ trợ các cơ sở sản xuất đạt từ 3 sao"
    en = "Support of producers with 3 stars or more"
    until = 2020-12-31
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.5.d"
milestone = review
    vi = "Hội nghị sơ kết, đánh giá Chương trình OCOP năm 2020"
    en = "Interim review of 2020"
    from = 2020-11-01
    until = 2020-11-30
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục III.9"
