/* UTF-8: validation, the folded form for search, the composed one, width on a terminal. */
#include "proto/utf8.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* The length of the character at `p`, or 0: no overlong forms, no surrogates, nothing over
 * U+10FFFF. libutf8proc's own iterator is not used because its strictness differs by version. */
static size_t
decode(const unsigned char *p, size_t room, int32_t *ret)
{
	static const int32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	if (p[0] < 0x80) {
		*ret = p[0];
		return 1;
	}
	size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || len > room)
		return 0;
	int32_t c = p[0] & (0xff >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return len;
}

/* Likewise for two and three bytes whose first forbids nothing to the others, nearly all there are;
 * 0 leaves it to decode(). */
static size_t
common(const unsigned char *p, size_t room)
{
	if (p[0] >= 0xc2 && p[0] < 0xe0)
		return room >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
	if (p[0] > 0xe0 && p[0] < 0xed)
		return room >= 3 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80 ? 3 : 0;
	return 0;
}

size_t
utf8_fault(struct text t)
{
	const unsigned char *p = (const unsigned char *)t.ptr;
	size_t at = 0;
	while (at < t.len) {
		uint64_t eight;
		if (t.len - at >= sizeof eight) {
			memcpy(&eight, p + at, sizeof eight);
			if (!(eight & UINT64_C(0x8080808080808080))) {
				at += sizeof eight;
				continue;
			}
		}
		int32_t c;
		size_t len = p[at] < 0x80 ? 1 : common(p + at, t.len - at);
		if (!len && !(len = decode(p + at, t.len - at, &c)))
			return at;
		at += len;
	}
	return t.len;
}

bool
utf8_valid(struct text t)
{
	return utf8_fault(t) == t.len;
}

static bool
is_apostrophe(int32_t c)
{
	switch (c) {
	case '\'':
	case '`':
	case 0x00b4:    /* acute accent */
	case 0x02b9:    /* modifier letters: prime, turned comma, apostrophe, reversed comma */
	case 0x02bb:
	case 0x02bc:
	case 0x02bd:
	case 0x02ca:    /* modifier letters: acute, grave */
	case 0x02cb:
	case 0x2018:    /* single quotation marks */
	case 0x2019:
	case 0x201b:
	case 0x2032:    /* primes */
	case 0x2035:
	case 0xa78c:    /* saltillo */
	case 0xff07:    /* full width */
		return true;
	default:
		return false;
	}
}

enum kind { KEPT, DROPPED, BLANK };

static enum kind
kind_of(int32_t c)
{
	if (is_apostrophe(c))
		return DROPPED;
	utf8proc_category_t category = utf8proc_category(c);
	if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO)
		return KEPT;
	if (category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME)
		return DROPPED;
	if (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO)
		return KEPT;
	return BLANK;
}

struct folding {
	char *out;
	size_t len, room;
	bool blank;     /* a blank is due before the next character */
};

static void
fold_ascii(struct folding *f, unsigned char c)
{
	if (c == '\'' || c == '`')
		return;
	if (c >= 'A' && c <= 'Z')
		c |= 0x20;
	if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
		f->blank = true;
		return;
	}
	assert(f->room - f->len >= 2);
	if (f->blank && f->len)
		f->out[f->len++] = ' ';
	f->blank = false;
	f->out[f->len++] = (char)c;
}

static void
fold_other(struct folding *f, int32_t c)
{
	/* No canonical decomposition is longer than four. */
	int32_t parts[8];
	int boundary = 0;
	utf8proc_ssize_t count = utf8proc_decompose_char(c, parts, countof(parts),
	                                                 UTF8PROC_DECOMPOSE, &boundary);
	assert(count >= 0 && count <= (utf8proc_ssize_t)countof(parts));
	for (utf8proc_ssize_t i = 0; i < count; i++) {
		int32_t part = utf8proc_tolower(parts[i]);
		if (part == 0x0111)
			part = 'd';
		if (part < 0x80) {
			fold_ascii(f, (unsigned char)part);
			continue;
		}
		enum kind kind = kind_of(part);
		f->blank |= kind == BLANK;
		if (kind != KEPT)
			continue;
		assert(f->room - f->len >= 5);
		if (f->blank && f->len)
			f->out[f->len++] = ' ';
		f->blank = false;
		f->len += (size_t)utf8proc_encode_char(part, (utf8proc_uint8_t *)f->out + f->len);
	}
}

struct text
utf8_fold(struct text t, struct arena *arena)
{
	if (!utf8_valid(t) || !t.len)
		return TEXT("");
	/* Three times is enough: a Hangul syllable (3 bytes) becomes three letters of 3 bytes. */
	struct folding f = { .room = 3 * t.len + 8 };
	f.out = arena_alloc(arena, f.room + 1);
	const unsigned char *p = (const unsigned char *)t.ptr;
	for (size_t at = 0; at < t.len; ) {
		int32_t c;
		size_t len = decode(p + at, t.len - at, &c);
		if (c < 0x80)
			fold_ascii(&f, (unsigned char)c);
		else
			fold_other(&f, c);
		at += len;
	}
	return (struct text){ f.out, f.len };
}

struct text
utf8_compose(struct text t, struct arena *arena)
{
	utf8proc_uint8_t *composed = NULL;
	utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)t.ptr, (utf8proc_ssize_t)t.len, &composed,
	                                    UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (len < 0)
		return arena_text(arena, t);
	struct text copy = arena_text(arena, (struct text){ (const char *)composed, (size_t)len });
	free(composed);
	return copy;
}

size_t
utf8_width(struct text t)
{
	const unsigned char *p = (const unsigned char *)t.ptr;
	size_t columns = 0;
	for (size_t at = 0; at < t.len; ) {
		int32_t c;
		size_t len = decode(p + at, t.len - at, &c);
		/* A terminal shows one replacement character for a bad byte. */
		columns += len ? (size_t)utf8proc_charwidth(c) : 1;
		at += len ? len : 1;
	}
	return columns;
}
