/* Tests of the core by stories: a line is a step of a dossier's life and all that comes of it. */
#include "tests/workflow_world.h"

#define STORY(name, ...) \
	static void \
	name(void **state) \
	{ \
		static const struct step steps[] = { __VA_ARGS__ }; \
		(void)state; \
		story(steps, countof(steps)); \
	}

#define NEW { NULL, NULL, NULL, NULL, NULL }
#define AGAIN { "again", NULL, NULL, NULL, NULL }
#define SHEET(seat, total, wanted) { "secretary", "2020-03-10", "assess", "'member':'" seat "','sheet':@" total, wanted }
#define SHEETS(one, other) \
	SHEET("chair", other, "complete"), SHEET("agriculture", one, "complete"), SHEET("infrastructure", one, "complete"), \
	SHEET("finance", one, "complete"), SHEET("health", one, "complete"), SHEET("culture", one, "complete")
#define SEVEN(one, other) SHEETS(one, other), SHEET("environment", one, "complete")
#define BEGIN(registration) \
	{ "officer", "2020-03-02", "submit", registration, "submitted due 2020-03-05" }, \
	{ "officer", "2020-03-05", "complete", "", "complete" }
#define SCORE(wanted) { "secretary", "2020-03-25", "score", "'minutes':'BB 1'", wanted }
#define AVERAGE(one, other, sum, points, stars) \
	NEW, BEGIN(SUBMIT), SEVEN(one, other), SCORE("scored"), \
	{ "record", NULL, "score", NULL, "{'score':{'sum':" sum ",'count':7,'points':'" points "','stars':" stars \
	  ",'minutes':'BB 1','date':'2020-03-25'}}" }

/* The exact average decides: a point less than n times the band's edge stays below it. */
STORY(test_averages,
	AVERAGE("30", "29", "209", "29.85", "1"), AVERAGE("30", "30", "210", "30.00", "2"),
	AVERAGE("50", "49", "349", "49.85", "2"),
	{ "officer", "2020-03-26", "forward", "'letter':'CV'", "!three-stars stars: 3" },
	AVERAGE("50", "50", "350", "50.00", "3"),
	{ "officer", "2020-03-26", "forward", "'letter':'CV'", "forwarded" },
	AVERAGE("70", "69", "489", "69.85", "3"), AVERAGE("70", "70", "490", "70.00", "4"),
	AVERAGE("90", "89", "629", "89.85", "4"), AVERAGE("90", "90", "630", "90.00", "5"),
	AVERAGE("60", "70", "430", "61.42", "3"))

STORY(test_conclusion,
	BEGIN(SUBMIT),
	SCORE("!quorum sheets: chair, agriculture, infrastructure, finance, health, culture, environment"),
	SHEETS("60", "60"), SHEET("health", "70", "complete"), SHEET("chair", "71", "complete"),
	SCORE("!spread sheets: 10"), SHEET("chair", "70", "complete"), SCORE("scored"),
	/* Five with the chair; six without. */
	NEW, BEGIN(SUBMIT),
	SHEET("chair", "60", "complete"), SHEET("agriculture", "60", "complete"), SHEET("finance", "60", "complete"),
	SHEET("health", "60", "complete"), SHEET("culture", "60", "complete"),
	SCORE("!quorum sheets: infrastructure, environment"), SHEET("environment", "60", "complete"), SCORE("scored"),
	NEW, BEGIN(SUBMIT),
	SHEET("environment", "60", "complete"), SHEET("agriculture", "60", "complete"), SHEET("finance", "60", "complete"),
	SHEET("health", "60", "complete"), SHEET("culture", "60", "complete"), SHEET("infrastructure", "60", "complete"),
	SCORE("!quorum sheets: chair"), SHEET("chair", "60", "complete"), SCORE("scored"))

STORY(test_zero_stops,
	BEGIN(WATER "," WHO "," INTAKE), SEVEN("60", "60"),
	SHEET("health", "60!c6.1=0", "complete"), SCORE("!no-knockout sheet.c6.1"),
	SHEET("health", "60!c6.2=0", "complete"), SCORE("!no-knockout sheet.c6.2"),
	SHEET("health", "60!c6.3=0", "complete"), SCORE("!no-knockout sheet.c6.3"),
	SHEET("health", "60!c6.4=0", "complete"), SCORE("!no-knockout sheet.c6.4"),
	{ "secretary", "2020-03-25", "disqualify", "'rule':'knockout-ip','reason':'x'",
	  "!known-finding rule: knockout-origin, knockout-foreign-matter, knockout-zero, knockout-food-safety" },
	SHEET("health", "60", "complete"), SCORE("scored"),
	NEW, BEGIN(WATER "," WHO "," INTAKE), SHEET("health", "60!c6.1=0", "complete"),
	{ "secretary", "2020-03-25", "disqualify", "'rule':'knockout-zero','reason':'cặn'", "disqualified" },
	{ "record", NULL, "rule", NULL, "{'rule':'knockout-zero'}" },
	{ "record", NULL, "reason", NULL, "{'reason':'cặn'}" })

STORY(test_sheet,
	BEGIN(SUBMIT),
	SHEET("health", "60!c7-!a1.1-", "!sheet-complete sheet: a1.1, c7"),
	SHEET("health", "60!c10=2", "!sheet-ladder sheet.c10: 0, 1, 3, 5"),
	SHEET("health", "60!b4.2=4", "!sheet-ladder sheet.b4.2: 0, 1, 3, 5"),
	SHEET("health", "60!b5.1=0!b5.2=1!b5.3=0", "!story-first sheet.b5.2: 0"),
	SHEET("health", "60!b5.1=0!b5.2=0!b5.3=1", "!story-first sheet.b5.3: 0"),
	SHEET("health", "60!b5.1=0!b5.2=0!b5.3=0", "complete"),
	SHEET("health", "60!a3.2=0", "complete"), SHEET("health", "60!a3.2=2", "complete"),
	SHEET("health", "60!a3.2=3", "!sheet-ladder sheet.a3.2: 0, 1, 2"),
	SHEET("treasurer", "60", "!known-member member"),
	/* A member for itself, the secretary for whom it names. */
	{ "health", "2020-03-10", "assess", "'sheet':@61", "complete" },
	{ "health", "2020-03-10", "assess", "'sheet':@62,'member':'health'", "complete" },
	{ "health", "2020-03-10", "assess", "'sheet':@61,'member':'chair'", "!forbidden member" },
	{ "secretary", "2020-03-10", "assess", "'sheet':@61", "!params member" },
	{ "officer", "2020-03-10", "assess", "'sheet':@61,'member':'chair'", "!forbidden" },
	/* The later sheet in the place of the earlier. */
	{ "chair", "2020-03-11", "assess", "'sheet':@70,'comment':'đạt'", "complete" },
	{ "health", "2020-03-12", "assess", "'sheet':@65", "complete" },
	{ "event", NULL, "total", NULL, "{'total':65}" },
	{ "event", NULL, "member", NULL, "{'member':'health'}" })

/* The set has no criteria: the dossier is taken in and checked, but not scored. */
#define RICE "'product':{'name':'Gạo','group':'rice-cereal'}"
#define TOUR "'product':{'name':'Thác','group':'community-tourism'}"
STORY(test_groups,
	BEGIN(RICE "," WHO "," INTAKE),
	{ "secretary", "2020-03-10", "score", "'minutes':'x'", "!scorable product.group" },
	{ "officer", "2020-03-10", "amend", "'reason':'nhầm nhóm'," WATER, "complete" },
	SHEET("health", "60", "complete"),
	{ "officer", "2020-03-10", "amend", "'reason':'tên'," WATER, "complete" },
	{ "record", NULL, "reason", NULL, "{}" },
	{ "event", NULL, "reason", NULL, "{'reason':'tên'}" },
	{ "event", NULL, "criteria", NULL, "{}" },
	{ "officer", "2020-03-11", "amend", "'reason':'x'," COFFEE, "complete" },
	{ "record", NULL, "sheets", NULL, "{}" },
	{ "officer", "2020-03-11", "withdraw", "'reason':'theo đơn'", "withdrawn" },
	{ "record", NULL, "reason", NULL, "{'reason':'theo đơn'}" },
	/* A service hands in no samples. */
	NEW, { "officer", "2020-03-02", "submit", TOUR "," WHO "," PAPERS ",'samples':0", "submitted due 2020-03-05" },
	{ "officer", "2020-03-03", "complete", "", "complete" },
	NEW, { "officer", "2020-03-02", "submit", COFFEE "," WHO "," PAPERS ",'samples':4", "submitted due 2020-03-05" },
	{ "officer", "2020-03-03", "complete", "", "!samples-enough samples: 5" },
	{ "officer", "2020-03-03", "amend", "'samples':5,'reason':'đếm lại'", "submitted due 2020-03-05" },
	{ "officer", "2020-03-03", "complete", "", "complete" })

#define ONE_PAPER(code, status) "'documents':[{'code':'" code "','status':'" status "'}]"
STORY(test_papers,
	{ "officer", "2020-03-02", "submit", COFFEE "," WHO ",'samples':5," ONE_PAPER("story", "present"), "submitted due 2020-03-05" },
	{ "officer", "2020-03-03", "complete", "",
	  "!documents-complete documents: registration, business-plan, organisation, business-registration" },
	{ "officer", "2020-03-03", "amend", "'reason':'x'," PAPERS, "submitted due 2020-03-05" },
	{ "officer", "2020-03-03", "amend", "'reason':'x'," ONE_PAPER("organisation", "not-applicable"), "submitted due 2020-03-05" },
	{ "officer", "2020-03-03", "complete", "", "!documents-complete documents: organisation" },
	{ "officer", "2020-03-03", "amend", "'reason':'x'," ONE_PAPER("organisation", "invalid"), "submitted due 2020-03-05" },
	{ "officer", "2020-03-03", "complete", "", "!documents-complete documents: organisation" },
	{ "officer", "2020-03-03", "return", "'reasons':[{'document':'organisation','reason':'thiếu'}],'until':'2020-03-12'", "returned" },
	{ "officer", "2020-03-06", "resubmit",
	  "'documents':[{'code':'awards','status':'present'},{'code':'organisation','status':'present','note':'mới'}]", "submitted due 2020-03-11" },
	{ "record", NULL, "documents", NULL,
	  "{'documents':[{'code':'story','status':'present'},{'code':'registration','status':'present'},"
	  "{'code':'business-plan','status':'present'},{'code':'organisation','status':'present','note':'mới'},"
	  "{'code':'business-registration','status':'not-applicable'},{'code':'awards','status':'present'}]}" },
	{ "record", NULL, "until", NULL, "{'until':'2020-03-12'}" },
	{ "officer", "2020-03-06", "complete", "", "complete" },
	{ "officer", "2020-03-09", "return", "'reasons':[{'reason':'lại'}]", "returned" },
	{ "record", NULL, "returns", NULL, "{'returns':2}" },
	{ "record", NULL, "until", NULL, "{}" })

/* DOMAIN 5.3; the day of receipt does not count. */
#define TAKEN(received, due, late) NEW, { "officer", received, "submit", SUBMIT, "submitted due " due late }
STORY(test_deadlines,
	TAKEN("2020-02-10", "2020-02-13", ""), TAKEN("2020-02-13", "2020-02-18", ""), TAKEN("2020-03-16", "2020-03-19", ""),
	TAKEN("2020-03-30", "2020-04-03", ""), TAKEN("2020-01-21", "2020-01-31", ""), TAKEN("2020-04-28", "2020-05-05", ""),
	TAKEN("2024-04-26", "2024-05-04", " late"), TAKEN("2025-04-24", "2025-04-28", " late"),
	/* The commune ended with June 2025; it is still known. */
	TAKEN("2025-06-30", "2025-07-03", " late"), TAKEN("2025-07-01", "2025-07-04", " late"),
	/* The day of receipt is what counts, not the day it is entered. */
	NEW, { "officer", "2020-01-30", "submit", SUBMIT ",'received':'2020-01-21'", "submitted due 2020-01-31" },
	{ "officer", "2020-02-03", "return", "'reasons':[{'reason':'x'}]", "returned late" },
	{ "officer", "2020-04-03", "resubmit", PAPERS ",'received':'2020-04-01'", "submitted due 2020-04-07" },
	{ "record", NULL, "received", NULL, "{'received':'2020-04-01'}" },
	{ "officer", "2020-04-07", "complete", "", "complete" })

#define ROUND(code) { "record", NULL, "round", NULL, "{'round':'" code "'}" }
STORY(test_rounds,
	TAKEN("2020-03-19", "2020-03-24", ""), ROUND("2020-1"),
	TAKEN("2020-03-20", "2020-03-25", ""), ROUND("2020-2"),
	TAKEN("2020-11-20", "2020-11-25", ""), ROUND("2020-2"),
	TAKEN("2020-11-21", "2020-11-25", " late"), ROUND("2020-2"),
	NEW, { "officer", "2020-03-23", "submit", SUBMIT ",'received':'2020-03-19'", "submitted due 2020-03-24" }, ROUND("2020-1"),
	NEW, { "officer", "2020-03-20", "submit", SUBMIT ",'round':'2020-1'", "submitted due 2020-03-25 late" }, ROUND("2020-1"),
	NEW, { "officer", "2020-02-20", "submit", SUBMIT ",'round':'2020-2'", "submitted due 2020-02-25" }, ROUND("2020-2"),
	NEW, { "officer", "2020-02-20", "submit", SUBMIT ",'round':'2021-1'", "!known-round round" })

/* Support: flagged by the item's own date, in the first round alone. */
#define DATED(date) "'items':[{'content':'labels','amount':1,'decision':'x','source':'mtqg-2020','date':'" date "'}]"
#define RANKED \
	BEGIN(SUBMIT), SEVEN("75", "70"), SCORE("scored"), \
	{ "officer", "2020-03-26", "forward", "'letter':'CV 1'", "forwarded" }, \
	{ "officer", "2020-06-15", "rank", "'points':'70.00','stars':4,'decision':'QĐ','date':'2020-06-10','certificate':'7'", "ranked" }
STORY(test_late,
	BEGIN(SUBMIT), SEVEN("40", "40"),
	{ "secretary", "2020-04-06", "score", "'minutes':'x','date':'2020-04-07'", "!date-not-future date" },
	{ "secretary", "2020-04-06", "score", "'minutes':'x','date':'2020-03-31'", "scored" },
	{ "event", NULL, "late", NULL, "{}" },
	NEW, BEGIN(SUBMIT), SEVEN("40", "40"), { "secretary", "2020-04-01", "score", "'minutes':'x'", "scored late" },
	{ "event", NULL, "late", NULL, "{'late':true}" },
	NEW, { "officer", "2020-03-02", "submit", SUBMIT, "submitted due 2020-03-05" },
	{ "officer", "2020-03-06", "note", "'text':'x'", "submitted due 2020-03-05" },
	{ "officer", "2020-03-06", "complete", "", "complete late" },
	{ "officer", "2020-03-20", "return", "'reasons':[{'reason':'x'}]", "returned" },
	NEW, RANKED,
	{ "record", NULL, "province", NULL,
	  "{'province':{'points':'70.00','stars':4,'decision':'QĐ','date':'2020-06-10','certificate':'7','expires':'2023-06-10'}}" },
	{ "finance", "2020-12-31", "support", DATED("2021-01-01"), "!date-not-future items[0].date" },
	{ "finance", "2020-12-31", "support", "'items':[" ITEM("labels", "1") "]", "supported" },
	{ "finance", "2021-01-02", "support", DATED("2020-12-31"), "supported" },
	{ "finance", "2021-01-02", "support", DATED("2021-01-01"), "supported late" },
	{ "finance", "2021-01-02", "support", "'items':[" ITEM("labels", "1") "]", "supported late" },
	{ "event", NULL, "items", NULL,
	  "{'items':[{'content':'labels','amount':1,'decision':'QĐ 9','source':'mtqg-2020','date':'2021-01-02'}]}" })

/* Asked back by the province: the papers come in, no clock starts. */
STORY(test_recalled,
	BEGIN(SUBMIT), SEVEN("75", "70"), SCORE("scored"),
	{ "officer", "2020-03-26", "forward", "'letter':'CV 1'", "forwarded" },
	{ "officer", "2020-04-06", "recall", "'letter':'CV 2','reasons':[{'document':'story','reason':'thiếu'}]", "recalled" },
	{ "record", NULL, "returns", NULL, "{}" },
	{ "officer", "2020-04-08", "resubmit", ONE_PAPER("story", "present"), "recalled" },
	{ "record", NULL, "received", NULL, "{'received':'2020-04-08'}" },
	{ "officer", "2020-04-09", "resubmit", ONE_PAPER("awards", "present") ",'received':'2020-04-07'", "recalled" },
	{ "record", NULL, "received", NULL, "{'received':'2020-04-07'}" },
	{ "event", NULL, "due", NULL, "{}" },
	{ "officer", "2020-04-10", "forward", "'letter':'CV 3'", "forwarded" },
	{ "record", NULL, "forwarded", NULL, "{'forwarded':{'letter':'CV 3','date':'2020-04-10'}}" },
	{ "officer", "2020-06-15", "rank", "'points':'69.99','stars':4,'decision':'QĐ'", "!stars-agree stars: 3" },
	{ "officer", "2020-06-15", "rank", "'points':'69.99','stars':3,'decision':'QĐ','date':'2020-06-16'", "!date-not-future date" },
	{ "officer", "2020-06-15", "rank", "'points':'69.99','stars':2,'decision':'QĐ'", "ranked" },
	{ "record", NULL, "province", NULL, "{'province':{'points':'69.99','stars':2,'decision':'QĐ','date':'2020-06-15'}}" },
	{ "finance", "2020-07-01", "support", "'items':[" ITEM("labels", "1") "]", "!province-three-stars stars: 3" },
	/* With three stars there is a certificate; 36 months on a shorter month end with it. */
	NEW, BEGIN(SUBMIT), SEVEN("75", "70"), SCORE("scored"),
	{ "officer", "2020-03-26", "forward", "'letter':'CV 1'", "forwarded" },
	{ "officer", "2024-03-01", "rank", "'points':'50','stars':3,'decision':'QĐ','date':'2024-02-29'", "ranked" },
	{ "record", NULL, "province", NULL,
	  "{'province':{'points':'50.00','stars':3,'decision':'QĐ','date':'2024-02-29','expires':'2027-02-28'}}" })

#define BACK(when, wanted) { "officer", when, "submit", SUBMIT ",'previous':'KN-2020-0001'", wanted }
STORY(test_comes_back,
	BEGIN(SUBMIT), SEVEN("40", "40"), SCORE("scored"),
	AGAIN, BACK("2020-03-19", "!previous-earlier previous"), BACK("2020-04-01", "submitted due 2020-04-07"),
	{ "record", NULL, "previous", NULL, "{'previous':'KN-2020-0001'}" }, ROUND("2020-2"),
	NEW, BACK("2020-04-01", "!unknown-dossier previous"),
	/* Not while it is on its way, nor where it has what it came for. */
	NEW, BEGIN(SUBMIT), AGAIN, BACK("2020-04-01", "!previous-closed previous"),
	NEW, BEGIN(SUBMIT), SEVEN("50", "50"), SCORE("scored"), AGAIN, BACK("2020-04-01", "!previous-closed previous"),
	NEW, RANKED, AGAIN, BACK("2020-07-01", "!previous-closed previous"),
	NEW, RANKED, AGAIN, BACK("2023-06-10", "!previous-closed previous"),
	NEW, RANKED, AGAIN, BACK("2023-06-12", "submitted due 2023-06-15 late"),
	NEW, RANKED, { "finance", "2020-12-31", "support", "'items':[" ITEM("labels", "1") "]", "supported" },
	AGAIN, BACK("2023-06-09", "!previous-closed previous"), BACK("2023-06-12", "submitted due 2023-06-15 late"),
	NEW, { "ea-tam", "2020-02-20", "propose", COFFEE "," WHO, "proposed" }, AGAIN, BACK("2020-04-01", "!previous-closed previous"),
	NEW, BEGIN(SUBMIT), { "officer", "2020-03-09", "return", "'reasons':[{'reason':'x'}]", "returned" },
	AGAIN, BACK("2020-04-01", "!previous-closed previous"),
	NEW, BEGIN(SUBMIT), { "officer", "2020-03-09", "return", "'reasons':[{'reason':'x'}]", "returned" },
	{ "officer", "2020-03-20", "lapse", "'reason':'quá hạn'", "lapsed" }, AGAIN, BACK("2020-04-01", "submitted due 2020-04-07"),
	NEW, BEGIN(SUBMIT), { "officer", "2020-03-09", "withdraw", "'reason':'x'", "withdrawn" },
	AGAIN, BACK("2020-04-01", "submitted due 2020-04-07"),
	NEW, BEGIN(SUBMIT), { "secretary", "2020-03-09", "disqualify", "'reason':'x','rule':'knockout-origin'", "disqualified" },
	AGAIN, BACK("2020-04-01", "submitted due 2020-04-07"))

/* --- what the shipped data does not show ----------------------------------------------------------- */

static void
test_comes_back_once(void **state)
{
	struct world w = { .known = false };

	(void)state;
	assert_int_equal(act(&w, "officer", "2020-03-02", "submit", SUBMIT), OK);
	assert_int_equal(act(&w, "officer", "2020-03-03", "withdraw", "'reason':'x'"), OK);
	w = (struct world){ .previous = w.d, .has_previous = true, .taken = true };
	const char *got = outcome(&w, act(&w, "officer", "2020-04-01", "submit", SUBMIT ",'previous':'KN-2020-0001'"));

	assert_string_equal(got, "!previous-unused previous");
}

/* A ceiling holds over all that a dossier was given for one content, and within one request. */
static void
test_ceilings(void **state)
{
	static struct ceiling ceilings[] = { { { "labels", 6 }, 100 }, { { "packaging", 9 }, 10 } };
	static const struct step steps[] = {
		RANKED,
		{ "finance", "2020-07-01", "support", "'items':[" ITEM("labels", "101") "]", "!within-ceiling items: 100" },
		{ "finance", "2020-07-01", "support", "'items':[" ITEM("labels", "60") "," ITEM("labels", "41") "]", "!within-ceiling items: 100" },
		{ "finance", "2020-07-01", "support", "'items':[" ITEM("labels", "60") "," ITEM("packaging", "10") "]", "supported" },
		{ "officer", "2020-07-01", "support", "'items':[" ITEM("trademark", "999999999999999") "," ITEM("labels", "40") "]", "supported" },
		{ "finance", "2020-07-01", "support", "'items':[" ITEM("labels", "1") "]", "!within-ceiling items: 100" },
		{ "finance", "2020-07-01", "support", "'items':[" ITEM("packaging", "1") "]", "!within-ceiling items: 10" },
		{ "finance", "2020-07-01", "support", "'items':[" ITEM("other", "1") "," ITEM("gifts", "1") "]", "!known-content items[1].content" },
		{ "record", NULL, "support", NULL,
		  "{'support':[{'content':'labels','amount':60,'decision':'QĐ 9','source':'mtqg-2020','date':'2020-07-01','by':'finance'},"
		  "{'content':'packaging','amount':10,'decision':'QĐ 9','source':'mtqg-2020','date':'2020-07-01','by':'finance'},"
		  "{'content':'trademark','amount':999999999999999,'decision':'QĐ 9','source':'mtqg-2020','date':'2020-07-01','by':'officer'},"
		  "{'content':'labels','amount':40,'decision':'QĐ 9','source':'mtqg-2020','date':'2020-07-01','by':'officer'}]}" },
	};

	(void)state;
	programme->ceilings = ceilings;
	programme->ceiling_count = countof(ceilings);
	story(steps, countof(steps));
	programme->ceiling_count = 0;
}

/* The criteria in force on the day of receipt, and those to the end, whatever comes later. */
static void
test_criteria_versions(void **state)
{
	struct criteria_set *shipped = programme->sets, *sets = xcalloc(programme->set_count + 1, sizeof *sets);
	static const struct step steps[] = {
		{ "ea-tam", "2020-05-02", "propose", COFFEE "," WHO, "proposed" },
		{ "record", NULL, "criteria", NULL, "2019-08-21" },
		{ "officer", "2020-06-08", "submit", INTAKE, "submitted due 2020-06-11" },
		{ "record", NULL, "criteria", NULL, "2020-06-08" },
		NEW, { "officer", "2020-06-09", "submit", SUBMIT ",'received':'2020-06-05'", "submitted due 2020-06-10" },
		{ "record", NULL, "criteria", NULL, "2019-08-21" },
		{ "officer", "2020-06-09", "amend", "'reason':'x'," WATER, "submitted due 2020-06-10" },
		{ "officer", "2020-06-09", "amend", "'reason':'x'," COFFEE, "submitted due 2020-06-10" },
		{ "record", NULL, "criteria", NULL, "2019-08-21" },
		{ "officer", "2020-06-09", "return", "'reasons':[{'reason':'x'}]", "returned" },
		{ "officer", "2020-06-12", "resubmit", PAPERS, "submitted due 2020-06-17" },
		{ "officer", "2020-06-12", "amend", "'reason':'x'," COFFEE, "submitted due 2020-06-17" },
		{ "record", NULL, "criteria", NULL, "2019-08-21" },
		{ "officer", "2020-06-12", "amend", "'reason':'x'," WATER, "submitted due 2020-06-17" },
		{ "record", NULL, "criteria", NULL, "2019-08-21" },
		{ "officer", "2020-06-12", "amend", "'reason':'x'," COFFEE, "submitted due 2020-06-17" },
		{ "event", NULL, "criteria", NULL, "{'criteria':'2020-06-08'}" },
		{ "record", NULL, "criteria", NULL, "2020-06-08" },
		{ "officer", "2020-06-12", "complete", "", "complete" },
		{ "health", "2020-06-12", "assess", "'sheet':{'a1.1':3}", "complete" },
	};
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < programme->set_count; i++) {
		sets[count++] = shipped[i];
		if (!text_is(shipped[i].label.code, "coffee-cocoa"))
			continue;
		sets[count] = shipped[i];
		sets[count].count = 1;
		sets[count].valid_from = TEXT("2020-06-08");
		sets[count++].valid_from_day = day_make(2020, 6, 8);
	}
	programme->sets = sets;
	programme->set_count = count;
	story(steps, countof(steps));
	programme->sets = shipped;
	programme->set_count = count - 1;
	free(sets);
}

/* A workflow that names no guards still gives no event that can't be read again. */
static void
test_no_guards(void **state)
{
	static const struct step steps[] = {
		{ "officer", "2020-03-02", "submit", SUBMIT ",'round':'2021-9'", "!known-round round" },
		{ "officer", "2020-03-02", "submit", SUBMIT, "submitted due 2020-03-05" },
		{ "officer", "2020-03-02", "complete", "", "complete" },
		SCORE("!quorum sheets: chair, agriculture, infrastructure, finance, health, culture, environment"),
		{ "secretary", "2020-03-03", "score", "", "!params minutes" },
		SHEET("treasurer", "60", "!known-member member"),
		SHEET("health", "60!c7-", "!sheet-complete sheet: c7"),
		{ "secretary", "2020-03-03", "assess", "'member':'health'", "!params sheet" },
		NEW, { "officer", "2020-03-02", "submit", RICE "," WHO "," INTAKE, "submitted due 2020-03-05" },
		{ "officer", "2020-03-02", "complete", "", "complete" },
		{ "health", "2020-03-03", "assess", "'sheet':{'a1.1':1}", "!sheet-ladder sheet.a1.1" },
	};
	size_t *counts = xcalloc(workflow->transition_count, sizeof *counts);

	(void)state;
	for (size_t i = 0; i < workflow->transition_count; i++) {
		counts[i] = workflow->transitions[i].guard_count;
		workflow->transitions[i].guard_count = 0;
	}
	story(steps, countof(steps));
	for (size_t i = 0; i < workflow->transition_count; i++)
		workflow->transitions[i].guard_count = counts[i];
	free(counts);
}

/* A record in a state that the workflow does not have is no new dossier. */
static void
test_unknown_state(void **state)
{
	struct world w = { .known = false };
	struct actor officer = actor_of("officer");

	(void)state;
	assert_int_equal(act(&w, "officer", "2020-03-02", "submit", SUBMIT), OK);
	w.d.state = TEXT("archived");
	w.d.due = NONE;
	assert_int_equal(act(&w, "officer", "2020-03-02", "submit", SUBMIT), E_WRONG_STATE);
	assert_true(text_is(w.refusal.state, "archived"));
	assert_int_equal(workflow_allowed(workflow, &w.d, &officer, arena).count, 0);
}

/* What belongs to the request, and no other, stays out of the event; what is wrong says so first. */
STORY(test_envelope,
	{ "officer", "2020-03-02", "submit", SUBMIT ",'key':'k1','lang':'vi','note':'gấp'", "submitted due 2020-03-05" },
	{ "event", NULL, "note", NULL, "{'note':'gấp'}" },
	{ "event", NULL, "role", NULL, "{'role':'officer'}" },
	{ "record", NULL, "kind", NULL, "{'kind':'first'}" },
	{ "officer", "2020-03-02", "note", "'text':'x','version':7,'key':'k2'", "submitted due 2020-03-05" },
	{ "event", NULL, "version", NULL, "{'version':2}" },
	{ "event", NULL, "key", NULL, "{}" },
	{ "ea-tam", "2020-03-02", "note", "'text':'x'", "submitted due 2020-03-05" },
	{ "event", NULL, "text", NULL, "{'text':'x'}" },
	{ "ea-toh", "2020-03-02", "note", "'text':'x'", "!forbidden" },
	{ "ea-toh", "2020-03-02", "submit", INTAKE, "!forbidden" },
	{ "officer", "2020-03-02", "forward", "'letter':'x'", "!wrong-state" },
	NEW, { "ea-toh", "2020-03-02", "propose", COFFEE "," WHO, "!forbidden commune" },
	{ "ea-tam", "2020-03-02", "propose", COFFEE "," WHO, "proposed" },
	{ "event", NULL, "role", NULL, "{'role':'commune'}" },
	{ "event", NULL, "received", NULL, "{}" })

/* "allowed" lists what this account may do now, in the workflow's order. */
static void
test_allowed(void **state)
{
	static const struct { const char *at, *who, *allowed; } cases[] = {
		{ "submitted", "officer", "dossier.return, dossier.complete, dossier.lapse, dossier.withdraw, dossier.amend, dossier.note" },
		{ "submitted", "secretary", "dossier.note" },
		{ "complete", "officer", "dossier.return, dossier.withdraw, dossier.amend, dossier.note" },
		{ "complete", "secretary", "dossier.assess, dossier.score, dossier.disqualify, dossier.note" },
		{ "complete", "health", "dossier.assess, dossier.note" },
		{ "forwarded", "officer", "dossier.recall, dossier.rank, dossier.note" },
		{ "recalled", "officer", "dossier.resubmit, dossier.forward, dossier.withdraw, dossier.note" },
		{ "ranked", "finance", "dossier.support, dossier.note" },
		{ "supported", "officer", "dossier.support, dossier.note" },
		{ "lapsed", "officer", "dossier.note" },
		{ "lapsed", "ea-tam", "dossier.note" },
		{ "lapsed", "ea-toh", "" },
		{ NULL, "officer", "dossier.propose, dossier.submit" },
		{ NULL, "ea-toh", "dossier.propose" },
		{ NULL, "secretary", "" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct dossier d = { .commune = TEXT("24352"), .state = text_of(cases[i].at) };
		struct actor actor = actor_of(cases[i].who);
		struct texts allowed = workflow_allowed(workflow, cases[i].at ? &d : NULL, &actor, arena);
		struct text joined = { "", 0 };

		for (size_t k = 0; k < allowed.count; k++)
			joined = arena_printf(arena, "%.*s%s%.*s", TEXT_ARG(joined), k ? ", " : "", TEXT_ARG(allowed.items[k]));
		assert_string_equal(joined.ptr, cases[i].allowed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_averages), cmocka_unit_test(test_conclusion), cmocka_unit_test(test_zero_stops),
		cmocka_unit_test(test_sheet), cmocka_unit_test(test_groups), cmocka_unit_test(test_papers),
		cmocka_unit_test(test_deadlines), cmocka_unit_test(test_rounds), cmocka_unit_test(test_late),
		cmocka_unit_test(test_recalled), cmocka_unit_test(test_comes_back), cmocka_unit_test(test_comes_back_once),
		cmocka_unit_test(test_ceilings), cmocka_unit_test(test_criteria_versions), cmocka_unit_test(test_no_guards),
		cmocka_unit_test(test_unknown_state), cmocka_unit_test(test_envelope), cmocka_unit_test(test_allowed),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
