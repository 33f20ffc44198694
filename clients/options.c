/* The words of a command line: options with and without values, and those that every verb has. */
#include "clients/options.h"

#include "clients/i18n.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { SECONDS_MAX = 86400 };

int
usage_error(const char *what, const char *word)
{
	fprintf(stderr, "ocop: %s%s%s\n", what, word ? ": " : "", word ? word : "");
	fputs(_("see: ocop help [VERB]\n"), stderr);
	return EX_USAGE;
}

struct option_word
option_split(const char *word)
{
	struct option_word o = { 0 };
	if (!strcmp(word, "-q") || !strcmp(word, "-h")) {
		o.dashed = true;
		o.name = word[1] == 'q' ? TEXT("quiet") : TEXT("help");
		return o;
	}
	if (strncmp(word, "--", 2) || !word[2])
		return o;
	o.dashed = true;
	o.name = text_of(word + 2);
	const char *equals = strchr(word, '=');
	if (equals) {
		o.name.len = (size_t)(equals - word) - 2;
		o.value = text_of(equals + 1);
	}
	return o;
}

bool
option_value(int argc, char **argv, int *i, struct option_word *o)
{
	if (o->value.ptr)
		return true;
	if (*i + 1 >= argc)
		return false;
	o->value = text_of(argv[++*i]);
	return true;
}

static int
set_timeout(struct settings *s, const char *value)
{
	char *end;
	double seconds = strtod(value, &end);
	if (*end || end == value || !(seconds > 0 && seconds <= SECONDS_MAX))
		return usage_error(_("--timeout must be seconds, more than 0"), value);
	s->timeout_ms = (int64_t)(seconds * 1000);
	return 0;
}

int
option_global(int argc, char **argv, int *i, struct settings *s)
{
	const char *word = argv[*i];
	struct option_word o = option_split(word);
	struct { const char *name; const char **value; } texts[] = {
		{ "endpoint", &s->endpoint }, { "key", &s->key_file }, { "server", &s->server },
		{ "request-key", &s->request_key }, { "from", &s->from },
	};
	if (text_is(o.name, "json") && !o.value.ptr) {
		s->json = true;
		return 0;
	}
	if (text_is(o.name, "dry-run") && !o.value.ptr) {
		s->dry_run = true;
		return 0;
	}
	if (text_is(o.name, "quiet") && !o.value.ptr) {
		s->quiet = true;
		return 0;
	}
	size_t t = 0;
	while (t < countof(texts) && !text_is(o.name, texts[t].name))
		t++;
	bool lang = text_is(o.name, "lang"), timeout = text_is(o.name, "timeout");
	if (t == countof(texts) && !lang && !timeout)
		return usage_error(_("there is no such option here"), word);
	if (!option_value(argc, argv, i, &o))
		return usage_error(_("this option needs a value"), word);
	if (t < countof(texts))
		*texts[t].value = o.value.ptr;
	else if (timeout)
		return set_timeout(s, o.value.ptr);
	else if (!settings_lang(o.value, &s->lang))
		return usage_error(_("--lang is vi or en"), o.value.ptr);
	i18n_use(s->lang);
	return 0;
}

int
option_no_dry(const struct settings *s, const char *verb)
{
	return s->dry_run ? usage_error(_("--dry-run is for the verbs that change a dossier"), verb) : 0;
}
