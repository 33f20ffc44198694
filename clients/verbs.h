/* The table of verbs (verbs.def), and the words of the help for every field (fields.def). */
#ifndef CLIENTS_VERBS_H
#define CLIENTS_VERBS_H

#include "proto/codec.h"

enum verb_kind {
	READ,   /* changes nothing: may be sent again */
	WRITE,  /* carries a key: may be sent again */
	ONCE,   /* neither */
};

enum { BARE_MAX = 2, BARE_NONE = -1 };

struct verb {
	const char *name;
	const char *method;         /* NULL: named on the command line (`call`) */
	enum verb_kind kind;
	uint64_t takes;             /* FIELD(params, ...) */
	int bare[BARE_MAX];         /* fields filled by bare arguments; BARE_NONE ends them */
	const char *en, *vi;
};

struct field_help {
	const char *value;          /* the value's name; "" for a flag */
	const char *en, *vi;
};

const struct verb *verb_find(struct text name);    /* NULL where there is none such */
const struct verb *verb_item(size_t);               /* NULL behind the last */
const struct field_help *field_help(unsigned index);

#endif
