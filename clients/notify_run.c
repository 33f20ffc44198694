/* The listener at work: wait, deliver, acknowledge, until it is told to end. */
#include "clients/notify_run.h"

#include "clients/notify_child.h"
#include "clients/notify_dead.h"
#include "proto/i18n.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum {
	REFUSED_FIRST_MS = 100, REFUSED_MOST_MS = 30000, SLICE_MS = 1000, LABELS_MS = 5000,
	EXTEND_US = 60000000,
};

struct listener {
	struct feed *feed;
	const struct notify_config *config;
	struct arena *batch;        /* one answer of feed.next */
	struct arena *work;         /* one call, one attempt */
	struct arena *kept;         /* the labels */
	const struct json *labels;
	int64_t wait_s, cursor, refused_ms;
	bool opened, ready;
	struct buf said;            /* the last complaint, so that it is said once */
	struct buf delivered;       /* the last event that was: should its acknowledgement be refused,
	                             * the event comes again and is only acknowledged */
};

/* --- telling ------------------------------------------------------------------------------------- */

static bool
stopping(const struct listener *l)
{
	return child_wait_fd(l->feed->stop_fd, 0);
}

/* Something was really done: an answer came, a delivery ended, a pause went on. */
static void
turn(void *user)
{
	struct listener *l = user;
	if (l->ready)
		sd_notify(0, "WATCHDOG=1");
	else
		sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%d", EXTEND_US);
}

static void
complain_once(struct listener *l, struct text what)
{
	if (text_equal(buf_view(&l->said), what))
		return;
	buf_clear(&l->said);
	buf_text(&l->said, what);
	fprintf(stderr, "ocop-notify: %.*s\n", TEXT_ARG(what));
	sd_notifyf(0, "STATUS=%.*s", TEXT_ARG(what));
}

static void
all_well(struct listener *l)
{
	l->refused_ms = 0;
	if (l->said.len || !l->ready)
		sd_notifyf(0, _("STATUS=listening, feed %s"),
		           l->config->feed);
	buf_clear(&l->said);
}

/* In slices, so that the watchdog sees it live. */
static void
pause_for(struct listener *l, int64_t ms)
{
	while (ms > 0 && !child_wait_fd(l->feed->stop_fd, ms < SLICE_MS ? ms : SLICE_MS)) {
		ms -= SLICE_MS;
		turn(l);
	}
}

/* A call that came to nothing: says so, and waits where trying again at once would not help. */
static void
missed(struct listener *l, int e)
{
	struct buf what = { 0 };
	turn(l);
	if (e == -EINTR)
		return;
	if (e == FEED_REFUSED) {
		buf_text(&what, buf_view(&l->feed->refusal));
		if (!text_is(l->feed->refusal_kind, "unavailable"))
			l->opened = false;
	} else if (e == -ETIMEDOUT) {
		buf_printf(&what, _("no answer from %s"), l->config->endpoint);
	} else {
		buf_printf(&what, "%s: %s", l->config->endpoint, strerror(-e));
	}
	complain_once(l, buf_view(&what));
	buf_free(&what);
	if (e == -ETIMEDOUT)
		return;
	l->refused_ms = l->refused_ms ? l->refused_ms * 2 : REFUSED_FIRST_MS;
	if (l->refused_ms > REFUSED_MOST_MS)
		l->refused_ms = REFUSED_MOST_MS;
	pause_for(l, l->refused_ms);
}

/* --- one event ----------------------------------------------------------------------------------- */

/* Until the daemon has it, or the program is to end: what is not acknowledged comes again. */
static bool
acknowledge(struct listener *l, int64_t sequence)
{
	int e;
	do {
		arena_reset(l->work);
		e = feed_ack(l->feed, sequence, l->work);
		if (e)
			missed(l, e);
	} while (e && (e != FEED_REFUSED || text_among(l->feed->refusal_kind, "unavailable|storage")) && !stopping(l));
	if (e)
		return false;
	l->cursor = sequence;
	all_well(l);
	turn(l);
	return true;
}

static bool
wants_record(const struct listener *l)
{
	for (size_t i = 0; i < l->config->target_count; i++)
		if (!l->config->targets[i].json)
			return true;
	return false;
}

/* A dossier that is no longer visible is told of without its record. */
static int
find_record(struct listener *l, const struct json *event, const struct json **ret)
{
	const struct json *data = json_get(event, "data");
	struct text dossier = data ? json_text(json_get(data, "dossier")) : ABSENT;
	*ret = NULL;
	if (!dossier.len || !wants_record(l))
		return 0;
	int e = feed_record(l->feed, dossier, l->batch, ret);
	return e == FEED_REFUSED && !text_is(l->feed->refusal_kind, "unavailable") ? 0 : e;
}

/* true where it was set aside. */
static bool
set_aside(struct listener *l, const struct delivery *d, struct text why)
{
	struct text id = json_text(json_get(d->note->event, "id"));
	int e = dead_write(d, why);
	if (e < 0)
		fprintf(stderr, _("ocop-notify: event %.*s can't be set aside in %s: %s\n"), TEXT_ARG(id), l->config->dead,
		        strerror(-e));
	else
		fprintf(stderr, _("ocop-notify: event %.*s is set aside in %s; send it again with --retry\n"), TEXT_ARG(id),
		        l->config->dead);
	return e >= 0;
}

static void
report_failure(struct listener *l, const struct json *event, int64_t sequence, int64_t attempt, struct text why)
{
	struct text id = json_text(json_get(event, "id"));
	fprintf(stderr, _("ocop-notify: event %.*s, attempt %lld of %lld: %.*s\n"), TEXT_ARG(id), (long long)attempt,
	        (long long)l->config->attempts, TEXT_ARG(why));
	arena_reset(l->work);
	feed_fail(l->feed, sequence, why, l->work);
	turn(l);
}

/* Delivered or set aside: true. false: not now (the program is to end). */
static bool
deliver(struct listener *l, struct delivery *d, int64_t sequence)
{
	const struct notify_config *c = l->config;
	int64_t pause = c->retry_first_ms;
	for (int64_t attempt = 1;; attempt++) {
		struct buf why = { 0 };
		arena_reset(l->work);
		bool good = deliver_all(d, l->work, turn, l, &why);
		bool stop = stopping(l);
		/* A delivery cut short by our own end is no failure of the receiver's. */
		if (!good && !stop) {
			report_failure(l, d->note->event, sequence, attempt, buf_view(&why));
			good = attempt >= c->attempts && set_aside(l, d, buf_view(&why));
		}
		buf_free(&why);
		if (good)
			return true;
		if (!stop)
			pause_for(l, pause);
		if (stopping(l))
			return false;
		pause = pause * 2 < c->retry_most_ms ? pause * 2 : c->retry_most_ms;
	}
}

/* false: leave the rest of the batch, it comes again. */
static bool
handle(struct listener *l, const struct json *event)
{
	struct note note = {
		.event = event, .labels = l->labels, .feed = text_of(l->config->feed),
		.contact = text_of(l->config->contact), .lang = l->config->language,
	};
	struct delivery d = { .config = l->config, .note = &note, .stop_fd = l->feed->stop_fd };
	struct text number = json_text(json_get(event, "sequence"));
	int64_t sequence = 0;
	for (size_t i = 0; i < number.len && i < 15 && number.ptr[i] >= '0' && number.ptr[i] <= '9'; i++)
		sequence = sequence * 10 + (number.ptr[i] - '0');
	if (sequence <= 0) {
		missed(l, -EPROTO);
		return false;
	}
	struct buf text = { 0 };
	json_write(&text, event);
	bool again = text_equal(buf_view(&text), buf_view(&l->delivered));
	int e = again ? 0 : find_record(l, event, &note.record);
	if (e)
		missed(l, e);
	bool done = !e && (again || deliver(l, &d, sequence));
	if (done) {
		buf_clear(&l->delivered);
		buf_text(&l->delivered, buf_view(&text));
	}
	buf_free(&text);
	return done && acknowledge(l, sequence) && !stopping(l);
}

/* --- the loop ------------------------------------------------------------------------------------ */

static void
become_ready(struct listener *l)
{
	static const char line[] = "ready\n";
	l->opened = true;
	all_well(l);
	if (l->ready)
		return;
	l->ready = true;
	sd_notify(0, "READY=1");
	if (write(STDERR_FILENO, line, sizeof line - 1) < 0)
		return;                 /* nobody listens there */
}

/* An exit code where there is no sense in asking again, else 0. */
static int
open_feed(struct listener *l)
{
	arena_reset(l->work);
	int e = feed_open(l->feed, l->work, &l->cursor);
	if (!e) {
		struct arena *fresh = arena_new();
		const struct json *labels;
		/* Without the words for codes the codes themselves will do. */
		if (!feed_labels(l->feed, LABELS_MS, fresh, &labels)) {
			arena_destroy(&l->kept);
			l->kept = fresh;
			l->labels = labels;
		} else {
			arena_destroy(&fresh);
		}
		become_ready(l);
		return 0;
	}
	/* The request itself is wrong: a commune that is not ours, a type that is none. */
	bool wrong = l->feed->refusal_code == -32602 || text_is(l->feed->refusal_kind, "guard-failed");
	if (e == FEED_REFUSED && wrong && !l->ready) {
		complain_once(l, buf_view(&l->feed->refusal));
		return EX_CONFIG;
	}
	missed(l, e);
	return 0;
}

static void
listen_once(struct listener *l)
{
	const struct json *events;
	int64_t position;
	arena_reset(l->batch);
	int e = feed_next(l->feed, l->wait_s, l->batch, &events, &position);
	if (e) {
		missed(l, e);
		return;
	}
	all_well(l);
	turn(l);
	const struct json *event = json_first(events);
	/* Each acknowledgement is an event itself: one for every few that pass would never end. */
	if (!event && position - l->cursor >= l->config->catch_up)
		acknowledge(l, position);
	while (event && handle(l, event))
		event = json_next(event);
}

/* What the watchdog allows between two turns is more than a wait, or systemd is told wrong. */
static void
fit_watchdog(struct listener *l)
{
	uint64_t usec = 0;
	l->wait_s = l->config->wait_s;
	if (sd_watchdog_enabled(0, &usec) <= 0)
		return;
	int64_t longest = 0, third = (int64_t)(usec / 3000000);
	for (size_t i = 0; i < l->config->target_count; i++) {
		const struct notify_target *t = &l->config->targets[i];
		int64_t limit = t->exec ? t->exec->limit_s : t->mail ? t->mail->limit_s : 0;
		longest = limit > longest ? limit : longest;
	}
	if (third < l->wait_s)
		l->wait_s = third ? third : 1;
	if ((int64_t)(usec / 1000000) <= longest + 5)
		fprintf(stderr, _("ocop-notify: WatchdogSec is shorter than a delivery may take, %lld s\n"), (long long)longest);
}

int
notify_run(struct feed *feed)
{
	struct listener l = {
		.feed = feed, .config = feed->config, .batch = arena_new(), .work = arena_new(), .kept = arena_new(),
	};
	int e = 0;
	fit_watchdog(&l);
	while (!e && !stopping(&l)) {
		if (l.opened)
			listen_once(&l);
		else
			e = open_feed(&l);
	}
	sd_notify(0, "STOPPING=1");
	buf_free(&l.said);
	buf_free(&l.delivered);
	arena_destroy(&l.batch);
	arena_destroy(&l.work);
	arena_destroy(&l.kept);
	return e;
}
