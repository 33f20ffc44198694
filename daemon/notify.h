/* What the service manager is told (sd_notify): ready, alive, what is going on; and the line `ready`
 * on standard error for everybody else. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include "proto/mem.h"

/* The first line of `status` is shown. */
void notify_ready(struct text status);
void notify_reloading(void);
void notify_reloaded(struct text status);
void notify_stopping(void);
/* While the journal is replayed, at the start or to check a copy: the time allowed is prolonged,
 * and as long as `done` grows it never runs out. */
void notify_replaying(uint64_t done, uint64_t total);
/* Before a long step that tells nothing while it lasts. */
void notify_busy(const char *status);

/* Told after a real turn of the loop, where the manager watches (WATCHDOG_USEC): that it lives, and
 * what it is doing. */
struct notify_pulse { int64_t every_ms, next_ms; };     /* NONE: nobody watches */

void notify_pulse_open(struct notify_pulse *);
/* Milliseconds until notify_pulse has something to tell; NONE: never. */
int64_t notify_pulse_next(const struct notify_pulse *, int64_t now_ms);
void notify_pulse(struct notify_pulse *, int64_t now_ms, struct text status);

#endif
