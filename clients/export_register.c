/* The register: a row a dossier, its cells by the table of columns. */
#include "clients/export_parts.h"

#include "clients/places.h"
#include "proto/i18n.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { PAGE = 200 };

/* The register on its way out. */
struct writing {
	struct sink *sink;
	struct sheet_head sheet;
	enum register_id ids[SHEET_COLUMNS_MAX];
	int64_t rows;
	struct progress progress;
};

int
export_list(struct export *x, int (*take)(struct export *, const struct json *, void *), void *to)
{
	struct text after = TEXT("");
	char cursor[80];
	for (;;) {
		const struct json *result;
		int e = export_query(x, "dossier.list", arena_printf(x->page, "{\"limit\":%d%.*s}", PAGE, TEXT_ARG(after)), &result);
		for (const struct json *r = e ? NULL : json_first(json_get(result, "dossiers")); r && !e; r = json_next(r))
			e = take(x, r, to);
		struct text next = e ? ABSENT : json_text(json_get(result, "next"));
		if (!next.ptr)
			return e;
		int n = snprintf(cursor, sizeof cursor, ",\"after\":\"%.*s\"", TEXT_ARG(next));
		after = (struct text){ cursor, (size_t)n < sizeof cursor ? (size_t)n : sizeof cursor - 1 };
	}
}

/* --- cells --------------------------------------------------------------------------------------- */

/* A code's name; the code itself where there is none. */
static struct text
named(struct export *x, const char *list, struct text code, int64_t day)
{
	struct text label = label_in_force(json_get(x->workflow, list), code, day, x->settings->lang);
	return label.ptr ? label : code;
}

static struct text
entry_name(struct text code, enum lang lang)
{
	for (size_t i = 0; i < REGISTER_ENTRIES; i++)
		if (text_is(code, register_entries[i][0]))
			return text_of(register_entries[i][lang == LANG_VI ? 1 : 2]);
	return code;
}

static struct text
text_of_value(struct export *x, const struct json *value)
{
	int64_t number;
	if (json_int(value, &number))
		return arena_printf(x->page, "%lld", (long long)number);
	return json_text(value);
}

static struct text
day_cell(struct export *x, int64_t day)
{
	char text[DAY_LEN + 1];
	if (day == NONE)
		return TEXT("");
	day_print(day, text);
	return arena_text(x->page, text_of(text));
}

static struct text
contents_cell(struct export *x, uint64_t contents)
{
	struct buf names = { 0 };
	for (const struct json *c = json_first(json_get(x->workflow, "contents")); c && contents; c = json_next(c), contents >>= 1)
		if (contents & 1)
			buf_printf(&names, "%s%.*s", names.len ? "; " : "", TEXT_ARG(json_text(json_get(c, x->settings->lang == LANG_VI ? "vi" : "en"))));
	struct text t = arena_text(x->page, buf_view(&names));
	buf_free(&names);
	return t;
}

/* What stands in no record. */
static struct text
found_cell(struct export *x, enum register_id id, const struct fact *fact, int64_t row)
{
	if (id == COLUMN_NUMBER)
		return arena_printf(x->page, "%lld", (long long)row);
	if (!fact)
		return TEXT("");
	if (id == COLUMN_CHECKED)
		return day_cell(x, fact->checked);
	if (id == COLUMN_COMPLETE)
		return day_cell(x, fact->complete);
	if (id == COLUMN_RESULT)
		return fact->checked == NONE ? TEXT("") : text_of(fact->passed ? _("complete") : _("to be completed"));
	if (id == COLUMN_SUPPORT)
		return contents_cell(x, fact->contents);
	if (id == COLUMN_SUPPORT_SUM)
		return fact->support ? arena_printf(x->page, "%lld", (long long)fact->support) : TEXT("");
	return id == COLUMN_NOTE ? fact->note : TEXT("");
}

static struct text
record_cell(struct export *x, const struct register_column *c, const struct documents *documents, int64_t day)
{
	struct text value = text_of_value(x, place_follow(documents, text_of(c->place), x->page));
	if (!value.len)
		return TEXT("");
	switch (c->as) {
	case AS_GROUP:
		return named(x, "groups", value, NONE);
	case AS_KIND:
		return named(x, "kinds", value, NONE);
	case AS_COMMUNE:
		return named(x, "communes", value, day);
	case AS_ROUND:
		return named(x, "rounds", value, NONE);
	case AS_STATE:
		return named(x, "states", value, NONE);
	case AS_ENTRY:
		return entry_name(value, x->settings->lang);
	case AS_TEXT:
	case AS_INT:
	case AS_DATE:
	case AS_POINTS:
	case AS_MONEY:
		break;
	}
	return value;
}

/* --- rows ---------------------------------------------------------------------------------------- */

static int
take_record(struct export *x, const struct json *record, void *to)
{
	struct writing *w = to;
	struct documents documents = { .of['r' - 'a'] = record };
	const struct fact *fact = facts_find(&x->facts, json_text(json_get(record, "dossier")));
	struct text cells[SHEET_COLUMNS_MAX];
	int64_t day = NONE, moment;
	if (!day_parse(json_text(json_get(record, "received")), &day) && time_parse(json_text(json_get(record, "created")), &moment))
		day = time_day(moment);
	w->rows++;
	for (size_t i = 0; i < w->sheet.count; i++) {
		const struct register_column *c = register_column(w->ids[i]);
		cells[i] = *c->place ? record_cell(x, c, &documents, day) : found_cell(x, w->ids[i], fact, w->rows);
	}
	progress_at(&w->progress, w->rows);
	return sink_row(w->sink, cells);
}

int
export_register(struct export *x, struct sink *sink)
{
	struct writing w = { .sink = sink, .sheet = { .name = text_of(_("Dossier register")) } };
	for (int id = 0; id < COLUMN_COUNT; id++) {
		const struct register_column *c = register_column((enum register_id)id);
		if (!c->place)
			continue;
		w.ids[w.sheet.count] = (enum register_id)id;
		w.sheet.columns[w.sheet.count++] = (struct sheet_column){
			.heading = register_heading((enum register_id)id, x->settings->lang), .as = c->as, .width = c->width,
		};
	}
	int e = sink_sheet(sink, &w.sheet);
	progress_begin(&w.progress, _("Exporting"), x->dossiers, x->settings->quiet);
	if (!e)
		e = export_list(x, take_record, &w);
	progress_end(&w.progress);
	return e ? e : sink_flush(sink);
}
