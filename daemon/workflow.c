/* The state machine of a dossier: decide and apply. */
#include "daemon/workflow.h"

#include "daemon/decision.h"

#include <assert.h>
#include <string.h>

bool
workflow_sees(const struct actor *actor, struct text commune)
{
	return (actor->roles & ~ROLE(COMMUNE)) || text_equal(actor->commune, commune);
}

static const struct move *
move_from(const struct transition *t, int state)
{
	for (size_t i = 0; i < t->move_count; i++)
		if (t->moves[i].from == state)
			return &t->moves[i];
	return NULL;
}

enum { STATE_UNKNOWN = STATE_NONE - 1 };

/* A record whose state the workflow no longer has is nowhere, and not new. */
static int
state_of(const struct workflow *w, const struct dossier *d)
{
	int state = d ? workflow_state(w, d->state) : STATE_NONE;

	return d && state < 0 ? STATE_UNKNOWN : state;
}

struct texts
workflow_allowed(const struct workflow *w, const struct dossier *d, const struct actor *actor, struct arena *arena)
{
	struct texts allowed = { arena_array(arena, w ? w->transition_count : 0, sizeof *allowed.items), 0 };
	int state = w ? state_of(w, d) : STATE_NONE;

	if (d && !workflow_sees(actor, d->commune))
		return allowed;
	for (size_t i = 0; w && i < w->transition_count; i++)
		if ((w->transitions[i].roles & actor->roles) && move_from(&w->transitions[i], state))
			allowed.items[allowed.count++] = w->transitions[i].method;
	return allowed;
}

/* The first of the actor's roles that the transition allows. */
static enum role
role_used(const struct decision *d)
{
	enum role role = 0;

	while (!((d->transition->roles & d->actor->roles) >> role & 1))
		role++;
	return role;
}

/* --- facts --------------------------------------------------------------------------------------- */

static int
missing(struct decision *d, const char *field, const char *expect)
{
	return refuse(d->refusal, E_PARAMS, D_MISSING, text_of(field), text_of(expect));
}

/* What an event can't be read again without, whatever the workflow asks for. */
static const uint64_t effect_needs[EFFECT_COUNT] = {
	[EFFECT_SHEET] = FIELD(params, sheet),
	[EFFECT_SCORE] = FIELD(params, minutes),
	[EFFECT_FORWARD] = FIELD(params, letter),
	[EFFECT_RANK] = FIELD(params, points) | FIELD(params, stars) | FIELD(params, decision),
	[EFFECT_SUPPORT] = FIELD(params, items),
};

static int
find_needed(struct decision *d)
{
	/* A new dossier's are looked for by find_registration: the record may have them. */
	uint64_t needs = d->transition->needs & ~(FIELD(params, dossier) | FIELD(params, product) |
	                                          FIELD(params, producer) | FIELD(params, commune));

	for (unsigned e = 0; e < EFFECT_COUNT; e++)
		if (d->transition->effects >> e & 1)
			needs |= effect_needs[e];
	for (unsigned i = 0; i < params_shape.count; i++)
		if ((needs >> i & 1) && !shape_has(&params_shape, d->params, i))
			return missing(d, params_shape.fields[i].name, "a value");
	return OK;
}

static const struct round *
round_of(const struct decision *d)
{
	const struct programme *p = d->programme;

	if (d->params->round.ptr)
		return programme_round(p, d->params->round);
	if (d->dossier && d->dossier->round.ptr)
		return programme_round(p, d->dossier->round);
	/* The one that is open, else the next to open, else the last. */
	for (size_t i = 0; i < p->round_count; i++)
		if (p->rounds[i].intake_until == NONE || d->received <= p->rounds[i].intake_until)
			return &p->rounds[i];
	return p->round_count ? &p->rounds[p->round_count - 1] : NULL;
}

/* Whose sheet: a member's own; the secretary names the member. */
static int
find_member(struct decision *d)
{
	bool secretary = d->actor->roles & d->transition->roles & ROLE(SECRETARY);
	bool own = (d->actor->roles & ROLE(COUNCIL)) && d->actor->member.ptr;

	d->member = d->params->member.ptr || !own ? d->params->member : d->actor->member;
	if (!d->member.ptr)
		return missing(d, "member", "a seat of the council");
	if (!secretary && !(own && text_equal(d->member, d->actor->member)))
		return refuse(d->refusal, E_FORBIDDEN, DETAIL_NONE, TEXT("member"), ABSENT);
	return OK;
}

static int
find_registration(struct decision *d)
{
	if (!d->product)
		return missing(d, "product", "{name, group}");
	if (!d->producer)
		return missing(d, "producer", "{name, kind}");
	if (!d->commune.ptr)
		return missing(d, "commune", "a code");
	/* A commune that also holds an office's role acts for the whole district. */
	if (role_used(d) == ROLE_COMMUNE && !text_equal(d->actor->commune, d->commune))
		return refuse(d->refusal, E_FORBIDDEN, DETAIL_NONE, TEXT("commune"), ABSENT);
	return OK;
}

static int
find_facts(struct decision *d)
{
	const struct dossier *r = d->dossier;
	uint64_t effects = d->transition->effects;
	int result = find_needed(d);

	if (result != OK)
		return result;
	d->product = d->params->product ? d->params->product : r ? r->product : NULL;
	d->producer = d->params->producer ? d->params->producer : r ? r->producer : NULL;
	d->commune = d->params->commune.ptr ? d->params->commune : r ? r->commune : ABSENT;
	d->received = d->params->received != NONE ? d->params->received : d->today;
	if (effects >> EFFECT_REGISTER & 1)
		result = find_registration(d);
	if (result == OK && (effects >> EFFECT_SHEET & 1))
		result = find_member(d);
	d->round = round_of(d);
	if (d->product) {
		/* A set once chosen stays, unless the group changes. */
		bool same = r && r->criteria.ptr && r->product && text_equal(r->product->group, d->product->group) &&
		            !(effects >> EFFECT_RECEIVE & 1);
		int64_t day = r && r->received != NONE && !(effects >> EFFECT_RECEIVE & 1) ? r->received : d->received;

		d->set = programme_set(d->programme, d->product->group, day,
		                       same ? r->criteria : ABSENT);
	}
	return result;
}

/* --- decide -------------------------------------------------------------------------------------- */

/* What came in under a name that the event has, goes into it; the effects do the rest. */
static void
copy_params(struct decision *d)
{
	uint64_t takes = (d->transition->takes | d->transition->needs) & ~FIELD(params, dossier);

	for (unsigned i = 0; i < params_shape.count; i++) {
		if (!(takes >> i & 1) || !shape_has(&params_shape, d->params, i))
			continue;
		int to = shape_find(&change_shape, text_of(params_shape.fields[i].name));

		if (to >= 0)
			shape_copy(&params_shape, d->params, i, &change_shape, d->change, (unsigned)to);
	}
}

static void
fill_change(struct decision *d)
{
	const struct dossier *r = d->dossier;
	bool clock = d->workflow->states[d->to].clock == DEADLINE_CHECK;

	shape_init(&change_shape, d->change);
	copy_params(d);
	d->change->state = d->workflow->states[d->to].label.code;
	d->change->commune = d->commune;
	d->change->by = d->actor->account;
	d->change->role = text_of(role_word(role_used(d)));
	d->change->due = r && clock ? r->due : NONE;
	d->change->overdue = r && clock && r->overdue == 1 ? 1 : NONE;
	if (r && d->params->product && d->set && !text_equal(r->criteria, d->set->valid_from))
		d->change->criteria = d->set->valid_from;
	effects_do(d);
	if (d->transition->notice.ptr)
		d->change->hear_by = calendar_deadline(&d->programme->calendar, d->today, d->workflow->hear_days);
}

static int
wrong_state(struct decision *d)
{
	refuse(d->refusal, E_WRONG_STATE, DETAIL_NONE, ABSENT, ABSENT);
	d->refusal->state = d->dossier ? d->dossier->state : ABSENT;
	d->refusal->allowed = workflow_allowed(d->workflow, d->dossier, d->actor, d->arena);
	d->refusal->legal = d->transition->legal;
	return E_WRONG_STATE;
}

int
workflow_decide(const struct programme *programme, const struct workflow *workflow,
                const struct dossier *dossier, const struct command *command, struct arena *arena,
                struct change *ret_change, struct refusal *ret_refusal)
{
	struct change change;
	struct dossier empty;
	struct decision d = {
		.programme = programme, .workflow = workflow, .transition = command->transition,
		.params = command->params, .actor = command->actor, .dossier = dossier,
		.previous = command->previous, .previous_taken = command->previous_taken,
		.record = dossier ? dossier : &empty, .today = time_day(command->now_ms), .arena = arena,
		.change = &change, .refusal = ret_refusal,
	};
	int result;

	shape_init(&dossier_shape, &empty);
	if (!(d.transition->roles & d.actor->roles) || (dossier && !workflow_sees(d.actor, dossier->commune)))
		return refuse(ret_refusal, E_FORBIDDEN, DETAIL_NONE, ABSENT, ABSENT);
	if ((result = find_facts(&d)) != OK)
		return result;
	const struct move *move = move_from(d.transition, state_of(workflow, dossier));

	if (!move)
		return wrong_state(&d);
	d.to = move->to;
	if ((result = guards_ask(&d)) != OK)
		return result;
	fill_change(&d);
	*ret_change = change;
	return OK;
}

enum { REMINDER_MS = 7 * 3600000 };

struct timer {
	struct text type;
	int64_t moment;             /* NONE: not to come */
};

bool
workflow_timer(const struct dossier *d, struct text *ret_type, int64_t *ret_moment)
{
	bool due = d->due != NONE && d->overdue != 1;
	int64_t expires = d->province ? d->province->expires : NONE;
	const struct timer timers[] = {
		{ TEXT("due-soon"), due && d->reminded != 1 ? day_start(d->due) + REMINDER_MS : NONE },
		{ TEXT("overdue"), due ? day_start(d->due + 1) : NONE },
		{ TEXT("unheard"), d->hear_by != NONE && d->unheard != 1 ? day_start(d->hear_by + 1) : NONE },
		{ TEXT("expiring"), d->expiring != NONE && d->warned != 1 ? day_start(d->expiring) : NONE },
		{ TEXT("expired"), expires != NONE && d->expired != 1 ? day_start(expires + 1) : NONE },
	};
	const struct timer *first = NULL;

	for (size_t i = 0; i < countof(timers); i++)
		if (timers[i].moment != NONE && (!first || timers[i].moment < first->moment))
			first = &timers[i];
	if (!first)
		return false;
	*ret_type = first->type;
	*ret_moment = first->moment;
	return true;
}

void
workflow_clock(const struct dossier *d, struct text type, struct change *ret_change)
{
	shape_init(&change_shape, ret_change);
	ret_change->state = d->state;
	ret_change->commune = d->commune;
	ret_change->by = TEXT("system");
	ret_change->role = TEXT("system");
	ret_change->due = d->due;
	ret_change->overdue = text_is(type, "overdue") || d->overdue == 1 ? 1 : NONE;
}

void
workflow_heard(struct dossier *d, struct text feed, int64_t time_ms, struct arena *arena)
{
	struct notified *n = arena_alloc(arena, sizeof *n);

	*n = (struct notified){ .feed = feed, .at = time_ms };
	d->notified = n;
	d->hear_by = NONE;
}

/* --- apply --------------------------------------------------------------------------------------- */

/* Members of an event that replace the record's of the same name. */
static const struct { unsigned from, to; } replaced[] = {
#define REPLACED(member) { change_##member, dossier_##member }
	REPLACED(dossier), REPLACED(version), REPLACED(state), REPLACED(commune), REPLACED(round),
	REPLACED(kind), REPLACED(previous), REPLACED(product), REPLACED(producer), REPLACED(received),
	REPLACED(documents), REPLACED(samples), REPLACED(returns), REPLACED(score), REPLACED(forwarded),
	REPLACED(province), REPLACED(workflow), REPLACED(criteria),
#undef REPLACED
};

/* The list with room for one more, as a copy: the record before the event stays as it was. */
static void *
list_copy(const struct list *list, size_t more, size_t size, struct arena *arena)
{
	char *copy = arena_array(arena, list->count + more, size);

	if (list->count)
		memcpy(copy, list->items, list->count * size);
	return copy;
}

static void
apply_sheet(struct dossier *d, const struct change *c, struct arena *arena)
{
	struct sheet *sheets = list_copy(&d->sheets, 1, sizeof *sheets, arena);
	size_t at = 0;

	while (at < d->sheets.count && !text_equal(sheets[at].member, c->member))
		at++;
	sheets[at] = (struct sheet){
		.member = c->member, .sheet = c->sheet, .a = c->a, .b = c->b, .c = c->c,
		.total = c->total, .comment = c->comment,
	};
	d->sheets = (struct list){ sheets, d->sheets.count + (at == d->sheets.count) };
}

static void
apply_support(struct dossier *d, const struct change *c, struct arena *arena)
{
	struct support *support = list_copy(&d->support, c->items.count, sizeof *support, arena);

	memcpy(support + d->support.count, c->items.items, c->items.count * sizeof *support);
	for (size_t i = 0; i < c->items.count; i++)
		support[d->support.count + i].by = c->by;
	d->support = (struct list){ support, d->support.count + c->items.count };
}

/* What the clock has told of a day is forgotten where the day is set anew. */
static void
apply_times(struct dossier *d, const struct change *c, struct text type, int64_t sequence, bool moved)
{
	const struct { const char *type; int64_t *told; } clock[] = {
		{ "due-soon", &d->reminded }, { "unheard", &d->unheard }, { "expiring", &d->warned }, { "expired", &d->expired },
	};

	if (c->due == NONE || c->due != d->due)
		d->reminded = NONE;
	d->due = c->due;
	d->overdue = c->overdue;
	if (c->hear_by != NONE) {
		d->hear_by = c->hear_by;
		d->returned_at = sequence;
		d->notified = NULL;
		d->unheard = NONE;
	} else if (moved) {
		d->hear_by = d->unheard = NONE;
	}
	if (c->province) {
		d->expiring = c->expiring;
		d->warned = d->expired = NONE;
	}
	for (size_t i = 0; i < countof(clock); i++)
		if (text_is(type, clock[i].type))
			*clock[i].told = 1;
}

void
workflow_apply(struct dossier *d, const struct change *c, struct text type, int64_t time_ms,
               int64_t sequence, struct arena *arena)
{
	bool moved = !text_equal(d->state, c->state);

	/* Sheets by another set's criteria mean nothing any more; the journal keeps them. */
	if (c->product && d->product && !text_equal(c->product->group, d->product->group))
		d->sheets = (struct list){ NULL, 0 };
	for (size_t i = 0; i < countof(replaced); i++)
		if (shape_has(&change_shape, c, replaced[i].from))
			shape_copy(&change_shape, c, replaced[i].from, &dossier_shape, d, replaced[i].to);
	apply_times(d, c, type, sequence, moved);
	if (c->reasons.items) {
		d->reasons = c->reasons;
		d->until = c->until;
	}
	if (c->sheet.items)
		apply_sheet(d, c, arena);
	if (c->items.items)
		apply_support(d, c, arena);
	/* Why a dossier was closed is the record's; why it was amended is the event's alone. */
	if (moved && c->reason.ptr) {
		d->reason = c->reason;
		d->rule = c->rule;
	}
	if (d->created == NONE)
		d->created = time_ms;
	d->updated = time_ms;
	d->sequence = sequence;
}
