/* Refusals: their words in both languages, their JSON, and that the tables are whole. */
#include "proto/errors.h"

#include "proto/json.h"
#include "proto/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
test_tables(void **state)
{
	(void)state;
	struct buf buf = { 0 };
	for (unsigned error = OK + 1; error < ERROR_COUNT; error++) {
		int code = error_code(error);
		assert_true(code == 1 || (code <= -32600 && code >= -32700));
		assert_int_equal(code == 1, error_kind(error)[0] != 0);
		for (enum lang lang = LANG_EN; lang <= LANG_VI; lang++)
			for (unsigned detail = 0; detail < DETAIL_COUNT; detail++) {
				struct refusal r = { .error = error, .detail = detail, .field = TEXT("ô"), .expect = TEXT("x") };
				buf_clear(&buf);
				refusal_sentence(&buf, &r, lang);
				assert_true(buf.len > 5 && utf8_valid(buf_view(&buf)));
				assert_null(memchr(buf.ptr, '%', buf.len));
			}
	}
	buf_free(&buf);
	assert_int_equal(error_code(E_PARSE), -32700);
	assert_string_equal(error_kind(E_VERSION), "version-conflict");
	assert_string_equal(guard_name(G_QUORUM), "quorum");
	assert_null(guard_name(D_TYPE));
	assert_null(guard_name(DETAIL_NONE));
	assert_int_equal(guard_find(TEXT("quorum")), G_QUORUM);
	assert_int_equal(guard_find(TEXT("within-ceiling")), G_CEILING);
	assert_int_equal(guard_find(TEXT("Quorum")), DETAIL_NONE);
	assert_int_equal(guard_find(TEXT("")), DETAIL_NONE);
	assert_int_equal(guard_find((struct text){ 0 }), DETAIL_NONE);
}

static struct text two[] = { { "dossier.\"a\"", 11 }, { "dossier.b", 9 } };

static const struct {
	struct refusal refusal;
	enum lang lang;
	const char *json;
} cases[] = {
	{ { E_PARSE }, LANG_EN, "{\"code\":-32700,\"message\":\"this is not JSON\"}" },
	{ { E_METHOD }, LANG_VI, "{\"code\":-32601,\"message\":\"không có lệnh này\"}" },
	{ { E_PARAMS, D_TYPE, .field = { "date", 4 }, .expect = { "YYYY-MM-DD", 10 } }, LANG_EN,
	  "{\"code\":-32602,\"message\":\"the parameters are not right: \\\"date\\\" must be YYYY-MM-DD\","
	  "\"data\":{\"field\":\"date\",\"required\":\"YYYY-MM-DD\"}}" },
	{ { E_PARAMS, D_DUPLICATE, .field = { "a\nb", 3 } }, LANG_VI,
	  "{\"code\":-32602,\"message\":\"tham số không đúng: \\\"a\\nb\\\" bị ghi hai lần\","
	  "\"data\":{\"field\":\"a\\nb\"}}" },
	{ { E_FORBIDDEN }, LANG_EN,
	  "{\"code\":1,\"message\":\"this account may not do this\",\"data\":{\"kind\":\"forbidden\"}}" },
	{ { E_WRONG_STATE, .state = { "scored", 6 }, .allowed = { two, 2 } }, LANG_EN,
	  "{\"code\":1,\"message\":\"this is not possible in the dossier's present state (state: scored; "
	  "possible now: dossier.\\\"a\\\", dossier.b)\",\"data\":{\"kind\":\"wrong-state\",\"state\":\"scored\","
	  "\"allowed\":[\"dossier.\\\"a\\\"\",\"dossier.b\"]}}" },
	{ { E_VERSION, .version = 4 }, LANG_VI,
	  "{\"code\":1,\"message\":\"hồ sơ vừa được người khác thay đổi; hãy xem lại rồi làm tiếp (phiên bản hiện tại: 4)\","
	  "\"data\":{\"kind\":\"version-conflict\",\"version\":4}}" },
	{ { E_GUARD_FAILED, G_DOCUMENTS, .missing = { two, 2 }, .legal = { "QĐ 1048", 8 } }, LANG_EN,
	  "{\"code\":1,\"message\":\"a condition is not met: mandatory documents are not there: "
	  "dossier.\\\"a\\\", dossier.b (legal basis: QĐ 1048)\",\"data\":{\"kind\":\"guard-failed\","
	  "\"guard\":\"documents-complete\",\"missing\":[\"dossier.\\\"a\\\"\",\"dossier.b\"],\"legal\":\"QĐ 1048\"}}" },
	{ { E_GUARD_FAILED, G_SHEET_LADDER, .field = { "sheet.b1", 8 }, .expect = { "0, 3, 5", 7 },
	    .required = { "0|3|5", 5 }, .until = { "2020-03-05", 10 } }, LANG_VI,
	  "{\"code\":1,\"message\":\"chưa đủ điều kiện: \\\"sheet.b1\\\" không có mức điểm này: 0, 3, 5 "
	  "(đến ngày: 2020-03-05)\",\"data\":{\"kind\":\"guard-failed\",\"guard\":\"sheet-ladder\","
	  "\"field\":\"sheet.b1\",\"required\":\"0|3|5\",\"until\":\"2020-03-05\"}}" },
	{ { E_GUARD_FAILED, G_KNOWN_GROUP, .expect = { "IX", 2 } }, LANG_EN,
	  "{\"code\":1,\"message\":\"a condition is not met: there is no product group \\\"IX\\\"\","
	  "\"data\":{\"kind\":\"guard-failed\",\"guard\":\"known-group\"}}" },
	{ { E_GUARD_FAILED, G_QUORUM, .required = { "7", 1 } }, LANG_EN,
	  "{\"code\":1,\"message\":\"a condition is not met: the sheets are not enough for a quorum: 7\","
	  "\"data\":{\"kind\":\"guard-failed\",\"guard\":\"quorum\",\"required\":\"7\"}}" },
};

static void
test_print(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buf buf = { 0 };
	for (size_t i = 0; i < countof(cases); i++) {
		buf_clear(&buf);
		refusal_print(&buf, &cases[i].refusal, cases[i].lang);
		buf_byte(&buf, 0);
		assert_string_equal(buf.ptr, cases[i].json);
		assert_non_null(json_parse(text_of(buf.ptr), arena, NULL));
	}
	buf_free(&buf);
	arena_destroy(&arena);
}

static void
test_refuse(void **state)
{
	(void)state;
	struct refusal r;
	memset(&r, 0x5a, sizeof r);
	assert_int_equal(refuse(&r, E_PARAMS, D_TYPE, TEXT("f"), TEXT("x")), E_PARAMS);
	assert_int_equal(r.error, E_PARAMS);
	assert_int_equal(r.detail, D_TYPE);
	assert_true(text_is(r.field, "f") && text_is(r.expect, "x"));
	assert_null(r.state.ptr);
	assert_null(r.allowed.items);
	assert_int_equal(r.version, 0);
}

static void
test_name(void **state)
{
	(void)state;
	static const char long_name[] = "0123456789012345678901234567890123456789012345678901234567890đđđ";
	assert_int_equal(refusal_name(TEXT("abc")).len, 3);
	assert_int_equal(refusal_name((struct text){ long_name, 65 }).len, 63);
	assert_int_equal(refusal_name((struct text){ long_name, 63 }).len, 63);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_name),
	};
	return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
