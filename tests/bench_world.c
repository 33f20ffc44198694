/* One daemon of the benchmark: its data set, rebuilds, starts, queries, what it takes on the disk. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

enum { STARTS = 3, START_IN_FLIGHT = 64, QUERIES_FULL = 200, QUERIES_QUICK = 20 };

/* --- queries ----------------------------------------------------------------------------------- */

static const struct { const char *name, *method, *params; bool goal; } queries[] = {
	{ "list_all", "dossier.list", "", true },
	{ "list_state", "dossier.list", "\"state\":\"submitted\"", true },
	{ "list_commune", "dossier.list", "\"commune\":\"24346\"", true },
	{ "list_group", "dossier.list", "\"group\":\"honey\"", true },
	{ "list_round", "dossier.list", "\"round\":\"2020-1\"", true },
	{ "list_stars", "dossier.list", "\"stars\":5", true },
	{ "list_overdue", "dossier.list", "\"overdue\":true", true },
	{ "list_text_common", "dossier.list", "\"text\":\"ca phe\"", true },
	{ "list_text_rare", "dossier.list", "\"text\":\"tho cam huu co ea tam 77\"", true },
	{ "list_two_filters", "dossier.list", "\"state\":\"returned\",\"commune\":\"24346\"", false },
	{ "summary", "report.summary", "", true },
	{ "deadlines", "report.deadlines", "", false },
	{ "get", "dossier.get", "\"dossier\":\"KN-2020-0777\"", false },
};

void
world_query(struct world *w)
{
	size_t count = w->place->secs < 1 ? QUERIES_QUICK : QUERIES_FULL;
	double p50_us[countof(queries)];
	struct buf answer = { .len = 0 };

	for (size_t i = 0; i < countof(queries); i++) {
		struct samples samples = { .count = 0 };
		struct timing p = { .done = count };
		int64_t begin_ns = bench_now_ns();

		for (size_t n = 0; n < count; n++) {
			int64_t from_ns = bench_now_ns();

			load_ask(w->socket, queries[i].method, queries[i].params, &answer);
			samples_add(&samples, bench_now_ns() - from_ns);
		}
		p.secs = (double)(bench_now_ns() - begin_ns) / 1e9;
		timing_finish(&p, &samples);
		samples_free(&samples);
		printf("bench=query name=%s dossiers=%zu count=%zu bytes=%zu p50_us=%.1f p99_us=%.1f max_us=%.1f\n", queries[i].name,
		       w->data.dossiers, count, answer.len, p.p50_us, p.p99_us, p.max_us);
		p50_us[i] = p.p50_us;
	}
	for (size_t i = 0; i < countof(queries); i++) {
		char name[64];

		snprintf(name, sizeof name, "%s_p50_ms", queries[i].name);
		if (queries[i].goal)
			print_ratio(name, p50_us[i] / 1000, '<', 2);
	}
	buf_free(&answer);
}

/* --- one daemon and its data ------------------------------------------------------------------- */

static void
print_disk(const struct world *w, const char *after)
{
	struct counters c;
	double dossiers = (double)w->data.dossiers;

	counters_read(&w->served, w->socket, &c);
	printf("bench=disk after=%s dossiers=%zu events=%lld journal_bytes=%lld state_bytes=%lld journal_per_dossier=%.0f"
	       " state_per_dossier=%.0f per_dossier=%.0f anon_mb=%.1f\n", after, w->data.dossiers, (long long)c.sequence,
	       (long long)c.journal_bytes, (long long)c.map_bytes, (double)c.journal_bytes / dossiers,
	       (double)c.map_bytes / dossiers, (double)(c.journal_bytes + c.map_bytes) / dossiers, c.anon_mb);
}

static void
rebuild(const struct world *w, const char *of, uint64_t events)
{
	char name[64];
	double secs = served_rebuild(&w->served);

	printf("bench=rebuild of=%s dossiers=%zu events=%llu secs=%.2f events_per_s=%.0f\n", of, w->data.dossiers,
	       (unsigned long long)events, secs, (double)events / secs);
	snprintf(name, sizeof name, "rebuild_%s_events_per_s", of);
	print_ratio(name, (double)events / secs, '>', 100000);
}

/* Killed behind a load, so that nothing of it was synced but the journal. */
bool
world_start_again(struct world *w, struct series *ret_secs)
{
	struct timing p;
	bool good = true;

	for (size_t i = 0; i < STARTS; i++) {
		load_run(&w->ipc, START_IN_FLIGHT, w->place->secs / 10, &p);
		good &= p.fail == 0;
		served_end(&w->served, SIGKILL);
		double secs = served_start(&w->served);

		printf("bench=start dossiers=%zu after=kill round=%zu ready_ms=%.1f\n", w->data.dossiers, i + 1, secs * 1000);
		series_add(ret_secs, secs);
		w->ipc.server = w->tcp.server = w->served.pid;
	}
	return good;
}

/* A restarted machine's page cache: read page by page, as faults do. What big writes left there is
 * kept in big pieces by newer kernels, and every small write into such a piece walks over all of it. */
static void
warm(const char *state)
{
	char path[PATH_LEN], block[4096];
	off_t at = 0;

	snprintf(path, sizeof path, "%s/store/data.mdb", state);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fdatasync(fd) < 0 || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) ||
	    posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM))
		bench_die("%s: %s", path, strerror(errno));
	while (pread(fd, block, sizeof block, at) == (ssize_t)sizeof block)
		at += (off_t)sizeof block;
	close(fd);
}

static void
world_connect(struct world *w)
{
	struct buf answer = { .len = 0 };
	const char *at;

	w->ipc = (struct load){ .context = w->place->context, .endpoint = w->served.ipc, .pool = &w->pool, .server = w->served.pid };
	w->socket = load_connect(&w->ipc);
	load_ask(w->socket, "server.ping", "", &answer);
	buf_byte(&answer, '\0');
	if (!(at = strstr(answer.ptr, "\"key\":\"")) || sscanf(at + 7, "%40[^\"]", w->served.server_key) != 1)
		bench_die("server.ping: no key");
	buf_free(&answer);
	w->tcp = w->ipc;
	w->tcp.endpoint = w->served.tcp;
	w->tcp.server_key = w->served.server_key;
	w->tcp.public_key = w->served.public_key;
	w->tcp.secret_key = w->served.secret_key;
}

void
world_open(struct world *w, const struct place *place, const char *name, size_t dossiers, struct bare **ret_bare)
{
	char path[PATH_LEN + 16];

	w->place = place;
	snprintf(w->dir, sizeof w->dir, "%s/%s", place->dir, name);
	if (mkdir(w->dir, 0700) < 0)
		bench_die("%s: %s", w->dir, strerror(errno));
	snprintf(path, sizeof path, "%s/state", w->dir);
	data_make(path, place->programme, dossiers, &w->data);
	printf("bench=data dossiers=%zu scored=%zu events=%llu secs=%.1f event_bytes=%zu record_bytes=%zu puts_per_tx=%.1f\n",
	       dossiers, w->data.scored, (unsigned long long)w->data.events, w->data.secs, w->data.event_bytes,
	       w->data.record_bytes, w->data.puts);
	served_prepare(&w->served, place->ocopd, place->programme_dir, w->dir);
	listeners_prepare(w);
	rebuild(w, "submits", w->data.events);
	if (ret_bare) {
		/* Zeros must stay zeros on the disk: a hole filled later costs metadata. */
		bench_run("cp -r --sparse=never --reflink=never '%s' '%s/bare'", path, w->dir);
		snprintf(path, sizeof path, "%s/bare", w->dir);
		warm(path);
		*ret_bare = bare_open(path, place->programme, &w->data);
	}
	snprintf(path, sizeof path, "%s/state", w->dir);
	warm(path);
	pool_make(&w->pool, w->data.held, dossiers);
	printf("bench=start dossiers=%zu after=data ready_ms=%.1f\n", dossiers, served_start(&w->served) * 1000);
	world_connect(w);
	print_disk(w, "data");
}

void
world_close(struct world *w)
{
	struct counters c;

	print_disk(w, "load");
	counters_read(&w->served, w->socket, &c);
	zmq_close(w->socket);
	served_end(&w->served, SIGTERM);
	rebuild(w, "all", (uint64_t)c.sequence);
	pool_free(&w->pool);
	close(w->served.notify_fd);
}
