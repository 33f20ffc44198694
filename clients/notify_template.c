/* Texts of mails: read once into parts, written for each event. */
#include "clients/notify_template.h"

#include "clients/i18n.h"
#include "proto/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { TEMPLATE_BYTES_MAX = 256 * 1024 };

enum part_kind { LITERAL, VALUE, OPEN, CLOSE, NEWLINE };

struct part {
	enum part_kind kind;
	struct text text;           /* LITERAL */
	int field;                  /* VALUE */
	bool chosen;                /* VALUE: the name says which language */
	enum lang lang;
	struct part *next;
};

struct mail_template {
	struct part *subject, *body;
};

struct parsing {
	const char *file;
	int line, open_line;        /* open_line: of the open {reasons}; 0: none is open */
	struct arena *arena;
	struct complaints *complaints;
	struct part **end;
};

/* --- reading ------------------------------------------------------------------------------------- */

static struct part *
part_add(struct parsing *p, enum part_kind kind)
{
	struct part *part = arena_alloc(p->arena, sizeof *part);
	part->kind = kind;
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

static void
add_block(struct parsing *p, bool open)
{
	if (open == (p->open_line > 0)) {
		if (open)
			complain(p->complaints, p->file, p->line, _("{reasons} stands inside {reasons}; close the first with {/reasons}"));
		else
			complain(p->complaints, p->file, p->line, _("{/reasons} without {reasons} before it"));
		return;
	}
	p->open_line = open ? p->line : 0;
	part_add(p, open ? OPEN : CLOSE);
}

static void
add_field(struct parsing *p, struct text name)
{
	if (text_is(name, "reasons") || text_is(name, "/reasons")) {
		add_block(p, name.ptr[0] != '/');
		return;
	}
	/* Where the name has a language behind it both come out as that one. */
	enum lang en = LANG_EN, vi = LANG_VI;
	int plain = note_find(name, p->open_line > 0, &en), other = note_find(name, true, &vi);
	if (plain != NOTE_NONE) {
		struct part *part = part_add(p, VALUE);
		part->field = plain;
		part->chosen = en == vi;
		part->lang = en;
	} else if (other != NOTE_NONE) {
		complain(p->complaints, p->file, p->line, _("{%.*s} has a value only between {reasons} and {/reasons}"), TEXT_ARG(name));
	} else {
		complain(p->complaints, p->file, p->line, _("there is no field {%.*s}; the braces themselves are written {{ and }}"), TEXT_ARG(name));
	}
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
		add_field(p, (struct text){ at + 1, (size_t)(close - at - 1) });
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

static void
parse_subject(struct parsing *p, struct text *rest)
{
	static const char lead[] = "Subject:";
	struct text line = TEXT("");
	size_t len = sizeof lead - 1;
	p->line = 1;
	bool good = take_line(rest, &line) && line.len > len && !memcmp(line.ptr, lead, len);
	if (good) {
		line.ptr += len;
		line.len -= len;
		while (line.len && *line.ptr == ' ')
			line.ptr++, line.len--;
	}
	if (!good || !line.len)
		complain(p->complaints, p->file, 1, _("the first line must be the mail's subject; right would be: Subject: {dossier} ..."));
	else
		add_line(p, line);
}

const struct mail_template *
template_parse(const char *file, struct text text, struct arena *arena,
               struct complaints *complaints)
{
	struct mail_template *t = arena_alloc(arena, sizeof *t);
	struct parsing p = { .file = file, .arena = arena, .complaints = complaints };
	struct text rest = arena_text(arena, text), line;
	int errors = complaints->errors;
	if (!utf8_valid(rest) || memchr(rest.ptr, '\0', rest.len)) {
		complain(complaints, file, 1, _("this is no UTF-8 text"));
		return NULL;
	}
	p.end = &t->subject;
	parse_subject(&p, &rest);
	p.end = &t->body;
	while (take_line(&rest, &line)) {
		p.line++;
		/* The blank line that parts the subject from the body. */
		if (p.line == 2 && !line.len)
			continue;
		add_line(&p, line);
		part_add(&p, NEWLINE);
	}
	if (p.open_line)
		complain(complaints, file, p.open_line, _("{reasons} is not closed by {/reasons}"));
	return complaints->errors == errors ? t : NULL;
}

const struct mail_template *
template_load(const char *path, struct arena *arena, struct complaints *complaints)
{
	const char *name = arena_text(arena, text_of(path)).ptr;
	FILE *file = fopen(path, "re");
	struct buf text = { 0 };
	const struct mail_template *t = NULL;
	size_t n = 1;
	while (file && n && text.len <= TEMPLATE_BYTES_MAX) {
		n = fread(buf_room(&text, 4096), 1, 4096, file);
		text.len += n;
	}
	if (!file || ferror(file))
		complain(complaints, name, 0, _("can't be read: %s"), strerror(errno));
	else if (text.len > TEMPLATE_BYTES_MAX)
		complain(complaints, name, 0, _("is larger than %d bytes"),
		         TEMPLATE_BYTES_MAX);
	else
		t = template_parse(name, buf_view(&text), arena, complaints);
	if (file)
		fclose(file);
	buf_free(&text);
	return t;
}

/* --- writing ------------------------------------------------------------------------------------- */

struct writing {
	struct buf *out;
	struct arena *arena;
	size_t start;               /* of the line in `out` */
	bool fields, filled;        /* the line has had fields; one had a value */
};

static void
end_line(struct writing *w)
{
	if (w->fields && !w->filled)
		w->out->len = w->start;
	else
		buf_byte(w->out, '\n');
	w->start = w->out->len;
	w->fields = w->filled = false;
}

/* What others wrote may hold line feeds, and no other control. */
static void
add_value(struct writing *w, struct text value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		buf_byte(w->out, (c < 0x20 && c != '\n') || c == 0x7f ? ' ' : c);
	}
	w->fields = true;
	w->filled |= value.len > 0;
}

static const struct part *write_block(struct writing *, const struct part *, const struct note *);

/* Up to the end, or to the part that closes the block. */
static const struct part *
write_parts(struct writing *w, const struct part *part, const struct note *n)
{
	for (; part && part->kind != CLOSE; part = part->next)
		switch (part->kind) {
		case LITERAL:
			buf_text(w->out, part->text);
			break;
		case VALUE:
			add_value(w, note_text(n, part->field, part->chosen ? part->lang : n->lang, w->arena));
			break;
		case NEWLINE:
			end_line(w);
			break;
		case OPEN:
			part = write_block(w, part, n);
			break;
		case CLOSE:
			break;
		}
	return part;
}

/* Returns the part that closes the block: the file was checked to have one. */
static const struct part *
write_block(struct writing *w, const struct part *open, const struct note *n)
{
	const struct json *reasons = note_reasons(n);
	const struct part *close = open;
	struct note one = *n;
	while (close->kind != CLOSE)
		close = close->next;
	w->fields = true;
	one.number = 0;
	for (one.item = reasons ? json_first(reasons) : NULL; one.item; one.item = json_next(one.item)) {
		one.number++;
		write_parts(w, open->next, &one);
		w->fields = true;
	}
	return close;
}

void
template_render(const struct mail_template *t, const struct note *n, struct arena *arena, struct buf *subject,
                struct buf *body)
{
	struct buf line = { 0 };
	struct writing w = { .out = &line, .arena = arena };
	write_parts(&w, t->subject, n);
	note_add_flat(subject, buf_view(&line));
	buf_free(&line);
	w = (struct writing){ .out = body, .arena = arena, .start = body->len };
	write_parts(&w, t->body, n);
}
