/* libzmq's recv(), counted on its way to the kernel. */
#undef _FORTIFY_SOURCE          /* its recv is an inline one of its own */
#include "daemon/received.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* Written by libzmq's threads. There is no one to hand it through: recv() knows a descriptor alone. */
static atomic_uint_fast64_t totals[RECEIVED_FDS_MAX], caps[RECEIVED_FDS_MAX], since; /* cap 0: none */
static atomic_uint_fast64_t alarm_bytes = UINT64_MAX;
static atomic_int alarm_fd = -1;

static void
raise_alarm(void)
{
	int saved = errno, fd = atomic_load(&alarm_fd);

	if (fd >= 0)
		eventfd_write(fd, 1);
	errno = saved;
}

ssize_t
recv(int fd, void *bytes, size_t len, int flags)
{
	uint64_t cap = fd >= 0 && fd < RECEIVED_FDS_MAX ? atomic_load_explicit(&caps[fd], memory_order_relaxed) : 0;

	if (cap && received_bytes(fd) >= cap)
		return 0;
	ssize_t n = recvfrom(fd, bytes, len, flags, NULL, NULL);

	if (n <= 0 || fd >= RECEIVED_FDS_MAX)
		return n;
	atomic_fetch_add_explicit(&totals[fd], (uint64_t)n, memory_order_relaxed);
	uint64_t before = atomic_fetch_add_explicit(&since, (uint64_t)n, memory_order_relaxed);

	if (before < alarm_bytes && before + (uint64_t)n >= alarm_bytes)
		raise_alarm();
	return n;
}

int
received_open(uint64_t bytes)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	atomic_store(&since, 0);
	atomic_store(&alarm_bytes, bytes);
	atomic_store(&alarm_fd, fd);
	return fd;
}

void
received_close(int fd)
{
	if (fd < 0)
		return;
	atomic_store(&alarm_bytes, UINT64_MAX);
	atomic_store(&alarm_fd, -1);
	close(fd);
}

void
received_look(int fd)
{
	eventfd_t count;

	/* In this order: an alarm in between is looked at once too often, and none is lost. */
	eventfd_read(fd, &count);
	atomic_store(&since, 0);
}

void
received_cap(int fd, uint64_t bytes)
{
	if (fd >= 0 && fd < RECEIVED_FDS_MAX)
		atomic_store_explicit(&caps[fd], bytes, memory_order_relaxed);
}

uint64_t
received_bytes(int fd)
{
	return fd >= 0 && fd < RECEIVED_FDS_MAX ? atomic_load_explicit(&totals[fd], memory_order_relaxed) : 0;
}
