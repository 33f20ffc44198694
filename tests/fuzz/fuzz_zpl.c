/* Any bytes as ZPL: what is read is sound, and survives being printed and read again. */
#include "proto/utf8.h"
#include "proto/zpl.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition) ((condition) ? (void)0 : abort())

/* Line `number` of the input, counted from 1, without its blanks in front. */
static struct text
line_of(struct text input, int number, size_t *ret_blanks)
{
	const bool first = number == 1;
	for (; number > 1; number--) {
		const char *stop = input.len ? memchr(input.ptr, '\n', input.len) : NULL;
		MUST(stop);
		input.len -= (size_t)(stop + 1 - input.ptr);
		input.ptr = stop + 1;
	}
	const char *stop = input.len ? memchr(input.ptr, '\n', input.len) : NULL;
	if (stop)
		input.len = (size_t)(stop - input.ptr);
	if (first && input.len >= 3 && memcmp(input.ptr, "\xef\xbb\xbf", 3) == 0) {
		input.ptr += 3;
		input.len -= 3;
	}
	*ret_blanks = 0;
	while (input.len && *input.ptr == ' ') {
		input.ptr++;
		input.len--;
		++*ret_blanks;
	}
	return input;
}

/* Every item stands where it says it does, at its level, behind what comes before it. */
static void
check(const struct zpl *item, size_t level, struct text input, int *line)
{
	for (const struct zpl *c = item->child; c; c = c->next) {
		size_t blanks;
		MUST(c->line > *line);
		*line = c->line;
		struct text at = line_of(input, c->line, &blanks);
		MUST(blanks == 4 * level && c->name.len && at.len >= c->name.len);
		MUST(memcmp(at.ptr, c->name.ptr, c->name.len) == 0);
		if (c->value.ptr) {
			MUST(utf8_valid(c->value) && c->value.ptr[c->value.len] == 0);
			MUST(memmem(at.ptr, at.len, c->value.ptr, c->value.len));
		}
		check(c, level + 1, input, line);
	}
}

static void
print(const struct zpl *item, int level, struct buf *out)
{
	for (const struct zpl *c = item->child; c; c = c->next) {
		buf_printf(out, "%*s%.*s", 4 * level, "", TEXT_ARG(c->name));
		if (c->value.ptr) {
			/* A value with both quotes can only have stood bare. */
			const char *quote = !strchr(c->value.ptr, '"') ? "\""
				: !strchr(c->value.ptr, '\'') ? "'" : "";
			buf_printf(out, " = %s%.*s%s", quote, TEXT_ARG(c->value), quote);
		}
		buf_byte(out, '\n');
		print(c, level + 1, out);
	}
}

static bool
same(const struct zpl *a, const struct zpl *b)
{
	for (a = a->child, b = b->child; a && b; a = a->next, b = b->next)
		if (!text_equal(a->name, b->name) || !text_equal(a->value, b->value) || !same(a, b))
			return false;
	return !a && !b;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct complaints complaints = { 0 };
	struct text text = { (const char *)data, size };
	struct zpl *root = zpl_parse("input", text, arena, &complaints);
	MUST(!root == (complaints.errors > 0));
	MUST(utf8_valid(buf_view(&complaints.text)));
	if (root) {
		int line = 0;
		check(root, 0, text, &line);
		struct buf printed = { 0 };
		print(root, 0, &printed);
		struct zpl *again = zpl_parse("printed", buf_view(&printed), arena, &complaints);
		MUST(again && same(root, again));
		buf_free(&printed);
	}
	buf_free(&complaints.text);
	arena_destroy(&arena);
	return 0;
}
