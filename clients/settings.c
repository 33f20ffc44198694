/* Where the daemon is and who asks: config files, then the environment, then options. */
#include "clients/settings.h"

#include "proto/i18n.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char default_endpoint[] = "ipc:///run/ocopd/command";
enum { TIMEOUT_MS = 10000 };

/* The values that a file and the environment can set. */
struct source {
	const char *name, *variable;
	const char **value;
};

bool
settings_lang(struct text word, enum lang *ret)
{
	if (!text_is(word, "vi") && !text_is(word, "en"))
		return false;
	*ret = text_is(word, "vi") ? LANG_VI : LANG_EN;
	return true;
}

static bool
read_file(const char *path, struct source *sources, size_t count, enum lang *lang,
          struct arena *arena, struct complaints *complaints)
{
	if (access(path, F_OK))
		return true;
	const struct zpl *root = zpl_load(arena_text(arena, text_of(path)).ptr, arena, complaints);
	for (const struct zpl *line = root ? root->child : NULL; line; line = line->next) {
		size_t i = 0;
		while (i < count && !text_is(line->name, sources[i].name))
			i++;
		if (i < count && line->value.len)
			*sources[i].value = line->value.ptr;
		else if (!text_is(line->name, "lang") || !settings_lang(line->value, lang))
			complain(complaints, line->file, line->line,
			         _("%.*s \"%.*s\" is not known here; known are: endpoint, key, server, lang (vi, en)"),
			         TEXT_ARG(line->name), TEXT_ARG(line->value));
	}
	return root && !complaints->errors;
}

bool
settings_load(struct settings *ret, struct arena *arena, struct complaints *complaints)
{
	struct settings s = { .endpoint = default_endpoint, .lang = i18n_locale(), .timeout_ms = TIMEOUT_MS };
	struct source sources[] = {
		{ "endpoint", "OCOP_ENDPOINT", &s.endpoint },
		{ "key", "OCOP_KEY", &s.key_file },
		{ "server", "OCOP_SERVER", &s.server },
	};
	const char *home = getenv("HOME");
	i18n_use(s.lang);
	bool usable = read_file("/etc/ocop/ocop.cfg", sources, countof(sources), &s.lang, arena, complaints);
	if (usable && home)
		usable = read_file(arena_printf(arena, "%s/.config/ocop/ocop.cfg", home).ptr, sources,
		                   countof(sources), &s.lang, arena, complaints);
	for (size_t i = 0; i < countof(sources); i++) {
		const char *value = getenv(sources[i].variable);
		if (value && *value)
			*sources[i].value = value;
	}
	i18n_use(s.lang);
	*ret = s;
	return usable;
}

bool
settings_key(const char *file, struct arena *arena, struct complaints *complaints, struct link_target *ret)
{
	const struct zpl *root = zpl_load(file, arena, complaints);
	if (!root)
		return false;
	const struct zpl *pair = zpl_find(root, "curve") ? zpl_find(root, "curve") : root;
	struct text public_key = zpl_value(pair, "public-key"), secret_key = zpl_value(pair, "secret-key");
	if (public_key.len != LINK_KEY_LEN || secret_key.len != LINK_KEY_LEN) {
		complain(complaints, file, 1,
		         _("no key pair; needed are public-key and secret-key, 40 characters each"));
		return false;
	}
	ret->public_key = public_key.ptr;
	ret->secret_key = secret_key.ptr;
	return true;
}
