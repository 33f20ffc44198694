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

enum { BATCH_MAX = 24, DOSSIERS_MAX = 40000, KEYS = 512, FIRST_DAY = 18302 /* 2020-02-10 */ };

struct remembered {
	char key[24];
	struct buf request;         /* the frame */
	struct buf answer;          /* its result, as first given */
	int account;
};

/* What the simulation knows of a dossier from the events alone. */
struct model {
	int64_t version;
	int64_t due;
	bool overdue;
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
	bool is_full;
	bool trace;                 /* print what is refused */
	unsigned long made, commands, accepted, refused, repeats, crashes, faults, full, overdue, replays;
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
	return (size_t)(chance(w) >> 11) % n;
}

static bool
one_in(struct world *w, size_t n)
{
	return below(w, n) == 0;
}

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

/* --- requests ---------------------------------------------------------------------------------- */

static const char *const commune_codes[] = { "24343", "24346", "24349", "24370" };
static const char *const groups[] = { "coffee-cocoa", "honey", "processed-fruit-nut", "community-tourism", "rice-cereal" };
static const char *const kinds[] = { "enterprise", "cooperative", "household" };

#define PICK(w, array) (array)[below((w), countof(array))]

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
	w->models[w->dossiers] = (struct model){ .due = NONE };
	return &w->models[w->dossiers++];
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
	MUST(w, programme_number_parse(w->programme, event.subject, &id));
	size_t known = w->dossiers;
	struct model *m = model_of(w, id);

	/* A new dossier's number follows the one before it without a hole. */
	if (w->dossiers > known)
		MUST(w, event.data->version == 1);
	MUST(w, event.data->version == m->version + 1);
	m->version = event.data->version;
	bool clock = text_is(event_word(event.type), "overdue");

	if (clock)
		MUST(w, !m->overdue && m->due != NONE && event.time >= day_start(m->due + 1));
	w->overdue += clock;
	MUST(w, (event.data->due != NONE) == text_is(event.data->state, "submitted"));
	m->due = event.data->due;
	m->overdue = event.data->overdue == 1;
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

/* Every deadline right: after a tick nothing past its due day is without its event. */
static void
check_overdue(struct world *w)
{
	int64_t now = w->now_ms > journal_tail(w->journal).time_ms ? w->now_ms : journal_tail(w->journal).time_ms;

	for (size_t i = 0; i < w->dossiers; i++)
		MUST(w, w->models[i].due == NONE || w->models[i].overdue || day_start(w->models[i].due + 1) > now);
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
};

static void
send_one(struct world *w, struct sent *s)
{
	size_t slot = below(w, KEYS);

	buf_clear(&s->frame);
	s->repeat = s->first = NULL;
	w->commands++;
	if (one_in(w, 25) && w->keys[slot].answer.len) {
		s->repeat = &w->keys[slot];
		buf_text(&s->frame, buf_view(&s->repeat->request));
		s->account = s->repeat->account;
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
	} else {
		s->account = make_write(w, &s->frame, NULL);
	}
}

static void
receive_one(struct world *w, struct sent *s)
{
	struct text result = result_of(buf_view(&s->answer));
	const struct json *json;
	int64_t sequence = 0;

	arena_reset(w->arena);
	json = json_parse(buf_view(&s->answer), w->arena, NULL);
	MUST(w, json && (result.ptr || memmem(s->answer.ptr, s->answer.len, "\"error\":", 8)));
	w->accepted += result.ptr != NULL;
	w->refused += result.ptr == NULL;
	if (w->trace && !result.ptr)
		printf("%.*s\n  %.*s\n", TEXT_ARG(buf_view(&s->frame)), TEXT_ARG(buf_view(&s->answer)));
	if (json_int(json_get(json_get(json, "result"), "sequence"), &sequence) && (uint64_t)sequence > w->acked)
		w->acked = (uint64_t)sequence;
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
		send_one(w, &sent[i]);
		requests[i] = (struct engine_request){
			.account = one_in(w, 100) ? NULL : &w->accounts[sent[i].account],
			.frame = buf_view(&sent[i].frame), .answer = &sent[i].answer,
		};
		/* An unknown sender is refused, so it learns nothing of a key. */
		if (!requests[i].account)
			sent[i].repeat = sent[i].first = NULL;
	}
	if (fault)
		store_mem_fail_at(w->store, 1 + (int)below(w, 60), -EIO, false);
	int result = engine_batch(w->engine, requests, count, w->now_ms);

	w->faults += fault && store_mem_fired(w->store);
	if (result < 0) {
		MUST(w, fault);
		crash(w);
		return;
	}
	store_mem_fail_at(w->store, 0, 0, false);
	for (size_t i = 0; i < count; i++)
		receive_one(w, &sent[i]);
	check_journal(w);
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
	MUST(w, w->crashes && w->faults && w->repeats && w->overdue && w->full);
	world_close(w);
	free(w);
	return 0;
}
