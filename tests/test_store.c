/* What daemon/store.h promises of every store: built once with LMDB, once with tests/store_mem.c. */
#include "daemon/store.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char dir[64];
	struct store *store;
};

static int
set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);
	char dir[128];
	strcpy(f->dir, "/tmp/test_store.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(dir, sizeof dir, "%s/state", f->dir);
	struct store_options options = { .dir = dir, .preallocate_bytes = 64 << 20 };
	assert_int_equal(store_open(&options, &f->store), 0);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;
	char path[128];
	store_close(&f->store);
	assert_null(f->store);
	store_close(&f->store);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/state/%s.mdb", f->dir, i ? "lock" : "data");
		unlink(path);
	}
	snprintf(path, sizeof path, "%s/state", f->dir);
	rmdir(path);
	rmdir(f->dir);
	free(f);
	return 0;
}

/* Scripts: b begin, c commit, x abort, c! commit that must give the fault -EINVAL;
 * +key=value put, >key=value append, -key del, ?key=value get (?key: nothing there),
 * ~ clear, /key:a=1,b=2 all rows from there on, #n rows. A table's number may stand before any of them
 * (default 1). % stands for 600 times 'k', an impossible key. */
static const struct {
	const char *name, *script;
} scripts[] = {
	{ "a put is seen at once", "b +a=1 ?a=1 +a=2 ?a=2 ?b c" },
	{ "a commit is seen", "b +a=1 +b=2 c b ?a=1 ?b=2 #2 x" },
	{ "an abort restores", "b +a=1 c b +a=2 +b=3 -a +a=4 x b ?a=1 ?b #1 x" },
	{ "an abort restores what was deleted", "b +a=1 +b=2 c b -a -b #0 x b /:a=1,b=2 x" },
	{ "a del commits", "b +a=1 +b=2 c b -a ?a c b ?a ?b=2 #1 x" },
	{ "deleting nothing is no fault", "b -a -a +a=1 -b c b ?a=1 x" },
	{ "put after del in one transaction", "b +a=1 c b -a +a=2 c b ?a=2 #1 x" },
	{ "del after put in one transaction", "b +a=1 -a c b ?a #0 x" },
	{ "empty value", "b +a= ?a= c b ?a= x" },
	{ "keys are ordered bytewise", "b +b=1 +a=2 +aa=3 +B=4 c b /:B=4,a=2,aa=3,b=1 x" },
	{ "seek exact, between, behind", "b +b=1 +d=2 c b /a:b=1,d=2 /b:b=1,d=2 /c:d=2 /d:d=2 /e: x" },
	{ "seek in an empty table", "b /: /a: x" },
	{ "seek sees what is not committed", "b +b=1 /a:b=1 +a=2 /a:a=2,b=1 -b /a:a=2 c" },
	{ "two cursors of two tables", "b +a=1 2+z=9 /:a=1 2/:z=9 c" },
	{ "tables do not mix", "b +a=1 2+a=2 3+a=3 c b ?a=1 2?a=2 3?a=3 0?a 2-a 2?a ?a=1 c" },
	{ "append in order", "b >a=1 >b=2 >c=3 c b >d=4 c b /:a=1,b=2,c=3,d=4 x" },
	{ "append that is not behind the last", "b >b=1 >a=2 >b=3 c b /:a=2,b=3 x" },
	{ "append then put between", "b >a=1 >c=3 +b=2 >d=4 c b /:a=1,b=2,c=3,d=4 x" },
	{ "clear takes all rows of its table", "b +a=1 +b=2 2+a=3 c b ~ ?a #0 /: +c=1 c b /:c=1 2/:a=3 x" },
	{ "an abort restores what was cleared", "b +a=1 +b=2 c b ~ >c=3 x b /:a=1,b=2 x" },
	{ "appending to what was cleared", "b >a=1 >b=2 ~ >a=3 c b >c=4 /:a=3,c=4 ~ ~ c b #0 x" },
	{ "a transaction that does nothing", "b c b x b c" },
	{ "an empty key is a fault", "b +a=1 c b +b=2 +=3 c! b ?a=1 ?b x" },
	{ "a key too long is a fault", "b +a=1 c b +b=2 +%=3 c! b ?a=1 ?b x" },
	{ "deleting impossible keys is a fault", "b -% c! b - c! b c" },
	{ "appending impossible keys is a fault", "b >a=1 >%=2 c! b ?a x" },
	{ "impossible keys are not there", "b +a=1 ?% ? ?a=1 /%: c b ?a=1 x" },
	{ "sticky: nothing is found, nothing is done", "b +a=1 c b += ?a /:  +b=1 -a >c=1 c! b /:a=1 x" },
	{ "abort after a fault", "b += x b +a=1 c b ?a=1 x" },
};

struct player {
	struct store *store;
	enum store_table table;
	char long_key[600];
};

static struct text
key_of(struct player *p, const char *z, size_t len)
{
	if (len == 1 && *z == '%')
		return (struct text){ p->long_key, sizeof p->long_key };
	return (struct text){ z, len };
}

static void
play_seek(struct player *p, const char *step)
{
	size_t len = strcspn(step, ":");
	char rows[200] = "";
	struct text key, value;
	bool there = store_seek(p->store, p->table, key_of(p, step, len), &key, &value);
	for (; there; there = store_next(p->store, p->table, &key, &value))
		snprintf(rows + strlen(rows), sizeof rows - strlen(rows), "%s%.*s=%.*s",
		         *rows ? "," : "", TEXT_ARG(key), TEXT_ARG(value));
	assert_string_equal(rows, step[len] ? step + len + 1 : "");
	assert_false(store_next(p->store, p->table, &key, &value));
}

static void
play_step(struct player *p, const char *step)
{
	size_t len = strcspn(step + 1, "=");
	struct text key = key_of(p, step + 1, len), found;
	struct text value = text_of(step[len + 1] ? step + len + 2 : NULL);

	switch (*step) {
	case 'b': assert_int_equal(store_begin(p->store), 0); break;
	case 'c': assert_int_equal(store_commit(p->store), step[1] ? -EINVAL : 0); break;
	case 'x': store_abort(p->store); break;
	case '+': store_put(p->store, p->table, key, value); break;
	case '>': store_append(p->store, p->table, key, value); break;
	case '~': store_clear(p->store, p->table); break;
	case '-': store_del(p->store, p->table, key); break;
	case '/': play_seek(p, step + 1); break;
	case '#': assert_int_equal(store_figures(p->store).rows[p->table], atoi(step + 1)); break;
	case '?':
		assert_int_equal(store_get(p->store, p->table, key, &found), !!value.ptr);
		if (value.ptr)
			assert_true(text_equal(found, value));
		break;
	default: fail_msg("what is \"%s\"", step);
	}
}

static void
plays_scripts(void **state)
{
	for (size_t i = 0; i < countof(scripts); i++) {
		set_up(state);
		struct player p = { ((struct fixture *)*state)->store, TABLE_DOSSIER, "" };
		char script[200], *rest = script, *step;
		memset(p.long_key, 'k', sizeof p.long_key);
		strcpy(script, scripts[i].script);
		print_message("    %s\n", scripts[i].name);
		while ((step = strsep(&rest, " "))) {
			p.table = *step >= '0' && *step <= '9' ? (enum store_table)(*step++ - '0') : TABLE_DOSSIER;
			if (*step)
				play_step(&p, step);
		}
		tear_down(state);
	}
}

static void
counts(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	assert_int_equal(store_begin(s), 0);
	store_put(s, TABLE_DOSSIER, TEXT("a"), TEXT("1"));
	store_append(s, TABLE_EVENT, TEXT("b"), TEXT("2"));
	store_put(s, TABLE_EVENT, TEXT("b"), TEXT("3"));
	assert_int_equal(store_fault(s), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(store_sync(s), 0);
	struct store_figures f = store_figures(s);
	assert_int_equal(f.puts, 3);
	assert_int_equal(f.commits, 1);
	assert_int_equal(f.rows[TABLE_DOSSIER], 1);
	assert_int_equal(f.rows[TABLE_EVENT], 1);
	assert_int_equal(f.rows[TABLE_INDEX], 0);
	assert_true(f.map_bytes >= f.used_bytes && f.used_bytes > 0);
	assert_int_equal(store_grow(s), 0);
	assert_true(store_figures(s).map_bytes > f.map_bytes);
}

static void
keeps_a_fault(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	assert_int_equal(store_begin(s), 0);
	store_put(s, TABLE_DOSSIER, TEXT(""), TEXT("1"));
	assert_int_equal(store_fault(s), -EINVAL);
	store_put(s, TABLE_DOSSIER, TEXT("a"), TEXT("1"));
	assert_int_equal(store_fault(s), -EINVAL);
	assert_int_equal(store_commit(s), -EINVAL);
	assert_int_equal(store_fault(s), 0);
	assert_int_equal(store_figures(s).commits, 0);
	assert_int_equal(store_begin(s), 0);
	store_put(s, TABLE_DOSSIER, TEXT("a"), TEXT("1"));
	assert_int_equal(store_fault(s), 0);
	/* Closing with a transaction open is an abort. */
}

static void
lends_until_the_next_change(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	struct text a, b, key, value;
	assert_int_equal(store_begin(s), 0);
	store_put(s, TABLE_DOSSIER, TEXT("a"), TEXT("first"));
	store_put(s, TABLE_DOSSIER, TEXT("b"), TEXT("second"));
	assert_true(store_get(s, TABLE_DOSSIER, TEXT("a"), &a));
	assert_true(store_get(s, TABLE_DOSSIER, TEXT("b"), &b));
	assert_true(store_seek(s, TABLE_DOSSIER, TEXT("a"), &key, &value));
	assert_true(text_is(key, "a") && text_is(value, "first"));
	assert_true(store_next(s, TABLE_DOSSIER, &key, &value));
	assert_true(text_is(key, "b") && text_is(value, "second"));
	assert_true(text_is(a, "first") && text_is(b, "second"));
	store_abort(s);
}

/* A model: every key that can be, and the length and first byte of its value (-1: none). */

enum { MODEL_KEYS = 400, VALUE_MOST = 20000 };

struct model {
	int len[MODEL_KEYS];
	unsigned char byte[MODEL_KEYS];
};

/* Different lengths, up to the longest; same order as the numbers. */
static struct text
model_key(int number, char room[511])
{
	memset(room, 'x', 511);
	room[0] = (char)(number / 100);
	room[1] = (char)(number % 100 + 128);
	return (struct text){ room, number % 7 == 0 ? 511 : 2 + (size_t)number % 30 };
}

static void
check_model(struct store *s, enum store_table table, const struct model *m)
{
	char room[511];
	struct text key, value;
	bool there = store_seek(s, table, TEXT(""), &key, &value);
	uint64_t rows = 0;
	for (int i = 0; i < MODEL_KEYS; i++) {
		if (m->len[i] < 0)
			continue;
		assert_true(there);
		assert_true(text_equal(key, model_key(i, room)));
		assert_int_equal(value.len, m->len[i]);
		for (size_t at = 0; at < value.len; at += 1 + value.len / 3)
			assert_int_equal((unsigned char)value.ptr[at], m->byte[i]);
		there = store_next(s, table, &key, &value);
		rows++;
	}
	assert_false(there);
	assert_int_equal(store_figures(s).rows[table], rows);
}

static void
change_model(struct store *s, enum store_table table, struct model *m)
{
	static char value[VALUE_MOST];
	char room[511];
	int number = rand() % MODEL_KEYS;
	int len = rand() % 20 ? rand() % 300 : rand() % VALUE_MOST;
	struct text key = model_key(number, room), found;
	switch (rand() % 4) {
	case 0:
		store_del(s, table, key);
		m->len[number] = -1;
		break;
	case 1:
		assert_int_equal(store_get(s, table, key, &found), m->len[number] >= 0);
		if (m->len[number] >= 0)
			assert_int_equal(found.len, m->len[number]);
		break;
	default:
		m->byte[number] = (unsigned char)rand();
		m->len[number] = len;
		memset(value, m->byte[number], (size_t)len);
		(rand() % 5 ? store_put : store_append)(s, table, key, (struct text){ value, (size_t)len });
	}
}

static void
follows_a_model(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	const char *given = getenv("SEED");
	unsigned seed = given ? (unsigned)atoi(given) : (unsigned)time(NULL);
	static struct model now[2], committed[2];
	memset(committed, 0xff, sizeof committed);
	memset(now, 0xff, sizeof now);
	print_message("    SEED=%u\n", seed);
	srand(seed);
	for (int round = 0; round < 300; round++) {
		assert_int_equal(store_begin(s), 0);
		for (int i = rand() % 100; i > 0; i--) {
			int t = rand() % 2;
			change_model(s, t ? TABLE_KEY : TABLE_DOSSIER, &now[t]);
		}
		check_model(s, TABLE_DOSSIER, &now[0]);
		if (rand() % 3) {
			assert_int_equal(store_commit(s), 0);
			memcpy(committed, now, sizeof now);
		} else {
			store_abort(s);
			memcpy(now, committed, sizeof now);
		}
		assert_int_equal(store_begin(s), 0);
		check_model(s, TABLE_DOSSIER, &committed[0]);
		check_model(s, TABLE_KEY, &committed[1]);
		store_abort(s);
	}
}

static void
holds_many_rows(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	enum { MANY = 100000 };
	struct text key, value;
	uint32_t number, before = 0;
	assert_int_equal(store_begin(s), 0);
	for (uint32_t i = 0; i < MANY; i++) {
		uint32_t ordered = __builtin_bswap32(i + 1), mixed = i * UINT32_C(2654435761);
		store_append(s, TABLE_EVENT, (struct text){ (char *)&ordered, 4 }, TEXT("e"));
		store_put(s, TABLE_INDEX, (struct text){ (char *)&mixed, 4 }, TEXT(""));
	}
	assert_int_equal(store_figures(s).rows[TABLE_INDEX], MANY);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(store_begin(s), 0);
	bool there = store_seek(s, TABLE_EVENT, TEXT(""), &key, &value);
	for (; there; there = store_next(s, TABLE_EVENT, &key, &value)) {
		memcpy(&number, key.ptr, 4);
		assert_int_equal(__builtin_bswap32(number), ++before);
	}
	assert_int_equal(before, MANY);
	store_abort(s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(plays_scripts),
		cmocka_unit_test_setup_teardown(counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keeps_a_fault, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lends_until_the_next_change, set_up, tear_down),
		cmocka_unit_test_setup_teardown(follows_a_model, set_up, tear_down),
		cmocka_unit_test_setup_teardown(holds_many_rows, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
