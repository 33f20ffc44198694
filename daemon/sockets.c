/* The listening sockets: options, ipc files, tcp endpoints. */
#include "daemon/sockets.h"

#include "proto/jsonrpc.h"

#include "daemon/zap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

/* A draft option in the header, compiled into the library all the same. */
#define ENFORCE_ZAP_DOMAIN 93

/* Above the 256 KiB a request may have, so that one somewhat larger is refused with an answer
 * instead of a cut connection; far above that it is cut. */
#define FRAME_BYTES_MAX (2 * (int64_t)RPC_BYTES_MAX)

/* What a subscriber sends is the beginning of a topic; a handshake must fit as well. */
#define SUBSCRIPTION_BYTES_MAX ((int64_t)1024)

struct option { int option, value; };

static const struct option common_options[] = {
	{ ENFORCE_ZAP_DOMAIN, 1 },
	{ ZMQ_LINGER, 1000 },           /* answers on their way when the daemon stops */
	{ ZMQ_BACKLOG, 128 },
	{ ZMQ_HANDSHAKE_IVL, 3000 },
	/* libzmq 4.3.4 may abort the process where a connection that it had stopped reading ends. So it
	 * never stops (what a connection leaves unread is connections.c's to bound), and its own
	 * heartbeats stay off: dead peers are found by TCP's keepalive. */
	{ ZMQ_RCVHWM, 0 },
	{ ZMQ_HEARTBEAT_IVL, 0 },
	{ ZMQ_TCP_KEEPALIVE, 1 },
	{ ZMQ_TCP_KEEPALIVE_IDLE, 60 },
	{ ZMQ_TCP_KEEPALIVE_INTVL, 10 },
	{ ZMQ_TCP_KEEPALIVE_CNT, 3 },
	{ ZMQ_TCP_MAXRT, 60000 },
	{ ZMQ_IPV6, 0 },
};

static const struct option router_options[] = {
	{ ZMQ_ROUTER_MANDATORY, 1 },
	{ ZMQ_SNDTIMEO, 0 },
	{ ZMQ_RCVTIMEO, 0 },
	{ ZMQ_SNDHWM, 1024 },           /* more than a batch, so that one client may fill it */
};

/* Who does not read loses numbers, and nobody waits for him. */
static const struct option publisher_options[] = {
	{ ZMQ_SNDTIMEO, 0 },
	{ ZMQ_SNDHWM, 16 },
};

static bool
set_options(void *s, const struct option *options, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (zmq_setsockopt(s, options[i].option, &options[i].value, sizeof options[i].value) < 0)
			return false;
	return true;
}

static bool
set_key(void *router, const struct server_key *key)
{
	int one = 1;

	return zmq_setsockopt(router, ZMQ_CURVE_SERVER, &one, sizeof one) == 0 &&
	       zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, key->secret_key, 40) == 0;
}

/* Where this did not take, libzmq would let everybody in the moment the handler is gone. */
static bool
is_guarded(void *router, bool curve)
{
	int enforced = 0, mechanism = -1;
	size_t size = sizeof enforced, mechanism_size = sizeof mechanism;

	if (zmq_getsockopt(router, ENFORCE_ZAP_DOMAIN, &enforced, &size) < 0 ||
	    zmq_getsockopt(router, ZMQ_MECHANISM, &mechanism, &mechanism_size) < 0)
		return false;
	errno = EPROTO;
	return enforced == 1 && mechanism == (curve ? ZMQ_CURVE : ZMQ_NULL);
}

/* Of an open socket: every option set and seen to be in force. */
static bool
set_up(void *s, const char *zap_domain, const struct server_key *key, int64_t bytes_max)
{
	return set_options(s, common_options, countof(common_options)) &&
	       zmq_setsockopt(s, ZMQ_MAXMSGSIZE, &bytes_max, sizeof bytes_max) == 0 &&
	       zmq_setsockopt(s, ZMQ_ZAP_DOMAIN, zap_domain, strlen(zap_domain)) == 0 &&
	       (!key || set_key(s, key)) && is_guarded(s, key);
}

/* NULL, with errno as it is. */
static void *
give_up(void *s)
{
	int fault = errno;

	if (s)
		zmq_close(s);
	errno = fault;
	return NULL;
}

void *
sockets_router(void *zmq_context, const char *zap_domain, const struct server_key *key)
{
	void *s = zmq_socket(zmq_context, ZMQ_ROUTER);

	return s && set_options(s, router_options, countof(router_options)) &&
	       set_up(s, zap_domain, key, FRAME_BYTES_MAX) ? s : give_up(s);
}

void *
sockets_publisher(void *zmq_context, const char *zap_domain, const struct server_key *key)
{
	void *s = zmq_socket(zmq_context, ZMQ_PUB);

	return s && set_options(s, publisher_options, countof(publisher_options)) &&
	       set_up(s, zap_domain, key, SUBSCRIPTION_BYTES_MAX) ? s : give_up(s);
}

/* libzmq would take the file away from under a daemon that still serves. */
static bool
somebody_listens(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool yes = fd >= 0 && (connect(fd, (const void *)address, sizeof *address) == 0 || errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return yes;
}

static int
check_place(const char *path, struct buf *ret_why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat st;

	if (strlen(path) >= sizeof address.sun_path) {
		buf_printf(ret_why, "%s: the path of a local socket may have at most %zu characters; "
		           "use a shorter --run folder", path, sizeof address.sun_path - 1);
		return -ENAMETOOLONG;
	}
	strcpy(address.sun_path, path);
	if (lstat(path, &st) < 0)
		return 0;
	if (!S_ISSOCK(st.st_mode)) {
		buf_printf(ret_why, "%s: something that is no socket stands there; take it away", path);
		return -EEXIST;
	}
	if (somebody_listens(&address)) {
		buf_printf(ret_why, "%s: another daemon serves there; use another --run folder", path);
		return -EADDRINUSE;
	}
	return 0;
}

int
sockets_bind_ipc(void *router, const char *path, struct buf *ret_why)
{
	char endpoint[sizeof "ipc://" + sizeof ((struct sockaddr_un *)0)->sun_path];
	int fault = check_place(path, ret_why);

	if (fault < 0)
		return fault;
	snprintf(endpoint, sizeof endpoint, "ipc://%s", path);
	mode_t mask = umask(0117);
	if (zmq_bind(router, endpoint) < 0) {
		fault = -errno;
		buf_printf(ret_why, "%s: %s", endpoint, zmq_strerror(-fault));
	}
	umask(mask);
	return fault;
}

/* libzmq cuts a port above 65535 down to some other, and would bind the socket to anything. */
static bool
is_tcp(const char *endpoint)
{
	const char *colon = strrchr(endpoint, ':');
	char *end;

	if (strncmp(endpoint, "tcp://", 6) != 0 || colon <= endpoint + 6 || colon[1] < '0' || colon[1] > '9')
		return false;
	unsigned long port = strtoul(colon + 1, &end, 10);
	return *end == '\0' && port >= 1 && port <= 65535;
}

int
sockets_bind_tcp(void *router, const char *endpoint, struct buf *ret_why)
{
	int fault;

	if (is_tcp(endpoint) && zmq_bind(router, endpoint) == 0)
		return 0;
	fault = is_tcp(endpoint) ? -errno : -EINVAL;
	buf_printf(ret_why, "%s: %s; an endpoint is tcp://ADDRESS:PORT, with an address of this machine",
	           endpoint, zmq_strerror(-fault));
	return fault;
}

/* The socket closes what it is given, so it gets a descriptor of its own; the address is not asked. */
static int
adopt(void *router, int listener, bool tcp)
{
	int fd = fcntl(listener, F_DUPFD_CLOEXEC, 0), none = -1, fault = 0;

	if (fd < 0 || zmq_setsockopt(router, ZMQ_USE_FD, &fd, sizeof fd) < 0 ||
	    zmq_bind(router, tcp ? "tcp://*:1" : "ipc:///passed") < 0) {
		fault = -errno;
		if (fd >= 0)
			close(fd);
	}
	zmq_setsockopt(router, ZMQ_USE_FD, &none, sizeof none);
	return fault;
}

int
sockets_adopt(void *router, const struct inherited *in, enum inherited_use use, bool tcp, struct buf *ret_why)
{
	int fault = 0;

	for (size_t i = 0; in && i < in->count && fault == 0; i++)
		if (in->items[i].use == use && in->items[i].tcp == tcp &&
		    (fault = adopt(router, in->items[i].fd, tcp)) < 0)
			buf_printf(ret_why, "a socket passed at the start can't be served: %s", zmq_strerror(-fault));
	return fault;
}

void *
sockets_watch(void *zmq_context, void *router, const char *endpoint)
{
	void *watch = zmq_socket(zmq_context, ZMQ_PAIR);
	int zero = 0;

	/* Without a bound: a full one would stop the thread that serves all connections. */
	return watch && zmq_setsockopt(watch, ZMQ_RCVHWM, &zero, sizeof zero) == 0 &&
	       zmq_setsockopt(watch, ZMQ_LINGER, &zero, sizeof zero) == 0 &&
	       zmq_socket_monitor(router, endpoint, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED) == 0 &&
	       zmq_connect(watch, endpoint) == 0 ? watch : give_up(watch);
}

/* An event is a frame of six bytes (number, value), then its endpoint. */
bool
sockets_event(void *watch, struct socket_event *ret)
{
	uint8_t bytes[6], endpoint;
	uint16_t event;
	int32_t fd;

	if (zmq_recv(watch, bytes, sizeof bytes, ZMQ_DONTWAIT) != (int)sizeof bytes)
		return false;
	zmq_recv(watch, &endpoint, sizeof endpoint, ZMQ_DONTWAIT);
	memcpy(&event, bytes, sizeof event);
	memcpy(&fd, bytes + 2, sizeof fd);
	*ret = (struct socket_event){ event == ZMQ_EVENT_ACCEPTED, fd };
	return true;
}
