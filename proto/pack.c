/* Structures to and from the store's bytes, by the tables of shapes.c.
 *
 * A shape is its present fields in the table's order: a byte with the field's index, then texts as
 * length and bytes, numbers zigzag, structures as length and shape, lists as count and items (of
 * a map: text and number). All these numbers are varints: 7 bits a byte, the low ones first. */
#include "proto/codec.h"

#include "proto/utf8.h"

#include <string.h>

enum { VARINT_MAX = 10 };

/* 0000-01-01 and 9999-12-31: what can be printed. */
enum { DAY_FIRST = -719528, DAY_LAST = 2932896 };

static size_t
varint(uint64_t value, unsigned char out[VARINT_MAX])
{
	size_t len = 0;
	for (; value >= 0x80; value >>= 7)
		out[len++] = (unsigned char)(value | 0x80);
	out[len++] = (unsigned char)value;
	return len;
}

static void
pack_count(struct buf *buf, uint64_t value)
{
	unsigned char bytes[VARINT_MAX];
	buf_add(buf, bytes, varint(value, bytes));
}

static void
pack_number(struct buf *buf, int64_t value)
{
	pack_count(buf, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

static void
pack_text(struct buf *buf, struct text t)
{
	pack_count(buf, t.len);
	buf_text(buf, t);
}

/* The length is known only behind the bytes; it is put before them then. */
static void
pack_structure(struct buf *buf, const struct shape *shape, const void *structure)
{
	size_t before = buf->len;
	codec_pack(buf, shape, structure, ALL_FIELDS);
	unsigned char bytes[VARINT_MAX];
	size_t packed = buf->len - before, len = varint(packed, bytes);
	buf_room(buf, len);
	memmove(buf->ptr + before + len, buf->ptr + before, packed);
	memcpy(buf->ptr + before, bytes, len);
	buf->len += len;
}

static void
pack_list(struct buf *buf, const struct field *f, const struct list *list)
{
	const char *item = list->items;
	pack_count(buf, list->count);
	for (size_t i = 0; i < list->count; i++) {
		if (f->type == FIELD_MANY) {
			pack_structure(buf, f->shape, item + i * f->shape->size);
		} else if (f->type == FIELD_WORDS) {
			pack_text(buf, ((const struct text *)list->items)[i]);
		} else {
			const struct point *point = (const struct point *)list->items + i;
			pack_text(buf, point->criterion);
			pack_number(buf, point->points);
		}
	}
}

void
codec_pack(struct buf *buf, const struct shape *shape, const void *structure, uint64_t which)
{
	for (unsigned i = 0; i < shape->count; i++) {
		const struct field *f = &shape->fields[i];
		const void *at = (const char *)structure + f->offset;
		if (!(which >> i & 1) || !shape_has(shape, structure, i))
			continue;
		buf_byte(buf, (unsigned char)i);
		switch (f->store) {
		case STORE_TEXT:
			pack_text(buf, *(const struct text *)at);
			break;
		case STORE_NUMBER:
			pack_number(buf, *(const int64_t *)at);
			break;
		case STORE_POINTER:
			pack_structure(buf, f->shape, *(void *const *)at);
			break;
		case STORE_LIST:
			pack_list(buf, f, at);
			break;
		}
	}
}

/* Reading. Every function takes what it reads off `left`. */
static bool
unpack_count(struct text *left, uint64_t *ret)
{
	uint64_t value = 0;
	for (size_t i = 0; i < left->len && i < VARINT_MAX; i++) {
		unsigned char byte = (unsigned char)left->ptr[i];
		if (i == VARINT_MAX - 1 && byte > 1)
			return false;
		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte & 0x80)
			continue;
		if (!byte && i)
			return false;   /* a shorter form exists */
		left->ptr += i + 1;
		left->len -= i + 1;
		*ret = value;
		return true;
	}
	return false;
}

static bool
unpack_number(struct text *left, int64_t *ret)
{
	uint64_t value;
	if (!unpack_count(left, &value))
		return false;
	int64_t number = (int64_t)(value >> 1 ^ -(value & 1));
	*ret = number;
	return number != NONE;
}

static bool
unpack_bytes(struct text *left, struct text *ret)
{
	uint64_t len;
	if (!unpack_count(left, &len) || len > left->len)
		return false;
	*ret = (struct text){ left->ptr, len };
	left->ptr += len;
	left->len -= len;
	return true;
}

static bool
unpack_text(struct text *left, struct text *ret)
{
	return unpack_bytes(left, ret) && utf8_valid(*ret);
}

static bool unpack_shape(const struct shape *, struct text left, struct arena *, void *ret);

static bool
unpack_structure(const struct shape *shape, struct text *left, struct arena *arena, void *ret)
{
	struct text bytes;
	return unpack_bytes(left, &bytes) && unpack_shape(shape, bytes, arena, ret);
}

static bool
unpack_list(const struct field *f, struct text *left, struct arena *arena, struct list *ret)
{
	uint64_t count;
	size_t size = f->type == FIELD_WORDS ? sizeof(struct text) : f->shape->size;
	/* An item takes a byte at least: damage can't ask for more memory than that. */
	if (!unpack_count(left, &count) || count > left->len)
		return false;
	char *items = arena_array(arena, count ? count : 1, size), *item = items;
	for (uint64_t i = 0; i < count; i++, item += size) {
		bool good;
		if (f->type == FIELD_MANY) {
			good = unpack_structure(f->shape, left, arena, item);
		} else if (f->type == FIELD_WORDS) {
			good = unpack_text(left, (struct text *)(void *)item);
		} else {
			struct point *point = (struct point *)(void *)item;
			good = unpack_text(left, &point->criterion) && unpack_number(left, &point->points);
		}
		if (!good)
			return false;
	}
	*ret = (struct list){ items, count };
	return true;
}

/* Bounds that make printing safe; those of the table are for what comes from outside. */
static bool
sane(enum field_type type, int64_t value)
{
	if (type == FIELD_FLAG)
		return value == 0 || value == 1;
	int64_t day = type == FIELD_TIME ? value / DAY_MS : value;
	return (type != FIELD_DATE && type != FIELD_TIME) || (day > DAY_FIRST && day < DAY_LAST);
}

static bool
unpack_field(const struct field *f, struct text *left, struct arena *arena, void *at)
{
	switch (f->store) {
	case STORE_TEXT:
		return unpack_text(left, at);
	case STORE_NUMBER:
		return unpack_number(left, at) && sane(f->type, *(const int64_t *)at);
	case STORE_LIST:
		return unpack_list(f, left, arena, at);
	case STORE_POINTER:
		break;
	}
	void *structure = arena_alloc(arena, f->shape->size);
	*(void **)at = structure;
	return unpack_structure(f->shape, left, arena, structure);
}

static bool
unpack_shape(const struct shape *shape, struct text left, struct arena *arena, void *ret)
{
	shape_init(shape, ret);
	for (unsigned next = 0; left.len; ) {
		unsigned index = (unsigned char)left.ptr[0];
		if (index < next || index >= shape->count)
			return false;
		left.ptr++;
		left.len--;
		const struct field *f = &shape->fields[index];
		if (!unpack_field(f, &left, arena, (char *)ret + f->offset))
			return false;
		next = index + 1;
	}
	return true;
}

bool
codec_unpack(const struct shape *shape, struct text bytes, struct arena *arena, void *ret)
{
	/* One copy for all the texts in it. */
	return unpack_shape(shape, arena_text(arena, bytes), arena, ret);
}
