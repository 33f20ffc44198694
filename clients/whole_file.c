/* A file that appears whole or not at all: written beside its place, synced, then renamed. */
#include "clients/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 100 };

/* The folder that a file is in. */
static const char *
folder_of(const char *file, struct arena *arena)
{
	const char *slash = strrchr(file, '/');
	if (!slash)
		return ".";
	return slash == file ? "/" : arena_text(arena, (struct text){ file, (size_t)(slash - file) }).ptr;
}

int
whole_begin(struct whole_file *w, const char *file, struct arena *arena)
{
	struct stat st;
	*w = (struct whole_file){ .file = file };
	if (!stat(file, &st) && !S_ISREG(st.st_mode)) {
		w->fd = S_ISDIR(st.st_mode) ? (errno = EISDIR, -1) : open(file, O_WRONLY | O_CLOEXEC);
	} else {
		const char *folder = folder_of(file, arena);
		w->aside = (char *)arena_printf(arena, "%s/.ocop.XXXXXX", folder).ptr;
		w->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		w->unnamed = w->fd >= 0;
		/* Not every file system has files without a name. */
		if (!w->unnamed)
			w->fd = mkostemp(w->aside, O_CLOEXEC);
	}
	return w->fd < 0 ? -errno : 0;
}

int
whole_write(int fd, struct text bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes.ptr += n;
			bytes.len -= (size_t)n;
		}
	}
	return 0;
}

void
whole_abandon(struct whole_file *w)
{
	close(w->fd);
	if (w->aside && !w->unnamed)
		unlink(w->aside);
}

/* A name for a file that has none. 0 or -errno. */
static int
name_it(struct whole_file *w, const char *name)
{
	char self[32];
	snprintf(self, sizeof self, "/proc/self/fd/%d", w->fd);
	if (linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW))
		return -errno;
	w->unnamed = false;
	return 0;
}

/* By a rename, which needs a name to begin with: it takes the place of what is there, and whoever watches
 * the folder is told that the file came in whole. */
static int
put_in_place(struct whole_file *w, bool fresh)
{
	int e = -EEXIST;
	for (int tries = 0; w->unnamed && e == -EEXIST && tries < TRIES; tries++) {
		uint32_t random;
		if (getrandom(&random, sizeof random, 0) != sizeof random)
			abort();
		sprintf(strrchr(w->aside, '.') + 1, "%06x", random & 0xffffff);
		e = name_it(w, w->aside);
	}
	if (w->unnamed)
		return e;
	return renameat2(AT_FDCWD, w->aside, AT_FDCWD, w->file, fresh ? RENAME_NOREPLACE : 0) ? -errno : 0;
}

static int
sync_folder(const char *file, struct arena *arena)
{
	int fd = open(folder_of(file, arena), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int e = fd >= 0 && fsync(fd) ? -errno : 0;
	if (fd >= 0)
		close(fd);
	return e;
}

int
whole_end(struct whole_file *w, mode_t mode, bool fresh, struct arena *arena)
{
	if (!w->aside)
		return close(w->fd) ? -errno : 0;
	int e = fsync(w->fd) || fchmod(w->fd, mode) ? -errno : put_in_place(w, fresh);
	if (e) {
		whole_abandon(w);
		return e;
	}
	close(w->fd);
	return sync_folder(w->file, arena);
}

mode_t
whole_mode(void)
{
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}
