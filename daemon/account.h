/* One account file: its text to a struct account. No folder, no watching. */
#ifndef DAEMON_ACCOUNT_H
#define DAEMON_ACCOUNT_H

#include "daemon/access.h"
#include "proto/zpl.h"

/* Is this the name of an account file? Then *ret_account is the account's name within it. */
bool account_file_name(const char *file, struct text *ret_account);
/* Reads the file `file` of an opened folder into the arena. false with complaints (at least one). */
bool account_load(int dir_fd, const char *file, const struct programme *, struct arena *,
                  struct complaints *, struct account *ret);

#endif
