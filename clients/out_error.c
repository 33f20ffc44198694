/* A refusal: the daemon's sentence, then what is lacking, what would be right, what may be done now. */
#include "clients/out_pages.h"

#include "clients/args.h"
#include "clients/cells.h"
#include "clients/verbs.h"
#include "proto/i18n.h"
#include "proto/nearest.h"

#include <stdlib.h>
#include <string.h>

/* What the request said where the refusal points: "documents[2].status" of its params. */
static struct text
said(const struct json *params, struct text field)
{
	const struct json *at = params;
	char name[64];
	while (at && field.len) {
		size_t len = strcspn(field.ptr, ".[");
		if (len > field.len)
			len = field.len;
		if (field.ptr[0] == '[') {
			size_t index = strtoul(field.ptr + 1, NULL, 10);
			at = json_type(at) == JSON_ARRAY ? json_first(at) : NULL;
			while (at && index--)
				at = json_next(at);
			len = strcspn(field.ptr, "]") + 1;
		} else if (len && len < sizeof name) {
			memcpy(name, field.ptr, len);
			name[len] = '\0';
			at = json_type(at) == JSON_OBJECT ? json_get(at, name) : NULL;
		} else if (len) {
			return ABSENT;
		}
		len += field.ptr[len] == '.';
		field = (struct text){ field.ptr + len, len < field.len ? field.len - len : 0 };
	}
	return json_text(at);
}

/* The choice that was probably meant: of what the refusal lists, or of the programme's codes. */
static struct text
meant(const struct out *o, const struct json *data)
{
	static const struct { const char *guard; enum codes codes; const char *list, *key; } lists[] = {
		{ "known-commune", CODES_COMMUNE, "communes", "code" },
		{ "known-group", CODES_GROUP, "groups", "code" },
		{ "known-kind", CODES_PRODUCER, "kinds", "code" },
		{ "known-round", CODES_ROUND, "rounds", "code" },
		{ "known-content", CODES_CONTENT, "contents", "code" },
		{ "known-source", CODES_SOURCE, "sources", "code" },
	};
	struct text word = said(o->params, json_text(json_get(data, "field"))), choice;
	struct text required = json_text(json_get(data, "required"));
	struct nearest n = nearest_begin(word);
	if (!word.ptr)
		return ABSENT;
	while (required.ptr && text_next(&required, ',', &choice))
		nearest_try(&n, choice);
	for (size_t i = 0; i < countof(lists); i++)
		if (text_is(json_text(json_get(data, "guard")), lists[i].guard))
			for (const struct json *l = json_first(json_get(o->programme, lists[i].list)); l; l = json_next(l))
				nearest_try(&n, json_text(json_get(l, lists[i].key)));
	return n.best;
}

/* What is missing, by name: documents, members; other codes stand in the sentence already. */
static void
print_missing(const struct out *o, const struct json *missing)
{
	struct table t;
	table_init(&t, 2, o->arena);
	t.coloured = o->coloured;
	for (const struct json *m = json_first(missing); m; m = json_next(m)) {
		struct text words = codes_words(o->programme, CODES_DOCUMENT, json_text(m), NONE, o->lang);
		if (!words.ptr)
			words = codes_words(o->programme, CODES_MEMBER, json_text(m), NONE, o->lang);
		if (!words.ptr)
			continue;
		struct text *row = table_row(&t);
		row[0] = json_text(m);
		row[1] = words;
		table_colour(&t, 0, COLOUR_ALARM);
	}
	if (!t.rows)
		return;
	grid_line(o, label_of(TEXT("missing"), o->arena), COLOUR_HEADING, 2, stderr);
	table_print(&t, false, 4, stderr);
}

static void
print_command(const struct out *o, struct text command)
{
	struct table t;
	table_init(&t, 1, o->arena);
	t.unbroken = true;
	*table_row(&t) = command;
	table_print(&t, false, 4, stderr);
}

/* Where the refusal does not say what may be done, but what is missing does: documents can be asked
 * for, or noted once they are there; sheets can be handed in. */
static void
print_remedy(const struct out *o, const struct json *data, struct text dossier)
{
	struct text guard = json_text(json_get(data, "guard"));
	const struct json *first = json_first(json_get(data, "missing"));
	struct buf lines[2] = { 0 };
	if (!first || !dossier.len)
		return;
	if (text_is(guard, "documents-complete")) {
		buf_printf(&lines[0], "ocop return %.*s", TEXT_ARG(dossier));
		buf_printf(&lines[1], "ocop amend %.*s", TEXT_ARG(dossier));
		for (const struct json *m = first; m; m = json_next(m)) {
			buf_printf(&lines[0], " --reason '%.*s:%s'", TEXT_ARG(json_text(m)), _("TEXT"));
			buf_printf(&lines[1], " --document %.*s=present", TEXT_ARG(json_text(m)));
		}
		buf_printf(&lines[1], " --reason '%s'", _("TEXT"));
	} else if (text_is(guard, "quorum")) {
		buf_printf(&lines[0], "ocop assess %.*s --member %.*s --sheet %s", TEXT_ARG(dossier), TEXT_ARG(json_text(first)),
		           field_help(params_sheet)->value);
	}
	if (lines[0].len)
		grid_line(o, label_of(TEXT("allowed"), o->arena), COLOUR_HEADING, 2, stderr);
	for (size_t i = 0; i < countof(lines); i++) {
		if (lines[i].len)
			print_command(o, buf_view(&lines[i]));
		buf_free(&lines[i]);
	}
}

static void
print_facts(const struct out *o, const struct json *data, struct text core)
{
	struct table t;
	table_init(&t, 2, o->arena);
	static const char *const names[] = { "state", "version", "required", "until", "legal" };
	for (size_t i = 0; i < countof(names); i++) {
		const struct json *value = json_get(data, names[i]);
		struct text raw = value ? grid_raw(value, o->arena) : ABSENT;
		/* The sentence says some of it already. */
		if (!raw.len || memmem(core.ptr, core.len, raw.ptr, raw.len))
			continue;
		struct text *row = table_row(&t);
		row[0] = label_of(text_of(names[i]), o->arena);
		row[1] = grid_words(o, data, names[i], i == 0 ? CODES_STATE : CODES_NONE);
	}
	table_print(&t, false, 2, stderr);
}

/* The option that sets what the refusal names: "documents[2].status" is --document. */
static void
print_option(const struct out *o, struct text path)
{
	struct text rest = path, name = ABSENT, part = ABSENT;
	if (!path.ptr || !text_next(&rest, '.', &name))
		return;
	text_next(&rest, '.', &part);
	name.len = strcspn(name.ptr, "[.") < name.len ? strcspn(name.ptr, "[.") : name.len;
	int field = shape_find(&params_shape, name);
	if (field < 0)
		return;
	const struct field *f = &params_shape.fields[field];
	int member = f->type == FIELD_ONE && part.ptr ? shape_find(f->shape, part) : -1;
	const struct field_help *help = field_help((unsigned)field);
	if (f->type == FIELD_ONE && member < 0)
		return;
	struct table t;
	table_init(&t, 2, o->arena);
	struct text *row = table_row(&t);
	row[0] = arena_printf(o->arena, "--%.*s %s", TEXT_ARG(args_name((unsigned)field, member, o->arena)), help->value);
	row[1] = text_of(_(help->summary));
	table_print(&t, false, 2, stderr);
}

void
out_error(const struct out *o, const struct json *error)
{
	if (o->json) {
		struct buf text = { 0 };
		json_write(&text, error);
		fprintf(stderr, "%.*s\n", TEXT_ARG(buf_view(&text)));
		buf_free(&text);
		return;
	}
	const struct json *data = json_get(error, "data"), *allowed = json_get(data, "allowed");
	struct text core = refusal_core(grid_words(o, error, "message", CODES_NONE), o->lang);
	struct text kind = grid_words(o, data, "kind", CODES_NONE), guard = grid_words(o, data, "guard", CODES_NONE);
	struct text line = arena_printf(o->arena, "ocop: %.*s", TEXT_ARG(core)), dossier = json_text(json_get(o->params, "dossier"));
	if (kind.len)
		line = arena_printf(o->arena, "%s [%.*s%s%.*s]", line.ptr, TEXT_ARG(kind), guard.len ? ": " : "", TEXT_ARG(guard));
	grid_line(o, line, COLOUR_NONE, 0, stderr);
	struct text probably = meant(o, data);
	if (probably.ptr)
		grid_line(o, arena_printf(o->arena, _("probably meant: %.*s"), TEXT_ARG(probably)), COLOUR_HEADING, 2, stderr);
	else if (!kind.len)
		print_option(o, json_text(json_get(data, "field")));
	print_missing(o, json_get(data, "missing"));
	print_facts(o, data, core);
	print_remedy(o, data, dossier);
	if (!allowed || !json_first(allowed))
		return;
	grid_line(o, label_of(TEXT("allowed"), o->arena), COLOUR_HEADING, 2, stderr);
	out_commands(o, allowed, dossier, 4, stderr);
}
