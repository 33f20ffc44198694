/* Calendar days and moments, in the office's time zone.
 *
 * A day is a count of days since 1970-01-01; a moment is milliseconds since then, UTC. Viet Nam
 * has had one zone, UTC+7 without summer time, since 1975: the zone is a constant here, so that
 * the meaning of a stored moment never depends on a machine's settings. */
#ifndef PROTO_DATE_H
#define PROTO_DATE_H

#include "proto/mem.h"

#define NONE INT64_MIN              /* an absent number, day or moment */
#define DAY_MS INT64_C(86400000)
#define ZONE_MS INT64_C(25200000)   /* +07:00 */

enum { DAY_LEN = 10, TIME_LEN = 29 };  /* "2020-03-05", "2020-03-04T09:12:44.120+07:00" */

int64_t day_make(int year, int month, int day);         /* no check of the ranges */
void day_split(int64_t day, int *ret_year, int *ret_month, int *ret_day);
int day_weekday(int64_t day);                           /* 0 = Monday ... 6 = Sunday */
int64_t day_add_months(int64_t day, int months);        /* 31/01 + 1 month = the last of February */
bool day_parse(struct text, int64_t *ret_day);          /* exactly YYYY-MM-DD, years 1900 to 2999, a real date */
void day_print(int64_t day, char out[DAY_LEN + 1]);

int64_t time_day(int64_t time_ms);                      /* the local day of a moment */
int64_t day_start(int64_t day);                         /* the moment a local day begins */
/* RFC 3339 with any offset or Z, seconds needed, fraction optional (cut to ms). */
bool time_parse(struct text, int64_t *ret_time_ms);
void time_print(int64_t time_ms, char out[TIME_LEN + 1]); /* local, with ms and +07:00 */

#endif
