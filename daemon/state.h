/* The state folder: who may use it, whether its store may be trusted, and the way back from the
 * journal where it may not.
 *
 *   lock        flock: one daemon, one state
 *   trust       boot id of the machine's run that last wrote the store, and whether it was synced
 *   journal/    the truth (journal.h)
 *   store/      its projections (store.h)
 *
 * LMDB without syncs is whole after a crash of the process, not after one of the machine: where
 * another boot left the store unsynced, it is thrown away and made anew from the journal. */
#ifndef DAEMON_STATE_H
#define DAEMON_STATE_H

#include "daemon/journal.h"
#include "daemon/projection.h"

struct state_folder {
	struct journal *journal;
	struct store *store;
	int lock_fd, trust_fd;      /* -1: none */
};

struct state_options {
	const char *dir;
	struct text source;         /* of the programme, for a new journal */
	size_t segment_bytes, preallocate_bytes;
	bool rebuild;               /* throw the store away whatever it is */
	bool must_exist;            /* --verify and --rebuild make no new state */
};

/* Takes the lock and opens both; a store that can't be trusted or opened is made anew (empty: the
 * caller's catch-up fills it) and told in *ret_why as a warning. 0; -EWOULDBLOCK where another
 * process holds the lock; else < 0 with the reason. */
int state_open(const struct state_options *, struct state_folder *ret, struct buf *ret_why);
void state_close(struct state_folder *);

/* Opens an empty store in place of the one there is (engine_open said -ESTALE), which is thrown away, or
 * kept under the name `keep` in the state folder where that is not "". */
int state_renew(const struct state_options *, const char *keep, struct state_folder *);
/* engine_options.mark: writes and syncs the trust file. `context` is the struct state_folder. */
int state_mark(void *context, bool synced);
/* Writes a trust file that says so into a copy that is whole on disk. */
int state_vouch(const char *dir);

/* Is there a copy made by server.backup that no daemon has been started on? */
bool state_is_copy(const char *dir);
/* Such a copy, taking no lock and writing nothing, to be looked at only. */
int state_open_copy(const char *dir, struct text source, struct state_folder *ret, struct buf *ret_why);
/* Removes a folder made by server.backup, as far as it is there. */
void state_remove(const char *dir);
int state_sync_folder(const char *dir);

#endif
