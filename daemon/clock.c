/* The only reader of the machine's clocks. */
#include "daemon/clock.h"

#include <assert.h>
#include <time.h>

static int64_t
read_ms(clockid_t clock)
{
	struct timespec t;
	int rc = clock_gettime(clock, &t);
	assert(rc == 0);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
clock_wall_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t
clock_monotonic_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}
