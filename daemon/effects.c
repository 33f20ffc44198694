/* What a transition does beside moving the state. */
#include "daemon/decision.h"

#include <string.h>

static bool
has_effect(const struct decision *d, enum effect e)
{
	return d->transition->effects >> e & 1;
}

static void
do_register(struct decision *d)
{
	d->change->product = (struct product *)d->product;
	d->change->producer = (struct producer *)d->producer;
	if (!d->dossier)
		d->change->workflow = d->workflow->valid_from;
	if (d->set)
		d->change->criteria = d->set->valid_from;
}

static void
do_receive(struct decision *d)
{
	d->change->received = d->received;
	d->change->round = d->round->label.code;
	d->change->kind = d->params->kind.ptr ? d->params->kind : TEXT("first");
}

/* The record's list with what came in put in its place, or behind. */
static void
do_documents(struct decision *d)
{
	const struct list *old = &d->record->documents;
	const struct list *new = &d->params->documents;
	const struct document *incoming = new->items;

	if (!new->items)
		return;
	struct document *merged = arena_array(d->arena, old->count + new->count + 1, sizeof *merged);
	size_t count = old->count;

	if (count)
		memcpy(merged, old->items, count * sizeof *merged);
	for (size_t i = 0; i < new->count; i++) {
		size_t at = 0;

		while (at < count && !text_equal(merged[at].code, incoming[i].code))
			at++;
		merged[at] = incoming[i];
		count += at == count;
	}
	d->change->documents = (struct list){ merged, count };
}

/* The day of receipt is not counted (Civil Code 2015, art. 147). Each receipt starts the clock anew,
 * where one runs: what the province asked for is received without. */
static void
do_start(struct decision *d)
{
	d->change->received = d->received;
	if (d->workflow->states[d->to].clock != DEADLINE_CHECK)
		return;
	d->change->due = calendar_deadline(&d->programme->calendar, d->received, d->workflow->check_days);
	d->change->overdue = NONE;
}

static void
do_stop(struct decision *d)
{
	d->change->due = NONE;
	d->change->overdue = NONE;
}

static void
do_return(struct decision *d)
{
	d->change->returns = (d->record->returns == NONE ? 0 : d->record->returns) + 1;
}

static void
do_sheet(struct decision *d)
{
	int64_t parts[3] = { 0, 0, 0 };
	struct refusal ignored = { .error = OK };

	/* The guards have looked at it already. */
	scoring_sheet(d->set, &d->params->sheet, d->arena, parts, &ignored);
	d->change->member = d->member;
	d->change->a = parts[0];
	d->change->b = parts[1];
	d->change->c = parts[2];
	d->change->total = parts[0] + parts[1] + parts[2];
}

static int64_t
date_or_today(const struct decision *d, int64_t date)
{
	return date == NONE ? d->today : date;
}

static void
do_score(struct decision *d)
{
	const struct sheet *sheets = d->record->sheets.items;
	struct score *score = arena_alloc(d->arena, sizeof *score);

	shape_init(&score_shape, score);
	score->sum = 0;
	score->count = (int64_t)d->record->sheets.count;
	for (size_t i = 0; i < d->record->sheets.count; i++)
		score->sum += sheets[i].total;
	score->points = scoring_points(score->sum, score->count);
	score->stars = scoring_stars(d->programme, score->sum, score->count);
	score->minutes = d->params->minutes;
	score->date = date_or_today(d, d->params->date);
	d->change->score = score;
	d->change->date = NONE;
}

static void
do_forward(struct decision *d)
{
	struct forwarded *f = arena_alloc(d->arena, sizeof *f);

	shape_init(&forwarded_shape, f);
	f->letter = d->params->letter;
	f->date = date_or_today(d, d->params->date);
	d->change->forwarded = f;
	d->change->letter = ABSENT;
	d->change->date = NONE;
}

static void
do_rank(struct decision *d)
{
	struct province *p = arena_alloc(d->arena, sizeof *p);

	shape_init(&province_shape, p);
	p->points = d->params->points;
	p->stars = d->params->stars;
	p->decision = d->params->decision;
	p->date = date_or_today(d, d->params->date);
	p->certificate = d->params->certificate;
	if (p->stars >= d->programme->forward_stars)
		p->expires = day_add_months(p->date, d->programme->certificate_months);
	if (p->expires != NONE)
		d->change->expiring = p->expires - d->programme->expiring_days;
	d->change->province = p;
	d->change->date = NONE;
}

static void
do_support(struct decision *d)
{
	const struct list *items = &d->params->items;
	struct support *dated = arena_array(d->arena, items->count + 1, sizeof *dated);

	memcpy(dated, items->items, items->count * sizeof *dated);
	for (size_t i = 0; i < items->count; i++)
		dated[i].date = date_or_today(d, dated[i].date);
	d->change->items = (struct list){ dated, items->count };
}

/* Its parameters bear the names the event has: copying them was all. */
static void
do_nothing(struct decision *d)
{
	(void)d;
}

static void (*const effects[EFFECT_COUNT])(struct decision *) = {
	[EFFECT_REGISTER] = do_register, [EFFECT_RECEIVE] = do_receive, [EFFECT_DOCUMENTS] = do_documents,
	[EFFECT_START] = do_start, [EFFECT_STOP] = do_stop, [EFFECT_REASONS] = do_nothing,
	[EFFECT_RETURN] = do_return, [EFFECT_SHEET] = do_sheet, [EFFECT_SCORE] = do_score,
	[EFFECT_FORWARD] = do_forward, [EFFECT_RANK] = do_rank, [EFFECT_SUPPORT] = do_support,
	[EFFECT_CLOSE] = do_nothing,
};

/* --- lateness ------------------------------------------------------------------------------------ */

static bool
past(int64_t date, int64_t last)
{
	return last != NONE && date > last;
}

static bool
support_late(const struct decision *d)
{
	const struct support *items = d->change->items.items;

	for (size_t i = 0; d->round && i < d->change->items.count; i++)
		if (past(items[i].date, d->round->support_until))
			return true;
	return false;
}

static bool
is_late(const struct decision *d)
{
	switch (d->transition->deadline) {
	case DEADLINE_CHECK:
		return d->record->due != NONE && past(d->today, d->record->due);
	case DEADLINE_INTAKE:
		return d->round && past(d->received, d->round->intake_until);
	case DEADLINE_SCORING:
		return d->round && past(date_or_today(d, d->params->date), d->round->scoring_until);
	case DEADLINE_SUPPORT:
		return support_late(d);
	case DEADLINE_NONE:
		break;
	}
	return false;
}

void
effects_do(struct decision *d)
{
	for (int e = 0; e < EFFECT_COUNT; e++)
		if (has_effect(d, (enum effect)e))
			effects[e](d);
	if (is_late(d))
		d->change->late = 1;
}
