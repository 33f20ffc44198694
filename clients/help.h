/* Help, from the tables of verbs and fields: on the screen, and line by line for whoever sets it
 * otherwise (manual.c). */
#ifndef CLIENTS_HELP_H
#define CLIENTS_HELP_H

#include "clients/verbs.h"

void help_all(void);
void help_verb(const struct verb *);
void help_command(const struct command *);

/* One option and what it is, in the language in use; both borrowed. */
typedef void help_line(void *to, const char *option, const char *words);

void help_common_lines(help_line *, void *to);
void help_verb_lines(const struct verb *, struct arena *, help_line *, void *to);
void help_command_lines(const struct command *, help_line *, void *to);
/* The option that sets the field, or its member `part` (-1: none), and what it is. */
struct text help_option(unsigned index, int part, struct arena *, struct text *ret_words);
/* The words behind "ocop" in the verb's usage. */
struct text help_verb_usage(const struct verb *, struct arena *);

#endif
