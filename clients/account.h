/* `ocop account add`: a key pair, the account's file for the daemon, the secret for its owner. */
#ifndef CLIENTS_ACCOUNT_H
#define CLIENTS_ACCOUNT_H

#include "clients/verbs.h"

int account_run(int argc, char **argv, struct settings *, struct arena *);
extern const struct help_row account_help[];

#endif
