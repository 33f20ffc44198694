/* The listener at work: wait, deliver, acknowledge, until it is told to end. */
#ifndef CLIENTS_NOTIFY_RUN_H
#define CLIENTS_NOTIFY_RUN_H

#include "clients/notify_feed.h"

/* Returns the program's exit code. */
int notify_run(struct feed *);

#endif
