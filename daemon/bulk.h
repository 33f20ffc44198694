/* The rows of a rebuild: gathered in memory, then put into the store in the order of their keys, so
 * that each page is made once. What does not fit into memory goes in several runs, each in order.
 *
 * What the journal's events change many times over (records, keys) is gathered while it is walked;
 * index and figures are functions of the records alone and follow at the end. */
#ifndef DAEMON_BULK_H
#define DAEMON_BULK_H

#include "daemon/programme.h"
#include "daemon/store.h"

struct bulk;

/* A run is written when it takes more than `bytes_max` of memory. */
struct bulk *bulk_new(size_t bytes_max);
void bulk_free(struct bulk **);

/* A row of TABLE_DOSSIER or TABLE_KEY, in place of the one put before. */
void bulk_put(struct bulk *, enum store_table, struct text key, struct text value);
/* Borrowed until the next put of that row or bulk_write; false: not in this run, ask the store. */
bool bulk_get(const struct bulk *, enum store_table, struct text key, struct text *ret_value);

bool bulk_full(const struct bulk *);
/* Puts the run into the store, in transactions of its own, and forgets it. 0 or as store_commit,
 * -EXFULL among them: everything has to be done again in a bigger map. */
int bulk_write(struct bulk *, struct store *);

/* Makes the index and the figures of every record in the store anew. As bulk_write. */
int bulk_index(struct bulk *, struct store *, const struct programme *);

#endif
