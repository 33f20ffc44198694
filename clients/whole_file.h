/* A file that appears whole or not at all: written beside its place, synced, then renamed. */
#ifndef CLIENTS_WHOLE_FILE_H
#define CLIENTS_WHOLE_FILE_H

#include "proto/mem.h"

#include <sys/types.h>

struct whole_file {
	const char *file;           /* borrowed */
	char *aside;                /* its name until then; NULL: what is there is no file (a device, a pipe) and is written as it is */
	bool unnamed;               /* it has not even that name yet: whoever kills the program leaves nothing behind */
	int fd;                     /* to be written to */
};

/* All return 0 or -errno. */
int whole_begin(struct whole_file *, const char *file, struct arena *);
int whole_write(int fd, struct text);   /* all of it */
/* Puts it in its place. With `fresh`: -EEXIST where something is there already. Whatever fails,
 * nothing is left behind. */
int whole_end(struct whole_file *, mode_t, bool fresh, struct arena *);
void whole_abandon(struct whole_file *);
/* The mode of a file that is for whoever the umask lets read it. */
mode_t whole_mode(void);

#endif
