/* Turns: a fair share for every account, and no turn longer than a moment. */
#include "daemon/turns.h"

#include <assert.h>
#include <stdlib.h>

enum { LONG_US = 15000, SHORT_US = 7000, SERVED_MAX = 64 };

struct turns {
	struct message messages[TURN_MAX];
	uint16_t spare[TURN_MAX], waiting[TURN_MAX], taken[TURN_MAX];
	size_t spare_count, count, taken_count;
	bool put_off[TURN_MAX];     /* by message */
	size_t bytes;
	size_t most;                /* of a turn, as heavy as the work is now */
	uint64_t share;
	/* Who had a turn of late, and which: where not even the first of every account fits into one. The
	 * pointers are compared only. */
	struct { const struct account *account; uint64_t turn; } served[SERVED_MAX];
	uint64_t turn;
};

/* What one look at those who wait has found, by their place. */
struct look {
	const struct account *accounts[TURN_MAX];
	uint16_t rank[TURN_MAX];    /* how many of the account stand before it */
	bool several;               /* accounts */
};

struct turns *
turns_new(uint64_t share)
{
	struct turns *t = xcalloc(1, sizeof *t);

	t->most = TURN_MAX;
	t->share = share;
	while (t->spare_count < TURN_MAX) {
		t->spare[t->spare_count] = (uint16_t)t->spare_count;
		t->spare_count++;
	}
	return t;
}

void
turns_free(struct turns **p)
{
	struct turns *t = *p;

	if (!t)
		return;
	for (size_t i = 0; i < t->count; i++)
		message_clear(&t->messages[t->waiting[i]]);
	for (size_t i = 0; i < TURN_MAX; i++)
		message_free(&t->messages[i]);
	free(t);
	*p = NULL;
}

struct message *
turns_room(struct turns *t)
{
	return t->spare_count ? &t->messages[t->spare[t->spare_count - 1]] : NULL;
}

void
turns_add(struct turns *t)
{
	uint16_t message = t->spare[--t->spare_count];

	t->put_off[message] = false;
	t->bytes += t->messages[message].bytes;
	t->waiting[t->count++] = message;
}

size_t
turns_count(const struct turns *t)
{
	return t->count;
}

size_t
turns_bytes(const struct turns *t)
{
	return t->bytes;
}

static void
look(const struct turns *t, turns_who *who, void *context, struct look *l)
{
	struct { const struct account *account; uint16_t count; } seen[TURN_MAX];
	size_t seen_count = 0, at;

	for (size_t i = 0; i < t->count; i++) {
		l->accounts[i] = who(context, &t->messages[t->waiting[i]]);
		for (at = 0; at < seen_count && seen[at].account != l->accounts[i]; at++)
			;
		if (at == seen_count) {
			seen[seen_count].account = l->accounts[i];
			seen[seen_count++].count = 0;
		}
		l->rank[i] = seen[at].count++;
	}
	l->several = seen_count > 1;
}

/* The rank below which all are taken, and of those of just this rank how many. */
static size_t
find_rank(const struct turns *t, const struct look *l, size_t *ret_last)
{
	size_t with[TURN_MAX] = { 0 }, room = t->most, limit = l->several ? t->share : TURN_MAX, rank = 0;

	for (size_t i = 0; i < t->count; i++)
		with[l->rank[i]]++;
	while (rank < limit && rank < TURN_MAX && with[rank] <= room)
		room -= with[rank++];
	*ret_last = rank < limit && rank < TURN_MAX ? room : 0;
	return rank;
}

/* The account's place among those served, or the place of whoever was served longest ago. */
static size_t
served_at(const struct turns *t, const struct account *account)
{
	size_t oldest = 0;

	for (size_t i = 0; i < SERVED_MAX; i++) {
		if (t->served[i].turn && t->served[i].account == account)
			return i;
		if (t->served[i].turn < t->served[oldest].turn)
			oldest = i;
	}
	return oldest;
}

static uint64_t
served_turn(const struct turns *t, const struct account *account)
{
	size_t at = served_at(t, account);

	return t->served[at].account == account ? t->served[at].turn : 0;
}

/* Of those of this rank, the `count` whose accounts have waited longest for a turn. */
static void
pick_last(const struct turns *t, const struct look *l, size_t rank, size_t count, bool picked[TURN_MAX])
{
	uint64_t turns[TURN_MAX];

	for (size_t i = 0; i < t->count; i++)
		turns[i] = l->rank[i] == rank ? served_turn(t, l->accounts[i]) : UINT64_MAX;
	while (count-- > 0) {
		size_t best = 0;

		for (size_t i = 1; i < t->count; i++)
			if (turns[i] < turns[best])
				best = i;
		picked[best] = true;
		turns[best] = UINT64_MAX;
	}
}

static void
serve_account(struct turns *t, const struct account *account)
{
	size_t at = served_at(t, account);

	t->served[at].account = account;
	t->served[at].turn = t->turn;
}

size_t
turns_take(struct turns *t, turns_who *who, void *context, struct turn *ret, size_t *ret_put_off)
{
	struct look l;
	bool picked[TURN_MAX] = { false };
	size_t last, kept = 0;

	assert(t->taken_count == 0);
	*ret_put_off = 0;
	look(t, who, context, &l);
	size_t rank = find_rank(t, &l, &last);

	if (last > 0)
		pick_last(t, &l, rank, last, picked);
	t->turn++;

	for (size_t i = 0; i < t->count; i++) {
		uint16_t message = t->waiting[i];
		if (l.rank[i] < rank || picked[i]) {
			if (l.rank[i] == 0)
				serve_account(t, l.accounts[i]);
			ret[t->taken_count] = (struct turn){ &t->messages[message], l.accounts[i] };
			t->taken[t->taken_count++] = message;
			t->bytes -= t->messages[message].bytes;
			continue;
		}
		if (l.several && l.rank[i] >= t->share && !t->put_off[message]) {
			t->put_off[message] = true;
			++*ret_put_off;
		}
		t->waiting[kept++] = message;
	}
	t->count = kept;
	return t->taken_count;
}

void
turns_done(struct turns *t, int64_t work_us)
{
	if (work_us > LONG_US)
		t->most = t->taken_count > 1 ? t->taken_count / 2 : 1;
	else if (work_us < SHORT_US && t->most < TURN_MAX)
		t->most *= 2;
	if (t->most > TURN_MAX)
		t->most = TURN_MAX;
	for (size_t i = 0; i < t->taken_count; i++) {
		message_clear(&t->messages[t->taken[i]]);
		t->spare[t->spare_count++] = t->taken[i];
	}
	t->taken_count = 0;
}
