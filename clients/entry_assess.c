/* `ocop assess` on a terminal: a member's sheet, criterion by criterion, with running sums. */
#include "clients/entry_form.h"

#include "proto/i18n.h"

#include <stdio.h>
#include <string.h>

enum { PARTS_MAX = 8 };

struct assess {
	struct entry *entry;
	const struct json *set;     /* criteria.get */
	struct question *questions; /* the member, the criteria, the remark */
	int *parts;                 /* of each question; -1: no criterion */
	size_t count;
	struct text part_names[PARTS_MAX];
	int64_t part_max[PARTS_MAX], max;
	size_t part_count;
	struct choices members;
};

/* --- the set ------------------------------------------------------------------------------------- */

static int64_t
number(const struct json *object, const char *name)
{
	int64_t n = 0;
	json_int(json_get(object, name), &n);
	return n;
}

static void
put_case(struct buf *out, const struct json *levels, const char *lead)
{
	buf_printf(out, "%s", lead);
	for (const struct json *l = json_first(levels); l; l = json_next(l)) {
		buf_byte(out, ' ');
		json_write(out, l);
	}
}

/* What one should know of a criterion beside its levels. */
static struct text
guidance(const struct assess *a, const struct json *criterion)
{
	struct buf out = { 0 };
	const struct json *cases = json_get(criterion, "cases");
	buf_printf(&out, _("%s: at most %lld points"), json_text(json_get(criterion, "name")).ptr, (long long)number(criterion, "max"));
	if (json_count(cases)) {
		put_case(&out, json_first(cases), _("; in the one case"));
		put_case(&out, json_next(json_first(cases)), _(", in the other"));
	}
	if (json_bool(json_get(criterion, "needs-story")))
		buf_str(&out, _("; 0 where the product has no story"));
	if (json_bool(json_get(criterion, "stops-at-zero")))
		buf_str(&out, _("; with 0 the product is excluded"));
	for (const struct json *f = json_first(json_get(criterion, "findings")); f; f = json_next(f)) {
		struct text label = entry_label(a->entry, entry_item(a->entry, "findings", json_text(f)));
		buf_printf(&out, _("; the product is excluded where: %.*s"), TEXT_ARG(label));
	}
	buf_printf(&out, "\n    %s", json_text(json_get(a->set, "legal")).ptr);
	struct text t = arena_text(a->entry->arena, buf_view(&out));
	buf_free(&out);
	return t;
}

/* --- questions ----------------------------------------------------------------------------------- */

static struct question *
add(struct assess *a, struct question q, int part)
{
	a->parts[a->count] = part;
	a->questions[a->count] = q;
	return &a->questions[a->count++];
}

static void
add_criteria(struct assess *a, const struct json *section, int part)
{
	struct arena *arena = a->entry->arena;
	struct text heading = arena_printf(arena, "%.*s (%lld) · %s. %s (%lld)", TEXT_ARG(a->part_names[part]),
	                                   (long long)a->part_max[part], json_text(json_get(section, "section")).ptr,
	                                   json_text(json_get(section, "name")).ptr, (long long)number(section, "max"));
	for (const struct json *c = json_first(json_get(section, "criteria")); c; c = json_next(c)) {
		struct text code = json_text(json_get(c, "criterion"));
		add(a, (struct question){
			.kind = ASK_POINTS, .path = arena_printf(arena, "sheet.%s", code.ptr).ptr, .field = params_sheet, .part = -1,
			.label = json_text(json_get(c, "name")), .heading = heading, .help = guidance(a, c), .code = code,
			.levels = json_get(c, "levels"),
		}, part);
	}
}

static size_t
criteria_count(const struct json *set)
{
	size_t n = 0;
	for (const struct json *p = json_first(json_get(set, "parts")); p; p = json_next(p))
		for (const struct json *s = json_first(json_get(p, "sections")); s; s = json_next(s))
			n += json_count(json_get(s, "criteria"));
	return n;
}

static void
add_member(struct assess *a)
{
	struct entry *e = a->entry;
	const struct buf *given = &e->args->values[params_member];
	const struct json *list = json_get(json_get(e->workflow, "council"), "members");
	struct choice *items = arena_array(e->arena, json_count(list) + 1, sizeof *items);
	for (const struct json *m = json_first(list); m; m = json_next(m))
		items[a->members.count++] = entry_choice(e, m);
	a->members.items = items;
	struct question *q = add(a, (struct question){
		.kind = ASK_CHOICE, .path = "member", .field = params_member, .part = -1, .label = text_of(_("Whose sheet is it?")),
		.preset_label = text_of(_("my own")), .optional = true, .choices = &a->members,
		.help = text_of(_("a member leaves it out; the secretary names the seat")),
	}, -1);
	if (given->len) {
		/* The value is a JSON string, as it would be sent. */
		q->answer = json_text(json_parse(arena_text(e->arena, buf_view(given)), e->arena, NULL));
		q->answered = true;
	}
}

static void
add_questions(struct assess *a)
{
	size_t room = criteria_count(a->set) + 2;
	a->questions = arena_array(a->entry->arena, room, sizeof *a->questions);
	a->parts = arena_array(a->entry->arena, room, sizeof *a->parts);
	a->max = number(a->set, "max");
	add_member(a);
	for (const struct json *p = json_first(json_get(a->set, "parts")); p && a->part_count < PARTS_MAX; p = json_next(p)) {
		int part = (int)a->part_count++;
		a->part_names[part] = json_text(json_get(p, "part"));
		a->part_max[part] = number(p, "max");
		for (const struct json *s = json_first(json_get(p, "sections")); s; s = json_next(s))
			add_criteria(a, s, part);
	}
	add(a, (struct question){
		.kind = ASK_LINE, .path = "comment", .field = params_comment, .part = -1, .label = text_of(_("Remark")), .optional = true,
	}, -1);
}

/* An earlier sheet of the member stands in the brackets. Who sees one alone sees the own. */
static void
preset(struct assess *a)
{
	const struct json *sheets = json_get(a->entry->dossier, "sheets"), *sheet = json_first(sheets);
	struct text member = a->questions[0].answer;
	while (sheet && member.len && !text_equal(json_text(json_get(sheet, "member")), member))
		sheet = json_next(sheet);
	if (!sheet || (!member.len && json_count(sheets) > 1))
		return;
	for (size_t i = 1; i < a->count; i++) {
		struct question *q = &a->questions[i];
		int64_t points;
		if (q->kind == ASK_LINE)
			q->preset = json_text(json_get(sheet, "comment"));
		else if (json_int(json_get(json_get(sheet, "sheet"), q->code.ptr), &points))
			q->preset = arena_printf(a->entry->arena, "%lld", (long long)points);
	}
	prompt_say(a->entry->prompt, "%s\n", _("There is a sheet of this member already: its points stand in the brackets."));
}

/* --- sums ---------------------------------------------------------------------------------------- */

/* The points given so far; of all parts with -1. */
static int64_t
sum(const struct assess *a, int part)
{
	int64_t total = 0;
	for (size_t i = 0; i < a->count; i++) {
		long long points;
		bool counts = a->parts[i] >= 0 && (part < 0 || a->parts[i] == part) && a->questions[i].answered;
		if (counts && sscanf(a->questions[i].answer.ptr, "%lld", &points) == 1)
			total += points;
	}
	return total;
}

static struct text
lead(struct form *f, size_t at)
{
	const struct assess *a = f->context;
	int part = a->parts[at];
	if (part < 0)
		return TEXT("");
	return arena_printf(f->entry->arena, "[%.*s %lld/%lld, %lld/%lld] ", TEXT_ARG(a->part_names[part]), (long long)sum(a, part),
	                    (long long)a->part_max[part], (long long)sum(a, -1), (long long)a->max);
}

static void
summary(struct form *f)
{
	const struct assess *a = f->context;
	struct prompt *p = f->entry->prompt;
	struct text heading = ABSENT;
	for (size_t i = 0; i < a->count; i++) {
		const struct question *q = &a->questions[i];
		if (a->parts[i] < 0)
			continue;
		if (!text_equal(q->heading, heading))
			prompt_say(p, "\n%.*s\n   ", TEXT_ARG(q->heading));
		heading = q->heading;
		prompt_say(p, " %.*s=%.*s", TEXT_ARG(q->code), TEXT_ARG(q->answer));
	}
	prompt_say(p, "\n\n");
	for (int part = 0; part < (int)a->part_count; part++)
		prompt_say(p, "  %.*s %lld/%lld", TEXT_ARG(a->part_names[part]), (long long)sum(a, part), (long long)a->part_max[part]);
	prompt_say(p, "  %s %lld/%lld\n", _("total"), (long long)sum(a, -1), (long long)a->max);
}

/* --- the sheet ----------------------------------------------------------------------------------- */

static int
load_set(struct assess *a)
{
	struct entry *e = a->entry;
	struct buf params = { 0 };
	buf_str(&params, "{\"dossier\":");
	json_write_string(&params, json_text(json_get(e->dossier, "dossier")));
	buf_byte(&params, '}');
	int result = ask_query(&e->asker, "criteria.get", buf_view(&params), &a->set);
	buf_free(&params);
	if (!result && !criteria_count(a->set)) {
		prompt_say(e->prompt, _("ocop: there are no criteria for this product group yet: %s\n"), entry_label(e, a->set).ptr);
		result = 1;
	}
	return result;
}

int
assess_ask(struct entry *e)
{
	struct assess a = { .entry = e };
	int result = load_set(&a);
	if (result)
		return result;
	struct form f = { .entry = e, .lead = lead, .summary = summary, .context = &a };
	struct text draft, number_text = json_text(json_get(e->dossier, "dossier"));
	add_questions(&a);
	f.items = a.questions;
	f.count = a.count;
	prompt_say(e->prompt, "%s: %s · %s\n", number_text.ptr, json_text(json_get(json_get(e->dossier, "product"), "name")).ptr,
	           entry_label(e, a.set).ptr);
	if (!a.questions[0].answered && !form_ask(&f, 0))
		return ENTRY_ENDED;
	struct text member = a.questions[0].answer;
	const char *name = arena_printf(e->arena, "assess-%s%s%.*s", number_text.ptr, member.len ? "-" : "", TEXT_ARG(member)).ptr;
	if (!entry_draft(e, name, "json", &draft))
		return ENTRY_ENDED;
	preset(&a);
	return form_run(&f, draft.len ? form_load(&f, draft) : 1);
}
