/* Tables for people: aligned columns that fit a terminal's width, plain text anywhere else, or CSV.
 *
 *	struct table t;
 *	table_init(&t, 3, arena);
 *	t.right[2] = true;                      (a figure)
 *	t.coloured = out->coloured;             (what --color and NO_COLOR say)
 *	struct text *row = table_row(&t);       (the heading is an ordinary first row)
 *	row[0] = ...; row[1] = ...; row[2] = ...;
 *	table_colour(&t, 1, COLOUR_ALARM);      (a cell of the row just added)
 *	table_print(&t, true, 0, stdout);
 *
 * On a terminal, columns that are too long are broken between words; where even their longest words
 * have no room, every row becomes a block of "heading  value" lines. A pipe gets each row on one
 * line, however long. Cells may hold anything: control characters do not reach the terminal. */
#ifndef CLIENTS_TABLE_H
#define CLIENTS_TABLE_H

#include "proto/mem.h"

#include <stdio.h>

enum { TABLE_COLUMNS_MAX = 24 };

enum colour {
	COLOUR_NONE,
	COLOUR_HEADING,
	COLOUR_ALARM,               /* overdue, failed */
	COLOUR_WAIT,                /* something is to be done by somebody */
	COLOUR_GOOD,                /* reached */
	COLOUR_BUSY,                /* under way */
	COLOUR_FAINT,               /* over, or of little interest */
	COLOUR_COUNT
};

struct table {
	size_t columns;
	struct text *cells;         /* rows * columns, in the arena */
	enum colour *colours;       /* likewise */
	size_t rows, room;
	struct arena *arena;
	bool right[TABLE_COLUMNS_MAX];  /* aligned to the right */
	bool optional[TABLE_COLUMNS_MAX];       /* left out, the last first, where rows would be high else */
	bool unbroken;              /* one line a row, as into a pipe: what is to be copied */
	bool coloured;              /* false: no escape sequences at all */
};

void table_init(struct table *, size_t columns, struct arena *);
/* The columns of a new row, all empty, to be filled at once. */
struct text *table_row(struct table *);
/* The colour of one cell of the last row. */
void table_colour(struct table *, size_t column, enum colour);

/* Columns that are empty but for their first row (the heading) are left out, if `heading`. The width
 * is that of the terminal behind the file, if there is one. */
void table_print(const struct table *, bool heading, int indent, FILE *);
/* RFC 4180: the same rows, cells as they are. */
void table_csv(const struct table *, FILE *);

/* The width of the terminal behind the file; 0 where there is none. */
size_t table_width(FILE *);

#endif
