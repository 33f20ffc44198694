/* ZPL: a strict reader that keeps the line of everything. */
#include "proto/zpl.h"

#include "proto/i18n.h"
#include "proto/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BLANKS_A_LEVEL = 4,
	LEVELS_MOST = 32,
	ERRORS_MOST = 50,               /* a file that is no ZPL at all needs no longer list */
	FILE_MOST = 4 * 1024 * 1024,
};

struct reading {
	struct arena *arena;
	struct complaints *complaints;
	const char *file;
	int line;
	/* last[0] is the root, last[n] the latest item of level n; what is deeper than `depth` is
	 * closed. */
	struct zpl *last[LEVELS_MOST + 1];
	int depth;
};

static void __attribute__((format(printf, 5, 0)))
add_complaint(struct complaints *c, const char *file, int line, const char *kind,
              const char *format, va_list args)
{
	buf_str(&c->text, file);
	if (line > 0)
		buf_printf(&c->text, ":%d", line);
	buf_printf(&c->text, ": %s", kind);
	buf_vprintf(&c->text, gettext(format), args);
	buf_byte(&c->text, '\n');
}

void
complain(struct complaints *c, const char *file, int line, const char *format, ...)
{
	va_list args;
	if (!c->errors++)
		c->error_at = c->text.len;
	va_start(args, format);
	add_complaint(c, file, line, "", format, args);
	va_end(args);
}

void
complain_warning(struct complaints *c, const char *file, int line, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add_complaint(c, file, line, _("warning: "), format, args);
	va_end(args);
	c->warnings++;
}

#define COMPLAIN(r, ...) complain((r)->complaints, (r)->file, (r)->line, __VA_ARGS__)

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
		|| (c && strchr("-_./@&+$", c));
}

static struct text
skip(struct text t, size_t count)
{
	return (struct text){ t.ptr + count, t.len - count };
}

static size_t
count_blanks(struct text t)
{
	size_t n = 0;
	while (n < t.len && t.ptr[n] == ' ')
		n++;
	return n;
}

static bool
at_end(struct text t)
{
	return !t.len || t.ptr[0] == '#';
}

/* Appends an item at `level`, whatever is wrong with its line: what stands beneath it would only
 * draw complaints that follow from the first. */
static struct zpl *
add_item(struct reading *r, int level)
{
	struct zpl *item = arena_alloc(r->arena, sizeof *item);
	struct zpl *parent = r->last[level - 1];
	item->name = TEXT("");
	item->file = r->file;
	item->line = r->line;
	if (r->depth >= level)
		r->last[level]->next = item;
	else
		parent->child = item;
	r->last[level] = item;
	r->depth = level;
	return item;
}

static int
read_level(struct reading *r, size_t blanks)
{
	size_t level = blanks / BLANKS_A_LEVEL + 1;
	if (blanks % BLANKS_A_LEVEL)
		COMPLAIN(r, "an indentation of %zu; 0, 4, 8 ... blanks would be right", blanks);
	if (level > LEVELS_MOST) {
		COMPLAIN(r, "nested too deep; %d levels are the most", LEVELS_MOST);
		level = LEVELS_MOST;
	}
	if (level > (size_t)r->depth + 1) {
		if (blanks % BLANKS_A_LEVEL == 0)
			COMPLAIN(r, "a level is skipped; %d blanks or fewer would be right here",
			         r->depth * BLANKS_A_LEVEL);
		level = (size_t)r->depth + 1;
	}
	return (int)level;
}

static void
read_quoted(struct reading *r, struct text rest, struct zpl *item)
{
	char quote = rest.ptr[0];
	rest = skip(rest, 1);
	const char *stop = memchr(rest.ptr, quote, rest.len);
	if (!stop) {
		COMPLAIN(r, "the quote is not closed; %c at the end of the value would be right", quote);
		return;
	}
	struct text value = { rest.ptr, (size_t)(stop - rest.ptr) };
	rest = skip(rest, value.len + 1);
	rest = skip(rest, count_blanks(rest));
	if (!at_end(rest)) {
		COMPLAIN(r, "text behind the closing %c; only a # comment may stand there, and a value that"
		         " holds %c goes between %c and %c", quote, quote, quote ^ '"' ^ '\'',
		         quote ^ '"' ^ '\'');
		return;
	}
	item->value = arena_text(r->arena, value);
}

static void
read_value(struct reading *r, struct text rest, struct zpl *item)
{
	rest = skip(rest, count_blanks(rest));
	if (at_end(rest)) {
		COMPLAIN(r, "no value behind =; %.*s = \"\" would be an empty one, and a value with # needs"
		         " quotes", TEXT_ARG(item->name));
		return;
	}
	if (rest.ptr[0] == '"' || rest.ptr[0] == '\'') {
		read_quoted(r, rest, item);
		return;
	}
	const char *comment = memchr(rest.ptr, '#', rest.len);
	if (comment)
		rest.len = (size_t)(comment - rest.ptr);
	while (rest.ptr[rest.len - 1] == ' ')
		rest.len--;
	item->value = arena_text(r->arena, rest);
}

/* `line` is valid UTF-8 without control characters, and not empty. */
static void
read_item(struct reading *r, struct text line, struct zpl *item)
{
	size_t len = 0;
	while (len < line.len && is_name_char(line.ptr[len]))
		len++;
	item->name = arena_text(r->arena, (struct text){ line.ptr, len });
	struct text rest = skip(line, len);
	size_t blanks = count_blanks(rest);
	struct text behind = skip(rest, blanks);
	if (len && at_end(behind))
		return;
	if (len && behind.ptr[0] == '=') {
		read_value(r, skip(behind, 1), item);
		return;
	}
	if (len && blanks) {
		COMPLAIN(r, "text behind the name; %.*s = value would be right", TEXT_ARG(item->name));
		return;
	}
	if (line.ptr[0] == '=') {
		COMPLAIN(r, "no name before =; name = value would be right");
		return;
	}
	int bytes = 1;
	while ((size_t)bytes < rest.len && (rest.ptr[bytes] & 0xc0) == 0x80)
		bytes++;
	COMPLAIN(r, "'%.*s' can't stand in a name; letters a to z, digits and -_./@&+$ can, and = "
	         "stands between name and value", bytes, rest.ptr);
}

static bool
has_control(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if ((unsigned char)t.ptr[i] < ' ' || t.ptr[i] == 0x7f)
			return true;
	return false;
}

static void
read_line(struct reading *r, struct text line)
{
	size_t blanks = count_blanks(line);
	struct text rest = skip(line, blanks);
	if (!utf8_valid(rest)) {
		COMPLAIN(r, "not UTF-8; the file saved as UTF-8 (TCVN3 and VNI are not) would be right");
		return;
	}
	if (at_end(rest))
		return;
	if (has_control(rest)) {
		if (memchr(rest.ptr, '\t', rest.len))
			COMPLAIN(r, "a tab; blanks would be right, four a level");
		else
			COMPLAIN(r, "a control character; plain text would be right");
		return;
	}
	int level = read_level(r, blanks);
	read_item(r, rest, add_item(r, level));
}

static void
read_lines(struct reading *r, struct text t)
{
	int before = r->complaints->errors;
	if (t.len >= 3 && memcmp(t.ptr, "\xef\xbb\xbf", 3) == 0)
		t = skip(t, 3);
	while (t.len) {
		const char *stop = memchr(t.ptr, '\n', t.len);
		struct text line = { t.ptr, stop ? (size_t)(stop - t.ptr) : t.len };
		t = skip(t, stop ? line.len + 1 : line.len);
		r->line++;
		if (stop && line.len && line.ptr[line.len - 1] == '\r')
			line.len--;
		read_line(r, line);
		if (r->complaints->errors - before >= ERRORS_MOST) {
			COMPLAIN(r, "too many errors; the rest of the file is not read");
			return;
		}
	}
}

struct zpl *
zpl_parse(const char *name, struct text t, struct arena *arena, struct complaints *complaints)
{
	struct reading r = { .arena = arena, .complaints = complaints };
	int before = complaints->errors;
	r.file = arena_text(arena, text_of(name)).ptr;
	r.last[0] = arena_alloc(arena, sizeof *r.last[0]);
	r.last[0]->name = TEXT("");
	r.last[0]->file = r.file;
	read_lines(&r, t);
	return complaints->errors == before ? r.last[0] : NULL;
}

/* The whole of an open file; 0 or -errno. */
static int
read_file(int fd, struct buf *content)
{
	struct stat st;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	while (content->len <= FILE_MOST) {
		ssize_t got = read(fd, buf_room(content, 65536), 65536);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return 0;
		content->len += (size_t)got;
	}
	return -EFBIG;
}

struct zpl *
zpl_load(const char *path, struct arena *arena, struct complaints *complaints)
{
	struct buf content = { 0 };
	struct zpl *root = NULL;
	/* O_NONBLOCK: a pipe in the place of a file must be refused, not waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int result = fd < 0 ? -errno : read_file(fd, &content);
	if (fd >= 0)
		close(fd);
	if (result == -EFBIG)
		complain(complaints, path, 0, "too long; 4 MiB are the most");
	else if (result)
		complain(complaints, path, 0, "can't be read: %s; a readable file would be right",
		         strerror(-result));
	else
		root = zpl_parse(path, buf_view(&content), arena, complaints);
	buf_free(&content);
	return root;
}

struct zpl *
zpl_find(const struct zpl *item, const char *name)
{
	for (struct zpl *c = item->child; c; c = c->next)
		if (text_is(c->name, name))
			return c;
	return NULL;
}

struct text
zpl_value(const struct zpl *item, const char *name)
{
	const struct zpl *child = zpl_find(item, name);
	return child ? child->value : (struct text){ 0 };
}
