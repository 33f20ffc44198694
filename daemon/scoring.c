/* Sheets, stars, quorum, spread: integers only. */
#include "daemon/scoring.h"

#include <assert.h>
#include <string.h>

static const struct point *
sheet_find(const struct list *sheet, struct text criterion)
{
	const struct point *points = sheet->items;

	for (size_t i = 0; i < sheet->count; i++)
		if (text_equal(points[i].criterion, criterion))
			return &points[i];
	return NULL;
}

static const struct criterion *
set_find(const struct criteria_set *set, struct text code)
{
	for (size_t i = 0; i < set->count; i++)
		if (text_equal(set->criteria[i].code, code))
			return &set->criteria[i];
	return NULL;
}

static bool
level_among(const int *levels, size_t count, int64_t points)
{
	for (size_t i = 0; i < count; i++)
		if (levels[i] == points)
			return true;
	return false;
}

/* Either-or criteria have a ladder a case; the value must stand in one of them. A zero that the
 * ladder as a whole adds ("no level reached") is no case's own, and stands too. */
static bool
level_allowed(const struct criterion *c, int64_t points)
{
	if (!level_among(c->levels, c->level_count, points))
		return false;
	if (c->case_count == 0 || points == 0)
		return true;
	for (size_t i = 0; i < c->case_count; i++)
		if (level_among(c->cases[i].levels, c->cases[i].count, points))
			return true;
	return false;
}

static struct text
ladder_print(const struct criterion *c, struct arena *arena)
{
	struct text out = TEXT("");

	for (size_t i = 0; i < c->level_count; i++)
		out = arena_printf(arena, "%.*s%s%d", TEXT_ARG(out), i ? ", " : "", c->levels[i]);
	return out;
}

static struct text
field_of(struct text criterion, struct arena *arena)
{
	return arena_printf(arena, "sheet.%.*s", TEXT_ARG(criterion));
}

struct text
texts_join(const struct text *items, size_t count, struct arena *arena)
{
	struct text out = TEXT("");

	for (size_t i = 0; i < count; i++)
		out = arena_printf(arena, "%.*s%s%.*s", TEXT_ARG(out), i ? ", " : "", TEXT_ARG(items[i]));
	return out;
}

/* The criteria that the sheet does not have; and what it has beyond them, or twice. */
static int
sheet_complete(const struct criteria_set *set, const struct list *sheet, struct arena *arena,
               struct refusal *refusal)
{
	struct text *missing = arena_array(arena, set->count, sizeof *missing);
	const struct point *points = sheet->items;
	size_t count = 0;

	for (size_t i = 0; i < sheet->count; i++)
		if (!set_find(set, points[i].criterion) || sheet_find(sheet, points[i].criterion) != &points[i])
			return refuse(refusal, E_GUARD_FAILED, G_SHEET_LADDER, field_of(points[i].criterion, arena), TEXT("-"));
	for (size_t i = 0; i < set->count; i++)
		if (!sheet_find(sheet, set->criteria[i].code))
			missing[count++] = set->criteria[i].code;
	if (count == 0)
		return OK;
	refuse(refusal, E_GUARD_FAILED, G_SHEET_COMPLETE, TEXT("sheet"), texts_join(missing, count, arena));
	refusal->missing = (struct texts){ missing, count };
	return E_GUARD_FAILED;
}

int
scoring_sheet(const struct criteria_set *set, const struct list *sheet, struct arena *arena,
              int64_t ret_parts[3], struct refusal *refusal)
{
	const struct point *points = sheet->items;
	const struct point *story = sheet_find(sheet, TEXT("b5.1"));
	int64_t parts[3] = { 0, 0, 0 };
	int result = sheet_complete(set, sheet, arena, refusal);

	if (result != OK)
		return result;
	for (size_t i = 0; i < sheet->count; i++) {
		const struct criterion *c = set_find(set, points[i].criterion);

		if (!level_allowed(c, points[i].points)) {
			refuse(refusal, E_GUARD_FAILED, G_SHEET_LADDER, field_of(c->code, arena), ladder_print(c, arena));
			refusal->required = refusal->expect;
			return E_GUARD_FAILED;
		}
		if ((c->rules & RULE_STORY) && story && story->points == 0 && points[i].points != 0) {
			refuse(refusal, E_GUARD_FAILED, G_STORY, field_of(c->code, arena), TEXT("0"));
			refusal->required = refusal->expect;
			return E_GUARD_FAILED;
		}
		parts[c->part] += points[i].points;
	}
	memcpy(ret_parts, parts, sizeof parts);
	return OK;
}

int
scoring_stars(const struct programme *programme, int64_t sum, int64_t count)
{
	for (size_t i = 0; i < programme->band_count; i++)
		if (programme->bands[i].from * count <= sum)
			return programme->bands[i].stars;
	return 1;
}

int
scoring_stars_of_points(const struct programme *programme, int64_t hundredths)
{
	return scoring_stars(programme, hundredths, 100);
}

int64_t
scoring_points(int64_t sum, int64_t count)
{
	return sum * 100 / count;
}

static bool
sheets_have(const struct list *sheets, struct text member)
{
	const struct sheet *items = sheets->items;

	for (size_t i = 0; i < sheets->count; i++)
		if (text_equal(items[i].member, member))
			return true;
	return false;
}

int
scoring_quorum(const struct programme *programme, const struct list *sheets, struct arena *arena,
               struct refusal *refusal)
{
	const struct council *council = &programme->council;
	struct text *missing = arena_array(arena, council->count, sizeof *missing);
	size_t absent = 0;
	bool chair_absent = false;

	for (size_t i = 0; i < council->count; i++) {
		const struct member_def *m = &council->members[i];

		if (sheets_have(sheets, m->label.code))
			continue;
		missing[absent++] = m->label.code;
		chair_absent |= m->chair;
	}
	size_t present = council->count - absent;

	if (present * (size_t)council->quorum_den >= council->count * (size_t)council->quorum_num && present > 0 &&
	    !(council->chair_needed && chair_absent))
		return OK;
	refuse(refusal, E_GUARD_FAILED, G_QUORUM, TEXT("sheets"),
	       arena_printf(arena, "%zu/%zu, >= %d/%d%s", present, council->count, council->quorum_num,
	                    council->quorum_den, council->chair_needed ? " + chair" : ""));
	refusal->missing = (struct texts){ missing, absent };
	refusal->required = arena_printf(arena, "%d/%d", council->quorum_num, council->quorum_den);
	refusal->legal = council->legal;
	return E_GUARD_FAILED;
}

int
scoring_spread(const struct programme *programme, const struct list *sheets, struct arena *arena,
               struct refusal *refusal)
{
	const struct sheet *items = sheets->items, *low = items, *high = items;

	for (size_t i = 1; i < sheets->count; i++) {
		if (items[i].total < low->total)
			low = &items[i];
		if (items[i].total > high->total)
			high = &items[i];
	}
	if (sheets->count == 0 || high->total - low->total <= programme->council.spread_max)
		return OK;
	refuse(refusal, E_GUARD_FAILED, G_SPREAD, TEXT("sheets"),
	       arena_printf(arena, "%.*s %lld, %.*s %lld, <= %d", TEXT_ARG(low->member), (long long)low->total,
	                    TEXT_ARG(high->member), (long long)high->total, programme->council.spread_max));
	refusal->required = arena_printf(arena, "%d", programme->council.spread_max);
	refusal->legal = programme->council.legal;
	return E_GUARD_FAILED;
}

int
scoring_knockout(const struct criteria_set *set, const struct list *sheets, struct arena *arena,
                 struct refusal *refusal)
{
	const struct sheet *items = sheets->items;

	for (size_t i = 0; i < sheets->count; i++)
		for (size_t k = 0; k < set->count; k++) {
			const struct criterion *c = &set->criteria[k];
			const struct point *p = c->rules & RULE_ZERO ? sheet_find(&items[i].sheet, c->code) : NULL;

			if (p && p->points == 0)
				return refuse(refusal, E_GUARD_FAILED, G_KNOCKOUT, field_of(c->code, arena),
				              arena_printf(arena, "%.*s, %.*s = 0", TEXT_ARG(items[i].member), TEXT_ARG(c->code)));
		}
	return OK;
}
