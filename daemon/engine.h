/* One request end to end: bytes in, rules, bytes out. No sockets; no clock but to measure itself.
 *
 * A batch of requests is decided in order inside one transaction of the store, each seeing the
 * one before; its events are appended to the journal, synced once; then, and only then, may the
 * answers be sent; the store is committed before the next batch. A refusal writes nothing and
 * disturbs no one. */
#ifndef DAEMON_ENGINE_H
#define DAEMON_ENGINE_H

#include "daemon/access.h"
#include "daemon/figures.h"
#include "daemon/interest.h"
#include "daemon/projection.h"

struct engine;

struct engine_options {
	const struct programme *programme;
	struct access *access;      /* for server.status and .metrics; NULL: they tell nothing of accounts */
	struct journal *journal;
	struct store *store;
	const char *backup_dir;     /* NULL: server.backup is refused */
	size_t backup_keep;         /* of copies named alike but for digits; 0: all */
	const char *state_dir;      /* whose disk is watched; NULL: none */
	uint64_t reserve_bytes;     /* less than this left there is worth a warning; 0: never */
	bool simulated;             /* clock.advance is allowed; the machine's clock is not asked */
	int64_t clock_ms;           /* simulated: where the clock stands at start */
	struct text server_key;     /* Z85 public key, for server.ping; absent without tcp */
	/* Called before the first commit after a start or an idle sync (false), and after an idle sync
	 * (true): keeps on disk whether the store may be trusted after a crash of the machine. NULL: none. */
	int (*mark)(void *context, bool synced);
	void *mark_context;
};

/* Catches up from the journal. 0, or < 0 with a line in *ret_why, as projection_catch_up. */
int engine_open(const struct engine_options *, struct engine **ret, struct buf *ret_why);
void engine_close(struct engine **);

/* Between two batches: another definition of the same programme (reload.h). The caller owns it. */
void engine_set_programme(struct engine *, const struct programme *);

struct engine_request {
	const struct account *account; /* NULL: nobody we know */
	struct text frame;
	struct buf *answer;         /* filled; the caller owns it */
	/* A query with `wait` that finds nothing yet is held where it may wait: there is no answer
	 * then, and the caller gives the same request again after a batch or a tick that raised
	 * engine_sequence (at once where `resume` is still behind it), and for the last time, without
	 * may_wait, at the end of its wait. Where nothing has stirred its interest it need not be given,
	 * and `resume` be raised instead, as long as its account's rights are the same. */
	bool may_wait;              /* in */
	bool too_late;              /* in: the daemon is stopping; the answer is `unavailable` */
	bool held;                  /* out */
	int64_t wait_ms;            /* out, where held: how long from now the client waits, as it asked at first */
	uint64_t resume, known;     /* 0 at first; then the engine's own, to be given back as they are */
	struct interest interest;   /* out, where held: events that don't meet it leave it waiting */
};

/* Decides a batch. 0: all answers are there and everything they tell is on disk, in the journal:
 * they may be sent. < 0: the outcome is unknown: send nothing, end the process. A full disk is no
 * fault: its writes are answered `storage`, its reads as ever. */
int engine_decide(struct engine *, struct engine_request *, size_t count, int64_t now_ms);
/* Commits the store, before anything else is asked of the engine. < 0: what was answered stands,
 * end the process, and the next start catches up from the journal. */
int engine_settle(struct engine *);
/* Both at once, for whoever keeps the answers until then. */
int engine_batch(struct engine *, struct engine_request *, size_t count, int64_t now_ms);

/* Clock events that are due, at most `limit` of them, in order. 0 or < 0 as engine_batch. */
int engine_tick(struct engine *, int64_t now_ms, size_t limit);
/* When engine_tick has something to do next: the moment, or NONE. A simulated clock gives NONE:
 * it moves by clock.advance alone. */
int64_t engine_next(const struct engine *);

/* The interest of all events since this was asked last. */
struct interest engine_stirred(struct engine *);
/* The last event's number, of what is on disk. */
uint64_t engine_sequence(const struct engine *);
/* The daemon's time: never before the last event's; a simulated clock's where there is one. */
int64_t engine_time(const struct engine *, int64_t now_ms);

/* Between batches: fills the journal ahead. Returns whether there is more to do at once. */
bool engine_prepare(struct engine *);
/* Between batches: looks after the disk's room, at most once a second of a monotonic clock. */
void engine_room(struct engine *, int64_t now_ms);
/* Nothing has come for a while: makes the store's file whole on disk. 0 or < 0. */
int engine_rest(struct engine *);

/* What the reactor counts, shown by server.status and server.metrics. */
struct engine_traffic {
	uint64_t dropped, unsendable, handshakes_refused, accepted;
	uint64_t open[DOOR_COUNT];  /* connections */
	uint64_t waiting;           /* requests held */
	uint64_t limits[LIMIT_COUNT], exceeded[LIMIT_COUNT]; /* as set, and how often it was more */
};
struct engine_traffic *engine_traffic(struct engine *);

/* What server.* tells beside the store's and the journal's own figures. */
struct engine_status {
	struct engine_traffic traffic;
	uint64_t batches, batch_max, requests, refusals, writes;
	int64_t started_ms;
	bool simulated;
	struct text server_key;
	struct access *access;
	int64_t sequence;
	struct figures figures;
	struct room room;
};

#endif
