/* What was typed and not yet sent, in a file of its owner's alone. */
#include "clients/entry_draft.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOWS_MAX = 9, DRAFT_BYTES_MAX = 1024 * 1024 };

/* Makes every folder of the path. */
static int
make_folders(struct text path, struct arena *arena)
{
	char *copy = (char *)arena_text(arena, path).ptr;
	for (char *at = copy + 1; ; at++) {
		char c = *at;
		if (c && c != '/')
			continue;
		*at = '\0';
		if (mkdir(copy, 0700) && errno != EEXIST)
			return -errno;
		*at = c;
		if (!c)
			return 0;
	}
}

static int
folder(struct arena *arena, struct text *ret)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	if (state && state[0] == '/')
		*ret = arena_printf(arena, "%s/ocop/drafts", state);
	else if (home && home[0] == '/')
		*ret = arena_printf(arena, "%s/.local/state/ocop/drafts", home);
	else
		return -ENOENT;
	return make_folders(*ret, arena);
}

/* The file of this path, for us alone. -EWOULDBLOCK: another has it. */
static int
take(struct draft *d, const char *path)
{
	for (;;) {
		struct stat ours, there;
		d->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (d->fd < 0)
			return -errno;
		if (flock(d->fd, LOCK_EX | LOCK_NB)) {
			int e = -errno;
			draft_close(d);
			return e;
		}
		/* Who had it may have dropped it in between. */
		if (!fstat(d->fd, &ours) && !stat(path, &there) && ours.st_ino == there.st_ino && ours.st_dev == there.st_dev)
			return 0;
		draft_close(d);
	}
}

int
draft_read(struct draft *d, struct arena *arena, struct text *ret_text)
{
	/* By its name: an editor may have put another file in its place. */
	int fd = open(d->path.ptr, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), e = 0;
	struct buf text = { 0 };
	ssize_t n = 0;
	if (fd < 0)
		return -errno;
	while ((n = read(fd, buf_room(&text, 4096), 4096)) > 0 && text.len <= DRAFT_BYTES_MAX)
		text.len += (size_t)n;
	e = n < 0 ? -errno : text.len > DRAFT_BYTES_MAX ? -EFBIG : 0;
	close(fd);
	if (!e)
		*ret_text = arena_text(arena, buf_view(&text));
	buf_free(&text);
	return e;
}

int
draft_open(const char *name, const char *extension, struct arena *arena, struct draft *ret, struct text *ret_text)
{
	struct text dir;
	struct draft d = { .fd = -1 };
	int e = folder(arena, &dir);
	for (int window = 1; !e && window <= WINDOWS_MAX; window++) {
		d.path = window == 1 ? arena_printf(arena, "%s/%s.%s", dir.ptr, name, extension)
		                     : arena_printf(arena, "%s/%s-%d.%s", dir.ptr, name, window, extension);
		e = take(&d, d.path.ptr);
		if (!e)
			break;
		if (e == -EWOULDBLOCK && window < WINDOWS_MAX)
			e = 0;
	}
	if (!e)
		e = draft_read(&d, arena, ret_text);
	if (!e)
		*ret = d;
	else
		draft_close(&d);
	return e;
}

int
draft_write(struct draft *d, struct text text)
{
	for (size_t at = 0; d->fd >= 0 && at < text.len; ) {
		ssize_t n = pwrite(d->fd, text.ptr + at, text.len - at, (off_t)at);
		if (n < 0 && errno != EINTR)
			return -errno;
		at += n > 0 ? (size_t)n : 0;
	}
	return d->fd >= 0 && ftruncate(d->fd, (off_t)text.len) ? -errno : 0;
}

void
draft_close(struct draft *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

void
draft_drop(struct draft *d)
{
	if (d->fd >= 0)
		unlink(d->path.ptr);
	draft_close(d);
}
