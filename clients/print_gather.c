/* What a paper says, asked of the daemon. */
#include "clients/print_gather.h"

#include "clients/ask.h"
#include "clients/options.h"
#include "proto/i18n.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const struct print_form forms[] = {
#define FORM(name, methods, draft, need, summary) { name, methods, draft, need, summary },
#include "clients/print_forms.def"
};

const struct print_form *
print_form_item(size_t i)
{
	return i < countof(forms) ? &forms[i] : NULL;
}

const struct print_form *
print_form_find(struct text name)
{
	for (size_t i = 0; i < countof(forms); i++)
		if (text_is(name, forms[i].name))
			return &forms[i];
	return NULL;
}

struct gathering {
	const struct print_order *order;
	const struct settings *settings;
	struct arena *arena;
	struct print_facts *facts;
	const struct json *transition;  /* of the act, or the one that is yet to be */
};

static const struct json **
document(struct gathering *g, char letter)
{
	return &g->facts->documents.of[letter - 'a'];
}

static struct text
string_at(struct gathering *g, const char *place)
{
	return json_text(place_follow(&g->facts->documents, text_of(place), g->arena));
}

/* --- the act ------------------------------------------------------------------------------------- */

static const struct json *
transition_of(struct gathering *g, const char *member, struct text value)
{
	for (const struct json *t = json_first(json_get(*document(g, 'w'), "transitions")); t; t = json_next(t))
		if (text_equal(json_text(json_get(t, member)), value))
			return t;
	return NULL;
}

/* "vn.ocop.dossier.returned" is the event `returned`. */
static const struct json *
transition_of_event(struct gathering *g, const struct json *event)
{
	struct text type = json_text(json_get(event, "type"));
	const char *dot = type.len ? memrchr(type.ptr, '.', type.len) : NULL;
	return dot ? transition_of(g, "event", text_of(dot + 1)) : NULL;
}

static void
find_act(struct gathering *g, const struct json *history)
{
	for (const struct json *e = json_first(json_get(history, "events")); e; e = json_next(e)) {
		const struct json *transition = transition_of_event(g, e);
		if (!transition || !text_among(json_text(json_get(transition, "method")), g->order->form->methods))
			continue;
		*document(g, 'e') = e;
		*document(g, 'd') = json_get(e, "data");
		g->transition = transition;
	}
}

/* May the form's first method be used in the dossier's state? */
static bool
is_ahead(struct gathering *g, const struct json *transition)
{
	for (const struct json *m = transition ? json_first(json_get(transition, "moves")) : NULL; m; m = json_next(m))
		if (text_equal(json_text(json_get(m, "from")), string_at(g, "r.state")))
			return true;
	return false;
}

static int
too_early(struct gathering *g, const struct json *transition)
{
	const char *tongue = g->settings->lang == LANG_VI ? "vi" : "en";
	struct text act = json_text(json_get(transition, tongue)), code = string_at(g, "r.state");
	struct text state = label_in_force(json_get(*document(g, 'w'), "states"), code, NONE, g->settings->lang);
	fprintf(stderr, _("ocop: %s is the paper of \"%.*s\", and %s is not at that: \"%.*s\"\n"),
	        g->order->form->name, TEXT_ARG(act.ptr ? act : text_of(g->order->form->methods)), g->order->dossier,
	        TEXT_ARG(state.ptr ? state : code));
	return 1;
}

/* The act that happened, or the one that is ahead. A paper that can be made before is made anew where
 * its act can come again: a second letter after the province has asked for more. */
static int
choose_act(struct gathering *g, const struct json *history)
{
	struct text methods = text_of(g->order->form->methods), first;
	text_next(&methods, '|', &first);
	const struct json *transition = transition_of(g, "method", first);
	if (*document(g, 's'))
		return 0;
	if (g->order->form->draft != DRAFT_NONE && is_ahead(g, transition)) {
		g->transition = transition;
		return 0;
	}
	/* An empty sheet is of no use when the scoring is over. */
	if (g->order->form->draft != DRAFT_BLANK)
		find_act(g, history);
	return *document(g, 'e') ? 0 : too_early(g, transition);
}

/* --- what must be there -------------------------------------------------------------------------- */

static int
check_member(struct gathering *g)
{
	const char *member = g->order->member;
	const struct json *seats = place_follow(&g->facts->documents, TEXT("w.council.members"), g->arena);
	struct buf known = { 0 };
	bool found = false;
	for (const struct json *m = seats ? json_first(seats) : NULL; m; m = json_next(m)) {
		struct text code = json_text(json_get(m, "code"));
		found |= member && text_is(code, member);
		buf_printf(&known, "%s%.*s", known.len ? ", " : "", TEXT_ARG(code));
	}
	buf_byte(&known, '\0');
	int e = !member || found ? 0
	        : usage_error(arena_printf(g->arena, _("the council has no such seat; it has %s"), known.ptr).ptr, member);
	buf_free(&known);
	return e;
}

/* The sheet of the member asked for, as far as the record shows it. */
static int
take_sheet(struct gathering *g)
{
	const char *member = g->order->member;
	const struct json *sheets = json_get(*document(g, 'r'), "sheets");
	int e = check_member(g);
	if (e || !member || g->order->empty)
		return e;
	for (const struct json *s = sheets ? json_first(sheets) : NULL; s; s = json_next(s))
		if (text_is(json_text(json_get(s, "member")), member))
			*document(g, 's') = s;
	if (*document(g, 's'))
		return 0;
	fprintf(stderr, _("ocop: there is no sheet of %s that this account may see; --empty makes an empty one\n"), member);
	return EX_NOPERM;
}

static int
check_need(struct gathering *g)
{
	int64_t stars = 0, needed = 0;
	switch (g->order->form->need) {
	case NEED_NOTHING:
		return 0;
	case NEED_CRITERIA:
		if (json_bool(json_get(*document(g, 'c'), "scorable")))
			return take_sheet(g);
		fprintf(stderr, _("ocop: there is no criteria set to score %s by\n"), g->order->dossier);
		return 1;
	case NEED_SHEETS:
		if (json_get(*document(g, 'r'), "sheets") || !json_get(*document(g, 'r'), "score"))
			return 0;
		fprintf(stderr, _("ocop: this account may not see the members' sheets, and without them there is no %s\n"),
		        g->order->form->name);
		return EX_NOPERM;
	case NEED_STARS:
		json_int(place_follow(&g->facts->documents, TEXT("w.forward-stars"), g->arena), &needed);
		if (!json_int(place_follow(&g->facts->documents, TEXT("r.score.stars"), g->arena), &stars) || stars >= needed)
			return 0;
		fprintf(stderr, _("ocop: %s has %d stars; only %d or more go to the province\n"), g->order->dossier, (int)stars,
		        (int)needed);
		return 1;
	}
	return 0;
}

/* --- what is found out here ---------------------------------------------------------------------- */

static void
add_string(struct buf *out, const char *name, struct text value)
{
	if (!value.ptr)
		return;
	buf_byte(out, out->len > 1 ? ',' : ' ');
	json_write_string(out, text_of(name));
	buf_byte(out, ':');
	json_write_string(out, value);
}

static struct text
paper_date(struct gathering *g, struct text today)
{
	static const char *const places[] = {
		"d.score.date", "d.forwarded.date", "d.province.date", "d.date", "d.received", "e.time",
	};
	if (g->order->date)
		return text_of(g->order->date);
	for (size_t i = 0; i < countof(places); i++)
		if (string_at(g, places[i]).ptr)
			return string_at(g, places[i]);
	return g->order->form->draft == DRAFT_TODAY ? today : ABSENT;
}

static const struct json *
made(struct gathering *g, struct buf *members)
{
	buf_byte(members, '}');
	const struct json *made = json_parse(arena_text(g->arena, buf_view(members)), g->arena, NULL);
	buf_free(members);
	return made;
}

static bool
has_comments(struct gathering *g)
{
	const struct json *sheets = json_get(*document(g, 'r'), "sheets");
	for (const struct json *s = sheets ? json_first(sheets) : NULL; s; s = json_next(s))
		if (json_get(s, "comment"))
			return true;
	return false;
}

static void
find_out(struct gathering *g, struct text today)
{
	const struct print_order *o = g->order;
	struct buf found = { 0 }, order = { 0 };
	int64_t stars = 0, needed = 0, moment;
	json_int(place_follow(&g->facts->documents, TEXT("r.score.stars"), g->arena), &stars);
	json_int(place_follow(&g->facts->documents, TEXT("w.forward-stars"), g->arena), &needed);
	size_t seats = json_count(place_follow(&g->facts->documents, TEXT("w.council.members"), g->arena));
	struct text date = paper_date(g, today);
	buf_byte(&found, '{');
	add_string(&found, "date", date);
	if (*document(g, 'e'))
		add_string(&found, "act", json_text(json_get(g->transition, "event")));
	if (g->transition)
		add_string(&found, "legal", json_text(json_get(g->transition, "legal")));
	if (stars && stars >= needed)
		add_string(&found, "passed", TEXT("yes"));
	if (has_comments(g))
		add_string(&found, "comments", TEXT("yes"));
	if (json_get(*document(g, 'r'), "support"))
		add_string(&found, "supported", TEXT("yes"));
	add_string(&found, "seats", arena_printf(g->arena, "%zu", seats));
	*document(g, 'f') = made(g, &found);
	buf_byte(&order, '{');
	add_string(&order, "number", text_of(o->number));
	add_string(&order, "place", text_of(o->place));
	add_string(&order, "signer", text_of(o->signer));
	add_string(&order, "member", text_of(o->member));
	*document(g, 'o') = made(g, &order);
	/* What a code means is asked for the day of receipt, as the daemon does. */
	if (!day_parse(string_at(g, "r.received"), &g->facts->day))
		g->facts->day = time_parse(today, &moment) ? time_day(moment) : NONE;
}

static int
ask_all(struct gathering *g, struct text *ret_today, const struct json **ret_history)
{
	struct asker asker;
	const struct json *ping;
	struct buf dossier = { 0 };
	const char *lang = g->settings->lang == LANG_VI ? "vi" : "en";
	struct text plain = arena_printf(g->arena, "{\"lang\":\"%s\"}", lang);
	buf_printf(&dossier, "{\"lang\":\"%s\",\"dossier\":", lang);
	json_write_string(&dossier, text_of(g->order->dossier));
	buf_byte(&dossier, '}');
	int e = ask_open(&asker, g->settings, g->arena);
	if (!e)
		e = ask_query(&asker, "dossier.get", buf_view(&dossier), document(g, 'r'));
	if (!e)
		e = ask_query(&asker, "dossier.history", buf_view(&dossier), ret_history);
	if (!e)
		e = ask_query(&asker, "criteria.get", buf_view(&dossier), document(g, 'c'));
	if (!e)
		e = ask_query(&asker, "workflow.get", plain, document(g, 'w'));
	if (!e)
		e = ask_query(&asker, "server.ping", plain, &ping);
	if (!e)
		*ret_today = json_text(json_get(ping, "time"));
	ask_close(&asker);
	buf_free(&dossier);
	return e;
}

int
print_gather(const struct print_order *order, const struct settings *settings, struct arena *arena,
             struct print_facts *ret)
{
	struct gathering g = { order, settings, arena, ret, NULL };
	const struct json *history = NULL;
	struct text today = ABSENT;
	memset(ret, 0, sizeof *ret);
	int e = ask_all(&g, &today, &history);
	if (!e)
		e = check_need(&g);
	if (!e)
		e = choose_act(&g, history);
	if (!e)
		find_out(&g, today);
	return e;
}
