/* The columns of the office's register (register.def), found by the heading that people gave them. */
#ifndef CLIENTS_REGISTER_H
#define CLIENTS_REGISTER_H

#include "proto/errors.h"

enum register_as {
	AS_TEXT, AS_INT, AS_DATE, AS_POINTS, AS_MONEY,
	AS_GROUP, AS_KIND, AS_COMMUNE, AS_ROUND, AS_ENTRY, AS_STATE, /* codes, shown by their names */
};

enum register_id {
#define COLUMN(id, vi, en, others, field, place, as, width, words) COLUMN_##id,
#include "clients/register.def"
	COLUMN_COUNT
};

struct register_column {
	const char *vi, *en, *others;
	const char *field;          /* of params; NULL */
	const char *place;          /* r.PATH in a record; "": found out by the export; NULL: not exported */
	enum register_as as;
	int width;
};

/* The kinds of registration: code, Vietnamese, English. */
enum { REGISTER_ENTRIES = 3 };
extern const char *const register_entries[REGISTER_ENTRIES][3];

const struct register_column *register_column(enum register_id);
struct text register_heading(enum register_id, enum lang);

/* The column of a heading, whatever its case and diacritics. */
bool register_find(struct text heading, struct arena *, enum register_id *ret);
/* The column whose param this is, or the beginning of its path. */
bool register_field(struct text path, enum register_id *ret);
/* The known heading that is least unlike this one; absent where none is like it. */
struct text register_nearest(struct text heading, enum lang, struct arena *);

#endif
