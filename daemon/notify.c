/* Words to the service manager, and the line `ready` for everybody else. */
#include "daemon/notify.h"

#include "proto/codec.h"

#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum { EXTEND_S = 60 };

static int
first_line(struct text status)
{
	const char *end = status.ptr ? memchr(status.ptr, '\n', status.len) : NULL;

	return end ? (int)(end - status.ptr) : (int)status.len;
}

static void
tell(const char *what, struct text status)
{
	sd_notifyf(0, "%sSTATUS=%.*s", what, first_line(status), status.ptr ? status.ptr : "");
}

void
notify_ready(struct text status)
{
	static const char line[] = "ready\n";

	tell("READY=1\n", status);
	if (write(STDERR_FILENO, line, sizeof line - 1) < 0)
		return;                 /* nobody listens there */
}

void
notify_reloading(void)
{
	tell("RELOADING=1\n", TEXT("reading accounts and programme again"));
}

void
notify_reloaded(struct text status)
{
	tell("READY=1\n", status);
}

void
notify_stopping(void)
{
	tell("STOPPING=1\n", TEXT("stopping: answering what was accepted"));
}

void
notify_replaying(uint64_t done, uint64_t total)
{
	sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%llu\nSTATUS=replaying the journal: event %llu of %llu",
	           EXTEND_S * 1000000ull, (unsigned long long)done, (unsigned long long)total);
}

void
notify_busy(const char *status)
{
	sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%llu\nSTATUS=%s", EXTEND_S * 1000000ull, status);
}

void
notify_pulse_open(struct notify_pulse *p)
{
	uint64_t limit_us;

	*p = (struct notify_pulse){ .every_ms = NONE };
	/* Four times in the time allowed: one lost on the way is no death. Nothing where nobody watches:
	 * who does not read would stop this process when the socket's queue is full. */
	if (sd_watchdog_enabled(0, &limit_us) > 0)
		p->every_ms = limit_us / 4000 > 0 ? (int64_t)(limit_us / 4000) : 1;
}

int64_t
notify_pulse_next(const struct notify_pulse *p, int64_t now_ms)
{
	return p->every_ms == NONE ? NONE : p->next_ms > now_ms ? p->next_ms - now_ms : 0;
}

void
notify_pulse(struct notify_pulse *p, int64_t now_ms, struct text status)
{
	tell("WATCHDOG=1\n", status);
	p->next_ms = now_ms + p->every_ms;
}
