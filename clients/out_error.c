/* A refusal: the daemon's sentence, then what is lacking, what would be right, what may be done now. */
#include "clients/out_pages.h"

#include "clients/args.h"
#include "clients/cells.h"
#include "clients/codes.h"
#include "clients/help.h"
#include "clients/verbs.h"
#include "proto/i18n.h"
#include "proto/nearest.h"

#include <stdlib.h>
#include <string.h>

/* Where the refusal points: "documents[2].status" of the request's params; NULL: the request had nothing there. */
static const struct json *
at_place(const struct json *params, struct text field)
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
			return NULL;
		}
		len += field.ptr[len] == '.';
		field = (struct text){ field.ptr + len, len < field.len ? field.len - len : 0 };
	}
	return at;
}

static struct text
said(const struct json *params, struct text field)
{
	return json_text(at_place(params, field));
}

/* Is a code refused because the programme has none like it? */
static bool
is_unknown(const struct json *data)
{
	struct text guard = json_text(json_get(data, "guard")), word;
	return guard.ptr && text_next(&guard, '-', &word) && text_is(word, "known");
}

/* The choice that was probably meant: of what the refusal lists, or of the programme's codes. */
static struct text
meant(const struct out *o, const struct json *data, enum codes codes)
{
	struct text word = said(o->params, json_text(json_get(data, "field"))), choice;
	struct text required = json_text(json_get(data, "required"));
	struct nearest n = nearest_begin(word);
	if (!word.ptr)
		return ABSENT;
	while (required.ptr && text_next(&required, ',', &choice))
		nearest_try(&n, choice);
	if (is_unknown(data))
		for (const struct json *l = json_first(codes_list(o->programme, codes)); l; l = json_next(l))
			nearest_try(&n, codes_code(l, codes));
	return n.best;
}

/* All codes there are, by name; not where the word is one of them and what is wrong is something else. */
static void
print_choices(const struct out *o, enum codes codes, struct text word)
{
	struct table t;
	table_init(&t, 2, o->arena);
	t.coloured = o->coloured;
	for (const struct json *l = json_first(codes_list(o->programme, codes)); l; l = json_next(l)) {
		struct text code = codes_code(l, codes), *row;
		if (text_equal(code, word))
			return;
		row = table_row(&t);
		row[0] = code;
		row[1] = codes_words(o->programme, codes, code, NONE, o->lang);
		table_colour(&t, 0, COLOUR_HEADING);
	}
	if (!t.rows)
		return;
	grid_line(o, text_of(_("To choose from")), COLOUR_HEADING, 2, stderr);
	table_print(&t, false, 4, stderr);
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
		           field_value(params_sheet));
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

/* The options that set what the refusal names, a row each: of "documents[2].status" it is --document, of
 * "producer" those of its members that are needed. Their names, as "--producer-name, --producer-kind". */
static struct text
options_at(struct text path, struct table *t)
{
	struct text rest = path, name = ABSENT, part = ABSENT, names = ABSENT;
	if (!path.ptr || !text_next(&rest, '.', &name))
		return ABSENT;
	text_next(&rest, '.', &part);
	name.len = strcspn(name.ptr, "[.") < name.len ? strcspn(name.ptr, "[.") : name.len;
	int field = shape_find(&params_shape, name);
	if (field < 0)
		return ABSENT;
	const struct field *f = &params_shape.fields[field];
	int members = f->type == FIELD_ONE ? (int)f->shape->count : 0;
	for (int m = members ? 0 : -1; m < members; m++) {
		if (m >= 0 && (part.ptr ? !text_is(part, f->shape->fields[m].name) : f->shape->fields[m].need != REQUIRED))
			continue;
		struct text *row = table_row(t);
		row[0] = help_option((unsigned)field, m, t->arena, &row[1]);
		names = arena_printf(t->arena, "%.*s%s--%.*s", TEXT_ARG(names), names.len ? ", " : "",
		                     TEXT_ARG(args_name((unsigned)field, m, t->arena)));
	}
	return names;
}

/* The first line, and what else may be put in the place of what was wrong. */
static void
print_what(const struct out *o, const struct json *data, struct text core)
{
	struct text path = json_text(json_get(data, "field")), word = said(o->params, path);
	struct text kind = grid_words(o, data, "kind", CODES_NONE), guard = grid_words(o, data, "guard", CODES_NONE);
	enum codes codes = path.ptr ? codes_at(path) : CODES_NONE;
	struct table options;
	table_init(&options, 2, o->arena);
	struct text names = kind.len ? ABSENT : options_at(path, &options);
	bool absent = names.len && o->params && !at_place(o->params, path) && !memchr(path.ptr, '[', path.len);
	struct text line = absent ? arena_printf(o->arena, _("ocop: %.*s is needed"), TEXT_ARG(names))
	                          : arena_printf(o->arena, "ocop: %.*s", TEXT_ARG(core));
	if (kind.len)
		line = arena_printf(o->arena, "%s [%.*s%s%.*s]", line.ptr, TEXT_ARG(kind), guard.len ? ": " : "", TEXT_ARG(guard));
	grid_line(o, line, COLOUR_NONE, 0, stderr);
	struct text probably = meant(o, data, codes);
	if (probably.ptr && !text_equal(probably, word))
		grid_line(o, arena_printf(o->arena, _("probably meant: %.*s"), TEXT_ARG(probably)), COLOUR_HEADING, 2, stderr);
	else if (names.len)
		table_print(&options, false, 2, stderr);
	else if (text_is(kind, "unknown-dossier"))
		grid_line(o, text_of(_("a number is written as KN-2020-0001; to find it: ocop list --text WORD")), COLOUR_NONE, 2, stderr);
	if (!probably.ptr && (names.len || is_unknown(data)))
		print_choices(o, codes, word);
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
	struct text dossier = json_text(json_get(o->params, "dossier"));
	print_what(o, data, core);
	print_missing(o, json_get(data, "missing"));
	print_facts(o, data, core);
	print_remedy(o, data, dossier);
	if (!allowed || !json_first(allowed))
		return;
	grid_line(o, label_of(TEXT("allowed"), o->arena), COLOUR_HEADING, 2, stderr);
	out_commands(o, allowed, dossier, 4, stderr);
}
