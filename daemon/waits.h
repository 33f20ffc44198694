/* Requests whose answer is held back until there is something to tell (PROTOCOL 1). */
#ifndef DAEMON_WAITS_H
#define DAEMON_WAITS_H

#include "daemon/engine.h"
#include "daemon/message.h"

struct wait {
	struct message message;
	char *account;
	int64_t until_ms;           /* monotonic */
	uint64_t resume, known;     /* the engine's */
	struct interest interest;
};

struct waits;

/* `most`: of one account. */
struct waits *waits_new(uint64_t most);
void waits_free(struct waits **);

/* Takes over a message that the engine held. false where the account has as many as it may: then
 * the refusal is in the request's answer, and the message stays the caller's. */
bool waits_hold(struct waits *, struct message *, const struct engine_request *, int64_t now_ms);
/* This connection has gone: nobody waits there any more. */
void waits_drop(struct waits *, int fd);

size_t waits_count(const struct waits *);
/* Milliseconds until waits_take has something to give; NONE: nothing waits. */
int64_t waits_next(const struct waits *, uint64_t sequence, int64_t now_ms);
/* What somebody may see has changed: the next event is everybody's. */
void waits_widen(struct waits *);
/* Takes out what is to be asked again, in the order it came: whose wait is over, or who has not
 * seen all up to `sequence` that the events since the last call have stirred; or `everyone`. Returns how many, at most `max`; each goes back with
 * waits_keep or ends with waits_end. */
size_t waits_take(struct waits *, uint64_t sequence, struct interest stirred, int64_t now_ms, bool everyone,
                  struct wait **ret, size_t max);
/* Held once more: it stands behind the others now, and its wait ends when it would have. */
void waits_keep(struct waits *, struct wait *, const struct engine_request *);
void waits_end(struct wait *);

#endif
