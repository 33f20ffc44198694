/* The lines of a paper into what is drawn. */
#include "clients/print_page.h"

#include "proto/i18n.h"

#include <string.h>

/* A4 leaves room for text between margins of these bounds. */
enum { MARGIN_MAX = 80, SPACE_MAX = 250, FONT_MIN = 6, FONT_MAX = 40 };

static const char marks[] = "\\*/_~|@=^<-";
static const char line_break[] = "\xe2\x80\xa8"; /* U+2028 */

/* The marks of SPAN_BOLD and so on, in the order of their bits. */
static const char *const styles[] = { "**", "//", "__", "~~" };

struct reading {
	const char *file;
	int line;
	struct arena *arena;
	struct complaints *complaints;
	struct page *page;
	struct piece **end;
	struct piece *table;        /* rows go here; NULL: no table is open */
	struct row **row_end;
};

#define COMPLAIN(r, ...) complain((r)->complaints, (r)->file, (r)->line, __VA_ARGS__)

void
page_write_value(struct buf *out, struct text value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		if (c == '\n') {
			buf_str(out, line_break);
		} else if (c < 0x20 || c == 0x7f) {
			buf_byte(out, ' ');
		} else {
			if (strchr(marks, c))
				buf_byte(out, '\\');
			buf_byte(out, c);
		}
	}
}

struct text
page_text(const struct span *spans, struct arena *arena)
{
	struct buf text = { 0 };
	for (const struct span *s = spans; s; s = s->next)
		buf_text(&text, s->text);
	struct text t = arena_text(arena, buf_view(&text));
	buf_free(&text);
	return t;
}

static struct text
trim(struct text t)
{
	while (t.len && (*t.ptr == ' ' || *t.ptr == '\t'))
		t.ptr++, t.len--;
	while (t.len && (t.ptr[t.len - 1] == ' ' || t.ptr[t.len - 1] == '\t'))
		t.len--;
	return t;
}

/* --- text with styles ---------------------------------------------------------------------------- */

static void
add_span(struct reading *r, struct span ***end, struct buf *text, unsigned style)
{
	if (!text->len)
		return;
	struct span *span = arena_alloc(r->arena, sizeof *span);
	*span = (struct span){ .text = arena_text(r->arena, buf_view(text)), .style = style };
	**end = span;
	*end = &span->next;
	buf_clear(text);
}

static unsigned
style_of(struct text t, size_t i)
{
	if (i + 1 >= t.len || t.ptr[i] != t.ptr[i + 1])
		return 0;
	for (size_t k = 0; k < countof(styles); k++)
		if (t.ptr[i] == styles[k][0])
			return 1U << k;
	return 0;
}

static struct span *
read_spans(struct reading *r, struct text t)
{
	struct span *spans = NULL, **end = &spans;
	struct buf text = { 0 };
	unsigned style = 0;
	t = trim(t);
	for (size_t i = 0; i < t.len; i++) {
		unsigned toggle = style_of(t, i);
		if (toggle) {
			add_span(r, &end, &text, style);
			style ^= toggle;
			i++;
		} else {
			i += t.ptr[i] == '\\' && i + 1 < t.len;
			buf_byte(&text, (unsigned char)t.ptr[i]);
		}
	}
	add_span(r, &end, &text, style);
	buf_free(&text);
	for (size_t k = 0; k < countof(styles); k++)
		if (style & 1U << k)
			COMPLAIN(r, _("%s is not closed on its line; the mark itself is written with a backslash before it"), styles[k]);
	return spans;
}

/* --- tables -------------------------------------------------------------------------------------- */

/* Cuts a cell off, up to the next bar that has no backslash before it; false where there is none. */
static bool
take_cell(struct text *rest, struct text *ret)
{
	for (size_t i = 0; i < rest->len; i++) {
		if (rest->ptr[i] == '\\') {
			i++;
		} else if (rest->ptr[i] == '|') {
			*ret = (struct text){ rest->ptr, i };
			*rest = (struct text){ rest->ptr + i + 1, rest->len - i - 1 };
			return true;
		}
	}
	return false;
}

static struct row *
add_row(struct reading *r)
{
	struct row *row = arena_alloc(r->arena, sizeof *row);
	row->cells = arena_array(r->arena, r->table->columns, sizeof *row->cells);
	*r->row_end = row;
	r->row_end = &row->next;
	return row;
}

static void
read_row(struct reading *r, struct text line)
{
	struct text cell;
	size_t count = 0;
	bool head = line.len && *line.ptr == '=';
	if (!r->table) {
		COMPLAIN(r, _("a row without a table before it; @table or @columns begins one"));
		return;
	}
	if (head) {
		for (const struct row *before = r->table->rows; before; before = before->next)
			if (!before->head)
				COMPLAIN(r, _("a row of the head stands behind other rows"));
		line.ptr++, line.len--;
	}
	struct row *row = add_row(r);
	row->head = head;
	for (; take_cell(&line, &cell); count++) {
		if (count >= r->table->columns)
			continue;
		cell = trim(cell);
		row->cells[count].rule = text_is(cell, "---");
		if (!row->cells[count].rule)
			row->cells[count].spans = read_spans(r, cell);
	}
	if (trim(line).len)
		COMPLAIN(r, _("the row's last cell is not closed with |"));
	else if (count != r->table->columns)
		COMPLAIN(r, _("%zu cells; the table has %zu columns"), count, r->table->columns);
}

/* "8c": eight percent, centred. */
static bool
read_column(struct text word, int *ret_width, enum align *align)
{
	static const char letters[] = "jlcr";
	int width = 0;
	const char *letter = word.len ? strchr(letters, word.ptr[word.len - 1]) : NULL;
	if (letter) {
		*align = (enum align)(letter - letters);
		word.len--;
	}
	for (size_t i = 0; i < word.len; i++) {
		if (word.ptr[i] < '0' || word.ptr[i] > '9' || width > 100)
			return false;
		width = width * 10 + (word.ptr[i] - '0');
	}
	*ret_width = width;
	return width > 0;
}

static struct piece *
add_piece(struct reading *r, enum piece_kind kind)
{
	struct piece *piece = arena_alloc(r->arena, sizeof *piece);
	piece->kind = kind;
	*r->end = piece;
	r->end = &piece->next;
	r->table = NULL;
	return piece;
}

static void
open_table(struct reading *r, struct text words, bool framed)
{
	struct piece *t = add_piece(r, PIECE_TABLE);
	struct text word;
	int sum = 0;
	bool good = true;
	t->framed = framed;
	for (; good && text_next(&words, ' ', &word); t->columns++) {
		good = t->columns < PAGE_COLUMNS_MAX;
		if (good) {
			t->aligns[t->columns] = framed ? ALIGN_LEFT : ALIGN_CENTRE;
			good = read_column(word, &t->widths[t->columns], &t->aligns[t->columns]);
			sum += good ? t->widths[t->columns] : 0;
		}
	}
	if (!good || sum != 100)
		COMPLAIN(r, _("the columns' widths must be 1 to %d numbers, together 100, each with l, c, r or j or without"),
		         PAGE_COLUMNS_MAX);
	r->table = t;
	r->row_end = &t->rows;
}

/* --- directives ---------------------------------------------------------------------------------- */

/* So many whole numbers, each of the bounds. */
static bool
read_numbers(struct reading *r, const char *name, struct text words, int *ret, size_t count, int min, int max)
{
	struct text word;
	size_t n = 0;
	bool good = true;
	for (; text_next(&words, ' ', &word); n++) {
		int value = 0;
		for (size_t i = 0; i < word.len && value <= max; i++)
			value = word.ptr[i] >= '0' && word.ptr[i] <= '9' ? value * 10 + (word.ptr[i] - '0') : max + 1;
		good &= n < count && value >= min && value <= max;
		if (good)
			ret[n] = value;
	}
	good &= n == count;
	if (!good)
		COMPLAIN(r, _("@%s needs %zu whole numbers from %d to %d"), name, count, min, max);
	return good;
}

static void
read_font(struct reading *r, struct text words)
{
	const char *space = words.len ? memrchr(words.ptr, ' ', words.len) : NULL;
	size_t len = space ? (size_t)(space - words.ptr) : words.len;
	struct text size = { words.ptr + len, words.len - len };
	if (!len || !size.len)
		COMPLAIN(r, _("@font needs a family and a size: @font Liberation Serif 13"));
	else if (read_numbers(r, "font", size, &r->page->size, 1, FONT_MIN, FONT_MAX))
		r->page->family = arena_text(r->arena, trim((struct text){ words.ptr, len })).ptr;
}

static void
read_space(struct reading *r, struct text words)
{
	int space;
	if (!read_numbers(r, "space", words, &space, 1, 1, SPACE_MAX))
		return;
	if (r->table)
		add_row(r)->space = space;
	else
		add_piece(r, PIECE_SPACE)->space = space;
}

static void
read_directive(struct reading *r, struct text line)
{
	const char *blank = memchr(line.ptr, ' ', line.len);
	size_t len = blank ? (size_t)(blank - line.ptr) : line.len;
	struct text word = { line.ptr, len }, rest = trim((struct text){ line.ptr + len, line.len - len });
	if (text_is(word, "title"))
		r->page->title = page_text(read_spans(r, rest), r->arena);
	else if (text_is(word, "font"))
		read_font(r, rest);
	else if (text_is(word, "margins"))
		read_numbers(r, "margins", rest, r->page->margins, countof(r->page->margins), 0, MARGIN_MAX);
	else if (text_is(word, "footer"))
		r->page->footer = read_spans(r, rest);
	else if (text_is(word, "space"))
		read_space(r, rest);
	else if (text_is(word, "break") && !rest.len)
		add_piece(r, PIECE_BREAK);
	else if (text_is(word, "table") || text_is(word, "columns"))
		open_table(r, rest, text_is(word, "table"));
	else
		COMPLAIN(r, _("@%.*s is not known here; known are: @title, @font, @margins, @footer, @space, @break, @table, @columns"),
		         TEXT_ARG(word));
}

/* --- the whole ----------------------------------------------------------------------------------- */

static void
read_line(struct reading *r, struct text line)
{
	static const struct { char mark; enum piece_kind kind; } kinds[] = {
		{ '=', PIECE_TITLE }, { '^', PIECE_CENTRED }, { '<', PIECE_FLUSH }, { '-', PIECE_DASH },
	};
	line = trim(line);
	struct text rest = { line.ptr + 1, line.len - (line.len > 0) };
	if (!line.len) {
		r->table = NULL;
	} else if (*line.ptr == '|') {
		read_row(r, rest);
	} else if (*line.ptr == '@') {
		read_directive(r, rest);
	} else {
		size_t i = 0;
		while (i < countof(kinds) && !(kinds[i].mark == *line.ptr && (rest.len == 0 || *rest.ptr == ' ')))
			i++;
		struct piece *piece = add_piece(r, i < countof(kinds) ? kinds[i].kind : PIECE_PARAGRAPH);
		piece->spans = read_spans(r, i < countof(kinds) ? rest : line);
	}
}

const struct page *
page_parse(const char *file, struct text lines, struct arena *arena, struct complaints *complaints)
{
	struct page *page = arena_alloc(arena, sizeof *page);
	struct reading r = { .file = file, .arena = arena, .complaints = complaints, .page = page, .end = &page->pieces };
	int errors = complaints->errors;
	*page = (struct page){ .family = "Liberation Serif", .size = 13, .margins = { 20, 20, 20, 30 } };
	while (lines.len) {
		const char *feed = memchr(lines.ptr, '\n', lines.len);
		size_t len = feed ? (size_t)(feed - lines.ptr) : lines.len, number = 0;
		struct text line = { lines.ptr, len };
		lines = (struct text){ lines.ptr + len + (feed != NULL), lines.len - len - (feed != NULL) };
		r.line = 0;
		while (number < line.len && line.ptr[number] >= '0' && line.ptr[number] <= '9' && r.line < 1000000)
			r.line = r.line * 10 + (line.ptr[number++] - '0');
		number += number < line.len && line.ptr[number] == '\t';
		read_line(&r, (struct text){ line.ptr + number, line.len - number });
	}
	r.line = 1;
	if (!page->pieces)
		COMPLAIN(&r, _("there is nothing to print"));
	return complaints->errors == errors ? page : NULL;
}
