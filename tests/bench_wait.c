/* The benchmark's listeners: how long after an officer's reply those who wait have theirs, and what
 * they cost the others. Every commune has an account of its own. */
#include "bench.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { WAITERS_MAX = 100, WAIT_ID = 1, PING_ID = 2, WAIT_MS = 30000, STOP_MS = 50 };

void
listeners_prepare(struct world *w)
{
	char path[PATH_LEN];

	if (w->place->programme->unit_count < LISTENERS)
		bench_die("the programme has less than %d communes", LISTENERS);
	for (size_t i = 0; i < LISTENERS; i++) {
		struct listener *l = &w->listeners[i];

		if (zmq_curve_keypair(l->public_key, l->secret_key) < 0)
			bench_die("no keys: libzmq has no CURVE");
		snprintf(path, sizeof path, "%s/accounts/commune-%zu.account", w->dir, i);
		FILE *f = fopen(path, "we");

		if (!f || fprintf(f, "account\n    name = \"commune-%zu\"\n    role = \"commune\"\n    commune = \"%.*s\"\n    curve-key = \"%s\"\n",
		                  i, TEXT_ARG(w->place->programme->units[i].label.code), l->public_key) < 0 || fclose(f) != 0)
			bench_die("%s: %s", path, strerror(errno));
	}
}

/* --- one who waits ----------------------------------------------------------------------------- */

struct waiter {
	void *socket;
	unsigned long long position;
};

/* Waiter i listens for commune i, over and over; or all of them for the office. */
static void
connect_waiter(struct world *w, bool office, size_t i, unsigned long long position, struct waiter *ret)
{
	struct load load = office ? w->ipc : w->tcp;

	if (!office) {
		load.public_key = w->listeners[i % LISTENERS].public_key;
		load.secret_key = w->listeners[i % LISTENERS].secret_key;
	}
	*ret = (struct waiter){ load_connect(&load), position };
}

static void
send_line(void *socket, const char *line)
{
	if (zmq_send(socket, "", 0, ZMQ_SNDMORE) < 0 || zmq_send(socket, line, strlen(line), 0) < 0)
		bench_die("send: %s", zmq_strerror(errno));
}

static void
send_wait(struct waiter *w)
{
	char line[160];

	snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"event.read\",\"params\":{\"after\":%llu,\"wait\":60}}",
	         WAIT_ID, w->position);
	send_line(w->socket, line);
}

/* Takes one answer; one to a wait brings the position along. Returns its id. */
static int
receive_answer(struct waiter *w)
{
	static const char mark[] = "],\"position\":";
	zmq_msg_t part;
	int id = 0;

	zmq_msg_init(&part);
	if (zmq_msg_recv(&part, w->socket, 0) < 0 || zmq_msg_recv(&part, w->socket, 0) < 0)
		bench_die("receive: %s", zmq_strerror(errno));
	struct text body = { zmq_msg_data(&part), zmq_msg_size(&part) };
	struct text end = body.len > 64 ? (struct text){ body.ptr + body.len - 64, 64 } : body;
	char tail[65] = "";

	memcpy(tail, end.ptr, end.len);
	const char *at = strstr(tail, mark);

	if (body.len < 24 || sscanf(body.ptr, "{\"jsonrpc\":\"2.0\",\"id\":%d", &id) != 1 || (id == WAIT_ID && !at))
		bench_die("a waiter was told: %.*s", TEXT_ARG(body));
	if (id == WAIT_ID)
		w->position = strtoull(at + strlen(mark), NULL, 10);
	zmq_msg_close(&part);
	return id;
}

/* --- how long until they are told -------------------------------------------------------------- */

struct telling {
	struct world *world;
	struct waiter waiters[WAITERS_MAX];
	size_t count;
	bool office;
	zmq_pollitem_t items[1 + WAITERS_MAX]; /* the officer, then those who are to be told */
	size_t told[WAITERS_MAX];
	size_t told_count;
	void *echo;
	struct samples samples, trips;
};

/* The ping behind it tells that the wait has come in. */
static void
hold(struct waiter *w)
{
	send_wait(w);
	send_line(w->socket, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"server.ping\",\"params\":{}}");
	if (receive_answer(w) != PING_ID)
		bench_die("a waiter had nothing to wait for");
}

/* The officer's next transition, of a dossier whose commune is listened for. */
static size_t
choose(struct telling *t)
{
	struct pool *pool = &t->world->pool;
	size_t units = t->world->place->programme->unit_count, dossier;

	do
		dossier = pool->first + bench_random(&pool->random) % (pool->count - pool->first);
	while (!t->office && dossier % units >= (t->count < LISTENERS ? t->count : LISTENERS));
	t->told_count = 0;
	for (size_t i = 0; i < t->count; i++)
		if (t->office || i % LISTENERS == dossier % units)
			t->told[t->told_count++] = i;
	return dossier;
}

static void
tell_once(struct telling *t, struct buf *frame)
{
	struct pool *pool = &t->world->pool;
	size_t dossier = choose(t), left = t->told_count + 1;
	struct waiter officer = { t->world->socket, 0 };
	int64_t replied_ns = 0, at_ns[WAITERS_MAX];

	pool_frame(pool, dossier, PING_ID, frame);
	buf_byte(frame, '\0');
	t->items[0] = (zmq_pollitem_t){ .socket = officer.socket, .events = ZMQ_POLLIN };
	for (size_t i = 0; i < t->told_count; i++)
		t->items[1 + i] = (zmq_pollitem_t){ .socket = t->waiters[t->told[i]].socket, .events = ZMQ_POLLIN };
	send_line(officer.socket, frame->ptr);
	while (left > 0) {
		if (zmq_poll(t->items, (int)(1 + t->told_count), WAIT_MS) <= 0)
			bench_die("%zu were not told", left);
		for (size_t i = 0; i <= t->told_count; i++) {
			if (!t->items[i].revents)
				continue;
			left--;
			t->items[i].events = 0;
			*(i ? &at_ns[i - 1] : &replied_ns) = bench_now_ns();
			receive_answer(i ? &t->waiters[t->told[i - 1]] : &officer);
		}
	}
	pool->returned[dossier] = !pool->returned[dossier];
	for (size_t i = 0; i < t->told_count; i++)
		samples_add(&t->samples, at_ns[i] > replied_ns ? at_ns[i] - replied_ns : 0);
}

static void
echo_once(struct telling *t, const struct buf *frame)
{
	int64_t from_ns = bench_now_ns();

	send_line(t->echo, frame->ptr);
	receive_answer(&(struct waiter){ .socket = t->echo });
	samples_add(&t->trips, bench_now_ns() - from_ns);
}

static unsigned long long
sequence_now(struct world *w)
{
	struct counters c;

	counters_read(&w->served, w->socket, &c);
	return (unsigned long long)c.sequence;
}

void
wait_run(struct world *w, const struct load *echo, size_t count, bool office, double secs, struct timing *ret,
         struct timing *ret_echo)
{
	struct telling *t = xcalloc(1, sizeof *t);
	struct buf frame = { .len = 0 };
	unsigned long long position = sequence_now(w);
	int64_t from_ns = bench_now_ns(), until_ns;

	*ret = *ret_echo = (struct timing){ .secs = secs };
	t->echo = load_connect(echo);
	t->world = w;
	t->count = count;
	t->office = office;
	for (size_t i = 0; i < count; i++) {
		connect_waiter(w, office, i, position, &t->waiters[i]);
		hold(&t->waiters[i]);
	}
	until_ns = bench_now_ns() + (int64_t)(secs * 1e9);
	for (; bench_now_ns() < until_ns; ret->done++) {
		tell_once(t, &frame);
		for (size_t i = 0; i < t->told_count; i++)
			hold(&t->waiters[t->told[i]]);
		echo_once(t, &frame);
	}
	ret->secs = (double)(bench_now_ns() - from_ns) / 1e9;
	timing_finish(ret, &t->samples);
	timing_finish(ret_echo, &t->trips);
	for (size_t i = 0; i < count; i++)
		zmq_close(t->waiters[i].socket);
	zmq_close(t->echo);
	samples_free(&t->samples);
	samples_free(&t->trips);
	buf_free(&frame);
	free(t);
}

/* --- what they cost the others ----------------------------------------------------------------- */

struct audience {
	struct world *world;
	pthread_t thread;
	atomic_bool stop;
	unsigned long long from;
	uint64_t answers;
};

static void *
listen_on(void *context)
{
	struct audience *a = context;
	struct waiter waiters[LISTENERS];
	zmq_pollitem_t items[LISTENERS];

	for (size_t i = 0; i < LISTENERS; i++) {
		connect_waiter(a->world, false, i, a->from, &waiters[i]);
		items[i] = (zmq_pollitem_t){ .socket = waiters[i].socket, .events = ZMQ_POLLIN };
		send_wait(&waiters[i]);
	}
	while (!a->stop) {
		zmq_poll(items, LISTENERS, STOP_MS);
		for (size_t i = 0; i < LISTENERS; i++)
			if (items[i].revents) {
				receive_answer(&waiters[i]);
				send_wait(&waiters[i]);
				a->answers++;
			}
	}
	for (size_t i = 0; i < LISTENERS; i++)
		zmq_close(waiters[i].socket);
	return NULL;
}

uint64_t
listened_run(struct world *w, size_t in_flight, double secs, struct timing *ret)
{
	struct audience a = { .world = w, .from = sequence_now(w) };

	if (pthread_create(&a.thread, NULL, listen_on, &a) != 0)
		bench_die("no thread: %s", strerror(errno));
	load_run(&w->ipc, in_flight, secs, ret);
	a.stop = true;
	pthread_join(a.thread, NULL);
	return a.answers;
}
