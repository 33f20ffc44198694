/* A disk that is cut from its power: what is synced, what is not, what it may hold of that.
 *
 * A write since its file's last sync is taken apart into sectors; each sector holds the synced
 * bytes or those after any one of the writes since. A file's size is that of what is there, or the
 * last one. A new or other name may be there or not until its folder is synced. */
#ifndef TESTS_POWERCUT_DISK_H
#define TESTS_POWERCUT_DISK_H

#include "proto/mem.h"
#include "tests/powercut_log.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512, FILES_MAX = 512, NAMES_MAX = 512, FDS_MAX = 1024, FOLDER = -2 };

/* A sector not yet synced: each version since, SECTOR bytes each. */
struct pending {
	size_t sector;
	struct buf versions;
	unsigned chosen;            /* of this state; 0 is what was synced */
};

struct file {
	struct buf image;           /* synced; whole sectors */
	size_t size, size_now;
	struct pending *pending;
	size_t count, cap;
};

struct name {
	char name[96];
	int file;                   /* -1: gone */
};

/* A change of names not yet synced; `other` is the name a rename took away. */
struct change {
	struct name now;
	char other[96];
	bool chosen;
};

struct disk {
	struct file *files[FILES_MAX];
	int file_count;
	struct name names[NAMES_MAX], names_now[NAMES_MAX];
	size_t name_count, now_count;
	struct change changes[NAMES_MAX];
	size_t change_count;
	struct { int file; bool dsync; char folder[96]; } fds[FDS_MAX];
	bool lies;                  /* syncs of files do nothing */
	uint64_t acked, begun;      /* what the notes said last */
};

static int
disk_file(struct disk *d)
{
	assert(d->file_count < FILES_MAX);
	d->files[d->file_count] = xcalloc(1, sizeof(struct file));
	return d->file_count++;
}

static void
file_clear(struct file *f)
{
	for (size_t i = 0; i < f->count; i++)
		buf_clear(&f->pending[i].versions);
	f->count = 0;
}

static void
disk_clear(struct disk *d)
{
	for (int i = 0; i < d->file_count; i++) {
		for (size_t k = 0; k < d->files[i]->cap; k++)
			buf_free(&d->files[i]->pending[k].versions);
		buf_free(&d->files[i]->image);
		free(d->files[i]->pending);
		free(d->files[i]);
	}
	memset(d, 0, sizeof *d);
}

static void
image_grow(struct file *f, size_t size)
{
	size_t whole = (size + SECTOR - 1) / SECTOR * SECTOR;

	if (f->image.len < whole) {
		size_t more = whole - f->image.len;

		memset(buf_room(&f->image, more), 0, more);
		f->image.len = whole;
	}
}

static struct pending *
file_pending(struct file *f, size_t sector)
{
	for (size_t i = f->count; i-- > 0;)
		if (f->pending[i].sector == sector)
			return &f->pending[i];
	if (f->count == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 16;

		f->pending = realloc(f->pending, cap * sizeof *f->pending);
		assert(f->pending);
		memset(f->pending + f->cap, 0, (cap - f->cap) * sizeof *f->pending);
		f->cap = cap;
	}
	f->pending[f->count].sector = sector;
	return &f->pending[f->count++];
}

/* What a sector reads as with `version` writes since the sync. */
static void
sector_at(const struct file *f, const struct pending *p, unsigned version, char out[SECTOR])
{
	size_t at = p->sector * SECTOR;

	if (version)
		memcpy(out, p->versions.ptr + (version - 1) * SECTOR, SECTOR);
	else if (at < f->image.len)
		memcpy(out, f->image.ptr + at, SECTOR);
	else
		memset(out, 0, SECTOR);
}

static unsigned
versions(const struct pending *p)
{
	return (unsigned)(p->versions.len / SECTOR);
}

static void
file_sync_sectors(struct file *f)
{
	image_grow(f, f->size_now);
	for (size_t i = 0; i < f->count; i++) {
		char sector[SECTOR];

		sector_at(f, &f->pending[i], versions(&f->pending[i]), sector);
		image_grow(f, (f->pending[i].sector + 1) * SECTOR);
		memcpy(f->image.ptr + f->pending[i].sector * SECTOR, sector, SECTOR);
	}
	f->size = f->size_now;
	file_clear(f);
}

static void
file_change(struct file *f, size_t at, const char *bytes, size_t len)
{
	while (len) {
		size_t in = at % SECTOR, n = SECTOR - in < len ? SECTOR - in : len;
		struct pending *p = file_pending(f, at / SECTOR);
		char sector[SECTOR];

		sector_at(f, p, versions(p), sector);
		if (bytes)
			memcpy(sector + in, bytes, n);
		else
			memset(sector + in, 0, n);
		buf_add(&p->versions, sector, SECTOR);
		at += n;
		len -= n;
		bytes += bytes ? n : 0;
	}
}

static void
file_resize(struct file *f, size_t size)
{
	if (size < f->size_now)
		file_change(f, size, NULL, f->size_now - size);
	f->size_now = size;
}

static int
names_find(const struct name *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i].name, name) == 0)
			return (int)i;
	return -1;
}

static void
names_set(struct name *names, size_t *count, const char *name, int file)
{
	int i = names_find(names, *count, name);

	if (i < 0 && file >= 0) {
		assert(*count < NAMES_MAX && strlen(name) < sizeof names->name);
		i = (int)(*count)++;
		strcpy(names[i].name, name);
	}
	if (file >= 0)
		names[i].file = file;
	else if (i >= 0)
		names[i] = names[--*count];
}

static void
change_apply(const struct change *c, struct name *names, size_t *count)
{
	if (c->other[0])
		names_set(names, count, c->other, -1);
	names_set(names, count, c->now.name, c->now.file);
}

static void
disk_change(struct disk *d, const char *name, int file, const char *other)
{
	struct change c = { .now.file = file };

	assert(d->change_count < NAMES_MAX && strlen(name) < sizeof c.now.name &&
	       strlen(other) < sizeof c.other);
	strcpy(c.now.name, name);
	strcpy(c.other, other);
	d->changes[d->change_count++] = c;
	change_apply(&c, d->names_now, &d->now_count);
}

static bool
is_in(const char *name, const char *folder)
{
	const char *slash = strrchr(name, '/');
	size_t len = slash ? (size_t)(slash - name) : 0;

	return strlen(folder) == len && memcmp(name, folder, len) == 0;
}

static void
disk_sync_folder(struct disk *d, const char *folder)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->change_count; i++) {
		if (is_in(d->changes[i].now.name, folder))
			change_apply(&d->changes[i], d->names, &d->name_count);
		else
			d->changes[kept++] = d->changes[i];
	}
	d->change_count = kept;
}

static void
disk_open(struct disk *d, const struct cut_head *head, const char *name)
{
	int i, file;

	assert(head->fd < FDS_MAX);
	if (head->offset & CUT_FOLDER) {
		d->fds[head->fd].file = FOLDER;
		snprintf(d->fds[head->fd].folder, sizeof d->fds->folder, "%s", name);
		return;
	}
	i = names_find(d->names_now, d->now_count, name);
	if (head->offset & CUT_CREATED || i < 0) {
		file = disk_file(d);
		disk_change(d, name, file, "");
	} else {
		file = d->names_now[i].file;
	}
	if (head->offset & CUT_TRUNCATED)
		file_resize(d->files[file], 0);
	d->fds[head->fd].file = file;
	d->fds[head->fd].dsync = head->offset & CUT_DSYNC;
}

static void
name_move(char name[96], const char *from, const char *to)
{
	char moved[2 * 96];
	size_t len = strlen(from);

	if (strncmp(name, from, len) != 0 || (name[len] != '/' && name[len] != '\0'))
		return;
	snprintf(moved, sizeof moved, "%s%s", to, name + len);
	assert(strlen(moved) < 96);
	strcpy(name, moved);
}

/* A folder renamed (a store made aside) counts as synced at once: what it holds can be made anew,
 * and files of one folder under two names would be states no disk can have. */
static void
disk_move_folder(struct disk *d, const char *from, const char *to)
{
	for (size_t i = 0; i < d->name_count; i++)
		name_move(d->names[i].name, from, to);
	for (size_t i = 0; i < d->now_count; i++)
		name_move(d->names_now[i].name, from, to);
	for (size_t i = 0; i < d->change_count; i++) {
		name_move(d->changes[i].now.name, from, to);
		name_move(d->changes[i].other, from, to);
	}
	for (size_t i = 0; i < FDS_MAX; i++)
		name_move(d->fds[i].folder, from, to);
}

/* Does a record. Whether there is anything new to choose after it. */
static bool
disk_do(struct disk *d, const struct cut_head *head, const char *name, const char *data)
{
	int fd = (int)head->fd, i = d->fds[fd].file;
	struct file *f = i >= 0 && i < d->file_count ? d->files[i] : NULL;

	switch ((enum cut_kind)head->kind) {
	case CUT_OPEN:
		disk_open(d, head, name);
		return head->offset & (CUT_CREATED | CUT_TRUNCATED);
	case CUT_WRITE:
		file_change(f, head->offset, data, head->data_len);
		f->size_now = f->size_now < head->offset + head->data_len
		                      ? head->offset + head->data_len
		                      : f->size_now;
		if (d->fds[fd].dsync && !d->lies)
			file_sync_sectors(f);
		return true;
	case CUT_SIZE:
		file_resize(f, head->offset);
		return true;
	case CUT_EXTEND:
		f->size_now = f->size_now < head->offset ? head->offset : f->size_now;
		return true;
	case CUT_SYNC:
		if (i == FOLDER)
			disk_sync_folder(d, d->fds[fd].folder);
		else if (!d->lies)
			file_sync_sectors(f);
		return true;
	case CUT_RENAME:
		i = names_find(d->names_now, d->now_count, name);
		if (i < 0) {
			disk_move_folder(d, name, name + strlen(name) + 1);
			return false;
		}
		disk_change(d, name + strlen(name) + 1, d->names_now[i].file, name);
		return true;
	case CUT_UNLINK:
		disk_change(d, name, -1, "");
		return true;
	case CUT_NOTE:
		for (const char *p = data; p && p < data + head->data_len; p = strchr(p, '\n') + 1)
			*(*p == 'A' ? &d->acked : &d->begun) = strtoull(p + 2, NULL, 10);
		return true;
	}
	return false;
}

/* What the disk holds of a file in this state. */
static void
file_bytes(const struct file *f, bool last_size, struct buf *out)
{
	size_t size = f->size, room;

	for (size_t i = 0; i < f->count; i++)
		if (f->pending[i].chosen && (f->pending[i].sector + 1) * SECTOR > size)
			size = (f->pending[i].sector + 1) * SECTOR;
	if (last_size || (f->size_now >= f->size && size > f->size_now))
		size = f->size_now;
	room = size + SECTOR > f->image.len ? size + SECTOR : f->image.len;
	buf_clear(out);
	memset(buf_room(out, room), 0, room);
	if (f->image.len)
		memcpy(out->ptr, f->image.ptr, f->image.len);
	for (size_t i = 0; i < f->count; i++)
		if (f->pending[i].chosen && f->pending[i].sector * SECTOR < size)
			sector_at(f, &f->pending[i], f->pending[i].chosen,
			          out->ptr + f->pending[i].sector * SECTOR);
	out->len = size;
}

static void
folder_clear(const char *dir)
{
	DIR *folder = opendir(dir);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		char path[512];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
		if (unlink(path) < 0) {
			folder_clear(path);
			rmdir(path);
		}
	}
	if (folder)
		closedir(folder);
}

static void
write_whole(const char *dir, const char *name, const char *bytes, size_t len)
{
	char path[512];
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	for (char *slash = path + strlen(dir) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = 0;
		mkdir(path, 0700);
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
		abort();
	close(fd);
}

static void
disk_write(const struct disk *d, const char *dir, bool last_size)
{
	static struct name names[NAMES_MAX];
	size_t count = d->name_count;
	struct buf bytes = { 0 };

	memcpy(names, d->names, count * sizeof *names);
	for (size_t i = 0; i < d->change_count; i++)
		if (d->changes[i].chosen)
			change_apply(&d->changes[i], names, &count);
	folder_clear(dir);
	for (size_t i = 0; i < count; i++) {
		file_bytes(d->files[names[i].file], last_size, &bytes);
		write_whole(dir, names[i].name, bytes.ptr, bytes.len);
	}
	buf_free(&bytes);
}

/* The disk begins with what the folder holds. */
static void
disk_load(struct disk *d, const char *dir, const char *prefix)
{
	DIR *folder = opendir(dir);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		char path[512], name[96];
		struct stat status;

		snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
		if (entry->d_name[0] == '.' || stat(path, &status) < 0)
			continue;
		if ((size_t)snprintf(name, sizeof name, "%s%s", prefix, entry->d_name) >=
		    sizeof name - 1)
			abort();
		if (S_ISDIR(status.st_mode)) {
			strcat(name, "/");
			disk_load(d, path, name);
		} else {
			int file = disk_file(d), fd = open(path, O_RDONLY | O_CLOEXEC);
			struct file *f = d->files[file];

			f->size = f->size_now = (size_t)status.st_size;
			image_grow(f, f->size);
			if (fd < 0 || read(fd, f->image.ptr, f->size) != (ssize_t)f->size)
				abort();
			close(fd);
			names_set(d->names, &d->name_count, name, file);
			names_set(d->names_now, &d->now_count, name, file);
		}
	}
	if (folder)
		closedir(folder);
}

#endif
