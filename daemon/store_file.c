/* The store's folder and file as the disk sees them: paths, leftovers, the check before LMDB. */
#include "daemon/store_file.h"

#include "proto/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
store_file_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int fault = fsync(fd) ? -errno : 0;
	close(fd);
	return fault;
}

char *
store_join(const char *dir, const char *name)
{
	size_t len = strlen(dir) + strlen(name) + 2;
	char *path = xcalloc(len, 1);
	snprintf(path, len, "%s/%s", dir, name);
	return path;
}

static char *
copy_len(const char *z, size_t len)
{
	return memcpy(xcalloc(len + 1, 1), z, len);
}

struct store_places
store_places_of(const char *dir)
{
	struct store_places p = { 0 };
	size_t len = strlen(dir);
	while (len > 1 && dir[len - 1] == '/')
		len--;
	p.dir = copy_len(dir, len);
	const char *slash = strrchr(p.dir, '/');
	p.parent = !slash ? copy_len(".", 1)
		: copy_len(p.dir, slash == p.dir ? 1 : (size_t)(slash - p.dir));
	p.data = store_join(p.dir, "data.mdb");
	p.lock = store_join(p.dir, "lock.mdb");
	return p;
}

void
store_places_free(struct store_places *p)
{
	free(p->dir);
	free(p->parent);
	free(p->data);
	free(p->lock);
}

void
store_file_remove(const char *dir)
{
	char *data = store_join(dir, "data.mdb"), *lock = store_join(dir, "lock.mdb");
	unlink(data);
	unlink(lock);
	rmdir(dir);
	free(data);
	free(lock);
}

void
store_file_remove_stale(const char *parent)
{
	DIR *dir = opendir(parent);
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir)); ) {
		if (strncmp(entry->d_name, "new.", 4) || strlen(entry->d_name) != sizeof "new.XXXXXX" - 1)
			continue;
		char *path = store_join(parent, entry->d_name);
		store_file_remove(path);
		free(path);
	}
	closedir(dir);
}

/* LMDB 0.9's two meta pages (at 0 and at one page), which mdb_env_open believes without a check. */
struct meta {
	uint64_t page_number;
	uint16_t pad, page_flags;
	uint32_t bounds;
	uint32_t magic, version;
	uint64_t address, map_bytes;
	struct {
		uint32_t page_bytes;    /* in the first of the two: LMDB keeps the page's size here */
		uint16_t flags, depth;
		uint64_t branches, leaves, overflows, entries, root;
	} trees[2];
	uint64_t last_page, transaction;
};
_Static_assert(sizeof(struct meta) == 152, "as it stands in the file");

static bool
meta_good(const struct meta *m, uint64_t number)
{
	uint32_t size = m->trees[0].page_bytes;
	return m->page_number == number && m->page_flags == 0x08 && m->magic == 0xBEEFC0DE
		&& m->version == 1 && size >= 512 && size <= 65536 && !(size & (size - 1))
		&& m->last_page < UINT64_MAX / 2 / size;
}

int
store_file_check(const char *data, size_t *ret_used)
{
	struct meta a, b;
	struct stat st;
	int fault = -EILSEQ;
	int fd = open(data, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		fault = -errno;
	} else if (pread(fd, &a, sizeof a, 0) == sizeof a && meta_good(&a, 0)
	           && pread(fd, &b, sizeof b, a.trees[0].page_bytes) == sizeof b && meta_good(&b, 1)
	           && a.trees[0].page_bytes == b.trees[0].page_bytes) {
		const struct meta *m = a.transaction > b.transaction ? &a : &b;
		uint64_t used = (m->last_page + 1) * m->trees[0].page_bytes;
		if ((uint64_t)st.st_size >= used) {
			*ret_used = used;
			fault = 0;
		}
	}
	close(fd);
	return fault;
}
