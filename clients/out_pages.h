/* Answers that are pages of their own: a dossier, the report, the daemon's state. */
#ifndef CLIENTS_OUT_PAGES_H
#define CLIENTS_OUT_PAGES_H

#include "clients/grid.h"

void out_dossier(const struct out *, const struct json *record);
void out_report(const struct out *, const struct json *summary);
void out_status(const struct out *, const struct json *status);

/* The member "score", "forwarded" or "province" of a record or of an event's data, in a sentence;
 * absent where it is none of these. */
struct text out_outcome(const struct out *, const struct json *row, struct text member);

/* "05/03/2020, overdue" */
struct text out_due(const struct out *, const struct json *row);

/* Anything at all, as names and values, what needs more below; members of `but` ("a|b") are left out. */
void out_tree(const struct out *, const struct json *object, const char *but, int indent);

/* The methods that may be called now as commands ready to be typed, `dossier` filled in. */
void out_commands(const struct out *, const struct json *allowed, struct text dossier, int indent, FILE *);

#endif
