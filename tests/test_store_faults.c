/* A unit of work against the memory store with its n-th call failing, n = 1, 2, ... until none does. */
#include "tests/store_mem.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct store *
new_store(void)
{
	struct store *s;
	store_mem_open(&s);
	assert_int_equal(store_begin(s), 0);
	store_put(s, TABLE_DOSSIER, TEXT("a"), TEXT("1"));
	store_put(s, TABLE_DOSSIER, TEXT("b"), TEXT("1"));
	assert_int_equal(store_commit(s), 0);
	return s;
}

/* Five calls that count. */
static int
work(struct store *s)
{
	struct text value;
	assert_int_equal(store_begin(s), 0);
	store_put(s, TABLE_DOSSIER, TEXT("a"), TEXT("2"));
	store_append(s, TABLE_EVENT, TEXT("c"), TEXT("2"));
	store_del(s, TABLE_DOSSIER, TEXT("b"));
	store_put(s, TABLE_INDEX, TEXT("a"), TEXT(""));
	assert_int_equal(store_get(s, TABLE_DOSSIER, TEXT("a"), &value), !store_fault(s));
	return store_commit(s);
}

static void
check(struct store *s, bool done)
{
	struct text value;
	assert_int_equal(store_begin(s), 0);
	assert_true(store_get(s, TABLE_DOSSIER, TEXT("a"), &value));
	assert_true(text_is(value, done ? "2" : "1"));
	assert_int_equal(store_get(s, TABLE_DOSSIER, TEXT("b"), &value), !done);
	assert_int_equal(store_get(s, TABLE_EVENT, TEXT("c"), &value), done);
	store_abort(s);
	struct store_figures f = store_figures(s);
	assert_int_equal(f.rows[TABLE_DOSSIER], done ? 1 : 2);
	assert_int_equal(f.rows[TABLE_INDEX], done);
	assert_int_equal(f.commits, 1 + done);
}

static void
nth_call_fails_once(void **state)
{
	int n = 0;
	bool fired;
	(void)state;
	do {
		struct store *s = new_store();
		store_mem_fail_at(s, ++n, -ENOSPC, false);
		int fault = work(s);
		fired = store_mem_fired(s);
		assert_int_equal(fault, fired ? -ENOSPC : 0);
		check(s, !fired);
		if (fired) {
			assert_int_equal(work(s), 0);
			check(s, true);
		}
		store_close(&s);
	} while (fired);
	assert_int_equal(n, 6);
}

static void
nth_call_fails_for_good(void **state)
{
	(void)state;
	for (int n = 1; n <= 5; n++) {
		struct store *s = new_store();
		store_mem_fail_at(s, n, -EXFULL, true);
		for (int i = 0; i < 3; i++) {
			assert_int_equal(work(s), -EXFULL);
			check(s, false);
		}
		store_mem_fail_at(s, 0, 0, false);
		assert_int_equal(work(s), 0);
		check(s, true);
		store_close(&s);
	}
}

static void
a_crash_forgets_the_open_transaction(void **state)
{
	struct store *s = new_store();
	(void)state;
	store_mem_crash(s);
	check(s, false);
	assert_int_equal(store_begin(s), 0);
	store_put(s, TABLE_DOSSIER, TEXT("a"), TEXT("2"));
	store_del(s, TABLE_DOSSIER, TEXT("b"));
	store_put(s, TABLE_EVENT, TEXT(""), TEXT("a fault"));
	store_mem_crash(s);
	check(s, false);
	assert_int_equal(work(s), 0);
	store_mem_crash(s);
	check(s, true);
	store_close(&s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nth_call_fails_once),
		cmocka_unit_test(nth_call_fails_for_good),
		cmocka_unit_test(a_crash_forgets_the_open_transaction),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
