/* One request, and what came of it as an exit code. */
#ifndef CLIENTS_REQUEST_H
#define CLIENTS_REQUEST_H

#include "clients/ask.h"
#include "clients/verbs.h"

/* Sends the method with the params (a JSON object's text), waits, prints. `again`: may be sent
 * more than once; `key` is what a write can be asked about later, NULL for the others. */
int request_run(const struct settings *, struct text method, struct text params, bool again,
                const char *key, struct arena *);

/* The answer in asker->answer: on standard output, or the refusal on standard error. The exit code. */
int request_show(struct asker *);

/* A key for a write. */
struct text request_key(struct arena *);

#endif
