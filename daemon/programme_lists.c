/* The plain lists of the programme: its own facts, units, documents, rounds, council, support. */
#include "daemon/programme_load.h"

#include <stdlib.h>
#include <string.h>

enum { POINTS_MOST = 100, YEAR_FIRST = 1900, YEAR_LAST = 2999, DIGITS_MOST = 9, MONEY_DIGITS = 15 };

/* PREFIX{year}-{number:DIGITS}: the one form that programme_number_parse can read back. */
static void
load_number_template(struct load *l, const struct zpl *root)
{
	static const char middle[] = "{year}-{number:";
	const struct zpl *item = zpl_find(root, "number");
	if (!item || !item->value.len)
		return;
	const char *z = item->value.ptr, *at = strstr(z, middle);
	const char *digit = at ? at + strlen(middle) : NULL;
	bool good = at && at - z <= 32 && *digit >= '1' && *digit <= '9' && strcmp(digit + 1, "}") == 0;
	for (const char *c = z; good && c < at; c++)
		good = (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9')
		       || *c == '-';
	if (!good) {
		LOAD_COMPLAIN(l, item,
		              "\"%s\" is no number template; letters, digits and - before "
		              "{year}-{number:N}, N from 1 to %d, as in KN-{year}-{number:4}, would be "
		              "right",
		              z, DIGITS_MOST);
		return;
	}
	l->programme->number_prefix = arena_text(l->arena, (struct text){ z, (size_t)(at - z) });
	l->programme->number_digits = *digit - '0';
}

static void
load_bands(struct load *l, const struct zpl *root)
{
	struct programme *p = l->programme;
	const struct zpl *item = NULL;
	p->bands = arena_array(l->arena, load_count(root, "band"), sizeof *p->bands);
	for (const struct zpl *c = load_first(root, "band"); c; c = load_next(c)) {
		struct band *b = &p->bands[p->band_count];
		load_keys(l, c, "from! vi en");
		b->stars = (int)load_number(l, c, c->value, 1, 5);
		b->from = load_int(l, c, "from", 0, POINTS_MOST, 0);
		if (p->band_count && (b->stars >= b[-1].stars || b->from >= b[-1].from))
			LOAD_COMPLAIN(l, c,
			              "band %d from %d does not come below band %d from %d; bands in "
			              "descending order of stars and points would be right",
			              b->stars, (int)b->from, b[-1].stars, (int)b[-1].from);
		p->band_count++;
		item = c;
	}
	if (item && p->bands[p->band_count - 1].from != 0)
		LOAD_COMPLAIN(l, item,
		              "the last band begins at %d, points below it have no stars; from = 0 would "
		              "be right",
		              (int)p->bands[p->band_count - 1].from);
	const struct zpl *forward = zpl_find(root, "forward-stars");
	for (size_t i = 0; i < p->band_count && forward; i++)
		if (p->bands[i].stars == p->forward_stars)
			forward = NULL;
	if (forward)
		LOAD_COMPLAIN(l, forward,
		              "no band has %d stars; the stars of one of the bands would be right",
		              p->forward_stars);
}

static void
load_target(struct load *l, const struct zpl *root)
{
	struct programme *p = l->programme;
	const struct zpl *c = zpl_find(root, "target");
	if (!c)
		return;
	load_keys(l, c, "ranked-min! ranked-max! stars! proposals! legal!");
	p->target_year = (int)load_number(l, c, c->value, YEAR_FIRST, YEAR_LAST);
	p->target_min = (int)load_int(l, c, "ranked-min", 0, 100000, 0);
	p->target_max = (int)load_int(l, c, "ranked-max", 0, 100000, 0);
	p->target_stars = (int)load_int(l, c, "stars", 1, 5, 0);
	p->target_proposals = (int)load_int(l, c, "proposals", 0, 100000, 0);
	if (p->target_max < p->target_min)
		LOAD_COMPLAIN(l, zpl_find(c, "ranked-max") ? zpl_find(c, "ranked-max") : c,
		              "ranked-max %d is below ranked-min %d; %d or more would be right",
		              p->target_max, p->target_min, p->target_min);
}

static void
load_milestones(struct load *l, const struct zpl *root)
{
	struct programme *p = l->programme;
	struct label *labels =
		load_labels(l, root, "milestone", "from until! legal!", &p->milestone_count);
	p->milestones = arena_array(l->arena, p->milestone_count, sizeof *p->milestones);
	size_t i = 0;
	for (const struct zpl *c = load_first(root, "milestone"); c; c = load_next(c), i++) {
		struct milestone *m = &p->milestones[i];
		m->label = labels[i];
		m->from = load_day(l, c, "from");
		m->until = load_day(l, c, "until");
		m->legal = zpl_value(c, "legal");
		if (m->from != NONE && m->until != NONE && m->until < m->from)
			LOAD_COMPLAIN(l, zpl_find(c, "until"),
			              "until is before from; a day not before %.*s would be right",
			              TEXT_ARG(zpl_value(c, "from")));
	}
}

void
load_programme(struct load *l, const struct zpl *root)
{
	struct programme *p = l->programme;
	load_top(l, root,
	         "name! vi! en! event-source! number! certificate-months! expiring-days! "
	         "forward-stars! producer-kind!*{ band!*{ finding*{ target!{ milestone*{");
	p->name = zpl_value(root, "name");
	p->title_vi = zpl_value(root, "vi");
	p->title_en = zpl_value(root, "en");
	p->source = zpl_value(root, "event-source");
	p->certificate_months = (int)load_int(l, root, "certificate-months", 1, 1200, 0);
	p->expiring_days = (int)load_int(l, root, "expiring-days", 0, 3650, 0);
	p->forward_stars = (int)load_int(l, root, "forward-stars", 1, 5, 0);
	p->producer_kinds = load_labels(l, root, "producer-kind", "", &p->producer_kind_count);
	p->findings = load_labels(l, root, "finding", "", &p->finding_count);
	load_number_template(l, root);
	load_bands(l, root);
	load_target(l, root);
	load_milestones(l, root);
}

static void
check_successor(struct load *l, const struct zpl *item)
{
	int64_t day;
	const char *at = item->value.len ? strchr(item->value.ptr, '@') : NULL;
	if (item->value.len && (!at || at == item->value.ptr || !day_parse(text_of(at + 1), &day)))
		LOAD_COMPLAIN(l, item,
		              "\"%.*s\" is no successor; CODE@DATE, as in 24343@2025-07-01, would be right",
		              TEXT_ARG(item->value));
}

/* A code may come back with another meaning (24343 in 2025), but never for the same day. */
static void
check_unit(struct load *l, const struct zpl *item, const struct unit *units, size_t i)
{
	const struct unit *u = &units[i];
	int64_t until = u->valid_until == NONE ? INT64_MAX : u->valid_until;
	if (until < u->valid_from)
		LOAD_COMPLAIN(l, item,
		              "unit \"%.*s\" ends before it begins; valid-until on or after valid-from "
		              "would be right",
		              TEXT_ARG(u->label.code));
	for (size_t k = 0; k < i; k++) {
		int64_t other = units[k].valid_until == NONE ? INT64_MAX : units[k].valid_until;
		if (text_equal(units[k].label.code, u->label.code) && u->valid_from <= other
		    && units[k].valid_from <= until) {
			LOAD_COMPLAIN(l, item,
			              "unit \"%.*s\" is named twice for the same days; once, or valid-from "
			              "behind the other's valid-until, would be right",
			              TEXT_ARG(u->label.code));
			return;
		}
	}
}

void
load_units(struct load *l, const struct zpl *root)
{
	static const char *const kinds[] = { "town", "commune" };
	struct programme *p = l->programme;
	load_top(l, root, "unit!*{");
	p->units = arena_array(l->arena, load_count(root, "unit"), sizeof *p->units);
	for (const struct zpl *c = load_first(root, "unit"); c; c = load_next(c)) {
		struct unit *u = &p->units[p->unit_count];
		load_keys(l, c, "vi! en! kind! valid-from valid-until successor");
		u->label = load_label(l, c);
		load_choice(l, c, "kind", kinds, countof(kinds));
		u->kind = zpl_value(c, "kind");
		u->valid_from = load_day(l, c, "valid-from");
		u->valid_until = load_day(l, c, "valid-until");
		u->successor = zpl_value(c, "successor");
		if (u->successor.ptr)
			check_successor(l, zpl_find(c, "successor"));
		check_unit(l, c, p->units, p->unit_count++);
	}
}

void
load_documents(struct load *l, const struct zpl *root)
{
	static const char *const needs[] = { "supporting", "mandatory" };
	struct programme *p = l->programme;
	load_top(l, root, "document!*{");
	struct label *labels =
		load_labels(l, root, "document", "need! may-be-not-applicable! note", &p->document_count);
	p->documents = arena_array(l->arena, p->document_count, sizeof *p->documents);
	size_t i = 0;
	for (const struct zpl *c = load_first(root, "document"); c; c = load_next(c), i++) {
		struct document_def *d = &p->documents[i];
		d->label = labels[i];
		d->mandatory = load_choice(l, c, "need", needs, countof(needs)) == 1;
		d->may_be_not_applicable = load_yes(l, c, "may-be-not-applicable");
		d->note = zpl_value(c, "note");
	}
}

/* Names of the days of a round in the order they must come. */
static const char *const round_days[] = { "intake-from", "intake-until", "scoring-until",
	                                      "support-until" };

static void
check_round_days(struct load *l, const struct zpl *item)
{
	const char *before = NULL;
	int64_t last = NONE;
	for (size_t i = 0; i < countof(round_days); i++) {
		int64_t day = load_day(l, item, round_days[i]);
		if (day == NONE)
			continue;
		if (day < last)
			LOAD_COMPLAIN(l, zpl_find(item, round_days[i]),
			              "%s is before %s; a day on or after it would be right", round_days[i],
			              before);
		before = round_days[i];
		last = day;
	}
}

/* An open end reaches as far as there are days. */
static void
check_round_overlap(struct load *l, const struct zpl *item, const struct round *rounds, size_t i)
{
	int64_t until = rounds[i].intake_until == NONE ? INT64_MAX : rounds[i].intake_until;
	for (size_t k = 0; k < i; k++) {
		int64_t other = rounds[k].intake_until == NONE ? INT64_MAX : rounds[k].intake_until;
		if (rounds[i].intake_from <= other && rounds[k].intake_from <= until)
			LOAD_COMPLAIN(l, item,
			              "the intake of round \"%.*s\" overlaps that of \"%.*s\"; every day in "
			              "one intake at most would be right",
			              TEXT_ARG(rounds[i].label.code), TEXT_ARG(rounds[k].label.code));
	}
}

static int
compare_rounds(const void *a, const void *b)
{
	int64_t x = ((const struct round *)a)->intake_from, y = ((const struct round *)b)->intake_from;
	return (x > y) - (x < y);
}

void
load_rounds(struct load *l, const struct zpl *root)
{
	struct programme *p = l->programme;
	load_top(l, root, "round!*{");
	struct label *labels =
		load_labels(l, root, "round", "intake-from intake-until scoring-until support-until",
	                &p->round_count);
	p->rounds = arena_array(l->arena, p->round_count, sizeof *p->rounds);
	size_t i = 0;
	for (const struct zpl *c = load_first(root, "round"); c; c = load_next(c), i++) {
		struct round *r = &p->rounds[i];
		int before = l->complaints->errors;
		check_round_days(l, c);
		int after = l->complaints->errors;
		r->label = labels[i];
		if (after != before) /* the same days again would only repeat the complaint */
			continue;
		r->intake_from = load_day(l, c, round_days[0]);
		r->intake_until = load_day(l, c, round_days[1]);
		r->scoring_until = load_day(l, c, round_days[2]);
		r->support_until = load_day(l, c, round_days[3]);
		check_round_overlap(l, c, p->rounds, i);
	}
	if (p->round_count)
		qsort(p->rounds, p->round_count, sizeof *p->rounds, compare_rounds);
}

static void
load_quorum(struct load *l, const struct zpl *root)
{
	struct council *council = &l->programme->council;
	const struct zpl *item = zpl_find(root, "quorum");
	if (!item || !item->value.len)
		return;
	struct text num, den;
	if (!load_pair(item->value, '/', &num, &den)) {
		LOAD_COMPLAIN(l, item,
		              "\"%.*s\" is no fraction; a fraction of the members, as in 3/4, would be "
		              "right",
		              TEXT_ARG(item->value));
		return;
	}
	council->quorum_num = (int)load_number(l, item, num, 1, 1000);
	council->quorum_den = (int)load_number(l, item, den, 1, 1000);
	if (council->quorum_num > council->quorum_den)
		LOAD_COMPLAIN(l, item,
		              "the quorum %.*s is more than all members; a fraction of at most 1 would be "
		              "right",
		              TEXT_ARG(item->value));
}

void
load_council(struct load *l, const struct zpl *root)
{
	struct council *council = &l->programme->council;
	load_top(l, root, "quorum! chair-needed! spread-max! member!*{");
	council->legal = zpl_value(root, "legal");
	council->chair_needed = load_yes(l, root, "chair-needed");
	council->spread_max = (int)load_int(l, root, "spread-max", 0, POINTS_MOST, 0);
	load_quorum(l, root);
	struct label *labels = load_labels(l, root, "member", "chair", &council->count);
	council->members = arena_array(l->arena, council->count, sizeof *council->members);
	size_t i = 0, chairs = 0;
	for (const struct zpl *c = load_first(root, "member"); c; c = load_next(c), i++) {
		council->members[i] = (struct member_def){ labels[i], load_yes(l, c, "chair") };
		chairs += council->members[i].chair;
		if (council->members[i].chair && chairs > 1)
			LOAD_COMPLAIN(l, c, "a second chair; one member with chair = yes would be right");
	}
	if (council->count && !chairs && council->chair_needed)
		LOAD_COMPLAIN(l, zpl_find(root, "chair-needed"),
		              "the chair is needed but no member is it; chair = yes below one member would "
		              "be right");
}

void
load_support(struct load *l, const struct zpl *root)
{
	struct programme *p = l->programme;
	load_top(l, root, "content!*{ fund!*{ ceiling*{");
	p->contents = load_labels(l, root, "content", "legal", &p->content_count);
	p->sources = load_labels(l, root, "fund", "legal", &p->source_count);
	p->ceilings = arena_array(l->arena, load_count(root, "ceiling"), sizeof *p->ceilings);
	for (const struct zpl *c = load_first(root, "ceiling"); c; c = load_next(c)) {
		int64_t most = 1;
		for (int i = 0; i < MONEY_DIGITS; i++)
			most *= 10;
		load_keys(l, c, "amount! legal!");
		load_once(l, root, c);
		if (c->value.len && !label_find(p->contents, p->content_count, c->value))
			LOAD_COMPLAIN(l, c,
			              "a ceiling for \"%.*s\", which is no content; the code of a content "
			              "above would be right",
			              TEXT_ARG(c->value));
		p->ceilings[p->ceiling_count++] =
			(struct ceiling){ c->value, load_int(l, c, "amount", 1, most - 1, 0) };
	}
}
