/* Refusals, and the only place where one becomes words.
 *
 * Two kinds of failure share one int everywhere: > 0 is a refusal (an enum error, answered to the
 * client with a struct refusal), < 0 is a fault (-errno: the world broke; passed up untouched). */
#ifndef PROTO_ERRORS_H
#define PROTO_ERRORS_H

#include "proto/mem.h"

enum error {
	OK = 0,
#define ERROR(symbol, code, kind, en, vi) symbol,
#include "proto/errors.def"
	ERROR_COUNT
};

/* What exactly is wrong with a request (E_PARAMS, E_REQUEST), or which guard refused
 * (E_GUARD_FAILED): a sentence each, with %f for the field's path and %x for what is expected. */
enum detail {
	DETAIL_NONE = 0,
#define DETAIL(symbol, en, vi) symbol,
#define GUARD(symbol, name, en, vi) symbol,
#include "proto/errors.def"
	DETAIL_COUNT
};

enum lang { LANG_EN, LANG_VI };

struct texts {
	struct text *items;
	size_t count;
};

/* Zero-initialised, then filled with what helps to mend it; absent members are not printed.
 * Everything is borrowed and must live until the answer is written. */
struct refusal {
	enum error error;
	enum detail detail;
	struct text field;          /* path of the parameter, "documents[2].status" */
	struct text expect;         /* what would be right, for the sentence: "a date, YYYY-MM-DD" */
	struct text state;          /* the dossier's */
	struct texts allowed;       /* methods that would be taken now */
	int64_t version;            /* the dossier's present one; 0 is absent */
	struct texts missing;       /* what is not there yet: document codes, members, ... */
	struct text required;       /* the figure or the list that would do */
	struct text until;          /* a date */
	struct text legal;          /* the clause behind it */
};

int error_code(enum error);                        /* -32700 ... or 1 */
const char *error_kind(enum error);                /* "forbidden"; "" for the standard codes */
const char *guard_name(enum detail);               /* "quorum"; NULL where the detail is no guard */
enum detail guard_find(struct text name);          /* DETAIL_NONE where there is none such */

/* One sentence for people. */
void refusal_sentence(struct buf *, const struct refusal *, enum lang);
/* A sentence without the facts at its end, for whoever shows those in a form of his own. */
struct text refusal_core(struct text sentence, enum lang);
/* The JSON-RPC error object: {"code":..,"message":..,"data":{..}}. */
void refusal_print(struct buf *, const struct refusal *, enum lang);

/* A name from outside as a refusal may show it: cut to 64 bytes, between two characters. */
struct text refusal_name(struct text);

/* Fills *ret and returns `error`, for one-line refusals: `return refuse(r, E_PARAMS, ...)`. */
int refuse(struct refusal *ret, enum error, enum detail, struct text field, struct text expect);

#endif
