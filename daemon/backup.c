/* server.backup: copy aside, verify, rename. */
#include "daemon/backup.h"

#include "daemon/log.h"
#include "daemon/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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

static int
backup_make(const struct view *v, const char *path, int64_t *ret_sequence, struct buf *report)
{
	int fault = mkdir(path, 0700) < 0 ? -errno : 0;

	if (fault == 0)
		fault = journal_copy(v->journal, arena_printf(v->arena, "%s/journal", path).ptr);
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
backup_run(const char *dir, const struct view *v, struct text name, struct buf *out, struct refusal *refusal)
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
		log_error("backup name=%.*s error=\"%s\" report=\"%.*s\"", TEXT_ARG(name), strerror(-fault),
		          TEXT_ARG(buf_view(&report)));
		state_remove(aside);
		buf_free(&report);
		return refuse(refusal, E_STORAGE, D_BACKUP, TEXT("name"), text_of(strerror(-fault)));
	}
	buf_str(out, "{\"name\":");
	json_write_string(out, name);
	buf_printf(out, ",\"sequence\":%lld,\"journal\":\"%s\",\"verified\":true}", (long long)sequence,
	           journal_name(v->journal));
	buf_free(&report);
	return OK;
}
