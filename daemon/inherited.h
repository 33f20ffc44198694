/* Listening sockets passed at the start (socket activation, sd_listen_fds): they stay open while
 * the daemon is restarted, so that nobody is refused meanwhile. */
#ifndef DAEMON_INHERITED_H
#define DAEMON_INHERITED_H

#include "proto/mem.h"

enum { INHERITED_MAX = 16 };

/* The name a descriptor was passed under (FileDescriptorName=). */
enum inherited_use { INHERITED_COMMAND, INHERITED_EVENT };

struct inherited {
	size_t count;
	struct { int fd; enum inherited_use use; bool tcp; } items[INHERITED_MAX];
};

/* Takes what was passed and forgets the environment's word of it. 0 (also where nothing was
 * passed), or -EINVAL with a line in *ret_why: a descriptor that is no listening stream socket of
 * AF_UNIX, AF_INET or AF_INET6, or whose name is neither "command" nor "event". */
int inherited_take(struct inherited *ret, struct buf *ret_why);
void inherited_close(struct inherited *);

/* Is there one of this use and kind? NULL has none. */
bool inherited_has(const struct inherited *, enum inherited_use, bool tcp);

#endif
