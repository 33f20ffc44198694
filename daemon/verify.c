/* Does the store hold just what the journal says? Made anew beside it and compared byte by byte. */
#include "daemon/projection.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char *const table_names[TABLE_TOTAL] = {
	[TABLE_META] = "meta", [TABLE_DOSSIER] = "dossiers", [TABLE_EVENT] = "events",
	[TABLE_INDEX] = "index", [TABLE_COUNT] = "figures", [TABLE_KEY] = "keys", [TABLE_FEED] = "feeds",
};

static void
difference(struct buf *report, enum store_table table, const char *what, struct text key)
{
	buf_printf(report, "%s: %s: key ", table_names[table], what);
	for (size_t i = 0; i < key.len; i++) {
		unsigned char byte = (unsigned char)key.ptr[i];

		buf_printf(report, byte > 0x20 && byte < 0x7f ? "%c" : "\\x%02x", byte);
	}
	buf_byte(report, '\n');
}

/* Walks both tables in step. Returns 1 at the first difference. */
static int
compare_table(struct store *have, struct store *want, enum store_table table, struct buf *report, uint64_t *ret_rows)
{
	struct text start = { "", 1 }, key, value, want_key, want_value;
	bool more = store_seek(have, table, start, &key, &value);
	bool want_more = store_seek(want, table, start, &want_key, &want_value);

	while (more || want_more) {
		int order = !more ? 1 : !want_more ? -1 : text_compare(key, want_key);

		if (order < 0)
			difference(report, table, "the journal does not give this row", key);
		else if (order > 0)
			difference(report, table, "this row of the journal's is missing", want_key);
		else if (!text_equal(value, want_value))
			difference(report, table, "the journal gives other contents", key);
		if (order != 0 || !text_equal(value, want_value))
			return 1;
		++*ret_rows;
		more = store_next(have, table, &key, &value);
		want_more = store_next(want, table, &want_key, &want_value);
	}
	return 0;
}

static int
compare_stores(struct store *have, struct store *want, struct buf *report)
{
	int fault = store_begin(have), result = 0;
	uint64_t rows = 0;

	if (fault < 0)
		return fault;
	fault = store_begin(want);
	if (fault == 0) {
		for (int t = 0; t < TABLE_TOTAL && result == 0; t++)
			result = compare_table(have, want, (enum store_table)t, report, &rows);
		if (result == 0 && store_fault(have) == 0 && store_fault(want) == 0)
			buf_printf(report, "state: %llu rows, all as the journal gives them\n", (unsigned long long)rows);
		fault = store_fault(have) < 0 ? store_fault(have) : store_fault(want);
		store_abort(want);
	}
	store_abort(have);
	return fault < 0 ? fault : result;
}

static void
scratch_remove(const char *dir)
{
	static const char *const files[] = { "data.mdb", "lock.mdb" };
	struct arena *arena = arena_new();

	for (size_t i = 0; i < countof(files); i++)
		unlink(arena_printf(arena, "%s/%s", dir, files[i]).ptr);
	rmdir(dir);
	arena_destroy(&arena);
}

int
projection_verify(struct journal *journal, struct store *store, const struct programme *programme,
                  const char *scratch_dir, struct buf *ret_report)
{
	struct store_options options = { .dir = scratch_dir, .preallocate_bytes = store_figures(store).used_bytes };
	struct store *scratch;
	struct applied applied;

	scratch_remove(scratch_dir);
	int result = store_open(&options, &scratch);

	if (result < 0) {
		buf_printf(ret_report, "%s: %s\n", scratch_dir, strerror(-result));
		return result;
	}
	result = projection_catch_up(journal, scratch, programme, &applied, ret_report);
	if (result == 0) {
		buf_printf(ret_report, "journal: %lld events, each hash and the chain right\n", (long long)applied.sequence);
		result = compare_stores(store, scratch, ret_report);
	} else {
		buf_byte(ret_report, '\n');
	}
	store_close(&scratch);
	scratch_remove(scratch_dir);
	return result;
}
