/* Working days: pure arithmetic on the programme's calendar. */
#include "daemon/calendar.h"

enum { SATURDAY = 5 };

const struct calendar_day *
calendar_entry(const struct calendar *c, int64_t day)
{
	size_t low = 0, high = c->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (c->days[middle].day < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->count && c->days[low].day == day ? &c->days[low] : NULL;
}

bool
calendar_is_working(const struct calendar *c, int64_t day)
{
	const struct calendar_day *entry = calendar_entry(c, day);
	return entry ? entry->work : day_weekday(day) < SATURDAY;
}

/* Ends because a calendar is finite and every week beyond it has working days. */
static int64_t
next_working(const struct calendar *c, int64_t day)
{
	while (!calendar_is_working(c, day))
		day++;
	return day;
}

int64_t
calendar_deadline(const struct calendar *c, int64_t from, int working_days)
{
	int64_t day = from;
	for (int n = 0; n < working_days; n++)
		day = next_working(c, day + 1);
	return next_working(c, day);
}

int
calendar_between(const struct calendar *c, int64_t from, int64_t to)
{
	if (to < from)
		return -calendar_between(c, to, from);
	int count = 0;
	for (int64_t day = from + 1; day <= to; day++)
		count += calendar_is_working(c, day);
	return count;
}
