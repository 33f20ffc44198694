/* `ocop submit` on a terminal: the dossier, question by question. */
#include "clients/entry_form.h"

#include "clients/cells.h"
#include "proto/i18n.h"

#include <string.h>

enum { QUESTIONS_MAX = 24 };

struct submit {
	struct entry *entry;
	struct question questions[QUESTIONS_MAX];
	size_t count;
	struct choices groups, communes, kinds, documents, rounds, occasions;
};

/* --- lists --------------------------------------------------------------------------------------- */

/* Is the item in force today? Without dates it is. */
static bool
in_force(const struct entry *e, const struct json *item)
{
	int64_t from, until;
	bool begun = !day_parse(json_text(json_get(item, "valid-from")), &from) || from <= e->today;
	bool ended = day_parse(json_text(json_get(item, "valid-until")), &until) && until < e->today;
	return begun && !ended;
}

static struct choices
list_of(struct entry *e, const char *name)
{
	const struct json *list = json_get(e->workflow, name);
	struct choice *items = arena_array(e->arena, json_count(list) + 1, sizeof *items);
	struct choices choices = { .items = items };
	for (const struct json *item = json_first(list); item; item = json_next(item)) {
		struct choice c = entry_choice(e, item);
		const struct json *scorable = json_get(item, "scorable");
		bool twice = false;
		for (size_t i = 0; i < choices.count; i++)
			twice |= text_equal(items[i].code, c.code);
		if (twice || !in_force(e, item))
			continue;
		if (json_bool(json_get(item, "mandatory")))
			c.note = text_of(_("(mandatory)"));
		else if (scorable && !json_bool(scorable))
			c.note = text_of(_("(not scorable yet)"));
		items[choices.count++] = c;
	}
	return choices;
}

static struct choices
occasions(struct arena *arena)
{
	static const struct { const char *code, *label; } rows[] = {
		{ "first", N_("first assessment") }, { "upgrade", N_("upgrade to more stars") }, { "renewal", N_("renewal of the certificate") },
	};
	struct choice *items = arena_array(arena, countof(rows), sizeof *items);
	for (size_t i = 0; i < countof(rows); i++)
		items[i] = (struct choice){ .code = text_of(rows[i].code), .label = text_of(_(rows[i].label)) };
	return (struct choices){ items, countof(rows) };
}

/* --- questions ----------------------------------------------------------------------------------- */

static struct question *
add(struct submit *s, enum question_kind kind, const char *path, unsigned field, int part, const char *label)
{
	struct question *q = &s->questions[s->count++];
	*q = (struct question){ .kind = kind, .path = path, .field = field, .part = part, .label = text_of(label) };
	return q;
}

static struct question *
add_choice(struct submit *s, const char *path, unsigned field, int part, const char *label, const struct choices *choices)
{
	struct question *q = add(s, ASK_CHOICE, path, field, part, label);
	q->choices = choices;
	return q;
}

static void
add_product(struct submit *s)
{
	add(s, ASK_LINE, "product.name", params_product, product_name, _("Product"));
	add_choice(s, "product.group", params_product, product_group, _("Product group"), &s->groups)->help =
		text_of(_("its number, or a part of its name; diacritics do not matter; the tabulator completes"));
	add(s, ASK_LINE, "producer.name", params_producer, producer_name, _("Producer"));
	add_choice(s, "producer.kind", params_producer, producer_kind, _("Kind of producer"), &s->kinds);
	add(s, ASK_LINE, "producer.phone", params_producer, producer_phone, _("Telephone"))->optional = true;
	add(s, ASK_LINE, "producer.email", params_producer, producer_email, _("E-mail"))->optional = true;
	add(s, ASK_LINE, "producer.address", params_producer, producer_address, _("Address"))->optional = true;
	add_choice(s, "commune", params_commune, -1, _("Commune"), &s->communes);
}

static void
add_documents(struct submit *s)
{
	static const struct { const char *path, *status, *label; } sets[] = {
		{ "documents.present", "present", N_("Documents handed in and in order") },
		{ "documents.invalid", "invalid", N_("Handed in, but not in order") },
		{ "documents.not-applicable", "not-applicable", N_("Not applicable to this producer or product") },
	};
	for (size_t i = 0; i < countof(sets); i++) {
		struct question *q = add(s, ASK_SET, sets[i].path, params_documents, -1, _(sets[i].label));
		q->choices = &s->documents;
		q->status = sets[i].status;
		q->optional = true;
		q->preset_label = text_of(_("none; or numbers: 1 3 5-7"));
		q->help = text_of(_("numbers, ranges and parts of names, separated by blanks; what is mandatory and not named is noted as missing"));
	}
}

/* The samples that the group asks for, once the group is known. */
static struct text
samples_of(struct entry *e, struct text group)
{
	int64_t samples;
	if (!json_int(json_get(entry_item(e, "groups", group), "samples"), &samples))
		return ABSENT;
	return arena_printf(e->arena, "%lld", (long long)samples);
}

static void
add_intake(struct submit *s)
{
	struct entry *e = s->entry;
	int y, m, d;
	day_split(e->today, &y, &m, &d);
	add(s, ASK_LINE, "samples", params_samples, -1, _("Samples handed in"))->preset =
		samples_of(e, json_text(json_get(json_get(e->dossier, "product"), "group")));
	add(s, ASK_LINE, "received", params_received, -1, _("Received on"))->preset =
		arena_printf(e->arena, "%02d/%02d/%04d", d, m, y);
	struct question *q = add_choice(s, "round", params_round, -1, _("Round"), &s->rounds);
	q->optional = true;
	q->preset_label = text_of(_("by the day of receipt"));
	q = add_choice(s, "kind", params_kind, -1, _("Occasion"), &s->occasions);
	q->preset = TEXT("first");
	q = add(s, ASK_LINE, "previous", params_previous, -1, _("The product's dossier of an earlier round"));
	q->optional = true;
	add(s, ASK_LINE, "note", params_note, -1, _("Remark"))->optional = true;
}

/* --- the form ------------------------------------------------------------------------------------ */

static struct question *
question(struct submit *s, const char *path)
{
	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->questions[i].path, path))
			return &s->questions[i];
	return NULL;
}

static struct text
lead(struct form *f, size_t at)
{
	return arena_printf(f->entry->arena, "%zu/%zu ", at + 1, f->count);
}

static void
update(struct form *f)
{
	struct submit *s = f->context;
	const struct question *group = question(s, "product.group"), *kind = question(s, "kind");
	if (group && group->answered)
		question(s, "samples")->preset = samples_of(s->entry, group->answer);
	question(s, "previous")->skipped = !kind->answered || text_is(kind->answer, "first");
}

/* A document is in one set at most. */
static const char *
check(struct form *f, size_t at, struct text answer)
{
	struct text word;
	while (f->items[at].kind == ASK_SET && text_next(&answer, ' ', &word))
		for (size_t i = 0; i < f->count; i++) {
			struct text other, rest = f->items[i].answer;
			while (i != at && f->items[i].kind == ASK_SET && text_next(&rest, ' ', &other))
				if (text_equal(word, other))
					return arena_printf(f->entry->arena, _("%.*s is in another list already (< goes back to it)"),
					                    TEXT_ARG(word)).ptr;
		}
	return NULL;
}

static bool
named(const struct submit *s, struct text code)
{
	for (size_t i = 0; i < s->count; i++) {
		struct text word, rest = s->questions[i].answer;
		while (s->questions[i].kind == ASK_SET && text_next(&rest, ' ', &word))
			if (text_equal(word, code))
				return true;
	}
	return false;
}

/* The mandatory documents that no answer named are missing. */
static void
fill(struct form *f)
{
	const struct submit *s = f->context;
	struct buf why = { 0 };
	for (const struct json *d = json_first(json_get(f->entry->workflow, "documents")); d; d = json_next(d)) {
		struct text code = json_text(json_get(d, "code"));
		if (json_bool(json_get(d, "mandatory")) && !named(s, code))
			args_set(f->entry->args, params_documents, -1, arena_printf(f->entry->arena, "%.*s=missing", TEXT_ARG(code)), &why);
	}
	buf_free(&why);
}

static void
summary(struct form *f)
{
	const struct submit *s = f->context;
	form_summary(f);
	for (const struct json *d = json_first(json_get(f->entry->workflow, "documents")); d; d = json_next(d))
		if (json_bool(json_get(d, "mandatory")) && !named(s, json_text(json_get(d, "code"))))
			prompt_say(f->entry->prompt, _("       missing: %s\n"), entry_label(f->entry, d).ptr);
}

int
submit_ask(struct entry *e)
{
	struct text number = json_text(json_get(e->dossier, "dossier")), draft;
	struct submit s = {
		.entry = e, .groups = list_of(e, "groups"), .communes = list_of(e, "communes"), .kinds = list_of(e, "kinds"),
		.documents = list_of(e, "documents"), .rounds = list_of(e, "rounds"), .occasions = occasions(e->arena),
	};
	struct form f = { .entry = e, .items = s.questions, .lead = lead, .check = check, .summary = summary, .update = update, .fill = fill, .context = &s };
	/* What was proposed is known. */
	if (!e->dossier)
		add_product(&s);
	else
		prompt_say(e->prompt, "%s: %s (%s)\n", number.ptr, json_text(json_get(json_get(e->dossier, "product"), "name")).ptr,
		           json_text(json_get(json_get(e->dossier, "producer"), "name")).ptr);
	add_documents(&s);
	add_intake(&s);
	f.count = s.count;
	update(&f);
	const char *name = number.len ? arena_printf(e->arena, "submit-%s", number.ptr).ptr : "submit";
	if (!entry_draft(e, name, "json", &draft))
		return ENTRY_ENDED;
	return form_run(&f, draft.len ? form_load(&f, draft) : 0);
}
