/* The benchmark's client: transitions in flight over some sockets, and how long each took. */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { SOCKETS_MAX = 16, WAIT_MS = 30000, ASK_WAIT_MS = 60000 };

/* --- samples ----------------------------------------------------------------------------------- */

void
samples_add(struct samples *s, int64_t ns)
{
	if (s->count == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 1 << 16;
		s->ns = realloc(s->ns, s->cap * sizeof *s->ns);
		if (!s->ns)
			bench_die("no memory for samples");
	}
	s->ns[s->count++] = ns < UINT32_MAX ? (uint32_t)ns : UINT32_MAX;
}

void
samples_free(struct samples *s)
{
	free(s->ns);
	*s = (struct samples){ .count = 0 };
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double
quantile_us(const struct samples *s, double q)
{
	size_t at = (size_t)(q * (double)s->count);

	return s->count ? s->ns[at < s->count ? at : s->count - 1] / 1000.0 : 0;
}

void
timing_finish(struct timing *p, struct samples *s)
{
	if (s->count)
		qsort(s->ns, s->count, sizeof *s->ns, compare);
	p->p50_us = quantile_us(s, 0.5);
	p->p99_us = quantile_us(s, 0.99);
	p->p999_us = quantile_us(s, 0.999);
	p->max_us = quantile_us(s, 1);
}

double
timing_rate(const struct timing *p)
{
	return p->secs > 0 ? (double)p->done / p->secs : 0;
}

/* --- dossiers ---------------------------------------------------------------------------------- */

void
pool_make(struct pool *p, size_t first, size_t count)
{
	*p = (struct pool){ .first = first, .count = count, .random = 0x9E3779B97F4A7C15 };
	p->busy = xcalloc(count, sizeof *p->busy);
	p->returned = xcalloc(count, sizeof *p->returned);
}

void
pool_free(struct pool *p)
{
	free(p->busy);
	free(p->returned);
}

static size_t
pool_take(struct pool *p)
{
	size_t i;

	do
		i = p->first + bench_random(&p->random) % (p->count - p->first);
	while (p->busy[i]);
	p->busy[i] = true;
	return i;
}

void
pool_frame(struct pool *p, size_t dossier, unsigned id, struct buf *out)
{
	static const char *const parts[2][2] = {
		{ "return", "\"reasons\":[{\"document\":\"business-plan\",\"reason\":\"Thiếu phương án kinh doanh năm 2020\","
		            "\"guidance\":\"Bổ sung theo biểu 03, có xác nhận của UBND xã\"}]" },
		{ "resubmit", "\"documents\":[{\"code\":\"business-plan\",\"status\":\"present\","
		              "\"note\":\"Đã bổ sung phương án kinh doanh năm 2020\"}]" },
	};
	const char *const *part = parts[p->returned[dossier]];

	buf_clear(out);
	buf_printf(out, "{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"dossier.%s\",\"params\":{\"dossier\":\"KN-%d-%04zu\","
	           "\"key\":\"load-%016llu\",%s}}", id, part[0], (int)YEAR, dossier + 1, (unsigned long long)++p->keys, part[1]);
}

/* --- sockets ----------------------------------------------------------------------------------- */

void *
load_connect(const struct load *l)
{
	void *socket = zmq_socket(l->context, ZMQ_DEALER);
	int none = 0;

	if (!socket || zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none) < 0 ||
	    (l->server_key && (zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, l->server_key, 40) < 0 ||
	                       zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, l->public_key, 40) < 0 ||
	                       zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, l->secret_key, 40) < 0)) ||
	    zmq_connect(socket, l->endpoint) < 0)
		bench_die("%s: %s", l->endpoint, zmq_strerror(errno));
	return socket;
}

static void
send_frame(void *socket, struct text frame)
{
	if (zmq_send(socket, "", 0, ZMQ_SNDMORE) < 0 || zmq_send(socket, frame.ptr, frame.len, 0) < 0)
		bench_die("send: %s", zmq_strerror(errno));
}

/* The frame behind the empty one; false where nothing is there yet. */
static bool
receive_frame(void *socket, zmq_msg_t *body)
{
	zmq_msg_t empty;

	zmq_msg_init(&empty);
	if (zmq_msg_recv(&empty, socket, ZMQ_DONTWAIT) < 0) {
		if (errno != EAGAIN)
			bench_die("receive: %s", zmq_strerror(errno));
		return false;
	}
	zmq_msg_close(&empty);
	zmq_msg_init(body);
	if (zmq_msg_recv(body, socket, 0) < 0)
		bench_die("receive: %s", zmq_strerror(errno));
	return true;
}

void
load_ask(void *socket, const char *method, const char *params, struct buf *answer)
{
	zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLIN };
	struct buf frame = { .len = 0 };
	zmq_msg_t body;

	buf_printf(&frame, "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"%s\",\"params\":{%s}}", method, params);
	send_frame(socket, buf_view(&frame));
	buf_free(&frame);
	if (zmq_poll(&item, 1, ASK_WAIT_MS) <= 0 || !receive_frame(socket, &body))
		bench_die("%s: no answer", method);
	buf_clear(answer);
	buf_add(answer, zmq_msg_data(&body), zmq_msg_size(&body));
	zmq_msg_close(&body);
	if (!memmem(answer->ptr, answer->len, "\"result\":", 9))
		bench_die("%s: %.*s", method, TEXT_ARG(buf_view(answer)));
}

/* --- load -------------------------------------------------------------------------------------- */

struct slot {
	void *socket;
	size_t dossier;
	int64_t sent_ns;
};

struct run {
	const struct load *load;
	struct slot *slots;
	size_t slot_count, waiting;
	int64_t count_from_ns, until_ns;
	struct samples samples;
	struct buf frame;
	struct timing *timing;
};

static void
slot_send(struct run *r, unsigned i)
{
	struct slot *s = &r->slots[i];

	s->dossier = pool_take(r->load->pool);
	pool_frame(r->load->pool, s->dossier, i, &r->frame);
	s->sent_ns = bench_now_ns();
	send_frame(s->socket, buf_view(&r->frame));
	r->waiting++;
}

/* Answer and echo begin alike: version, then the id, which is the slot's number. */
static void
slot_answered(struct run *r, struct text body)
{
	static const char head[] = "{\"jsonrpc\":\"2.0\",\"id\":";
	const char *good = r->load->echo ? ",\"method\":" : ",\"result\":";
	struct pool *pool = r->load->pool;
	int64_t now_ns = bench_now_ns();
	unsigned i = 0;
	size_t at = sizeof head - 1;

	while (at < body.len && body.ptr[at] >= '0' && body.ptr[at] <= '9')
		i = i * 10 + (unsigned)(body.ptr[at++] - '0');
	if (body.len < sizeof head || memcmp(body.ptr, head, sizeof head - 1) != 0 || i >= r->slot_count)
		bench_die("an answer to nothing: %.*s", TEXT_ARG(body));
	struct slot *s = &r->slots[i];

	r->waiting--;
	r->timing->all++;
	pool->busy[s->dossier] = false;
	if (body.len - at > strlen(good) && memcmp(body.ptr + at, good, strlen(good)) == 0)
		pool->returned[s->dossier] = !pool->returned[s->dossier];
	else if (r->timing->fail++ == 0)
		fprintf(stderr, "bench: refused: %.*s\n", TEXT_ARG(body));
	if (now_ns >= r->count_from_ns && now_ns < r->until_ns) {
		r->timing->done++;
		samples_add(&r->samples, now_ns - s->sent_ns);
	}
	if (now_ns < r->until_ns)
		slot_send(r, i);
}

static void
receive_all(struct run *r, void *socket)
{
	zmq_msg_t body;

	while (receive_frame(socket, &body)) {
		slot_answered(r, (struct text){ zmq_msg_data(&body), zmq_msg_size(&body) });
		zmq_msg_close(&body);
	}
}

static void
run_loop(struct run *r, void **sockets, size_t count)
{
	zmq_pollitem_t items[SOCKETS_MAX] = { { 0 } };
	int64_t cpu_from = 0, cpu_until = 0, from_ns = 0, end_ns = 0;

	for (size_t i = 0; i < count; i++)
		items[i] = (zmq_pollitem_t){ .socket = sockets[i], .events = ZMQ_POLLIN };
	for (unsigned i = 0; i < r->slot_count; i++)
		slot_send(r, i);
	while (r->waiting > 0) {
		if (zmq_poll(items, (int)count, WAIT_MS) <= 0)
			bench_die("%s: %zu requests were not answered", r->load->endpoint, r->waiting);
		int64_t now_ns = bench_now_ns();

		if (!from_ns && now_ns >= r->count_from_ns) {
			from_ns = now_ns;
			cpu_from = bench_cpu_ns(r->load->server);
		}
		if (!end_ns && now_ns >= r->until_ns) {
			end_ns = now_ns;
			cpu_until = bench_cpu_ns(r->load->server);
		}
		for (size_t i = 0; i < count; i++)
			if (items[i].revents)
				receive_all(r, sockets[i]);
	}
	if (!end_ns)
		cpu_until = bench_cpu_ns(r->load->server);
	if (r->timing->done)
		r->timing->cpu_us = (double)(cpu_until - cpu_from) / 1000.0 / (double)r->timing->done;
}

void
load_run(const struct load *l, size_t in_flight, double secs, struct timing *ret)
{
	size_t count = in_flight < SOCKETS_MAX ? in_flight : SOCKETS_MAX;
	struct run r = { .load = l, .slot_count = in_flight, .timing = ret };
	void *sockets[SOCKETS_MAX];

	*ret = (struct timing){ .secs = secs };
	if (in_flight * 2 > l->pool->count - l->pool->first)
		bench_die("%zu in flight need more dossiers", in_flight);
	r.slots = xcalloc(in_flight, sizeof *r.slots);
	for (size_t i = 0; i < count; i++)
		sockets[i] = load_connect(l);
	for (size_t i = 0; i < in_flight; i++)
		r.slots[i].socket = sockets[i % count];
	r.count_from_ns = bench_now_ns() + (int64_t)((secs / 5 < 0.5 ? secs / 5 : 0.5) * 1e9);
	r.until_ns = r.count_from_ns + (int64_t)(secs * 1e9);
	run_loop(&r, sockets, count);
	timing_finish(ret, &r.samples);
	for (size_t i = 0; i < count; i++)
		zmq_close(sockets[i]);
	samples_free(&r.samples);
	buf_free(&r.frame);
	free(r.slots);
}
