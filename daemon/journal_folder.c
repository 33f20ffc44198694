/* The journal's folder: which segments it has, and journal.about. */
#include "daemon/journal_segment.h"

#include "proto/i18n.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ABOUT "journal.about"
#define ABOUT_NEW ABOUT ".new"

enum { ABOUT_FORMAT = 1, ABOUT_BYTES_MAX = 4096 };

int
folder_sync(int dir_fd)
{
	while (fsync(dir_fd) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* The new folder's name is on disk only when the folder above is. */
int
folder_sync_parent(int dir_fd)
{
	int fd = openat(dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC), fault;

	if (fd < 0)
		return -errno;
	fault = folder_sync(fd);
	close(fd);
	return fault;
}

int
folder_open(const char *dir, bool make, int *ret_fd)
{
	bool made = false;
	int fd, fault = 0;

	if (make) {
		made = mkdir(dir, 0700) == 0;
		if (!made && errno != EEXIST)
			return -errno;
	}
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (made)
		fault = folder_sync_parent(fd);
	if (fault)
		close(fd);
	else
		*ret_fd = fd;
	return fault;
}

/* 0 where the name is none of a segment. */
static uint32_t
segment_number(const char *name)
{
	uint32_t number = 0;

	if (strspn(name, "0123456789") != 8 || strcmp(name + 8, ".journal") != 0)
		return 0;
	for (int i = 0; i < 8; i++)
		number = number * 10 + (uint32_t)(name[i] - '0');
	return number;
}

int
folder_list(const char *dir, int dir_fd, uint32_t *ret_last, struct buf *why)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	uint32_t last = 0, count = 0;
	struct dirent *entry;
	int fault;

	if (!folder) {
		fault = -errno;
		if (fd >= 0)
			close(fd);
		return fault;
	}
	while ((errno = 0, entry = readdir(folder))) {
		uint32_t number = segment_number(entry->d_name);

		count += number != 0;
		last = number > last ? number : last;
	}
	fault = -errno;
	closedir(folder);
	if (fault)
		return fault;
	if (count != last) {
		buf_printf(why,
		           "%s: there are segments up to %08u.journal, but only %u of them; "
		           "put the missing ones back or restore a backup",
		           dir, (unsigned)last, (unsigned)count);
		return -EILSEQ;
	}
	*ret_last = last;
	return 0;
}

/* The value of a line `name = value`; absent where there is none. */
static struct text
about_value(struct text about, const char *name)
{
	struct text line, key;

	while (text_next(&about, '\n', &line)) {
		struct text value = line;

		if (text_next(&value, '=', &key) && text_is(key, name) &&
		    text_next(&value, '\n', &line))
			return line;
	}
	return (struct text){ 0 };
}

static int
about_read(int dir_fd, struct buf *out)
{
	int fd = openat(dir_fd, ABOUT, O_RDONLY | O_CLOEXEC), fault = 0;
	struct stat status;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0)
		fault = -errno;
	else if (status.st_size > ABOUT_BYTES_MAX)
		fault = -EILSEQ;
	else
		fault = file_read(fd, buf_room(out, ABOUT_BYTES_MAX), (size_t)status.st_size, 0);
	if (!fault)
		out->len += (size_t)status.st_size;
	close(fd);
	return fault;
}

static bool
is_number(struct text t)
{
	size_t digits = 0;

	while (digits < t.len && t.ptr[digits] >= '0' && t.ptr[digits] <= '9')
		digits++;
	return digits && digits == t.len;
}

int
about_load(const char *dir, int dir_fd, struct text source, char ret_name[ABOUT_NAME_LEN + 1], struct buf *why)
{
	struct buf about = { 0 };
	int fault = about_read(dir_fd, &about);

	if (!fault) {
		struct text format = about_value(buf_view(&about), "format"),
			    name = about_value(buf_view(&about), "name"),
			    of = about_value(buf_view(&about), "source");

		if (is_number(format) && !text_is(format, "1")) {
			buf_printf(why,
			           _("%s/journal.about: the journal has format %.*s, this program knows up to "
			             "%d; install the newer ocopd"),
			           dir, TEXT_ARG(format), ABOUT_FORMAT);
			fault = -ENOTSUP;
		} else if (!text_is(format, "1") || name.len != ABOUT_NAME_LEN) {
			fault = -EILSEQ;
		} else if (source.ptr && of.ptr && !text_equal(source, of)) {
			buf_printf(why,
			           _("%s/journal.about: the journal is of the source %.*s, the programme says %.*s; "
			             "put that back, or give another folder for the state"),
			           dir, TEXT_ARG(of), TEXT_ARG(source));
			fault = -EINVAL;
		} else {
			memcpy(ret_name, name.ptr, ABOUT_NAME_LEN);
			ret_name[ABOUT_NAME_LEN] = 0;
		}
	}
	if (fault == -EILSEQ)
		buf_printf(why, "%s/" ABOUT ": damaged; restore it from a backup", dir);
	buf_free(&about);
	return fault;
}

/* Made aside, so that a cut never leaves half a file under the name. */
static int
about_write(int dir_fd, struct text about)
{
	int fd = openat(dir_fd, ABOUT_NEW, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), fault;

	if (fd < 0)
		return -errno;
	fault = file_write(fd, about.ptr, about.len, 0);
	if (!fault && fsync(fd) < 0)
		fault = -errno;
	close(fd);
	if (!fault && renameat(dir_fd, ABOUT_NEW, dir_fd, ABOUT) < 0)
		fault = -errno;
	return fault ? fault : folder_sync(dir_fd);
}

int
about_make(int dir_fd, struct text source, char ret_name[ABOUT_NAME_LEN + 1])
{
	unsigned char random[ABOUT_NAME_LEN / 2];
	struct buf about = { 0 };
	int fault;

	randombytes_buf(random, sizeof random);
	sodium_bin2hex(ret_name, ABOUT_NAME_LEN + 1, random, sizeof random);
	buf_printf(&about,
	           "# The journal of ocopd: each line of the segments is HASH TEXT, HASH the "
	           "BLAKE2b-256 of TEXT\n"
	           "# (b2sum -l 256), TEXT an event with the hash of the one before it. Never "
	           "change this folder.\n"
	           "format = %d\nname = %s\nsource = %.*s\n",
	           ABOUT_FORMAT, ret_name, TEXT_ARG(source));
	fault = about_write(dir_fd, buf_view(&about));
	buf_free(&about);
	return fault ? fault : folder_sync_parent(dir_fd);
}

int
about_copy(int from_fd, int to_fd)
{
	struct buf about = { 0 };
	int fault = about_read(from_fd, &about);

	if (!fault)
		fault = about_write(to_fd, buf_view(&about));
	buf_free(&about);
	return fault;
}
