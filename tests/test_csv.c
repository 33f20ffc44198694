/* CSV and the register's headings: what is read, what is refused at which place, what is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "clients/csv.h"
#include "clients/register.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows as "line:cell|cell;" with what stands in cells between < and > where it is a line break. */
static const struct {
	const char *file, *rows;
} read_rows[] = {
	{ "", "" },
	{ "\n\r\n,,\n", "" },
	{ "a,b\n1,2\n", "1:a|b;2:1|2;" },
	{ "a,b\r\n1,2", "1:a|b;2:1|2;" },
	{ "\xef\xbb\xbf" "a;b\r\n1,5;2\r\n", "1:a|b;2:1,5|2;" },
	{ "a\tb\tc\n1\t\t3", "1:a|b|c;2:1||3;" },
	{ "sep=;\r\na,b;c\r\n", "2:a,b|c;" },
	{ "sep=x\na,b\n", "1:sep=x;2:a|b;" },
	{ "\"a\",\"b\"\n\"1,2\",\"say \"\"hi\"\"\"\n", "1:a|b;2:1,2|say \"hi\";" },
	{ "\"a;b;c\",d,e\n1,2,3\n", "1:a;b;c|d|e;2:1|2|3;" },
	{ "a,b\n\"x\ny\r\nz\",2\n3,4\n", "1:a|b;2:x>y>>z|2;5:3|4;" },
	{ "\"\",b\n\"\"\"\",\n", "1:|b;2:\"|;" },
	{ "a\n\"x\"", "1:a;2:x;" },
	{ "một,hai\n\"ba, bốn\",năm", "1:một|hai;2:ba, bốn|năm;" },
};

static const struct {
	const char *file;
	size_t len;                 /* 0: to its end */
	int line, column;
} refused[] = {
	{ "a,b\n1,\"2", 0, 2, 3 },
	{ "a,b\n1,\"2\n\n\n", 0, 2, 3 },
	{ "a,b\n\"1\" ,2\n", 0, 2, 4 },
	{ "a,b\nế\"1,2\n", 0, 2, 2 },
	{ "a,b\n1,2\r3,4\n", 0, 2, 4 },
	{ "a,b\n\"1\n2\"x,2\n", 0, 3, 3 },
	{ "a,b\nế\xe2\xec,2\n", 0, 2, 2 },
	{ "\xed\xa0\x80", 0, 1, 1 },
	{ "\xff\xfe" "a\0,\0", 6, 1, 1 },
	{ "\xfe\xff\0a\0,", 6, 1, 1 },
	{ "a\0,\0b\0\n\0", 8, 1, 1 },
	{ "\0a\0,\0b\0\n", 8, 1, 1 },
	{ "a,b\n1,2\n1,2\n1,2\n1,2\n\0\n", 22, 1, 1 },
	{ "PK\3\4", 0, 1, 1 },
	{ "\xd0\xcf\x11\xe0\xa1\xb1", 0, 1, 1 },
};

/* Reads all of it. true: to the end; false: with the fault. */
static bool
read_all(struct text file, struct arena *arena, struct buf *out, struct csv_fault *fault)
{
	struct csv csv;
	struct csv_row row;
	if (!csv_open(&csv, file, fault))
		return false;
	for (;;) {
		enum csv_result result = csv_next(&csv, arena, &row, fault);
		if (result != CSV_ROW)
			return result == CSV_END;
		buf_printf(out, "%d:", row.line);
		for (size_t i = 0; i < row.count; i++) {
			buf_str(out, i ? "|" : "");
			for (size_t k = 0; k < row.cells[i].len; k++)
				buf_byte(out, strchr("\r\n", row.cells[i].ptr[k]) ? '>' : (unsigned char)row.cells[i].ptr[k]);
		}
		buf_byte(out, ';');
	}
}

/* A copy of exactly this length, so that a sanitizer sees a byte too many. */
static struct text
copy_of(const char *bytes, size_t len)
{
	char *copy = malloc(len ? len : 1);
	assert_non_null(copy);
	memcpy(copy, bytes, len);
	return (struct text){ copy, len };
}

static void
test_read(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	for (size_t i = 0; i < countof(read_rows); i++) {
		struct buf out = { 0 };
		struct csv_fault fault;
		struct text file = copy_of(read_rows[i].file, strlen(read_rows[i].file));
		assert_true(read_all(file, arena, &out, &fault));
		buf_byte(&out, 0);
		assert_string_equal(out.ptr, read_rows[i].rows);
		buf_free(&out);
		free((char *)file.ptr);
	}
	arena_destroy(&arena);
}

static void
test_refused(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	for (size_t i = 0; i < countof(refused); i++) {
		struct buf out = { 0 };
		struct csv_fault fault = { 0 };
		struct text file = copy_of(refused[i].file, refused[i].len ? refused[i].len : strlen(refused[i].file));
		if (read_all(file, arena, &out, &fault) || fault.line != refused[i].line || fault.column != refused[i].column)
			fail_msg("case %zu: %d:%d %s", i, fault.line, fault.column, fault.why);
		buf_free(&out);
		free((char *)file.ptr);
	}
	arena_destroy(&arena);
}

/* What is written is read back, and no cell is a formula to a spreadsheet. */
static void
test_cells(void **state)
{
	static const struct {
		const char *cell, *written;
	} cells[] = {
		{ "Cà phê", "Cà phê" }, { "a,b", "\"a,b\"" }, { "say \"hi\"", "\"say \"\"hi\"\"\"" }, { "a\nb", "\"a\nb\"" }, { "a;b", "a;b" },
		{ "=1+1", "\"'=1+1\"" }, { "@SUM(A1)", "\"'@SUM(A1)\"" }, { "-cmd|x", "\"'-cmd|x\"" }, { "+84 905 123", "+84 905 123" },
		{ "-5,5", "\"-5,5\"" }, { "", "" }, { "'quoted'", "'quoted'" },
	};
	(void)state;
	struct arena *arena = arena_new();
	for (size_t i = 0; i < countof(cells); i++) {
		struct buf out = { 0 };
		struct csv csv;
		struct csv_row row;
		struct csv_fault fault;
		csv_write_cell(&out, text_of(cells[i].cell), ',');
		struct text written = arena_text(arena, buf_view(&out));
		assert_string_equal(written.ptr, cells[i].written);
		buf_str(&out, ",x,y\r\n");
		assert_true(csv_open(&csv, buf_view(&out), &fault));
		assert_int_equal(csv_next(&csv, arena, &row, &fault), CSV_ROW);
		assert_int_equal(row.count, 3);
		assert_true(text_is(csv_plain(row.cells[0]), cells[i].cell));
		buf_free(&out);
	}
	assert_true(text_is(csv_trim(TEXT(" \t a b\xc2\xa0 \n")), "a b"));
	assert_true(text_is(csv_trim(TEXT("\xc2\xa0 ")), ""));
	arena_destroy(&arena);
}

/* No heading stands for two columns, and each is found as it is written, in both languages. */
static void
test_headings(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	for (int id = 0; id < COLUMN_COUNT; id++) {
		const struct register_column *c = register_column((enum register_id)id);
		struct text others = text_of(c->others), other = text_of(c->vi);
		enum register_id found;
		do {
			if (!register_find(other, arena, &found) || found != (enum register_id)id)
				fail_msg("\"%.*s\" is not column %d", TEXT_ARG(other), id);
		} while (text_next(&others, '|', &other));
		assert_true(register_find(text_of(c->en), arena, &found) && found == (enum register_id)id);
	}
	static const struct {
		const char *heading, *nearest;
	} slips[] = {
		{ "Ten san pam", "Tên sản phẩm" }, { "Ngày nhạn đơn", "Ngày nhận" }, { "SDT nhà", NULL }, { "Xyz", NULL },
		{ "Producerr", "Chủ thể" }, { "", NULL },
	};
	for (size_t i = 0; i < countof(slips); i++) {
		enum register_id id;
		struct text near = register_nearest(text_of(slips[i].heading), LANG_VI, arena);
		assert_false(register_find(text_of(slips[i].heading), arena, &id));
		if (slips[i].nearest ? !text_is(near, slips[i].nearest) : near.ptr != NULL)
			fail_msg("\"%s\" is taken for \"%.*s\"", slips[i].heading, TEXT_ARG(near));
	}
	enum register_id id;
	assert_true(register_field(TEXT("product.name"), &id) && id == COLUMN_PRODUCT);
	assert_true(register_field(TEXT("producer"), &id) && id == COLUMN_PRODUCER);
	assert_true(register_field(TEXT("received"), &id) && id == COLUMN_RECEIVED);
	assert_false(register_field(TEXT("documents[0].code"), &id) || register_field(TEXT(""), &id) || register_field(ABSENT, &id)
	             || register_field(TEXT("prod"), &id));
	arena_destroy(&arena);
}

/* Whatever the bytes, the reader comes to an end, inside them. */
static void
test_rubbish(void **state)
{
	static const char letters[] = "a\",;\t\r\n\"\"\xc2\xa0\xe1\xba\xbf\0" "=";
	struct arena *arena = arena_new();
	uint32_t seed = 20200210;
	(void)state;
	for (int i = 0; i < 20000; i++) {
		char bytes[24];
		struct buf out = { 0 };
		struct csv_fault fault;
		size_t len = seed >> 8 & 15;
		for (size_t k = 0; k < len; k++) {
			seed = seed * 1664525 + 1013904223;
			bytes[k] = letters[(seed >> 16) % (sizeof letters - 1)];
		}
		seed = seed * 1664525 + 1013904223;
		struct text file = copy_of(bytes, len);
		read_all(file, arena, &out, &fault);
		buf_free(&out);
		free((char *)file.ptr);
		arena_reset(arena);
	}
	arena_destroy(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_headings),
		cmocka_unit_test(test_rubbish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
