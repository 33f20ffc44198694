/* The journal's projections in the store: what an event changes there, and how the two are brought
 * together again. A function of the journal's lines alone, so that a rebuilt store has the same
 * bytes. */
#ifndef DAEMON_PROJECTION_H
#define DAEMON_PROJECTION_H

#include "daemon/journal.h"
#include "daemon/store.h"
#include "daemon/terms.h"

/* Raised when the store's contents change meaning; an older state is rebuilt from the journal. */
enum { STATE_FORMAT = 3, REQUEST_HASH_LEN = 32 };

/* How far the store has applied the journal; one row of TABLE_META. */
struct applied {
	int64_t format;
	int64_t sequence;           /* of the last event; 0: none */
	int64_t time_ms;            /* of the last event */
	char hash[HASH_LEN];        /* of the last event's text */
	char journal[32];           /* the journal's name */
};

/* A row of TABLE_EVENT. */
struct event_row {
	journal_position position;
	uint64_t before;            /* sequence of the dossier's event before this one; 0: none */
	uint64_t dossier;           /* id; 0: an event of a feed */
	struct text type, commune;
};

/* One event on its way into the store. */
struct entry {
	uint64_t sequence;
	int64_t time_ms;
	journal_position position;
	struct text type;           /* "returned" */
	const struct change *data;
	uint64_t id;                /* of the dossier; 0: an event of a feed */
};

/* A row of another format gives its `format` alone. */
bool applied_read(struct store *, struct applied *ret);
/* The format of what the store holds, in a transaction of its own; 0 where it holds nothing yet. */
int64_t applied_format(struct store *);
void applied_write(struct store *, const struct applied *);

/* Where the projections of an event go. */
struct projector {
	struct store *store;        /* with a transaction open */
	const struct programme *programme;
	struct arena *arena;        /* for what is read on the way */
	struct bulk *bulk;          /* a rebuild's records and keys go here first; NULL: no rebuild */
};

/* The record as it stands, wherever it is. */
bool projector_dossier(const struct projector *, uint64_t id, struct dossier *ret);

bool projection_dossier(struct store *, uint64_t id, struct arena *, struct dossier *ret);
bool projection_event(struct store *, uint64_t sequence, struct event_row *ret);
/* The highest number given in a year so far; 0 for none. */
uint64_t projection_number(struct store *, uint64_t year);
/* The dossier that follows `id` as its `previous`; 0 for none. */
uint64_t projection_next(struct store *, uint64_t id);
/* The dossier that this one names as its `previous`; 0 for none. */
uint64_t projection_previous(const struct programme *, const struct dossier *);

/* Under what a request's key is remembered, and what of its content: method and parameters
 * without key, lang and dry. */
void key_hash(struct text account, struct text key, char out[REQUEST_HASH_LEN]);
void request_hash(struct text method, const struct params *, char out[REQUEST_HASH_LEN + 1]);
bool projection_key(struct store *, struct text account, struct text key, uint64_t *ret_sequence);

/* Puts one event into every projection; in a rebuild into all but index and figures. `before` is
 * the dossier's record, NULL for a new one and for an event of a feed. */
void projection_apply(const struct projector *, const struct entry *, const struct dossier *before);

/* A line of the journal as an event; false where it is none of ours. */
bool event_decode(struct text text, struct arena *, struct event *ret);
/* The type without its prefix: "vn.ocop.dossier.returned" gives "returned", "vn.ocop.feed.opened"
 * "feed.opened"; and back. */
struct text event_word(struct text type);
struct text event_name(struct text word, struct arena *);
/* Is it an event of a feed, which has no dossier? */
bool event_of_feed(struct text word);
/* Does a filter let the event through? Without `types`: all but the feeds' own. */
bool event_matches(const struct event_row *, const struct list *communes, const struct list *types);

/* Applies what the journal holds beyond `applied`, a transaction each few thousand events; where
 * nothing was applied yet, or a rebuild was cut short, all of it by way of memory (bulk.h). 0, or < 0 with a line in *ret_why: -ESTALE where the store does not belong to this journal and
 * is to be made anew, -EILSEQ where the journal has lost events that the store has applied. */
int projection_catch_up(struct journal *, struct store *, const struct programme *,
                        struct applied *ret_applied, struct buf *ret_why);
/* The same with a bound on that memory, for tests. */
int projection_catch_up_within(struct journal *, struct store *, const struct programme *, size_t bulk_bytes,
                               struct applied *ret_applied, struct buf *ret_why);

/* Makes the projections of the whole journal in a store of their own under `scratch_dir` and
 * compares. 0 where every byte agrees, 1 where not, < 0 on a fault; a page in *ret_report. */
int projection_verify(struct journal *, struct store *, const struct programme *,
                      const char *scratch_dir, struct buf *ret_report);

#endif
