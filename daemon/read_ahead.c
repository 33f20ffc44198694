/* The journal's events, decoded by a thread of their own: a ring of batches between the two. */
#include "daemon/read_ahead.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS = 64, BATCHES = 4 };

struct batch {
	struct arena *arena;
	size_t count;
	struct read_event events[EVENTS];
};

struct ahead {
	struct journal *journal;
	uint64_t after;
	journal_position from;
	struct buf why;             /* of the walk */
	pthread_t thread;
	pthread_mutex_t lock;       /* of what follows */
	pthread_cond_t moved;
	size_t given, taken;        /* batches, counted from the beginning */
	bool ended, stopped;        /* by the reader, by the visitor */
	int result;                 /* of the walk, when it has ended */
	struct batch batches[BATCHES];
};

/* --- the reader's thread ------------------------------------------------------------------------- */

/* Gives the batch away and waits for an empty one; false where nobody wants more. */
static bool
give(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	a->given++;
	pthread_cond_signal(&a->moved);
	while (a->given - a->taken == BATCHES && !a->stopped)
		pthread_cond_wait(&a->moved, &a->lock);
	bool more = !a->stopped;

	pthread_mutex_unlock(&a->lock);
	struct batch *b = &a->batches[a->given % BATCHES];

	if (more) {
		b->count = 0;
		arena_reset(b->arena);
	}
	return more;
}

static int
take_line(void *context, uint64_t sequence, journal_position position, const char *hash, struct text text)
{
	struct ahead *a = context;
	struct batch *b = &a->batches[a->given % BATCHES];
	struct read_event *e = &b->events[b->count++];

	e->sequence = sequence;
	e->position = position;
	memcpy(e->hash, hash, HASH_LEN);
	e->good = event_decode(text, b->arena, &e->event);
	return b->count < EVENTS || give(a) ? 0 : -ECANCELED;
}

static void *
run(void *context)
{
	struct ahead *a = context;
	int result = journal_walk(a->journal, a->after, a->from, take_line, a, &a->why);

	pthread_mutex_lock(&a->lock);
	a->given += a->batches[a->given % BATCHES].count > 0 && !a->stopped;
	a->result = result;
	a->ended = true;
	pthread_cond_signal(&a->moved);
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* --- the visitor's ------------------------------------------------------------------------------- */

/* The next full batch; NULL at the end. */
static const struct batch *
take(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	while (a->given == a->taken && !a->ended)
		pthread_cond_wait(&a->moved, &a->lock);
	const struct batch *b = a->given > a->taken ? &a->batches[a->taken % BATCHES] : NULL;

	pthread_mutex_unlock(&a->lock);
	return b;
}

static void
give_back(struct ahead *a, bool stop)
{
	pthread_mutex_lock(&a->lock);
	a->taken++;
	a->stopped = stop;
	pthread_cond_signal(&a->moved);
	pthread_mutex_unlock(&a->lock);
}

static int
visit_all(struct ahead *a, read_visit *visit, void *context)
{
	const struct batch *b;
	int result = 0;

	while (result == 0 && (b = take(a))) {
		for (size_t i = 0; i < b->count && result == 0; i++)
			result = visit(context, &b->events[i]);
		give_back(a, result != 0);
	}
	return result;
}

int
read_ahead(struct journal *journal, uint64_t after, journal_position from, read_visit *visit, void *context,
           struct buf *ret_why)
{
	struct ahead *a = xcalloc(1, sizeof *a);
	int result;

	a->journal = journal;
	a->after = after;
	a->from = from;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->moved, NULL);
	for (size_t i = 0; i < BATCHES; i++)
		a->batches[i].arena = arena_new();
	if ((result = -pthread_create(&a->thread, NULL, run, a)) == 0) {
		result = visit_all(a, visit, context);
		pthread_join(a->thread, NULL);
		if (result == 0 && (result = a->result) < 0)
			buf_text(ret_why, buf_view(&a->why));
	}
	buf_free(&a->why);
	for (size_t i = 0; i < BATCHES; i++)
		arena_destroy(&a->batches[i].arena);
	pthread_cond_destroy(&a->moved);
	pthread_mutex_destroy(&a->lock);
	free(a);
	return result;
}
