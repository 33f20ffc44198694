/* CSV after RFC 4180, read strictly: separated by commas, semicolons or tabs, whichever the heading has
 * most of (or a first line "sep=;" names), with or without a byte order mark, lines ending in CRLF or LF.
 * What other encodings and formats look like is recognised and said. */
#ifndef CLIENTS_CSV_H
#define CLIENTS_CSV_H

#include "proto/mem.h"

struct csv {
	struct text rest;           /* what is still to be read */
	int line, column;           /* of its first character */
	char separator;
};

struct csv_row {
	int line;                   /* where it begins: fields may hold line breaks */
	struct text raw;            /* as it stands in the file, without its end of line */
	struct text *cells;         /* without their quotes */
	size_t count;
};

/* Where and why a file is no CSV: a sentence in the language in use. */
struct csv_fault {
	int line, column;
	const char *why;
};

/* The file's text is borrowed. false with the fault. */
bool csv_open(struct csv *, struct text file, struct csv_fault *ret);

enum csv_result { CSV_END, CSV_ROW, CSV_WRONG };
/* The next row, in the arena; rows whose cells are all empty are passed over. */
enum csv_result csv_next(struct csv *, struct arena *, struct csv_row *ret, struct csv_fault *ret_fault);

/* One cell, in quotes where it needs them, and without meaning to a spreadsheet: before what would be a
 * formula stands an apostrophe, which csv_plain takes away. */
void csv_write_cell(struct buf *, struct text cell, char separator);
struct text csv_plain(struct text cell);
/* Without the blanks at its ends (no-break ones too). */
struct text csv_trim(struct text cell);
#define CSV_MARK "\xef\xbb\xbf"

#endif
