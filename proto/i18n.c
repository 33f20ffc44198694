/* The language of the programs: gettext's catalogue, found from where the program lies. */
#include "proto/i18n.h"

#include "proto/beside.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const char domain[] = "ocop";

enum lang
i18n_locale(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	for (size_t i = 0; i < countof(variables); i++) {
		const char *value = getenv(variables[i]);
		if (value && *value)
			return strncmp(value, "vi", 2) ? LANG_EN : LANG_VI;
	}
	return LANG_EN;
}

void
i18n_use(enum lang lang)
{
	static const char *const places[] = { "locale", "../locale", "../share/locale" };
	/* gettext translates nothing in the locale "C", and C.UTF-8 is always there. The numbers of the
	 * programs are their own, so no other category is set. */
	if (!setlocale(LC_CTYPE, "C.UTF-8") || !setlocale(LC_MESSAGES, "C.UTF-8"))
		return;
	setenv("LANGUAGE", lang == LANG_VI ? "vi" : "en", 1);
	struct arena *arena = arena_new();
	struct text folder = beside_program(places, countof(places), arena);
	if (folder.ptr)
		bindtextdomain(domain, folder.ptr);
	arena_destroy(&arena);
	bind_textdomain_codeset(domain, "UTF-8");
	textdomain(domain);
}
