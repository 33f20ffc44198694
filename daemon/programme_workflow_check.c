/* What the states and transitions of a workflow must be to each other. */
#include "daemon/programme_load.h"

#define AT(l, w, line, ...) complain((l)->complaints, (w)->file, line, __VA_ARGS__)

static const char *const query_methods[] = {
#define METHOD(symbol, name, roles, takes, needs) name,
#include "proto/methods.def"
};

typedef uint64_t states; /* 1 << index */
_Static_assert(STATES_MAX <= 64, "a bit for each state");

/* The states that moves lead to from those in `known`, or that lead there. */
static states
spread(const struct workflow *w, states known, bool backward)
{
	states before;
	do {
		before = known;
		for (size_t i = 0; i < w->transition_count; i++)
			for (size_t k = 0; k < w->transitions[i].move_count; k++) {
				struct move m = w->transitions[i].moves[k];
				states to = UINT64_C(1) << m.to,
					   from = m.from == STATE_NONE ? 0 : UINT64_C(1) << m.from;
				if (backward ? known & to : !from || known & from)
					known |= backward ? from : to;
			}
	} while (known != before);
	return known;
}

static void
check_ways(struct load *l, const struct workflow *w)
{
	states final = 0, left = 0;
	for (size_t i = 0; i < w->state_count; i++)
		final |= (states)w->states[i].final << i;
	for (size_t i = 0; i < w->transition_count; i++)
		for (size_t k = 0; k < w->transitions[i].move_count; k++) {
			struct move m = w->transitions[i].moves[k];
			if (m.from != STATE_NONE && m.from != m.to)
				left |= UINT64_C(1) << m.from;
		}
	states reached = spread(w, 0, false), ending = spread(w, final, true);
	for (size_t i = 0; i < w->state_count; i++) {
		const struct state *s = &w->states[i];
		if (!(reached >> i & 1))
			AT(l, w, s->line,
			   "nobody can reach state \"%.*s\"; a transition that leads to it would be right",
			   TEXT_ARG(s->label.code));
		if (!s->final && !(left >> i & 1))
			AT(l, w, s->line,
			   "nobody can leave state \"%.*s\"; a transition out of it, or final = yes, would be "
			   "right",
			   TEXT_ARG(s->label.code));
		else if (!(ending >> i & 1))
			AT(l, w, s->line,
			   "from state \"%.*s\" no way leads to a final state; a transition towards one would "
			   "be right",
			   TEXT_ARG(s->label.code));
		if (s->final && left >> i & 1)
			AT(l, w, s->line,
			   "state \"%.*s\" is final but a transition leaves it; final = no, or no such "
			   "transition, would be right",
			   TEXT_ARG(s->label.code));
	}
}

static void
check_clock(struct load *l, const struct workflow *w)
{
	bool running = false;
	for (size_t i = 0; i < w->state_count; i++)
		running |= w->states[i].clock == DEADLINE_CHECK;
	for (size_t i = 0; i < w->transition_count && !running; i++) {
		const struct transition *t = &w->transitions[i];
		if (t->deadline == DEADLINE_CHECK || t->effects >> EFFECT_START & 1)
			AT(l, w, t->line,
			   "transition \"%.*s\" is about the check, which runs in no state; clock = check in a "
			   "state would be right",
			   TEXT_ARG(t->name));
	}
}

/* Parameters that only together make a new dossier, by an effect that registers it. */
static void
check_new(struct load *l, const struct workflow *w, const struct transition *t)
{
	for (size_t k = 0; k < t->move_count; k++)
		if (t->moves[k].from == STATE_NONE && !(t->effects >> EFFECT_REGISTER & 1))
			AT(l, w, t->line,
			   "transition \"%.*s\" begins a dossier without registering it; effect \"register\" "
			   "would be right",
			   TEXT_ARG(t->name));
}

void
check_workflow(struct load *l, const struct zpl *root, const struct workflow *w)
{
	size_t i = 0;
	check_ways(l, w);
	check_clock(l, w);
	for (const struct zpl *c = load_first(root, "transition"); c; c = load_next(c), i++) {
		const struct transition *t = &w->transitions[i];
		check_new(l, w, t);
		for (size_t k = 0; k < countof(query_methods); k++)
			if (text_is(t->method, query_methods[k]))
				LOAD_COMPLAIN(l, c,
				              "\"%s\" is a method of the daemon's own; another name would be right",
				              query_methods[k]);
		const struct zpl *event = zpl_find(c, "event");
		if (!event)
			continue;
		if (text_among(t->event, "due-soon|overdue|unheard|expiring|expired"))
			LOAD_COMPLAIN(l, event,
			              "the event \"%.*s\" is the clock's own; another name would be right",
			              TEXT_ARG(t->event));
		for (size_t k = 0; k < i; k++)
			if (t->event.len && text_equal(w->transitions[k].event, t->event))
				LOAD_COMPLAIN(l, event,
				              "transition \"%.*s\" has the event \"%.*s\" already; an event of its "
				              "own would be right",
				              TEXT_ARG(w->transitions[k].name), TEXT_ARG(t->event));
	}
}
