/* A program run for one delivery: its input, its environment, its time limit. */
#ifndef CLIENTS_NOTIFY_CHILD_H
#define CLIENTS_NOTIFY_CHILD_H

#include "proto/errors.h"

struct child_job {
	const char *const *argv;    /* argv[0] is a path; ended by NULL */
	char *const *environment;   /* ended by NULL */
	struct text input;          /* all of its standard input */
	int64_t limit_ms;           /* then it and what it has started are killed */
	int stop_fd;                /* readable: this program is to end; -1: none */
};

/* Waits for its end. true where it ended with 0; else the reason. What it says on standard output
 * goes to standard error, for standard output belongs to the events. */
bool child_run(const struct child_job *, struct buf *ret_why);

/* Milliseconds of a clock that never jumps. */
int64_t child_clock_ms(void);
/* Is the descriptor readable at this moment, or within the time? */
bool child_wait_fd(int fd, int64_t timeout_ms);

enum { CHILD_GRACE_MS = 5000 };     /* what a delivery under way gets once the program is to end */

#endif
