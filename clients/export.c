/* `ocop export`: gathers, and writes a file that appears whole or not at all. */
#include "clients/export.h"

#include "clients/export_parts.h"
#include "clients/options.h"
#include "clients/whole_file.h"
#include "proto/beside.h"
#include "proto/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

const struct help_row export_help[] = {
	{ N_("export --xlsx FILE | --csv | --json [--output FILE]"), N_("the register, as `ocop import` reads it, and the reports") },
	{ "--xlsx FILE", N_("a workbook: a sheet each for the register, the figures, what is due, who has not been heard, feeds") },
	{ "--csv", N_("the register alone, in UTF-8 with a mark, as Excel opens it") },
	{ "--json", N_("the records of all dossiers and the reports, as the daemon gives them") },
	{ "--output FILE", N_("where to; it appears whole or not at all (standard output; the format also by its name)") },
	{ "--separator C", N_("of CSV: a comma (the usual), a semicolon or a tab; Excel wants its own country's") },
	{ NULL, NULL },
};

struct words {
	const char *output, *separator;
	enum export_format format;
};

/* --- what was asked for -------------------------------------------------------------------------- */

static int
set_format(struct words *w, enum export_format format)
{
	if (w->format && w->format != format)
		return usage_error(_("one of --xlsx, --csv and --json"), NULL);
	w->format = format;
	return EX_OK;
}

static int
take_words(int argc, char **argv, struct settings *s, struct words *w)
{
	for (int i = 0; i < argc; i++) {
		struct option_word word = option_split(argv[i]);
		bool xlsx = text_is(word.name, "xlsx"), output = text_is(word.name, "output");
		int e = EX_OK;
		if (!word.dashed) {
			e = usage_error(_("one argument too many"), argv[i]);
		} else if (text_is(word.name, "csv") && !word.value.ptr) {
			e = set_format(w, EXPORT_CSV);
		} else if (xlsx || output || text_is(word.name, "separator")) {
			if (!option_value(argc, argv, &i, &word))
				return usage_error(_("this option needs a value"), argv[i]);
			if (xlsx)
				e = set_format(w, EXPORT_XLSX);
			if (!xlsx && !output)
				w->separator = word.value.ptr;
			else if (w->output)
				e = usage_error(_("one FILE only"), word.value.ptr);
			else
				w->output = word.value.ptr;
		} else {
			e = option_global(argc, argv, &i, s);
		}
		if (e)
			return e;
	}
	return EX_OK;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), more = strlen(end);
	return len > more && !strcmp(text + len - more, end);
}

static int
check(struct words *w, const struct settings *s)
{
	static const struct {
		const char *end;
		enum export_format format;
	} ends[] = { { ".xlsx", EXPORT_XLSX }, { ".csv", EXPORT_CSV }, { ".json", EXPORT_JSON } };
	if (s->json && set_format(w, EXPORT_JSON))
		return EX_USAGE;
	if (w->output && !strcmp(w->output, "-"))
		w->output = NULL;
	for (size_t i = 0; i < countof(ends) && w->output && !w->format; i++)
		if (ends_with(w->output, ends[i].end))
			w->format = ends[i].format;
	if (!w->format)
		return usage_error(_("--xlsx FILE, --csv or --json?"), w->output);
	if (w->format == EXPORT_XLSX && !w->output)
		return usage_error(_("a workbook is a FILE"), NULL);
	if (w->separator && (strlen(w->separator) != 1 || !strchr(",;\t", *w->separator)))
		return usage_error(_("--separator is a comma, a semicolon or a tab"), w->separator);
	if (w->separator && w->format != EXPORT_CSV)
		return usage_error(_("--separator goes with --csv"), NULL);
	return EX_OK;
}

/* --- the maker of workbooks ---------------------------------------------------------------------- */

/* A program of its own, so that nobody else waits for its libraries. It reads rows from the pipe and
 * writes the open file, which messages call `name`. 0, or an exit code. */
static int
maker_start(const char *name, int file_fd, enum lang lang, struct arena *arena, int *ret_fd, pid_t *ret_pid)
{
	static const char *const places[] = { "ocop-export", "../libexec/ocopd/ocop-export" };
	struct text maker = beside_program(places, countof(places), arena);
	const char *const argv[] = { "ocop-export", "--lang", lang == LANG_VI ? "vi" : "en", "--output", name, NULL };
	extern char **environ;
	posix_spawn_file_actions_t actions;
	int ends[2];
	if (!maker.ptr) {
		fputs(_("ocop: the program ocop-export is not there; --csv does without it\n"), stderr);
		return EX_UNAVAILABLE;
	}
	int e = pipe2(ends, O_CLOEXEC) ? -errno : 0;
	if (!e) {
		posix_spawn_file_actions_init(&actions);
		posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
		posix_spawn_file_actions_adddup2(&actions, file_fd, STDOUT_FILENO);
		e = -posix_spawn(ret_pid, maker.ptr, &actions, NULL, (char *const *)argv, environ);
		posix_spawn_file_actions_destroy(&actions);
		close(ends[0]);
		if (e)
			close(ends[1]);
	}
	if (e) {
		fprintf(stderr, "ocop: ocop-export: %s\n", strerror(-e));
		return EX_OSERR;
	}
	*ret_fd = ends[1];
	return 0;
}

static int
maker_end(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EX_OSERR;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	fprintf(stderr, _("ocop: ocop-export ended by signal %d\n"), WTERMSIG(status));
	return EX_SOFTWARE;
}

/* --- what is written ----------------------------------------------------------------------------- */

int
export_query(struct export *x, const char *method, struct text params, const struct json **ret)
{
	/* The params may stand in what is given back here. */
	x->params.len = 0;
	buf_text(&x->params, params);
	arena_reset(x->page);
	return ask_query(&x->asker, method, buf_view(&x->params), ret);
}

static int
cannot_write(const char *output, int e)
{
	fprintf(stderr, _("ocop: %s can't be written: %s\n"), output ? output : _("standard output"), strerror(-e));
	return EX_CANTCREAT;
}

static int
write_workbook(struct export *x, struct sink *sink, const char *name)
{
	pid_t pid;
	/* A maker that ends before its time tells why itself. */
	signal(SIGPIPE, SIG_IGN);
	int code = maker_start(name, sink->fd, x->settings->lang, x->arena, &sink->fd, &pid);
	if (code)
		return code;
	int e = export_register(x, sink);
	if (!e)
		e = export_reports(x, sink);
	/* What is not whole must not become a workbook. */
	if (e > 0)
		kill(pid, SIGTERM);
	close(sink->fd);
	code = maker_end(pid);
	return e > 0 ? e : code ? code : e;
}

/* Everything into an open file. An exit code. */
static int
write_out(struct export *x, struct sink *sink, const struct words *w)
{
	int e;
	if (w->format == EXPORT_XLSX)
		e = write_workbook(x, sink, w->output);
	else
		e = w->format == EXPORT_CSV ? export_register(x, sink) : export_json(x, sink);
	return e < 0 ? cannot_write(w->output, e) : e;
}

static int
write_file(struct export *x, struct sink *sink, const struct words *w)
{
	struct whole_file whole;
	if (!w->output)
		return write_out(x, sink, w);
	int e = whole_begin(&whole, w->output, x->arena);
	if (!e && w->format == EXPORT_XLSX && !whole.aside) {
		whole_abandon(&whole);
		return usage_error(_("a workbook is a FILE"), w->output);
	}
	if (e)
		return cannot_write(w->output, e);
	sink->fd = whole.fd;
	int code = write_out(x, sink, w);
	if (code) {
		whole_abandon(&whole);
		return code;
	}
	e = whole_end(&whole, whole_mode(), false, x->arena);
	return e ? cannot_write(w->output, e) : EX_OK;
}

/* --- the export ---------------------------------------------------------------------------------- */

/* What is needed before the first row, in an arena that outlives the answers. */
static int
prepare(struct export *x, const struct words *w)
{
	const struct json *status;
	x->asker.arena = x->arena;
	int e = ask_query(&x->asker, "workflow.get", TEXT("{}"), &x->workflow);
	x->asker.arena = x->page;
	if (!e)
		e = export_query(x, "server.status", TEXT("{}"), &status);
	if (e)
		return e;
	/* A commune is not told how many there are. */
	if (!json_int(json_get(status, "dossiers"), &x->dossiers))
		x->dossiers = 0;
	return w->format == EXPORT_JSON ? 0 : facts_read(x);
}

int
export_run(int argc, char **argv, struct settings *s, struct arena *arena)
{
	struct words w = { 0 };
	struct export x = { .settings = s, .arena = arena };
	int e = take_words(argc, argv, s, &w);
	if (!e)
		e = check(&w, s);
	if (!e)
		e = ask_open(&x.asker, s, arena);
	if (e)
		return e;
	struct sink sink = { .format = w.format, .fd = STDOUT_FILENO, .separator = w.separator ? *w.separator : ',', .lang = s->lang };
	x.page = arena_new();
	e = prepare(&x, &w);
	if (!e)
		e = write_file(&x, &sink, &w);
	ask_close(&x.asker);
	facts_free(&x.facts);
	buf_free(&x.params);
	buf_free(&sink.out);
	arena_destroy(&x.page);
	return e;
}
