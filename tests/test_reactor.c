/* The reactor between real sockets and a stub of the engine that echoes "ACCOUNT|FRAME". */
#include "daemon/clock.h"
#include "daemon/message.h"
#include "daemon/reactor.h"
#include "daemon/waits.h"
#include "proto/date.h"
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
#include <unistd.h>
#include <zmq.h>

enum { PATIENCE_MS = 20000, LARGE_BYTES = 64 * 1024, EVENTS_MAX = 4096 };

/* --- the stub ---------------------------------------------------------------------------------- */

/* Read by the test only when the reactor's thread has ended. */
static struct {
	struct engine_traffic traffic;
	size_t batch_max, requests;
	sem_t held, go, marked;
	int ticks, rests;
	int64_t next_ms;
	/* Events are letters, numbered from 1. */
	char events[EVENTS_MAX];
	uint64_t sequence, scan_max;
	size_t again;               /* held requests that were given once more */
	struct interest stirred;
	char tick_event;            /* what the next tick commits */
	bool unsettled, settle_held;
	int settle_fault;
} stub;

static struct interest
letter_interest(char letter)
{
	return (struct interest){ UINT64_MAX, UINT64_C(1) << (letter & 63) };
}

static void
commit(char letter)
{
	assert_true(stub.sequence + 1 < EVENTS_MAX);
	stub.events[++stub.sequence] = letter;
	stub.stirred = interest_join(stub.stirred, letter_interest(letter));
}

/* "wait A 500": answered with the number of the next event A, or "none" at the end of 500 ms. A
 * request in JSON waits for what never comes. */
static bool
stub_wait(struct engine_request *r)
{
	char frame[32], letter = '?';
	long long ms = 600000;
	uint64_t from = r->known ? r->resume : stub.sequence, to = stub.sequence;

	snprintf(frame, sizeof frame, "%.*s", TEXT_ARG(r->frame));
	if (sscanf(frame, "wait %c %lld", &letter, &ms) != 2 && frame[0] != '{')
		return false;
	stub.again += r->known != 0;
	if (stub.scan_max && to - from > stub.scan_max)
		to = from + stub.scan_max;
	for (uint64_t i = from + 1; i <= to; i++)
		if (stub.events[i] == letter) {
			buf_printf(r->answer, "%c%llu", letter, (unsigned long long)i);
			return true;
		}
	r->held = r->may_wait && r->account;
	r->wait_ms = ms;
	r->resume = to;
	r->interest = frame[0] == '{' ? INTEREST_ALL : letter_interest(letter);
	r->known = 4711;
	if (!r->held)
		buf_str(r->answer, r->account ? "none" : "forbidden");
	return true;
}

/* "hold" waits for the test, "mark" tells it, "large" gives a large answer, "fault" fails the batch,
 * "hold store" waits for the test when the answers are out, "fault store" fails then. */
static int
stub_answer(struct engine_request *r)
{
	struct text who = r->account ? r->account->actor.account : TEXT("nobody");

	if (stub_wait(r))
		return 0;
	if (r->frame.len == 8 && !strncmp(r->frame.ptr, "commit ", 7))
		commit(r->frame.ptr[7]);
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
	stub.settle_held |= text_is(r->frame, "hold store");
	stub.settle_fault = text_is(r->frame, "fault store") ? -EIO : 0;
	return text_is(r->frame, "fault") ? -EIO : 0;
}

int
engine_decide(struct engine *e, struct engine_request *requests, size_t count, int64_t now_ms)
{
	int fault = 0;

	assert_null(e);
	assert_false(stub.unsettled);
	stub.unsettled = true;
	assert_in_range(now_ms, 1, INT64_MAX);
	if (count > stub.batch_max)
		stub.batch_max = count;
	stub.requests += count;
	for (size_t i = 0; i < count; i++)
		fault |= stub_answer(&requests[i]);
	return fault;
}

int
engine_settle(struct engine *e)
{
	(void)e;
	if (stub.settle_held) {
		sem_post(&stub.held);
		sem_wait(&stub.go);
		stub.settle_held = false;
	}
	stub.unsettled = false;
	return stub.settle_fault;
}

int
engine_tick(struct engine *e, int64_t now_ms, size_t limit)
{
	(void)e;
	assert_false(stub.unsettled);
	assert_int_equal(limit, 100);
	if (stub.next_ms != NONE && now_ms >= stub.next_ms) {
		stub.ticks++;
		stub.next_ms = NONE;
		if (stub.tick_event)
			commit(stub.tick_event);
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

struct interest
engine_stirred(struct engine *e)
{
	struct interest stirred = stub.stirred;

	(void)e;
	stub.stirred = INTEREST_NONE;
	return stirred;
}

uint64_t
engine_sequence(const struct engine *e)
{
	(void)e;
	return stub.sequence;
}

int64_t
engine_time(const struct engine *e, int64_t now_ms)
{
	(void)e;
	return now_ms;
}

bool
engine_prepare(struct engine *e)
{
	(void)e;
	return false;
}

void
engine_room(struct engine *e, int64_t now_ms)
{
	(void)e, (void)now_ms;
}

int
engine_rest(struct engine *e)
{
	(void)e;
	assert_false(stub.unsettled);
	stub.rests++;
	return 0;
}

struct engine_traffic *
engine_traffic(struct engine *e)
{
	(void)e;
	return &stub.traffic;
}

/* --- a running reactor ------------------------------------------------------------------------- */

struct world {
	char dir[64], ipc[128], event[128], tcp[64], event_tcp[64];
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

enum { WAITS_MAX = 16 };

#define LIMITS { \
	[LIMIT_CONNECTIONS] = 1000, [LIMIT_SOURCE] = 400, [LIMIT_RATE] = 500, [LIMIT_FRAMES] = 8, \
	[LIMIT_UNREAD] = 640 << 10, [LIMIT_IN_FLIGHT] = 64, [LIMIT_WAITS] = WAITS_MAX, \
}

static void
start(struct world *w, bool network)
{
	struct config config = { .run = w->dir, .limits = LIMITS };
	struct buf why = { .len = 0 };

	if (network) {
		free_port(w->tcp);
		config.commands[config.command_count++] = w->tcp;
		free_port(w->event_tcp);
		config.events[config.event_count++] = w->event_tcp;
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

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);
	static const struct programme programme = { .unit_count = 0 };
	char path[128], identity[80];

	memset(&stub, 0, sizeof stub);
	stub.next_ms = NONE;
	sem_init(&stub.held, 0, 0);
	sem_init(&stub.go, 0, 0);
	sem_init(&stub.marked, 0, 0);
	strcpy(w->dir, "/tmp/test_reactor.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->ipc, sizeof w->ipc, "ipc://%s/command", w->dir);
	snprintf(w->event, sizeof w->event, "ipc://%s/event", w->dir);
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
with_key(const struct world *w, void *s, const char *public_key, const char *secret_key)
{
	zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, w->server.public_key, 41);
	zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, public_key, 41);
	zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, secret_key, 41);
	return s;
}

static void *
far_client(struct world *w, const char *public_key, const char *secret_key)
{
	return with_key(w, client(w, ZMQ_DEALER), public_key, secret_key);
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

/* What becomes of this client's connections. */
static void *
watch(struct world *w, void *s)
{
	void *monitor = client(w, ZMQ_PAIR);
	char endpoint[32];

	snprintf(endpoint, sizeof endpoint, "inproc://monitor-%zu", w->socket_count);
	assert_int_equal(zmq_socket_monitor(s, endpoint, ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
	                                    ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_DISCONNECTED), 0);
	assert_int_equal(zmq_connect(monitor, endpoint), 0);
	return monitor;
}

static int
next_event(void *monitor)
{
	uint8_t bytes[6];
	uint16_t event;
	char rest[128];

	assert_int_equal(zmq_recv(monitor, bytes, sizeof bytes, 0), 6);
	assert_true(zmq_recv(monitor, rest, sizeof rest, 0) >= 0);
	memcpy(&event, bytes, sizeof event);
	return event;
}

/* --- envelopes --------------------------------------------------------------------------------- */

static const struct envelope {
	/* Sent: `before` address frames of one byte, then (if `delimiter`) an empty one, then `behind`
	 * frames of `size` bytes. */
	int before;
	bool delimiter;
	int behind;
	size_t size;
	const char *answer;         /* part of it; NULL: dropped */
} envelopes[] = {
	{ 0, true,  1, 1,                "local|b" },
	{ 0, true,  1, 0,                "local|" },
	{ 1, true,  1, 1,                "local|b" },
	{ 6, true,  1, 1,                "local|b" },
	{ 7, true,  1, 1,                "in a message of at most 8" },
	{ 8, true,  1, 1,                "in a message of at most 8" },
	{ 100, true, 1, 1,               "in a message of at most 8" },
	{ 0, true,  0, 0,                "exactly one frame" },
	{ 7, true,  0, 0,                "exactly one frame" },
	{ 0, true,  2, 1,                "exactly one frame" },
	{ 0, true,  2, 0,                "exactly one frame" },
	{ 0, true,  7, 1,                "exactly one frame" },
	{ 0, true,  100, 1,              "exactly one frame" },
	{ 1, true,  2, 1,                "exactly one frame" },
	{ 0, true,  1, 256 * 1024,       "local|bbbb" },
	{ 0, true,  1, 256 * 1024 + 1,   "at most 256 KiB" },
	{ 0, true,  1, 512 * 1024,       "at most 256 KiB" },
	{ 3, true,  1, 256 * 1024 + 1,   "at most 256 KiB" },
	{ 1, false, 0, 0,                NULL },
	{ 2, false, 0, 0,                NULL },
	{ 8, false, 0, 0,                NULL },
	{ 2000, false, 0, 0,             NULL },
	{ 2000, true, 1, 1,              NULL },
};

static void
send_envelope(void *s, const struct envelope *e)
{
	char *body = xcalloc(1, e->size + 1);

	memset(body, 'b', e->size);
	for (int i = 0; i < e->before; i++)
		assert_int_equal(zmq_send(s, "a", 1, e->delimiter || i + 1 < e->before ? ZMQ_SNDMORE : 0), 1);
	if (e->delimiter)
		assert_int_equal(zmq_send(s, "", 0, e->behind ? ZMQ_SNDMORE : 0), 0);
	for (int i = 0; i < e->behind; i++)
		assert_true(zmq_send(s, body, e->size, i + 1 < e->behind ? ZMQ_SNDMORE : 0) >= 0);
	free(body);
}

static void
test_envelopes(void **state)
{
	struct world *w = *state;
	uint64_t dropped = 0;
	char frame[4];

	start(w, false);
	void *s = local_client(w);
	for (size_t i = 0; i < countof(envelopes); i++) {
		const struct envelope *e = &envelopes[i];
		send_envelope(s, e);
		if (!e->answer) {
			dropped++;
		} else {
			for (int j = 0; j < e->before; j++)
				if (zmq_recv(s, frame, sizeof frame, 0) != 1 || frame[0] != 'a')
					fail_msg("envelope %zu: frame %d is not given back", i, j);
			const char *answer = hear(s);
			if (!strstr(answer, e->answer) || !strncmp(answer, "local|", 6) != !strncmp(e->answer, "local|", 6))
				fail_msg("envelope %zu: %s", i, answer);
			if (strncmp(answer, "local|", 6) != 0)
				assert_non_null(strstr(answer, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,"));
		}
		ask(s, "next");
		assert_string_equal(hear(s), "local|next");
	}
	hang_up(w, s);
	assert_int_equal(stop(w, SIGTERM), 0);
	assert_int_equal(stub.traffic.dropped, dropped);
	assert_int_equal(stub.traffic.unsendable, 0);
	assert_int_equal(stub.traffic.handshakes_refused, 0);
}

/* Two kinds of message in one batch keep their order. */
static void
test_mixed_batch(void **state)
{
	struct world *w = *state;

	start(w, false);
	void *s = local_client(w);
	ask(s, "hold");
	sem_wait(&stub.held);
	ask(s, "1");
	send_envelope(s, &(struct envelope){ 0, true, 2, 1, NULL });
	ask(s, "2");
	send_envelope(s, &(struct envelope){ 1, false, 0, 0, NULL });
	ask(s, "3");
	sem_post(&stub.go);
	assert_string_equal(hear(s), "local|hold");
	assert_string_equal(hear(s), "local|1");
	assert_non_null(strstr(hear(s), "exactly one frame"));
	assert_string_equal(hear(s), "local|2");
	assert_string_equal(hear(s), "local|3");
	hang_up(w, s);
}

/* Beyond every bound the connection is cut, and nobody else notices. */
static void
test_giant_frame(void **state)
{
	struct world *w = *state;

	start(w, false);
	void *giant = local_client(w), *other = local_client(w);
	send_envelope(giant, &(struct envelope){ 0, true, 1, 512 * 1024 + 1, NULL });
	ask(other, "still there");
	assert_string_equal(hear(other), "local|still there");
	/* It connects again by itself and is served as before. */
	ask(giant, "again");
	assert_string_equal(hear(giant), "local|again");
	hang_up(w, giant);
	hang_up(w, other);
}

/* --- batches and order ------------------------------------------------------------------------- */

static void
test_order(void **state)
{
	struct world *w = *state;
	char body[16], wanted[32];
	enum { MANY = 1000 }; /* answers the daemon keeps for a client that does not read yet */

	start(w, false);
	void *s = local_client(w);
	ask(s, "hold");
	sem_wait(&stub.held);
	for (int i = 0; i < MANY; i++) {
		snprintf(body, sizeof body, "%d", i);
		ask(s, body);
		if (i == MANY / 2)
			sem_post(&stub.go);
	}
	assert_string_equal(hear(s), "local|hold");
	for (int i = 0; i < MANY; i++) {
		snprintf(wanted, sizeof wanted, "local|%d", i);
		assert_string_equal(hear(s), wanted);
	}
	hang_up(w, s);
	assert_int_equal(stop(w, SIGTERM), 0);
	assert_in_range(stub.batch_max, 2, 256);
	assert_int_equal(stub.requests, MANY + 1);
}

static void
test_req_client(void **state)
{
	struct world *w = *state;
	char bytes[32];

	start(w, false);
	void *s = client(w, ZMQ_REQ);
	assert_int_equal(zmq_connect(s, w->ipc), 0);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(zmq_send(s, "x", 1, 0), 1);
		assert_int_equal(zmq_recv(s, bytes, sizeof bytes, 0), 7);
		assert_memory_equal(bytes, "local|x", 7);
	}
	hang_up(w, s);
}

/* One that asks and does not listen loses its answers; the others get theirs. */
static void
test_deaf_client(void **state)
{
	struct world *w = *state;
	int one = 1;

	start(w, false);
	void *deaf = client(w, ZMQ_DEALER), *other = local_client(w);
	zmq_setsockopt(deaf, ZMQ_RCVHWM, &one, sizeof one);
	assert_int_equal(zmq_connect(deaf, w->ipc), 0);
	for (int i = 0; i < 3000; i++)
		ask(deaf, "large");
	ask(deaf, "mark");
	sem_wait(&stub.marked);
	ask(other, "x");
	assert_string_equal(hear(other), "local|x");
	hang_up(w, deaf);
	hang_up(w, other);
	assert_int_equal(stop(w, SIGTERM), 0);
	assert_in_range(stub.traffic.unsendable, 1, 3000);
}

static void
test_vanished_client(void **state)
{
	struct world *w = *state;

	start(w, false);
	void *other = local_client(w);
	for (int i = 0; i < 20; i++) {
		void *s = local_client(w);
		ask(s, "hold");
		sem_wait(&stub.held);
		ask(s, "more");
		hang_up(w, s);
		ask(other, "x");
		sem_post(&stub.go);
		assert_string_equal(hear(other), "local|x");
	}
	hang_up(w, other);
}

/* --- who is asking ----------------------------------------------------------------------------- */

static void
test_network(void **state)
{
	struct world *w = *state;

	start(w, true);
	void *far = far_client(w, w->client_public, w->client_secret), *local = local_client(w);
	assert_int_equal(zmq_connect(far, w->tcp), 0);
	ask(far, "x");
	assert_string_equal(hear(far), "far|x");
	ask(local, "y");
	assert_string_equal(hear(local), "local|y");

	/* Rights are asked at every request: the open connection has none any more. */
	remove_account(w, "far");
	do
		ask(far, "x");
	while (strcmp(hear(far), "nobody|x") != 0);
	remove_account(w, "local");
	do
		ask(local, "x");
	while (strcmp(hear(local), "nobody|x") != 0);
	hang_up(w, far);
	hang_up(w, local);
	assert_int_equal(stop(w, SIGTERM), 0);
	/* The self-test's own is none of the clients'. */
	assert_int_equal(stub.traffic.handshakes_refused, 0);
}

static void
test_stranger(void **state)
{
	struct world *w = *state;
	char public_key[41], secret_key[41];

	start(w, true);
	assert_int_equal(zmq_curve_keypair(public_key, secret_key), 0);
	void *s = far_client(w, public_key, secret_key), *monitor = watch(w, s);
	int never = -1;
	zmq_setsockopt(s, ZMQ_RECONNECT_IVL, &never, sizeof never);
	assert_int_equal(zmq_connect(s, w->tcp), 0);
	ask(s, "let me in");
	assert_int_equal(next_event(monitor), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
	zmq_socket_monitor(s, NULL, 0);
	hang_up(w, s);
	hang_up(w, monitor);
	assert_int_equal(stop(w, SIGTERM), 0);
	assert_int_equal(stub.traffic.handshakes_refused, 1);
	assert_int_equal(stub.requests, 0);
}

static void
test_uid(void **state)
{
	static const struct { const char *address; bool good; uint32_t uid; } cases[] = {
		{ "localhost:0:0:7869", true, 0 },
		{ "localhost:1000:1001:1002", true, 1000 },
		{ "a:b:c:42:5:6", true, 42 },
		{ ":7:8:9", true, 7 },
		{ "h:4294967294:0:1", true, 4294967294u },
		{ "h:4294967295:0:1", false, 0 },
		{ "h:99999999999999999999999:0:1", false, 0 },
		{ "h::0:1", false, 0 },
		{ "h:-1:0:1", false, 0 },
		{ "h:1x:0:1", false, 0 },
		{ "0:0:1", false, 0 },
		{ "127.0.0.1", false, 0 },
		{ "", false, 0 },
	};
	(void)state;

	for (size_t i = 0; i < countof(cases); i++) {
		uint32_t uid = 0;
		if (message_uid(cases[i].address, &uid) != cases[i].good || uid != cases[i].uid)
			fail_msg("%s: %u", cases[i].address, uid);
	}
}

/* --- waits ------------------------------------------------------------------------------------- */

static void
test_wait_commit(void **state)
{
	struct world *w = *state;

	start(w, false);
	void *s = local_client(w), *office = local_client(w);
	ask(s, "wait A 600000");
	ask(s, "wait B 600000");
	ask(s, "wait A 600001");
	/* Who waits can go on asking, and is answered in order. */
	for (int i = 0; i < 3; i++) {
		ask(s, "x");
		assert_string_equal(hear(s), "local|x");
	}
	ask(office, "commit C");
	assert_string_equal(hear(office), "local|commit C");
	ask(s, "y");
	assert_string_equal(hear(s), "local|y");
	ask(office, "commit A");
	assert_string_equal(hear(office), "local|commit A");
	assert_string_equal(hear(s), "A2");
	assert_string_equal(hear(s), "A2");
	ask(office, "commit B");
	assert_string_equal(hear(s), "B3");
	assert_string_equal(hear(office), "local|commit B");
	/* Each was given again with the commit that might concern it, and never else. */
	ask(s, "x");
	assert_string_equal(hear(s), "local|x");
	hang_up(w, s);
	hang_up(w, office);
	assert_int_equal(stop(w, SIGTERM), 0);
	assert_int_equal(stub.again, 2 + 1);
	assert_int_equal(stub.traffic.unsendable, 0);
}

/* What is committed behind it in the same batch, or by the clock, ends a wait as well. */
static void
test_wait_batch(void **state)
{
	struct world *w = *state;
	char frame[16];

	stub.next_ms = clock_wall_ms() + 300;
	stub.tick_event = 'T';
	start(w, true);
	void *s = local_client(w), *far = far_client(w, w->client_public, w->client_secret);
	assert_int_equal(zmq_connect(far, w->tcp), 0);
	ask(far, "wait T 600000");
	assert_string_equal(hear(far), "T1");
	ask(s, "hold");
	sem_wait(&stub.held);
	ask(s, "wait A 600000");
	ask(s, "commit A");
	ask(s, "wait A 600000");
	sem_post(&stub.go);
	assert_string_equal(hear(s), "local|hold");
	assert_string_equal(hear(s), "local|commit A");
	assert_string_equal(hear(s), "A2");
	ask(s, "commit A");
	assert_string_equal(hear(s), "local|commit A");
	assert_string_equal(hear(s), "A3");
	/* Frames before the delimiter come back as ever. */
	assert_int_equal(zmq_send(s, "a", 1, ZMQ_SNDMORE), 1);
	ask(s, "wait D 600000");
	ask(s, "commit D");
	assert_string_equal(hear(s), "local|commit D");
	assert_int_equal(zmq_recv(s, frame, sizeof frame, 0), 1);
	assert_string_equal(hear(s), "D4");
	hang_up(w, s);
	hang_up(w, far);
}

static void
test_wait_end(void **state)
{
	struct world *w = *state;

	start(w, false);
	void *s = local_client(w);
	int64_t from_ms = clock_monotonic_ms();
	ask(s, "wait A 300");
	ask(s, "wait A 20");
	ask(s, "wait A 0");
	ask(s, "wait A 150");
	for (int i = 0; i < 4; i++)
		assert_string_equal(hear(s), "none");
	assert_true(clock_monotonic_ms() - from_ms >= 299);
	/* A commit for somebody else does not begin the wait anew. */
	ask(s, "wait A 100");
	ask(s, "commit B");
	assert_string_equal(hear(s), "local|commit B");
	assert_string_equal(hear(s), "none");
	hang_up(w, s);
}

/* Whom an event does not concern is not asked because of it, and is told of what does. */
static void
test_wait_interest(void **state)
{
	struct world *w = *state;
	enum { MANY = 200, LETTERS = 12 };
	void *clients[LETTERS];
	char frame[24], wanted[16];

	start(w, false);
	void *s = local_client(w);
	for (int i = 0; i < LETTERS; i++) {
		clients[i] = local_client(w);
		snprintf(frame, sizeof frame, "wait %c 600000", 'A' + i);
		ask(clients[i], frame);
		ask(clients[i], "x");
		assert_string_equal(hear(clients[i]), "local|x");
	}
	for (int i = 0; i < MANY; i++) {
		ask(s, "commit Z");
		assert_string_equal(hear(s), "local|commit Z");
	}
	for (int i = 0; i < LETTERS; i++) {
		snprintf(frame, sizeof frame, "commit %c", 'A' + i);
		ask(s, frame);
		snprintf(wanted, sizeof wanted, "%c%d", 'A' + i, MANY + 1 + i);
		assert_string_equal(hear(clients[i]), wanted);
	}
	assert_int_equal(stop(w, SIGTERM), 0);
	assert_int_equal(stub.again, LETTERS);
}

/* The engine looks at so many events at a time: a request that is behind is given again at once. */
static void
test_wait_scan(void **state)
{
	struct world *w = *state;

	stub.scan_max = 10;
	start(w, false);
	void *s = local_client(w);
	ask(s, "wait B 600000");
	ask(s, "hold");
	sem_wait(&stub.held);
	/* To the interest of a wait for B they look like B (letter_interest). */
	for (int i = 0; i < 100; i++)
		ask(s, "commit \x02");
	ask(s, "commit B");
	sem_post(&stub.go);
	assert_string_equal(hear(s), "local|hold");
	for (int i = 0; i < 101; i++)
		assert_non_null(strstr(hear(s), "commit"));
	assert_string_equal(hear(s), "B101");
	hang_up(w, s);
	assert_int_equal(stop(w, SIGTERM), 0);
	/* Ten at a time, and once more for each batch that they came in. */
	assert_in_range(stub.again, 11, 101);
}

static void
test_wait_stop(void **state)
{
	struct world *w = *state;
	void *clients[5];

	start(w, false);
	for (size_t i = 0; i < countof(clients); i++) {
		clients[i] = local_client(w);
		ask(clients[i], "wait A 600000");
		ask(clients[i], "x");
		assert_string_equal(hear(clients[i]), "local|x");
	}
	assert_int_equal(stop(w, SIGTERM), 0);
	for (size_t i = 0; i < countof(clients); i++)
		assert_string_equal(hear(clients[i]), "none");
	assert_int_equal(stub.traffic.unsendable, 0);
}

#define WAIT(id, more) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"event.read\",\"params\":{\"wait\":60" more "}}"

static void
test_wait_limit(void **state)
{
	struct world *w = *state;

	start(w, true);
	void *a = local_client(w), *b = local_client(w), *far = far_client(w, w->client_public, w->client_secret);
	assert_int_equal(zmq_connect(far, w->tcp), 0);
	for (int i = 0; i < WAITS_MAX; i++) {
		void *s = i % 2 ? a : b;
		ask(s, i == 5 ? "wait A 600000" : WAIT("1", ""));
		ask(s, "x");
		assert_string_equal(hear(s), "local|x");
	}
	ask(a, WAIT("\"seventeen\"", ""));
	const char *answer = hear(a);
	assert_non_null(strstr(answer, "\"id\":\"seventeen\",\"error\":{\"code\":-32602,"));
	assert_non_null(strstr(answer, "at most 16 requests waiting"));
	assert_non_null(strstr(answer, "\"field\":\"wait\""));
	ask(b, WAIT("17", ",\"lang\":\"vi\""));
	answer = hear(b);
	assert_non_null(strstr(answer, "\"id\":17,"));
	assert_non_null(strstr(answer, "đang chờ"));
	/* Another account has its own, and one that is answered makes room. */
	ask(far, "wait A 600000");
	ask(far, "x");
	assert_string_equal(hear(far), "far|x");
	ask(b, "commit A");
	assert_string_equal(hear(b), "local|commit A");
	assert_string_equal(hear(a), "A1");
	assert_string_equal(hear(far), "A1");
	ask(a, WAIT("1", ""));
	ask(a, "x");
	assert_string_equal(hear(a), "local|x");
	ask(a, WAIT("1", ""));
	assert_non_null(strstr(hear(a), "-32602"));
	assert_int_equal(stop(w, SIGTERM), 0);
}

/* Asks until `count` waits were taken. */
static void
fill(void *s, int count)
{
	int64_t until_ms = clock_monotonic_ms() + PATIENCE_MS;

	while (count > 0) {
		int asked = count;
		for (int i = 0; i < asked; i++)
			ask(s, WAIT("1", ""));
		ask(s, "x");
		for (count = 0; strcmp(hear(s), "local|x") != 0; count++)
			;
		assert_true(clock_monotonic_ms() < until_ms);
	}
}

/* A wait whose client has gone stands in nobody's way, is not given again and not answered. */
static void
test_wait_gone(void **state)
{
	struct world *w = *state;

	start(w, false);
	for (int i = 0; i < 3 * WAITS_MAX; i++) {
		void *s = local_client(w);
		fill(s, 1);
		hang_up(w, s);
	}
	void *s = local_client(w), *full = local_client(w);
	/* Sixteen of its own: only possible when all the others are forgotten. */
	fill(full, WAITS_MAX);
	hang_up(w, full);
	fill(s, WAITS_MAX);
	ask(s, "commit A");
	assert_string_equal(hear(s), "local|commit A");
	assert_int_equal(stop(w, SIGTERM), 0);
	assert_int_equal(stub.again, 2 * WAITS_MAX);
	assert_int_equal(stub.traffic.unsendable, 0);
}

/* Rights are looked up when the answer is sent. */
static void
test_wait_revoked(void **state)
{
	struct world *w = *state;

	start(w, true);
	void *far = far_client(w, w->client_public, w->client_secret), *s = local_client(w);
	assert_int_equal(zmq_connect(far, w->tcp), 0);
	ask(far, "wait A 600000");
	ask(far, "x");
	assert_string_equal(hear(far), "far|x");
	remove_account(w, "far");
	do
		ask(far, "x");
	while (strcmp(hear(far), "nobody|x") != 0);
	ask(s, "commit B");
	assert_string_equal(hear(s), "local|commit B");
	assert_string_equal(hear(far), "forbidden");
	hang_up(w, far);
	hang_up(w, s);
}

/* --- the doorbell ------------------------------------------------------------------------------ */

static void *
subscriber(struct world *w, bool far)
{
	void *s = client(w, ZMQ_SUB);

	if (far)
		with_key(w, s, w->client_public, w->client_secret);
	assert_int_equal(zmq_setsockopt(s, ZMQ_SUBSCRIBE, "sequence", 8), 0);
	return s;
}

/* The next number, and when the daemon sent it. */
static uint64_t
ring(void *s, int64_t *ret_ms)
{
	char topic[16], body[128], time[TIME_LEN + 1];
	unsigned long long sequence;
	int more = 0, end = 0;
	size_t size = sizeof more;

	assert_int_equal(zmq_recv(s, topic, sizeof topic, 0), 8);
	assert_memory_equal(topic, "sequence", 8);
	int len = zmq_recv(s, body, sizeof body - 1, 0);
	assert_in_range(len, 1, sizeof body - 1);
	body[len] = '\0';
	assert_int_equal(zmq_getsockopt(s, ZMQ_RCVMORE, &more, &size), 0);
	assert_int_equal(more, 0);
	assert_int_equal(sscanf(body, "{\"sequence\":%llu,\"time\":\"%29[^\"]\"}%n", &sequence, time, &end), 2);
	assert_int_equal(end, len);
	assert_true(time_parse(text_of(time), ret_ms));
	return sequence;
}

static void
test_doorbell(void **state)
{
	struct world *w = *state;
	int64_t ms, before_ms;
	enum { MANY = 300 };

	start(w, true);
	void *subscribers[] = { subscriber(w, false), subscriber(w, true) }, *s = local_client(w);
	assert_int_equal(zmq_connect(subscribers[0], w->event), 0);
	assert_int_equal(zmq_connect(subscribers[1], w->event_tcp), 0);
	/* The heartbeat says where the journal stands, also where nothing happens. */
	for (size_t i = 0; i < countof(subscribers); i++)
		for (int beat = 0; beat < 2; beat++)
			assert_int_equal(ring(subscribers[i], &ms), 0);
	for (int i = 0; i < MANY; i++) {
		ask(s, "commit A");
		assert_string_equal(hear(s), "local|commit A");
	}
	for (size_t i = 0; i < countof(subscribers); i++) {
		uint64_t sequence = 0, last = 0;
		while (sequence < MANY) {
			sequence = ring(subscribers[i], &ms);
			/* At most 20 a second; two clocks are asked, so a little less may show. */
			if (last > 0)
				assert_true(sequence >= last && ms - before_ms >= 40);
			last = sequence;
			before_ms = ms;
		}
		assert_int_equal(sequence, MANY);
	}
	/* The last one is told, whatever comes. */
	ask(s, "commit A");
	ask(s, "commit A");
	assert_string_equal(hear(s), "local|commit A");
	assert_string_equal(hear(s), "local|commit A");
	assert_int_equal(stop(w, SIGTERM), 0);
	for (size_t i = 0; i < countof(subscribers); i++)
		while (ring(subscribers[i], &ms) < MANY + 2)
			;
}

static void
test_doorbell_strangers(void **state)
{
	struct world *w = *state;
	char public_key[41], secret_key[41];
	int64_t ms;

	start(w, true);
	assert_int_equal(zmq_curve_keypair(public_key, secret_key), 0);
	void *stranger = with_key(w, client(w, ZMQ_SUB), public_key, secret_key), *clear = client(w, ZMQ_SUB);
	void *local = subscriber(w, false), *far = subscriber(w, true);
	void *monitors[] = { watch(w, stranger), watch(w, clear), watch(w, local), watch(w, far) };
	assert_int_equal(zmq_connect(stranger, w->event_tcp), 0);
	assert_int_equal(next_event(monitors[0]), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
	zmq_socket_monitor(stranger, NULL, 0);
	hang_up(w, stranger);
	/* There is no clear-text mode. */
	assert_int_equal(zmq_connect(clear, w->event_tcp), 0);
	assert_int_equal(next_event(monitors[1]), ZMQ_EVENT_DISCONNECTED);
	zmq_socket_monitor(clear, NULL, 0);
	hang_up(w, clear);

	assert_int_equal(zmq_connect(local, w->event), 0);
	assert_int_equal(next_event(monitors[2]), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
	assert_int_equal(zmq_connect(far, w->event_tcp), 0);
	assert_int_equal(next_event(monitors[3]), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
	ring(local, &ms);
	ring(far, &ms);
	/* A Unix user who has lost his account is cut off and not let in again; the others come back. */
	remove_account(w, "local");
	for (int last = 0; last != ZMQ_EVENT_HANDSHAKE_FAILED_AUTH; )
		last = next_event(monitors[2]);
	for (int last = 0; last != ZMQ_EVENT_HANDSHAKE_SUCCEEDED; )
		last = next_event(monitors[3]);
	while (zmq_recv(far, public_key, sizeof public_key, ZMQ_DONTWAIT) >= 0)
		;
	ring(far, &ms);
	remove_account(w, "far");
	for (int last = 0; last != ZMQ_EVENT_HANDSHAKE_FAILED_AUTH; )
		last = next_event(monitors[3]);
	zmq_socket_monitor(local, NULL, 0);
	zmq_socket_monitor(far, NULL, 0);
}

/* Whoever subscribes and does not read, or says strange things, is nobody's trouble. */
static void
test_doorbell_abuse(void **state)
{
	struct world *w = *state;
	int one = 1;
	char topic[2000];
	int64_t ms;

	start(w, false);
	void *deaf = client(w, ZMQ_SUB), *odd = client(w, ZMQ_XSUB), *good = subscriber(w, false), *s = local_client(w);
	zmq_setsockopt(deaf, ZMQ_RCVHWM, &one, sizeof one);
	zmq_setsockopt(deaf, ZMQ_SUBSCRIBE, "", 0);
	assert_int_equal(zmq_connect(deaf, w->event), 0);
	assert_int_equal(zmq_connect(odd, w->event), 0);
	assert_int_equal(zmq_connect(good, w->event), 0);
	memset(topic, 't', sizeof topic);
	for (int i = 0; i < 1000; i++)
		assert_true(zmq_send(odd, topic, (size_t)i % 100, i % 3 ? ZMQ_SNDMORE : 0) >= 0);
	topic[0] = 1;
	assert_int_equal(zmq_send(odd, topic, sizeof topic, 0), sizeof topic);
	for (int i = 0; i < 100; i++) {
		ask(s, "commit A");
		assert_string_equal(hear(s), "local|commit A");
	}
	while (ring(good, &ms) < 100)
		;
	assert_int_equal(stop(w, SIGTERM), 0);
}

/* --- start and stop ---------------------------------------------------------------------------- */

static void
test_stop_answers(void **state)
{
	struct world *w = *state;
	char wanted[16];

	start(w, false);
	void *s = local_client(w);
	ask(s, "hold");
	sem_wait(&stub.held);
	for (int i = 0; i < 500; i++) {
		snprintf(wanted, sizeof wanted, "%d", i);
		ask(s, wanted);
	}
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	sem_post(&stub.go);
	assert_int_equal(stop(w, 0), 0);
	assert_string_equal(hear(s), "local|hold");
	for (int i = 0; i < 500; i++) {
		snprintf(wanted, sizeof wanted, "local|%d", i);
		assert_string_equal(hear(s), wanted);
	}
	hang_up(w, s);
}

/* The answer is out before the store is committed, and the next batch is decided behind that. */
static void
test_answers_first(void **state)
{
	struct world *w = *state;

	start(w, false);
	void *s = local_client(w);
	ask(s, "hold store");
	sem_wait(&stub.held);
	assert_string_equal(hear(s), "local|hold store");
	ask(s, "next");
	assert_int_equal(stub.requests, 1);
	sem_post(&stub.go);
	assert_string_equal(hear(s), "local|next");
	ask(s, "fault store");
	assert_string_equal(hear(s), "local|fault store");
	assert_int_equal(stop(w, 0), -EIO);
	hang_up(w, s);
}

static void
test_fault_answers_nothing(void **state)
{
	struct world *w = *state;
	char frame[8];

	start(w, false);
	void *s = local_client(w), *monitor = client(w, ZMQ_PAIR);
	uint8_t bytes[6];
	ask(s, "before");
	assert_string_equal(hear(s), "local|before");
	assert_int_equal(zmq_socket_monitor(s, "inproc://fault", ZMQ_EVENT_DISCONNECTED), 0);
	assert_int_equal(zmq_connect(monitor, "inproc://fault"), 0);
	ask(s, "fault");
	assert_int_equal(stop(w, 0), -EIO);
	assert_int_equal(zmq_recv(monitor, bytes, sizeof bytes, 0), 6);
	assert_int_equal(zmq_recv(s, frame, sizeof frame, ZMQ_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	zmq_socket_monitor(s, NULL, 0);
	hang_up(w, s);
	hang_up(w, monitor);
}

static void
test_signals(void **state)
{
	struct world *w = *state;

	start(w, false);
	void *s = local_client(w);
	/* SIGHUP reads the accounts again and ends nothing. */
	assert_int_equal(kill(getpid(), SIGHUP), 0);
	ask(s, "x");
	assert_string_equal(hear(s), "local|x");
	hang_up(w, s);
	assert_int_equal(stop(w, SIGINT), 0);
}

static void
test_clock_events(void **state)
{
	struct world *w = *state;

	stub.next_ms = clock_wall_ms() + 20;
	start(w, false);
	sem_wait(&stub.marked);
	assert_int_equal(stop(w, SIGTERM), 0);
	assert_int_equal(stub.ticks, 1);
}

static void
test_socket_file(void **state)
{
	struct world *w = *state;
	struct config config = { .run = w->dir };
	struct buf why = { .len = 0 };
	char path[128], longer[200];
	struct stat st;

	/* A file left over by a killed daemon is replaced; its mode is the daemon's, not the caller's. */
	snprintf(path, sizeof path, "%s/command", w->dir);
	start(w, false);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_true(S_ISSOCK(st.st_mode));
	/* Nobody takes it away from under a daemon that serves. */
	struct reactor *second = NULL;
	assert_int_equal(reactor_open(&config, NULL, NULL, w->access, &second, &why), -EADDRINUSE);
	assert_non_null(memmem(why.ptr, why.len, "another daemon", 14));
	buf_clear(&why);
	assert_int_equal(stop(w, SIGTERM), 0);
	assert_int_equal(stat(path, &st), -1);
	assert_int_equal(mknod(path, S_IFSOCK | 0600, 0), 0);
	start(w, false);
	void *s = local_client(w);
	ask(s, "x");
	assert_string_equal(hear(s), "local|x");
	hang_up(w, s);
	assert_int_equal(stop(w, SIGTERM), 0);

	/* Something that is no socket is left alone. */
	assert_int_equal(mknod(path, S_IFREG | 0600, 0), 0);
	assert_int_equal(reactor_open(&config, NULL, NULL, w->access, &w->reactor, &why), -EEXIST);
	assert_null(w->reactor);
	assert_non_null(memmem(why.ptr, why.len, "no socket", 9));
	buf_clear(&why);

	memset(longer, 'x', sizeof longer);
	memcpy(longer, "/tmp/", 5);
	longer[110] = '\0';
	config.run = longer;
	assert_int_equal(reactor_open(&config, NULL, NULL, w->access, &w->reactor, &why), -ENAMETOOLONG);
	assert_non_null(memmem(why.ptr, why.len, "shorter --run", 13));
	buf_free(&why);
}

static void
test_endpoints(void **state)
{
	struct world *w = *state;
	static const char *const bad[] = { "tcp://127.0.0.1", "tcp://127.0.0.1:99999", "udp://127.0.0.1:5", "nonsense" };
	struct config config = { .run = w->dir, .command_count = 1, .commands = { "tcp://127.0.0.1:5570" } };
	struct buf why = { .len = 0 };

	/* There is no clear-text mode. */
	assert_int_equal(reactor_open(&config, NULL, NULL, w->access, &w->reactor, &why), -EINVAL);
	for (size_t i = 0; i < countof(bad); i++) {
		buf_clear(&why);
		config.commands[0] = bad[i];
		assert_true(reactor_open(&config, &w->server, NULL, w->access, &w->reactor, &why) < 0);
		assert_non_null(memmem(why.ptr, why.len, bad[i], strlen(bad[i])));
	}
	buf_free(&why);
}

/* The start's self-test closes its own stranger right after its refusal; libzmq's I/O thread then
 * now and then forgets one frame (test_endpoints alone shows it: one at a start, none by clients). */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libzmq";
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_envelopes), TEST(test_mixed_batch), TEST(test_giant_frame), TEST(test_order),
		TEST(test_req_client), TEST(test_deaf_client), TEST(test_vanished_client), TEST(test_network),
		TEST(test_stranger), TEST(test_uid), TEST(test_wait_commit), TEST(test_wait_batch), TEST(test_wait_end),
		TEST(test_wait_interest), TEST(test_wait_scan), TEST(test_wait_stop), TEST(test_wait_limit), TEST(test_wait_gone),
		TEST(test_wait_revoked), TEST(test_doorbell), TEST(test_doorbell_strangers), TEST(test_doorbell_abuse), TEST(test_stop_answers), TEST(test_answers_first), TEST(test_fault_answers_nothing),
		TEST(test_signals), TEST(test_clock_events), TEST(test_socket_file), TEST(test_endpoints),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
