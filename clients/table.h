/* Aligned columns for a terminal, measured in columns and not in bytes. */
#ifndef CLIENTS_TABLE_H
#define CLIENTS_TABLE_H

#include "proto/mem.h"

#include <stdio.h>

enum { TABLE_COLUMNS_MAX = 24 };

struct table {
	size_t columns;
	struct text *cells;         /* rows * columns, in the arena */
	size_t rows, room;
	struct arena *arena;
};

void table_init(struct table *, size_t columns, struct arena *);
/* The columns of a new row, all empty, to be filled at once. */
struct text *table_row(struct table *);
/* Columns that are empty but for their first row (the heading) are left out, if `heading`. */
void table_print(const struct table *, bool heading, int indent, FILE *);

#endif
