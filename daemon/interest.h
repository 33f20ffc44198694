/* Whom may an event concern? A quick and coarse answer, so that of many who wait only a few are asked:
 * a bit for a commune, a bit for a type. Two that do not meet have nothing to do with each other;
 * where they meet, only looking tells. */
#ifndef DAEMON_INTEREST_H
#define DAEMON_INTEREST_H

#include "daemon/programme.h"

struct interest { uint64_t communes, types; };

#define INTEREST_NONE ((struct interest){ 0, 0 })
#define INTEREST_ALL ((struct interest){ UINT64_MAX, UINT64_MAX })

struct interest interest_event(const struct programme *, struct text commune, struct text type);
/* Of a filter, as event_matches has it; absent: all of them. */
struct interest interest_filter(const struct programme *, const struct list *communes, const struct list *types);

struct interest interest_join(struct interest, struct interest);
bool interest_meet(struct interest, struct interest);

#endif
