/* Texts with {fields}, read once into parts and written for each set of facts. */
#include "clients/template.h"

#include "proto/i18n.h"
#include "proto/utf8.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { TEMPLATE_BYTES_MAX = 256 * 1024, DEPTH_MAX = 8, WHEN = -1 };

enum part_kind { LITERAL, VALUE, OPEN, CLOSE, NEWLINE };

struct part {
	enum part_kind kind;
	int line;
	struct text text;           /* LITERAL; VALUE: the words where it is empty; of a WHEN the code, or absent */
	struct template_word word;  /* VALUE, and OPEN of a WHEN */
	bool none;                  /* OPEN of a WHEN: where there is no value */
	int block;                  /* OPEN, CLOSE: its number, or WHEN */
	const struct part *close;   /* OPEN */
	struct part *next;
};

struct template {
	const struct vocabulary *vocabulary;
	const struct part *parts;
};

struct parsing {
	const struct vocabulary *vocabulary;
	const char *file;
	int line;
	struct arena *arena;
	struct complaints *complaints;
	struct part **end;
	struct part *open[DEPTH_MAX];
	int depth;
};

/* --- reading ------------------------------------------------------------------------------------- */

static struct part *
part_add(struct parsing *p, enum part_kind kind)
{
	struct part *part = arena_alloc(p->arena, sizeof *part);
	part->kind = kind;
	part->line = p->line;
	*p->end = part;
	p->end = &part->next;
	return part;
}

static void
add_literal(struct parsing *p, const char *from, const char *to)
{
	if (to > from)
		part_add(p, LITERAL)->text = (struct text){ from, (size_t)(to - from) };
}

static const char *
block_name(const struct vocabulary *v, int block)
{
	return block == WHEN ? "when" : v->blocks[block].name;
}

static bool
is_open(const struct parsing *p, int block)
{
	for (int i = 0; i < p->depth; i++)
		if (p->open[i]->block == block)
			return true;
	return false;
}

/* The number of a block of this name; its count where there is none. */
static int
find_block(const struct vocabulary *v, struct text name)
{
	int i = 0;
	while (i < (int)v->block_count && !text_is(name, v->blocks[i].name))
		i++;
	return i;
}

static struct part *
open_block(struct parsing *p, int block)
{
	const struct vocabulary *v = p->vocabulary;
	const char *name = block_name(v, block);
	int parent = block == WHEN ? -1 : v->blocks[block].parent;
	if (block != WHEN && is_open(p, block))
		complain(p->complaints, p->file, p->line, _("{%s} stands inside {%s}; close the first with {/%s}"), name, name, name);
	else if (parent >= 0 && !is_open(p, parent))
		complain(p->complaints, p->file, p->line, _("{%s} can stand only between {%s} and {/%s}"), name, v->blocks[parent].name,
		         v->blocks[parent].name);
	else if (p->depth == DEPTH_MAX)
		complain(p->complaints, p->file, p->line, _("more than %d blocks, one in the other"), DEPTH_MAX);
	else {
		struct part *part = part_add(p, OPEN);
		part->block = block;
		return p->open[p->depth++] = part;
	}
	return NULL;
}

static void
close_block(struct parsing *p, int block)
{
	const char *name = block_name(p->vocabulary, block);
	if (!p->depth || !is_open(p, block)) {
		complain(p->complaints, p->file, p->line, _("{/%s} without {%s} before it"), name, name);
		return;
	}
	struct part *open = p->open[p->depth - 1];
	if (open->block != block) {
		const char *inner = block_name(p->vocabulary, open->block);
		complain(p->complaints, p->file, p->line, _("{/%s} stands before {/%s}, which closes line %d"), name, inner, open->line);
		return;
	}
	struct part *part = part_add(p, CLOSE);
	part->block = block;
	open->close = part;
	p->depth--;
}

static bool
find_field(struct parsing *p, struct text name, struct template_word *ret)
{
	if (!p->vocabulary->find(name, ret)) {
		complain(p->complaints, p->file, p->line, _("there is no field {%.*s}; the braces themselves are written {{ and }}"), TEXT_ARG(name));
		return false;
	}
	if (ret->block < 0 || is_open(p, ret->block))
		return true;
	const char *block = p->vocabulary->blocks[ret->block].name;
	complain(p->complaints, p->file, p->line, _("{%.*s} has a value only between {%s} and {/%s}"), TEXT_ARG(name), block, block);
	return false;
}

/* Cuts `name` at the first `mark`: true, with what is behind it, where it has one. */
static bool
cut(struct text *name, char mark, struct text *ret_rest)
{
	const char *at = name->len ? memchr(name->ptr, mark, name->len) : NULL;
	if (!at)
		return false;
	*ret_rest = (struct text){ at + 1, name->len - (size_t)(at + 1 - name->ptr) };
	name->len = (size_t)(at - name->ptr);
	return true;
}

static void
open_when(struct parsing *p, struct text name)
{
	struct template_word word;
	struct text code = ABSENT;
	bool negated = name.len && name.ptr[0] == '!';
	if (negated)
		name.ptr++, name.len--;
	cut(&name, '=', &code);
	struct part *part = find_field(p, name, &word) ? open_block(p, WHEN) : NULL;
	if (part) {
		part->word = word;
		part->none = negated;
		part->text = code;
	}
}

static void
add_name(struct parsing *p, struct text name)
{
	struct text words = ABSENT;
	bool closes = name.len && name.ptr[0] == '/';
	struct text plain = closes ? (struct text){ name.ptr + 1, name.len - 1 } : name;
	int block = text_is(plain, "when") ? WHEN : find_block(p->vocabulary, plain);
	if (closes && block < (int)p->vocabulary->block_count) {
		close_block(p, block);
		return;
	}
	if (name.len > 5 && !memcmp(name.ptr, "when ", 5)) {
		open_when(p, (struct text){ name.ptr + 5, name.len - 5 });
		return;
	}
	if (block >= 0 && block < (int)p->vocabulary->block_count) {
		open_block(p, block);
		return;
	}
	struct template_word word;
	cut(&name, '?', &words);
	if (!find_field(p, name, &word))
		return;
	struct part *part = part_add(p, VALUE);
	part->word = word;
	part->text = words;
}

static void
add_line(struct parsing *p, struct text line)
{
	const char *at = line.ptr, *end = line.ptr + line.len, *from = at;
	while (at < end) {
		if ((*at == '{' || *at == '}') && at + 1 < end && at[1] == *at) {
			add_literal(p, from, at + 1);
			from = at += 2;
			continue;
		}
		if (*at != '{') {
			at++;
			continue;
		}
		const char *close = memchr(at, '}', (size_t)(end - at));
		add_literal(p, from, at);
		if (!close) {
			complain(p->complaints, p->file, p->line, _("this brace is not closed on its line; a brace itself is written {{"));
			return;
		}
		add_name(p, (struct text){ at + 1, (size_t)(close - at - 1) });
		from = at = close + 1;
	}
	add_literal(p, from, end);
}

static bool
take_line(struct text *rest, struct text *ret_line)
{
	if (!rest->len)
		return false;
	const char *feed = memchr(rest->ptr, '\n', rest->len);
	size_t len = feed ? (size_t)(feed - rest->ptr) : rest->len;
	*ret_line = (struct text){ rest->ptr, len };
	rest->ptr += len + (feed != NULL);
	rest->len -= len + (feed != NULL);
	if (ret_line->len && ret_line->ptr[ret_line->len - 1] == '\r')
		ret_line->len--;
	return true;
}

const struct template *
template_read(const struct vocabulary *vocabulary, const char *file, int line_number, struct text text,
              struct arena *arena, struct complaints *complaints)
{
	struct parsing p = { .vocabulary = vocabulary, .file = file, .line = line_number - 1, .arena = arena,
		             .complaints = complaints };
	struct part *parts = NULL;
	struct text rest = arena_text(arena, text), line;
	int errors = complaints->errors;
	if (!utf8_valid(rest) || memchr(rest.ptr, '\0', rest.len)) {
		complain(complaints, file, line_number, _("this is no UTF-8 text"));
		return NULL;
	}
	p.end = &parts;
	while (take_line(&rest, &line)) {
		p.line++;
		if (vocabulary->comment && line.len && line.ptr[0] == vocabulary->comment)
			continue;
		add_line(&p, line);
		part_add(&p, NEWLINE);
	}
	for (int i = 0; i < p.depth; i++) {
		const char *name = block_name(vocabulary, p.open[i]->block);
		complain(complaints, file, p.open[i]->line, _("{%s} is not closed by {/%s}"), name, name);
	}
	struct template *t = arena_alloc(arena, sizeof *t);
	*t = (struct template){ vocabulary, parts };
	return complaints->errors == errors ? t : NULL;
}

struct text
template_file(const char *path, struct arena *arena, struct complaints *complaints)
{
	const char *name = arena_text(arena, text_of(path)).ptr;
	FILE *file = fopen(path, "re");
	struct buf text = { 0 };
	struct text read = ABSENT;
	size_t n = 1;
	while (file && n && text.len <= TEMPLATE_BYTES_MAX) {
		n = fread(buf_room(&text, 4096), 1, 4096, file);
		text.len += n;
	}
	if (!file || ferror(file))
		complain(complaints, name, 0, _("can't be read: %s"), strerror(errno));
	else if (text.len > TEMPLATE_BYTES_MAX)
		complain(complaints, name, 0, _("is larger than %d bytes"), TEMPLATE_BYTES_MAX);
	else
		read = arena_text(arena, buf_view(&text));
	if (file)
		fclose(file);
	buf_free(&text);
	return read;
}

/* --- writing ------------------------------------------------------------------------------------- */

struct writing {
	const struct vocabulary *vocabulary;
	void *facts;                /* NULL: the outline is written */
	struct buf *out;
	struct arena *arena;
	size_t start;               /* of the line in `out` */
	bool fields, filled;        /* the line has had fields; one had a value */
	int whens;                  /* opened on this line and true: their words count as a value */
};

/* Before what the line has got so far. */
static void
put_number(struct writing *w, int line)
{
	struct text all = buf_view(w->out), own = { all.ptr + w->start, all.len - w->start };
	own = arena_text(w->arena, own);
	w->out->len = w->start;
	buf_printf(w->out, "%d\t", line);
	buf_text(w->out, own);
}

static void
end_line(struct writing *w, int line)
{
	if (w->fields && !w->filled && !w->vocabulary->keeps) {
		w->out->len = w->start;
	} else {
		if (w->vocabulary->numbered)
			put_number(w, line);
		buf_byte(w->out, '\n');
	}
	w->start = w->out->len;
	w->fields = w->filled = false;
	w->whens = 0;
}

static void
write_value(struct writing *w, const struct part *part)
{
	struct text value = w->facts ? w->vocabulary->value(w->facts, &part->word, w->arena) : TEXT("x");
	w->fields = true;
	w->filled |= value.len > 0 || part->text.len > 0;
	if (value.len)
		w->vocabulary->write(w->out, value);
	else
		buf_text(w->out, part->text);
}

static bool
when_true(const struct writing *w, const struct part *open)
{
	if (!w->facts)
		return true;
	struct text value = w->vocabulary->raw(w->facts, &open->word, w->arena);
	bool has = open->text.ptr ? text_equal(value, open->text) : value.len > 0;
	return has != open->none;
}

static void write_parts(struct writing *, const struct part *from, const struct part *to);

static void
write_block(struct writing *w, const struct part *open)
{
	w->fields = true;
	if (open->block == WHEN) {
		if (!when_true(w, open))
			return;
		w->whens++;
		write_parts(w, open->next, open->close);
		w->whens -= w->whens > 0;
	} else if (!w->facts) {
		write_parts(w, open->next, open->close);
	} else {
		for (bool more = w->vocabulary->step(w->facts, open->block, true); more;
		     more = w->vocabulary->step(w->facts, open->block, false)) {
			w->fields = true;
			write_parts(w, open->next, open->close);
		}
	}
	w->fields = true;
}

static void
write_parts(struct writing *w, const struct part *from, const struct part *to)
{
	for (const struct part *part = from; part != to; part = part->next)
		switch (part->kind) {
		case LITERAL:
			buf_text(w->out, part->text);
			w->filled |= w->whens > 0;
			break;
		case VALUE:
			write_value(w, part);
			break;
		case NEWLINE:
			end_line(w, part->line);
			break;
		case OPEN:
			write_block(w, part);
			part = part->close;
			break;
		case CLOSE:
			assert(!"closed where it was opened");
		}
}

void
template_write(const struct template *t, void *facts, struct arena *arena, struct buf *out)
{
	struct writing w = { .vocabulary = t->vocabulary, .facts = facts, .out = out, .arena = arena, .start = out->len };
	write_parts(&w, t->parts, NULL);
}

void
template_outline(const struct template *t, struct arena *arena, struct buf *out)
{
	template_write(t, NULL, arena, out);
}
