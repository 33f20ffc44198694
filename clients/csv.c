/* CSV after RFC 4180, read strictly. */
#include "clients/csv.h"

#include "proto/i18n.h"
#include "proto/utf8.h"

#include <string.h>

enum { LOOK_BYTES = 4096 };

/* --- what it is ---------------------------------------------------------------------------------- */

static bool
begins(struct text t, const char *bytes, size_t len)
{
	return t.len >= len && !memcmp(t.ptr, bytes, len);
}

static bool
wrong(struct csv_fault *ret, int line, int column, const char *why)
{
	*ret = (struct csv_fault){ line, column, why };
	return false;
}

/* UTF-16 without a mark: every other byte of Latin text is zero. */
static bool
looks_wide(struct text t)
{
	size_t zeros[2] = { 0 }, n = t.len < LOOK_BYTES ? t.len : LOOK_BYTES;
	for (size_t i = 0; i < n; i++)
		zeros[i & 1] += !t.ptr[i];
	return zeros[0] > n / 8 || zeros[1] > n / 8;
}

/* The first byte that is not UTF-8, by line and character. */
static bool
wrong_encoding(struct text t, struct csv_fault *ret)
{
	size_t at = utf8_fault(t);
	int line = 1, column = 1;
	for (size_t i = 0; i < at; i++) {
		if (t.ptr[i] == '\n') {
			line++;
			column = 1;
		} else if ((t.ptr[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	return wrong(ret, line, column, _("not UTF-8; it looks like Windows-1258, TCVN3 or VNI: save it as \"CSV UTF-8\""));
}

static bool
check_encoding(struct text t, struct csv_fault *ret)
{
	if (begins(t, "PK\3\4", 4) || begins(t, "\xd0\xcf\x11\xe0", 4))
		return wrong(ret, 1, 1, _("this is a workbook and no CSV: save it as \"CSV UTF-8\""));
	if (begins(t, "\xff\xfe", 2) || begins(t, "\xfe\xff", 2) || looks_wide(t))
		return wrong(ret, 1, 1, _("this is UTF-16 (\"Unicode text\"): save it as \"CSV UTF-8\""));
	if (!utf8_valid(t))
		return wrong_encoding(t, ret);
	if (t.len && memchr(t.ptr, 0, t.len))
		return wrong(ret, 1, 1, _("there are zero bytes in it: this is no text"));
	return true;
}

/* Whatever separates most, outside of quotes, in the heading. */
static char
find_separator(struct text t)
{
	static const char separators[] = ",;\t";
	size_t counts[sizeof separators] = { 0 }, best = 0;
	bool quoted = false;
	for (size_t i = 0; i < t.len && (quoted || t.ptr[i] != '\n'); i++) {
		const char *s = strchr(separators, t.ptr[i]);
		quoted ^= t.ptr[i] == '"';
		if (!quoted && s && *s)
			counts[s - separators]++;
	}
	for (size_t s = 1; s < sizeof separators - 1; s++)
		if (counts[s] > counts[best])
			best = s;
	return separators[best];
}

static void
skip(struct csv *c, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (c->rest.ptr[i] == '\n') {
			c->line++;
			c->column = 1;
		} else if ((c->rest.ptr[i] & 0xc0) != 0x80) {
			c->column++;
		}
	}
	c->rest.ptr += len;
	c->rest.len -= len;
}

/* The length of the end of line here; 0 where there is none. */
static size_t
end_of_line(struct text t)
{
	return begins(t, "\r\n", 2) ? 2 : begins(t, "\n", 1) ? 1 : 0;
}

bool
csv_open(struct csv *c, struct text file, struct csv_fault *ret)
{
	if (!check_encoding(file, ret))
		return false;
	*c = (struct csv){ .rest = file, .line = 1, .column = 1 };
	if (begins(file, CSV_MARK, 3)) {
		c->rest.ptr += 3;
		c->rest.len -= 3;
	}
	size_t end = begins(c->rest, "sep=", 4) && c->rest.len > 5 && c->rest.ptr[4] && strchr(",;|\t", c->rest.ptr[4])
	             ? end_of_line((struct text){ c->rest.ptr + 5, c->rest.len - 5 }) : 0;
	if (end) {
		c->separator = c->rest.ptr[4];
		skip(c, 5 + end);
	} else {
		c->separator = find_separator(c->rest);
	}
	return true;
}

/* --- rows ---------------------------------------------------------------------------------------- */

/* A cell in quotes; two of them within are one. false with the fault. */
static bool
quoted_cell(struct csv *c, struct arena *arena, struct text *ret, struct csv_fault *fault)
{
	int line = c->line, column = c->column;
	size_t doubled = 0, at = 1;
	for (;; at++) {
		const char *quote = at < c->rest.len ? memchr(c->rest.ptr + at, '"', c->rest.len - at) : NULL;
		if (!quote)
			return wrong(fault, line, column, _("the quote that begins here is never closed"));
		at = (size_t)(quote - c->rest.ptr);
		if (at + 1 == c->rest.len || c->rest.ptr[at + 1] != '"')
			break;
		at++;
		doubled++;
	}
	const char *from = c->rest.ptr + 1;
	*ret = (struct text){ from, at - 1 };
	if (doubled) {
		char *plain = arena_alloc(arena, at);
		size_t n = 0;
		for (size_t i = 0; i < at - 1; i++) {
			plain[n++] = from[i];
			i += from[i] == '"';
		}
		*ret = (struct text){ plain, n };
	}
	skip(c, at + 1);
	if (c->rest.len && c->rest.ptr[0] != c->separator && !end_of_line(c->rest))
		return wrong(fault, c->line, c->column, _("there is text behind a closing quote; a quote within a field is written twice"));
	return true;
}

static bool
bare_cell(struct csv *c, struct text *ret, struct csv_fault *fault)
{
	size_t len = 0;
	while (len < c->rest.len && c->rest.ptr[len] != c->separator && c->rest.ptr[len] != '\n'
	       && c->rest.ptr[len] != '"' && c->rest.ptr[len] != '\r')
		len++;
	*ret = (struct text){ c->rest.ptr, len };
	skip(c, len);
	if (c->rest.len && c->rest.ptr[0] == '"')
		return wrong(fault, c->line, c->column, _("there is a quote within a field that is not in quotes"));
	if (c->rest.len && c->rest.ptr[0] == '\r' && !end_of_line(c->rest))
		return wrong(fault, c->line, c->column, _("there is a carriage return alone; lines end in CRLF or LF"));
	return true;
}

static bool
read_row(struct csv *c, struct arena *arena, struct csv_row *ret, struct csv_fault *fault)
{
	struct csv_row row = { .line = c->line };
	const char *from = c->rest.ptr;
	size_t room = 0;
	for (bool more = true; more; ) {
		if (row.count == room) {
			struct text *cells = arena_array(arena, room = room ? room * 2 : 32, sizeof *cells);
			if (row.count)
				memcpy(cells, row.cells, row.count * sizeof *cells);
			row.cells = cells;
		}
		bool quoted = c->rest.len && c->rest.ptr[0] == '"';
		struct text *cell = &row.cells[row.count++];
		if (quoted ? !quoted_cell(c, arena, cell, fault) : !bare_cell(c, cell, fault))
			return false;
		more = c->rest.len && c->rest.ptr[0] == c->separator;
		if (more)
			skip(c, 1);
	}
	row.raw = (struct text){ from, (size_t)(c->rest.ptr - from) };
	skip(c, end_of_line(c->rest));
	*ret = row;
	return true;
}

enum csv_result
csv_next(struct csv *c, struct arena *arena, struct csv_row *ret, struct csv_fault *ret_fault)
{
	while (c->rest.len) {
		struct csv_row row;
		bool any = false;
		if (!read_row(c, arena, &row, ret_fault))
			return CSV_WRONG;
		for (size_t i = 0; i < row.count; i++)
			any |= row.cells[i].len > 0;
		if (any) {
			*ret = row;
			return CSV_ROW;
		}
	}
	return CSV_END;
}

/* --- cells for spreadsheets ---------------------------------------------------------------------- */

/* What a spreadsheet would take for a formula; a telephone number with its + is none. */
static bool
is_formula(struct text cell)
{
	if (!cell.len || !strchr("=@+-\t\r", cell.ptr[0]) || !cell.ptr[0])
		return false;
	if (cell.ptr[0] != '+' && cell.ptr[0] != '-')
		return true;
	for (size_t i = 1; i < cell.len; i++)
		if (!strchr("0123456789 .,", cell.ptr[i]) || !cell.ptr[i])
			return true;
	return false;
}

struct text
csv_plain(struct text cell)
{
	struct text plain = { cell.ptr + 1, cell.len - 1 };
	return cell.len && cell.ptr[0] == '\'' && is_formula(plain) ? plain : cell;
}

static size_t
blank_at(struct text t, size_t at)
{
	if (strchr(" \t\r\n", t.ptr[at]))
		return 1;
	return at + 1 < t.len && !memcmp(t.ptr + at, "\xc2\xa0", 2) ? 2 : 0;
}

struct text
csv_trim(struct text t)
{
	size_t n;
	while (t.len && (n = blank_at(t, 0)))
		t.ptr += n, t.len -= n;
	while (t.len && ((n = blank_at(t, t.len - 1)) || (t.len > 1 && (n = blank_at(t, t.len - 2)) == 2)))
		t.len -= n;
	return t;
}

void
csv_write_cell(struct buf *out, struct text cell, char separator)
{
	bool formula = is_formula(cell), quotes = formula;
	for (size_t i = 0; i < cell.len && !quotes; i++)
		quotes = cell.ptr[i] == separator || cell.ptr[i] == '"' || cell.ptr[i] == '\n' || cell.ptr[i] == '\r';
	if (!quotes) {
		buf_text(out, cell);
		return;
	}
	buf_str(out, formula ? "\"'" : "\"");
	for (size_t i = 0; i < cell.len; i++) {
		if (cell.ptr[i] == '"')
			buf_byte(out, '"');
		buf_byte(out, (unsigned char)cell.ptr[i]);
	}
	buf_byte(out, '"');
}
