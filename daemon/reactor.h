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

struct reactor;

/* Binds the ipc sockets of config->run (0660 under the caller's umask, stale files replaced) and
 * the tcp endpoints (CURVE, only together with `key`). < 0 with a line in *ret_why. */
int reactor_open(const struct config *, const struct server_key *key, struct engine *,
                 struct access *, struct reactor **ret, struct buf *ret_why);
void reactor_close(struct reactor **);

/* Serves until SIGTERM or SIGINT; answers what was accepted. 0, or < 0 as engine_batch. */
int reactor_run(struct reactor *);

#endif
