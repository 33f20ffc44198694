# What a dossier consists of. Samples are no document: their number stands in each criteria set.
# Decision 1048/QĐ-TTg, dossier contents: 4 mandatory documents beside the samples, 13 supporting ones.
# Confidence: found in guides to the decision, not in its own text; English names are ours.

legal = "Quyết định 1048/QĐ-TTg ngày 21/8/2019 của Thủ tướng Chính phủ"
valid-from = 2019-08-21
source = "Guides to Decision 1048/QĐ-TTg that list the contents of a dossier"

document = registration
    vi = "Phiếu đăng ký ý tưởng sản phẩm, đăng ký sản phẩm"
    en = "Registration of the product (idea)"
    need = mandatory
    may-be-not-applicable = no
    note = "biểu 01 (sản phẩm mới) hoặc 02 (sản phẩm đã có)"

document = business-plan
    vi = "Phương án, kế hoạch kinh doanh sản phẩm"
    en = "Business plan of the product"
    need = mandatory
    may-be-not-applicable = no
    note = "biểu 03"

document = organisation
    vi = "Giới thiệu bộ máy tổ chức"
    en = "Introduction of the organisation"
    need = mandatory
    may-be-not-applicable = no
    note = "biểu 04"

document = business-registration
    vi = "Giấy đăng ký kinh doanh (bản sao công chứng)"
    en = "Business registration (certified copy)"
    need = mandatory
    may-be-not-applicable = yes
    note = "chỉ với đơn vị, cá nhân có đăng ký kinh doanh"

document = production-conditions
    vi = "Giấy chứng nhận đủ điều kiện sản xuất, an toàn thực phẩm"
    en = "Certificate of production conditions, food safety"
    need = supporting
    may-be-not-applicable = yes
    note = "thiếu có thể bị loại khi chấm"

document = quality-declaration
    vi = "Công bố chất lượng sản phẩm"
    en = "Declaration of product quality"
    need = supporting
    may-be-not-applicable = yes

document = product-standard
    vi = "Tiêu chuẩn sản phẩm"
    en = "Product standard"
    need = supporting
    may-be-not-applicable = yes

document = test-results
    vi = "Phiếu kết quả kiểm tra chỉ tiêu an toàn thực phẩm"
    en = "Food safety test results"
    need = supporting
    may-be-not-applicable = yes
    note = "thiếu có thể bị loại khi chấm"

document = codes-and-marks
    vi = "Mã số mã vạch, tem truy xuất, sở hữu trí tuệ, nhãn hiệu"
    en = "Bar code, traceability stamp, intellectual property, trade mark"
    need = supporting
    may-be-not-applicable = yes

document = material-origin
    vi = "Nguồn gốc nguyên liệu, liên kết chuỗi"
    en = "Origin of raw material, supply chain"
    need = supporting
    may-be-not-applicable = yes

document = quality-system
    vi = "Hệ thống quản lý chất lượng tiên tiến"
    en = "Advanced quality management system"
    need = supporting
    may-be-not-applicable = yes

document = environment
    vi = "Bảo vệ môi trường"
    en = "Environmental protection"
    need = supporting
    may-be-not-applicable = yes

document = accounting
    vi = "Kế toán"
    en = "Accounting"
    need = supporting
    may-be-not-applicable = yes

document = market
    vi = "Phát triển thị trường, quảng bá, xúc tiến thương mại"
    en = "Market development, advertising, trade promotion"
    need = supporting
    may-be-not-applicable = yes

document = story
    vi = "Câu chuyện về sản phẩm"
    en = "Story of the product"
    need = supporting
    may-be-not-applicable = yes

document = control-plan
    vi = "Kế hoạch kiểm soát chất lượng, hồ sơ lô"
    en = "Quality control plan, batch records"
    need = supporting
    may-be-not-applicable = yes

document = awards
    vi = "Giải thưởng, bình chọn"
    en = "Awards"
    need = supporting
    may-be-not-applicable = yes
