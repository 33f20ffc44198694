# Criteria set rice-cereal: Gạo, ngũ cốc.
# Decision 1048/QĐ-TTg of 21/8/2019; known by name only.
# Confidence: a transcription read twice, not the law itself; see source. Sector: partly from memory.

legal = "Quyết định 1048/QĐ-TTg ngày 21/8/2019 của Thủ tướng Chính phủ"
valid-from = 2019-08-21
source = "Names and point values of the criteria sets of Decision 1048/QĐ-TTg (21/8/2019) as a scoring system in use transcribed them in 2022; not the law's own text, which was not at hand. Two independent readings agree on every ladder. Whether it shows 1048 as issued or as amended by 781 (08/6/2020) is not established."
set = rice-cereal
vi = "Gạo, ngũ cốc"
en = "Rice and cereals"
sector = "Thực phẩm"
samples = 5
# No source for its criteria was found: dossiers of this group are taken in, but can not be scored.
criteria = none
