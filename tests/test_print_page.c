/* The lines of a paper: what they become, and what is refused with which line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "clients/print_html.h"

#include <string.h>

/* What a line makes, as the HTML of its piece. */
static const struct {
	const char *lines, *want;
} made[] = {
	{ "Một đoạn", "<p class=\"paragraph\">Một đoạn</p>\n" },
	{ "= BIÊN BẢN", "<p class=\"title\">BIÊN BẢN</p>\n" },
	{ "^ giữa\n< trái\n- gạch", "<p class=\"centred\">giữa</p>\n<p class=\"flush\">trái</p>\n<p class=\"dash\">- gạch</p>\n" },
	{ "=\n=liền\n-liền", "<p class=\"title\"></p>\n<p class=\"paragraph\">=liền</p>\n<p class=\"paragraph\">-liền</p>\n" },
	{ "\\= không\n\\- không\n\\@title", "<p class=\"paragraph\">= không</p>\n<p class=\"paragraph\">- không</p>\n<p class=\"paragraph\">@title</p>\n" },
	{ "a **b //c// d** __e__ ~~f~~", "<p class=\"paragraph\">a <b>b </b><b><i>c</i></b><b> d</b> <u>e</u> <small>f</small></p>\n" },
	{ "a\\*\\*b 1/2 a_b * \\\\", "<p class=\"paragraph\">a**b 1/2 a_b * \\</p>\n" },
	{ "& < > \"", "<p class=\"paragraph\">&amp; &lt; &gt; &quot;</p>\n" },
	{ "a\xe2\x80\xa8" "b", "<p class=\"paragraph\">a<br>b</p>\n" },
	{ "@space 5\n@break", "<div style=\"height:5mm\"></div>\n<div class=\"break\"></div>\n" },
	{ "@table 20c 80\n|= TT | Tên |\n| 1 | a \\| b |",
	  "<table class=\"framed\">\n<colgroup><col style=\"width:20%\"><col style=\"width:80%\"></colgroup>\n<thead>\n"
	  "<tr><th style=\"text-align:center\">TT</th><th style=\"text-align:center\">Tên</th></tr>\n</thead>\n<tbody>\n"
	  "<tr><td style=\"text-align:center\">1</td><td style=\"text-align:left\">a | b</td></tr>\n</tbody>\n</table>\n" },
	{ "@columns 50l 50\n| a | --- |\n@space 9\n| | b |",
	  "<table class=\"columns\">\n<colgroup><col style=\"width:50%\"><col style=\"width:50%\"></colgroup>\n<tbody>\n"
	  "<tr><td style=\"text-align:left\">a</td><td style=\"text-align:center\"><hr></td></tr>\n"
	  "<tr style=\"height:9mm\"><td colspan=\"2\"></td></tr>\n"
	  "<tr><td style=\"text-align:left\"></td><td style=\"text-align:center\">b</td></tr>\n</tbody>\n</table>\n" },
};

static const struct {
	const char *lines, *line, *names;
} refused[] = {
	{ "", ":1:", "nothing" },
	{ "7\ta **b", ":7:", "**" },
	{ "7\t| //a | b// |", ":7:", "a row without a table" },
	{ "@table 50 50\n7\t| //a | b// |", ":7:", "//" },
	{ "7\t@tabel 50 50", ":7:", "@tabel" },
	{ "7\t@table 50 60", ":7:", "100" },
	{ "7\t@table 50 50x", ":7:", "100" },
	{ "7\t@table", ":7:", "100" },
	{ "7\t@table 100 0", ":7:", "100" },
	{ "7\t@table 99999999999999999999 1", ":7:", "100" },
	{ "7\t@table 10 10 10 10 10 5 5 5 5 5 5 5 3 3 3 3 3", ":7:", "16" },
	{ "@table 50 50\n7\t| a |", ":7:", "1 cells" },
	{ "@table 50 50\n7\t| a | b | c |", ":7:", "3 cells" },
	{ "@table 50 50\n7\t| a | b", ":7:", "not closed" },
	{ "@table 50 50\n| a | b |\n7\t|= a | b |", ":7:", "head" },
	{ "@table 50 50\n| a | b |\n\n7\t| a | b |", ":7:", "a row without a table" },
	{ "@table 50 50\ntext\n7\t| a | b |", ":7:", "a row without a table" },
	{ "7\t@margins 20 20 20", ":7:", "4 whole numbers" },
	{ "7\t@margins 20 20 20 20 20", ":7:", "4 whole numbers" },
	{ "7\t@margins 20 20 20 81", ":7:", "80" },
	{ "7\t@margins 20 20 20 -1", ":7:", "80" },
	{ "7\t@font 13", ":7:", "font" },
	{ "7\t@font Liberation Serif", ":7:", "whole number" },
	{ "7\t@font Liberation Serif 300", ":7:", "40" },
	{ "7\t@space 0\nx", ":7:", "250" },
	{ "7\t@break here\nx", ":7:", "@break" },
};

/* Any value comes out as itself and makes neither a piece, a cell nor a style. */
static const char *const values[] = {
	"a|b", "**đậm**", "//", "= x", "@break", "- a", "\\", "\\|", "__", "~~~~", "|= a | b |", "---", "a**", "x\\",
};

static const struct page *
parse(const char *lines, struct arena *arena, struct buf *ret_complaints)
{
	struct complaints complaints = { 0 };
	const struct page *page = page_parse("t.txt", text_of(lines), arena, &complaints);
	assert_int_equal(page == NULL, complaints.errors > 0);
	buf_text(ret_complaints, buf_view(&complaints.text));
	buf_byte(ret_complaints, '\0');
	buf_free(&complaints.text);
	return page;
}

static void
test_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(made); i++) {
		struct arena *arena = arena_new();
		struct buf complaints = { 0 }, html = { 0 };
		const struct page *page = parse(made[i].lines, arena, &complaints);
		if (!page)
			fail_msg("%s gives %s", made[i].lines, complaints.ptr);
		print_html(page, &html);
		buf_byte(&html, '\0');
		const char *body = strstr(html.ptr, "<body>\n"), *end = strstr(html.ptr, "</body>");
		assert_non_null(body);
		assert_non_null(end);
		html.ptr[end - html.ptr] = '\0';
		assert_string_equal(body + 7, made[i].want);
		buf_free(&complaints);
		buf_free(&html);
		arena_destroy(&arena);
	}
}

static void
test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(refused); i++) {
		struct arena *arena = arena_new();
		struct buf complaints = { 0 };
		assert_null(parse(refused[i].lines, arena, &complaints));
		if (!strstr(complaints.ptr, refused[i].line) || !strstr(complaints.ptr, refused[i].names))
			fail_msg("%s gives %s", refused[i].lines, complaints.ptr);
		buf_free(&complaints);
		arena_destroy(&arena);
	}
}

static void
test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(values); i++) {
		struct arena *arena = arena_new();
		struct buf lines = { 0 }, complaints = { 0 };
		page_write_value(&lines, text_of(values[i]));
		buf_str(&lines, "\n@table 50 50\n| ");
		page_write_value(&lines, text_of(values[i]));
		buf_str(&lines, " | x |\n");
		buf_byte(&lines, '\0');
		const struct page *page = parse(lines.ptr, arena, &complaints);
		if (!page)
			fail_msg("%s gives %s", values[i], complaints.ptr);
		assert_int_equal(page->pieces->kind, PIECE_PARAGRAPH);
		assert_true(text_is(page_text(page->pieces->spans, arena), values[i]));
		assert_int_equal(page->pieces->spans->style, 0);
		const struct piece *table = page->pieces->next;
		assert_true(table && table->kind == PIECE_TABLE && !table->next && !table->rows->next);
		assert_true(text_is(page_text(table->rows->cells[0].spans, arena), values[i]));
		buf_free(&lines);
		buf_free(&complaints);
		arena_destroy(&arena);
	}
}

static void
test_settings(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buf complaints = { 0 };
	const struct page *page = parse("@title Giấy **A**\n@font Times New Roman, Liberation Serif 12\n@margins 1 2 3 4\n@footer KN\nx",
	                                arena, &complaints);
	assert_non_null(page);
	assert_true(text_is(page->title, "Giấy A"));
	assert_string_equal(page->family, "Times New Roman, Liberation Serif");
	assert_int_equal(page->size, 12);
	for (int i = 0; i < 4; i++)
		assert_int_equal(page->margins[i], i + 1);
	assert_true(text_is(page_text(page->footer, arena), "KN"));
	buf_free(&complaints);
	arena_destroy(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_settings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
