/* The listening sockets: ROUTERs and PUBs with every option set and checked before they are bound. */
#ifndef DAEMON_SOCKETS_H
#define DAEMON_SOCKETS_H

#include "daemon/reactor.h"

/* A ROUTER, or a PUB, of this ZAP domain; with a key it is a CURVE server. NULL with errno. The ZAP
 * handler must be bound already. */
void *sockets_router(void *zmq_context, const char *zap_domain, const struct server_key *);
void *sockets_publisher(void *zmq_context, const char *zap_domain, const struct server_key *);

/* Binds ipc://PATH, mode 0660, in place of a file left over; -EADDRINUSE where somebody serves
 * there. The caller takes the file away when the socket is closed. 0 or < 0 with a line in *ret_why. */
int sockets_bind_ipc(void *router, const char *path, struct buf *ret_why);
int sockets_bind_tcp(void *router, const char *endpoint, struct buf *ret_why);
/* Serves on all passed listeners of this use and kind too; they stay open when the socket is closed,
 * and so does the file of a local one. */
int sockets_adopt(void *router, const struct inherited *, enum inherited_use, bool tcp, struct buf *ret_why);

/* A socket that tells which connections of `router` have begun and ended, from now on; `endpoint` is
 * inproc://NAME. It never makes the router wait, so take all it has every turn. NULL with errno. */
void *sockets_watch(void *zmq_context, void *router, const char *endpoint);
struct socket_event { bool accepted; int fd; };
/* The next connection (message.fd) that was accepted or has ended; false: no more. An end is told
 * before anything comes from a later connection with the same descriptor. */
bool sockets_event(void *watch, struct socket_event *ret);

#endif
