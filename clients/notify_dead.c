/* Dead letters: written whole or not at all, sent again, removed when delivered. */
#include "clients/notify_dead.h"

#include "clients/notify_child.h"
#include "proto/i18n.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { LETTER_BYTES_MAX = 8 * 1024 * 1024 };

int
dead_folder(const char *folder)
{
	struct stat st;
	if (!mkdir(folder, 0700))
		return 0;
	if (errno != EEXIST)
		return -errno;
	return stat(folder, &st) ? -errno : S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

/* --- writing ------------------------------------------------------------------------------------- */

static void
letter_print(struct buf *out, const struct delivery *d, struct text reason)
{
	const char *comma = "";
	buf_str(out, "{\"event\":");
	json_write(out, d->note->event);
	if (d->note->record) {
		buf_str(out, ",\"record\":");
		json_write(out, d->note->record);
	}
	buf_str(out, ",\"reason\":");
	json_write_string(out, reason);
	buf_str(out, ",\"delivered\":[");
	for (size_t i = 0; i < d->config->target_count; i++)
		if (d->done >> i & 1) {
			buf_str(out, comma);
			json_write_string(out, text_of(d->config->targets[i].name));
			comma = ",";
		}
	buf_str(out, "]}\n");
}

static int
write_all(int fd, struct text bytes)
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
	return fsync(fd) ? -errno : 0;
}

static int
write_file(int folder, const char *name, struct text bytes)
{
	static const char aside[] = ".letter";
	unlinkat(folder, aside, 0);
	int fd = openat(folder, aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	int e = write_all(fd, bytes);
	if (close(fd) && !e)
		e = -errno;
	if (!e && renameat(folder, aside, folder, name))
		e = -errno;
	return e ? e : fsync(folder) ? -errno : 0;
}

int
dead_write(const struct delivery *d, struct text reason)
{
	int e = dead_folder(d->config->dead);
	int folder = e ? -1 : open(d->config->dead, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return e ? e : -errno;
	char name[NAME_MAX + 1];
	struct text number = json_text(json_get(d->note->event, "sequence"));
	snprintf(name, sizeof name, "%s-%015lld.json", d->config->feed, number.ptr ? atoll(number.ptr) : 0);
	struct buf letter = { 0 };
	letter_print(&letter, d, reason);
	e = write_file(folder, name, buf_view(&letter));
	buf_free(&letter);
	close(folder);
	return e;
}

/* --- sending again ------------------------------------------------------------------------------- */

static const struct json *
letter_read(int folder, const char *name, struct arena *arena)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	struct buf text = { 0 };
	ssize_t n = 1;
	while (fd >= 0 && n > 0 && text.len <= LETTER_BYTES_MAX) {
		n = read(fd, buf_room(&text, 4096), 4096);
		text.len += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		close(fd);
	while (text.len && text.ptr[text.len - 1] == '\n')
		text.len--;
	const struct json *letter = fd < 0 || n < 0 ? NULL
		: json_parse(arena_text(arena, buf_view(&text)), arena, NULL);
	buf_free(&text);
	const struct json *event = letter && json_type(letter) == JSON_OBJECT ? json_get(letter, "event") : NULL;
	return event && json_type(event) == JSON_OBJECT ? letter : NULL;
}

static uint64_t
delivered(const struct notify_config *c, const struct json *letter)
{
	uint64_t done = 0;
	const struct json *list = json_get(letter, "delivered");
	for (const struct json *name = list ? json_first(list) : NULL; name; name = json_next(name))
		for (size_t i = 0; i < c->target_count; i++)
			if (text_is(json_text(name), c->targets[i].name))
				done |= UINT64_C(1) << i;
	return done;
}

static void
no_turn(void *user)
{
	(void)user;
}

static bool
send_again(const struct notify_config *c, const struct json *labels, int stop_fd, int folder, const char *name,
           struct arena *arena)
{
	const struct json *letter = letter_read(folder, name, arena);
	struct buf why = { 0 };
	if (!letter) {
		fprintf(stderr, _("ocop-notify: %s is no letter\n"),
		        name);
		return false;
	}
	struct note note = {
		.event = json_get(letter, "event"), .record = json_get(letter, "record"), .labels = labels,
		.feed = text_of(c->feed), .contact = text_of(c->contact), .lang = c->language,
	};
	struct delivery d = { .config = c, .note = &note, .done = delivered(c, letter), .stop_fd = stop_fd };
	uint64_t before = d.done;
	bool good = deliver_all(&d, arena, no_turn, NULL, &why);
	int e = 0;
	if (good)
		e = unlinkat(folder, name, 0) ? -errno : 0;
	else if (d.done != before)
		e = dead_write(&d, buf_view(&why));
	if (e)
		buf_printf(&why, "%s", strerror(-e));
	struct text outcome = good && !e ? text_of(_("sent")) : buf_view(&why);
	fprintf(stderr, "ocop-notify: %s: %.*s\n", name, TEXT_ARG(outcome));
	buf_free(&why);
	return good && !e;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of this feed's letters, in the order of their events. */
static const char **
letters(const struct notify_config *c, DIR *dir, struct arena *arena, size_t *ret_count)
{
	const char **names = NULL;
	size_t count = 0, room = 0, lead = strlen(c->feed);
	for (struct dirent *entry; (entry = readdir(dir)); ) {
		const char *name = entry->d_name, *digits = name + lead + 1;
		if (strncmp(name, c->feed, lead) || name[lead] != '-' || strspn(digits, "0123456789") < 15
		    || strcmp(digits + strspn(digits, "0123456789"), ".json"))
			continue;
		if (count == room) {
			const char **more = arena_array(arena, room = room ? room * 2 : 64, sizeof *more);
			if (count)
				memcpy(more, names, count * sizeof *more);
			names = more;
		}
		names[count++] = arena_text(arena, text_of(name)).ptr;
	}
	if (count)
		qsort(names, count, sizeof *names, by_name);
	*ret_count = count;
	return names;
}

int
dead_retry(const struct notify_config *c, const struct json *labels, int stop_fd)
{
	DIR *dir = opendir(c->dead);
	if (!dir && errno == ENOENT)
		return EX_OK;
	if (!dir) {
		fprintf(stderr, "ocop-notify: %s: %s\n", c->dead, strerror(errno));
		return EX_NOINPUT;
	}
	struct arena *names_arena = arena_new(), *arena = arena_new();
	size_t count, left = 0;
	const char **names = letters(c, dir, names_arena, &count);
	for (size_t i = 0; i < count; i++) {
		if ((stop_fd >= 0 && child_wait_fd(stop_fd, 0)) || !send_again(c, labels, stop_fd, dirfd(dir), names[i], arena))
			left++;
		arena_reset(arena);
	}
	fprintf(stderr, _("ocop-notify: %zu sent, %zu left in %s\n"), count - left, left, c->dead);
	closedir(dir);
	arena_destroy(&arena);
	arena_destroy(&names_arena);
	return left ? EX_TEMPFAIL : EX_OK;
}
