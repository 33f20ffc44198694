/* The tables of all shapes, and what can be done with a structure without a format. */
#include "proto/codec.h"

#include <assert.h>
#include <string.h>

/* 1900-01-01 and 2999-12-31: what day_parse takes. A moment's local day is held to it as well,
 * because it must be readable again once it is printed. */
enum { DAY_FIRST = -25567, DAY_LAST = 376199 };

#define ROW(s, m, wire, n, of, in) \
	.name = wire, .name_len = sizeof wire - 1, .offset = offsetof(struct s, m), \
	.type = of, .store = in, .need = n

#define SHAPE(s)                              static const struct field s##_table[] = {
#define STRING(s, m, wire, n, lo, hi) \
	{ ROW(s, m, wire, n, FIELD_TEXT, STORE_TEXT), .min = lo, .max = hi },
#define ASCII(s, m, wire, n, lo, hi) \
	{ ROW(s, m, wire, n, FIELD_ASCII, STORE_TEXT), .min = lo, .max = hi },
#define CHOICE(s, m, wire, n, of) \
	{ ROW(s, m, wire, n, FIELD_CHOICE, STORE_TEXT), .choices = of },
#define INT(s, m, wire, n, lo, hi) \
	{ ROW(s, m, wire, n, FIELD_INT, STORE_NUMBER), .min = lo, .max = hi },
#define DEC(s, m, wire, n, lo, hi) \
	{ ROW(s, m, wire, n, FIELD_DEC, STORE_NUMBER), .min = lo, .max = hi },
#define POSITION(s, m, wire, n, hi) \
	{ ROW(s, m, wire, n, FIELD_POSITION, STORE_NUMBER), .min = POSITION_NOW, .max = hi },
#define DATE(s, m, wire, n) \
	{ ROW(s, m, wire, n, FIELD_DATE, STORE_NUMBER), .min = DAY_FIRST, .max = DAY_LAST },
#define TIME(s, m, wire, n) \
	{ ROW(s, m, wire, n, FIELD_TIME, STORE_NUMBER), \
	  .min = DAY_FIRST * DAY_MS - ZONE_MS, .max = (DAY_LAST + 1) * DAY_MS - ZONE_MS - 1 },
#define FLAG(s, m, wire, n) \
	{ ROW(s, m, wire, n, FIELD_FLAG, STORE_NUMBER), .max = 1 },
#define ONE(s, m, wire, n, of) \
	{ ROW(s, m, wire, n, FIELD_ONE, STORE_POINTER), .shape = &of##_shape },
#define MANY(s, m, wire, n, of, lo, hi) \
	{ ROW(s, m, wire, n, FIELD_MANY, STORE_LIST), .min = lo, .max = hi, .shape = &of##_shape },
#define MAP(s, m, wire, n, lo, hi) \
	{ ROW(s, m, wire, n, FIELD_MAP, STORE_LIST), .min = lo, .max = hi, .shape = &point_shape },
#define WORDS(s, m, wire, n, hi) \
	{ ROW(s, m, wire, n, FIELD_WORDS, STORE_LIST), .max = hi },
#define END(s) }; \
	_Static_assert(s##_COUNT <= 64, "sets of fields are 64 bits"); \
	_Static_assert(sizeof(struct s) <= UINT16_MAX, "offsets are 16 bits"); \
	const struct shape s##_shape = { #s, sizeof(struct s), s##_table, s##_COUNT };
#include "proto/shapes.def"

static const void *
member(const struct field *f, const void *structure)
{
	return (const char *)structure + f->offset;
}

void
shape_init(const struct shape *shape, void *structure)
{
	memset(structure, 0, shape->size);
	for (const struct field *f = shape->fields; f < shape->fields + shape->count; f++)
		if (f->store == STORE_NUMBER)
			*(int64_t *)((char *)structure + f->offset) = NONE;
}

int
shape_find(const struct shape *shape, struct text name)
{
	for (unsigned i = 0; i < shape->count; i++)
		if (text_is(name, shape->fields[i].name))
			return (int)i;
	return -1;
}

bool
shape_has(const struct shape *shape, const void *structure, unsigned index)
{
	assert(index < shape->count);
	const struct field *f = &shape->fields[index];
	const void *at = member(f, structure);
	switch (f->store) {
	case STORE_TEXT:
		return ((const struct text *)at)->ptr;
	case STORE_NUMBER:
		return *(const int64_t *)at != NONE;
	case STORE_POINTER:
		return *(void *const *)at;
	case STORE_LIST:
		break;
	}
	return ((const struct list *)at)->items;
}

void
shape_copy(const struct shape *from_shape, const void *from, unsigned index,
           const struct shape *to_shape, void *to, unsigned to_index)
{
	static const size_t sizes[] = {
		[STORE_TEXT] = sizeof(struct text), [STORE_NUMBER] = sizeof(int64_t),
		[STORE_POINTER] = sizeof(void *), [STORE_LIST] = sizeof(struct list),
	};
	assert(index < from_shape->count && to_index < to_shape->count);
	const struct field *a = &from_shape->fields[index], *b = &to_shape->fields[to_index];
	assert(a->store == b->store && a->shape == b->shape);
	memcpy((char *)to + b->offset, member(a, from), sizes[a->store]);
}
