/* `ocop print`: a paper of a dossier as PDF or HTML. */
#ifndef CLIENTS_PRINT_H
#define CLIENTS_PRINT_H

#include "clients/verbs.h"

extern const struct help_row print_help[];
int print_run(int argc, char **argv, struct settings *, struct arena *);

#endif
