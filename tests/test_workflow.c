/* Tests of the shipped workflow: every state, method and role, every guard, whole lives, random walks. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/workflow.h"

#define PRODUCT  "'product':{'name':'Mắc ca sấy','group':'processed-fruit-nut'},"
#define PRODUCER "'producer':{'name':'HTX Dliê Ya','kind':'cooperative'},"
#define REGISTER PRODUCT PRODUCER "'commune':'24346'"
#define PAPERS   "{'code':'registration','status':'present'},{'code':'business-plan','status':'present'}," \
                 "{'code':'organisation','status':'present'},{'code':'business-registration','status':'not-applicable'}"
#define INTAKE   "'documents':[" PAPERS "],'samples':5"
#define SUBMIT   "{" REGISTER "," INTAKE "}"
#define RETURN   "{'reasons':[{'document':'business-plan','reason':'thiếu chữ ký'}],'until':'2020-03-10'}"
#define RANK     "{'points':'72.50','stars':4,'decision':'QĐ 1','certificate':'GCN 7'}"
#define SUPPORT  "{'items':[{'content':'labels','amount':20000000,'decision':'QĐ 2','source':'mtqg-2020'}]}"
#define WHY      "{'reason':'theo đơn'}"

static struct programme *programme;
static const struct workflow *workflow;
static struct arena *arena;

/* One dossier and what was last asked of it. */
struct world {
	struct dossier d;
	bool known;
	struct list sheet;              /* what an assessment hands in */
	const struct dossier *previous;
	bool taken;
	struct change change;
	struct refusal refusal;
};

static const struct named_actor { const char *name; struct actor actor; } actors[] = {
#define A(name, mask, commune, member) { name, { TEXT(name), mask, { commune, sizeof commune "" - 1 }, { member, sizeof member "" - 1 } } }
#define NO "" /* absent, below */
	A("officer", ROLE(OFFICER), NO, NO),
	A("secretary", ROLE(SECRETARY), NO, NO),
	A("council", ROLE(COUNCIL), NO, "health"),
	A("finance", ROLE(FINANCE), NO, NO),
	A("commune", ROLE(COMMUNE), "24346", NO),
	A("steering", ROLE(STEERING), NO, NO),
	A("admin", ROLE(ADMIN), NO, NO),
	/* Not one of each role: */
	A("other-commune", ROLE(COMMUNE), "24352", NO),
	A("member-secretary", ROLE(SECRETARY) | ROLE(COUNCIL), NO, "chair"),
	A("member-commune", ROLE(COUNCIL) | ROLE(COMMUNE), "24346", "finance"),
	A("officer-commune", ROLE(OFFICER) | ROLE(COMMUNE), "24346", NO),
	A("no-seat", ROLE(COUNCIL), NO, NO),
	A("old-seat", ROLE(COUNCIL), NO, "gone"),
	A("nobody", 0, NO, NO),
#undef NO
#undef A
};

static struct actor
actor_of(const char *name)
{
	for (size_t i = 0; i < countof(actors); i++)
		if (strcmp(actors[i].name, name) == 0) {
			struct actor a = actors[i].actor;

			a.commune.ptr = a.commune.len ? a.commune.ptr : NULL;
			a.member.ptr = a.member.len ? a.member.ptr : NULL;
			return a;
		}
	fail_msg("no actor %s", name);
	return actors[0].actor;
}

static int64_t
day(const char *z)
{
	int64_t d;

	if (!day_parse(text_of(z), &d))
		fail_msg("%s is no day", z);
	return d;
}

/* JSON with ' for ", decoded as a request of the transition would be. */
static struct params
params_of(const struct transition *t, const char *json)
{
	struct text text = arena_text(arena, text_of(json ? json : "{}"));
	struct params p;
	struct refusal r = { .error = OK };

	for (char *c = (char *)text.ptr; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	const struct json *parsed = json_parse(text, arena, NULL);

	assert_non_null(parsed);
	if (codec_decode(&params_shape, parsed, t->takes | t->needs | FIELD(params, dossier), 0, arena, &p, &r) != OK)
		fail_msg("%.*s: %s (detail %d, field %.*s)", TEXT_ARG(t->name), json, r.detail, TEXT_ARG(r.field));
	return p;
}

static struct list
sheet_make(const char *group, int64_t less)
{
	const struct criteria_set *set = programme_set(programme, text_of(group), day("2020-03-01"), (struct text){ NULL, 0 });
	struct point *points = arena_array(arena, set->count + 2, sizeof *points);

	for (size_t i = 0; i < set->count; i++) {
		const struct criterion *c = &set->criteria[i];

		points[i] = (struct point){ c->code, c->levels[c->level_count - 1] };
		if (less > 0 && !c->rules && !text_is(c->code, "b5.1")) {
			less -= points[i].points - c->levels[0];
			points[i].points = c->levels[0];
		}
	}
	return (struct list){ points, set->count };
}

/* --- what holds after every event ----------------------------------------------------------------- */

static void
check_same_when_read_again(const struct world *before, const struct world *after, struct text type, int64_t time)
{
	struct buf json = { .len = 0 }, one = { .len = 0 }, two = { .len = 0 };
	struct refusal r = { .error = OK };
	struct change again;
	struct dossier d = before->d, unpacked;

	codec_print(&json, &change_shape, &after->change, ALL_FIELDS);
	const struct json *parsed = json_parse(buf_view(&json), arena, NULL);

	assert_non_null(parsed);
	if (codec_decode(&change_shape, parsed, ALL_FIELDS, 0, arena, &again, &r) != OK)
		fail_msg("the event can't be read again: %.*s", TEXT_ARG(buf_view(&json)));
	workflow_apply(&d, &again, type, time, after->d.sequence, arena);
	codec_pack(&one, &dossier_shape, &after->d, ALL_FIELDS);
	codec_pack(&two, &dossier_shape, &d, ALL_FIELDS);
	assert_true(text_equal(buf_view(&one), buf_view(&two)));
	assert_true(codec_unpack(&dossier_shape, buf_view(&one), arena, &unpacked));
	buf_free(&json);
	buf_free(&one);
	buf_free(&two);
}

static void
check_sums(const struct dossier *d)
{
	const struct sheet *s = d->sheets.items;
	const struct document *documents = d->documents.items;
	int64_t sum = 0;

	for (size_t i = 0; i < d->sheets.count; i++) {
		const struct point *points = s[i].sheet.items;
		int64_t total = 0;

		for (size_t k = 0; k < s[i].sheet.count; k++)
			total += points[k].points;
		assert_int_equal(total, s[i].total);
		assert_int_equal(s[i].a + s[i].b + s[i].c, s[i].total);
		sum += s[i].total;
		for (size_t k = 0; k < i; k++)
			assert_false(text_equal(s[i].member, s[k].member));
	}
	if (d->score) {
		assert_int_equal(d->score->sum, sum);
		assert_int_equal(d->score->count, d->sheets.count);
		assert_int_equal(d->score->points, sum * 100 / d->score->count);
	}
	for (size_t i = 0; i < d->documents.count; i++)
		for (size_t k = 0; k < i; k++)
			assert_false(text_equal(documents[i].code, documents[k].code));
}

static void
check_record(const struct world *w)
{
	const struct dossier *d = &w->d;

	assert_true(workflow_state(workflow, d->state) >= 0);
	assert_int_equal(d->due != NONE, text_is(d->state, "submitted"));
	assert_true(d->overdue != 1 || d->due != NONE);
	assert_int_equal(d->due, w->change.due);
	assert_int_equal(d->overdue, w->change.overdue);
	assert_true(text_equal(d->commune, w->change.commune));
	assert_true(w->change.by.ptr && w->change.role.ptr);
	assert_true(d->workflow.ptr && d->criteria.ptr && d->product && d->producer);
	assert_true(w->change.late == NONE || w->change.late == 1);
	check_sums(d);
}

static void
happen(struct world *w, struct text type, int64_t now)
{
	struct world before = *w;

	if (!w->known)
		shape_init(&dossier_shape, &before.d);
	w->d = before.d;
	w->change.dossier = TEXT("KN-2020-0001");
	w->change.version = w->known ? w->d.version + 1 : 1;
	workflow_apply(&w->d, &w->change, type, now, w->change.version * 10, arena);
	w->known = true;
	assert_int_equal(w->d.version, w->change.version);
	assert_int_equal(w->d.sequence, w->change.version * 10);
	assert_int_equal(w->d.updated, now);
	check_same_when_read_again(&before, w, type, now);
	check_record(w);
}

/* One command; its event happens at once. */
static int
act(struct world *w, const char *actor, const char *method, const char *when, const char *json)
{
	struct actor a = actor_of(actor);
	struct text name = arena_printf(arena, "dossier.%s", method);
	const struct transition *t = workflow_transition(workflow, name);
	struct change untouched;

	assert_non_null(t);
	struct params p = params_of(t, json);

	if (!p.sheet.items && (t->needs & FIELD(params, sheet)))
		p.sheet = w->sheet;
	struct command command = {
		.transition = t, .params = &p, .actor = &a, .now_ms = day_start(day(when)) + DAY_MS / 2,
		.previous = p.previous.ptr ? w->previous : NULL, .previous_taken = w->taken,
	};
	memset(&w->change, 0xa5, sizeof w->change);
	untouched = w->change;
	w->refusal = (struct refusal){ .error = OK };
	int result = workflow_decide(programme, workflow, w->known ? &w->d : NULL, &command, arena, &w->change, &w->refusal);

	if (result != OK) {
		assert_int_equal(w->refusal.error, result);
		assert_memory_equal(&w->change, &untouched, sizeof untouched);
		return result;
	}
	happen(w, t->event, command.now_ms);
	return OK;
}

static void
must(struct world *w, const char *actor, const char *method, const char *when, const char *json)
{
	int result = act(w, actor, method, when, json);

	if (result != OK)
		fail_msg("%s by %s: %d, detail %d, field %.*s", method, actor, result, w->refusal.detail, TEXT_ARG(w->refusal.field));
}

static void
assess_all(struct world *w, const char *group)
{
	for (size_t i = 0; i < programme->council.count; i++) {
		w->sheet = sheet_make(group, 20 + (int64_t)i % 2);
		must(w, "secretary", "assess", "2020-03-05",
		     arena_printf(arena, "{'member':'%.*s'}", TEXT_ARG(programme->council.members[i].label.code)).ptr);
	}
}

/* --- dossiers in every state ----------------------------------------------------------------------- */

static const struct { const char *state, *from, *actor, *method, *params; } ways[] = {
	{ "none", NULL, NULL, NULL, NULL },
	{ "proposed", "none", "commune", "propose", "{" REGISTER "}" },
	{ "submitted", "none", "officer", "submit", SUBMIT },
	{ "returned", "submitted", "officer", "return", RETURN },
	{ "unscored", "submitted", "officer", "complete", NULL },
	{ "complete", "unscored", NULL, NULL, NULL },
	{ "scored", "complete", "secretary", "score", "{'minutes':'BB 01'}" },
	{ "disqualified", "unscored", "secretary", "disqualify", "{'rule':'knockout-zero','reason':'c6.1'}" },
	{ "forwarded", "scored", "officer", "forward", "{'letter':'CV 12'}" },
	{ "recalled", "forwarded", "officer", "recall", "{'reasons':[{'reason':'thiếu'}],'letter':'CV 13'}" },
	{ "ranked", "forwarded", "officer", "rank", RANK },
	{ "supported", "ranked", "finance", "support", SUPPORT },
	{ "lapsed", "returned", "officer", "lapse", WHY },
	{ "withdrawn", "proposed", "officer", "withdraw", WHY },
};

static void
reach(struct world *w, const char *state)
{
	for (size_t i = 0; i < countof(ways); i++) {
		if (strcmp(ways[i].state, state) != 0)
			continue;
		if (!ways[i].from) {
			*w = (struct world){ .known = false, .sheet = sheet_make("processed-fruit-nut", 20) };
			return;
		}
		reach(w, ways[i].from);
		if (ways[i].method)
			must(w, ways[i].actor, ways[i].method, "2020-03-05", ways[i].params);
		else
			assess_all(w, "processed-fruit-nut");
		return;
	}
	fail_msg("no way to %s", state);
}

/* The table of PROTOCOL 2 once more: who may do what from where. */
static const struct { const char *method, *roles, *from, *to, *params; } rules[] = {
	{ "propose", "officer|commune", "none", "proposed", "{" REGISTER "}" },
	{ "submit", "officer", "none|proposed", "submitted", SUBMIT },
	{ "return", "officer", "submitted|complete", "returned", RETURN },
	{ "resubmit", "officer", "returned", "submitted", "{'documents':[]}" },
	{ "resubmit", "officer", "recalled", "recalled", "{'documents':[]}" },
	{ "complete", "officer", "submitted", "complete", NULL },
	{ "assess", "council|secretary", "complete", "complete", "{'member':'health'}" },
	{ "score", "secretary", "complete", "scored", "{'minutes':'BB'}" },
	{ "disqualify", "secretary", "complete", "disqualified", "{'rule':'knockout-origin','reason':'x'}" },
	{ "forward", "officer", "scored|recalled", "forwarded", "{'letter':'CV'}" },
	{ "recall", "officer", "forwarded", "recalled", "{'reasons':[{'reason':'x'}],'letter':'CV'}" },
	{ "rank", "officer", "forwarded", "ranked", RANK },
	{ "support", "finance|officer", "ranked|supported", "supported", SUPPORT },
	{ "lapse", "officer", "submitted|returned", "lapsed", WHY },
	{ "withdraw", "officer", "proposed|submitted|returned|complete|scored|recalled", "withdrawn", WHY },
	{ "amend", "officer", "proposed|submitted|returned|complete", "", "{'reason':'sai tên'}" },
	{ "note", "officer|secretary|council|finance|commune|steering|admin",
	  "proposed|submitted|returned|complete|scored|disqualified|forwarded|recalled|ranked|supported|lapsed|withdrawn",
	  "", "{'text':'ghi chú'}" },
};

static bool
rule_allows(size_t rule, const char *role, const char *state)
{
	return text_among(text_of(role), rules[rule].roles) && text_among(text_of(state), rules[rule].from);
}

static void
check_cell(const struct world *base, size_t rule, const char *role, const char *state)
{
	struct world w = *base;
	bool role_fits = text_among(text_of(role), rules[rule].roles), from = false;
	int result, wanted;

	/* A method may stand in two rows. */
	for (size_t i = 0; i < countof(rules); i++)
		from |= strcmp(rules[i].method, rules[rule].method) == 0 && text_among(text_of(state), rules[i].from);
	wanted = !role_fits ? E_FORBIDDEN : from ? OK : E_WRONG_STATE;
	result = act(&w, role, rules[rule].method, "2020-03-05", rules[rule].params);
	if (result != wanted)
		fail_msg("%s by %s in %s: %d, not %d; detail %d, field %.*s", rules[rule].method, role, state,
		         result, wanted, w.refusal.detail, TEXT_ARG(w.refusal.field));
	if (result == OK && text_among(text_of(state), rules[rule].from))
		assert_true(text_is(w.d.state, *rules[rule].to ? rules[rule].to : state));
	if (result == E_WRONG_STATE) {
		assert_true(strcmp(state, "none") == 0 ? !w.refusal.state.ptr : text_is(w.refusal.state, state));
		assert_true(w.refusal.legal.ptr);
		for (size_t i = 0; i < w.refusal.allowed.count; i++)
			assert_false(text_equal(w.refusal.allowed.items[i], arena_printf(arena, "dossier.%s", rules[rule].method)));
	}
}

static void
check_allowed(const struct world *w, const char *role, const char *state)
{
	struct actor a = actor_of(role);
	struct texts allowed = workflow_allowed(workflow, w->known ? &w->d : NULL, &a, arena);
	size_t count = 0;

	for (size_t i = 0; i < countof(rules); i++)
		count += rule_allows(i, role, state);
	assert_int_equal(allowed.count, count);
}

static void
test_matrix(void **unused)
{
	size_t cells = 0;

	(void)unused;
	for (size_t s = 0; s < countof(ways); s++) {
		struct world w;

		if (strcmp(ways[s].state, "unscored") == 0)
			continue;
		reach(&w, ways[s].state);
		for (size_t a = 0; a < ROLE_COUNT; a++) {
			check_allowed(&w, actors[a].name, ways[s].state);
			for (size_t r = 0; r < countof(rules); r++, cells++)
				check_cell(&w, r, actors[a].name, ways[s].state);
		}
	}
	assert_int_equal(cells, 13 * 7 * countof(rules));
	assert_int_equal(workflow->transition_count, countof(rules) - 1);
	assert_int_equal(workflow->state_count, 12);
}

/* --- guards ---------------------------------------------------------------------------------------- */

/* What stands differently in the record, or around it. */
typedef void change_world(struct world *);

static void few_samples(struct world *w) { w->d.samples = 4; }
static void no_samples(struct world *w) { w->d.samples = NONE; }
static void no_papers(struct world *w) { w->d.documents = (struct list){ NULL, 0 }; }

static struct document *
papers_of(struct world *w)
{
	struct document *copy = arena_array(arena, w->d.documents.count, sizeof *copy);

	memcpy(copy, w->d.documents.items, w->d.documents.count * sizeof *copy);
	w->d.documents.items = copy;
	return copy;
}

static void paper_invalid(struct world *w) { papers_of(w)[2].status = TEXT("invalid"); }
static void paper_missing(struct world *w) { papers_of(w)[1].status = TEXT("missing"); }
static void paper_not_applicable(struct world *w) { papers_of(w)[0].status = TEXT("not-applicable"); }
static void licence_present(struct world *w) { papers_of(w)[3].status = TEXT("present"); }

static void
group_is(struct world *w, const char *group)
{
	struct product *p = arena_alloc(arena, sizeof *p);

	*p = *w->d.product;
	p->group = text_of(group);
	w->d.product = p;
}

static void rice(struct world *w) { group_is(w, "rice-cereal"); }
static void tourism(struct world *w) { group_is(w, "community-tourism"); w->d.samples = 0; }

static struct sheet *
sheets_of(struct world *w)
{
	struct sheet *copy = arena_array(arena, w->d.sheets.count, sizeof *copy);

	memcpy(copy, w->d.sheets.items, w->d.sheets.count * sizeof *copy);
	w->d.sheets.items = copy;
	return copy;
}

static void five_sheets(struct world *w) { w->d.sheets.count = 5; }
static void six_sheets(struct world *w) { w->d.sheets.count = 6; }
static void no_sheets(struct world *w) { w->d.sheets = (struct list){ NULL, 0 }; }

static void
no_chair(struct world *w)
{
	struct sheet *s = sheets_of(w);

	w->d.sheets.items = s + 1;
	w->d.sheets.count--;
}

static void
sheet_with(struct world *w, const char *criterion, int64_t points)
{
	struct point *p = w->sheet.items;

	for (size_t i = 0; i < w->sheet.count; i++)
		if (text_is(p[i].criterion, criterion)) {
			p[i].points = points;
			return;
		}
	fail_msg("no criterion %s", criterion);
}

static void spread_sheet(struct world *w, int64_t over)
{
	struct sheet *s = sheets_of(w);
	struct point *points = arena_array(arena, s[0].sheet.count, sizeof *points);
	int64_t low = s[0].total;

	for (size_t i = 0; i < w->d.sheets.count; i++)
		low = s[i].total < low ? s[i].total : low;
	memcpy(points, s[0].sheet.items, s[0].sheet.count * sizeof *points);
	points[0].points += low + over - s[0].total;
	s[0].a += low + over - s[0].total;
	s[0].sheet.items = points;
	s[0].total = low + over;
}

static void spread_10(struct world *w) { spread_sheet(w, 10); }
static void spread_11(struct world *w) { spread_sheet(w, 11); }

static void
knocked_out(struct world *w)
{
	w->sheet = sheet_make("processed-fruit-nut", 20);
	sheet_with(w, "c6.1", 0);
	must(w, "secretary", "assess", "2020-03-05", "{'member':'culture'}");
}

static void ladder(struct world *w) { sheet_with(w, "c7", 4); }
static void no_story(struct world *w) { sheet_with(w, "b5.1", 0); }
static void half_sheet(struct world *w) { w->sheet.count -= 2; }

static void
unknown_criterion(struct world *w)
{
	((struct point *)w->sheet.items)[w->sheet.count++] = (struct point){ TEXT("zz"), 1 };
}

static void
score_is(struct world *w, int64_t stars)
{
	struct score *s = arena_alloc(arena, sizeof *s);

	*s = *w->d.score;
	s->stars = stars;
	w->d.score = s;
}

static void two_stars(struct world *w) { score_is(w, 2); }
static void three_stars(struct world *w) { score_is(w, 3); }

static void
province_is(struct dossier *d, int64_t stars, const char *expires)
{
	struct province *p = arena_alloc(arena, sizeof *p);

	*p = *d->province;
	p->stars = stars;
	p->expires = expires ? day(expires) : NONE;
	d->province = p;
}

static void province_two(struct world *w) { province_is(&w->d, 2, NULL); }

static void
previous_in(struct world *w, const char *state)
{
	struct world *p = arena_alloc(arena, sizeof *p);

	reach(p, state);
	p->d.round = p->d.round.ptr ? TEXT("2020-1") : p->d.round;
	w->previous = &p->d;
}

static void before_submitted(struct world *w) { previous_in(w, "submitted"); }
static void before_lapsed(struct world *w) { previous_in(w, "lapsed"); }
static void before_withdrawn(struct world *w) { previous_in(w, "withdrawn"); }
static void before_disqualified(struct world *w) { previous_in(w, "disqualified"); }
static void before_scored(struct world *w) { previous_in(w, "scored"); }
static void before_ranked(struct world *w) { previous_in(w, "ranked"); }
static void before_taken(struct world *w) { previous_in(w, "lapsed"); w->taken = true; }

static void
before_below(struct world *w)
{
	struct world p;

	reach(&p, "scored");
	score_is(&p, 2);
	w->previous = memcpy(arena_alloc(arena, sizeof p.d), &p.d, sizeof p.d);
}

static void
before_province_below(struct world *w)
{
	previous_in(w, "supported");
	province_is((struct dossier *)w->previous, 2, NULL);
}

static void
before_expiring(struct world *w)
{
	previous_in(w, "supported");
	province_is((struct dossier *)w->previous, 4, "2020-05-04");
}

static void
before_later(struct world *w)
{
	previous_in(w, "lapsed");
	((struct dossier *)w->previous)->round = TEXT("2020-2");
}

static struct ceiling labels_ceiling = { { "labels", 6 }, 30000000 };

static void
ceiling_set(struct world *w)
{
	(void)w;
	programme->ceilings = &labels_ceiling;
	programme->ceiling_count = 1;
}

#define ITEM(content, amount, source) \
	"{'items':[{'content':'" content "','amount':" amount ",'decision':'QĐ','source':'" source "'}]}"
#define WITH(more) "{" REGISTER "," INTAKE "," more "}"
#define PAPER(list) "{" REGISTER ",'samples':5,'documents':[" list "]}"
#define AGAIN(received) WITH("'previous':'KN-2020-0009','round':'2020-2','received':'" received "'")

static const struct {
	enum detail detail; /* DETAIL_NONE: it passes */
	const char *state;
	change_world *change;
	const char *actor, *method, *params, *field, *required;
} guards[] = {
	{ G_KNOWN_COMMUNE, "none", NULL, "officer", "propose", "{" PRODUCT PRODUCER "'commune':'99999'}", "commune", NULL },
	{ G_KNOWN_COMMUNE, "proposed", NULL, "officer", "submit", "{" INTAKE ",'commune':'0'}", "commune", NULL },
	{ G_KNOWN_GROUP, "none", NULL, "officer", "propose", "{'product':{'name':'x','group':'zz'}," PRODUCER "'commune':'24346'}", "product.group", NULL },
	{ DETAIL_NONE, "none", NULL, "officer", "propose", "{'product':{'name':'x','group':'rice-cereal'}," PRODUCER "'commune':'24346'}", NULL, NULL },
	{ G_KNOWN_GROUP, "submitted", NULL, "officer", "amend", "{'reason':'x','product':{'name':'x','group':'zz'}}", "product.group", NULL },
	{ G_KNOWN_KIND, "none", NULL, "officer", "propose", "{" PRODUCT "'producer':{'name':'x','kind':'zz'},'commune':'24346'}", "producer.kind", NULL },
	{ G_KNOWN_KIND, "returned", NULL, "officer", "amend", "{'reason':'x','producer':{'name':'x','kind':'zz'}}", "producer.kind", NULL },
	{ G_KNOWN_DOCUMENTS, "none", NULL, "officer", "submit", PAPER("{'code':'zz','status':'present'}"), "documents[0].code", NULL },
	{ G_KNOWN_DOCUMENTS, "none", NULL, "officer", "submit", PAPER("{'code':'story','status':'present'},{'code':'story','status':'missing'}"), "documents[1].code", NULL },
	{ DETAIL_NONE, "none", NULL, "officer", "submit", PAPER(""), NULL, NULL },
	{ G_KNOWN_DOCUMENTS, "submitted", NULL, "officer", "return", "{'reasons':[{'reason':'x'},{'document':'zz','reason':'x'}]}", "reasons[1].document", NULL },
	{ G_KNOWN_DOCUMENTS, "forwarded", NULL, "officer", "recall", "{'letter':'x','reasons':[{'document':'zz','reason':'x'}]}", "reasons[0].document", NULL },
	{ G_KNOWN_ROUND, "none", NULL, "officer", "submit", WITH("'round':'2021-1'"), "round", NULL },
	{ DETAIL_NONE, "none", NULL, "officer", "submit", WITH("'round':'2020-2'"), NULL, NULL },
	{ G_RECEIVED, "none", NULL, "officer", "submit", WITH("'received':'2020-05-06'"), "received", NULL },
	{ DETAIL_NONE, "none", NULL, "officer", "submit", WITH("'received':'2020-05-05'"), NULL, NULL },
	{ G_RECEIVED, "returned", NULL, "officer", "resubmit", "{'documents':[],'received':'2020-05-06'}", "received", NULL },
	{ G_PREVIOUS, "none", before_submitted, "officer", "submit", AGAIN("2020-05-05"), "previous", NULL },
	{ G_PREVIOUS, "proposed", before_submitted, "officer", "submit", "{" INTAKE ",'previous':'KN-2020-0009'}", "previous", NULL },
	{ DETAIL_NONE, "none", before_lapsed, "officer", "submit", AGAIN("2020-05-05"), NULL, NULL },
	{ DETAIL_NONE, "none", before_withdrawn, "officer", "submit", AGAIN("2020-05-05"), NULL, NULL },
	{ DETAIL_NONE, "none", before_disqualified, "officer", "submit", AGAIN("2020-05-05"), NULL, NULL },
	{ G_PREVIOUS, "none", before_scored, "officer", "submit", AGAIN("2020-05-05"), "previous", NULL },
	{ DETAIL_NONE, "none", before_below, "officer", "submit", AGAIN("2020-05-05"), NULL, NULL },
	{ G_PREVIOUS, "none", before_ranked, "officer", "submit", AGAIN("2020-05-05"), "previous", NULL },
	{ DETAIL_NONE, "none", before_province_below, "officer", "submit", AGAIN("2020-05-05"), NULL, NULL },
	{ G_PREVIOUS, "none", before_expiring, "officer", "submit", AGAIN("2020-05-04"), "previous", NULL },
	{ DETAIL_NONE, "none", before_expiring, "officer", "submit", AGAIN("2020-05-05"), NULL, NULL },
	{ G_PREVIOUS_ROUND, "none", before_later, "officer", "submit", AGAIN("2020-05-05"), "previous", NULL },
	{ G_PREVIOUS_ROUND, "none", before_lapsed, "officer", "submit", WITH("'previous':'KN-2020-0009','round':'2020-1'"), "previous", NULL },
	{ G_PREVIOUS_TAKEN, "none", before_taken, "officer", "submit", AGAIN("2020-05-05"), "previous", NULL },
	{ G_DOCUMENTS, "submitted", no_papers, "officer", "complete", NULL, "documents", NULL },
	{ G_DOCUMENTS, "submitted", paper_invalid, "officer", "complete", NULL, "documents", NULL },
	{ G_DOCUMENTS, "submitted", paper_missing, "officer", "complete", NULL, "documents", NULL },
	{ G_DOCUMENTS, "submitted", paper_not_applicable, "officer", "complete", NULL, "documents", NULL },
	{ DETAIL_NONE, "submitted", licence_present, "officer", "complete", NULL, NULL, NULL },
	{ G_SAMPLES, "submitted", few_samples, "officer", "complete", NULL, "samples", "5" },
	{ G_SAMPLES, "submitted", no_samples, "officer", "complete", NULL, "samples", "5" },
	{ DETAIL_NONE, "submitted", tourism, "officer", "complete", NULL, NULL, NULL },
	{ G_SCORABLE, "complete", rice, "secretary", "assess", "{'member':'chair'}", "product.group", NULL },
	{ G_SCORABLE, "complete", rice, "secretary", "score", "{'minutes':'x'}", "product.group", NULL },
	{ G_KNOWN_MEMBER, "complete", NULL, "secretary", "assess", "{'member':'gone'}", "member", NULL },
	{ G_KNOWN_MEMBER, "complete", NULL, "old-seat", "assess", NULL, "member", NULL },
	{ G_SHEET_COMPLETE, "complete", half_sheet, "council", "assess", NULL, "sheet", NULL },
	{ G_SHEET_LADDER, "complete", ladder, "council", "assess", NULL, "sheet.c7", NULL },
	{ G_SHEET_LADDER, "complete", unknown_criterion, "council", "assess", NULL, "sheet.zz", NULL },
	{ G_STORY, "complete", no_story, "council", "assess", NULL, "sheet.b5.2", NULL },
	{ DETAIL_NONE, "complete", NULL, "council", "assess", "{'comment':'tốt'}", NULL, NULL },
	{ G_QUORUM, "complete", no_sheets, "secretary", "score", "{'minutes':'x'}", "sheets", NULL },
	{ G_QUORUM, "complete", five_sheets, "secretary", "score", "{'minutes':'x'}", "sheets", NULL },
	{ DETAIL_NONE, "complete", six_sheets, "secretary", "score", "{'minutes':'x'}", NULL, NULL },
	{ G_QUORUM, "complete", no_chair, "secretary", "score", "{'minutes':'x'}", "sheets", NULL },
	{ DETAIL_NONE, "complete", spread_10, "secretary", "score", "{'minutes':'x'}", NULL, NULL },
	{ G_SPREAD, "complete", spread_11, "secretary", "score", "{'minutes':'x'}", "sheets", "10" },
	{ G_KNOCKOUT, "complete", knocked_out, "secretary", "score", "{'minutes':'x'}", "sheet.c6.1", NULL },
	{ G_DATE, "complete", NULL, "secretary", "score", "{'minutes':'x','date':'2020-05-06'}", "date", NULL },
	{ DETAIL_NONE, "complete", NULL, "secretary", "score", "{'minutes':'x','date':'2020-05-05'}", NULL, NULL },
	{ G_FINDING, "complete", NULL, "secretary", "disqualify", "{'rule':'knockout-ip','reason':'x'}", "rule", NULL },
	{ G_FINDING, "complete", rice, "secretary", "disqualify", "{'rule':'knockout-origin','reason':'x'}", "rule", NULL },
	{ DETAIL_NONE, "complete", knocked_out, "secretary", "disqualify", "{'rule':'knockout-zero','reason':'x'}", NULL, NULL },
	{ G_THREE_STARS, "scored", two_stars, "officer", "forward", "{'letter':'x'}", "stars", "3" },
	{ DETAIL_NONE, "scored", three_stars, "officer", "forward", "{'letter':'x'}", NULL, NULL },
	{ G_DATE, "scored", NULL, "officer", "forward", "{'letter':'x','date':'2020-05-06'}", "date", NULL },
	{ G_DATE, "forwarded", NULL, "officer", "recall", "{'letter':'x','reasons':[{'reason':'x'}],'date':'2020-05-06'}", "date", NULL },
	{ G_DATE, "forwarded", NULL, "officer", "rank", "{'points':'60','stars':3,'decision':'x','date':'2020-05-06'}", "date", NULL },
	{ G_STARS_AGREE, "forwarded", NULL, "officer", "rank", "{'points':'69.99','stars':4,'decision':'x'}", "stars", "3" },
	{ DETAIL_NONE, "forwarded", NULL, "officer", "rank", "{'points':'70.00','stars':4,'decision':'x'}", NULL, NULL },
	{ DETAIL_NONE, "forwarded", NULL, "officer", "rank", "{'points':'95','stars':3,'decision':'x'}", NULL, NULL },
	{ G_PROVINCE_STARS, "ranked", province_two, "finance", "support", SUPPORT, "stars", "3" },
	{ G_KNOWN_CONTENT, "ranked", NULL, "finance", "support", ITEM("zz", "1", "mtqg-2020"), "items[0].content", NULL },
	{ G_KNOWN_SOURCE, "ranked", NULL, "finance", "support", ITEM("labels", "1", "zz"), "items[0].source", NULL },
	{ DETAIL_NONE, "ranked", ceiling_set, "finance", "support", ITEM("labels", "30000000", "mtqg-2020"), NULL, NULL },
	{ G_CEILING, "ranked", ceiling_set, "finance", "support", ITEM("labels", "30000001", "mtqg-2020"), "items", "30000000" },
	{ DETAIL_NONE, "ranked", ceiling_set, "finance", "support", ITEM("packaging", "30000001", "mtqg-2020"), NULL, NULL },
	{ DETAIL_NONE, "supported", ceiling_set, "finance", "support", ITEM("labels", "10000000", "mtqg-2020"), NULL, NULL },
	{ G_CEILING, "supported", ceiling_set, "finance", "support", ITEM("labels", "10000001", "mtqg-2020"), "items", NULL },
};

static void
test_guards(void **unused)
{
	bool failed[DETAIL_COUNT] = { false };

	(void)unused;
	for (size_t i = 0; i < countof(guards); i++) {
		struct world w;

		reach(&w, guards[i].state);
		if (guards[i].change)
			guards[i].change(&w);
		struct text before = w.d.state;
		int result = act(&w, guards[i].actor, guards[i].method, "2020-05-05", guards[i].params);

		programme->ceiling_count = 0;
		if (result != (guards[i].detail ? E_GUARD_FAILED : OK) || w.refusal.detail != guards[i].detail)
			fail_msg("guard case %zu, %s: %d, %s", i, guards[i].method, result,
			         w.refusal.detail ? guard_name(w.refusal.detail) : "-");
		if (result == OK)
			continue;
		failed[w.refusal.detail] = true;
		if (!text_is(w.refusal.field, guards[i].field))
			fail_msg("guard case %zu: field %.*s", i, TEXT_ARG(w.refusal.field));
		assert_true(!guards[i].required || text_is(w.refusal.required, guards[i].required));
		assert_true(w.refusal.legal.ptr);
		assert_true(!w.known || text_equal(w.refusal.state, before));
	}
#define ERROR(symbol, code, kind, en, vi)
#define DETAIL(symbol, en, vi)
#define GUARD(symbol, name, en, vi) if (!failed[symbol]) fail_msg("no case refuses %s", name);
#include "proto/errors.def"
}

static void
test_what_is_missing(void **unused)
{
	struct world w;

	(void)unused;
	reach(&w, "submitted");
	paper_missing(&w);
	papers_of(&w)[3].status = TEXT("invalid");
	assert_int_equal(act(&w, "officer", "complete", "2020-03-05", NULL), E_GUARD_FAILED);
	assert_int_equal(w.refusal.missing.count, 2);
	assert_true(text_is(w.refusal.missing.items[0], "business-plan"));
	assert_true(text_is(w.refusal.expect, "business-plan, business-registration"));
	reach(&w, "complete");
	five_sheets(&w);
	assert_int_equal(act(&w, "secretary", "score", "2020-03-05", "{'minutes':'x'}"), E_GUARD_FAILED);
	assert_int_equal(w.refusal.missing.count, 2);
}

/* --- rights and parameters -------------------------------------------------------------------------- */

static const struct { const char *state, *actor, *method, *params; int result; const char *field; } rights[] = {
	{ "none", "other-commune", "propose", "{" REGISTER "}", E_FORBIDDEN, "commune" },
	{ "none", "member-commune", "propose", "{" PRODUCT PRODUCER "'commune':'24352'}", E_FORBIDDEN, "commune" },
	{ "none", "member-commune", "propose", "{" REGISTER "}", OK, NULL },
	{ "none", "officer-commune", "propose", "{" PRODUCT PRODUCER "'commune':'24352'}", OK, NULL },
	{ "proposed", "other-commune", "note", "{'text':'x'}", E_FORBIDDEN, NULL },
	{ "proposed", "member-commune", "note", "{'text':'x'}", OK, NULL },
	{ "proposed", "nobody", "note", "{'text':'x'}", E_FORBIDDEN, NULL },
	{ "none", "officer", "propose", "{" PRODUCER "'commune':'24346'}", E_PARAMS, "product" },
	{ "none", "officer", "propose", "{" PRODUCT "'commune':'24346'}", E_PARAMS, "producer" },
	{ "none", "officer", "submit", "{" PRODUCT PRODUCER INTAKE "}", E_PARAMS, "commune" },
	{ "none", "officer", "submit", "{" REGISTER ",'samples':5}", E_PARAMS, "documents" },
	{ "proposed", "officer", "submit", "{" INTAKE "}", OK, NULL },
	{ "none", "officer", "submit", WITH("'previous':'KN-2020-0009'"), E_UNKNOWN_DOSSIER, "previous" },
	{ "complete", "council", "assess", NULL, OK, NULL },
	{ "complete", "council", "assess", "{'member':'health'}", OK, NULL },
	{ "complete", "council", "assess", "{'member':'chair'}", E_FORBIDDEN, "member" },
	{ "scored", "council", "assess", "{'member':'chair'}", E_FORBIDDEN, "member" }, /* rights before state */
	{ "complete", "secretary", "assess", NULL, E_PARAMS, "member" },
	{ "complete", "secretary", "assess", "{'member':'chair'}", OK, NULL },
	{ "complete", "member-secretary", "assess", NULL, OK, NULL },
	{ "complete", "member-secretary", "assess", "{'member':'health'}", OK, NULL },
	{ "complete", "no-seat", "assess", NULL, E_PARAMS, "member" },
	{ "complete", "no-seat", "assess", "{'member':'health'}", E_FORBIDDEN, "member" },
	{ "complete", "secretary", "score", NULL, E_PARAMS, "minutes" },
	{ "forwarded", "officer", "rank", "{'points':'60','decision':'x'}", E_PARAMS, "stars" },
};

static void
test_rights(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(rights); i++) {
		struct world w;

		reach(&w, rights[i].state);
		int result = act(&w, rights[i].actor, rights[i].method, "2020-03-05", rights[i].params);

		if (result != rights[i].result || (rights[i].field && !text_is(w.refusal.field, rights[i].field)))
			fail_msg("rights case %zu, %s by %s: %d, field %.*s", i, rights[i].method, rights[i].actor, result,
			         TEXT_ARG(w.refusal.field));
	}
}

static void
test_sees(void **unused)
{
	static const struct { const char *actor, *commune; bool sees; } cases[] = {
		{ "commune", "24346", true }, { "commune", "24352", false }, { "other-commune", "24346", false },
		{ "officer", "24352", true }, { "steering", "24346", true }, { "member-commune", "24352", true },
	};
	struct world w;
	struct actor other = actor_of("other-commune");

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct actor a = actor_of(cases[i].actor);

		assert_int_equal(workflow_sees(&a, text_of(cases[i].commune)), cases[i].sees);
	}
	reach(&w, "proposed");
	assert_int_equal(workflow_allowed(workflow, &w.d, &other, arena).count, 0);
	assert_int_equal(workflow_allowed(workflow, NULL, &other, arena).count, 1);
}

/* --- days -------------------------------------------------------------------------------------------- */

static const struct { const char *when, *params, *round, *received, *due; bool late; } intakes[] = {
	{ "2020-03-02", SUBMIT, "2020-1", "2020-03-02", "2020-03-05", false },
	{ "2020-03-06", WITH("'received':'2020-03-04'"), "2020-1", "2020-03-04", "2020-03-09", false },
	{ "2020-01-15", SUBMIT, "2020-1", "2020-01-15", "2020-01-20", false },
	{ "2020-03-19", SUBMIT, "2020-1", "2020-03-19", "2020-03-24", false },
	{ "2020-03-20", SUBMIT, "2020-2", "2020-03-20", "2020-03-25", false }, /* the next one to open */
	{ "2020-03-20", WITH("'round':'2020-1'"), "2020-1", "2020-03-20", "2020-03-25", true },
	{ "2020-03-30", WITH("'round':'2020-1','received':'2020-03-19'"), "2020-1", "2020-03-19", "2020-03-24", false },
	{ "2020-11-20", SUBMIT, "2020-2", "2020-11-20", "2020-11-25", false },
	{ "2020-11-21", SUBMIT, "2020-2", "2020-11-21", "2020-11-25", true },  /* the last one */
	{ "2020-03-30", SUBMIT, "2020-2", "2020-03-30", "2020-04-03", false }, /* Giỗ Tổ */
};

static void
test_intake(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(intakes); i++) {
		struct world w;

		reach(&w, "none");
		must(&w, "officer", "submit", intakes[i].when, intakes[i].params);
		if (!text_is(w.d.round, intakes[i].round) || w.d.received != day(intakes[i].received) ||
		    w.d.due != day(intakes[i].due) || (w.change.late == 1) != intakes[i].late)
			fail_msg("intake case %zu: round %.*s, late %lld", i, TEXT_ARG(w.d.round), (long long)w.change.late);
		assert_true(text_is(w.d.kind, "first"));
	}
}

static const struct { const char *state, *actor, *method, *when, *params; bool late; } acts[] = {
	{ "submitted", "officer", "return", "2020-03-10", RETURN, false }, /* received 05/03, due 10/03 */
	{ "submitted", "officer", "return", "2020-03-11", RETURN, true },
	{ "submitted", "officer", "complete", "2020-03-10", NULL, false },
	{ "submitted", "officer", "complete", "2020-03-11", NULL, true },
	{ "complete", "officer", "return", "2020-03-11", RETURN, false }, /* no clock runs there */
	{ "complete", "secretary", "score", "2020-03-31", "{'minutes':'x'}", false },
	{ "complete", "secretary", "score", "2020-04-01", "{'minutes':'x'}", true },
	{ "complete", "secretary", "score", "2020-04-02", "{'minutes':'x','date':'2020-03-31'}", false },
	{ "ranked", "finance", "support", "2020-12-31", SUPPORT, false },
	{ "ranked", "finance", "support", "2021-01-01", SUPPORT, true },
	{ "ranked", "finance", "support", "2021-01-05",
	  "{'items':[{'content':'labels','amount':1,'decision':'x','source':'mtqg-2020','date':'2020-12-31'}]}", false },
	{ "submitted", "officer", "withdraw", "2020-03-20", WHY, false },
};

static void
test_late(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(acts); i++) {
		struct world w;

		reach(&w, acts[i].state);
		must(&w, acts[i].actor, acts[i].method, acts[i].when, acts[i].params);
		if ((w.change.late == 1) != acts[i].late)
			fail_msg("late case %zu, %s at %s", i, acts[i].method, acts[i].when);
	}
}

static void
test_clock(void **unused)
{
	struct world w;

	(void)unused;
	reach(&w, "submitted");
	workflow_clock(&w.d, TEXT("overdue"), &w.change);
	happen(&w, TEXT("overdue"), day_start(day("2020-03-11")));
	assert_int_equal(w.d.overdue, 1);
	assert_int_equal(w.d.due, day("2020-03-10"));
	assert_true(text_is(w.d.state, "submitted") && text_is(w.change.by, "system") && text_is(w.change.role, "system"));
	/* What moves nothing leaves the clock as it is. */
	must(&w, "officer", "note", "2020-03-11", "{'text':'x'}");
	assert_int_equal(w.d.overdue, 1);
	must(&w, "officer", "amend", "2020-03-11", "{'reason':'x','samples':6}");
	assert_int_equal(w.d.overdue, 1);
	assert_int_equal(w.d.due, day("2020-03-10"));
	must(&w, "officer", "return", "2020-03-11", RETURN);
	assert_int_equal(w.d.overdue, NONE);
	/* The supplement starts the three days anew. */
	must(&w, "officer", "resubmit", "2020-03-13", "{'documents':[],'received':'2020-03-12'}");
	assert_int_equal(w.d.due, day("2020-03-17"));
	assert_int_equal(w.d.received, day("2020-03-12"));
	assert_int_equal(w.d.overdue, NONE);
	/* The province's question starts none. */
	reach(&w, "recalled");
	must(&w, "officer", "resubmit", "2020-03-13", "{'documents':[]}");
	assert_int_equal(w.d.due, NONE);
	assert_true(text_is(w.d.state, "recalled"));
}

/* --- lives ------------------------------------------------------------------------------------------- */

static void
test_life(void **unused)
{
	struct world w;

	(void)unused;
	reach(&w, "none");
	must(&w, "commune", "propose", "2020-02-20", "{" REGISTER ",'note':'đặc sản'}");
	assert_true(text_is(w.change.role, "commune") && text_is(w.change.by, "commune") && text_is(w.change.note, "đặc sản"));
	assert_true(text_equal(w.change.workflow, workflow->valid_from) && text_is(w.change.criteria, "2019-08-21"));
	int64_t created = w.d.created;

	must(&w, "officer", "submit", "2020-03-02",
	     "{'documents':[{'code':'registration','status':'present'},{'code':'business-plan','status':'missing'}],'samples':3}");
	assert_true(text_is(w.d.commune, "24346") && text_is(w.d.product->group, "processed-fruit-nut"));
	assert_int_equal(act(&w, "officer", "complete", "2020-03-03", NULL), E_GUARD_FAILED);
	must(&w, "officer", "return", "2020-03-03", RETURN);
	assert_int_equal(w.d.returns, 1);
	assert_int_equal(w.d.until, day("2020-03-10"));
	assert_int_equal(w.d.reasons.count, 1);
	must(&w, "officer", "resubmit", "2020-03-09",
	     "{'samples':5,'documents':[{'code':'business-registration','status':'present','note':'bản sao'},"
	     "{'code':'business-plan','status':'present'},{'code':'organisation','status':'present'}]}");
	const struct document *papers = w.d.documents.items;

	assert_int_equal(w.d.documents.count, 4);
	assert_true(text_is(papers[0].code, "registration") && text_is(papers[1].code, "business-plan"));
	assert_true(text_is(papers[1].status, "present") && text_is(papers[2].code, "business-registration"));
	assert_int_equal(w.d.samples, 5);
	assert_int_equal(w.d.reasons.count, 1);
	must(&w, "officer", "complete", "2020-03-10", NULL);
	assess_all(&w, "processed-fruit-nut");
	w.sheet = sheet_make("processed-fruit-nut", 25);
	must(&w, "council", "assess", "2020-03-12", "{'comment':'xem lại'}");
	const struct sheet *sheets = w.d.sheets.items;

	assert_int_equal(w.d.sheets.count, 7);
	assert_true(text_is(sheets[4].member, "health") && text_is(sheets[4].comment, "xem lại"));
	assert_true(text_is(w.change.role, "council") && text_is(w.change.member, "health"));
	must(&w, "secretary", "score", "2020-03-25", "{'minutes':'BB 01','date':'2020-03-24'}");
	assert_int_equal(w.d.score->date, day("2020-03-24"));
	assert_true(w.change.date == NONE && text_is(w.d.score->minutes, "BB 01"));
	must(&w, "officer", "forward", "2020-03-26", "{'letter':'CV 12'}");
	assert_int_equal(w.d.forwarded->date, day("2020-03-26"));
	assert_true(w.change.date == NONE && !w.change.letter.ptr && text_is(w.d.forwarded->letter, "CV 12"));
	must(&w, "officer", "recall", "2020-04-06", "{'letter':'CV tỉnh','date':'2020-04-03','reasons':[{'reason':'thiếu'}]}");
	assert_true(text_is(w.change.letter, "CV tỉnh") && w.change.date == day("2020-04-03"));
	assert_true(w.d.until == NONE && w.d.returns == 1); /* the reasons are new, and so is their term */
	must(&w, "officer", "resubmit", "2020-04-08", "{'documents':[{'code':'story','status':'present'}]}");
	must(&w, "officer", "forward", "2020-04-09", "{'letter':'CV 14'}");
	must(&w, "officer", "rank", "2020-06-15", "{'points':'72.50','stars':4,'decision':'QĐ 1','certificate':'GCN','date':'2020-06-10'}");
	assert_int_equal(w.d.province->points, 7250);
	assert_int_equal(w.d.province->expires, day("2023-06-10"));
	must(&w, "finance", "support", "2020-08-03", SUPPORT);
	must(&w, "officer", "support", "2020-09-01", ITEM("packaging", "5000000", "other-legal"));
	const struct support *support = w.d.support.items;

	assert_int_equal(w.d.support.count, 2);
	assert_true(text_is(support[0].by, "finance") && text_is(support[1].by, "officer"));
	assert_int_equal(support[0].date, day("2020-08-03"));
	assert_true(text_is(w.d.state, "supported") && w.d.created == created);
}

/* Below three stars it does not go on, and comes back in a later round. */
static void
test_below(void **unused)
{
	struct world w, again;

	(void)unused;
	reach(&w, "unscored");
	for (size_t i = 0; i < programme->council.count; i++) {
		w.sheet = sheet_make("processed-fruit-nut", 60);
		must(&w, "secretary", "assess", "2020-03-05",
		     arena_printf(arena, "{'member':'%.*s'}", TEXT_ARG(programme->council.members[i].label.code)).ptr);
	}
	must(&w, "secretary", "score", "2020-03-25", "{'minutes':'x'}");
	assert_true(w.d.score->stars < 3);
	assert_int_equal(act(&w, "officer", "forward", "2020-03-26", "{'letter':'x'}"), E_GUARD_FAILED);
	assert_int_equal(w.refusal.detail, G_THREE_STARS);
	reach(&again, "none");
	again.previous = &w.d;
	must(&again, "officer", "submit", "2020-04-20", WITH("'previous':'KN-2020-0001','kind':'upgrade'"));
	assert_true(text_is(again.d.previous, "KN-2020-0001") && text_is(again.d.kind, "upgrade"));
	assert_true(text_is(again.d.round, "2020-2"));
	/* No certificate below three stars, so nothing expires. */
	reach(&w, "forwarded");
	must(&w, "officer", "rank", "2020-06-15", "{'points':'49.99','stars':2,'decision':'x'}");
	assert_int_equal(w.d.province->expires, NONE);
}

static void
test_reasons(void **unused)
{
	struct world w;

	(void)unused;
	reach(&w, "submitted");
	must(&w, "officer", "amend", "2020-03-05", "{'reason':'sai tên','producer':{'name':'HTX khác','kind':'farm'}}");
	assert_true(text_is(w.change.reason, "sai tên") && !w.d.reason.ptr);
	assert_true(text_is(w.d.producer->name, "HTX khác"));
	must(&w, "officer", "withdraw", "2020-03-05", WHY);
	assert_true(text_is(w.d.reason, "theo đơn") && !w.d.rule.ptr);
	reach(&w, "disqualified");
	assert_true(text_is(w.d.reason, "c6.1") && text_is(w.d.rule, "knockout-zero"));
}

/* Sheets are by the criteria of a group: under another they are nothing. */
static void
test_amend_group(void **unused)
{
	struct world w;

	(void)unused;
	reach(&w, "complete");
	must(&w, "officer", "amend", "2020-03-06", "{'reason':'x','product':{'name':'Mắc ca','group':'processed-fruit-nut'}}");
	assert_int_equal(w.d.sheets.count, 7);
	must(&w, "officer", "amend", "2020-03-06", "{'reason':'x','product':{'name':'Tiêu','group':'other-spice'}}");
	assert_int_equal(w.d.sheets.count, 0);
	assert_int_equal(act(&w, "secretary", "score", "2020-03-06", "{'minutes':'x'}"), E_GUARD_FAILED);
	assess_all(&w, "other-spice");
	must(&w, "secretary", "score", "2020-03-06", "{'minutes':'x'}");
}

/* --- random walks -------------------------------------------------------------------------------------- */

static void
walk_prepare(struct world *w, unsigned *seed)
{
	static change_world *const oddities[] = { ladder, no_story, half_sheet, unknown_criterion };

	/* Mostly close enough to each other for a conclusion. */
	w->sheet = sheet_make("processed-fruit-nut", rand_r(seed) % 6 ? 20 + rand_r(seed) % 4 : rand_r(seed) % 70);
	if (rand_r(seed) % 8 == 0)
		oddities[(size_t)rand_r(seed) % countof(oddities)](w);
}

static void
walk(unsigned *seed, unsigned *moved)
{
	static const char *const seats[] = { "chair", "agriculture", "infrastructure", "finance", "health", "culture", "environment", "gone" };
	struct world w;
	int64_t now = day("2020-03-05");

	reach(&w, ways[(size_t)rand_r(seed) % countof(ways)].state);
	for (int i = 0; i < 60; i++) {
		size_t r = (size_t)rand_r(seed) % countof(rules);
		/* Half the time somebody who may. */
		struct text roles = text_of(rules[r].roles), role;

		text_next(&roles, '|', &role);
		const char *who = rand_r(seed) % 2 ? actors[(size_t)rand_r(seed) % countof(actors)].name
		                                   : arena_text(arena, role).ptr;
		const char *params = rules[r].params;
		char when[DAY_LEN + 1];

		now += rand_r(seed) % 4 == 0;
		day_print(now, when);
		walk_prepare(&w, seed);
		if (strcmp(rules[r].method, "assess") == 0)
			params = arena_printf(arena, "{'member':'%s'}", seats[(size_t)rand_r(seed) % countof(seats)]).ptr;
		if (w.known && w.d.due != NONE && now > w.d.due && w.d.overdue != 1) {
			workflow_clock(&w.d, TEXT("overdue"), &w.change);
			happen(&w, TEXT("overdue"), day_start(now));
		}
		if (act(&w, who, rules[r].method, when, params) == OK)
			*moved |= 1u << r;
	}
}

static void
test_walks(void **unused)
{
	const char *given = getenv("OCOP_SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : 20200310u;
	const unsigned all = (1u << countof(rules)) - 1;
	unsigned moved = 0;

	(void)unused;
	print_message("seed %u\n", seed);
	/* Until everything has happened at least once. */
	for (int i = 0; i < 400 || (moved != all && i < 4000); i++) {
		walk(&seed, &moved);
		arena_reset(arena);
	}
	assert_int_equal(moved, all);
}

/* --- */

static int
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
		workflow = programme_workflow(programme, (struct text){ NULL, 0 });
	return programme ? 0 : -1;
}

static int
unload(void **state)
{
	(void)state;
	programme_destroy(&programme);
	arena_destroy(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matrix), cmocka_unit_test(test_guards), cmocka_unit_test(test_what_is_missing),
		cmocka_unit_test(test_rights), cmocka_unit_test(test_sees), cmocka_unit_test(test_intake),
		cmocka_unit_test(test_late), cmocka_unit_test(test_clock), cmocka_unit_test(test_life),
		cmocka_unit_test(test_below), cmocka_unit_test(test_reasons), cmocka_unit_test(test_amend_group),
		cmocka_unit_test(test_walks),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
