/* Aligned columns through libsmartcols; how wide each may be is decided here. */
#include "clients/table.h"

#include "proto/utf8.h"

#include <assert.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	GAP = 2,                    /* between columns */
	WIDTH_USUAL = 80,           /* of a terminal that does not tell */
	WIDTH_LEAST = 8,
	WORD_MAX = 16,              /* longer words may be broken where there is little room */
	LEVEL_MOST = 24,
	LINES_FEW = 2,              /* of a row that need not be less high */
};

static const char *const sequences[COLOUR_COUNT] = {
	[COLOUR_HEADING] = "\033[1m",
	[COLOUR_ALARM] = "\033[1;31m",
	[COLOUR_WAIT] = "\033[33m",
	[COLOUR_GOOD] = "\033[32m",
	[COLOUR_BUSY] = "\033[36m",
	[COLOUR_FAINT] = "\033[2m",
};

void
table_init(struct table *t, size_t columns, struct arena *arena)
{
	assert(columns <= TABLE_COLUMNS_MAX);
	*t = (struct table){ .columns = columns, .arena = arena };
}

struct text *
table_row(struct table *t)
{
	if (t->rows == t->room) {
		size_t room = t->room ? t->room * 2 : 16;
		struct text *cells = arena_array(t->arena, room * t->columns, sizeof *cells);
		enum colour *colours = arena_array(t->arena, room * t->columns, sizeof *colours);
		if (t->rows) {
			memcpy(cells, t->cells, t->rows * t->columns * sizeof *cells);
			memcpy(colours, t->colours, t->rows * t->columns * sizeof *colours);
		}
		t->cells = cells;
		t->colours = colours;
		t->room = room;
	}
	return &t->cells[t->rows++ * t->columns];
}

void
table_colour(struct table *t, size_t column, enum colour colour)
{
	assert(t->rows && column < t->columns);
	t->colours[(t->rows - 1) * t->columns + column] = colour;
}

size_t
table_width(FILE *file)
{
	struct winsize size = { 0 };
	if (!isatty(fileno(file)))
		return 0;
	if (ioctl(fileno(file), TIOCGWINSZ, &size) || !size.ws_col)
		return WIDTH_USUAL;
	return size.ws_col < WIDTH_LEAST ? WIDTH_LEAST : size.ws_col;
}

/* --- how wide ------------------------------------------------------------------------------------ */

struct layout {
	size_t natural[TABLE_COLUMNS_MAX];  /* the longest cell; 0: the column is left out */
	size_t least[TABLE_COLUMNS_MAX];    /* its longest word */
	size_t width[TABLE_COLUMNS_MAX];
	size_t shown;                       /* columns that are not left out */
};

static void
widen(size_t *width, size_t to)
{
	if (*width < to)
		*width = to;
}

static void
measure(const struct table *t, bool heading, struct layout *l)
{
	*l = (struct layout){ 0 };
	for (size_t c = 0; c < t->columns; c++) {
		bool any = !heading;
		for (size_t r = 0; r < t->rows; r++) {
			struct text cell = t->cells[r * t->columns + c], word;
			bool figure = t->right[c] && r > 0;
			any |= r > 0 && cell.len > 0;
			widen(&l->natural[c], utf8_width(cell));
			while (!figure && text_next(&cell, ' ', &word))
				widen(&l->least[c], utf8_width(word) < WORD_MAX ? utf8_width(word) : WORD_MAX);
			if (figure)
				widen(&l->least[c], utf8_width(cell));
		}
		if (!any)
			l->natural[c] = l->least[c] = 0;
		l->shown += l->natural[c] > 0;
	}
}

/* What the columns take where each has `level` if it is so long, and its longest word. */
static size_t
level_out(struct layout *l, size_t columns, size_t level)
{
	size_t sum = GAP * (l->shown - 1);
	for (size_t c = 0; c < columns; c++) {
		size_t width = l->natural[c] < level ? l->natural[c] : level;
		l->width[c] = width > l->least[c] ? width : l->least[c];
		sum += l->width[c];
	}
	return sum;
}

/* Short columns stay whole as long as they leave a quarter to the others; the rest of the room goes
 * to whichever column would need the most lines. false: there is no room even for the words. */
static bool
fit(struct layout *l, size_t columns, size_t room)
{
	size_t level = LEVEL_MOST, sum;
	while (level && level_out(l, columns, level) > room - room / 4)
		level--;
	sum = level_out(l, columns, level);
	if (sum > room)
		return false;
	for (; sum < room; sum++) {
		size_t best = columns;
		for (size_t c = 0; c < columns; c++)
			if (l->width[c] < l->natural[c]
			    && (best == columns || l->natural[c] * l->width[best] > l->natural[best] * l->width[c]))
				best = c;
		if (best == columns)
			return true;
		l->width[best]++;
	}
	return true;
}

/* Without regard to words: the widest gives way. */
static void
squeeze(struct layout *l, size_t columns, size_t room)
{
	for (size_t sum = level_out(l, columns, 0); sum > room; sum--) {
		size_t widest = 0;
		for (size_t c = 1; c < columns; c++)
			if (l->width[c] > l->width[widest])
				widest = c;
		if (l->width[widest] <= 1)
			return;
		l->width[widest]--;
	}
}

/* The lines of the highest row, were every cell to break where its line ends. */
static size_t
highest(const struct layout *l, size_t columns)
{
	size_t lines = 1;
	for (size_t c = 0; c < columns; c++)
		if (l->natural[c])
			widen(&lines, (l->natural[c] + l->width[c] - 1) / l->width[c]);
	return lines;
}

/* As fit; columns that may be missed are left out before rows grow high or it is given up. */
static bool
fit_most(struct layout *l, const struct table *t, size_t room)
{
	const struct layout whole = *l;
	bool fits = fit(l, t->columns, room);
	for (size_t c = t->columns; c-- > 0 && (!fits || highest(l, t->columns) > LINES_FEW);) {
		if (!t->optional[c] || !l->natural[c])
			continue;
		l->natural[c] = l->least[c] = 0;
		l->shown--;
		fits = fit(l, t->columns, room);
	}
	if (!fits)
		*l = whole;
	return fits;
}

/* --- printing ------------------------------------------------------------------------------------ */

/* A cell is one line, and what others wrote does not steer the terminal. */
static struct text
flat(struct text cell, struct arena *arena)
{
	char *copy = arena_alloc(arena, cell.len + 1);
	for (size_t i = 0; i < cell.len; i++) {
		const unsigned char *c = (const unsigned char *)cell.ptr + i;
		/* U+0080 to U+009F are controls too. */
		bool high = *c == 0xc2 && i + 1 < cell.len && c[1] < 0xa0;
		copy[i] = *c < 0x20 || *c == 0x7f || high ? ' ' : (char)*c;
		if (high)
			copy[++i] = ' ';
	}
	return (struct text){ copy, cell.len };
}

/* How many bytes of the text fit into the width, at least one character. */
static size_t
prefix(struct text t, size_t width)
{
	size_t end = 0, next = 0;
	while (next < t.len) {
		do
			next++;
		while (next < t.len && ((unsigned char)t.ptr[next] & 0xc0) == 0x80);
		if (end && utf8_width((struct text){ t.ptr, next }) > width)
			break;
		end = next;
	}
	return end;
}

/* The cell as libsmartcols takes it: lines between words, words that are longer than a line broken.
 * Into no width (0) goes everything. */
static const char *
cell_lines(const struct table *t, struct text cell, size_t width)
{
	struct buf lines = { 0 };
	struct text word;
	size_t used = 0;
	if (!width || utf8_width(cell) <= width)
		return cell.ptr;
	while (text_next(&cell, ' ', &word)) {
		size_t wide = utf8_width(word);
		if (used)
			buf_byte(&lines, used + 1 + wide > width ? '\n' : ' ');
		used = used && used + 1 + wide <= width ? used + 1 : 0;
		for (size_t n; used + wide > width; wide = utf8_width(word)) {
			n = prefix(word, width);
			buf_printf(&lines, "%.*s\n", (int)n, word.ptr);
			word = (struct text){ word.ptr + n, word.len - n };
		}
		buf_text(&lines, word);
		used += wide;
	}
	const char *text = arena_text(t->arena, buf_view(&lines)).ptr;
	buf_free(&lines);
	return text;
}

static bool
add_columns(struct libscols_table *out, const struct table *t, const struct layout *l)
{
	for (size_t c = 0; c < t->columns; c++) {
		if (!l->natural[c])
			continue;
		struct libscols_column *column =
			scols_table_new_column(out, "", 0, SCOLS_FL_WRAP | (t->right[c] ? SCOLS_FL_RIGHT : 0));
		if (!column || scols_column_set_safechars(column, "\n")
		    || scols_column_set_wrapfunc(column, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL))
			return false;
	}
	return true;
}

static bool
add_row(struct libscols_table *out, const struct table *t, const struct layout *l, size_t row, bool heading)
{
	struct libscols_line *line = scols_table_new_line(out, NULL);
	size_t shown = 0;
	for (size_t c = 0; line && c < t->columns; c++) {
		if (!l->natural[c])
			continue;
		size_t at = row * t->columns + c;
		enum colour colour = heading ? COLOUR_HEADING : t->colours[at];
		struct libscols_cell *cell = scols_line_get_cell(line, shown++);
		if (scols_cell_set_data(cell, cell_lines(t, t->cells[at], l->width[c]))
		    || (t->coloured && colour && t->cells[at].len && scols_cell_set_color(cell, sequences[colour])))
			return false;
	}
	return line;
}

static size_t
without_blanks(const char *text, size_t len)
{
	while (len && text[len - 1] == ' ')
		len--;
	return len;
}

/* Without the blanks that the last columns leave at the end of a line. */
static void
print_lines(const char *text, int indent, FILE *file)
{
	static const char plain[] = "\033[0m";
	while (*text) {
		const char *newline = strchrnul(text, '\n');
		size_t len = (size_t)(newline - text);
		len = without_blanks(text, len);
		bool coloured = len >= sizeof plain && !memcmp(text + len - sizeof plain + 1, plain, sizeof plain - 1);
		if (coloured)
			len = without_blanks(text, len - sizeof plain + 1);
		fprintf(file, "%*s%.*s%s\n", len ? indent : 0, "", (int)len, text, coloured ? plain : "");
		text = *newline ? newline + 1 : newline;
	}
}

static void
print_columns(const struct table *t, const struct layout *l, bool heading, int indent, FILE *file)
{
	struct libscols_table *out = scols_new_table();
	char *text = NULL;
	bool good = out && !scols_table_enable_noheadings(out, 1) && !scols_table_enable_colors(out, t->coloured)
	            && !scols_table_set_termforce(out, SCOLS_TERMFORCE_NEVER)
	            && !scols_table_set_column_separator(out, "  ") && add_columns(out, t, l);
	for (size_t r = 0; good && r < t->rows; r++)
		good = add_row(out, t, l, r, heading && r == 0);
	/* It fails for want of memory alone, and so ends like every such want. */
	if (!good || scols_print_table_to_string(out, &text))
		abort();
	print_lines(text, indent, file);
	free(text);
	scols_unref_table(out);
}

/* Where there is no room for columns: each row a block of lines, "heading  value". */
static void
print_blocks(const struct table *t, int indent, FILE *file)
{
	for (size_t r = 1; r < t->rows; r++) {
		struct table block;
		table_init(&block, 2, t->arena);
		block.coloured = t->coloured;
		for (size_t c = 0; c < t->columns; c++) {
			size_t at = r * t->columns + c;
			if (!t->cells[at].len)
				continue;
			struct text *row = table_row(&block);
			row[0] = t->cells[c];
			row[1] = t->cells[at];
			table_colour(&block, 0, COLOUR_HEADING);
			table_colour(&block, 1, t->colours[at]);
		}
		if (r > 1)
			putc('\n', file);
		table_print(&block, false, indent, file);
	}
}

void
table_print(const struct table *t, bool heading, int indent, FILE *file)
{
	struct layout l;
	struct table flattened = *t;
	size_t width = t->unbroken ? 0 : table_width(file);
	flattened.cells = arena_array(t->arena, t->rows * t->columns + 1, sizeof *t->cells);
	for (size_t i = 0; i < t->rows * t->columns; i++)
		flattened.cells[i] = flat(t->cells[i], t->arena);
	t = &flattened;
	measure(t, heading, &l);
	if (!l.shown)
		return;
	size_t room = width > (size_t)indent ? width - (size_t)indent : 1;
	bool fits = !width || fit_most(&l, t, room);
	if (!fits && heading) {
		print_blocks(t, indent, file);
		return;
	}
	if (!fits)
		squeeze(&l, t->columns, room);
	print_columns(t, &l, heading, indent, file);
}

void
table_csv(const struct table *t, FILE *file)
{
	for (size_t r = 0; r < t->rows; r++)
		for (size_t c = 0; c < t->columns; c++) {
			struct text cell = t->cells[r * t->columns + c];
			bool quoted = false;
			for (size_t i = 0; i < cell.len && !quoted; i++)
				quoted = strchr(",\"\r\n", cell.ptr[i]) != NULL;
			if (quoted)
				putc('"', file);
			for (size_t i = 0; i < cell.len; i++) {
				if (cell.ptr[i] == '"')
					putc('"', file);
				putc(cell.ptr[i], file);
			}
			fputs(quoted ? "\"" : "", file);
			fputs(c + 1 < t->columns ? "," : "\r\n", file);
		}
}
