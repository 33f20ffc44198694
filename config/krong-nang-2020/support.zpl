# What ranked products are supported with, and from which funds.
# Plan 17/KH-UBND of 10/02/2020, II.3 (contents), III.5 (support), IV (funds); Circular 08/2019/TT-BTC, art. 1(12).
# Confidence: contents and funds stand in the plan. Rates are the province's to set and were not found, so
# there is no ceiling here. One looks so, below the contents:
#   ceiling = labels
#       amount = 50000000
#       legal = "the decision that sets it"

legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục II.3, III.5 và IV; Thông tư 08/2019/TT-BTC ngày 30/01/2019, khoản 12 Điều 1"
valid-from = 2020-02-10
source = "Plan 17/KH-UBND; trade mark from Circular 08/2019/TT-BTC, art. 20b(1)(g)"

content = labels
    vi = "Tem, nhãn"
    en = "Stamps and labels"
content = packaging
    vi = "Mẫu mã, bao bì"
    en = "Design and packaging"
content = traceability
    vi = "Truy xuất nguồn gốc"
    en = "Traceability"
content = quality-declaration
    vi = "Công bố chất lượng"
    en = "Quality declaration"
content = trade-promotion
    vi = "Xúc tiến thương mại"
    en = "Trade promotion"
content = trademark
    vi = "Quản lý, đăng ký nhãn hiệu sản phẩm"
    en = "Trade mark and its registration"
content = other
    vi = "Hoạt động liên quan khác"
    en = "Other related activity"

# The plan dates Decision 3696 12/12/2019 in its preamble and 12/12/2020 in IV; the first is before the plan.
fund = mtqg-2020
    vi = "Vốn sự nghiệp Chương trình MTQG xây dựng nông thôn mới năm 2020"
    en = "National programme for new rural areas, recurrent budget 2020"
    legal = "Quyết định 3696/QĐ-UBND ngày 12/12/2019 của UBND tỉnh Đắk Lắk"
fund = steering-335
    vi = "Kinh phí hoạt động Ban Chỉ đạo các Chương trình MTQG huyện"
    en = "Budget of the district's steering board"
    legal = "Báo cáo 335/BC-UBND ngày 09/12/2019 của UBND huyện Krông Năng"
fund = other-legal
    vi = "Nguồn huy động hợp pháp khác"
    en = "Other legal sources"
    legal = "Kế hoạch 17/KH-UBND ngày 10/02/2020, mục IV"
