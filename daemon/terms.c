/* What a dossier is found by: index terms and figures, and their change from record to record. */
#include "daemon/terms.h"

#include "daemon/workflow.h"
#include "proto/utf8.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct term
term_make(char letter, struct text value)
{
	struct term t = { .len = 0 };

	assert(value.len + 2 <= TERM_MAX);
	t.bytes[t.len++] = letter;
	memcpy(t.bytes + t.len, value.ptr, value.len);
	t.len = (uint8_t)(t.len + value.len);
	t.bytes[t.len++] = '\0';
	return t;
}

struct term
term_day(char letter, int64_t day)
{
	char text[DAY_LEN + 1];

	day_print(day, text);
	return term_make(letter, (struct text){ text, DAY_LEN });
}

static struct term
term_number(char letter, int64_t n)
{
	char digit[2] = { (char)('0' + n % 10), '\0' };

	return term_make(letter, text_of(digit));
}

struct term
term_id(char letter, uint64_t id)
{
	struct term t = { .len = 1 };

	t.bytes[0] = letter;
	id_write(id, t.bytes + t.len);
	t.len += ID_LEN;
	t.bytes[t.len++] = '\0';
	return t;
}

struct term
term_moment(char letter, int64_t time_ms)
{
	return term_id(letter, moment_key(time_ms));
}

uint64_t
moment_key(int64_t time_ms)
{
	return (uint64_t)time_ms ^ UINT64_C(1) << 63;
}

int64_t
moment_of(uint64_t key)
{
	return (int64_t)(key ^ UINT64_C(1) << 63);
}

void
id_write(uint64_t id, char out[ID_LEN])
{
	for (int i = 0; i < ID_LEN; i++)
		out[i] = (char)(id >> (8 * (ID_LEN - 1 - i)));
}

uint64_t
id_read(const char *bytes)
{
	uint64_t id = 0;

	for (int i = 0; i < ID_LEN; i++)
		id = id << 8 | (uint8_t)bytes[i];
	return id;
}

struct text
terms_text(const struct dossier *d, struct arena *arena)
{
	struct text product = d->product ? d->product->name : TEXT("");
	struct text producer = d->producer ? d->producer->name : TEXT("");

	return utf8_fold(arena_printf(arena, "%.*s %.*s %.*s", TEXT_ARG(d->dossier),
	                              TEXT_ARG(product), TEXT_ARG(producer)), arena);
}

/* The stars a dossier goes by: the province's where it has ranked, else the council's. */
int64_t
dossier_stars(const struct dossier *d)
{
	return d->province ? d->province->stars : d->score ? d->score->stars : NONE;
}

static int
term_compare(const void *a, const void *b)
{
	const struct term *x = a, *y = b;
	int order = memcmp(x->bytes, y->bytes, x->len < y->len ? x->len : y->len);

	return order ? order : (int)x->len - (int)y->len;
}

/* Sorts and drops repeats; returns what is left. */
static size_t
terms_unique(struct term *terms, size_t count)
{
	size_t kept = 0;

	if (count)
		qsort(terms, count, sizeof *terms, term_compare);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || term_compare(&terms[kept - 1], &terms[i]) != 0)
			terms[kept++] = terms[i];
	return kept;
}

static size_t
terms_add_text(const struct dossier *d, struct arena *arena, struct term **ret)
{
	struct text folded = terms_text(d, arena);
	size_t count = folded.len < GRAM_LEN ? 0 : folded.len - GRAM_LEN + 1;
	struct term *terms = arena_array(arena, count + 16, sizeof *terms);

	for (size_t i = 0; i < count; i++)
		terms[i] = term_make('t', (struct text){ folded.ptr + i, GRAM_LEN });
	*ret = terms;
	return count;
}

size_t
terms_of(const struct dossier *d, uint64_t previous_id, bool with_text, struct arena *arena,
         struct term **ret)
{
	struct term *terms;
	struct text type;
	int64_t moment;
	size_t n = 0;

	if (!d) {
		*ret = NULL;
		return 0;
	}
	if (with_text)
		n = terms_add_text(d, arena, &terms);
	else
		terms = arena_array(arena, 16, sizeof *terms);
	terms[n++] = term_make('s', d->state);
	if (d->commune.ptr)
		terms[n++] = term_make('c', d->commune);
	if (d->product)
		terms[n++] = term_make('g', d->product->group);
	if (d->round.ptr)
		terms[n++] = term_make('r', d->round);
	if (dossier_stars(d) != NONE)
		terms[n++] = term_number('*', dossier_stars(d));
	if (d->overdue == 1)
		terms[n++] = term_make('o', TEXT(""));
	if (d->due != NONE)
		terms[n++] = term_day(d->overdue == 1 ? 'O' : 'D', d->due);
	if (d->hear_by != NONE) {
		terms[n++] = term_day('h', d->hear_by);
		if (d->commune.ptr)
			terms[n++] = term_make('u', d->commune);
	}
	if (workflow_timer(d, &type, &moment))
		terms[n++] = term_moment('T', moment);
	if (previous_id)
		terms[n++] = term_id('p', previous_id);
	*ret = terms;
	return n;
}

/* Figures are terms too: round, NUL, commune, NUL, letter, value. */
static struct term
figure_make(const struct dossier *d, char letter, struct text value)
{
	struct term t = { .len = 0 };
	struct text round = d->round.ptr ? d->round : TEXT("");
	struct text parts[] = { round, d->commune };

	assert(round.len + d->commune.len + value.len + 3 <= TERM_MAX);
	for (size_t i = 0; i < countof(parts); i++) {
		memcpy(t.bytes + t.len, parts[i].ptr, parts[i].len);
		t.len = (uint8_t)(t.len + parts[i].len);
		t.bytes[t.len++] = '\0';
	}
	t.bytes[t.len++] = letter;
	memcpy(t.bytes + t.len, value.ptr, value.len);
	t.len = (uint8_t)(t.len + value.len);
	return t;
}

static struct term
figure_number(const struct dossier *d, char letter, int64_t n)
{
	char digit[2] = { (char)('0' + n % 10), '\0' };

	return figure_make(d, letter, text_of(digit));
}

size_t
counts_of(const struct dossier *d, struct arena *arena, struct term **ret)
{
	struct term *f = arena_array(arena, 10, sizeof *f);
	size_t n = 0;

	*ret = f;
	if (!d)
		return 0;
	f[n++] = figure_make(d, 'n', TEXT(""));
	f[n++] = figure_make(d, 's', d->state);
	if (d->product)
		f[n++] = figure_make(d, 'g', d->product->group);
	if (d->producer)
		f[n++] = figure_make(d, 'k', d->producer->kind);
	if (d->workflow.ptr)
		f[n++] = figure_make(d, 'w', d->workflow);
	if (d->product && d->criteria.ptr)
		f[n++] = figure_make(d, 'C', arena_printf(arena, "%.*s %.*s", TEXT_ARG(d->product->group), TEXT_ARG(d->criteria)));
	if (d->score)
		f[n++] = figure_number(d, '*', d->score->stars);
	if (d->province) {
		char year_stars[DAY_LEN + 1];

		f[n++] = figure_number(d, 'P', d->province->stars);
		day_print(d->province->date, year_stars); /* "2020-..." becomes "20203" */
		year_stars[4] = (char)('0' + d->province->stars % 10);
		f[n++] = figure_make(d, 'R', (struct text){ year_stars, 5 });
	}
	return n;
}

typedef void change_one(struct store *, const struct term *, uint64_t id, int by);

static void
term_change(struct store *store, const struct term *t, uint64_t id, int by)
{
	char key[TERM_MAX + ID_LEN];
	struct text whole = { key, (size_t)t->len + ID_LEN };

	memcpy(key, t->bytes, t->len);
	id_write(id, key + t->len);
	if (by > 0)
		store_put(store, TABLE_INDEX, whole, TEXT(""));
	else
		store_del(store, TABLE_INDEX, whole);
}

void
counts_add(struct store *store, struct text key, int64_t by)
{
	struct text value;
	char bytes[ID_LEN];
	uint64_t count = store_get(store, TABLE_COUNT, key, &value) ? id_read(value.ptr) : 0;

	count += (uint64_t)by;
	id_write(count, bytes);
	/* A figure of none is no row: a rebuilt store has the same bytes. */
	if (count)
		store_put(store, TABLE_COUNT, key, (struct text){ bytes, ID_LEN });
	else
		store_del(store, TABLE_COUNT, key);
}

static void
figure_change(struct store *store, const struct term *t, uint64_t id, int by)
{
	(void)id;
	counts_add(store, (struct text){ t->bytes, t->len }, by);
}

/* Sorts two lists and walks them; what is in one alone is changed. */
static void
terms_diff(struct store *store, uint64_t id, struct term *old, size_t old_count,
           struct term *new, size_t new_count, change_one *change)
{
	size_t i = 0, k = 0;

	old_count = terms_unique(old, old_count);
	new_count = terms_unique(new, new_count);
	while (i < old_count || k < new_count) {
		int order = i == old_count ? 1 : k == new_count ? -1 : term_compare(&old[i], &new[k]);

		if (order < 0)
			change(store, &old[i++], id, -1);
		else if (order > 0)
			change(store, &new[k++], id, +1);
		else
			i++, k++;
	}
}

void
terms_move(struct store *store, uint64_t id, const struct dossier *before, uint64_t before_previous,
           const struct dossier *after, uint64_t after_previous, struct arena *arena)
{
	/* A record after an event shares what the event did not replace with the one before. */
	bool text_stays = before && after && before->product == after->product &&
	                  before->producer == after->producer;
	struct term *old, *new;
	size_t old_count = terms_of(before, before_previous, !text_stays, arena, &old);
	size_t new_count = terms_of(after, after_previous, !text_stays, arena, &new);

	terms_diff(store, id, old, old_count, new, new_count, term_change);
	old_count = counts_of(before, arena, &old);
	new_count = counts_of(after, arena, &new);
	terms_diff(store, id, old, old_count, new, new_count, figure_change);
}

void
terms_move_notice(struct store *store, uint64_t id, const struct dossier *before, const struct dossier *after)
{
	const struct dossier *records[] = { before, after };
	static const int by[] = { -1, +1 };

	for (size_t i = 0; i < countof(records); i++)
		if (records[i] && records[i]->hear_by != NONE && records[i]->commune.ptr) {
			struct term t = term_make('u', records[i]->commune);

			term_change(store, &t, id, by[i]);
		}
}

/* Cuts the part up to the next NUL off; false where there is none. */
static bool
part_next(struct text *rest, struct text *ret)
{
	const char *end = memchr(rest->ptr, '\0', rest->len);

	if (!end)
		return false;
	*ret = (struct text){ rest->ptr, (size_t)(end - rest->ptr) };
	*rest = (struct text){ end + 1, rest->len - ret->len - 1 };
	return true;
}

void
counts_walk(struct store *store, counts_visit *visit, void *context)
{
	struct text key, value, round, commune;

	for (bool more = store_seek(store, TABLE_COUNT, (struct text){ "", 1 }, &key, &value); more;
	     more = store_next(store, TABLE_COUNT, &key, &value)) {
		struct text rest = key;

		if (part_next(&rest, &round) && part_next(&rest, &commune) && rest.len > 0)
			visit(context, round, commune, rest.ptr[0],
			      (struct text){ rest.ptr + 1, rest.len - 1 }, (int64_t)id_read(value.ptr));
	}
}
