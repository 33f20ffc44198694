/* JSON: what is refused, what numbers are, what is written. */
#include "proto/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_destroy(&arena);
	return 0;
}

/* Parsed from memory of exactly that size, so that the sanitizer sees a byte read too many. */
static const struct json *
parse(struct text t, size_t *ret_at)
{
	char *exact = malloc(t.len ? t.len : 1);
	memcpy(exact, t.ptr, t.len);
	const struct json *value = json_parse((struct text){ exact, t.len }, arena, ret_at);
	memset(exact, '#', t.len);
	free(exact);
	return value;
}

static void
test_good(void **state)
{
	(void)state;
	/* What comes out; NULL where it is what went in. */
	static const struct {
		struct text in;
		const char *out;
	} cases[] = {
		{ TEXT("0"), NULL },
		{ TEXT("-0"), NULL },
		{ TEXT("-0.50e+07"), NULL },
		{ TEXT("12345678901234567890"), NULL },
		{ TEXT("1e999"), NULL },
		{ TEXT(" \t\r\ntrue \n"), "true" },
		{ TEXT("[true,false,null]"), NULL },
		{ TEXT("[ ]"), "[]" },
		{ TEXT("{ }"), "{}" },
		{ TEXT("\"\""), NULL },
		{ TEXT("{\"a\" : 1 , \"A\":[2,{\"\":3}], \"b\":-4.0}"), "{\"a\":1,\"A\":[2,{\"\":3}],\"b\":-4.0}" },
		{ TEXT("{\"a\":1,\"a\":2}"), NULL },
		{ TEXT("\"\\u0041\\u00e9\\u1EA5\\ud83d\\ude00\\/\""), "\"Aéấ😀/\"" },
		{ TEXT("\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\""), NULL },
		{ TEXT("\"1-2e5\""), NULL },
		{ TEXT("\"Chư Păh \x7f\""), NULL },
		{ TEXT("[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"), NULL },
	};
	for (size_t i = 0; i < countof(cases); i++) {
		const struct json *value = parse(cases[i].in, NULL);
		assert_non_null(value);
		struct buf buf = { 0 };
		json_write(&buf, value);
		buf_byte(&buf, 0);
		assert_string_equal(buf.ptr, cases[i].out ? cases[i].out : cases[i].in.ptr);
		buf_free(&buf);
	}
}

static void
test_bad(void **state)
{
	(void)state;
	static const struct {
		struct text in;
		size_t at;
	} cases[] = {
		{ TEXT(""), 0 },
		{ TEXT("  "), 2 },
		{ TEXT("\xef\xbb\xbf{}"), 0 },
		{ TEXT("{} x"), 3 },
		{ TEXT("{}\0"), 2 },
		{ TEXT("1 2"), 2 },
		{ TEXT("01"), 1 },
		{ TEXT("-01"), 2 },
		{ TEXT("1."), 2 },
		{ TEXT(".5"), 0 },
		{ TEXT("+1"), 0 },
		{ TEXT("-"), 1 },
		{ TEXT("1e"), 2 },
		{ TEXT("1e+"), 3 },
		{ TEXT("0x10"), 1 },
		{ TEXT("NaN"), 0 },
		{ TEXT("123456789012345678901"), 21 },
		{ TEXT("tru"), 0 },
		{ TEXT("True"), 0 },
		{ TEXT("nullx"), 4 },
		{ TEXT("["), 1 },
		{ TEXT("[1"), 2 },
		{ TEXT("[1,]"), 3 },
		{ TEXT("[,1]"), 1 },
		{ TEXT("[1}"), 2 },
		{ TEXT("{"), 1 },
		{ TEXT("{\"a\"}"), 4 },
		{ TEXT("{\"a\":}"), 5 },
		{ TEXT("{\"a\":1,}"), 7 },
		{ TEXT("{a:1}"), 1 },
		{ TEXT("{1:1}"), 1 },
		{ TEXT("'a'"), 0 },
		{ TEXT("\""), 1 },
		{ TEXT("\"a\\"), 3 },
		{ TEXT("\"a\nb\""), 2 },
		{ TEXT("\"a\0b\""), 2 },
		{ TEXT("\"\\x\""), 3 },
		{ TEXT("\"\\\0\""), 3 },
		{ TEXT("\"\\u12\""), 3 },
		{ TEXT("\"\\u12g4\""), 5 },
		{ TEXT("\"\\u0000\""), 7 },
		{ TEXT("\"\\ud800\""), 7 },
		{ TEXT("\"\\ud800\\n\""), 7 },
		{ TEXT("\"\\ud800\\u0041\""), 13 },
		{ TEXT("\"\\udc00\\ud800\""), 7 },
		{ TEXT("\"\xc3\""), 1 },
		{ TEXT("\"\xc0\x80\""), 1 },
		{ TEXT("\"\xed\xa0\x80\""), 1 },
		{ TEXT("\"\xf4\x90\x80\x80\""), 1 },
		{ TEXT("{\"\xff\":1}"), 2 },
		{ TEXT("// c\n1"), 0 },
		{ TEXT("[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]"), 16 },
	};
	for (size_t i = 0; i < countof(cases); i++) {
		size_t at = 9999;
		if (parse(cases[i].in, &at) || at > cases[i].in.len)
			fail_msg("case %zu: %s", i, cases[i].in.ptr);
		/* Within an escape the place is only near. */
		if (!memchr(cases[i].in.ptr, '\\', cases[i].in.len) && at != cases[i].at)
			fail_msg("case %zu: at %zu: %s", i, at, cases[i].in.ptr);
	}
	assert_null(json_parse((struct text){ 0 }, arena, NULL));
}

static void
test_values_max(void **state)
{
	(void)state;
	for (int more = 0; more < 2; more++) {
		struct buf buf = { 0 };
		buf_byte(&buf, '[');
		for (int i = 0; i < JSON_VALUES_MAX - 1 + more; i++)
			buf_str(&buf, i ? ",0" : "0");
		buf_byte(&buf, ']');
		const struct json *value = json_parse(buf_view(&buf), arena, NULL);
		assert_int_equal(!value, more);
		if (value)
			assert_int_equal(json_count(value), JSON_VALUES_MAX - 1);
		buf_free(&buf);
	}
}

static void
test_numbers(void **state)
{
	(void)state;
	static const int64_t no = INT64_MIN;
	static const struct {
		const char *in;
		int64_t number, hundredths;
	} cases[] = {
		{ "0", 0, 0 },
		{ "7", 7, 700 },
		{ "-7", -7, -700 },
		{ "74.28", no, 7428 },
		{ "74.2", no, 7420 },
		{ "-0.05", no, -5 },
		{ "0.00", no, 0 },
		{ "74.281", no, no },
		{ "1.0", no, 100 },
		{ "-0", no, no },
		{ "-0.0", no, no },
		{ "1e3", no, no },
		{ "1E0", no, no },
		{ "1.5e1", no, no },
		{ "999999999999999", 999999999999999, 99999999999999900 },
		{ "-999999999999999", -999999999999999, -99999999999999900 },
		{ "1000000000000000", no, no },
		{ "9007199254740993", no, no },
		{ "9999999999999.99", no, 999999999999999 },
		{ "99999999999999.99", no, no },
		{ "\"74.28\"", no, 7428 },
		{ "\"74\"", no, 7400 },
		{ "\"\"", no, no },
		{ "\"074\"", no, no },
		{ "\" 74\"", no, no },
		{ "\"74.\"", no, no },
		{ "\".5\"", no, no },
		{ "\"+5\"", no, no },
		{ "\"-\"", no, no },
		{ "\"7a\"", no, no },
		{ "true", no, no },
		{ "null", no, no },
		{ "[1]", no, no },
	};
	for (size_t i = 0; i < countof(cases); i++) {
		const struct json *value = parse(text_of(cases[i].in), NULL);
		assert_non_null(value);
		int64_t number = no, hundredths = no;
		assert_int_equal(json_int(value, &number), cases[i].number != no);
		assert_int_equal(json_hundredths(value, &hundredths), cases[i].hundredths != no);
		assert_true(number == cases[i].number);
		assert_true(hundredths == cases[i].hundredths);
	}
}

static void
test_tree(void **state)
{
	(void)state;
	const struct json *o = parse(TEXT("{\"b\":true,\"B\":\"x\",\"n\":null,\"a\":[1,2,3],\"i\":5}"), NULL);
	assert_int_equal(json_type(o), JSON_OBJECT);
	assert_int_equal(json_count(o), 5);
	assert_true(json_bool(json_get(o, "b")));
	assert_true(text_is(json_text(json_get(o, "B")), "x"));
	assert_int_equal(json_type(json_get(o, "n")), JSON_NULL);
	assert_null(json_get(o, "c"));
	assert_null(json_get(json_get(o, "i"), "c"));
	const struct json *list = json_get(o, "a");
	assert_int_equal(json_type(list), JSON_ARRAY);
	int64_t sum = 0, number;
	for (const struct json *i = json_first(list); i; i = json_next(i)) {
		assert_true(json_int(i, &number));
		assert_int_equal(json_type(i), JSON_NUMBER);
		sum += number;
	}
	assert_int_equal(sum, 6);
	assert_true(text_is(json_name(list), "a"));
	assert_null(json_text(json_get(o, "i")).ptr);
	assert_false(json_bool(json_get(o, "i")));
	assert_int_equal(json_type(NULL), JSON_NULL);
	assert_null(json_text(json_get(o, "c")).ptr);
	assert_false(json_int(NULL, &number) || json_hundredths(NULL, &number) || json_bool(NULL));
	assert_true(json_count(NULL) == 0 && !json_first(NULL));
}

static void
test_duplicate(void **state)
{
	(void)state;
	static const struct {
		const char *in, *name;
	} cases[] = {
		{ "{}", NULL },
		{ "[1,1]", NULL },
		{ "{\"a\":1,\"A\":1}", NULL },
		{ "{\"a\":1,\"b\":{\"a\":1},\"c\":2}", NULL },
		{ "{\"a\":1,\"a\":1}", "a" },
		{ "{\"a\":1,\"z\":1,\"z\":2,\"a\":1}", "z" },
		{ "{\"z\":1,\"a\":1,\"a\":2,\"z\":1}", "a" },
		{ "{\"\":1,\"x\":2,\"\":1}", "" },
		{ "{\"\\u0061\":1,\"a\":1}", "a" },
	};
	for (size_t i = 0; i < countof(cases); i++) {
		struct text twice = json_duplicate(parse(text_of(cases[i].in), NULL), arena);
		if (!text_equal(twice, text_of(cases[i].name)))
			fail_msg("%s: %.*s", cases[i].in, TEXT_ARG(twice));
	}
}

static void
test_write(void **state)
{
	(void)state;
	static const struct {
		struct text in;
		const char *out;
	} strings[] = {
		{ TEXT(""), "\"\"" },
		{ TEXT("a\"\\/b"), "\"a\\\"\\\\/b\"" },
		{ TEXT("\n\0\x1f\x7fđ\r"), "\"\\n\\u0000\\u001f\x7fđ\\r\"" },
	};
	struct buf buf = { 0 };
	for (size_t i = 0; i < countof(strings); i++) {
		buf_clear(&buf);
		json_write_string(&buf, strings[i].in);
		assert_true(text_is(buf_view(&buf), strings[i].out));
	}
	static const struct {
		int64_t in;
		const char *out;
	} ints[] = { { 0, "0" }, { -1, "-1" }, { 1000000000000000, "1000000000000000" },
	             { INT64_MIN, "-9223372036854775808" }, { INT64_MAX, "9223372036854775807" } };
	for (size_t i = 0; i < countof(ints); i++) {
		buf_clear(&buf);
		json_write_int(&buf, ints[i].in);
		assert_true(text_is(buf_view(&buf), ints[i].out));
	}
	buf_free(&buf);
}

/* Damaged at random, a text parses or not; what parses prints and parses again to the same. */
static void
test_random(void **state)
{
	(void)state;
	unsigned seed = (unsigned)time(NULL);
	print_message("seed %u\n", seed);
	static const char model[] = "{\"a\":[1,-2.50,3e4,\"x\\u00e9\\ud83d\\ude00\xe1\xba\xa5\"],\"b\":{\"c\":null,\"d\":true}}";
	static const char bytes[] = "{}[],:\"\\u0d8-1.e+ tfn\x80\xc3\x1f";
	for (int round = 0; round < 20000; round++) {
		char text[sizeof model];
		memcpy(text, model, sizeof model);
		for (int n = rand_r(&seed) % 3; n >= 0; n--)
			text[(size_t)rand_r(&seed) % (sizeof model - 1)] = bytes[(size_t)rand_r(&seed) % (sizeof bytes - 1)];
		const struct json *value = parse((struct text){ text, sizeof model - 1 }, NULL);
		if (value) {
			struct buf one = { 0 }, two = { 0 };
			json_write(&one, value);
			assert_non_null(value = parse(buf_view(&one), NULL));
			json_write(&two, value);
			assert_true(text_equal(buf_view(&one), buf_view(&two)));
			buf_free(&one);
			buf_free(&two);
		}
		arena_reset(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_good, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad, setup, teardown),
		cmocka_unit_test_setup_teardown(test_values_max, setup, teardown),
		cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(test_duplicate, setup, teardown),
		cmocka_unit_test_setup_teardown(test_write, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random, setup, teardown),
	};
	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
