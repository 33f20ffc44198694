/* The daemon's state as a page to be read at a glance: first whether anything wants attention. */
#include "clients/out_pages.h"

#include "clients/cells.h"
#include "proto/i18n.h"

struct page {
	const struct out *o;
	const struct json *status;
	struct table facts;
	struct table alarms;
};

static int64_t
figure(const struct page *p, const char *place)
{
	int64_t value = 0;
	json_int(grid_at(p->status, place), &value);
	return value;
}

static struct text
words(const struct page *p, const char *place)
{
	return grid_words(p->o, p->status, place, CODES_NONE);
}

static void
fact(struct page *p, const char *heading, struct text value)
{
	struct text *row = table_row(&p->facts);
	row[0] = label_of(text_of(heading), p->o->arena);
	row[1] = value;
}

static void
alarm(struct page *p, struct text sentence)
{
	*table_row(&p->alarms) = sentence;
	table_colour(&p->alarms, 0, COLOUR_ALARM);
}

/* "44,0 kB" */
static struct text
bytes(const struct page *p, int64_t value)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	size_t unit = 0;
	int64_t tenths = value * 10;
	for (; tenths >= 10240 && unit + 1 < countof(units); unit++)
		tenths /= 1024;
	if (!unit)
		return arena_printf(p->o->arena, "%lld B", (long long)value);
	return arena_printf(p->o->arena, "%lld%c%lld %s", (long long)(tenths / 10), p->o->lang == LANG_VI ? ',' : '.',
	                    (long long)(tenths % 10), units[unit]);
}

static struct text
uptime(const struct page *p)
{
	int64_t minutes = figure(p, "uptime_s") / 60;
	if (minutes < 1)
		return arena_printf(p->o->arena, _("%lld seconds"), (long long)figure(p, "uptime_s"));
	if (minutes < 60)
		return arena_printf(p->o->arena, _("%lld minutes"), (long long)minutes);
	if (minutes < 24 * 60)
		return arena_printf(p->o->arena, _("%lld h %lld min"), (long long)(minutes / 60), (long long)(minutes % 60));
	return arena_printf(p->o->arena, _("%lld d %lld h"), (long long)(minutes / 1440),
	                    (long long)(minutes / 60 % 24));
}

static void
what_is_wrong(struct page *p)
{
	struct arena *arena = p->o->arena;
	for (const struct json *b = json_first(json_get(p->status, "broken")); b; b = json_next(b))
		alarm(p, arena_printf(arena, _("broken account file: %.*s"), TEXT_ARG(grid_raw(b, arena))));
	if (json_bool(grid_at(p->status, "disk.low")))
		alarm(p, arena_printf(arena, _("the disk is nearly full: %.*s free"),
		                      TEXT_ARG(bytes(p, figure(p, "disk.free")))));
}

static void
the_daemon(struct page *p)
{
	struct arena *arena = p->o->arena;
	bool simulated = text_is(json_text(json_get(p->status, "clock")), "simulated");
	fact(p, "version", words(p, "version"));
	fact(p, "time", simulated ? arena_printf(arena, _("%.*s, the clock is simulated"), TEXT_ARG(words(p, "time"))) : words(p, "time"));
	if (json_get(p->status, "uptime_s"))
		fact(p, "uptime", uptime(p));
	if (json_get(p->status, "dossiers"))
		fact(p, "dossiers", words(p, "dossiers"));
	fact(p, "events", words(p, "sequence"));
	if (json_get(p->status, "requests"))
		fact(p, "requests", arena_printf(arena, _("%lld: %lld written, %lld refused; the largest batch %lld"),
		                                 (long long)figure(p, "requests"), (long long)figure(p, "writes"),
		                                 (long long)figure(p, "refusals"), (long long)figure(p, "batches.largest")));
	if (json_get(p->status, "accounts"))
		fact(p, "accounts", words(p, "accounts"));
}

static void
the_disk(struct page *p)
{
	struct arena *arena = p->o->arena;
	int64_t all = figure(p, "map.bytes"), used = figure(p, "map.used");
	if (json_get(p->status, "journal_file"))
		fact(p, "journal_file", arena_printf(arena, _("%.*s in %lld segments; %lld syncs"),
		                                     TEXT_ARG(bytes(p, figure(p, "journal_file.used"))),
		                                     (long long)figure(p, "journal_file.segments"),
		                                     (long long)figure(p, "journal_file.syncs")));
	if (all)
		fact(p, "map", arena_printf(arena, _("%.*s of %.*s used (%lld %%)"), TEXT_ARG(bytes(p, used)), TEXT_ARG(bytes(p, all)),
		                            (long long)(used / (all / 100 + 1))));
	if (json_get(p->status, "disk"))
		fact(p, "disk", arena_printf(arena, _("%.*s free; a warning below %.*s"), TEXT_ARG(bytes(p, figure(p, "disk.free"))),
		                             TEXT_ARG(bytes(p, figure(p, "disk.reserve")))));
	if (json_get(p->status, "clients"))
		fact(p, "clients", arena_printf(arena, _("%lld handshakes refused, %lld messages dropped, %lld answers not sendable"),
		                                (long long)figure(p, "clients.handshakes_refused"),
		                                (long long)figure(p, "clients.dropped"), (long long)figure(p, "clients.unsendable")));
	fact(p, "journal", words(p, "journal"));
}

void
out_status(const struct out *o, const struct json *status)
{
	static const char shown[] = "time|sequence|journal|version|key|clock|uptime_s|dossiers|requests|refusals|writes|map|"
	                            "journal_file|disk|batches|clients|accounts|broken";
	struct page p = { .o = o, .status = status };
	table_init(&p.facts, 2, o->arena);
	table_init(&p.alarms, 1, o->arena);
	p.alarms.coloured = o->coloured;
	what_is_wrong(&p);
	the_daemon(&p);
	the_disk(&p);
	if (p.alarms.rows)
		table_print(&p.alarms, false, 0, stdout);
	else
		grid_line(o, text_of(_("everything is in order")), COLOUR_GOOD, 0, stdout);
	table_print(&p.facts, false, 2, stdout);
	out_tree(o, status, shown, 2);
}
