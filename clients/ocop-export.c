/* ocop-export: sheets and rows as lines of JSON on standard input into a workbook, the file behind standard output. `ocop export` runs it.
 *
 *	{"sheet":"Register","columns":[{"name":"Received","as":"date","width":11},...]}
 *	["2020-03-05",...]                      (text, int, date, points, money; empty: no cell)
 *
 * The library keeps rows in temporary files and does not look whether they could be written, so it is
 * given files that do (lxw_tmpfile, the one place where it opens them). */
#include "proto/date.h"
#include "proto/i18n.h"
#include "proto/json.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum { COLUMNS_MAX = 64, CELL_MAX = 32000, END_RECORD = 22, A4 = 9 };
enum as { TEXT_CELL, INT_CELL, DATE_CELL, POINTS_CELL, MONEY_CELL, AS_COUNT };

/* --- temporary files ----------------------------------------------------------------------------- */

/* The library passes nothing through to its hook. */
static int tmp_error;               /* errno of the first that failed */
static unsigned tmp_count;

static void
tmp_failed(void)
{
	if (!tmp_error)
		tmp_error = errno;
}

static ssize_t
tmp_write(void *cookie, const char *bytes, size_t len)
{
	ssize_t n = write((int)(intptr_t)cookie, bytes, len);
	if (n < 0 || (size_t)n < len) {
		if (n >= 0)
			errno = ENOSPC;
		tmp_failed();
		return 0;
	}
	return n;
}

static ssize_t
tmp_read(void *cookie, char *bytes, size_t len)
{
	ssize_t n = read((int)(intptr_t)cookie, bytes, len);
	if (n < 0)
		tmp_failed();
	return n;
}

static int
tmp_seek(void *cookie, off64_t *offset, int whence)
{
	*offset = lseek((int)(intptr_t)cookie, *offset, whence);
	if (*offset >= 0)
		return 0;
	tmp_failed();
	return -1;
}

static int
tmp_close(void *cookie)
{
	return close((int)(intptr_t)cookie);
}

static const char *
tmp_folder(void)
{
	const char *folder = getenv("TMPDIR");
	return folder && *folder ? folder : "/tmp";
}

FILE *
lxw_tmpfile(char *folder)
{
	char name[4096];
	(void)folder;
	tmp_count++;
	snprintf(name, sizeof name, "%s/ocop.XXXXXX", tmp_folder());
	int fd = mkostemp(name, O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fopencookie((void *)(intptr_t)fd, "w+", (cookie_io_functions_t){ tmp_read, tmp_write, tmp_seek, tmp_close });
	if (!file)
		tmp_failed();
	if (fd >= 0)
		unlink(name);
	return file;
}

/* --- sheets -------------------------------------------------------------------------------------- */

struct making {
	lxw_workbook *book;
	lxw_format *heading, *formats[AS_COUNT];
	lxw_worksheet *sheet;       /* NULL before the first */
	enum as as[COLUMNS_MAX];
	size_t columns;
	lxw_row_t row;              /* the next */
	struct arena *arena;        /* of one line */
};

static void
make_formats(struct making *m)
{
	static const char *const numbers[AS_COUNT] = {
		[DATE_CELL] = "dd/mm/yyyy", [INT_CELL] = "0", [POINTS_CELL] = "0.00", [MONEY_CELL] = "#,##0",
	};
	for (int as = 0; as < AS_COUNT; as++) {
		m->formats[as] = workbook_add_format(m->book);
		format_set_align(m->formats[as], LXW_ALIGN_VERTICAL_TOP);
		if (numbers[as])
			format_set_num_format(m->formats[as], numbers[as]);
	}
	m->heading = workbook_add_format(m->book);
	format_set_bold(m->heading);
	format_set_text_wrap(m->heading);
	format_set_align(m->heading, LXW_ALIGN_VERTICAL_CENTER);
	format_set_bg_color(m->heading, 0xE2EFDA);
	format_set_border(m->heading, LXW_BORDER_THIN);
}

static void
end_sheet(struct making *m)
{
	if (m->sheet && m->columns)
		worksheet_autofilter(m->sheet, 0, 0, m->row > 1 ? m->row - 1 : 1, (lxw_col_t)(m->columns - 1));
}

static enum as
as_of(struct text word)
{
	static const char *const words[AS_COUNT] = { "text", "int", "date", "points", "money" };
	int as = AS_COUNT - 1;
	while (as > 0 && !text_is(word, words[as]))
		as--;
	return (enum as)as;
}

/* What a cell may hold: no control characters, and not more than a cell can. */
static const char *
cell_text(struct text t, struct arena *arena)
{
	if (t.len > CELL_MAX) {
		t.len = CELL_MAX;
		while (t.len && (t.ptr[t.len] & 0xc0) == 0x80)
			t.len--;
	}
	char *copy = (char *)arena_text(arena, t).ptr;
	for (size_t i = 0; i < t.len; i++)
		if ((unsigned char)copy[i] < 0x20 && copy[i] != '\n' && copy[i] != '\t')
			copy[i] = ' ';
	return copy;
}

static bool
begin_sheet(struct making *m, const struct json *line)
{
	end_sheet(m);
	m->sheet = workbook_add_worksheet(m->book, cell_text(json_text(json_get(line, "sheet")), m->arena));
	m->columns = 0;
	if (!m->sheet)
		return false;
	for (const struct json *c = json_first(json_get(line, "columns")); c && m->columns < COLUMNS_MAX; c = json_next(c)) {
		lxw_col_t column = (lxw_col_t)m->columns;
		int64_t width = 0;
		json_int(json_get(c, "width"), &width);
		m->as[m->columns++] = as_of(json_text(json_get(c, "as")));
		worksheet_set_column(m->sheet, column, column, (double)width, NULL);
		worksheet_write_string(m->sheet, 0, column, cell_text(json_text(json_get(c, "name")), m->arena), m->heading);
	}
	worksheet_freeze_panes(m->sheet, 1, 0);
	worksheet_set_landscape(m->sheet);
	worksheet_set_paper(m->sheet, A4);
	worksheet_fit_to_pages(m->sheet, 1, 0);
	worksheet_repeat_rows(m->sheet, 0, 0);
	m->row = 1;
	return true;
}

/* A number, with at most two decimals; false where the text is none. */
static bool
number_of(struct text t, double *ret)
{
	char digits[32], *end;
	if (!t.len || t.len >= sizeof digits)
		return false;
	memcpy(digits, t.ptr, t.len);
	digits[t.len] = '\0';
	*ret = strtod(digits, &end);
	return !*end;
}

static lxw_error
write_cell(struct making *m, lxw_col_t column, struct text cell)
{
	enum as as = m->as[column];
	int64_t day;
	double number;
	if (!cell.len)
		return LXW_NO_ERROR;
	if (as == DATE_CELL && day_parse(cell, &day)) {
		lxw_datetime date = { 0 };
		day_split(day, &date.year, &date.month, &date.day);
		return worksheet_write_datetime(m->sheet, m->row, column, &date, m->formats[as]);
	}
	if (as != TEXT_CELL && as != DATE_CELL && number_of(cell, &number))
		return worksheet_write_number(m->sheet, m->row, column, number, m->formats[as]);
	return worksheet_write_string(m->sheet, m->row, column, cell_text(cell, m->arena), m->formats[TEXT_CELL]);
}

/* 0 or an exit code. */
static int
take_line(struct making *m, struct text line)
{
	arena_reset(m->arena);
	const struct json *json = json_parse(line, m->arena, NULL);
	size_t column = 0;
	if (json && json_type(json) == JSON_OBJECT)
		return begin_sheet(m, json) ? 0 : EX_DATAERR;
	if (!json || json_type(json) != JSON_ARRAY || !m->sheet)
		return EX_DATAERR;
	for (const struct json *cell = json_first(json); cell && column < m->columns; cell = json_next(cell), column++)
		if (write_cell(m, (lxw_col_t)column, json_text(cell)) != LXW_NO_ERROR)
			return EX_DATAERR;
	m->row++;
	return 0;
}

/* --- the file ------------------------------------------------------------------------------------ */

static uint32_t
little(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* By this name the library opens it. */
static const char own_output[] = "/proc/self/fd/1";

/* The archive ends where its last record says: the library does not tell whether that one could be
 * written. */
static bool
ends_well(void)
{
	unsigned char end[END_RECORD];
	int fd = open(own_output, O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	bool good = size >= END_RECORD && pread(fd, end, sizeof end, size - END_RECORD) == END_RECORD && !memcmp(end, "PK\5\6", 4)
	            && (off_t)little(end + 12) + (off_t)little(end + 16) == size - END_RECORD;
	if (fd >= 0)
		close(fd);
	return good;
}

static int
failed(const char *what, const char *why)
{
	fprintf(stderr, _("ocop: %s can't be written: %s\n"), what, why);
	return EX_CANTCREAT;
}

static int
make(struct making *m, const char *output)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int e = 0;
	while (!e && !tmp_error && (n = getline(&line, &room, stdin)) > 0)
		e = take_line(m, (struct text){ line, (size_t)n - (line[n - 1] == '\n') });
	free(line);
	if (!e && !tmp_error && (ferror(stdin) || !m->sheet))
		e = EX_DATAERR;
	end_sheet(m);
	errno = 0;
	lxw_error error = workbook_close(m->book);
	int close_errno = errno;
	if (tmp_error)
		return failed(tmp_folder(), strerror(tmp_error));
	if (e) {
		fputs(_("ocop: the rows for the workbook are not what they should be\n"), stderr);
		return e;
	}
	if (error != LXW_NO_ERROR)
		return failed(output, close_errno ? strerror(close_errno) : arena_printf(m->arena, _("libxlsxwriter's error %d"), (int)error).ptr);
	if (!ends_well())
		return failed(output, strerror(close_errno ? close_errno : ENOSPC));
	if (!tmp_count) {
		fputs(_("ocop: this libxlsxwriter does not let its temporary files be watched\n"), stderr);
		return EX_SOFTWARE;
	}
	return EX_OK;
}

int
main(int argc, char **argv)
{
	bool vietnamese = argc == 5 && !strcmp(argv[2], "vi");
	i18n_use(vietnamese ? LANG_VI : LANG_EN);
	if (argc != 5 || strcmp(argv[1], "--lang") || strcmp(argv[3], "--output")) {
		fputs(_("usage: ocop-export --lang vi|en --output FILE <ROWS 1<>WORKBOOK   (ocop export runs it)\n"), stderr);
		return EX_USAGE;
	}
	signal(SIGXFSZ, SIG_IGN);
	lxw_workbook_options options = { .constant_memory = LXW_TRUE };
	struct making m = { .book = workbook_new_opt(own_output, &options), .arena = arena_new() };
	int e = EX_OSERR;
	if (m.book) {
		make_formats(&m);
		e = make(&m, argv[4]);
	}
	arena_destroy(&m.arena);
	return e;
}
