/* Mistyped verbs and options: what was probably meant. */
#include "clients/suggest.h"

#include "clients/help.h"
#include "clients/options.h"
#include "proto/i18n.h"
#include "proto/nearest.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static int
complain_of(const char *what, const char *word, const char *before, struct text meant)
{
	if (!meant.ptr)
		return usage_error(what, word);
	fprintf(stderr, "ocop: %s: %s\n", what, word);
	fprintf(stderr, _("did you mean: %s%.*s\n"), before, TEXT_ARG(meant));
	return EX_USAGE;
}

int
suggest_verb(const char *word)
{
	struct nearest n = nearest_begin(text_of(word));
	const struct verb *v;
	const struct command *c;
	for (size_t i = 0; (v = verb_item(i)); i++)
		nearest_try(&n, text_of(v->name));
	for (size_t i = 0; (c = command_item(i)); i++)
		nearest_try(&n, text_of(c->name));
	nearest_try(&n, TEXT("help"));
	return complain_of(_("there is no such verb"), word, "ocop ", n.best);
}

/* A line of help: "--member SEAT", "-q, --quiet"; others name no option. */
static void
try_line(void *nearest, const char *option, const char *words)
{
	const char *name = strstr(option, "--");
	(void)words;
	if (name)
		nearest_try(nearest, (struct text){ name + 2, strcspn(name + 2, " =[") });
}

int
suggest_option(const struct settings *s, const char *word)
{
	struct option_word option = option_split(word);
	struct nearest n = nearest_begin(option.name);
	struct arena *arena = arena_new();
	const struct verb *verb = s->verb ? verb_find(text_of(s->verb)) : NULL;
	const struct command *command = s->verb ? command_find(text_of(s->verb)) : NULL;
	if (verb)
		help_verb_lines(verb, arena, try_line, &n);
	if (command)
		help_command_lines(command, try_line, &n);
	help_common_lines(try_line, &n);
	nearest_try(&n, TEXT("help"));
	int e = complain_of(_("there is no such option here"), word, "--", n.best);
	arena_destroy(&arena);
	return e;
}
