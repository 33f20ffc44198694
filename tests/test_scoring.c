/* Tests of sheets, stars, quorum, spread and knock-outs, on the shipped criteria. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/scoring.h"

static struct programme *programme;
static struct arena *arena;

static int
load(void **state)
{
	struct complaints complaints = { 0 };

	(void)state;
	arena = arena_new();
	programme = programme_load("config/krong-nang-2020", &complaints);
	if (!programme)
		fprintf(stderr, "%.*s", TEXT_ARG(buf_view(&complaints.text)));
	buf_free(&complaints.text);
	return programme ? 0 : -1;
}

static int
unload(void **state)
{
	(void)state;
	programme_destroy(&programme);
	arena_destroy(&arena);
	return 0;
}

static const struct criteria_set *
set_of(const char *group)
{
	const struct criteria_set *set = programme_set(programme, text_of(group), day_make(2020, 3, 1), (struct text){ NULL, 0 });

	assert_non_null(set);
	return set;
}

/* Every criterion at the top of its ladder, or at 0. */
static struct list
sheet_make(const struct criteria_set *set, bool top)
{
	struct point *points = arena_array(arena, set->count + 1, sizeof *points);

	for (size_t i = 0; i < set->count; i++) {
		const struct criterion *c = &set->criteria[i];

		points[i] = (struct point){ c->code, top ? c->levels[c->level_count - 1] : 0 };
	}
	return (struct list){ points, set->count };
}

static struct point *
point_of(const struct list *sheet, const char *criterion)
{
	struct point *points = sheet->items;

	for (size_t i = 0; i < sheet->count; i++)
		if (text_is(points[i].criterion, criterion))
			return &points[i];
	fail_msg("no criterion %s", criterion);
	return NULL;
}

static void
test_every_set(void **state)
{
	size_t scorable = 0;

	(void)state;
	for (size_t i = 0; i < programme->set_count; i++) {
		const struct criteria_set *set = &programme->sets[i];
		struct list top = sheet_make(set, true), zero = sheet_make(set, false);
		struct refusal r = { .error = OK };
		int64_t parts[3];

		if (set->count == 0)
			continue;
		scorable++;
		assert_int_equal(scoring_sheet(set, &top, arena, parts, &r), OK);
		for (int k = 0; k < 3; k++)
			assert_int_equal(parts[k], set->part_max[k]);
		assert_int_equal(scoring_sheet(set, &zero, arena, parts, &r), OK);
		assert_int_equal(parts[0] + parts[1] + parts[2], 0);
	}
	assert_int_equal(scorable, 25);
}

/* A sheet at the top of every ladder, with one or two values changed. */
static const struct {
	const char *group, *criterion;
	int64_t points;
	const char *second;
	int64_t second_points;
	enum detail detail;
	const char *field, *expect;
} sheets[] = {
	{ "fresh-fruit-veg", "c8", 0, NULL, 0, DETAIL_NONE, NULL, NULL },
	{ "fresh-fruit-veg", "c8", 2, NULL, 0, G_SHEET_LADDER, "sheet.c8", "0, 1, 3, 5" },
	{ "fresh-fruit-veg", "c8", 3, NULL, 0, DETAIL_NONE, NULL, NULL },
	{ "fresh-fruit-veg", "c8", 4, NULL, 0, G_SHEET_LADDER, "sheet.c8", "0, 1, 3, 5" },
	{ "fresh-fruit-veg", "c8", 6, NULL, 0, G_SHEET_LADDER, "sheet.c8", "0, 1, 3, 5" },
	{ "fresh-fruit-veg", "c8", -1, NULL, 0, G_SHEET_LADDER, "sheet.c8", "0, 1, 3, 5" },
	{ "fresh-fruit-veg", "a1.1", 0, NULL, 0, DETAIL_NONE, NULL, NULL },
	{ "fresh-fruit-veg", "a3.2", 0, NULL, 0, DETAIL_NONE, NULL, NULL },
	{ "fresh-fruit-veg", "a3.2", 1, NULL, 0, DETAIL_NONE, NULL, NULL },
	{ "fresh-fruit-veg", "a3.2", 3, NULL, 0, G_SHEET_LADDER, "sheet.a3.2", "0, 1, 2" },
	{ "fresh-fruit-veg", "b5.1", 0, NULL, 0, G_STORY, "sheet.b5.2", "0" },
	{ "fresh-fruit-veg", "b5.1", 0, "b5.2", 0, G_STORY, "sheet.b5.3", "0" },
	{ "fresh-fruit-veg", "b5.1", 1, "b5.2", 3, DETAIL_NONE, NULL, NULL },
	{ "community-tourism", "b5.1", 0, NULL, 0, DETAIL_NONE, NULL, NULL }, /* has no story rule */
	{ "processed-fruit-nut", "c6.1", 0, NULL, 0, DETAIL_NONE, NULL, NULL }, /* stops the conclusion, not the sheet */
	{ "other-spice", "zz", 0, NULL, 0, G_SHEET_LADDER, "sheet.zz", NULL },
};

static void
test_sheets(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(sheets); i++) {
		struct list sheet = sheet_make(set_of(sheets[i].group), true);
		struct refusal r = { .error = OK };
		int64_t parts[3] = { -1, -1, -1 };

		if (strcmp(sheets[i].criterion, "zz") == 0)
			((struct point *)sheet.items)[sheet.count++] = (struct point){ TEXT("zz"), 0 };
		else
			point_of(&sheet, sheets[i].criterion)->points = sheets[i].points;
		if (sheets[i].second)
			point_of(&sheet, sheets[i].second)->points = sheets[i].second_points;
		int result = scoring_sheet(set_of(sheets[i].group), &sheet, arena, parts, &r);

		if (result != (sheets[i].detail ? E_GUARD_FAILED : OK) || r.detail != sheets[i].detail)
			fail_msg("sheet %zu (%s): %d, detail %d", i, sheets[i].criterion, result, r.detail);
		if (result == OK)
			continue;
		assert_true(text_is(r.field, sheets[i].field));
		assert_true(!sheets[i].expect || text_is(r.required, sheets[i].expect));
		if (sheets[i].expect)
			assert_true(text_is(r.expect, sheets[i].expect));
		assert_int_equal(parts[0], -1); /* written only on success */
	}
}

static void
test_no_story(void **state)
{
	struct list sheet = sheet_make(set_of("fresh-fruit-veg"), true);
	struct refusal r = { .error = OK };
	int64_t parts[3];

	(void)state;
	point_of(&sheet, "b5.1")->points = 0;
	point_of(&sheet, "b5.2")->points = 0;
	point_of(&sheet, "b5.3")->points = 0;
	assert_int_equal(scoring_sheet(set_of("fresh-fruit-veg"), &sheet, arena, parts, &r), OK);
	assert_int_equal(parts[0], 35);
	assert_int_equal(parts[1], 15);
	assert_int_equal(parts[2], 40);
}

static void
test_incomplete(void **state)
{
	struct list sheet = sheet_make(set_of("fresh-fruit-veg"), true);
	struct point *points = sheet.items;
	struct refusal r = { .error = OK };
	int64_t parts[3];

	(void)state;
	*point_of(&sheet, "c7") = points[--sheet.count];
	*point_of(&sheet, "a1.1") = points[--sheet.count];
	assert_int_equal(scoring_sheet(set_of("fresh-fruit-veg"), &sheet, arena, parts, &r), E_GUARD_FAILED);
	assert_int_equal(r.detail, G_SHEET_COMPLETE);
	assert_int_equal(r.missing.count, 2);
	assert_true(text_is(r.missing.items[0], "a1.1") && text_is(r.missing.items[1], "c7"));
	assert_true(text_is(r.expect, "a1.1, c7"));
}

/* One criterion twice is not one sheet, even where nothing else is missing. */
static void
test_twice(void **state)
{
	struct list sheet = sheet_make(set_of("fresh-fruit-veg"), true);
	struct refusal r = { .error = OK };
	int64_t parts[3];

	(void)state;
	((struct point *)sheet.items)[sheet.count++] = *point_of(&sheet, "c8");
	assert_int_equal(scoring_sheet(set_of("fresh-fruit-veg"), &sheet, arena, parts, &r), E_GUARD_FAILED);
	assert_true(text_is(r.field, "sheet.c8"));
}

/* A case's ladder decides; what stands in no case is refused, a zero is no case's own. */
static void
test_either_or(void **state)
{
	struct criterion c = {
		.code = TEXT("a3.2"), .levels = { 0, 1, 2, 3, 5 }, .level_count = 5,
		.cases = { { { 1, 2 }, 2 }, { { 3 }, 1 } }, .case_count = 2,
	};
	const struct criteria_set set = { .criteria = &c, .count = 1 };
	static const bool right[] = { true, true, true, true, false, false };

	(void)state;
	for (int64_t points = 0; points < (int64_t)countof(right); points++) {
		struct point p = { c.code, points };
		struct list sheet = { &p, 1 };
		struct refusal r = { .error = OK };
		int64_t parts[3];

		assert_int_equal(scoring_sheet(&set, &sheet, arena, parts, &r) == OK, right[points]);
	}
}

static const struct { int64_t sum, count, stars, points; } bands[] = {
	{ 0, 1, 1, 0 }, { 299, 10, 1, 2990 }, { 300, 10, 2, 3000 }, { 209, 7, 1, 2985 }, { 210, 7, 2, 3000 },
	{ 499, 10, 2, 4990 }, { 500, 10, 3, 5000 }, { 12499, 250, 2, 4999 }, { 12500, 250, 3, 5000 },
	{ 349, 7, 2, 4985 }, { 350, 7, 3, 5000 }, { 3499, 50, 3, 6998 }, { 3500, 50, 4, 7000 },
	{ 489, 7, 3, 6985 }, { 490, 7, 4, 7000 }, { 899, 10, 4, 8990 }, { 900, 10, 5, 9000 },
	{ 629, 7, 4, 8985 }, { 630, 7, 5, 9000 }, { 89999, 1000, 4, 8999 }, { 1000, 10, 5, 10000 },
	{ 124990, 2500, 2, 4999 }, { 124999, 2500, 2, 4999 }, { 125000, 2500, 3, 5000 }, /* 49.996 is not 50.00 */
};

static void
test_bands(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(bands); i++) {
		if (scoring_stars(programme, bands[i].sum, bands[i].count) != bands[i].stars)
			fail_msg("%lld/%lld", (long long)bands[i].sum, (long long)bands[i].count);
		assert_int_equal(scoring_points(bands[i].sum, bands[i].count), bands[i].points);
	}
	static const struct { int64_t points, stars; } points[] = {
		{ 0, 1 }, { 2999, 1 }, { 3000, 2 }, { 4999, 2 }, { 5000, 3 }, { 6999, 3 }, { 7000, 4 },
		{ 8999, 4 }, { 9000, 5 }, { 10000, 5 },
	};
	for (size_t i = 0; i < countof(points); i++)
		assert_int_equal(scoring_stars_of_points(programme, points[i].points), points[i].stars);
}

/* Whatever the sheets: the figure shown never stands in a higher band than the exact average. */
static void
test_bands_random(void **state)
{
	const char *given = getenv("OCOP_SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : 20200310u;

	(void)state;
	print_message("seed %u\n", seed);
	for (int i = 0; i < 20000; i++) {
		int64_t count = 1 + rand_r(&seed) % 40, sum = rand_r(&seed) % (100 * count + 1);
		int64_t stars = scoring_stars(programme, sum, count), points = scoring_points(sum, count);

		assert_int_equal(scoring_stars_of_points(programme, points), stars);
		assert_true(points * count <= sum * 100 && sum * 100 < (points + 1) * count);
		assert_true(scoring_stars(programme, sum + 1, count) >= stars);
	}
}

/* Sheets of the members whose letter is in `who`: C chair, A agriculture, I, F, H, U culture, E. */
static struct list
sheets_of(const char *who, const int64_t *totals)
{
	struct sheet *items = arena_array(arena, 8, sizeof *items);
	size_t count = 0;

	for (const char *p = who; *p; p++) {
		size_t at = (size_t)(strchr("CAIFHUE", *p) - "CAIFHUE");

		items[count].member = programme->council.members[at].label.code;
		items[count].total = totals ? totals[count] : 60;
		count++;
	}
	return (struct list){ items, count };
}

static const struct { const char *who; bool enough; size_t missing; const char *first; } quorums[] = {
	{ "CAIFHUE", true, 0, NULL },
	{ "CAIFHU", true, 0, NULL },
	{ "ECHAFI", true, 0, NULL },
	{ "AIFHUE", false, 1, "chair" },
	{ "CAIFH", false, 2, "culture" },
	{ "C", false, 6, "agriculture" },
	{ "", false, 7, "chair" },
};

static void
test_quorum(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(quorums); i++) {
		struct list list = sheets_of(quorums[i].who, NULL);
		struct refusal r = { .error = OK };
		int result = scoring_quorum(programme, &list, arena, &r);

		if (result != (quorums[i].enough ? OK : E_GUARD_FAILED))
			fail_msg("quorum \"%s\": %d", quorums[i].who, result);
		if (result == OK)
			continue;
		assert_int_equal(r.detail, G_QUORUM);
		assert_int_equal(r.missing.count, quorums[i].missing);
		assert_true(text_is(r.missing.items[0], quorums[i].first));
		assert_true(r.required.ptr && r.legal.ptr);
	}
	/* Exactly three of four are enough, where the council is that small. */
	struct list three = sheets_of("CAI", NULL), two = sheets_of("CA", NULL);
	struct refusal small = { .error = OK };

	programme->council.count = 4;
	int enough = scoring_quorum(programme, &three, arena, &small);
	int few = scoring_quorum(programme, &two, arena, &small);
	programme->council.count = 7;
	assert_int_equal(enough, OK);
	assert_int_equal(few, E_GUARD_FAILED);
	/* A stranger's sheet does not count for a seat. */
	struct list list = sheets_of("CAIFHU", NULL);
	struct refusal r = { .error = OK };

	((struct sheet *)list.items)[5].member = TEXT("stranger");
	assert_int_equal(scoring_quorum(programme, &list, arena, &r), E_GUARD_FAILED);
}

static const struct { const char *who; int64_t totals[4]; bool near; } spreads[] = {
	{ "", { 0 }, true }, { "C", { 70 }, true },
	{ "CA", { 60, 70 }, true }, { "CA", { 60, 71 }, false }, { "CA", { 71, 60 }, false },
	{ "CAIF", { 65, 60, 70, 66 }, true }, { "CAIF", { 65, 59, 70, 66 }, false },
	{ "CAIF", { 0, 0, 0, 11 }, false }, { "CAIF", { 100, 100, 100, 90 }, true },
};

static void
test_spread(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(spreads); i++) {
		struct list list = sheets_of(spreads[i].who, spreads[i].totals);
		struct refusal r = { .error = OK };

		if ((scoring_spread(programme, &list, arena, &r) == OK) != spreads[i].near)
			fail_msg("spread %zu", i);
		assert_int_equal(r.detail, spreads[i].near ? DETAIL_NONE : G_SPREAD);
	}
}

static const struct { const char *group, *criterion; bool stops; } zeros[] = {
	{ "processed-fruit-nut", "c6.1", true }, { "processed-fruit-nut", "c6.2", false },
	{ "water", "c6.1", true }, { "water", "c6.2", true }, { "water", "c6.3", true }, { "water", "c6.4", true },
	{ "water", "c7", false }, { "coffee-cocoa", "c6.1.1", false }, { "fresh-fruit-veg", "c6.1", false },
};

static void
test_knockout(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(zeros); i++) {
		const struct criteria_set *set = set_of(zeros[i].group);
		struct list list = sheets_of("CAI", NULL);
		struct sheet *items = list.items;
		struct refusal r = { .error = OK };

		for (size_t k = 0; k < list.count; k++)
			items[k].sheet = sheet_make(set, true);
		assert_int_equal(scoring_knockout(set, &list, arena, &r), OK);
		point_of(&items[1].sheet, zeros[i].criterion)->points = 0;
		if ((scoring_knockout(set, &list, arena, &r) == OK) == zeros[i].stops)
			fail_msg("knock-out %s %s", zeros[i].group, zeros[i].criterion);
		assert_int_equal(r.detail, zeros[i].stops ? G_KNOCKOUT : DETAIL_NONE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_set), cmocka_unit_test(test_sheets), cmocka_unit_test(test_no_story),
		cmocka_unit_test(test_incomplete), cmocka_unit_test(test_twice), cmocka_unit_test(test_either_or),
		cmocka_unit_test(test_bands), cmocka_unit_test(test_bands_random), cmocka_unit_test(test_quorum),
		cmocka_unit_test(test_spread), cmocka_unit_test(test_knockout),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
