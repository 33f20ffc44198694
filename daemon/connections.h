/* Who is connected, and the limits on that (LIMIT_CONNECTIONS, SOURCE, RATE, UNREAD).
 *
 * libzmq has none of its own: its sockets tell of every connection they have accepted, and what is one
 * too many is shut down (never closed: the descriptor is libzmq's). A source is the address of a peer,
 * or the Unix user behind a local socket. */
#ifndef DAEMON_CONNECTIONS_H
#define DAEMON_CONNECTIONS_H

#include "daemon/engine.h"

struct connections;

/* The limits are those in `traffic`, where it counts as well. NULL with errno. */
struct connections *connections_new(struct engine_traffic *);
void connections_free(struct connections **);

/* Knows the connections of a socket that is not bound yet, until connections_leave, which comes before
 * the socket is closed. 0 or -errno. */
int connections_watch(struct connections *, void *zmq_context, void *socket, enum door);
void connections_leave(struct connections *, enum door);

/* What to wait for: sockets (at most DOOR_COUNT), and a descriptor. */
size_t connections_sockets(const struct connections *, void **ret);
int connections_fd(const struct connections *);

/* A message of so many bytes has come out of libzmq. */
void connections_delivered(struct connections *, int fd, size_t wire_bytes);
/* Every turn, behind the reading of messages: takes what the sockets tell, and shuts down what is too
 * much. `ended` hears of each connection that has gone, before anything comes from a later one with
 * its descriptor. `alarm`: the descriptor is readable. `drained`: no whole message is left in libzmq. */
typedef void connection_ended(void *context, int fd);
void connections_turn(struct connections *, bool alarm, bool drained, int64_t now_ms, connection_ended *, void *context);

/* May this account open one more connection now? */
bool connections_admit(struct connections *, struct text account, int64_t now_ms);

#endif
