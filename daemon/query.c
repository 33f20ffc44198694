/* Single dossiers, their history, and the journal as events: who may see what is decided here. */
#include "daemon/query.h"

#include <assert.h>
#include <string.h>

/* Bounds of one answer, so that no client holds the others up: bytes given. */
enum { ANSWER_MAX = 4 * 1024 * 1024 };

bool
query_load(const struct view *v, uint64_t id, struct dossier *ret)
{
	return projection_dossier(v->store, id, v->arena, ret) &&
	       workflow_sees(&v->account->actor, ret->commune);
}

static int
load_named(const struct view *v, const struct params *p, uint64_t *ret_id, struct dossier *ret,
           struct refusal *refusal)
{
	if (programme_number_parse(v->programme, p->dossier, ret_id) && query_load(v, *ret_id, ret))
		return OK;
	return refuse(refusal, E_UNKNOWN_DOSSIER, DETAIL_NONE, TEXT("dossier"), ABSENT);
}

/* --- records ----------------------------------------------------------------------------------- */

/* Sheets are the council's secret: the members' own until the conclusion, the helpers' always. */
static void
sheets_hide(const struct actor *actor, struct dossier *d)
{
	struct sheet *sheets = d->sheets.items;
	size_t kept = 0;

	if (actor->roles & (ROLE(SECRETARY) | ROLE(STEERING) | ROLE(ADMIN)))
		return;
	if (actor->roles & ROLE(COUNCIL)) {
		if (d->score)
			return;
		for (size_t i = 0; i < d->sheets.count; i++)
			if (text_equal(sheets[i].member, actor->member))
				sheets[kept++] = sheets[i];
	}
	d->sheets = kept ? (struct list){ sheets, kept } : (struct list){ NULL, 0 };
}

void
query_record(const struct view *v, struct dossier *d, bool whole, struct buf *out)
{
	uint64_t which = ALL_FIELDS, id, next;

	if (!whole)
		which &= ~(FIELD(dossier, sheets) | FIELD(dossier, support) | FIELD(dossier, documents));
	sheets_hide(&v->account->actor, d);
	d->overdue = d->overdue == 1;
	if (d->returns == NONE)
		d->returns = 0;
	if (programme_number_parse(v->programme, d->dossier, &id) && (next = projection_next(v->store, id)))
		d->next = programme_number_print(v->programme, next, v->arena);
	codec_print_members(out, &dossier_shape, d, which, false);
}

static int
query_get(const struct view *v, const struct params *p, struct buf *out, struct refusal *refusal)
{
	struct dossier d;
	uint64_t id;
	int result = load_named(v, p, &id, &d, refusal);

	if (result != OK)
		return result;
	struct texts allowed = workflow_allowed(programme_workflow(v->programme, d.workflow), &d,
	                                        &v->account->actor, v->arena);

	buf_byte(out, '{');
	query_record(v, &d, true, out);
	buf_str(out, ",\"allowed\":[");
	for (size_t i = 0; i < allowed.count; i++) {
		if (i > 0)
			buf_byte(out, ',');
		json_write_string(out, allowed.items[i]);
	}
	buf_str(out, "]}");
	return OK;
}

/* The set a dossier runs under, or the one that a group's new dossiers get today. */
static int
query_criteria(const struct view *v, const struct params *p, struct buf *out, struct refusal *refusal)
{
	int64_t day = time_day(v->now_ms);
	struct text group = p->group, valid_from = ABSENT;
	struct dossier d;
	uint64_t id;

	if (!p->dossier.ptr == !p->group.ptr)
		return refuse(refusal, E_PARAMS, p->group.ptr ? D_UNKNOWN : D_MISSING, TEXT("group"),
		              p->group.ptr ? TEXT("dossier") : TEXT("a product group, or \"dossier\""));
	if (p->dossier.ptr) {
		int result = load_named(v, p, &id, &d, refusal);

		if (result != OK)
			return result;
		group = d.product->group;
		valid_from = d.criteria;
		day = d.received == NONE ? day : d.received;
	}
	const struct criteria_set *set = programme_set(v->programme, group, day, valid_from);

	if (!set)
		return refuse(refusal, E_GUARD_FAILED, G_KNOWN_GROUP, TEXT("group"), refusal_name(group));
	criteria_set_json(set, out);
	return OK;
}

/* --- events ------------------------------------------------------------------------------------ */

bool
query_visible(const struct view *v, const struct actor *actor, const struct event_row *row)
{
	struct dossier d;

	if (event_of_feed(row->type))
		return (actor->roles & ROLES_OFFICE) ||
		       ((actor->roles & ROLE(COMMUNE)) && text_equal(actor->commune, row->commune));
	if (!workflow_sees(actor, row->commune))
		return false;
	if (!text_is(row->type, "assessed") || (actor->roles & (ROLE(SECRETARY) | ROLE(STEERING) | ROLE(ADMIN))))
		return true;
	return projection_dossier(v->store, row->dossier, v->arena, &d) && d.score;
}

/* Appends the event's exact text: as JSON, or as a string that holds it. */
static int
event_append(const struct view *v, const struct event_row *row, bool raw, bool first, struct buf *out)
{
	struct buf text = { .len = 0 };
	int fault = journal_read(v->journal, row->position, &text);

	if (fault == 0) {
		if (!first)
			buf_byte(out, ',');
		if (raw)
			json_write_string(out, buf_view(&text));
		else
			buf_text(out, buf_view(&text));
	}
	buf_free(&text);
	return fault;
}

static int
query_history(const struct view *v, const struct params *p, struct buf *out, struct refusal *refusal)
{
	struct dossier d;
	struct event_row row;
	uint64_t id;
	int result = load_named(v, p, &id, &d, refusal);

	if (result != OK)
		return result;
	/* Each event knows the dossier's one before it; as many as the version says. */
	struct event_row *rows = arena_array(v->arena, (size_t)d.version, sizeof *rows);
	size_t count = 0;
	bool first = true;

	for (uint64_t s = (uint64_t)d.sequence; s && count < (size_t)d.version; s = row.before) {
		if (!projection_event(v->store, s, &row))
			return refuse(refusal, E_INTERNAL, DETAIL_NONE, ABSENT, ABSENT);
		rows[count++] = row;
	}
	buf_str(out, "{\"events\":[");
	while (count-- > 0) {
		if (!query_visible(v, &v->account->actor, &rows[count]))
			continue;
		if (event_append(v, &rows[count], false, first, out) < 0)
			return refuse(refusal, E_INTERNAL, DETAIL_NONE, ABSENT, ABSENT);
		first = false;
	}
	buf_str(out, "]}");
	return OK;
}

/* Every word an event of this programme can have. */
static bool
type_known(const struct programme *p, struct text word, struct buf *known)
{
	static const char *const own[] = {
		"due-soon", "overdue", "unheard", "expiring", "expired",
		"feed.opened", "feed.acknowledged", "feed.failed", "feed.closed",
	};

	for (size_t i = 0; i < countof(own); i++) {
		if (text_is(word, own[i]))
			return true;
		buf_printf(known, "%s%s", i ? ", " : "", own[i]);
	}
	for (size_t w = 0; w < p->workflow_count; w++)
		for (size_t i = 0; i < p->workflows[w].transition_count; i++) {
			struct text event = p->workflows[w].transitions[i].event;

			if (text_equal(word, event))
				return true;
			if (w + 1 == p->workflow_count)
				buf_printf(known, ", %.*s", TEXT_ARG(event));
		}
	return false;
}

static bool
commune_known(const struct view *v, struct text code)
{
	for (size_t i = 0; i < v->programme->unit_count; i++)
		if (text_equal(v->programme->units[i].label.code, code))
			return workflow_sees(&v->account->actor, code);
	return false;
}

int
query_filter(const struct view *v, const struct params *p, struct refusal *refusal)
{
	const struct text *communes = p->communes.items, *types = p->types.items;

	for (size_t i = 0; i < p->communes.count; i++)
		if (!commune_known(v, communes[i]))
			return refuse(refusal, E_GUARD_FAILED, G_KNOWN_COMMUNE,
			              arena_printf(v->arena, "communes[%zu]", i), refusal_name(communes[i]));
	for (size_t i = 0; i < p->types.count; i++) {
		struct buf known = { .len = 0 };
		bool good = type_known(v->programme, event_word(types[i]), &known);
		struct text expect = arena_text(v->arena, buf_view(&known));

		buf_free(&known);
		if (!good)
			return refuse(refusal, E_PARAMS, D_CHOICE, arena_printf(v->arena, "types[%zu]", i), expect);
	}
	return OK;
}

/* Nothing yet, and the client has time: the request comes again, and goes on from here. */
static void
hold(const struct view *v, const struct scan *scan, uint64_t position)
{
	const struct actor *actor = &v->account->actor;
	struct interest interest = interest_filter(v->programme, &scan->communes, &scan->types);

	if (actor->roles == ROLE(COMMUNE))
		interest.communes &= interest_event(v->programme, actor->commune, ABSENT).communes;
	/* Another filter may be set while it waits. */
	if (scan->changed)
		interest.types |= interest_event(v->programme, ABSENT, TEXT("feed.opened")).types |
		                  interest_event(v->programme, ABSENT, TEXT("feed.closed")).types;
	v->request->interest = interest;
	v->request->held = true;
	v->request->wait_ms = scan->wait * 1000;
	v->request->resume = position;
	v->request->known = (uint64_t)v->status->sequence + 1;
}

int
query_scan(const struct view *v, const struct scan *scan, struct buf *out, struct refusal *refusal)
{
	size_t limit = scan->limit, given = 0, start = out->len;
	uint64_t last = (uint64_t)v->status->sequence, sequence = scan->from;
	struct event_row row;

	if (v->request && v->request->known > scan->changed && v->request->resume > sequence)
		sequence = v->request->resume;
	uint64_t stop = sequence + SCAN_MAX < last ? sequence + SCAN_MAX : last;

	buf_str(out, "{\"events\":[");
	while (sequence < stop && given < limit && out->len - start < ANSWER_MAX) {
		sequence++;
		if (!projection_event(v->store, sequence, &row))
			return refuse(refusal, E_INTERNAL, DETAIL_NONE, ABSENT, ABSENT);
		if (!event_matches(&row, &scan->communes, &scan->types) || !query_visible(v, &v->account->actor, &row))
			continue;
		if (event_append(v, &row, scan->raw, given == 0, out) < 0)
			return refuse(refusal, E_INTERNAL, DETAIL_NONE, ABSENT, ABSENT);
		given++;
	}
	/* Past the end there is nothing: whoever asks from there sees how far the journal really goes. */
	if (sequence > last)
		sequence = last;
	buf_printf(out, "],\"position\":%llu}", (unsigned long long)sequence);
	if (given == 0 && v->request && v->request->may_wait && scan->wait != NONE && scan->wait > 0)
		hold(v, scan, sequence);
	return OK;
}

static int
query_events(const struct view *v, const struct params *p, struct buf *out, struct refusal *refusal)
{
	int result = query_filter(v, p, refusal);

	if (result != OK)
		return result;
	return query_scan(v, &(struct scan){
		.from = (uint64_t)p->after, .communes = p->communes, .types = p->types, .raw = p->raw == 1,
		.limit = p->limit == NONE ? READ_DEFAULT : (size_t)p->limit, .wait = p->wait,
	}, out, refusal);
}

/* --- all of them ------------------------------------------------------------------------------- */

int
query_run(enum method method, const struct view *v, const struct params *p, struct buf *out,
          struct refusal *refusal)
{
	static query_fn *const queries[METHOD_COUNT] = {
		[METHOD_DOSSIER_GET] = query_get,
		[METHOD_DOSSIER_LIST] = query_list,
		[METHOD_DOSSIER_HISTORY] = query_history,
		[METHOD_EVENT_READ] = query_events,
		[METHOD_FEED_NEXT] = feed_next,
		[METHOD_FEED_LIST] = feed_list,
		[METHOD_REPORT_SUMMARY] = report_summary,
		[METHOD_REPORT_DEADLINES] = report_deadlines,
		[METHOD_CALENDAR_DEADLINE] = calendar_query,
		[METHOD_WORKFLOW_GET] = workflow_query,
		[METHOD_CRITERIA_GET] = query_criteria,
		[METHOD_SERVER_PING] = server_ping,
		[METHOD_SERVER_STATUS] = server_status,
		[METHOD_SERVER_METRICS] = server_metrics,
	};

	assert(queries[method]);
	return queries[method](v, p, out, refusal);
}
