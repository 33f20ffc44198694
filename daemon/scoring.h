/* Scoring by the criteria of Decision 1048/QĐ-TTg. Pure, exact: integers only. */
#ifndef DAEMON_SCORING_H
#define DAEMON_SCORING_H

#include "daemon/programme.h"

/* Checks a sheet (a FIELD_MAP list) against a set: every criterion once, each value on its ladder
 * or in one of its cases, story rules. Returns OK and the sums of the parts, or E_GUARD_FAILED
 * with the refusal (missing: the criteria not given; field: "sheet.b5.2"). */
int scoring_sheet(const struct criteria_set *, const struct list *sheet, struct arena *,
                  int64_t ret_parts[3], struct refusal *);

/* Stars by the exact average sum / count: band.from * count <= sum. */
int scoring_stars(const struct programme *, int64_t sum, int64_t count);
/* Stars for points in hundredths (the province's figure). */
int scoring_stars_of_points(const struct programme *, int64_t hundredths);
/* The average in hundredths, cut and never rounded up: 49.996 gives 4999. */
int64_t scoring_points(int64_t sum, int64_t count);

/* May the council conclude from these sheets (list of struct sheet)? Quorum (G_QUORUM, missing:
 * the members who have not scored), spread (G_SPREAD), knock-out by zero (G_KNOCKOUT). Each asks
 * its own guard only, so that the workflow names which apply. */
int scoring_quorum(const struct programme *, const struct list *sheets, struct arena *, struct refusal *);
int scoring_spread(const struct programme *, const struct list *sheets, struct arena *, struct refusal *);
int scoring_knockout(const struct criteria_set *, const struct list *sheets, struct arena *, struct refusal *);

/* "a, b, c" */
struct text texts_join(const struct text *items, size_t count, struct arena *);

#endif
