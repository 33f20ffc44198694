/* The daemon under the benchmark: its files, start, end, and what it and the kernel count. */
#include "bench.h"

#include "proto/json.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

enum { READY_MS = 600000, POLL_MS = 50, ARGUMENTS = 24 };

/* --- files ------------------------------------------------------------------------------------- */

int
bench_free_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		bench_die("no free port: %s", strerror(errno));
	close(fd);
	return ntohs(address.sin_port);
}

/* An abstract name: a folder's path may be too long for a socket. */
static void
notify_open(struct served *s)
{
	static int number;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int len = snprintf(s->notify, sizeof s->notify, "@ocop-bench-%d-%d", (int)getpid(), number++);

	memcpy(address.sun_path, s->notify, (size_t)len);
	address.sun_path[0] = '\0';
	s->notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s->notify_fd < 0 || bind(s->notify_fd, (struct sockaddr *)&address,
	                             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len)) < 0)
		bench_die("%s: %s", s->notify, strerror(errno));
}

void
served_prepare(struct served *s, const char *program, const char *programme, const char *dir)
{
	char path[PATH_LEN];

	*s = (struct served){ .program = program, .programme = programme, .dir = dir, .port = bench_free_port() };
	snprintf(s->ipc, sizeof s->ipc, "ipc://%s/run/command", dir);
	snprintf(s->tcp, sizeof s->tcp, "tcp://127.0.0.1:%d", s->port);
	if (zmq_curve_keypair(s->public_key, s->secret_key) < 0)
		bench_die("no keys: libzmq has no CURVE");
	snprintf(path, sizeof path, "%s/accounts", dir);
	if (mkdir(path, 0700) < 0)
		bench_die("%s: %s", path, strerror(errno));
	snprintf(path, sizeof path, "%s/accounts/bench.account", dir);
	FILE *f = fopen(path, "we");

	if (!f || fprintf(f, "account\n    name = \"bench\"\n    role = \"officer, admin\"\n    unix-user = \"%u\"\n"
	                  "    curve-key = \"%s\"\n", (unsigned)getuid(), s->public_key) < 0 || fclose(f) != 0)
		bench_die("%s: %s", path, strerror(errno));
	notify_open(s);
}

/* --- start and end ----------------------------------------------------------------------------- */

/* `heard`: somebody reads what the daemon tells its service manager; else it would stop at a full queue. */
static pid_t
spawn(const struct served *s, char *const *arguments, bool heard)
{
	char log[PATH_LEN];
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		bench_die("fork: %s", strerror(errno));
	if (pid > 0)
		return pid;
	snprintf(log, sizeof log, "%s/log", s->dir);
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(126);
	if (heard)
		setenv("NOTIFY_SOCKET", s->notify, 1);
	execv(s->program, arguments);
	_exit(127);
}

static void
check_alive(const struct served *s)
{
	int status;

	if (waitpid(s->pid, &status, WNOHANG) == s->pid)
		bench_die("%s ended while it started (status %d); see %s/log", s->program, status, s->dir);
}

double
served_start(struct served *s)
{
	char state[PATH_LEN], accounts[PATH_LEN], run[PATH_LEN], key[PATH_LEN], message[256];
	char *arguments[] = {
		(char *)s->program, (char *)"--programme", (char *)s->programme, (char *)"--state", state,
		(char *)"--accounts", accounts, (char *)"--run", run, (char *)"--command", s->tcp,
		(char *)"--server-key", key, (char *)"--clock", (char *)"simulated:2020-03-05", NULL,
	};
	struct pollfd item = { .fd = s->notify_fd, .events = POLLIN };
	int64_t from_ns = bench_now_ns();
	ssize_t n;

	snprintf(state, sizeof state, "%s/state", s->dir);
	snprintf(accounts, sizeof accounts, "%s/accounts", s->dir);
	snprintf(run, sizeof run, "%s/run", s->dir);
	snprintf(key, sizeof key, "%s/server.key", s->dir);
	while (recv(s->notify_fd, message, sizeof message, MSG_DONTWAIT) > 0)
		;
	s->pid = spawn(s, arguments, true);
	for (int waited = 0;; waited += POLL_MS) {
		if (waited > READY_MS)
			bench_die("%s was never ready; see %s/log", s->program, s->dir);
		if (poll(&item, 1, POLL_MS) <= 0) {
			check_alive(s);
			continue;
		}
		n = recv(s->notify_fd, message, sizeof message - 1, 0);
		if (n > 0 && memmem(message, (size_t)n, "READY=1", 7))
			return (double)(bench_now_ns() - from_ns) / 1e9;
	}
}

void
served_end(struct served *s, int signal)
{
	int status;

	if (kill(s->pid, signal) < 0 || waitpid(s->pid, &status, 0) != s->pid)
		bench_die("%s: %s", s->program, strerror(errno));
	if (signal == SIGTERM && status != 0)
		bench_die("%s ended with status %d; see %s/log", s->program, status, s->dir);
	s->pid = 0;
}

double
served_rebuild(const struct served *s)
{
	char state[PATH_LEN];
	char *arguments[] = { (char *)s->program, (char *)"--programme", (char *)s->programme,
	                      (char *)"--state", state, (char *)"--rebuild", NULL };
	int64_t from_ns = bench_now_ns();
	int status;

	snprintf(state, sizeof state, "%s/state", s->dir);
	pid_t pid = spawn(s, arguments, false);

	if (waitpid(pid, &status, 0) != pid || status != 0)
		bench_die("%s --rebuild: status %d; see %s/log", s->program, status, s->dir);
	return (double)(bench_now_ns() - from_ns) / 1e9;
}

/* --- counters ---------------------------------------------------------------------------------- */

/* The number behind a name in a file of /proc; 0 where it is not there. */
static uint64_t
proc_number(pid_t pid, const char *file, const char *name)
{
	char path[64], line[256];
	unsigned long long number = 0;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, name, strlen(name)) == 0)
			number = strtoull(line + strlen(name), NULL, 10);
	if (f)
		fclose(f);
	return number;
}

static uint64_t
disk_writes(const char *dir)
{
	struct stat st;
	char line[512];
	unsigned long long writes = 0;
	FILE *f = stat(dir, &st) == 0 ? fopen("/proc/diskstats", "re") : NULL;

	while (f && fgets(line, sizeof line, f)) {
		unsigned major_, minor_;
		unsigned long long n;

		if (sscanf(line, "%u %u %*s %*u %*u %*u %*u %llu", &major_, &minor_, &n) == 3 &&
		    makedev(major_, minor_) == st.st_dev)
			writes = n;
	}
	if (f)
		fclose(f);
	return writes;
}

static int64_t
number_at(const struct json *json, const char *first, const char *second)
{
	int64_t n = 0;

	json = json_get(json, first);
	if (!json_int(second ? json_get(json, second) : json, &n))
		bench_die("server.status: no %s %s", first, second ? second : "");
	return n;
}

void
counters_read(const struct served *s, void *socket, struct counters *ret)
{
	struct arena *arena = arena_new();
	struct buf answer = { .len = 0 };

	load_ask(socket, "server.status", "", &answer);
	const struct json *status = json_get(json_parse(buf_view(&answer), arena, NULL), "result");

	*ret = (struct counters){
		.writes = number_at(status, "writes", NULL),
		.batches = number_at(status, "batches", "count"),
		.syncs = number_at(status, "journal_file", "syncs"),
		.journal_bytes = number_at(status, "journal_file", "used"),
		.map_bytes = number_at(status, "map", "used"),
		.sequence = number_at(status, "sequence", NULL),
		.anon_mb = (double)proc_number(s->pid, "status", "RssAnon:") / 1024.0,
		.written_bytes = proc_number(s->pid, "io", "write_bytes:"),
		.disk_writes = disk_writes(s->dir),
	};
	buf_free(&answer);
	arena_destroy(&arena);
}
