/* `ocop account add`: a key pair, the account's file for the daemon, the secret for its owner. */
#include "clients/account.h"

#include "clients/account_parts.h"
#include "clients/options.h"
#include "proto/i18n.h"
#include "proto/json.h"
#include "proto/role.h"
#include "proto/utf8.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>
#include <zmq.h>

enum { HASH_BYTES = 32, FINGERPRINT_BYTES = 8 };

const struct help_row account_help[] = {
	{ N_("account add|list|remove|rotate [NAME] [OPTION...]"),
	  N_("the daemon's accounts: files of its folder, in force within a second") },
	{ "add NAME --role ROLE", N_("a new account: its file for the daemon, its secret (0600) to hand over") },
	{ "list", N_("who there is, with the fingerprint of the key; 1 where a file is broken") },
	{ "remove NAME", N_("from now on nobody is this account; asks first") },
	{ "rotate NAME", N_("a new key pair; the old one is nobody's from then on") },
	{ "--accounts DIR", N_("the daemon's folder of accounts (/etc/ocopd/accounts)") },
	{ "--role ROLE[,ROLE]", "officer, secretary, council, finance, commune, steering, admin" },
	{ "--commune CODE", N_("role commune: its code") },
	{ "--member SEAT", N_("role council: the seat") },
	{ "--title TEXT", N_("its name for people") },
	{ "--unix-user USER", N_("a user of the daemon's machine, who needs no key") },
	{ "--secret FILE", N_("where the key pair goes (NAME.key)") },
	{ "--no-key", N_("make none (as with --unix-user and no --secret)") },
	{ "--yes", N_("remove: do not ask") },
	{ NULL, NULL },
};

/* --- what was asked for -------------------------------------------------------------------------- */

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
check_new(const struct account_words *w)
{
	const char *values[] = { w->commune, w->member, w->title, w->unix_user };
	for (size_t i = 0; i < countof(values); i++)
		if (!value_usable(values[i]))
			return usage_error(_("this can't be written on a line"), values[i]);
	if (!w->roles)
		return usage_error(_("--role is needed"), NULL);
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

int
account_secret_begin(const struct account_words *w, const struct key_pair *pair, struct arena *arena,
                     struct whole_file *ret)
{
	struct buf text = { 0 };
	int e = whole_begin(ret, w->secret, arena);
	if (e)
		return e;
	/* Into a pipe or a device it would be gone. */
	if (!ret->aside) {
		whole_abandon(ret);
		return -EEXIST;
	}
	buf_printf(&text, "# The key pair of the account %s. Whoever has this file is this account.\nmetadata\n", w->name);
	print_line(&text, "name", w->name);
	buf_str(&text, "curve\n");
	print_line(&text, "public-key", pair->public_key);
	print_line(&text, "secret-key", pair->secret_key);
	e = whole_write(ret->fd, buf_view(&text));
	if (!e && fsync(ret->fd))
		e = -errno;
	explicit_bzero(text.ptr, text.len);
	buf_free(&text);
	if (e)
		whole_abandon(ret);
	return e;
}

/* Never over a file that is there. The group is the folder's, so that a daemon of that group can read
 * what root writes. */
static int
write_account(const struct account_words *w, const char *file, struct text bytes, struct arena *arena)
{
	struct whole_file whole;
	struct stat st;
	int e = whole_begin(&whole, file, arena);
	if (e)
		return e;
	e = whole.aside ? whole_write(whole.fd, bytes) : -EEXIST;
	if (!e && !stat(w->accounts, &st) && fchown(whole.fd, (uid_t)-1, st.st_gid) && errno != EPERM)
		e = -errno;
	if (!e)
		return whole_end(&whole, 0640, true, arena);
	whole_abandon(&whole);
	return e;
}

int
account_failed(const char *file, int e)
{
	if (e == -EEXIST)
		fprintf(stderr, _("ocop: %s is there already and stays as it is\n"), file);
	else
		fprintf(stderr, _("ocop: %s can't be written: %s\n"), file, strerror(-e));
	return EX_CANTCREAT;
}

const char *
account_path(const struct account_words *w, struct arena *arena)
{
	return arena_printf(arena, "%s/%s.account", w->accounts, w->name).ptr;
}

static int
write_both(const struct account_words *w, const struct key_pair *pair, struct arena *arena)
{
	const char *file = account_path(w, arena);
	struct whole_file secret;
	struct buf text = { 0 };
	int e = 0;
	/* Before the secret is made, so that a name that is taken leaves nothing behind. */
	if (!access(file, F_OK))
		return account_failed(file, -EEXIST);
	if (pair) {
		e = account_secret_begin(w, pair, arena, &secret);
		if (!e)
			e = whole_end(&secret, 0600, true, arena);
		if (e)
			return account_failed(w->secret, e);
	}
	print_account(&text, w, pair);
	e = write_account(w, file, buf_view(&text), arena);
	buf_free(&text);
	if (!e)
		return EX_OK;
	if (pair)
		unlink(w->secret);
	return account_failed(file, e);
}

/* --- keys ---------------------------------------------------------------------------------------- */

int
account_keys(struct key_pair *ret)
{
	if (!zmq_curve_keypair(ret->public_key, ret->secret_key))
		return EX_OK;
	fprintf(stderr, "ocop: %s\n", zmq_strerror(errno));
	return EX_SOFTWARE;
}

struct text
account_fingerprint(struct text public_key, struct arena *arena)
{
	uint8_t hash[HASH_BYTES];
	char hex[2 * FINGERPRINT_BYTES + 1];
	crypto_generichash(hash, sizeof hash, (const uint8_t *)public_key.ptr, public_key.len, NULL, 0);
	sodium_bin2hex(hex, sizeof hex, hash, FINGERPRINT_BYTES);
	return arena_text(arena, text_of(hex));
}

void
account_print_done(const struct account_words *w, const struct key_pair *pair, const char *file, struct arena *arena)
{
	struct text fingerprint = pair ? account_fingerprint(text_of(pair->public_key), arena) : ABSENT;
	if (w->settings->quiet)
		return;
	if (w->settings->json) {
		struct buf out = { 0 };
		buf_str(&out, "{\"account\":");
		json_write_string(&out, text_of(w->name));
		if (pair) {
			buf_str(&out, ",\"public-key\":");
			json_write_string(&out, text_of(pair->public_key));
			buf_printf(&out, ",\"fingerprint\":\"%s\",\"secret\":", fingerprint.ptr);
			json_write_string(&out, text_of(w->secret));
		}
		printf("%.*s}\n", TEXT_ARG(buf_view(&out)));
		buf_free(&out);
		return;
	}
	printf(_("account %s: %s\n"), w->name, file);
	if (pair)
		printf(_("its secret: %s (give it to the account's owner, and keep no copy)\nfingerprint of its key: %s\n"),
		       w->secret, fingerprint.ptr);
}

/* --- the command --------------------------------------------------------------------------------- */

static int
account_add(const struct account_words *asked, struct arena *arena)
{
	struct account_words w = *asked;
	struct key_pair pair;
	int e = check_new(&w);
	if (e)
		return e;
	bool keyed = !w.no_key && (!w.unix_user || w.secret);
	if (keyed && !w.secret)
		w.secret = arena_printf(arena, "%s.key", w.name).ptr;
	e = keyed ? account_keys(&pair) : EX_OK;
	if (e == EX_OK)
		e = write_both(&w, keyed ? &pair : NULL, arena);
	if (e == EX_OK)
		account_print_done(&w, keyed ? &pair : NULL, account_path(&w, arena), arena);
	explicit_bzero(&pair, sizeof pair);
	return e;
}

/* What may be asked for. `options`: those that this one takes beside --accounts, by a letter each. */
static const struct action {
	const char *name;
	int (*run)(const struct account_words *, struct arena *);
	bool named;
	const char *options;
} actions[] = {
	{ "add", account_add, true, "rcmtusn" },
	{ "list", account_list, false, "" },
	{ "remove", account_remove, true, "y" },
	{ "rotate", account_rotate, true, "s" },
};

/* The words of the shell, put in place. */
static int
take_words(const struct action *action, int argc, char **argv, struct settings *s, struct account_words *w)
{
	struct { const char *name; char letter; const char **value; bool *flag; } options[] = {
		{ "accounts", 0, &w->accounts, NULL }, { "role", 'r', &w->roles, NULL }, { "commune", 'c', &w->commune, NULL },
		{ "member", 'm', &w->member, NULL }, { "title", 't', &w->title, NULL }, { "unix-user", 'u', &w->unix_user, NULL },
		{ "secret", 's', &w->secret, NULL }, { "no-key", 'n', NULL, &w->no_key }, { "yes", 'y', NULL, &w->yes },
	};
	for (int i = 0; i < argc; i++) {
		struct option_word word = option_split(argv[i]);
		size_t o = 0;
		while (o < countof(options) && !(word.dashed && text_is(word.name, options[o].name)))
			o++;
		if (o < countof(options)) {
			if (options[o].letter && !strchr(action->options, options[o].letter))
				return usage_error(_("there is no such option here"), argv[i]);
			if (options[o].flag)
				*options[o].flag = true;
			else if (!option_value(argc, argv, &i, &word))
				return usage_error(_("this option needs a value"), argv[i]);
			else
				*options[o].value = word.value.ptr;
		} else if (word.dashed) {
			int e = option_global(argc, argv, &i, s);
			if (e)
				return e;
		} else if (w->name || !action->named) {
			return usage_error(_("one argument too many"), argv[i]);
		} else {
			w->name = argv[i];
		}
	}
	return option_no_dry(s, "account");
}

int
account_run(int argc, char **argv, struct settings *s, struct arena *arena)
{
	struct account_words w = { .accounts = "/etc/ocopd/accounts", .settings = s };
	size_t a = 0;
	while (a < countof(actions) && !(argc && !strcmp(argv[0], actions[a].name)))
		a++;
	if (a == countof(actions))
		return usage_error(_("account add, list, remove or rotate"), argc ? argv[0] : NULL);
	int e = take_words(&actions[a], argc - 1, argv + 1, s, &w);
	if (e)
		return e;
	if (actions[a].named && !(w.name && account_name_good(text_of(w.name))))
		return usage_error(_("NAME is needed: letters, digits, '-' or '_'"), w.name);
	return actions[a].run(&w, arena);
}
