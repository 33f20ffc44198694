/* The loop: wait, take a batch off the sockets, have it decided, answer, let the clock act. */
#include "daemon/reactor.h"

#include "daemon/clock.h"
#include "daemon/connections.h"
#include "daemon/doorbell.h"
#include "daemon/log.h"
#include "daemon/message.h"
#include "daemon/notify.h"
#include "daemon/sockets.h"
#include "daemon/turns.h"
#include "daemon/waits.h"
#include "daemon/zap.h"
#include "proto/jsonrpc.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

enum {
	BATCH_BYTES_MAX = 8 * 1024 * 1024,
	HANDSHAKES_MAX = 64,            /* a turn */
	TICKS_MAX = 100,                /* clock events a turn */
	ANSWER_KEPT_BYTES = 64 * 1024,  /* a larger buffer is given back */
	TURN_MS = 1000,
	STUCK_MS = 100,
	STOP_MS = 250, REFUSE_MS = 500, STOP_QUIET_MS = 50,
	SOCKETS_MAX = 32,
};

enum item { ITEM_SIGNAL, ITEM_ACCESS, ITEM_ZAP, ITEM_UNREAD, ITEM_IPC, ITEM_TCP, ITEM_DOORS, ITEM_MAX = ITEM_DOORS + DOOR_COUNT };

struct reactor {
	struct engine *engine;
	struct access *access;
	struct engine_traffic *traffic;
	int signal_fd;
	struct arena *arena;
	void *context, *zap, *ipc, *tcp;
	struct connections *connections;
	const char *ipc_path;       /* ours to take away */
	struct waits *waits;
	struct doorbell *doorbell;
	struct notify_pulse pulse;
	reactor_reload *reload;
	void *reload_context;
	struct buf not_reloaded;    /* why, if the last time */
	bool stopping, too_late, rested;
	int64_t busy_ms, due_ms;    /* when something last came; the clock event that was due last turn */
	bool drained;               /* no whole message is left in the sockets */
	struct turns *turns;
	struct turn taken[TURN_MAX];
	struct buf answers[TURN_MAX];
	struct engine_request requests[TURN_MAX];
};

/* --- one batch --------------------------------------------------------------------------------- */

/* Asked anew for every message: an account that is gone has no more rights on an open connection. */
static const struct account *
sender(void *context, const struct message *m)
{
	const struct reactor *r = context;
	uint8_t key[KEY_BYTES];
	uint32_t uid;

	if (m->router == r->tcp)
		return strlen(m->user_id) == KEY_Z85 && zmq_z85_decode(key, m->user_id) ?
		       access_by_key(r->access, key) : NULL;
	return message_uid(m->peer_address, &uid) ? access_by_uid(r->access, uid) : NULL;
}

/* What waits now, the two sockets in turn, never waiting for more. */
static void
collect(struct reactor *r)
{
	void *routers[] = { r->ipc, r->tcp };
	struct message *room;
	uint64_t frames_max = r->traffic->limits[LIMIT_FRAMES];

	while ((routers[0] || routers[1]) && turns_bytes(r->turns) < BATCH_BYTES_MAX)
		for (size_t i = 0; i < countof(routers); i++) {
			if (!routers[i])
				continue;
			if (!(room = turns_room(r->turns))) {
				r->drained = false;
				return;
			}
			if (!message_receive(routers[i], i == 1, room, frames_max, &r->traffic->dropped)) {
				routers[i] = NULL;
				continue;
			}
			connections_delivered(r->connections, room->fd, room->wire_bytes);
			turns_add(r->turns);
		}
	r->drained = !routers[0] && !routers[1];
}

static void
ended(void *context, int fd)
{
	struct reactor *r = context;

	waits_drop(r->waits, fd);
}

/* Behind collect, so that a descriptor can't be taken for a later connection's. */
static void
look_after_connections(struct reactor *r, bool alarm)
{
	connections_turn(r->connections, alarm, r->drained, clock_monotonic_ms(), ended, r);
}

static void
answer_wrong(struct reactor *r, struct buf *answer, enum detail wrong)
{
	char frames[24];
	struct refusal refusal = { .error = E_REQUEST, .detail = wrong };

	if (wrong == D_FRAMES) {
		snprintf(frames, sizeof frames, "%llu", (unsigned long long)r->traffic->limits[LIMIT_FRAMES]);
		refusal.expect = text_of(frames);
		r->traffic->exceeded[LIMIT_FRAMES]++;
	}

	rpc_error(answer, TEXT("null"), &refusal, LANG_EN);
}

static int
decide(struct reactor *r, size_t count, int64_t now_ms)
{
	size_t requests = 0;

	for (size_t i = 0; i < count; i++) {
		const struct message *m = r->taken[i].message;
		if (m->wrong != DETAIL_NONE)
			answer_wrong(r, &r->answers[i], m->wrong);
		else
			r->requests[requests++] = (struct engine_request){
				.account = r->taken[i].account, .frame = message_body(m), .answer = &r->answers[i],
				.may_wait = !r->too_late, .too_late = r->too_late,
			};
	}
	return requests ? engine_decide(r->engine, r->requests, requests, now_ms) : 0;
}

static void
send_answer(struct reactor *r, struct message *m, struct buf *answer)
{
	r->traffic->unsendable += !message_answer(m, buf_view(answer));
}

static void
clear_answer(struct buf *answer)
{
	if (answer->cap > ANSWER_KEPT_BYTES)
		buf_free(answer);
	else
		buf_clear(answer);
}

static void
answer(struct reactor *r, size_t count)
{
	const struct engine_request *request = r->requests;
	int64_t now_ms = clock_monotonic_ms();

	for (size_t i = 0; i < count; i++) {
		struct message *m = r->taken[i].message;
		const struct engine_request *asked = m->wrong == DETAIL_NONE ? request++ : NULL;
		bool held = asked && asked->held;
		if (held && waits_hold(r->waits, m, asked, now_ms))
			continue;
		r->traffic->exceeded[LIMIT_WAITS] += held;
		send_answer(r, m, &r->answers[i]);
	}
}

/* Nobody waits for the store: the answers are on disk before it is committed. *ret_count: how many
 * messages were taken. */
static int
serve(struct reactor *r, bool alarm, size_t *ret_count)
{
	int64_t start_us = clock_work_us();
	size_t put_off;

	collect(r);
	look_after_connections(r, alarm);
	size_t count = turns_take(r->turns, sender, r, r->taken, &put_off);
	int fault = decide(r, count, clock_wall_ms());

	r->traffic->exceeded[LIMIT_IN_FLIGHT] += put_off;
	if (fault == 0)
		answer(r, count);
	for (size_t i = 0; i < count; i++)
		clear_answer(&r->answers[i]);
	turns_done(r->turns, clock_work_us() - start_us);
	r->traffic->waiting = waits_count(r->waits);
	*ret_count = count;
	return fault < 0 ? fault : engine_settle(r->engine);
}

/* Asks again for those who wait and may be told something now; `last`: for all, and none waits on.
 * Returns how many there were, or < 0. */
static int
serve_waits(struct reactor *r, bool last)
{
	struct wait *waits[TURN_MAX];
	int64_t now_ms = clock_monotonic_ms();
	size_t count = waits_take(r->waits, engine_sequence(r->engine), engine_stirred(r->engine), now_ms, last,
	                          waits, TURN_MAX);

	for (size_t i = 0; i < count; i++)
		r->requests[i] = (struct engine_request){
			.account = sender(r, &waits[i]->message), .frame = message_body(&waits[i]->message),
			.answer = &r->answers[i], .may_wait = !last && now_ms < waits[i]->until_ms,
			.resume = waits[i]->resume, .known = waits[i]->known,
		};
	int fault = count > 0 ? engine_decide(r->engine, r->requests, count, clock_wall_ms()) : 0;

	for (size_t i = 0; i < count; i++) {
		if (fault == 0 && r->requests[i].held) {
			waits_keep(r->waits, waits[i], &r->requests[i]);
		} else {
			if (fault == 0)
				send_answer(r, &waits[i]->message, &r->answers[i]);
			waits_end(waits[i]);
		}
		clear_answer(&r->answers[i]);
	}
	r->traffic->waiting = waits_count(r->waits);
	if (fault == 0)
		fault = engine_settle(r->engine);
	return fault < 0 ? fault : (int)count;
}

/* --- the loop ---------------------------------------------------------------------------------- */

static long
wait_ms(struct reactor *r)
{
	int64_t next = engine_next(r->engine), left;
	bool stuck = next == r->due_ms;

	r->due_ms = NONE;
	if (engine_prepare(r->engine) || turns_count(r->turns) > 0)
		return 0;
	if (next == NONE)
		return TURN_MS;
	left = next - clock_wall_ms();
	if (left > 0)
		return left < TURN_MS ? (long)left : TURN_MS;
	/* Due, and due again after a tick: many at one moment, or a full disk. */
	r->due_ms = next;
	return stuck ? STUCK_MS : 0;
}

static long
sooner(long a, int64_t b)
{
	return b != NONE && b < a ? (long)b : a;
}

static long
poll_ms(struct reactor *r)
{
	uint64_t sequence = engine_sequence(r->engine);
	int64_t now_ms = clock_monotonic_ms();
	long ms = wait_ms(r);

	ms = sooner(sooner(ms, waits_next(r->waits, sequence, now_ms)), notify_pulse_next(&r->pulse, now_ms));
	return sooner(ms, doorbell_next(r->doorbell, sequence, now_ms));
}

/* --- what the service manager hears ------------------------------------------------------------ */

/* In one line; `out` is empty before. */
static struct text
status(const struct reactor *r, struct buf *out)
{
	size_t broken = access_broken_count(r->access);

	buf_printf(out, "serving: last event %llu, accounts %zu", (unsigned long long)engine_sequence(r->engine),
	           access_count(r->access));
	if (broken > 0)
		buf_printf(out, " (%zu broken)", broken);
	if (r->not_reloaded.len > 0)
		buf_printf(out, "; the programme was NOT reloaded: %.*s", TEXT_ARG(buf_view(&r->not_reloaded)));
	return buf_view(out);
}

static void
tell_status(struct reactor *r, void (*tell)(struct text))
{
	struct buf line = { .len = 0 };

	tell(status(r, &line));
	buf_free(&line);
}

static void
pulse(struct reactor *r)
{
	struct buf line = { .len = 0 };
	int64_t now_ms = clock_monotonic_ms();

	if (notify_pulse_next(&r->pulse, now_ms) == 0)
		notify_pulse(&r->pulse, now_ms, status(r, &line));
	buf_free(&line);
}

static void
accounts_changed(struct reactor *r)
{
	doorbell_renew(r->doorbell);
	waits_widen(r->waits);
}

static void
read_again(struct reactor *r)
{
	struct buf why = { .len = 0 };
	bool good;

	notify_reloading();
	good = !r->reload || r->reload(r->reload_context, &why) == 0;
	buf_clear(&r->not_reloaded);
	if (!good)
		buf_text(&r->not_reloaded, buf_view(&why));
	buf_free(&why);
	access_reload(r->access);
	accounts_changed(r);
	tell_status(r, notify_reloaded);
}

/* --- turns ------------------------------------------------------------------------------------- */

static void
take_signals(struct reactor *r)
{
	struct signalfd_siginfo info;

	while (read(r->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGHUP) {
			read_again(r);
		} else {
			log_fact(LOG_INFO_, "stopping", LOG_NUMBER("signal", info.ssi_signo));
			r->stopping = true;
		}
	}
}

/* Quiet for a whole turn: a good moment to make the store whole. */
static int
rest(struct reactor *r)
{
	if (r->rested || clock_monotonic_ms() - r->busy_ms < TURN_MS)
		return 0;
	r->rested = true;
	return engine_rest(r->engine);
}

/* Waits for something to do. `items` by enum item; how many are ready, or < 0. */
static int
wait_for(struct reactor *r, zmq_pollitem_t items[ITEM_MAX])
{
	void *doors[DOOR_COUNT];
	size_t count = connections_sockets(r->connections, doors);
	zmq_pollitem_t own[ITEM_DOORS] = {
		[ITEM_SIGNAL] = { NULL, r->signal_fd, ZMQ_POLLIN, 0 },
		[ITEM_ACCESS] = { NULL, access_fd(r->access), ZMQ_POLLIN, 0 },
		[ITEM_ZAP] = { r->zap, 0, ZMQ_POLLIN, 0 },
		[ITEM_UNREAD] = { NULL, connections_fd(r->connections), ZMQ_POLLIN, 0 },
		[ITEM_IPC] = { r->ipc, 0, ZMQ_POLLIN, 0 },
		[ITEM_TCP] = { r->tcp ? r->tcp : r->ipc, 0, ZMQ_POLLIN, 0 },
	};

	memcpy(items, own, sizeof own);
	for (size_t i = 0; i < count; i++)
		items[ITEM_DOORS + i] = (zmq_pollitem_t){ doors[i], 0, ZMQ_POLLIN, 0 };
	int ready = zmq_poll(items, (int)(ITEM_DOORS + count), poll_ms(r));

	return ready >= 0 ? ready : errno == EINTR ? 0 : -errno;
}

static int
turn(struct reactor *r)
{
	zmq_pollitem_t items[ITEM_MAX];
	int64_t due_ms = engine_next(r->engine);
	size_t count = 0;
	int fault, ready = wait_for(r, items);

	if (ready < 0)
		return ready;
	if (items[ITEM_SIGNAL].revents)
		take_signals(r);
	/* Also in a quiet turn: a folder that was taken away and put back tells nothing. */
	if ((items[ITEM_ACCESS].revents || ready == 0) && access_refresh(r->access))
		accounts_changed(r);
	bool alarm = items[ITEM_UNREAD].revents;

	if (!alarm && !items[ITEM_IPC].revents && !items[ITEM_TCP].revents && turns_count(r->turns) == 0)
		look_after_connections(r, false);
	else if ((fault = serve(r, alarm, &count)) < 0)
		return fault;
	/* Behind the look: who shakes hands is known to be connected by then. */
	if (items[ITEM_ZAP].revents)
		r->traffic->handshakes_refused += zap_serve(r->zap, r->access, r->connections, HANDSHAKES_MAX);
	if ((fault = engine_tick(r->engine, clock_wall_ms(), TICKS_MAX)) < 0 || (fault = serve_waits(r, false)) < 0)
		return fault;
	engine_room(r->engine, clock_monotonic_ms());
	doorbell_ring(r->doorbell, engine_sequence(r->engine), engine_time(r->engine, clock_wall_ms()), clock_monotonic_ms());
	if (count > 0 || engine_next(r->engine) != due_ms) {
		r->busy_ms = clock_monotonic_ms();
		r->rested = false;
	}
	if ((fault = rest(r)) == 0)
		pulse(r);
	return fault;
}

/* Serves what comes until nothing has come for `quiet_ms`, or for `limit_ms`. */
static int
drain(struct reactor *r, int64_t limit_ms, long quiet_ms)
{
	zmq_pollitem_t items[] = { { r->ipc, 0, ZMQ_POLLIN, 0 }, { r->tcp, 0, ZMQ_POLLIN, 0 } };
	int64_t until_ms = clock_monotonic_ms() + limit_ms;
	size_t count;
	int fault = 0;

	while (fault == 0 && clock_monotonic_ms() < until_ms &&
	       (turns_count(r->turns) > 0 || zmq_poll(items, r->tcp ? 2 : 1, quiet_ms) > 0))
		fault = serve(r, false, &count);
	return fault;
}

/* No handshake is answered any more, so nobody new gets in. What is here by now was accepted and is
 * served; what comes behind it is told that it is too late. Who waits is answered last: he would
 * ask again at once. */
static int
finish(struct reactor *r)
{
	int fault = drain(r, STOP_MS, 0);

	r->too_late = true;
	if (fault < 0 || (fault = drain(r, REFUSE_MS, STOP_QUIET_MS)) < 0)
		return fault;
	doorbell_finish(r->doorbell, engine_sequence(r->engine), engine_time(r->engine, clock_wall_ms()));
	while ((fault = serve_waits(r, true)) > 0)
		;
	return fault;
}

int
reactor_run(struct reactor *r)
{
	int fault;

	r->busy_ms = clock_monotonic_ms();
	r->due_ms = NONE;
	tell_status(r, notify_ready);
	while (!r->stopping)
		if ((fault = turn(r)) < 0)
			return fault;
	notify_stopping();
	return finish(r);
}

void
reactor_on_reload(struct reactor *r, reactor_reload *reload, void *context)
{
	r->reload = reload;
	r->reload_context = context;
}

/* --- open and close ---------------------------------------------------------------------------- */

/* Before the context is made: its threads inherit the mask. */
static int
open_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -1;
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* libzmq draws routing ids and delays from rand() and never seeds it: they would be the same after
 * every start, for everybody to know. */
static bool
seed(void)
{
	unsigned value;

	if (getrandom(&value, sizeof value, 0) != (ssize_t)sizeof value)
		return false;
	srand(value);
	return true;
}

static int
open_sockets(struct reactor *r, const struct server_key *key, struct buf *ret_why)
{
	if ((r->signal_fd = open_signals()) < 0 || !(r->context = zmq_ctx_new()) ||
	    zmq_ctx_set(r->context, ZMQ_MAX_SOCKETS, SOCKETS_MAX) < 0 || !seed() ||
	    !(r->zap = zap_open(r->context)) || !(r->ipc = sockets_router(r->context, ZAP_IPC, NULL)) ||
	    !(r->connections = connections_new(r->traffic)) ||
	    connections_watch(r->connections, r->context, r->ipc, DOOR_COMMAND_IPC) < 0 ||
	    (key && (!(r->tcp = sockets_router(r->context, ZAP_TCP, key)) ||
	             connections_watch(r->connections, r->context, r->tcp, DOOR_COMMAND_TCP) < 0))) {
		int fault = -errno;
		buf_printf(ret_why, "the sockets can't be made: %s", zmq_strerror(-fault));
		return fault;
	}
	return 0;
}

static int
bind_local(struct reactor *r, const struct config *config, struct buf *ret_why)
{
	const char *path = arena_printf(r->arena, "%s/command", config->run).ptr;
	int fault;

	if (inherited_has(config->inherited, INHERITED_COMMAND, false))
		return sockets_adopt(r->ipc, config->inherited, INHERITED_COMMAND, false, ret_why);
	mode_t mask = umask(0027);

	/* What is wrong with the folder, if anything, the bind will tell. */
	mkdir(config->run, 0750);
	umask(mask);
	if ((fault = sockets_bind_ipc(r->ipc, path, ret_why)) == 0)
		r->ipc_path = path;
	return fault;
}

static int
bind_network(struct reactor *r, const struct config *config, const struct server_key *key, struct buf *ret_why)
{
	int fault = zap_self_test(r->context, r->zap, r->access, r->tcp, key->public_key);

	if (fault < 0)
		buf_printf(ret_why, "the self-test failed, so the network stays closed: a stranger's key must be refused: %s",
		           zmq_strerror(-fault));
	if (fault == 0)
		fault = sockets_adopt(r->tcp, config->inherited, INHERITED_COMMAND, true, ret_why);
	for (size_t i = 0; fault == 0 && i < config->command_count; i++)
		fault = sockets_bind_tcp(r->tcp, config->commands[i], ret_why);
	return fault;
}

int
reactor_open(const struct config *config, const struct server_key *key, struct engine *engine,
             struct access *access, struct reactor **ret, struct buf *ret_why)
{
	struct reactor *r = xcalloc(1, sizeof *r);
	bool remote = config_network(config), network = key && remote;
	int fault = 0;

	r->signal_fd = -1;
	r->arena = arena_new();
	r->engine = engine;
	r->access = access;
	r->traffic = engine_traffic(engine);
	for (int i = 0; i < LIMIT_COUNT; i++)
		r->traffic->limits[i] = config->limits[i];
	r->waits = waits_new(r->traffic->limits[LIMIT_WAITS]);
	r->turns = turns_new(r->traffic->limits[LIMIT_IN_FLIGHT]);
	notify_pulse_open(&r->pulse);
	if (remote && !key) {
		buf_str(ret_why, "there is no tcp endpoint without a server key; give --server-key");
		fault = -EINVAL;
	}
	if (fault == 0)
		fault = open_sockets(r, network ? key : NULL, ret_why);
	if (fault == 0)
		fault = bind_local(r, config, ret_why);
	if (fault == 0 && network)
		fault = bind_network(r, config, key, ret_why);
	if (fault == 0)
		fault = doorbell_open(r->context, config, key, r->connections, &r->doorbell, ret_why);
	if (fault < 0) {
		reactor_close(&r);
		return fault;
	}
	*ret = r;
	return 0;
}

void
reactor_close(struct reactor **p)
{
	struct reactor *r = *p;

	if (!r)
		return;
	void *sockets[] = { r->ipc, r->tcp, r->zap };

	turns_free(&r->turns);
	waits_free(&r->waits);
	doorbell_close(&r->doorbell);
	connections_free(&r->connections);
	if (r->ipc_path)
		unlink(r->ipc_path);
	for (size_t i = 0; i < countof(sockets); i++)
		if (sockets[i])
			zmq_close(sockets[i]);
	if (r->context)
		zmq_ctx_term(r->context);
	if (r->signal_fd >= 0)
		close(r->signal_fd);
	for (size_t i = 0; i < TURN_MAX; i++)
		buf_free(&r->answers[i]);
	buf_free(&r->not_reloaded);
	arena_destroy(&r->arena);
	free(r);
	*p = NULL;
}
