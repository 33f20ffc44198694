/* Aligned columns for a terminal. */
#include "clients/table.h"

#include "proto/utf8.h"

#include <assert.h>
#include <string.h>

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
		if (t->rows)
			memcpy(cells, t->cells, t->rows * t->columns * sizeof *cells);
		t->cells = cells;
		t->room = room;
	}
	return &t->cells[t->rows++ * t->columns];
}

/* A cell is one line, and what others wrote does not steer the terminal. */
static void
print_cell(struct text cell, FILE *file)
{
	for (size_t i = 0; i < cell.len; i++) {
		unsigned char c = (unsigned char)cell.ptr[i];
		putc(c < 0x20 || c == 0x7f ? ' ' : c, file);
	}
}

void
table_print(const struct table *t, bool heading, int indent, FILE *file)
{
	size_t width[TABLE_COLUMNS_MAX] = { 0 }, last = 0;
	for (size_t r = 0; r < t->rows; r++)
		for (size_t c = 0; c < t->columns; c++) {
			size_t w = utf8_width(t->cells[r * t->columns + c]);
			if (w > width[c])
				width[c] = w;
		}
	for (size_t c = 0; c < t->columns; c++) {
		bool any = !heading;
		for (size_t r = 1; r < t->rows; r++)
			any |= t->cells[r * t->columns + c].len > 0;
		if (!any)
			width[c] = 0;
		if (width[c])
			last = c;
	}
	for (size_t r = 0; r < t->rows; r++) {
		fprintf(file, "%*s", indent, "");
		for (size_t c = 0; c <= last && t->columns; c++) {
			if (!width[c])
				continue;
			struct text cell = t->cells[r * t->columns + c];
			print_cell(cell, file);
			if (c < last)
				fprintf(file, "%*s", (int)(width[c] - utf8_width(cell)) + 2, "");
		}
		putc('\n', file);
	}
}
