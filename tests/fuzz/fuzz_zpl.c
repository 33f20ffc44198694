/* Any bytes as ZPL: what is read is sound, and survives being printed and read again. */
#include "proto/utf8.h"
#include "proto/zpl.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition) ((condition) ? (void)0 : abort())

static void
check(const struct zpl *item, int first_line, int last_line)
{
	for (const struct zpl *c = item->child; c; c = c->next) {
		MUST(c->line > first_line && c->line <= last_line);
		MUST(c->name.len && utf8_valid(c->name));
		MUST(!c->value.ptr || (utf8_valid(c->value) && strlen(c->value.ptr) == c->value.len));
		check(c, c->line, c->next ? c->next->line - 1 : last_line);
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
		int lines = 1;
		for (size_t i = 0; i < size; i++)
			lines += data[i] == '\n';
		check(root, 0, lines);
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
