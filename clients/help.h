/* Help, from the tables of verbs and fields. */
#ifndef CLIENTS_HELP_H
#define CLIENTS_HELP_H

#include "clients/verbs.h"

void help_all(void);
void help_verb(const struct verb *);
void help_command(const struct command *);

#endif
