/* Tests of the working days: the vectors the office counted by hand, on the shipped calendar. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/programme.h"

static struct programme *programme;

static int64_t
day(const char *z)
{
	int64_t d;
	if (!day_parse(text_of(z), &d))
		fail_msg("%s is no day", z);
	return d;
}

static int
load(void **state)
{
	struct complaints complaints = { 0 };
	(void)state;
	programme = programme_load("config/krong-nang-2020", &complaints);
	if (!programme)
		fprintf(stderr, "%.*s", TEXT_ARG(buf_view(&complaints.text)));
	buf_free(&complaints.text);
	return programme ? 0 : -1;
}

static int
unload(void **state)
{
	(void)state;
	programme_destroy(&programme);
	return 0;
}

static const struct { const char *from; int days; const char *due; } deadlines[] = {
	{ "2020-02-10", 3, "2020-02-13" }, /* plain */
	{ "2020-02-13", 3, "2020-02-18" }, /* weekend */
	{ "2020-03-16", 3, "2020-03-19" }, /* the last receipt whose check ends before 20/03 */
	{ "2020-03-30", 3, "2020-04-03" }, /* Giỗ Tổ */
	{ "2020-01-21", 3, "2020-01-31" }, /* Tết */
	{ "2020-04-28", 3, "2020-05-05" }, /* 30/4 and 1/5 */
	{ "2024-04-26", 3, "2024-05-04" }, /* a Saturday that is worked */
	{ "2025-04-24", 3, "2025-04-28" }, /* likewise */
	{ "2026-11-19", 3, "2026-11-24" }, /* 24/11/2026 is doubtful and not loaded */
	{ "2020-02-15", 3, "2020-02-19" }, /* received on a Saturday */
	{ "2020-02-13", 0, "2020-02-13" }, /* 0: the day itself */
	{ "2020-02-15", 0, "2020-02-17" }, /* or the next working day */
	{ "2020-01-23", 0, "2020-01-30" },
	{ "2024-05-04", 0, "2024-05-04" },
	{ "2019-12-31", 1, "2020-01-02" },
	{ "2031-01-01", 3, "2031-01-06" }, /* no calendar: weekends only */
	{ "2020-01-01", 252, "2020-12-31" },
	{ "2020-01-01", 253, "2021-01-04" },
};

static void
test_deadline(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(deadlines); i++) {
		char due[DAY_LEN + 1];
		day_print(calendar_deadline(&programme->calendar, day(deadlines[i].from), deadlines[i].days), due);
		if (!text_is(text_of(due), deadlines[i].due))
			fail_msg("%d days from %s: %s, not %s", deadlines[i].days, deadlines[i].from, due,
			         deadlines[i].due);
	}
}

static const struct { const char *from, *to; int days; } spans[] = {
	{ "2019-12-31", "2020-12-31", 252 },
	{ "2020-03-19", "2020-03-31", 8 },
	{ "2020-03-31", "2020-03-19", -8 },
	{ "2020-03-31", "2020-03-31", 0 },
	{ "2020-03-27", "2020-03-29", 0 },  /* a weekend */
	{ "2024-05-03", "2024-05-04", 1 },
	{ "2020-01-22", "2020-01-29", 0 },  /* Tết */
	{ "2020-02-10", "2020-02-13", 3 },
};

static void
test_between(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(spans); i++) {
		int days = calendar_between(&programme->calendar, day(spans[i].from), day(spans[i].to));
		if (days != spans[i].days)
			fail_msg("%s to %s: %d, not %d", spans[i].from, spans[i].to, days, spans[i].days);
	}
}

static const struct { const char *day; bool working; const char *name; } entries[] = {
	{ "2020-04-02", false, "Giỗ Tổ Hùng Vương" },
	{ "2020-04-03", true,  NULL },
	{ "2020-04-04", false, NULL },
	{ "2024-05-04", true,  "Làm bù cho 29/4/2024" },
	{ "2026-11-24", true,  NULL },
	{ "2020-01-01", false, "Tết Dương lịch" },     /* the first entry */
	{ "2026-09-02", false, "Quốc khánh" },         /* the last one */
};

static void
test_entries(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(entries); i++) {
		const struct calendar_day *entry = calendar_entry(&programme->calendar, day(entries[i].day));
		assert_int_equal(calendar_is_working(&programme->calendar, day(entries[i].day)), entries[i].working);
		assert_int_equal(!!entry, !!entries[i].name);
		if (entry)
			assert_true(text_is(entry->name, entries[i].name) && entry->source.len && entry->confidence.len);
	}
	assert_int_equal(programme->calendar.first, day("2020-01-01"));
	assert_int_equal(programme->calendar.last, day("2026-12-31"));
}

/* What makes a deadline one: it is worked, and exactly so many working days lie behind `from`. */
static void
test_property(void **state)
{
	const struct calendar *c = &programme->calendar;
	(void)state;
	for (int64_t from = day("2019-12-01"); from < day("2027-02-01"); from++)
		for (int n = 0; n < 12; n++) {
			int64_t due = calendar_deadline(c, from, n);
			assert_true(due >= from && calendar_is_working(c, due));
			assert_int_equal(calendar_between(c, from, due), n ? n : !calendar_is_working(c, from));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_between),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_property),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
