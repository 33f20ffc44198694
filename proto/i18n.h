/* Sentences in the language of the one who reads them, by gettext: English stands in the code as
 * _("..."), Vietnamese in po/vi.po. N_() marks words of a table, translated where they are shown.
 * A sentence with a value is one format, so that a language may order its parts. */
#ifndef PROTO_I18N_H
#define PROTO_I18N_H

#include "proto/errors.h"

#include <libintl.h>

#define _(words) gettext(words)
#define N_(words) words

/* The language of LC_ALL, LC_MESSAGES or LANG, the first that is set: Vietnamese where it begins with vi. */
enum lang i18n_locale(void);

/* From now on everything is said in this language, whatever the machine's locales. The catalogue is
 * looked for beside the program (a build) and in ../share/locale from it (an installed one). */
void i18n_use(enum lang);

#endif
