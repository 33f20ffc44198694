/* What the parts of the benchmark share: the timing of a point, the dossiers under load, the daemon
 * under test. Anything unexpected ends the program with a line on standard error. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include "daemon/programme.h"

#include <sys/types.h>

/* The daemon's own presets, so that the bare store has the same files. */
#define SEGMENT_BYTES ((size_t)32 << 20)
#define PREALLOCATE_BYTES ((size_t)32 << 20)

enum { DATA_BATCH = 256, PATH_LEN = 512, YEAR = 2020, SERIES_MAX = 15 };

/* --- tools (bench_tool.c) --- */

_Noreturn void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
int64_t bench_now_ns(void);
uint64_t bench_random(uint64_t *state);
/* CPU time of a process, user and system, its threads together. */
int64_t bench_cpu_ns(pid_t);
void bench_run(const char *format, ...) __attribute__((format(printf, 1, 2))); /* a shell's line that must succeed */

/* One figure of each round. */
struct series { double values[SERIES_MAX]; size_t count; };

void series_add(struct series *, double);
double series_median(const struct series *);

/* Versions of everything that matters, and the folder's file system. */
void print_head(const char *dir);
/* A goal: `sign` is '>' (at least) or '<' (at most). */
void print_ratio(const char *name, double value, char sign, double goal);

/* --- samples and timings (bench_load.c) --- */

struct samples { uint32_t *ns; size_t count, cap; };

void samples_add(struct samples *, int64_t ns);
void samples_free(struct samples *);

struct timing {
	double secs;
	uint64_t done;              /* in those seconds */
	uint64_t all;               /* with what warmed up before and what was in flight behind */
	uint64_t fail;
	double p50_us, p99_us, p999_us, max_us;
	double cpu_us;              /* of the server, each */
};

void timing_finish(struct timing *, struct samples *);     /* sorts the samples */
double timing_rate(const struct timing *);

/* --- load (bench_load.c) --- */

/* The dossiers that transitions pick from, and what they are in now. */
struct pool {
	size_t first, count;
	bool *busy, *returned;
	uint64_t random, keys;
};

void pool_make(struct pool *, size_t first, size_t count);
void pool_free(struct pool *);
/* The request that takes the dossier from submitted to returned or back. */
void pool_frame(struct pool *, size_t dossier, unsigned id, struct buf *out);

struct load {
	void *context;              /* of libzmq */
	const char *endpoint;
	const char *server_key, *public_key, *secret_key; /* NULL: no CURVE */
	struct pool *pool;
	bool echo;                  /* the other end only echoes */
	pid_t server;
};

/* Keeps so many requests in flight for some seconds after a short warm-up, then waits for the rest. */
void load_run(const struct load *, size_t in_flight, double secs, struct timing *ret);
void *load_connect(const struct load *);
/* One request and its answer, which must be a result. */
void load_ask(void *socket, const char *method, const char *params, struct buf *answer);

/* --- the data set (bench_data.c) --- */

struct data {
	size_t dossiers;
	size_t scored, held;        /* the first ones have gone through the council, the next are overdue: no load */
	double secs;
	uint64_t events;
	size_t event_bytes, record_bytes; /* of a transition: the event's text, the record */
	double puts;                /* of a transition, without the batch's own row */
};

void data_make(const char *dir, const struct programme *, size_t dossiers, struct data *ret);

/* --- yardsticks (bench_yard.c) --- */

struct bare;

void yard_fdatasync(const char *dir, double secs, struct timing *ret);
/* On a copy of the data set: the same rows and bytes without sockets, JSON and rules. */
struct bare *bare_open(const char *dir, const struct programme *, const struct data *);
void bare_run(struct bare *, size_t batch, double secs, struct timing *ret);
void bare_close(struct bare **);
/* A process that drains a ROUTER as the daemon does and sends everything back; with a key it is a
 * CURVE server. */
pid_t echo_start(const char *endpoint, const char *secret_key);

/* --- the daemon (bench_daemon.c) --- */

struct served {
	const char *program, *programme, *dir; /* dir holds state, accounts, run, server.key */
	pid_t pid;
	int notify_fd;
	int port;
	char notify[64], ipc[PATH_LEN], tcp[64];
	char public_key[41], secret_key[41], server_key[41]; /* the client's pair, the server's public key */
};

int bench_free_port(void);
void served_prepare(struct served *, const char *program, const char *programme, const char *dir);
double served_start(struct served *);                   /* seconds until it was ready */
void served_end(struct served *, int signal);
double served_rebuild(const struct served *);           /* seconds */

/* What the daemon counts itself, and what the kernel counts of it. */
struct counters {
	int64_t writes, batches, syncs, journal_bytes, map_bytes, sequence;
	double anon_mb;
	uint64_t written_bytes;     /* made dirty by the process */
	uint64_t disk_writes;       /* of the whole disk under the folder; 0 where it isn't told */
};

void counters_read(const struct served *, void *socket, struct counters *ret);

/* --- one daemon with its data set (bench_world.c) --- */

struct place {
	char dir[128];
	const char *ocopd, *programme_dir;
	struct programme *programme;
	void *context;              /* of libzmq */
	double secs;                /* a point */
};

enum { LISTENERS = 12 };        /* communes with an account of their own */

struct listener { char public_key[41], secret_key[41]; };

struct world {
	const struct place *place;
	char dir[160];
	struct data data;
	struct served served;
	struct pool pool;
	struct load ipc, tcp;
	void *socket;
	struct listener listeners[LISTENERS];
};

/* The data set made, rebuilt once, copied for the bare store (NULL: for none), and served. */
void world_open(struct world *, const struct place *, const char *name, size_t dossiers, struct bare **ret_bare);
/* Starts behind kills, a figure each; false where a request was refused. */
bool world_start_again(struct world *, struct series *ret_secs);
void world_query(struct world *);
void world_close(struct world *);

/* --- listeners (bench_wait.c) --- */

void listeners_prepare(struct world *);                 /* accounts and keys */
/* From the officer's reply to the answers of those who wait for it: `count` waiters of the communes
 * in turn, of which one event concerns one commune's; or all of the office's, whom all concern. After
 * every event one round trip of the echo. */
void wait_run(struct world *, const struct load *echo, size_t count, bool office, double secs, struct timing *ret,
              struct timing *ret_echo);
/* A load with every commune's listener beside it; returns how many answers these got. */
uint64_t listened_run(struct world *, size_t in_flight, double secs, struct timing *ret);

#endif
