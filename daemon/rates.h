/* How often somebody does something: so many a second, and as many at once. */
#ifndef DAEMON_RATES_H
#define DAEMON_RATES_H

#include "proto/mem.h"

/* Those who came last; with more of them than slots, whoever has been quiet longest is forgotten. */
enum { RATES_MAX = 256, RATE_NAME_MAX = 72 };

struct rates {
	struct { char name[RATE_NAME_MAX]; size_t len; int64_t free_us; } slots[RATES_MAX];
};

/* Counts one more, unless that would be more than `per_second`. Names are cut at RATE_NAME_MAX. */
bool rates_take(struct rates *, struct text name, uint64_t per_second, int64_t now_ms);

#endif
