/* `ocop account remove` and `rotate`: an account that is there goes, or gets a new key. */
#include "clients/account_parts.h"

#include "clients/options.h"
#include "proto/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

/* The folder of accounts, opened, and a file in it that is there. 0 or an exit code. */
static int
open_folder(const struct account_words *w, const char *file, int *ret_fd)
{
	struct stat st;
	int fd = open(w->accounts, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		int code = errno == EACCES ? EX_NOPERM : EX_NOINPUT;
		fprintf(stderr, _("ocop: %s can't be read: %s\n"), w->accounts, strerror(errno));
		return code;
	}
	if (fstatat(fd, file, &st, AT_SYMLINK_NOFOLLOW)) {
		fprintf(stderr, _("ocop: there is no account %s in %s; `ocop account list` shows who there is\n"), w->name,
		        w->accounts);
		close(fd);
		return EX_NOINPUT;
	}
	*ret_fd = fd;
	return EX_OK;
}

/* --- remove -------------------------------------------------------------------------------------- */

static bool
says_yes(const char *question)
{
	char line[64];
	fputs(question, stderr);
	if (!fgets(line, sizeof line, stdin))
		return false;
	struct text answer = { line, strcspn(line, "\n") };
	return text_among(answer, "y|Y|yes|Yes|c|C|có|Có|co");
}

int
account_remove(const struct account_words *w, struct arena *arena)
{
	const char *file = arena_printf(arena, "%s.account", w->name).ptr;
	int fd, e = open_folder(w, file, &fd);
	if (e)
		return e;
	if (!w->yes && !(isatty(STDIN_FILENO) && isatty(STDERR_FILENO)))
		e = usage_error(_("remove asks on a terminal; elsewhere it needs --yes"), NULL);
	else if (!w->yes && !says_yes(arena_printf(arena, _("Remove the account %s? What it did stays in the journal. [y/N] "), w->name).ptr))
		e = 1;
	else if (unlinkat(fd, file, 0) || fsync(fd))
		e = account_failed(account_path(w, arena), -errno);
	else if (!w->settings->quiet)
		printf(_("account %s: removed\n"), w->name);
	close(fd);
	return e;
}

/* --- rotate -------------------------------------------------------------------------------------- */

/* The file as it is, with another key on the key's line. */
static void
exchange_key(struct text text, int line, const char *key, struct buf *out)
{
	int at = 1;
	while (text.len) {
		const char *end = memchr(text.ptr, '\n', text.len);
		size_t len = end ? (size_t)(end - text.ptr) + 1 : text.len;
		if (at++ == line)
			buf_printf(out, "    curve-key = \"%s\"\n", key);
		else
			buf_add(out, text.ptr, len);
		text.ptr += len;
		text.len -= len;
	}
}

/* The account's file with the new key, written beside it. 0 or -errno. */
static int
account_begin(const char *file, int line, const char *key, struct arena *arena, struct whole_file *ret, struct stat *ret_st)
{
	struct buf old = { 0 }, new = { 0 };
	FILE *f = fopen(file, "re");
	int e = f && !fstat(fileno(f), ret_st) ? 0 : -errno;
	size_t n = e ? 0 : fread(buf_room(&old, (size_t)ret_st->st_size + 1), 1, (size_t)ret_st->st_size + 1, f);
	old.len = n;
	if (!e && ferror(f))
		e = -EIO;
	if (f)
		fclose(f);
	if (!e)
		e = whole_begin(ret, file, arena);
	if (!e) {
		exchange_key(buf_view(&old), line, key, &new);
		e = whole_write(ret->fd, buf_view(&new));
		if (!e && fchown(ret->fd, (uid_t)-1, ret_st->st_gid) && errno != EPERM)
			e = -errno;
		if (!e && fsync(ret->fd))
			e = -errno;
		if (e)
			whole_abandon(ret);
	}
	buf_free(&old);
	buf_free(&new);
	return e;
}

/* May the secret's file be replaced? Where none is, or one of this account. */
static bool
may_replace(const struct account_words *w, struct arena *arena)
{
	struct complaints complaints = { 0 };
	if (access(w->secret, F_OK))
		return true;
	const struct zpl *root = zpl_load(w->secret, arena, &complaints);
	const struct zpl *metadata = root ? zpl_find(root, "metadata") : NULL;
	buf_free(&complaints.text);
	return metadata && text_is(zpl_value(metadata, "name"), w->name);
}

/* Both files are on disk before either is in its place. The secret goes first: an account without
 * anybody who has its key would be the worse half. */
static int
put_both(const struct account_words *w, const struct key_pair *pair, int line, struct arena *arena)
{
	const char *file = account_path(w, arena);
	struct whole_file secret, account;
	struct stat st;
	int e = account_secret_begin(w, pair, arena, &secret);
	if (e)
		return account_failed(w->secret, e);
	e = account_begin(file, line, pair->public_key, arena, &account, &st);
	if (e) {
		whole_abandon(&secret);
		return account_failed(file, e);
	}
	e = whole_end(&secret, 0600, false, arena);
	if (e) {
		whole_abandon(&account);
		return account_failed(w->secret, e);
	}
	e = whole_end(&account, st.st_mode & 07777, false, arena);
	return e ? account_failed(file, e) : EX_OK;
}

int
account_rotate(const struct account_words *asked, struct arena *arena)
{
	struct account_words w = *asked;
	const char *file = arena_printf(arena, "%s.account", w.name).ptr;
	struct complaints complaints = { 0 };
	struct account_file account;
	struct key_pair pair;
	int fd, e = open_folder(&w, file, &fd);
	if (e)
		return e;
	bool good = account_file_load(fd, file, arena, &complaints, &account);
	close(fd);
	fprintf(stderr, "%.*s", TEXT_ARG(buf_view(&complaints.text)));
	buf_free(&complaints.text);
	if (!good)
		return EX_DATAERR;
	if (!account.has_key)
		return usage_error(_("this account has no key: it is its user of the daemon's machine"), w.name);
	if (!w.secret)
		w.secret = arena_printf(arena, "%s.key", w.name).ptr;
	if (!may_replace(&w, arena))
		return account_failed(w.secret, -EEXIST);
	e = account_keys(&pair);
	if (!e)
		e = put_both(&w, &pair, zpl_find(account.section, "curve-key")->line, arena);
	if (!e)
		account_print_done(&w, &pair, account_path(&w, arena), arena);
	explicit_bzero(&pair, sizeof pair);
	return e;
}
