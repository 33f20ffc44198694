/* Calendar days and moments: the proleptic Gregorian calendar at UTC+7. */
#include "proto/date.h"

#include <stdio.h>

/* Divisions that round down, so that days before 1970 need no special case. */
static int64_t
div_floor(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t
mod_floor(int64_t a, int64_t b)
{
	return a - div_floor(a, b) * b;
}

static int
month_days(int year, int month)
{
	static const char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month - 1] + (month == 2 && leap);
}

/* Years are counted from March, which puts the leap day last, in eras of 400 years (146097 days);
 * 719468 days lie between 0000-03-01 and 1970-01-01. */
int64_t
day_make(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = div_floor(y, 400);
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

void
day_split(int64_t day, int *ret_year, int *ret_month, int *ret_day)
{
	int64_t shifted = day + 719468;
	int64_t era = div_floor(shifted, 146097);
	int64_t day_of_era = shifted - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524
	                       - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153;
	*ret_day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	*ret_month = (int)(month < 10 ? month + 3 : month - 9);
	*ret_year = (int)(year_of_era + era * 400 + (month >= 10));
}

int
day_weekday(int64_t day)
{
	/* 1970-01-01 was a Thursday. */
	return (int)mod_floor(day + 3, 7);
}

int64_t
day_add_months(int64_t day, int months)
{
	int y, m, d;
	day_split(day, &y, &m, &d);
	int64_t count = (int64_t)y * 12 + (m - 1) + months;
	y = (int)div_floor(count, 12);
	m = (int)mod_floor(count, 12) + 1;
	int last = month_days(y, m);
	return day_make(y, m, d < last ? d : last);
}

/* Exactly `len` digits off the front of `t`. */
static bool
take_number(struct text *t, size_t len, int *ret)
{
	int value = 0;
	if (t->len < len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (t->ptr[i] < '0' || t->ptr[i] > '9')
			return false;
		value = value * 10 + (t->ptr[i] - '0');
	}
	t->ptr += len;
	t->len -= len;
	*ret = value;
	return true;
}

static bool
take_char(struct text *t, char c)
{
	if (!t->len || t->ptr[0] != c)
		return false;
	t->ptr++;
	t->len--;
	return true;
}

static bool
take_day(struct text *t, int64_t *ret_day)
{
	int y, m, d;
	if (!take_number(t, 4, &y) || !take_char(t, '-') || !take_number(t, 2, &m)
	    || !take_char(t, '-') || !take_number(t, 2, &d))
		return false;
	if (y < 1900 || y > 2999 || m < 1 || m > 12 || d < 1 || d > month_days(y, m))
		return false;
	*ret_day = day_make(y, m, d);
	return true;
}

bool
day_parse(struct text t, int64_t *ret_day)
{
	int64_t day;
	if (!take_day(&t, &day) || t.len)
		return false;
	*ret_day = day;
	return true;
}

void
day_print(int64_t day, char out[DAY_LEN + 1])
{
	int y, m, d;
	day_split(day, &y, &m, &d);
	/* The moduli only tell the compiler that the ten characters suffice. */
	snprintf(out, DAY_LEN + 1, "%04u-%02u-%02u", (unsigned)y % 10000, (unsigned)m % 100,
	         (unsigned)d % 100);
}

int64_t
time_day(int64_t time_ms)
{
	return div_floor(time_ms + ZONE_MS, DAY_MS);
}

int64_t
day_start(int64_t day)
{
	return day * DAY_MS - ZONE_MS;
}

/* ".120345": at least one digit; what is finer than a millisecond is cut off. */
static bool
take_fraction(struct text *t, int *ret_ms)
{
	int ms = 0, scale = 100, digit;
	if (!take_number(t, 1, &digit))
		return false;
	do {
		ms += digit * scale;
		scale /= 10;
	} while (take_number(t, 1, &digit));
	*ret_ms = ms;
	return true;
}

static bool
take_offset(struct text *t, int *ret_minutes)
{
	int h, m;
	if (take_char(t, 'Z') || take_char(t, 'z')) {
		*ret_minutes = 0;
		return true;
	}
	bool west = take_char(t, '-');
	if (!west && !take_char(t, '+'))
		return false;
	if (!take_number(t, 2, &h) || !take_char(t, ':') || !take_number(t, 2, &m) || h > 23 || m > 59)
		return false;
	*ret_minutes = (west ? -1 : 1) * (h * 60 + m);
	return true;
}

/* A leap second (:60) is refused: neither the office's clock nor the count of ms knows one. */
bool
time_parse(struct text t, int64_t *ret_time_ms)
{
	int64_t day;
	int h, m, s, ms = 0, offset;
	if (!take_day(&t, &day) || (!take_char(&t, 'T') && !take_char(&t, 't')))
		return false;
	if (!take_number(&t, 2, &h) || !take_char(&t, ':') || !take_number(&t, 2, &m)
	    || !take_char(&t, ':') || !take_number(&t, 2, &s) || h > 23 || m > 59 || s > 59)
		return false;
	if (take_char(&t, '.') && !take_fraction(&t, &ms))
		return false;
	if (!take_offset(&t, &offset) || t.len)
		return false;
	int64_t minutes = (int64_t)h * 60 + m - offset;
	*ret_time_ms = day * DAY_MS + minutes * 60000 + (int64_t)s * 1000 + ms;
	return true;
}

void
time_print(int64_t time_ms, char out[TIME_LEN + 1])
{
	char day[DAY_LEN + 1];
	unsigned ms = (unsigned)mod_floor(time_ms + ZONE_MS, DAY_MS);
	day_print(time_day(time_ms), day);
	snprintf(out, TIME_LEN + 1, "%.10s" "T%02u:%02u:%02u.%03u+07:00", day, ms / 3600000 % 24,
	         ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}
