/* One request end to end: a batch in one transaction, one sync of the journal, then the answers. */
#include "daemon/engine.h"

#include "daemon/backup.h"
#include "daemon/clock.h"
#include "daemon/feed.h"
#include "daemon/query.h"
#include "proto/jsonrpc.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How much of the journal's next segment is filled ahead between two batches; how long a clock
 * event waits for room on the disk. */
enum { PREPARE_BYTES = 256 * 1024, RETRY_MS = 1000 };

struct engine {
	struct engine_options options;
	struct applied applied;     /* committed */
	struct applied ahead;       /* with what the open transaction adds */
	int64_t clock_ms, clock_ahead_ms; /* a simulated clock, likewise */
	int64_t now_ms;             /* of this batch; never before the last event */
	int64_t next_ms;            /* NONE, or when the clock's next event is due */
	struct interest stirred;    /* by the events since engine_stirred */
	bool full;                  /* this pass answers writes with `storage` */
	bool blocked;               /* the journal had no room; the pass has to be done again */
	bool unsettled;             /* a pass is on disk in the journal, its transaction still open */
	bool trusted;               /* the mark on disk says that the store's file is whole */
	struct arena *arena;        /* of one request */
	struct buf text;            /* an event on its way */
	struct buf tally;           /* struct tally: what the pass will have to be counted */
	uint64_t written;           /* events, likewise */
	struct engine_status status;
};

struct tally { uint16_t method, outcome; };

/* --- one event --------------------------------------------------------------------------------- */

static void
event_print(struct engine *e, struct text type, const struct change *data)
{
	struct applied *a = &e->ahead;
	struct text sequence = arena_printf(e->arena, "%lld", (long long)a->sequence + 1);
	struct event event = {
		.specversion = TEXT("1.0"),
		.id = sequence,
		.source = e->options.programme->source,
		.type = event_name(type, e->arena),
		.subject = data->dossier,
		.time = e->now_ms,
		.datacontenttype = TEXT("application/json"),
		.sequence = sequence,
		.prevhash = { a->hash, HASH_LEN },
		.data = (struct change *)data,
	};

	buf_clear(&e->text);
	codec_print(&e->text, &event_shape, &event, ALL_FIELDS);
}

static void
stir(struct engine *e, struct text commune, struct text type)
{
	e->stirred = interest_join(e->stirred, interest_event(e->options.programme, commune, type));
}

/* Puts an event into the journal's batch and the store's transaction. false where the journal has
 * no room: then the whole pass is done again with writes refused. */
static bool
event_emit(struct engine *e, struct text type, const struct change *data, uint64_t id,
           const struct dossier *before)
{
	int fault = 0;

	event_print(e, type, data);
	uint64_t sequence = (uint64_t)e->ahead.sequence + 1;
	journal_position position = journal_append(e->options.journal, sequence, e->now_ms,
	                                           buf_view(&e->text), &fault);

	if (!position) {
		e->blocked = true;
		return false;
	}
	struct entry entry = {
		.sequence = sequence, .time_ms = e->now_ms, .position = position,
		.type = type, .data = data, .id = id,
	};

	projection_apply(&(struct projector){
		.store = e->options.store, .programme = e->options.programme, .arena = e->arena,
	}, &entry, before);
	stir(e, before ? before->commune : data->commune, type);
	if (before && data->commune.ptr)
		stir(e, data->commune, type);
	e->ahead.sequence = (int64_t)sequence;
	e->ahead.time_ms = e->now_ms;
	memcpy(e->ahead.hash, journal_tail(e->options.journal).hash, HASH_LEN);
	return true;
}

/* The result of a write: from the event alone, so that a repeat years later has the same bytes.
 * `dry`: of one that was only decided. */
static void
write_result(const struct change *data, uint64_t sequence, bool dry, struct buf *out)
{
	char day[DAY_LEN + 1];

	buf_byte(out, '{');
	codec_print_members(out, &change_shape, data,
	                    FIELD(change, dossier) | FIELD(change, version) | FIELD(change, state), false);
	buf_printf(out, ",\"sequence\":%llu,\"due\":", (unsigned long long)sequence);
	if (data->due != NONE) {
		day_print(data->due, day);
		buf_printf(out, "\"%s\"", day);
	} else {
		buf_str(out, "null");
	}
	buf_printf(out, ",\"warnings\":[%s]%s}", data->late == 1 ? "\"late\"" : "", dry ? ",\"dry\":true" : "");
}

/* --- commands ---------------------------------------------------------------------------------- */

struct call {
	struct engine *engine;
	const struct account *account;
	bool too_late;
	struct text method;
	const struct transition *transition;
	const struct workflow *workflow;
	struct params params;
	struct view view;
};

/* The answer given to this key before, if it was. OK: answered; E_KEY_REUSED; -1: a new key. */
static int
call_repeated(struct call *c, const char *hash, struct buf *out, struct refusal *refusal)
{
	struct engine *e = c->engine;
	struct event_row row;
	struct event event;
	uint64_t sequence;
	struct buf text = { .len = 0 };

	if (!projection_key(e->options.store, c->account->actor.account, c->params.key, &sequence))
		return -1;
	bool read = projection_event(e->options.store, sequence, &row) &&
	            journal_read(e->options.journal, row.position, &text) == 0 &&
	            event_decode(arena_text(e->arena, buf_view(&text)), e->arena, &event);

	buf_free(&text);
	if (!read)
		return refuse(refusal, E_INTERNAL, DETAIL_NONE, ABSENT, ABSENT);
	if (!text_is(event.data->request, hash))
		return refuse(refusal, E_KEY_REUSED, DETAIL_NONE, TEXT("key"), ABSENT);
	write_result(event.data, sequence, c->params.dry == 1, out);
	return OK;
}

/* The dossier a command names, as far as this account may know of it. */
static int
call_load(struct call *c, uint64_t *ret_id, struct dossier *ret, struct refusal *refusal)
{
	const struct programme *programme = c->engine->options.programme;

	if (!programme_number_parse(programme, c->params.dossier, ret_id) ||
	    !query_load(&c->view, *ret_id, ret))
		return refuse(refusal, E_UNKNOWN_DOSSIER, DETAIL_NONE, TEXT("dossier"), ABSENT);
	if (c->params.version != NONE && c->params.version != ret->version) {
		refuse(refusal, E_VERSION, DETAIL_NONE, TEXT("version"), ABSENT);
		refusal->version = ret->version;
		refusal->state = ret->state;
		return E_VERSION;
	}
	return OK;
}

static uint64_t
call_number(struct call *c, const struct change *change)
{
	struct engine *e = c->engine;
	int year, month, day;

	day_split(change->received != NONE ? change->received : time_day(e->now_ms), &year, &month, &day);
	return (uint64_t)year << 32 | (projection_number(e->options.store, (uint64_t)year) + 1);
}

/* A transition: repeats first, then the core, then one event; a dry one ends before its event. */
static int
call_write(struct call *c, struct buf *out, struct refusal *refusal)
{
	struct engine *e = c->engine;
	struct params *p = &c->params;
	struct dossier dossier, previous;
	struct command command = {
		.transition = c->transition, .params = p, .actor = &c->account->actor, .now_ms = e->now_ms,
	};
	struct change change;
	char hash[REQUEST_HASH_LEN + 1] = "";
	uint64_t id = 0, previous_id;
	bool known = p->dossier.ptr != NULL;
	int result;

	if (p->key.ptr) {
		request_hash(c->method, p, hash);
		if ((result = call_repeated(c, hash, out, refusal)) >= 0)
			return result;
	}
	if (known && (result = call_load(c, &id, &dossier, refusal)) != OK)
		return result;
	if (p->previous.ptr && programme_number_parse(e->options.programme, p->previous, &previous_id) &&
	    query_load(&c->view, previous_id, &previous)) {
		command.previous = &previous;
		command.previous_taken = projection_next(e->options.store, previous_id) != 0;
	}
	result = workflow_decide(e->options.programme, c->workflow, known ? &dossier : NULL, &command,
	                         e->arena, &change, refusal);
	if (result != OK)
		return result;
	if (!known)
		id = call_number(c, &change);
	change.dossier = programme_number_print(e->options.programme, id, e->arena);
	change.version = known ? dossier.version + 1 : 1;
	if (p->dry == 1) {
		write_result(&change, (uint64_t)e->ahead.sequence + 1, true, out);
		return OK;
	}
	if (e->full)
		return refuse(refusal, E_STORAGE, DETAIL_NONE, ABSENT, ABSENT);
	if (p->key.ptr) {
		change.key = p->key;
		change.request = arena_text(e->arena, text_of(hash));
	}
	if (!event_emit(e, c->transition->event, &change, id, known ? &dossier : NULL))
		return refuse(refusal, E_STORAGE, DETAIL_NONE, ABSENT, ABSENT);
	e->written++;
	write_result(&change, (uint64_t)e->ahead.sequence, false, out);
	return OK;
}

/* --- the clock --------------------------------------------------------------------------------- */

/* The dossier of the clock's next event, and when that is due; false: none. */
static bool
clock_first(struct engine *e, uint64_t *ret_id, int64_t *ret_moment)
{
	struct text key, value, start = { "T", 1 };

	if (!store_seek(e->options.store, TABLE_INDEX, start, &key, &value) || key.ptr[0] != 'T' ||
	    key.len != 1 + ID_LEN + 1 + ID_LEN)
		return false;
	*ret_moment = moment_of(id_read(key.ptr + 1));
	*ret_id = id_read(key.ptr + 1 + ID_LEN + 1);
	return true;
}

/* Emits what is due by `until_ms`, at most `limit` events; a simulated clock goes along. */
static void
clock_run(struct engine *e, int64_t until_ms, size_t limit)
{
	uint64_t id;
	int64_t moment;

	while (limit-- > 0 && clock_first(e, &id, &moment) && moment <= until_ms) {
		struct dossier dossier;
		struct change change;
		struct text type;

		if (e->options.simulated && moment > e->now_ms)
			e->now_ms = e->clock_ahead_ms = moment;
		if (!projection_dossier(e->options.store, id, e->arena, &dossier) ||
		    !workflow_timer(&dossier, &type, &moment))
			return;
		workflow_clock(&dossier, type, &change);
		change.version = dossier.version + 1;
		change.dossier = dossier.dossier;
		if (!event_emit(e, type, &change, id, &dossier))
			return;
	}
}

static int
clock_advance(struct call *c, struct buf *out, struct refusal *refusal)
{
	struct engine *e = c->engine;
	char time[TIME_LEN + 1];

	if (!e->options.simulated)
		return refuse(refusal, E_FORBIDDEN, D_CLOCK, ABSENT, ABSENT);
	if (e->full)
		return refuse(refusal, E_STORAGE, DETAIL_NONE, ABSENT, ABSENT);
	if (c->params.to < e->now_ms) {
		time_print(e->now_ms, time);
		return refuse(refusal, E_PARAMS, D_CLOCK_BACK, TEXT("to"), arena_text(e->arena, text_of(time)));
	}
	clock_run(e, c->params.to, SIZE_MAX);
	if (e->blocked)
		return refuse(refusal, E_STORAGE, DETAIL_NONE, ABSENT, ABSENT);
	e->now_ms = e->clock_ahead_ms = c->params.to;
	time_print(e->now_ms, time);
	buf_printf(out, "{\"time\":\"%s\"}", time);
	return OK;
}

/* --- requests ---------------------------------------------------------------------------------- */

static const struct {
	struct text name;
	unsigned roles;
	uint64_t takes, needs;
} methods[METHOD_COUNT] = {
#define F(field) FIELD(params, field)
#define METHOD(symbol, name, roles, takes, needs) [METHOD_##symbol] = { { name, sizeof name - 1 }, roles, takes, needs },
#include "proto/methods.def"
#undef F
};

/* What moves a feed: an event of its own, where it moves. */
static int
call_feed(struct call *c, enum method method, struct buf *out, struct refusal *refusal)
{
	struct engine *e = c->engine;
	struct change change;
	struct text type;
	int result = feed_decide(method, &c->view, &c->params, e->ahead.sequence, &change, &type, refusal);

	if (result != OK)
		return result;
	if (type.ptr) {
		if (e->full || !event_emit(e, type, &change, 0, NULL))
			return refuse(refusal, E_STORAGE, DETAIL_NONE, ABSENT, ABSENT);
		e->written++;
	}
	feed_answer(method, &c->view, &c->params, out);
	return OK;
}

static int
call_query(struct call *c, enum method method, const struct json *json, struct buf *out, struct refusal *refusal)
{
	struct engine *e = c->engine;

	if (!(methods[method].roles & c->account->actor.roles))
		return refuse(refusal, E_FORBIDDEN, DETAIL_NONE, ABSENT, ABSENT);
	int result = codec_decode(&params_shape, json, methods[method].takes | FIELD(params, lang),
	                          methods[method].needs, e->arena, &c->params, refusal);

	if (result != OK)
		return result;
	if (method == METHOD_CLOCK_ADVANCE)
		return clock_advance(c, out, refusal);
	if (method == METHOD_SERVER_BACKUP)
		return backup_run(e->options.backup_dir, e->options.backup_keep, &c->view, c->params.name, out, refusal);
	if (method == METHOD_FEED_OPEN || method == METHOD_FEED_ACK || method == METHOD_FEED_FAIL ||
	    method == METHOD_FEED_CLOSE)
		return call_feed(c, method, out, refusal);
	return query_run(method, &c->view, &c->params, out, refusal);
}

static int
call_transition(struct call *c, const struct json *json, struct buf *out, struct refusal *refusal)
{
	const struct transition *t = c->transition;
	uint64_t always = FIELD(params, key) | FIELD(params, version) | FIELD(params, lang) | FIELD(params, dry);
	uint64_t takes = t->takes | t->needs | always, needs = t->needs;
	bool from_none = false, from_any = false;

	for (size_t i = 0; i < t->move_count; i++) {
		from_none |= t->moves[i].from == STATE_NONE;
		from_any |= t->moves[i].from != STATE_NONE;
	}
	if (from_any)
		takes |= FIELD(params, dossier);
	if (!from_none)
		needs |= FIELD(params, dossier);
	if (!(t->roles & c->account->actor.roles)) {
		refuse(refusal, E_FORBIDDEN, DETAIL_NONE, ABSENT, ABSENT);
		refusal->legal = t->legal;
		return E_FORBIDDEN;
	}
	int result = codec_decode(&params_shape, json, takes, needs, c->engine->arena, &c->params, refusal);

	return result == OK ? call_write(c, out, refusal) : result;
}

/* The workflow a request runs under: its dossier's, else the one for new dossiers. */
static const struct workflow *
call_workflow(struct call *c, const struct json *json)
{
	const struct programme *programme = c->engine->options.programme;
	struct text number = json_text(json_get(json, "dossier"));
	struct dossier dossier;
	const struct workflow *own = NULL;
	uint64_t id;

	/* With one workflow there is nothing to ask the store for. */
	if (programme->workflow_count > 1 && number.ptr && programme_number_parse(programme, number, &id) &&
	    projection_dossier(c->engine->options.store, id, c->engine->arena, &dossier))
		own = programme_workflow(programme, dossier.workflow);
	return own ? own : programme_workflow(programme, ABSENT);
}

static int
call_run(struct call *c, const struct json *json, struct buf *out, struct refusal *refusal)
{
	if (!c->account)
		return refuse(refusal, E_FORBIDDEN, DETAIL_NONE, ABSENT, ABSENT);
	if (c->too_late)
		return refuse(refusal, E_UNAVAILABLE, DETAIL_NONE, ABSENT, ABSENT);
	for (int m = 0; m < METHOD_COUNT; m++)
		if (text_equal(methods[m].name, c->method))
			return call_query(c, (enum method)m, json, out, refusal);
	c->workflow = call_workflow(c, json);
	c->transition = workflow_transition(c->workflow, c->method);
	if (!c->transition)
		return refuse(refusal, E_METHOD, DETAIL_NONE, ABSENT, ABSENT);
	return call_transition(c, json, out, refusal);
}

static void
tally_add(struct engine *e, size_t method, int outcome)
{
	struct tally tally = { (uint16_t)method, (uint16_t)outcome };

	buf_add(&e->tally, &tally, sizeof tally);
}

/* Counted when the pass has ended, for it may be done more than once. */
static void
tally_count(struct engine *e)
{
	struct tally tally;

	for (size_t at = 0; at < e->tally.len; at += sizeof tally) {
		memcpy(&tally, e->tally.ptr + at, sizeof tally);
		e->status.requests++;
		e->status.refusals += tally.outcome != OK;
		e->status.figures.storage_refusals += tally.outcome == E_STORAGE;
		e->status.figures.methods[tally.method].outcomes[tally.outcome]++;
	}
	e->status.writes += e->written;
}

/* In an array nothing can be held. */
static void
answer_one(struct engine *e, struct engine_request *of, bool in_array, const struct rpc_request *request,
           struct buf *out)
{
	struct call call = {
		.engine = e, .account = of->account, .too_late = of->too_late, .method = request->method,
	};
	struct refusal refusal = { .error = OK };
	size_t start = out->len;
	enum lang lang = text_is(json_text(json_get(request->params, "lang")), "vi") ? LANG_VI : LANG_EN;

	size_t method = figures_row(&e->status.figures, request->method);

	call.view = (struct view){
		.programme = e->options.programme, .store = e->options.store, .journal = e->options.journal,
		.account = of->account, .now_ms = e->now_ms, .arena = e->arena, .status = &e->status,
		.request = in_array ? NULL : of,
	};
	if (request->error) {
		tally_add(e, method, request->error);
		rpc_error(out, request->id, &request->refusal, lang);
		return;
	}
	rpc_result(out, request->id);
	if (call_run(&call, request->params, out, &refusal) == OK) {
		if (in_array || !of->held)
			tally_add(e, method, OK);
		rpc_end(out);
		return;
	}
	out->len = start;
	tally_add(e, method, (int)refusal.error);
	rpc_error(out, request->id, &refusal, lang);
}

static void
answer_frame(struct engine *e, struct engine_request *request)
{
	struct buf *out = request->answer;
	struct rpc_request *requests;
	struct refusal refusal = { .error = OK };
	bool batch;

	buf_clear(out);
	request->held = false;
	arena_reset(e->arena);
	size_t count = rpc_parse(request->frame, e->arena, &requests, &batch, &refusal);

	if (count == 0) {
		tally_add(e, METHOD_UNKNOWN, (int)refusal.error);
		rpc_error(out, TEXT("null"), &refusal, LANG_EN);
		return;
	}
	if (batch)
		buf_byte(out, '[');
	for (size_t i = 0; i < count && !e->blocked; i++) {
		if (i > 0)
			buf_byte(out, ',');
		answer_one(e, request, batch, &requests[i], out);
	}
	if (request->held)
		buf_clear(out);
	if (batch)
		buf_byte(out, ']');
}

/* --- batches ----------------------------------------------------------------------------------- */

static int
pass_begin(struct engine *e, int64_t now_ms)
{
	e->ahead = e->applied;
	e->clock_ahead_ms = e->clock_ms;
	e->now_ms = engine_time(e, now_ms);
	e->blocked = false;
	e->written = 0;
	buf_clear(&e->tally);
	e->status.sequence = e->applied.sequence;
	return store_begin(e->options.store);
}

static void
pass_undo(struct engine *e)
{
	store_abort(e->options.store);
	journal_drop(e->options.journal);
}

/* The store's file is about to change without a sync: its mark must say so on disk first. */
static int
pass_distrust(struct engine *e)
{
	int fault = 0;

	if (e->trusted && e->options.mark)
		fault = e->options.mark(e->options.mark_context, false);
	if (fault == 0)
		e->trusted = false;
	return fault;
}

static void
next_read(struct engine *e)
{
	uint64_t id;

	if (e->options.simulated || !clock_first(e, &id, &e->next_ms))
		e->next_ms = NONE;
}

/* Makes the pass last by the journal's sync; the store's commit is left to engine_settle. 0; -EXFULL or
 * -ENOSPC where it must be done again in a bigger map or without writes; or a fault that ends the process. */
static int
pass_finish(struct engine *e)
{
	struct store *store = e->options.store;
	int fault;

	next_read(e);
	if (e->ahead.sequence == e->applied.sequence) {
		e->clock_ms = e->clock_ahead_ms;
		store_abort(store);
		return 0;
	}
	applied_write(store, &e->ahead);
	if ((fault = store_fault(store)) < 0) {
		pass_undo(e);
		return fault;
	}
	int64_t start_us = clock_monotonic_us();

	if ((fault = pass_distrust(e)) < 0 || (fault = journal_sync(e->options.journal)) < 0) {
		if (fault == -ENOSPC)
			pass_undo(e);
		return fault;
	}
	histogram_add(&e->status.figures.commits, (uint64_t)(clock_monotonic_us() - start_us));
	e->applied = e->ahead;
	e->clock_ms = e->clock_ahead_ms;
	e->unsettled = true;
	return 0;
}

int
engine_settle(struct engine *e)
{
	struct store *store = e->options.store;
	struct buf why = { .len = 0 };
	int fault;

	if (!e->unsettled)
		return 0;
	e->unsettled = false;
	fault = store_commit(store);
	/* What is in the journal has happened: a full map only means that the store applies it again. */
	while (fault == -EXFULL && ((fault = store_grow(store)) == 0 || (fault = store_stretch(store)) == 0))
		fault = projection_catch_up(e->options.journal, store, e->options.programme, &e->applied, &why);
	buf_free(&why);
	/* Not to be taken for a pass that can be done again. */
	return fault == -ENOSPC ? -EIO : fault;
}

typedef void pass_work(struct engine *, void *context);

/* Does the work in one transaction, again in a bigger map or without writes where it must be. */
static int
pass_run(struct engine *e, int64_t now_ms, pass_work *work, void *context)
{
	struct store *store = e->options.store;
	int fault;

	e->full = store_stretched(store) && store_grow(store) < 0;
	for (;;) {
		if ((fault = pass_begin(e, now_ms)) < 0)
			return fault;
		work(e, context);
		if (e->blocked) {
			pass_undo(e);
			if (e->full)
				return -ENOSPC;
			e->full = true;
			continue;
		}
		fault = pass_finish(e);
		if (fault == 0)
			tally_count(e);
		if (fault == -ENOSPC && !e->full)
			e->full = true;
		else if (fault != -EXFULL)
			return fault;
		else if (store_grow(store) < 0)
			e->full = true;
	}
}

struct batch {
	struct engine_request *requests;
	size_t count;
};

static void
batch_work(struct engine *e, void *context)
{
	const struct batch *b = context;

	for (size_t i = 0; i < b->count && !e->blocked; i++)
		answer_frame(e, &b->requests[i]);
}

int
engine_decide(struct engine *e, struct engine_request *requests, size_t count, int64_t now_ms)
{
	struct batch batch = { requests, count };

	e->status.batches++;
	histogram_add(&e->status.figures.batches, count);
	if (count > e->status.batch_max)
		e->status.batch_max = count;
	return pass_run(e, now_ms, batch_work, &batch);
}

int
engine_batch(struct engine *e, struct engine_request *requests, size_t count, int64_t now_ms)
{
	int fault = engine_decide(e, requests, count, now_ms);

	return fault < 0 ? fault : engine_settle(e);
}

static void
tick_work(struct engine *e, void *context)
{
	arena_reset(e->arena);
	if (!e->full)
		clock_run(e, e->now_ms, *(const size_t *)context);
}

int
engine_tick(struct engine *e, int64_t now_ms, size_t limit)
{
	if (e->next_ms == NONE || engine_time(e, now_ms) < e->next_ms)
		return 0;
	int fault = pass_run(e, now_ms, tick_work, &limit);

	if (fault == 0)
		fault = engine_settle(e);
	/* No room for what is due: it waits, and the loop does not spin. */
	if (e->full)
		e->next_ms = now_ms + RETRY_MS;
	return fault;
}

int64_t
engine_next(const struct engine *e)
{
	return e->next_ms;
}

struct interest
engine_stirred(struct engine *e)
{
	struct interest stirred = e->stirred;

	e->stirred = INTEREST_NONE;
	return stirred;
}

uint64_t
engine_sequence(const struct engine *e)
{
	return (uint64_t)e->applied.sequence;
}

int64_t
engine_time(const struct engine *e, int64_t now_ms)
{
	int64_t time_ms = e->options.simulated ? e->clock_ms : now_ms;

	return time_ms > e->applied.time_ms ? time_ms : e->applied.time_ms;
}

void
engine_set_programme(struct engine *e, const struct programme *programme)
{
	e->options.programme = programme;
	figures_add(&e->status.figures, programme);
}

bool
engine_prepare(struct engine *e)
{
	return journal_prepare(e->options.journal, PREPARE_BYTES);
}

void
engine_room(struct engine *e, int64_t now_ms)
{
	struct room *room = &e->status.room;

	if (!room->dir || now_ms < room->next_ms)
		return;
	room_look(room, e->status.figures.storage_refusals, now_ms);
	/* No room now: it is asked again the next second. */
	(void)store_prepare(e->options.store);
}

int
engine_rest(struct engine *e)
{
	int fault;

	if (e->trusted || !e->options.mark)
		return 0;
	if ((fault = store_sync(e->options.store)) < 0 ||
	    (fault = e->options.mark(e->options.mark_context, true)) < 0)
		return fault;
	e->trusted = true;
	return 0;
}

struct engine_traffic *
engine_traffic(struct engine *e)
{
	return &e->status.traffic;
}

/* --- open and close ---------------------------------------------------------------------------- */

int
engine_open(const struct engine_options *options, struct engine **ret, struct buf *ret_why)
{
	struct engine *e = xcalloc(1, sizeof *e);
	/* A simulated clock that is started anew past due moments catches up with them at once. */
	size_t limit = options->simulated ? SIZE_MAX : 0;
	int fault;

	e->options = *options;
	e->arena = arena_new();
	e->status.room = (struct room){ .dir = options->state_dir, .reserve_bytes = options->reserve_bytes };
	figures_open(&e->status.figures);
	figures_add(&e->status.figures, options->programme);
	fault = projection_catch_up(options->journal, options->store, options->programme, &e->applied, ret_why);
	if (fault == 0) {
		e->clock_ms = options->clock_ms > e->applied.time_ms ? options->clock_ms : e->applied.time_ms;
		e->status.simulated = options->simulated;
		e->status.server_key = options->server_key;
		e->status.access = options->access;
		e->status.started_ms = options->simulated ? e->clock_ms : options->clock_ms;
		fault = pass_run(e, e->clock_ms, tick_work, &limit);
		if (fault == 0)
			fault = engine_settle(e);
	}
	if (fault < 0) {
		engine_close(&e);
		return fault;
	}
	*ret = e;
	return 0;
}

void
engine_close(struct engine **p)
{
	if (!*p)
		return;
	arena_destroy(&(*p)->arena);
	buf_free(&(*p)->text);
	buf_free(&(*p)->tally);
	figures_close(&(*p)->status.figures);
	free(*p);
	*p = NULL;
}
