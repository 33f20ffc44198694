/* `ocop import`: the office's register as a CSV file into the journal. */
#ifndef CLIENTS_IMPORT_H
#define CLIENTS_IMPORT_H

#include "clients/verbs.h"

int import_run(int argc, char **argv, struct settings *, struct arena *);
extern const struct help_row import_help[];

#endif
