/* ZPL: what is read, with its lines, and what is complained about. */
#include "proto/zpl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* "2:a=[b](3:c)": line, name, value in brackets, children in parentheses. */
static void
outline(const struct zpl *item, struct buf *out)
{
	for (const struct zpl *c = item->child; c; c = c->next) {
		buf_printf(out, "%s%d:%.*s", c == item->child ? "" : " ", c->line, TEXT_ARG(c->name));
		if (c->value.ptr)
			buf_printf(out, "=[%.*s]", TEXT_ARG(c->value));
		if (c->child) {
			buf_str(out, "(");
			outline(c, out);
			buf_str(out, ")");
		}
	}
}

static void
test_good(void **state)
{
	static const struct {
		const char *text, *outline;
	} cases[] = {
		{ "", "" },
		{ "\n\n  \n # only\n#comments", "" },
		{ "a", "1:a" },
		{ "a\n", "1:a" },
		{ "a = b\n", "1:a=[b]" },
		{ "a=b", "1:a=[b]" },
		{ "a   =   b c   ", "1:a=[b c]" },
		{ "a # why\n", "1:a" },
		{ "a = b # why\n", "1:a=[b]" },
		{ "a = b#c\n", "1:a=[b]" },
		{ "a = \"b # c\" # why\n", "1:a=[b # c]" },
		{ "a = ' b \"c\" '\n", "1:a=[ b \"c\" ]" },
		{ "a = \"Ea H'leo\"", "1:a=[Ea H'leo]" },
		{ "a = Ea H'leo \"x\"", "1:a=[Ea H'leo \"x\"]" },
		{ "a = \"\"\nb = ''", "1:a=[] 2:b=[]" },
		{ "a = b = c", "1:a=[b = c]" },
		{ "a = tcp://*:5555", "1:a=[tcp://*:5555]" },
		{ "Aa0-_./@&+$ = x", "1:Aa0-_./@&+$=[x]" },
		{ "a = Cà phê Ea H’leo\n", "1:a=[Cà phê Ea H’leo]" },
		{ "a\n    b = 1\n    c\n        d = 2\n    e\nf", "1:a(2:b=[1] 3:c(4:d=[2]) 5:e) 6:f" },
		{ "a = 1\n    b\n\n# x\n         # y\n    c", "1:a=[1](2:b 6:c)" },
		{ "a\n        \n    b", "1:a(3:b)" },
		{ "a\n    b\na\n    b", "1:a(2:b) 3:a(4:b)" },
		{ "a = b\r\n    c = \"d\"\r\n\r\n", "1:a=[b](2:c=[d])" },
		{ "\xef\xbb\xbf" "a = b", "1:a=[b]" },
		{ "# a\ttab in a comment\na", "2:a" },
	};
	struct arena *arena = arena_new();
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct complaints complaints = { 0 };
		struct buf got = { 0 };
		struct zpl *root = zpl_parse("x", text_of(cases[i].text), arena, &complaints);
		if (!root)
			fail_msg("%s: %.*s", cases[i].text, TEXT_ARG(buf_view(&complaints.text)));
		outline(root, &got);
		if (!text_is(buf_view(&got), cases[i].outline))
			fail_msg("%s: got %.*s", cases[i].text, TEXT_ARG(buf_view(&got)));
		assert_int_equal(complaints.errors + complaints.warnings, 0);
		assert_int_equal(complaints.text.len, 0);
		buf_free(&got);
		arena_reset(arena);
	}
	arena_destroy(&arena);
}

#define NAME_RULE "; letters a to z, digits and -_./@&+$ can, and = stands between name and value\n"

static void
test_bad(void **state)
{
	static const struct {
		const char *text, *complaints;
	} cases[] = {
		{ "a\n   b", "x:2: an indentation of 3; 0, 4, 8 ... blanks would be right\n" },
		{ " a", "x:1: an indentation of 1; 0, 4, 8 ... blanks would be right\n" },
		{ "    a", "x:1: a level is skipped; 0 blanks or fewer would be right here\n" },
		{ "a\n\n        b", "x:3: a level is skipped; 4 blanks or fewer would be right here\n" },
		{ "a\n\tb", "x:2: a tab; blanks would be right, four a level\n" },
		{ "a\t= b", "x:1: a tab; blanks would be right, four a level\n" },
		{ "a = b\tc", "x:1: a tab; blanks would be right, four a level\n" },
		{ "a = \x01", "x:1: a control character; plain text would be right\n" },
		{ "a = b\rc", "x:1: a control character; plain text would be right\n" },
		{ "a = \"b", "x:1: the quote is not closed; \" at the end of the value would be right\n" },
		{ "a = 'b\"", "x:1: the quote is not closed; ' at the end of the value would be right\n" },
		{ "a = \"", "x:1: the quote is not closed; \" at the end of the value would be right\n" },
		{ "a = \"b\" c", "x:1: text behind the closing \"; only a # comment may stand there, and a"
		  " value that holds \" goes between ' and '\n" },
		{ "a = ''b", "x:1: text behind the closing '; only a # comment may stand there, and a value"
		  " that holds ' goes between \" and \"\n" },
		{ "a =", "x:1: no value behind =; a = \"\" would be an empty one, and a value with # needs"
		  " quotes\n" },
		{ "a = # b", "x:1: no value behind =; a = \"\" would be an empty one, and a value with #"
		  " needs quotes\n" },
		{ "a b", "x:1: text behind the name; a = value would be right\n" },
		{ "= b", "x:1: no name before =; name = value would be right\n" },
		{ "a: b", "x:1: ':' can't stand in a name" NAME_RULE },
		{ "tên = b", "x:1: 'ê' can't stand in a name" NAME_RULE },
		{ "\"a\" = b", "x:1: '\"' can't stand in a name" NAME_RULE },
		{ "[a]", "x:1: '[' can't stand in a name" NAME_RULE },
		{ "a\nb = C\xb5 ph\xea\n", "x:2: not UTF-8; the file saved as UTF-8 (TCVN3 and VNI are not)"
		  " would be right\n" },
		{ "a # \xff", "x:1: not UTF-8; the file saved as UTF-8 (TCVN3 and VNI are not) would be"
		  " right\n" },
		/* One mistake draws one complaint: what stands beneath is read all the same. */
		{ "a\n  b\n    c\n        d = 1",
		  "x:2: an indentation of 2; 0, 4, 8 ... blanks would be right\n" },
		{ "a =\n    b = 'c\n        d\ne f",
		  "x:1: no value behind =; a = \"\" would be an empty one, and a value with # needs"
		  " quotes\n"
		  "x:2: the quote is not closed; ' at the end of the value would be right\n"
		  "x:4: text behind the name; e = value would be right\n" },
	};
	struct arena *arena = arena_new();
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct complaints complaints = { 0 };
		assert_null(zpl_parse("x", text_of(cases[i].text), arena, &complaints));
		if (!text_is(buf_view(&complaints.text), cases[i].complaints))
			fail_msg("%s: got %.*s", cases[i].text, TEXT_ARG(buf_view(&complaints.text)));
		int lines = 0;
		for (const char *c = cases[i].complaints; *c; c++)
			lines += *c == '\n';
		assert_int_equal(complaints.errors, lines);
		buf_free(&complaints.text);
		arena_reset(arena);
	}
	arena_destroy(&arena);
}

static void
test_nul_is_a_control(void **state)
{
	struct arena *arena = arena_new();
	struct complaints complaints = { 0 };
	(void)state;
	assert_null(zpl_parse("x", TEXT("a = b\0c"), arena, &complaints));
	assert_null(zpl_parse("x", TEXT("a\0"), arena, &complaints));
	assert_int_equal(complaints.errors, 2);
	buf_free(&complaints.text);
	arena_destroy(&arena);
}

static void
test_depth(void **state)
{
	struct arena *arena = arena_new();
	(void)state;
	for (int levels = 32; levels <= 33; levels++) {
		struct complaints complaints = { 0 };
		struct buf text = { 0 };
		for (int i = 0; i < levels; i++)
			buf_printf(&text, "%*sx\n", 4 * i, "");
		struct zpl *root = zpl_parse("x", buf_view(&text), arena, &complaints);
		assert_int_equal(!!root, levels == 32);
		assert_int_equal(complaints.errors, levels - 32);
		buf_free(&text);
		buf_free(&complaints.text);
	}
	arena_destroy(&arena);
}

static void
test_gives_up(void **state)
{
	struct arena *arena = arena_new();
	struct complaints complaints = { .errors = 7 };
	struct buf text = { 0 };
	(void)state;
	for (int i = 0; i < 10000; i++)
		buf_str(&text, "a b\n");
	assert_null(zpl_parse("x", buf_view(&text), arena, &complaints));
	assert_int_equal(complaints.errors, 7 + 51);
	assert_non_null(memmem(complaints.text.ptr, complaints.text.len, "x:50: too many errors", 21));
	buf_free(&text);
	buf_free(&complaints.text);
	arena_destroy(&arena);
}

static void
test_find(void **state)
{
	struct arena *arena = arena_new();
	struct complaints complaints = { 0 };
	char name[] = "terms.zpl", text[] = "a = 1\nb\n    c = 2\na = 3\n";
	struct zpl *root = zpl_parse(name, text_of(text), arena, &complaints);
	(void)state;
	/* Nothing of the arguments is borrowed. */
	memset(name, '-', sizeof name - 1);
	memset(text, '-', sizeof text - 1);
	assert_int_equal(root->name.len, 0);
	assert_null(root->value.ptr);
	assert_string_equal(zpl_value(root, "a").ptr, "1");
	assert_null(zpl_value(root, "b").ptr);
	assert_null(zpl_value(root, "c").ptr);
	assert_null(zpl_find(root, "c"));
	assert_string_equal(zpl_value(zpl_find(root, "b"), "c").ptr, "2");
	assert_int_equal(zpl_find(zpl_find(root, "b"), "c")->line, 3);
	assert_string_equal(zpl_find(root, "b")->file, "terms.zpl");
	arena_destroy(&arena);
}

static void
test_complain(void **state)
{
	struct complaints complaints = { 0 };
	(void)state;
	complain(&complaints, "a.zpl", 3, "%d is no %s", 5, "word");
	complain_warning(&complaints, "a.zpl", 4, "old");
	complain(&complaints, "b.zpl", 0, "empty");
	assert_int_equal(complaints.errors, 2);
	assert_int_equal(complaints.warnings, 1);
	assert_true(text_is(buf_view(&complaints.text),
	                    "a.zpl:3: 5 is no word\na.zpl:4: warning: old\nb.zpl: empty\n"));
	buf_free(&complaints.text);
}

/* A warning alone, or an error of another file before, is no reason to refuse a file. */
static void
test_only_own_errors_count(void **state)
{
	struct arena *arena = arena_new();
	struct complaints complaints = { 0 };
	(void)state;
	complain(&complaints, "other", 1, "wrong");
	assert_non_null(zpl_parse("x", TEXT("a = 1"), arena, &complaints));
	assert_int_equal(complaints.errors, 1);
	buf_free(&complaints.text);
	arena_destroy(&arena);
}

static void
write_file(const char *path, const char *text, size_t newlines)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	while (newlines--)
		fputc('\n', f);
	assert_int_equal(fclose(f), 0);
}

static void
test_load(void **state)
{
	enum { MOST = 4 * 1024 * 1024 };
	char dir[] = "/tmp/test_zpl.XXXXXX", path[64];
	struct arena *arena = arena_new();
	struct complaints complaints = { 0 };
	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/a.zpl", dir);

	assert_null(zpl_load(path, arena, &complaints));
	struct text expected = arena_printf(arena, "%s: can't be read: No such file or directory;"
	                                    " a readable file would be right\n", path);
	assert_true(text_equal(buf_view(&complaints.text), expected));
	assert_null(zpl_load(dir, arena, &complaints));
	assert_int_equal(complaints.errors, 2);

	write_file(path, "a = 1\n", 0);
	struct zpl *root = zpl_load(path, arena, &complaints);
	assert_string_equal(zpl_value(root, "a").ptr, "1");
	assert_string_equal(root->child->file, path);
	write_file(path, "", 0);
	assert_non_null(zpl_load(path, arena, &complaints));
	write_file(path, "a = 1\n", MOST - 6);
	assert_non_null(zpl_load(path, arena, &complaints));
	assert_int_equal(complaints.errors, 2);
	write_file(path, "a = 1\n", MOST - 5);
	assert_null(zpl_load(path, arena, &complaints));
	assert_int_equal(complaints.errors, 3);

	unlink(path);
	rmdir(dir);
	buf_free(&complaints.text);
	arena_destroy(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_nul_is_a_control),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_gives_up),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_complain),
		cmocka_unit_test(test_only_own_errors_count),
		cmocka_unit_test(test_load),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
