/* How the store catches up with the journal: the events behind what it has applied; all of them, by
 * way of memory, where it has applied none. */
#include "daemon/projection.h"

#include "daemon/bulk.h"
#include "daemon/notify.h"
#include "daemon/read_ahead.h"
#include "proto/i18n.h"

#include <errno.h>
#include <string.h>

enum {
	BATCH = 4000,               /* events in a transaction */
	FORMAT_PART = 0,            /* a rebuild has begun and not come to its end */
	BULK_BYTES = 256 << 20,
};

struct catch_up {
	struct projector projector;
	struct applied applied;
	struct buf *why;
	size_t pending;             /* events in the open transaction */
	size_t bulk_bytes;
	uint64_t total;             /* the journal's last event */
};

static int
catch_up_commit(struct catch_up *c)
{
	int fault;

	if (c->pending == 0)
		return 0;
	if (!c->projector.bulk)
		applied_write(c->projector.store, &c->applied);
	fault = store_commit(c->projector.store);
	c->pending = 0;
	notify_replaying((uint64_t)c->applied.sequence, c->total);
	if (fault == 0 && c->projector.bulk && bulk_full(c->projector.bulk))
		fault = bulk_write(c->projector.bulk, c->projector.store);
	return fault;
}

/* What an event belongs to: a dossier's id, or 0 for a feed's. */
static bool
subject_id(const struct programme *programme, const struct event *event, uint64_t *ret)
{
	if (!event_of_feed(event_word(event->type)))
		return event->subject.ptr && programme_number_parse(programme, event->subject, ret);
	*ret = 0;
	return event->data->feed.ptr && event->data->by.ptr;
}

static int
catch_up_event(struct catch_up *c, const struct event *event, struct entry *entry)
{
	const struct projector *p = &c->projector;
	struct dossier before;
	bool known = entry->id && projector_dossier(p, entry->id, &before);

	if (store_fault(p->store) < 0)
		return store_fault(p->store);
	if (entry->id && event->data->version != (known ? before.version : 0) + 1) {
		buf_printf(c->why, "journal: event %llu does not follow the one before it of its dossier",
		           (unsigned long long)entry->sequence);
		return -EILSEQ;
	}
	projection_apply(p, entry, known ? &before : NULL);
	return 0;
}

static int
catch_up_visit(void *context, const struct read_event *e)
{
	struct catch_up *c = context;
	struct projector *p = &c->projector;
	struct entry entry = { .sequence = e->sequence, .position = e->position };
	int fault = 0;

	if ((int64_t)e->sequence <= c->applied.sequence) {
		if ((int64_t)e->sequence == c->applied.sequence &&
		    memcmp(e->hash, c->applied.hash, sizeof c->applied.hash) != 0) {
			buf_printf(c->why, "state: event %llu is not the one that was applied",
			           (unsigned long long)e->sequence);
			return -ESTALE;
		}
		return 0;
	}
	arena_reset(p->arena);
	if (!e->good || !subject_id(p->programme, &e->event, &entry.id)) {
		buf_printf(c->why, "journal: event %llu is not one this program knows; "
		           "was it written by a newer version, or under another number template?",
		           (unsigned long long)e->sequence);
		return -EILSEQ;
	}
	entry.time_ms = e->event.time;
	entry.type = event_word(e->event.type);
	entry.data = e->event.data;
	if (c->pending == 0 && (fault = store_begin(p->store)) < 0)
		return fault;
	c->pending++;
	if ((fault = catch_up_event(c, &e->event, &entry)) < 0)
		return fault;
	c->applied.sequence = (int64_t)e->sequence;
	c->applied.time_ms = e->event.time;
	memcpy(c->applied.hash, e->hash, sizeof c->applied.hash);
	return c->pending == BATCH ? catch_up_commit(c) : 0;
}

/* Where the walk begins: at the last event applied, to compare it. */
static int
catch_up_start(struct catch_up *c, const struct applied *found, struct journal *journal,
               journal_position *ret_from, uint64_t *ret_after)
{
	struct store *store = c->projector.store;
	struct event_row row;
	int fault = store_begin(store);

	if (fault < 0)
		return fault;
	if (found->sequence > 0 && projection_event(store, (uint64_t)found->sequence, &row)) {
		*ret_from = row.position;
		*ret_after = (uint64_t)found->sequence - 1;
	}
	store_abort(store);
	if (found->format > STATE_FORMAT) {
		buf_printf(c->why, _("state: it has format %lld, this program knows up to %d; install the newer ocopd, or make "
		                     "the state anew from the journal with --rebuild"), (long long)found->format, (int)STATE_FORMAT);
		return -ENOTSUP;
	}
	if (found->format != STATE_FORMAT) {
		buf_printf(c->why, "state: it has the older format %lld", (long long)found->format);
		return -ESTALE;
	}
	if (memcmp(found->journal, journal_name(journal), sizeof found->journal) != 0 ||
	    (found->sequence && !*ret_from)) {
		buf_str(c->why, "state: it belongs to another journal");
		return -ESTALE;
	}
	/* The journal is synced before the state is committed: this is the loss of answered events. */
	if ((uint64_t)found->sequence > journal_tail(journal).sequence) {
		buf_printf(c->why, "journal: it ends with event %llu, but %lld were answered; restore a backup, or, "
		           "to go on without the lost events, make the state anew from it with --rebuild",
		           (unsigned long long)journal_tail(journal).sequence, (long long)found->sequence);
		return -EILSEQ;
	}
	c->applied = *found;
	return 0;
}

static int
catch_up_walk(struct catch_up *c, struct journal *journal, uint64_t after, journal_position from)
{
	struct store *store = c->projector.store;
	int result = read_ahead(journal, after, from, catch_up_visit, c, c->why);

	if (result == 0)
		return catch_up_commit(c);
	if (c->pending > 0) {
		int fault = store_fault(store);

		store_abort(store);
		return fault < 0 ? fault : result;
	}
	return result;
}

/* What a rebuild that was cut short has left is thrown away. */
static int
rebuild_begin(struct catch_up *c)
{
	struct store *store = c->projector.store;
	struct applied part = c->applied;
	int fault = store_begin(store);

	if (fault < 0)
		return fault;
	for (int table = 0; table < TABLE_TOTAL; table++)
		store_clear(store, (enum store_table)table);
	part.format = FORMAT_PART;
	applied_write(store, &part);
	return store_commit(store);
}

static int
rebuild_end(struct catch_up *c)
{
	struct store *store = c->projector.store;
	struct bulk *bulk = c->projector.bulk;
	int fault = bulk_write(bulk, store);

	if (fault == 0)
		fault = bulk_index(bulk, store, c->projector.programme);
	if (fault == 0)
		fault = store_begin(store);
	if (fault < 0)
		return fault;
	applied_write(store, &c->applied);
	return store_commit(store);
}

static int
rebuild(struct catch_up *c, struct journal *journal)
{
	int result = rebuild_begin(c);

	c->projector.bulk = bulk_new(c->bulk_bytes);
	if (result == 0)
		result = catch_up_walk(c, journal, 0, 0);
	if (result == 0)
		result = rebuild_end(c);
	bulk_free(&c->projector.bulk);
	return result;
}

/* Brings the store to the journal's end; -EXFULL where the map has to grow first. */
static int
catch_up_once(struct catch_up *c, struct journal *journal)
{
	journal_position from = 0;
	uint64_t after = 0;
	struct applied found = { .format = FORMAT_PART };
	int result = store_begin(c->projector.store);

	if (result < 0)
		return result;
	applied_read(c->projector.store, &found);
	store_abort(c->projector.store);
	c->applied = (struct applied){ .format = STATE_FORMAT };
	memset(c->applied.hash, '0', sizeof c->applied.hash);
	memcpy(c->applied.journal, journal_name(journal), sizeof c->applied.journal);
	c->pending = 0;
	if (found.format == FORMAT_PART)
		return journal_tail(journal).sequence > 0 ? rebuild(c, journal) : 0;
	if ((result = catch_up_start(c, &found, journal, &from, &after)) < 0)
		return result;
	return catch_up_walk(c, journal, after, from);
}

int
projection_catch_up_within(struct journal *journal, struct store *store, const struct programme *programme,
                           size_t bulk_bytes, struct applied *ret_applied, struct buf *ret_why)
{
	struct catch_up c = {
		.projector = { .store = store, .programme = programme, .arena = arena_new() },
		.why = ret_why, .bulk_bytes = bulk_bytes, .total = journal_tail(journal).sequence,
	};
	int result;

	while ((result = catch_up_once(&c, journal)) == -EXFULL)
		if ((result = store_grow(store)) < 0)
			break;
	arena_destroy(&c.projector.arena);
	if (result == 0)
		*ret_applied = c.applied;
	else if (ret_why->len == 0)
		buf_printf(ret_why, "state: %s", strerror(-result));
	return result;
}

int
projection_catch_up(struct journal *journal, struct store *store, const struct programme *programme,
                    struct applied *ret_applied, struct buf *ret_why)
{
	return projection_catch_up_within(journal, store, programme, BULK_BYTES, ret_applied, ret_why);
}
