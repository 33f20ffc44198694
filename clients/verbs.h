/* The tables of verbs and commands (verbs.def), and the words of the help for every field (fields.def). */
#ifndef CLIENTS_VERBS_H
#define CLIENTS_VERBS_H

#include "clients/settings.h"
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
	const char *summary;        /* N_() */
};

/* A line of a command's help: the option, or (first) the words of the usage, and what it is. Both
 * N_(); a row without an option ends a list of them. */
struct help_row {
	const char *option, *words;
};

/* A verb that is more than one request. */
struct command {
	const char *name;
	/* The words behind the name, and what was set before it. Returns the program's exit code. */
	int (*run)(int argc, char **argv, struct settings *, struct arena *);
	const struct help_row *help;
	bool rows;                  /* what it prints are rows, or can be: --csv is for it */
	const char *summary;        /* N_() */
};

struct field_help {
	const char *value;          /* the value's name, N_(); "" for a flag */
	const char *summary;        /* N_() */
};

const struct verb *verb_find(struct text name);    /* NULL where there is none such */
const struct verb *verb_of_method(struct text method);     /* likewise */
const struct verb *verb_item(size_t);               /* NULL behind the last */
const struct command *command_find(struct text name);
const struct command *command_item(size_t);
const struct field_help *field_help(unsigned index);
/* What stands for its value, in the language in use: "NUMBER"; "" for a flag. */
const char *field_value(unsigned index);

#endif
