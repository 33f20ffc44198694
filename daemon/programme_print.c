/* The programme as a page to read (--check-config). */
#include "daemon/programme_load.h"

static void
print_words(struct buf *out, const char *title, const char *const *words, size_t count,
            uint64_t mask)
{
	if (!mask)
		return;
	buf_str(out, title);
	for (size_t i = 0; i < count; i++)
		if (mask >> i & 1)
			buf_printf(out, " %s", words[i]);
}

static void
print_day(struct buf *out, const char *title, int64_t day)
{
	char text[DAY_LEN + 1];
	if (day == NONE)
		return;
	day_print(day, text);
	buf_printf(out, "%s%s", title, text);
}

static void
print_states(struct buf *out, const struct workflow *w)
{
	buf_str(out, "\nStates\n");
	for (size_t i = 0; i < w->state_count; i++) {
		const struct state *s = &w->states[i];
		buf_printf(out, "  %-13.*s %.*s (%.*s)", TEXT_ARG(s->label.code), TEXT_ARG(s->label.vi),
		           TEXT_ARG(s->label.en));
		buf_str(out, s->final ? "; final" : "");
		print_words(out, "; closed:", closed_words, CLOSED_COUNT, s->closed);
		buf_str(out, s->clock == DEADLINE_CHECK ? "; the check runs here\n" : "\n");
	}
}

static void
print_fields(struct buf *out, const char *title, uint64_t fields)
{
	if (fields)
		buf_printf(out, "    %s", title);
	for (unsigned i = 0; i < params_COUNT; i++)
		if (fields >> i & 1)
			buf_printf(out, " %s", params_shape.fields[i].name);
	buf_str(out, fields ? "\n" : "");
}

static void
print_transition(struct buf *out, const struct workflow *w, const struct transition *t)
{
	buf_printf(out, "  %.*s: %.*s (%.*s); event %.*s; %.*s\n", TEXT_ARG(t->method),
	           TEXT_ARG(t->label.vi), TEXT_ARG(t->label.en), TEXT_ARG(t->event),
	           TEXT_ARG(t->legal));
	buf_str(out, "    moves ");
	for (size_t i = 0; i < t->move_count; i++) {
		struct move m = t->moves[i];
		struct text from = m.from == STATE_NONE ? TEXT("none") : w->states[m.from].label.code;
		buf_printf(out, "%s%.*s > %.*s", i ? ", " : "", TEXT_ARG(from),
		           TEXT_ARG(w->states[m.to].label.code));
	}
	buf_str(out, "\n    roles ");
	for (int i = 0; i < ROLE_COUNT; i++)
		if (t->roles >> i & 1)
			buf_printf(out, " %s", role_word((enum role)i));
	buf_byte(out, '\n');
	print_fields(out, "needs ", t->needs);
	print_fields(out, "takes ", t->takes & ~t->needs);
	buf_str(out, t->guard_count ? "    guards" : "");
	for (size_t i = 0; i < t->guard_count; i++)
		buf_printf(out, " %s", guard_name(t->guards[i]));
	buf_str(out, t->guard_count ? "\n" : "");
	print_words(out, "    effects", effect_words, EFFECT_COUNT, t->effects);
	buf_str(out, t->effects ? "\n" : "");
	if (t->deadline != DEADLINE_NONE)
		buf_printf(out, "    deadline %s\n", deadline_words[t->deadline]);
	if (t->notice.ptr)
		buf_printf(out, "    notice %.*s\n", TEXT_ARG(t->notice));
}

static void
print_workflow(struct buf *out, const struct workflow *w)
{
	buf_printf(out, "\nWorkflow from %.*s: %.*s; check within %d working days, "
	           "communes heard within %d\n",
	           TEXT_ARG(w->valid_from), TEXT_ARG(w->legal), w->check_days, w->hear_days);
	print_states(out, w);
	buf_str(out, "\nTransitions\n");
	for (size_t i = 0; i < w->transition_count; i++)
		print_transition(out, w, &w->transitions[i]);
}

static void
print_sets(struct buf *out, const struct programme *p)
{
	buf_str(out, "\nCriteria sets (criteria; A + B + C = sum)\n");
	for (size_t i = 0; i < p->set_count; i++) {
		const struct criteria_set *s = &p->sets[i];
		buf_printf(out, "  %-25.*s from %.*s  ", TEXT_ARG(s->label.code), TEXT_ARG(s->valid_from));
		if (s->count)
			buf_printf(out, "%zu; %d + %d + %d = %3d; ", s->count, s->part_max[0], s->part_max[1],
			           s->part_max[2], s->part_max[0] + s->part_max[1] + s->part_max[2]);
		else
			buf_str(out, "no criteria, not scorable; ");
		buf_printf(out, "samples %d; %.*s\n", s->samples, TEXT_ARG(s->label.vi));
	}
}

static void
print_calendar(struct buf *out, const struct calendar *c)
{
	int first, last, month, day, year, working = 0, off = 0, swapped = 0;
	day_split(c->first, &first, &month, &day);
	day_split(c->last, &last, &month, &day);
	buf_str(out, "\nCalendar (days off, worked weekend days, working days)\n");
	for (year = first; year <= last; year++) {
		off = swapped = 0;
		working = calendar_between(c, day_make(year, 1, 1) - 1, day_make(year, 12, 31));
		for (size_t i = 0; i < c->count; i++)
			if (c->days[i].day >= day_make(year, 1, 1) && c->days[i].day <= day_make(year, 12, 31))
				*(c->days[i].work ? &swapped : &off) += 1;
		buf_printf(out, "  %d  %2d  %d  %d\n", year, off, swapped, working);
	}
}

static void
print_labels(struct buf *out, const char *title, const struct label *labels, size_t count)
{
	buf_printf(out, "\n%s\n", title);
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "  %-24.*s %.*s (%.*s)\n", TEXT_ARG(labels[i].code), TEXT_ARG(labels[i].vi),
		           TEXT_ARG(labels[i].en));
}

static void
print_dated(struct buf *out, const struct programme *p)
{
	buf_str(out, "\nUnits\n");
	for (size_t i = 0; i < p->unit_count; i++) {
		const struct unit *u = &p->units[i];
		buf_printf(out, "  %.*s  %.*s", TEXT_ARG(u->label.code), TEXT_ARG(u->label.vi));
		print_day(out, " from ", u->valid_from);
		print_day(out, " until ", u->valid_until);
		buf_byte(out, '\n');
	}
	buf_str(out, "\nRounds\n");
	for (size_t i = 0; i < p->round_count; i++) {
		const struct round *r = &p->rounds[i];
		buf_printf(out, "  %.*s  %.*s", TEXT_ARG(r->label.code), TEXT_ARG(r->label.vi));
		print_day(out, "; intake from ", r->intake_from);
		print_day(out, "; intake until ", r->intake_until);
		print_day(out, "; scoring until ", r->scoring_until);
		print_day(out, "; support until ", r->support_until);
		buf_byte(out, '\n');
	}
	buf_str(out, "\nMilestones\n");
	for (size_t i = 0; i < p->milestone_count; i++) {
		const struct milestone *m = &p->milestones[i];
		buf_printf(out, "  %-12.*s", TEXT_ARG(m->label.code));
		print_day(out, " from ", m->from);
		print_day(out, " until ", m->until);
		buf_printf(out, "  %.*s; %.*s\n", TEXT_ARG(m->label.vi), TEXT_ARG(m->legal));
	}
}

static void
print_documents(struct buf *out, const struct programme *p)
{
	buf_str(out, "\nDocuments\n");
	for (size_t i = 0; i < p->document_count; i++) {
		const struct document_def *d = &p->documents[i];
		buf_printf(out, "  %-24.*s %s%s  %.*s\n", TEXT_ARG(d->label.code),
		           d->mandatory ? "mandatory" : "supporting",
		           d->may_be_not_applicable ? ", may be not-applicable" : "",
		           TEXT_ARG(d->label.vi));
	}
}

static void
print_council(struct buf *out, const struct programme *p)
{
	const struct council *c = &p->council;
	buf_printf(out, "\nCouncil: %zu members, quorum %d/%d%s, spread at most %d; %.*s\n", c->count,
	           c->quorum_num, c->quorum_den, c->chair_needed ? " with the chair" : "",
	           c->spread_max, TEXT_ARG(c->legal));
	for (size_t i = 0; i < c->count; i++)
		buf_printf(out, "  %-24.*s %.*s%s\n", TEXT_ARG(c->members[i].label.code),
		           TEXT_ARG(c->members[i].label.vi), c->members[i].chair ? "; chair" : "");
	buf_str(out, "\nStars (the exact average from)\n");
	for (size_t i = 0; i < p->band_count; i++)
		buf_printf(out, "  %d from %d\n", p->bands[i].stars, (int)p->bands[i].from);
}

void
programme_print(const struct programme *p, struct buf *out)
{
	buf_printf(out, "%.*s: %.*s\n%.*s\n", TEXT_ARG(p->name), TEXT_ARG(p->title_vi),
	           TEXT_ARG(p->title_en));
	buf_printf(out,
	           "source %.*s; numbers %.*s{year}-{number:%d}; certificate %d months, expiring %d "
	           "days before; to the province from %d stars\n",
	           TEXT_ARG(p->source), TEXT_ARG(p->number_prefix), p->number_digits,
	           p->certificate_months, p->expiring_days, p->forward_stars);
	buf_printf(out, "targets %d: %d to %d products at %d stars or more, %d proposal(s) a commune\n",
	           p->target_year, p->target_min, p->target_max, p->target_stars, p->target_proposals);
	for (size_t i = 0; i < p->workflow_count; i++)
		print_workflow(out, &p->workflows[i]);
	print_sets(out, p);
	print_calendar(out, &p->calendar);
	print_dated(out, p);
	print_documents(out, p);
	print_council(out, p);
	print_labels(out, "Kinds of producer", p->producer_kinds, p->producer_kind_count);
	print_labels(out, "Findings", p->findings, p->finding_count);
	print_labels(out, "Support contents", p->contents, p->content_count);
	for (size_t i = 0; i < p->ceiling_count; i++)
		buf_printf(out, "  %.*s: at most %lld đồng\n", TEXT_ARG(p->ceilings[i].content),
		           (long long)p->ceilings[i].amount);
	print_labels(out, "Sources of funds", p->sources, p->source_count);
	buf_printf(out, "\nWarnings\n%.*s", TEXT_ARG(p->warnings.len ? p->warnings : TEXT("none\n")));
}
