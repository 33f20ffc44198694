/* The daemon's feed methods, as the listener calls them. */
#ifndef CLIENTS_NOTIFY_FEED_H
#define CLIENTS_NOTIFY_FEED_H

#include "clients/notify_config.h"

struct feed {
	const struct notify_config *config;
	struct link *link;
	struct link_target target;
	int stop_fd;
	struct buf refusal;         /* the daemon's sentence, after FEED_REFUSED */
	int64_t refusal_code;
	struct text refusal_kind;   /* lives in the call's arena */
};

/* Beside 0 and -errno (-ETIMEDOUT: no answer, -EINTR: the program is to end). */
enum { FEED_REFUSED = 1 };

/* The target's keys are read here; nothing is sent yet. 0, or -errno with complaints. */
int feed_init(struct feed *, const struct notify_config *, int stop_fd, struct arena *, struct complaints *);
void feed_close(struct feed *);

/* One attempt each. Results live in the arena. */
int feed_open(struct feed *, struct arena *, int64_t *ret_cursor);
int feed_next(struct feed *, int64_t wait_s, struct arena *, const struct json **ret_events, int64_t *ret_position);
int feed_ack(struct feed *, int64_t sequence, struct arena *);
/* Not sent twice: the daemon counts it. */
int feed_fail(struct feed *, int64_t sequence, struct text reason, struct arena *);
int feed_record(struct feed *, struct text dossier, struct arena *, const struct json **ret);
/* The words for codes; `timeout_ms` for those who can do without. */
int feed_labels(struct feed *, int timeout_ms, struct arena *, const struct json **ret);

#endif
