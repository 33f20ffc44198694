/* The words of a command line: options with and without values, and those that every verb has. */
#ifndef CLIENTS_OPTIONS_H
#define CLIENTS_OPTIONS_H

#include "clients/settings.h"

struct option_word {
	bool dashed;                /* begins with "--" (or is -q, -h) */
	struct text name;           /* without the dashes */
	struct text value;          /* of --name=value; absent otherwise */
};

struct option_word option_split(const char *word);
/* Fills the value from the next word where none is there yet, and steps over it. false: no more words. */
bool option_value(int argc, char **argv, int *i, struct option_word *);

/* Takes the global option at argv[*i]. 0, or the exit code, with what is wrong on standard error. */
int option_global(int argc, char **argv, int *i, struct settings *);

/* For whatever can't say what it would do: 64 where --dry-run was given, else 0. */
int option_no_dry(const struct settings *, const char *verb);

/* The verb whose help usage_error names from now on; borrowed. */
void usage_of(const char *verb);
/* "ocop: WHAT: WORD", and where help is to be had. Returns 64. */
int usage_error(const char *what, const char *word);

#endif
