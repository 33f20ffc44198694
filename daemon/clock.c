/* The only reader of the machine's clocks. */
#include "daemon/clock.h"

#include <assert.h>
#include <time.h>

static int64_t
read_us(clockid_t clock)
{
	struct timespec t;
	int rc = clock_gettime(clock, &t);
	assert(rc == 0);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t
clock_wall_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000;
}

int64_t
clock_monotonic_ms(void)
{
	return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t
clock_monotonic_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t
clock_work_us(void)
{
	return read_us(CLOCK_THREAD_CPUTIME_ID);
}
