/* The state folder: lock, trust, journal and store. */
#include "daemon/state.h"

#include "proto/i18n.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRUST_LEN = 64, PATH_LEN = 4096 };

static void
path_join(char out[PATH_LEN], const char *dir, const char *name)
{
	snprintf(out, PATH_LEN, "%s/%s", dir, name);
}

int
state_sync_folder(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fault = fd < 0 || fsync(fd) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return fault;
}

/* Removes the files of one folder, then it. The folders made here hold files only. */
static void
folder_remove(const char *dir)
{
	DIR *d = opendir(dir);
	char path[PATH_LEN];

	if (!d)
		return;
	for (struct dirent *entry; (entry = readdir(d)); ) {
		path_join(path, dir, entry->d_name);
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlink(path);
	}
	closedir(d);
	rmdir(dir);
}

void
state_remove(const char *dir)
{
	static const char *const folders[] = { "journal", "store", "verify.tmp" };
	char path[PATH_LEN];

	for (size_t i = 0; i < countof(folders); i++) {
		path_join(path, dir, folders[i]);
		folder_remove(path);
	}
	folder_remove(dir);
}

/* --- trust ------------------------------------------------------------------------------------- */

/* Where /proc has nothing but processes to show, the unit tells it in OCOPD_BOOT_ID; a test plays
 * another boot of the machine with it. */
static void
boot_id(char out[40])
{
	const char *played = getenv("OCOPD_BOOT_ID");
	FILE *f = played ? NULL : fopen("/proc/sys/kernel/random/boot_id", "re");

	snprintf(out, 40, "%.36s", played ? played : "unknown");
	if (f) {
		if (fscanf(f, "%36s", out) != 1)
			snprintf(out, 40, "unknown");
		fclose(f);
	}
}

static void
trust_line(char out[TRUST_LEN + 1], bool synced)
{
	char boot[40];

	boot_id(boot);
	snprintf(out, TRUST_LEN + 1, "boot=%-40s synced=%d\n", boot, synced);
}

static bool
trust_read(const struct state_folder *s)
{
	char have[TRUST_LEN + 1] = "", want[TRUST_LEN + 1];

	if (pread(s->trust_fd, have, TRUST_LEN, 0) < 0)
		return false;
	if (strstr(have, " synced=1\n"))
		return true;
	trust_line(want, false);
	return strcmp(have, want) == 0 && !strstr(have, "unknown");
}

int
state_mark(void *context, bool synced)
{
	struct state_folder *s = context;
	char line[TRUST_LEN + 1];

	trust_line(line, synced);
	size_t len = strlen(line);

	if (pwrite(s->trust_fd, line, len, 0) != (ssize_t)len || fdatasync(s->trust_fd) < 0)
		return -errno;
	return 0;
}

/* --- open and close ---------------------------------------------------------------------------- */

static int
file_open(const char *dir, const char *name, int *ret_fd)
{
	char path[PATH_LEN];

	path_join(path, dir, name);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int
state_vouch(const char *dir)
{
	struct state_folder s = { .trust_fd = -1 };
	int fault = file_open(dir, "trust", &s.trust_fd);

	if (fault < 0)
		return fault;
	fault = state_mark(&s, true);
	close(s.trust_fd);
	return fault < 0 ? fault : state_sync_folder(dir);
}

/* Files made here by another user could be read by neither of the two later. */
static int
owner_check(const char *dir, struct buf *why)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (st.st_uid == geteuid())
		return 0;
	buf_printf(why, _("%s: belongs to user %u, and this is user %u; start as the one it belongs to, or give it with all "
	                  "that is in it to this one (chown -R)"), dir, (unsigned)st.st_uid, (unsigned)geteuid());
	return -EPERM;
}

static int
lock_take(const struct state_options *o, struct state_folder *s, struct buf *why)
{
	int fault;

	if (!o->must_exist && mkdir(o->dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	if ((fault = owner_check(o->dir, why)) < 0)
		return fault;
	if ((fault = file_open(o->dir, "lock", &s->lock_fd)) < 0)
		return fault;
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		buf_printf(why, _("%s: another ocopd holds this state; stop it first, or name another folder with --state"), o->dir);
		return -EWOULDBLOCK;
	}
	return 0;
}

static int
journal_of(const struct state_options *o, bool read_only, struct state_folder *s, struct buf *why)
{
	char path[PATH_LEN];

	path_join(path, o->dir, "journal");
	return journal_open(&(struct journal_options){
		.dir = path, .segment_bytes = o->segment_bytes, .source = o->source, .read_only = read_only,
	}, &s->journal, why);
}

static int
store_of(const struct state_options *o, bool read_only, struct state_folder *s)
{
	char path[PATH_LEN];

	path_join(path, o->dir, "store");
	return store_open(&(struct store_options){
		.dir = path, .preallocate_bytes = o->preallocate_bytes, .read_only = read_only,
	}, &s->store);
}

int
state_renew(const struct state_options *o, const char *keep, struct state_folder *s)
{
	char path[PATH_LEN], kept[PATH_LEN];

	store_close(&s->store);
	path_join(path, o->dir, "store");
	if (*keep) {
		path_join(kept, o->dir, keep);
		folder_remove(kept);
		if (rename(path, kept) < 0)
			return -errno;
	}
	folder_remove(path);
	return store_of(o, false, s);
}

static int
state_open_store(const struct state_options *o, struct state_folder *s, struct buf *why)
{
	char path[PATH_LEN];
	int fault;

	path_join(path, o->dir, "store");
	bool any = access(path, F_OK) == 0;

	if ((fault = file_open(o->dir, "trust", &s->trust_fd)) < 0)
		return fault;
	bool trusted = trust_read(s);

	if (any && !o->rebuild && !trusted)
		buf_str(why, "the machine stopped before the state was whole on disk; making it anew from the journal");
	/* Gone before the mark below vouches for this run of the machine: else a kill in between would
	 * leave the old store with a good name. */
	if (o->rebuild || !trusted)
		folder_remove(path);
	/* A machine that stops from here on leaves a store that is not to be trusted. */
	if ((fault = state_mark(s, false)) < 0 || (fault = state_sync_folder(o->dir)) < 0)
		return fault;
	if ((fault = store_of(o, false, s)) == -EILSEQ) {
		buf_str(why, "the state's file is damaged; making it anew from the journal, and keeping what there is as store.damaged");
		return state_renew(o, "store.damaged", s);
	}
	return fault;
}

static const char *
way_out(int fault)
{
	switch (-fault) {
	case EROFS:
		return _("; mount the disk so that it can be written, or name another folder with --state");
	case ENOSPC: case EDQUOT: case EFBIG:
		return _("; make room on the disk, then start again");
	case EACCES:
		return _("; let this user read and write there (chown -R, chmod u+rwX)");
	case ENOENT: case ENOTDIR:
		return _("; name a folder that is there or whose parent is");
	default:
		return "";
	}
}

int
state_open(const struct state_options *o, struct state_folder *ret, struct buf *ret_why)
{
	struct state_folder s = { .lock_fd = -1, .trust_fd = -1 };
	char path[PATH_LEN];
	int fault = lock_take(o, &s, ret_why);

	path_join(path, o->dir, "journal");
	if (fault == 0 && o->must_exist && access(path, F_OK) < 0)
		fault = -errno;
	if (fault == 0)
		fault = journal_of(o, false, &s, ret_why);
	if (fault == 0)
		fault = state_open_store(o, &s, ret_why);
	if (fault < 0) {
		if (ret_why->len == 0)
			buf_printf(ret_why, "%s: %s", o->dir, strerror(-fault));
		buf_str(ret_why, way_out(fault));
		state_close(&s);
		return fault;
	}
	*ret = s;
	return 0;
}

bool
state_is_copy(const char *dir)
{
	char journal[PATH_LEN], lock[PATH_LEN];

	path_join(journal, dir, "journal");
	path_join(lock, dir, "lock");
	return access(journal, F_OK) == 0 && access(lock, F_OK) < 0;
}

int
state_open_copy(const char *dir, struct text source, struct state_folder *ret, struct buf *ret_why)
{
	struct state_options o = { .dir = dir, .source = source, .segment_bytes = 1 << 20 };
	struct state_folder s = { .lock_fd = -1, .trust_fd = -1 };
	int fault = journal_of(&o, true, &s, ret_why);

	if (fault == 0)
		fault = store_of(&o, true, &s);
	if (fault < 0) {
		state_close(&s);
		return fault;
	}
	*ret = s;
	return 0;
}

void
state_close(struct state_folder *s)
{
	store_close(&s->store);
	journal_close(&s->journal);
	if (s->trust_fd >= 0)
		close(s->trust_fd);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	*s = (struct state_folder){ .lock_fd = -1, .trust_fd = -1 };
}
