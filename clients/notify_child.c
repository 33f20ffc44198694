/* A program run for one delivery. */
#include "clients/notify_child.h"

#include "proto/i18n.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int64_t
child_clock_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool
child_wait_fd(int fd, int64_t timeout_ms)
{
	int64_t end = child_clock_ms() + timeout_ms;
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = end - child_clock_ms();
		int n = poll(&p, 1, left > INT32_MAX ? INT32_MAX : left > 0 ? (int)left : 0);
		if (n > 0)
			return true;
		if (left <= 0)
			return false;
	}
}

/* A file and no pipe: a child that reads nothing holds nobody up. */
static int
input_make(struct text input)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	while (fd >= 0 && input.len) {
		ssize_t n = write(fd, input.ptr, input.len);
		if (n < 0 && errno != EINTR) {
			close(fd);
			return -1;
		}
		if (n > 0) {
			input.ptr += n;
			input.len -= (size_t)n;
		}
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

/* In a group of its own, with the signals as a program expects them. 0 or an errno. */
static int
spawn(const struct child_job *job, int input, pid_t *ret)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	int e = posix_spawn(ret, job->argv[0], &files, &attributes, (char *const *)job->argv, job->environment);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return e;
}

/* Waits for the end, or for the limit; true where it ended by itself. */
static bool
wait_end(const struct child_job *job, pid_t pid)
{
	int64_t end = child_clock_ms() + job->limit_ms;
	int stop = job->stop_fd, fd = pidfd_open(pid, 0);
	bool ended = false;
	while (fd >= 0 && !ended) {
		struct pollfd p[] = { { .fd = fd, .events = POLLIN }, { .fd = stop, .events = POLLIN } };
		int64_t now = child_clock_ms();
		if (poll(p, 2, end > now ? (int)(end - now) : 0) < 0 && errno != EINTR)
			break;
		ended = p[0].revents != 0;
		if (p[1].revents) {
			stop = -1;
			if (end > now + CHILD_GRACE_MS)
				end = now + CHILD_GRACE_MS;
		}
		if (child_clock_ms() >= end)
			break;
	}
	if (fd >= 0)
		close(fd);
	return ended;
}

bool
child_run(const struct child_job *job, struct buf *ret_why)
{
	pid_t pid;
	int status = 0, input = input_make(job->input);
	int e = input < 0 ? errno : spawn(job, input, &pid);
	if (input >= 0)
		close(input);
	if (e) {
		buf_printf(ret_why, "%s: %s", job->argv[0], strerror(e));
		return false;
	}
	bool ended = wait_end(job, pid);
	if (!ended)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!ended)
		buf_printf(ret_why, _("killed after its time limit of %lld s"), (long long)(job->limit_ms / 1000));
	else if (WIFSIGNALED(status))
		buf_printf(ret_why, _("ended by signal %d"), WTERMSIG(status));
	else if (WEXITSTATUS(status))
		buf_printf(ret_why, _("ended with code %d"), WEXITSTATUS(status));
	return ended && WIFEXITED(status) && !WEXITSTATUS(status);
}
