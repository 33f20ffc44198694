/* Text spans, arenas and growing buffers: all the memory that proto/ and daemon/ use.
 *
 * Allocation failure ends the process (abort): inputs are bounded, so running out is a matter of
 * configuration, and nothing is acknowledged that is not on disk. */
#ifndef PROTO_MEM_H
#define PROTO_MEM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define countof(a) (sizeof(a) / sizeof *(a))

/* Bytes that somebody else owns. `ptr == NULL` means absent, which is not the same as empty.
 * Not NUL-terminated unless a function says so. */
struct text {
	const char *ptr;
	size_t len;
};

#define TEXT(literal) ((struct text){ "" literal, sizeof(literal) - 1 })
#define ABSENT ((struct text){ NULL, 0 })
#define TEXT_ARG(t) (int)(t).len, (t).ptr ? (t).ptr : "" /* for "%.*s" */

struct text text_of(const char *z);                     /* borrows z; NULL gives the absent text */
bool text_is(struct text a, const char *z);             /* absent equals nothing */
bool text_equal(struct text a, struct text b);
int text_compare(struct text a, struct text b);         /* bytewise, like strcmp */
/* Takes the next item off a separated list ("a, b"): trimmed, never empty; false at the end. */
bool text_next(struct text *list, char separator, struct text *ret_item);
/* Is `item` one of the items of "a|b|c"? */
bool text_among(struct text item, const char *choices);

/* An arena hands out memory that is all given back at once. Everything decoded, decided or
 * printed for one request lives in one arena. */
struct arena;
struct arena *arena_new(void);
void arena_destroy(struct arena **);
void arena_reset(struct arena *);                       /* keeps the blocks for the next use */
void *arena_alloc(struct arena *, size_t size);         /* zeroed, aligned to 16 */
void *arena_array(struct arena *, size_t count, size_t size); /* aborts on overflow */
struct text arena_text(struct arena *, struct text);    /* a copy, NUL-terminated behind its end */
struct text arena_printf(struct arena *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));          /* likewise */

/* A byte buffer that grows. Zero-initialised is empty; buf_clear keeps the memory. */
struct buf {
	char *ptr;
	size_t len, cap;
};

void buf_add(struct buf *, const void *bytes, size_t len);
void buf_text(struct buf *, struct text);
void buf_str(struct buf *, const char *z);
void buf_byte(struct buf *, unsigned char byte);
void buf_printf(struct buf *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *, const char *format, va_list) __attribute__((format(printf, 2, 0)));
char *buf_room(struct buf *, size_t len);               /* len writable bytes behind the end; not yet counted */
void buf_clear(struct buf *);
void buf_free(struct buf *);
struct text buf_view(const struct buf *);               /* borrowed until the buffer changes; never absent */

void *xcalloc(size_t count, size_t size);               /* aborts instead of failing */

#endif
