/* What the parts of `ocop export` share: sheets and where they go, and what was found out of the events. */
#ifndef CLIENTS_EXPORT_PARTS_H
#define CLIENTS_EXPORT_PARTS_H

#include "clients/ask.h"
#include "clients/progress.h"
#include "clients/register.h"
#include "proto/date.h"

/* --- sheets -------------------------------------------------------------------------------------- */

enum { SHEET_COLUMNS_MAX = 48 };

struct sheet_column {
	struct text heading;
	enum register_as as;        /* AS_TEXT, AS_INT, AS_DATE, AS_POINTS or AS_MONEY */
	int width;
};

struct sheet_head {
	struct text name;
	size_t count;
	struct sheet_column columns[SHEET_COLUMNS_MAX];
};

enum export_format { EXPORT_NONE, EXPORT_XLSX, EXPORT_CSV, EXPORT_JSON };

/* Where rows go: as CSV to a file, or as lines of JSON to the maker of workbooks. */
struct sink {
	enum export_format format;
	int fd;
	char separator;             /* of CSV */
	enum lang lang;
	const struct sheet_head *sheet;
	struct buf out;
};

/* Both: 0 or -errno. The sheet is borrowed until the next. */
int sink_sheet(struct sink *, const struct sheet_head *);
/* Cells as the protocol writes them: digits, YYYY-MM-DD, 74.28; empty: none. */
int sink_row(struct sink *, const struct text *cells);
int sink_flush(struct sink *);

/* --- facts --------------------------------------------------------------------------------------- */

/* What the list of dossiers does not tell; NONE and 0 where there is nothing. */
struct fact {
	struct text dossier, note;
	int64_t checked, complete;  /* days */
	bool passed;                /* of the last check */
	int64_t support;            /* đồng */
	uint64_t contents;          /* 1 << place in the workflow's list */
};

struct facts {
	struct fact *items;         /* a table with holes */
	size_t count, room;
};

struct export {
	const struct settings *settings;
	struct asker asker;
	struct arena *arena;        /* for as long as the export takes */
	struct arena *page;         /* for one answer */
	struct buf params;
	const struct json *workflow;
	struct facts facts;
	int64_t dossiers;           /* how many there are, about */
};

/* Exit codes, with what is wrong on standard error. The result lives until the next query. */
int export_query(struct export *, const char *method, struct text params, const struct json **ret);
int facts_read(struct export *);
/* NULL where there is none. */
const struct fact *facts_find(const struct facts *, struct text dossier);
void facts_free(struct facts *);

/* Calls `take` for each record; > 0 from it ends the reading with that exit code. */
int export_list(struct export *, int (*take)(struct export *, const struct json *record, void *to), void *to);

/* --- what is written: exit codes, or -errno of the sink ------------------------------------------ */

int export_register(struct export *, struct sink *);
int export_reports(struct export *, struct sink *);
int export_json(struct export *, struct sink *);

#endif
