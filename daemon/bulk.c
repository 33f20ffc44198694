/* The rows of a rebuild, gathered in memory and put into the store in the order of their keys. */
#include "daemon/bulk.h"

#include "daemon/projection.h"

#include <stdlib.h>
#include <string.h>

enum {
	ROWS_FIRST = 1 << 10,
	WRITE_ROWS = 1 << 18,       /* in one transaction */
};

/* An index term's value is the ids that bear it, a figure's is its count: both become rows on their
 * way into the store. */
struct row {
	struct text key;
	char *value;
	uint32_t len, room;
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

/* The slot of the key's row, or the empty one where it would be. */
static uint32_t *
slot_of(const struct rows *rows, struct text key)
{
	size_t i = hash_of(key);

	for (;; i++) {
		uint32_t *slot = &rows->slots[i & (rows->slot_count - 1)];

		if (!*slot || text_equal(rows->items[*slot - 1].key, key))
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
		*slot_of(rows, items[i].key) = (uint32_t)i + 1;
}

/* The key's row, made where there is none. */
static struct row *
row_of(struct bulk *b, enum store_table table, struct text key)
{
	struct rows *rows = &b->tables[table];

	if (rows->count == rows->slot_count / 2)
		widen(rows);
	uint32_t *slot = slot_of(rows, key);

	if (!*slot) {
		rows->items[rows->count] = (struct row){ .key = arena_text(b->arena, key) };
		*slot = (uint32_t)++rows->count;
		b->bytes += key.len + sizeof(struct row) + 4 * sizeof *slot;
	}
	return &rows->items[*slot - 1];
}

static char *
row_room(struct bulk *b, struct row *row, size_t len)
{
	if (len > row->room) {
		size_t room = row->room ? 2 * len : len;
		char *value = arena_alloc(b->arena, room);

		memcpy(value, row->value ? row->value : "", row->len);
		row->value = value;
		row->room = (uint32_t)room;
		b->bytes += room;
	}
	return row->value;
}

void
bulk_put(struct bulk *b, enum store_table table, struct text key, struct text value)
{
	struct row *row = row_of(b, table, key);

	memcpy(row_room(b, row, value.len), value.ptr, value.len);
	row->len = (uint32_t)value.len;
}

bool
bulk_get(const struct bulk *b, enum store_table table, struct text key, struct text *ret_value)
{
	const struct rows *rows = &b->tables[table];
	const uint32_t *slot = rows->count ? slot_of(rows, key) : NULL;

	if (!slot || !*slot)
		return false;
	*ret_value = (struct text){ rows->items[*slot - 1].value, rows->items[*slot - 1].len };
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

	return text_compare(x->key, y->key);
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

/* Returns how many rows of the store it made. */
static size_t
write_row(struct store *store, enum store_table table, const struct row *row)
{
	char key[TERM_MAX + ID_LEN];

	if (table == TABLE_COUNT) {
		figures_add(store, row->key, id_read(row->value));
		return 1;
	}
	if (table != TABLE_INDEX) {
		store_append(store, table, row->key, (struct text){ row->value, row->len });
		return 1;
	}
	memcpy(key, row->key.ptr, row->key.len);
	for (size_t at = 0; at < row->len; at += ID_LEN) {
		memcpy(key + row->key.len, row->value + at, ID_LEN);
		store_append(store, table, (struct text){ key, row->key.len + ID_LEN }, TEXT(""));
	}
	return row->len / ID_LEN;
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
		for (size_t written = 0; i < rows->count && written < WRITE_ROWS; i++)
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
		struct row *row = row_of(b, TABLE_INDEX, (struct text){ terms[i].bytes, terms[i].len });

		/* Three letters may stand in one text twice; a record's terms come one after the other. */
		if (row->len && memcmp(row->value + row->len - ID_LEN, id, ID_LEN) == 0)
			continue;
		memcpy(row_room(b, row, row->len + ID_LEN) + row->len, id, ID_LEN);
		row->len += ID_LEN;
	}
}

static void
add_figures(struct bulk *b, const struct term *figures, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct row *row = row_of(b, TABLE_COUNT, (struct text){ figures[i].bytes, figures[i].len });
		char *value = row_room(b, row, ID_LEN);

		id_write(row->len ? id_read(value) + 1 : 1, value);
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
		count = figures_of(&d, arena, &terms);
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

	if (fault == 0) {
		store_clear(store, TABLE_INDEX);
		store_clear(store, TABLE_COUNT);
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
