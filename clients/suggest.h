/* Mistyped verbs and options: what was probably meant. */
#ifndef CLIENTS_SUGGEST_H
#define CLIENTS_SUGGEST_H

#include "clients/settings.h"

/* "ocop: there is no such verb: shwo", and the nearest one. Both return 64. */
int suggest_verb(const char *word);
/* The same for an option, of those of the verb (settings.verb) and those of all verbs. */
int suggest_option(const struct settings *, const char *word);

#endif
