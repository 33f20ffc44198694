/* Durable feeds: an account's cursors in the journal, each a row of the store that follows from
 * the journal's own events of feeds. */
#ifndef DAEMON_FEED_H
#define DAEMON_FEED_H

#include "daemon/query.h"

bool feed_read(struct store *, struct text account, struct text feed, struct arena *, struct feed *ret);
/* What one event of a feed makes of its row; `before` is NULL where there is none. */
void feed_apply(struct store *, const struct entry *, const struct feed *before);

/* feed.open, ack, fail and close. `sequence`: the journal's end. OK, and *ret_type the event to be
 * emitted with *ret_change, or absent where nothing changes; else a refusal. */
int feed_decide(enum method, const struct view *, const struct params *, int64_t sequence,
                struct change *ret_change, struct text *ret_type, struct refusal *);
/* The answer to one of these, once its event is applied. */
void feed_answer(enum method, const struct view *, const struct params *, struct buf *out);

/* Every feed with how many events it has yet to give, as feed.list tells; for the figures. */
typedef void feed_visit(void *context, const struct feed *, uint64_t lag);
void feed_lags(const struct view *, feed_visit *, void *context);

#endif
