/* How much the state's disk has left: looked at now and then, told when it gets low and when it is
 * no longer. */
#ifndef DAEMON_ROOM_H
#define DAEMON_ROOM_H

#include <stdbool.h>
#include <stdint.h>

struct room {
	const char *dir;            /* the state folder */
	uint64_t reserve_bytes;     /* 0: never low */
	uint64_t free_bytes, total_bytes;   /* as of the last look, for whoever is not root */
	bool low;                   /* less than the reserve; a tenth more than it ends that */
	bool refused;               /* writes were refused before the last look */
	uint64_t refusals;
	int64_t next_ms;            /* monotonic; when to look again */
};

/* Does nothing until `next_ms`, a second after the last look. `refusals`: how many writes the disk has
 * refused so far. */
void room_look(struct room *, uint64_t refusals, int64_t now_ms);

#endif
