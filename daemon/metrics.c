/* server.metrics: the daemon's figures as OpenMetrics 1.0 text. */
#include "daemon/feed.h"
#include "daemon/query.h"
#include "proto/version.h"

#include <ctype.h>
#include <string.h>

enum { DEADLINES_COUNTED_MAX = 100000 };

/* `unit` is "" or the last word of the name. */
static void
family(struct buf *b, const char *name, const char *type, const char *unit, const char *help)
{
	buf_printf(b, "# TYPE ocopd_%s %s\n", name, type);
	if (*unit)
		buf_printf(b, "# UNIT ocopd_%s %s\n", name, unit);
	buf_printf(b, "# HELP ocopd_%s %s\n", name, help);
}

static void
label_value(struct buf *b, struct text value)
{
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		if (c == '"' || c == '\\' || c == '\n')
			buf_byte(b, '\\');
		buf_byte(b, c == '\n' ? 'n' : c);
	}
}

/* One sample with up to two labels; a NULL one and what is behind it are left out. */
static void
sample(struct buf *b, const char *name, const char *label, struct text value,
       const char *second, struct text second_value, uint64_t number)
{
	buf_printf(b, "ocopd_%s", name);
	if (label) {
		buf_printf(b, "{%s=\"", label);
		label_value(b, value);
		buf_byte(b, '"');
	}
	if (second) {
		buf_printf(b, ",%s=\"", second);
		label_value(b, second_value);
		buf_byte(b, '"');
	}
	buf_printf(b, "%s %llu\n", label ? "}" : "", (unsigned long long)number);
}

static void
sample1(struct buf *b, const char *name, const char *label, const char *value, uint64_t number)
{
	sample(b, name, label, text_of(value), NULL, ABSENT, number);
}

/* --- tables: figures without labels -------------------------------------------------------------- */

struct gauge { const char *name, *unit, *help; uint64_t value; };

static void
gauges(struct buf *b, const struct gauge *all, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		family(b, all[i].name, "gauge", all[i].unit, all[i].help);
		sample(b, all[i].name, NULL, ABSENT, NULL, ABSENT, all[i].value);
	}
}

static void
counters(struct buf *b, const struct gauge *all, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		family(b, all[i].name, "counter", all[i].unit, all[i].help);
		buf_printf(b, "ocopd_%s_total %llu\n", all[i].name, (unsigned long long)all[i].value);
	}
}

static void
print_plain(const struct view *v, struct buf *b)
{
	const struct engine_status *s = v->status;
	const struct engine_traffic *t = &s->traffic;
	struct store_figures store = store_figures(v->store);
	struct journal_figures journal = journal_figures(v->journal);
	const struct gauge now[] = {
		{ "sequence", "", "Number of the last event.", (uint64_t)s->sequence },
		{ "dossiers", "", "Dossiers kept.", store.rows[TABLE_DOSSIER] },
		{ "journal_bytes", "bytes", "Text in the journal.", journal.bytes_used },
		{ "journal_file_bytes", "bytes", "The journal's files, with what is filled ahead.", journal.file_bytes },
		{ "journal_segments", "", "Files of the journal.", journal.segments },
		{ "store_map_bytes", "bytes", "The state's memory map.", store.map_bytes },
		{ "store_used_bytes", "bytes", "What of the map is in use.", store.used_bytes },
		{ "store_file_bytes", "bytes", "The state's file, with what is kept ahead.", store.file_bytes },
		{ "disk_free_bytes", "bytes", "What is free on the state's disk.", s->room.free_bytes },
		{ "disk_reserve_bytes", "bytes", "Less than this free is worth a warning.", s->room.reserve_bytes },
		{ "waiters", "", "Requests held until there is something to tell.", t->waiting },
		{ "accounts", "", "Accounts in force.", access_count(s->access) },
		{ "account_errors", "", "Account files with an error.", access_broken_count(s->access) },
	};
	const struct gauge ever[] = {
		{ "events_written", "", "Events written for requests.", s->writes },
		{ "journal_syncs", "", "Times the journal was synced.", journal.syncs },
		{ "storage_refusals", "", "Requests the disk had no room for.", s->figures.storage_refusals },
		{ "connections_accepted", "", "Connections accepted.", t->accepted },
		{ "handshakes_refused", "", "Handshakes of strangers refused.", t->handshakes_refused },
		{ "messages_dropped", "", "Messages without a delimiter, which can't be answered.", t->dropped },
		{ "answers_unsendable", "", "Answers whose client was gone or did not read.", t->unsendable },
	};

	gauges(b, now, countof(now));
	counters(b, ever, countof(ever));
}

/* --- what has labels ----------------------------------------------------------------------------- */

static struct text
outcome_word(enum error outcome, char out[32])
{
	static const char *const symbols[] = {
		[OK] = "E_OK",
#define ERROR(symbol, code, kind, en, vi) [symbol] = #symbol,
#include "proto/errors.def"
	};
	const char *kind = outcome == OK ? "" : error_kind(outcome);

	if (*kind)
		return text_of(kind);
	size_t len = strlen(symbols[outcome] + 2);

	for (size_t i = 0; i < len; i++)
		out[i] = (char)tolower(symbols[outcome][i + 2]);
	return (struct text){ out, len };
}

static void
print_requests(const struct figures *f, struct buf *b)
{
	char word[32];

	family(b, "requests", "counter", "", "Requests decided, by method and outcome.");
	for (size_t m = 0; m < f->method_count; m++)
		for (int outcome = OK; outcome < ERROR_COUNT; outcome++)
			if (f->methods[m].outcomes[outcome])
				sample(b, "requests_total", "method", f->methods[m].method, "outcome",
				       outcome_word((enum error)outcome, word), f->methods[m].outcomes[outcome]);
}

/* `micro`: values are millionths of the unit. */
static void
decimal(struct buf *b, uint64_t value, bool micro)
{
	if (micro)
		buf_printf(b, "%llu.%06llu", (unsigned long long)(value / 1000000), (unsigned long long)(value % 1000000));
	else
		buf_printf(b, "%llu", (unsigned long long)value);
}

/* Bounds as canonical floats: 0.0025, 1.0. */
static void
bound(struct buf *b, uint64_t value, bool micro)
{
	size_t start = b->len;

	decimal(b, value, micro);
	if (!micro)
		buf_str(b, ".0");
	while (b->len > start + 2 && b->ptr[b->len - 1] == '0' && b->ptr[b->len - 2] != '.')
		b->len--;
}

static void
print_histogram(struct buf *b, const char *name, const char *unit, const char *help, const struct histogram *h, bool micro)
{
	uint64_t total = 0;

	family(b, name, "histogram", unit, help);
	for (size_t i = 0; i <= h->count; i++) {
		total += h->buckets[i];
		buf_printf(b, "ocopd_%s_bucket{le=\"", name);
		if (i < h->count)
			bound(b, h->bounds[i], micro);
		else
			buf_str(b, "+Inf");
		buf_printf(b, "\"} %llu\n", (unsigned long long)total);
	}
	buf_printf(b, "ocopd_%s_sum ", name);
	decimal(b, h->sum, micro);
	buf_printf(b, "\nocopd_%s_count %llu\n", name, (unsigned long long)total);
}

static void
print_limits(const struct engine_traffic *t, struct buf *b)
{
	static const char *const words[] = {
#define LIMIT(symbol, word) [LIMIT_##symbol] = word,
#include "daemon/limits.def"
	};

	family(b, "limit", "gauge", "", "The limits set on what clients may take.");
	for (int i = 0; i < LIMIT_COUNT; i++)
		sample1(b, "limit", "limit", words[i], t->limits[i]);
	family(b, "limit_exceeded", "counter", "", "How often a client wanted more than a limit.");
	for (int i = 0; i < LIMIT_COUNT; i++)
		sample1(b, "limit_exceeded_total", "limit", words[i], t->exceeded[i]);
}

static void
print_connections(const struct engine_traffic *t, struct buf *b)
{
	static const char *const doors[DOOR_COUNT][2] = {
		[DOOR_COMMAND_IPC] = { "command", "ipc" }, [DOOR_COMMAND_TCP] = { "command", "tcp" },
		[DOOR_EVENT_IPC] = { "event", "ipc" }, [DOOR_EVENT_TCP] = { "event", "tcp" },
	};

	family(b, "connections", "gauge", "", "Open connections, by socket and transport.");
	for (int i = 0; i < DOOR_COUNT; i++)
		sample(b, "connections", "socket", text_of(doors[i][0]), "transport", text_of(doors[i][1]), t->open[i]);
}

static uint64_t
count_deadlines(struct store *store, char letter)
{
	struct text from = { &letter, 1 }, key, value;
	uint64_t count = 0;

	for (bool more = store_seek(store, TABLE_INDEX, from, &key, &value);
	     more && key.ptr[0] == letter && count < DEADLINES_COUNTED_MAX;
	     more = store_next(store, TABLE_INDEX, &key, &value))
		count++;
	return count;
}

static void
print_deadlines(const struct view *v, struct buf *b)
{
	uint64_t overdue = count_deadlines(v->store, 'O');

	family(b, "deadlines", "gauge", "", "Dossiers with a deadline running or passed (counted up to 100000).");
	sample1(b, "deadlines", "state", "open", count_deadlines(v->store, 'D'));
	sample1(b, "deadlines", "state", "overdue", overdue);
}

/* Families must not be mixed, so each walks the feeds anew. */
struct feed_page { struct buf *out; bool failures; };

static void
print_feed(void *context, const struct feed *feed, uint64_t lag)
{
	struct feed_page *page = context;

	sample(page->out, page->failures ? "feed_failures" : "feed_lag_events", "account", feed->account, "feed", feed->feed,
	       page->failures ? (uint64_t)(feed->failures == NONE ? 0 : feed->failures) : lag);
}

static void
print_feeds(const struct view *v, struct buf *b)
{
	family(b, "feed_lag_events", "gauge", "events", "Events a feed has yet to give.");
	feed_lags(v, print_feed, &(struct feed_page){ b, false });
	family(b, "feed_failures", "gauge", "", "Deliveries of a feed that failed.");
	feed_lags(v, print_feed, &(struct feed_page){ b, true });
}

static void
print_metrics(const struct view *v, struct buf *b)
{
	const struct engine_status *s = v->status;

	family(b, "build_info", "gauge", "", "The program; always 1.");
	sample1(b, "build_info", "version", OCOP_VERSION, 1);
	family(b, "start_time_seconds", "gauge", "seconds", "When the daemon was started, by its own clock.");
	buf_printf(b, "ocopd_start_time_seconds %lld.%03lld\n", (long long)(s->started_ms / 1000),
	           (long long)(s->started_ms % 1000));
	print_plain(v, b);
	print_requests(&s->figures, b);
	print_histogram(b, "batch_requests", "requests", "Messages decided at a time.", &s->figures.batches, false);
	print_histogram(b, "commit_seconds", "seconds", "How long answers waited for the disk.", &s->figures.commits, true);
	print_connections(&s->traffic, b);
	print_limits(&s->traffic, b);
	print_deadlines(v, b);
	print_feeds(v, b);
	buf_str(b, "# EOF\n");
}

int
server_metrics(const struct view *v, const struct params *p, struct buf *out, struct refusal *refusal)
{
	struct buf text = { .len = 0 };

	(void)p;
	/* They are of the whole: not for an account that sees a part of it. */
	if (!(v->account->actor.roles & ~ROLE(COMMUNE)) || !v->status->access)
		return refuse(refusal, E_FORBIDDEN, DETAIL_NONE, ABSENT, ABSENT);
	print_metrics(v, &text);
	buf_str(out, "{\"text\":");
	json_write_string(out, buf_view(&text));
	buf_byte(out, '}');
	buf_free(&text);
	return OK;
}
