/* The words for codes: those of the programme (workflow.get) and those of the protocol itself. */
#ifndef CLIENTS_CODES_H
#define CLIENTS_CODES_H

#include "proto/date.h"
#include "proto/errors.h"
#include "proto/json.h"

enum codes {
	CODES_NONE,
	/* lists of the programme */
	CODES_STATE, CODES_COMMUNE, CODES_GROUP, CODES_PRODUCER, CODES_ROUND, CODES_DOCUMENT, CODES_MEMBER,
	CODES_RULE, CODES_CONTENT, CODES_SOURCE, CODES_METHOD, CODES_TYPE,
	/* words.def */
	CODES_STATUS, CODES_KIND, CODES_ROLE, CODES_WARNING, CODES_FIGURE,
	CODES_COUNT
};

/* The words for the code; where it has had several meanings, the one in force on the day (NONE:
 * any). Absent where nobody knows it; `programme` may be NULL. */
struct text codes_words(const struct json *programme, enum codes, struct text code, int64_t day, enum lang);
/* The programme's list of them, NULL where it has none, and the code of one of its items. */
const struct json *codes_list(const struct json *programme, enum codes);
struct text codes_code(const struct json *item, enum codes);
/* What stands in params at a path, "product.group", "items[0].source", is a code of what; of a whole
 * list ("documents"), what its items begin with. CODES_NONE: no code of the programme's. */
enum codes codes_at(struct text path);
/* Where it stands in the programme's own order; behind all others where it does not. */
size_t codes_rank(const struct json *programme, enum codes, struct text code);

#endif
