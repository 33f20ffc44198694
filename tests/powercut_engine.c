/* Power cuts against the whole engine: journal, store, trust file. The machine that comes up again
 * is another boot, so the store is made anew unless it was left synced. */
#include "tests/powercut.h"

#include "daemon/engine.h"
#include "daemon/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCHES = 12, BATCH_MOST = 6 };

#define DOCUMENTS "\"documents\":[{\"code\":\"registration\",\"status\":\"present\"}],\"samples\":5"
#define PRODUCT "\"product\":{\"name\":\"Mật ong (mẫu)\",\"group\":\"honey\"},\"producer\":{\"name\":\"HTX\",\"kind\":\"farm\"},\"commune\":\"24352\""

static const struct account office = {
	.actor = { .account = { "office", 6 }, .roles = ROLE(OFFICER) },
};

struct world {
	struct state_folder state;
	struct engine *engine;
	struct buf frames[BATCH_MOST], answers[BATCH_MOST];
	int64_t now_ms;
};

/* Loaded once: immutable, and the same for every state of a run. */
static const struct programme *
programme(void)
{
	static struct programme *loaded;
	struct complaints complaints = { .errors = 0 };

	if (!loaded)
		loaded = programme_load("config/krong-nang-2020", &complaints);
	buf_free(&complaints.text);
	return loaded;
}

static bool
world_open(struct world *w, const char *dir, struct buf *why)
{
	struct state_options options = {
		.dir = dir, .source = programme()->source, .segment_bytes = 16 * 1024, .preallocate_bytes = 0,
	};
	int fault;

	*w = (struct world){ .state = { .lock_fd = -1, .trust_fd = -1 }, .now_ms = INT64_C(1583287964000) };
	if ((fault = state_open(&options, &w->state, why)) < 0)
		return false;
	buf_clear(why); /* "made anew" is no complaint here */
	struct engine_options e = {
		.programme = programme(), .journal = w->state.journal, .store = w->state.store,
		.mark = state_mark, .mark_context = &w->state,
	};

	return engine_open(&e, &w->engine, why) == 0;
}

static void
world_close(struct world *w)
{
	engine_close(&w->engine);
	state_close(&w->state);
	for (int i = 0; i < BATCH_MOST; i++) {
		buf_free(&w->frames[i]);
		buf_free(&w->answers[i]);
	}
}

static void
frame_make(struct buf *b, uint64_t last, uint32_t *seed)
{
	unsigned number = 1 + cut_dice(seed, (uint32_t)last + 1);

	buf_clear(b);
	if (cut_dice(seed, 2))
		buf_printf(b, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"dossier.submit\",\"params\":{" PRODUCT "," DOCUMENTS ",\"key\":\"k%u\"}}", cut_dice(seed, 1 << 20));
	else if (cut_dice(seed, 2))
		buf_printf(b, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"dossier.return\",\"params\":{\"dossier\":\"KN-2020-%04u\",\"reasons\":[{\"reason\":\"thiếu\"}]}}", number);
	else
		buf_printf(b, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"dossier.note\",\"params\":{\"dossier\":\"KN-2020-%04u\",\"text\":\"ghi\"}}", number);
}

/* One batch; `notes` -1 where nobody listens. */
static bool
batch_run(struct world *w, uint32_t *seed, int notes)
{
	struct engine_request requests[BATCH_MOST];
	uint64_t last = journal_tail(w->state.journal).sequence;
	size_t count = 1 + cut_dice(seed, BATCH_MOST);

	for (size_t i = 0; i < count; i++) {
		frame_make(&w->frames[i], last, seed);
		requests[i] = (struct engine_request){ .account = &office, .frame = buf_view(&w->frames[i]), .answer = &w->answers[i] };
	}
	if (notes >= 0)
		cut_note(notes, 'B', last + count);
	if (engine_batch(w->engine, requests, count, w->now_ms) < 0)
		return false;
	if (notes >= 0)
		cut_note(notes, 'A', journal_tail(w->state.journal).sequence);
	return true;
}

int
cut_workload(const char *dir, uint32_t seed, int notes)
{
	struct buf why = { .len = 0 };
	struct world w;

	if (!world_open(&w, dir, &why)) {
		fprintf(stderr, "workload: %.*s\n", TEXT_ARG(buf_view(&why)));
		return 1;
	}
	/* What is read after a recovery counts as acknowledged: it is shown to clients. */
	cut_note(notes, 'B', journal_tail(w.state.journal).sequence);
	cut_note(notes, 'A', journal_tail(w.state.journal).sequence);
	bool good = true;

	for (int batch = 0; batch < BATCHES && good; batch++) {
		good = batch_run(&w, &seed, notes);
		if (cut_dice(&seed, 3))
			engine_prepare(w.engine);
		if (cut_dice(&seed, 4) == 0)
			good = good && engine_rest(w.engine) == 0;
	}
	world_close(&w);
	buf_free(&why);
	return !good;
}

static bool
world_agrees(struct world *w, const char *dir, uint64_t from, uint64_t to, struct buf *why)
{
	uint64_t last = journal_tail(w->state.journal).sequence;
	char scratch[512];

	if (last < from || last > to) {
		buf_printf(why, "the last event is %llu, but %llu to %llu must be", (unsigned long long)last,
		           (unsigned long long)from, (unsigned long long)to);
		return false;
	}
	snprintf(scratch, sizeof scratch, "%s/verify.tmp", dir);
	if (projection_verify(w->state.journal, w->state.store, programme(), scratch, why) != 0)
		return false;
	buf_clear(why);
	return true;
}

bool
cut_recover(const char *dir, uint64_t acked, uint64_t begun, struct buf *why)
{
	struct world w;
	uint32_t seed = (uint32_t)(acked + 1);

	setenv("OCOPD_BOOT_ID", "after-the-cut", 1);
	bool good = world_open(&w, dir, why) && world_agrees(&w, dir, acked, begun, why) &&
	            batch_run(&w, &seed, -1) && world_agrees(&w, dir, acked, begun + BATCH_MOST, why);

	world_close(&w);
	return good;
}
