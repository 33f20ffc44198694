/* What the parts of `ocop import` share: the file's columns, the programme's lists, the rows. */
#ifndef CLIENTS_IMPORT_PARTS_H
#define CLIENTS_IMPORT_PARTS_H

#include "clients/ask.h"
#include "clients/csv.h"
#include "clients/register.h"
#include "proto/date.h"

/* --- the programme's lists ----------------------------------------------------------------------- */

enum { CODE_NAMES = 6 };

/* A code and the names it is known by, folded: its own, Vietnamese and English, with the code behind. */
struct code {
	struct text code, shown;
	struct text names[CODE_NAMES];
	int64_t from, until;        /* in force; NONE: without end */
};

struct codes {
	struct code *items;
	size_t count;
};

struct lists {
	struct codes groups, kinds, communes, rounds, entries, documents, statuses;
	int64_t today;
	int64_t sequence;           /* the journal's last event as the import begins */
};

/* Asks the daemon. 0 or an exit code. */
int lists_load(struct asker *, struct arena *, enum lang, struct lists *ret);
/* The code that a cell names on that day. NULL with what is wrong with the cell, in the arena. */
const struct code *code_find(const struct codes *, struct text cell, int64_t day, struct arena *, const char **ret_why);

/* --- columns ------------------------------------------------------------------------------------- */

struct import_column {
	enum register_id id;        /* COLUMN_COUNT: a document */
	const struct code *document;
	struct text heading;        /* as the file has it */
	bool used;                  /* some row has something in it */
};

struct import_head {
	struct import_column *columns;
	size_t count;
	int at[COLUMN_COUNT];       /* which of them; -1: none */
	struct text raw;
	int line;
};

/* --- rows ---------------------------------------------------------------------------------------- */

struct import_error {
	struct text column;         /* its heading; absent: the row as a whole */
	struct text words;
	struct import_error *next;
};

struct import_row {
	int line;
	struct text raw;
	const char *method;
	struct text params;         /* JSON, without key and lang, and without the last brace */
	char key[64];             /* "import-" and hex digits */
	struct import_error *errors, **end;
	bool done, before;          /* imported; had been so before */
};

struct import {
	const struct settings *settings;
	struct asker asker;
	struct arena *arena;        /* for as long as the import takes */
	struct arena *scratch;      /* for one row */
	const char *file;
	struct csv csv;
	struct import_head head;
	struct lists lists;
	struct import_row *rows;
	size_t count;
	size_t wrong;               /* rows with errors */
};

/* Reads the heading. false with complaints: every column that is unknown, twice or missing. */
bool import_head_read(struct import *, const struct csv_row *, struct complaints *);
/* What the row asks for: method, params and key, or errors. */
void import_row_read(struct import *, const struct csv_row *, struct import_row *ret);
void import_row_error(struct import *, struct import_row *, struct text column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Has all rows without errors decided (`dry`), or done, many in each request. What is refused is noted
 * with its row. 0, or an exit code where it could not go on, with what is wrong on standard error. */
int import_send(struct import *, bool dry);

#endif
