/* The engine over the real journal and LMDB, asked by a few accounts; and what always holds. */
#ifndef TESTS_ENGINE_WORLD_H
#define TESTS_ENGINE_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "daemon/engine.h"
#include "daemon/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOCUMENTS "\"documents\":[{\"code\":\"registration\",\"status\":\"present\"},{\"code\":\"business-plan\",\"status\":\"present\"}," \
	"{\"code\":\"organisation\",\"status\":\"present\"},{\"code\":\"business-registration\",\"status\":\"not-applicable\"}],\"samples\":5"
#define PRODUCT "\"product\":{\"name\":\"Cà phê bột (mẫu)\",\"group\":\"coffee-cocoa\"},\"producer\":{\"name\":\"HTX Ea Tam\",\"kind\":\"cooperative\"},\"commune\":\"24352\""

struct fixture {
	char dir[64];
	struct programme *programme;
	struct state_folder state;
	struct engine *engine;
	struct buf answer;
	int64_t now_ms;
	bool simulated;
};

static struct account officer = { .actor = { .account = { "office", 6 }, .roles = ROLE(OFFICER) } };
static struct account secretary = { .actor = { .account = { "helper", 6 }, .roles = ROLE(SECRETARY) } };
static struct account admin = { .actor = { .account = { "root", 4 }, .roles = ROLE(ADMIN) } };
static struct account ea_tam = { .actor = { .account = { "ea-tam", 6 }, .roles = ROLE(COMMUNE), .commune = { "24352", 5 } } };
static struct account ea_toh = { .actor = { .account = { "ea-toh", 6 }, .roles = ROLE(COMMUNE), .commune = { "24349", 5 } } };

static inline void
up(struct fixture *f, size_t segment_bytes, size_t preallocate_bytes)
{
	struct state_options o = {
		.dir = f->dir, .source = f->programme->source, .segment_bytes = segment_bytes,
		.preallocate_bytes = preallocate_bytes,
	};
	struct buf why = { .len = 0 };

	assert_int_equal(state_open(&o, &f->state, &why), 0);
	struct engine_options e = {
		.programme = f->programme, .journal = f->state.journal, .store = f->state.store,
		.simulated = f->simulated, .clock_ms = f->now_ms, .mark = state_mark, .mark_context = &f->state,
		.backup_dir = f->dir,
	};

	assert_int_equal(engine_open(&e, &f->engine, &why), 0);
	buf_free(&why);
}

static inline void
down(struct fixture *f)
{
	engine_close(&f->engine);
	state_close(&f->state);
}

static inline int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);
	struct complaints c = { .errors = 0 };

	snprintf(f->dir, sizeof f->dir, "/tmp/ocop-engine.XXXXXX");
	f->programme = programme_load("config/krong-nang-2020", &c);
	buf_free(&c.text);
	f->state = (struct state_folder){ .lock_fd = -1, .trust_fd = -1 };
	f->now_ms = day_start(day_make(2020, 3, 2)) + 9 * 3600000;
	*state = f;
	return mkdtemp(f->dir) && f->programme ? 0 : -1;
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];

	down(f);
	programme_destroy(&f->programme);
	buf_free(&f->answer);
	snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
	free(f);
	return system(command);
}

/* One request in a batch of its own; the answer as a string. */
static inline const char *
ask(struct fixture *f, const struct account *who, const char *method, const char *params)
{
	struct buf frame = { .len = 0 };

	buf_printf(&frame, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{%s}}", method, params);
	struct engine_request r = { .account = who, .frame = buf_view(&frame), .answer = &f->answer };

	assert_int_equal(engine_batch(f->engine, &r, 1, f->now_ms), 0);
	assert_int_equal(engine_tick(f->engine, f->now_ms, 100), 0);
	buf_byte(&f->answer, '\0');
	buf_free(&frame);
	return f->answer.ptr;
}

static inline void
has(const char *answer, const char *part)
{
	if (!strstr(answer, part)) {
		print_error("looked for %s in %s\n", part, answer);
		fail();
	}
}

static inline void
hasnt(const char *answer, const char *part)
{
	if (strstr(answer, part)) {
		print_error("found %s in %s\n", part, answer);
		fail();
	}
}

/* A store made of the journal's lines alone has the same bytes. */
static inline void
verified(struct fixture *f)
{
	struct buf report = { .len = 0 };
	char scratch[96];

	snprintf(scratch, sizeof scratch, "%s/scratch", f->dir);
	int result = projection_verify(f->state.journal, f->state.store, f->programme, scratch, &report);

	if (result != 0)
		print_error("%.*s\n", TEXT_ARG(buf_view(&report)));
	assert_int_equal(result, 0);
	buf_free(&report);
}

/* The state made anew from the journal, as ocopd --rebuild does it. */
static inline void
rebuilt(struct fixture *f)
{
	char command[96];

	down(f);
	snprintf(command, sizeof command, "rm -r %s/store", f->dir);
	assert_int_equal(system(command), 0);
	up(f, 1 << 20, 0);
	verified(f);
}

#endif
