/* Answers for people: which form is whose; a tree for what has none. */
#include "clients/out.h"

#include "clients/cells.h"
#include "clients/out_lists.h"
#include "clients/out_pages.h"
#include "proto/i18n.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
wants_colours(enum colours when, FILE *file)
{
	const char *none = getenv("NO_COLOR"), *term = getenv("TERM");
	if (when != COLOURS_AUTO)
		return when == COLOURS_ALWAYS;
	return isatty(fileno(file)) && !(none && *none) && !(term && !strcmp(term, "dumb"));
}

struct out
out_for(const struct settings *s, FILE *file, struct arena *arena)
{
	return (struct out){ .lang = s->lang, .json = s->json, .csv = s->csv, .quiet = s->quiet, .arena = arena,
	                     .coloured = wants_colours(s->colours, file) };
}

bool
out_wants_programme(const struct out *o, const struct json *answer)
{
	static const char *const coded[] = { "state", "dossiers", "events", "deadlines", "data.allowed", "data.missing",
	                                     "data.field", "data.state" };
	for (size_t i = 0; i < countof(coded); i++)
		if (grid_at(answer, coded[i]))
			return !o->json && !o->quiet;
	return false;
}

/* --- a write ------------------------------------------------------------------------------------- */

/* KN-2020-0001: Submitted (version 2, event 17); due 05/03/2020; note: late */
static void
print_write(const struct out *o, const struct json *result)
{
	struct text due = grid_words(o, result, "due", CODES_NONE);
	struct text warnings = grid_words(o, result, "warnings", CODES_WARNING);
	struct text line = arena_printf(o->arena, _("%.*s: %.*s (version %.*s, event %.*s)"),
	                                TEXT_ARG(grid_words(o, result, "dossier", CODES_NONE)),
	                                TEXT_ARG(grid_words(o, result, "state", CODES_STATE)),
	                                TEXT_ARG(grid_words(o, result, "version", CODES_NONE)),
	                                TEXT_ARG(grid_words(o, result, "sequence", CODES_NONE)));
	if (due.len)
		line = arena_printf(o->arena, _("%.*s; due %.*s"), TEXT_ARG(line), TEXT_ARG(due));
	if (warnings.len)
		line = arena_printf(o->arena, _("%.*s; note: %.*s"), TEXT_ARG(line), TEXT_ARG(warnings));
	if (json_bool(json_get(result, "dry")))
		line = arena_printf(o->arena, _("would be: %.*s"), TEXT_ARG(line));
	grid_line(o, line, grid_state_colour(o, result), 0, stdout);
}

/* --- a tree -------------------------------------------------------------------------------------- */

static bool
is_branch(const struct json *value)
{
	return json_type(value) == JSON_OBJECT
	       || (json_type(value) == JSON_ARRAY && json_first(value) && json_type(json_first(value)) == JSON_OBJECT);
}

/* A list of objects as a table: a column for every member that has a short form. */
static void
print_objects(const struct out *o, const struct json *array, int indent)
{
	struct text columns[TABLE_COLUMNS_MAX];
	size_t count = 0;
	for (const struct json *item = json_first(array); item; item = json_next(item))
		for (const struct json *m = json_first(item); m; m = json_next(m)) {
			size_t c = 0;
			while (c < count && !text_equal(columns[c], json_name(m)))
				c++;
			if (c == count && count < TABLE_COLUMNS_MAX)
				columns[count++] = json_name(m);
		}
	struct table t;
	table_init(&t, count, o->arena);
	struct text *row = table_row(&t);
	for (size_t c = 0; c < count; c++)
		row[c] = label_of(columns[c], o->arena);
	for (const struct json *item = json_first(array); item; item = json_next(item)) {
		row = table_row(&t);
		for (size_t c = 0; c < count; c++) {
			const struct json *value = json_get(item, arena_text(o->arena, columns[c]).ptr);
			row[c] = value ? cell_of(value, columns[c], o->lang, o->arena) : TEXT("");
		}
	}
	table_print(&t, true, indent, stdout);
}

void
out_tree(const struct out *o, const struct json *object, const char *but, int indent)
{
	struct table t;
	table_init(&t, 2, o->arena);
	for (const struct json *m = json_first(object); m; m = json_next(m)) {
		if (is_branch(m) || text_among(json_name(m), but))
			continue;
		struct text value = cell_of(m, json_name(m), o->lang, o->arena);
		struct text *row = table_row(&t);
		row[0] = label_of(json_name(m), o->arena);
		row[1] = value.len ? value : TEXT("-");
	}
	table_print(&t, false, indent, stdout);
	for (const struct json *m = json_first(object); m; m = json_next(m)) {
		if (!is_branch(m) || !json_count(m) || text_among(json_name(m), but))
			continue;
		grid_line(o, label_of(json_name(m), o->arena), COLOUR_HEADING, indent, stdout);
		if (json_type(m) == JSON_OBJECT)
			out_tree(o, m, "", indent + 4);
		else
			print_objects(o, m, indent + 4);
	}
}

/* As CSV: a row for every value, named by its path, "documents[0].status". */
static void
add_values(const struct out *o, const struct json *value, struct text path, struct table *t)
{
	bool array = json_type(value) == JSON_ARRAY;
	size_t index = 0;
	if ((!array && json_type(value) != JSON_OBJECT) || !json_first(value)) {
		struct text *row = table_row(t);
		row[0] = path;
		row[1] = array || json_type(value) == JSON_OBJECT ? TEXT("") : grid_raw(value, o->arena);
		return;
	}
	for (const struct json *m = json_first(value); m; m = json_next(m), index++)
		add_values(o, m, array ? arena_printf(o->arena, "%.*s[%zu]", TEXT_ARG(path), index)
		                       : arena_printf(o->arena, "%.*s%s%.*s", TEXT_ARG(path), path.len ? "." : "", TEXT_ARG(json_name(m))), t);
}

static void
print_values(const struct out *o, const struct json *result)
{
	struct table t;
	table_init(&t, 2, o->arena);
	struct text *row = table_row(&t);
	row[0] = TEXT("name");
	row[1] = TEXT("value");
	add_values(o, result, TEXT(""), &t);
	table_csv(&t, stdout);
}

/* --- which form ---------------------------------------------------------------------------------- */

enum { IS_LIST = 1, IS_PAGE = 2, SAYS_NUMBERS = 4 };

/* An answer is known by two of its members; the first that fits. */
static const struct {
	const char *member, *other;
	void (*print)(const struct out *, const struct json *);
	unsigned flags;
} forms[] = {
	{ "dossier", "warnings", print_write, IS_PAGE | SAYS_NUMBERS },
	{ "dossiers", "next", out_dossiers, IS_LIST | SAYS_NUMBERS },
	{ "dossier", "state", out_dossier, IS_PAGE },
	{ "events", "events", out_events, IS_LIST },
	{ "deadlines", "today", out_deadlines, IS_LIST },
	{ "feeds", "feeds", out_feeds, IS_LIST },
	{ "targets", "milestones", out_report, IS_LIST },
	{ "states", "transitions", out_workflow, IS_LIST },
	{ "parts", "group", out_criteria, IS_LIST },
	{ "uptime_s", "sequence", out_status, IS_PAGE },
};

void
out_result(const struct out *o, const struct json *result)
{
	size_t form = 0;
	while (form < countof(forms) && !(json_get(result, forms[form].member) && json_get(result, forms[form].other)))
		form++;
	unsigned flags = form < countof(forms) ? forms[form].flags : 0;
	const struct json *text = json_get(result, "text");
	if (o->quiet && flags & SAYS_NUMBERS && flags & IS_PAGE)
		grid_line(o, json_text(json_get(result, "dossier")), COLOUR_NONE, 0, stdout);
	else if (o->quiet && !(flags & SAYS_NUMBERS))
		return;
	else if (o->csv && !(flags & IS_LIST))
		print_values(o, result);
	else if (flags)
		forms[form].print(o, result);
	else if (json_type(text) == JSON_STRING)
		fwrite(json_text(text).ptr, 1, json_text(text).len, stdout);
	else
		out_tree(o, result, "", 0);
}
