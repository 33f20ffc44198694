/* A file that appears whole or not at all: written beside its place, synced, then renamed. */
#include "clients/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
		w->aside = (char *)arena_printf(arena, "%s/.ocop.XXXXXX", folder_of(file, arena)).ptr;
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
	if (w->aside)
		unlink(w->aside);
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
	if (fsync(w->fd) || fchmod(w->fd, mode)
	    || renameat2(AT_FDCWD, w->aside, AT_FDCWD, w->file, fresh ? RENAME_NOREPLACE : 0)) {
		int e = -errno;
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
