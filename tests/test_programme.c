/* Tests of the programme's loader: the shipped folder, and every complaint about a changed copy. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/programme.h"

static const char shipped[] = "config/krong-nang-2020";
static char folder[64];         /* a copy of it, for changing */
static struct programme *programme;
static struct arena *arena;

static void
read_whole(const char *path, struct buf *ret)
{
	FILE *f = fopen(path, "r");
	size_t got;
	assert_non_null(f);
	while ((got = fread(buf_room(ret, 65536), 1, 65536, f)) > 0)
		ret->len += got;
	fclose(f);
	buf_byte(ret, 0);
	ret->len--;
}

static void
write_whole(const char *path, struct text content)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(content.ptr, 1, content.len, f), content.len);
	assert_int_equal(fclose(f), 0);
}

static const char *
path_of(const char *dir, const char *file)
{
	return arena_printf(arena, "%s/%s", dir, file).ptr;
}

/* Copies the ZPL files of one folder, or only removes them. */
static void
copy_folder(const char *from, const char *to, bool remove)
{
	struct dirent *entry;
	DIR *dir = opendir(remove ? to : from);
	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (strstr(entry->d_name, ".zpl") && remove) {
			unlink(path_of(to, entry->d_name));
		} else if (strstr(entry->d_name, ".zpl")) {
			struct buf content = { 0 };
			read_whole(path_of(from, entry->d_name), &content);
			write_whole(path_of(to, entry->d_name), buf_view(&content));
			buf_free(&content);
		}
	closedir(dir);
}

static int
set_up(void **state)
{
	struct complaints complaints = { 0 };
	(void)state;
	arena = arena_new();
	snprintf(folder, sizeof folder, "/tmp/test_programme.XXXXXX");
	if (!mkdtemp(folder) || mkdir(path_of(folder, "criteria"), 0700))
		return -1;
	copy_folder(shipped, folder, false);
	copy_folder(path_of(shipped, "criteria"), path_of(folder, "criteria"), false);
	programme = programme_load(shipped, &complaints);
	if (!programme)
		fprintf(stderr, "%.*s", TEXT_ARG(buf_view(&complaints.text)));
	buf_free(&complaints.text);
	return programme ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	programme_destroy(&programme);
	copy_folder(NULL, path_of(folder, "criteria"), true);
	copy_folder(NULL, folder, true);
	rmdir(path_of(folder, "criteria"));
	rmdir(folder);
	arena_destroy(&arena);
	return 0;
}

static void
test_shipped(void **state)
{
	static const char *const expected[] = {
		"/calendar.zpl:", "warning: 2026-11-24 ",
		"/criteria/functional-food-medicine.zpl:", "sums to 98, not to 100",
		"/criteria/liquid-condiment.zpl:", "sums to 98, not to 100",
		"/criteria/other-alcohol.zpl:", "sums to 98, not to 100",
	};
	struct complaints complaints = { 0 };
	struct programme *p = programme_load(shipped, &complaints);
	const char *at = arena_text(arena, buf_view(&complaints.text)).ptr;
	(void)state;
	assert_non_null(p);
	assert_int_equal(complaints.errors, 0);
	assert_int_equal(complaints.warnings, 4);
	for (size_t i = 0; i < countof(expected); i++) {
		at = strstr(at, expected[i]);
		if (!at)
			fail_msg("no \"%s\" in %.*s", expected[i], TEXT_ARG(buf_view(&complaints.text)));
	}
	assert_true(text_equal(p->warnings, buf_view(&complaints.text)));
	buf_free(&complaints.text);
	programme_destroy(&p);
	assert_null(p);
}

static void
test_facts(void **state)
{
	const struct programme *p = programme;
	size_t criteria = 0, findings = 0, stories = 0, zeros = 0, cases = 0;
	(void)state;
	assert_true(text_is(p->source, "/ocop/650"));
	assert_int_equal(p->unit_count, 12);
	assert_int_equal(p->document_count, 17);
	assert_int_equal(p->set_count, 26);
	assert_int_equal(p->round_count, 2);
	assert_int_equal(p->council.count, 7);
	assert_int_equal(p->council.quorum_num * 100 / p->council.quorum_den, 75);
	assert_int_equal(p->council.spread_max, 10);
	assert_true(p->council.chair_needed && p->council.members[0].chair);
	assert_int_equal(p->band_count, 5);
	assert_int_equal(p->content_count, 7);
	assert_int_equal(p->source_count, 3);
	assert_int_equal(p->producer_kind_count, 5);
	assert_int_equal(p->milestone_count, 6);
	assert_int_equal(p->target_max, 3);
	assert_int_equal(p->workflows[0].check_days, 3);
	for (size_t i = 0; i < p->set_count; i++) {
		const struct criteria_set *set = &p->sets[i];
		bool defective = text_among(set->label.code, "functional-food-medicine|liquid-condiment|other-alcohol");
		bool empty = text_is(set->label.code, "rice-cereal");
		assert_int_equal(set->part_max[0], empty ? 0 : 35);
		assert_int_equal(set->part_max[1], empty ? 0 : 25);
		assert_int_equal(set->part_max[2], empty ? 0 : defective ? 38 : 40);
		assert_int_equal(set->samples, text_is(set->label.code, "community-tourism") ? 0 : 5);
		criteria += set->count;
		for (size_t k = 0; k < set->count; k++) {
			findings += set->criteria[k].finding_count;
			stories += set->criteria[k].rules & RULE_STORY ? 1 : 0;
			zeros += set->criteria[k].rules & RULE_ZERO ? 1 : 0;
			cases += set->criteria[k].case_count == 2;
		}
	}
	/* The counts of the notes that came with the table. */
	assert_int_equal(criteria, 751);
	assert_int_equal(findings, 22 + 15 + 5 + 17 + 4 + 3 + 3);
	assert_int_equal(stories, 48);
	assert_int_equal(zeros, 5);
	assert_int_equal(cases, 28);
}

/* The table of transitions, as the wire contract has it. */
static const struct { const char *method, *from, *to; unsigned roles; const char *event; } moves[] = {
	{ "propose",    NULL,        "proposed",     ROLE(OFFICER) | ROLE(COMMUNE),  "proposed" },
	{ "submit",     NULL,        "submitted",    ROLE(OFFICER),                  "submitted" },
	{ "submit",     "proposed",  "submitted",    ROLE(OFFICER),                  "submitted" },
	{ "return",     "submitted", "returned",     ROLE(OFFICER),                  "returned" },
	{ "return",     "complete",  "returned",     ROLE(OFFICER),                  "returned" },
	{ "resubmit",   "returned",  "submitted",    ROLE(OFFICER),                  "resubmitted" },
	{ "resubmit",   "recalled",  "recalled",     ROLE(OFFICER),                  "resubmitted" },
	{ "complete",   "submitted", "complete",     ROLE(OFFICER),                  "completed" },
	{ "assess",     "complete",  "complete",     ROLE(COUNCIL) | ROLE(SECRETARY), "assessed" },
	{ "score",      "complete",  "scored",       ROLE(SECRETARY),                "scored" },
	{ "disqualify", "complete",  "disqualified", ROLE(SECRETARY),                "disqualified" },
	{ "forward",    "scored",    "forwarded",    ROLE(OFFICER),                  "forwarded" },
	{ "forward",    "recalled",  "forwarded",    ROLE(OFFICER),                  "forwarded" },
	{ "recall",     "forwarded", "recalled",     ROLE(OFFICER),                  "recalled" },
	{ "rank",       "forwarded", "ranked",       ROLE(OFFICER),                  "ranked" },
	{ "support",    "ranked",    "supported",    ROLE(FINANCE) | ROLE(OFFICER),  "supported" },
	{ "support",    "supported", "supported",    ROLE(FINANCE) | ROLE(OFFICER),  "supported" },
	{ "lapse",      "submitted", "lapsed",       ROLE(OFFICER),                  "lapsed" },
	{ "lapse",      "returned",  "lapsed",       ROLE(OFFICER),                  "lapsed" },
	{ "withdraw",   "proposed",  "withdrawn",    ROLE(OFFICER),                  "withdrawn" },
	{ "withdraw",   "submitted", "withdrawn",    ROLE(OFFICER),                  "withdrawn" },
	{ "withdraw",   "returned",  "withdrawn",    ROLE(OFFICER),                  "withdrawn" },
	{ "withdraw",   "complete",  "withdrawn",    ROLE(OFFICER),                  "withdrawn" },
	{ "withdraw",   "scored",    "withdrawn",    ROLE(OFFICER),                  "withdrawn" },
	{ "withdraw",   "recalled",  "withdrawn",    ROLE(OFFICER),                  "withdrawn" },
	{ "amend",      "proposed",  "proposed",     ROLE(OFFICER),                  "amended" },
	{ "amend",      "submitted", "submitted",    ROLE(OFFICER),                  "amended" },
	{ "amend",      "returned",  "returned",     ROLE(OFFICER),                  "amended" },
	{ "amend",      "complete",  "complete",     ROLE(OFFICER),                  "amended" },
	{ "note",       "withdrawn", "withdrawn",    ROLES_ALL,                      "noted" },
};

static void
test_moves(void **state)
{
	const struct workflow *w = programme_workflow(programme, (struct text){ 0 });
	size_t count = 0;
	(void)state;
	for (size_t i = 0; i < countof(moves); i++) {
		const struct transition *t = workflow_transition(w, arena_printf(arena, "dossier.%s", moves[i].method));
		int from = moves[i].from ? workflow_state(w, text_of(moves[i].from)) : STATE_NONE;
		size_t k = 0;
		assert_non_null(t);
		while (k < t->move_count && t->moves[k].from != from)
			k++;
		if (k == t->move_count || t->moves[k].to != workflow_state(w, text_of(moves[i].to))
		    || t->roles != moves[i].roles || !text_is(t->event, moves[i].event))
			fail_msg("dossier.%s from %s", moves[i].method, moves[i].from ? moves[i].from : "none");
	}
	for (size_t i = 0; i < w->transition_count; i++)
		count += w->transitions[i].move_count;
	assert_int_equal(w->transition_count, 16);
	assert_int_equal(count, countof(moves) - 1 + w->state_count); /* note: once for each state */
	assert_int_equal(w->states[workflow_state(w, TEXT("submitted"))].clock, DEADLINE_CHECK);
	assert_int_equal(w->states[workflow_state(w, TEXT("returned"))].clock, DEADLINE_NONE);
	assert_int_equal(w->states[workflow_state(w, TEXT("ranked"))].closed, CLOSED_BELOW | CLOSED_EXPIRED);
	assert_int_equal(w->states[workflow_state(w, TEXT("lapsed"))].closed, CLOSED_ALWAYS);
}

#define WORKFLOW "workflow.zpl"
#define COFFEE   "criteria/coffee-cocoa.zpl"
#define TOURISM  "criteria/community-tourism.zpl"

/* In the copy of `file`, the first `from` becomes `to`; then the line of the first `at` (NULL: of
 * the change) must draw a complaint with these words. */
static const struct { const char *file, *from, *to, *at, *words; } complaints_table[] = {
	/* Keys and values. */
	{ WORKFLOW, "    event = returned", "    evnt = returned", NULL, "unknown key \"evnt\"; one of these would be right: event, vi, en" },
	{ WORKFLOW, "    event = returned\n", "", "transition = return", "transition \"return\" has no \"event\"" },
	{ WORKFLOW, "    event = returned", "    event = returned\n    event = x", "    event = x", "\"event\" stands twice, first in line" },
	{ WORKFLOW, "    event = returned", "    event", NULL, "\"event\" has no value" },
	{ WORKFLOW, "    roles = \"officer commune\"", "    roles = \" \"", NULL, "\"roles\" has no value" },
	{ WORKFLOW, "    event = returned", "    event = returned\n        vi = x", "        vi = x", "nothing may stand below \"event\"" },
	{ WORKFLOW, "    vi = \"Chấm điểm\"", "\tvi = x", NULL, "a tab" },
	{ WORKFLOW, "legal = \"Kế hoạch 17/KH-UBND ngày 10/02/2020 của UBND huyện Krông Năng\"\n", "", "#", "the file has no \"legal\"" },
	{ WORKFLOW, "valid-from = 2020-02-10\n", "", "#", "the file has no \"valid-from\"" },
	{ WORKFLOW, "valid-from = 2020-02-10", "valid-from = 10/02/2020", NULL, "\"10/02/2020\" in \"valid-from\" is no date" },
	{ "units.zpl", "valid-from = 2020-01-01\n", "", "#", "the file has no \"valid-from\"" },
	{ COFFEE, "valid-from = 2019-08-21", "valid-from = 2019-02-30", NULL, "is no date" },
	{ COFFEE, "legal =", "#", "#", "the file has no \"legal\"" },
	{ WORKFLOW, "check-days = 3", "check-days = three", NULL, "\"three\" in \"check-days\"; a whole number from 0 to 365" },
	/* Words of the workflow. */
	{ WORKFLOW, "guards = known-documents\n", "guards = know-documents\n", NULL, "unknown guard \"know-documents\"; one of these would be right: known-commune" },
	{ WORKFLOW, "guards = \"documents-complete samples-enough\"", "guards = \"quorum quorum\"", NULL, "guard \"quorum\" stands twice" },
	{ WORKFLOW, "guards = \"documents-complete samples-enough\"", "guards = known-round", NULL, "guard \"known-round\" asks about parameters the transition does not take; takes with one of \"round\"" },
	{ WORKFLOW, "    takes = \"samples received\"", "    takes = samples", "    guards = \"known-documents received-not-future\"", "guard \"received-not-future\" asks about" },
	{ WORKFLOW, "    takes = \"samples received\"", "    takes = samples", "    effects = \"merge-documents start-check\"", "effect \"start-check\" works with parameters the transition does not take; takes = \"received\" as well" },
	{ WORKFLOW, "    effects = \"set-reasons count-return", "    effects = \"set-reason count-return", NULL, "unknown effect \"set-reason\"; one of these would be right: register" },
	{ WORKFLOW, "    deadline = check", "    deadline = tomorrow", NULL, "unknown deadline \"tomorrow\"" },
	{ WORKFLOW, "    roles = \"officer commune\"", "    roles = \"officer mayor\"", NULL, "unknown role \"mayor\"; one of these would be right: officer secretary" },
	{ WORKFLOW, "    needs = \"documents samples\"", "    needs = \"documents sample\"", NULL, "unknown parameter \"sample\"" },
	{ WORKFLOW, "    takes = until", "    takes = \"until key\"", NULL, "unknown parameter \"key\"" },
	{ WORKFLOW, "    notice = commune", "    notice = mayor", NULL, "unknown notice \"mayor\"; one of these would be right: commune" },
	{ WORKFLOW, "    closed = below", "    closed = sometimes", NULL, "unknown word \"sometimes\"; always, below or expired" },
	{ WORKFLOW, "    final = yes", "    final = perhaps", NULL, "unknown final \"perhaps\"; one of these would be right: no, yes" },
	{ WORKFLOW, "    clock = check", "    clock = scoring", NULL, "unknown clock \"scoring\"" },
	{ WORKFLOW, "    clock = check\n", "", "transition = submit", "clock = check in a state would be right" },
	{ WORKFLOW, "state = recalled", "state = Recalled", NULL, "\"Recalled\" is no code" },
	{ WORKFLOW, "state = recalled", "state = any", NULL, "\"any\" has a meaning of its own" },
	/* Moves. */
	{ WORKFLOW, "> returned\"", "> retuned\"", NULL, "unknown state \"retuned\"" },
	{ WORKFLOW, "\"returned > submitted\"", "\"retuned > submitted\"", NULL, "unknown state \"retuned\"" },
	{ WORKFLOW, "\"returned > submitted\"", "\"returned submitted\"", NULL, "is no move; FROM > TO" },
	{ WORKFLOW, "\"returned > submitted\"", "\"returned > submitted complete\"", NULL, "is no move; FROM > TO" },
	{ WORKFLOW, "\"returned > submitted\"", "\"returned > submitted > complete\"", NULL, "is no move; FROM > TO" },
	{ WORKFLOW, "\"returned > submitted\"", "\"> returned > submitted\"", NULL, "is no move; FROM > TO" },
	{ WORKFLOW, "\"returned > submitted\"", "\"returned >\"", NULL, "is no move; FROM > TO" },
	{ WORKFLOW, "\"none > proposed\"", "\"none > same\"", NULL, "a new dossier has no state to keep" },
	{ WORKFLOW, "\"none > submitted\"", "\"proposed > submitted\"", "    move = \"proposed > submitted\"\n    roles", "a second move from \"proposed\" in transition \"submit\"" },
	{ WORKFLOW, "\"recalled > recalled\"", "\"returned > lapsed\"", NULL, "a second move from \"returned\" in transition \"resubmit\"" },
	{ WORKFLOW, "    effects = register\n", "", "transition = propose", "begins a dossier without registering it" },
	/* Names. */
	{ WORKFLOW, "transition = lapse", "transition = withdraw", "transition = withdraw\n    event = withdrawn", "transition \"withdraw\" is named twice, first in line" },
	{ WORKFLOW, "transition = lapse", "transition = list", NULL, "\"dossier.list\" is a method of the daemon's own" },
	{ WORKFLOW, "    event = lapsed", "    event = noted", "    event = noted\n    vi = \"Ghi chú", "transition \"lapse\" has the event \"noted\" already" },
	{ WORKFLOW, "    event = lapsed", "    event = expired", NULL, "the event \"expired\" is the clock's own" },
	{ WORKFLOW, "state = lapsed", "state = withdrawn", "state = withdrawn\n    vi = \"Đã rút", "state \"withdrawn\" is named twice, first in line" },
	/* Ways. */
	{ WORKFLOW, "    move = \"submitted returned > lapsed\"", "    move = \"lapsed > same\"", "state = lapsed", "nobody can reach state \"lapsed\"" },
	{ WORKFLOW, "    final = yes\n    closed = \"below expired\"", "    closed = \"below expired\"", "state = supported", "nobody can leave state \"supported\"" },
	{ WORKFLOW, "    en = \"Ranked by the province\"", "    en = \"Ranked\"\n    final = yes", "state = ranked", "state \"ranked\" is final but a transition leaves it" },
	{ WORKFLOW, "    move = \"ranked > supported\"\n    move = \"supported > supported\"", "    move = \"ranked > forwarded\"\n    move = \"forwarded > supported\"\n    move = \"supported > ranked\"", "state = supported", "state \"supported\" is final but a transition leaves it" },
	{ WORKFLOW, "    final = yes\n    closed = \"below expired\"\n\nstate = lapsed", "    closed = \"below expired\"\n\nstate = after\n    vi = a\n    en = a\n\nstate = lapsed", "state = after", "nobody can reach state \"after\"" },
	{ WORKFLOW, "transition = note", "state = x\n    vi = x\n    en = x\nstate = y\n    vi = y\n    en = y\ntransition = turn\n    event = turned\n    vi = x\n    en = x\n    roles = admin\n    legal = x\n    move = \"complete y > x\"\n    move = \"x > y\"\ntransition = note", "state = x", "from state \"x\" no way leads to a final state" },
	/* Criteria. */
	{ COFFEE, "            points = \"0,1,2,3\"", "            points = \"0,2,1,3\"", NULL, "the ladder \"0,2,1,3\" is not ascending, 1 stands behind 2" },
	{ COFFEE, "            points = \"0,1,2,3\"", "            points = \"0,1,1,3\"", NULL, "is not ascending" },
	{ COFFEE, "            points = \"0,1,2,3\"", "            points = \"1,2,3\"", NULL, "does not go up from 0" },
	{ COFFEE, "            points = \"0,1,2,3\"", "            points = \"0,1,x,3\"", NULL, "\"x\" in \"points\"; a whole number from 0 to 100" },
	{ COFFEE, "            points = \"0,1,2,3\"", "            points = \"0,1,,2,3\"", NULL, "\"0,1,,2,3\" has a comma too many" },
	{ COFFEE, "            points = \"0,1,2,3\"", "            points = \"0,(1),2,3\"", NULL, "\"(1)\" in \"points\"" },
	{ COFFEE, "            points = \"0,1,2,3\"", "            points = \"0,1,2,3,4\"", "        max = 18", "the maxima below section 1 sum to 19, not to the 18 declared" },
	{ COFFEE, "        max = 18", "        max = 17", NULL, "the maxima below section 1 sum to 18, not to the 17 declared" },
	{ COFFEE, "    max = 35", "    max = 36", NULL, "the maxima below part A sum to 35, not to the 36 declared" },
	{ COFFEE, "max = 100", "max = 98", NULL, "the parts sum to 100, not to the 98 declared" },
	{ COFFEE, "max = 100\n", "", "#", "the file has no \"max\"" },
	{ COFFEE, "    max = 35\n", "    max = 35\n    defect = none\n", "    defect", "a defect is declared but the parts sum to 100" },
	{ "criteria/other-alcohol.zpl", "    defect = ", "    # ", "max = 100", "the parts sum to 98, not to the 100 declared" },
	{ COFFEE, "part = B", "part = C", NULL, "part \"C\"; the parts A, B and C, once each and in this order" },
	{ COFFEE, "criterion = a1.2", "criterion = a1.1", "        criterion = a1.1\n            name = \"Gia", "criterion \"a1.1\" is named twice" },
	{ COFFEE, "criterion = a1.2", "criterion = a2.2", NULL, "criterion \"a2.2\" stands in part A, section 1; a1 or a1.1" },
	{ COFFEE, "criterion = a1.2", "criterion = a12", NULL, "criterion \"a12\" stands in part A, section 1" },
	{ COFFEE, "rules = \"knockout-origin\"", "rules = \"knock-origin\"", NULL, "unknown rule \"knock-origin\"" },
	{ COFFEE, "criterion = b5.1", "criterion = b5.9", "set = ", "needs-story is used but there is no criterion b5.1" },
	{ COFFEE, "            case = \"0,1\"\n", "", "        criterion = a3.2", "1 cases in a3.2; none or 2" },
	{ COFFEE, "case = \"0,1\"", "case = \"0,1,3\"", "        criterion = a3.2", "case 2 has the level 3, which the points of a3.2 have not" },
	{ TOURISM, "            case = \"(0),1,2\"\n            case = \"(0),1,2\"", "            case = \"1,2\"\n            case = \"1,2\"", "        criterion = a3.2", "the level 0 of a3.2 stands in none of its cases" },
	{ "criteria/rice-cereal.zpl", "criteria = none", "", "#", "part A is missing; the parts A, B and C, or criteria = none" },
	{ "criteria/tea.zpl", "set = tea", "set = coffee-cocoa", NULL, "the set \"coffee-cocoa\" of 2019-08-21 stands in another file too" },
	/* Calendar. */
	{ "calendar.zpl", "    off = 2024-05-01", "    off = 2024-05-04", "    work = 2024-05-04", "2024-05-04 is both off and working" },
	{ "calendar.zpl", "    off = 2020-05-01", "    off = 2020-04-30", "    off = 2020-04-30\n        name = \"Ngày Quốc", "2020-04-30 stands twice" },
	{ "calendar.zpl", "    off = 2020-05-01", "    off = 2020-05-32", NULL, "\"2020-05-32\" is no date" },
	{ "calendar.zpl", "    off = 2020-05-01", "    off = 2021-05-03", NULL, "2021-05-03 is not in 2020" },
	{ "calendar.zpl", "confidence = H", "confidence = sure", NULL, "unknown confidence \"sure\"; one of these would be right: H, M, L, ?" },
	{ "calendar.zpl", "year = 2022", "year = 2032", NULL, "year 2032 behind 2021; 2022 would be right" },
	{ "calendar.zpl", "        confidence = H\n", "", "    off = 2020-01-01", "off \"2020-01-01\" has no \"confidence\"" },
	/* Lists. */
	{ "units.zpl", "unit = 24346", "unit = 24343", "unit = 24343\n    vi = \"Xã", "unit \"24343\" is named twice for the same days" },
	{ "units.zpl", "    kind = town", "    kind = city", NULL, "unknown kind \"city\"; one of these would be right: town, commune" },
	{ "units.zpl", "    valid-until = 2025-06-30", "    valid-until = 2025-06-31", NULL, "is no date" },
	{ "units.zpl", "    valid-until = 2025-06-30", "    valid-from = 2026-01-01\n    valid-until = 2025-06-30", "unit = 24343", "unit \"24343\" ends before it begins" },
	{ "units.zpl", "successor = 24343@2025-07-01", "successor = 24343", NULL, "\"24343\" is no successor; CODE@DATE" },
	{ "documents.zpl", "document = organisation", "document = registration", "document = registration\n    vi = \"Giới", "document \"registration\" is named twice, first in line" },
	{ "documents.zpl", "need = mandatory", "need = useful", NULL, "unknown need \"useful\"" },
	{ "rounds.zpl", "    intake-from = 2020-04-01", "    intake-from = 2020-03-19", "round = 2020-2", "the intake of round \"2020-2\" overlaps that of \"2020-1\"" },
	{ "rounds.zpl", "    intake-from = 2020-04-01\n", "", "round = 2020-2", "overlaps that of \"2020-1\"" },
	{ "rounds.zpl", "scoring-until = 2020-03-31", "scoring-until = 2020-03-18", NULL, "scoring-until is before intake-until" },
	{ "rounds.zpl", "round = 2020-2", "round = 2020-1", "round = 2020-1\n    vi = \"Đợt 2", "round \"2020-1\" is named twice" },
	{ "council.zpl", "quorum = \"3/4\"", "quorum = \"5/4\"", NULL, "the quorum 5/4 is more than all members" },
	{ "council.zpl", "quorum = \"3/4\"", "quorum = \"75%\"", NULL, "\"75%\" is no fraction" },
	{ "council.zpl", "quorum = \"3/4\"", "quorum = \"3//4\"", NULL, "\"3//4\" is no fraction" },
	{ "council.zpl", "quorum = \"3/4\"", "quorum = \"3/0\"", NULL, "\"0\" in \"quorum\"" },
	{ "council.zpl", "    chair = yes\n", "", "chair-needed", "the chair is needed but no member is it" },
	{ "council.zpl", "member = agriculture", "member = agriculture\n    chair = yes", NULL, "a second chair" },
	{ "council.zpl", "member = health", "member = finance", "member = finance\n    vi = \"Phòng Y", "member \"finance\" is named twice" },
	{ "support.zpl", "fund = steering-335", "fund = mtqg-2020", "fund = mtqg-2020\n    vi = \"Kinh", "fund \"mtqg-2020\" is named twice" },
	{ "support.zpl", "fund = mtqg-2020", "ceiling = label\n    amount = 5\n    legal = x\nfund = mtqg-2020", NULL, "a ceiling for \"label\", which is no content" },
	{ "support.zpl", "fund = mtqg-2020", "ceiling = labels\n    amount = 5.000\n    legal = x\nfund = mtqg-2020", "    amount = 5.000\n    legal = x", "\"5.000\" in \"amount\"" },
	/* The programme's own facts. */
	{ "programme.zpl", "    from = 70", "    from = 95", "band = 4", "band 4 from 95 does not come below band 5 from 90" },
	{ "programme.zpl", "band = 4", "band = 5", "band = 5\n    from = 70", "band 5 from 70 does not come below" },
	{ "programme.zpl", "    from = 0", "    from = 1", "band = 1", "the last band begins at 1" },
	{ "programme.zpl", "band = 3", "band = 4", "band = 4\n    from = 50", "does not come below band 4" },
	{ "programme.zpl", "band = 3\n    from = 50\n", "", "forward-stars", "no band has 3 stars" },
	{ "programme.zpl", "{number:4}", "{number}", NULL, "is no number template" },
	{ "programme.zpl", "KN-{year}", "KN {year}", NULL, "is no number template" },
	{ "programme.zpl", "{number:4}", "{number:4}x", NULL, "is no number template" },
	{ "programme.zpl", "    ranked-max = 3", "    ranked-max = 0", NULL, "ranked-max 0 is below ranked-min 1" },
	{ "programme.zpl", "producer-kind = farm", "producer-kind = household", "producer-kind = household\n    vi = \"Hộ", "producer-kind \"household\" is named twice" },
	{ "programme.zpl", "producer-kind = farm", "producer-kind = \"a farm\"", NULL, "\"a farm\" is no code" },
};

/* Puts `to` for the first `from`; returns the line of the first `at` in the result, or of the change. */
static int
change_file(const char *file, const char *from, const char *to, const char *at)
{
	struct buf before = { 0 }, after = { 0 };
	int line = 1;
	read_whole(path_of(shipped, file), &before);
	const char *found = strstr(before.ptr, from);
	if (!found)
		fail_msg("%s has no \"%s\"", file, from);
	buf_add(&after, before.ptr, (size_t)(found - before.ptr));
	size_t change = after.len;
	buf_str(&after, to);
	buf_str(&after, found + strlen(from));
	write_whole(path_of(folder, file), buf_view(&after));
	buf_byte(&after, 0);
	const char *place = at ? strstr(after.ptr, at) : after.ptr + change;
	if (!place)
		fail_msg("%s has no \"%s\" after the change", file, at);
	for (const char *c = after.ptr; c < place; c++)
		line += *c == '\n';
	buf_free(&before);
	buf_free(&after);
	return line;
}

static void
restore_file(const char *file)
{
	struct buf content = { 0 };
	read_whole(path_of(shipped, file), &content);
	write_whole(path_of(folder, file), buf_view(&content));
	buf_free(&content);
}

static bool
said(const struct complaints *complaints, const char *start, const char *words)
{
	struct text rest = buf_view(&complaints->text), line;
	while (text_next(&rest, '\n', &line))
		if (line.len > strlen(start) && memcmp(line.ptr, start, strlen(start)) == 0
		    && memmem(line.ptr, line.len, words, strlen(words)))
			return true;
	return false;
}

static void
test_complaints(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(complaints_table); i++) {
		struct complaints complaints = { 0 };
		const char *file = complaints_table[i].file;
		int line = change_file(file, complaints_table[i].from, complaints_table[i].to, complaints_table[i].at);
		struct programme *p = programme_load(folder, &complaints);
		if (p || !complaints.errors)
			fail_msg("case %zu: \"%s\" was accepted", i, complaints_table[i].to);
		const char *start = arena_printf(arena, "%s/%s:%d: ", folder, file, line).ptr;
		if (!said(&complaints, start, complaints_table[i].words))
			fail_msg("case %zu: no \"%s... %s\" in\n%.*s", i, start, complaints_table[i].words,
			         TEXT_ARG(buf_view(&complaints.text)));
		buf_free(&complaints.text);
		restore_file(file);
	}
}

/* A changed copy that is right, or draws a warning. */
static const struct { const char *file, *from, *to, *warning; } accepted[] = {
	{ "support.zpl", "fund = mtqg-2020", "ceiling = labels\n    amount = 50000000\n    legal = x\nfund = mtqg-2020", NULL },
	{ "calendar.zpl", "confidence = ?", "confidence = H", NULL },
	{ "calendar.zpl", "    off = 2020-05-01", "    off = 2020-05-02", "2020-05-02 changes nothing, it is a weekend anyway" },
	{ "units.zpl", "unit = 24346", "unit = 24343\n    vi = x\n    en = x\n    kind = commune\n    valid-from = 2025-07-01\nunit = 24346", NULL },
	{ WORKFLOW, "    closed = below\n", "", NULL },
};

static void
test_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(accepted); i++) {
		struct complaints complaints = { 0 };
		change_file(accepted[i].file, accepted[i].from, accepted[i].to, NULL);
		struct programme *p = programme_load(folder, &complaints);
		if (!p || (accepted[i].warning && !said(&complaints, folder, accepted[i].warning)))
			fail_msg("case %zu: %.*s", i, TEXT_ARG(buf_view(&complaints.text)));
		programme_destroy(&p);
		buf_free(&complaints.text);
		restore_file(accepted[i].file);
	}
}

/* One file more (content) or less (NULL), and what is said then. */
static const struct { const char *file, *copy_of, *words; } folders[] = {
	{ "council.zpl",       NULL,        "/council.zpl: can't be read: No such file or directory" },
	{ WORKFLOW,            NULL,        ": there is no workflow; a file workflow.zpl would be right" },
	{ "notes.zpl",         "units.zpl", "/notes.zpl: unknown file; workflow*.zpl or one of" },
	{ "workflow-2021.zpl", WORKFLOW,    "/workflow.zpl:11: the workflow of " },
};

static void
test_folders(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(folders); i++) {
		struct complaints complaints = { 0 };
		struct buf content = { 0 };
		const char *path = path_of(folder, folders[i].file);
		if (folders[i].copy_of) {
			read_whole(path_of(shipped, folders[i].copy_of), &content);
			write_whole(path, buf_view(&content));
		} else {
			unlink(path);
		}
		assert_null(programme_load(folder, &complaints));
		if (!said(&complaints, folder, folders[i].words))
			fail_msg("case %zu: no \"%s\" in %.*s", i, folders[i].words, TEXT_ARG(buf_view(&complaints.text)));
		if (folders[i].copy_of)
			unlink(path);
		else
			restore_file(folders[i].file);
		buf_free(&content);
		buf_free(&complaints.text);
	}
	struct complaints complaints = { 0 };
	assert_null(programme_load("/nowhere/at/all", &complaints));
	assert_true(said(&complaints, "/nowhere/at/all: ", "a readable folder would be right"));
	buf_free(&complaints.text);
}

static void
write_version(const char *file, const char *from, const char *to, const char *as)
{
	struct buf content = { 0 };
	change_file(file, from, to, NULL);
	read_whole(path_of(folder, file), &content);
	write_whole(path_of(folder, as), buf_view(&content));
	restore_file(file);
	buf_free(&content);
}

/* The law changes: a second workflow and a second version of a set beside the first ones. */
static void
test_versions(void **state)
{
	static const char *const files[] = { "workflow-2019.zpl", "criteria/a-coffee-2023.zpl" };
	struct complaints complaints = { 0 };
	(void)state;
	write_version(WORKFLOW, "valid-from = 2020-02-10", "valid-from = 2019-01-01", files[0]);
	write_version(COFFEE, "valid-from = 2019-08-21", "valid-from = 2023-02-24", files[1]);
	struct programme *p = programme_load(folder, &complaints);
	for (size_t i = 0; i < countof(files); i++)
		unlink(path_of(folder, files[i]));
	assert_non_null(p);
	buf_free(&complaints.text);
	assert_true(text_is(programme_workflow(p, (struct text){ 0 })->valid_from, "2020-02-10"));
	assert_true(text_is(programme_workflow(p, TEXT("2019-01-01"))->valid_from, "2019-01-01"));
	assert_null(programme_workflow(p, TEXT("2018-01-01")));

	static const struct { const char *day, *version, *found; } cases[] = {
		{ "2018-01-01", NULL,         "2019-08-21" }, /* before the first: the first */
		{ "2019-08-21", NULL,         "2019-08-21" },
		{ "2023-02-23", NULL,         "2019-08-21" },
		{ "2023-02-24", NULL,         "2023-02-24" },
		{ "2030-01-01", "2019-08-21", "2019-08-21" },
		{ "2020-01-01", "2023-02-24", "2023-02-24" },
		{ "2020-01-01", "2022-02-24", NULL },
	};
	for (size_t i = 0; i < countof(cases); i++) {
		int64_t day;
		assert_true(day_parse(text_of(cases[i].day), &day));
		const struct criteria_set *set = programme_set(p, TEXT("coffee-cocoa"), day, text_of(cases[i].version));
		assert_int_equal(!!set, !!cases[i].found);
		if (set)
			assert_true(text_is(set->valid_from, cases[i].found));
	}
	programme_destroy(&p);
}

static void
test_lookups(void **state)
{
	const struct programme *p = programme;
	int64_t in_2020 = day_make(2020, 3, 2), absent = day_make(2025, 7, 1);
	(void)state;
	assert_true(text_is(programme_unit(p, TEXT("24346"), in_2020)->label.vi, "Xã ĐLiê Ya"));
	assert_non_null(programme_unit(p, TEXT("24346"), absent - 1));
	assert_null(programme_unit(p, TEXT("24346"), absent));
	assert_null(programme_unit(p, TEXT("24347"), in_2020));
	assert_null(programme_unit(p, (struct text){ 0 }, in_2020));
	assert_true(programme_document(p, TEXT("business-registration"))->may_be_not_applicable);
	assert_true(programme_document(p, TEXT("registration"))->mandatory);
	assert_null(programme_document(p, TEXT("samples")));
	assert_int_equal(programme_round(p, TEXT("2020-2"))->intake_until, day_make(2020, 11, 20));
	assert_int_equal(programme_round(p, TEXT("2020-1"))->intake_from, NONE);
	assert_null(programme_round(p, TEXT("2020-3")));
	assert_true(programme_member(p, TEXT("chair"))->chair);
	assert_null(programme_member(p, TEXT("mayor")));
	assert_int_equal(programme_set(p, TEXT("rice-cereal"), in_2020, (struct text){ 0 })->count, 0);
	assert_null(programme_set(p, TEXT("tractors"), in_2020, (struct text){ 0 }));
	assert_non_null(label_find(p->contents, p->content_count, TEXT("labels")));
	assert_null(label_find(p->contents, p->content_count, TEXT("label")));
	assert_null(label_find(p->contents, p->content_count, (struct text){ 0 }));
	assert_null(workflow_transition(p->workflows, TEXT("dossier.get")));
	assert_int_equal(workflow_state(p->workflows, TEXT("below")), -1);
	assert_int_equal(workflow_state(p->workflows, (struct text){ 0 }), -1);
}

static void
test_numbers(void **state)
{
	static const struct { const char *number; int year; uint32_t n; } good[] = {
		{ "KN-2020-0001", 2020, 1 }, { "KN-2020-0007", 2020, 7 }, { "KN-2020-9999", 2020, 9999 },
		{ "KN-2020-10000", 2020, 10000 }, { "KN-2020-12345", 2020, 12345 }, { "KN-2099-0420", 2099, 420 },
		{ "KN-2020-4294967295", 2020, UINT32_MAX },
	};
	static const char *const bad[] = {
		"", "KN", "KN-", "KN-2020-", "KN-2020-007", "kn-2020-0007", "KN-2020-0007 ", " KN-2020-0007", "KN-2020-0007x",
		"KN-2020-00007", "KN-2020-012345", "KN-2020-0000", "KN-2020-00000", "KN-20-0007", "KN-02020-0007", "KN-2020_0007",
		"KN2020-0007", "KN-2020-+007", "KN-2020--007", "KN-2020-4294967296", "KN-2020-99999999999", "XX-2020-0007",
		"KN-202a-0007", "KN-0000-0007", "KN-2020-000７", "KN-2020-0007-0007",
	};
	uint64_t id, last = 0;
	(void)state;
	for (size_t i = 0; i < countof(good); i++) {
		assert_true(programme_number_parse(programme, text_of(good[i].number), &id));
		assert_int_equal(id, (uint64_t)good[i].year << 32 | good[i].n);
		assert_true(text_is(programme_number_print(programme, id, arena), good[i].number));
	}
	for (size_t i = 0; i < countof(bad); i++) {
		id = last;
		if (programme_number_parse(programme, text_of(bad[i]), &id) || id != last)
			fail_msg("\"%s\" was taken for a number", bad[i]);
	}
	assert_false(programme_number_parse(programme, (struct text){ 0 }, &id));
	assert_false(programme_number_parse(programme, (struct text){ "KN-2020-0007", 13 }, &id));
}

static void
test_printing(void **state)
{
	static const struct { void (*print)(const struct programme *, struct buf *); const char *words[5]; } pages[] = {
		{ programme_print, { "dossier.return: Trả lại", "known-documents", "35 + 25 + 38 =  98", "2020  10  0  252", "Warnings\n" } },
		{ programme_workflow_dot, { "digraph", "\"submitted\" -> \"returned\" [label=\"return\"]", "\"none\" -> \"submitted\"", "peripheries=2", "}\n" } },
		{ programme_workflow_mermaid, { "stateDiagram-v2", "submitted --> returned : return", "[*] --> proposed", "withdrawn --> [*]", "state \"" } },
	};
	struct buf out = { 0 };
	(void)state;
	for (size_t i = 0; i < countof(pages); i++) {
		buf_clear(&out);
		pages[i].print(programme, &out);
		buf_byte(&out, 0);
		for (size_t k = 0; k < countof(pages[i].words); k++)
			if (!strstr(out.ptr, pages[i].words[k]))
				fail_msg("no \"%s\" in\n%s", pages[i].words[k], out.ptr);
	}
	buf_clear(&out);
	programme_workflow_json(programme, &out);
	const struct json *json = json_parse(buf_view(&out), arena, NULL);
	assert_non_null(json);
	assert_true(text_is(json_text(json_get(json, "valid-from")), "2020-02-10"));
	static const struct { const char *list; size_t count; } lists[] = {
		{ "states", 12 }, { "transitions", 16 }, { "groups", 26 }, { "communes", 12 }, { "documents", 17 },
		{ "kinds", 5 }, { "findings", 7 }, { "contents", 7 }, { "sources", 3 }, { "rounds", 2 }, { "bands", 5 },
	};
	for (size_t i = 0; i < countof(lists); i++)
		assert_int_equal(json_count(json_get(json, lists[i].list)), lists[i].count);
	const struct json *first = json_first(json_get(json, "transitions"));
	assert_true(text_is(json_text(json_get(first, "method")), "dossier.propose"));
	assert_int_equal(json_count(json_get(first, "roles")), 2);
	buf_free(&out);
}

/* The whole of a set as clients get it: its parts, sections, criteria and what each may be given. */
static void
test_criteria_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < programme->set_count; i++) {
		const struct criteria_set *set = &programme->sets[i];
		struct buf out = { 0 };
		size_t count = 0;
		criteria_set_json(set, &out);
		const struct json *json = json_parse(arena_text(arena, buf_view(&out)), arena, NULL);
		assert_non_null(json);
		assert_true(text_equal(json_text(json_get(json, "group")), set->label.code));
		assert_int_equal(json_bool(json_get(json, "scorable")), set->count > 0);
		for (const struct json *p = json_first(json_get(json, "parts")); p; p = json_next(p)) {
			int64_t part_max, sum = 0, max;
			assert_true(json_int(json_get(p, "max"), &part_max));
			for (const struct json *s = json_first(json_get(p, "sections")); s; s = json_next(s)) {
				assert_true(json_text(json_get(s, "name")).len > 0);
				for (const struct json *k = json_first(json_get(s, "criteria")); k; k = json_next(k), count++) {
					assert_true(json_int(json_get(k, "max"), &max));
					assert_int_equal(json_count(json_get(k, "levels")), set->criteria[count].level_count);
					assert_int_equal(json_count(json_get(k, "cases")), set->criteria[count].case_count);
					assert_true(text_equal(json_text(json_get(k, "criterion")), set->criteria[count].code));
					sum += max;
				}
			}
			assert_int_equal(sum, part_max);
		}
		assert_int_equal(count, set->count);
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_complaints),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_lookups),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_printing),
		cmocka_unit_test(test_criteria_json),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
