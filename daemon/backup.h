/* server.backup: a hot copy of journal and state, verified before it is called one. */
#ifndef DAEMON_BACKUP_H
#define DAEMON_BACKUP_H

#include "daemon/query.h"

/* Copies both into DIR/NAME (which must not exist), replays the copied journal and compares the
 * copied state with it; a copy that fails is removed. The copy is of what was on disk before this
 * batch. A good one makes room: of all named alike but for digits, those beyond the `keep` last
 * names are removed, itself never (0: none). E_FORBIDDEN where no folder is configured, E_PARAMS
 * for a bad or taken name, E_STORAGE. */
int backup_run(const char *dir, size_t keep, const struct view *, struct text name, struct buf *out, struct refusal *);

#endif
