/* Can the dossiers there are live with a programme? Asked at the start and before a reload. */
#ifndef DAEMON_VERSIONS_H
#define DAEMON_VERSIONS_H

#include "daemon/programme.h"
#include "daemon/store.h"

/* false, with a sentence in *ret_why that names a dossier and what is to be put back: where its number
 * is not of the programme's template, or where it runs under a workflow, stands in a state or is judged
 * by criteria which the programme has not got. No transaction may be open. */
bool versions_fit(const struct programme *, struct store *, struct buf *ret_why);

#endif
