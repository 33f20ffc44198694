/* Simulation: one seed gives a whole history of commands, faults, crashes and clock jumps against
 * the real engine and journal over the memory store; after each batch the promises are checked.
 *
 *   sim [--seed N] [--commands N] [--trace]     a failure prints its seed */
#include "daemon/engine.h"
#include "store_mem.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BATCH_MAX = 24, FEEDS = 8, EVENTS_MAX = 1 << 20, DOSSIERS_MAX = 40000, KEYS = 512, FIRST_DAY = 18302 /* 2020-02-10 */ };

struct remembered {
	char key[24];
	struct buf request;         /* the frame */
	struct buf answer;          /* its result, as first given */
	int account;
};

/* What the simulation knows of a dossier from the events alone. */
struct model {
	int64_t version;
	int64_t due, hear_by, expiring, expires;
	uint64_t returned_at;
	struct text commune;
	bool reminded, overdue, unheard, warned, expired;
	bool notified;
};

/* A feed of a commune's, and which of the filters it has. */
struct feed_model {
	bool open;
	int filter;
	uint64_t cursor, failures;
};

/* What a feed's filter asks of an event. */
struct told {
	int8_t type, commune;       /* index in all_types and commune_codes; -1: none of these */
};

struct world {
	uint64_t random, seed;
	char dir[64], journal_dir[96];
	struct programme *programme;
	struct account accounts[24];
	size_t account_count;
	struct store *store;
	struct journal *journal;
	struct engine *engine;
	int64_t now_ms;
	struct arena *arena;

	struct model models[DOSSIERS_MAX];
	uint64_t ids[DOSSIERS_MAX];
	size_t dossiers;
	uint64_t seen;              /* sequence up to which events were checked */
	uint64_t acked;             /* the highest sequence answered to anyone */
	char hash[HASH_LEN + 1];    /* of the last event checked */
	struct remembered keys[KEYS];
	/* Feed i is of the commune i % 4. As the journal has it, and as the answers say. */
	struct feed_model kept[FEEDS], feeds[FEEDS];
	uint64_t positions[FEEDS];  /* of the last reading */
	struct told *told;          /* of every event, by sequence */
	int64_t moment;             /* of the clock's last event, where nothing else has been since */
	bool is_full;
	bool trace;                 /* print what is refused */
	unsigned long made, commands, accepted, refused, repeats, crashes, faults, full, overdue, replays;
	unsigned long fed, acks, heard, clock, dry;
};

/* --- chance ------------------------------------------------------------------------------------ */

static uint64_t
chance(struct world *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

static size_t
below(struct world *w, size_t n)
{
	size_t drawn = (size_t)(chance(w) >> 11);

	return n ? drawn % n : 0;
}

static bool
one_in(struct world *w, size_t n)
{
	return below(w, n) == 0;
}

#define PICK(w, array) (array)[below((w), countof(array))]
#define MUST(world, condition) must((world), (condition), #condition, __LINE__)

static void
must(struct world *w, bool condition, const char *what, int line)
{
	if (condition)
		return;
	printf("sim: FAILED at line %d: %s\nsim: after %lu commands, %llu events; again with: --seed %llu\n",
	       line, what, w->commands, (unsigned long long)w->seen, (unsigned long long)w->seed);
	fflush(stdout);
	abort();
}

/* --- feeds ------------------------------------------------------------------------------------- */

static const char *const commune_codes[] = { "24343", "24346", "24349", "24370" };
static const char *const all_types[] = { "returned", "recalled", "submitted", "resubmitted", "completed", "due-soon",
	"overdue", "unheard", "expiring", "expired", "feed.opened", "feed.acknowledged", "feed.failed" };
/* Filters by types, as bits of all_types. None has `assessed`, whose secrecy ends some day. */
static const unsigned filters[] = { 0x3, 0x1, 0x1f, 0x3e0, 0xc00, 0x1401 };

static int8_t
index_in(struct text word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_is(word, words[i]))
			return (int8_t)i;
	return -1;
}

/* Does the filter of a commune's feed let the event through? */
static bool
wanted(const struct world *w, size_t feed, int filter, uint64_t sequence)
{
	const struct told *t = &w->told[sequence];

	return t->type >= 0 && (filters[filter] >> t->type & 1) && t->commune == (int8_t)(feed % countof(commune_codes));
}

enum feed_act { FEED_NONE, FEED_OPEN, FEED_NEXT, FEED_ACK, FEED_FAIL, FEED_CLOSE };

/* What was asked of which feed. */
struct feed_sent {
	enum feed_act act;
	size_t feed;
	int filter;
	uint64_t sequence, limit;
};

static void
put_types(struct buf *b, unsigned filter)
{
	const char *comma = "";

	buf_str(b, ",\"types\":[");
	for (size_t i = 0; i < countof(all_types); i++)
		if (filter >> i & 1) {
			buf_printf(b, "%s\"%s\"", comma, all_types[i]);
			comma = ",";
		}
	buf_byte(b, ']');
}

static int
make_feed(struct world *w, struct buf *b, struct feed_sent *s)
{
	static const enum feed_act acts[] = { FEED_OPEN, FEED_NEXT, FEED_NEXT, FEED_NEXT, FEED_NEXT, FEED_ACK, FEED_ACK, FEED_ACK, FEED_FAIL };
	static const char *const names[] = { "", "open", "next", "ack", "fail", "close" };

	s->feed = below(w, FEEDS);
	s->act = one_in(w, 60) ? FEED_CLOSE : PICK(w, acts);
	s->filter = one_in(w, 4) ? (int)below(w, countof(filters)) : w->feeds[s->feed].filter;
	s->limit = 1 + below(w, 200);
	s->sequence = one_in(w, 6) ? below(w, w->seen + 40) : w->positions[s->feed];
	buf_printf(b, "{\"jsonrpc\":\"2.0\",\"id\":%lu,\"method\":\"feed.%s\",\"params\":{\"feed\":\"f%zu\"", ++w->made, names[s->act],
	           s->feed / countof(commune_codes));
	if (s->act == FEED_OPEN) {
		put_types(b, filters[s->filter]);
		buf_str(b, one_in(w, 2) ? ",\"from\":\"start\"" : "");
	} else if (s->act == FEED_NEXT) {
		buf_printf(b, ",\"limit\":%llu", (unsigned long long)s->limit);
	} else if (s->act == FEED_ACK || s->act == FEED_FAIL) {
		buf_printf(b, ",\"sequence\":%llu%s", (unsigned long long)s->sequence, s->act == FEED_FAIL ? ",\"reason\":\"hỏng\"" : "");
	}
	buf_str(b, "}}");
	return (int)(w->account_count - countof(commune_codes) + s->feed % countof(commune_codes));
}

/* What a feed gave is the journal behind its cursor, filtered: all of it, and nothing else. */
static void
check_next(struct world *w, const struct feed_sent *s, const struct json *result)
{
	const struct feed_model *f = &w->feeds[s->feed];
	const struct json *event = json_first(json_get(result, "events"));
	int64_t position = 0;
	uint64_t count = 0;

	MUST(w, json_int(json_get(result, "position"), &position) && (uint64_t)position <= w->seen);
	for (uint64_t i = f->cursor + 1; i <= (uint64_t)position; i++) {
		if (!wanted(w, s->feed, f->filter, i))
			continue;
		MUST(w, event && strtoull(json_text(json_get(event, "sequence")).ptr, NULL, 10) == i);
		event = json_next(event);
		count++;
	}
	MUST(w, !event && count <= s->limit);
	MUST(w, (uint64_t)position == w->seen || count == s->limit || (uint64_t)position == f->cursor + 20000);
	w->positions[s->feed] = (uint64_t)position;
	w->fed += count;
}

static void
receive_feed(struct world *w, const struct feed_sent *s, const struct json *answer)
{
	struct feed_model *f = &w->feeds[s->feed];
	const struct json *result = json_get(answer, "result");
	struct text kind = json_text(json_get(json_get(json_get(answer, "error"), "data"), "kind"));
	int64_t n = 0;

	/* A full disk refuses what writes; what was asked may still be answered where nothing changes. */
	if (text_is(kind, "storage"))
		return;
	if (s->act != FEED_OPEN && !f->open) {
		MUST(w, !result);
		return;
	}
	MUST(w, result || ((s->act == FEED_ACK || s->act == FEED_FAIL) && (s->sequence > w->seen || s->sequence < 1)));
	if (!result)
		return;
	if (s->act == FEED_NEXT) {
		check_next(w, s, result);
	} else if (s->act == FEED_CLOSE) {
		*f = (struct feed_model){ .filter = f->filter };
	} else if (s->act == FEED_FAIL) {
		f->failures++;
		MUST(w, json_int(json_get(result, "failures"), &n) && (uint64_t)n == f->failures);
	} else {
		MUST(w, json_int(json_get(result, "cursor"), &n));
		if (s->act == FEED_OPEN) {
			MUST(w, !f->open || (uint64_t)n == f->cursor);
			f->filter = s->filter;
		} else {
			MUST(w, (uint64_t)n == (s->sequence > f->cursor ? s->sequence : f->cursor));
		}
		f->open = true;
		f->cursor = (uint64_t)n;
	}
}

/* --- requests ---------------------------------------------------------------------------------- */

static const char *const groups[] = { "coffee-cocoa", "honey", "processed-fruit-nut", "community-tourism", "rice-cereal" };
static const char *const kinds[] = { "enterprise", "cooperative", "household" };

static void
put_product(struct world *w, struct buf *b)
{
	buf_printf(b, ",\"product\":{\"name\":\"Cà phê (mẫu) %zu\",\"group\":\"%s\"},"
	           "\"producer\":{\"name\":\"HTX Ea H’leo %zu\",\"kind\":\"%s\"},\"commune\":\"%s\"",
	           below(w, 1000), PICK(w, groups), below(w, 50), PICK(w, kinds), PICK(w, commune_codes));
}

static void
put_documents(struct world *w, struct buf *b)
{
	static const char *const codes[] = { "registration", "business-plan", "organisation", "business-registration", "story" };
	static const char *const statuses[] = { "present", "present", "present", "present", "present", "missing", "invalid" };

	buf_str(b, ",\"documents\":[");
	for (size_t i = 0; i < countof(codes); i++)
		buf_printf(b, "%s{\"code\":\"%s\",\"status\":\"%s\"}", i ? "," : "", codes[i],
		           i == 3 && one_in(w, 3) ? "not-applicable" : PICK(w, statuses));
	buf_printf(b, "],\"samples\":%d", one_in(w, 8) ? 4 : 5);
}

/* A sheet of the group's set: every dossier has its quality, members differ in one criterion. */
static void
put_sheet(struct world *w, struct buf *b, const struct dossier *d)
{
	const struct criteria_set *set = programme_set(w->programme, d->product->group, FIRST_DAY, ABSENT);
	size_t quality = (size_t)(d->created / 1000) % 4;
	size_t odd = below(w, 400);
	bool story = true;

	buf_str(b, ",\"sheet\":{");
	for (size_t i = 0; set && i < set->count; i++) {
		const struct criterion *c = &set->criteria[i];
		size_t level = (c->level_count - 1) * (quality > 2 ? 2 : quality) / 2;
		int points = c->levels[i == odd && level > 0 ? level - 1 : level];

		if (text_is(c->code, "b5.1"))
			story = points > 0;
		if ((c->rules & RULE_STORY) && !story)
			points = 0;
		buf_printf(b, "%s\"%.*s\":%d", i ? "," : "", TEXT_ARG(c->code), points);
	}
	buf_str(b, "}");
}

static bool
record_of(struct world *w, uint64_t id, struct dossier *ret)
{
	MUST(w, store_begin(w->store) == 0);
	bool found = projection_dossier(w->store, id, w->arena, ret);

	store_abort(w->store);
	return found;
}

/* The next step a dossier would take in real life, most of the time. */
static const char *
next_method(struct world *w, const struct dossier *d)
{
	static const struct { const char *state, *methods[6]; } steps[] = {
		{ "proposed", { "submit", "submit", "submit", "withdraw", "amend", "note" } },
		{ "submitted", { "return", "complete", "complete", "complete", "lapse", "amend" } },
		{ "returned", { "resubmit", "resubmit", "resubmit", "resubmit", "withdraw", "lapse" } },
		{ "complete", { "assess", "assess", "assess", "assess", "score", "disqualify" } },
		{ "scored", { "forward", "forward", "forward", "forward", "withdraw", "note" } },
		{ "forwarded", { "rank", "rank", "rank", "recall", "recall", "note" } },
		{ "recalled", { "forward", "forward", "resubmit", "resubmit", "withdraw", "note" } },
		{ "ranked", { "support", "support", "support", "support", "note", "note" } },
		{ "supported", { "support", "note", "note", "note", "note", "note" } },
	};

	for (size_t i = 0; i < countof(steps); i++)
		if (text_is(d->state, steps[i].state))
			return PICK(w, steps[i].methods);
	return "note";
}

/* The parameters of a method, right most of the time. */
static void
put_params(struct world *w, struct buf *b, const char *method, const struct dossier *d)
{
	if (strcmp(method, "submit") == 0 || strcmp(method, "resubmit") == 0)
		put_documents(w, b);
	else if (strcmp(method, "return") == 0)
		buf_str(b, ",\"reasons\":[{\"document\":\"story\",\"reason\":\"Thiếu câu chuyện\",\"guidance\":\"Bổ sung\"}]");
	else if (strcmp(method, "recall") == 0)
		buf_str(b, ",\"reasons\":[{\"reason\":\"Tỉnh yêu cầu\"}],\"letter\":\"5/CV\"");
	else if (strcmp(method, "assess") == 0)
		put_sheet(w, b, d);
	else if (strcmp(method, "score") == 0)
		buf_str(b, ",\"minutes\":\"01/BB-HĐ\"");
	else if (strcmp(method, "disqualify") == 0)
		buf_str(b, ",\"rule\":\"knockout-origin\",\"reason\":\"nhập khẩu\"");
	else if (strcmp(method, "forward") == 0)
		buf_str(b, ",\"letter\":\"12/UBND\"");
	else if (strcmp(method, "rank") == 0)
		buf_printf(b, ",\"points\":\"%zu.50\",\"stars\":%zu,\"decision\":\"7/QĐ\"", 40 + below(w, 55), 1 + below(w, 4));
	else if (strcmp(method, "support") == 0)
		buf_str(b, ",\"items\":[{\"content\":\"labels\",\"amount\":5000000,\"decision\":\"9/QĐ\",\"source\":\"mtqg-2020\"}]");
	else if (strcmp(method, "note") == 0)
		buf_printf(b, ",\"text\":\"ghi chú %zu\"", below(w, 100));
	else if (strcmp(method, "complete") != 0 && strcmp(method, "propose") != 0)
		buf_str(b, ",\"reason\":\"lý do\"");
}

static int
account_for(struct world *w, const char *method)
{
	if (one_in(w, 12))
		return (int)below(w, w->account_count);
	if (strcmp(method, "assess") == 0)
		return 2 + (int)below(w, 7);
	if (strcmp(method, "score") == 0 || strcmp(method, "disqualify") == 0)
		return 1;
	return 0;
}

static int
make_write(struct world *w, struct buf *b, const char *key)
{
	struct dossier d;
	/* Mostly the youngest dossiers, so that lives go on to their end. */
	size_t reach = w->dossiers < 60 || one_in(w, 10) ? w->dossiers : 60;
	size_t at = reach ? w->dossiers - 1 - below(w, reach) : 0;
	const char *method = "submit";
	bool known = w->dossiers > 0 && !one_in(w, 14) && record_of(w, w->ids[at], &d);

	if (known)
		method = next_method(w, &d);
	else if (one_in(w, 2))
		method = "propose";
	int account = account_for(w, method);

	buf_printf(b, "{\"jsonrpc\":\"2.0\",\"id\":%lu,\"method\":\"dossier.%s\",\"params\":{\"lang\":\"vi\"", ++w->made, method);
	if (known) {
		buf_printf(b, ",\"dossier\":\"%.*s\"", TEXT_ARG(d.dossier));
		if (one_in(w, 4))
			buf_printf(b, ",\"version\":%lld", (long long)d.version + one_in(w, 5));
	} else {
		put_product(w, b);
	}
	if (key)
		buf_printf(b, ",\"key\":\"%s\"", key);
	put_params(w, b, method, known ? &d : NULL);
	buf_str(b, "}}");
	return account;
}

static int
make_read(struct world *w, struct buf *b)
{
	static const char *const requests[] = {
		"dossier.list\",\"params\":{\"state\":\"submitted\",\"limit\":5}",
		"dossier.list\",\"params\":{\"text\":\"ca phe\",\"commune\":\"24346\"}",
		"dossier.list\",\"params\":{\"overdue\":true}",
		"dossier.get\",\"params\":{\"dossier\":\"KN-2020-0001\"}",
		"dossier.history\",\"params\":{\"dossier\":\"KN-2020-0003\"}",
		"event.read\",\"params\":{\"after\":0,\"limit\":20}",
		"report.summary\",\"params\":{}",
		"report.deadlines\",\"params\":{\"within\":2}",
		"calendar.deadline\",\"params\":{\"from\":\"2020-01-21\",\"days\":3}",
		"server.status\"",
		"criteria.get\",\"params\":{\"group\":\"honey\"}",
		"criteria.get\",\"params\":{\"dossier\":\"KN-2020-0002\"}",
		"workflow.get\",\"params\":{\"format\":\"dot\"}",
	};

	buf_printf(b, "{\"jsonrpc\":\"2.0\",\"id\":%lu,\"method\":\"%s}", ++w->made, PICK(w, requests));
	return (int)below(w, w->account_count);
}

/* Bytes that no honest client sends. */
static int
make_hostile(struct world *w, struct buf *b)
{
	static const char *const texts[] = {
		"", "[]", "{}", "null", "[1]", "{\"jsonrpc\":\"2.0\"}", "\"", "[[[[[[[[[[[[[[[[[[[[[",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"dossier.submit\",\"params\":[]}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"dossier.get\",\"params\":{\"dossier\":\"a\\u0000\"}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"dossier.note\",\"params\":{\"dossier\":\"KN-2020-0001\",\"text\":\"\"}}",
		"{\"jsonrpc\":\"2.0\",\"method\":\"server.ping\"}",
	};
	int account = make_write(w, b, NULL);

	if (one_in(w, 2)) {
		buf_clear(b);
		buf_str(b, PICK(w, texts));
	} else if (one_in(w, 2)) {
		b->len = below(w, b->len + 1);
	} else {
		for (size_t n = 1 + below(w, 4); n-- > 0; )
			b->ptr[below(w, b->len)] = (char)chance(w);
	}
	return account;
}

/* --- checking ---------------------------------------------------------------------------------- */

static struct text
result_of(struct text answer)
{
	const char *at = memmem(answer.ptr, answer.len, "\"result\":", 9);

	return at ? (struct text){ at, (size_t)(answer.ptr + answer.len - at) } : ABSENT;
}

static struct model *
model_of(struct world *w, uint64_t id)
{
	for (size_t i = w->dossiers; i-- > 0; )
		if (w->ids[i] == id)
			return &w->models[i];
	MUST(w, w->dossiers < DOSSIERS_MAX);
	w->ids[w->dossiers] = id;
	w->models[w->dossiers] = (struct model){ .due = NONE, .hear_by = NONE, .expiring = NONE, .expires = NONE };
	return &w->models[w->dossiers++];
}

/* The clock tells each thing once, not before its moment, and in order. */
static bool
check_clock(struct world *w, struct model *m, struct text type, int64_t time)
{
	struct { const char *type; bool *told; int64_t day, after; } clocks[] = {
		{ "due-soon", &m->reminded, m->due, 7 * 3600000 }, { "overdue", &m->overdue, m->due, DAY_MS },
		{ "unheard", &m->unheard, m->hear_by, DAY_MS }, { "expiring", &m->warned, m->expiring, 0 },
		{ "expired", &m->expired, m->expires, DAY_MS },
	};

	for (size_t i = 0; i < countof(clocks); i++)
		if (text_is(type, clocks[i].type)) {
			MUST(w, clocks[i].day != NONE && !*clocks[i].told);
			int64_t moment = day_start(clocks[i].day) + clocks[i].after;

			MUST(w, time >= moment && (w->moment == NONE || w->moment <= moment));
			w->moment = moment;
			*clocks[i].told = true;
			w->clock++;
			return true;
		}
	return false;
}

static void
check_times(struct world *w, struct model *m, const struct event *event)
{
	const struct change *data = event->data;
	struct text type = event_word(event->type);

	w->overdue += text_is(type, "overdue");
	MUST(w, (data->due != NONE) == text_is(data->state, "submitted"));
	if (check_clock(w, m, type, event->time)) {
		MUST(w, data->due == m->due && (data->overdue == 1) == m->overdue);
		return;
	}
	w->moment = NONE;
	if (data->due == NONE || data->due != m->due)
		m->reminded = false;
	m->due = data->due;
	m->overdue = data->overdue == 1;
	m->commune = text_of(commune_codes[w->told[w->seen + 1].commune]);
	MUST(w, (data->hear_by != NONE) == (text_is(type, "returned") || text_is(type, "recalled")));
	if (data->hear_by != NONE) {
		m->hear_by = data->hear_by;
		m->returned_at = w->seen + 1;
		m->unheard = m->notified = false;
	} else if (!text_is(data->state, "returned") && !text_is(data->state, "recalled")) {
		m->hear_by = NONE;
	}
	if (data->province) {
		m->expires = data->province->expires;
		m->expiring = m->expires == NONE ? NONE : m->expires - w->programme->expiring_days;
		m->warned = m->expired = false;
	}
}

/* A feed as the journal tells of it. */
static void
check_feed_event(struct world *w, struct text type, const struct change *data)
{
	size_t feed = (size_t)(data->feed.ptr[1] - '0') * countof(commune_codes) + (size_t)w->told[w->seen + 1].commune;
	struct feed_model *f = &w->kept[feed];

	w->moment = NONE;
	MUST(w, f->open || text_is(type, "feed.opened"));
	if (text_is(type, "feed.opened")) {
		unsigned filter = 0;

		MUST(w, !f->open || (uint64_t)data->sequence == f->cursor);
		for (size_t i = 0; i < data->types.count; i++)
			filter |= 1u << index_in(((struct text *)data->types.items)[i], all_types, countof(all_types));
		for (f->filter = 0; filters[f->filter] != filter; f->filter++)
			MUST(w, (size_t)f->filter + 1 < countof(filters));
		f->open = true;
		f->cursor = (uint64_t)data->sequence;
	} else if (text_is(type, "feed.closed")) {
		*f = (struct feed_model){ .filter = f->filter };
	} else if (text_is(type, "feed.failed")) {
		f->failures++;
	} else {
		MUST(w, (uint64_t)data->sequence > f->cursor && (uint64_t)data->sequence <= w->seen);
		for (size_t i = 0; i < w->dossiers; i++) {
			struct model *m = &w->models[i];

			if (m->hear_by == NONE || m->returned_at <= f->cursor || m->returned_at > (uint64_t)data->sequence ||
			    !wanted(w, feed, f->filter, m->returned_at))
				continue;
			m->hear_by = NONE;
			m->notified = true;
			w->heard++;
		}
		f->cursor = (uint64_t)data->sequence;
		w->acks++;
	}
}

static void
check_event(struct world *w, struct text text)
{
	struct event event;
	char hash[HASH_LEN + 1];
	uint64_t id;

	MUST(w, event_decode(text, w->arena, &event));
	MUST(w, text_is(event.prevhash, w->hash));
	journal_hash(text, hash);
	memcpy(w->hash, hash, sizeof hash);
	MUST(w, w->seen + 1 < EVENTS_MAX);
	w->told[w->seen + 1] = (struct told){
		index_in(event_word(event.type), all_types, countof(all_types)),
		index_in(event.data->commune, commune_codes, countof(commune_codes)),
	};
	if (event_of_feed(event_word(event.type))) {
		check_feed_event(w, event_word(event.type), event.data);
		return;
	}
	MUST(w, programme_number_parse(w->programme, event.subject, &id));
	size_t known = w->dossiers;
	struct model *m = model_of(w, id);

	/* A new dossier's number follows the one before it without a hole. */
	if (w->dossiers > known)
		MUST(w, event.data->version == 1);
	MUST(w, event.data->version == m->version + 1);
	m->version = event.data->version;
	check_times(w, m, &event);
}

/* Reads what the journal has gained through the store's own index of it. */
static void
check_journal(struct world *w)
{
	uint64_t tail = journal_tail(w->journal).sequence;
	struct buf text = { .len = 0 };

	MUST(w, tail >= w->acked);
	while (w->seen < tail) {
		struct event_row row;

		arena_reset(w->arena);
		MUST(w, store_begin(w->store) == 0);
		MUST(w, projection_event(w->store, w->seen + 1, &row));
		journal_position position = row.position;

		store_abort(w->store);
		buf_clear(&text);
		MUST(w, journal_read(w->journal, position, &text) == 0);
		check_event(w, buf_view(&text));
		w->seen++;
	}
	buf_free(&text);
}

/* Every deadline right: after a tick nothing is past its moment without its event. */
static void
check_overdue(struct world *w)
{
	int64_t now = w->now_ms > journal_tail(w->journal).time_ms ? w->now_ms : journal_tail(w->journal).time_ms;

	for (size_t i = 0; i < w->dossiers; i++) {
		const struct model *m = &w->models[i];
		struct dossier d;

		MUST(w, m->due == NONE || m->overdue || day_start(m->due + 1) > now);
		MUST(w, m->due == NONE || m->reminded || day_start(m->due) + 7 * 3600000 > now);
		MUST(w, m->hear_by == NONE || m->unheard || day_start(m->hear_by + 1) > now);
		MUST(w, m->expiring == NONE || m->warned || day_start(m->expiring) > now);
		MUST(w, m->expires == NONE || m->expired || day_start(m->expires + 1) > now);
		if (!one_in(w, 20))
			continue;
		arena_reset(w->arena);
		MUST(w, record_of(w, w->ids[i], &d) && (d.notified != NULL) == m->notified);
	}
}

/* What the answers said of the feeds is what the journal has of them. */
static void
check_feeds(struct world *w)
{
	for (size_t i = 0; i < FEEDS; i++)
		MUST(w, w->feeds[i].open == w->kept[i].open && w->feeds[i].cursor == w->kept[i].cursor &&
		        w->feeds[i].failures == w->kept[i].failures && (!w->feeds[i].open || w->feeds[i].filter == w->kept[i].filter));
}

static void
check_replay(struct world *w)
{
	struct buf report = { .len = 0 };
	char scratch[128];

	snprintf(scratch, sizeof scratch, "%s/scratch", w->dir);
	int result = projection_verify(w->journal, w->store, w->programme, scratch, &report);

	if (result != 0)
		printf("%.*s", TEXT_ARG(buf_view(&report)));
	MUST(w, result == 0);
	buf_free(&report);
	w->replays++;
}

/* --- the world --------------------------------------------------------------------------------- */

static void
world_accounts(struct world *w)
{
	static const char *const members[] = { "chair", "agriculture", "infrastructure", "finance", "health", "culture", "environment" };
	static const char *const others[] = { "finance", "steering", "admin" };
	static const unsigned roles[] = { ROLE(FINANCE), ROLE(STEERING), ROLE(ADMIN) };
	struct account *a = w->accounts;

	*a++ = (struct account){ .actor = { .account = TEXT("office"), .roles = ROLE(OFFICER) } };
	*a++ = (struct account){ .actor = { .account = TEXT("secretary"), .roles = ROLE(SECRETARY) } };
	for (size_t i = 0; i < countof(members); i++)
		*a++ = (struct account){ .actor = { .account = text_of(members[i]), .roles = ROLE(COUNCIL), .member = text_of(members[i]) } };
	for (size_t i = 0; i < countof(others); i++)
		*a++ = (struct account){ .actor = { .account = text_of(others[i]), .roles = roles[i] } };
	for (size_t i = 0; i < countof(commune_codes); i++)
		*a++ = (struct account){ .actor = { .account = text_of(commune_codes[i]), .roles = ROLE(COMMUNE), .commune = text_of(commune_codes[i]) } };
	w->account_count = (size_t)(a - w->accounts);
}

static void
engine_up(struct world *w)
{
	struct journal_options options = { .dir = w->journal_dir, .segment_bytes = 64 * 1024, .source = TEXT("/ocop/650") };
	struct buf why = { .len = 0 };
	int fault = journal_open(&options, &w->journal, &why);

	if (fault < 0)
		printf("journal: %d %.*s\n", fault, TEXT_ARG(buf_view(&why)));
	MUST(w, fault == 0);
	struct engine_options o = { .programme = w->programme, .journal = w->journal, .store = w->store };

	fault = engine_open(&o, &w->engine, &why);
	if (fault < 0)
		printf("engine: %d %.*s\n", fault, TEXT_ARG(buf_view(&why)));
	MUST(w, fault == 0);
	buf_free(&why);
}

struct sent {
	struct buf frame, answer;
	int account;
	struct remembered *repeat, *first;
	struct feed_sent feed;
	bool write;                 /* whole and well-formed, of a dossier */
	bool dry;                   /* behind it in the batch stands the same, in earnest */
};

static void
send_one(struct world *w, struct sent *s)
{
	size_t slot = below(w, KEYS);

	buf_clear(&s->frame);
	s->repeat = s->first = NULL;
	s->feed.act = FEED_NONE;
	s->write = s->dry = false;
	w->commands++;
	if (one_in(w, 25) && w->keys[slot].answer.len) {
		s->repeat = &w->keys[slot];
		buf_text(&s->frame, buf_view(&s->repeat->request));
		s->account = s->repeat->account;
		s->write = true;
	} else if (one_in(w, 12)) {
		s->account = make_feed(w, &s->frame, &s->feed);
	} else if (one_in(w, 10)) {
		s->account = make_hostile(w, &s->frame);
	} else if (one_in(w, 8)) {
		s->account = make_read(w, &s->frame);
	} else if (one_in(w, 3)) {
		s->first = &w->keys[slot];
		snprintf(s->first->key, sizeof s->first->key, "k%lu", w->commands);
		s->account = make_write(w, &s->frame, s->first->key);
		buf_clear(&s->first->answer);
		buf_clear(&s->first->request);
		buf_text(&s->first->request, buf_view(&s->frame));
		s->first->account = s->account;
		s->write = true;
	} else {
		s->account = make_write(w, &s->frame, NULL);
		s->write = true;
	}
}

/* Puts a dry copy of the write before it: it tells what the other answers then, and leaves no trace. */
static void
send_dry(struct world *w, struct sent *dry, struct sent *s)
{
	static const char params[] = "\"params\":{";
	const char *at = memmem(dry->frame.ptr, dry->frame.len, params, sizeof params - 1);
	size_t head = (size_t)(at - dry->frame.ptr) + sizeof params - 1;
	struct text frame = buf_view(&dry->frame);
	struct buf answer = s->answer, earnest = s->frame;

	buf_clear(&earnest);
	buf_text(&earnest, frame);
	*s = *dry;
	s->frame = earnest;
	s->answer = answer;
	buf_clear(&dry->frame);
	buf_text(&dry->frame, (struct text){ earnest.ptr, head });
	buf_str(&dry->frame, "\"dry\":true,");
	buf_text(&dry->frame, (struct text){ earnest.ptr + head, earnest.len - head });
	dry->repeat = dry->first = NULL;
	dry->dry = true;
	w->commands++;
}

static void
receive_dry(struct world *w, const struct sent *dry)
{
	static const char mark[] = ",\"dry\":true}}";
	const struct sent *s = dry;

	while (s->dry)
		s++;
	struct text said = buf_view(&dry->answer), done = buf_view(&s->answer);

	/* A full disk is met by who writes. */
	if (memmem(done.ptr, done.len, "\"kind\":\"storage\"", 16))
		return;
	if (result_of(said).ptr) {
		said.len -= sizeof mark - 1;
		MUST(w, memcmp(said.ptr + said.len, mark, sizeof mark - 1) == 0 && done.len == said.len + 2);
		done.len -= 2;
	}
	MUST(w, text_equal(said, done));
	w->dry++;
}

static void
receive_one(struct world *w, struct sent *s)
{
	struct text result = result_of(buf_view(&s->answer));
	const struct json *json;
	int64_t sequence = 0;

	if (s->dry) {
		receive_dry(w, s);
		return;
	}
	arena_reset(w->arena);
	json = json_parse(buf_view(&s->answer), w->arena, NULL);
	MUST(w, json && (result.ptr || memmem(s->answer.ptr, s->answer.len, "\"error\":", 8)));
	w->accepted += result.ptr != NULL;
	w->refused += result.ptr == NULL;
	if (w->trace && !result.ptr)
		printf("%.*s\n  %.*s\n", TEXT_ARG(buf_view(&s->frame)), TEXT_ARG(buf_view(&s->answer)));
	if (json_int(json_get(json_get(json, "result"), "sequence"), &sequence) && (uint64_t)sequence > w->acked)
		w->acked = (uint64_t)sequence;
	if (s->feed.act != FEED_NONE)
		receive_feed(w, &s->feed, json);
	if (s->repeat && s->repeat->answer.len) {
		MUST(w, result.ptr && text_equal(result, buf_view(&s->repeat->answer)));
		w->repeats++;
	}
	/* Two firsts of one batch may have shared a slot: the last one owns it. */
	if (s->first && result.ptr && memmem(s->frame.ptr, s->frame.len, s->first->key, strlen(s->first->key)))
		buf_text((buf_clear(&s->first->answer), &s->first->answer), result);
}

/* While it is on, no further segment can be made: a folder stands where its file would. */
static void
disk_full(struct world *w, bool on)
{
	uint64_t first = journal_figures(w->journal).segments;
	char path[160];

	for (uint64_t n = first > 200 ? first - 200 : 1; n < first + 200; n++) {
		snprintf(path, sizeof path, "%s/%08llu.journal.next", w->journal_dir, (unsigned long long)n);
		if (on)
			mkdir(path, 0700);
		else
			rmdir(path);
	}
	w->full += on && !w->is_full;
	w->is_full = on;
}

/* The process is gone; what the store had committed and the journal had synced is there. */
static void
crash(struct world *w)
{
	disk_full(w, false);
	store_mem_fail_at(w->store, 0, 0, false);
	store_mem_crash(w->store);
	engine_close(&w->engine);
	journal_close(&w->journal);
	engine_up(w);
	w->crashes++;
	check_journal(w);
	/* What was on its way may have happened; a feed's owner asks and goes on from there. */
	memcpy(w->feeds, w->kept, sizeof w->feeds);
}

static void
step(struct world *w, struct sent *sent)
{
	struct engine_request requests[BATCH_MAX];
	size_t count = 1 + below(w, BATCH_MAX);
	bool fault = one_in(w, 150);
	/* Time goes on by minutes, sometimes by days, and now and then the clock is set back. */
	w->now_ms += (int64_t)below(w, 60000);
	if (one_in(w, 20))
		w->now_ms += (int64_t)below(w, 5) * DAY_MS;
	if (one_in(w, 300))
		w->now_ms -= (int64_t)below(w, 5) * DAY_MS;
	for (size_t i = 0; i < count; i++) {
		arena_reset(w->arena);
		if (i > 0 && sent[i - 1].write && !sent[i - 1].dry && requests[i - 1].account && one_in(w, 10)) {
			send_dry(w, &sent[i - 1], &sent[i]);
			requests[i - 1].frame = buf_view(&sent[i - 1].frame);
		} else {
			send_one(w, &sent[i]);
		}
		bool dry = i > 0 && sent[i - 1].dry;
		requests[i] = (struct engine_request){
			.account = !dry && one_in(w, 100) ? NULL : &w->accounts[sent[i].account],
			.frame = buf_view(&sent[i].frame), .answer = &sent[i].answer,
		};
		/* An unknown sender is refused, so it learns nothing of a key. */
		if (!requests[i].account)
			sent[i].repeat = sent[i].first = NULL;
		if (!requests[i].account)
			sent[i].feed.act = FEED_NONE;
	}
	if (fault)
		store_mem_fail_at(w->store, 1 + (int)below(w, 60), -EIO, false);
	int result = engine_decide(w->engine, requests, count, w->now_ms);

	/* The answers are out before the store is committed. */
	for (size_t i = 0; result == 0 && i < count; i++)
		receive_one(w, &sent[i]);
	bool cut = one_in(w, 400);

	if (result == 0 && !cut)
		result = engine_settle(w->engine);
	w->faults += fault && store_mem_fired(w->store);
	if (result < 0 || cut) {
		MUST(w, fault || cut);
		crash(w);
		return;
	}
	store_mem_fail_at(w->store, 0, 0, false);
	check_journal(w);
	check_feeds(w);
	MUST(w, engine_tick(w->engine, w->now_ms, SIZE_MAX) == 0);
	check_journal(w);
	engine_prepare(w->engine);
	if (one_in(w, 50) && !w->is_full)
		check_overdue(w);
	if (one_in(w, 400))
		crash(w);
}

static void
run(struct world *w, unsigned long commands)
{
	struct sent *sent = xcalloc(BATCH_MAX, sizeof *sent);
	unsigned long next_replay = 1000;

	while (w->commands < commands) {
		if (one_in(w, w->is_full ? 20 : 200))
			disk_full(w, !w->is_full);
		step(w, sent);
		if (w->commands >= next_replay) {
			check_replay(w);
			next_replay = w->commands * 2;
		}
	}
	disk_full(w, false);
	w->now_ms += 2000; /* what waited for room is tried again within a second */
	MUST(w, engine_tick(w->engine, w->now_ms, SIZE_MAX) == 0);
	check_journal(w);
	check_overdue(w);
	check_replay(w);
	for (size_t i = 0; i < BATCH_MAX; i++) {
		buf_free(&sent[i].frame);
		buf_free(&sent[i].answer);
	}
	free(sent);
}

static void
world_close(struct world *w)
{
	char command[256];

	engine_close(&w->engine);
	journal_close(&w->journal);
	store_close(&w->store);
	programme_destroy(&w->programme);
	arena_destroy(&w->arena);
	for (size_t i = 0; i < KEYS; i++) {
		buf_free(&w->keys[i].request);
		buf_free(&w->keys[i].answer);
	}
	snprintf(command, sizeof command, "rm -rf '%s'", w->dir);
	if (system(command) != 0)
		printf("sim: could not remove %s\n", w->dir);
}

int
main(int argc, char **argv)
{
	struct world *w = xcalloc(1, sizeof *w);
	struct complaints complaints = { .errors = 0 };
	unsigned long commands = 20000;

	w->seed = (uint64_t)time(NULL) ^ (uint64_t)getpid() << 32;
	w->trace = argc % 2 == 0 && strcmp(argv[argc - 1], "--trace") == 0;
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--seed") == 0)
			w->seed = strtoull(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--commands") == 0)
			commands = strtoul(argv[i + 1], NULL, 10);
	}
	printf("sim: --seed %llu --commands %lu\n", (unsigned long long)w->seed, commands);
	fflush(stdout);
	w->random = w->seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	snprintf(w->dir, sizeof w->dir, "%s/ocop-sim.XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	MUST(w, mkdtemp(w->dir) != NULL);
	snprintf(w->journal_dir, sizeof w->journal_dir, "%s/journal", w->dir);
	memset(w->hash, '0', HASH_LEN);
	w->told = xcalloc(EVENTS_MAX, sizeof *w->told);
	w->moment = NONE;
	w->now_ms = day_start(FIRST_DAY) + 8 * 3600000;
	w->arena = arena_new();
	w->programme = programme_load("config/krong-nang-2020", &complaints);
	buf_free(&complaints.text);
	MUST(w, w->programme != NULL);
	world_accounts(w);
	store_mem_open(&w->store);
	engine_up(w);
	run(w, commands);
	printf("sim: %lu commands, %lu accepted, %lu refused, %llu events, %zu dossiers, %lu repeats alike, %lu overdue, "
	       "%lu crashes, %lu faults fired, %lu times full, %lu replays equal\n", w->commands, w->accepted, w->refused,
	       (unsigned long long)w->seen, w->dossiers, w->repeats, w->overdue, w->crashes, w->faults, w->full, w->replays);
	printf("sim: %lu events by feeds, %lu acknowledgements, %lu notices heard, %lu events of the clock, %lu dry\n",
	       w->fed, w->acks, w->heard, w->clock, w->dry);
	/* A long run has met everything there is to meet; a short one may not have. */
	if (commands >= 100000)
		MUST(w, w->crashes && w->faults && w->repeats && w->overdue && w->full && w->fed && w->acks && w->heard && w->clock && w->dry);
	free(w->told);
	world_close(w);
	free(w);
	return 0;
}
