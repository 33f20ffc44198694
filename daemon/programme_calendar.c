/* The calendar file: years with their days off and the days that are worked instead. */
#include "daemon/programme_load.h"

#include <stdlib.h>

enum { SATURDAY = 5, MONTHS = 12, MONTH_DAYS = 31 };

static const char *const confidences[] = { "H", "M", "L", "?" };
enum { DOUBTFUL = 3 };

static int
compare_days(const void *a, const void *b)
{
	int64_t x = ((const struct calendar_day *)a)->day, y = ((const struct calendar_day *)b)->day;
	return (x > y) - (x < y);
}

static void
check_day(struct load *l, const struct zpl *item, const struct calendar_day *d, int year)
{
	int y, m, day;
	day_split(d->day, &y, &m, &day);
	if (y != year)
		LOAD_COMPLAIN(l, item, "%.*s is not in %d; the day below its own year would be right",
		              TEXT_ARG(item->value), year);
	if (d->work != (day_weekday(d->day) >= SATURDAY))
		LOAD_WARN(l, item, "%.*s changes nothing, it is %s anyway; the line can go",
		          TEXT_ARG(item->value), d->work ? "a working day" : "a weekend");
	for (size_t i = 0; i < l->programme->calendar.count; i++) {
		const struct calendar_day *other = &l->programme->calendar.days[i];
		if (other->day == d->day && other->work != d->work)
			LOAD_COMPLAIN(l, item, "%.*s is both off and working; one of the two would be right",
			              TEXT_ARG(item->value));
		else if (other->day == d->day)
			LOAD_COMPLAIN(l, item, "%.*s stands twice; once would be right", TEXT_ARG(item->value));
	}
}

static void
load_calendar_day(struct load *l, const struct zpl *year_item, int year, const struct zpl *item)
{
	struct calendar *calendar = &l->programme->calendar;
	struct calendar_day d = { .work = text_is(item->name, "work") };
	load_keys(l, item, "name! confidence! source");
	if (!item->value.len)
		return;
	if (!day_parse(item->value, &d.day)) {
		LOAD_COMPLAIN(l, item, "\"%.*s\" is no date; a real day as YYYY-MM-DD would be right",
		              TEXT_ARG(item->value));
		return;
	}
	d.name = zpl_value(item, "name");
	d.confidence = zpl_value(item, "confidence");
	d.source = zpl_value(zpl_find(item, "source") ? item : year_item, "source");
	int confidence = load_choice(l, item, "confidence", confidences, countof(confidences));
	if (confidence == DOUBTFUL) {
		LOAD_WARN(l, item, "%.*s (%.*s) is marked ? and not loaded; H, M or L once it is certain",
		          TEXT_ARG(item->value), TEXT_ARG(d.name));
		return;
	}
	check_day(l, item, &d, year);
	calendar->days[calendar->count++] = d;
}

void
load_calendar(struct load *l, const struct zpl *root)
{
	struct calendar *calendar = &l->programme->calendar;
	int first = 0, last = 0;
	size_t most = 0;
	load_top(l, root, "year!*{");
	for (const struct zpl *c = load_first(root, "year"); c; c = load_next(c))
		most += load_count(c, "off") + load_count(c, "work");
	calendar->days = arena_array(l->arena, most, sizeof *calendar->days);
	for (const struct zpl *c = load_first(root, "year"); c; c = load_next(c)) {
		load_keys(l, c, "source! off*{ work*{");
		int year = (int)load_number(l, c, c->value, 1900, 2999);
		if (last && year != last + 1)
			LOAD_COMPLAIN(l, c,
			              "year %d behind %d; %d would be right, years ascending and without a "
			              "hole",
			              year, last, last + 1);
		first = first ? first : year;
		last = year;
		for (const struct zpl *d = c->child; d; d = d->next)
			if (text_is(d->name, "off") || text_is(d->name, "work"))
				load_calendar_day(l, c, year, d);
	}
	calendar->first = day_make(first ? first : 1970, 1, 1);
	calendar->last = day_make(last ? last : 1970, MONTHS, MONTH_DAYS);
	if (calendar->count)
		qsort(calendar->days, calendar->count, sizeof *calendar->days, compare_days);
}
