/* `ocop __complete WORD...`: what could stand in the last word's place, a line each, for shells. */
#ifndef CLIENTS_COMPLETE_H
#define CLIENTS_COMPLETE_H

#include "clients/settings.h"

/* Silent about everything that is wrong, and back within a second where the daemon is away. */
int complete_run(int argc, char **argv, struct settings *, struct arena *);

#endif
