/* Text spans, arenas and growing buffers. */
#include "proto/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 16, BLOCK_BYTES = 64 * 1024, BUF_FIRST = 256 };

struct block {
	struct block *next;
	size_t size;
	_Alignas(ALIGN) unsigned char bytes[];
};

struct arena {
	unsigned char *next, *end;      /* the free part of `current` */
	struct block *first, *current;  /* blocks behind `current` are free */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct text
text_of(const char *z)
{
	return z ? (struct text){ z, strlen(z) } : (struct text){ 0 };
}

bool
text_is(struct text a, const char *z)
{
	return a.ptr && z && strlen(z) == a.len && memcmp(a.ptr, z, a.len) == 0;
}

bool
text_equal(struct text a, struct text b)
{
	if (!a.ptr || !b.ptr)
		return a.ptr == b.ptr;
	return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

int
text_compare(struct text a, struct text b)
{
	if (!a.ptr || !b.ptr)
		return !!a.ptr - !!b.ptr;
	int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
	if (order)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

bool
text_next(struct text *list, char separator, struct text *ret_item)
{
	while (list->len) {
		const char *stop = memchr(list->ptr, separator, list->len);
		size_t len = stop ? (size_t)(stop - list->ptr) : list->len;
		struct text item = { list->ptr, len };
		size_t taken = stop ? len + 1 : len;
		list->ptr += taken;
		list->len -= taken;
		while (item.len && is_blank(item.ptr[0])) {
			item.ptr++;
			item.len--;
		}
		while (item.len && is_blank(item.ptr[item.len - 1]))
			item.len--;
		if (item.len) {
			*ret_item = item;
			return true;
		}
	}
	return false;
}

bool
text_among(struct text item, const char *choices)
{
	if (!item.len)
		return false;
	struct text list = text_of(choices), choice;
	while (text_next(&list, '|', &choice))
		if (text_equal(item, choice))
			return true;
	return false;
}

void *
xcalloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);
	if (!p)
		abort();
	return p;
}

struct arena *
arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

void
arena_destroy(struct arena **arena)
{
	if (!*arena)
		return;
	for (struct block *b = (*arena)->first, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(*arena);
	*arena = NULL;
}

static void
arena_enter(struct arena *arena, struct block *block)
{
	arena->current = block;
	arena->next = block ? block->bytes : NULL;
	arena->end = block ? block->bytes + block->size : NULL;
}

void
arena_reset(struct arena *arena)
{
	arena_enter(arena, arena->first);
}

/* Makes a block with room for `size` the current one. Every free block is looked at before a new
 * one is made: otherwise an arena that is reset for ever would grow for ever. */
static __attribute__((noinline)) void
arena_refill(struct arena *arena, size_t size)
{
	struct block **behind = arena->current ? &arena->current->next : &arena->first;
	struct block **at = behind, *block;
	while (*at && (*at)->size < size)
		at = &(*at)->next;
	if (*at) {
		block = *at;
		*at = block->next;
	} else {
		block = malloc(sizeof *block + (size > BLOCK_BYTES ? size : BLOCK_BYTES));
		if (!block)
			abort();
		block->size = size > BLOCK_BYTES ? size : BLOCK_BYTES;
	}
	block->next = *behind;
	*behind = block;
	arena_enter(arena, block);
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	if (size > SIZE_MAX / 4)
		abort();
	size_t taken = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (taken == 0)
		taken = ALIGN;
	if ((size_t)(arena->end - arena->next) < taken)
		arena_refill(arena, taken);
	void *p = arena->next;
	arena->next += taken;
	return memset(p, 0, taken);
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t total;
	if (__builtin_mul_overflow(count, size, &total))
		abort();
	return arena_alloc(arena, total);
}

struct text
arena_text(struct arena *arena, struct text from)
{
	if (!from.ptr)
		return from;
	char *copy = arena_alloc(arena, from.len + 1);
	memcpy(copy, from.ptr, from.len);
	return (struct text){ copy, from.len };
}

struct text
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		abort();
	char *copy = arena_alloc(arena, (size_t)len + 1);
	vsnprintf(copy, (size_t)len + 1, format, again);
	va_end(again);
	return (struct text){ copy, (size_t)len };
}

char *
buf_room(struct buf *buf, size_t len)
{
	size_t need;
	if (__builtin_add_overflow(buf->len, len, &need) || need > SIZE_MAX / 4)
		abort();
	if (need > buf->cap || !buf->ptr) {
		size_t cap = buf->cap ? buf->cap : BUF_FIRST;
		while (cap < need)
			cap *= 2;
		buf->ptr = realloc(buf->ptr, cap);
		if (!buf->ptr)
			abort();
		buf->cap = cap;
	}
	return buf->ptr + buf->len;
}

void
buf_add(struct buf *buf, const void *bytes, size_t len)
{
	if (!len)
		return;
	memcpy(buf_room(buf, len), bytes, len);
	buf->len += len;
}

void
buf_text(struct buf *buf, struct text text)
{
	buf_add(buf, text.ptr, text.len);
}

void
buf_str(struct buf *buf, const char *z)
{
	buf_add(buf, z, strlen(z));
}

void
buf_byte(struct buf *buf, unsigned char byte)
{
	*buf_room(buf, 1) = (char)byte;
	buf->len++;
}

void
buf_vprintf(struct buf *buf, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	if (len < 0)
		abort();
	/* vsnprintf wants room for its NUL, which is not counted. */
	vsnprintf(buf_room(buf, (size_t)len + 1), (size_t)len + 1, format, again);
	va_end(again);
	buf->len += (size_t)len;
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	buf_vprintf(buf, format, args);
	va_end(args);
}

void
buf_clear(struct buf *buf)
{
	buf->len = 0;
}

void
buf_free(struct buf *buf)
{
	free(buf->ptr);
	*buf = (struct buf){ 0 };
}

struct text
buf_view(const struct buf *buf)
{
	return (struct text){ buf->ptr ? buf->ptr : "", buf->len };
}
