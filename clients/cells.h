/* One value of an answer as people read it: dates dd/mm/yyyy, money with dots. */
#ifndef CLIENTS_CELLS_H
#define CLIENTS_CELLS_H

#include "proto/errors.h"
#include "proto/json.h"

/* What a member is called. */
struct text label_of(struct text name, struct arena *);

/* A value without line breaks: of an object its name (or its label in the language, where it
 * carries labels), of a list its items. Empty where there is nothing short to say. */
struct text cell_of(const struct json *, struct text name, enum lang, struct arena *);

#endif
