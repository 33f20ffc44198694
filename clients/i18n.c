/* The language of the programs: gettext's catalogue, found from where the program lies. */
#include "clients/i18n.h"

#include "clients/beside.h"

#include <locale.h>
#include <stdlib.h>

static const char domain[] = "ocop";

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
