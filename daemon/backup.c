/* server.backup: copy aside, verify, rename, take the oldest away. */
#include "daemon/backup.h"

#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
name_allowed(struct text name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_'))
			return false;
	}
	return true;
}

/* Opens the copy as --verify would and compares its two halves. */
static int
backup_verify(const struct view *v, const char *path, int64_t *ret_sequence, struct buf *report)
{
	struct state_folder state;
	int result = state_open_copy(path, v->programme->source, &state, report);

	if (result < 0)
		return result;
	*ret_sequence = (int64_t)journal_tail(state.journal).sequence;
	result = projection_verify(state.journal, state.store, v->programme,
	                           arena_printf(v->arena, "%s/verify.tmp", path).ptr, report);
	state_close(&state);
	return result == 1 ? -EILSEQ : result;
}

/* --- making room ------------------------------------------------------------------------------- */

/* daily-20260401 and daily-20260402 are of one series, before-upgrade is not. */
static bool
same_series(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		bool digits = *a >= '0' && *a <= '9' && *b >= '0' && *b <= '9';

		if (*a != *b && !digits)
			return false;
	}
	return *a == *b;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The other names of the series, sorted. */
static size_t
series_read(const char *dir, const char *name, struct arena *arena, const char ***ret)
{
	size_t count = 0, room = 16;
	const char **names = arena_array(arena, room, sizeof *names), **more;
	DIR *d = opendir(dir);

	for (struct dirent *entry; d && (entry = readdir(d)); ) {
		if (!same_series(entry->d_name, name) || strcmp(entry->d_name, name) == 0)
			continue;
		if (count == room) {
			more = arena_array(arena, room *= 2, sizeof *names);
			memcpy(more, names, count * sizeof *names);
			names = more;
		}
		names[count++] = arena_text(arena, text_of(entry->d_name)).ptr;
	}
	if (d)
		closedir(d);
	qsort(names, count, sizeof *names, by_name);
	*ret = names;
	return count;
}

/* Under another name first: where the power goes in between, no half copy looks like a whole one.
 * The names of those that are gone go into the answer. */
static void
prune(const char *dir, size_t keep, const char *name, struct arena *arena, struct buf *out)
{
	const char **names, *path, *aside = arena_printf(arena, "%s/.%s.old", dir, name).ptr;
	size_t count = keep > 0 ? series_read(dir, name, arena, &names) : 0, removed = 0;

	state_remove(aside);
	for (size_t i = 0; i + keep <= count && keep > 0; i++) {
		path = arena_printf(arena, "%s/%s", dir, names[i]).ptr;
		if (rename(path, aside) < 0) {
			log_fact(LOG_WARNING_, "backup-kept", LOG_WORD("path", path), LOG_WORD("error", strerror(errno)));
			continue;
		}
		state_remove(aside);
		buf_str(out, removed++ ? "," : "");
		json_write_string(out, text_of(names[i]));
	}
}

/* --- making ------------------------------------------------------------------------------------ */

static int
backup_make(const struct view *v, const char *path, int64_t *ret_sequence, struct buf *report)
{
	int fault = mkdir(path, 0700) < 0 ? -errno : 0;

	notify_busy("backup: copying the journal");
	if (fault == 0)
		fault = journal_copy(v->journal, arena_printf(v->arena, "%s/journal", path).ptr);
	notify_busy("backup: copying the state");
	if (fault == 0)
		fault = store_copy(v->store, arena_printf(v->arena, "%s/store", path).ptr);
	/* Copied whole: a daemon or --verify that opens the copy may trust it. */
	if (fault == 0)
		fault = state_vouch(path);
	if (fault == 0)
		fault = backup_verify(v, path, ret_sequence, report);
	return fault;
}

int
backup_run(const char *dir, size_t keep, const struct view *v, struct text name, struct buf *out, struct refusal *refusal)
{
	struct buf report = { .len = 0 };
	int64_t sequence = 0;

	if (!dir)
		return refuse(refusal, E_FORBIDDEN, D_BACKUP, ABSENT, TEXT("--backup DIR"));
	if (!name_allowed(name))
		return refuse(refusal, E_PARAMS, D_NAME, TEXT("name"), ABSENT);
	const char *path = arena_printf(v->arena, "%s/%.*s", dir, TEXT_ARG(name)).ptr;
	const char *aside = arena_printf(v->arena, "%s/.%.*s.new", dir, TEXT_ARG(name)).ptr;

	if (access(path, F_OK) == 0)
		return refuse(refusal, E_PARAMS, D_BACKUP, TEXT("name"), text_of(strerror(EEXIST)));
	state_remove(aside);
	int fault = backup_make(v, aside, &sequence, &report);

	if (fault == 0 && rename(aside, path) < 0)
		fault = -errno;
	if (fault == 0)
		fault = state_sync_folder(dir);
	if (fault < 0) {
		log_fact(LOG_ERROR_, "backup-failed", LOG_TEXT("name", name), LOG_WORD("error", strerror(-fault)),
		         LOG_TEXT("report", buf_view(&report)));
		state_remove(aside);
		buf_free(&report);
		return refuse(refusal, E_STORAGE, D_BACKUP, TEXT("name"), text_of(strerror(-fault)));
	}
	buf_str(out, "{\"name\":");
	json_write_string(out, name);
	buf_printf(out, ",\"sequence\":%lld,\"journal\":\"%s\",\"verified\":true,\"removed\":[", (long long)sequence,
	           journal_name(v->journal));
	prune(dir, keep, arena_text(v->arena, name).ptr, v->arena, out);
	buf_str(out, "]}");
	buf_free(&report);
	return OK;
}
