/* `ocop account add`: a key pair, the account's file for the daemon, the secret for its owner. */
#ifndef CLIENTS_ACCOUNT_H
#define CLIENTS_ACCOUNT_H

#include "clients/settings.h"

/* The words behind `account`. Returns the program's exit code. */
int account_run(int argc, char **argv, struct settings *, struct arena *);

#endif
