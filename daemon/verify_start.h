/* How much of the journal a start can look at. */
#ifndef DAEMON_VERIFY_START_H
#define DAEMON_VERIFY_START_H

#include "daemon/journal.h"

struct verified { bool whole; int64_t ms; };

/* Walks the whole journal (sequence, hashes, chain) where that will take less than two seconds, which
 * is known after a tenth of one; else it leaves the rest to --verify. 0, or < 0 as journal_walk. */
int verify_start(struct journal *, struct verified *ret, struct buf *ret_why);

#endif
