/* Values by the place they stand in, and the words for their codes. */
#include "clients/places.h"

const struct json *
place_follow(const struct documents *documents, struct text place, struct arena *arena)
{
	struct text name;
	if (!text_next(&place, '.', &name))
		return NULL;
	const struct json *at = documents->of[name.ptr[0] - 'a'];
	while (at && text_next(&place, '.', &name))
		at = json_type(at) == JSON_OBJECT ? json_get(at, arena_text(arena, name).ptr) : NULL;
	return at;
}

static bool
in_force(const struct json *label, int64_t day)
{
	int64_t from, until;
	if (day_parse(json_text(json_get(label, "valid-from")), &from) && from > day)
		return false;
	return !day_parse(json_text(json_get(label, "valid-until")), &until) || until >= day;
}

struct text
label_by(const struct json *list, const char *key, struct text code, int64_t day, enum lang lang)
{
	struct text found = ABSENT;
	for (const struct json *l = json_first(list); l; l = json_next(l)) {
		if (!text_equal(json_text(json_get(l, key)), code))
			continue;
		struct text label = json_text(json_get(l, lang == LANG_VI ? "vi" : "en"));
		if (label.ptr && (!found.ptr || (day != NONE && in_force(l, day))))
			found = label;
	}
	return found;
}

struct text
label_in_force(const struct json *list, struct text code, int64_t day, enum lang lang)
{
	return label_by(list, json_get(json_first(list), "state") ? "state" : "code", code, day, lang);
}
