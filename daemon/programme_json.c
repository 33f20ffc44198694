/* The programme for clients as JSON: the workflow in force with the lists they choose from, a criteria set. */
#include "daemon/programme_load.h"

/* A comma where something stands before in the same object or array. */
static void
separate(struct buf *out)
{
	if (out->len && out->ptr[out->len - 1] != '{' && out->ptr[out->len - 1] != '[')
		buf_byte(out, ',');
}

static void
write_name(struct buf *out, const char *name)
{
	separate(out);
	json_write_string(out, text_of(name));
	buf_byte(out, ':');
}

static void
write_text(struct buf *out, const char *name, struct text value)
{
	if (!value.ptr)
		return;
	write_name(out, name);
	json_write_string(out, value);
}

static void
write_int(struct buf *out, const char *name, int64_t value)
{
	write_name(out, name);
	json_write_int(out, value);
}

static void
write_bool(struct buf *out, const char *name, bool value)
{
	write_name(out, name);
	buf_str(out, value ? "true" : "false");
}

static void
write_day(struct buf *out, const char *name, int64_t day)
{
	char text[DAY_LEN + 1];
	if (day == NONE)
		return;
	day_print(day, text);
	write_text(out, name, text_of(text));
}

static void
open_list(struct buf *out, const char *name)
{
	write_name(out, name);
	buf_byte(out, '[');
}

static void
open_item(struct buf *out)
{
	separate(out);
	buf_byte(out, '{');
}

static void
write_label(struct buf *out, const char *name, const struct label *label)
{
	write_text(out, name, label->code);
	write_text(out, "vi", label->vi);
	write_text(out, "en", label->en);
}

static void
write_word(struct buf *out, struct text word)
{
	separate(out);
	json_write_string(out, word);
}

static void
write_fields(struct buf *out, const char *name, uint64_t fields)
{
	open_list(out, name);
	for (unsigned i = 0; i < params_COUNT; i++)
		if (fields >> i & 1)
			write_word(out, text_of(params_shape.fields[i].name));
	buf_byte(out, ']');
}

static void
write_states(struct buf *out, const struct workflow *w)
{
	open_list(out, "states");
	for (size_t i = 0; i < w->state_count; i++) {
		const struct state *s = &w->states[i];
		open_item(out);
		write_label(out, "state", &s->label);
		write_bool(out, "final", s->final);
		open_list(out, "closed");
		for (size_t k = 0; k < CLOSED_COUNT; k++)
			if (s->closed >> k & 1)
				write_word(out, text_of(closed_words[k]));
		buf_byte(out, ']');
		if (s->clock != DEADLINE_NONE)
			write_text(out, "clock", text_of(deadline_words[s->clock]));
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

static void
write_transition(struct buf *out, const struct workflow *w, const struct transition *t)
{
	open_item(out);
	write_text(out, "method", t->method);
	write_text(out, "event", t->event);
	write_text(out, "vi", t->label.vi);
	write_text(out, "en", t->label.en);
	open_list(out, "moves");
	for (size_t i = 0; i < t->move_count; i++) {
		struct move m = t->moves[i];
		open_item(out);
		write_text(out, "from", m.from == STATE_NONE ? TEXT("none") : w->states[m.from].label.code);
		write_text(out, "to", w->states[m.to].label.code);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
	open_list(out, "roles");
	for (int i = 0; i < ROLE_COUNT; i++)
		if (t->roles >> i & 1)
			write_word(out, text_of(role_word((enum role)i)));
	buf_byte(out, ']');
	write_fields(out, "needs", t->needs);
	write_fields(out, "takes", t->takes);
	open_list(out, "guards");
	for (size_t i = 0; i < t->guard_count; i++)
		write_word(out, text_of(guard_name(t->guards[i])));
	buf_byte(out, ']');
	if (t->deadline != DEADLINE_NONE)
		write_text(out, "deadline", text_of(deadline_words[t->deadline]));
	write_text(out, "legal", t->legal);
	write_text(out, "notice", t->notice);
	buf_byte(out, '}');
}

static void
write_labels(struct buf *out, const char *name, const struct label *labels, size_t count)
{
	open_list(out, name);
	for (size_t i = 0; i < count; i++) {
		open_item(out);
		write_label(out, "code", &labels[i]);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

/* Of a group with several versions the last one, which new dossiers get. */
static void
write_groups(struct buf *out, const struct programme *p)
{
	open_list(out, "groups");
	for (size_t i = 0; i < p->set_count; i++) {
		const struct criteria_set *s = &p->sets[i];
		if (i + 1 < p->set_count && text_equal(s[1].label.code, s->label.code))
			continue;
		open_item(out);
		write_label(out, "code", &s->label);
		write_text(out, "sector", s->sector);
		write_text(out, "valid-from", s->valid_from);
		write_bool(out, "scorable", s->count > 0);
		write_int(out, "samples", s->samples);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

static void
write_communes(struct buf *out, const struct programme *p)
{
	open_list(out, "communes");
	for (size_t i = 0; i < p->unit_count; i++) {
		const struct unit *u = &p->units[i];
		open_item(out);
		write_label(out, "code", &u->label);
		write_text(out, "kind", u->kind);
		write_day(out, "valid-from", u->valid_from);
		write_day(out, "valid-until", u->valid_until);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

static void
write_documents(struct buf *out, const struct programme *p)
{
	open_list(out, "documents");
	for (size_t i = 0; i < p->document_count; i++) {
		const struct document_def *d = &p->documents[i];
		open_item(out);
		write_label(out, "code", &d->label);
		write_bool(out, "mandatory", d->mandatory);
		write_bool(out, "may-be-not-applicable", d->may_be_not_applicable);
		write_text(out, "note", d->note);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

static void
write_rounds(struct buf *out, const struct programme *p)
{
	open_list(out, "rounds");
	for (size_t i = 0; i < p->round_count; i++) {
		const struct round *r = &p->rounds[i];
		open_item(out);
		write_label(out, "code", &r->label);
		write_day(out, "intake-from", r->intake_from);
		write_day(out, "intake-until", r->intake_until);
		write_day(out, "scoring-until", r->scoring_until);
		write_day(out, "support-until", r->support_until);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

static void
write_council(struct buf *out, const struct programme *p)
{
	const struct council *c = &p->council;
	write_name(out, "council");
	buf_byte(out, '{');
	write_text(out, "legal", c->legal);
	write_name(out, "quorum");
	buf_printf(out, "\"%d/%d\"", c->quorum_num, c->quorum_den);
	write_bool(out, "chair-needed", c->chair_needed);
	write_int(out, "spread-max", c->spread_max);
	open_list(out, "members");
	for (size_t i = 0; i < c->count; i++) {
		open_item(out);
		write_label(out, "code", &c->members[i].label);
		write_bool(out, "chair", c->members[i].chair);
		buf_byte(out, '}');
	}
	buf_str(out, "]}");
	open_list(out, "bands");
	for (size_t i = 0; i < p->band_count; i++) {
		open_item(out);
		write_int(out, "stars", p->bands[i].stars);
		write_int(out, "from", p->bands[i].from);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

void
programme_workflow_json(const struct programme *p, struct buf *out)
{
	const struct workflow *w = programme_workflow(p, (struct text){ 0 });
	/* Not separate(): what stands in the buffer before is the caller's. */
	buf_byte(out, '{');
	write_text(out, "programme", p->name);
	write_text(out, "valid-from", w->valid_from);
	write_text(out, "legal", w->legal);
	write_states(out, w);
	open_list(out, "transitions");
	for (size_t i = 0; i < w->transition_count; i++)
		write_transition(out, w, &w->transitions[i]);
	buf_byte(out, ']');
	write_name(out, "deadlines");
	buf_byte(out, '{');
	write_int(out, "check-working-days", w->check_days);
	write_int(out, "hear-working-days", w->hear_days);
	write_int(out, "certificate-months", p->certificate_months);
	write_int(out, "expiring-days", p->expiring_days);
	buf_byte(out, '}');
	write_int(out, "forward-stars", p->forward_stars);
	write_groups(out, p);
	write_communes(out, p);
	write_documents(out, p);
	write_labels(out, "kinds", p->producer_kinds, p->producer_kind_count);
	write_labels(out, "findings", p->findings, p->finding_count);
	write_labels(out, "contents", p->contents, p->content_count);
	write_labels(out, "sources", p->sources, p->source_count);
	write_rounds(out, p);
	write_council(out, p);
	buf_byte(out, '}');
}

/* --- a criteria set ------------------------------------------------------------------------------ */

static void
write_levels(struct buf *out, const int *levels, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		separate(out);
		json_write_int(out, levels[i]);
	}
	buf_byte(out, ']');
}

static void
write_criterion(struct buf *out, const struct criterion *k)
{
	open_item(out);
	write_text(out, "criterion", k->code);
	write_text(out, "name", k->name);
	write_int(out, "max", k->levels[k->level_count - 1]);
	open_list(out, "levels");
	write_levels(out, k->levels, k->level_count);
	if (k->case_count) {
		open_list(out, "cases");
		for (size_t i = 0; i < k->case_count; i++) {
			separate(out);
			buf_byte(out, '[');
			write_levels(out, k->cases[i].levels, k->cases[i].count);
		}
		buf_byte(out, ']');
	}
	write_bool(out, "needs-story", k->rules & RULE_STORY);
	write_bool(out, "stops-at-zero", k->rules & RULE_ZERO);
	open_list(out, "findings");
	for (size_t i = 0; i < k->finding_count; i++)
		write_word(out, k->findings[i]);
	buf_str(out, "]}");
}

static void
write_sections(struct buf *out, const struct criteria_set *set, int part)
{
	open_list(out, "sections");
	for (size_t i = 0; i < set->section_count; i++) {
		const struct section *s = &set->sections[i];
		if (s->part != part)
			continue;
		open_item(out);
		write_text(out, "section", s->code);
		write_text(out, "name", s->name);
		write_int(out, "max", s->max);
		open_list(out, "criteria");
		for (size_t c = s->first; c < s->first + s->count; c++)
			write_criterion(out, &set->criteria[c]);
		buf_str(out, "]}");
	}
	buf_byte(out, ']');
}

void
criteria_set_json(const struct criteria_set *set, struct buf *out)
{
	buf_byte(out, '{');
	write_label(out, "group", &set->label);
	write_text(out, "sector", set->sector);
	write_text(out, "valid-from", set->valid_from);
	write_text(out, "legal", set->legal);
	write_text(out, "source", set->source);
	write_int(out, "samples", set->samples);
	write_bool(out, "scorable", set->count > 0);
	write_int(out, "max", set->part_max[0] + set->part_max[1] + set->part_max[2]);
	open_list(out, "parts");
	for (int part = 0; set->count && part < (int)countof(set->part_max); part++) {
		open_item(out);
		write_text(out, "part", (struct text){ &"ABC"[part], 1 });
		write_int(out, "max", set->part_max[part]);
		write_sections(out, set, part);
		buf_byte(out, '}');
	}
	buf_str(out, "]}");
}
