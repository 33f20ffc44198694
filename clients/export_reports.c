/* The reports, a sheet each: figures, what is due, who has not been heard, feeds. */
#include "clients/export_parts.h"

#include "clients/places.h"
#include "proto/i18n.h"

#include <stdio.h>
#include <string.h>

/* --- sheets by table ----------------------------------------------------------------------------- */

/* A column of a report: where its value stands in an item, and the list that names its codes. */
struct report_column {
	const char *heading;        /* N_() */
	const char *place;          /* i.PATH */
	const char *list;           /* of the workflow; NULL */
	enum register_as as;
	int width;
};

static struct text
value_cell(struct export *x, const struct report_column *c, const struct json *item)
{
	struct documents documents = { .of['i' - 'a'] = item };
	const struct json *value = place_follow(&documents, text_of(c->place), x->page);
	struct text text = json_text(value);
	int64_t number, moment;
	if (json_type(value) == JSON_BOOL)
		return text_of(json_bool(value) ? _("yes") : _("no"));
	if (json_int(value, &number))
		return arena_printf(x->page, "%lld", (long long)number);
	if (c->as == AS_DATE && text.len > DAY_LEN && time_parse(text, &moment)) {
		char day[DAY_LEN + 1];
		day_print(time_day(moment), day);
		return arena_text(x->page, text_of(day));
	}
	struct text label = c->list && text.ptr ? label_in_force(json_get(x->workflow, c->list), text, NONE, x->settings->lang) : ABSENT;
	return label.ptr ? label : text.ptr ? text : TEXT("");
}

static int
write_items(struct export *x, struct sink *sink, const char *name, const struct report_column *columns, size_t count,
            const struct json *items)
{
	struct sheet_head sheet = { .name = text_of(name), .count = count };
	struct text cells[SHEET_COLUMNS_MAX];
	for (size_t i = 0; i < count; i++)
		sheet.columns[i] = (struct sheet_column){ text_of(_(columns[i].heading)), columns[i].as, columns[i].width };
	int e = sink_sheet(sink, &sheet);
	for (const struct json *item = json_first(items); item && !e; item = json_next(item)) {
		for (size_t i = 0; i < count; i++)
			cells[i] = value_cell(x, &columns[i], item);
		e = sink_row(sink, cells);
	}
	return e ? e : sink_flush(sink);
}

/* --- deadlines ----------------------------------------------------------------------------------- */

#define DOSSIER_COLUMNS \
	{ N_("Dossier"), "i.dossier", NULL, AS_TEXT, 14 }, { N_("State"), "i.state", "states", AS_TEXT, 22 }, \
	{ N_("Product"), "i.product.name", NULL, AS_TEXT, 32 }, { N_("Producer"), "i.producer.name", NULL, AS_TEXT, 32 }, \
	{ N_("Commune"), "i.commune", "communes", AS_TEXT, 20 }

static int
write_deadlines(struct export *x, struct sink *sink)
{
	static const struct report_column due[] = {
		DOSSIER_COLUMNS,
		{ N_("Received"), "i.received", NULL, AS_DATE, 11 }, { N_("Due"), "i.due", NULL, AS_DATE, 11 },
		{ N_("Overdue"), "i.overdue", NULL, AS_TEXT, 9 }, { N_("Working days"), "i.working_days", NULL, AS_INT, 9 },
	};
	static const struct report_column unheard[] = {
		DOSSIER_COLUMNS, { N_("To be confirmed by"), "i.hear_by", NULL, AS_DATE, 14 },
	};
	const struct json *report;
	int e = export_query(x, "report.deadlines", TEXT("{}"), &report);
	if (e)
		return e;
	if (json_bool(json_get(report, "more")))
		fputs(_("ocop: of deadlines only the first 500 are written; the register has them all\n"), stderr);
	e = write_items(x, sink, _("Deadlines"), due, countof(due), json_get(report, "deadlines"));
	return e ? e : write_items(x, sink, _("Not yet heard"), unheard, countof(unheard), json_get(report, "unheard"));
}

static int
write_feeds(struct export *x, struct sink *sink)
{
	static const struct report_column columns[] = {
		{ N_("Account"), "i.account", NULL, AS_TEXT, 20 }, { N_("Feed"), "i.feed", NULL, AS_TEXT, 20 },
		{ N_("Cursor"), "i.cursor", NULL, AS_INT, 10 }, { N_("Lag"), "i.lag", NULL, AS_INT, 10 },
		{ N_("Waiting since"), "i.oldest.time", NULL, AS_DATE, 12 }, { N_("Working days"), "i.oldest.working_days", NULL, AS_INT, 9 },
		{ N_("Acknowledged on"), "i.acked", NULL, AS_DATE, 12 }, { N_("Failures"), "i.failures", NULL, AS_INT, 8 },
		{ N_("Failed on"), "i.failed_at", NULL, AS_DATE, 12 }, { N_("Reason"), "i.reason", NULL, AS_TEXT, 40 },
	};
	const struct json *report;
	int e = export_query(x, "feed.list", TEXT("{}"), &report);
	return e ? e : write_items(x, sink, _("Feeds"), columns, countof(columns), json_get(report, "feeds"));
}

/* --- figures ------------------------------------------------------------------------------------- */

static int
figure(struct sink *sink, const char *what, struct text code, struct text name, int64_t count)
{
	char digits[24];
	int n = snprintf(digits, sizeof digits, "%lld", (long long)count);
	struct text cells[] = { text_of(what), code, name, { digits, (size_t)n } };
	return sink_row(sink, cells);
}

static int
write_targets(struct export *x, struct sink *sink, const struct json *targets)
{
	const struct json *ranked = json_get(targets, "ranked"), *proposals = json_get(targets, "proposals");
	int64_t year, stars, min, max, count, communes, reached;
	int e = 0;
	if (json_int(json_get(ranked, "year"), &year) && json_int(json_get(ranked, "stars"), &stars) && json_int(json_get(ranked, "min"), &min)
	    && json_int(json_get(ranked, "max"), &max) && json_int(json_get(ranked, "count"), &count))
		e = figure(sink, _("Targets"), TEXT("ranked"),
		           arena_printf(x->page, _("ranked with %lld stars or more in %lld (target: %lld to %lld)"), (long long)stars,
		                        (long long)year, (long long)min, (long long)max), count);
	if (!e && json_int(json_get(proposals, "communes"), &communes) && json_int(json_get(proposals, "reached"), &reached))
		e = figure(sink, _("Targets"), TEXT("proposals"),
		           arena_printf(x->page, _("communes with a product (target: %lld)"), (long long)communes), reached);
	return e;
}

static int
write_counts(struct export *x, struct sink *sink, const struct json *report)
{
	static const struct {
		const char *member, *heading, *list;
	} parts[] = {
		{ "state", N_("State"), "states" },
		{ "commune", N_("Commune"), "communes" },
		{ "group", N_("Criteria set"), "groups" },
		{ "kind", N_("Kind of producer"), "kinds" },
		{ "stars", N_("Stars (district)"), NULL },
		{ "province_stars", N_("Stars (province)"), NULL },
	};
	int e = 0;
	for (size_t p = 0; p < countof(parts); p++) {
		const struct json *list = parts[p].list ? json_get(x->workflow, parts[p].list) : NULL;
		for (const struct json *c = json_first(json_get(report, parts[p].member)); c && !e; c = json_next(c)) {
			int64_t count = 0;
			struct text code = json_name(c), label = label_in_force(list, code, NONE, x->settings->lang);
			json_int(c, &count);
			e = figure(sink, _(parts[p].heading), code, label.ptr ? label : code, count);
		}
	}
	for (const struct json *c = json_first(json_get(report, "without")); c && !e; c = json_next(c)) {
		struct text label = label_in_force(json_get(x->workflow, "communes"), json_text(c), NONE, x->settings->lang);
		e = figure(sink, _("Commune"), json_text(c), label.ptr ? label : json_text(c), 0);
	}
	return e;
}

static int
write_summary(struct export *x, struct sink *sink)
{
	struct sheet_head sheet = {
		.name = text_of(_("Summary")), .count = 4,
		.columns = { { text_of(_("Broken down by")), AS_TEXT, 20 }, { text_of(_("Code")), AS_TEXT, 18 },
		             { text_of(_("Name")), AS_TEXT, 48 }, { text_of(_("Dossiers")), AS_INT, 10 } },
	};
	const struct json *report;
	int64_t total = 0;
	int e = export_query(x, "report.summary", TEXT("{}"), &report);
	if (e || (e = sink_sheet(sink, &sheet)))
		return e;
	json_int(json_get(report, "total"), &total);
	e = figure(sink, _("Total"), TEXT(""), TEXT(""), total);
	if (!e)
		e = write_targets(x, sink, json_get(report, "targets"));
	if (!e)
		e = write_counts(x, sink, report);
	return e ? e : sink_flush(sink);
}

int
export_reports(struct export *x, struct sink *sink)
{
	int e = write_summary(x, sink);
	if (!e)
		e = write_deadlines(x, sink);
	return e ? e : write_feeds(x, sink);
}

/* --- JSON ---------------------------------------------------------------------------------------- */

struct json_writing {
	struct sink *sink;
	int64_t rows;
	struct progress progress;
};

static int
take_json(struct export *x, const struct json *record, void *to)
{
	struct json_writing *w = to;
	(void)x;
	buf_str(&w->sink->out, w->rows++ ? ",\n" : "\n");
	json_write(&w->sink->out, record);
	progress_at(&w->progress, w->rows);
	return w->sink->out.len < 65536 ? 0 : sink_flush(w->sink);
}

int
export_json(struct export *x, struct sink *sink)
{
	static const struct {
		const char *name, *method;
	} reports[] = { { "summary", "report.summary" }, { "deadlines", "report.deadlines" }, { "feeds", "feed.list" } };
	struct json_writing w = { .sink = sink };
	buf_str(&sink->out, "{\"dossiers\":[");
	progress_begin(&w.progress, _("Exporting"), x->dossiers, x->settings->quiet);
	int e = export_list(x, take_json, &w);
	progress_end(&w.progress);
	buf_str(&sink->out, "\n]");
	for (size_t i = 0; i < countof(reports) && !e; i++) {
		const struct json *result;
		e = export_query(x, reports[i].method, TEXT("{}"), &result);
		if (e)
			break;
		buf_printf(&sink->out, ",\n\"%s\":", reports[i].name);
		json_write(&sink->out, result);
	}
	buf_str(&sink->out, "}\n");
	return e ? e : sink_flush(sink);
}
