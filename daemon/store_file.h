/* The store's folder and file as the disk sees them; store.c's helper, nobody else's. */
#ifndef DAEMON_STORE_FILE_H
#define DAEMON_STORE_FILE_H

#include <stddef.h>

/* Where things are; `parent` is the folder of `dir`. */
struct store_places {
	char *dir, *parent, *data, *lock;
};

struct store_places store_places_of(const char *dir);
void store_places_free(struct store_places *);
char *store_join(const char *dir, const char *name);    /* the caller frees it */

int store_file_sync(const char *path);          /* fsync of a file or folder; 0 or -errno */
/* A store's folder with what LMDB puts into it; a folder with anything else in it stays. */
void store_file_remove(const char *dir);
/* The new.XXXXXX folders that a cut during a creation has left. */
void store_file_remove_stale(const char *parent);
/* Before LMDB sees the file, which believes its meta pages: 0 with the bytes that the newer of them
 * claims; -EILSEQ where they are none of LMDB's or the file is shorter than that; else -errno. */
int store_file_check(const char *data, size_t *ret_used);

#endif
