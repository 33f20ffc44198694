/* One value of an answer as people read it. */
#include "clients/cells.h"

#include "proto/date.h"
#include "proto/i18n.h"

#include <stdio.h>
#include <string.h>

struct text
label_of(struct text name, struct arena *arena)
{
	static const struct {
		const char *name, *words;
	} labels[] = {
#define LABEL(name, words) { name, words },
#include "clients/labels.def"
	};
	for (size_t i = 0; i < countof(labels); i++)
		if (text_is(name, labels[i].name))
			return text_of(_(labels[i].words));
	struct text copy = arena_text(arena, name);
	char *p = arena_alloc(arena, copy.len + 1);
	for (size_t i = 0; i < copy.len; i++)
		p[i] = copy.ptr[i] == '_' ? ' ' : copy.ptr[i];
	return (struct text){ p, copy.len };
}

static struct text
day_text(int64_t day, struct arena *arena)
{
	int y, m, d;
	day_split(day, &y, &m, &d);
	return arena_printf(arena, "%02d/%02d/%04d", d, m, y);
}

static struct text
string_cell(struct text t, struct text name, enum lang lang, struct arena *arena)
{
	int64_t day, moment;
	if (day_parse(t, &day))
		return day_text(day, arena);
	if (time_parse(t, &moment)) {
		char text[TIME_LEN + 1];
		time_print(moment, text);
		return arena_printf(arena, "%s %.8s", day_text(time_day(moment), arena).ptr, text + 11);
	}
	struct text copy = arena_text(arena, t);
	char *dot = lang == LANG_VI && text_is(name, "points") ? memchr(copy.ptr, '.', copy.len) : NULL;
	if (dot)
		*dot = ',';
	return copy;
}

/* 150000000 as 150.000.000 đ */
static struct text
money_cell(int64_t amount, struct arena *arena)
{
	char digits[24], grouped[40];
	size_t n = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)amount), out = 0;
	for (size_t i = 0; i < n; i++) {
		if (i && digits[i - 1] != '-' && (n - i) % 3 == 0)
			grouped[out++] = '.';
		grouped[out++] = digits[i];
	}
	return arena_printf(arena, "%.*s đ", (int)out, grouped);
}

/* Labels where the answer carries them (milestones), else its name. */
static struct text
object_cell(const struct json *object, enum lang lang, struct arena *arena)
{
	const struct json *label = json_get(object, lang == LANG_VI ? "vi" : "en");
	if (!label)
		label = json_get(object, "name");
	return label && json_type(label) == JSON_STRING ? arena_text(arena, json_text(label)) : TEXT("");
}

static struct text
array_cell(const struct json *array, struct text name, enum lang lang, struct arena *arena)
{
	struct buf joined = { 0 };
	for (const struct json *item = json_first(array); item; item = json_next(item)) {
		struct text cell = cell_of(item, name, lang, arena);
		if (joined.len && cell.len)
			buf_str(&joined, ", ");
		buf_text(&joined, cell);
	}
	struct text t = arena_text(arena, buf_view(&joined));
	buf_free(&joined);
	return t;
}

struct text
cell_of(const struct json *value, struct text name, enum lang lang, struct arena *arena)
{
	int64_t number;
	switch (json_type(value)) {
	case JSON_NULL:
		return TEXT("");
	case JSON_BOOL:
		return json_bool(value) ? text_of(_("yes")) : text_of(_("no"));
	case JSON_NUMBER:
		if (json_int(value, &number))
			return text_is(name, "amount") ? money_cell(number, arena)
			                               : arena_printf(arena, "%lld", (long long)number);
		break;
	case JSON_STRING:
		return string_cell(json_text(value), name, lang, arena);
	case JSON_ARRAY:
		return array_cell(value, name, lang, arena);
	case JSON_OBJECT:
		return object_cell(value, lang, arena);
	}
	struct buf raw = { 0 };
	json_write(&raw, value);
	struct text t = arena_text(arena, buf_view(&raw));
	buf_free(&raw);
	return t;
}
