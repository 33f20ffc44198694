/* `ocop import`: all rows are checked before the first is sent, and a row is sent once however often. */
#include "clients/import.h"

#include "clients/import_parts.h"
#include "clients/options.h"
#include "clients/whole_file.h"
#include "proto/i18n.h"
#include "proto/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { FILE_MAX = 256 * 1024 * 1024 };

const struct help_row import_help[] = {
	{ N_("import FILE [--skip-errors] [OPTION...]"),
	  N_("take in a register as CSV (UTF-8): all rows are checked, every error is told by its line, and nothing is "
	     "imported where one is wrong. The same row is imported once, however often it is given.") },
	{ "--skip-errors", N_("import the rows that are right; the others go to FILE.errors.csv") },
	{ N_("columns"), N_("in any order; case and diacritics do not count") },
#define COLUMN(id, vi, en, others, field, place, as, width, words) { vi " | " en, words },
#include "clients/register.def"
	{ N_("name or code of a document"), N_("its status: present (x), missing, invalid, not-applicable; empty: none") },
	{ NULL, NULL },
};

/* --- the file ------------------------------------------------------------------------------------ */

static int
read_file(const char *file, struct buf *ret)
{
	struct stat st;
	int fd = open(file, O_RDONLY | O_CLOEXEC), e = fd < 0 || fstat(fd, &st) ? -errno : 0;
	if (!e && S_ISREG(st.st_mode))
		buf_room(ret, (size_t)(st.st_size < FILE_MAX ? st.st_size : FILE_MAX) + 1);
	while (!e) {
		ssize_t n = read(fd, buf_room(ret, 65536), 65536);
		if (n > 0)
			ret->len += (size_t)n;
		if (n == 0)
			break;
		if (ret->len > FILE_MAX)
			e = -EFBIG;
		else if (n < 0 && errno != EINTR)
			e = -errno;
	}
	if (fd >= 0)
		close(fd);
	if (!e)
		return 0;
	fprintf(stderr, _("ocop: %s can't be read: %s\n"), file, strerror(-e));
	return EX_NOINPUT;
}

/* One character where there is one: marks that stand alone (U+0300 to U+036F) begin with these bytes. */
static struct text
composed(struct text text, struct arena *arena)
{
	bool marks = text.len && (memchr(text.ptr, 0xcc, text.len) || memchr(text.ptr, 0xcd, text.len));
	return marks && utf8_valid(text) ? utf8_compose(text, arena) : text;
}

static int
bad_file(const struct import *im, const struct csv_fault *fault)
{
	fprintf(stderr, "%s:%d:%d: %s\n", im->file, fault->line, fault->column, fault->why);
	return EX_DATAERR;
}

/* --- rows ---------------------------------------------------------------------------------------- */

static int
read_head(struct import *im)
{
	struct complaints complaints = { 0 };
	struct csv_fault fault = { 1, 1, _("there is nothing in it; the first line names the columns") };
	struct csv_row row;
	enum csv_result result = csv_next(&im->csv, im->arena, &row, &fault);
	if (result != CSV_ROW)
		return bad_file(im, &fault);
	bool good = import_head_read(im, &row, &complaints);
	fprintf(stderr, "%.*s", TEXT_ARG(buf_view(&complaints.text)));
	buf_free(&complaints.text);
	return good ? EX_OK : EX_DATAERR;
}

static int
read_rows(struct import *im)
{
	struct csv_fault fault;
	struct csv_row row;
	size_t lines = 1;
	for (size_t i = 0; i < im->csv.rest.len; i++)
		lines += im->csv.rest.ptr[i] == '\n';
	im->rows = xcalloc(lines, sizeof *im->rows);
	for (;;) {
		arena_reset(im->scratch);
		switch (csv_next(&im->csv, im->scratch, &row, &fault)) {
		case CSV_END:
			return EX_OK;
		case CSV_WRONG:
			return bad_file(im, &fault);
		case CSV_ROW:
			import_row_read(im, &row, &im->rows[im->count++]);
		}
	}
}

static int
by_key(const void *a, const void *b)
{
	const struct import_row *const *x = a, *const *y = b;
	int order = strcmp((*x)->key, (*y)->key);
	return order ? order : (*x)->line - (*y)->line;
}

/* The same row twice is a slip: two dossiers differ in something. */
static void
find_twins(struct import *im)
{
	struct import_row **sorted = xcalloc(im->count + 1, sizeof *sorted);
	for (size_t i = 0; i < im->count; i++)
		sorted[i] = &im->rows[i];
	qsort(sorted, im->count, sizeof *sorted, by_key);
	for (size_t i = 1; i < im->count; i++)
		if (!sorted[i]->errors && *sorted[i]->key && !strcmp(sorted[i]->key, sorted[i - 1]->key))
			import_row_error(im, sorted[i], ABSENT, _("this row says the same as line %d"), sorted[i - 1]->line);
	free(sorted);
}

/* --- what is told -------------------------------------------------------------------------------- */

static void
tell_errors(const struct import *im)
{
	for (size_t i = 0; i < im->count; i++)
		for (const struct import_error *e = im->rows[i].errors; e; e = e->next)
			fprintf(stderr, "%s:%d: %.*s%s%.*s\n", im->file, im->rows[i].line, TEXT_ARG(e->column), e->column.ptr ? ": " : "",
			        TEXT_ARG(e->words));
}

/* Nobody is to think that the stars of an old register stand in the journal now. */
static void
tell_left_out(const struct import *im)
{
	struct buf names = { 0 };
	for (size_t i = 0; i < im->head.count; i++) {
		const struct import_column *c = &im->head.columns[i];
		bool filled = !c->document && c->used && c->id < COLUMN_COUNT && c->id != COLUMN_NUMBER && !register_column(c->id)->field
		              && register_column(c->id)->place;
		if (filled)
			buf_printf(&names, "%s%.*s", names.len ? ", " : "", TEXT_ARG(c->heading));
	}
	if (names.len)
		fprintf(stderr, _("%s: left out, for the program fills them: %.*s\n"), im->file, TEXT_ARG(buf_view(&names)));
	buf_free(&names);
}

struct sums {
	size_t done, before;
};

static struct sums
count(const struct import *im)
{
	struct sums s = { 0 };
	for (size_t i = 0; i < im->count; i++) {
		s.done += im->rows[i].done && !im->rows[i].before;
		s.before += im->rows[i].done && im->rows[i].before;
	}
	return s;
}

static void
tell_json(const struct import *im)
{
	struct sums s = count(im);
	struct buf out = { 0 };
	const char *comma = "";
	buf_printf(&out, "{\"rows\":%zu,\"imported\":%zu,\"before\":%zu,\"wrong\":%zu,\"errors\":[", im->count, s.done, s.before, im->wrong);
	for (size_t i = 0; i < im->count; i++)
		for (const struct import_error *e = im->rows[i].errors; e; e = e->next, comma = ",") {
			buf_printf(&out, "%s{\"line\":%d,", comma, im->rows[i].line);
			if (e->column.ptr) {
				buf_str(&out, "\"column\":");
				json_write_string(&out, e->column);
				buf_byte(&out, ',');
			}
			buf_str(&out, "\"message\":");
			json_write_string(&out, e->words);
			buf_byte(&out, '}');
		}
	printf("%.*s]}\n", TEXT_ARG(buf_view(&out)));
	buf_free(&out);
}

static void
tell_sums(const struct import *im)
{
	struct sums s = count(im);
	if (im->settings->json)
		tell_json(im);
	else if (!im->settings->quiet)
		printf(_("%zu rows: %zu imported, %zu had been before, %zu wrong\n"), im->count, s.done, s.before, im->wrong);
}

/* A row as it stood but for its column of errors, which is written anew. */
static void
write_row(const struct import *im, struct text raw, struct text error, struct buf *out)
{
	struct csv csv = im->csv;
	struct csv_row row;
	struct csv_fault fault;
	csv.rest = raw;
	if (csv_next(&csv, im->scratch, &row, &fault) != CSV_ROW)
		return;
	for (size_t i = 0; i < row.count; i++) {
		if ((int)i == im->head.at[COLUMN_ERROR] && row.count == im->head.count)
			continue;
		csv_write_cell(out, csv_plain(row.cells[i]), csv.separator);
		buf_byte(out, (unsigned char)csv.separator);
	}
	csv_write_cell(out, error, csv.separator);
	buf_str(out, "\r\n");
}

/* The rows that are left out, each with what is wrong behind it. 0 or an exit code. */
static int
write_errors(const struct import *im)
{
	const char *file = arena_printf(im->arena, "%s.errors.csv", im->file).ptr;
	struct whole_file whole;
	struct buf out = { 0 }, words = { 0 };
	buf_str(&out, CSV_MARK);
	write_row(im, im->head.raw, register_heading(COLUMN_ERROR, im->settings->lang), &out);
	for (size_t i = 0; i < im->count; i++) {
		words.len = 0;
		for (const struct import_error *e = im->rows[i].errors; e; e = e->next)
			buf_printf(&words, "%s%.*s%s%.*s", words.len ? "; " : "", TEXT_ARG(e->column), e->column.ptr ? ": " : "", TEXT_ARG(e->words));
		if (words.len)
			write_row(im, im->rows[i].raw, buf_view(&words), &out);
	}
	int e = whole_begin(&whole, file, im->arena);
	if (!e && (e = whole_write(whole.fd, buf_view(&out))))
		whole_abandon(&whole);
	else if (!e)
		e = whole_end(&whole, whole_mode(), false, im->arena);
	buf_free(&out);
	buf_free(&words);
	if (e)
		fprintf(stderr, _("ocop: %s can't be written: %s\n"), file, strerror(-e));
	else
		fprintf(stderr, _("%s: the rows that were left out\n"), file);
	return e ? EX_CANTCREAT : EX_OK;
}

/* --- the import ---------------------------------------------------------------------------------- */

/* What is wrong with the file is found before the daemon is asked for more than its lists. */
static int
check(struct import *im)
{
	int e = lists_load(&im->asker, im->arena, im->settings->lang, &im->lists);
	if (!e)
		e = read_head(im);
	if (!e)
		e = read_rows(im);
	if (e)
		return e;
	find_twins(im);
	return import_send(im, true);
}

static int
send_all(struct import *im)
{
	int e = import_send(im, false);
	if (e) {
		struct sums s = count(im);
		fprintf(stderr, _("%s: %zu of %zu rows are imported; the same command again does the others, and none twice\n"), im->file,
		        s.done + s.before, im->count);
	}
	return e;
}

static int
run(struct import *im, bool skip)
{
	int e = check(im);
	if (e)
		return e;
	size_t wrong = im->wrong;
	tell_left_out(im);
	if (wrong && !skip) {
		tell_errors(im);
		fprintf(stderr, _("%s: nothing was imported: %zu of %zu rows are wrong; --skip-errors imports the others\n"), im->file, wrong,
		        im->count);
	} else if (im->settings->dry_run) {
		tell_errors(im);
		if (!wrong && !im->settings->json && !im->settings->quiet)
			printf(_("%zu rows: all right; nothing was imported, as asked\n"), im->count);
	} else {
		/* Before the good rows are in: where the others have no place to go, nothing is done. */
		if (wrong)
			e = write_errors(im);
		if (!e)
			e = send_all(im);
		tell_errors(im);
		if (!e && im->wrong > wrong && skip)
			e = write_errors(im);
	}
	if (!e && (im->settings->json || (!im->settings->dry_run && (skip || !wrong))))
		tell_sums(im);
	return e ? e : !im->wrong ? EX_OK : wrong && !skip ? EX_DATAERR : 1;
}

int
import_run(int argc, char **argv, struct settings *s, struct arena *arena)
{
	struct import im = { .settings = s, .arena = arena };
	struct csv_fault fault;
	struct buf text = { 0 };
	bool skip = false;
	for (int i = 0; i < argc; i++) {
		struct option_word word = option_split(argv[i]);
		int e = EX_OK;
		if (word.dashed && text_is(word.name, "skip-errors") && !word.value.ptr)
			skip = true;
		else if (word.dashed)
			e = option_global(argc, argv, &i, s);
		else if (im.file)
			e = usage_error(_("one argument too many"), argv[i]);
		else
			im.file = argv[i];
		if (e)
			return e;
	}
	if (!im.file)
		return usage_error(_("which FILE?"), NULL);
	im.scratch = arena_new();
	int e = read_file(im.file, &text);
	if (!e && !csv_open(&im.csv, composed(buf_view(&text), arena), &fault))
		e = bad_file(&im, &fault);
	if (!e && !(e = ask_open(&im.asker, s, arena))) {
		e = run(&im, skip);
		ask_close(&im.asker);
	}
	free(im.rows);
	buf_free(&text);
	arena_destroy(&im.scratch);
	return e;
}
