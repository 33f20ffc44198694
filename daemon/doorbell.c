/* The doorbell's PUB sockets: rung after commits, coalesced, with a heartbeat. */
#include "daemon/doorbell.h"

#include "daemon/log.h"
#include "daemon/sockets.h"
#include "daemon/zap.h"
#include "proto/date.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

enum {
	PAUSE_MS = 50,              /* at most 20 a second */
	HEARTBEAT_MS = 1000,
	RENEW_MS = 20,              /* until the old socket has given its address back */
	RENEW_PATIENCE = 250,       /* attempts until it is worth a warning */
};

struct doorbell {
	void *context, *ipc, *tcp;  /* all NULL while it is renewed */
	const struct server_key *key;
	const struct inherited *inherited;
	struct connections *connections;
	char *path, *events[ENDPOINTS_MAX];
	size_t event_count;
	bool ours;                  /* the file at `path` */
	unsigned attempts;
	uint64_t sequence;          /* the last published */
	int64_t rung_ms, renew_ms;
};

/* --- the sockets ------------------------------------------------------------------------------- */

static void
close_sockets(struct doorbell *d)
{
	connections_leave(d->connections, DOOR_EVENT_IPC);
	connections_leave(d->connections, DOOR_EVENT_TCP);
	if (d->ours)
		unlink(d->path);
	if (d->ipc)
		zmq_close(d->ipc);
	if (d->tcp)
		zmq_close(d->tcp);
	d->ours = false;
	d->ipc = d->tcp = NULL;
}

static bool
has_network(const struct doorbell *d)
{
	return d->event_count > 0 || (d->key && inherited_has(d->inherited, INHERITED_EVENT, true));
}

static int
bind_local(struct doorbell *d, struct buf *ret_why)
{
	int fault;

	if (inherited_has(d->inherited, INHERITED_EVENT, false))
		return sockets_adopt(d->ipc, d->inherited, INHERITED_EVENT, false, ret_why);
	fault = sockets_bind_ipc(d->ipc, d->path, ret_why);
	d->ours = fault == 0;
	return fault;
}

static int
bind_sockets(struct doorbell *d, struct buf *ret_why)
{
	int fault;

	if (!(d->ipc = sockets_publisher(d->context, ZAP_EVENT, NULL)) ||
	    connections_watch(d->connections, d->context, d->ipc, DOOR_EVENT_IPC) < 0 ||
	    (has_network(d) && (!(d->tcp = sockets_publisher(d->context, ZAP_TCP, d->key)) ||
	                        connections_watch(d->connections, d->context, d->tcp, DOOR_EVENT_TCP) < 0))) {
		fault = -errno;
		buf_printf(ret_why, "the doorbell can't be made: %s", zmq_strerror(-fault));
	} else if ((fault = bind_local(d, ret_why)) == 0 && d->tcp) {
		fault = sockets_adopt(d->tcp, d->inherited, INHERITED_EVENT, true, ret_why);
		for (size_t i = 0; fault == 0 && i < d->event_count; i++)
			fault = sockets_bind_tcp(d->tcp, d->events[i], ret_why);
	}
	if (fault < 0)
		close_sockets(d);
	return fault;
}

static char *
copy(const char *z)
{
	char *fresh = xcalloc(1, strlen(z) + 1);

	return strcpy(fresh, z);
}

int
doorbell_open(void *zmq_context, const struct config *config, const struct server_key *key,
              struct connections *connections, struct doorbell **ret, struct buf *ret_why)
{
	struct doorbell *d = xcalloc(1, sizeof *d);
	size_t size = strlen(config->run) + sizeof "/event";

	d->context = zmq_context;
	d->key = key;
	d->inherited = config->inherited;
	d->connections = connections;
	d->path = xcalloc(1, size);
	snprintf(d->path, size, "%s/event", config->run);
	while (key && d->event_count < config->event_count) {
		d->events[d->event_count] = copy(config->events[d->event_count]);
		d->event_count++;
	}
	int fault = bind_sockets(d, ret_why);

	if (fault < 0)
		doorbell_close(&d);
	else
		*ret = d;
	return fault;
}

void
doorbell_close(struct doorbell **p)
{
	struct doorbell *d = *p;

	if (!d)
		return;
	close_sockets(d);
	for (size_t i = 0; i < d->event_count; i++)
		free(d->events[i]);
	free(d->path);
	free(d);
	*p = NULL;
}

void
doorbell_renew(struct doorbell *d)
{
	close_sockets(d);
	d->attempts = 0;
	d->renew_ms = NONE;
}

/* libzmq gives an address back some time after the close. */
static void
try_again(struct doorbell *d, int64_t now_ms)
{
	struct buf why = { .len = 0 };

	if (d->renew_ms != NONE && now_ms < d->renew_ms)
		return;
	d->renew_ms = now_ms + RENEW_MS;
	if (bind_sockets(d, &why) < 0 && ++d->attempts % RENEW_PATIENCE == 0)
		log_fact(LOG_WARNING_, "doorbell-unbound", LOG_TEXT("error", buf_view(&why)));
	buf_free(&why);
}

/* --- ringing ----------------------------------------------------------------------------------- */

static void
publish(struct doorbell *d, uint64_t sequence, int64_t time_ms)
{
	void *sockets[] = { d->ipc, d->tcp };
	char time[TIME_LEN + 1], body[96];

	time_print(time_ms, time);
	int len = snprintf(body, sizeof body, "{\"sequence\":%llu,\"time\":\"%s\"}", (unsigned long long)sequence, time);

	for (size_t i = 0; i < countof(sockets); i++)
		if (sockets[i] && zmq_send(sockets[i], "sequence", 8, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0)
			zmq_send(sockets[i], body, (size_t)len, ZMQ_DONTWAIT);
	d->sequence = sequence;
}

static int64_t
due_ms(const struct doorbell *d, uint64_t sequence)
{
	return d->rung_ms + (sequence != d->sequence ? PAUSE_MS : HEARTBEAT_MS);
}

/* A little every turn, and not all at once with the next number. */
static void
take_subscriptions(const struct doorbell *d)
{
	void *sockets[] = { d->ipc, d->tcp };
	int events;
	size_t size = sizeof events;

	for (size_t i = 0; i < countof(sockets); i++)
		if (sockets[i])
			zmq_getsockopt(sockets[i], ZMQ_EVENTS, &events, &size);
}

void
doorbell_ring(struct doorbell *d, uint64_t sequence, int64_t time_ms, int64_t now_ms)
{
	if (!d->ipc)
		try_again(d, now_ms);
	else
		take_subscriptions(d);
	if (!d->ipc || now_ms < due_ms(d, sequence))
		return;
	publish(d, sequence, time_ms);
	d->rung_ms = now_ms;
}

int64_t
doorbell_next(const struct doorbell *d, uint64_t sequence, int64_t now_ms)
{
	int64_t left = (d->ipc ? due_ms(d, sequence) : d->renew_ms == NONE ? now_ms : d->renew_ms) - now_ms;

	return left > 0 ? left : 0;
}

void
doorbell_finish(struct doorbell *d, uint64_t sequence, int64_t time_ms)
{
	if (d->ipc && sequence != d->sequence)
		publish(d, sequence, time_ms);
}
