/* The chain of the journal's events: each carries the hash of the text before it. */
#ifndef CLIENTS_JOURNAL_CHAIN_H
#define CLIENTS_JOURNAL_CHAIN_H

#include "proto/json.h"

enum { CHAIN_HASH_HEX = 64 };

/* All zero: at its beginning. */
struct chain {
	int64_t first, last;        /* sequences; 0: no event yet */
	char hash[CHAIN_HASH_HEX + 1]; /* of the last event's text */
};

/* The sequence of an event; 0 where the text is none. */
int64_t chain_sequence(struct text event, struct arena *);
/* The next event's text. false with what is wrong (a sentence, in the language in use), and the chain
 * as it was. Before an event that is not the first of the journal anything may have been. */
bool chain_add(struct chain *, struct text event, struct arena *, struct buf *ret_why);
/* BLAKE2b-256, in hex digits: what b2sum -l 256 gives. */
void chain_hash(struct text, char ret[CHAIN_HASH_HEX + 1]);

#endif
