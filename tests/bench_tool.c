/* The benchmark's small tools: clocks, chance, medians, the head of its report, a goal's line. */
#include "bench.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <lmdb.h>
#include <math.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

/* --- small things ------------------------------------------------------------------------------ */

void
bench_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("bench: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

int64_t
bench_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t
bench_cpu_ns(pid_t pid)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) < 0)
		bench_die("process %d is gone", (int)pid);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

uint64_t
bench_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * UINT64_C(0x2545F4914F6CDD1D);
}

void
bench_run(const char *format, ...)
{
	char line[3 * PATH_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (system(line) != 0)
		bench_die("failed: %s", line);
}

void
series_add(struct series *s, double value)
{
	s->values[s->count++] = value;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
series_median(const struct series *s)
{
	struct series sorted = *s;

	if (s->count == 0)
		return 0;
	qsort(sorted.values, sorted.count, sizeof *sorted.values, compare);
	return (sorted.values[(s->count - 1) / 2] + sorted.values[s->count / 2]) / 2;
}

/* --- the head ---------------------------------------------------------------------------------- */

static void
first_word(const char *command, char out[64])
{
	FILE *f = popen(command, "re");

	if (!f || fscanf(f, "%63s", out) != 1)
		snprintf(out, 64, "unknown");
	if (f)
		pclose(f);
}

static void
file_system(const char *dir, char out[64])
{
	struct stat st;
	char line[1024];
	FILE *f = stat(dir, &st) == 0 ? fopen("/proc/self/mountinfo", "re") : NULL;

	snprintf(out, 64, "unknown");
	while (f && fgets(line, sizeof line, f)) {
		unsigned major_, minor_;
		const char *type = strstr(line, " - ");

		if (type && sscanf(line, "%*u %*u %u:%u", &major_, &minor_) == 2 && makedev(major_, minor_) == st.st_dev)
			sscanf(type + 3, "%63s", out);
	}
	if (f)
		fclose(f);
}

void
print_head(const char *dir)
{
	char commit[64], type[64];
	struct utsname system;
	int zmq[3], lmdb[3];
	double load[1];

	first_word("git describe --always --dirty 2>/dev/null", commit);
	file_system(dir, type);
	uname(&system);
	if (getloadavg(load, countof(load)) < 1)
		load[0] = 0;
	zmq_version(&zmq[0], &zmq[1], &zmq[2]);
	mdb_version(&lmdb[0], &lmdb[1], &lmdb[2]);
	printf("head commit=%s kernel=%s cpus=%ld file_system=%s libzmq=%d.%d.%d lmdb=%d.%d.%d cjson=%s libsodium=%s load=%.2f\n",
	       commit, system.release, sysconf(_SC_NPROCESSORS_ONLN), type, zmq[0], zmq[1], zmq[2],
	       lmdb[0], lmdb[1], lmdb[2], cJSON_Version(), sodium_version_string(), load[0]);
}

/* --- a goal ------------------------------------------------------------------------------------ */

void
print_ratio(const char *name, double value, char sign, double goal)
{
	bool good = sign == '>' ? value >= goal : value <= goal;

	printf("ratio=%s value=%.3f goal=%c=%g %s", name, value, sign, goal, good ? "ok" : "miss");
	if (!good && goal > 0)
		printf(" by=%.0f%%", fabs(value / goal - 1) * 100);
	printf("\n");
	fflush(stdout);
}
