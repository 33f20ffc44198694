/* Tables of an answer, defined once for the terminal, for pipes and for CSV. */
#include "clients/grid.h"

#include "clients/cells.h"
#include "proto/i18n.h"

#include <stdlib.h>
#include <string.h>

/* --- values by their place ----------------------------------------------------------------------- */

static const struct json *
follow(const struct json *at, struct text place)
{
	char name[64];
	struct text part;
	while (at && text_next(&place, '.', &part)) {
		if (part.len >= sizeof name || json_type(at) != JSON_OBJECT)
			return NULL;
		memcpy(name, part.ptr, part.len);
		name[part.len] = '\0';
		at = json_get(at, name);
	}
	return at;
}

const struct json *
grid_at(const struct json *row, const char *places)
{
	struct text rest = text_of(places), place;
	if (!strcmp(places, "."))
		return row;
	while (text_next(&rest, '|', &place)) {
		const struct json *found = follow(row, place);
		if (found)
			return found;
	}
	return NULL;
}

/* The day whose words are right for the row's codes: the communes of 2025 have other ones. */
static int64_t
day_of(const struct json *row)
{
	int64_t day, moment;
	if (day_parse(json_text(grid_at(row, "received|today")), &day))
		return day;
	return time_parse(json_text(grid_at(row, "created|time")), &moment) ? time_day(moment) : NONE;
}

static struct text
last_name(const char *place)
{
	struct text all = text_of(place), choice = { 0 }, part, name = all;
	text_next(&all, '|', &choice);
	while (text_next(&choice, '.', &part))
		name = part;
	return name;
}

/* The short word of "vn.ocop.dossier.returned", as the programme and the filters know it. */
static struct text
short_type(struct text type)
{
	static const struct text prefixes[] = { { "vn.ocop.dossier.", 16 }, { "vn.ocop.", 8 } };
	for (size_t i = 0; i < countof(prefixes); i++)
		if (type.len > prefixes[i].len && !memcmp(type.ptr, prefixes[i].ptr, prefixes[i].len))
			return (struct text){ type.ptr + prefixes[i].len, type.len - prefixes[i].len };
	return type;
}

static struct text
code_of(const struct json *row, const struct column *c)
{
	struct text code = !strcmp(c->place, "@") ? json_name(row) : json_text(grid_at(row, c->place));
	return c->codes == CODES_TYPE ? short_type(code) : code;
}

static struct text
words_or_code(const struct out *o, const struct json *row, const struct column *c)
{
	struct text code = code_of(row, c), words = ABSENT;
	if (code.ptr)
		words = codes_words(o->programme, c->codes, code, day_of(row), o->lang);
	return words.ptr ? words : code.ptr ? arena_text(o->arena, code) : TEXT("");
}

struct text
grid_words(const struct out *o, const struct json *row, const char *place, enum codes codes)
{
	struct column c = { .place = place, .codes = codes };
	const struct json *value = grid_at(row, place);
	if (codes && (!value || json_type(value) == JSON_STRING))
		return words_or_code(o, row, &c);
	if (codes && json_type(value) == JSON_ARRAY) {
		struct buf list = { 0 };
		for (const struct json *item = json_first(value); item; item = json_next(item)) {
			struct text words = codes_words(o->programme, codes, json_text(item), day_of(row), o->lang);
			buf_printf(&list, "%s%.*s", list.len ? ", " : "", TEXT_ARG(words.ptr ? words : json_text(item)));
		}
		struct text t = arena_text(o->arena, buf_view(&list));
		buf_free(&list);
		return t;
	}
	return value ? cell_of(value, last_name(place), o->lang, o->arena) : TEXT("");
}

struct text
grid_raw(const struct json *value, struct arena *arena)
{
	struct buf text = { 0 };
	if (!value || json_type(value) == JSON_NULL)
		return TEXT("");
	if (json_type(value) == JSON_STRING)
		return arena_text(arena, json_text(value));
	json_write(&text, value);
	struct text t = arena_text(arena, buf_view(&text));
	buf_free(&text);
	return t;
}

/* --- colours ------------------------------------------------------------------------------------- */

/* From what the programme says of a state: its check runs, a commune is to hear of it, it is over. */
enum colour
grid_state_colour(const struct out *o, const struct json *row)
{
	struct text state = json_type(row) == JSON_NUMBER ? json_name(row) : json_text(grid_at(row, "state|data.state"));
	const struct json *s = json_first(json_get(o->programme, "states"));
	while (s && !text_equal(json_text(json_get(s, "state")), state))
		s = json_next(s);
	if (!s)
		return COLOUR_NONE;
	if (json_get(s, "clock"))
		return COLOUR_BUSY;
	const struct json *closed = json_first(json_get(s, "closed"));
	if (closed)
		return text_is(json_text(closed), "always") ? COLOUR_FAINT : COLOUR_GOOD;
	for (const struct json *t = json_first(json_get(o->programme, "transitions")); t; t = json_next(t))
		for (const struct json *m = json_get(t, "notice") ? json_first(json_get(t, "moves")) : NULL; m; m = json_next(m))
			if (text_equal(json_text(json_get(m, "to")), state))
				return COLOUR_WAIT;
	return COLOUR_NONE;
}

enum colour
grid_overdue_colour(const struct out *o, const struct json *row)
{
	(void)o;
	return json_bool(json_get(row, "overdue")) ? COLOUR_ALARM : COLOUR_NONE;
}

/* --- for people ---------------------------------------------------------------------------------- */

static struct text
people_cell(const struct out *o, const struct json *row, const struct column *c)
{
	const struct json *value = grid_at(row, c->place);
	if (c->words)
		return c->words(o, row);
	if (c->flags & COLUMN_TRUE && !json_bool(value))
		return TEXT("");
	if (!strcmp(c->place, "@"))
		return words_or_code(o, row, c);
	return grid_words(o, row, c->place, c->codes);
}

struct ranked {
	const struct json *row;
	size_t rank;
};

static int
by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* The rows in their order, ended by NULL. */
static const struct json **
rows_of(const struct out *o, const struct grid *s, const struct json *rows)
{
	size_t count = 0, n = rows ? json_count(rows) : 0;
	struct ranked *ranked = arena_array(o->arena, n + 1, sizeof *ranked);
	const struct json **list = arena_array(o->arena, n + 1, sizeof *list);
	for (const struct json *r = json_first(rows); r; r = json_next(r), count++) {
		size_t known = s->order ? codes_rank(o->programme, s->order, json_name(r)) : 0;
		ranked[count] = (struct ranked){ r, (known * (n + 1)) + count };
	}
	qsort(ranked, count, sizeof *ranked, by_rank);
	for (size_t i = 0; i < count; i++)
		list[i] = ranked[i].row;
	return list;
}

static void
people_head(const struct out *o, const struct grid *s, struct table *t)
{
	struct text *row = table_row(t);
	for (size_t c = 0, at = 0; c < s->count; c++) {
		if (s->columns[c].flags & COLUMN_CSV)
			continue;
		const char *heading = s->columns[c].heading;
		t->right[at] = s->columns[c].flags & COLUMN_RIGHT;
		t->optional[at] = s->columns[c].flags & COLUMN_OPTIONAL;
		row[at++] = label_of(heading ? text_of(heading) : last_name(s->columns[c].place), o->arena);
	}
}

static void
people_row(const struct out *o, const struct grid *s, const struct json *item, struct table *t)
{
	struct text *row = table_row(t);
	for (size_t c = 0, at = 0; c < s->count; c++) {
		const struct column *column = &s->columns[c];
		if (column->flags & COLUMN_CSV)
			continue;
		row[at] = people_cell(o, item, column);
		if (column->colour)
			table_colour(t, at, column->colour(o, item));
		at++;
	}
}

static size_t
people_columns(const struct grid *s)
{
	size_t count = 0;
	for (size_t c = 0; c < s->count; c++)
		count += !(s->columns[c].flags & COLUMN_CSV);
	return count;
}

void
grid_line(const struct out *o, struct text text, enum colour colour, int indent, FILE *file)
{
	struct table t;
	table_init(&t, 1, o->arena);
	t.coloured = o->coloured;
	*table_row(&t) = text;
	table_colour(&t, 0, colour);
	table_print(&t, false, indent, file);
}

static void
people_print(const struct out *o, const struct grid *s, const struct json *rows, int indent)
{
	struct table t;
	if (!rows || !json_first(rows)) {
		if (s->none)
			grid_line(o, text_of(_(s->none)), COLOUR_NONE, indent, stdout);
		return;
	}
	table_init(&t, people_columns(s), o->arena);
	t.coloured = o->coloured;
	people_head(o, s, &t);
	for (const struct json **r = rows_of(o, s, rows); *r; r++)
		people_row(o, s, *r, &t);
	if (s->title)
		grid_line(o, label_of(text_of(s->title), o->arena), COLOUR_HEADING, indent, stdout);
	table_print(&t, true, s->title ? indent + 4 : indent, stdout);
}

/* --- for CSV ------------------------------------------------------------------------------------- */

/* The names of CSV's columns: those of all grids, each once. */
struct names {
	struct text of[TABLE_COLUMNS_MAX];
	size_t count;
};

static size_t
name_at(struct names *n, struct text name)
{
	size_t i = 0;
	while (i < n->count && !text_equal(n->of[i], name))
		i++;
	if (i == n->count && i < TABLE_COLUMNS_MAX)
		n->of[n->count++] = name;
	return i;
}

/* The column's own, and that of its words. */
static struct text
csv_name(const struct column *c, bool words, struct arena *arena)
{
	struct text name = text_of(c->place);
	if (c->heading && (!strcmp(c->place, "@") || !strcmp(c->place, ".") || strchr(c->place, '|')))
		name = text_of(c->heading);
	return words ? arena_printf(arena, "%.*s_words", TEXT_ARG(name)) : name;
}

/* Without an item: the names alone, which do not depend on the rows. */
static void
csv_row(const struct out *o, const struct grid *s, const struct json *item, struct names *names, struct text *row)
{
	for (size_t c = 0; c < s->count; c++) {
		const struct column *column = &s->columns[c];
		bool only_words = column->flags & COLUMN_WORDS, named = !strcmp(column->place, "@");
		if (column->flags & COLUMN_PEOPLE)
			continue;
		size_t code_at = name_at(names, csv_name(column, false, o->arena));
		size_t words_at = column->codes && !only_words ? name_at(names, csv_name(column, true, o->arena)) : code_at;
		if (!item)
			continue;
		const struct json *value = named ? NULL : grid_at(item, column->place);
		bool code = named || (column->codes && json_type(value) == JSON_STRING);
		row[code_at] = code ? arena_text(o->arena, code_of(item, column)) : grid_raw(value, o->arena);
		if (column->codes)
			row[words_at] = named ? words_or_code(o, item, column) : grid_words(o, item, column->place, column->codes);
	}
}

void
grid_csv(const struct out *o, const struct json *result, const struct grid *grids, size_t count, bool heading)
{
	struct names names = { 0 };
	struct table t;
	if (count > 1)
		name_at(&names, TEXT("table"));
	for (size_t i = 0; i < count; i++)
		csv_row(o, &grids[i], NULL, &names, NULL);
	table_init(&t, names.count, o->arena);
	if (heading)
		memcpy(table_row(&t), names.of, names.count * sizeof *names.of);
	for (size_t i = 0; i < count; i++)
		for (const struct json **r = rows_of(o, &grids[i], grid_at(result, grids[i].rows)); *r; r++) {
			struct text *row = table_row(&t);
			csv_row(o, &grids[i], *r, &names, row);
			if (count > 1)
				row[0] = text_of(grids[i].rows);
		}
	table_csv(&t, stdout);
}

void
grid_print(const struct out *o, const struct json *result, const struct grid *grids, size_t count, int indent)
{
	if (o->csv) {
		grid_csv(o, result, grids, count, true);
		return;
	}
	for (size_t i = 0; i < count; i++)
		people_print(o, &grids[i], grid_at(result, grids[i].rows), indent);
}
