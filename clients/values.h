/* One value of the command line as JSON, by the type of its field. */
#ifndef CLIENTS_VALUES_H
#define CLIENTS_VALUES_H

#include "proto/codec.h"

/* Adds the value's JSON; of a list, its items, of a map, its members, without the brackets.
 * NULL, or what is wrong with it (then `out` may hold rubbish behind its former end). */
const char *value_print(struct buf *out, const struct field *, struct text value);

/* YYYY-MM-DD or d/m/yyyy. */
bool value_day(struct text, int64_t *ret_day);

#endif
