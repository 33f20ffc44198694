/* A form on a terminal: questions one after the other, with a way back, a draft and a summary. */
#include "clients/entry_form.h"

#include "proto/i18n.h"

#include <stdio.h>
#include <string.h>

/* What a line at a question was. */
enum reply { REPLY_ANSWER, REPLY_BACK, REPLY_JUMP, REPLY_AGAIN, REPLY_END };

struct text
form_answer(const struct form *f, size_t at)
{
	return answer_text(f->entry, &f->items[at], f->items[at].answer);
}

/* --- the draft ----------------------------------------------------------------------------------- */

static void
member(struct buf *out, const char *lead, struct text name, struct text value)
{
	buf_str(out, lead);
	json_write_string(out, name);
	buf_byte(out, ':');
	json_write_string(out, value);
}

static void
save(struct form *f)
{
	struct buf text = { 0 };
	member(&text, "{", TEXT("key"), f->entry->key);
	for (size_t i = 0; i < f->count; i++)
		if (f->items[i].answered)
			member(&text, ",\n", text_of(f->items[i].path), f->items[i].answer);
	buf_str(&text, "}\n");
	int e = draft_write(&f->entry->draft, buf_view(&text));
	if (e < 0) {
		prompt_say(f->entry->prompt, _("No draft can be kept: %s\n"), strerror(-e));
		draft_close(&f->entry->draft);
	}
	buf_free(&text);
}

static bool
is_open(const struct question *q)
{
	return !q->answered && !q->skipped;
}

/* The next question without an answer, round about from there; `count` where all have one. */
static size_t
next_open(const struct form *f, size_t at)
{
	for (size_t i = 0; i < f->count; i++)
		if (is_open(&f->items[(at + i) % f->count]))
			return (at + i) % f->count;
	return f->count;
}

size_t
form_load(struct form *f, struct text draft)
{
	const struct json *json = json_parse(draft, f->entry->arena, NULL);
	struct text key = json_text(json_get(json, "key"));
	if (key.len)
		f->entry->key = key;
	for (size_t i = 0; i < f->count; i++) {
		struct question *q = &f->items[i];
		struct text answer = json_text(json_get(json, q->path));
		if (answer.ptr && !answer_check(f->entry, q, answer, &q->answer))
			q->answered = true;
	}
	if (f->update)
		f->update(f);
	return next_open(f, 0);
}

/* --- one question -------------------------------------------------------------------------------- */

static void
help(struct form *f, const struct question *q)
{
	struct prompt *p = f->entry->prompt;
	if (q->choices)
		prompt_list(p, q->choices);
	if (q->help.len)
		prompt_say(p, "    %.*s\n", TEXT_ARG(q->help));
	prompt_say(p, "    %s\n", q->kind == ASK_POINTS
	           ? _("b: back; a criterion's id (c9): go there; Enter: what stands in brackets; Ctrl-C: stop, the draft is kept")
	           : _("<: back; Enter: what stands in brackets; -: leave out; Ctrl-C: stop, the draft is kept"));
}

static int
jump_target(const struct form *f, struct text words)
{
	for (size_t i = 0; i < f->count; i++)
		if (text_equal(f->items[i].code, words))
			return (int)i;
	return -1;
}

/* "(0 1 2 3)" */
static void
put_levels(struct buf *out, const struct question *q)
{
	const char *lead = " (";
	for (const struct json *l = json_first(q->levels); l; l = json_next(l)) {
		buf_str(out, lead);
		json_write(out, l);
		lead = " ";
	}
	buf_byte(out, ')');
}

static struct text
question_text(struct form *f, size_t at)
{
	const struct question *q = &f->items[at];
	struct text shown = q->answered ? form_answer(f, at) : q->preset_label.ptr ? q->preset_label : answer_text(f->entry, q, q->preset);
	struct buf line = { 0 };
	if (f->lead)
		buf_text(&line, f->lead(f, at));
	if (q->code.len)
		buf_printf(&line, "%.*s ", TEXT_ARG(q->code));
	buf_text(&line, q->label);
	if (q->kind == ASK_POINTS)
		put_levels(&line, q);
	if (shown.len)
		buf_printf(&line, " [%.*s]", TEXT_ARG(shown));
	buf_str(&line, ": ");
	struct text t = arena_text(f->entry->arena, buf_view(&line));
	buf_free(&line);
	return t;
}

/* What the line at a question means; an answer is taken. */
static enum reply
reply(struct form *f, size_t at, struct text words, size_t *ret_jump)
{
	struct question *q = &f->items[at];
	int jump = q->kind == ASK_POINTS ? jump_target(f, words) : -1;
	struct text answer;
	if (text_is(words, "?")) {
		help(f, q);
		return REPLY_AGAIN;
	}
	if (text_is(words, "<") || (q->kind == ASK_POINTS && text_is(words, "b")))
		return REPLY_BACK;
	if (jump >= 0) {
		*ret_jump = (size_t)jump;
		return REPLY_JUMP;
	}
	if (!words.len)
		words = q->answered ? q->answer : q->preset;
	else if (text_is(words, "-"))
		words = TEXT("");
	const char *why = answer_check(f->entry, q, words, &answer);
	if (!why && f->check)
		why = f->check(f, at, answer);
	if (why) {
		prompt_say(f->entry->prompt, "    %s\n", why);
		return REPLY_AGAIN;
	}
	q->answer = answer;
	q->answered = true;
	if (f->update)
		f->update(f);
	save(f);
	return REPLY_ANSWER;
}

static enum reply
ask_one(struct form *f, size_t at, size_t *ret_jump)
{
	const struct question *q = &f->items[at];
	enum reply r;
	if (q->choices && q->choices != f->listed)
		prompt_list(f->entry->prompt, q->choices);
	f->listed = q->choices;
	do {
		struct text words;
		if (!prompt_line(f->entry->prompt, question_text(f, at), q->choices, q->kind == ASK_SET, &words))
			return REPLY_END;
		r = reply(f, at, words, ret_jump);
	} while (r == REPLY_AGAIN);
	return r;
}

bool
form_ask(struct form *f, size_t at)
{
	size_t jump;
	return ask_one(f, at, &jump) != REPLY_END;
}

static size_t
before(const struct form *f, size_t at)
{
	size_t i = at;
	while (i > 0 && f->items[--i].skipped)
		;
	return f->items[i].skipped ? at : i;
}

/* From there on until no question is open. false: ended. */
static bool
walk(struct form *f, size_t at)
{
	struct text heading = ABSENT;
	while (at < f->count) {
		const struct question *q = &f->items[at];
		if (q->heading.ptr && !text_equal(q->heading, heading))
			prompt_say(f->entry->prompt, "\n%.*s\n", TEXT_ARG(q->heading));
		heading = q->heading;
		switch (ask_one(f, at, &at)) {
		case REPLY_ANSWER:
			at = next_open(f, at);
			break;
		case REPLY_BACK:
			at = before(f, at);
			break;
		case REPLY_JUMP:
		case REPLY_AGAIN:
			break;
		case REPLY_END:
			return false;
		}
	}
	return true;
}

/* --- sending ------------------------------------------------------------------------------------- */

static void
fill(struct form *f)
{
	struct args *args = f->entry->args;
	struct arena *arena = f->entry->arena;
	struct buf why = { 0 };
	for (size_t i = 0; i < f->count; i++) {
		const struct question *q = &f->items[i];
		buf_clear(q->part < 0 ? &args->values[q->field] : &args->parts[q->field][q->part]);
	}
	for (size_t i = 0; i < f->count; i++) {
		const struct question *q = &f->items[i];
		struct text word, rest = q->answer;
		if (q->skipped)
			continue;
		if (q->kind == ASK_POINTS)
			args_set(args, q->field, q->part, arena_printf(arena, "%.*s=%.*s", TEXT_ARG(q->code), TEXT_ARG(q->answer)), &why);
		else if (q->kind != ASK_SET && q->answer.len)
			args_set(args, q->field, q->part, q->answer, &why);
		while (q->kind == ASK_SET && text_next(&rest, ' ', &word))
			args_set(args, q->field, q->part, arena_printf(arena, "%.*s=%s", TEXT_ARG(word), q->status), &why);
	}
	buf_free(&why);
	if (f->fill)
		f->fill(f);
}

/* How many parts of the path (by "." and "[") the question has in common with it. */
static size_t
alike(struct text field, const char *path)
{
	size_t parts = 0;
	for (size_t i = 0; ; i++) {
		bool field_ends = i == field.len || field.ptr[i] == '.' || field.ptr[i] == '[';
		bool path_ends = !path[i] || path[i] == '.';
		if (field_ends && path_ends)
			parts++;
		if (i == field.len || !path[i] || (field.ptr[i] != path[i] && !(field_ends && path_ends)))
			return parts;
	}
}

/* The question that a refusal means; `count` where it means none. */
static size_t
question_of(const struct form *f, const struct json *error)
{
	struct text field = json_text(json_get(json_get(error, "data"), "field"));
	size_t best = f->count, most = 0;
	for (size_t i = 0; i < f->count; i++) {
		size_t parts = alike(field, f->items[i].path);
		if (parts > most) {
			most = parts;
			best = i;
		}
	}
	return best;
}

static void
say_would_be(struct form *f, const struct json *result)
{
	struct entry *e = f->entry;
	struct text state = entry_label(e, entry_item(e, "states", json_text(json_get(result, "state"))));
	struct text dossier = json_text(json_get(result, "dossier"));
	int64_t due;
	int y, m, d;
	if (!day_parse(json_text(json_get(result, "due")), &due)) {
		prompt_say(e->prompt, _("It would be %s: %s\n"), dossier.ptr, state.ptr);
		return;
	}
	day_split(due, &y, &m, &d);
	prompt_say(e->prompt, _("It would be %s: %s, to be checked until %02d/%02d/%04d\n"), dossier.ptr, state.ptr, d, m, y);
}

/* Asks for leave. REPLY_ANSWER: send; REPLY_JUMP: change that question; REPLY_END: no. */
static enum reply
leave(struct form *f, size_t *ret_jump)
{
	struct text words;
	for (;;) {
		unsigned number;
		if (!prompt_line(f->entry->prompt, text_of(_("Send it? yes, no, or what is to be changed (its number or id) [yes]: ")),
		                 NULL, false, &words))
			return REPLY_END;
		int jump = jump_target(f, words);
		if (jump < 0 && sscanf(words.ptr, "%4u", &number) == 1 && number >= 1 && number <= f->count)
			jump = (int)number - 1;
		if (jump >= 0) {
			*ret_jump = (size_t)jump;
			return REPLY_JUMP;
		}
		if (!words.len || text_among(words, "y|yes|c|có|co"))
			return REPLY_ANSWER;
		if (text_among(words, "n|no|k|không|khong"))
			return REPLY_END;
	}
}

void
form_summary(struct form *f)
{
	prompt_say(f->entry->prompt, "\n");
	for (size_t i = 0; i < f->count; i++) {
		struct text shown = form_answer(f, i);
		if (f->items[i].skipped)
			continue;
		prompt_say(f->entry->prompt, "  %3zu  %.*s: %.*s\n", i + 1, TEXT_ARG(f->items[i].label),
		           (int)(shown.len ? shown.len : 1), shown.len ? shown.ptr : "-");
	}
}

/* Tries and sends. 0: done; REFUSED: *ret_again is to be asked again; else the exit code. */
enum { REFUSED = -1 };

static int
try(struct form *f, bool dry, const struct json **ret_result, size_t *ret_again)
{
	const struct json *answer = NULL;
	fill(f);
	int e = entry_send(f->entry, dry, &answer);
	if (e && answer && question_of(f, answer) < f->count) {
		*ret_again = question_of(f, answer);
		return REFUSED;
	}
	if (!e)
		*ret_result = answer;
	return e;
}

static int
finish(struct form *f, size_t *ret_again)
{
	struct entry *entry = f->entry;
	const struct json *result;
	(f->summary ? f->summary : form_summary)(f);
	int e = try(f, true, &result, ret_again);
	if (!e && !entry->settings->dry_run) {
		say_would_be(f, result);
		enum reply r = leave(f, ret_again);
		e = r == REPLY_JUMP ? REFUSED : r == REPLY_END ? ENTRY_ENDED : try(f, false, &result, ret_again);
		if (!e)
			draft_drop(&entry->draft);
	}
	if (!e)
		entry_show(entry);
	return e;
}

int
form_run(struct form *f, size_t first)
{
	int e = REFUSED;
	prompt_say(f->entry->prompt, "%s\n", _("?: help; <: back; Ctrl-C: stop, the draft is kept"));
	if (!walk(f, first))
		e = ENTRY_ENDED;
	while (e == REFUSED) {
		size_t again;
		e = finish(f, &again);
		if (e == REFUSED && !form_ask(f, again))
			e = ENTRY_ENDED;
	}
	if (e || f->entry->settings->dry_run)
		entry_keep(f->entry);
	return e;
}
