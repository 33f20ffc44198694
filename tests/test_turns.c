/* Whose turn it is, and who comes too often. */
#include "daemon/rates.h"
#include "daemon/turns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct account accounts[26];

/* A message's descriptor is its account's letter. */
static const struct account *
who(void *context, const struct message *m)
{
	(void)context;
	return m->fd == '?' ? NULL : &accounts[m->fd - 'a'];
}

static void
put(struct turns *t, const char *letters)
{
	for (; *letters; letters++) {
		struct message *m = turns_room(t);
		assert_non_null(m);
		zmq_msg_init(&m->body);
		m->fd = *letters;
		m->bytes = 10;
		turns_add(t);
	}
}

static size_t put_off;

/* Takes a turn of so much work; who had it. */
static const char *
take(struct turns *t, int64_t work_us)
{
	static char letters[TURN_MAX + 1];
	struct turn turn[TURN_MAX];
	size_t count = turns_take(t, who, NULL, turn, &put_off);

	for (size_t i = 0; i < count; i++) {
		letters[i] = (char)turn[i].message->fd;
		assert_ptr_equal(turn[i].account, who(NULL, turn[i].message));
	}
	letters[count] = '\0';
	turns_done(t, work_us);
	return letters;
}

static const struct {
	uint64_t share;
	const char *waiting, *turns[5];
	size_t put_off;             /* in the first turn */
} fair[] = {
	{ 3, "", { "", "" }, 0 },
	{ 3, "abc", { "abc", "" }, 0 },
	/* Alone an account may have all; a stranger is somebody, too. */
	{ 3, "aaaaaaaa", { "aaaaaaaa", "" }, 0 },
	{ 3, "aaaaab", { "aaab", "aa", "" }, 2 },
	{ 2, "aaaaabaab", { "aabb", "aaaaa", "" }, 5 },
	{ 2, "aaabbbc", { "aabbc", "ab", "" }, 2 },
	{ 1, "aaabbc", { "abc", "ab", "a", "" }, 3 },
	{ 1, "a?a?", { "a?", "a?", "" }, 2 },
};

static void
everybody_has_a_share(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(fair); i++) {
		struct turns *t = turns_new(fair[i].share);
		print_message("    %s\n", fair[i].waiting);
		put(t, fair[i].waiting);
		for (size_t n = 0; n == 0 || *fair[i].turns[n - 1]; n++) {
			assert_string_equal(take(t, 0), fair[i].turns[n]);
			if (n == 0)
				assert_int_equal(put_off, fair[i].put_off);
		}
		assert_int_equal(turns_count(t), 0);
		assert_int_equal(turns_bytes(t), 0);
		turns_free(&t);
	}
}

/* Each is put off once, however long it waits. */
static void
is_counted_once(void **state)
{
	struct turns *t = turns_new(1);
	(void)state;
	put(t, "aaaab");
	take(t, 0);
	assert_int_equal(put_off, 3);
	put(t, "b");
	assert_string_equal(take(t, 0), "ab");
	assert_int_equal(put_off, 0);
	turns_free(&t);
}

/* Heavy work makes turns short, the first of each account first; light work makes them long again. */
static void
no_turn_is_long(void **state)
{
	struct turns *t = turns_new(64);
	char many[TURN_MAX + 1] = "";
	(void)state;
	memset(many, 'a', TURN_MAX - 1);
	put(t, many);
	assert_int_equal(strlen(take(t, 100000)), TURN_MAX - 1);
	put(t, many);
	for (size_t most = TURN_MAX / 2 - 1; most > 0; most /= 2)
		assert_int_equal(strlen(take(t, 100000)), most);
	/* Eight are left, and others come: who was served longest ago is next, however many wait before. */
	put(t, "bbc");
	assert_string_equal(take(t, 100000), "b");
	assert_string_equal(take(t, 100000), "c");
	assert_string_equal(take(t, 100000), "a");
	put(t, "c");
	assert_string_equal(take(t, 100000), "b");
	assert_string_equal(take(t, 100000), "c");
	assert_string_equal(take(t, 0), "a");
	assert_string_equal(take(t, 0), "aa");
	assert_string_equal(take(t, 0), "aaaa");
	assert_string_equal(take(t, 0), "");
	turns_free(&t);
}

static void
has_room_for_one_turn(void **state)
{
	struct turns *t = turns_new(1);
	(void)state;
	for (int i = 0; i < TURN_MAX; i++)
		put(t, i % 2 ? "a" : "b");
	assert_null(turns_room(t));
	assert_int_equal(turns_bytes(t), 10 * TURN_MAX);
	take(t, 0);
	put(t, "cc");
	assert_null(turns_room(t));
	turns_free(&t);
}

static void
so_many_a_second(void **state)
{
	static struct rates rates;
	int taken = 0;
	(void)state;
	for (int i = 0; i < 100; i++)
		taken += rates_take(&rates, TEXT("a"), 20, 1000000);
	assert_int_equal(taken, 20);
	assert_true(rates_take(&rates, TEXT("b"), 20, 1000000));
	for (int64_t ms = 0; ms < 10000; ms += 7)
		taken += rates_take(&rates, TEXT("a"), 20, 1000000 + ms);
	assert_in_range(taken, 20 + 199, 20 + 201);
	/* So many others that it is forgotten. */
	for (int i = 0; i < RATES_MAX; i++) {
		char name[16];
		snprintf(name, sizeof name, "other %d", i);
		assert_true(rates_take(&rates, text_of(name), 20, 1020000));
	}
	assert_true(rates_take(&rates, TEXT("a"), 20, 1020000));
	/* A long name is its beginning. */
	char a[100], b[100];
	memset(a, 'x', sizeof a);
	memset(b, 'x', sizeof b);
	b[99] = 'y';
	assert_true(rates_take(&rates, (struct text){ a, 100 }, 1, 1030000));
	assert_false(rates_take(&rates, (struct text){ b, 100 }, 1, 1030000));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_has_a_share),
		cmocka_unit_test(is_counted_once),
		cmocka_unit_test(no_turn_is_long),
		cmocka_unit_test(has_room_for_one_turn),
		cmocka_unit_test(so_many_a_second),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
