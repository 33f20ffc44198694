/* What people are told of an event, from the event itself, the record and the labels. */
#include "clients/notify_note.h"

#include "clients/cells.h"
#include "clients/places.h"
#include "proto/date.h"
#include "proto/i18n.h"
#include "proto/role.h"

#include <string.h>

enum { NOTE_EVERYWHERE, NOTE_REASONS };

static const struct note_field {
	const char *name, *places, *labels, *variable;
	int where;
} fields[] = {
#define NOTE_ANY(name, places, labels, variable, where) { name, places, labels, variable, where },
#include "clients/notify_fields.def"
};

static const struct {
	const char *name, *en, *vi;
} types[] = {
#define TYPE(name, en, vi) { name, en, vi },
#include "clients/notify_types.def"
};

static int
find(struct text name)
{
	for (size_t i = 0; i < countof(fields); i++)
		if (text_is(name, fields[i].name))
			return (int)i;
	return NOTE_NONE;
}

int
note_find(struct text name, enum lang *lang)
{
	int field = find(name);
	if (field == NOTE_NONE && name.len > 3) {
		struct text suffix = { name.ptr + name.len - 3, 3 }, stem = { name.ptr, name.len - 3 };
		bool vi = text_is(suffix, "_vi");
		field = vi || text_is(suffix, "_en") ? find(stem) : NOTE_NONE;
		if (field != NOTE_NONE)
			*lang = vi ? LANG_VI : LANG_EN;
	}
	return field;
}

bool
note_in_reasons(int field)
{
	return fields[field].where == NOTE_REASONS;
}

const char *
note_variable(int field)
{
	return fields[field].variable;
}

int
note_count(void)
{
	return (int)countof(fields);
}

/* --- where a value stands ------------------------------------------------------------------------ */

static const struct json *
follow(const struct note *n, struct text place, struct arena *arena)
{
	struct documents documents = { .of['e' - 'a'] = n->event, .of['d' - 'a'] = json_get(n->event, "data"),
		                       .of['r' - 'a'] = n->record, .of['i' - 'a'] = n->item };
	return place_follow(&documents, place, arena);
}

static const struct json *
value_of(const struct note *n, const struct note_field *field, struct arena *arena)
{
	struct text places = text_of(field->places), place;
	while (text_next(&places, '|', &place)) {
		const struct json *value = follow(n, place, arena);
		if (value && json_type(value) != JSON_NULL)
			return value;
		/* A reason in a block is the block's, or nothing. */
		if (n->item && place.ptr[0] == 'i')
			return NULL;
	}
	return NULL;
}

const struct json *
note_reasons(const struct note *n)
{
	const struct json *data = json_get(n->event, "data");
	const struct json *list = data ? json_get(data, "reasons") : NULL;
	if (!list && n->record)
		list = json_get(n->record, "reasons");
	return list && json_type(list) == JSON_ARRAY && json_count(list) ? list : NULL;
}

struct text
note_type(const struct json *event)
{
	struct text type = json_text(json_get(event, "type"));
	const char *dot = type.len ? memrchr(type.ptr, '.', type.len) : NULL;
	if (!dot)
		return type;
	return (struct text){ dot + 1, type.len - (size_t)(dot + 1 - type.ptr) };
}

bool
note_type_known(struct text type)
{
	for (size_t i = 0; i < countof(types); i++)
		if (text_is(type, types[i].name))
			return true;
	return false;
}

/* --- words for codes ----------------------------------------------------------------------------- */

static struct text
label(const struct note *n, const char *list, struct text code, enum lang lang)
{
	enum role role;
	if (!strcmp(list, "types")) {
		for (size_t i = 0; i < countof(types); i++)
			if (text_is(code, types[i].name))
				return text_of(lang == LANG_VI ? types[i].vi : types[i].en);
		return ABSENT;
	}
	if (!strcmp(list, "roles"))
		return role_find(code, &role) ? text_of(role_title(role, lang == LANG_VI)) : ABSENT;
	int64_t time, day = time_parse(json_text(json_get(n->event, "time")), &time) ? time_day(time) : NONE;
	return label_in_force(n->labels ? json_get(n->labels, list) : NULL, code, day, lang);
}

/* --- values -------------------------------------------------------------------------------------- */

static bool
own_value(const struct note *n, const struct note_field *field, struct arena *arena, struct text *ret)
{
	if (!strcmp(field->places, "feed"))
		*ret = n->feed;
	else if (!strcmp(field->places, "contact"))
		*ret = n->contact;
	else if (!strcmp(field->places, "number"))
		*ret = arena_printf(arena, "%zu", n->number);
	else if (!strcmp(field->name, "type"))
		*ret = note_type(n->event);
	else
		return false;
	if (!ret->ptr)
		*ret = TEXT("");
	return true;
}

struct text
note_raw(const struct note *n, int index, struct arena *arena)
{
	const struct note_field *field = &fields[index];
	struct text own;
	if (own_value(n, field, arena, &own))
		return own;
	const struct json *value = value_of(n, field, arena);
	if (!value)
		return TEXT("");
	if (json_type(value) == JSON_STRING)
		return json_text(value);
	struct buf raw = { 0 };
	json_write(&raw, value);
	struct text t = arena_text(arena, buf_view(&raw));
	buf_free(&raw);
	return t;
}

struct text
note_text(const struct note *n, int index, enum lang lang, struct arena *arena)
{
	const struct note_field *field = &fields[index];
	struct text text;
	bool own = own_value(n, field, arena, &text);
	const struct json *value = own ? NULL : value_of(n, field, arena);
	if (!own && !value)
		return TEXT("");
	if (field->labels) {
		struct text words = label(n, field->labels, own ? text : json_text(value), lang);
		if (words.ptr)
			return words;
	}
	/* Free text stays as it was written, also where it looks like a date. */
	if (value && json_type(value) == JSON_STRING && field->places[0] == 'i')
		return json_text(value);
	return own ? text : cell_of(value, text_of(field->name), lang, arena);
}

/* --- one line ------------------------------------------------------------------------------------ */

void
note_add_flat(struct buf *out, struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.ptr[i];
		buf_byte(out, c < 0x20 || c == 0x7f ? ' ' : c);
	}
}

static void
add(struct buf *out, const char *lead, const struct note *n, const char *name, struct arena *arena)
{
	enum lang lang = n->lang;
	struct text value = note_text(n, note_find(text_of(name), &lang), lang, arena);
	if (!value.len)
		return;
	buf_str(out, lead);
	note_add_flat(out, value);
}

void
note_line(struct buf *out, const struct note *n, struct arena *arena)
{
	add(out, "", n, "time", arena);
	add(out, "  #", n, "id", arena);
	add(out, "  ", n, "dossier", arena);
	add(out, " ", n, "type", arena);
	add(out, ": ", n, "product", arena);
	add(out, ", ", n, "producer", arena);
	size_t before = out->len;
	add(out, " (", n, "commune", arena);
	if (out->len > before)
		buf_byte(out, ')');
	struct text type = note_type(n->event);
	bool asks = text_is(type, "returned") || text_is(type, "recalled") || text_is(type, "unheard");
	if (asks)
		add(out, _("; until "), n, "until", arena);
	else if (text_is(type, "overdue") || text_is(type, "due-soon"))
		add(out, _("; due "), n, "due", arena);
	else if (text_is(type, "scored") || text_is(type, "ranked")) {
		add(out, _("; points "), n, "points", arena);
		add(out, _("; stars "), n, "stars", arena);
	}
	const struct json *reasons = asks ? note_reasons(n) : NULL;
	struct note one = *n;
	for (one.item = reasons ? json_first(reasons) : NULL; one.item; one.item = json_next(one.item)) {
		one.number++;
		add(out, "; (", &one, "number", arena);
		add(out, ") ", &one, "reason", arena);
		add(out, " → ", &one, "guidance", arena);
	}
}
