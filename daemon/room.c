/* The state's disk: how much is left, and the warning when that is little. */
#include "daemon/room.h"

#include "daemon/log.h"

#include <sys/statvfs.h>

enum { LOOK_MS = 1000 };

static void
tell_low(struct room *r)
{
	bool low = r->free_bytes < r->reserve_bytes + (r->low ? r->reserve_bytes / 10 : 0);

	if (low && !r->low)
		log_fact(LOG_WARNING_, "disk-low", LOG_NUMBER("free_bytes", r->free_bytes),
		         LOG_NUMBER("reserve_bytes", r->reserve_bytes),
		         LOG_WORD("message", "less is free on the state's disk than reserve-bytes; make room"));
	else if (!low && r->low)
		log_fact(LOG_INFO_, "disk-enough", LOG_NUMBER("free_bytes", r->free_bytes));
	r->low = low;
}

static void
tell_refused(struct room *r, uint64_t refusals)
{
	bool refused = refusals != r->refusals;

	if (refused && !r->refused)
		log_error("disk-full", "writes are answered storage, reads go on; make room");
	else if (!refused && r->refused)
		log_info("disk-serves", "no write has been refused for a second");
	r->refused = refused;
	r->refusals = refusals;
}

void
room_look(struct room *r, uint64_t refusals, int64_t now_ms)
{
	struct statvfs disk;

	if (now_ms < r->next_ms)
		return;
	r->next_ms = now_ms + LOOK_MS;
	tell_refused(r, refusals);
	if (statvfs(r->dir, &disk) < 0)
		return;
	r->free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
	r->total_bytes = (uint64_t)disk.f_blocks * disk.f_frsize;
	tell_low(r);
}
