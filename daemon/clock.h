/* The only reader of the machine's clocks. */
#ifndef DAEMON_CLOCK_H
#define DAEMON_CLOCK_H

#include <stdint.h>

int64_t clock_wall_ms(void);        /* milliseconds since 1970, UTC */
int64_t clock_monotonic_ms(void);   /* for waiting; never goes back */
int64_t clock_monotonic_us(void);   /* for measuring */
int64_t clock_work_us(void);        /* what this thread has worked, without what it waited */

#endif
