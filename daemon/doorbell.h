/* The doorbell (PROTOCOL 1): the last event's number, published to whoever subscribes. */
#ifndef DAEMON_DOORBELL_H
#define DAEMON_DOORBELL_H

#include "daemon/config.h"
#include "daemon/connections.h"
#include "daemon/reactor.h"

struct doorbell;

/* Binds ipc://RUN/event and config->events (CURVE with `key`; NULL: none of them; it stays the caller's and is
 * needed until the close). < 0 with a line
 * in *ret_why. */
int doorbell_open(void *zmq_context, const struct config *, const struct server_key *key,
                  struct connections *, struct doorbell **ret, struct buf *ret_why);
void doorbell_close(struct doorbell **);

/* Every turn: publishes where there is a new number (at most 20 times a second), or nothing was
 * published for a second. Never waits. `time_ms` is the daemon's time, `now_ms` monotonic. */
void doorbell_ring(struct doorbell *, uint64_t sequence, int64_t time_ms, int64_t now_ms);
/* Milliseconds until doorbell_ring has something to do. */
int64_t doorbell_next(const struct doorbell *, uint64_t sequence, int64_t now_ms);
/* Before the end: a number that was not published yet. */
void doorbell_finish(struct doorbell *, uint64_t sequence, int64_t time_ms);

/* Rights are looked up when somebody connects, so after a change of accounts all are cut off and
 * connect again. The sockets are bound anew by the next doorbell_rings. */
void doorbell_renew(struct doorbell *);

#endif
