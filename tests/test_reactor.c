/* The reactor between real sockets and a stub of the engine that echoes "ACCOUNT|FRAME". */
#include "tests/reactor_world.h"

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
	await(&stub.held);
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
	await(&stub.held);
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
	await(&stub.marked);
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
		await(&stub.held);
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
	uint16_t event;
	uint8_t bytes[6];

	start(w, true);
	assert_int_equal(zmq_curve_keypair(public_key, secret_key), 0);
	void *s = far_client(w, public_key, secret_key), *monitor = client(w, ZMQ_PAIR);
	int never = -1;
	zmq_setsockopt(s, ZMQ_RECONNECT_IVL, &never, sizeof never);
	assert_int_equal(zmq_socket_monitor(s, "inproc://monitor", ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
	                                    ZMQ_EVENT_HANDSHAKE_FAILED_AUTH), 0);
	assert_int_equal(zmq_connect(monitor, "inproc://monitor"), 0);
	assert_int_equal(zmq_connect(s, w->tcp), 0);
	ask(s, "let me in");
	assert_int_equal(zmq_recv(monitor, bytes, sizeof bytes, 0), 6);
	memcpy(&event, bytes, sizeof event);
	assert_int_equal(event, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
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
		struct message m = { .router = NULL };
		uint32_t uid = 0;
		strcpy(m.peer_address, cases[i].address);
		if (message_uid(&m, &uid) != cases[i].good || uid != cases[i].uid)
			fail_msg("%s: %u", cases[i].address, uid);
	}
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
	await(&stub.held);
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
	await(&stub.marked);
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

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_envelopes), TEST(test_mixed_batch), TEST(test_giant_frame), TEST(test_order),
		TEST(test_req_client), TEST(test_deaf_client), TEST(test_vanished_client), TEST(test_network),
		TEST(test_stranger), TEST(test_uid), TEST(test_stop_answers), TEST(test_fault_answers_nothing),
		TEST(test_signals), TEST(test_clock_events), TEST(test_socket_file), TEST(test_endpoints),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
