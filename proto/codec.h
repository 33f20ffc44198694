/* Tables of fields to and from JSON and the store's bytes.
 *
 * Every structure that crosses the wire, the journal or the store is a shape, declared once in
 * shapes.def. Four walks over the tables do everything: decode and print (JSON), pack and unpack
 * (bytes of the store). Whatever is absent stays absent through all four. */
#ifndef PROTO_CODEC_H
#define PROTO_CODEC_H

#include "proto/date.h"
#include "proto/errors.h"
#include "proto/json.h"

enum field_type {
	FIELD_TEXT,   /* struct text; min..max bytes of valid UTF-8 */
	FIELD_ASCII,  /* struct text; min..max printable ASCII characters (0x20 to 0x7e) */
	FIELD_CHOICE, /* struct text, one of choices "a|b|c" */
	FIELD_INT,    /* int64_t, min..max */
	FIELD_POSITION, /* int64_t, 0..max as a JSON integer or its digits, "start" (0) or "now" (POSITION_NOW) */
	FIELD_DEC,    /* int64_t hundredths; a JSON string "74.28" out; in: that, or a number with at most two decimals */
	FIELD_DATE,   /* int64_t day; "2020-03-05" */
	FIELD_TIME,   /* int64_t ms; RFC 3339, printed with +07:00 */
	FIELD_FLAG,   /* int64_t 0 or 1; true, false */
	FIELD_ONE,    /* struct of.shape *; NULL is absent */
	FIELD_MANY,   /* struct list of structs */
	FIELD_MAP,    /* struct list of struct point; a JSON object of integers */
	FIELD_WORDS,  /* struct list of struct text; a JSON array of strings of 1..64 bytes */
};

/* `items == NULL` is absent; an empty list has count 0 and items != NULL. */
struct list {
	void *items;
	size_t count;
};

enum { POSITION_NOW = -1 };

enum field_need {
	OPTIONAL,
	REQUIRED, /* decode refuses its absence */
	SHOWN,    /* filled by the daemon: printed and packed, but decoded only under ALL_FIELDS */
	INTERNAL, /* packed only: neither printed nor decoded */
};

/* What a field is in the structure. */
enum field_store { STORE_TEXT, STORE_NUMBER, STORE_POINTER, STORE_LIST };

struct field {
	const char *name;           /* on the wire */
	size_t name_len;
	enum field_type type;
	enum field_store store;
	enum field_need need;
	uint16_t offset;            /* in the structure */
	int64_t min, max;           /* of the number, the bytes of the text, the count of the list */
	const char *choices;
	const struct shape *shape;  /* of FIELD_ONE, FIELD_MANY and FIELD_MAP */
};

struct shape {
	const char *name;
	size_t size;
	const struct field *fields;
	unsigned count;             /* at most 64: sets of fields are uint64_t masks of 1 << index */
};

#define ALL_FIELDS UINT64_MAX

/* The structures themselves, an enum of field indexes for each (params_dossier, ...), and
 * `extern const struct shape NAME_shape` for each. */
#define SHAPE(s)                              struct s {
#define STRING(s, m, wire, need, min, max)     struct text m;
#define ASCII(s, m, wire, need, min, max)     struct text m;
#define CHOICE(s, m, wire, need, choices)     struct text m;
#define INT(s, m, wire, need, min, max)       int64_t m;
#define DEC(s, m, wire, need, min, max)       int64_t m;
#define POSITION(s, m, wire, need, max)       int64_t m;
#define DATE(s, m, wire, need)                int64_t m;
#define TIME(s, m, wire, need)                int64_t m;
#define FLAG(s, m, wire, need)                int64_t m;
#define ONE(s, m, wire, need, of)             struct of *m;
#define MANY(s, m, wire, need, of, min, max)  struct list m;
#define MAP(s, m, wire, need, min, max)       struct list m;
#define WORDS(s, m, wire, need, max)          struct list m;
#define END(s)                                };
#include "proto/shapes.def"

#define SHAPE(s)                              enum s##_fields {
#define STRING(s, m, wire, need, min, max)     s##_##m,
#define ASCII(s, m, wire, need, min, max)     s##_##m,
#define CHOICE(s, m, wire, need, choices)     s##_##m,
#define INT(s, m, wire, need, min, max)       s##_##m,
#define DEC(s, m, wire, need, min, max)       s##_##m,
#define POSITION(s, m, wire, need, max)       s##_##m,
#define DATE(s, m, wire, need)                s##_##m,
#define TIME(s, m, wire, need)                s##_##m,
#define FLAG(s, m, wire, need)                s##_##m,
#define ONE(s, m, wire, need, of)             s##_##m,
#define MANY(s, m, wire, need, of, min, max)  s##_##m,
#define MAP(s, m, wire, need, min, max)       s##_##m,
#define WORDS(s, m, wire, need, max)          s##_##m,
#define END(s)                                s##_COUNT }; extern const struct shape s##_shape;
#include "proto/shapes.def"

#define FIELD(s, m) (UINT64_C(1) << s##_##m)

/* Every number NONE, everything else absent. Call before filling a structure by hand. */
void shape_init(const struct shape *, void *structure);
/* -1 where the shape has no such field. */
int shape_find(const struct shape *, struct text name);
/* Is field `index` of the structure present? */
bool shape_has(const struct shape *, const void *structure, unsigned index);
/* Copies field `index` of one structure to field `to` of another; same type, shallow. */
void shape_copy(const struct shape *from_shape, const void *from, unsigned index,
                const struct shape *to_shape, void *to, unsigned to_index);

/* Decode a JSON object (NULL: an empty one) into *ret, which need not be initialised and is not to
 * be used after a refusal. At the top level only fields in `takes` are known and those in `needs`
 * (beside the shape's own needed ones) must be present; below it the shapes decide. With
 * ALL_FIELDS, for what the daemon itself wrote, SHOWN fields are known at every level. Returns 0,
 * or E_PARAMS with *ret_refusal filled: `field` is a path ("documents[2].status"), `expect` says
 * what would be right. Texts point into the arena. */
int codec_decode(const struct shape *, const struct json *object, uint64_t takes, uint64_t needs,
                 struct arena *, void *ret, struct refusal *ret_refusal);

/* Print the present fields in `which` (top level) as a JSON object. Lists print in their order. */
void codec_print(struct buf *, const struct shape *, const void *structure, uint64_t which);
/* The same without the braces; with `comma` also one before the first member: for objects put
 * together from several sources. Returns whether anything was printed. */
bool codec_print_members(struct buf *, const struct shape *, const void *structure, uint64_t which, bool comma);

/* The store's form: canonical (the same structure always gives the same bytes), internal fields
 * included. A field is known by its place in shapes.def: rows may only be added behind a shape's
 * last one, and a change of the format raises STATE_FORMAT (daemon/engine.h). */
void codec_pack(struct buf *, const struct shape *, const void *structure, uint64_t which);
/* Texts and lists are put into the arena; nothing borrows `bytes`. false where the bytes are not
 * a packed structure (a damaged store). */
bool codec_unpack(const struct shape *, struct text bytes, struct arena *, void *ret);

#endif
