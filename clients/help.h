/* Help, from the tables of verbs and fields. */
#ifndef CLIENTS_HELP_H
#define CLIENTS_HELP_H

#include "clients/verbs.h"

void help_all(enum lang);
void help_verb(const struct verb *, enum lang);
void help_account(enum lang);

#endif
