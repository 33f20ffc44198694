/* `ocop watch`: the events as they happen. */
#ifndef CLIENTS_WATCH_H
#define CLIENTS_WATCH_H

#include "clients/verbs.h"

extern const struct help_row watch_help[];
int watch_run(int argc, char **argv, struct settings *, struct arena *);

#endif
