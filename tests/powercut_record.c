/* Records what a program does to the files of one folder (LD_PRELOAD; powercut_log.h says how).
 *
 * Each call is made and logged under one lock, so that the log's order is the order of the calls;
 * the log is opened for appending, so that several recorded programs may share it. Only calls that
 * succeeded are logged. Writing through mmap is not seen. */
#include "powercut_log.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FDS = 65536, NOT_WATCHED = 0, WATCHED, NOTES };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static unsigned char watched[FDS];
static const char *folder, *notes;
static int log_fd = -1;
static long left = -1;          /* records until the kill; none where it is negative */

/* The C library's own function of that name. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void
start(void)
{
	const char *path = getenv(CUT_ENV_LOG), *kill_after = getenv(CUT_ENV_KILL);

	left = kill_after ? strtol(kill_after, NULL, 10) : -1;
	folder = getenv(CUT_ENV_DIR);
	notes = getenv(CUT_ENV_NOTES);
	if (folder && path)
		log_fd = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void
record(enum cut_kind kind, int fd, uint64_t offset, const char *name, size_t name_len,
       const void *data, size_t len)
{
	struct cut_head head = {
		.kind = kind, .fd = (uint32_t)fd, .offset = offset,
		.name_len = (uint32_t)name_len, .data_len = (uint32_t)len,
	};
	struct iovec parts[] = { { &head, sizeof head },
		                 { (void *)(uintptr_t)name, name_len },
		                 { (void *)(uintptr_t)data, len } };
	int saved = errno;

	if (REAL(writev)(log_fd, parts, 3) != (ssize_t)(sizeof head + name_len + len))
		abort();
	if (left > 0 && --left == 0)
		raise(SIGKILL);
	errno = saved;
}

/* The part of an absolute path inside the folder; NULL where it is not in it. */
static const char *
inside(const char *path)
{
	size_t len = strlen(folder);

	if (strncmp(path, folder, len) != 0 || (path[len] && path[len] != '/'))
		return NULL;
	return path[len] ? path + len + 1 : path + len;
}

static bool
path_of_fd(int fd, char out[PATH_MAX])
{
	char link[64];
	ssize_t len;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	len = readlink(link, out, PATH_MAX - 1);
	out[len < 0 ? 0 : len] = 0;
	return len > 0;
}

static bool
path_at(int dir_fd, const char *path, char out[PATH_MAX])
{
	char dir[PATH_MAX];

	if (path[0] == '/')
		return snprintf(out, PATH_MAX, "%s", path) < PATH_MAX;
	if (dir_fd == AT_FDCWD ? !getcwd(dir, sizeof dir) : !path_of_fd(dir_fd, dir))
		return false;
	return snprintf(out, PATH_MAX, "%s/%s", dir, path) < PATH_MAX;
}

static bool
active(void)
{
	pthread_once(&once, start);
	return log_fd >= 0;
}

static unsigned char
kind_of(int fd)
{
	return active() && fd >= 0 && fd < FDS ? watched[fd] : NOT_WATCHED;
}

static int
open_file(int dir_fd, const char *path, int flags, mode_t mode)
{
	char whole[PATH_MAX];
	struct stat status;
	const char *name;
	uint64_t how = 0;
	int fd;

	if (!active())
		return REAL(openat)(dir_fd, path, flags, mode);
	pthread_mutex_lock(&lock);
	if (flags & O_CREAT && fstatat(dir_fd, path, &status, 0) < 0)
		how |= CUT_CREATED;
	fd = REAL(openat)(dir_fd, path, flags, mode);
	if (fd >= 0 && fd < FDS) {
		int saved = errno;

		watched[fd] = NOT_WATCHED;
		name = path_of_fd(fd, whole) ? inside(whole) : NULL;
		if (notes && strcmp(whole, notes) == 0)
			watched[fd] = NOTES;
		else if (name && fstat(fd, &status) == 0) {
			watched[fd] = WATCHED;
			how |= S_ISDIR(status.st_mode) ? CUT_FOLDER : 0;
			how |= flags & O_TRUNC ? CUT_TRUNCATED : 0;
			how |= flags & O_DSYNC ? CUT_DSYNC : 0;
			record(CUT_OPEN, fd, how, name, strlen(name), NULL, 0);
		}
		errno = saved;
	}
	pthread_mutex_unlock(&lock);
	return fd;
}

#define MODE_OF(flags) \
	mode_t mode = 0; \
	if ((flags) & (O_CREAT | __O_TMPFILE)) { \
		va_list args; \
		va_start(args, flags); \
		mode = va_arg(args, mode_t); \
		va_end(args); \
	}

#define HOOK_OPEN(name)                                                                            \
	int name(const char *path, int flags, ...)                                                 \
	{                                                                                          \
		MODE_OF(flags) return open_file(AT_FDCWD, path, flags, mode);                      \
	}
#define HOOK_OPENAT(name)                                                                          \
	int name(int dir_fd, const char *path, int flags, ...)                                     \
	{                                                                                          \
		MODE_OF(flags) return open_file(dir_fd, path, flags, mode);                        \
	}
HOOK_OPEN(open)
HOOK_OPEN(open64)
HOOK_OPENAT(openat)
HOOK_OPENAT(openat64)

int
close(int fd)
{
	if (kind_of(fd))
		watched[fd] = NOT_WATCHED;
	return REAL(close)(fd);
}

/* `offset` < 0: where the file stands. */
static ssize_t
write_file(int fd, const struct iovec *parts, int count, off_t offset)
{
	unsigned char kind = kind_of(fd);
	ssize_t n;

	if (!kind)
		return offset < 0 ? REAL(writev)(fd, parts, count)
		                  : REAL(pwritev)(fd, parts, count, offset);
	pthread_mutex_lock(&lock);
	n = offset < 0 ? REAL(writev)(fd, parts, count) : REAL(pwritev)(fd, parts, count, offset);
	if (n > 0) {
		uint64_t at =
			offset < 0 ? (uint64_t)(lseek(fd, 0, SEEK_CUR) - n) : (uint64_t)offset;
		size_t rest = (size_t)n;

		for (int i = 0; i < count && rest; i++) {
			size_t len = parts[i].iov_len < rest ? parts[i].iov_len : rest;

			record(kind == NOTES ? CUT_NOTE : CUT_WRITE, fd, at, NULL, 0,
			       parts[i].iov_base, len);
			at += len;
			rest -= len;
		}
	}
	pthread_mutex_unlock(&lock);
	return n;
}

static ssize_t
write_one(int fd, const void *bytes, size_t len, off_t offset)
{
	struct iovec part = { (void *)(uintptr_t)bytes, len };

	return write_file(fd, &part, 1, offset);
}

ssize_t write(int fd, const void *bytes, size_t len) { return write_one(fd, bytes, len, -1); }
ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	return write_one(fd, bytes, len, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	return write_one(fd, bytes, len, at);
}
ssize_t writev(int fd, const struct iovec *parts, int count)
{
	return write_file(fd, parts, count, -1);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
	return write_file(fd, parts, count, at);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at)
{
	return write_file(fd, parts, count, at);
}

/* Calls that change or sync one open file: made, and logged where they return 0. */
#define HOOK_FD(call, kind, offset) \
	int result; \
	if (kind_of(fd) != WATCHED) \
		return call; \
	pthread_mutex_lock(&lock); \
	result = call; \
	if (result == 0) \
		record(kind, fd, (uint64_t)(offset), NULL, 0, NULL, 0); \
	pthread_mutex_unlock(&lock); \
	return result;

int fsync(int fd) { HOOK_FD(REAL(fsync)(fd), CUT_SYNC, 0) }
int fdatasync(int fd) { HOOK_FD(REAL(fdatasync)(fd), CUT_SYNC, 0) }
int ftruncate(int fd, off_t size) { HOOK_FD(REAL(ftruncate)(fd, size), CUT_SIZE, size) }
int ftruncate64(int fd, off64_t size) { HOOK_FD(REAL(ftruncate64)(fd, size), CUT_SIZE, size) }
int fallocate(int fd, int mode, off_t at, off_t len)
{
	HOOK_FD(REAL(fallocate)(fd, mode, at, len), CUT_EXTEND, mode ? 0 : at + len)
}
int fallocate64(int fd, int mode, off64_t at, off64_t len)
{
	HOOK_FD(REAL(fallocate64)(fd, mode, at, len), CUT_EXTEND, mode ? 0 : at + len)
}
int posix_fallocate(int fd, off_t at, off_t len)
{
	HOOK_FD(REAL(posix_fallocate)(fd, at, len), CUT_EXTEND, at + len)
}
int posix_fallocate64(int fd, off64_t at, off64_t len)
{
	HOOK_FD(REAL(posix_fallocate64)(fd, at, len), CUT_EXTEND, at + len)
}

int
renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	char old[PATH_MAX], new[PATH_MAX], names[2 * PATH_MAX];
	const char *a, *b;
	int result;

	if (!active() || !path_at(from_fd, from, old) || !path_at(to_fd, to, new))
		return REAL(renameat2)(from_fd, from, to_fd, to, flags);
	pthread_mutex_lock(&lock);
	a = inside(old);
	b = inside(new);
	result = REAL(renameat2)(from_fd, from, to_fd, to, flags);
	if (result == 0 && a && b) {
		int len = snprintf(names, sizeof names, "%s%c%s", a, 0, b);

		record(CUT_RENAME, 0, 0, names, (size_t)len, NULL, 0);
	}
	pthread_mutex_unlock(&lock);
	return result;
}

int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	return renameat2(from_fd, from, to_fd, to, 0);
}

int
unlinkat(int dir_fd, const char *path, int flags)
{
	char whole[PATH_MAX];
	const char *name;
	int result;

	if (!active() || !path_at(dir_fd, path, whole))
		return REAL(unlinkat)(dir_fd, path, flags);
	pthread_mutex_lock(&lock);
	name = inside(whole);
	result = REAL(unlinkat)(dir_fd, path, flags);
	if (result == 0 && name)
		record(CUT_UNLINK, 0, 0, name, strlen(name), NULL, 0);
	pthread_mutex_unlock(&lock);
	return result;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
