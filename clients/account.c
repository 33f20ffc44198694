/* `ocop account add`: a key pair, the account's file for the daemon, the secret for its owner. */
#include "clients/account.h"

#include "clients/i18n.h"
#include "clients/options.h"
#include "clients/whole_file.h"
#include "proto/json.h"
#include "proto/role.h"
#include "proto/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>
#include <zmq.h>

enum { NAME_LEN_MAX = 64 };

struct account_words {
	const char *name, *roles, *commune, *member, *title, *unix_user, *accounts, *secret;
	bool no_key;
};

struct key_pair {
	char public_key[LINK_KEY_LEN + 1], secret_key[LINK_KEY_LEN + 1];
};

const struct help_row account_help[] = {
	{ N_("account add NAME --role ROLE[,ROLE] --accounts DIR [OPTION...]"),
	  N_("make an account: its file for the daemon, its secret for its owner") },
	{ "--role ROLE[,ROLE]", "officer, secretary, council, finance, commune, steering, admin" },
	{ "--accounts DIR", N_("the daemon's folder of accounts") },
	{ "--commune CODE", N_("role commune: its code") },
	{ "--member SEAT", N_("role council: the seat") },
	{ "--title TEXT", N_("its name for people") },
	{ "--unix-user USER", N_("a user of the daemon's machine, who needs no key") },
	{ "--secret FILE", N_("where the key pair goes (NAME.key)") },
	{ "--no-key", N_("make none (as with --unix-user and no --secret)") },
	{ NULL, NULL },
};

/* --- what was asked for -------------------------------------------------------------------------- */

static bool
name_usable(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t len = strlen(name);
	return len >= 1 && len <= NAME_LEN_MAX && strspn(name, letters) == len;
}

/* One line of ZPL, whatever quotes it needs; both kinds in one value can't be written. */
static bool
value_usable(const char *value)
{
	if (!value)
		return true;
	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < 0x20)
			return false;
	return *value && utf8_valid(text_of(value)) && !(strchr(value, '"') && strchr(value, '\''));
}

static int
check_roles(const struct account_words *w)
{
	struct text list = text_of(w->roles), word;
	bool commune = false, council = false, any = false;
	while (text_next(&list, ',', &word)) {
		enum role role;
		if (!role_find(word, &role))
			return usage_error(_("there is no such role; there are officer, secretary, council, " "finance, commune, steering, admin"), w->roles);
		any = true;
		commune |= role == ROLE_COMMUNE;
		council |= role == ROLE_COUNCIL;
	}
	if (!any)
		return usage_error(_("--role is needed"), NULL);
	if (commune != (w->commune != NULL))
		return usage_error(_("--commune CODE goes with the role commune, and only with it"), NULL);
	if (council != (w->member != NULL))
		return usage_error(_("--member SEAT goes with the role council, and only with it"), NULL);
	return EX_OK;
}

static int
check(const struct account_words *w)
{
	const char *values[] = { w->commune, w->member, w->title, w->unix_user };
	if (!w->name || !name_usable(w->name))
		return usage_error(_("NAME is needed: letters, digits, '-' or '_'"), w->name);
	for (size_t i = 0; i < countof(values); i++)
		if (!value_usable(values[i]))
			return usage_error(_("this can't be written on a line"),
			             values[i]);
	if (!w->roles)
		return usage_error(_("--role is needed"), NULL);
	if (!w->accounts)
		return usage_error(_("--accounts DIR is needed: the daemon's folder of accounts"), NULL);
	if (w->no_key && (!w->unix_user || w->secret))
		return usage_error(_("--no-key goes with --unix-user and without --secret"), NULL);
	return check_roles(w);
}

/* --- the two files ------------------------------------------------------------------------------- */

static void
print_line(struct buf *out, const char *name, const char *value)
{
	char quote = value && strchr(value, '"') ? '\'' : '"';
	if (value)
		buf_printf(out, "    %s = %c%s%c\n", name, quote, value, quote);
}

static void
print_account(struct buf *out, const struct account_words *w, const struct key_pair *pair)
{
	buf_str(out, "account\n");
	print_line(out, "name", w->name);
	print_line(out, "title", w->title);
	print_line(out, "role", w->roles);
	print_line(out, "commune", w->commune);
	print_line(out, "member", w->member);
	print_line(out, "curve-key", pair ? pair->public_key : NULL);
	print_line(out, "unix-user", w->unix_user);
}

static void
print_secret(struct buf *out, const struct account_words *w, const struct key_pair *pair)
{
	buf_printf(out, "# The key pair of the account %s. Whoever has this file is this account.\ncurve\n", w->name);
	print_line(out, "public-key", pair->public_key);
	print_line(out, "secret-key", pair->secret_key);
}

/* Never over a file that is there. The group is the folder's, so that a daemon of that group can read
 * what root writes. */
static int
write_new(const char *dir, const char *file, mode_t mode, struct text bytes, struct arena *arena)
{
	struct whole_file whole;
	struct stat st;
	int e = whole_begin(&whole, file, arena);
	if (e)
		return e;
	e = whole.aside ? whole_write(whole.fd, bytes) : -EEXIST;
	if (!e && (mode & 040) && !stat(dir, &st) && fchown(whole.fd, (uid_t)-1, st.st_gid) && errno != EPERM)
		e = -errno;
	if (!e)
		return whole_end(&whole, mode, true, arena);
	whole_abandon(&whole);
	return e;
}

static int
failed(const char *file, int e)
{
	if (e == -EEXIST)
		fprintf(stderr, _("ocop: %s is there already and stays as it is\n"), file);
	else
		fprintf(stderr, _("ocop: %s can't be written: %s\n"),
		        file, strerror(-e));
	return EX_CANTCREAT;
}

static int
write_both(const struct account_words *w, const struct key_pair *pair,
           struct arena *arena)
{
	const char *file = arena_printf(arena, "%s/%s.account", w->accounts, w->name).ptr;
	struct buf text = { 0 };
	int e = 0;
	/* Before the secret is made, so that a name that is taken leaves nothing behind. */
	if (!access(file, F_OK))
		return failed(file, -EEXIST);
	if (pair) {
		print_secret(&text, w, pair);
		e = write_new(NULL, w->secret, 0600, buf_view(&text), arena);
		explicit_bzero(text.ptr, text.len);
		buf_free(&text);
		if (e)
			return failed(w->secret, e);
	}
	print_account(&text, w, pair);
	e = write_new(w->accounts, file, 0640, buf_view(&text), arena);
	buf_free(&text);
	if (!e)
		return EX_OK;
	if (pair)
		unlink(w->secret);
	return failed(file, e);
}

/* --- the verb ------------------------------------------------------------------------------------ */

static void
print_done(const struct settings *s, const struct account_words *w, const struct key_pair *pair)
{
	if (s->quiet)
		return;
	if (s->json) {
		struct buf out = { 0 };
		buf_str(&out, "{\"account\":");
		json_write_string(&out, text_of(w->name));
		if (pair) {
			buf_str(&out, ",\"public-key\":");
			json_write_string(&out, text_of(pair->public_key));
			buf_str(&out, ",\"secret\":");
			json_write_string(&out, text_of(w->secret));
		}
		printf("%.*s}\n", TEXT_ARG(buf_view(&out)));
		buf_free(&out);
		return;
	}
	printf(_("account %s: %s/%s.account\n"),
	       w->name, w->accounts, w->name);
	if (pair)
		printf(_("its secret: %s (give it to the account's owner, and keep no copy)\n"), w->secret);
}

/* The words of the shell, put in place. */
static int
take_words(int argc, char **argv, struct settings *s, struct account_words *w)
{
	struct { const char *name; const char **value; } options[] = {
		{ "role", &w->roles }, { "commune", &w->commune }, { "member", &w->member },
		{ "title", &w->title }, { "unix-user", &w->unix_user }, { "accounts", &w->accounts },
		{ "secret", &w->secret },
	};
	for (int i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--no-key")) {
			w->no_key = true;
			continue;
		}
		struct option_word word = option_split(argv[i]);
		size_t o = 0;
		while (o < countof(options) && !(word.dashed && text_is(word.name, options[o].name)))
			o++;
		if (o < countof(options)) {
			if (!option_value(argc, argv, &i, &word))
				return usage_error(_("this option needs a value"), argv[i]);
			*options[o].value = word.value.ptr;
		} else if (word.dashed) {
			int e = option_global(argc, argv, &i, s);
			if (e)
				return e;
		} else if (w->name) {
			return usage_error(_("one NAME only"),
			                   argv[i]);
		} else {
			w->name = argv[i];
		}
	}
	return option_no_dry(s, "account");
}

int
account_run(int argc, char **argv, struct settings *s, struct arena *arena)
{
	struct account_words w = { 0 };
	struct key_pair pair;
	if (argc < 1 || strcmp(argv[0], "add"))
		return usage_error(_("account add is the only one there is"),
		             argc ? argv[0] : NULL);
	int e = take_words(argc - 1, argv + 1, s, &w);
	if (!e)
		e = check(&w);
	if (e)
		return e;
	bool keyed = !w.no_key && (!w.unix_user || w.secret);
	if (keyed && !w.secret)
		w.secret = arena_printf(arena, "%s.key", w.name).ptr;
	if (keyed && zmq_curve_keypair(pair.public_key, pair.secret_key)) {
		fprintf(stderr, "ocop: %s\n", zmq_strerror(errno));
		return EX_SOFTWARE;
	}
	e = write_both(&w, keyed ? &pair : NULL, arena);
	if (e == EX_OK)
		print_done(s, &w, keyed ? &pair : NULL);
	explicit_bzero(&pair, sizeof pair);
	return e;
}
