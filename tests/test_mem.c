/* Texts, arenas, buffers. */
#include "proto/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void
test_text_of(void **state)
{
	(void)state;
	assert_null(text_of(NULL).ptr);
	assert_non_null(text_of("").ptr);
	assert_int_equal(text_of("").len, 0);
	assert_int_equal(text_of("Chư Păh").len, 9);
	assert_int_equal(TEXT("a\0b").len, 3);
}

static void
test_text_compare(void **state)
{
	static const struct {
		const char *a, *b;
		int order;
		bool is, equal;
	} cases[] = {
		{ "", "", 0, true, true },
		{ "a", "a", 0, true, true },
		{ "a", "b", -1, false, false },
		{ "a", "ab", -1, false, false },
		{ "ab", "a", 1, false, false },
		{ "\xc3", "a", 1, false, false },        /* bytes are unsigned */
		{ NULL, "", -1, false, false },
		{ "", NULL, 1, false, false },
		{ NULL, NULL, 0, false, true },          /* absent is no string, but the same as absent */
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct text a = text_of(cases[i].a), b = text_of(cases[i].b);
		int order = text_compare(a, b);
		assert_int_equal((order > 0) - (order < 0), cases[i].order);
		assert_int_equal(text_is(a, cases[i].b), cases[i].is);
		assert_int_equal(text_equal(a, b), cases[i].equal);
	}
}

static void
test_text_next(void **state)
{
	static const struct {
		const char *list, *items;       /* the items, each in [] */
	} cases[] = {
		{ NULL, "" },
		{ "", "" },
		{ " , ,,", "" },
		{ "a", "[a]" },
		{ "a, b", "[a][b]" },
		{ ",a,,\tb c ,", "[a][b c]" },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct text list = text_of(cases[i].list), item;
		struct buf got = { 0 };
		while (text_next(&list, ',', &item))
			buf_printf(&got, "[%.*s]", TEXT_ARG(item));
		assert_true(text_is(buf_view(&got), cases[i].items));
		buf_free(&got);
	}
}

static void
test_text_next_leaves_item(void **state)
{
	struct text list = TEXT(" , "), item = TEXT("before");
	(void)state;
	assert_false(text_next(&list, ',', &item));
	assert_true(text_is(item, "before"));
}

static void
test_text_among(void **state)
{
	static const struct {
		const char *item, *choices;
		bool among;
	} cases[] = {
		{ "a", "a|b|c", true },
		{ "c", "a|b|c", true },
		{ "d", "a|b|c", false },
		{ "a|b", "a|b|c", false },
		{ "ab", "abc|a", false },
		{ "", "a|b", false },
		{ "", "", false },
		{ NULL, "a|b", false },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		assert_int_equal(text_among(text_of(cases[i].item), cases[i].choices), cases[i].among);
}

static bool
all_bytes(const unsigned char *p, size_t len, unsigned char byte)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != byte)
			return false;
	return true;
}

/* Pieces of random sizes, filled and checked: zeroed, aligned, apart, also after a reset. */
static void
test_arena_random(void **state)
{
	enum { PIECES = 400, ROUNDS = 6 };
	static unsigned char *piece[PIECES];
	static size_t len[PIECES];
	unsigned seed = (unsigned)time(NULL);
	struct arena *arena = arena_new();
	(void)state;
	printf("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < PIECES; i++) {
			len[i] = (size_t)rand() % (rand() % 50 ? 600 : 200000);
			piece[i] = arena_alloc(arena, len[i]);
			assert_int_equal((uintptr_t)piece[i] % 16, 0);
			assert_true(all_bytes(piece[i], len[i], 0));
			memset(piece[i], i % 255 + 1, len[i]);
		}
		for (int i = 0; i < PIECES; i++)
			assert_true(all_bytes(piece[i], len[i], (unsigned char)(i % 255 + 1)));
		arena_reset(arena);
	}
	arena_destroy(&arena);
	assert_null(arena);
	arena_destroy(&arena);
}

/* The same requests after a reset get the same memory: nothing new is taken. */
static void
test_arena_keeps_blocks(void **state)
{
	static const size_t sizes[] = { 100, 65536, 40000, 40000, 300000, 1, 65536, 0, 70000 };
	void *first[countof(sizes)];
	struct arena *arena = arena_new();
	(void)state;
	for (int round = 0; round < 4; round++) {
		for (size_t i = 0; i < countof(sizes); i++) {
			void *p = arena_alloc(arena, sizes[i]);
			if (round == 0)
				first[i] = p;
			assert_ptr_equal(p, first[i]);
		}
		arena_reset(arena);
	}
	arena_destroy(&arena);
}

static void
test_arena_texts(void **state)
{
	struct arena *arena = arena_new();
	char long_text[70001];
	(void)state;
	memset(long_text, 'x', 70000);
	long_text[70000] = 0;

	struct text copy = arena_text(arena, (struct text){ "abcdef", 3 });
	assert_true(text_is(copy, "abc"));
	assert_int_equal(copy.ptr[3], 0);
	assert_null(arena_text(arena, (struct text){ 0 }).ptr);
	assert_non_null(arena_text(arena, TEXT("")).ptr);

	struct text printed = arena_printf(arena, "%d-%s", 42, "x");
	assert_true(text_is(printed, "42-x"));
	assert_int_equal(printed.ptr[4], 0);
	printed = arena_printf(arena, "%s", "");
	assert_true(text_is(printed, ""));
	printed = arena_printf(arena, "%s!", long_text);
	assert_int_equal(printed.len, 70001);
	assert_int_equal(printed.ptr[70000], '!');
	assert_true(text_is(copy, "abc"));
	assert_non_null(arena_array(arena, 0, 8));
	arena_destroy(&arena);
}

static void
test_buf(void **state)
{
	struct buf buf = { 0 };
	(void)state;
	assert_non_null(buf_view(&buf).ptr);
	assert_int_equal(buf_view(&buf).len, 0);
	buf_text(&buf, (struct text){ 0 });
	buf_add(&buf, NULL, 0);
	buf_str(&buf, "sao ");
	buf_byte(&buf, 0xe2);
	buf_add(&buf, "\x98\x85", 2);
	buf_printf(&buf, " %d/%d", 3, 5);
	buf_text(&buf, TEXT("."));
	assert_true(text_is(buf_view(&buf), "sao ★ 3/5."));

	memcpy(buf_room(&buf, 100000), "xy", 2);
	assert_true(text_is(buf_view(&buf), "sao ★ 3/5."));
	assert_true(buf.cap >= buf.len + 100000);
	buf.len += 2;
	assert_true(text_is(buf_view(&buf), "sao ★ 3/5.xy"));

	char *kept = buf.ptr;
	buf_clear(&buf);
	assert_int_equal(buf_view(&buf).len, 0);
	buf_printf(&buf, "%s", "again");
	assert_ptr_equal(buf.ptr, kept);
	assert_true(text_is(buf_view(&buf), "again"));
	buf_free(&buf);
	assert_null(buf.ptr);
	assert_int_equal(buf.cap, 0);
	buf_free(&buf);
}

static void
test_buf_grows(void **state)
{
	struct buf buf = { 0 };
	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_byte(&buf, (unsigned char)(i % 251));
	assert_int_equal(buf.len, 100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal((unsigned char)buf.ptr[i], i % 251);
	buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_of),
		cmocka_unit_test(test_text_compare),
		cmocka_unit_test(test_text_next),
		cmocka_unit_test(test_text_next_leaves_item),
		cmocka_unit_test(test_text_among),
		cmocka_unit_test(test_arena_random),
		cmocka_unit_test(test_arena_keeps_blocks),
		cmocka_unit_test(test_arena_texts),
		cmocka_unit_test(test_buf),
		cmocka_unit_test(test_buf_grows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
