/* Envelopes: what is a request, what becomes of its id, what an answer looks like. */
#include "proto/jsonrpc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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

#define V "\"jsonrpc\":\"2.0\","
#define M ",\"method\":\"m\""

static void
test_requests(void **state)
{
	(void)state;
	static const struct {
		const char *frame, *id;
		int error;
		enum detail detail;
		const char *field;
	} cases[] = {
		{ "{" V "\"id\":1" M "}", "1", OK, 0, NULL },
		{ "{" V "\"id\":-999999999999999" M ",\"params\":{}}", "-999999999999999", OK, 0, NULL },
		{ "{" V "\"id\":\"\"" M "}", "\"\"", OK, 0, NULL },
		{ "{" V "\"id\":\"a\\\"\\u00e9\\/\"" M "}", "\"a\\\"é/\"", OK, 0, NULL },
		{ "{" V "\"id\":1,\"method\":\"\"}", "1", OK, 0, NULL },
		{ "{" V "\"id\":null" M "}", "null", E_REQUEST, D_ID, "id" },
		{ "{" V "\"id\":1.0" M "}", "null", E_REQUEST, D_ID, "id" },
		{ "{" V "\"id\":1e2" M "}", "null", E_REQUEST, D_ID, "id" },
		{ "{" V "\"id\":-0" M "}", "null", E_REQUEST, D_ID, "id" },
		{ "{" V "\"id\":1000000000000000" M "}", "null", E_REQUEST, D_ID, "id" },
		{ "{" V "\"id\":true" M "}", "null", E_REQUEST, D_ID, "id" },
		{ "{" V "\"id\":{}" M "}", "null", E_REQUEST, D_ID, "id" },
		{ "{" V "\"id\":[1]" M "}", "null", E_REQUEST, D_ID, "id" },
		{ "{" V "\"method\":\"m\"}", "null", E_REQUEST, D_ID, "id" },
		{ "{" V "\"id\":1,\"id\":1" M "}", "null", E_REQUEST, D_DUPLICATE, "id" },
		{ "{" V "\"id\":1,\"id\":2,\"id\":3" M "}", "null", E_REQUEST, D_DUPLICATE, "id" },
		{ "{" V "\"id\":7,\"method\":\"a\",\"method\":\"b\"}", "7", E_REQUEST, D_DUPLICATE, "method" },
		{ "{" V "\"id\":7" M ",\"params\":{},\"params\":{}}", "7", E_REQUEST, D_DUPLICATE, "params" },
		{ "{\"id\":7" M "}", "7", E_REQUEST, D_VERSION, "jsonrpc" },
		{ "{\"jsonrpc\":2.0,\"id\":7" M "}", "7", E_REQUEST, D_VERSION, "jsonrpc" },
		{ "{\"jsonrpc\":\"1.0\",\"id\":7" M "}", "7", E_REQUEST, D_VERSION, "jsonrpc" },
		{ "{\"jsonrpc\":\"2.00\",\"id\":7" M "}", "7", E_REQUEST, D_VERSION, "jsonrpc" },
		{ "{" V "\"id\":7}", "7", E_REQUEST, D_METHOD, "method" },
		{ "{" V "\"id\":7,\"method\":1}", "7", E_REQUEST, D_METHOD, "method" },
		{ "{" V "\"id\":7,\"method\":null}", "7", E_REQUEST, D_METHOD, "method" },
		{ "{" V "\"id\":7" M ",\"params\":[]}", "7", E_REQUEST, D_PARAMS, "params" },
		{ "{" V "\"id\":7" M ",\"params\":null}", "7", E_REQUEST, D_PARAMS, "params" },
		{ "{" V "\"id\":7" M ",\"Params\":{}}", "7", E_REQUEST, D_UNKNOWN, "Params" },
		{ "{\"parms\":{}," V "\"id\":7" M "}", "7", E_REQUEST, D_UNKNOWN, "parms" },
		{ "{}", "null", E_REQUEST, D_VERSION, "jsonrpc" },
		{ "1", "null", E_REQUEST, DETAIL_NONE, NULL },
		{ "null", "null", E_REQUEST, DETAIL_NONE, NULL },
	};
	for (size_t i = 0; i < countof(cases); i++) {
		struct rpc_request *requests = NULL;
		struct refusal r;
		bool batch = true;
		assert_int_equal(rpc_parse(text_of(cases[i].frame), arena, &requests, &batch, &r), 1);
		assert_false(batch);
		struct rpc_request *q = requests;
		if (q->error != cases[i].error || !text_is(q->id, cases[i].id) || q->refusal.detail != cases[i].detail ||
		    (int)q->refusal.error != cases[i].error || !text_equal(q->refusal.field, text_of(cases[i].field)))
			fail_msg("%s: %d, id %.*s, detail %d, field %.*s", cases[i].frame, q->error, TEXT_ARG(q->id),
			         q->refusal.detail, TEXT_ARG(q->refusal.field));
	}
}

static void
test_params(void **state)
{
	(void)state;
	struct rpc_request *q;
	struct refusal r;
	bool batch;
	assert_int_equal(rpc_parse(TEXT("{" V "\"id\":1,\"method\":\"dossier.get\"}"), arena, &q, &batch, &r), 1);
	assert_null(q->params);
	assert_true(text_is(q->method, "dossier.get"));
	assert_int_equal(rpc_parse(TEXT("{\"params\":{\"a\":1}," V "\"id\":1" M "}"), arena, &q, &batch, &r), 1);
	assert_int_equal(json_count(q->params), 1);
}

static void
test_id_length(void **state)
{
	(void)state;
	for (int len = 256; len <= 257; len++) {
		struct text frame = arena_printf(arena, "{" V "\"id\":\"%0*d\"" M "}", len, 7);
		struct rpc_request *q;
		struct refusal r;
		bool batch;
		assert_int_equal(rpc_parse(frame, arena, &q, &batch, &r), 1);
		assert_int_equal(q->error, len > RPC_ID_MAX ? E_REQUEST : OK);
		assert_int_equal(q->id.len, len > RPC_ID_MAX ? 4 : 258);
	}
}

static void
test_whole(void **state)
{
	(void)state;
	static const struct {
		const char *frame;
		enum error error;
		enum detail detail;
	} cases[] = {
		{ "", E_PARSE, DETAIL_NONE },
		{ "{", E_PARSE, DETAIL_NONE },
		{ "{} {}", E_PARSE, DETAIL_NONE },
		{ "{\"id\":\"\xff\"}", E_PARSE, DETAIL_NONE },
		{ "[]", E_REQUEST, D_BATCH },
	};
	struct rpc_request *q;
	struct refusal r;
	bool batch;
	for (size_t i = 0; i < countof(cases); i++) {
		assert_int_equal(rpc_parse(text_of(cases[i].frame), arena, &q, &batch, &r), 0);
		assert_int_equal(r.error, cases[i].error);
		assert_int_equal(r.detail, cases[i].detail);
	}
	for (size_t len = RPC_BYTES_MAX; len <= RPC_BYTES_MAX + 1; len++) {
		char *frame = arena_alloc(arena, len);
		memset(frame, ' ', len);
		frame[0] = '{';
		frame[1] = '}';
		assert_int_equal(rpc_parse((struct text){ frame, len }, arena, &q, &batch, &r), len <= RPC_BYTES_MAX);
	}
	assert_true(r.error == E_REQUEST && r.detail == D_TOO_LARGE);
}

static void
test_batch(void **state)
{
	(void)state;
	struct rpc_request *q;
	struct refusal r;
	bool batch = false;
	assert_int_equal(rpc_parse(TEXT("[1,{" V "\"id\":\"a\"" M "},{" V "\"id\":\"b\"},[]]"), arena, &q, &batch, &r), 4);
	assert_true(batch);
	assert_true(q[0].error == E_REQUEST && text_is(q[0].id, "null"));
	assert_true(q[1].error == OK && text_is(q[1].id, "\"a\""));
	assert_true(q[2].error == E_REQUEST && text_is(q[2].id, "\"b\""));
	assert_true(q[3].error == E_REQUEST && text_is(q[3].id, "null"));
	for (size_t count = 64; count <= 65; count++) {
		struct buf buf = { 0 };
		for (size_t i = 0; i < count; i++)
			buf_str(&buf, i ? ",{}" : "[{}");
		buf_byte(&buf, ']');
		assert_int_equal(rpc_parse(buf_view(&buf), arena, &q, &batch, &r), count > RPC_BATCH_MAX ? 0 : count);
		buf_free(&buf);
	}
	assert_true(r.error == E_REQUEST && r.detail == D_BATCH);
}

static void
test_answers(void **state)
{
	(void)state;
	struct buf buf = { 0 };
	rpc_result(&buf, TEXT("\"a\""));
	buf_str(&buf, "{}");
	rpc_end(&buf);
	assert_true(text_is(buf_view(&buf), "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{}}"));
	buf_clear(&buf);
	rpc_error(&buf, TEXT("null"), &(struct refusal){ E_PARSE }, LANG_VI);
	assert_true(text_is(buf_view(&buf), "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,"
	                                    "\"message\":\"nội dung gửi lên không phải JSON hợp lệ\"}}"));
	buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_params, setup, teardown),
		cmocka_unit_test_setup_teardown(test_id_length, setup, teardown),
		cmocka_unit_test_setup_teardown(test_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_batch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answers, setup, teardown),
	};
	return cmocka_run_group_tests_name("jsonrpc", tests, NULL, NULL);
}
