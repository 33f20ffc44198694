/* The roles of PROTOCOL 1, listed once: word, Vietnamese, English. */
#ifndef PROTO_ROLE_H
#define PROTO_ROLE_H

#include "proto/mem.h"

#define ROLE_TABLE(X) \
	X(OFFICER,   "officer",   "cán bộ Phòng Nông nghiệp và PTNT", "agriculture office") \
	X(SECRETARY, "secretary", "Tổ giúp việc của Hội đồng",        "the council's helper team") \
	X(COUNCIL,   "council",   "thành viên Hội đồng",              "council member") \
	X(FINANCE,   "finance",   "Phòng Tài chính - Kế hoạch",       "finance office") \
	X(COMMUNE,   "commune",   "UBND xã, thị trấn",                "commune") \
	X(STEERING,  "steering",  "Ban Chỉ đạo",                      "steering board") \
	X(ADMIN,     "admin",     "quản trị máy chủ",                 "administrator")

enum role {
#define X(symbol, word, vi, en) ROLE_##symbol,
	ROLE_TABLE(X)
#undef X
	ROLE_COUNT
};

#define ROLE(symbol) (1u << ROLE_##symbol)
#define ROLES_ALL ((1u << ROLE_COUNT) - 1)

const char *role_word(enum role);
const char *role_title(enum role, bool vi);
bool role_find(struct text word, enum role *ret);

#endif
