/* A workflow file: states and transitions, each word looked up. */
#include "daemon/programme_load.h"

#include <string.h>

const char *const deadline_words[] = { "none", "check", "intake", "scoring", "support" };
_Static_assert(countof(deadline_words) == DEADLINE_COUNT, "a word for each deadline");

const char *const effect_words[] = {
#define EFFECT(symbol, name, needs) name,
#include "daemon/effects.def"
};

const char *const closed_words[] = { "always", "below", "expired" };
_Static_assert(countof(closed_words) == CLOSED_COUNT, "a word for each way of being closed");

static const uint64_t effect_needs[] = {
#define EFFECT(symbol, name, needs) needs,
#include "daemon/effects.def"
};

/* Which parameters a guard asks about; one must be taken. Guards not here ask the record. */
static const struct {
	enum detail guard;
	uint64_t any;
} guard_needs[] = {
	{ G_KNOWN_COMMUNE, FIELD(params, commune) },
	{ G_KNOWN_GROUP, FIELD(params, product) },
	{ G_KNOWN_KIND, FIELD(params, producer) },
	{ G_KNOWN_DOCUMENTS, FIELD(params, documents) | FIELD(params, reasons) },
	{ G_KNOWN_ROUND, FIELD(params, round) },
	{ G_RECEIVED, FIELD(params, received) },
	{ G_DATE, FIELD(params, date) | FIELD(params, items) },
	{ G_PREVIOUS, FIELD(params, previous) },
	{ G_PREVIOUS_ROUND, FIELD(params, previous) },
	{ G_PREVIOUS_TAKEN, FIELD(params, previous) },
	{ G_KNOWN_MEMBER, FIELD(params, member) },
	{ G_SHEET_COMPLETE, FIELD(params, sheet) },
	{ G_SHEET_LADDER, FIELD(params, sheet) },
	{ G_STORY, FIELD(params, sheet) },
	{ G_FINDING, FIELD(params, rule) },
	{ G_STARS_AGREE, FIELD(params, stars) },
	{ G_KNOWN_CONTENT, FIELD(params, items) },
	{ G_KNOWN_SOURCE, FIELD(params, items) },
	{ G_CEILING, FIELD(params, items) },
};

/* The fields a transition may carry: of params, those between the envelope's and the queries'. */
enum { FIELD_FIRST = params_product, FIELD_LAST = params_text };

static struct text
names_of(struct load *l, uint64_t fields)
{
	struct buf names = { 0 };
	for (unsigned i = 0; i < params_COUNT; i++)
		if (fields >> i & 1)
			buf_printf(&names, "%s%s", names.len ? " " : "", params_shape.fields[i].name);
	struct text copy = arena_text(l->arena, buf_view(&names));
	buf_free(&names);
	return copy;
}

static uint64_t
load_fields(struct load *l, const struct zpl *parent, const char *name)
{
	const struct zpl *item = zpl_find(parent, name);
	struct text rest = item ? item->value : (struct text){ 0 }, word;
	uint64_t fields = 0;
	while (text_next(&rest, ' ', &word)) {
		int index = shape_find(&params_shape, word);
		if (index >= FIELD_FIRST && index <= FIELD_LAST) {
			fields |= UINT64_C(1) << index;
			continue;
		}
		uint64_t all = (UINT64_C(1) << (FIELD_LAST + 1)) - (UINT64_C(1) << FIELD_FIRST);
		LOAD_COMPLAIN(l, item, "unknown parameter \"%.*s\"; one of these would be right: %.*s",
		              TEXT_ARG(word), TEXT_ARG(names_of(l, all)));
	}
	return fields;
}

static unsigned
load_roles(struct load *l, const struct zpl *parent)
{
	const struct zpl *item = zpl_find(parent, "roles");
	struct text rest = item ? item->value : (struct text){ 0 }, word;
	unsigned roles = 0;
	while (text_next(&rest, ' ', &word)) {
		enum role role;
		if (role_find(word, &role)) {
			roles |= 1u << role;
			continue;
		}
		struct buf known = { 0 };
		for (int i = 0; i < ROLE_COUNT; i++)
			buf_printf(&known, "%s%s", i ? " " : "", role_word((enum role)i));
		LOAD_COMPLAIN(l, item, "unknown role \"%.*s\"; one of these would be right: %.*s",
		              TEXT_ARG(word), TEXT_ARG(buf_view(&known)));
		buf_free(&known);
	}
	return roles;
}

static uint64_t
load_effects(struct load *l, const struct zpl *parent, uint64_t takes)
{
	const struct zpl *item = zpl_find(parent, "effects");
	struct text rest = item ? item->value : (struct text){ 0 }, word;
	uint64_t effects = 0;
	while (text_next(&rest, ' ', &word)) {
		size_t i = 0;
		while (i < EFFECT_COUNT && !text_is(word, effect_words[i]))
			i++;
		if (i == EFFECT_COUNT) {
			struct buf known = { 0 };
			for (i = 0; i < EFFECT_COUNT; i++)
				buf_printf(&known, "%s%s", i ? " " : "", effect_words[i]);
			LOAD_COMPLAIN(l, item, "unknown effect \"%.*s\"; one of these would be right: %.*s",
			              TEXT_ARG(word), TEXT_ARG(buf_view(&known)));
			buf_free(&known);
			continue;
		}
		effects |= UINT64_C(1) << i;
		if (effect_needs[i] & ~takes)
			LOAD_COMPLAIN(l, item,
			              "effect \"%.*s\" works with parameters the transition does not take; "
			              "takes = \"%.*s\" as well would be right",
			              TEXT_ARG(word), TEXT_ARG(names_of(l, effect_needs[i] & ~takes)));
	}
	return effects;
}

static void
check_guard(struct load *l, const struct zpl *item, const struct transition *t, enum detail guard)
{
	for (size_t i = 0; i < t->guard_count; i++)
		if (t->guards[i] == guard)
			LOAD_COMPLAIN(l, item, "guard \"%s\" stands twice; once would be right",
			              guard_name(guard));
	for (size_t i = 0; i < countof(guard_needs); i++)
		if (guard_needs[i].guard == guard && !(guard_needs[i].any & t->takes))
			LOAD_COMPLAIN(l, item,
			              "guard \"%s\" asks about parameters the transition does not take; takes "
			              "with one of \"%.*s\" would be right",
			              guard_name(guard), TEXT_ARG(names_of(l, guard_needs[i].any)));
}

static void
load_guards(struct load *l, const struct zpl *parent, struct transition *t)
{
	const struct zpl *item = zpl_find(parent, "guards");
	struct text rest = item ? item->value : (struct text){ 0 }, word;
	while (text_next(&rest, ' ', &word)) {
		enum detail guard = guard_find(word);
		if (guard == DETAIL_NONE) {
			struct buf known = { 0 };
			for (int i = 1; i < DETAIL_COUNT; i++)
				if (guard_name((enum detail)i))
					buf_printf(&known, "%s%s", known.len ? " " : "", guard_name((enum detail)i));
			LOAD_COMPLAIN(l, item, "unknown guard \"%.*s\"; one of these would be right: %.*s",
			              TEXT_ARG(word), TEXT_ARG(buf_view(&known)));
			buf_free(&known);
		} else if (t->guard_count == countof(t->guards)) {
			LOAD_COMPLAIN(l, item, "more than %zu guards; %zu or fewer would be right",
			              countof(t->guards), countof(t->guards));
			return;
		} else {
			check_guard(l, item, t, guard);
			t->guards[t->guard_count++] = guard;
		}
	}
}

static void
add_move(struct load *l, const struct zpl *item, const struct workflow *w, struct transition *t,
         int from, int to)
{
	for (size_t i = 0; i < t->move_count; i++)
		if (t->moves[i].from == from) {
			LOAD_COMPLAIN(l, item,
			              "a second move from \"%.*s\" in transition \"%.*s\"; one move from a "
			              "state would be right",
			              from == STATE_NONE ? 4 : (int)w->states[from].label.code.len,
			              from == STATE_NONE ? "none" : w->states[from].label.code.ptr,
			              TEXT_ARG(t->name));
			return;
		}
	if (t->move_count == MOVES_MAX)
		LOAD_COMPLAIN(l, item, "more than %d moves; %d or fewer would be right", MOVES_MAX,
		              MOVES_MAX);
	else
		t->moves[t->move_count++] = (struct move){ from, to };
}

static struct text
states_of(struct load *l, const struct workflow *w)
{
	struct buf names = { 0 };
	for (size_t i = 0; i < w->state_count; i++)
		buf_printf(&names, "%s%.*s", i ? ", " : "", TEXT_ARG(w->states[i].label.code));
	struct text copy = arena_text(l->arena, buf_view(&names));
	buf_free(&names);
	return copy;
}

static bool
find_state(struct load *l, const struct zpl *item, const struct workflow *w, struct text code,
           int *ret)
{
	int state = workflow_state(w, code);
	if (state < 0)
		LOAD_COMPLAIN(l, item,
		              "unknown state \"%.*s\"; one of these would be right: %.*s, none, any, same",
		              TEXT_ARG(code), TEXT_ARG(states_of(l, w)));
	else
		*ret = state;
	return state >= 0;
}

/* "none proposed > submitted", "any > same". */
static void
load_move(struct load *l, const struct zpl *item, const struct workflow *w, struct transition *t)
{
	struct text left, right, word;
	if (!load_pair(item->value, '>', &left, &right) || memchr(right.ptr, ' ', right.len)) {
		LOAD_COMPLAIN(l, item,
		              "\"%.*s\" is no move; FROM > TO, as in submitted > returned, would be right",
		              TEXT_ARG(item->value));
		return;
	}
	bool same = text_is(right, "same");
	int to = 0, from;
	if (!same && !find_state(l, item, w, right, &to))
		return;
	while (text_next(&left, ' ', &word)) {
		if (text_is(word, "none") && same)
			LOAD_COMPLAIN(l, item,
			              "a new dossier has no state to keep; none > STATE would be right");
		else if (text_is(word, "none"))
			add_move(l, item, w, t, STATE_NONE, to);
		else if (text_is(word, "any"))
			for (int i = 0; i < (int)w->state_count; i++)
				add_move(l, item, w, t, i, same ? i : to);
		else if (find_state(l, item, w, word, &from))
			add_move(l, item, w, t, from, same ? from : to);
	}
}

static void
load_transition(struct load *l, const struct zpl *item, const struct workflow *w,
                struct transition *t)
{
	static const char *const notices[] = { "commune" };
	load_keys(l, item,
	          "event! vi! en! move!* roles! takes needs guards effects deadline legal! notice");
	t->label = load_label(l, item);
	t->name = t->label.code;
	t->method = arena_printf(l->arena, "dossier.%.*s", TEXT_ARG(t->name));
	t->event = zpl_value(item, "event");
	t->legal = zpl_value(item, "legal");
	t->notice = zpl_value(item, "notice");
	t->line = item->line;
	t->roles = load_roles(l, item);
	t->needs = load_fields(l, item, "needs");
	t->takes = load_fields(l, item, "takes") | t->needs;
	t->effects = load_effects(l, item, t->takes);
	int deadline = load_choice(l, item, "deadline", deadline_words, DEADLINE_COUNT);
	t->deadline = deadline < 0 ? DEADLINE_NONE : (enum deadline)deadline;
	load_choice(l, item, "notice", notices, countof(notices));
	load_guards(l, item, t);
	for (const struct zpl *c = load_first(item, "move"); c; c = load_next(c))
		load_move(l, c, w, t);
}

static void
load_state(struct load *l, const struct zpl *item, struct state *s)
{
	static const char *const clocks[] = { "none", "check" };
	load_keys(l, item, "vi! en! final closed clock");
	s->label = load_label(l, item);
	s->final = load_yes(l, item, "final");
	s->line = item->line;
	s->clock = load_choice(l, item, "clock", clocks, countof(clocks)) == 1 ? DEADLINE_CHECK
	                                                                       : DEADLINE_NONE;
	if (text_among(s->label.code, "none|any|same"))
		LOAD_COMPLAIN(l, item,
		              "\"%.*s\" has a meaning of its own in moves; another name for the state "
		              "would be right",
		              TEXT_ARG(s->label.code));
	const struct zpl *closed = zpl_find(item, "closed");
	struct text rest = closed ? closed->value : (struct text){ 0 }, word;
	while (text_next(&rest, ' ', &word)) {
		size_t i = 0;
		while (i < CLOSED_COUNT && !text_is(word, closed_words[i]))
			i++;
		if (i < CLOSED_COUNT)
			s->closed |= 1u << i;
		else
			LOAD_COMPLAIN(l, closed,
			              "unknown word \"%.*s\"; always, below or expired would be right",
			              TEXT_ARG(word));
	}
}

void
load_workflow(struct load *l, const struct zpl *root, struct workflow *w)
{
	load_top(l, root, "check-days! hear-days state!*{ transition!*{");
	*w = (struct workflow){
		.valid_from = zpl_value(root, "valid-from"),
		.legal = zpl_value(root, "legal"),
		.file = root->file,
		.check_days = (int)load_int(l, root, "check-days", 0, 365, 0),
		.hear_days = (int)load_int(l, root, "hear-days", 0, 365, 1),
	};
	w->states = arena_array(l->arena, load_count(root, "state"), sizeof *w->states);
	w->transitions = arena_array(l->arena, load_count(root, "transition"), sizeof *w->transitions);
	for (const struct zpl *c = load_first(root, "state"); c; c = load_next(c)) {
		if (w->state_count == STATES_MAX) {
			LOAD_COMPLAIN(l, c, "more than %d states; %d or fewer would be right", STATES_MAX,
			              STATES_MAX);
			break;
		}
		load_once(l, root, c);
		load_state(l, c, &w->states[w->state_count++]);
	}
	for (const struct zpl *c = load_first(root, "transition"); c; c = load_next(c)) {
		load_once(l, root, c);
		load_transition(l, c, w, &w->transitions[w->transition_count++]);
	}
}
