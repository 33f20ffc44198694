/* What somebody may have meant: the known name that is least unlike the one given. */
#ifndef CLIENTS_NEAREST_H
#define CLIENTS_NEAREST_H

#include "proto/mem.h"

struct nearest {
	struct text wanted;         /* folded */
	struct text found;          /* as it is shown; absent while none is like it */
	int best;
};

struct nearest nearest_to(struct text name, struct arena *);
/* `folded` is compared (proto/utf8.h), `shown` is what is found. Borrowed. */
void nearest_try(struct nearest *, struct text folded, struct text shown);

#endif
