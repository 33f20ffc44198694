/* The word that was probably meant: the one of some that a mistyped one is nearest to. */
#ifndef PROTO_NEAREST_H
#define PROTO_NEAREST_H

#include "proto/mem.h"

struct nearest {
	struct text word;
	struct text best;           /* absent: none is near */
	size_t distance;            /* of the best */
};

struct nearest nearest_begin(struct text word);
/* Keeps the choice, borrowed, where it is nearer than those before: few keys away, or begun like it. */
void nearest_try(struct nearest *, struct text choice);
/* The same by another spelling of it, as folded (proto/utf8.h); `shown` is what is kept, borrowed. */
void nearest_try_as(struct nearest *, struct text spelling, struct text shown);

/* How many keys are between the two: one wrong, lacking, too many, or two in the wrong order. */
size_t nearest_distance(struct text, struct text);

#endif
