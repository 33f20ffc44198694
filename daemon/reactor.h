/* The one daemon file with sockets: poll, signals, batches, answers. Plain libzmq. */
#ifndef DAEMON_REACTOR_H
#define DAEMON_REACTOR_H

#include "daemon/config.h"
#include "daemon/engine.h"

/* A key pair as Z85 text (40 characters and NUL). */
struct server_key { char public_key[41], secret_key[41]; };

/* Reads FILE, or makes it (0600, synced) with FILE.pub beside it. < 0 with a line in *ret_why;
 * -EACCES where others may read it. */
int server_key_load(const char *file, struct server_key *ret, struct buf *ret_why);

/* Reads FILE, which the service manager made for this process (LoadCredential=): nothing is made or
 * written, and who may read it is the manager's business. */
int server_key_credential(const char *file, struct server_key *ret, struct buf *ret_why);

struct reactor;

/* Serves on what was passed at the start, and binds what was not: the ipc sockets of config->run
 * (0660 under the caller's umask, stale files replaced) and the tcp endpoints (CURVE, only together
 * with `key`). < 0 with a line in *ret_why. */
int reactor_open(const struct config *, const struct server_key *key, struct engine *,
                 struct access *, struct reactor **ret, struct buf *ret_why);
void reactor_close(struct reactor **);

/* What SIGHUP does beside reading the accounts again: < 0 where all stays as it was, with lines in
 * *ret_why (the first one is shown in the status until the next SIGHUP). */
typedef int reactor_reload(void *context, struct buf *ret_why);
void reactor_on_reload(struct reactor *, reactor_reload *, void *context);

/* Tells that it is ready, and serves until SIGTERM or SIGINT; then takes no new request, answers what
 * was accepted, and lets everybody go who waits. 0, or < 0 as engine_batch. */
int reactor_run(struct reactor *);

#endif
