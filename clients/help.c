/* Help, from the tables of verbs and fields. */
#include "clients/help.h"

#include "clients/args.h"
#include "clients/cells.h"
#include "clients/i18n.h"
#include "clients/table.h"

#include <stdio.h>

static void
add_row(struct table *t, const char *left, const char *right)
{
	struct text *row = table_row(t);
	row[0] = text_of(left);
	row[1] = text_of(right);
}

static void
global_options(struct table *t)
{
	add_row(t, "--endpoint ENDPOINT", _("the daemon, ipc:///run/ocopd/command or tcp://HOST:5570 (OCOP_ENDPOINT)"));
	add_row(t, "--key FILE", _("your own key pair, for tcp (OCOP_KEY)"));
	add_row(t, "--server KEY", _("the daemon's public key, for tcp (OCOP_SERVER)"));
	add_row(t, "--from FILE", _("the params as JSON, - for standard input; options win over it"));
	add_row(t, "--json", _("print the result as JSON"));
	add_row(t, "-q, --quiet", _("print the dossiers' numbers only"));
	add_row(t, "--lang vi|en", _("language (else by LC_ALL, LC_MESSAGES, LANG)"));
	add_row(t, "--timeout SECONDS", _("how long to wait for the answer (10)"));
	add_row(t, "--request-key TEXT", _("the write's own name: the same again does nothing twice (a random one)"));
}

void
help_all(void)
{
	struct arena *arena = arena_new();
	struct table verbs, options;
	table_init(&verbs, 2, arena);
	table_init(&options, 2, arena);
	const struct verb *v;
	for (size_t i = 0; (v = verb_item(i)); i++)
		add_row(&verbs, v->name, _(v->summary));
	const struct command *c;
	for (size_t i = 0; (c = command_item(i)); i++)
		add_row(&verbs, c->name, _(c->summary));
	add_row(&verbs, "help", _("this, or of one verb: ocop help submit"));
	global_options(&options);

	puts(_("usage: ocop [OPTION...] VERB [OPTION...] [ARGUMENT...]\n\nverbs"));
	table_print(&verbs, false, 4, stdout);
	puts(_("\noptions of all verbs"));
	table_print(&options, false, 4, stdout);
	puts(_("\nconfig files: ~/.config/ocop/ocop.cfg, /etc/ocop/ocop.cfg (endpoint, key, server, lang)\n" "exit codes: 0 done, 1 refused, 64 usage, 65 bad file, 69 no answer, 75 try again later, 77 forbidden"));
	arena_destroy(&arena);
}

static void
field_rows(struct table *t, unsigned index, struct arena *arena)
{
	const struct field *field = &params_shape.fields[index];
	const struct field_help *help = field_help(index);
	int parts = field->type == FIELD_ONE ? (int)field->shape->count : 0;
	for (int part = parts ? 0 : -1; part < parts; part++) {
		struct text name = args_name(index, part, arena);
		struct text *row = table_row(t);
		row[0] = arena_printf(arena, "--%.*s%s%s", TEXT_ARG(name), *help->value ? " " : "", help->value);
		row[1] = text_of(_(help->summary));
		if (part >= 0)
			row[1] = arena_printf(arena, "%s: %s", row[1].ptr,
			                      label_of(text_of(field->shape->fields[part].name), arena).ptr);
		if (field->type == FIELD_MANY)
			row[1] = arena_printf(arena, "%s%s", row[1].ptr, _(" (again for each)"));
	}
}

void
help_verb(const struct verb *v)
{
	struct arena *arena = arena_new();
	struct table t;
	table_init(&t, 2, arena);
	printf(_("usage: ocop %s"), v->name);
	if (!v->method)
		printf(" METHOD");
	for (int b = 0; b < BARE_MAX && v->bare[b] != BARE_NONE; b++)
		printf(" [%s]", field_help((unsigned)v->bare[b])->value);
	printf("%s\n%s\n", _(" [OPTION...]"), _(v->summary));
	for (unsigned i = 0; i < params_COUNT; i++)
		if (v->takes & UINT64_C(1) << i)
			field_rows(&t, i, arena);
	if (v->kind == WRITE)
		field_rows(&t, params_version, arena);
	if (t.rows) {
		putchar('\n');
		table_print(&t, false, 4, stdout);
	}
	puts(_("\noptions of all verbs: ocop help"));
	arena_destroy(&arena);
}

void
help_command(const struct command *c)
{
	struct arena *arena = arena_new();
	struct table t;
	table_init(&t, 2, arena);
	printf(_("usage: ocop %s\n%s\n"), _(c->help->option), _(c->help->words));
	for (const struct help_row *row = c->help + 1; row->option; row++)
		add_row(&t, _(row->option), *row->words ? _(row->words) : "");
	if (t.rows) {
		putchar('\n');
		table_print(&t, false, 4, stdout);
	}
	puts(_("\noptions of all verbs: ocop help"));
	arena_destroy(&arena);
}
