/* The ZAP handler: every handshake is decided here, and a stranger's is tried at start. */
#include "daemon/zap.h"

#include "daemon/clock.h"
#include "daemon/message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <zmq.h>

#define ENDPOINT "inproc://zeromq.zap.01"

/* Version, request id, domain, address, routing id, mechanism, then the mechanism's credentials. */
enum frame { VERSION, REQUEST, DOMAIN_, ADDRESS, ROUTING_ID, MECHANISM, KEY, FRAMES_MAX };
enum { FRAME_BYTES_MAX = 255, SELF_TEST_MS = 3000 };

struct handshake {
	struct { size_t len; char bytes[FRAME_BYTES_MAX]; } frames[FRAMES_MAX];
	size_t count;
	bool good;                  /* no frame too many, none too long */
};

static bool
frame_is(const struct handshake *h, enum frame frame, const char *z)
{
	return frame < h->count && text_is((struct text){ h->frames[frame].bytes, h->frames[frame].len }, z);
}

/* Takes one request off the socket, all of it. false where none waits. */
static bool
receive(void *zap, struct handshake *h)
{
	zmq_msg_t frame;
	bool more = true;

	h->count = 0;
	h->good = true;
	for (bool first = true; more; first = false) {
		zmq_msg_init(&frame);
		if (zmq_msg_recv(&frame, zap, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&frame);
			h->good = false;
			return !first;
		}
		size_t len = zmq_msg_size(&frame);
		if (h->count < FRAMES_MAX && len <= FRAME_BYTES_MAX) {
			memcpy(h->frames[h->count].bytes, zmq_msg_data(&frame), len);
			h->frames[h->count++].len = len;
		} else {
			h->good = false;
		}
		more = zmq_msg_more(&frame);
		zmq_msg_close(&frame);
	}
	return true;
}

/* The kernel's word of who is at the other end of a local socket. */
static const struct account *
local_account(const struct handshake *h, const struct access *access)
{
	char address[FRAME_BYTES_MAX + 1] = "";
	uint32_t uid;

	if (h->count <= ADDRESS)
		return NULL;
	memcpy(address, h->frames[ADDRESS].bytes, h->frames[ADDRESS].len);
	return message_uid(address, &uid) ? access_by_uid(access, uid) : NULL;
}

/* Fills the User-Id where the handshake is let in, and the account where it is known by now. */
static bool
admitted(const struct handshake *h, const struct access *access, char user[KEY_Z85 + 1],
         const struct account **ret_account)
{
	*ret_account = NULL;
	if (!h->good || !frame_is(h, VERSION, "1.0"))
		return false;
	if (frame_is(h, DOMAIN_, ZAP_TCP) && frame_is(h, MECHANISM, "CURVE")) {
		const uint8_t *key = (const uint8_t *)h->frames[KEY].bytes;
		return h->count == KEY + 1 && h->frames[KEY].len == KEY_BYTES &&
		       (*ret_account = access_by_key(access, key)) && zmq_z85_encode(user, key, KEY_BYTES);
	}
	strcpy(user, "local");
	if (!frame_is(h, MECHANISM, "NULL") || h->count != MECHANISM + 1)
		return false;
	*ret_account = local_account(h, access);
	return frame_is(h, DOMAIN_, ZAP_IPC) || (frame_is(h, DOMAIN_, ZAP_EVENT) && *ret_account);
}

enum fate { LET_IN, PUT_OFF, REFUSED };

static void
reply(void *zap, const struct handshake *h, enum fate fate, const char *user)
{
	static const struct { struct text code, words; } fates[] = {
		[LET_IN] = { { "200", 3 }, { "OK", 2 } },
		[PUT_OFF] = { { "300", 3 }, { "too many connections a second", 29 } },
		[REFUSED] = { { "400", 3 }, { "no such account", 15 } },
	};
	struct text request = h->count > REQUEST ?
		(struct text){ h->frames[REQUEST].bytes, h->frames[REQUEST].len } : TEXT("");
	const struct text frames[] = {
		TEXT("1.0"), request, fates[fate].code, fates[fate].words,
		fate == LET_IN ? text_of(user) : TEXT(""), TEXT(""),
	};

	for (size_t i = 0; i < countof(frames); i++)
		zmq_send(zap, frames[i].ptr, frames[i].len, ZMQ_DONTWAIT | (i + 1 < countof(frames) ? ZMQ_SNDMORE : 0));
}

unsigned
zap_serve(void *zap, const struct access *access, struct connections *connections, unsigned limit)
{
	struct handshake h;
	char user[KEY_Z85 + 1];
	const struct account *account;
	unsigned refused = 0;

	while (limit-- > 0 && receive(zap, &h)) {
		bool yes = admitted(&h, access, user, &account);
		bool often = yes && account && connections &&
		             !connections_admit(connections, account->actor.account, clock_monotonic_ms());
		reply(zap, &h, often ? PUT_OFF : yes ? LET_IN : REFUSED, user);
		refused += !yes;
	}
	return refused;
}

void *
zap_open(void *zmq_context)
{
	void *zap = zmq_socket(zmq_context, ZMQ_REP);
	int zero = 0;

	if (!zap)
		return NULL;
	if (zmq_setsockopt(zap, ZMQ_LINGER, &zero, sizeof zero) < 0 || zmq_bind(zap, ENDPOINT) < 0) {
		int fault = errno;
		zmq_close(zap);
		errno = fault;
		return NULL;
	}
	return zap;
}

/* --- the self-test ----------------------------------------------------------------------------- */

/* A client with a fresh key pair and, on *ret_monitor, what becomes of its handshake. */
static void *
stranger_connect(void *zmq_context, const char *endpoint, const char *server_key, void **ret_monitor)
{
	static const char events[] = "inproc://stranger";
	char public_key[41], secret_key[41];
	int zero = 0, never = -1;
	void *client = zmq_socket(zmq_context, ZMQ_DEALER);

	*ret_monitor = zmq_socket(zmq_context, ZMQ_PAIR);
	if (client && *ret_monitor && zmq_curve_keypair(public_key, secret_key) == 0 &&
	    zmq_setsockopt(client, ZMQ_CURVE_SERVERKEY, server_key, 40) == 0 &&
	    zmq_setsockopt(client, ZMQ_CURVE_PUBLICKEY, public_key, 40) == 0 &&
	    zmq_setsockopt(client, ZMQ_CURVE_SECRETKEY, secret_key, 40) == 0 &&
	    zmq_setsockopt(client, ZMQ_LINGER, &zero, sizeof zero) == 0 &&
	    zmq_setsockopt(client, ZMQ_RECONNECT_IVL, &never, sizeof never) == 0 &&
	    zmq_setsockopt(*ret_monitor, ZMQ_LINGER, &zero, sizeof zero) == 0 &&
	    zmq_socket_monitor(client, events, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
	                       ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL) == 0 &&
	    zmq_connect(*ret_monitor, events) == 0 && zmq_connect(client, endpoint) == 0)
		return client;
	int fault = errno;
	if (client)
		zmq_close(client);
	if (*ret_monitor)
		zmq_close(*ret_monitor);
	errno = fault;
	return NULL;
}

/* The event's number and value come in one frame of six bytes, its endpoint in a second. */
static int
stranger_fate(void *monitor)
{
	uint8_t bytes[6];
	uint16_t event;
	uint32_t value;

	if (zmq_recv(monitor, bytes, sizeof bytes, ZMQ_DONTWAIT) != (int)sizeof bytes)
		return -EPROTO;
	memcpy(&event, bytes, sizeof event);
	memcpy(&value, bytes + 2, sizeof value);
	return event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && value == 400 ? 0 :
	       event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED ? -EPERM : -EPROTO;
}

/* Serves the handler until the stranger's fate is known. */
static int
watch_stranger(void *zap, const struct access *access, void *monitor)
{
	zmq_pollitem_t items[] = { { zap, 0, ZMQ_POLLIN, 0 }, { monitor, 0, ZMQ_POLLIN, 0 } };

	while (zmq_poll(items, countof(items), SELF_TEST_MS) > 0) {
		if (items[0].revents)
			zap_serve(zap, access, NULL, 1);
		if (items[1].revents)
			return stranger_fate(monitor);
	}
	return -ETIMEDOUT;
}

int
zap_self_test(void *zmq_context, void *zap, const struct access *access, void *router,
              const char *public_key)
{
	char endpoint[64];
	uint64_t name;
	void *monitor = NULL, *client;
	int result;

	if (getrandom(&name, sizeof name, 0) != (ssize_t)sizeof name)
		return -EIO;
	snprintf(endpoint, sizeof endpoint, "ipc://@ocopd-self-test-%016llx", (unsigned long long)name);
	if (zmq_bind(router, endpoint) < 0)
		return -errno;
	if (!(client = stranger_connect(zmq_context, endpoint, public_key, &monitor))) {
		result = -errno;
	} else {
		result = watch_stranger(zap, access, monitor);
		zmq_socket_monitor(client, NULL, 0);
		zmq_close(client);
		zmq_close(monitor);
	}
	if (zmq_unbind(router, endpoint) < 0 && result == 0)
		result = -errno;
	return result;
}
