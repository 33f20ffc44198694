/* One event to one receiver, and which receivers have it already. */
#ifndef CLIENTS_NOTIFY_DELIVER_H
#define CLIENTS_NOTIFY_DELIVER_H

#include "clients/notify_config.h"

/* A delivery under way: `done` is a set of 1 << index of the targets that have it. */
struct delivery {
	const struct notify_config *config;
	const struct note *note;
	uint64_t done;
	int stop_fd;
};

/* Delivers to the target at `index`. false with the reason. */
bool deliver_one(const struct delivery *, size_t index, struct arena *, struct buf *ret_why);
/* Delivers to every target that is not done, each tried whatever became of the others. true where
 * all are done; else the reasons, "NAME: REASON; NAME: REASON". `turn` is called after each. */
bool deliver_all(struct delivery *, struct arena *, void (*turn)(void *), void *user, struct buf *ret_why);

#endif
