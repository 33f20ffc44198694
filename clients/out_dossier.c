/* A dossier as a page: what it is, where it stands, what is lacking, what may be done now. */
#include "clients/out_pages.h"

#include "clients/cells.h"
#include "proto/i18n.h"

#include <string.h>

#define W(place, codes) TEXT_ARG(grid_words(o, row, place, codes))

struct text
out_due(const struct out *o, const struct json *row)
{
	struct text due = grid_words(o, row, "due", CODES_NONE);
	return json_bool(json_get(row, "overdue")) ? arena_printf(o->arena, _("%.*s, overdue"), TEXT_ARG(due)) : due;
}

static struct text
score_words(const struct out *o, const struct json *row)
{
	return arena_printf(o->arena, _("%.*s points of %.*s members, %.*s stars; minutes %.*s of %.*s"),
	                    W("score.points", CODES_NONE), W("score.count", CODES_NONE), W("score.stars", CODES_NONE),
	                    W("score.minutes", CODES_NONE), W("score.date", CODES_NONE));
}

static struct text
forwarded_words(const struct out *o, const struct json *row)
{
	return arena_printf(o->arena, _("letter %.*s of %.*s"), W("forwarded.letter", CODES_NONE), W("forwarded.date", CODES_NONE));
}

static struct text
province_words(const struct out *o, const struct json *row)
{
	struct text words = arena_printf(o->arena, _("%.*s points, %.*s stars; decision %.*s of %.*s"),
	                                 W("province.points", CODES_NONE), W("province.stars", CODES_NONE),
	                                 W("province.decision", CODES_NONE), W("province.date", CODES_NONE));
	if (grid_at(row, "province.certificate"))
		words = arena_printf(o->arena, _("%.*s; certificate %.*s"), TEXT_ARG(words), W("province.certificate", CODES_NONE));
	if (grid_at(row, "province.expires"))
		words = arena_printf(o->arena, _("%.*s, valid until %.*s"), TEXT_ARG(words), W("province.expires", CODES_NONE));
	return words;
}

static struct text
notified_words(const struct out *o, const struct json *row)
{
	return arena_printf(o->arena, _("%.*s (feed %.*s)"), W("notified.at", CODES_NONE), W("notified.feed", CODES_NONE));
}

#undef W

struct text
out_outcome(const struct out *o, const struct json *row, struct text member)
{
	return text_is(member, "score") ? score_words(o, row) : text_is(member, "forwarded") ? forwarded_words(o, row)
	       : text_is(member, "province") ? province_words(o, row) : ABSENT;
}

/* The facts, in the order a reader asks for them. What is not there is left out. */
static const struct column facts[] = {
	{ "state", NULL, CODES_STATE, 0, grid_state_colour, NULL },
	{ "due", NULL, CODES_NONE, 0, grid_overdue_colour, out_due },
	{ "until", NULL, CODES_NONE, 0, NULL, NULL },
	{ "product.group", "group", CODES_GROUP, 0, NULL, NULL },
	{ "commune", NULL, CODES_COMMUNE, 0, NULL, NULL },
	{ "producer.name", "producer", CODES_NONE, 0, NULL, NULL },
	{ "producer.kind", "producer_kind", CODES_PRODUCER, 0, NULL, NULL },
	{ "producer.phone", NULL, CODES_NONE, 0, NULL, NULL },
	{ "producer.email", NULL, CODES_NONE, 0, NULL, NULL },
	{ "producer.address", NULL, CODES_NONE, 0, NULL, NULL },
	{ "round", NULL, CODES_ROUND, 0, NULL, NULL },
	{ "kind", NULL, CODES_KIND, 0, NULL, NULL },
	{ "previous", NULL, CODES_NONE, 0, NULL, NULL },
	{ "next", NULL, CODES_NONE, 0, NULL, NULL },
	{ "received", NULL, CODES_NONE, 0, NULL, NULL },
	{ "samples", NULL, CODES_NONE, 0, NULL, NULL },
	{ "returns", NULL, CODES_NONE, 0, NULL, NULL },
	{ "notified", NULL, CODES_NONE, 0, NULL, notified_words },
	{ "score", NULL, CODES_NONE, 0, NULL, score_words },
	{ "forwarded", NULL, CODES_NONE, 0, NULL, forwarded_words },
	{ "province", NULL, CODES_NONE, 0, NULL, province_words },
	{ "rule", NULL, CODES_RULE, 0, NULL, NULL },
	{ "reason", NULL, CODES_NONE, 0, NULL, NULL },
	{ "created", NULL, CODES_NONE, 0, NULL, NULL },
	{ "updated", NULL, CODES_NONE, 0, NULL, NULL },
	{ "version", NULL, CODES_NONE, 0, NULL, NULL },
};

static const struct column reason_columns[] = {
	{ "document", NULL, CODES_DOCUMENT, 0, NULL, NULL },
	{ "reason", NULL, CODES_NONE, 0, NULL, NULL },
	{ "guidance", NULL, CODES_NONE, 0, NULL, NULL },
};

static enum colour
document_colour(const struct out *o, const struct json *row)
{
	(void)o;
	return text_among(json_text(json_get(row, "status")), "missing|invalid") ? COLOUR_ALARM : COLOUR_NONE;
}

static struct text
document_words(const struct out *o, const struct json *row)
{
	return grid_words(o, row, "code", CODES_DOCUMENT);
}

static const struct column document_columns[] = {
	{ "code", NULL, CODES_NONE, 0, NULL, NULL },
	{ "code", "document", CODES_DOCUMENT, 0, NULL, document_words },
	{ "status", NULL, CODES_STATUS, 0, document_colour, NULL },
	{ "note", NULL, CODES_NONE, 0, NULL, NULL },
};
static const struct column sheet_columns[] = {
	{ "member", NULL, CODES_MEMBER, 0, NULL, NULL },
	{ "a", NULL, CODES_NONE, COLUMN_RIGHT, NULL, NULL },
	{ "b", NULL, CODES_NONE, COLUMN_RIGHT, NULL, NULL },
	{ "c", NULL, CODES_NONE, COLUMN_RIGHT, NULL, NULL },
	{ "total", NULL, CODES_NONE, COLUMN_RIGHT, NULL, NULL },
	{ "comment", NULL, CODES_NONE, 0, NULL, NULL },
};
static const struct column support_columns[] = {
	{ "content", NULL, CODES_CONTENT, 0, NULL, NULL },
	{ "amount", NULL, CODES_NONE, COLUMN_RIGHT, NULL, NULL },
	{ "decision", NULL, CODES_NONE, 0, NULL, NULL },
	{ "source", NULL, CODES_SOURCE, 0, NULL, NULL },
	{ "date", NULL, CODES_NONE, 0, NULL, NULL },
	{ "by", NULL, CODES_NONE, 0, NULL, NULL },
};

/* Does the dossier still wait for what the last return asked for? */
static bool
is_waiting(const struct out *o, const struct json *record)
{
	return !o->programme || grid_state_colour(o, record) == COLOUR_WAIT;
}

static void
print_facts(const struct out *o, const struct json *record)
{
	struct table t;
	table_init(&t, 2, o->arena);
	t.coloured = o->coloured;
	for (size_t i = 0; i < countof(facts); i++) {
		const struct column *f = &facts[i];
		const struct json *value = grid_at(record, f->place);
		if (json_type(value) == JSON_NULL || (!strcmp(f->place, "until") && !is_waiting(o, record)))
			continue;
		struct text *row = table_row(&t);
		struct text heading = text_of(f->heading ? f->heading : f->place), name, rest = heading;
		while (text_next(&rest, '.', &name))
			heading = name;
		row[0] = label_of(heading, o->arena);
		row[1] = f->words ? f->words(o, record) : grid_words(o, record, f->place, f->codes);
		if (f->colour)
			table_colour(&t, 1, f->colour(o, record));
	}
	table_print(&t, false, 2, stdout);
}

void
out_dossier(const struct out *o, const struct json *record)
{
	const struct grid grids[] = {
		{ "reasons", is_waiting(o, record) ? "reasons" : "reasons_past", GRID_COLUMNS(reason_columns), CODES_NONE, NULL },
		{ "documents", "documents", GRID_COLUMNS(document_columns), CODES_NONE, NULL },
		{ "sheets", "sheets", GRID_COLUMNS(sheet_columns), CODES_NONE, NULL },
		{ "support", "support", GRID_COLUMNS(support_columns), CODES_NONE, NULL },
	};
	static const char shown[] = "dossier|version|state|round|kind|previous|next|product|producer|commune|received|due|"
	                            "overdue|returns|documents|samples|reasons|until|sheets|score|forwarded|province|support|"
	                            "created|updated|notified|rule|reason|allowed";
	struct text number = grid_words(o, record, "dossier", CODES_NONE);
	grid_line(o, arena_printf(o->arena, "%.*s  %.*s", TEXT_ARG(number),
	                           TEXT_ARG(grid_words(o, record, "product.name", CODES_NONE))), COLOUR_HEADING, 0, stdout);
	print_facts(o, record);
	out_tree(o, record, shown, 2);
	grid_print(o, record, grids, countof(grids), 0);
	const struct json *allowed = json_get(record, "allowed");
	if (allowed && json_first(allowed)) {
		grid_line(o, label_of(TEXT("allowed"), o->arena), COLOUR_HEADING, 0, stdout);
		out_commands(o, allowed, number, 4, stdout);
	}
}
