/* A criteria set: parts, sections, criteria with their ladders, and the sums they must give. */
#include "daemon/programme_load.h"

#include <ctype.h>
#include <string.h>

enum { PARTS = 3, POINTS_MOST = 100 };
static const char *const part_words[] = { "A", "B", "C" };

struct ladder {
	int levels[LEVELS_MAX];
	size_t count;
};

static int
top_of(const int *levels, size_t count)
{
	return count ? levels[count - 1] : 0;
}

/* "(0),1,2,3": the bracket says that the 0 is ours, not the source's; it counts all the same. */
static struct ladder
load_ladder(struct load *l, const struct zpl *item)
{
	struct ladder ladder = { .count = 0 };
	struct text rest = item->value, word;
	size_t words = 0, commas = 0;
	for (size_t i = 0; i < rest.len; i++)
		commas += rest.ptr[i] == ',';
	while (text_next(&rest, ',', &word)) {
		words++;
		if (!ladder.count && text_is(word, "(0)"))
			word = TEXT("0");
		int level = (int)load_number(l, item, word, 0, POINTS_MOST);
		if (ladder.count == LEVELS_MAX) {
			LOAD_COMPLAIN(l, item, "more than %d levels; %d or fewer would be right", LEVELS_MAX,
			              LEVELS_MAX);
			break;
		}
		if (ladder.count && level <= ladder.levels[ladder.count - 1])
			LOAD_COMPLAIN(l, item,
			              "the ladder \"%.*s\" is not ascending, %d stands behind %d; every level "
			              "above the one before would be right",
			              TEXT_ARG(item->value), level, ladder.levels[ladder.count - 1]);
		ladder.levels[ladder.count++] = level;
	}
	if (item->value.len && words != commas + 1)
		LOAD_COMPLAIN(l, item,
		              "\"%.*s\" has a comma too many; a comma between two levels only would be "
		              "right",
		              TEXT_ARG(item->value));
	return ladder;
}

static bool
has_level(const int *levels, size_t count, int level)
{
	for (size_t i = 0; i < count; i++)
		if (levels[i] == level)
			return true;
	return false;
}

static void
check_cases(struct load *l, const struct zpl *item, const struct criterion *k)
{
	for (size_t n = 0; n < k->case_count; n++)
		for (size_t i = 0; i < k->cases[n].count; i++)
			if (!has_level(k->levels, k->level_count, k->cases[n].levels[i]))
				LOAD_COMPLAIN(l, item,
				              "case %zu has the level %d, which the points of %.*s have not; the "
				              "points together would be right",
				              n + 1, k->cases[n].levels[i], TEXT_ARG(k->code));
	for (size_t i = 0; i < k->level_count; i++)
		if (!has_level(k->cases[0].levels, k->cases[0].count, k->levels[i])
		    && !has_level(k->cases[1].levels, k->cases[1].count, k->levels[i]))
			LOAD_COMPLAIN(l, item,
			              "the level %d of %.*s stands in none of its cases; the points of both "
			              "cases together would be right",
			              k->levels[i], TEXT_ARG(k->code));
}

static void
load_cases(struct load *l, const struct zpl *item, struct criterion *k)
{
	size_t n = load_count(item, "case");
	if (!n)
		return;
	if (n != CASES_MAX) {
		LOAD_COMPLAIN(l, item, "%zu cases in %.*s; none or %d would be right", n, TEXT_ARG(k->code),
		              CASES_MAX);
		return;
	}
	for (const struct zpl *c = load_first(item, "case"); c; c = load_next(c)) {
		struct ladder ladder = load_ladder(l, c);
		memcpy(k->cases[k->case_count].levels, ladder.levels, sizeof ladder.levels);
		k->cases[k->case_count++].count = ladder.count;
	}
	check_cases(l, item, k);
}

/* A word is a rule of the program, a finding the programme lists, or both (knockout-zero). */
static void
load_rules(struct load *l, const struct zpl *parent, struct criterion *k)
{
	const struct programme *p = l->programme;
	const struct zpl *item = zpl_find(parent, "rules");
	struct text rest = item ? item->value : (struct text){ 0 }, word;
	while (text_next(&rest, ' ', &word)) {
		unsigned rule = 0;
		if (text_is(word, "needs-story"))
			rule = RULE_STORY;
		else if (text_is(word, "knockout-zero"))
			rule = RULE_ZERO;
		bool finding = label_find(p->findings, p->finding_count, word);
		k->rules |= rule;
		if (finding && k->finding_count == countof(k->findings))
			LOAD_COMPLAIN(l, item, "more than %zu findings; %zu or fewer would be right",
			              countof(k->findings), countof(k->findings));
		else if (finding)
			k->findings[k->finding_count++] = word;
		if (!rule && !finding)
			LOAD_COMPLAIN(l, item,
			              "unknown rule \"%.*s\"; needs-story, knockout-zero or one of the "
			              "findings of programme.zpl would be right",
			              TEXT_ARG(word));
	}
}

/* The code is the part's letter, the section's number and what is behind it: a1.2, c7, c6.1.3b. */
static void
check_criterion_code(struct load *l, const struct zpl *item, int part, struct text section)
{
	struct text code = item->value;
	size_t len = section.len + 1;
	bool good = code.len >= len && code.ptr[0] == tolower(part_words[part][0])
	            && memcmp(code.ptr + 1, section.ptr, section.len) == 0
	            && (code.len == len || code.ptr[len] == '.');
	if (code.len && section.len && !good)
		LOAD_COMPLAIN(l, item,
		              "criterion \"%.*s\" stands in part %s, section %.*s; %c%.*s or %c%.*s.1 "
		              "would be right",
		              TEXT_ARG(code), part_words[part], TEXT_ARG(section),
		              tolower(part_words[part][0]), TEXT_ARG(section), tolower(part_words[part][0]),
		              TEXT_ARG(section));
}

static int
load_criterion(struct load *l, const struct zpl *item, int part, struct text section,
               struct criteria_set *set)
{
	struct criterion *k = &set->criteria[set->count];
	load_keys(l, item, "name! points! rules case* defect");
	check_criterion_code(l, item, part, section);
	for (size_t i = 0; i < set->count; i++)
		if (item->value.len && text_equal(set->criteria[i].code, item->value))
			LOAD_COMPLAIN(l, item, "criterion \"%.*s\" is named twice; once would be right",
			              TEXT_ARG(item->value));
	*k = (struct criterion){ .code = load_label(l, item).code,
		                     .name = zpl_value(item, "name"),
		                     .part = part };
	const struct zpl *points = zpl_find(item, "points");
	if (points && points->value.len) {
		struct ladder ladder = load_ladder(l, points);
		memcpy(k->levels, ladder.levels, sizeof ladder.levels);
		k->level_count = ladder.count;
		if (ladder.count < 2 || ladder.levels[0] != 0)
			LOAD_COMPLAIN(l, points,
			              "the ladder \"%.*s\" does not go up from 0; 0 and at least one more "
			              "level, (0) where the source has none, would be right",
			              TEXT_ARG(points->value));
	}
	load_cases(l, item, k);
	load_rules(l, item, k);
	set->count++;
	return top_of(k->levels, k->level_count);
}

/* The maximum an item declares, against what stands below it. */
static int
check_max(struct load *l, const struct zpl *item, int sum)
{
	int declared = (int)load_int(l, item, "max", 0, 1000, sum);
	if (declared != sum)
		LOAD_COMPLAIN(l, zpl_find(item, "max"),
		              "the maxima below %.*s %.*s sum to %d, not to the %d declared; %d, or the "
		              "missing criteria, would be right",
		              TEXT_ARG(item->name), TEXT_ARG(item->value), sum, declared, sum);
	return sum;
}

static int
load_part(struct load *l, const struct zpl *item, int part, struct criteria_set *set)
{
	int part_sum = 0;
	load_keys(l, item, "max! section!*{ defect");
	for (const struct zpl *s = load_first(item, "section"); s; s = load_next(s)) {
		struct section *section = &set->sections[set->section_count++];
		int sum = 0;
		load_keys(l, s, "name! max! criterion!*{");
		load_once(l, item, s);
		load_number(l, s, s->value, 1, 99);
		*section = (struct section){ .code = s->value, .name = zpl_value(s, "name"),
			                     .part = part, .first = set->count };
		for (const struct zpl *c = load_first(s, "criterion"); c; c = load_next(c))
			sum += load_criterion(l, c, part, s->value, set);
		section->count = set->count - section->first;
		part_sum += section->max = check_max(l, s, sum);
	}
	return check_max(l, item, part_sum);
}

/* The set's own maximum is the law's; a source that does not reach it must say so itself. */
static void
check_total(struct load *l, const struct zpl *root, const struct criteria_set *set)
{
	const struct zpl *defect = NULL;
	int sum = set->part_max[0] + set->part_max[1] + set->part_max[2];
	int declared = (int)load_int(l, root, "max", 0, 1000, sum);
	for (const struct zpl *c = load_first(root, "part"); c; c = load_next(c))
		if (!defect)
			defect = zpl_find(c, "defect");
	if (sum != declared && defect)
		LOAD_WARN(l, defect, "set %.*s sums to %d, not to %d: %.*s", TEXT_ARG(set->label.code), sum,
		          declared, TEXT_ARG(defect->value));
	else if (sum != declared)
		LOAD_COMPLAIN(l, zpl_find(root, "max"),
		              "the parts sum to %d, not to the %d declared; %d, or a \"defect\" in the "
		              "part that is short, would be right",
		              sum, declared, sum);
	else if (defect)
		LOAD_COMPLAIN(l, defect,
		              "a defect is declared but the parts sum to %d; no \"defect\" would be right",
		              sum);
}

static void
check_story(struct load *l, const struct zpl *root, const struct criteria_set *set)
{
	bool asked = false;
	for (size_t i = 0; i < set->count; i++) {
		if (text_is(set->criteria[i].code, "b5.1"))
			return;
		asked |= set->criteria[i].rules & RULE_STORY;
	}
	if (asked)
		LOAD_COMPLAIN(l, zpl_find(root, "set"),
		              "needs-story is used but there is no criterion b5.1; b5.1 is the story");
}

static void
load_parts(struct load *l, const struct zpl *root, struct criteria_set *set)
{
	size_t most = 0, sections = 0;
	int next = 0;
	for (const struct zpl *p = load_first(root, "part"); p; p = load_next(p)) {
		sections += load_count(p, "section");
		for (const struct zpl *s = load_first(p, "section"); s; s = load_next(s))
			most += load_count(s, "criterion");
	}
	set->criteria = arena_array(l->arena, most, sizeof *set->criteria);
	set->sections = arena_array(l->arena, sections, sizeof *set->sections);
	for (const struct zpl *p = load_first(root, "part"); p; p = load_next(p)) {
		if (next == PARTS || !text_is(p->value, part_words[next])) {
			LOAD_COMPLAIN(l, p,
			              "part \"%.*s\"; the parts A, B and C, once each and in this order, would "
			              "be right",
			              TEXT_ARG(p->value));
			return;
		}
		set->part_max[next] = load_part(l, p, next, set);
		next++;
	}
	if (next < PARTS)
		LOAD_COMPLAIN(l, root,
		              "part %s is missing; the parts A, B and C, or criteria = none where the set "
		              "is known by name only, would be right",
		              part_words[next]);
}

void
load_criteria(struct load *l, const struct zpl *root, struct criteria_set *set)
{
	static const char *const none[] = { "none" };
	load_top(l, root, "set! vi! en! sector! samples! max criteria part*{");
	const struct zpl *item = zpl_find(root, "set");
	*set = (struct criteria_set){
		.sector = zpl_value(root, "sector"),
		.valid_from = zpl_value(root, "valid-from"),
		.legal = zpl_value(root, "legal"),
		.source = zpl_value(root, "source"),
		.samples = (int)load_int(l, root, "samples", 0, 1000, 0),
	};
	if (item)
		set->label.code = load_label(l, item).code;
	/* load_top has said already what is wrong with it. */
	if (!day_parse(set->valid_from, &set->valid_from_day))
		set->valid_from_day = 0;
	set->label.vi = zpl_value(root, "vi");
	set->label.en = zpl_value(root, "en");
	if (load_choice(l, root, "criteria", none, countof(none)) == 0) {
		if (zpl_find(root, "part"))
			LOAD_COMPLAIN(l, zpl_find(root, "criteria"),
			              "criteria = none, and yet there are parts; one of the two would be "
			              "right");
		return;
	}
	load_parts(l, root, set);
	check_total(l, root, set);
	check_story(l, root, set);
	if (!zpl_find(root, "max"))
		LOAD_COMPLAIN(l, root,
		              "the file has no \"max\"; the points of the whole set would be right");
	if (!zpl_find(root, "source"))
		LOAD_COMPLAIN(l, root,
		              "the file has no \"source\"; where its names and points come from would be "
		              "right");
}
