/* Structures to and from JSON, by the tables of shapes.c (the store's form: pack.c). */
#include "proto/codec.h"

#include <inttypes.h>
#include <string.h>

enum { WORD_MAX = 64 };

/* Decoding. */
struct decoder {
	struct arena *arena;
	struct refusal *refusal;
	bool shown;     /* SHOWN fields are known */
};

static int decode_object(struct decoder *, const struct shape *, const struct json *,
                         uint64_t takes, uint64_t needs, void *ret);

static int
find(const struct shape *shape, struct text name, uint64_t among)
{
	for (unsigned i = 0; i < shape->count; i++) {
		const struct field *f = &shape->fields[i];
		if (f->name_len == name.len && among >> i & 1 && memcmp(f->name, name.ptr, name.len) == 0)
			return (int)i;
	}
	return -1;
}

static const char *
type_word(const struct field *f)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_CHOICE:
		return "string";
	case FIELD_ASCII:
		return "string (printable ASCII)";
	case FIELD_INT:
		return "integer";
	case FIELD_POSITION:
		return "\"start\", \"now\", integer";
	case FIELD_DEC:
		return "\"74.28\"";
	case FIELD_DATE:
		return "YYYY-MM-DD";
	case FIELD_TIME:
		return "YYYY-MM-DDThh:mm:ss+07:00";
	case FIELD_FLAG:
		return "true, false";
	case FIELD_ONE:
		return "{...}";
	case FIELD_MANY:
		return "[{...}]";
	case FIELD_MAP:
		return "{\"...\":0}";
	case FIELD_WORDS:
		break;
	}
	return "[\"...\"]";
}

static struct text
expectation(struct decoder *d, const struct field *f, enum detail detail)
{
	if (f->type == FIELD_CHOICE && (detail == D_CHOICE || detail == D_MISSING)) {
		struct text list = arena_printf(d->arena, "%s", ""), left = text_of(f->choices), item;
		while (text_next(&left, '|', &item))
			list = arena_printf(d->arena, "%.*s%s%.*s", TEXT_ARG(list), list.len ? ", " : "",
			                    TEXT_ARG(item));
		return list;
	}
	if (detail == D_RANGE && f->type == FIELD_DEC)
		return arena_printf(d->arena, "%" PRId64 ".%02d..%" PRId64 ".%02d", f->min / 100,
		                    (int)(f->min % 100), f->max / 100, (int)(f->max % 100));
	if (detail == D_RANGE && f->type == FIELD_POSITION)
		return arena_printf(d->arena, "0..%" PRId64, f->max);
	if (detail == D_RANGE || detail == D_LENGTH) {
		const char *unit = detail == D_RANGE ? "" : f->store == STORE_LIST ? " items" : " bytes";
		return arena_printf(d->arena, "%" PRId64 "..%" PRId64 "%s", f->min, f->max, unit);
	}
	return text_of(type_word(f));
}

/* The value of `f` itself is wrong; its name is put before by nest(). */
static int
wrong(struct decoder *d, const struct field *f, enum detail detail)
{
	return refuse(d->refusal, E_PARAMS, detail, (struct text){ 0 }, expectation(d, f, detail));
}

/* Completes the refusal's path by the name it stands under. */
static int
nest(struct decoder *d, struct text name)
{
	struct text inner = d->refusal->field;
	name = refusal_name(name);
	const char *dot = inner.len && inner.ptr[0] != '[' ? "." : "";
	d->refusal->field = arena_printf(d->arena, "%.*s%s%.*s", TEXT_ARG(name), dot, TEXT_ARG(inner));
	return E_PARAMS;
}

static int
nest_index(struct decoder *d, size_t index)
{
	return nest(d, arena_printf(d->arena, "[%zu]", index));
}

static int
decode_text(struct decoder *d, const struct field *f, const struct json *value, struct text *ret)
{
	struct text t = json_text(value);
	if (!t.ptr)
		return wrong(d, f, D_TYPE);
	if (f->type == FIELD_CHOICE) {
		if (!text_among(t, f->choices))
			return wrong(d, f, D_CHOICE);
	} else if ((int64_t)t.len < f->min || (int64_t)t.len > f->max) {
		return wrong(d, f, D_LENGTH);
	}
	if (f->type == FIELD_ASCII)
		for (size_t i = 0; i < t.len; i++)
			if (t.ptr[i] < 0x20 || t.ptr[i] > 0x7e)
				return wrong(d, f, D_TYPE);
	*ret = t;
	return OK;
}

/* JavaScript's integers end at 2^53, so a sequence may come as a string too, as events give it. */
static bool
position_parse(const struct json *value, int64_t *ret)
{
	struct text t = json_text(value);
	int64_t number = 0;
	if (!t.ptr)
		return json_int(value, ret) && *ret >= 0;
	if (text_is(t, "start") || text_is(t, "now")) {
		*ret = text_is(t, "now") ? POSITION_NOW : 0;
		return true;
	}
	for (size_t i = 0; i < t.len; i++) {
		if (t.ptr[i] < '0' || t.ptr[i] > '9' || i == 18)
			return false;
		number = number * 10 + (t.ptr[i] - '0');
	}
	*ret = number;
	return t.len > 0;
}

static int
decode_number(struct decoder *d, const struct field *f, const struct json *value, int64_t *ret)
{
	int64_t number = 0;
	bool good = false;
	if (f->type == FIELD_INT) {
		good = json_int(value, &number);
	} else if (f->type == FIELD_POSITION) {
		good = position_parse(value, &number);
	} else if (f->type == FIELD_DEC) {
		good = json_hundredths(value, &number);
	} else if (f->type == FIELD_FLAG) {
		good = json_type(value) == JSON_BOOL;
		number = json_bool(value);
	} else if (json_type(value) == JSON_STRING) {
		struct text t = json_text(value);
		good = f->type == FIELD_DATE ? day_parse(t, &number) : time_parse(t, &number);
	}
	if (!good)
		return wrong(d, f, D_TYPE);
	if (number < f->min || number > f->max)
		return wrong(d, f, f->type == FIELD_INT || f->type == FIELD_DEC || f->type == FIELD_POSITION
		                    ? D_RANGE : D_TYPE);
	*ret = number;
	return OK;
}

static int
decode_point(struct decoder *d, const struct json *value, struct point *ret)
{
	const struct field *criterion = &point_shape.fields[point_criterion];
	struct text name = json_name(value);
	int error = (int64_t)name.len < criterion->min || (int64_t)name.len > criterion->max
	            ? wrong(d, criterion, D_LENGTH)
	            : decode_number(d, &point_shape.fields[point_points], value, &ret->points);
	ret->criterion = name;
	return error ? nest(d, name) : OK;
}

static int
decode_item(struct decoder *d, const struct field *f, const struct json *value, void *ret)
{
	static const struct field word = { .type = FIELD_TEXT, .min = 1, .max = WORD_MAX };
	if (f->type == FIELD_MAP)
		return decode_point(d, value, ret);
	if (f->type == FIELD_WORDS)
		return decode_text(d, &word, value, ret);
	return decode_object(d, f->shape, value, ALL_FIELDS, 0, ret);
}

static int
decode_list(struct decoder *d, const struct field *f, const struct json *value, struct list *ret)
{
	if (json_type(value) != (f->type == FIELD_MAP ? JSON_OBJECT : JSON_ARRAY))
		return wrong(d, f, D_TYPE);
	size_t count = json_count(value);
	size_t size = f->type == FIELD_WORDS ? sizeof(struct text) : f->shape->size;
	if ((int64_t)count < f->min || (int64_t)count > f->max)
		return wrong(d, f, D_LENGTH);
	struct text twice = f->type == FIELD_MAP ? json_duplicate(value, d->arena) : (struct text){ 0 };
	if (twice.ptr) {
		refuse(d->refusal, E_PARAMS, D_DUPLICATE, (struct text){ 0 }, (struct text){ 0 });
		return nest(d, twice);
	}
	char *items = arena_array(d->arena, count ? count : 1, size);
	size_t i = 0;
	for (const struct json *item = json_first(value); item; item = json_next(item), i++) {
		int error = decode_item(d, f, item, items + i * size);
		if (error)
			return f->type == FIELD_MAP ? error : nest_index(d, i);
	}
	*ret = (struct list){ items, count };
	return OK;
}

static int
decode_field(struct decoder *d, const struct field *f, const struct json *value, void *at)
{
	switch (f->store) {
	case STORE_TEXT:
		return decode_text(d, f, value, at);
	case STORE_NUMBER:
		return decode_number(d, f, value, at);
	case STORE_LIST:
		return decode_list(d, f, value, at);
	case STORE_POINTER:
		break;
	}
	void *structure = arena_alloc(d->arena, f->shape->size);
	int error = decode_object(d, f->shape, value, ALL_FIELDS, 0, structure);
	if (!error)
		*(void **)at = structure;
	return error;
}

static int
unknown(struct decoder *d, const struct shape *shape, uint64_t takes, struct text name)
{
	struct buf names = { 0 };
	for (unsigned i = 0; i < shape->count; i++)
		if (takes >> i & 1) {
			buf_str(&names, names.len ? ", " : "");
			buf_str(&names, shape->fields[i].name);
		}
	struct text known = arena_text(d->arena, buf_view(&names));
	refuse(d->refusal, E_PARAMS, D_UNKNOWN, (struct text){ 0 }, known);
	buf_free(&names);
	return nest(d, name);
}

static int
decode_object(struct decoder *d, const struct shape *shape, const struct json *object,
              uint64_t takes, uint64_t needs, void *ret)
{
	static const struct field any = { .type = FIELD_ONE };
	if (object && json_type(object) != JSON_OBJECT)
		return wrong(d, &any, D_TYPE);
	shape_init(shape, ret);
	for (unsigned i = 0; i < shape->count; i++) {
		enum field_need need = shape->fields[i].need;
		if (need == REQUIRED)
			needs |= UINT64_C(1) << i;
		if (need == INTERNAL || (need == SHOWN && !d->shown))
			takes &= ~(UINT64_C(1) << i);
	}
	uint64_t seen = 0;
	for (const struct json *m = object ? json_first(object) : NULL; m; m = json_next(m)) {
		struct text name = json_name(m);
		int index = find(shape, name, takes);
		if (index < 0)
			return unknown(d, shape, takes, name);
		const struct field *f = &shape->fields[index];
		if (seen >> index & 1)
			return refuse(d->refusal, E_PARAMS, D_DUPLICATE, text_of(f->name), (struct text){ 0 });
		seen |= UINT64_C(1) << index;
		if (decode_field(d, f, m, (char *)ret + f->offset))
			return nest(d, text_of(f->name));
	}
	needs &= ~seen;
	if (needs) {
		const struct field *f = &shape->fields[__builtin_ctzll(needs)];
		return refuse(d->refusal, E_PARAMS, D_MISSING, text_of(f->name), expectation(d, f, D_MISSING));
	}
	return OK;
}

int
codec_decode(const struct shape *shape, const struct json *object, uint64_t takes, uint64_t needs,
             struct arena *arena, void *ret, struct refusal *ret_refusal)
{
	struct decoder d = { arena, ret_refusal, takes == ALL_FIELDS };
	return decode_object(&d, shape, object, takes, needs, ret);
}

/* Printing. */
static void
print_list(struct buf *buf, const struct field *f, const struct list *list)
{
	const char *item = list->items;
	buf_byte(buf, f->type == FIELD_MAP ? '{' : '[');
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			buf_byte(buf, ',');
		if (f->type == FIELD_MANY) {
			codec_print(buf, f->shape, item + i * f->shape->size, ALL_FIELDS);
		} else if (f->type == FIELD_WORDS) {
			json_write_string(buf, ((const struct text *)list->items)[i]);
		} else {
			const struct point *point = (const struct point *)list->items + i;
			json_write_string(buf, point->criterion);
			buf_byte(buf, ':');
			json_write_int(buf, point->points);
		}
	}
	buf_byte(buf, f->type == FIELD_MAP ? '}' : ']');
}

static void
print_number(struct buf *buf, const struct field *f, int64_t value)
{
	char out[TIME_LEN + 1];
	if (f->type == FIELD_INT || f->type == FIELD_POSITION) {
		json_write_int(buf, value);
		return;
	}
	if (f->type == FIELD_FLAG) {
		buf_str(buf, value ? "true" : "false");
		return;
	}
	buf_byte(buf, '"');
	if (f->type == FIELD_DEC) {
		int64_t size = value < 0 ? -value : value;
		buf_str(buf, value < 0 ? "-" : "");
		json_write_int(buf, size / 100);
		buf_add(buf, (char[]){ '.', (char)('0' + size % 100 / 10), (char)('0' + size % 10) }, 3);
	} else if (f->type == FIELD_DATE) {
		day_print(value, out);
		buf_str(buf, out);
	} else {
		time_print(value, out);
		buf_str(buf, out);
	}
	buf_byte(buf, '"');
}

static void
print_value(struct buf *buf, const struct field *f, const void *at)
{
	switch (f->store) {
	case STORE_TEXT:
		json_write_string(buf, *(const struct text *)at);
		break;
	case STORE_NUMBER:
		print_number(buf, f, *(const int64_t *)at);
		break;
	case STORE_LIST:
		print_list(buf, f, at);
		break;
	case STORE_POINTER:
		codec_print(buf, f->shape, *(void *const *)at, ALL_FIELDS);
		break;
	}
}

bool
codec_print_members(struct buf *buf, const struct shape *shape, const void *structure,
                    uint64_t which, bool comma)
{
	bool any = false;
	for (unsigned i = 0; i < shape->count; i++) {
		const struct field *f = &shape->fields[i];
		if (!(which >> i & 1) || f->need == INTERNAL || !shape_has(shape, structure, i))
			continue;
		buf_str(buf, comma || any ? ",\"" : "\"");
		buf_add(buf, f->name, f->name_len);
		buf_add(buf, "\":", 2);
		print_value(buf, f, (const char *)structure + f->offset);
		any = true;
	}
	return any;
}

void
codec_print(struct buf *buf, const struct shape *shape, const void *structure, uint64_t which)
{
	buf_byte(buf, '{');
	codec_print_members(buf, shape, structure, which, false);
	buf_byte(buf, '}');
}
