/* The language of the programs: gettext's catalogue, found from where the program lies. */
#include "clients/i18n.h"

#include "proto/mem.h"

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char domain[] = "ocop";

/* The folder `name` relative to the program's own; false where it is not there. */
static bool
beside_program(const char *name, char *ret, size_t size)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	if (n <= 0)
		return false;
	exe[n] = '\0';
	*strrchr(exe, '/') = '\0';
	return snprintf(ret, size, "%s/%s", exe, name) < (int)size && !access(ret, X_OK);
}

void
i18n_use(enum lang lang)
{
	static const char *const places[] = { "locale", "../locale", "../share/locale" };
	char folder[PATH_MAX];
	/* gettext translates nothing in the locale "C", and C.UTF-8 is always there. The numbers of the
	 * programs are their own, so no other category is set. */
	if (!setlocale(LC_CTYPE, "C.UTF-8") || !setlocale(LC_MESSAGES, "C.UTF-8"))
		return;
	setenv("LANGUAGE", lang == LANG_VI ? "vi" : "en", 1);
	for (size_t i = 0; i < countof(places); i++)
		if (beside_program(places[i], folder, sizeof folder)) {
			bindtextdomain(domain, folder);
			break;
		}
	bind_textdomain_codeset(domain, "UTF-8");
	textdomain(domain);
}
