/* `ocop export`: the office's register and its reports as a workbook, CSV or JSON. */
#ifndef CLIENTS_EXPORT_H
#define CLIENTS_EXPORT_H

#include "clients/verbs.h"

int export_run(int argc, char **argv, struct settings *, struct arena *);
extern const struct help_row export_help[];

#endif
