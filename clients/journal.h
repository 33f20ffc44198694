/* `ocop journal`: the events as they stand in the journal, and whether their chain holds. */
#ifndef CLIENTS_JOURNAL_H
#define CLIENTS_JOURNAL_H

#include "clients/journal_chain.h"
#include "clients/verbs.h"

int journal_run(int argc, char **argv, struct settings *, struct arena *);
extern const struct help_row journal_help[];

/* Checks the files, in this order, as one journal. The exit code: 1 where the chain breaks. */
int journal_verify(char *const *files, int count, const struct settings *);
/* "N events, A to B; the hash of the last: ..." or its JSON. */
void journal_print_done(const struct chain *, const struct settings *);

#endif
