/* Connections: counted by source, shut down where they are too many or never come to an end. */
#include "daemon/connections.h"

#include "daemon/log.h"
#include "daemon/rates.h"
#include "daemon/received.h"
#include "daemon/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <zmq.h>

enum {
	SOURCE_MAX = 24,
	LOOK_MS = 1000,
	/* What all together may leave unfinished, in shares of one. */
	UNREAD_SHARES = 8,
	/* While whole messages are left in libzmq, for want of time to read them, these are no fault of
	 * their sender's: so much more is possible then, of one and of all together. */
	BUSY_ONE = 4, BUSY_SHARES = 12,
	/* Subscriptions never come out, take many times their bytes of memory, and one is all that anybody
	 * needs: the share of somebody who listens to the doorbell is so much smaller. */
	EVENT_PART = 80,
	BEAT_TCP = 64, BEAT_IPC = 10, /* bytes a second of heartbeats, encrypted and not */
	DELIVERED_MAX = 256,
};

struct peer {
	bool open, fresh, cut;
	enum door door;
	char source[SOURCE_MAX];    /* "" until it is known */
	uint64_t mark;              /* of received_bytes, what has come out of libzmq as messages */
};

struct connections {
	struct engine_traffic *traffic;
	void *watches[DOOR_COUNT], *sockets[DOOR_COUNT];
	unsigned generation;
	int alarm_fd;
	int64_t look_ms;
	struct peer *peers;         /* by descriptor */
	size_t room;
	int delivered[DELIVERED_MAX]; /* descriptors that messages came from this turn */
	size_t delivered_count;
	bool any_fresh;
	bool suspect;               /* somebody may have left too much unfinished */
	struct rates sources, accounts;
};

/* --- open and close ---------------------------------------------------------------------------- */

struct connections *
connections_new(struct engine_traffic *traffic)
{
	struct connections *c = xcalloc(1, sizeof *c);

	c->traffic = traffic;
	c->alarm_fd = received_open(traffic->limits[LIMIT_UNREAD] / 4);
	if (c->alarm_fd >= 0)
		return c;
	free(c);
	return NULL;
}

void
connections_free(struct connections **p)
{
	struct connections *c = *p;

	if (!c)
		return;
	for (int door = 0; door < DOOR_COUNT; door++)
		connections_leave(c, (enum door)door);
	received_close(c->alarm_fd);
	free(c->peers);
	free(c);
	*p = NULL;
}

int
connections_watch(struct connections *c, void *zmq_context, void *socket, enum door door)
{
	char endpoint[40];

	/* libzmq gives a name back some time after it was used last. */
	snprintf(endpoint, sizeof endpoint, "inproc://door-%d-%u", (int)door, c->generation++);
	c->watches[door] = sockets_watch(zmq_context, socket, endpoint);
	c->sockets[door] = socket;
	return c->watches[door] ? 0 : -errno;
}

static bool
is_event(const struct peer *peer)
{
	return peer->door == DOOR_EVENT_IPC || peer->door == DOOR_EVENT_TCP;
}

static uint64_t
unread(const struct connections *c, size_t fd)
{
	const struct peer *peer = &c->peers[fd];
	uint64_t total = received_bytes((int)fd);

	return peer->open && !peer->cut && total > peer->mark ? total - peer->mark : 0;
}

static uint64_t
event_bytes(const struct connections *c)
{
	return c->traffic->limits[LIMIT_UNREAD] / EVENT_PART;
}

/* Set before its handshake ends, as a rule, for that asks the daemon. */
static void
set_cap(struct connections *c, int fd)
{
	const struct peer *peer = &c->peers[fd];

	received_cap(fd, peer->open && is_event(peer) ? peer->mark + event_bytes(c) : 0);
}

static void
peer_end(struct connections *c, struct peer *peer)
{
	c->traffic->open[peer->door]--;
	peer->open = false;
}

/* The socket stops telling first: its thread would wait for a listener that is gone. */
void
connections_leave(struct connections *c, enum door door)
{
	if (!c->watches[door])
		return;
	zmq_socket_monitor(c->sockets[door], NULL, 0);
	zmq_close(c->watches[door]);
	c->watches[door] = c->sockets[door] = NULL;
	for (size_t fd = 0; fd < c->room; fd++)
		if (c->peers[fd].open && c->peers[fd].door == door)
			peer_end(c, &c->peers[fd]);
}

size_t
connections_sockets(const struct connections *c, void **ret)
{
	size_t count = 0;

	for (int door = 0; door < DOOR_COUNT; door++)
		if (c->watches[door])
			ret[count++] = c->watches[door];
	return count;
}

int
connections_fd(const struct connections *c)
{
	return c->alarm_fd;
}

/* --- who comes and goes ------------------------------------------------------------------------ */

static struct peer *
peer_at(struct connections *c, int fd)
{
	if ((size_t)fd >= c->room) {
		size_t room = c->room ? c->room * 2 : 256;

		while (room <= (size_t)fd)
			room *= 2;
		struct peer *wider = xcalloc(room, sizeof *wider);

		if (c->room)
			memcpy(wider, c->peers, c->room * sizeof *wider);
		free(c->peers);
		c->peers = wider;
		c->room = room;
	}
	return &c->peers[fd];
}

static void
take_event(struct connections *c, enum door door, const struct socket_event *event,
           connection_ended *ended, void *context)
{
	if (event->fd < 0)
		return;
	struct peer *peer = peer_at(c, event->fd);

	if (peer->open) {
		c->traffic->exceeded[LIMIT_UNREAD] += is_event(peer) && !peer->cut &&
		                                      unread(c, (size_t)event->fd) >= event_bytes(c);
		peer_end(c, peer);
	}
	if (event->accepted) {
		*peer = (struct peer){ .open = true, .fresh = true, .door = door, .mark = received_bytes(event->fd) };
		c->traffic->open[door]++;
		c->traffic->accepted++;
		c->any_fresh = true;
	} else {
		ended(context, event->fd);
	}
	set_cap(c, event->fd);
}

/* false where the descriptor is no connection any more. */
static bool
find_source(int fd, char out[SOURCE_MAX])
{
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	struct ucred user;
	socklen_t len = sizeof address, user_len = sizeof user;

	if (getpeername(fd, (void *)&address, &len) < 0)
		return false;
	memset(out, 0, SOURCE_MAX);
	out[0] = (char)('a' + address.ss_family % 20);
	if (address.ss_family == AF_INET)
		memcpy(out + 1, &((struct sockaddr_in *)&address)->sin_addr, 4);
	else if (address.ss_family == AF_INET6)
		memcpy(out + 1, &((struct sockaddr_in6 *)&address)->sin6_addr, 16);
	else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &user_len) == 0)
		memcpy(out + 1, &user.uid, sizeof user.uid);
	return true;
}

static void
cut(struct connections *c, int fd, enum limit limit)
{
	c->peers[fd].cut = true;
	c->traffic->exceeded[limit]++;
	shutdown(fd, SHUT_RDWR);
}

/* A new one among all the others. */
static void
judge_fresh(struct connections *c, int fd, int64_t now_ms)
{
	struct peer *peer = &c->peers[fd];
	const uint64_t *limits = c->traffic->limits;
	size_t all = 1, same = 1;

	peer->fresh = false;
	if (!find_source(fd, peer->source))
		return;
	for (size_t i = 0; i < c->room; i++) {
		const struct peer *other = &c->peers[i];
		if (i == (size_t)fd || !other->open || other->cut || other->fresh)
			continue;
		all++;
		same += memcmp(other->source, peer->source, SOURCE_MAX) == 0;
	}
	if (fd >= RECEIVED_FDS_MAX || all > limits[LIMIT_CONNECTIONS])
		cut(c, fd, LIMIT_CONNECTIONS);
	else if (same > limits[LIMIT_SOURCE])
		cut(c, fd, LIMIT_SOURCE);
	else if (!rates_take(&c->sources, (struct text){ peer->source, SOURCE_MAX }, limits[LIMIT_RATE], now_ms))
		cut(c, fd, LIMIT_RATE);
}

/* All that the sockets have told is taken before anybody is judged: a descriptor may have gone to
 * somebody else in the meantime. */
static void
take_events(struct connections *c, int64_t now_ms, connection_ended *ended, void *context)
{
	struct socket_event event;

	for (int door = 0; door < DOOR_COUNT; door++)
		while (c->watches[door] && sockets_event(c->watches[door], &event))
			take_event(c, (enum door)door, &event, ended, context);
	for (size_t fd = 0; c->any_fresh && fd < c->room; fd++)
		if (c->peers[fd].open && c->peers[fd].fresh)
			judge_fresh(c, (int)fd, now_ms);
	c->any_fresh = false;
}

/* --- what is never finished -------------------------------------------------------------------- */

void
connections_delivered(struct connections *c, int fd, size_t wire_bytes)
{
	if (fd < 0 || (size_t)fd >= c->room)
		return;
	c->peers[fd].mark += wire_bytes;
	if (c->delivered_count < DELIVERED_MAX)
		c->delivered[c->delivered_count++] = fd;
}

/* Whose messages have all come out has nothing unread but the beginning of the next one: so what
 * was no message (handshake, heartbeats) is forgotten. Nobody gains by it twice: before another message
 * comes out, this one must end. */
static void
settle_delivered(struct connections *c, bool drained)
{
	for (size_t i = 0; drained && i < c->delivered_count; i++)
		c->peers[c->delivered[i]].mark = received_bytes(c->delivered[i]);
	c->delivered_count = 0;
}

/* What a connection may leave unfinished, and all of them together: the one with most goes. */
static void
judge_unread(struct connections *c, bool drained)
{
	uint64_t share = c->traffic->limits[LIMIT_UNREAD], all, most;
	uint64_t one = share * (drained ? 1 : BUSY_ONE), together = share * (drained ? UNREAD_SHARES : BUSY_SHARES);
	size_t worst = 0;

	do {
		all = most = 0;
		for (size_t fd = 0; fd < c->room; fd++) {
			uint64_t bytes = unread(c, fd);

			all += bytes;
			if (bytes > most) {
				most = bytes;
				worst = fd;
			}
		}
		if (most <= one && all <= together)
			return;
		log_fact(LOG_WARNING_, "connection-cut", LOG_NUMBER("unread_bytes", most),
		         LOG_WORD("transport", c->peers[worst].door % 2 ? "tcp" : "ipc"),
		         LOG_WORD("message", "it sends what never becomes a message"));
		cut(c, (int)worst, LIMIT_UNREAD);
	} while (most > 0);
}

/* Heartbeats come in as well and are no messages: what they amount to is forgiven. */
static void
forgive(struct peer *peer, int fd, int64_t ms)
{
	bool ipc = peer->door == DOOR_COMMAND_IPC || peer->door == DOOR_EVENT_IPC;
	uint64_t total = received_bytes(fd), bytes = (uint64_t)ms * (ipc ? BEAT_IPC : BEAT_TCP) / 1000;

	peer->mark = total < peer->mark + bytes ? total : peer->mark + bytes;
}

/* A connection that libzmq gives up without a word is missed here. */
static void
look_over(struct connections *c, int64_t ms, connection_ended *ended, void *context)
{
	char source[SOURCE_MAX];

	for (size_t fd = 0; fd < c->room; fd++) {
		struct peer *peer = &c->peers[fd];
		if (!peer->open)
			continue;
		forgive(peer, (int)fd, ms);
		set_cap(c, (int)fd);
		if (!find_source((int)fd, source) && errno != ENOTCONN) {
			peer_end(c, peer);
			ended(context, (int)fd);
		}
	}
}

void
connections_turn(struct connections *c, bool alarm, bool drained, int64_t now_ms,
                 connection_ended *ended, void *context)
{
	settle_delivered(c, drained);
	take_events(c, now_ms, ended, context);
	if (now_ms >= c->look_ms + LOOK_MS) {
		look_over(c, c->look_ms ? now_ms - c->look_ms : 0, ended, context);
		c->look_ms = now_ms;
		c->suspect = true;
	}
	if (alarm) {
		received_look(c->alarm_fd);
		c->suspect = true;
	}
	if (!c->suspect)
		return;
	judge_unread(c, drained);
	c->suspect = !drained;
}

bool
connections_admit(struct connections *c, struct text account, int64_t now_ms)
{
	if (rates_take(&c->accounts, account, c->traffic->limits[LIMIT_RATE], now_ms))
		return true;
	c->traffic->exceeded[LIMIT_RATE]++;
	return false;
}
