/* Shapes to and from JSON and bytes: every refusal, and that nothing is lost on the way. */
#include "proto/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define P(m) FIELD(params, m)
#define HASH64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

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

static int
decode(const struct shape *shape, const char *json, uint64_t takes, uint64_t needs, void *ret,
       struct refusal *ret_refusal)
{
	const struct json *value = json_parse(text_of(json), arena, NULL);
	assert_non_null(value);
	return codec_decode(shape, value, takes, needs, arena, ret, ret_refusal);
}

static struct text
repeat(char c, size_t len)
{
	char *bytes = arena_alloc(arena, len + 1);
	memset(bytes, c, len);
	return (struct text){ bytes, len };
}

static void
test_refusals(void **state)
{
	(void)state;
	static const struct {
		const char *json;
		uint64_t takes, needs;
		enum detail detail;
		const char *field, *expect;
	} cases[] = {
		{ "{}", P(dossier) | P(key), P(dossier), D_MISSING, "dossier", "string" },
		{ "{}", P(kind), P(kind), D_MISSING, "kind", "first, upgrade, renewal" },
		{ "{\"dosier\":\"x\"}", P(dossier) | P(key), 0, D_UNKNOWN, "dosier", "dossier, key" },
		{ "{\"Key\":\"x\"}", P(dossier) | P(key), 0, D_UNKNOWN, "Key", "dossier, key" },
		{ "{\"note\":\"x\"}", P(dossier), 0, D_UNKNOWN, "note", "dossier" },
		{ "{\"key\":\"x\",\"key\":\"x\"}", P(key), 0, D_DUPLICATE, "key", NULL },
		{ "{\"key\":null}", P(key), 0, D_TYPE, "key", "string (printable ASCII)" },
		{ "{\"key\":\"é\"}", P(key), 0, D_TYPE, "key", "string (printable ASCII)" },
		{ "{\"key\":\"a\\n\"}", P(key), 0, D_TYPE, "key", "string (printable ASCII)" },
		{ "{\"key\":\"\\u007f\"}", P(key), 0, D_TYPE, "key", "string (printable ASCII)" },
		{ "{\"key\":\"\"}", P(key), 0, D_LENGTH, "key", "1..64 bytes" },
		{ "{\"note\":5}", P(note), 0, D_TYPE, "note", "string" },
		{ "{\"note\":\"\"}", P(note), 0, D_LENGTH, "note", "1..4096 bytes" },
		{ "{\"kind\":\"second\"}", P(kind), 0, D_CHOICE, "kind", "first, upgrade, renewal" },
		{ "{\"kind\":\"first|upgrade\"}", P(kind), 0, D_CHOICE, "kind", "first, upgrade, renewal" },
		{ "{\"kind\":\"\"}", P(kind), 0, D_CHOICE, "kind", "first, upgrade, renewal" },
		{ "{\"kind\":null}", P(kind), 0, D_TYPE, "kind", "string" },
		{ "{\"stars\":0}", P(stars), 0, D_RANGE, "stars", "1..5" },
		{ "{\"stars\":6}", P(stars), 0, D_RANGE, "stars", "1..5" },
		{ "{\"stars\":1.0}", P(stars), 0, D_TYPE, "stars", "integer" },
		{ "{\"stars\":\"5\"}", P(stars), 0, D_TYPE, "stars", "integer" },
		{ "{\"samples\":-0}", P(samples), 0, D_TYPE, "samples", "integer" },
		{ "{\"samples\":1e3}", P(samples), 0, D_TYPE, "samples", "integer" },
		{ "{\"points\":100.01}", P(points), 0, D_RANGE, "points", "0.00..100.00" },
		{ "{\"points\":-1}", P(points), 0, D_RANGE, "points", "0.00..100.00" },
		{ "{\"points\":74.281}", P(points), 0, D_TYPE, "points", "\"74.28\"" },
		{ "{\"points\":\"x\"}", P(points), 0, D_TYPE, "points", "\"74.28\"" },
		{ "{\"date\":\"2020-02-30\"}", P(date), 0, D_TYPE, "date", "YYYY-MM-DD" },
		{ "{\"date\":20200203}", P(date), 0, D_TYPE, "date", "YYYY-MM-DD" },
		{ "{\"to\":\"2020-02-03\"}", P(to), 0, D_TYPE, "to", "YYYY-MM-DDThh:mm:ss+07:00" },
		{ "{\"to\":\"2999-12-31T23:59:59-10:00\"}", P(to), 0, D_TYPE, "to", "YYYY-MM-DDThh:mm:ss+07:00" },
		{ "{\"raw\":1}", P(raw), 0, D_TYPE, "raw", "true, false" },
		{ "{\"product\":\"x\"}", P(product), 0, D_TYPE, "product", "{...}" },
		{ "{\"product\":null}", P(product), 0, D_TYPE, "product", "{...}" },
		{ "{\"product\":{\"name\":\"x\"}}", P(product), 0, D_MISSING, "product.group", "string" },
		{ "{\"product\":{\"nam\":\"x\"}}", P(product), 0, D_UNKNOWN, "product.nam", "name, group" },
		{ "{\"product\":{\"name\":\"x\",\"name\":\"y\"}}", P(product), 0, D_DUPLICATE, "product.name", NULL },
		{ "{\"documents\":{}}", P(documents), 0, D_TYPE, "documents", "[{...}]" },
		{ "{\"documents\":[1]}", P(documents), 0, D_TYPE, "documents[0]", "{...}" },
		{ "{\"documents\":[{\"code\":\"a\",\"status\":\"present\"},{\"code\":\"b\",\"status\":\"\"}]}", P(documents), 0,
		  D_CHOICE, "documents[1].status", "present, missing, invalid, not-applicable" },
		{ "{\"reasons\":[]}", P(reasons), 0, D_LENGTH, "reasons", "1..50 items" },
		{ "{\"items\":[{\"content\":\"a\",\"by\":\"me\"}]}", P(items), 0, D_UNKNOWN, "items[0].by",
		  "content, amount, decision, source, date" },
		{ "{\"items\":[{\"content\":\"a\",\"amount\":1000000000000000}]}", P(items), 0, D_TYPE, "items[0].amount",
		  "integer" },
		{ "{\"sheet\":[]}", P(sheet), 0, D_TYPE, "sheet", "{\"...\":0}" },
		{ "{\"sheet\":{}}", P(sheet), 0, D_LENGTH, "sheet", "1..100 items" },
		{ "{\"sheet\":{\"a1\":1,\"b5.1\":101}}", P(sheet), 0, D_RANGE, "sheet.b5.1", "0..100" },
		{ "{\"sheet\":{\"b5.1\":\"1\"}}", P(sheet), 0, D_TYPE, "sheet.b5.1", "integer" },
		{ "{\"sheet\":{\"a\":1,\"b\":1,\"a\":1}}", P(sheet), 0, D_DUPLICATE, "sheet.a", NULL },
		{ "{\"sheet\":{\"\":1}}", P(sheet), 0, D_LENGTH, "sheet", "1..32 bytes" },
		{ "{\"sheet\":{\"abcdefghijklmnopqrstuvwxyz0123456\":1}}", P(sheet), 0, D_LENGTH,
		  "sheet.abcdefghijklmnopqrstuvwxyz0123456", "1..32 bytes" },
		{ "{\"communes\":\"x\"}", P(communes), 0, D_TYPE, "communes", "[\"...\"]" },
		{ "{\"communes\":[\"x\",3]}", P(communes), 0, D_TYPE, "communes[1]", "string" },
		{ "{\"communes\":[\"\"]}", P(communes), 0, D_LENGTH, "communes[0]", "1..64 bytes" },
		{ "{\"after\":\"x\"}", P(after), 0, D_TYPE, "after", "integer" },
		{ "{\"after\":1}", P(cursor), 0, D_TYPE, "after", "string" },
		{ "{\"limit\":501}", P(list_limit), 0, D_RANGE, "limit", "1..500" },
		{ "[]", P(note), 0, D_TYPE, "", "{...}" },
	};
	for (size_t i = 0; i < countof(cases); i++) {
		struct params params;
		struct refusal r;
		int error = decode(&params_shape, cases[i].json, cases[i].takes, cases[i].needs, &params, &r);
		if (error != E_PARAMS || r.error != E_PARAMS || r.detail != cases[i].detail ||
		    (cases[i].field[0] ? !text_is(r.field, cases[i].field) : r.field.len) ||
		    !text_equal(r.expect, text_of(cases[i].expect)))
			fail_msg("%s: %d, detail %d, field %.*s, expect %.*s", cases[i].json, error, r.detail,
			         TEXT_ARG(r.field), TEXT_ARG(r.expect));
	}
}

static void
test_bounds(void **state)
{
	(void)state;
	struct params params;
	struct refusal r;
	for (size_t len = 63; len <= 65; len++) {
		struct text json = arena_printf(arena, "{\"key\":\"%s\",\"communes\":[\"%s\"]}",
		                                repeat('k', len).ptr, repeat('c', len).ptr);
		assert_int_equal(decode(&params_shape, json.ptr, ALL_FIELDS, 0, &params, &r), len > 64 ? E_PARAMS : OK);
	}
	/* An endless name is not endlessly echoed. */
	struct text json = arena_printf(arena, "{\"%s€€\":1}", repeat('x', 63).ptr);
	assert_int_equal(decode(&params_shape, json.ptr, ALL_FIELDS, 0, &params, &r), E_PARAMS);
	assert_true(text_equal(r.field, repeat('x', 63)));
	for (int count = 100; count <= 101; count++) {
		struct buf buf = { 0 };
		for (int i = 0; i < count; i++)
			buf_printf(&buf, "%s{\"code\":\"%d\",\"status\":\"present\"}", i ? "," : "{\"documents\":[", i);
		buf_add(&buf, "]}", 3);
		int error = decode(&params_shape, buf.ptr, P(documents), 0, &params, &r);
		assert_int_equal(error, count > 100 ? E_PARAMS : OK);
		if (!error)
			assert_int_equal(params.documents.count, 100);
		buf_free(&buf);
	}
}

static void
test_absent(void **state)
{
	(void)state;
	struct params params;
	struct refusal r;
	memset(&params, 0x5a, sizeof params);
	assert_int_equal(codec_decode(&params_shape, NULL, P(note), 0, arena, &params, &r), OK);
	for (unsigned i = 0; i < params_shape.count; i++)
		assert_false(shape_has(&params_shape, &params, i));
	assert_int_equal(codec_decode(&params_shape, NULL, P(note), P(note), arena, &params, &r), E_PARAMS);
	assert_int_equal(decode(&params_shape, "{\"documents\":[],\"samples\":0,\"overdue\":false}", ALL_FIELDS, 0,
	                        &params, &r), OK);
	assert_true(shape_has(&params_shape, &params, params_documents));
	assert_true(shape_has(&params_shape, &params, params_samples));
	assert_true(shape_has(&params_shape, &params, params_overdue));
	assert_int_equal(params.documents.count, 0);
	assert_int_equal(params.overdue, 0);
	struct buf buf = { 0 };
	codec_print(&buf, &params_shape, &params, ALL_FIELDS);
	assert_true(text_is(buf_view(&buf), "{\"documents\":[],\"samples\":0,\"overdue\":false}"));
	buf_free(&buf);
}

/* Printed as it was read (second text where it differs), packed, unpacked, packed, printed again. */
static void
test_around(void **state)
{
	(void)state;
	static const struct {
		const struct shape *shape;
		const char *in, *out;
	} cases[] = {
		{ &params_shape, "{}", NULL },
		{ &params_shape, "{\"key\":\" ~\",\"points\":\"74.28\",\"stars\":5}", NULL },
		{ &params_shape, "{\"stars\":5,\"points\":74.2}", "{\"points\":\"74.20\",\"stars\":5}" },
		{ &params_shape, "{\"points\":\"0.05\",\"to\":\"2020-03-04T09:12:44.120+07:00\"}", NULL },
		{ &params_shape, "{\"to\":\"2020-03-04T02:12:44Z\"}", "{\"to\":\"2020-03-04T09:12:44.000+07:00\"}" },
		{ &params_shape, "{\"to\":\"1960-01-01T00:00:00.000+07:00\",\"from\":null}", "" },
		{ &params_shape, "{\"date\":\"1945-09-02\",\"to\":\"1960-01-01T00:00:00.000+07:00\"}", NULL },
		{ &params_shape, "{\"after\":\"KN-2020-0007\",\"limit\":500}", "{\"limit\":500,\"after\":\"KN-2020-0007\"}" },
		{ &params_shape, "{\"note\":\"dòng một\\n\\\"hai\\\"\",\"sheet\":{\"b5.1\":5,\"a1\":0}}", NULL },
		{ &params_shape, "{\"communes\":[\"24346\",\"Xã Đliê Ya\"],\"types\":[],\"raw\":true}", NULL },
		{ &params_shape, "{\"product\":{\"name\":\"Cà phê\",\"group\":\"I.3\"},"
		                 "\"documents\":[{\"code\":\"1\",\"status\":\"not-applicable\",\"note\":\"x\"}]}", NULL },
		{ &dossier_shape, "{\"dossier\":\"KN-2020-0007\",\"version\":3,\"state\":\"supported\",\"overdue\":true,"
		                  "\"reasons\":[{\"reason\":\"x\"},{\"document\":\"4\",\"reason\":\"y\",\"guidance\":\"z\"}],"
		                  "\"sheets\":[{\"member\":\"health\",\"sheet\":{\"a1\":3},\"a\":3,\"b\":0,\"c\":0,\"total\":3}],"
		                  "\"score\":{\"sum\":520,\"count\":7,\"points\":\"74.28\",\"stars\":4,\"minutes\":\"12/BB\","
		                  "\"date\":\"2020-03-05\"},"
		                  "\"support\":[{\"content\":\"label\",\"amount\":999999999999999,\"decision\":\"1\","
		                  "\"source\":\"s\",\"by\":\"finance\"}],"
		                  "\"created\":\"2020-03-04T09:12:44.120+07:00\"}", NULL },
		{ &event_shape, "{\"specversion\":\"1.0\",\"id\":\"17\",\"source\":\"/ocop/650\",\"type\":\"t\",\"subject\":\"s\","
		                "\"time\":\"2020-03-04T09:12:44.120+07:00\",\"datacontenttype\":\"application/json\","
		                "\"sequence\":\"17\",\"prevhash\":\"" HASH64 "\",\"data\":{\"dossier\":\"s\",\"items\":"
		                "[{\"content\":\"c\",\"amount\":1,\"decision\":\"d\",\"source\":\"s\",\"by\":\"b\"}]}}", NULL },
	};
	for (size_t i = 0; i < countof(cases); i++) {
		const struct shape *shape = cases[i].shape;
		const char *want = cases[i].out ? cases[i].out : cases[i].in;
		struct refusal r;
		struct buf text = { 0 }, bytes = { 0 }, again = { 0 };
		void *one = arena_alloc(arena, shape->size), *two = arena_alloc(arena, shape->size);
		int error = decode(shape, cases[i].in, ALL_FIELDS, 0, one, &r);
		assert_int_equal(error != OK, !*want);
		if (error)
			continue;
		codec_print(&text, shape, one, ALL_FIELDS);
		if (!text_is(buf_view(&text), want))
			fail_msg("%s became %.*s", cases[i].in, TEXT_ARG(buf_view(&text)));
		codec_pack(&bytes, shape, one, ALL_FIELDS);
		struct text copy = buf_view(&bytes);
		assert_true(codec_unpack(shape, copy, arena, two));
		codec_pack(&again, shape, two, ALL_FIELDS);
		assert_true(text_equal(copy, buf_view(&again)));
		if (bytes.len)
			memset(bytes.ptr, 0xff, bytes.len);     /* nothing is borrowed */
		buf_clear(&text);
		codec_print(&text, shape, two, ALL_FIELDS);
		assert_true(text_is(buf_view(&text), want));
		buf_free(&text);
		buf_free(&bytes);
		buf_free(&again);
	}
}

static void
test_needs(void **state)
{
	(void)state;
	struct dossier d, again;
	shape_init(&dossier_shape, &d);
	d.dossier = TEXT("KN-1");
	d.workflow = TEXT("2020-01-01");
	d.sequence = 17;
	struct buf buf = { 0 };
	codec_print(&buf, &dossier_shape, &d, ALL_FIELDS);
	assert_true(text_is(buf_view(&buf), "{\"dossier\":\"KN-1\"}"));
	buf_clear(&buf);
	codec_pack(&buf, &dossier_shape, &d, ALL_FIELDS);
	assert_true(codec_unpack(&dossier_shape, buf_view(&buf), arena, &again));
	assert_true(text_is(again.workflow, "2020-01-01"));
	assert_int_equal(again.sequence, 17);
	assert_true(again.version == NONE);
	buf_free(&buf);
	struct refusal r;
	assert_int_equal(decode(&dossier_shape, "{\"workflow\":\"x\"}", ALL_FIELDS, 0, &d, &r), E_PARAMS);
	assert_int_equal(r.detail, D_UNKNOWN);
	assert_int_equal(decode(&dossier_shape, "{}", ALL_FIELDS, 0, &d, &r), E_PARAMS);
	assert_true(r.detail == D_MISSING && text_is(r.field, "dossier"));
}

static void
test_members(void **state)
{
	(void)state;
	struct product product = { TEXT("Mật ong"), TEXT("I") };
	struct buf buf = { 0 };
	assert_true(codec_print_members(&buf, &product_shape, &product, ALL_FIELDS, false));
	assert_true(text_is(buf_view(&buf), "\"name\":\"Mật ong\",\"group\":\"I\""));
	buf_clear(&buf);
	assert_true(codec_print_members(&buf, &product_shape, &product, FIELD(product, group), true));
	assert_true(text_is(buf_view(&buf), ",\"group\":\"I\""));
	buf_clear(&buf);
	assert_false(codec_print_members(&buf, &product_shape, &product, 0, true));
	assert_int_equal(buf.len, 0);
	codec_pack(&buf, &product_shape, &product, FIELD(product, group));
	assert_true(text_equal(buf_view(&buf), TEXT("\1\1I")));
	buf_free(&buf);
}

static void
test_find_copy(void **state)
{
	(void)state;
	assert_int_equal(shape_find(&params_shape, TEXT("dossier")), params_dossier);
	assert_int_equal(shape_find(&params_shape, TEXT("limit")), params_list_limit);
	assert_int_equal(shape_find(&params_shape, TEXT("dossie")), -1);
	assert_int_equal(shape_find(&params_shape, (struct text){ 0 }), -1);
	struct params params;
	struct change change;
	struct refusal r;
	shape_init(&change_shape, &change);
	assert_int_equal(decode(&params_shape, "{\"kind\":\"first\",\"samples\":3,\"product\":{\"name\":\"n\",\"group\":\"g\"},"
	                        "\"documents\":[{\"code\":\"1\",\"status\":\"missing\"}]}", ALL_FIELDS, 0, &params, &r), OK);
	for (unsigned i = 0; i < params_shape.count; i++) {
		int to = shape_find(&change_shape, text_of(params_shape.fields[i].name));
		if (to >= 0 && shape_has(&params_shape, &params, i))
			shape_copy(&params_shape, &params, i, &change_shape, &change, (unsigned)to);
	}
	assert_true(text_is(change.kind, "first"));
	assert_int_equal(change.samples, 3);
	assert_ptr_equal(change.product, params.product);
	assert_ptr_equal(change.documents.items, params.documents.items);
	assert_false(shape_has(&change_shape, &change, change_producer));
}

static void
test_damaged(void **state)
{
	(void)state;
	static const struct {
		const struct shape *shape;
		struct text bytes;
		bool good;
	} cases[] = {
		{ &product_shape, TEXT(""), true },
		{ &product_shape, TEXT("\0\1a\1\0"), true },
		{ &product_shape, TEXT("\0\1a\0\1a"), false },          /* twice */
		{ &product_shape, TEXT("\1\1a\0\1a"), false },          /* order */
		{ &product_shape, TEXT("\2\1a"), false },               /* no such field */
		{ &product_shape, TEXT("\377\1a"), false },
		{ &product_shape, TEXT("\0"), false },
		{ &product_shape, TEXT("\0\2a"), false },
		{ &product_shape, TEXT("\0\1\xff"), false },            /* no UTF-8 */
		{ &product_shape, TEXT("\0\x81\0a"), false },           /* a longer form of 1 */
		{ &product_shape, TEXT("\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\1a"), false },
		{ &product_shape, TEXT("\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\2a"), false },
		{ &product_shape, TEXT("\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"), false },
		{ &support_shape, TEXT("\1\4"), true },
		{ &support_shape, TEXT("\1\x80"), false },
		{ &support_shape, TEXT("\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"), false },    /* NONE */
		{ &support_shape, TEXT("\4\xfe\xff\xff\xff\xff\xff\xff\xff\xff\1"), false },    /* no day */
		{ &sheet_shape, TEXT("\1\1\1a\2"), true },
		{ &sheet_shape, TEXT("\1\0"), true },
		{ &sheet_shape, TEXT("\1\2\1a\2"), false },
		{ &sheet_shape, TEXT("\1\xff\xff\xff\xff\x7f\1a\2"), false },
		{ &params_shape, TEXT("\4\3\0\1n"), true },
		{ &params_shape, TEXT("\4\4\0\1n"), false },
		{ &params_shape, TEXT("\4\2\0\1n"), false },
		{ &params_shape, TEXT("\x20\2"), true },                /* a flag */
		{ &params_shape, TEXT("\x20\4"), false },
	};
	assert_int_equal(params_product, 4);
	assert_int_equal(params_overdue, 0x20);
	for (size_t i = 0; i < countof(cases); i++) {
		void *ret = arena_alloc(arena, cases[i].shape->size);
		if (codec_unpack(cases[i].shape, cases[i].bytes, arena, ret) != cases[i].good)
			fail_msg("case %zu", i);
	}
}

/* Packed bytes with random damage: refused, or a structure that packs to those very bytes. */
static void
test_random_damage(void **state)
{
	(void)state;
	unsigned seed = (unsigned)time(NULL);
	print_message("seed %u\n", seed);
	static const char json[] =
		"{\"dossier\":\"KN\",\"version\":3,\"state\":\"s\",\"product\":{\"name\":\"Cà phê\",\"group\":\"I.3\"},"
		"\"received\":\"2020-03-05\",\"overdue\":true,\"documents\":[{\"code\":\"1\",\"status\":\"present\"}],"
		"\"sheets\":[{\"member\":\"m\",\"sheet\":{\"a1\":3,\"a2\":7},\"a\":3,\"b\":0,\"c\":0,\"total\":3}],"
		"\"province\":{\"points\":90,\"stars\":5,\"decision\":\"d\",\"date\":\"2020-06-01\"},"
		"\"updated\":\"2020-03-04T09:12:44.120+07:00\"}";
	struct dossier d;
	struct refusal r;
	assert_int_equal(decode(&dossier_shape, json, ALL_FIELDS, 0, &d, &r), OK);
	struct buf whole = { 0 }, again = { 0 };
	codec_pack(&whole, &dossier_shape, &d, ALL_FIELDS);
	for (int round = 0; round < 50000; round++) {
		size_t len = rand_r(&seed) % 4 ? whole.len : (size_t)rand_r(&seed) % whole.len;
		char *bytes = malloc(len ? len : 1);
		memcpy(bytes, whole.ptr, len);
		for (int n = rand_r(&seed) % 3; n >= 0 && len; n--)
			bytes[(size_t)rand_r(&seed) % len] = (char)rand_r(&seed);
		arena_reset(arena);
		buf_clear(&again);
		if (codec_unpack(&dossier_shape, (struct text){ bytes, len }, arena, &d)) {
			codec_pack(&again, &dossier_shape, &d, ALL_FIELDS);
			assert_int_equal(again.len, len);
			assert_memory_equal(again.ptr, bytes, len);
			codec_print(&again, &dossier_shape, &d, ALL_FIELDS);
		}
		free(bytes);
	}
	buf_free(&whole);
	buf_free(&again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bounds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_around, setup, teardown),
		cmocka_unit_test_setup_teardown(test_needs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_members, setup, teardown),
		cmocka_unit_test_setup_teardown(test_find_copy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random_damage, setup, teardown),
	};
	return cmocka_run_group_tests_name("codec", tests, NULL, NULL);
}
