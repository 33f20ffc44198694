/* The benchmark: the daemon under load beside its yardsticks, in interleaved rounds, as lines of
 * key=value. A ratio is the median of what the rounds gave, each of neighbours in time. Only what is
 * counted can fail the program, never a time.
 *
 *   bench [--dir DIR] [--dossiers N] [--reference N] [--secs S] [--rounds N] [--ocopd FILE]
 *
 * With --reference a second daemon with so many dossiers runs beside, and the two are compared. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

enum { FLIGHTS = 4, AT_1 = 0, AT_64 = 2 };

static const size_t flights[FLIGHTS] = { 1, 8, 64, 256 };

struct options {
	size_t dossiers, reference, rounds;
};

/* What the open round has measured for the ratios. */
struct found {
	double fdatasync_us, echo_us, alone_us, echo_cpu, cpu, fsyncs, reference_rate;
	double bare_rate[FLIGHTS], ipc_rate[FLIGHTS], tcp_rate[FLIGHTS];
};

enum ratio { BARE_STORE_64, ALONE, WAIT_12, WAIT_12_ALL, LISTENED_64, CURVE_1, CURVE_8, CURVE_64, CURVE_256, CPU, FSYNCS, START, REFERENCE, RATIOS };

static const struct { const char *name; char sign; double goal; } goals[RATIOS] = {
	[BARE_STORE_64] = { "bare_store_64", '>', 0.6 },
	[ALONE] = { "alone_p50", '<', 1.5 },
	[WAIT_12] = { "wait_12_p50_of_echo", '<', 1.5 },
	[WAIT_12_ALL] = { "wait_12_all_told_p50_of_echo", '<', 1.5 },
	[LISTENED_64] = { "listened_of_plain_64", '>', 0.7 },
	[CURVE_1] = { "curve_of_plain_1", '>', 0.7 },
	[CURVE_8] = { "curve_of_plain_8", '>', 0.7 },
	[CURVE_64] = { "curve_of_plain_64", '>', 0.7 },
	[CURVE_256] = { "curve_of_plain_256", '>', 0.7 },
	[CPU] = { "cpu_of_echo_64", '<', 4 },
	[FSYNCS] = { "fsyncs_per_tx_64", '<', 1.0 / 25 },
	[START] = { "start_s", '<', 0.2 },
	[REFERENCE] = { "rate_of_reference_64", '>', 0.5 },
};

struct bench {
	struct options options;
	struct place place;
	struct bare *bare;
	struct load echo, echo_tcp;
	struct pool echo_pool;
	struct found now;
	struct series ratios[RATIOS];
	double anon_mb;
	bool counted_wrong;
};

/* --- lines ------------------------------------------------------------------------------------- */

static void
print_times(const struct timing *p)
{
	printf("secs=%g tps=%.0f p50_us=%.1f p99_us=%.1f p999_us=%.1f max_us=%.1f", p->secs, timing_rate(p), p->p50_us,
	       p->p99_us, p->p999_us, p->max_us);
}

/* Exactly one fdatasync a batch; one more where a batch crosses into the next segment. The status
 * asked behind the load is a batch of its own, without a write. */
static bool
one_sync_a_batch(const struct counters *from, const struct counters *to)
{
	int64_t segment = (int64_t)SEGMENT_BYTES;
	int64_t extra = (to->syncs - from->syncs) - (to->batches - from->batches - 1);

	return extra >= 0 && extra <= to->journal_bytes / segment - from->journal_bytes / segment;
}

static void
print_transition(struct bench *b, const struct world *w, const char *transport, size_t in_flight, size_t round,
                 const struct timing *p, const struct counters *from, const struct counters *to)
{
	double all = p->all ? (double)p->all : 1, batches = (double)(to->batches - from->batches - 1);
	bool one = one_sync_a_batch(from, to);

	printf("bench=transition transport=%s dossiers=%zu in_flight=%zu round=%zu ", transport, w->data.dossiers, in_flight, round);
	print_times(p);
	printf(" fail=%llu mean_batch=%.1f fsyncs_per_tx=%.4f one_fsync_a_batch=%s disk_writes_per_tx=%.3f"
	       " written_bytes_per_tx=%.0f cpu_us_per_tx=%.2f anon_mb=%.1f\n", (unsigned long long)p->fail,
	       batches > 0 ? all / batches : 0, (double)(to->syncs - from->syncs) / all, one ? "yes" : "no",
	       (double)(to->disk_writes - from->disk_writes) / all,
	       (double)(to->written_bytes - from->written_bytes) / all, p->cpu_us, to->anon_mb);
	fflush(stdout);
	if (!one || p->fail > 0 || (uint64_t)(to->writes - from->writes) != p->all)
		b->counted_wrong = true;
	if (to->anon_mb > b->anon_mb)
		b->anon_mb = to->anon_mb;
}

/* What other points left to be written would be written during the next one. */
static void
settle(const struct bench *b)
{
	int fd = open(b->place.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || syncfs(fd) < 0)
		bench_die("%s: %s", b->place.dir, strerror(errno));
	close(fd);
}

/* --- points ------------------------------------------------------------------------------------ */

static struct timing
transition_point(struct bench *b, struct world *w, bool tcp, size_t flight, size_t round)
{
	struct counters from, to;
	struct timing p;

	settle(b);
	counters_read(&w->served, w->socket, &from);
	load_run(tcp ? &w->tcp : &w->ipc, flights[flight], b->place.secs, &p);
	counters_read(&w->served, w->socket, &to);
	print_transition(b, w, tcp ? "tcp+curve" : "ipc", flights[flight], round, &p, &from, &to);
	if (!tcp && flight == AT_64)
		b->now.fsyncs = p.all ? (double)(to.syncs - from.syncs) / (double)p.all : 1;
	return p;
}

static void
flight_round(struct bench *b, struct world *w, size_t flight, size_t round)
{
	struct timing p;

	settle(b);
	bare_run(b->bare, flights[flight], b->place.secs, &p);
	printf("yard=bare_store dossiers=%zu batch=%zu round=%zu ", w->data.dossiers, flights[flight], round);
	print_times(&p);
	printf(" cpu_us_per_tx=%.2f\n", p.cpu_us);
	b->now.bare_rate[flight] = timing_rate(&p);

	load_run(&b->echo, flights[flight], b->place.secs, &p);
	printf("yard=echo transport=ipc in_flight=%zu round=%zu ", flights[flight], round);
	print_times(&p);
	printf(" cpu_us_per_tx=%.2f\n", p.cpu_us);
	if (flight == AT_1)
		b->now.echo_us = p.p50_us;
	if (flight == AT_64)
		b->now.echo_cpu = p.cpu_us;

	p = transition_point(b, w, false, flight, round);
	b->now.ipc_rate[flight] = timing_rate(&p);
	if (flight == AT_1)
		b->now.alone_us = p.p50_us;
	if (flight == AT_64)
		b->now.cpu = p.cpu_us;
	p = transition_point(b, w, true, flight, round);
	b->now.tcp_rate[flight] = timing_rate(&p);
}

/* An event concerns one of the communes; of the office's waiters all. */
static const struct { size_t waiters; bool office; int ratio; } waits[] = {
	{ 1, false, -1 }, { 12, false, WAIT_12 }, { 12, true, WAIT_12_ALL }, { 100, false, -1 },
};

static void
wait_round(struct bench *b, struct world *w, size_t round)
{
	struct timing p, echo;

	for (size_t i = 0; i < countof(waits); i++) {
		settle(b);
		wait_run(w, waits[i].office ? &b->echo : &b->echo_tcp, waits[i].waiters, waits[i].office, b->place.secs, &p, &echo);
		printf("bench=wait waiters=%zu told=%s transport=%s dossiers=%zu round=%zu events=%llu p50_us=%.1f p99_us=%.1f max_us=%.1f"
		       " echo_p50_us=%.1f echo_p99_us=%.1f\n",
		       waits[i].waiters, waits[i].office ? "all" : "commune", waits[i].office ? "ipc" : "tcp+curve", w->data.dossiers,
		       round, (unsigned long long)p.done, p.p50_us, p.p99_us, p.max_us, echo.p50_us, echo.p99_us);
		if (waits[i].ratio >= 0)
			series_add(&b->ratios[waits[i].ratio], p.p50_us / echo.p50_us);
	}
	uint64_t answers = listened_run(w, flights[AT_64], b->place.secs, &p);

	printf("bench=listened listeners=%d in_flight=%zu round=%zu ", (int)LISTENERS, flights[AT_64], round);
	print_times(&p);
	printf(" fail=%llu answers=%llu cpu_us_per_tx=%.2f\n", (unsigned long long)p.fail, (unsigned long long)answers, p.cpu_us);
	b->counted_wrong |= p.fail > 0 || answers == 0;
	series_add(&b->ratios[LISTENED_64], timing_rate(&p) / b->now.ipc_rate[AT_64]);
}

static void
whole_round(struct bench *b, struct world *w, size_t round)
{
	struct timing p;

	settle(b);
	yard_fdatasync(b->place.dir, b->place.secs, &p);
	printf("yard=fdatasync4k round=%zu ", round);
	print_times(&p);
	printf("\n");
	b->now.fdatasync_us = p.p50_us;
	for (size_t flight = 0; flight < FLIGHTS; flight++)
		flight_round(b, w, flight, round);
	wait_round(b, w, round);
	const struct found *n = &b->now;

	series_add(&b->ratios[BARE_STORE_64], n->ipc_rate[AT_64] / n->bare_rate[AT_64]);
	series_add(&b->ratios[ALONE], n->alone_us / (n->fdatasync_us + n->echo_us));
	for (size_t flight = 0; flight < FLIGHTS; flight++)
		series_add(&b->ratios[CURVE_1 + flight], n->tcp_rate[flight] / n->ipc_rate[flight]);
	series_add(&b->ratios[CPU], n->cpu / n->echo_cpu);
	series_add(&b->ratios[FSYNCS], n->fsyncs);
}

/* --- all of it --------------------------------------------------------------------------------- */

static void
print_ratios(const struct bench *b)
{
	for (size_t i = 0; i < RATIOS; i++)
		if (b->ratios[i].count)
			print_ratio(goals[i].name, series_median(&b->ratios[i]), goals[i].sign, goals[i].goal);
	print_ratio("anon_mb", b->anon_mb, '<', 32);
}

static void
bench_one(struct bench *b, struct world *w)
{
	world_open(w, &b->place, "main", b->options.dossiers, &b->bare);
	b->counted_wrong |= !world_start_again(w, &b->ratios[START]);
	for (size_t round = 1; round <= b->options.rounds; round++)
		whole_round(b, w, round);
	print_ratios(b);
	world_query(w);
	bare_close(&b->bare);
	world_close(w);
}

static void
bench_two(struct bench *b, struct world *w)
{
	struct world *reference = xcalloc(1, sizeof *reference);
	struct timing p;

	world_open(reference, &b->place, "reference", b->options.reference, NULL);
	world_open(w, &b->place, "main", b->options.dossiers, NULL);
	b->counted_wrong |= !world_start_again(w, &b->ratios[START]);
	for (size_t round = 1; round <= b->options.rounds; round++) {
		p = transition_point(b, reference, false, AT_64, round);
		b->now.reference_rate = timing_rate(&p);
		p = transition_point(b, w, false, AT_64, round);
		series_add(&b->ratios[REFERENCE], timing_rate(&p) / b->now.reference_rate);
	}
	print_ratios(b);
	world_query(w);
	world_close(w);
	world_close(reference);
	free(reference);
}

static void
read_options(int argc, char **argv, struct options *o, struct place *p)
{
	const char *dir = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";

	*o = (struct options){ .dossiers = 100000, .rounds = 3 };
	*p = (struct place){ .ocopd = "build/ocopd", .programme_dir = "config/krong-nang-2020", .secs = 3 };
	for (int i = 1; i < argc; i += 2) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "--dir") == 0)
			dir = value;
		else if (strcmp(argv[i], "--ocopd") == 0)
			p->ocopd = value;
		else if (strcmp(argv[i], "--dossiers") == 0)
			o->dossiers = strtoul(value, NULL, 10);
		else if (strcmp(argv[i], "--reference") == 0)
			o->reference = strtoul(value, NULL, 10);
		else if (strcmp(argv[i], "--rounds") == 0)
			o->rounds = strtoul(value, NULL, 10);
		else if (strcmp(argv[i], "--secs") == 0)
			p->secs = strtod(value, NULL);
		else
			bench_die("%s is not known; see the head of tests/bench.c", argv[i]);
	}
	if (o->dossiers < 1000 || (o->reference && o->reference < 1000) || o->rounds < 1 || o->rounds > SERIES_MAX || p->secs <= 0)
		bench_die("at least 1000 dossiers, 1 to %d rounds, some seconds", SERIES_MAX);
	if (strlen(dir) > 60 || strchr(dir, '\''))
		bench_die("%s: a shorter and plainer folder, please: sockets are made in it", dir);
	snprintf(p->dir, sizeof p->dir, "%s/ocop-bench.XXXXXX", dir);
}

int
main(int argc, char **argv)
{
	struct bench *b = xcalloc(1, sizeof *b);
	struct world *w = xcalloc(1, sizeof *w);
	struct complaints complaints = { .errors = 0 };
	char endpoint[PATH_LEN + 16], tcp[64], keys[4][41];

	setlinebuf(stdout);
	read_options(argc, argv, &b->options, &b->place);
	if (sodium_init() < 0 || !mkdtemp(b->place.dir))
		bench_die("%s: %s", b->place.dir, strerror(errno));
	snprintf(endpoint, sizeof endpoint, "ipc://%s/echo", b->place.dir);
	snprintf(tcp, sizeof tcp, "tcp://127.0.0.1:%d", bench_free_port());
	if (zmq_curve_keypair(keys[0], keys[1]) < 0 || zmq_curve_keypair(keys[2], keys[3]) < 0)
		bench_die("no keys: libzmq has no CURVE");
	pid_t echo = echo_start(endpoint, NULL), echo_tcp = echo_start(tcp, keys[1]);

	b->place.context = zmq_ctx_new();
	b->place.programme = programme_load(b->place.programme_dir, &complaints);
	if (!b->place.context || !b->place.programme)
		bench_die("%s: %.*s", b->place.programme_dir, TEXT_ARG(buf_view(&complaints.text)));
	buf_free(&complaints.text);
	pool_make(&b->echo_pool, 0, b->options.dossiers);
	b->echo = (struct load){
		.context = b->place.context, .endpoint = endpoint, .pool = &b->echo_pool, .echo = true, .server = echo,
	};
	b->echo_tcp = b->echo;
	b->echo_tcp.endpoint = tcp;
	b->echo_tcp.server_key = keys[0];
	b->echo_tcp.public_key = keys[2];
	b->echo_tcp.secret_key = keys[3];
	print_head(b->place.dir);
	printf("head dossiers=%zu reference=%zu rounds=%zu secs=%g\n", b->options.dossiers, b->options.reference,
	       b->options.rounds, b->place.secs);
	if (b->options.reference)
		bench_two(b, w);
	else
		bench_one(b, w);
	int wrong = b->counted_wrong;

	printf("counted=%s\n", wrong ? "wrong" : "right");
	kill(echo, SIGTERM);
	kill(echo_tcp, SIGTERM);
	zmq_ctx_term(b->place.context);
	pool_free(&b->echo_pool);
	programme_destroy(&b->place.programme);
	bench_run("rm -rf '%s'", b->place.dir);
	free(w);
	free(b);
	return wrong;
}
