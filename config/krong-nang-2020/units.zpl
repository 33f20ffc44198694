# The town and communes of district 650 (Krông Năng), province 66 (Đắk Lắk), with the codes of the
# General Statistics Office. Codes come back with another meaning: 24343 is a larger commune from
# 01/7/2025; "successor" names the unit that took the place, CODE@DATE.
# Confidence: two independent copies of the list agree; without valid-from: before 2020, not established.

legal = "Danh mục và mã số các đơn vị hành chính Việt Nam (Tổng cục Thống kê)"
valid-from = 2020-01-01
source = "Two independent copies of the list of administrative units; no change seen from 2017 to 2024"

unit = 24343
    vi = "Thị trấn Krông Năng"
    en = "Krông Năng town"
    kind = town
    valid-until = 2025-06-30
    successor = 24343@2025-07-01

unit = 24346
    vi = "Xã ĐLiê Ya"
    en = "ĐLiê Ya commune"
    kind = commune
    valid-until = 2025-06-30
    successor = 24346@2025-07-01

unit = 24349
    vi = "Xã Ea Tóh"
    en = "Ea Tóh commune"
    kind = commune
    valid-until = 2025-06-30
    successor = 24346@2025-07-01

unit = 24352
    vi = "Xã Ea Tam"
    en = "Ea Tam commune"
    kind = commune
    valid-until = 2025-06-30
    successor = 24352@2025-07-01

unit = 24355
    vi = "Xã Phú Lộc"
    en = "Phú Lộc commune"
    kind = commune
    valid-until = 2025-06-30
    successor = 24343@2025-07-01

unit = 24358
    vi = "Xã Tam Giang"
    en = "Tam Giang commune"
    kind = commune
    valid-until = 2025-06-30
    successor = 24352@2025-07-01

unit = 24359
    vi = "Xã Ea Puk"
    en = "Ea Puk commune"
    kind = commune
    valid-until = 2025-06-30
    successor = 24364@2025-07-01

unit = 24360
    vi = "Xã Ea Dăh"
    en = "Ea Dăh commune"
    kind = commune
    valid-until = 2025-06-30
    successor = 24364@2025-07-01

unit = 24361
    vi = "Xã Ea Hồ"
    en = "Ea Hồ commune"
    kind = commune
    valid-until = 2025-06-30
    successor = 24343@2025-07-01

unit = 24364
    vi = "Xã Phú Xuân"
    en = "Phú Xuân commune"
    kind = commune
    valid-until = 2025-06-30
    successor = 24364@2025-07-01

unit = 24367
    vi = "Xã Cư Klông"
    en = "Cư Klông commune"
    kind = commune
    valid-until = 2025-06-30
    successor = 24352@2025-07-01

unit = 24370
    vi = "Xã Ea Tân"
    en = "Ea Tân commune"
    kind = commune
    valid-until = 2025-06-30
    successor = 24346@2025-07-01
