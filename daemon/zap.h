/* Who may open a connection: the ZAP handler (RFC 27/ZAP) over the accounts.
 *
 * Domain "tcp": CURVE and a key that names an account; the connection's User-Id is that key in
 * Z85. Domain "ipc": everybody the socket's file lets in; what counts there is the kernel's
 * Peer-Address, and the User-Id is set so that no client can write one itself. Rights are not
 * asked here but at every request. Domain "event", the local doorbell, where no request follows:
 * a Unix user with an account. Nothing else is let in. */
#ifndef DAEMON_ZAP_H
#define DAEMON_ZAP_H

#include "daemon/access.h"
#include "daemon/connections.h"

#define ZAP_TCP "tcp"
#define ZAP_IPC "ipc"
#define ZAP_EVENT "event"

/* The handler's socket, bound in this context; NULL with errno. Bind it before any listening
 * socket: without a handler libzmq lets everybody in. */
void *zap_open(void *zmq_context);
/* Answers up to `limit` handshakes that wait. Returns how many were refused. An account that connects
 * too often is put off (300: its client tries again by itself); connections NULL: never. */
unsigned zap_serve(void *zap, const struct access *, struct connections *, unsigned limit);

/* Connects to `router` (CURVE, domain "tcp", not yet listening) through a local socket without a
 * file and of a random name, with a key nobody has, and sees it refused. 0; -EPERM where a stranger
 * gets in; or another -errno. */
int zap_self_test(void *zmq_context, void *zap, const struct access *, void *router,
                  const char *public_key);

#endif
