/* The client's side of the command socket: connect, send, wait until a deadline, send again. */
#include "clients/link.h"

#include <czmq.h>

enum { ANSWER_BYTES_MAX = 64 * 1024 * 1024 };

struct link {
	struct link_target target;
	zsock_t *socket;            /* NULL between connections */
};

static bool
is_tcp(const struct link *link)
{
	return !strncmp(link->target.endpoint, "tcp://", 6);
}

/* A new socket each time: whatever the old connection still had to say belongs to a request that
 * was given up. */
static int
reconnect(struct link *link)
{
	zsock_destroy(&link->socket);
	link->socket = zsock_new(ZMQ_DEALER);
	if (!link->socket)
		return errno ? -errno : -ENOMEM;
	zsock_set_linger(link->socket, 0);
	zsock_set_maxmsgsize(link->socket, ANSWER_BYTES_MAX);
	if (is_tcp(link)) {
		void *raw = zsock_resolve(link->socket);
		if (zmq_setsockopt(raw, ZMQ_CURVE_SERVERKEY, link->target.server_key, LINK_KEY_LEN + 1)
		    || zmq_setsockopt(raw, ZMQ_CURVE_PUBLICKEY, link->target.public_key, LINK_KEY_LEN + 1)
		    || zmq_setsockopt(raw, ZMQ_CURVE_SECRETKEY, link->target.secret_key, LINK_KEY_LEN + 1))
			return -EINVAL;
	}
	return zsock_connect(link->socket, "%s", link->target.endpoint) ? -EINVAL : 0;
}

static bool
key_usable(const char *key)
{
	uint8_t bytes[LINK_KEY_LEN * 4 / 5];
	return key && strlen(key) == LINK_KEY_LEN && zmq_z85_decode(bytes, key);
}

int
link_open(const struct link_target *target, struct link **ret)
{
	/* czmq would otherwise take SIGINT for itself and wait for its sockets at exit. */
	setenv("ZSYS_SIGHANDLER", "false", 1);
	zsys_init();
	zsys_handler_set(NULL);

	struct link *link = xcalloc(1, sizeof *link);
	link->target = *target;
	bool keys = key_usable(target->server_key) && key_usable(target->public_key)
	            && key_usable(target->secret_key);
	int e = is_tcp(link) && !keys ? -EINVAL : reconnect(link);
	if (e < 0) {
		link_close(&link);
		return e;
	}
	*ret = link;
	return 0;
}

void
link_close(struct link **link)
{
	if (!*link)
		return;
	zsock_destroy(&(*link)->socket);
	free(*link);
	*link = NULL;
}

/* Waits out a daemon that can't be reached: the frame is queued, or the deadline passes. */
static int
send_request(struct link *link, struct text frame)
{
	void *raw = zsock_resolve(link->socket);
	if (zmq_send(raw, "", 0, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
		return -errno;
	return zmq_send(raw, frame.ptr, frame.len, ZMQ_DONTWAIT) < 0 ? -errno : 0;
}

/* Takes one whole message; true where it has the form of an answer: an empty frame, then one. */
static bool
receive(struct link *link, struct buf *answer)
{
	void *raw = zsock_resolve(link->socket);
	bool more = true, fits = true;
	for (int frame = 0; more; frame++) {
		zmq_msg_t msg;
		zmq_msg_init(&msg);
		if (zmq_msg_recv(&msg, raw, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&msg);
			return false;
		}
		more = zmq_msg_more(&msg);
		if (frame == 0)
			fits = zmq_msg_size(&msg) == 0 && more;
		else if (frame == 1 && !more && fits)
			buf_add(answer, zmq_msg_data(&msg), zmq_msg_size(&msg));
		else
			fits = false;
		zmq_msg_close(&msg);
	}
	return fits;
}

static int
wait_answer(struct link *link, int64_t until_ms, struct buf *answer)
{
	for (;;) {
		int64_t left = until_ms - zclock_mono();
		zmq_pollitem_t item = { zsock_resolve(link->socket), 0, ZMQ_POLLIN, 0 };
		int n = zmq_poll(&item, 1, left > 0 ? (long)left : 0);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0 && receive(link, answer))
			return 0;
		if (left <= 0)
			return -ETIMEDOUT;
	}
}

int
link_call(struct link *link, struct text frame, int timeout_ms, int patience_ms, bool again,
          struct buf *ret_answer)
{
	int64_t now = zclock_mono(), end = now + timeout_ms, patience = patience_ms;
	for (;;) {
		int e = link->socket ? 0 : reconnect(link);
		if (!e)
			e = send_request(link, frame);
		if (e < 0 && e != -EAGAIN)
			return e;
		int64_t until = again && now + patience < end ? now + patience : end;
		e = wait_answer(link, until, ret_answer);
		if (e != -ETIMEDOUT)
			return e;
		zsock_destroy(&link->socket);
		now = zclock_mono();
		if (now >= end)
			return -ETIMEDOUT;
		patience *= 2;
	}
}
