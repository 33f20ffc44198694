/* The office's figures: by state, commune, group, stars and kind of producer, targets, milestones. */
#include "clients/out_pages.h"

#include "proto/i18n.h"

/* A table of counts by code: members of an object, their names the codes. */
#define COUNTS(name, heading, codes, colour) \
	static const struct column name[] = { \
		{ "@", "code", CODES_NONE, 0, NULL, NULL }, \
		{ "@", heading, codes, COLUMN_WORDS, colour, NULL }, \
		{ ".", "count", CODES_NONE, COLUMN_RIGHT, NULL, NULL }, \
	}
COUNTS(state_columns, "name", CODES_STATE, grid_state_colour);
COUNTS(commune_columns, "name", CODES_COMMUNE, NULL);
COUNTS(group_columns, "name", CODES_GROUP, NULL);
COUNTS(kind_columns, "name", CODES_PRODUCER, NULL);

static const struct column stars_columns[] = {
	{ "@", "code", CODES_NONE, 0, NULL, NULL },
	{ ".", "count", CODES_NONE, COLUMN_RIGHT, NULL, NULL },
};
static const struct column without_columns[] = {
	{ ".", "code", CODES_NONE, 0, NULL, NULL },
	{ ".", "name", CODES_COMMUNE, COLUMN_WORDS, NULL, NULL },
};

/* "at least 3 stars in 2020: 1 to 3" */
static struct text
aim_words(const struct out *o, const struct json *row)
{
	int64_t year, stars, min, max, each, communes;
	if (json_int(json_get(row, "each"), &each) && json_int(json_get(row, "communes"), &communes))
		return arena_printf(o->arena, _("%lld communes with %lld each"), (long long)communes, (long long)each);
	if (json_int(json_get(row, "year"), &year) && json_int(json_get(row, "stars"), &stars)
	    && json_int(json_get(row, "min"), &min) && json_int(json_get(row, "max"), &max))
		return arena_printf(o->arena, _("%lld to %lld with %lld stars or more in %lld"), (long long)min, (long long)max,
		                    (long long)stars, (long long)year);
	return TEXT("");
}

static bool
is_reached(const struct json *row)
{
	int64_t count, aim;
	return json_int(grid_at(row, "count|reached"), &count) && json_int(grid_at(row, "min|communes"), &aim) && count >= aim;
}

static struct text
reached_words(const struct out *o, const struct json *row)
{
	(void)o;
	return is_reached(row) ? text_of(_("reached")) : text_of(_("not yet"));
}

static enum colour
reached_colour(const struct out *o, const struct json *row)
{
	(void)o;
	return is_reached(row) ? COLOUR_GOOD : COLOUR_WAIT;
}

static const struct column target_columns[] = {
	{ "@", "code", CODES_NONE, COLUMN_CSV, NULL, NULL },
	{ "@", "name", CODES_FIGURE, COLUMN_WORDS, NULL, NULL },
	{ "count|reached", "count", CODES_NONE, COLUMN_RIGHT, reached_colour, NULL },
	{ "min|communes", "min", CODES_NONE, COLUMN_CSV, NULL, NULL },
	{ "max", NULL, CODES_NONE, COLUMN_CSV, NULL, NULL },
	{ ".", "target", CODES_NONE, COLUMN_PEOPLE, NULL, aim_words },
	{ ".", "status", CODES_NONE, COLUMN_PEOPLE, reached_colour, reached_words },
};

static struct text
milestone_words(const struct out *o, const struct json *row)
{
	return grid_words(o, row, o->lang == LANG_VI ? "vi" : "en", CODES_NONE);
}

static const struct column milestone_columns[] = {
	{ "milestone", "code", CODES_NONE, COLUMN_CSV, NULL, NULL },
	{ "from", NULL, CODES_NONE, 0, NULL, NULL },
	{ "until", NULL, CODES_NONE, 0, NULL, NULL },
	{ "vi", "name", CODES_NONE, 0, NULL, milestone_words },
	{ "en", NULL, CODES_NONE, COLUMN_CSV, NULL, NULL },
};

void
out_report(const struct out *o, const struct json *summary)
{
	static const struct grid grids[] = {
		{ "targets", "targets", GRID_COLUMNS(target_columns), CODES_NONE, NULL },
		{ "state", "by_state", GRID_COLUMNS(state_columns), CODES_STATE, NULL },
		{ "commune", "by_commune", GRID_COLUMNS(commune_columns), CODES_COMMUNE, NULL },
		{ "group", "by_group", GRID_COLUMNS(group_columns), CODES_GROUP, NULL },
		{ "kind", "by_kind", GRID_COLUMNS(kind_columns), CODES_PRODUCER, NULL },
		{ "stars", "by_stars", GRID_COLUMNS(stars_columns), CODES_NONE, NULL },
		{ "province_stars", "province_stars", GRID_COLUMNS(stars_columns), CODES_NONE, NULL },
		{ "without", "without", GRID_COLUMNS(without_columns), CODES_NONE, NULL },
		{ "milestones", "milestones", GRID_COLUMNS(milestone_columns), CODES_NONE, NULL },
	};
	if (!o->csv) {
		struct text round = grid_words(o, summary, "round", CODES_ROUND);
		struct text total = grid_words(o, summary, "total", CODES_NONE);
		grid_line(o, round.len ? arena_printf(o->arena, _("%.*s: %.*s dossiers"), TEXT_ARG(round), TEXT_ARG(total))
		                        : arena_printf(o->arena, _("All rounds: %.*s dossiers"), TEXT_ARG(total)),
		           COLOUR_HEADING, 0, stdout);
	}
	grid_print(o, summary, grids, countof(grids), 0);
}
