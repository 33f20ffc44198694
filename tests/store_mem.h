/* The store in memory: the other implementation of daemon/store.h, for tests. Every borrowed text
 * is a copy that is freed when the header says it is lost, so that sanitizers see misuse.
 *
 * store_open works too: it gives a new empty store whatever the folder, -ENOENT if read-only;
 * store_copy gives -ENOTSUP. */
#ifndef TESTS_STORE_MEM_H
#define TESTS_STORE_MEM_H

#include "daemon/store.h"

void store_mem_open(struct store **ret);
/* The countdown-th put, append, del or commit from now on (1: the next) meets this fault (< 0);
 * where sticky, all after it too. Calls that are no-ops by an earlier fault do not count.
 * 0 ends it. */
void store_mem_fail_at(struct store *, int countdown, int fault, bool sticky);
bool store_mem_fired(const struct store *);     /* since the last store_mem_fail_at */
/* The process died: the open transaction, if any, never was. */
void store_mem_crash(struct store *);

#endif
