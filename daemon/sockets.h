/* The listening sockets: ROUTERs with every option set and checked before they are bound. */
#ifndef DAEMON_SOCKETS_H
#define DAEMON_SOCKETS_H

#include "daemon/reactor.h"

/* The options of RELIABILITY 4.1 for a ROUTER of this ZAP domain; with a key it is a CURVE server.
 * NULL with errno. The ZAP handler must be bound already. */
void *sockets_router(void *zmq_context, const char *zap_domain, const struct server_key *);

/* Binds ipc://PATH, mode 0660, in place of a file left over; -EADDRINUSE where somebody serves
 * there. The caller takes the file away when the socket is closed. 0 or < 0 with a line in *ret_why. */
int sockets_bind_ipc(void *router, const char *path, struct buf *ret_why);
int sockets_bind_tcp(void *router, const char *endpoint, struct buf *ret_why);

#endif
