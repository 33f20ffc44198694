/* Accounts: the folder of account files, watched, and who a key or a user is. */
#include "daemon/access.h"

#include "daemon/account.h"
#include "daemon/log.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* One reading of the folder; replaced as a whole by the next. */
struct accounts {
	struct arena *arena;
	struct account *items;
	size_t count;
	struct buf broken;
	size_t broken_count;
	struct text conflict;       /* of arena; absent where there is none */
};

struct access {
	char *dir;
	const struct programme *programme;
	int notify_fd;
	int watch;                  /* -1 where the folder is not there to be watched */
	struct accounts accounts;
};

/* --- reading ----------------------------------------------------------------------------------- */

static void
accounts_clear(struct accounts *a)
{
	arena_destroy(&a->arena);
	buf_free(&a->broken);
	*a = (struct accounts){ 0 };
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of the account files, sorted: which of two files with one key is the broken one must
 * not depend on the disk. 0 or -errno. */
static int
list_files(int dir_fd, struct arena *arena, char ***ret_files, size_t *ret_count)
{
	size_t count = 0, room = 64;
	char **files = arena_array(arena, room, sizeof *files), **more;
	struct text account;
	struct dirent *entry;
	int fault, fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		fault = -errno;
		if (fd >= 0)
			close(fd);
		return fault;
	}
	while ((errno = 0, entry = readdir(dir))) {
		if (!account_file_name(entry->d_name, &account))
			continue;
		if (count == room) {
			more = arena_array(arena, room *= 2, sizeof *files);
			memcpy(more, files, count * sizeof *files);
			files = more;
		}
		files[count++] = (char *)arena_text(arena, text_of(entry->d_name)).ptr;
	}
	fault = -errno;
	closedir(dir);
	if (fault < 0)
		return fault;
	qsort(files, count, sizeof *files, by_name);
	*ret_files = files;
	*ret_count = count;
	return 0;
}

/* One key or one user is one account: the second file that claims it is the broken one. */
static bool
claims_taken(const struct accounts *a, const struct account *new, const char *file, struct complaints *c)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct account *old = &a->items[i];
		bool key = old->has_key && new->has_key && memcmp(old->key, new->key, KEY_BYTES) == 0;
		if (key || (old->has_uid && new->has_uid && old->uid == new->uid)) {
			complain(c, file, 1, "%s is that of account \"%.*s\" already; one %s, one account",
			         key ? "its curve-key" : "its unix-user", TEXT_ARG(old->actor.account),
			         key ? "key" : "user");
			return true;
		}
	}
	return false;
}

static struct text
first_line(const struct complaints *c)
{
	struct text all = buf_view(&c->text), line = ABSENT;

	text_next(&all, '\n', &line);
	return line;
}

static void
note_broken(struct accounts *a, const struct complaints *c)
{
	a->broken_count++;
	buf_text(&a->broken, first_line(c));
	buf_byte(&a->broken, '\n');
}

static int
accounts_read(struct accounts *a, const char *dir, const struct programme *programme)
{
	struct complaints complaints = { 0 };
	char **files = NULL;
	size_t count = 0;
	int fault, fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	a->arena = arena_new();
	if ((fault = list_files(fd, a->arena, &files, &count)) < 0) {
		close(fd);
		accounts_clear(a);
		return fault;
	}
	a->items = arena_array(a->arena, count + 1, sizeof *a->items);
	for (size_t i = 0; i < count; i++) {
		buf_clear(&complaints.text);
		complaints.errors = 0;
		bool good = account_load(fd, files[i], programme, a->arena, &complaints, &a->items[a->count]);
		bool taken = good && claims_taken(a, &a->items[a->count], files[i], &complaints);
		if (taken && !a->conflict.ptr)
			a->conflict = arena_text(a->arena, first_line(&complaints));
		if (good && !taken)
			a->count++;
		else
			note_broken(a, &complaints);
	}
	buf_free(&complaints.text);
	close(fd);
	return 0;
}

static void
log_broken(const struct accounts *a)
{
	struct text all = buf_view(&a->broken), line;

	while (text_next(&all, '\n', &line))
		log_fact(LOG_WARNING_, "account-broken", LOG_TEXT("error", line));
}

/* --- watching ---------------------------------------------------------------------------------- */

static void
watch(struct access *a)
{
	a->watch = inotify_add_watch(a->notify_fd, a->dir, IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
	                             IN_CREATE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
}

/* A plain new file is read when its writer closes it; a link never is, it is there at once. */
static bool
created_whole(const struct access *a, const char *file)
{
	char path[PATH_MAX];
	struct stat st;

	if ((size_t)snprintf(path, sizeof path, "%s/%s", a->dir, file) >= sizeof path)
		return true;
	return lstat(path, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_nlink > 1);
}

static bool
event_matters(struct access *a, const struct inotify_event *event)
{
	struct text account;

	if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) {
		if (event->wd == a->watch) {
			inotify_rm_watch(a->notify_fd, a->watch);
			a->watch = -1;
		}
		return true;
	}
	if (event->mask & IN_Q_OVERFLOW)
		return true;
	if (event->len == 0 || !account_file_name(event->name, &account))
		return event->len == 0;
	return !(event->mask & IN_CREATE) || created_whole(a, event->name);
}

static bool
changed(struct access *a)
{
	_Alignas(struct inotify_event) char bytes[4096];
	bool any = false;
	ssize_t n;

	while ((n = read(a->notify_fd, bytes, sizeof bytes)) > 0)
		for (const char *at = bytes; at < bytes + n;) {
			const struct inotify_event *event = (const void *)at;
			any |= event_matters(a, event);
			at += sizeof *event + event->len;
		}
	if (a->watch < 0) {
		watch(a);
		any |= a->watch >= 0;
	}
	return any;
}

/* --- the door ---------------------------------------------------------------------------------- */

int
access_open(const char *dir, const struct programme *programme, struct access **ret)
{
	struct access *a = xcalloc(1, sizeof *a);
	int fault;

	a->watch = -1;
	a->programme = programme;
	a->dir = xcalloc(strlen(dir) + 1, 1);
	strcpy(a->dir, dir);
	a->notify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	/* Watched before it is read, so that no change falls between the two. */
	if (a->notify_fd < 0 || (watch(a), a->watch < 0))
		fault = -errno;
	else
		fault = accounts_read(&a->accounts, dir, programme);
	if (fault < 0) {
		access_close(&a);
		return fault;
	}
	*ret = a;
	return 0;
}

void
access_close(struct access **p)
{
	if (!*p)
		return;
	if ((*p)->notify_fd >= 0)
		close((*p)->notify_fd);
	accounts_clear(&(*p)->accounts);
	free((*p)->dir);
	free(*p);
	*p = NULL;
}

int
access_fd(const struct access *a)
{
	return a->notify_fd;
}

bool
access_reload(struct access *a)
{
	struct accounts new = { 0 };
	int fault;

	if ((fault = accounts_read(&new, a->dir, a->programme)) < 0) {
		/* A folder that is gone has no accounts; one that can't be read for the moment (descriptors,
		 * a disk) must not shut everybody out. */
		log_fact(LOG_ERROR_, "accounts-unreadable", LOG_WORD("folder", a->dir), LOG_WORD("error", strerror(-fault)));
		if (fault != -ENOENT && fault != -ENOTDIR)
			return false;
		new.arena = arena_new();
		new.broken_count = 1;
		buf_printf(&new.broken, "the folder of the accounts: %s\n", strerror(-fault));
	}
	if (!text_equal(buf_view(&new.broken), buf_view(&a->accounts.broken)))
		log_broken(&new);
	accounts_clear(&a->accounts);
	a->accounts = new;
	log_fact(LOG_INFO_, "accounts", LOG_NUMBER("in_force", new.count), LOG_NUMBER("broken", new.broken_count));
	return true;
}

void
access_set_programme(struct access *a, const struct programme *programme)
{
	a->programme = programme;
	access_reload(a);
}

bool
access_refresh(struct access *a)
{
	return changed(a) && access_reload(a);
}

/* Every key is compared, and to its end: how long a refusal takes tells nothing about the keys. */
const struct account *
access_by_key(const struct access *a, const uint8_t key[KEY_BYTES])
{
	const struct account *found = NULL;

	for (size_t i = 0; i < a->accounts.count; i++) {
		const struct account *account = &a->accounts.items[i];
		uint8_t difference = !account->has_key;
		for (size_t j = 0; j < KEY_BYTES; j++)
			difference |= account->key[j] ^ key[j];
		if (difference == 0)
			found = account;
	}
	return found;
}

const struct account *
access_by_uid(const struct access *a, uint32_t uid)
{
	for (size_t i = 0; i < a->accounts.count; i++)
		if (a->accounts.items[i].has_uid && a->accounts.items[i].uid == uid)
			return &a->accounts.items[i];
	return NULL;
}

size_t
access_count(const struct access *a)
{
	return a->accounts.count;
}

const struct account *
access_item(const struct access *a, size_t index)
{
	assert(index < a->accounts.count);
	return &a->accounts.items[index];
}

struct text
access_broken(const struct access *a)
{
	return buf_view(&a->accounts.broken);
}

size_t
access_broken_count(const struct access *a)
{
	return a->accounts.broken_count;
}

struct text
access_conflict(const struct access *a)
{
	return a->accounts.conflict;
}
