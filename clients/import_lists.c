/* The programme's lists, by code and by name, for cells that name one. */
#include "clients/import_parts.h"

#include "proto/i18n.h"
#include "proto/nearest.h"
#include "proto/utf8.h"

#include <string.h>
#include <sysexits.h>

/* --- made from the workflow ---------------------------------------------------------------------- */

/* "xa ea tam" is also "ea tam". */
static struct text
bare_name(struct text folded)
{
	static const char *const kinds[] = { "xa ", "thi tran ", "phuong " };
	for (size_t i = 0; i < countof(kinds); i++) {
		size_t len = strlen(kinds[i]);
		if (folded.len > len && !memcmp(folded.ptr, kinds[i], len))
			return (struct text){ folded.ptr + len, folded.len - len };
	}
	return folded;
}

static struct code
code_make(struct text code, struct text vi, struct text en, enum lang lang, struct arena *arena)
{
	struct code c = { .code = code, .shown = lang == LANG_VI ? vi : en, .from = NONE, .until = NONE };
	struct text folded = utf8_fold(vi, arena);
	c.names[0] = utf8_fold(code, arena);
	c.names[1] = folded;
	c.names[2] = utf8_fold(en, arena);
	c.names[3] = bare_name(folded);
	c.names[4] = arena_printf(arena, "%.*s %.*s", TEXT_ARG(c.names[1]), TEXT_ARG(c.names[0]));
	c.names[5] = arena_printf(arena, "%.*s %.*s", TEXT_ARG(c.names[3]), TEXT_ARG(c.names[0]));
	return c;
}

static struct codes
codes_of(const struct json *list, enum lang lang, struct arena *arena)
{
	struct codes all = { .items = arena_array(arena, json_count(list) + 1, sizeof *all.items) };
	for (const struct json *l = json_first(list); l; l = json_next(l)) {
		struct code *c = &all.items[all.count++];
		*c = code_make(json_text(json_get(l, "code")), json_text(json_get(l, "vi")), json_text(json_get(l, "en")), lang, arena);
		int64_t day;
		if (day_parse(json_text(json_get(l, "valid-from")), &day))
			c->from = day;
		if (day_parse(json_text(json_get(l, "valid-until")), &day))
			c->until = day;
	}
	return all;
}

/* Codes of the protocol that no programme names. */
static struct codes
codes_fixed(const char *const (*words)[3], size_t count, enum lang lang, struct arena *arena)
{
	struct codes all = { .items = arena_array(arena, count, sizeof *all.items), .count = count };
	for (size_t i = 0; i < count; i++)
		all.items[i] = code_make(text_of(words[i][0]), text_of(words[i][1]), text_of(words[i][2]), lang, arena);
	return all;
}

int
lists_load(struct asker *asker, struct arena *arena, enum lang lang, struct lists *ret)
{
	static const char *const statuses[][3] = {
		{ "present", "Có", "x" }, { "missing", "Thiếu", "Missing" }, { "invalid", "Không hợp lệ", "Invalid" },
		{ "not-applicable", "Không áp dụng", "Not applicable" },
	};
	const struct json *ping, *workflow;
	int64_t now;
	int e = ask_query(asker, "server.ping", TEXT("{}"), &ping);
	if (!e)
		e = ask_query(asker, "workflow.get", TEXT("{}"), &workflow);
	if (e)
		return e;
	if (!time_parse(json_text(json_get(ping, "time")), &now) || !json_int(json_get(ping, "sequence"), &ret->sequence))
		return EX_PROTOCOL;
	ret->today = time_day(now);
	ret->groups = codes_of(json_get(workflow, "groups"), lang, arena);
	ret->kinds = codes_of(json_get(workflow, "kinds"), lang, arena);
	ret->communes = codes_of(json_get(workflow, "communes"), lang, arena);
	ret->rounds = codes_of(json_get(workflow, "rounds"), lang, arena);
	ret->documents = codes_of(json_get(workflow, "documents"), lang, arena);
	ret->entries = codes_fixed(register_entries, REGISTER_ENTRIES, lang, arena);
	ret->statuses = codes_fixed(statuses, countof(statuses), lang, arena);
	return 0;
}

/* --- found --------------------------------------------------------------------------------------- */

static bool
is_named(const struct code *c, struct text folded)
{
	for (size_t i = 0; i < CODE_NAMES; i++)
		if (text_equal(c->names[i], folded))
			return true;
	return false;
}

static bool
in_force(const struct code *c, int64_t day)
{
	return (c->from == NONE || c->from <= day) && (c->until == NONE || c->until >= day);
}

static const char *
no_such(const struct codes *all, struct text cell, struct arena *arena)
{
	struct nearest nearest = nearest_begin(utf8_fold(cell, arena));
	for (size_t i = 0; i < all->count; i++)
		for (size_t k = 0; k < CODE_NAMES; k++)
			nearest_try_as(&nearest, all->items[i].names[k], all->items[i].shown);
	if (nearest.best.ptr)
		return arena_printf(arena, _("the programme has no \"%.*s\"; \"%.*s\" perhaps?"), TEXT_ARG(cell), TEXT_ARG(nearest.best)).ptr;
	return arena_printf(arena, _("the programme has no \"%.*s\"; `ocop workflow --json` has its names and codes"), TEXT_ARG(cell)).ptr;
}

/* One code may have had several meanings and one name several codes (the units of 2025): what is in
 * force on the day comes first. */
const struct code *
code_find(const struct codes *all, struct text cell, int64_t day, struct arena *arena, const char **ret_why)
{
	const struct code *found = NULL;
	struct text folded = utf8_fold(cell, arena);
	bool sure = true;
	for (size_t i = 0; i < all->count; i++) {
		const struct code *c = &all->items[i];
		if (!is_named(c, folded) || !folded.len)
			continue;
		bool better = found && in_force(c, day) && !in_force(found, day);
		if (!found || better) {
			found = c;
			sure = true;
		} else if (in_force(c, day) == in_force(found, day) && !text_equal(c->code, found->code)) {
			sure = false;
		}
	}
	if (!found)
		*ret_why = no_such(all, cell, arena);
	else if (!sure)
		*ret_why = arena_printf(arena, _("\"%.*s\" is the name of several; give the code"), TEXT_ARG(cell)).ptr;
	return sure ? found : NULL;
}
