/* A rebuild by way of memory gives the store that the engine made event by event: with enough memory
 * and with hardly any, cut short anywhere and begun again. Over the memory store. */
#include "tests/engine_world.h"

#include "daemon/bulk.h"
#include "tests/store_mem.h"

#include <errno.h>

enum { DOSSIERS = 40 };

/* A season in small: notices heard and not heard, overdue checks, dossiers withdrawn and begun again. */
static void
season(struct fixture *f)
{
	char params[600];

	up(f, 1 << 20, 1 << 24);
	ask(f, &ea_tam, "feed.open", "\"feed\":\"desk\"");
	ask(f, &ea_toh, "feed.open", "\"feed\":\"desk\",\"types\":[\"returned\"]");
	for (int i = 1; i <= DOSSIERS; i++) {
		snprintf(params, sizeof params, "%s,\"key\":\"k-%d\"", PRODUCT "," DOCUMENTS, i);
		has(ask(f, &officer, "dossier.submit", params), "\"submitted\"");
		snprintf(params, sizeof params, "\"dossier\":\"KN-2020-%04d\",\"reasons\":[{\"reason\":\"thiếu\"}],\"key\":\"r-%d\"", i, i);
		if (i % 3 == 0)
			has(ask(f, &officer, "dossier.return", params), "\"returned\"");
		snprintf(params, sizeof params, "\"feed\":\"desk\",\"sequence\":%llu", (unsigned long long)engine_sequence(f->engine));
		if (i == DOSSIERS / 2)
			has(ask(f, &ea_tam, "feed.ack", params), "cursor");
		snprintf(params, sizeof params, "\"dossier\":\"KN-2020-%04d\",\"reason\":\"thôi\"", i);
		if (i % 7 == 0)
			has(ask(f, &officer, "dossier.withdraw", params), "\"withdrawn\"");
	}
	f->now_ms += 30 * DAY_MS;
	ask(f, &ea_toh, "feed.close", "\"feed\":\"desk\"");
	has(ask(f, &secretary, "dossier.note", "\"dossier\":\"KN-2020-0001\",\"text\":\"xem\""), "\"sequence\"");
	ask(f, &admin, "server.ping", "");
	assert_true(engine_sequence(f->engine) > 2 * DOSSIERS);
}

static int
rebuild(struct fixture *f, struct store *store, size_t bytes)
{
	struct buf why = { .len = 0 };
	struct applied applied = { .sequence = 0 };
	int result = projection_catch_up_within(f->state.journal, store, f->programme, bytes, &applied, &why);

	if (result == 0)
		assert_int_equal(applied.sequence, engine_sequence(f->engine));
	buf_free(&why);
	return result;
}

/* Every row of every table. */
static void
same(struct store *a, struct store *b)
{
	struct text key, value, other_key, other_value;

	assert_int_equal(store_begin(a), 0);
	assert_int_equal(store_begin(b), 0);
	for (int table = 0; table < TABLE_TOTAL; table++) {
		bool more = store_seek(a, (enum store_table)table, TEXT(""), &key, &value);
		bool other = store_seek(b, (enum store_table)table, TEXT(""), &other_key, &other_value);

		for (; more && other; more = store_next(a, (enum store_table)table, &key, &value),
		                      other = store_next(b, (enum store_table)table, &other_key, &other_value)) {
			assert_true(text_equal(key, other_key));
			assert_true(text_equal(value, other_value));
		}
		assert_int_equal(more, other);
	}
	store_abort(a);
	store_abort(b);
}

static void
any_memory_gives_the_same(void **state)
{
	static const size_t bytes[] = { 0, 1, 5000, 50000, 1 << 28 };
	struct fixture *f = *state;

	season(f);
	for (size_t i = 0; i < countof(bytes); i++) {
		struct store *store;

		store_mem_open(&store);
		assert_int_equal(rebuild(f, store, bytes[i]), 0);
		same(store, f->state.store);
		store_close(&store);
	}
}

static void
what_was_cut_short_begins_again(void **state)
{
	static const int faults[] = { -EIO, -EXFULL };
	struct fixture *f = *state;

	season(f);
	for (size_t i = 0; i < countof(faults); i++) {
		int n = 0, step = 1;
		bool fired;

		do {
			struct store *store;

			store_mem_open(&store);
			store_mem_fail_at(store, n += step, faults[i], false);
			int result = rebuild(f, store, 20000);

			fired = store_mem_fired(store);
			assert_int_equal(result, fired && faults[i] == -EIO ? -EIO : 0);
			store_mem_fail_at(store, 0, 0, false);
			assert_int_equal(rebuild(f, store, 20000), 0);
			same(store, f->state.store);
			store_close(&store);
			step = 1 + n / 10;
		} while (fired);
		assert_true(n > 1000);
	}
}

/* What comes behind a rebuild is applied as ever. */
static void
the_engine_goes_on(void **state)
{
	struct fixture *f = *state;

	season(f);
	down(f);
	up(f, 1 << 20, 1 << 24);
	has(ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS ",\"key\":\"k-1\""), "KN-2020-0001");
	has(ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS ",\"key\":\"behind\""), "KN-2020-0041");
	struct store *store;

	store_mem_open(&store);
	assert_int_equal(rebuild(f, store, 0), 0);
	same(store, f->state.store);
	store_close(&store);
}

/* Rows in memory: the last one put stands, whatever the run it was put in. */
static void
the_last_put_stands(void **state)
{
	struct bulk *bulk = bulk_new(1000);
	struct store *store;
	char key[8], value[32];
	struct text found;
	unsigned random = 1, model[100] = { 0 };

	(void)state;
	store_mem_open(&store);
	for (unsigned i = 1; i < 5000; i++) {
		random = random * 1103515245 + 12345;
		unsigned which = random >> 16 & 0x7fff;
		size_t len = (size_t)snprintf(value, sizeof value, "%u%.*s", i, (int)(which / 100 % 20), "....................");

		which %= countof(model);
		model[which] = i;
		snprintf(key, sizeof key, "k%u", which);
		bulk_put(bulk, TABLE_KEY, text_of(key), (struct text){ value, len });
		assert_true(bulk_get(bulk, TABLE_KEY, text_of(key), &found));
		assert_int_equal(found.len, len);
		assert_false(bulk_get(bulk, TABLE_DOSSIER, text_of(key), &found));
		if (bulk_full(bulk)) {
			assert_int_equal(bulk_write(bulk, store), 0);
			assert_false(bulk_get(bulk, TABLE_KEY, text_of(key), &found));
		}
	}
	assert_int_equal(bulk_write(bulk, store), 0);
	assert_int_equal(store_begin(store), 0);
	for (unsigned i = 0; i < countof(model); i++) {
		snprintf(key, sizeof key, "k%u", i);
		assert_true(store_get(store, TABLE_KEY, text_of(key), &found));
		snprintf(value, sizeof value, "%.*s", TEXT_ARG(found));
		assert_int_equal(atoi(value), model[i]);
	}
	store_abort(store);
	store_close(&store);
	bulk_free(&bulk);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(any_memory_gives_the_same),
		CASE(what_was_cut_short_begins_again),
		CASE(the_engine_goes_on),
		cmocka_unit_test(the_last_put_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
