/* UTF-8: what is valid, the folded form, the width. Also the roles, which are words to be found. */
#include "proto/role.h"
#include "proto/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
test_valid(void **state)
{
	static const struct {
		struct text text;
		bool valid;
	} cases[] = {
		{ { 0 }, true },
		{ TEXT(""), true },
		{ TEXT("plain text, longer than eight"), true },
		{ TEXT("nul\0inside"), true },
		{ TEXT("Cà phê Ea H’leo ☕ 𠀀"), true },
		{ TEXT("\xc2\x80"), true },
		{ TEXT("\xed\x9f\xbf"), true },                 /* U+D7FF */
		{ TEXT("\xee\x80\x80"), true },                 /* U+E000 */
		{ TEXT("\xf4\x8f\xbf\xbf"), true },             /* U+10FFFF */
		{ TEXT("\xf4\x90\x80\x80"), false },            /* U+110000 */
		{ TEXT("\xf5\x80\x80\x80"), false },
		{ TEXT("\xed\xa0\x80"), false },                /* surrogates */
		{ TEXT("\xed\xbf\xbf"), false },
		{ TEXT("\xc0\x80"), false },                    /* overlong */
		{ TEXT("\xc1\xbf"), false },
		{ TEXT("\xe0\x9f\xbf"), false },
		{ TEXT("\xf0\x8f\xbf\xbf"), false },
		{ TEXT("\x80"), false },
		{ TEXT("\xff"), false },
		{ TEXT("eight ok\x80"), false },
		{ TEXT("\xc3"), false },                        /* cut off */
		{ TEXT("\xe1\xba"), false },
		{ TEXT("\xf0\x9f\x98"), false },
		{ TEXT("\xc3" "a"), false },
		{ TEXT("\xe1\xba" "a"), false },
		{ TEXT("C\xb5 ph\xea"), false },                /* TCVN3 */
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		if (utf8_valid(cases[i].text) != cases[i].valid)
			fail_msg("case %zu: %.*s", i, TEXT_ARG(cases[i].text));
}

static void
test_fold(void **state)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{ NULL, "" },
		{ "", "" },
		{ "   ", "" },
		{ "Cà phê  Ea H’leo", "ca phe ea hleo" },
		{ "M'Đrắk", "mdrak" },
		{ "M`Đrắk", "mdrak" },
		{ "MʼĐRẮK", "mdrak" },
		{ "đường Đ", "duong d" },
		{ "ƯỚT ươt", "uot uot" },
		{ "Ca\xcc\x80 phe\xcc\x82", "ca phe" },          /* already decomposed */
		{ "Cà phê", "ca phe" },
		{ "  --Mật ong/rừng (500ml)...", "mat ong rung 500ml" },
		{ "a ' b", "a b" },
		{ "'", "" },
		{ "Hạt\ttiêu\nđen", "hat tieu den" },
		{ "a\xc2\xa0" "b", "a b" },                      /* no-break space */
		{ "a – b — c", "a b c" },
		{ "Dak Lak★★★★☆", "dak lak" },
		{ "Straße", "straße" },
		{ "ЧАЙ Ёлка", "чаи елка" },
		{ "茶 ２", "茶 ２" },
		{ "\xff", "" },
		{ "ok\xc3", "" },
	};
	struct arena *arena = arena_new();
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct text got = utf8_fold(text_of(cases[i].from), arena);
		if (!text_is(got, cases[i].to))
			fail_msg("%s: got '%.*s'", cases[i].from, TEXT_ARG(got));
	}
	arena_destroy(&arena);
}

static struct text
encode(unsigned c, char out[4])
{
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = len; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(len == 1 ? c : (0xf00u >> len & 0xff) | c);
	return (struct text){ out, len };
}

/* Whatever the character: valid, no room overrun, and folding once more changes nothing. */
static void
test_every_character(void **state)
{
	struct arena *arena = arena_new();
	(void)state;
	for (unsigned c = 0; c <= 0x110000; c++) {
		char bytes[4];
		struct text t = encode(c, bytes);
		bool valid = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
		if (utf8_valid(t) != valid)
			fail_msg("U+%04X is %s", c, valid ? "valid" : "not valid");
		struct text once = utf8_fold(t, arena);
		struct text twice = utf8_fold(once, arena);
		if (!utf8_valid(once) || !text_equal(once, twice))
			fail_msg("U+%04X folds to '%.*s', then to '%.*s'", c, TEXT_ARG(once), TEXT_ARG(twice));
		assert_true(utf8_width(t) <= 4);
		arena_reset(arena);
	}
	arena_destroy(&arena);
}

/* Many of the character that grows most. */
static void
test_fold_growth(void **state)
{
	struct arena *arena = arena_new();
	struct buf from = { 0 };
	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_str(&from, "각");
	assert_int_equal(utf8_fold(buf_view(&from), arena).len, 9000);
	buf_free(&from);
	arena_destroy(&arena);
}

static void
test_width(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
	} cases[] = {
		{ NULL, 0 },
		{ "", 0 },
		{ "abc", 3 },
		{ "Cà phê", 6 },
		{ "Ca\xcc\x80 phe\xcc\x82", 6 },
		{ "Ea H’leo", 8 },
		{ "茶", 2 },
		{ "\xff", 1 },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		assert_int_equal(utf8_width(text_of(cases[i].text)), cases[i].columns);
}

static void
test_roles(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		enum role found = ROLE_COUNT;
		assert_true(role_find(text_of(role_word((enum role)i)), &found));
		assert_int_equal(found, i);
		assert_true(utf8_valid(text_of(role_title((enum role)i, true))));
	}
	assert_string_equal(role_title(ROLE_COMMUNE, true), "UBND xã, thị trấn");
	assert_string_equal(role_title(ROLE_COMMUNE, false), "commune");
	static const char *const unknown[] = { "", "Officer", "officer ", "mayor", "offic" };
	enum role kept = ROLE_ADMIN;
	for (size_t i = 0; i < countof(unknown); i++)
		assert_false(role_find(text_of(unknown[i]), &kept));
	assert_false(role_find((struct text){ 0 }, &kept));
	assert_int_equal(kept, ROLE_ADMIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_every_character),
		cmocka_unit_test(test_fold_growth),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_roles),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
