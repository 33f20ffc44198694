/* A reactor running in a thread of the test, a stub of the engine behind it, clients before it. */
#ifndef TESTS_REACTOR_WORLD_H
#define TESTS_REACTOR_WORLD_H

#include "daemon/clock.h"
#include "daemon/message.h"
#include "daemon/reactor.h"
#include "proto/jsonrpc.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { PATIENCE_MS = 20000, LARGE_BYTES = 64 * 1024 };

/* --- the stub ---------------------------------------------------------------------------------- */

/* Read by the test only when the reactor's thread has ended. */
static struct {
	struct engine_traffic traffic;
	size_t batch_max, requests;
	sem_t held, go, marked;
	int ticks;
	int64_t next_ms;
} stub;

/* "hold" waits for the test, "mark" tells it, "large" gives a large answer, "fault" fails the batch. */
static int
stub_answer(struct engine_request *r)
{
	struct text who = r->account ? r->account->actor.account : TEXT("nobody");

	if (text_is(r->frame, "hold")) {
		sem_post(&stub.held);
		sem_wait(&stub.go);
	}
	if (text_is(r->frame, "mark"))
		sem_post(&stub.marked);
	buf_text(r->answer, who);
	buf_byte(r->answer, '|');
	buf_text(r->answer, r->frame);
	if (text_is(r->frame, "large")) {
		memset(buf_room(r->answer, LARGE_BYTES), 'l', LARGE_BYTES);
		r->answer->len += LARGE_BYTES;
	}
	return text_is(r->frame, "fault") ? -EIO : 0;
}

int
engine_batch(struct engine *e, struct engine_request *requests, size_t count, int64_t now_ms)
{
	int fault = 0;

	assert_null(e);
	assert_in_range(now_ms, 1, INT64_MAX);
	if (count > stub.batch_max)
		stub.batch_max = count;
	stub.requests += count;
	for (size_t i = 0; i < count; i++)
		fault |= stub_answer(&requests[i]);
	return fault;
}

int
engine_tick(struct engine *e, int64_t now_ms, size_t limit)
{
	(void)e;
	assert_int_equal(limit, 100);
	if (stub.next_ms != NONE && now_ms >= stub.next_ms) {
		stub.ticks++;
		stub.next_ms = NONE;
		sem_post(&stub.marked);
	}
	return 0;
}

int64_t
engine_next(const struct engine *e)
{
	(void)e;
	return stub.next_ms;
}

bool
engine_prepare(struct engine *e)
{
	(void)e;
	return false;
}

int
engine_rest(struct engine *e)
{
	(void)e;
	return 0;
}

struct engine_traffic *
engine_traffic(struct engine *e)
{
	(void)e;
	return &stub.traffic;
}

static void
await(sem_t *sem)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_MS / 1000;
	assert_int_equal(sem_timedwait(sem, &until), 0);
}

/* --- a running reactor ------------------------------------------------------------------------- */

struct world {
	char dir[64], ipc[128], tcp[64];
	struct access *access;
	struct reactor *reactor;
	struct server_key server;
	char client_public[41], client_secret[41];
	void *zmq;
	void *sockets[32];          /* of the clients, so that a failed test leaves none behind */
	size_t socket_count;
	pthread_t thread;
	int result;                 /* of reactor_run */
	bool running;
};

static void
put_account(const struct world *w, const char *name, const char *identity)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof path, "%s/accounts/%s.account", w->dir, name);
	assert_non_null(out = fopen(path, "w"));
	fprintf(out, "account\n    name = \"%s\"\n    role = \"officer\"\n    %s\n", name, identity);
	assert_int_equal(fclose(out), 0);
}

static void
remove_account(const struct world *w, const char *name)
{
	char path[128];

	snprintf(path, sizeof path, "%s/accounts/%s.account", w->dir, name);
	assert_int_equal(unlink(path), 0);
}

static void
free_port(char out[64])
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	close(fd);
	snprintf(out, 64, "tcp://127.0.0.1:%d", ntohs(address.sin_port));
}

static void *
run(void *context)
{
	struct world *w = context;

	w->result = reactor_run(w->reactor);
	return NULL;
}

static void
start(struct world *w, bool network)
{
	struct config config = { .run = w->dir };
	struct buf why = { .len = 0 };

	if (network) {
		free_port(w->tcp);
		config.commands[config.command_count++] = w->tcp;
	}
	int fault = reactor_open(&config, network ? &w->server : NULL, NULL, w->access, &w->reactor, &why);
	if (fault < 0)
		fail_msg("reactor_open: %d %.*s", fault, TEXT_ARG(buf_view(&why)));
	buf_free(&why);
	assert_int_equal(pthread_create(&w->thread, NULL, run, w), 0);
	w->running = true;
}

/* As the kernel would on `kill`: the whole process, where every thread blocks it. */
static int
stop(struct world *w, int signal_number)
{
	if (signal_number)
		assert_int_equal(kill(getpid(), signal_number), 0);
	assert_int_equal(pthread_join(w->thread, NULL), 0);
	w->running = false;
	reactor_close(&w->reactor);
	return w->result;
}

/* A failed test must not leave its signal to the next one. */
static void
forget_signals(void)
{
	const struct timespec now = { .tv_sec = 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	/* Here and not by the reactor alone: cmocka gives a failed test the mask from before it. */
	sigprocmask(SIG_BLOCK, &set, NULL);
	while (sigtimedwait(&set, NULL, &now) > 0)
		;
}

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);
	static const struct programme programme = { .unit_count = 0 };
	char path[128], identity[80];

	forget_signals();
	memset(&stub, 0, sizeof stub);
	stub.next_ms = NONE;
	sem_init(&stub.held, 0, 0);
	sem_init(&stub.go, 0, 0);
	sem_init(&stub.marked, 0, 0);
	strcpy(w->dir, "/tmp/test_reactor.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->ipc, sizeof w->ipc, "ipc://%s/command", w->dir);
	snprintf(path, sizeof path, "%s/accounts", w->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(zmq_curve_keypair(w->server.public_key, w->server.secret_key), 0);
	assert_int_equal(zmq_curve_keypair(w->client_public, w->client_secret), 0);
	snprintf(identity, sizeof identity, "unix-user = \"%u\"", (unsigned)getuid());
	put_account(w, "local", identity);
	snprintf(identity, sizeof identity, "curve-key = \"%s\"", w->client_public);
	put_account(w, "far", identity);
	assert_int_equal(access_open(path, &programme, &w->access), 0);
	assert_int_equal(access_count(w->access), 2);
	w->zmq = zmq_ctx_new();
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;
	char command[128];

	for (size_t i = 0; i < w->socket_count; i++)
		zmq_close(w->sockets[i]);
	if (w->running) {
		sem_post(&stub.go);
		stop(w, SIGTERM);
	}
	zmq_ctx_term(w->zmq);
	access_close(&w->access);
	snprintf(command, sizeof command, "rm -r '%s'", w->dir);
	assert_int_equal(system(command), 0);
	free(w);
	return 0;
}

/* --- a client ---------------------------------------------------------------------------------- */

static void *
client(struct world *w, int type)
{
	void *s = zmq_socket(w->zmq, type);
	int zero = 0, patience = PATIENCE_MS;

	assert_true(w->socket_count < countof(w->sockets));
	w->sockets[w->socket_count++] = s;
	zmq_setsockopt(s, ZMQ_LINGER, &zero, sizeof zero);
	zmq_setsockopt(s, ZMQ_RCVTIMEO, &patience, sizeof patience);
	zmq_setsockopt(s, ZMQ_SNDTIMEO, &patience, sizeof patience);
	zmq_setsockopt(s, ZMQ_SNDHWM, &zero, sizeof zero);
	return s;
}

static void
hang_up(struct world *w, void *s)
{
	for (size_t i = 0; i < w->socket_count; i++)
		if (w->sockets[i] == s)
			w->sockets[i--] = w->sockets[--w->socket_count];
	zmq_close(s);
}

static void *
local_client(struct world *w)
{
	void *s = client(w, ZMQ_DEALER);

	assert_int_equal(zmq_connect(s, w->ipc), 0);
	return s;
}

static void *
far_client(struct world *w, const char *public_key, const char *secret_key)
{
	void *s = client(w, ZMQ_DEALER);

	zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, w->server.public_key, 41);
	zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, public_key, 41);
	zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, secret_key, 41);
	return s;
}

static void
ask(void *s, const char *body)
{
	assert_int_equal(zmq_send(s, "", 0, ZMQ_SNDMORE), 0);
	assert_int_equal(zmq_send(s, body, strlen(body), 0), (int)strlen(body));
}

/* The one frame behind the delimiter, NUL-terminated, cut to the array. */
static const char *
hear(void *s)
{
	static char bytes[1024];
	int n = zmq_recv(s, bytes, sizeof bytes, 0), more = 0;
	size_t size = sizeof more;

	if (n != 0)
		fail_msg("no delimiter: %d %s", n, n < 0 ? zmq_strerror(errno) : "");
	n = zmq_recv(s, bytes, sizeof bytes - 1, 0);
	assert_true(n >= 0);
	assert_int_equal(zmq_getsockopt(s, ZMQ_RCVMORE, &more, &size), 0);
	assert_int_equal(more, 0);
	bytes[(size_t)n < sizeof bytes - 1 ? (size_t)n : sizeof bytes - 1] = '\0';
	return bytes;
}

#endif
