/* Answers that are lists: dossiers, events, deadlines, feeds, the workflow. */
#include "clients/out_lists.h"

#include "clients/cells.h"
#include "clients/out_pages.h"
#include "proto/i18n.h"

#include <string.h>

static struct text
take(struct buf *line, struct arena *arena)
{
	struct text t = arena_text(arena, buf_view(line));
	buf_free(line);
	return t;
}

/* --- dossiers ------------------------------------------------------------------------------------ */

static const struct column dossier_columns[] = {
	{ "dossier", NULL, CODES_NONE, 0, NULL, NULL },
	{ "version", NULL, CODES_NONE, COLUMN_CSV, NULL, NULL },
	{ "state", NULL, CODES_STATE, 0, grid_state_colour, NULL },
	{ "round", NULL, CODES_NONE, COLUMN_OPTIONAL, NULL, NULL },
	{ "commune", NULL, CODES_COMMUNE, 0, NULL, NULL },
	{ "province.stars|score.stars", "stars", CODES_NONE, COLUMN_RIGHT, NULL, NULL },
	{ "received", NULL, CODES_NONE, COLUMN_CSV, NULL, NULL },
	{ "due", NULL, CODES_NONE, 0, grid_overdue_colour, out_due },
	{ "overdue", NULL, CODES_NONE, COLUMN_CSV, NULL, NULL },
	{ "product.group", "group", CODES_GROUP, COLUMN_OPTIONAL, NULL, NULL },
	{ "product.name", "product", CODES_NONE, 0, NULL, NULL },
	{ "producer.name", "producer", CODES_NONE, 0, NULL, NULL },
	{ "producer.kind", NULL, CODES_PRODUCER, COLUMN_CSV, NULL, NULL },
};

void
out_dossiers(const struct out *o, const struct json *result)
{
	static const struct grid grid = { "dossiers", NULL, GRID_COLUMNS(dossier_columns), CODES_NONE, N_("no dossiers") };
	const struct json *next = json_get(result, "next");
	if (o->quiet) {
		for (const struct json *d = json_first(json_get(result, "dossiers")); d; d = json_next(d))
			grid_line(o, json_text(json_get(d, "dossier")), COLOUR_NONE, 0, stdout);
		return;
	}
	grid_print(o, result, &grid, 1, 0);
	/* CSV has no place for it: standard error says that there is more. */
	if (next && json_type(next) == JSON_STRING)
		fprintf(o->csv ? stderr : stdout, _("more: --after %s\n"), json_text(next).ptr);
}

/* --- events -------------------------------------------------------------------------------------- */

/* An object or a list of them in a few words: its short members, the reasons or amounts, or how many. */
static struct text
brief(const struct out *o, const struct json *value)
{
	struct buf line = { 0 };
	const char *telling = json_type(value) == JSON_OBJECT ? NULL : json_get(json_first(value), "reason") ? "reason" : "amount";
	if (telling && !json_get(json_first(value), telling))
		return arena_printf(o->arena, "%zu", json_count(value));
	for (const struct json *m = json_first(value); m; m = json_next(m)) {
		struct text text = telling ? grid_words(o, m, telling, CODES_NONE) : cell_of(m, json_name(m), o->lang, o->arena);
		if (!telling && text_is(json_name(m), "group"))
			text = grid_words(o, value, "group", CODES_GROUP);
		else if (!telling && text_is(json_name(m), "kind"))
			text = grid_words(o, value, "kind", CODES_PRODUCER);
		buf_printf(&line, "%s%.*s", line.len ? ", " : "", TEXT_ARG(text));
	}
	return take(&line, o->arena);
}

/* What an event changed, in a line: what every event carries is left out. */
static struct text
event_detail(const struct out *o, const struct json *event)
{
	static const char known[] = "dossier|version|state|commune|by|role|workflow|criteria|key|request|sheet|a|b|c";
	static const struct { const char *name; enum codes codes; } coded[] = {
		{ "kind", CODES_KIND }, { "member", CODES_MEMBER }, { "rule", CODES_RULE }, { "round", CODES_ROUND },
	};
	const struct json *data = json_get(event, "data");
	struct buf line = { 0 };
	for (const struct json *m = json_first(data); m; m = json_next(m)) {
		struct text value = cell_of(m, json_name(m), o->lang, o->arena);
		if (text_among(json_name(m), known))
			continue;
		for (size_t i = 0; i < countof(coded); i++)
			if (text_is(json_name(m), coded[i].name))
				value = grid_words(o, data, coded[i].name, coded[i].codes);
		if (json_type(m) == JSON_OBJECT || (json_type(m) == JSON_ARRAY && json_type(json_first(m)) == JSON_OBJECT))
			value = out_outcome(o, data, json_name(m)).len ? out_outcome(o, data, json_name(m)) : brief(o, m);
		if (value.len)
			buf_printf(&line, "%s%.*s: %.*s", line.len ? "; " : "",
			           TEXT_ARG(label_of(json_name(m), o->arena)), TEXT_ARG(value));
	}
	return take(&line, o->arena);
}

/* Who: the clock has no name of its own. */
static struct text
event_by(const struct out *o, const struct json *event)
{
	return text_is(json_text(grid_at(event, "data.by")), "system")
	       ? grid_words(o, event, "data.by", CODES_ROLE) : grid_words(o, event, "data.by", CODES_NONE);
}

static enum colour
event_colour(const struct out *o, const struct json *event)
{
	(void)o;
	struct text type = json_text(json_get(event, "type"));
	return type.ptr && (strstr(type.ptr, ".overdue") || strstr(type.ptr, ".unheard") || strstr(type.ptr, ".failed"))
	       ? COLOUR_ALARM : COLOUR_NONE;
}

static const struct column event_columns[] = {
	{ "sequence", NULL, CODES_NONE, COLUMN_RIGHT, NULL, NULL },
	{ "time", NULL, CODES_NONE, 0, NULL, NULL },
	{ "subject", "dossier", CODES_NONE, 0, NULL, NULL },
	{ "data.version", NULL, CODES_NONE, COLUMN_CSV, NULL, NULL },
	{ "type", NULL, CODES_TYPE, 0, event_colour, NULL },
	{ "data.state", NULL, CODES_STATE, COLUMN_OPTIONAL, grid_state_colour, NULL },
	{ "data.commune", NULL, CODES_COMMUNE, COLUMN_CSV, NULL, NULL },
	{ "data.by", NULL, CODES_NONE, 0, NULL, event_by },
	{ "data.role", NULL, CODES_ROLE, COLUMN_CSV, NULL, NULL },
	{ "data", "text", CODES_NONE, 0, NULL, event_detail },
};

const struct grid out_event_grid = { ".", NULL, GRID_COLUMNS(event_columns), CODES_NONE, NULL };

void
out_events(const struct out *o, const struct json *result)
{
	const struct json *events = json_get(result, "events");
	struct column columns[countof(event_columns)];
	struct grid grid = { "events", NULL, columns, 0, CODES_NONE, N_("no events") };
	/* For people, events of one dossier stand below its number. */
	const struct json *dossier = o->csv ? NULL : json_get(o->params, "dossier");
	for (size_t c = 0; c < countof(event_columns); c++)
		if (!dossier || strcmp(event_columns[c].place, "subject"))
			columns[grid.count++] = event_columns[c];
	if (json_type(json_first(events)) == JSON_OBJECT || !json_first(events)) {
		if (dossier && json_first(events))
			grid_line(o, grid_words(o, json_first(events), "subject", CODES_NONE), COLOUR_HEADING, 0, stdout);
		grid_print(o, result, &grid, 1, 0);
		return;
	}
	/* raw: their exact text */
	for (const struct json *e = json_first(events); e; e = json_next(e))
		printf("%.*s\n", TEXT_ARG(json_text(e)));
}

struct text
out_event_line(const struct out *o, const struct json *event)
{
	struct text type = grid_words(o, event, "type", CODES_TYPE), state = grid_words(o, event, "data.state", CODES_STATE);
	struct text detail = event_detail(o, event);
	struct buf line = { 0 };
	buf_text(&line, type);
	if (state.len)
		buf_printf(&line, " → %.*s", TEXT_ARG(state));
	buf_printf(&line, " (%.*s)", TEXT_ARG(event_by(o, event)));
	if (detail.len)
		buf_printf(&line, ": %.*s", TEXT_ARG(detail));
	return take(&line, o->arena);
}

/* --- deadlines ----------------------------------------------------------------------------------- */

/* "3", "today", "2 late" */
static struct text
days_left(const struct out *o, const struct json *row)
{
	int64_t days = 0;
	json_int(json_get(row, "working_days"), &days);
	if (json_bool(json_get(row, "overdue")))
		return arena_printf(o->arena, _("%lld late"), (long long)(days < 0 ? -days : days));
	return days ? arena_printf(o->arena, "%lld", (long long)days) : text_of(_("today"));
}

static const struct column due_columns[] = {
	{ "dossier", NULL, CODES_NONE, 0, NULL, NULL },
	{ "state", NULL, CODES_STATE, 0, grid_state_colour, NULL },
	{ "due", NULL, CODES_NONE, 0, grid_overdue_colour, NULL },
	{ "working_days", NULL, CODES_NONE, COLUMN_RIGHT, grid_overdue_colour, days_left },
	{ "overdue", NULL, CODES_NONE, COLUMN_CSV, NULL, NULL },
	{ "received", NULL, CODES_NONE, COLUMN_OPTIONAL, NULL, NULL },
	{ "commune", NULL, CODES_COMMUNE, 0, NULL, NULL },
	{ "product.name", "product", CODES_NONE, 0, NULL, NULL },
	{ "producer.name", "producer", CODES_NONE, 0, NULL, NULL },
};

static enum colour
alarm(const struct out *o, const struct json *row)
{
	(void)o;
	(void)row;
	return COLOUR_ALARM;
}

static const struct column unheard_columns[] = {
	{ "dossier", NULL, CODES_NONE, 0, NULL, NULL },
	{ "state", NULL, CODES_STATE, 0, grid_state_colour, NULL },
	{ "hear_by", NULL, CODES_NONE, 0, alarm, NULL },
	{ "commune", NULL, CODES_COMMUNE, 0, NULL, NULL },
	{ "product.name", "product", CODES_NONE, 0, NULL, NULL },
	{ "producer.name", "producer", CODES_NONE, 0, NULL, NULL },
};

void
out_deadlines(const struct out *o, const struct json *result)
{
	static const struct grid grids[] = {
		{ "deadlines", "deadlines", GRID_COLUMNS(due_columns), CODES_NONE, N_("nothing is due") },
		{ "unheard", "unheard", GRID_COLUMNS(unheard_columns), CODES_NONE, NULL },
	};
	if (!o->csv)
		grid_line(o, arena_printf(o->arena, _("Today: %.*s"), TEXT_ARG(grid_words(o, result, "today", CODES_NONE))),
		           COLOUR_NONE, 0, stdout);
	grid_print(o, result, grids, countof(grids), 0);
	if (json_bool(json_get(result, "more")))
		fputs(_("there are more: only the first 500 are shown\n"), o->csv ? stderr : stdout);
}

/* --- feeds --------------------------------------------------------------------------------------- */

static enum colour
lag_colour(const struct out *o, const struct json *feed)
{
	int64_t days = 0;
	(void)o;
	if (!json_int(grid_at(feed, "oldest.working_days"), &days))
		return COLOUR_GOOD;
	return days > 0 ? COLOUR_ALARM : COLOUR_WAIT;
}

static enum colour
failure_colour(const struct out *o, const struct json *feed)
{
	int64_t failures = 0;
	(void)o;
	return json_int(json_get(feed, "failures"), &failures) && failures ? COLOUR_ALARM : COLOUR_NONE;
}

static const struct column feed_columns[] = {
	{ "feed", NULL, CODES_NONE, 0, NULL, NULL },
	{ "account", NULL, CODES_NONE, 0, NULL, NULL },
	{ "cursor", NULL, CODES_NONE, COLUMN_RIGHT | COLUMN_OPTIONAL, NULL, NULL },
	{ "lag", NULL, CODES_NONE, COLUMN_RIGHT, lag_colour, NULL },
	{ "oldest.sequence", NULL, CODES_NONE, COLUMN_CSV, NULL, NULL },
	{ "oldest.time", "oldest", CODES_NONE, 0, lag_colour, NULL },
	{ "oldest.working_days", NULL, CODES_NONE, COLUMN_RIGHT, lag_colour, NULL },
	{ "acked", NULL, CODES_NONE, 0, NULL, NULL },
	{ "failures", NULL, CODES_NONE, COLUMN_RIGHT, failure_colour, NULL },
	{ "failed", NULL, CODES_NONE, COLUMN_CSV, NULL, NULL },
	{ "failed_at", NULL, CODES_NONE, COLUMN_OPTIONAL, NULL, NULL },
	{ "reason", NULL, CODES_NONE, 0, failure_colour, NULL },
	{ "opened", NULL, CODES_NONE, COLUMN_CSV, NULL, NULL },
	{ "types", NULL, CODES_NONE, COLUMN_CSV, NULL, NULL },
	{ "communes", NULL, CODES_NONE, COLUMN_CSV, NULL, NULL },
};

void
out_feeds(const struct out *o, const struct json *result)
{
	static const struct grid grid = { "feeds", NULL, GRID_COLUMNS(feed_columns), CODES_NONE, N_("no feeds") };
	grid_print(o, result, &grid, 1, 0);
}
