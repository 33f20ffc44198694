/* `ocop account list`: who may do what, from the daemon's folder. */
#include "clients/account_parts.h"

#include "clients/table.h"
#include "proto/i18n.h"
#include "proto/json.h"
#include "proto/role.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

struct accounts {
	struct account_file *items;
	size_t count;
	struct buf broken;          /* one line a file */
};

static int
is_account(const struct dirent *entry)
{
	struct text name;
	return account_file_name(entry->d_name, &name);
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* As the daemon sees it: of two files with one key or one user the later by name is the broken one. */
static bool
claims_taken(const struct accounts *a, const struct account_file *new, const char *file, struct complaints *c)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct account_file *old = &a->items[i];
		bool key = old->has_key && new->has_key && !memcmp(old->key, new->key, sizeof old->key);
		if (!key && !(old->has_uid && new->has_uid && old->uid == new->uid))
			continue;
		complain(c, file, 1, "its key or its user is that of the account \"%.*s\" already", TEXT_ARG(old->name));
		return true;
	}
	return false;
}

/* 0 or -errno. */
static int
read_folder(const char *dir, struct arena *arena, struct accounts *ret)
{
	struct complaints complaints = { 0 };
	struct dirent **entries;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), count = fd < 0 ? -1 : scandirat(fd, ".", &entries, is_account, by_bytes);
	if (count < 0) {
		int e = -errno;
		if (fd >= 0)
			close(fd);
		return e;
	}
	ret->items = arena_array(arena, (size_t)count + 1, sizeof *ret->items);
	for (int i = 0; i < count; i++) {
		const char *file = entries[i]->d_name;
		buf_clear(&complaints.text);
		if (account_file_load(fd, file, arena, &complaints, &ret->items[ret->count])
		    && !claims_taken(ret, &ret->items[ret->count], file, &complaints))
			ret->count++;
		else
			buf_text(&ret->broken, buf_view(&complaints.text));
		free(entries[i]);
	}
	free(entries);
	buf_free(&complaints.text);
	close(fd);
	return 0;
}

/* --- shown --------------------------------------------------------------------------------------- */

static struct text
roles_of(const struct account_file *a, const char *lead, struct arena *arena)
{
	struct buf words = { 0 };
	for (int r = 0; r < ROLE_COUNT; r++)
		if (a->roles >> r & 1)
			buf_printf(&words, "%s%s", words.len ? lead : "", role_word((enum role)r));
	struct text t = arena_text(arena, buf_view(&words));
	buf_free(&words);
	return t;
}

static void
show_table(const struct accounts *a, bool csv, struct arena *arena)
{
	struct table t;
	table_init(&t, 7, arena);
	const char *plain[] = { "account", "title", "roles", "commune", "member", "fingerprint", "unix-user" };
	const char *words[] = { _("Account"), _("Title"), _("Roles"), _("Commune"), _("Member"), _("Fingerprint"), _("Unix user") };
	const char **headings = csv ? plain : words;
	struct text *row = table_row(&t);
	for (size_t i = 0; i < countof(words); i++)
		row[i] = text_of(headings[i]);
	for (size_t i = 0; i < a->count; i++) {
		const struct account_file *f = &a->items[i];
		row = table_row(&t);
		row[0] = f->name;
		row[1] = f->title;
		row[2] = roles_of(f, ", ", arena);
		row[3] = f->commune;
		row[4] = f->member;
		row[5] = f->has_key ? account_fingerprint(f->curve_key, arena) : ABSENT;
		row[6] = f->unix_user;
	}
	if (csv)
		table_csv(&t, stdout);
	else
		table_print(&t, true, 0, stdout);
}

static void
member(struct buf *out, const char *name, struct text value)
{
	if (!value.ptr)
		return;
	buf_printf(out, ",\"%s\":", name);
	json_write_string(out, value);
}

static void
show_json(const struct accounts *a, struct arena *arena)
{
	struct buf out = { 0 };
	struct text lines = buf_view(&a->broken), line;
	buf_str(&out, "{\"accounts\":[");
	for (size_t i = 0; i < a->count; i++) {
		const struct account_file *f = &a->items[i];
		buf_printf(&out, "%s{\"account\":", i ? "," : "");
		json_write_string(&out, f->name);
		member(&out, "title", f->title);
		buf_printf(&out, ",\"roles\":[\"%s\"]", roles_of(f, "\",\"", arena).ptr);
		member(&out, "commune", f->commune);
		member(&out, "member", f->member);
		member(&out, "public-key", f->curve_key);
		if (f->has_key)
			member(&out, "fingerprint", account_fingerprint(f->curve_key, arena));
		member(&out, "unix-user", f->unix_user);
		buf_byte(&out, '}');
	}
	buf_str(&out, "],\"broken\":[");
	for (const char *comma = ""; text_next(&lines, '\n', &line); comma = ",") {
		buf_str(&out, comma);
		json_write_string(&out, line);
	}
	printf("%.*s]}\n", TEXT_ARG(buf_view(&out)));
	buf_free(&out);
}

int
account_list(const struct account_words *w, struct arena *arena)
{
	struct accounts a = { 0 };
	int e = read_folder(w->accounts, arena, &a);
	if (e) {
		fprintf(stderr, _("ocop: %s can't be read: %s\n"), w->accounts, strerror(-e));
		return e == -EACCES ? EX_NOPERM : EX_NOINPUT;
	}
	if (w->settings->json)
		show_json(&a, arena);
	else if (w->settings->quiet)
		for (size_t i = 0; i < a.count; i++)
			printf("%s\n", a.items[i].name.ptr);
	else
		show_table(&a, w->settings->csv, arena);
	fflush(stdout);
	fprintf(stderr, "%.*s", TEXT_ARG(buf_view(&a.broken)));
	e = a.broken.len ? 1 : EX_OK;
	buf_free(&a.broken);
	return e;
}
