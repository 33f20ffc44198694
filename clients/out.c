/* Answers for people: a short form for what is seen often, a tree for the rest. */
#include "clients/out.h"

#include "clients/cells.h"
#include "clients/i18n.h"
#include "clients/table.h"

#include <stdio.h>
#include <string.h>

static struct text
cell(const struct out *o, const struct json *object, const char *name)
{
	const struct json *value = json_get(object, name);
	return value ? cell_of(value, text_of(name), o->lang, o->arena) : TEXT("");
}

static struct text
label(const struct out *o, struct text name)
{
	return label_of(name, o->arena);
}

/* What others wrote is printed through a table, which lets no control characters pass. */
static void
print_line(const struct out *o, struct text text, int indent, FILE *file)
{
	struct table t;
	table_init(&t, 1, o->arena);
	*table_row(&t) = text;
	table_print(&t, false, indent, file);
}

/* KN-2020-0001: submitted (version 2, event 17); due 05/03/2020; warnings: late */
static void
print_write(const struct out *o, const struct json *result)
{
	struct text dossier = cell(o, result, "dossier");
	if (o->quiet) {
		print_line(o, dossier, 0, stdout);
		return;
	}
	struct text due = cell(o, result, "due"), warnings = cell(o, result, "warnings");
	struct text line = arena_printf(o->arena, _("%.*s: %.*s (version %.*s, event %.*s)"),
	                                TEXT_ARG(dossier), TEXT_ARG(cell(o, result, "state")),
	                                TEXT_ARG(cell(o, result, "version")), TEXT_ARG(cell(o, result, "sequence")));
	if (due.len)
		line = arena_printf(o->arena, _("%.*s; due %.*s"),
		                    TEXT_ARG(line), TEXT_ARG(due));
	if (warnings.len)
		line = arena_printf(o->arena, _("%.*s; note: %.*s"),
		                    TEXT_ARG(line),
		                    TEXT_ARG(warnings));
	if (json_bool(json_get(result, "dry")))
		line = arena_printf(o->arena, _("would be: %.*s"), TEXT_ARG(line));
	print_line(o, line, 0, stdout);
}

static void
head_row(const struct out *o, struct table *t, const char *const columns[], size_t count)
{
	table_init(t, count, o->arena);
	struct text *row = table_row(t);
	for (size_t c = 0; c < count; c++)
		row[c] = label(o, text_of(columns[c]));
}

/* Who has been told, up to where, and since when the first waits of what has not been. */
static void
print_feeds(const struct out *o, const struct json *feeds)
{
	static const char *const columns[] = { "feed", "account", "cursor", "acked", "lag", "oldest",
	                                       "failures", "reason" };
	struct table t;
	head_row(o, &t, columns, countof(columns));
	for (const struct json *f = json_first(feeds); f; f = json_next(f)) {
		const struct json *oldest = json_get(f, "oldest");
		struct text *row = table_row(&t);
		for (size_t c = 0; c < countof(columns); c++)
			row[c] = cell(o, f, columns[c]);
		row[5] = oldest ? cell(o, oldest, "time") : TEXT("");
	}
	if (t.rows > 1)
		table_print(&t, true, 0, stdout);
	else
		puts(_("no feeds"));
}

static void
print_dossiers(const struct out *o, const struct json *dossiers, const struct json *next)
{
	static const char *const columns[] = { "dossier", "state", "round", "commune", "stars",
	                                       "due", "overdue", "group", "product", "producer" };
	struct table t;
	struct text *row;
	head_row(o, &t, columns, countof(columns));
	for (const struct json *d = json_first(dossiers); d; d = json_next(d)) {
		if (o->quiet) {
			print_line(o, cell(o, d, "dossier"), 0, stdout);
			continue;
		}
		const struct json *rank = json_get(d, "province"), *product = json_get(d, "product");
		if (!rank)
			rank = json_get(d, "score");
		row = table_row(&t);
		for (size_t c = 0; c < countof(columns); c++) {
			const char *name = columns[c];
			const struct json *from = !strcmp(name, "stars") ? rank
			                          : !strcmp(name, "group") ? product : d;
			/* Only what is overdue shall catch the eye. */
			if (from && (strcmp(name, "overdue") || json_bool(json_get(d, name))))
				row[c] = cell(o, from, name);
		}
	}
	if (o->quiet)
		return;
	if (t.rows > 1)
		table_print(&t, true, 0, stdout);
	else
		puts(_("no dossiers"));
	if (next && json_type(next) == JSON_STRING)
		printf(_("more: --after %s\n"),
		       json_text(next).ptr);
}

static bool
is_branch(const struct json *value)
{
	return json_type(value) == JSON_OBJECT
	       || (json_type(value) == JSON_ARRAY && json_first(value) && json_type(json_first(value)) == JSON_OBJECT);
}

/* An object or a list of them in a few words: its short members, or the reasons, or how many. */
static struct text
brief(const struct out *o, const struct json *value)
{
	struct buf line = { 0 };
	bool list = json_type(value) == JSON_ARRAY;
	if (list && !json_get(json_first(value), "reason"))
		return arena_printf(o->arena, "%zu", json_count(value));
	for (const struct json *m = json_first(value); m; m = json_next(m)) {
		struct text text = list ? cell(o, m, "reason") : cell_of(m, json_name(m), o->lang, o->arena);
		buf_printf(&line, "%s%.*s", line.len ? ", " : "", TEXT_ARG(text));
	}
	struct text t = arena_text(o->arena, buf_view(&line));
	buf_free(&line);
	return t;
}

/* What an event changed, in a line: what every event carries is left out. */
static struct text
event_detail(const struct out *o, const struct json *data)
{
	static const char known[] = "dossier|version|state|commune|by|role|workflow|criteria|key|request|"
	                            "sheet|a|b|c";
	struct buf line = { 0 };
	for (const struct json *m = json_first(data); m; m = json_next(m)) {
		struct text value = cell_of(m, json_name(m), o->lang, o->arena);
		if (text_among(json_name(m), known))
			continue;
		if (!value.len && is_branch(m))
			value = brief(o, m);
		if (!value.len)
			continue;
		buf_printf(&line, "%s%.*s: %.*s", line.len ? "; " : "", TEXT_ARG(label(o, json_name(m))), TEXT_ARG(value));
	}
	struct text t = arena_text(o->arena, buf_view(&line));
	buf_free(&line);
	return t;
}

static struct text
after_last_dot(struct text t)
{
	const char *dot = t.len ? memrchr(t.ptr, '.', t.len) : NULL;
	return dot ? (struct text){ dot + 1, (size_t)(t.ptr + t.len - dot - 1) } : t;
}

static void
print_events(const struct out *o, const struct json *events)
{
	static const char *const columns[] = { "sequence", "time", "dossier", "type", "state", "by",
	                                       "text" };
	struct table t;
	struct text *row;
	head_row(o, &t, columns, countof(columns));
	for (const struct json *e = json_first(events); e; e = json_next(e)) {
		const struct json *data = json_get(e, "data");
		if (json_type(e) == JSON_STRING) {
			print_line(o, json_text(e), 0, stdout);
			continue;
		}
		row = table_row(&t);
		row[0] = cell(o, e, "sequence");
		row[1] = cell(o, e, "time");
		row[2] = cell(o, e, "subject");
		row[3] = after_last_dot(cell(o, e, "type"));
		row[4] = cell(o, data, "state");
		row[5] = cell(o, data, "by");
		row[6] = data ? event_detail(o, data) : TEXT("");
	}
	if (t.rows > 1)
		table_print(&t, true, 0, stdout);
}

static void print_tree(const struct out *, const struct json *object, bool codes, int indent, FILE *);

/* A list of objects as a table: a column for every member that has a short form. */
static void
print_objects(const struct out *o, const struct json *array, int indent, FILE *file)
{
	struct text columns[TABLE_COLUMNS_MAX];
	size_t count = 0;
	for (const struct json *item = json_first(array); item; item = json_next(item))
		for (const struct json *m = json_first(item); m; m = json_next(m)) {
			size_t c = 0;
			while (c < count && !text_equal(columns[c], json_name(m)))
				c++;
			if (c == count && count < TABLE_COLUMNS_MAX)
				columns[count++] = json_name(m);
		}
	struct table t;
	table_init(&t, count, o->arena);
	struct text *row = table_row(&t);
	for (size_t c = 0; c < count; c++) {
		bool foreign = text_is(columns[c], o->lang == LANG_VI ? "en" : "vi");
		bool own = text_is(columns[c], o->lang == LANG_VI ? "vi" : "en");
		row[c] = label(o, own ? TEXT("name") : columns[c]);
		if (foreign)
			columns[c] = TEXT("");
	}
	for (const struct json *item = json_first(array); item; item = json_next(item)) {
		row = table_row(&t);
		for (size_t c = 0; c < count; c++)
			row[c] = cell(o, item, arena_text(o->arena, columns[c]).ptr);
	}
	table_print(&t, true, indent, file);
}

/* Are the members of this one named by codes of the programme, which have no label here? */
static bool
is_by_code(struct text name)
{
	return text_among(name, "state|commune|group|stars|province_stars|kind|sheet");
}

/* First what fits a line, aligned, then what needs more. */
static void
print_tree(const struct out *o, const struct json *object, bool codes, int indent, FILE *file)
{
	struct table t;
	table_init(&t, 2, o->arena);
	for (const struct json *m = json_first(object); m; m = json_next(m)) {
		if (is_branch(m))
			continue;
		struct text value = cell_of(m, json_name(m), o->lang, o->arena);
		struct text *row = table_row(&t);
		row[0] = codes ? json_name(m) : label(o, json_name(m));
		row[1] = value.len ? value : TEXT("-");
	}
	table_print(&t, false, indent, file);
	for (const struct json *m = json_first(object); m; m = json_next(m)) {
		if (!is_branch(m) || !json_count(m))
			continue;
		print_line(o, label(o, json_name(m)), indent, file);
		if (json_type(m) == JSON_OBJECT)
			print_tree(o, m, is_by_code(json_name(m)), indent + 4, file);
		else
			print_objects(o, m, indent + 4, file);
	}
}

static void
criteria_row(const struct out *o, struct table *t, const struct json *item, const char *code)
{
	struct text *row = table_row(t);
	row[0] = cell(o, item, code);
	row[1] = cell(o, item, "name");
	row[2] = cell(o, item, "max");
	row[3] = cell(o, item, "levels");
}

/* A criteria set as a member reads it: every criterion below its part and section. */
static void
print_criteria(const struct out *o, const struct json *set)
{
	static const char *const columns[] = { "criterion", "name", "max", "levels" };
	static const char *const facts[] = { "group", "sector", "legal", "source", "samples", "max" };
	struct table head, t;
	table_init(&head, 2, o->arena);
	for (size_t i = 0; i < countof(facts); i++) {
		struct text *row = table_row(&head);
		row[0] = label(o, text_of(facts[i]));
		row[1] = i ? cell(o, set, facts[i]) : arena_printf(o->arena, "%.*s: %.*s", TEXT_ARG(cell(o, set, facts[i])),
		                                                   TEXT_ARG(cell_of(set, TEXT(""), o->lang, o->arena)));
	}
	table_print(&head, false, 0, stdout);
	table_init(&t, countof(columns), o->arena);
	struct text *row = table_row(&t);
	for (size_t c = 0; c < countof(columns); c++)
		row[c] = label(o, text_of(columns[c]));
	for (const struct json *p = json_first(json_get(set, "parts")); p; p = json_next(p)) {
		criteria_row(o, &t, p, "part");
		for (const struct json *s = json_first(json_get(p, "sections")); s; s = json_next(s)) {
			criteria_row(o, &t, s, "section");
			for (const struct json *k = json_first(json_get(s, "criteria")); k; k = json_next(k))
				criteria_row(o, &t, k, "criterion");
		}
	}
	if (t.rows > 1)
		table_print(&t, true, 0, stdout);
}

void
out_result(const struct out *o, const struct json *result)
{
	const struct json *member;
	if (json_get(result, "dossier") && json_get(result, "warnings"))
		print_write(o, result);
	else if ((member = json_get(result, "dossiers")) && json_type(member) == JSON_ARRAY)
		print_dossiers(o, member, json_get(result, "next"));
	else if (o->quiet)
		return;
	else if ((member = json_get(result, "feeds")))
		print_feeds(o, member);
	else if ((member = json_get(result, "events")))
		print_events(o, member);
	else if (json_get(result, "parts"))
		print_criteria(o, result);
	else if ((member = json_get(result, "text")) && json_type(member) == JSON_STRING)
		fwrite(json_text(member).ptr, 1, json_text(member).len, stdout);
	else
		print_tree(o, result, false, 0, stdout);
}

/* Does the sentence say this already? */
static bool
is_said(struct text sentence, const struct json *value)
{
	if (json_type(value) == JSON_STRING)
		return memmem(sentence.ptr, sentence.len, json_text(value).ptr, json_text(value).len) != NULL;
	for (const struct json *item = json_first(value); item; item = json_next(item))
		if (!is_said(sentence, item))
			return false;
	return true;
}

void
out_error(const struct out *o, const struct json *error)
{
	if (o->json) {
		struct buf text = { 0 };
		json_write(&text, error);
		fprintf(stderr, "%.*s\n", TEXT_ARG(buf_view(&text)));
		buf_free(&text);
		return;
	}
	const struct json *data = json_get(error, "data");
	struct text kind = data ? cell(o, data, "kind") : TEXT("");
	struct text guard = data ? cell(o, data, "guard") : TEXT("");
	struct text line = arena_printf(o->arena, "ocop: %.*s", TEXT_ARG(cell(o, error, "message")));
	if (kind.len)
		line = arena_printf(o->arena, "%s [%.*s%s%.*s]", line.ptr, TEXT_ARG(kind),
		                    guard.len ? ": " : "", TEXT_ARG(guard));
	print_line(o, line, 0, stderr);
	struct table t;
	table_init(&t, 2, o->arena);
	for (const struct json *m = data ? json_first(data) : NULL; m; m = json_next(m)) {
		if (!text_among(json_name(m), "allowed|missing|required|until") || is_said(line, m))
			continue;
		struct text *row = table_row(&t);
		row[0] = label(o, json_name(m));
		row[1] = cell_of(m, json_name(m), o->lang, o->arena);
	}
	table_print(&t, false, 2, stderr);
}
