/* `ocop account`: the daemon's accounts, as files of its folder: add, list, remove, rotate. */
#ifndef CLIENTS_ACCOUNT_H
#define CLIENTS_ACCOUNT_H

#include "clients/verbs.h"

int account_run(int argc, char **argv, struct settings *, struct arena *);
extern const struct help_row account_help[];

#endif
