/* Reports: figures and progress to the plan's targets, what is due, the calendar, the workflow. */
#include "daemon/query.h"

#include <stdlib.h>
#include <string.h>

enum { FIGURES_MAX = 4096, DEADLINES_MAX = 500 };

/* --- report.summary ------------------------------------------------------------------------------ */

struct figure {
	char letter;
	struct text value;
	int64_t count;
};

struct summary {
	const struct view *view;
	struct text round;          /* absent: all */
	struct figure *figures;
	size_t count;
};

static void
summary_add(struct summary *s, char letter, struct text value, int64_t count)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->figures[i].letter == letter && text_equal(s->figures[i].value, value)) {
			s->figures[i].count += count;
			return;
		}
	if (s->count < FIGURES_MAX)
		s->figures[s->count++] = (struct figure){ letter, arena_text(s->view->arena, value), count };
}

static void
summary_visit(void *context, struct text round, struct text commune, char letter, struct text value, int64_t count)
{
	struct summary *s = context;

	if (letter == 'w' || letter == 'C' || (s->round.ptr && !text_equal(s->round, round)) ||
	    !workflow_sees(&s->view->account->actor, commune))
		return;
	summary_add(s, letter, value, count);
	if (letter == 'n')
		summary_add(s, 'c', commune, count);
}

static int64_t
summary_count(const struct summary *s, char letter, struct text value)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->figures[i].letter == letter && text_equal(s->figures[i].value, value))
			return s->figures[i].count;
	return 0;
}

static int
figure_compare(const void *a, const void *b)
{
	const struct figure *x = a, *y = b;

	return x->letter != y->letter ? x->letter - y->letter : text_compare(x->value, y->value);
}

static void
summary_print_map(const struct summary *s, const char *name, char letter, struct buf *out)
{
	bool first = true;

	buf_printf(out, ",\"%s\":{", name);
	for (size_t i = 0; i < s->count; i++) {
		if (s->figures[i].letter != letter)
			continue;
		if (!first)
			buf_byte(out, ',');
		first = false;
		json_write_string(out, s->figures[i].value);
		buf_printf(out, ":%lld", (long long)s->figures[i].count);
	}
	buf_byte(out, '}');
}

/* Plan II.1: products that the province ranked in the year at so many stars or more. */
static int64_t
summary_ranked(const struct summary *s)
{
	const struct programme *p = s->view->programme;
	int64_t sum = 0;

	for (int stars = p->target_stars; stars <= 5; stars++)
		sum += summary_count(s, 'R', arena_printf(s->view->arena, "%04d%d", p->target_year, stars));
	return sum;
}

/* Plan II.2: communes (of the plan's year) with at least so many dossiers, a proposal being one; and those with none. */
static void
summary_communes(const struct summary *s, struct buf *out, int64_t *ret_reached, int64_t *ret_all)
{
	const struct programme *p = s->view->programme;
	int64_t then = day_make(p->target_year, 12, 31);
	bool first = true;

	*ret_reached = *ret_all = 0;
	buf_str(out, ",\"without\":[");
	for (size_t i = 0; i < p->unit_count; i++) {
		const struct unit *u = &p->units[i];
		int64_t count = summary_count(s, 'c', u->label.code);

		if (!workflow_sees(&s->view->account->actor, u->label.code) ||
		    programme_unit(p, u->label.code, then) != u)
			continue;
		++*ret_all;
		*ret_reached += count >= p->target_proposals;
		if (count > 0)
			continue;
		if (!first)
			buf_byte(out, ',');
		first = false;
		json_write_string(out, u->label.code);
	}
	buf_byte(out, ']');
}

static void
milestones_print(const struct programme *p, struct buf *out)
{
	char from[DAY_LEN + 1], until[DAY_LEN + 1];

	buf_str(out, ",\"milestones\":[");
	for (size_t i = 0; i < p->milestone_count; i++) {
		const struct milestone *m = &p->milestones[i];

		buf_str(out, i ? ",{\"milestone\":" : "{\"milestone\":");
		json_write_string(out, m->label.code);
		buf_str(out, ",\"vi\":");
		json_write_string(out, m->label.vi);
		buf_str(out, ",\"en\":");
		json_write_string(out, m->label.en);
		if (m->from != NONE) {
			day_print(m->from, from);
			buf_printf(out, ",\"from\":\"%s\"", from);
		}
		if (m->until != NONE) {
			day_print(m->until, until);
			buf_printf(out, ",\"until\":\"%s\"", until);
		}
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

int
report_summary(const struct view *v, const struct params *params, struct buf *out, struct refusal *refusal)
{
	const struct programme *p = v->programme;
	struct summary s = { .view = v, .round = params->round };
	int64_t reached, all;

	if (params->round.ptr && !programme_round(p, params->round))
		return refuse(refusal, E_GUARD_FAILED, G_KNOWN_ROUND, TEXT("round"), params->round);
	s.figures = arena_array(v->arena, FIGURES_MAX, sizeof *s.figures);
	counts_walk(v->store, summary_visit, &s);
	qsort(s.figures, s.count, sizeof *s.figures, figure_compare);

	buf_str(out, "{\"round\":");
	if (params->round.ptr)
		json_write_string(out, params->round);
	else
		buf_str(out, "null");
	buf_printf(out, ",\"total\":%lld", (long long)summary_count(&s, 'n', TEXT("")));
	summary_print_map(&s, "state", 's', out);
	summary_print_map(&s, "commune", 'c', out);
	summary_print_map(&s, "group", 'g', out);
	summary_print_map(&s, "stars", '*', out);
	summary_print_map(&s, "province_stars", 'P', out);
	summary_print_map(&s, "kind", 'k', out);
	summary_communes(&s, out, &reached, &all);
	buf_printf(out, ",\"targets\":{\"ranked\":{\"year\":%d,\"stars\":%d,\"min\":%d,\"max\":%d,\"count\":%lld},"
	           "\"proposals\":{\"each\":%d,\"communes\":%lld,\"reached\":%lld}}",
	           p->target_year, p->target_stars, p->target_min, p->target_max, (long long)summary_ranked(&s),
	           p->target_proposals, (long long)all, (long long)reached);
	milestones_print(p, out);
	buf_byte(out, '}');
	return OK;
}

/* --- report.deadlines ------------------------------------------------------------------------------ */

/* Prints the dossiers due up to `last` from one of the two lists; returns whether some were left out. */
static bool
deadlines_print(const struct view *v, char letter, int64_t last, size_t *count, struct buf *out)
{
	int64_t today = time_day(v->now_ms), day;
	char start[2] = { letter, '\0' };
	struct text from = { start, 1 }, key, value;

	for (bool more = store_seek(v->store, TABLE_INDEX, from, &key, &value); more && key.ptr[0] == letter;
	     more = store_next(v->store, TABLE_INDEX, &key, &value)) {
		struct dossier d;

		if (key.len != 1 + DAY_LEN + 1 + ID_LEN || !day_parse((struct text){ key.ptr + 1, DAY_LEN }, &day) ||
		    (last != NONE && day > last))
			break;
		if (!query_load(v, id_read(key.ptr + 1 + DAY_LEN + 1), &d))
			continue;
		if (*count == DEADLINES_MAX)
			return true;
		buf_str(out, (*count)++ ? ",{" : "{");
		codec_print_members(out, &dossier_shape, &d, FIELD(dossier, dossier) | FIELD(dossier, state) |
		                    FIELD(dossier, product) | FIELD(dossier, producer) | FIELD(dossier, commune) |
		                    FIELD(dossier, received) | FIELD(dossier, due), false);
		buf_printf(out, ",\"overdue\":%s,\"working_days\":%d}", letter == 'O' ? "true" : "false",
		           calendar_between(&v->programme->calendar, today, day));
	}
	return false;
}

/* Dossiers whose commune has not confirmed a return or recall within its days. */
static bool
unheard_print(const struct view *v, size_t *count, struct buf *out)
{
	int64_t today = time_day(v->now_ms), day;
	struct text from = TEXT("h"), key, value;

	for (bool more = store_seek(v->store, TABLE_INDEX, from, &key, &value); more && key.ptr[0] == 'h';
	     more = store_next(v->store, TABLE_INDEX, &key, &value)) {
		struct dossier d;

		if (key.len != 1 + DAY_LEN + 1 + ID_LEN || !day_parse((struct text){ key.ptr + 1, DAY_LEN }, &day) ||
		    day >= today)
			break;
		if (!query_load(v, id_read(key.ptr + 1 + DAY_LEN + 1), &d))
			continue;
		if (*count == DEADLINES_MAX)
			return true;
		buf_str(out, (*count)++ ? ",{" : "{");
		codec_print_members(out, &dossier_shape, &d, FIELD(dossier, dossier) | FIELD(dossier, state) |
		                    FIELD(dossier, product) | FIELD(dossier, producer) | FIELD(dossier, commune), false);
		buf_printf(out, ",\"hear_by\":\"%.*s\"}", DAY_LEN, key.ptr + 1);
	}
	return false;
}

int
report_deadlines(const struct view *v, const struct params *p, struct buf *out, struct refusal *refusal)
{
	int64_t today = time_day(v->now_ms);
	int64_t last = p->within == NONE ? NONE : calendar_deadline(&v->programme->calendar, today, (int)p->within);
	char text[DAY_LEN + 1];
	size_t count = 0;

	(void)refusal;
	day_print(today, text);
	buf_printf(out, "{\"today\":\"%s\",\"deadlines\":[", text);
	bool more = deadlines_print(v, 'O', NONE, &count, out);

	more |= deadlines_print(v, 'D', last, &count, out);
	buf_str(out, "],\"unheard\":[");
	count = 0;
	more |= unheard_print(v, &count, out);
	buf_printf(out, "],\"more\":%s}", more ? "true" : "false");
	return OK;
}

/* --- calendar and workflow ------------------------------------------------------------------------- */

static void
skipped_print(const struct calendar *c, int64_t from, int64_t due, struct buf *out)
{
	static const struct text weekend[2] = { { "Thứ Bảy", sizeof "Thứ Bảy" - 1 },
	                                        { "Chủ nhật", sizeof "Chủ nhật" - 1 } };
	char text[DAY_LEN + 1];
	bool first = true;

	for (int64_t day = from + 1; day <= due; day++) {
		const struct calendar_day *entry = calendar_entry(c, day);

		if (calendar_is_working(c, day))
			continue;
		day_print(day, text);
		buf_printf(out, "%s{\"date\":\"%s\",\"why\":", first ? "" : ",", text);
		json_write_string(out, entry ? entry->name : weekend[day_weekday(day) == 6]);
		buf_byte(out, '}');
		first = false;
	}
}

int
calendar_query(const struct view *v, const struct params *p, struct buf *out, struct refusal *refusal)
{
	const struct calendar *c = &v->programme->calendar;
	int64_t due = calendar_deadline(c, p->from, (int)p->days);
	char text[DAY_LEN + 1];

	(void)refusal;
	day_print(due, text);
	buf_printf(out, "{\"due\":\"%s\",\"skipped\":[", text);
	/* With 0 days the day itself may be the one that is skipped. */
	skipped_print(c, p->days == 0 ? p->from - 1 : p->from, due, out);
	buf_str(out, "]}");
	return OK;
}

int
workflow_query(const struct view *v, const struct params *p, struct buf *out, struct refusal *refusal)
{
	struct buf text = { .len = 0 };

	(void)refusal;
	if (!p->format.ptr || text_is(p->format, "json")) {
		programme_workflow_json(v->programme, out);
		return OK;
	}
	if (text_is(p->format, "dot"))
		programme_workflow_dot(v->programme, &text);
	else
		programme_workflow_mermaid(v->programme, &text);
	buf_str(out, "{\"format\":");
	json_write_string(out, p->format);
	buf_str(out, ",\"text\":");
	json_write_string(out, buf_view(&text));
	buf_byte(out, '}');
	buf_free(&text);
	return OK;
}
