/* `ocop journal export`: every event's exact text, one a line, through the daemon. */
#include "clients/journal.h"

#include "clients/ask.h"
#include "clients/options.h"
#include "clients/progress.h"
#include "clients/whole_file.h"
#include "proto/i18n.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { PAGE = 1000, DIGITS_MAX = 15 };

const struct help_row journal_help[] = {
	{ N_("journal export|verify [FILE...] [OPTION...]"), N_("the journal's events, one a line, and whether their hash chain holds") },
	{ "export", N_("every event's exact text, as it is stored (roles admin, steering, secretary)") },
	{ "verify FILE...", N_("without a daemon: sequence, prevhash, JSON; the first bad line, and 1; - is standard input") },
	{ "--after N", N_("export: what came after event N") },
	{ "--output FILE", N_("export: where to; it appears whole or not at all (standard output)") },
	{ NULL, NULL },
};

struct job {
	struct asker ask;
	struct arena *page;
	struct chain chain;
	int64_t at, end;            /* what has been written, and where the journal ended when we came */
	const char *output;
	int fd;
	struct buf out;
};

/* --- a page -------------------------------------------------------------------------------------- */

static int
read_events(struct job *j, const char *types, const struct json **ret_events, int64_t *ret_position)
{
	const struct json *result;
	struct text params = arena_printf(j->page, "{\"after\":%lld,\"limit\":%d,\"raw\":true%s}", (long long)j->at, PAGE, types);
	int e = ask_query(&j->ask, "event.read", params, &result);
	if (e)
		return e;
	*ret_events = json_get(result, "events");
	return json_int(json_get(result, "position"), ret_position) ? 0 : EX_PROTOCOL;
}

/* The texts of both lists up to `until`, in order. What this account does not see is a hole in the chain. */
static int
write_page(struct job *j, const struct json *dossiers, const struct json *feeds, int64_t until)
{
	struct buf why = { 0 };
	const struct json *lists[] = { json_first(dossiers), json_first(feeds) };
	j->out.len = 0;
	while (j->at < until) {
		const struct json **next = NULL;
		for (size_t l = 0; l < countof(lists) && !next; l++)
			if (lists[l] && chain_sequence(json_text(lists[l]), j->page) == j->at + 1)
				next = &lists[l];
		if (!next) {
			fprintf(stderr, _("ocop: this account does not see event %lld; the whole journal is for the roles admin, steering and secretary\n"),
			        (long long)j->at + 1);
			return EX_NOPERM;
		}
		if (!chain_add(&j->chain, json_text(*next), j->page, &why)) {
			fprintf(stderr, "ocop: %.*s\n", TEXT_ARG(buf_view(&why)));
			buf_free(&why);
			return 1;
		}
		buf_text(&j->out, json_text(*next));
		buf_byte(&j->out, '\n');
		*next = json_next(*next);
		j->at++;
	}
	int e = whole_write(j->fd, buf_view(&j->out));
	if (e)
		fprintf(stderr, _("ocop: %s can't be written: %s\n"), j->output ? j->output : _("standard output"), strerror(-e));
	return e ? EX_IOERR : 0;
}

/* Events of feeds are given only to who names them, so there are two readings of each stretch. */
static int
run_page(struct job *j)
{
	const struct json *dossiers, *feeds;
	int64_t position, other;
	int e = read_events(j, "", &dossiers, &position);
	if (!e)
		e = read_events(j, ",\"types\":[\"feed.opened\",\"feed.acknowledged\",\"feed.failed\",\"feed.closed\"]", &feeds, &other);
	if (e)
		return e;
	if (other < position)
		position = other;
	if (position > j->end)
		position = j->end;
	if (position > j->at)
		return write_page(j, dossiers, feeds, position);
	fputs(_("ocop: the journal ends earlier than it did a moment ago\n"), stderr);
	return EX_PROTOCOL;
}

/* --- the whole ----------------------------------------------------------------------------------- */

static int
run_pages(struct job *j, const struct settings *s)
{
	struct progress progress;
	const struct json *ping;
	int64_t from = j->at;
	int e = ask_query(&j->ask, "server.ping", TEXT("{}"), &ping);
	if (!e && !json_int(json_get(ping, "sequence"), &j->end))
		e = EX_PROTOCOL;
	if (e)
		return e;
	progress_begin(&progress, _("Exporting"), j->end - from, s->quiet);
	while (!e && j->at < j->end) {
		arena_reset(j->page);
		e = run_page(j);
		progress_at(&progress, j->at - from);
	}
	progress_end(&progress);
	return e;
}

static int
cannot_write(const char *output, int e)
{
	fprintf(stderr, _("ocop: %s can't be written: %s\n"), output, strerror(-e));
	return EX_CANTCREAT;
}

static int
export_to(struct job *j, const struct settings *s, struct arena *arena)
{
	struct whole_file whole;
	j->fd = STDOUT_FILENO;
	if (!j->output)
		return run_pages(j, s);
	int e = whole_begin(&whole, j->output, arena);
	if (e)
		return cannot_write(j->output, e);
	j->fd = whole.fd;
	int code = run_pages(j, s);
	if (code) {
		whole_abandon(&whole);
		return code;
	}
	e = whole_end(&whole, whole_mode(), false, arena);
	if (e)
		return cannot_write(j->output, e);
	journal_print_done(&j->chain, s);
	return EX_OK;
}

static int
journal_export(const char *after, const char *output, struct settings *s, struct arena *arena)
{
	struct job *j = xcalloc(1, sizeof *j);
	size_t digits = after ? strspn(after, "0123456789") : 1;
	int e = EX_OK;
	if (!digits || digits > DIGITS_MAX || (after && after[digits]))
		e = usage_error(_("--after is the number of an event"), after);
	j->at = after && !e ? strtoll(after, NULL, 10) : 0;
	j->output = output && strcmp(output, "-") ? output : NULL;
	if (!e)
		e = ask_open(&j->ask, s, arena);
	if (!e) {
		j->page = j->ask.arena = arena_new();
		e = export_to(j, s, arena);
		ask_close(&j->ask);
		arena_destroy(&j->page);
	}
	buf_free(&j->out);
	free(j);
	return e;
}

void
journal_print_done(const struct chain *c, const struct settings *s)
{
	int64_t count = c->last ? c->last - c->first + 1 : 0;
	if (s->json)
		printf("{\"events\":%lld,\"first\":%lld,\"last\":%lld,\"hash\":\"%s\"}\n", (long long)count, (long long)c->first,
		       (long long)c->last, c->hash);
	else if (!s->quiet)
		printf(_("%lld events, %lld to %lld, every one follows from the one before; hash of the last: %s\n"), (long long)count,
		       (long long)c->first, (long long)c->last, c->hash);
}

int
journal_run(int argc, char **argv, struct settings *s, struct arena *arena)
{
	const char *after = NULL, *output = NULL;
	char **files = arena_array(arena, (size_t)argc + 1, sizeof *files);
	int count = 0;
	bool verify = argc && !strcmp(argv[0], "verify");
	if (!verify && !(argc && !strcmp(argv[0], "export")))
		return usage_error(_("journal export or journal verify"), argc ? argv[0] : NULL);
	for (int i = 1; i < argc; i++) {
		struct option_word word = option_split(argv[i]);
		const char **value = verify ? NULL : text_is(word.name, "after") ? &after : text_is(word.name, "output") ? &output : NULL;
		int e = EX_OK;
		if (!word.dashed)
			files[count++] = argv[i];
		else if (!value)
			e = option_global(argc, argv, &i, s);
		else if (!option_value(argc, argv, &i, &word))
			e = usage_error(_("this option needs a value"), argv[i]);
		else
			*value = word.value.ptr;
		if (e)
			return e;
	}
	if (verify && !count)
		return usage_error(_("which FILE?"), NULL);
	if (!verify && count)
		return usage_error(_("one argument too many"), files[0]);
	return verify ? journal_verify(files, count, s) : journal_export(after, output, s, arena);
}
