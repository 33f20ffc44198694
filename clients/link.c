/* The client's side of the command socket: connect, send, wait until a deadline, send again. */
#include "clients/link.h"

#include <czmq.h>

enum { ANSWER_BYTES_MAX = 64 * 1024 * 1024, RECONNECT_MS = 50 };

struct link {
	struct link_target target;
	zsock_t *socket;            /* NULL between connections */
	zsock_t *monitor;           /* says when the connection is made and lost */
	unsigned sockets;           /* made so far, for the monitors' names */
	bool connected;
	int watch_fd;
};

static void
disconnect(struct link *link)
{
	zsock_destroy(&link->socket);
	zsock_destroy(&link->monitor);
	link->connected = false;
}

/* Without it a daemon that went away during a held answer would be noticed at its end only. */
static int
monitor(struct link *link)
{
	char name[64];
	snprintf(name, sizeof name, "inproc://link-%p-%u", (void *)link, link->sockets++);
	if (zmq_socket_monitor(zsock_resolve(link->socket), name,
	                       ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED))
		return -errno;
	link->monitor = zsock_new(ZMQ_PAIR);
	return !link->monitor || zsock_connect(link->monitor, "%s", name) ? -ENOMEM : 0;
}

/* Takes what the monitor has to say; true where a connection that stood was lost. A handshake that
 * fails is none that stood: it would fail again. */
static bool
lost(struct link *link)
{
	bool any = false;
	for (;;) {
		char frame[256];
		uint16_t event;
		int n = zmq_recv(zsock_resolve(link->monitor), frame, sizeof frame, ZMQ_DONTWAIT);
		if (n < 0)
			return any;
		/* The second frame of each message is an address. */
		if (n != 6 || !zsock_rcvmore(link->monitor))
			continue;
		memcpy(&event, frame, sizeof event);
		any |= event == ZMQ_EVENT_DISCONNECTED && link->connected;
		link->connected = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
	}
}

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
	disconnect(link);
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
	int e = monitor(link);
	return e ? e : zsock_connect(link->socket, "%s", link->target.endpoint) ? -EINVAL : 0;
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
	link->watch_fd = -1;
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
	disconnect(*link);
	free(*link);
	*link = NULL;
}

void
link_watch(struct link *link, int fd)
{
	link->watch_fd = fd;
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

/* -ECONNRESET where the connection was lost: no answer will come over a new one. */
static int
wait_answer(struct link *link, int64_t until_ms, struct buf *answer)
{
	for (;;) {
		int64_t left = until_ms - zclock_mono();
		zmq_pollitem_t items[] = {
			{ zsock_resolve(link->socket), 0, ZMQ_POLLIN, 0 },
			{ zsock_resolve(link->monitor), 0, ZMQ_POLLIN, 0 },
			{ NULL, link->watch_fd, ZMQ_POLLIN, 0 },
		};
		int n = zmq_poll(items, link->watch_fd < 0 ? 2 : 3, left > 0 ? (long)left : 0);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0 && items[0].revents && receive(link, answer))
			return 0;
		if (n > 0 && items[1].revents && lost(link))
			return -ECONNRESET;
		if (n > 0 && items[2].revents)
			return -EINTR;
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
		if (!e) {
			lost(link);     /* what was before this request does not concern it */
			e = send_request(link, frame);
		}
		if (e < 0 && e != -EAGAIN)
			return e;
		int64_t until = again && now + patience < end ? now + patience : end;
		e = wait_answer(link, until, ret_answer);
		if (e != -ETIMEDOUT && (e != -ECONNRESET || !again)) {
			if (e < 0)
				disconnect(link);       /* an answer that still comes is nobody's */
			return e;
		}
		disconnect(link);
		now = zclock_mono();
		if (now >= end)
			return -ETIMEDOUT;
		if (e == -ECONNRESET) {
			zclock_sleep(RECONNECT_MS);
			now = zclock_mono();
		} else {
			patience *= 2;
		}
	}
}
