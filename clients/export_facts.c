/* What the list of dossiers does not tell, from the events: checks, notes, support. */
#include "clients/export_parts.h"

#include "proto/i18n.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { PAGE = 1000, NOTE_MAX = 8000, ROOM_FIRST = 1024, CONTENTS_MAX = 64 };

/* --- the table ----------------------------------------------------------------------------------- */

static uint64_t
hash_of(struct text t)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < t.len; i++)
		hash = (hash ^ (unsigned char)t.ptr[i]) * UINT64_C(1099511628211);
	return hash;
}

/* The dossier's place, or the free one where it would be. */
static struct fact *
place_of(const struct facts *f, struct text dossier)
{
	size_t at = hash_of(dossier) & (f->room - 1);
	while (f->items[at].dossier.ptr && !text_equal(f->items[at].dossier, dossier))
		at = (at + 1) & (f->room - 1);
	return &f->items[at];
}

static void
grow(struct facts *f)
{
	struct facts wider = { .room = f->room ? f->room * 2 : ROOM_FIRST, .count = f->count };
	wider.items = xcalloc(wider.room, sizeof *wider.items);
	for (size_t i = 0; i < f->room; i++)
		if (f->items[i].dossier.ptr)
			*place_of(&wider, f->items[i].dossier) = f->items[i];
	free(f->items);
	*f = wider;
}

static struct fact *
fact_of(struct export *x, struct text dossier)
{
	struct facts *f = &x->facts;
	if (2 * f->count >= f->room)
		grow(f);
	struct fact *fact = place_of(f, dossier);
	if (!fact->dossier.ptr) {
		*fact = (struct fact){ .dossier = arena_text(x->arena, dossier), .checked = NONE, .complete = NONE };
		f->count++;
	}
	return fact;
}

const struct fact *
facts_find(const struct facts *f, struct text dossier)
{
	const struct fact *fact = f->room ? place_of(f, dossier) : NULL;
	return fact && fact->dossier.ptr ? fact : NULL;
}

void
facts_free(struct facts *f)
{
	free(f->items);
}

/* --- the events ---------------------------------------------------------------------------------- */

static void
add_note(struct export *x, struct fact *fact, struct text note)
{
	if (!note.len || fact->note.len + note.len > NOTE_MAX)
		return;
	fact->note = fact->note.len ? arena_printf(x->arena, "%.*s; %.*s", TEXT_ARG(fact->note), TEXT_ARG(note)) : arena_text(x->arena, note);
}

static void
add_support(struct export *x, struct fact *fact, const struct json *items)
{
	for (const struct json *item = json_first(items); item; item = json_next(item)) {
		int64_t amount, at = 0;
		if (json_int(json_get(item, "amount"), &amount))
			fact->support += amount;
		for (const struct json *c = json_first(json_get(x->workflow, "contents")); c && at < CONTENTS_MAX; c = json_next(c), at++)
			if (text_equal(json_text(json_get(c, "code")), json_text(json_get(item, "content"))))
				fact->contents |= UINT64_C(1) << at;
	}
}

static void
take_event(struct export *x, struct text text)
{
	const struct json *event = json_parse(text, x->page, NULL);
	const struct json *data = event ? json_get(event, "data") : NULL;
	struct text type = json_text(json_get(event, "type"));
	const char *dot = type.ptr ? strrchr(type.ptr, '.') : NULL;
	int64_t moment;
	if (!data || !dot || !time_parse(json_text(json_get(event, "time")), &moment))
		return;
	struct fact *fact = fact_of(x, json_text(json_get(data, "dossier")));
	bool completed = !strcmp(dot + 1, "completed");
	if (completed || !strcmp(dot + 1, "returned")) {
		fact->checked = time_day(moment);
		fact->passed = completed;
		if (completed)
			fact->complete = fact->checked;
	}
	add_note(x, fact, json_text(json_get(data, "note")));
	if (!strcmp(dot + 1, "noted"))
		add_note(x, fact, json_text(json_get(data, "text")));
	if (!strcmp(dot + 1, "supported"))
		add_support(x, fact, json_get(data, "items"));
}

/* Those of the wanted events that the workflow in force has: a programme may leave some out. */
static struct text
types_of(struct export *x)
{
	static const char wanted[] = "proposed|submitted|returned|completed|supported|noted";
	struct buf types = { 0 };
	for (const struct json *t = json_first(json_get(x->workflow, "transitions")); t; t = json_next(t)) {
		struct text event = json_text(json_get(t, "event"));
		if (event.len && text_among(event, wanted))
			buf_printf(&types, "%s\"%.*s\"", types.len ? "," : "", TEXT_ARG(event));
	}
	struct text list = arena_text(x->arena, buf_view(&types));
	buf_free(&types);
	return list;
}

int
facts_read(struct export *x)
{
	const struct json *ping, *result;
	struct progress progress;
	struct text types = types_of(x);
	int64_t at = 0, end;
	int e = export_query(x, "server.ping", TEXT("{}"), &ping);
	if (!e && !json_int(json_get(ping, "sequence"), &end))
		e = EX_PROTOCOL;
	if (e)
		return e;
	progress_begin(&progress, _("Reading events"), end, x->settings->quiet);
	while (!e && at < end) {
		int64_t from = at;
		e = export_query(x, "event.read", arena_printf(x->page, "{\"after\":%lld,\"limit\":%d,\"raw\":true,\"types\":[%.*s]}",
		                                               (long long)at, PAGE, TEXT_ARG(types)), &result);
		for (const struct json *event = e ? NULL : json_first(json_get(result, "events")); event; event = json_next(event))
			take_event(x, json_text(event));
		if (!e && (!json_int(json_get(result, "position"), &at) || at <= from))
			e = EX_PROTOCOL;
		progress_at(&progress, at);
	}
	progress_end(&progress);
	return e;
}
