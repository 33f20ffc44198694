/* The workflow in force with the lists to choose from, and a criteria set. */
#include "clients/out_lists.h"

#include "clients/cells.h"
#include "clients/verbs.h"
#include "proto/i18n.h"

/* --- the workflow -------------------------------------------------------------------------------- */

/* "ocop return" of dossier.return; the method where no verb calls it. */
static struct text
verb_of(const struct out *o, const struct json *transition)
{
	const struct verb *v = verb_of_method(json_text(json_get(transition, "method")));
	return v ? text_of(v->name) : grid_words(o, transition, "method", CODES_NONE);
}

/* "submitted, complete → returned": moves by where they lead. */
static struct text
moves(const struct out *o, const struct json *transition)
{
	struct buf line = { 0 };
	struct text to = ABSENT;
	for (const struct json *m = json_first(json_get(transition, "moves")); m; m = json_next(m)) {
		struct text from = json_text(json_get(m, "from")), next = json_text(json_get(m, "to"));
		if (to.ptr && !text_equal(to, next))
			buf_printf(&line, " → %.*s; ", TEXT_ARG(to));
		else if (to.ptr)
			buf_str(&line, ", ");
		buf_text(&line, from);
		to = next;
	}
	if (to.ptr)
		buf_printf(&line, " → %.*s", TEXT_ARG(to));
	struct text t = arena_text(o->arena, buf_view(&line));
	buf_free(&line);
	return t;
}

static struct text
label(const struct out *o, const struct json *row)
{
	return grid_words(o, row, o->lang == LANG_VI ? "vi" : "en", CODES_NONE);
}

static struct text
roles(const struct out *o, const struct json *row)
{
	return grid_words(o, row, "roles", CODES_ROLE);
}

#define LABELS { "vi", "name", CODES_NONE, 0, NULL, label }, { "en", NULL, CODES_NONE, COLUMN_CSV, NULL, NULL }

static const struct column state_columns[] = {
	{ "state", "code", CODES_NONE, 0, grid_state_colour, NULL },
	LABELS,
};
static const struct column transition_columns[] = {
	{ "method", "verb", CODES_NONE, 0, NULL, verb_of },
	LABELS,
	{ "moves", NULL, CODES_NONE, 0, NULL, moves },
	{ "roles", NULL, CODES_NONE, 0, NULL, roles },
	{ "legal", NULL, CODES_NONE, 0, NULL, NULL },
};
static const struct column code_columns[] = {
	{ "code", NULL, CODES_NONE, 0, NULL, NULL },
	LABELS,
	{ "mandatory", NULL, CODES_NONE, COLUMN_TRUE, NULL, NULL },
	{ "samples", NULL, CODES_NONE, COLUMN_RIGHT, NULL, NULL },
	{ "intake-from", NULL, CODES_NONE, 0, NULL, NULL },
	{ "intake-until", NULL, CODES_NONE, 0, NULL, NULL },
	{ "scoring-until", NULL, CODES_NONE, 0, NULL, NULL },
	{ "valid-from", NULL, CODES_NONE, COLUMN_CSV, NULL, NULL },
	{ "valid-until", NULL, CODES_NONE, COLUMN_CSV, NULL, NULL },
	{ "chair", NULL, CODES_NONE, COLUMN_TRUE, NULL, NULL },
};
static const struct column band_columns[] = {
	{ "stars", NULL, CODES_NONE, COLUMN_RIGHT, NULL, NULL },
	{ "from", "points", CODES_NONE, COLUMN_RIGHT, NULL, NULL },
};

void
out_workflow(const struct out *o, const struct json *result)
{
	static const struct grid grids[] = {
		{ "states", "states", GRID_COLUMNS(state_columns), CODES_NONE, NULL },
		{ "transitions", "transitions", GRID_COLUMNS(transition_columns), CODES_NONE, NULL },
		{ "rounds", "rounds", GRID_COLUMNS(code_columns), CODES_NONE, NULL },
		{ "communes", "communes", GRID_COLUMNS(code_columns), CODES_NONE, NULL },
		{ "groups", "groups", GRID_COLUMNS(code_columns), CODES_NONE, NULL },
		{ "documents", "documents", GRID_COLUMNS(code_columns), CODES_NONE, NULL },
		{ "kinds", "kinds", GRID_COLUMNS(code_columns), CODES_NONE, NULL },
		{ "findings", "findings", GRID_COLUMNS(code_columns), CODES_NONE, NULL },
		{ "contents", "contents", GRID_COLUMNS(code_columns), CODES_NONE, NULL },
		{ "sources", "sources", GRID_COLUMNS(code_columns), CODES_NONE, NULL },
		{ "council.members", "council", GRID_COLUMNS(code_columns), CODES_NONE, NULL },
		{ "bands", "bands", GRID_COLUMNS(band_columns), CODES_NONE, NULL },
	};
	if (!o->csv)
		grid_line(o, arena_printf(o->arena, "%.*s: %.*s", TEXT_ARG(grid_words(o, result, "programme", CODES_NONE)),
		                           TEXT_ARG(grid_words(o, result, "legal", CODES_NONE))), COLOUR_HEADING, 0, stdout);
	grid_print(o, result, grids, countof(grids), 0);
}

/* --- a criteria set ------------------------------------------------------------------------------ */

static void
criteria_row(const struct out *o, struct table *t, const struct json *item, const char *code)
{
	struct text *row = table_row(t);
	row[0] = grid_words(o, item, code, CODES_NONE);
	row[1] = grid_words(o, item, "name", CODES_NONE);
	row[2] = grid_words(o, item, "max", CODES_NONE);
	row[3] = grid_words(o, item, "levels", CODES_NONE);
	if (code[0] != 'c')
		for (size_t c = 0; c < t->columns; c++)
			table_colour(t, c, COLOUR_HEADING);
}

/* Every criterion below its part and section. */
static void
criteria_table(const struct out *o, const struct json *set, struct table *t)
{
	static const char *const columns[] = { "criterion", "name", "max", "levels" };
	table_init(t, countof(columns), o->arena);
	t->coloured = o->coloured;
	t->right[2] = true;
	struct text *row = table_row(t);
	for (size_t c = 0; c < countof(columns); c++)
		row[c] = o->csv ? text_of(columns[c]) : label_of(text_of(columns[c]), o->arena);
	for (const struct json *p = json_first(json_get(set, "parts")); p; p = json_next(p)) {
		criteria_row(o, t, p, "part");
		for (const struct json *s = json_first(json_get(p, "sections")); s; s = json_next(s)) {
			criteria_row(o, t, s, "section");
			for (const struct json *k = json_first(json_get(s, "criteria")); k; k = json_next(k))
				criteria_row(o, t, k, "criterion");
		}
	}
}

void
out_criteria(const struct out *o, const struct json *set)
{
	static const char *const facts[] = { "group", "sector", "legal", "source", "samples", "max" };
	struct table head, t;
	criteria_table(o, set, &t);
	if (o->csv) {
		table_csv(&t, stdout);
		return;
	}
	table_init(&head, 2, o->arena);
	for (size_t i = 0; i < countof(facts); i++) {
		struct text *row = table_row(&head), value = grid_words(o, set, facts[i], CODES_NONE);
		row[0] = label_of(text_of(facts[i]), o->arena);
		row[1] = i ? value : arena_printf(o->arena, "%.*s: %.*s", TEXT_ARG(value),
		                                  TEXT_ARG(cell_of(set, TEXT(""), o->lang, o->arena)));
	}
	table_print(&head, false, 0, stdout);
	if (t.rows > 1)
		table_print(&t, true, 0, stdout);
}
