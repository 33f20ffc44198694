/* Rates: for each name the moment at which all it has taken is paid off. */
#include "daemon/rates.h"

#include <string.h>

enum { SECOND_US = 1000000 };

bool
rates_take(struct rates *r, struct text name, uint64_t per_second, int64_t now_ms)
{
	size_t len = name.len < RATE_NAME_MAX ? name.len : RATE_NAME_MAX, at = 0, i = 0;
	int64_t now_us = now_ms * 1000, cost_us = SECOND_US / (int64_t)per_second;

	for (; i < RATES_MAX; i++) {
		if (r->slots[i].len == len && memcmp(r->slots[i].name, name.ptr, len) == 0)
			break;
		if (r->slots[i].free_us < r->slots[at].free_us)
			at = i;
	}
	if (i < RATES_MAX) {
		at = i;
	} else {
		memcpy(r->slots[at].name, name.ptr, len);
		r->slots[at].len = len;
		r->slots[at].free_us = 0;
	}
	if (r->slots[at].free_us < now_us)
		r->slots[at].free_us = now_us;
	if (r->slots[at].free_us + cost_us > now_us + SECOND_US)
		return false;
	r->slots[at].free_us += cost_us;
	return true;
}
