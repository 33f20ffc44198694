/* Readiness to systemd, and the line `ready` for everybody else. */
#include "daemon/notify.h"

#include <systemd/sd-daemon.h>
#include <unistd.h>

void
notify_ready(const char *status)
{
	static const char line[] = "ready\n";
	sd_notifyf(0, "READY=1\nSTATUS=%s", status);
	if (write(STDERR_FILENO, line, sizeof line - 1) < 0)
		return;                 /* nobody listens there */
}

void
notify_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void
notify_status(const char *status)
{
	sd_notifyf(0, "STATUS=%s", status);
}

void
notify_extend(unsigned seconds)
{
	sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%llu", seconds * 1000000ull);
}
