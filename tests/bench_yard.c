/* The benchmark's yardsticks: what the disk, the bare store and the sockets do alone. */
#include "bench.h"

#include "daemon/state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

enum {
	YARD_BYTES = 16 << 20, BLOCK = 4096,
	ECHO_BATCH = 256,           /* as the reactor */
	PREPARE_BYTES = 256 * 1024, /* as the engine */
	KEY_LEN = 32, EVENT_ROW_LEN = 38,
};

/* --- fdatasync --------------------------------------------------------------------------------- */

void
yard_fdatasync(const char *dir, double secs, struct timing *ret)
{
	char path[PATH_LEN];
	char *block = xcalloc(BLOCK, 1);
	struct samples samples = { .count = 0 };
	int fd;

	snprintf(path, sizeof path, "%s/yard", dir);
	if ((fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) < 0)
		bench_die("%s: %s", path, strerror(errno));
	for (size_t at = 0; at < YARD_BYTES; at += BLOCK)
		if (pwrite(fd, block, BLOCK, (off_t)at) != BLOCK)
			bench_die("%s: %s", path, strerror(errno));
	if (fsync(fd) < 0)
		bench_die("%s: %s", path, strerror(errno));
	memset(block, 'x', BLOCK);
	*ret = (struct timing){ .secs = secs };
	int64_t now_ns = bench_now_ns(), until_ns = now_ns + (int64_t)(secs * 1e9);

	while (now_ns < until_ns) {
		int64_t from_ns = now_ns;

		if (pwrite(fd, block, BLOCK, (off_t)(ret->done * BLOCK % YARD_BYTES)) != BLOCK || fdatasync(fd) < 0)
			bench_die("%s: %s", path, strerror(errno));
		now_ns = bench_now_ns();
		samples_add(&samples, now_ns - from_ns);
		ret->done++;
	}
	timing_finish(ret, &samples);
	samples_free(&samples);
	close(fd);
	unlink(path);
	free(block);
}

/* --- the bare store ---------------------------------------------------------------------------- */

struct bare {
	struct state_folder state;
	const struct programme *programme;
	struct data data;
	struct applied applied;
	struct pool pool;
	struct buf record, text;
	char *pad;
};

struct bare *
bare_open(const char *dir, const struct programme *programme, const struct data *data)
{
	struct state_options o = {
		.dir = dir, .source = programme->source, .segment_bytes = SEGMENT_BYTES,
		.preallocate_bytes = PREALLOCATE_BYTES, .must_exist = true,
	};
	struct bare *b = xcalloc(1, sizeof *b);
	struct buf why = { .len = 0 };

	b->programme = programme;
	b->data = *data;
	b->pad = xcalloc(data->event_bytes + 1, 1);
	memset(b->pad, 'x', data->event_bytes);
	pool_make(&b->pool, data->held, data->dossiers);
	if (state_open(&o, &b->state, &why) < 0 || why.len > 0)
		bench_die("%s: %.*s", dir, TEXT_ARG(buf_view(&why)));
	if (store_begin(b->state.store) < 0 || !applied_read(b->state.store, &b->applied))
		bench_die("%s: the store is empty", dir);
	store_abort(b->state.store);
	return b;
}

/* An event's text as the journal wants it, as long as the daemon's are on the average. */
static void
bare_text(struct bare *b, uint64_t sequence, uint64_t dossier)
{
	buf_clear(&b->text);
	buf_printf(&b->text, "{\"specversion\":\"1.0\",\"id\":\"%llu\",\"source\":\"/ocop/650\",\"type\":\"vn.ocop.dossier.returned\","
	           "\"subject\":\"KN-2020-%04llu\",\"time\":\"2020-03-05T00:00:00.000+07:00\",\"sequence\":\"%llu\",\"prevhash\":\"%.*s\",",
	           (unsigned long long)sequence, (unsigned long long)dossier, (unsigned long long)sequence,
	           HASH_LEN, b->applied.hash);
	size_t left = b->data.event_bytes > b->text.len + 12 ? b->data.event_bytes - b->text.len - 12 : 0;

	buf_printf(&b->text, "\"data\":\"%.*s\"}", (int)left, b->pad);
}

static void
bare_term(struct store *store, const char *term, size_t len, uint64_t id, bool put)
{
	char key[64];
	struct text whole = { key, len + ID_LEN };

	memcpy(key, term, len);
	id_write(id, key + len);
	if (put)
		store_put(store, TABLE_INDEX, whole, TEXT(""));
	else
		store_del(store, TABLE_INDEX, whole);
}

static void
bare_figure(struct bare *b, uint64_t id, const char *state, int by)
{
	struct text code = b->programme->units[(id - 1) % b->programme->unit_count].label.code, value;
	char key[64], bytes[ID_LEN];
	struct text whole = { key, (size_t)snprintf(key, sizeof key, "2020-1%c%.*s%cs%s", 0, TEXT_ARG(code), 0, state) };
	uint64_t count = store_get(b->state.store, TABLE_COUNT, whole, &value) ? id_read(value.ptr) : 0;

	id_write(count + (uint64_t)(int64_t)by, bytes);
	store_put(b->state.store, TABLE_COUNT, whole, (struct text){ bytes, ID_LEN });
}

/* The rows of one transition, in the order in which the engine touches them. */
static void
bare_one(struct bare *b)
{
	static const char submitted[] = "ssubmitted", returned[] = "sreturned", due[] = "D2020-03-05";
	struct store *store = b->state.store;
	size_t i = b->pool.first + bench_random(&b->pool.random) % (b->pool.count - b->pool.first);
	bool back = b->pool.returned[i];
	uint64_t number = i + 1, id = (uint64_t)YEAR << 32 | number;
	char key[ID_LEN], sequence_key[ID_LEN], event[EVENT_ROW_LEN] = "", hash[KEY_LEN], row[ID_LEN];
	struct text record;
	int fault = 0;

	for (size_t k = 0; k < KEY_LEN; k += sizeof(uint64_t)) {
		uint64_t random = bench_random(&b->pool.random);
		memcpy(hash + k, &random, sizeof random);
	}
	store_get(store, TABLE_KEY, (struct text){ hash, KEY_LEN }, &record);
	id_write(id, key);
	if (!store_get(store, TABLE_DOSSIER, (struct text){ key, ID_LEN }, &record))
		bench_die("bare store: a dossier is missing");
	buf_clear(&b->record);
	buf_text(&b->record, record);

	uint64_t sequence = (uint64_t)++b->applied.sequence;

	bare_text(b, sequence, number);
	journal_position position = journal_append(b->state.journal, sequence, b->applied.time_ms, buf_view(&b->text), &fault);

	if (!position)
		bench_die("bare store: %s", strerror(-fault));
	memcpy(b->applied.hash, journal_tail(b->state.journal).hash, HASH_LEN);
	id_write(sequence, sequence_key);
	id_write(position, event);
	store_append(store, TABLE_EVENT, (struct text){ sequence_key, ID_LEN }, (struct text){ event, sizeof event });
	id_write(sequence, row);
	store_put(store, TABLE_KEY, (struct text){ hash, KEY_LEN }, (struct text){ row, ID_LEN });
	bare_term(store, due, sizeof due, id, back);
	bare_term(store, submitted, sizeof submitted, id, back);
	bare_term(store, returned, sizeof returned, id, !back);
	bare_figure(b, id, back ? "returned" : "submitted", -1);
	bare_figure(b, id, back ? "submitted" : "returned", +1);
	store_put(store, TABLE_DOSSIER, (struct text){ key, ID_LEN }, buf_view(&b->record));
	b->pool.returned[i] = !back;
}

static void
bare_batch(struct bare *b, size_t batch)
{
	struct store *store = b->state.store;
	int fault = store_prepare(store);

	if (fault == 0)
		fault = store_begin(store);

	if (fault == 0) {
		for (size_t i = 0; i < batch; i++)
			bare_one(b);
		applied_write(store, &b->applied);
		fault = store_fault(store);
	}
	if (fault == 0)
		fault = journal_sync(b->state.journal);
	if (fault == 0)
		fault = store_commit(store);
	if (fault < 0)
		bench_die("bare store: %s", strerror(-fault));
	journal_prepare(b->state.journal, PREPARE_BYTES);
}

void
bare_run(struct bare *b, size_t batch, double secs, struct timing *ret)
{
	int64_t now_ns = bench_now_ns(), count_from_ns = now_ns + (int64_t)((secs / 5 < 0.5 ? secs / 5 : 0.5) * 1e9);
	int64_t until_ns = count_from_ns + (int64_t)(secs * 1e9), cpu_from = 0;
	struct samples samples = { .count = 0 };

	*ret = (struct timing){ .secs = secs };
	while (now_ns < until_ns) {
		int64_t from_ns = now_ns;

		bare_batch(b, batch);
		now_ns = bench_now_ns();
		if (now_ns < count_from_ns)
			continue;
		if (samples.count == 0)
			cpu_from = bench_cpu_ns(getpid());
		ret->done += batch;
		samples_add(&samples, now_ns - from_ns);
	}
	if (ret->done)
		ret->cpu_us = (double)(bench_cpu_ns(getpid()) - cpu_from) / 1000.0 / (double)ret->done;
	timing_finish(ret, &samples);
	samples_free(&samples);
}

void
bare_close(struct bare **p)
{
	struct bare *b = *p;

	if (!b)
		return;
	state_close(&b->state);
	pool_free(&b->pool);
	buf_free(&b->record);
	buf_free(&b->text);
	free(b->pad);
	free(b);
	*p = NULL;
}

/* --- the echo ---------------------------------------------------------------------------------- */

static size_t
echo_collect(void *router, zmq_msg_t parts[ECHO_BATCH][3])
{
	size_t count = 0;

	for (; count < ECHO_BATCH; count++)
		for (size_t i = 0; i < 3; i++) {
			zmq_msg_init(&parts[count][i]);
			if (zmq_msg_recv(&parts[count][i], router, i ? 0 : ZMQ_DONTWAIT) < 0)
				return count;
		}
	return count;
}

_Noreturn static void
echo_serve(const char *endpoint, const char *secret_key)
{
	int one = 1;
	static zmq_msg_t parts[ECHO_BATCH][3];
	void *context = zmq_ctx_new(), *router = context ? zmq_socket(context, ZMQ_ROUTER) : NULL;
	zmq_pollitem_t item = { .socket = router, .events = ZMQ_POLLIN };

	if (router && secret_key && (zmq_setsockopt(router, ZMQ_CURVE_SERVER, &one, sizeof one) < 0 ||
	                             zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, secret_key, 40) < 0))
		bench_die("echo: %s", zmq_strerror(errno));
	if (!router || zmq_bind(router, endpoint) < 0)
		bench_die("echo: %s: %s", endpoint, zmq_strerror(errno));
	while (zmq_poll(&item, 1, -1) >= 0) {
		size_t count = echo_collect(router, parts);

		for (size_t n = 0; n < count; n++)
			for (size_t i = 0; i < 3; i++)
				if (zmq_msg_send(&parts[n][i], router, i < 2 ? ZMQ_SNDMORE : 0) < 0)
					bench_die("echo: %s", zmq_strerror(errno));
	}
	_exit(1);
}

pid_t
echo_start(const char *endpoint, const char *secret_key)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		bench_die("fork: %s", strerror(errno));
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
			_exit(1);
		echo_serve(endpoint, secret_key);
	}
	return pid;
}
