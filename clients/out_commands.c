/* What may be done now, as commands ready to be typed. */
#include "clients/out_pages.h"

#include "clients/args.h"
#include "clients/verbs.h"
#include "proto/utf8.h"

#include <string.h>

/* As a shell takes it: quoted where it would read something into it. */
static void
add_word(struct buf *line, const char *word)
{
	bool quoted = strpbrk(word, " []<>|&;()$*?'\"") != NULL;
	buf_printf(line, quoted ? " '%s'" : " %s", word);
}

static void
add_option(struct buf *line, unsigned field, int part, struct arena *arena)
{
	const char *value = field_value(field);
	buf_printf(line, " --%.*s", TEXT_ARG(args_name(field, part, arena)));
	if (*value)
		add_word(line, value);
}

/* Of a shape the parts that are needed, each an option of its own. */
static void
add_field(struct buf *line, unsigned field, struct arena *arena)
{
	const struct field *f = &params_shape.fields[field];
	if (f->type != FIELD_ONE) {
		add_option(line, field, -1, arena);
		return;
	}
	for (unsigned part = 0; part < f->shape->count; part++)
		if (f->shape->fields[part].need == REQUIRED)
			add_option(line, field, (int)part, arena);
}

static const struct json *
transition_of(const struct out *o, struct text method)
{
	const struct json *t = json_first(json_get(o->programme, "transitions"));
	while (t && !text_equal(json_text(json_get(t, "method")), method))
		t = json_next(t);
	return t;
}

static struct text
command(const struct out *o, const struct verb *verb, const struct json *transition, struct text dossier)
{
	struct buf line = { 0 };
	buf_printf(&line, "ocop %s", verb->name);
	if (verb->takes & FIELD(params, dossier))
		buf_printf(&line, " %.*s", TEXT_ARG(dossier.len ? dossier : text_of(field_value(params_dossier))));
	for (const struct json *n = json_first(json_get(transition, "needs")); n; n = json_next(n))
		for (unsigned i = 0; i < params_COUNT; i++)
			if (i != params_dossier && verb->takes >> i & 1 && text_is(json_text(n), params_shape.fields[i].name)) {
				add_field(&line, i, o->arena);
				break;
			}
	struct text t = arena_text(o->arena, buf_view(&line));
	buf_free(&line);
	return t;
}

/* Where both don't fit side by side, the command stands alone in its line: it is to be copied. */
static void
print_commands(const struct table *t, int indent, FILE *file)
{
	size_t widths[2] = { 0 }, width = table_width(file);
	for (size_t i = 0; i < t->rows * t->columns; i++)
		if (utf8_width(t->cells[i]) > widths[i % 2])
			widths[i % 2] = utf8_width(t->cells[i]);
	if (!width || (size_t)indent + widths[0] + 2 + widths[1] <= width) {
		table_print(t, false, indent, file);
		return;
	}
	for (size_t i = 0; i < t->rows * t->columns; i++) {
		struct table line;
		table_init(&line, 1, t->arena);
		line.coloured = t->coloured;
		line.unbroken = i % 2 == 0;
		*table_row(&line) = t->cells[i];
		table_colour(&line, 0, t->colours[i]);
		if (t->cells[i].len)
			table_print(&line, false, line.unbroken ? indent : indent + 4, file);
	}
}

void
out_commands(const struct out *o, const struct json *allowed, struct text dossier, int indent, FILE *file)
{
	struct table t;
	table_init(&t, 2, o->arena);
	t.coloured = o->coloured;
	for (const struct json *m = json_first(allowed); m; m = json_next(m)) {
		const struct verb *verb = verb_of_method(json_text(m));
		const struct json *transition = transition_of(o, json_text(m));
		struct text *row = table_row(&t);
		row[0] = verb ? command(o, verb, transition, dossier) : arena_text(o->arena, json_text(m));
		row[1] = transition ? codes_words(o->programme, CODES_METHOD, json_text(m), NONE, o->lang) : TEXT("");
		if (!row[1].ptr)
			row[1] = TEXT("");
		table_colour(&t, 1, COLOUR_FAINT);
	}
	print_commands(&t, indent, file);
}
