/* A changed programme taken into the running daemon: checked first, or all stays as it was. */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "daemon/engine.h"

/* Loads `dir` and, where nothing speaks against it, puts it into the place of *programme (destroyed),
 * with the accounts read again under it. What speaks against it: any complaint of the loading;
 * another source or number template; a dossier that runs under a workflow or a criteria set which
 * the new programme has no longer. 0, or -EINVAL with a line a reason in *ret_why; on success only
 * warnings stand there. Between two batches only. */
int reload_programme(const char *dir, struct programme **programme, struct engine *, struct access *,
                     struct store *, struct buf *ret_why);

#endif
