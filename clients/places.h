/* Values by the place they stand in, and the words for their codes. */
#ifndef CLIENTS_PLACES_H
#define CLIENTS_PLACES_H

#include "proto/date.h"
#include "proto/errors.h"
#include "proto/json.h"

/* Documents by a letter each; NULL where there is none. */
struct documents {
	const struct json *of[26];
};

/* What stands at "r.product.name": in the document r, below product, name; NULL where nothing does. */
const struct json *place_follow(const struct documents *, struct text place, struct arena *);

/* The words for a code in a list of labels (workflow.get): where the code has had several meanings
 * (the units of 2025), the one in force on the day; NONE: any. Absent where the list has not got it. */
struct text label_by(const struct json *list, const char *key, struct text code, int64_t day, enum lang);
/* The same, of a list whose key is "state" or "code". */
struct text label_in_force(const struct json *list, struct text code, int64_t day, enum lang);

#endif
