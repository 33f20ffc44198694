/* The journal at start: all of it, if there is time. */
#include "daemon/verify_start.h"

#include "daemon/clock.h"

enum { WHOLE_US = 2000000, TRY_US = 100000, LINE_EXTRA_BYTES = HASH_LEN + 2, STOPPED = 1 };

struct walk {
	int64_t start_us;
	uint64_t all_bytes, bytes;
	unsigned lines;
	bool decided;
};

static int
visit(void *context, uint64_t sequence, journal_position position, const char *hash, struct text event)
{
	struct walk *w = context;

	(void)sequence, (void)position, (void)hash;
	w->bytes += event.len + LINE_EXTRA_BYTES;
	/* The clock is not asked for every line. */
	if (w->decided || ++w->lines % 256)
		return 0;
	int64_t us = clock_monotonic_us() - w->start_us;

	if (us < TRY_US)
		return 0;
	w->decided = true;
	return (uint64_t)us * (w->all_bytes / w->bytes + 1) > WHOLE_US ? STOPPED : 0;
}

int
verify_start(struct journal *journal, struct verified *ret, struct buf *ret_why)
{
	struct walk w = { .start_us = clock_monotonic_us(), .all_bytes = journal_figures(journal).bytes_used };
	int result = journal_walk(journal, 0, 0, visit, &w, ret_why);

	if (result >= 0)
		*ret = (struct verified){ result != STOPPED, (clock_monotonic_us() - w.start_us) / 1000 };
	return result < 0 ? result : 0;
}
