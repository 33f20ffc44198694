/* The rows of a rebuild, gathered in memory and put into the store in the order of their keys. */
#include "daemon/bulk.h"

#include "daemon/projection.h"

#include <stdlib.h>
#include <string.h>

enum {
	ROWS_FIRST = 1 << 10,
	WRITE_BYTES = 16 << 20,     /* in one transaction: its pages are in memory until the commit */
};

/* Key and value stand in one piece of memory. An index term's value is the ids that bear it, a
 * figure's is its count: both become rows on their way into the store. */
struct row {
	char *bytes;
	uint32_t key_len, len, room; /* of the value: its length, and what there is room for */
};

/* Rows by key: an array, and slots that hold a row's number plus one. */
struct rows {
	struct row *items;
	size_t count;
	uint32_t *slots;
	size_t slot_count;          /* a power of two, at least twice the rows there is room for */
};

struct bulk {
	struct arena *arena;        /* of keys and values */
	struct rows tables[TABLE_TOTAL];
	size_t bytes, bytes_max;
};

struct bulk *
bulk_new(size_t bytes_max)
{
	struct bulk *b = xcalloc(1, sizeof *b);

	b->arena = arena_new();
	b->bytes_max = bytes_max;
	return b;
}

static void
forget(struct bulk *b)
{
	for (size_t i = 0; i < TABLE_TOTAL; i++) {
		free(b->tables[i].items);
		free(b->tables[i].slots);
		b->tables[i] = (struct rows){ .count = 0 };
	}
	arena_reset(b->arena);
	b->bytes = 0;
}

void
bulk_free(struct bulk **p)
{
	if (!*p)
		return;
	forget(*p);
	arena_destroy(&(*p)->arena);
	free(*p);
	*p = NULL;
}

/* --- rows in memory ------------------------------------------------------------------------------ */

static size_t
hash_of(struct text key)
{
	uint64_t hash = key.len, word;

	for (size_t at = 0; at < key.len; at += sizeof word) {
		word = 0;
		memcpy(&word, key.ptr + at, key.len - at < sizeof word ? key.len - at : sizeof word);
		/* The bytes that differ may be the last: they have to reach the low bits. */
		hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
		hash = (hash ^ hash >> 32) * UINT64_C(0xD6E8FEB86659FD93);
		hash ^= hash >> 32;
	}
	return (size_t)hash;
}

static struct text
row_key(const struct row *row)
{
	return (struct text){ row->bytes, row->key_len };
}

static char *
row_value(const struct row *row)
{
	return row->bytes + row->key_len;
}

/* The slot of the key's row, or the empty one where it would be. */
static uint32_t *
slot_of(const struct rows *rows, struct text key)
{
	size_t i = hash_of(key);

	for (;; i++) {
		uint32_t *slot = &rows->slots[i & (rows->slot_count - 1)];

		if (!*slot || text_equal(row_key(&rows->items[*slot - 1]), key))
			return slot;
	}
}

static void
widen(struct rows *rows)
{
	size_t room = rows->slot_count ? rows->slot_count : ROWS_FIRST;
	struct row *items = xcalloc(room, sizeof *items);

	if (rows->count)
		memcpy(items, rows->items, rows->count * sizeof *items);
	free(rows->items);
	free(rows->slots);
	rows->items = items;
	rows->slot_count = room * 2;
	rows->slots = xcalloc(rows->slot_count, sizeof *rows->slots);
	for (size_t i = 0; i < rows->count; i++)
		*slot_of(rows, row_key(&items[i])) = (uint32_t)i + 1;
}

/* Makes room for a value; the key moves along. */
static void
row_move(struct bulk *b, struct row *row, size_t room)
{
	char *bytes = arena_alloc(b->arena, row->key_len + room);

	memcpy(bytes, row->bytes, row->key_len + row->len);
	row->bytes = bytes;
	row->room = (uint32_t)room;
	b->bytes += row->key_len + room;
}

/* The key's row, made where there is none, with room for a value. */
static struct row *
row_of(struct bulk *b, enum store_table table, struct text key, size_t room)
{
	struct rows *rows = &b->tables[table];

	if (rows->count == rows->slot_count / 2)
		widen(rows);
	uint32_t *slot = slot_of(rows, key);
	struct row *row = &rows->items[*slot ? *slot - 1 : rows->count];

	if (!*slot) {
		*slot = (uint32_t)++rows->count;
		*row = (struct row){ .bytes = (char *)key.ptr, .key_len = (uint32_t)key.len };
		b->bytes += sizeof *row + 4 * sizeof *slot;
		row_move(b, row, room);
	} else if (row->room < room) {
		row_move(b, row, 2 * room);
	}
	return row;
}

void
bulk_put(struct bulk *b, enum store_table table, struct text key, struct text value)
{
	struct row *row = row_of(b, table, key, value.len);

	memcpy(row_value(row), value.ptr, value.len);
	row->len = (uint32_t)value.len;
}

bool
bulk_get(const struct bulk *b, enum store_table table, struct text key, struct text *ret_value)
{
	const struct rows *rows = &b->tables[table];
	const uint32_t *slot = rows->count ? slot_of(rows, key) : NULL;

	if (!slot || !*slot)
		return false;
	const struct row *row = &rows->items[*slot - 1];

	*ret_value = (struct text){ row_value(row), row->len };
	return true;
}

bool
bulk_full(const struct bulk *b)
{
	return b->bytes > b->bytes_max;
}

/* --- into the store ------------------------------------------------------------------------------ */

static int
row_compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return text_compare(row_key(x), row_key(y));
}

/* A transaction where the map has room for it, as far as can be told. */
static int
begin(struct store *store)
{
	struct store_figures figures = store_figures(store);

	for (uint64_t map = figures.map_bytes; figures.used_bytes > map / 2; map *= 2) {
		int fault = store_grow(store);

		if (fault < 0)
			return fault;
	}
	return store_begin(store);
}

/* Returns how many bytes it took. */
static size_t
write_row(struct store *store, enum store_table table, const struct row *row)
{
	struct text key = row_key(row);
	const char *value = row_value(row);
	char whole[TERM_MAX + ID_LEN];

	if (table == TABLE_COUNT) {
		counts_add(store, key, (int64_t)id_read(value));
		return 0;
	}
	if (table != TABLE_INDEX) {
		store_append(store, table, key, (struct text){ value, row->len });
		return key.len + row->len;
	}
	memcpy(whole, key.ptr, key.len);
	for (size_t at = 0; at < row->len; at += ID_LEN) {
		memcpy(whole + key.len, value + at, ID_LEN);
		store_append(store, table, (struct text){ whole, key.len + ID_LEN }, TEXT(""));
	}
	return row->len / ID_LEN * (key.len + ID_LEN);
}

static int
write_table(struct store *store, enum store_table table, struct rows *rows)
{
	size_t i = 0;

	if (rows->count)
		qsort(rows->items, rows->count, sizeof *rows->items, row_compare);
	while (i < rows->count) {
		int fault = begin(store);

		if (fault < 0)
			return fault;
		for (size_t written = 0; i < rows->count && written < WRITE_BYTES; i++)
			written += write_row(store, table, &rows->items[i]);
		if ((fault = store_commit(store)) < 0)
			return fault;
	}
	return 0;
}

int
bulk_write(struct bulk *b, struct store *store)
{
	int fault = 0;

	for (int table = 0; table < TABLE_TOTAL && fault == 0; table++)
		fault = write_table(store, (enum store_table)table, &b->tables[table]);
	forget(b);
	return fault;
}

/* --- index and figures --------------------------------------------------------------------------- */

static void
add_terms(struct bulk *b, const struct term *terms, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++) {
		struct text key = { terms[i].bytes, terms[i].len };
		struct row *row = row_of(b, TABLE_INDEX, key, ID_LEN);

		/* Three letters may stand in one text twice; a record's terms come one after the other. */
		if (row->len && memcmp(row_value(row) + row->len - ID_LEN, id, ID_LEN) == 0)
			continue;
		if (row->room < row->len + ID_LEN)
			row_move(b, row, 2 * row->room);
		memcpy(row_value(row) + row->len, id, ID_LEN);
		row->len += ID_LEN;
	}
}

static void
add_figures(struct bulk *b, const struct term *figures, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct row *row = row_of(b, TABLE_COUNT, (struct text){ figures[i].bytes, figures[i].len }, ID_LEN);

		id_write(row->len ? id_read(row_value(row)) + 1 : 1, row_value(row));
		row->len = ID_LEN;
	}
}

/* Gathers from the record of *next on, until the run is full. false: these were the last. */
static bool
gather(struct bulk *b, struct store *store, const struct programme *programme, struct arena *arena, uint64_t *next)
{
	char start[ID_LEN];
	struct text key, row;
	struct dossier d;
	struct term *terms;
	size_t count;

	id_write(*next, start);
	for (bool more = store_seek(store, TABLE_DOSSIER, (struct text){ start, ID_LEN }, &key, &row); more;
	     more = store_next(store, TABLE_DOSSIER, &key, &row)) {
		*next = id_read(key.ptr);
		if (bulk_full(b))
			return true;
		arena_reset(arena);
		if (!codec_unpack(&dossier_shape, row, arena, &d))
			continue;
		count = terms_of(&d, projection_previous(programme, &d), true, arena, &terms);
		add_terms(b, terms, count, key.ptr);
		count = counts_of(&d, arena, &terms);
		add_figures(b, terms, count);
	}
	return false;
}

int
bulk_index(struct bulk *b, struct store *store, const struct programme *programme)
{
	struct arena *arena = arena_new();
	uint64_t next = 0;
	bool more = true;
	int fault = begin(store);

	/* The notices are there already, and right; but behind them no others could be appended. */
	if (fault == 0) {
		store_clear(store, TABLE_INDEX);
		fault = store_commit(store);
	}
	while (fault == 0 && more) {
		if ((fault = begin(store)) < 0)
			break;
		more = gather(b, store, programme, arena, &next);
		fault = store_fault(store);
		store_abort(store);
		if (fault == 0)
			fault = bulk_write(b, store);
	}
	arena_destroy(&arena);
	return fault;
}
