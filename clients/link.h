/* The client's side of the command socket: one request, one answer, before a deadline.
 *
 * A request that gets no answer in time, or whose connection breaks off, is sent again, the same
 * bytes, over a new connection: the daemon knows a write again by its key. Nothing here reads what
 * is in a frame. */
#ifndef CLIENTS_LINK_H
#define CLIENTS_LINK_H

#include "proto/mem.h"

enum { LINK_KEY_LEN = 40 };         /* a CURVE key as Z85 text */

/* All borrowed for the life of the link. tcp needs the three keys, ipc none. */
struct link_target {
	const char *endpoint;       /* "ipc:///run/ocopd/command", "tcp://127.0.0.1:5570" */
	const char *server_key;
	const char *public_key, *secret_key;
};

struct link;

/* Never fails for a daemon that is not there: that is link_call's to find out. -EINVAL where the
 * endpoint or a key is none. */
int link_open(const struct link_target *, struct link **ret);
void link_close(struct link **);

/* A descriptor that ends every wait with -EINTR while it is readable; -1: none, as at first. */
void link_watch(struct link *, int fd);

/* Sends `frame` and waits for its answer, at most timeout_ms. Where `again` is set the frame is
 * sent anew after the first `patience_ms` without an answer, then after twice that time, and so
 * on, and at once when the connection is lost; elsewhere that ends the call with -ECONNRESET. 0, or
 * -ETIMEDOUT, -EINTR (link_watch), or another
 * -errno. */
int link_call(struct link *, struct text frame, int timeout_ms, int patience_ms, bool again,
              struct buf *ret_answer);

#endif
