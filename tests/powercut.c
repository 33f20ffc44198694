/* Power cuts: replays what a program did to its files up to every point, with the choices a disk
 * has about what was not yet synced (powercut_disk.h), and asks the recovery what it makes of it.
 *
 *   powercut [--seed N] [--states N] [--control] [--recorder FILE]
 *
 * Every second run begins with a folder that a cut has left, so that recovering is cut too. In
 * most runs the program is killed and started again on the same disk, so that what a killed process
 * left unsynced is recovered before the cut.
 * --control: a disk that lies, whose syncs do nothing; it fails unless that is found out. */
#include "tests/powercut_disk.h"
#include "tests/powercut.h"

#include <errno.h>
#include <limits.h>
#include <sys/wait.h>
#include <time.h>

uint32_t
cut_dice(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % below;
}

void
cut_note(int notes, char kind, uint64_t sequence)
{
	char line[32];
	int len = snprintf(line, sizeof line, "%c %llu\n", kind, (unsigned long long)sequence);

	if (write(notes, line, (size_t)len) != len)
		abort();
}

enum { ALL_MAX = 64, EACH = 12, SHOWN_MAX = 5 };

struct run {
	struct disk disk;
	bool control;
	uint64_t random, seed;
	unsigned long states, wanted, violations, cuts, exhausted;
	unsigned rounds;
	/* the folder of the next round's beginning, chosen among this one's states */
	unsigned long seen;
	uint64_t start_acked, start_begun;
	char base[128], work[160], scratch[160], start[160], failed[160], log[160], notes[160];
	char self[PATH_MAX], recorder[PATH_MAX];
};

static uint64_t
chance(struct run *r, uint64_t below)
{
	r->random ^= r->random << 13;
	r->random ^= r->random >> 7;
	r->random ^= r->random << 17;
	return r->random % below;
}

static void
check_state(struct run *r, bool last_size)
{
	struct buf why = { 0 };

	disk_write(&r->disk, r->scratch, last_size);
	if (!r->control && chance(r, ++r->seen) == 0) {
		disk_write(&r->disk, r->start, last_size);
		r->start_acked = r->disk.acked;
		r->start_begun = r->disk.begun;
	}
	r->states++;
	if (!cut_recover(r->scratch, r->disk.acked, r->disk.begun, &why)) {
		if (!r->control && r->violations < SHOWN_MAX) {
			disk_write(&r->disk, r->failed, last_size);
			printf("seed %llu, run %u, cut %lu, acknowledged %llu, begun %llu: %.*s; "
			       "the folder: %s\n",
			       (unsigned long long)r->seed, r->rounds, r->cuts,
			       (unsigned long long)r->disk.acked, (unsigned long long)r->disk.begun,
			       TEXT_ARG(buf_view(&why)), r->failed);
		}
		r->violations++;
	}
	buf_free(&why);
}

/* How many states a cut may leave; more than `max` is not counted. */
static unsigned long
count_states(const struct disk *d, unsigned long max)
{
	unsigned long n = 2;

	for (size_t i = 0; i < d->change_count && n <= max; i++)
		n *= 2;
	for (int f = 0; f < d->file_count && n <= max; f++)
		for (size_t i = 0; i < d->files[f]->count && n <= max; i++)
			n *= versions(&d->files[f]->pending[i]) + 1;
	return n;
}

/* The state of that number. Whether sizes are the last ones. */
static bool
choose_number(struct disk *d, unsigned long number)
{
	bool last_size = number % 2;

	number /= 2;
	for (size_t i = 0; i < d->change_count; i++, number /= 2)
		d->changes[i].chosen = number % 2;
	for (int f = 0; f < d->file_count; f++) {
		for (size_t i = 0; i < d->files[f]->count; i++) {
			struct pending *p = &d->files[f]->pending[i];

			p->chosen = (unsigned)(number % (versions(p) + 1));
			number /= versions(p) + 1;
		}
	}
	return last_size;
}

/* Nearly all, nearly nothing, or any: where few sectors are missing, more of the rest is tried. */
static bool
choose_random(struct run *r)
{
	struct disk *d = &r->disk;
	unsigned mood = (unsigned)chance(r, 3);

	for (size_t i = 0; i < d->change_count; i++)
		d->changes[i].chosen = chance(r, 2);
	for (int f = 0; f < d->file_count; f++) {
		for (size_t i = 0; i < d->files[f]->count; i++) {
			struct pending *p = &d->files[f]->pending[i];

			if (mood == 2 || chance(r, 6) == 0)
				p->chosen = (unsigned)chance(r, versions(p) + 1);
			else
				p->chosen = mood ? versions(p) : 0;
		}
	}
	return chance(r, 2);
}

static void
cut_here(struct run *r)
{
	unsigned long n = count_states(&r->disk, ALL_MAX);

	r->cuts++;
	r->exhausted += n <= ALL_MAX;
	for (unsigned long i = 0; i < (n <= ALL_MAX ? n : EACH); i++)
		check_state(r, n <= ALL_MAX ? choose_number(&r->disk, i) : choose_random(r));
}

/* The workload under the recorder, killed after so many records where that is not 0. */
static void
run_workload(struct run *r, unsigned kill_after)
{
	char seed[32], records[32], boot[32];
	int status;
	pid_t pid;

	snprintf(records, sizeof records, "%u", kill_after);
	snprintf(seed, sizeof seed, "%u", (unsigned)chance(r, UINT32_MAX));
	/* Kills happen within one run of the machine; the next round is another. */
	snprintf(boot, sizeof boot, "round-%u", r->rounds);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setenv("OCOPD_BOOT_ID", boot, 1);
		setenv(CUT_ENV_DIR, r->work, 1);
		setenv(CUT_ENV_LOG, r->log, 1);
		setenv(CUT_ENV_NOTES, r->notes, 1);
		if (kill_after)
			setenv(CUT_ENV_KILL, records, 1);
		setenv("LD_PRELOAD", r->recorder, 1);
		setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
		execl(r->self, r->self, "--workload", r->work, seed, r->notes, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid ||
	    (status != 0 && !(kill_after && WIFSIGNALED(status)))) {
		fprintf(stderr, "powercut: the workload failed, seed %llu, run %u\n",
		        (unsigned long long)r->seed, r->rounds);
		exit(1);
	}
}

static int
workload(const char *dir, const char *seed, const char *path)
{
	int notes = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	return notes < 0 ? 1 : cut_workload(dir, (uint32_t)strtoul(seed, NULL, 10), notes);
}

static void
read_log(const char *path, struct buf *out)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &status) < 0) {
		fprintf(stderr, "powercut: nothing was recorded: is the recorder there?\n");
		exit(1);
	}
	buf_clear(out);
	buf_room(out, (size_t)status.st_size + 1);
	while (out->len < (size_t)status.st_size) {
		ssize_t n = read(fd, out->ptr + out->len, (size_t)status.st_size - out->len);

		if (n <= 0)
			abort();
		out->len += (size_t)n;
	}
	close(fd);
}

static void
round_of_cuts(struct run *r)
{
	struct buf log = { 0 }, strings = { 0 };
	bool again = r->rounds % 2;

	disk_clear(&r->disk);
	folder_clear(r->work);
	if (again) {
		disk_load(&r->disk, r->start, "");
		disk_write(&r->disk, r->work, true);
		r->disk.acked = r->start_acked;
		r->disk.begun = r->start_begun;
	}
	r->disk.lies = r->control;
	r->seen = 0;
	unlink(r->log);
	unlink(r->notes);
	for (uint64_t kills = chance(r, 4); kills; kills--)
		run_workload(r, 1 + (unsigned)chance(r, 80));
	run_workload(r, 0);
	read_log(r->log, &log);
	for (size_t at = 0; at < log.len && r->states < r->wanted;) {
		struct cut_head head;

		assert(log.len - at >= sizeof head);
		memcpy(&head, log.ptr + at, sizeof head);
		at += sizeof head;
		assert(log.len - at >= (size_t)head.name_len + head.data_len);
		/* Names and notes are read as strings. */
		buf_clear(&strings);
		buf_add(&strings, log.ptr + at, head.name_len);
		buf_byte(&strings, 0);
		buf_add(&strings, log.ptr + at + head.name_len, head.data_len);
		buf_byte(&strings, 0);
		at += (size_t)head.name_len + head.data_len;
		if (disk_do(&r->disk, &head, strings.ptr, strings.ptr + head.name_len + 1))
			cut_here(r);
	}
	buf_free(&log);
	buf_free(&strings);
	r->rounds++;
}

static void
make_folders(struct run *r)
{
	static const char *const places[] = { "/dev/shm", "/tmp" };
	const char *place = getenv("TMPDIR");
	char real[PATH_MAX];

	for (size_t i = 0; i < countof(places) && !place; i++)
		place = access(places[i], W_OK) == 0 ? places[i] : NULL;
	if (!place || !realpath(place, real) || strlen(real) > 80) {
		fprintf(stderr, "powercut: no place for scratch folders; set TMPDIR\n");
		exit(1);
	}
	snprintf(r->base, sizeof r->base, "%.80s/powercut.%ld", real, (long)getpid());
	mkdir(r->base, 0700);
#define UNDER(member) snprintf(r->member, sizeof r->member, "%s/" #member, r->base)
	UNDER(work);
	UNDER(scratch);
	UNDER(start);
	UNDER(failed);
	UNDER(log);
	UNDER(notes);
	if (mkdir(r->work, 0700) < 0 || mkdir(r->scratch, 0700) < 0 || mkdir(r->start, 0700) < 0 ||
	    mkdir(r->failed, 0700) < 0)
		abort();
}

static void
find_programs(struct run *r, const char *recorder)
{
	char path[PATH_MAX + 32];

	if (!realpath("/proc/self/exe", r->self))
		abort();
	snprintf(path, sizeof path, "%s", r->self);
	strcpy(strrchr(path, '/'), "/powercut_record.so");
	if (!realpath(recorder ? recorder : path, r->recorder)) {
		fprintf(stderr, "powercut: %s: %s\n", recorder ? recorder : path, strerror(errno));
		exit(1);
	}
}

static int
report(struct run *r)
{
	unsigned long percent = r->violations * 100 / r->states;

	if (r->control)
		printf("powercut: %lu states of a disk that lies, %lu found out (%lu %%), seed "
		       "%llu\n",
		       r->states, r->violations, percent, (unsigned long long)r->seed);
	else
		printf("powercut: %lu states at %lu cuts of %u runs (%lu cuts with every state), "
		       "%lu violations, seed %llu\n",
		       r->states, r->cuts, r->rounds, r->exhausted, r->violations,
		       (unsigned long long)r->seed);
	if (r->control || !r->violations) {
		folder_clear(r->base);
		rmdir(r->base);
	}
	return r->control ? r->violations == 0 : r->violations != 0;
}

int
main(int argc, char **argv)
{
	static struct run run;
	struct run *r = &run;
	const char *recorder = NULL;

	if (argc == 5 && strcmp(argv[1], "--workload") == 0)
		return workload(argv[2], argv[3], argv[4]);
	r->seed = (uint64_t)time(NULL);
	r->wanted = 20000;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--control") == 0) {
			r->control = true;
		} else if (i + 1 < argc && strcmp(argv[i], "--seed") == 0) {
			r->seed = strtoull(argv[++i], NULL, 10);
		} else if (i + 1 < argc && strcmp(argv[i], "--states") == 0) {
			r->wanted = strtoul(argv[++i], NULL, 10);
		} else if (i + 1 < argc && strcmp(argv[i], "--recorder") == 0) {
			recorder = argv[++i];
		} else {
			fprintf(stderr, "usage: powercut [--seed N] [--states N] [--control] "
			                "[--recorder FILE]\n");
			return 64;
		}
	}
	r->random = r->seed * 2 + 1;
	find_programs(r, recorder);
	make_folders(r);
	while (r->states < r->wanted)
		round_of_cuts(r);
	disk_clear(&r->disk);
	return report(r);
}
