/* The conditions that a workflow can name, each a function of the decision at hand. */
#include "daemon/decision.h"

#include <assert.h>

static int
refuse_guard(struct decision *d, enum detail guard, struct text field, struct text expect)
{
	return refuse(d->refusal, E_GUARD_FAILED, guard, field, expect);
}

/* A unit that has ended since (the communes merged on 01/07/2025) is still known: what is handed in
 * under its name is taken and stands under its code. */
static int
known_commune(struct decision *d)
{
	for (size_t i = 0; i < d->programme->unit_count; i++)
		if (text_equal(d->programme->units[i].label.code, d->commune))
			return OK;
	return refuse_guard(d, G_KNOWN_COMMUNE, TEXT("commune"), d->commune);
}

static int
known_group(struct decision *d)
{
	if (!d->params->product || d->set)
		return OK;
	return refuse_guard(d, G_KNOWN_GROUP, TEXT("product.group"), d->params->product->group);
}

static int
known_kind(struct decision *d)
{
	const struct producer *p = d->params->producer;

	if (!p || label_find(d->programme->producer_kinds, d->programme->producer_kind_count, p->kind))
		return OK;
	return refuse_guard(d, G_KNOWN_KIND, TEXT("producer.kind"), p->kind);
}

static int
known_documents(struct decision *d)
{
	const struct document *documents = d->params->documents.items;
	const struct reason *reasons = d->params->reasons.items;

	for (size_t i = 0; i < d->params->documents.count; i++) {
		struct text code = documents[i].code;
		bool twice = false;

		for (size_t k = 0; k < i; k++)
			twice |= text_equal(documents[k].code, code);
		if (twice || !programme_document(d->programme, code))
			return refuse_guard(d, G_KNOWN_DOCUMENTS, arena_printf(d->arena, "documents[%zu].code", i), code);
	}
	for (size_t i = 0; i < d->params->reasons.count; i++)
		if (reasons[i].document.ptr && !programme_document(d->programme, reasons[i].document))
			return refuse_guard(d, G_KNOWN_DOCUMENTS, arena_printf(d->arena, "reasons[%zu].document", i), reasons[i].document);
	return OK;
}

static int
known_round(struct decision *d)
{
	return d->round ? OK : refuse_guard(d, G_KNOWN_ROUND, TEXT("round"), d->params->round);
}

static int
received_not_future(struct decision *d)
{
	return d->received <= d->today ? OK : refuse_guard(d, G_RECEIVED, TEXT("received"), ABSENT);
}

static int
date_not_future(struct decision *d)
{
	const struct support *items = d->params->items.items;

	for (size_t i = 0; i < d->params->items.count; i++)
		if (items[i].date != NONE && items[i].date > d->today)
			return refuse_guard(d, G_DATE, arena_printf(d->arena, "items[%zu].date", i), ABSENT);
	if (d->params->date == NONE || d->params->date <= d->today)
		return OK;
	return refuse_guard(d, G_DATE, TEXT("date"), ABSENT);
}

static int
previous_closed(struct decision *d)
{
	const struct dossier *p = d->previous;

	if (!d->params->previous.ptr)
		return OK;
	if (!p)
		return refuse(d->refusal, E_UNKNOWN_DOSSIER, DETAIL_NONE, TEXT("previous"), ABSENT);
	const struct workflow *w = programme_workflow(d->programme, p->workflow);
	int state = w ? workflow_state(w, p->state) : -1;
	unsigned closed = state < 0 ? CLOSED_NEVER : w->states[state].closed;
	int64_t stars = p->province ? p->province->stars : p->score ? p->score->stars : NONE;

	if ((closed & CLOSED_ALWAYS) ||
	    ((closed & CLOSED_BELOW) && stars != NONE && stars < d->programme->forward_stars) ||
	    ((closed & CLOSED_EXPIRED) && p->province && p->province->expires != NONE && p->province->expires < d->received))
		return OK;
	return refuse_guard(d, G_PREVIOUS, TEXT("previous"), ABSENT);
}

static int
previous_earlier(struct decision *d)
{
	const struct round *before = d->previous ? programme_round(d->programme, d->previous->round) : NULL;

	if (!d->previous || !before || !d->round || before->intake_from < d->round->intake_from)
		return OK;
	return refuse_guard(d, G_PREVIOUS_ROUND, TEXT("previous"), ABSENT);
}

static int
previous_unused(struct decision *d)
{
	return d->previous && d->previous_taken ? refuse_guard(d, G_PREVIOUS_TAKEN, TEXT("previous"), TEXT("")) : OK;
}

static bool
document_in_order(const struct dossier *dossier, const struct document_def *def)
{
	const struct document *documents = dossier->documents.items;

	for (size_t i = 0; i < dossier->documents.count; i++)
		if (text_equal(documents[i].code, def->label.code))
			return text_is(documents[i].status, "present") ||
			       (def->may_be_not_applicable && text_is(documents[i].status, "not-applicable"));
	return false;
}

static int
documents_complete(struct decision *d)
{
	struct text *missing = arena_array(d->arena, d->programme->document_count, sizeof *missing);
	size_t count = 0;

	for (size_t i = 0; i < d->programme->document_count; i++) {
		const struct document_def *def = &d->programme->documents[i];

		if (def->mandatory && !document_in_order(d->record, def))
			missing[count++] = def->label.code;
	}
	if (count == 0)
		return OK;
	refuse_guard(d, G_DOCUMENTS, TEXT("documents"), texts_join(missing, count, d->arena));
	d->refusal->missing = (struct texts){ missing, count };
	return E_GUARD_FAILED;
}

static int
samples_enough(struct decision *d)
{
	int64_t have = d->record->samples == NONE ? 0 : d->record->samples;

	if (!d->set || have >= d->set->samples)
		return OK;
	refuse_guard(d, G_SAMPLES, TEXT("samples"), arena_printf(d->arena, "%lld/%d", (long long)have, d->set->samples));
	d->refusal->required = arena_printf(d->arena, "%d", d->set->samples);
	return E_GUARD_FAILED;
}

static int
scorable(struct decision *d)
{
	if (d->set && d->set->count > 0)
		return OK;
	return refuse_guard(d, G_SCORABLE, TEXT("product.group"), d->product ? d->product->group : ABSENT);
}

static int
known_member(struct decision *d)
{
	if (programme_member(d->programme, d->member))
		return OK;
	return refuse_guard(d, G_KNOWN_MEMBER, TEXT("member"), d->member);
}

/* Three names for one check: a sheet is right as a whole or told what is wrong first. */
static int
sheet_right(struct decision *d)
{
	int64_t parts[3];

	return d->set ? scoring_sheet(d->set, &d->params->sheet, d->arena, parts, d->refusal) : scorable(d);
}

static int
quorum(struct decision *d)
{
	return scoring_quorum(d->programme, &d->record->sheets, d->arena, d->refusal);
}

static int
spread(struct decision *d)
{
	return scoring_spread(d->programme, &d->record->sheets, d->arena, d->refusal);
}

static int
no_knockout(struct decision *d)
{
	return d->set ? scoring_knockout(d->set, &d->record->sheets, d->arena, d->refusal) : scorable(d);
}

/* The rule must be one of the knock-outs of the dossier's own set. */
static int
known_finding(struct decision *d)
{
	size_t count = 0, room = 0;

	for (size_t i = 0; d->set && i < d->set->count; i++)
		room += d->set->criteria[i].finding_count;
	struct text *known = arena_array(d->arena, room, sizeof *known);

	for (size_t i = 0; d->set && i < d->set->count; i++)
		for (size_t k = 0; k < d->set->criteria[i].finding_count; k++) {
			struct text finding = d->set->criteria[i].findings[k];
			bool twice = false;

			if (text_equal(finding, d->params->rule))
				return OK;
			for (size_t n = 0; n < count; n++)
				twice |= text_equal(known[n], finding);
			if (!twice)
				known[count++] = finding;
		}
	refuse_guard(d, G_FINDING, TEXT("rule"), texts_join(known, count, d->arena));
	d->refusal->required = d->refusal->expect;
	return E_GUARD_FAILED;
}

static int
stars_at_least(struct decision *d, enum detail guard, int64_t stars)
{
	if (stars != NONE && stars >= d->programme->forward_stars)
		return OK;
	refuse_guard(d, guard, TEXT("stars"), ABSENT);
	d->refusal->required = arena_printf(d->arena, "%d", d->programme->forward_stars);
	return E_GUARD_FAILED;
}

static int
three_stars(struct decision *d)
{
	return stars_at_least(d, G_THREE_STARS, d->record->score ? d->record->score->stars : NONE);
}

static int
province_three_stars(struct decision *d)
{
	return stars_at_least(d, G_PROVINCE_STARS, d->record->province ? d->record->province->stars : NONE);
}

/* Lower is possible: minimum criteria can hold a product down (781/QĐ-TTg). */
static int
stars_agree(struct decision *d)
{
	int most = scoring_stars_of_points(d->programme, d->params->points);

	if (d->params->stars <= most)
		return OK;
	refuse_guard(d, G_STARS_AGREE, TEXT("stars"), arena_printf(d->arena, "%d", most));
	d->refusal->required = d->refusal->expect;
	return E_GUARD_FAILED;
}

static int
known_content(struct decision *d)
{
	const struct support *items = d->params->items.items;

	for (size_t i = 0; i < d->params->items.count; i++)
		if (!label_find(d->programme->contents, d->programme->content_count, items[i].content))
			return refuse_guard(d, G_KNOWN_CONTENT, arena_printf(d->arena, "items[%zu].content", i), items[i].content);
	return OK;
}

static int
known_source(struct decision *d)
{
	const struct support *items = d->params->items.items;

	for (size_t i = 0; i < d->params->items.count; i++)
		if (!label_find(d->programme->sources, d->programme->source_count, items[i].source))
			return refuse_guard(d, G_KNOWN_SOURCE, arena_printf(d->arena, "items[%zu].source", i), items[i].source);
	return OK;
}

/* A ceiling is for one content of one dossier, over all it was given for it. */
static int64_t
supported_so_far(const struct list *items, struct text content)
{
	const struct support *s = items->items;
	int64_t sum = 0;

	for (size_t i = 0; i < items->count; i++)
		if (text_equal(s[i].content, content) && __builtin_add_overflow(sum, s[i].amount, &sum))
			return INT64_MAX;
	return sum;
}

static int
within_ceiling(struct decision *d)
{
	for (size_t i = 0; i < d->programme->ceiling_count; i++) {
		const struct ceiling *c = &d->programme->ceilings[i];
		int64_t had = supported_so_far(&d->record->support, c->content);
		int64_t asked = supported_so_far(&d->params->items, c->content);

		if (asked == 0 || (had <= c->amount && asked <= c->amount - had))
			continue;
		refuse_guard(d, G_CEILING, TEXT("items"), arena_printf(d->arena, "%.*s <= %lld", TEXT_ARG(c->content), (long long)c->amount));
		d->refusal->required = arena_printf(d->arena, "%lld", (long long)c->amount);
		return E_GUARD_FAILED;
	}
	return OK;
}

typedef int guard_ask(struct decision *);

static guard_ask *const guards[DETAIL_COUNT] = {
	[G_KNOWN_COMMUNE] = known_commune, [G_KNOWN_GROUP] = known_group, [G_KNOWN_KIND] = known_kind,
	[G_KNOWN_DOCUMENTS] = known_documents, [G_KNOWN_ROUND] = known_round,
	[G_RECEIVED] = received_not_future, [G_DATE] = date_not_future,
	[G_PREVIOUS] = previous_closed, [G_PREVIOUS_ROUND] = previous_earlier, [G_PREVIOUS_TAKEN] = previous_unused,
	[G_DOCUMENTS] = documents_complete, [G_SAMPLES] = samples_enough,
	[G_SCORABLE] = scorable, [G_KNOWN_MEMBER] = known_member,
	[G_SHEET_COMPLETE] = sheet_right, [G_SHEET_LADDER] = sheet_right, [G_STORY] = sheet_right,
	[G_QUORUM] = quorum, [G_SPREAD] = spread, [G_KNOCKOUT] = no_knockout, [G_FINDING] = known_finding,
	[G_THREE_STARS] = three_stars, [G_STARS_AGREE] = stars_agree, [G_PROVINCE_STARS] = province_three_stars,
	[G_KNOWN_CONTENT] = known_content, [G_KNOWN_SOURCE] = known_source, [G_CEILING] = within_ceiling,
};

/* What the effects can't do without is asked also where a workflow names no guard for it. */
static int
ask_effects(struct decision *d)
{
	uint64_t effects = d->transition->effects;
	int result = OK;

	if (effects >> EFFECT_RECEIVE & 1)
		result = known_round(d);
	if (result == OK && (effects >> EFFECT_SHEET & 1) && (result = known_member(d)) == OK)
		result = sheet_right(d);
	if (result == OK && (effects >> EFFECT_SCORE & 1) && d->record->sheets.count == 0)
		result = quorum(d);
	return result;
}

static int
ask_named(struct decision *d)
{
	for (size_t i = 0; i < d->transition->guard_count; i++) {
		guard_ask *ask = guards[d->transition->guards[i]];

		assert(ask);
		/* The same check under its second and third name. */
		if (i > 0 && ask == guards[d->transition->guards[i - 1]])
			continue;
		int result = ask(d);

		if (result != OK)
			return result;
	}
	return ask_effects(d);
}

int
guards_ask(struct decision *d)
{
	int result = ask_named(d);

	if (result != OK && !d->refusal->legal.ptr)
		d->refusal->legal = d->transition->legal;
	if (result == E_GUARD_FAILED && !d->refusal->state.ptr)
		d->refusal->state = d->record->state;
	return result;
}
