/* The journal's events, read and decoded by a thread of their own, ahead of whoever applies them. */
#ifndef DAEMON_READ_AHEAD_H
#define DAEMON_READ_AHEAD_H

#include "daemon/projection.h"

/* An event of the journal, all of it borrowed until the visit is over. */
struct read_event {
	uint64_t sequence;
	journal_position position;
	char hash[HASH_LEN];
	bool good;                  /* false: a line of the journal, but no event that this program knows */
	struct event event;
};

/* As journal_walk; visits in the caller's thread. The journal must be left alone meanwhile. */
typedef int read_visit(void *context, const struct read_event *);
int read_ahead(struct journal *, uint64_t after, journal_position from, read_visit *, void *context, struct buf *ret_why);

#endif
