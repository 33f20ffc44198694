/* Tables on a terminal of a given width and as CSV; the nearest word. */
#include "proto/nearest.h"
#include "clients/table.h"
#include "proto/utf8.h"

#include <locale.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* --- the nearest word ---------------------------------------------------------------------------- */

static const struct {
	const char *word, *choices, *best;  /* NULL: none is near */
} nearest_cases[] = {
	{ "shwo",     "show,list,history",     "show" },
	{ "lits",     "show,list,history",     "list" },
	{ "histroy",  "show,list,history",     "history" },
	{ "hist",     "show,list,history",     "history" },
	{ "sow",      "show,list",             "show" },
	{ "xyzzy",    "show,list,history",     NULL },
	{ "q",        "show,list",             NULL },
	{ "ab",       "cd",                    NULL },
	{ "deadl",    "list,deadlines",        "deadlines" },
	{ "",         "show",                  NULL },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "show", NULL },
};

static void
test_nearest(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(nearest_cases); i++) {
		struct nearest n = nearest_begin(text_of(nearest_cases[i].word));
		struct text choices = text_of(nearest_cases[i].choices), choice;
		while (text_next(&choices, ',', &choice))
			nearest_try(&n, choice);
		if (nearest_cases[i].best)
			assert_true(text_is(n.best, nearest_cases[i].best));
		else
			assert_null(n.best.ptr);
	}
}

/* --- tables -------------------------------------------------------------------------------------- */

static struct table
make_table(struct arena *arena)
{
	static const char *const rows[][3] = {
		{ "Code", "Product", "Count" },
		{ "KN-2020-0001", "Ca\xcc\x80 phe\xcc\x82 bo\xcc\xa3\xcc\x82t nguyên chất", "1" },
		{ "KN-2020-0002", "line\nbreak, \"quoted\"\x1b[31m", "12" },
		{ "KN-2020-0003", "", "" },
	};
	struct table t;
	table_init(&t, 3, arena);
	t.right[2] = true;
	for (size_t r = 0; r < countof(rows); r++) {
		struct text *row = table_row(&t);
		for (size_t c = 0; c < 3; c++)
			row[c] = text_of(rows[r][c]);
	}
	return t;
}

/* What a terminal so wide is given, "\r\n" for each line. */
static char *
on_terminal(const struct table *t, unsigned short columns)
{
	struct winsize size = { .ws_row = 50, .ws_col = columns };
	int master, slave;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
	FILE *file = fdopen(slave, "w");
	table_print(t, true, 0, file);
	fflush(file);
	struct buf shown = { 0 };
	fputs("\f", file);
	fflush(file);
	while (!shown.len || shown.ptr[shown.len - 1] != '\f') {
		ssize_t n = read(master, buf_room(&shown, 4096), 4096);
		assert_true(n > 0);
		shown.len += (size_t)n;
	}
	fclose(file);
	close(master);
	shown.ptr[shown.len - 1] = '\0';
	return shown.ptr;
}

static void
test_widths(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct table t = make_table(arena);
	for (unsigned short columns = 8; columns < 120; columns++) {
		char *shown = on_terminal(&t, columns);
		for (char *line = strtok(shown, "\r\n"); line; line = strtok(NULL, "\r\n")) {
			assert_true(utf8_width(text_of(line)) <= columns);
			assert_null(strchr(line, '\033'));
		}
		free(shown);
	}
	char *shown = on_terminal(&t, 80);
	assert_string_equal(shown,
	                    "Code          Product                    Count\r\n"
	                    "KN-2020-0001  Ca\xcc\x80 phe\xcc\x82 bo\xcc\xa3\xcc\x82t nguyên chất         1\r\n"
	                    "KN-2020-0002  line break, \"quoted\" [31m     12\r\n"
	                    "KN-2020-0003\r\n");
	free(shown);
	arena_destroy(&arena);
}

static void
test_csv(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct table t = make_table(arena);
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);
	table_csv(&t, file);
	fclose(file);
	assert_string_equal(text,
	                    "Code,Product,Count\r\n"
	                    "KN-2020-0001,Ca\xcc\x80 phe\xcc\x82 bo\xcc\xa3\xcc\x82t nguyên chất,1\r\n"
	                    "KN-2020-0002,\"line\nbreak, \"\"quoted\"\"\x1b[31m\",12\r\n"
	                    "KN-2020-0003,,\r\n");
	free(text);
	arena_destroy(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_csv),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
