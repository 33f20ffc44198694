/* Days and moments. */
#include "proto/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_known_days(void **state)
{
	static const struct {
		int64_t day;
		int weekday;            /* 0 = Monday */
		const char *printed;
	} cases[] = {
		{ 0, 3, "1970-01-01" },
		{ -1, 2, "1969-12-31" },
		{ -25567, 0, "1900-01-01" },
		{ 11016, 1, "2000-02-29" },
		{ 18326, 3, "2020-03-05" },
		{ 18321, 5, "2020-02-29" },
		{ 376199, 1, "2999-12-31" },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		char out[DAY_LEN + 1];
		int64_t day;
		day_print(cases[i].day, out);
		assert_string_equal(out, cases[i].printed);
		assert_true(day_parse(text_of(cases[i].printed), &day));
		assert_int_equal(day, cases[i].day);
		assert_int_equal(day_weekday(day), cases[i].weekday);
	}
}

/* Every day of the readable years, against a calendar that merely counts. */
static void
test_every_day(void **state)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t day = day_make(1900, 1, 1);
	int weekday = 0;
	(void)state;
	for (int y = 1900; y <= 2999; y++) {
		bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
		for (int m = 1; m <= 12; m++) {
			for (int d = 1; d <= lengths[m - 1] + (m == 2 && leap); d++) {
				int ry, rm, rd;
				if (day_make(y, m, d) != day)
					fail_msg("%d-%d-%d", y, m, d);
				day_split(day, &ry, &rm, &rd);
				if (ry != y || rm != m || rd != d || day_weekday(day) != weekday)
					fail_msg("%d-%d-%d", y, m, d);
				day++;
				weekday = (weekday + 1) % 7;
			}
		}
	}
}

static void
test_add_months(void **state)
{
	static const struct {
		const char *from;
		int months;
		const char *to;
	} cases[] = {
		{ "2020-01-31", 1, "2020-02-29" },
		{ "2021-01-31", 1, "2021-02-28" },
		{ "2020-01-30", 1, "2020-02-29" },
		{ "2020-01-15", 1, "2020-02-15" },
		{ "2020-02-29", 12, "2021-02-28" },
		{ "2020-02-29", 36, "2023-02-28" },
		{ "2020-02-29", 48, "2024-02-29" },
		{ "2020-12-31", 2, "2021-02-28" },
		{ "2020-11-30", 1, "2020-12-30" },
		{ "2020-03-31", -1, "2020-02-29" },
		{ "2020-01-31", -1, "2019-12-31" },
		{ "2020-05-31", -25, "2018-04-30" },
		{ "2020-06-01", 0, "2020-06-01" },
		{ "2020-10-31", 36, "2023-10-31" },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		int64_t from;
		char out[DAY_LEN + 1];
		assert_true(day_parse(text_of(cases[i].from), &from));
		day_print(day_add_months(from, cases[i].months), out);
		assert_string_equal(out, cases[i].to);
	}
}

static void
test_bad_days(void **state)
{
	static const char *const cases[] = {
		"", "2020", "2020-03", "2020-3-05", "2020-03-5", "2020-03-05 ", " 2020-03-05", "2020/03/05",
		"20200305", "2020-00-01", "2020-13-01", "2020-01-00", "2020-01-32", "2020-04-31",
		"2019-02-29", "1900-02-29", "2100-02-29", "1899-12-31", "3000-01-01", "+020-01-01",
		"2020-03-05T00:00:00Z", "-2020-03-05", "2020-03-0a", "202o-03-05", "05/03/2020",
	};
	int64_t day = 77;
	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		if (day_parse(text_of(cases[i]), &day) || day != 77)
			fail_msg("%s was read", cases[i]);
	assert_false(day_parse((struct text){ 0 }, &day));
	/* Only the text's own bytes count. */
	assert_false(day_parse((struct text){ "2020-03-05", 9 }, &day));
	assert_true(day_parse((struct text){ "2020-03-055", 10 }, &day));
}

static void
test_times(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
		const char *printed;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0, "1970-01-01T07:00:00.000+07:00" },
		{ "1970-01-01T07:00:00+07:00", 0, "1970-01-01T07:00:00.000+07:00" },
		{ "1970-01-01t00:00:00z", 0, "1970-01-01T07:00:00.000+07:00" },
		{ "1969-12-31T23:59:59.999Z", -1, "1970-01-01T06:59:59.999+07:00" },
		{ "1969-12-31T16:59:59.999Z", -25200001, "1969-12-31T23:59:59.999+07:00" },
		{ "2020-03-04T09:12:44.120+07:00", 1583287964120, "2020-03-04T09:12:44.120+07:00" },
		{ "2020-03-04T02:12:44.12Z", 1583287964120, "2020-03-04T09:12:44.120+07:00" },
		{ "2020-03-03T21:42:44.1209999-04:30", 1583287964120, "2020-03-04T09:12:44.120+07:00" },
		{ "2020-03-04T02:12:44.1-00:00", 1583287964100, "2020-03-04T09:12:44.100+07:00" },
		{ "2020-02-28T17:00:00Z", 1582909200000, "2020-02-29T00:00:00.000+07:00" },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		char out[TIME_LEN + 1];
		int64_t ms;
		if (!time_parse(text_of(cases[i].text), &ms))
			fail_msg("%s was refused", cases[i].text);
		assert_int_equal(ms, cases[i].ms);
		time_print(ms, out);
		assert_string_equal(out, cases[i].printed);
	}
}

static void
test_bad_times(void **state)
{
	static const char *const cases[] = {
		"", "2020-03-04", "2020-03-04T09:12:44", "2020-03-04 09:12:44Z", "2020-03-04T09:12Z",
		"2020-03-04T24:00:00Z", "2020-03-04T09:60:00Z", "2020-03-04T09:12:60Z",
		"2020-03-04T09:12:44.Z", "2020-03-04T09:12:44,1Z", "2020-03-04T09:12:44+0700",
		"2020-03-04T09:12:44+07", "2020-03-04T09:12:44+24:00", "2020-03-04T09:12:44+07:60",
		"2020-03-04T09:12:44Z ", "2020-03-04T09:12:44ZZ", "2020-02-30T09:12:44Z",
		"2020-03-04T9:12:44Z", "2020-03-04T09:12:44.1", "2020-03-04T09:12:44.12x+07:00",
		"2020-03-04T-9:12:44Z",
	};
	int64_t ms = 77;
	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		if (time_parse(text_of(cases[i]), &ms) || ms != 77)
			fail_msg("%s was read", cases[i]);
	assert_false(time_parse((struct text){ 0 }, &ms));
}

/* A moment belongs to the local day: from 17:00 UTC on it is tomorrow. */
static void
test_local_day(void **state)
{
	(void)state;
	for (int64_t day = -800; day <= 800; day++) {
		int64_t start = day_start(day);
		assert_int_equal(time_day(start), day);
		assert_int_equal(time_day(start - 1), day - 1);
		assert_int_equal(time_day(start + DAY_MS - 1), day);
	}
	assert_int_equal(day_start(0), -ZONE_MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_days),
		cmocka_unit_test(test_every_day),
		cmocka_unit_test(test_add_months),
		cmocka_unit_test(test_bad_days),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_bad_times),
		cmocka_unit_test(test_local_day),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
