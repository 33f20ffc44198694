/* Help, from the tables of verbs and fields. */
#include "clients/help.h"

#include "clients/args.h"
#include "clients/cells.h"
#include "clients/table.h"
#include "proto/i18n.h"

#include <stdio.h>

static void
add_row(void *to, const char *option, const char *words)
{
	struct text *row = table_row(to);
	row[0] = text_of(option);
	row[1] = text_of(words);
}

void
help_common_lines(help_line *line, void *to)
{
	line(to, _("--endpoint ENDPOINT"), _("the daemon, ipc:///run/ocopd/command or tcp://HOST:5570 (OCOP_ENDPOINT)"));
	line(to, _("--key FILE"), _("your own key pair, for tcp (OCOP_KEY)"));
	line(to, _("--server KEY"), _("the daemon's public key, for tcp (OCOP_SERVER)"));
	line(to, _("--from FILE"), _("the params as JSON, - for standard input; options win over it"));
	line(to, "--json", _("print the result as JSON"));
	line(to, "--csv", _("print it for a spreadsheet: codes, dates and figures as they are"));
	line(to, "--color auto|always|never", _("colours (auto: on a terminal, unless NO_COLOR is set)"));
	line(to, "-q, --quiet", _("print the dossiers' numbers only"));
	line(to, "--lang vi|en", _("language (else by LC_ALL, LC_MESSAGES, LANG)"));
	line(to, "--dry-run", _("say what would happen, and do nothing (verbs that change a dossier)"));
	line(to, _("--timeout SECONDS"), _("how long to wait for the answer (10)"));
	line(to, _("--request-key TEXT"), _("the write's own name: the same again does nothing twice (a random one)"));
}

void
help_all(void)
{
	struct arena *arena = arena_new();
	struct table verbs, options, closing;
	table_init(&verbs, 2, arena);
	table_init(&options, 2, arena);
	table_init(&closing, 1, arena);
	const struct verb *v;
	for (size_t i = 0; (v = verb_item(i)); i++)
		add_row(&verbs, v->name, _(v->summary));
	const struct command *c;
	for (size_t i = 0; (c = command_item(i)); i++)
		add_row(&verbs, c->name, _(c->summary));
	add_row(&verbs, "help", _("this, or of one verb: ocop help submit"));
	help_common_lines(add_row, &options);
	*table_row(&closing) = text_of(_("config files: ~/.config/ocop/ocop.cfg, /etc/ocop/ocop.cfg (endpoint, key, server, lang)"));
	*table_row(&closing) = text_of(_("exit codes: 0 done, 1 refused, 64 usage, 65 bad file, 69 no answer, 75 try again later, 77 forbidden"));

	puts(_("usage: ocop [OPTION...] VERB [OPTION...] [ARGUMENT...]\n\nverbs"));
	table_print(&verbs, false, 4, stdout);
	puts(_("\noptions of all verbs"));
	table_print(&options, false, 4, stdout);
	putchar('\n');
	table_print(&closing, false, 0, stdout);
	arena_destroy(&arena);
}

struct text
help_option(unsigned index, int part, struct arena *arena, struct text *ret_words)
{
	const struct field *field = &params_shape.fields[index];
	struct text words = text_of(_(field_help(index)->summary));
	if (part >= 0)
		words = arena_printf(arena, "%s: %s", words.ptr, label_of(text_of(field->shape->fields[part].name), arena).ptr);
	if (field->type == FIELD_MANY)
		words = arena_printf(arena, "%s%s", words.ptr, _(" (again for each)"));
	*ret_words = words;
	return arena_printf(arena, "--%.*s%s%s", TEXT_ARG(args_name(index, part, arena)), *field_value(index) ? " " : "", field_value(index));
}

static void
field_lines(unsigned index, struct arena *arena, help_line *line, void *to)
{
	const struct field *field = &params_shape.fields[index];
	int parts = field->type == FIELD_ONE ? (int)field->shape->count : 0;
	for (int part = parts ? 0 : -1; part < parts; part++) {
		struct text words, option = help_option(index, part, arena, &words);
		line(to, option.ptr, words.ptr);
	}
}

void
help_verb_lines(const struct verb *v, struct arena *arena, help_line *line, void *to)
{
	for (unsigned i = 0; i < params_COUNT; i++)
		if (v->takes & UINT64_C(1) << i)
			field_lines(i, arena, line, to);
	if (v->kind == WRITE)
		field_lines(params_version, arena, line, to);
}

void
help_command_lines(const struct command *c, help_line *line, void *to)
{
	for (const struct help_row *row = c->help + 1; row->option; row++)
		line(to, _(row->option), *row->words ? _(row->words) : "");
}

struct text
help_verb_usage(const struct verb *v, struct arena *arena)
{
	struct text usage = arena_printf(arena, "%s%s", v->name, v->method ? "" : " METHOD");
	for (int b = 0; b < BARE_MAX && v->bare[b] != BARE_NONE; b++)
		usage = arena_printf(arena, "%s [%s]", usage.ptr, field_value((unsigned)v->bare[b]));
	return arena_printf(arena, "%s%s", usage.ptr, _(" [OPTION...]"));
}

static void
show(const char *usage, const char *summary, const struct table *options)
{
	struct table t;
	table_init(&t, 1, options->arena);
	*table_row(&t) = arena_printf(options->arena, _("usage: ocop %s"), usage);
	*table_row(&t) = text_of(summary);
	table_print(&t, false, 0, stdout);
	if (options->rows) {
		putchar('\n');
		table_print(options, false, 4, stdout);
	}
	puts(_("\noptions of all verbs: ocop help"));
}

void
help_verb(const struct verb *v)
{
	struct arena *arena = arena_new();
	struct table t;
	table_init(&t, 2, arena);
	help_verb_lines(v, arena, add_row, &t);
	show(help_verb_usage(v, arena).ptr, _(v->summary), &t);
	arena_destroy(&arena);
}

void
help_command(const struct command *c)
{
	struct arena *arena = arena_new();
	struct table t;
	table_init(&t, 2, arena);
	help_command_lines(c, add_row, &t);
	show(_(c->help->option), _(c->help->words), &t);
	arena_destroy(&arena);
}
