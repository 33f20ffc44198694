/* A dossier under the shipped workflow, asked by people and told in steps; and what always holds. */
#ifndef TESTS_WORKFLOW_WORLD_H
#define TESTS_WORKFLOW_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/workflow.h"

static struct programme *programme;
static struct workflow *workflow;
static struct arena *arena;

/* One dossier, and the last thing asked of it. */
struct world {
	struct dossier d, previous;
	bool known, has_previous, taken;
	struct change change;
	struct refusal refusal;
};

static const struct { const char *name; unsigned roles; const char *commune, *member; } actors[] = {
	{ "officer", ROLE(OFFICER), NULL, NULL },
	{ "secretary", ROLE(SECRETARY), NULL, NULL },
	{ "health", ROLE(COUNCIL), NULL, "health" },
	{ "chair", ROLE(COUNCIL), NULL, "chair" },
	{ "finance", ROLE(FINANCE), NULL, NULL },
	{ "ea-tam", ROLE(COMMUNE), "24352", NULL },
	{ "ea-toh", ROLE(COMMUNE), "24349", NULL },
	{ "steering", ROLE(STEERING), NULL, NULL },
	{ "admin", ROLE(ADMIN), NULL, NULL },
};

#define COFFEE   "'product':{'name':'Cà phê bột','group':'coffee-cocoa'}"
#define WHO      "'producer':{'name':'HTX Ea Tam','kind':'cooperative'},'commune':'24352'"
#define WATER    "'product':{'name':'Nước tinh khiết','group':'water'}"
#define PAPERS   "'documents':[{'code':'registration','status':'present'},{'code':'business-plan','status':'present'}," \
	"{'code':'organisation','status':'present'},{'code':'business-registration','status':'not-applicable'}]"
#define INTAKE   PAPERS ",'samples':5"
#define SUBMIT   COFFEE "," WHO "," INTAKE
#define ITEM(content, amount) "{'content':'" content "','amount':" amount ",'decision':'QĐ 9','source':'mtqg-2020'}"

/* --- what a step says ---------------------------------------------------------------------------- */

/* Takes the highest level that is left in `total`; criteria that stop at 0 first. */
static inline int64_t
sheet_fill(const struct criteria_set *set, bool zero_rule, int64_t left, int64_t *points)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct criterion *c = &set->criteria[i];

		if (((c->rules & RULE_ZERO) != 0) != zero_rule)
			continue;
		for (size_t k = 0; k < c->level_count; k++)
			if (c->levels[k] <= left)
				points[i] = c->levels[k];
		left -= points[i];
	}
	return left;
}

/* "@62!c7=4!c8-!zz=1": a sheet of 62 points, then with 4 at c7, without c8, with a criterion zz. */
static inline const char *
sheet_print(const char *in, const char *group, struct buf *out)
{
	const struct criteria_set *set = programme_set(programme, text_of(group), 0, (struct text){ NULL, 0 });
	int64_t *points = arena_array(arena, set->count, sizeof *points);
	char *end;
	int64_t left = sheet_fill(set, true, strtol(in + 1, &end, 10), points);
	struct text changes[8][2] = { { { NULL, 0 } } };
	size_t count = 0;

	if (sheet_fill(set, false, left, points) != 0)
		fail_msg("no sheet of %s in %s", in, group);
	for (; *end == '!' && count < countof(changes); count++) {
		size_t name = strcspn(end + 1, "=-"), value = strcspn(end + 1 + name, "!}, ");

		changes[count][0] = (struct text){ end + 1, name };
		changes[count][1] = (struct text){ end + 2 + name, value - 1 };
		end += 1 + name + value;
	}
	buf_byte(out, '{');
	for (size_t i = 0; i < set->count; i++) {
		bool changed = false;

		for (size_t k = 0; k < count; k++)
			changed |= text_equal(changes[k][0], set->criteria[i].code);
		if (!changed)
			buf_printf(out, "\"%.*s\":%lld,", TEXT_ARG(set->criteria[i].code), (long long)points[i]);
	}
	for (size_t k = 0; k < count; k++)
		if (changes[k][1].len > 0)
			buf_printf(out, "\"%.*s\":%.*s,", TEXT_ARG(changes[k][0]), TEXT_ARG(changes[k][1]));
	out->ptr[out->len - 1] = '}';
	return end;
}

/* ' stands for ", @62 for a sheet of the dossier's group. */
static inline struct params
params_of(const struct world *w, const struct transition *t, const char *json)
{
	uint64_t takes = t->takes | t->needs | FIELD(params, key) | FIELD(params, version) | FIELD(params, lang);
	struct text group = w->known ? w->d.product->group : TEXT("coffee-cocoa");
	struct buf text = { .len = 0 };
	struct refusal r = { .error = OK };
	struct params p;

	buf_byte(&text, '{');
	for (const char *c = json ? json : ""; *c;) {
		if (*c == '@' && c[1] >= '0' && c[1] <= '9')
			c = sheet_print(c, arena_text(arena, group).ptr, &text);
		else
			buf_byte(&text, (unsigned char)(*c == '\'' ? '"' : *c)), c++;
	}
	buf_byte(&text, '}');
	const struct json *parsed = json_parse(buf_view(&text), arena, NULL);

	assert_non_null(parsed);
	if (codec_decode(&params_shape, parsed, takes, 0, arena, &p, &r) != OK)
		fail_msg("%s: %s", json, text.ptr);
	buf_free(&text);
	return p;
}

static inline struct actor
actor_of(const char *name)
{
	for (size_t i = 0; i < countof(actors); i++)
		if (strcmp(actors[i].name, name) == 0)
			return (struct actor){ text_of(name), actors[i].roles, text_of(actors[i].commune), text_of(actors[i].member) };
	fail_msg("no actor %s", name);
	return (struct actor){ .roles = 0 };
}

static inline int64_t
moment(const char *z)
{
	int64_t day;

	if (!day_parse(text_of(z), &day))
		fail_msg("%s is no day", z);
	return day_start(day) + DAY_MS / 2;
}

/* --- what holds whatever is asked ----------------------------------------------------------------- */

static inline struct text
packed(const struct shape *shape, const void *structure)
{
	struct buf bytes = { .len = 0 };

	codec_pack(&bytes, shape, structure, ALL_FIELDS);
	struct text copy = arena_text(arena, buf_view(&bytes));
	buf_free(&bytes);
	return copy;
}

/* The change as the journal gives it back. */
static inline struct change
change_read(const struct change *c)
{
	struct buf json = { .len = 0 };
	struct change again;
	struct refusal r = { .error = OK };

	codec_print(&json, &change_shape, c, ALL_FIELDS);
	const struct json *parsed = json_parse(buf_view(&json), arena, NULL);

	assert_non_null(parsed);
	if (codec_decode(&change_shape, parsed, ALL_FIELDS, 0, arena, &again, &r) != OK)
		fail_msg("an event that can't be read again: %.*s", TEXT_ARG(buf_view(&json)));
	buf_free(&json);
	assert_true(text_equal(packed(&change_shape, c), packed(&change_shape, &again)));
	return again;
}

static inline void
check_record(const struct dossier *d)
{
	const struct sheet *s = d->sheets.items;
	int64_t sum = 0, low = INT64_MAX, high = 0;
	struct dossier unpacked;

	assert_int_equal(d->due != NONE, text_is(d->state, "submitted"));
	assert_true(d->overdue == NONE || (d->overdue == 1 && d->due != NONE));
	for (size_t i = 0; i < d->sheets.count; i++) {
		const struct point *p = s[i].sheet.items;
		int64_t parts[3] = { 0, 0, 0 };

		for (size_t k = 0; k < s[i].sheet.count; k++)
			parts[p[k].criterion.ptr[0] - 'a'] += p[k].points;
		assert_true(parts[0] == s[i].a && parts[1] == s[i].b && parts[2] == s[i].c);
		assert_int_equal(s[i].total, parts[0] + parts[1] + parts[2]);
		sum += s[i].total;
		low = s[i].total < low ? s[i].total : low;
		high = s[i].total > high ? s[i].total : high;
	}
	if (d->score) {
		int64_t n = d->score->count;
		int64_t stars = sum >= 90 * n ? 5 : sum >= 70 * n ? 4 : sum >= 50 * n ? 3 : sum >= 30 * n ? 2 : 1;

		assert_true(d->score->sum == sum && n == (int64_t)d->sheets.count && n >= 6 && high - low <= 10);
		assert_int_equal(d->score->stars, stars);
		assert_true(d->score->points * n <= sum * 100 && sum * 100 < (d->score->points + 1) * n);
	}
	assert_true(!d->forwarded || d->score->stars >= 3);
	assert_true(!d->province || d->forwarded);
	assert_true(!d->support.count || d->province->stars >= 3);
	assert_true(codec_unpack(&dossier_shape, packed(&dossier_shape, d), arena, &unpacked));
	assert_true(text_equal(packed(&dossier_shape, d), packed(&dossier_shape, &unpacked)));
}

static inline void
happen(struct world *w, struct text type, int64_t now)
{
	struct dossier before, again;
	struct change read;

	if (!w->known)
		shape_init(&dossier_shape, &w->d);
	before = again = w->d;
	struct text bytes = packed(&dossier_shape, &before);

	w->change.dossier = TEXT("KN-2020-0001");
	w->change.version = w->known ? w->d.version + 1 : 1;
	workflow_apply(&w->d, &w->change, type, now, 100 + w->change.version, arena);
	/* The record before is whole still, and the journal's own words give the same one after. */
	assert_true(text_equal(bytes, packed(&dossier_shape, &before)));
	read = change_read(&w->change);
	workflow_apply(&again, &read, type, now, 100 + w->change.version, arena);
	assert_true(text_equal(packed(&dossier_shape, &w->d), packed(&dossier_shape, &again)));
	w->known = true;
	check_record(&w->d);
}

static inline int
act(struct world *w, const char *who, const char *when, const char *method, const char *json)
{
	const struct transition *t = workflow_transition(workflow, arena_printf(arena, "dossier.%s", method));
	struct actor actor = actor_of(who);
	struct change twice, untouched;
	struct refusal ignored = { .error = OK };

	if (!t)
		fail_msg("no method %s", method);
	struct params p = params_of(w, t, json);
	struct command command = {
		.transition = t, .params = &p, .actor = &actor, .now_ms = moment(when),
		.previous = w->has_previous ? &w->previous : NULL, .previous_taken = w->taken,
	};
	struct text before = w->known ? packed(&dossier_shape, &w->d) : TEXT("");
	const struct dossier *d = w->known ? &w->d : NULL;

	memset(&untouched, 0xa5, sizeof untouched);
	w->change = untouched;
	w->refusal = (struct refusal){ .error = OK };
	int result = workflow_decide(programme, workflow, d, &command, arena, &w->change, &w->refusal);

	assert_true(!d || text_equal(before, packed(&dossier_shape, d)));
	assert_int_equal(w->refusal.error, result);
	assert_int_equal(workflow_decide(programme, workflow, d, &command, arena, &twice, &ignored), result);
	if (result != OK) {
		assert_memory_equal(&w->change, &untouched, sizeof untouched);
		return result;
	}
	assert_true(text_equal(packed(&change_shape, &w->change), packed(&change_shape, &twice)));
	assert_true(w->change.version == NONE && !w->change.dossier.ptr && !w->change.key.ptr && !w->change.request.ptr);
	assert_true(text_is(w->change.by, who) && w->change.state.ptr && w->change.commune.ptr);
	happen(w, t->event, command.now_ms);
	return OK;
}

/* --- stories -------------------------------------------------------------------------------------- */

/* What came of it: "submitted due 2020-03-05 late", or "!quorum sheets: chair". */
static inline const char *
outcome(const struct world *w, int result)
{
	const struct refusal *r = &w->refusal;
	struct buf out = { .len = 0 };
	char day[DAY_LEN + 1];

	if (result == OK) {
		buf_text(&out, w->d.state);
		if (w->d.due != NONE) {
			day_print(w->d.due, day);
			buf_printf(&out, " due %s", day);
		}
		buf_str(&out, w->change.late == 1 ? " late" : "");
	} else {
		const char *guard = guard_name(r->detail), *kind = error_kind(r->error);

		buf_printf(&out, "!%s", guard ? guard : *kind ? kind : "params");
		buf_printf(&out, "%s%.*s", r->field.len ? " " : "", TEXT_ARG(r->field));
		for (size_t i = 0; i < r->missing.count; i++)
			buf_printf(&out, "%s%.*s", i ? ", " : ": ", TEXT_ARG(r->missing.items[i]));
		if (!r->missing.count && r->required.ptr)
			buf_printf(&out, ": %.*s", TEXT_ARG(r->required));
	}
	struct text copy = arena_text(arena, buf_view(&out));
	buf_free(&out);
	return copy.ptr;
}

/* One member of the record or of the last event, as JSON with ' for ". */
static inline const char *
member_of(const struct shape *shape, const void *structure, const char *name)
{
	int index = shape_find(shape, text_of(name));
	struct buf out = { .len = 0 };

	if (index < 0)
		fail_msg("no member %s", name);
	if (shape->fields[index].need == INTERNAL)
		buf_text(&out, *(const struct text *)((const char *)structure + shape->fields[index].offset));
	else
		codec_print(&out, shape, structure, UINT64_C(1) << index);
	char *copy = (char *)arena_text(arena, buf_view(&out)).ptr;
	buf_free(&out);
	for (char *c = copy; (c = strchr(c, '"'));)
		*c = '\'';
	return copy;
}

struct step {
	/* Who; or "record" and "event": the member `method` of it is `wanted`; or "again": what is
	 * there becomes the previous dossier of a new one; or NULL: a new one. */
	const char *who, *when, *method, *json, *wanted;
};

static inline void
story(const struct step *steps, size_t count)
{
	struct world w = { .known = false };

	for (size_t i = 0; i < count; i++) {
		const struct step *s = &steps[i];
		const char *got;

		if (!s->who || strcmp(s->who, "again") == 0) {
			w = (struct world){ .previous = w.d, .has_previous = s->who && w.known };
			continue;
		}
		if (strcmp(s->who, "record") == 0)
			got = member_of(&dossier_shape, &w.d, s->method);
		else if (strcmp(s->who, "event") == 0)
			got = member_of(&change_shape, &w.change, s->method);
		else
			got = outcome(&w, act(&w, s->who, s->when, s->method, s->json));
		if (strcmp(got, s->wanted) != 0)
			fail_msg("step %zu, %s %s: %s, not %s", i, s->who, s->method, got, s->wanted);
	}
	arena_reset(arena);
}

static inline int
load(void **state)
{
	struct complaints complaints = { 0 };

	(void)state;
	arena = arena_new();
	programme = programme_load("config/krong-nang-2020", &complaints);
	if (!programme)
		fprintf(stderr, "%.*s", TEXT_ARG(buf_view(&complaints.text)));
	buf_free(&complaints.text);
	if (programme)
		workflow = &programme->workflows[programme->workflow_count - 1];
	return programme ? 0 : -1;
}

static inline int
unload(void **state)
{
	(void)state;
	programme_destroy(&programme);
	arena_destroy(&arena);
	return 0;
}

#endif
