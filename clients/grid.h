/* Tables of an answer, defined once for the terminal, for pipes and for CSV. */
#ifndef CLIENTS_GRID_H
#define CLIENTS_GRID_H

#include "clients/codes.h"
#include "clients/out.h"
#include "clients/table.h"

enum {
	COLUMN_RIGHT = 1,           /* a figure */
	COLUMN_PEOPLE = 2,          /* not in CSV */
	COLUMN_CSV = 4,             /* only there */
	COLUMN_WORDS = 8,           /* CSV has the words instead of the code, not both */
	COLUMN_TRUE = 16,           /* for people only where it is true */
	COLUMN_OPTIONAL = 32,       /* for people only where there is room */
};

/* A column. CSV calls it by its place, and gives a code and, in a column NAME_words, its words. */
struct column {
	const char *place;          /* in a row: "product.name"; "a|b": the first that is there; "@": the row's
	                               name in its object; ".": the row itself */
	const char *heading;        /* a name of labels.def; NULL: the last of the place */
	enum codes codes;
	unsigned flags;
	enum colour (*colour)(const struct out *, const struct json *row);      /* may be NULL */
	struct text (*words)(const struct out *, const struct json *row);       /* for people, instead of the value; may be NULL */
};

/* A table; its rows are the items or the members of one member of the answer. */
struct grid {
	const char *rows;           /* place in the answer; with several grids, CSV's column "table" */
	const char *title;          /* a name of labels.def; NULL: none */
	const struct column *columns;
	size_t count;
	enum codes order;           /* members come in the programme's order of these; CODES_NONE: as they are */
	const char *none;           /* N_(), said to people where there are no rows; NULL: nothing is */
};

#define GRID_COLUMNS(array) (array), countof(array)

/* The grids of an answer, on standard output. */
void grid_print(const struct out *, const struct json *result, const struct grid *, size_t count, int indent);
/* As CSV: of several grids, all their columns and one more in front that says which. */
void grid_csv(const struct out *, const struct json *result, const struct grid *, size_t count, bool heading);

/* What stands at a place, "a.b|c"; NULL where nothing does. */
const struct json *grid_at(const struct json *, const char *place);
/* A value as people read it, a code in words where they are known. */
struct text grid_words(const struct out *, const struct json *row, const char *place, enum codes);
/* A value as it came: texts bare, anything but texts and figures as JSON. */
struct text grid_raw(const struct json *value, struct arena *);

/* Colours that many tables share. */
enum colour grid_state_colour(const struct out *, const struct json *row);
enum colour grid_overdue_colour(const struct out *, const struct json *row);

/* A line of text through a table: wrapped on a terminal, without control characters. */
void grid_line(const struct out *, struct text, enum colour, int indent, FILE *);

#endif
