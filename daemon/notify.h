/* Readiness to systemd (sd_notify), and the line `ready` on standard error for everybody else. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

void notify_ready(const char *status);
void notify_stopping(void);
void notify_status(const char *status);
void notify_extend(unsigned seconds);   /* a long start: EXTEND_TIMEOUT_USEC */

#endif
