/* The columns of the register, found by their headings. */
#include "clients/register.h"

#include "proto/i18n.h"
#include "proto/nearest.h"
#include "proto/utf8.h"

#include <string.h>

static const struct register_column columns[COLUMN_COUNT] = {
#define COLUMN(id, vi, en, others, field, place, as, width, words) [COLUMN_##id] = { vi, en, others, field, place, as, width },
#include "clients/register.def"
};

const char *const register_entries[REGISTER_ENTRIES][3] = {
	{ "first", "Lần đầu", "First" }, { "upgrade", "Nâng hạng", "Upgrade" }, { "renewal", "Đánh giá lại", "Re-assessment" },
};

const struct register_column *
register_column(enum register_id id)
{
	return &columns[id];
}

struct text
register_heading(enum register_id id, enum lang lang)
{
	return text_of(lang == LANG_VI ? columns[id].vi : columns[id].en);
}

/* The next heading that the column is known by, folded; absent at the end. */
static struct text
name_next(const struct register_column *c, int i, struct arena *arena)
{
	struct text list = text_of(c->others), name;
	if (i < 2)
		return utf8_fold(text_of(i ? c->en : c->vi), arena);
	for (; text_next(&list, '|', &name); i--)
		if (i == 2)
			return utf8_fold(name, arena);
	return ABSENT;
}

bool
register_find(struct text heading, struct arena *arena, enum register_id *ret)
{
	struct text folded = utf8_fold(heading, arena), name;
	for (int id = 0; id < COLUMN_COUNT; id++)
		for (int i = 0; (name = name_next(&columns[id], i, arena)).ptr; i++)
			if (folded.len && text_equal(name, folded)) {
				*ret = (enum register_id)id;
				return true;
			}
	return false;
}

bool
register_field(struct text path, enum register_id *ret)
{
	for (int id = 0; id < COLUMN_COUNT; id++) {
		const char *field = columns[id].field;
		if (!field || strncmp(field, path.ptr ? path.ptr : "", path.len) || (field[path.len] && field[path.len] != '.'))
			continue;
		*ret = (enum register_id)id;
		return path.len > 0;
	}
	return false;
}

struct text
register_nearest(struct text heading, enum lang lang, struct arena *arena)
{
	struct nearest nearest = nearest_begin(utf8_fold(heading, arena));
	struct text name;
	for (int id = 0; id < COLUMN_COUNT; id++)
		for (int i = 0; (name = name_next(&columns[id], i, arena)).ptr; i++)
			nearest_try_as(&nearest, name, register_heading((enum register_id)id, lang));
	return nearest.best;
}
