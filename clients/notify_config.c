/* The listener's settings: notify_keys.def applied to a ZPL file, then what follows from them. */
#include "clients/notify_config.h"

#include "proto/i18n.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { TEXT, WORDS, NUMBER };
enum section { SECTION_config, SECTION_exec, SECTION_mail };

static const char default_types[] = "returned, recalled, scored, ranked, overdue, due-soon, unheard";
enum { NAME_LEN_MAX = 64, PASSWORD_MAX = 256 };

typedef struct notify_config config_section;
typedef struct notify_exec exec_section;
typedef struct notify_mail mail_section;

static const struct key {
	enum section section;
	const char *name;
	enum kind kind;
	size_t offset;
	int64_t low, high, preset;
} keys[] = {
#define KEY(section, member, name, kind, low, high, preset) \
	{ SECTION_##section, name, kind, offsetof(section##_section, member), low, high, preset },
#include "clients/notify_keys.def"
};

struct loading {
	struct arena *arena;
	struct complaints *complaints;
	enum lang lang;
	struct notify_config *config;
};

#define COMPLAIN(l, line_, ...) complain((l)->complaints, (line_)->file, (line_)->line, __VA_ARGS__)

/* --- one section --------------------------------------------------------------------------------- */

static bool
number(struct text t, int64_t *ret)
{
	int64_t n = 0;
	for (size_t i = 0; i < t.len; i++) {
		if (t.ptr[i] < '0' || t.ptr[i] > '9' || i > 12)
			return false;
		n = n * 10 + (t.ptr[i] - '0');
	}
	*ret = n;
	return t.len > 0;
}

static void
set(struct loading *l, const struct key *key, const struct zpl *line, char *section, bool again)
{
	char *member = section + key->offset;
	int64_t n;
	struct text words;
	if (!line->value.len) {
		COMPLAIN(l, line, _("%s has no value"), key->name);
	} else if (again && key->kind != WORDS) {
		COMPLAIN(l, line, _("%s stands here a second time; once would be right"), key->name);
	} else if (key->kind == NUMBER) {
		if (!number(line->value, &n) || n < key->low || n > key->high)
			COMPLAIN(l, line, _("%s must be a whole number from %lld to %lld"), key->name, (long long)key->low,
			         (long long)key->high);
		else
			memcpy(member, &n, sizeof n);
	} else if (key->kind == WORDS) {
		memcpy(&words, member, sizeof words);
		words = again ? arena_printf(l->arena, "%.*s,%s", TEXT_ARG(words), line->value.ptr) : line->value;
		memcpy(member, &words, sizeof words);
	} else {
		memcpy(member, &line->value.ptr, sizeof line->value.ptr);
	}
}

static void
presets(enum section section, char *at)
{
	for (size_t i = 0; i < countof(keys); i++)
		if (keys[i].section == section && keys[i].kind == NUMBER)
			memcpy(at + keys[i].offset, &keys[i].preset, sizeof keys[i].preset);
}

static bool
is_section(const struct zpl *line)
{
	return text_is(line->name, "exec") || text_is(line->name, "mail");
}

static void
read_section(struct loading *l, const struct zpl *lines, enum section section, char *at)
{
	bool seen[countof(keys)] = { false };
	presets(section, at);
	for (const struct zpl *line = lines; line; line = line->next) {
		size_t i = 0;
		while (i < countof(keys) && !(keys[i].section == section && text_is(line->name, keys[i].name)))
			i++;
		if (i < countof(keys)) {
			set(l, &keys[i], line, at, seen[i]);
			seen[i] = true;
			if (line->child)
				COMPLAIN(l, line->child, _("nothing stands below %s"),
				         keys[i].name);
		} else if (section != SECTION_config || !is_section(line)) {
			COMPLAIN(l, line, _("there is no key \"%.*s\" here"),
			         TEXT_ARG(line->name));
		}
	}
}

/* --- the ways of delivery ------------------------------------------------------------------------ */

static void
add_target(struct loading *l, const struct zpl *line, struct notify_target target)
{
	struct notify_config *c = l->config;
	for (size_t i = 0; i < c->target_count; i++)
		if (!strcmp(c->targets[i].name, target.name)) {
			COMPLAIN(l, line, _("\"%s\" stands here a second time"), target.name);
			return;
		}
	if (c->target_count == countof(c->targets))
		COMPLAIN(l, line, _("\"%s\" is one too many; at most %zu receivers are possible"), target.name, countof(c->targets));
	else
		c->targets[c->target_count++] = target;
}

static void
read_exec(struct loading *l, const struct zpl *line)
{
	struct notify_exec *exec = arena_alloc(l->arena, sizeof *exec);
	read_section(l, line->child, SECTION_exec, (char *)exec);
	if (!exec->command)
		COMPLAIN(l, line, _("%s needs a command"), "exec");
	else
		add_target(l, line, (struct notify_target){ .kind = TARGET_EXEC, .exec = exec,
			.name = arena_printf(l->arena, "exec %s", exec->command).ptr });
}

/* What goes bare into a mail's header and to a server: printable ASCII with one @ and no blanks. */
static bool
address_usable(struct text address)
{
	size_t at = 0;
	for (size_t i = 0; i < address.len; i++) {
		unsigned char c = (unsigned char)address.ptr[i];
		if (c <= 0x20 || c >= 0x7f || strchr("<>()[]\\,;:\"", c))
			return false;
		at += c == '@';
	}
	return at == 1 && address.len <= 254 && address.ptr[0] != '@' && address.ptr[0] != '-'
	       && address.ptr[address.len - 1] != '@';
}

static void
read_password(struct loading *l, const struct zpl *line, struct notify_mail *mail)
{
	char text[PASSWORD_MAX + 1];
	int fd = open(mail->password_file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
	if (fd >= 0)
		close(fd);
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	if (n <= 0 || n > PASSWORD_MAX)
		COMPLAIN(l, line, _("%s holds no password of 1 to %d bytes that can be read"), mail->password_file, PASSWORD_MAX);
	else
		mail->password = arena_text(l->arena, (struct text){ text, (size_t)n }).ptr;
	explicit_bzero(text, sizeof text);
}

static void
check_smtp(struct loading *l, const struct zpl *line, struct notify_mail *mail)
{
	if (strncmp(mail->smtp, "smtp://", 7) && strncmp(mail->smtp, "smtps://", 8))
		COMPLAIN(l, line, _("smtp = %s is no server; right would be smtp://HOST:PORT or smtps://HOST:PORT"),
		         mail->smtp);
	if (!mail->tls)
		mail->tls = "must";
	if (!text_among(text_of(mail->tls), "must|try|no"))
		COMPLAIN(l, line, _("tls = %s; right would be must, try or no"),
		         mail->tls);
	if (!mail->user != !mail->password_file)
		COMPLAIN(l, line, _("%s and password-file go together"), "user");
	else if (mail->password_file)
		read_password(l, line, mail);
	if (mail->user && strcmp(mail->tls, "must") && !strncmp(mail->smtp, "smtp://", 7))
		COMPLAIN(l, line, _("a password needs tls = must, not %s"),
		         mail->tls);
}

static void
read_mail(struct loading *l, const struct zpl *line)
{
	struct notify_mail *mail = arena_alloc(l->arena, sizeof *mail);
	read_section(l, line->child, SECTION_mail, (char *)mail);
	struct text rest = mail->to, address;
	if (!mail->from || !address_usable(text_of(mail->from)))
		COMPLAIN(l, line, _("%s needs `from`, an address like ocop@example.vn"), "mail");
	if (!rest.len)
		COMPLAIN(l, line, _("%s needs `to`, one address or several"), "mail");
	if (!mail->sendmail == !mail->smtp)
		COMPLAIN(l, line, _("%s needs either sendmail or smtp"), "mail");
	if (mail->smtp)
		check_smtp(l, line, mail);
	else if (mail->sendmail && access(mail->sendmail, X_OK))
		COMPLAIN(l, line, _("%s can't be run"), mail->sendmail);
	while (text_next(&rest, ',', &address)) {
		const char *to = arena_text(l->arena, address).ptr;
		if (!address_usable(address))
			COMPLAIN(l, line, _("\"%s\" is no address like xa@example.vn"), to);
		else
			add_target(l, line, (struct notify_target){ .kind = TARGET_MAIL, .mail = mail, .to = to,
				.name = arena_printf(l->arena, "mail %s", to).ptr });
	}
}

/* --- the whole ----------------------------------------------------------------------------------- */

const struct mail_template *
notify_config_template(const struct notify_config *c, struct text type)
{
	for (size_t i = 0; i < c->template_count; i++)
		if (text_equal(c->templates_read[i].type, type))
			return c->templates_read[i].words;
	return NULL;
}

/* One text for each type that is listened for, where anything is mailed. */
static void
read_templates(struct loading *l, const struct zpl *root)
{
	struct notify_config *c = l->config;
	bool mails = false;
	struct text rest = c->types, type;
	for (size_t i = 0; i < c->target_count; i++)
		mails |= c->targets[i].kind == TARGET_MAIL;
	if (mails && !c->templates)
		COMPLAIN(l, root, _("%s needs `templates`, the folder of their texts"), "mail");
	while (text_next(&rest, ',', &type)) {
		if (!note_type_known(type))
			COMPLAIN(l, root, _("there is no event \"%.*s\""), TEXT_ARG(type));
		else if (c->template_count == countof(c->templates_read))
			COMPLAIN(l, root, _("%zu types are the most"), countof(c->templates_read));
		else if (mails && c->templates && !notify_config_template(c, type)) {
			const char *path = arena_printf(l->arena, "%s/%.*s.txt", c->templates, TEXT_ARG(type)).ptr;
			c->templates_read[c->template_count].words =
				mail_template_load(path, l->arena, l->complaints);
			c->templates_read[c->template_count++].type = type;
		}
	}
}

static bool
name_usable(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t len = strlen(name);
	return len >= 1 && len <= NAME_LEN_MAX && strspn(name, letters) == len && name[0] != '.';
}

static void
check(struct loading *l, const struct zpl *root)
{
	struct notify_config *c = l->config;
	int64_t n;
	if (!c->feed || !name_usable(c->feed))
		COMPLAIN(l, root, _("%s is needed: a name of letters, digits, '-', '_' and '.', at most %d"), "feed",
		         NAME_LEN_MAX);
	if (c->from && strcmp(c->from, "start") && strcmp(c->from, "now") && !number(text_of(c->from), &n))
		COMPLAIN(l, root, _("from = %s; right would be start, now or an event's number"), c->from);
	if (c->print && !text_among(text_of(c->print), "yes|no|json"))
		COMPLAIN(l, root, _("print = %s; right would be yes, json or no"),
		         c->print);
	if (c->retry_first_ms > c->retry_most_ms)
		COMPLAIN(l, root, _("%s is more than retry-most-ms"), "retry-first-ms");
	if (!strncmp(c->endpoint, "tcp://", 6) && (!c->key_file || !c->server))
		COMPLAIN(l, root, _("%s needs key (the file of the own key pair) and server (the daemon's public key)"), c->endpoint);
}

/* Under systemd each listener has a folder of its own (StateDirectory=). */
static const char *
dead_letters(struct arena *arena)
{
	const char *own = getenv("STATE_DIRECTORY");

	return arena_printf(arena, "%s/dead-letters", own && *own ? own : "/var/lib/ocop-notify").ptr;
}

/* Options win over the environment, it over the listener's file, and that over ocop's own files. */
static void
place(struct loading *l, const struct notify_options *o, const struct settings *s)
{
	struct notify_config *c = l->config;
	const struct { const char **value, *option, *variable, *fallback; } sources[] = {
		{ &c->endpoint, o->endpoint, getenv("OCOP_ENDPOINT"), s->endpoint },
		{ &c->key_file, o->key_file, getenv("OCOP_KEY"), s->key_file },
		{ &c->server, o->server, getenv("OCOP_SERVER"), s->server },
		{ &c->feed, o->feed, NULL, NULL },
		{ &c->from, NULL, NULL, "now" },
		{ &c->dead, NULL, NULL, dead_letters(l->arena) },
	};
	for (size_t i = 0; i < countof(sources); i++) {
		if (sources[i].option)
			*sources[i].value = sources[i].option;
		else if (sources[i].variable && *sources[i].variable)
			*sources[i].value = sources[i].variable;
		else if (!*sources[i].value)
			*sources[i].value = sources[i].fallback;
	}
	if (o->types)
		c->types = text_of(o->types);
	else if (!c->types.ptr)
		c->types = text_of(default_types);
}

static void
read_targets(struct loading *l, const struct notify_options *o, const struct zpl *root)
{
	struct notify_config *c = l->config;
	for (const struct zpl *line = root->child; line; line = line->next) {
		if (text_is(line->name, "exec"))
			read_exec(l, line);
		else if (text_is(line->name, "mail"))
			read_mail(l, line);
	}
	/* Who gave no way of delivery sees the events. */
	bool bare = !c->print && !c->target_count && !l->complaints->errors;
	if (o->json || bare || (c->print && strcmp(c->print, "no")))
		add_target(l, root, (struct notify_target){ .kind = TARGET_PRINT, .name = "print",
			.json = o->json || (c->print && !strcmp(c->print, "json")) });
	if (!c->target_count && !l->complaints->errors)
		COMPLAIN(l, root, _("no way of delivery: %s, exec or mail"), "print");
}

bool
notify_config_load(const struct notify_options *o, struct arena *arena, struct complaints *complaints,
                   struct notify_config *ret)
{
	struct settings settings;
	struct zpl none = { .file = "ocop-notify" };
	memset(ret, 0, sizeof *ret);
	if (!settings_load(&settings, arena, complaints))
		return false;
	struct loading l = { arena, complaints, settings.lang, ret };
	if (o->lang && !settings_lang(text_of(o->lang), &l.lang)) {
		COMPLAIN(&l, &none, _("--lang is vi or en, not %s"), o->lang);
		return false;
	}
	const struct zpl *root = o->config ? zpl_load(o->config, arena, complaints) : &none;
	if (!root)
		return false;
	if (!root->file)
		none = *root, none.file = o->config, root = &none;
	struct text lang = zpl_value(root, "lang");
	if (!o->lang && lang.ptr && !settings_lang(lang, &l.lang))
		COMPLAIN(&l, zpl_find(root, "lang"), _("lang = %s; right would be vi or en"), lang.ptr);
	ret->language = l.lang;
	i18n_use(l.lang);
	read_section(&l, root->child, SECTION_config, (char *)ret);
	place(&l, o, &settings);
	check(&l, root);
	read_targets(&l, o, root);
	read_templates(&l, root);
	return !complaints->errors;
}
