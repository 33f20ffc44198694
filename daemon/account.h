/* One account file as an account of the programme. */
#ifndef DAEMON_ACCOUNT_H
#define DAEMON_ACCOUNT_H

#include "daemon/access.h"
#include "proto/account.h"

/* Reads the file `file` of an opened folder into the arena. false with complaints (at least one). */
bool account_load(int dir_fd, const char *file, const struct programme *, struct arena *,
                  struct complaints *, struct account *ret);

#endif
