/* The words of a command line: options with and without values, and those that every verb has. */
#include "clients/options.h"

#include "clients/suggest.h"
#include "proto/i18n.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { SECONDS_MAX = 86400 };

static const char *called;

void
usage_of(const char *verb)
{
	called = verb;
}

int
usage_error(const char *what, const char *word)
{
	fprintf(stderr, "ocop: %s%s%s\n", what, word ? ": " : "", word ? word : "");
	fprintf(stderr, _("see: ocop help %s\n"), called ? called : _("[VERB]"));
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

static int
set_colours(struct settings *s, struct text value)
{
	static const struct { const char *word; enum colours when; } choices[] = {
		{ "auto", COLOURS_AUTO }, { "always", COLOURS_ALWAYS }, { "never", COLOURS_NEVER },
	};
	for (size_t i = 0; i < countof(choices); i++)
		if (text_is(value, choices[i].word)) {
			s->colours = choices[i].when;
			return 0;
		}
	return usage_error(_("--color is auto, always or never"), value.ptr);
}

/* json and csv: the later one counts. */
static bool
set_flag(struct settings *s, struct text name)
{
	bool json = text_is(name, "json"), csv = text_is(name, "csv"), quiet = text_is(name, "quiet");
	bool dry_run = text_is(name, "dry-run");
	if (json || csv) {
		s->json = json;
		s->csv = csv;
	}
	s->quiet |= quiet;
	s->dry_run |= dry_run;
	return json || csv || quiet || dry_run;
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
	if (o.name.len && !o.value.ptr && set_flag(s, o.name))
		return 0;
	size_t t = 0;
	while (t < countof(texts) && !text_is(o.name, texts[t].name))
		t++;
	bool lang = text_is(o.name, "lang"), timeout = text_is(o.name, "timeout"), colour = text_is(o.name, "color");
	if (t == countof(texts) && !lang && !timeout && !colour)
		return suggest_option(s, word);
	if (!option_value(argc, argv, i, &o))
		return usage_error(_("this option needs a value"), word);
	if (t < countof(texts))
		*texts[t].value = o.value.ptr;
	else if (timeout)
		return set_timeout(s, o.value.ptr);
	else if (colour)
		return set_colours(s, o.value);
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
