/* The listening sockets: options, ipc files, tcp endpoints. */
#include "daemon/sockets.h"

#include "proto/jsonrpc.h"

#include "daemon/zap.h"

#include <errno.h>
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

static const struct { int option, value; } options[] = {
	{ ENFORCE_ZAP_DOMAIN, 1 },
	{ ZMQ_ROUTER_MANDATORY, 1 },
	{ ZMQ_SNDTIMEO, 0 },
	{ ZMQ_RCVTIMEO, 0 },
	{ ZMQ_LINGER, 1000 },           /* answers on their way when the daemon stops */
	{ ZMQ_RCVHWM, 1024 },
	{ ZMQ_SNDHWM, 1024 },           /* more than a batch, so that one client may fill it */
	{ ZMQ_BACKLOG, 128 },
	{ ZMQ_HANDSHAKE_IVL, 3000 },
	{ ZMQ_HEARTBEAT_IVL, 10000 },
	{ ZMQ_HEARTBEAT_TIMEOUT, 30000 },
	{ ZMQ_HEARTBEAT_TTL, 60000 },
	{ ZMQ_TCP_KEEPALIVE, 1 },
	{ ZMQ_TCP_KEEPALIVE_IDLE, 60 },
	{ ZMQ_TCP_KEEPALIVE_INTVL, 10 },
	{ ZMQ_TCP_KEEPALIVE_CNT, 3 },
	{ ZMQ_TCP_MAXRT, 60000 },
	{ ZMQ_IPV6, 0 },
};

static bool
set_options(void *router, const char *zap_domain)
{
	int64_t bytes_max = FRAME_BYTES_MAX;

	for (size_t i = 0; i < countof(options); i++)
		if (zmq_setsockopt(router, options[i].option, &options[i].value, sizeof options[i].value) < 0)
			return false;
	return zmq_setsockopt(router, ZMQ_MAXMSGSIZE, &bytes_max, sizeof bytes_max) == 0 &&
	       zmq_setsockopt(router, ZMQ_ZAP_DOMAIN, zap_domain, strlen(zap_domain)) == 0;
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

void *
sockets_router(void *zmq_context, const char *zap_domain, const struct server_key *key)
{
	void *router = zmq_socket(zmq_context, ZMQ_ROUTER);

	if (!router)
		return NULL;
	if (set_options(router, zap_domain) && (!key || set_key(router, key)) && is_guarded(router, key))
		return router;
	int fault = errno;
	zmq_close(router);
	errno = fault;
	return NULL;
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
