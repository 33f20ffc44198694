/* Texts of mails: what a note's facts are to a template. */
#include "clients/notify_template.h"

#include "proto/i18n.h"

#include <string.h>

/* The variant of a word: in the note's language, or in one that the name says. */
enum { AS_NOTE, AS_CHOSEN };

struct mail_template {
	const struct template *subject, *body;
};

static bool
find(struct text name, struct template_word *ret)
{
	enum lang en = LANG_EN, vi = LANG_VI;
	int field = note_find(name, &en);
	if (field == NOTE_NONE)
		return false;
	/* Where the name has a language behind it both come out as that one. */
	note_find(name, &vi);
	*ret = (struct template_word){ field, note_in_reasons(field) ? 0 : -1, en == vi ? AS_CHOSEN + (int)en : AS_NOTE };
	return true;
}

static struct text
value(const void *facts, const struct template_word *word, struct arena *arena)
{
	const struct note *n = facts;
	enum lang lang = word->variant == AS_NOTE ? n->lang : (enum lang)(word->variant - AS_CHOSEN);
	return note_text(n, word->field, lang, arena);
}

static struct text
raw(const void *facts, const struct template_word *word, struct arena *arena)
{
	return note_raw(facts, word->field, arena);
}

/* What others wrote may hold line feeds, and no other control. */
static void
write(struct buf *out, struct text value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		buf_byte(out, (c < 0x20 && c != '\n') || c == 0x7f ? ' ' : c);
	}
}

static bool
step(void *facts, int block, bool first)
{
	struct note *n = facts;
	const struct json *reasons = first ? note_reasons(n) : NULL;
	(void)block;
	n->item = !first ? json_next(n->item) : reasons ? json_first(reasons) : NULL;
	n->number = n->item ? first ? 1 : n->number + 1 : 0;
	return n->item;
}

static const struct template_block blocks[] = { { "reasons", -1 } };
#define MAIL .blocks = blocks, .block_count = countof(blocks), .find = find, .value = value, .raw = raw, .write = write, .step = step
static const struct vocabulary body_vocabulary = { MAIL }, subject_vocabulary = { MAIL, .keeps = true };

/* Cuts the subject and the blank line behind it off; the number of the body's first line. */
static int
take_subject(struct text *rest, struct text *ret_subject)
{
	static const char lead[] = "Subject:";
	size_t len = sizeof lead - 1;
	const char *feed = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
	struct text line = { rest->ptr, feed ? (size_t)(feed - rest->ptr) : rest->len };
	size_t used = line.len + (feed != NULL);
	*rest = (struct text){ rest->ptr + used, rest->len - used };
	*ret_subject = ABSENT;
	if (line.len > len && !memcmp(line.ptr, lead, len)) {
		line = (struct text){ line.ptr + len, line.len - len };
		text_next(&line, '\0', ret_subject);
	}
	size_t blank = rest->len && rest->ptr[0] == '\n' ? 1 : rest->len > 1 && !memcmp(rest->ptr, "\r\n", 2) ? 2 : 0;
	*rest = (struct text){ rest->ptr + blank, rest->len - blank };
	return blank ? 3 : 2;
}

const struct mail_template *
mail_template_parse(const char *file, struct text text, struct arena *arena, struct complaints *complaints)
{
	struct mail_template *t = arena_alloc(arena, sizeof *t);
	struct text subject;
	int line = take_subject(&text, &subject);
	if (!subject.ptr)
		complain(complaints, file, 1, _("the first line must be the mail's subject; right would be: Subject: {dossier} ..."));
	else
		t->subject = template_read(&subject_vocabulary, file, 1, subject, arena, complaints);
	t->body = template_read(&body_vocabulary, file, line, text, arena, complaints);
	return t->subject && t->body ? t : NULL;
}

const struct mail_template *
mail_template_load(const char *path, struct arena *arena, struct complaints *complaints)
{
	struct text text = template_file(path, arena, complaints);
	return text.ptr ? mail_template_parse(arena_text(arena, text_of(path)).ptr, text, arena, complaints) : NULL;
}

void
mail_template_render(const struct mail_template *t, const struct note *n, struct arena *arena, struct buf *subject,
                     struct buf *body)
{
	struct buf line = { 0 };
	struct note facts = *n;
	template_write(t->subject, &facts, arena, &line);
	if (line.len && line.ptr[line.len - 1] == '\n')
		line.len--;
	note_add_flat(subject, buf_view(&line));
	buf_free(&line);
	template_write(t->body, &facts, arena, body);
}
