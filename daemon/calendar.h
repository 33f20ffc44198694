/* Working days (DOMAIN 5): Monday to Friday, less the days off, plus make-up Saturdays.
 *
 * Civil Code 2015, art. 147(2): the first day is not counted; art. 148: the period ends with the
 * end of its last day, and a last day that is off moves to the next working day. Pure. */
#ifndef DAEMON_CALENDAR_H
#define DAEMON_CALENDAR_H

#include "proto/date.h"

struct calendar_day {
	int64_t day;
	bool work;                  /* a make-up day that is worked; else a day off */
	struct text name;           /* "Giỗ Tổ Hùng Vương" */
	struct text source, confidence;
};

struct calendar {
	struct calendar_day *days;  /* ascending, each day once */
	size_t count;
	int64_t first, last;        /* the years it knows, as days; outside only weekends are off */
};

bool calendar_is_working(const struct calendar *, int64_t day);
/* The entry of a day, or NULL. */
const struct calendar_day *calendar_entry(const struct calendar *, int64_t day);
/* The last day of a period of `working_days` after `from`, which itself is not counted. With 0:
 * `from` itself, or the next working day where that is off. */
int64_t calendar_deadline(const struct calendar *, int64_t from, int working_days);
/* Working days in (from, to]; negative where to < from, counted in (to, from]. */
int calendar_between(const struct calendar *, int64_t from, int64_t to);

#endif
