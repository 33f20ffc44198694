/* Random histories of a dossier: whatever is asked, its events alone give its record again. */
#include "tests/workflow_world.h"

/* Right, odd and wrong; %d is drawn. What ends a life or throws it back is rare. */
static const struct { const char *who, *method, *json; bool rare; } pool[] = {
	{ "ea-tam", "propose", COFFEE "," WHO },
	{ "officer", "submit", SUBMIT },
	{ "officer", "submit", SUBMIT },
	{ "officer", "submit", WATER "," WHO ",'documents':[],'samples':%d,'kind':'upgrade','round':'2020-2'" },
	{ "officer", "submit", "'documents':[],'samples':0,'received':'2020-02-%02d'" },
	{ "officer", "return", "'reasons':[{'reason':'x','guidance':'y'},{'document':'story','reason':'z'}]", true },
	{ "officer", "return", "'reasons':[{'reason':'x'}],'until':'2020-04-30'", true },
	{ "officer", "resubmit", PAPERS ",'samples':5" },
	{ "officer", "resubmit", "'documents':[{'code':'story','status':'missing','note':'%d'}]" },
	{ "officer", "complete", "" },
	{ "officer", "complete", "" },
	{ "chair", "assess", "'sheet':@5%d" },
	{ "health", "assess", "'sheet':@5%d" },
	{ "secretary", "assess", "'member':'chair','sheet':@60" },
	{ "secretary", "assess", "'member':'agriculture','sheet':@5%d" },
	{ "secretary", "assess", "'member':'infrastructure','sheet':@60" },
	{ "secretary", "assess", "'member':'finance','sheet':@61" },
	{ "secretary", "assess", "'member':'health','sheet':@62" },
	{ "secretary", "assess", "'member':'culture','sheet':@63" },
	{ "secretary", "assess", "'member':'environment','sheet':@64" },
	{ "secretary", "assess", "'member':'culture','sheet':@60!c6.1=0", true },
	{ "secretary", "assess", "'member':'culture','sheet':@60!c7-" },
	{ "secretary", "score", "'minutes':'BB %d'" },
	{ "secretary", "score", "'minutes':'BB','date':'2020-03-25'" },
	{ "secretary", "disqualify", "'rule':'knockout-zero','reason':'x'", true },
	{ "secretary", "disqualify", "'rule':'knockout-origin','reason':'x'", true },
	{ "officer", "forward", "'letter':'%d'" },
	{ "officer", "forward", "'letter':'%d'" },
	{ "officer", "recall", "'letter':'%d','reasons':[{'reason':'x'}]" },
	{ "officer", "rank", "'points':'%d.50','stars':3,'decision':'x'" },
	{ "officer", "rank", "'points':%d,'stars':2,'decision':'x','certificate':'7'" },
	{ "finance", "support", "'items':[" ITEM("labels", "1%d") "," ITEM("other", "7") "]" },
	{ "officer", "support", "'items':[" ITEM("gifts", "1") "]" },
	{ "officer", "lapse", "'reason':'x'", true },
	{ "officer", "withdraw", "'reason':'x'", true },
	{ "officer", "amend", "'reason':'x','samples':%d" },
	{ "officer", "amend", "'reason':'x'," WATER, true },
	{ "officer", "amend", "'reason':'x'," COFFEE "," PAPERS, true },
	{ "admin", "note", "'text':'%d'" },
	{ "ea-toh", "note", "'text':'x'" },
	{ "steering", "withdraw", "'reason':'x'", true },
};

static const char *
json_drawn(const char *json, unsigned *seed)
{
	const char *mark = strchr(json, '%');

	if (!mark)
		return json;
	const char *rest = strchr(mark, 'd') + 1;
	/* "@5%d" is a sheet of fifty and some, "2020-02-%02d" a day. */
	int below = mark[-1] == '5' ? 10 : mark[1] == '0' ? 29 : 100;
	int value = rand_r(seed) % below;

	return arena_printf(arena, mark[1] == '0' ? "%.*s%02d%s" : "%.*s%d%s", (int)(mark - json), json,
	                    mark[1] == '0' && value == 0 ? 1 : value, rest).ptr;
}

static bool
among(struct texts allowed, const char *method)
{
	for (size_t i = 0; i < allowed.count; i++)
		if (text_equal(allowed.items[i], arena_printf(arena, "dossier.%s", method)))
			return true;
	return false;
}

/* A line of the pool, three times out of four one that is possible now. */
static size_t
line_drawn(const struct world *w, unsigned *seed)
{
	bool odd = rand_r(seed) % 4 == 0;
	size_t n;

	for (int i = 0; i < 200; i++) {
		n = (size_t)rand_r(seed) % countof(pool);
		struct actor actor = actor_of(pool[n].who);

		if (pool[n].rare && rand_r(seed) % 16)
			continue;
		if (odd || among(workflow_allowed(workflow, w->known ? &w->d : NULL, &actor, arena), pool[n].method))
			break;
	}
	return n;
}

enum { STEPS = 60 };

/* What the journal would hold. */
struct history {
	struct { struct change change; struct text type; int64_t time, sequence; } events[2 * STEPS];
	size_t count;
};

static void
history_add(struct history *h, const struct world *w, struct text type)
{
	h->events[h->count].change = change_read(&w->change);
	h->events[h->count].type = type;
	h->events[h->count].time = w->d.updated;
	h->events[h->count++].sequence = w->d.sequence;
}

static void
step_random(struct world *w, struct history *h, int64_t day, unsigned *seed)
{
	size_t n = line_drawn(w, seed);
	struct actor actor = actor_of(pool[n].who);
	char when[DAY_LEN + 1];

	if (w->known && w->d.due != NONE && w->d.due < day && w->d.overdue != 1) {
		workflow_clock(&w->d, TEXT("overdue"), &w->change);
		happen(w, TEXT("overdue"), day_start(day));
		history_add(h, w, TEXT("overdue"));
	}
	day_print(day, when);
	bool open = among(workflow_allowed(workflow, w->known ? &w->d : NULL, &actor, arena), pool[n].method);
	int result = act(w, pool[n].who, when, pool[n].method, json_drawn(pool[n].json, seed));

	assert_true(open ? result != E_WRONG_STATE : result != OK);
	if (result == OK)
		history_add(h, w, workflow_transition(workflow, arena_printf(arena, "dossier.%s", pool[n].method))->event);
}

static void
live(unsigned *seed, size_t *ret_events, size_t *ret_scored)
{
	struct world w = { .known = false };
	struct history h = { .count = 0 };
	struct dossier again;
	int64_t day = day_make(2020, 2, 10);

	for (int i = 0; i < STEPS; i++) {
		day += rand_r(seed) % 3 == 0;
		step_random(&w, &h, day, seed);
	}
	shape_init(&dossier_shape, &again);
	for (size_t i = 0; i < h.count; i++)
		workflow_apply(&again, &h.events[i].change, h.events[i].type, h.events[i].time, h.events[i].sequence, arena);
	assert_int_equal(w.known ? w.d.version : 0, h.count);
	assert_true(!w.known || text_equal(packed(&dossier_shape, &again), packed(&dossier_shape, &w.d)));
	*ret_events += h.count;
	*ret_scored += w.known && w.d.score;
}

static void
test_histories(void **state)
{
	const char *given = getenv("OCOP_SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : 20200320u;
	size_t events = 0, scored = 0;

	(void)state;
	print_message("seed %u\n", seed);
	for (int i = 0; i < 600; i++) {
		live(&seed, &events, &scored);
		arena_reset(arena);
	}
	print_message("%zu events, %zu dossiers scored\n", events, scored);
	assert_true(events > 2000 && scored > 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_histories),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
