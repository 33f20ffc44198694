/* `ocop metrics`: the daemon's figures as they are, on standard output or into a file. */
#ifndef CLIENTS_METRICS_H
#define CLIENTS_METRICS_H

#include "clients/verbs.h"

int metrics_run(int argc, char **argv, struct settings *, struct arena *);
extern const struct help_row metrics_help[];

#endif
