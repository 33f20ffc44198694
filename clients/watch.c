/* `ocop watch`: the events as they happen, a line each, through outages of the daemon, until it is stopped. */
#include "clients/watch.h"

#include "clients/args.h"
#include "clients/ask.h"
#include "clients/options.h"
#include "clients/out_lists.h"
#include "proto/i18n.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	WAIT_S = 30,                /* the daemon holds the answer back so long */
	PAUSE_MS = 1000,            /* before a daemon that went away is asked again */
	CALL_MS = 5000,
	LINE_WIDTH_LEAST = 60,      /* below it a line is one text, not columns */
};

const struct help_row watch_help[] = {
	{ N_("watch [OPTION...]"), N_("tell the events as they happen, until it is interrupted") },
	{ N_("--after N"), N_("begin behind this event (else with the next one)") },
	{ N_("--communes CODE,..."), N_("only of these communes") },
	{ N_("--types TYPE,..."), N_("only of these types") },
	{ NULL, NULL },
};

struct watch {
	struct asker asker;
	struct out out;
	struct args args;
	int64_t after;              /* the last event that was told, or passed over */
	int stop_fd;                /* readable once the watching is to end */
	bool headed;                /* CSV has its first line */
	struct arena *passing;      /* one reading */
	struct arena *kept;         /* the words for codes */
};

static int
take_words(struct watch *w, int argc, char **argv, struct settings *s)
{
	for (int i = 0; i < argc; i++) {
		struct option_word word = option_split(argv[i]);
		struct buf why = { 0 };
		int part, field = word.dashed ? args_find(&w->args, word.name, &part) : -1;
		if (!word.dashed)
			return usage_error(_("one argument too many"), argv[i]);
		int e = 0;
		if (field < 0)
			e = option_global(argc, argv, &i, s);
		else if (!option_value(argc, argv, &i, &word))
			e = usage_error(_("this option needs a value"), argv[i]);
		else if (!args_set(&w->args, (unsigned)field, part, word.value, &why))
			e = usage_error(arena_printf(w->args.arena, "--%.*s %.*s", TEXT_ARG(word.name), TEXT_ARG(buf_view(&why))).ptr,
			                word.value.ptr);
		buf_free(&why);
		if (e)
			return e;
	}
	return 0;
}

/* One request; 0 with its answer (a result or an error), or -errno. */
static int
call(struct watch *w, const char *method, struct text params, int64_t wait_s, const struct json **ret_root)
{
	struct asker *a = &w->asker;
	struct buf frame = { 0 };
	a->params = arena_text(a->arena, params);
	buf_printf(&frame, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%.*s}", method, TEXT_ARG(params));
	buf_clear(&a->answer);
	int e = link_call(a->link, buf_view(&frame), CALL_MS + (int)wait_s * 1000, CALL_MS + (int)wait_s * 1000, false, &a->answer);
	buf_free(&frame);
	const struct json *root = e ? NULL : json_parse(arena_text(a->arena, buf_view(&a->answer)), a->arena, NULL);
	if (!e && !root)
		return -EPROTO;
	*ret_root = root;
	return e;
}

/* --- telling ------------------------------------------------------------------------------------- */

static void
tell(struct watch *w, const struct json *event)
{
	const struct out *o = &w->out;
	struct table t;
	struct text when = grid_words(o, event, "time", CODES_NONE), what = out_event_line(o, event);
	struct text dossier = grid_words(o, event, "subject", CODES_NONE);
	bool narrow = table_width(stdout) && table_width(stdout) < LINE_WIDTH_LEAST;
	table_init(&t, narrow ? 1 : 3, o->arena);
	t.coloured = o->coloured;
	struct text *row = table_row(&t);
	if (narrow) {
		row[0] = arena_printf(o->arena, "%.*s %.*s %.*s", TEXT_ARG(when), TEXT_ARG(dossier), TEXT_ARG(what));
	} else {
		row[0] = when;
		row[1] = dossier.len ? dossier : TEXT("-");
		row[2] = what;
	}
	table_colour(&t, t.columns - 1, grid_state_colour(o, event));
	table_print(&t, false, 0, stdout);
}

/* JSON is the exact text (raw). */
static void
tell_all(struct watch *w, const struct json *events)
{
	const struct out *o = &w->out;
	if (o->csv && (json_first(events) || !w->headed)) {
		grid_csv(o, events, &out_event_grid, 1, !w->headed);
		w->headed = true;
	}
	for (const struct json *e = json_first(events); e && !o->csv; e = json_next(e)) {
		if (o->json)
			printf("%.*s\n", TEXT_ARG(json_text(e)));
		else
			tell(w, e);
	}
	fflush(stdout);
}

/* --- the connection ------------------------------------------------------------------------------ */

static bool
stopped(const struct watch *w, int timeout_ms)
{
	struct pollfd fd = { w->stop_fd, POLLIN, 0 };
	return poll(&fd, 1, timeout_ms) > 0;
}

/* The words of this connection's daemon, kept until the next one. */
static void
learn_words(struct watch *w)
{
	if (w->out.json)
		return;
	arena_reset(w->kept);
	w->asker.arena = w->kept;
	w->out.programme = ask_programme(&w->asker);
	w->asker.arena = w->passing;
}

/* A daemon that is not there at the beginning is an error like with every verb. */
static int
begin(struct watch *w)
{
	const struct json *ping;
	const struct buf *after = &w->args.values[params_after];
	int e = ask_query(&w->asker, "server.ping", TEXT("{}"), &ping);
	if (e)
		return e;
	if (after->len)
		w->after = strtoll(arena_text(w->passing, buf_view(after)).ptr, NULL, 10);
	else
		json_int(json_get(ping, "sequence"), &w->after);
	learn_words(w);
	return 0;
}

/* Where the journal ends now. A shorter one than was read is another one: a copy was restored. */
static int
come_back(struct watch *w)
{
	const struct json *root;
	int64_t last;
	int e = call(w, "server.ping", TEXT("{}"), 0, &root);
	if (e)
		return e;
	if (!json_int(grid_at(root, "result.sequence"), &last))
		return -EPROTO;
	fprintf(stderr, _("ocop: %s answers again\n"), w->asker.settings->endpoint);
	if (last < w->after) {
		fprintf(stderr, _("ocop: the journal ends with event %lld, before event %lld: a copy was restored; going on from there\n"),
		        (long long)last, (long long)w->after);
		w->after = last;
	}
	learn_words(w);
	return 0;
}

static int
read_once(struct watch *w)
{
	const struct json *root;
	struct buf params = { 0 };
	struct args args = w->args;
	args.values[params_after] = (struct buf){ 0 };
	args_print(&args, &params);
	params.len--;
	buf_printf(&params, "%s\"after\":%lld,\"wait\":%d,\"lang\":\"%s\"%s}", params.len > 1 ? "," : "", (long long)w->after,
	           WAIT_S, w->out.lang == LANG_VI ? "vi" : "en", w->out.json ? ",\"raw\":true" : "");
	int e = call(w, "event.read", buf_view(&params), WAIT_S, &root);
	buf_free(&params);
	if (e)
		return e;
	if (json_get(root, "error"))
		return ask_error(&w->asker, json_get(root, "error"));
	const struct json *result = json_get(root, "result");
	if (!json_int(json_get(result, "position"), &w->after))
		return -EPROTO;
	tell_all(w, json_get(result, "events"));
	return ferror(stdout) ? EX_IOERR : 0;
}

/* Until it is stopped, 0; or the exit code of what can't be mended by waiting. */
static int
watch(struct watch *w)
{
	bool away = false;
	while (!stopped(w, away ? PAUSE_MS : 0)) {
		arena_reset(w->passing);
		int e = away ? come_back(w) : read_once(w);
		if (e > 0)
			return e;
		if (e < 0 && e != -EINTR && !away)
			fprintf(stderr, _("ocop: no answer from %s; trying again\n"), w->asker.settings->endpoint);
		away = e < 0;
	}
	return 0;
}

/* Before any thread of libzmq is there, which would take the signals as they are by default. */
static int
stop_fd(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int
watch_run(int argc, char **argv, struct settings *s, struct arena *arena)
{
	struct watch *w = xcalloc(1, sizeof *w);
	w->passing = arena_new();
	w->kept = arena_new();
	args_init(&w->args, FIELD(params, after) | FIELD(params, communes) | FIELD(params, types), arena);
	int e = take_words(w, argc, argv, s);
	if (!e) {
		w->stop_fd = stop_fd();
		e = ask_open(&w->asker, s, arena);
	}
	if (!e) {
		w->asker.arena = w->passing;
		w->out = out_for(s, stdout, w->passing);
		link_watch(w->asker.link, w->stop_fd);
		e = begin(w);
		e = stopped(w, 0) ? 0 : e ? e : watch(w);
	}
	ask_close(&w->asker);
	args_free(&w->args);
	arena_destroy(&w->passing);
	arena_destroy(&w->kept);
	free(w);
	return e;
}
