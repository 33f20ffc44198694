/* JSON, strictly: the one module that knows cJSON.
 *
 * Reading goes through a scanner that refuses what cJSON lets pass (RELIABILITY 4.4): text after
 * the value, invalid UTF-8, \u0000, lone surrogates, raw control characters, 01 and 1., numbers
 * over 20 characters, nesting deeper than 16, more than 20,000 values, a byte order mark.
 * Duplicate members parse; json_duplicate() finds them, so that the refusal can name the member. */
#ifndef PROTO_JSON_H
#define PROTO_JSON_H

#include "proto/mem.h"

struct json;  /* a parsed value; lives in the arena it was parsed into */

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

enum { JSON_DEPTH_MAX = 16, JSON_VALUES_MAX = 20000, JSON_NUMBER_MAX = 20 };

/* NULL where the text is not acceptable; then *ret_at (may be NULL) is the offset of the fault.
 * Anything at all may be passed in. */
const struct json *json_parse(struct text, struct arena *, size_t *ret_at);

/* NULL stands for what is absent: of type JSON_NULL, without text, number or members. */
enum json_type json_type(const struct json *);
struct text json_text(const struct json *);             /* of a string, NUL-terminated; else absent */
bool json_bool(const struct json *);                    /* true only for true */
/* An integer of at most 15 digits, written without fraction or exponent. */
bool json_int(const struct json *, int64_t *ret);
/* A number with at most two decimals, or a string that spells one, times 100: 74.28 gives 7428. */
bool json_hundredths(const struct json *, int64_t *ret);

const struct json *json_get(const struct json *object, const char *name); /* case-sensitive; NULL if absent or no object */
size_t json_count(const struct json *);                 /* of items or members */
const struct json *json_first(const struct json *);     /* first item or member; NULL at the end */
const struct json *json_next(const struct json *);
struct text json_name(const struct json *member);
/* The first member name that stands twice in this object; absent when none does. */
struct text json_duplicate(const struct json *object, struct arena *);

/* Writing. */
void json_write_string(struct buf *, struct text);      /* with quotes and escapes; UTF-8 stays as it is */
void json_write_int(struct buf *, int64_t);
void json_write(struct buf *, const struct json *);     /* compact */

#endif
