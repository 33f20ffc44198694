/* Answers to the questions of a form: what is right, and how it is shown. */
#include "clients/entry_form.h"

#include "clients/values.h"
#include "proto/i18n.h"

#include <stdio.h>

static const char *
check_line(const struct question *q, struct text words)
{
	const struct field *field = &params_shape.fields[q->field];
	struct buf value = { 0 };
	const char *why = value_print(&value, q->part < 0 ? field : &field->shape->fields[q->part], words);
	buf_free(&value);
	return why;
}

static const char *
none_or_several(struct entry *e, const struct choices *some)
{
	if (!some->count)
		return _("nothing in the list is called so; ? shows it");
	prompt_list(e->prompt, some);
	return _("several are called so; write more of the name, or the number");
}

static const char *
check_choice(struct entry *e, const struct question *q, struct text words, struct text *ret)
{
	struct choices some;
	int i = choice_find(q->choices, words, e->arena, &some);
	if (i < 0)
		return none_or_several(e, &some);
	*ret = q->choices->items[i].code;
	return NULL;
}

static bool
range_of(struct text word, size_t *ret_from, size_t *ret_to)
{
	unsigned from, to;
	int end = 0;
	if (sscanf(word.ptr, "%4u-%4u%n", &from, &to, &end) < 2 || (size_t)end != word.len)
		return false;
	*ret_from = from;
	*ret_to = to;
	return true;
}

static void
add_code(struct buf *codes, struct text code)
{
	struct text rest = buf_view(codes), word;
	while (text_next(&rest, ' ', &word))
		if (text_equal(word, code))
			return;
	buf_printf(codes, "%s%.*s", codes->len ? " " : "", TEXT_ARG(code));
}

/* 1 3 5-7, codes, parts of names: separated by blanks or commas. */
static const char *
check_set(struct entry *e, const struct question *q, struct text words, struct text *ret)
{
	struct arena *arena = e->arena;
	struct buf codes = { 0 };
	const char *why = NULL;
	struct text rest = arena_text(arena, words), word;
	for (char *at = (char *)rest.ptr; *at; at++)
		if (*at == ',')
			*at = ' ';
	while (!why && text_next(&rest, ' ', &word)) {
		size_t from, to;
		struct text code;
		word = arena_text(arena, word);
		if (range_of(word, &from, &to)) {
			if (from < 1 || from > to || to > q->choices->count)
				why = _("there are no such numbers in the list");
			for (size_t i = from; !why && i <= to; i++)
				add_code(&codes, q->choices->items[i - 1].code);
			continue;
		}
		why = check_choice(e, q, word, &code);
		if (!why)
			add_code(&codes, code);
	}
	if (!why)
		*ret = arena_text(arena, buf_view(&codes));
	buf_free(&codes);
	return why;
}

static const char *
check_points(struct entry *e, const struct question *q, struct text words, struct text *ret)
{
	for (const struct json *l = json_first(q->levels); l; l = json_next(l)) {
		int64_t points;
		struct text level = json_int(l, &points) ? arena_printf(e->arena, "%lld", (long long)points) : TEXT("");
		if (text_equal(level, words)) {
			*ret = level;
			return NULL;
		}
	}
	return _("only the points of the ladder can be given");
}

const char *
answer_check(struct entry *e, const struct question *q, struct text words, struct text *ret)
{
	if (!words.len) {
		*ret = TEXT("");
		return q->optional || q->kind == ASK_SET ? NULL : _("an answer is needed");
	}
	switch (q->kind) {
	case ASK_CHOICE:
		return check_choice(e, q, words, ret);
	case ASK_SET:
		return check_set(e, q, words, ret);
	case ASK_POINTS:
		return check_points(e, q, words, ret);
	case ASK_LINE:
		break;
	}
	*ret = words;
	return check_line(q, words);
}

static struct text
label_of_code(const struct question *q, struct text code)
{
	for (size_t i = 0; i < q->choices->count; i++)
		if (text_equal(q->choices->items[i].code, code))
			return q->choices->items[i].label;
	return code;
}

struct text
answer_text(const struct entry *e, const struct question *q, struct text answer)
{
	struct buf line = { 0 };
	struct text word, rest = answer;
	if (q->kind != ASK_CHOICE && q->kind != ASK_SET)
		return answer;
	while (text_next(&rest, ' ', &word)) {
		struct text label = label_of_code(q, word);
		buf_printf(&line, "%s%.*s", line.len ? "; " : "", TEXT_ARG(label));
	}
	struct text t = arena_text(e->arena, buf_view(&line));
	buf_free(&line);
	return t;
}
