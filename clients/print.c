/* `ocop print`: a paper of a dossier as PDF or HTML. */
#include "clients/print.h"

#include "clients/options.h"
#include "clients/print_gather.h"
#include "clients/print_html.h"
#include "clients/values.h"
#include "clients/whole_file.h"
#include "proto/beside.h"
#include "proto/i18n.h"
#include "proto/utf8.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

struct print_words {
	struct print_order order;
	const char *kind, *format, *output, *templates;
	bool html;
};

const struct help_row print_help[] = {
	{ N_("print KIND DOSSIER [OPTION...]"), N_("make a paper of a dossier, as PDF or HTML") },
#define FORM(name, methods, draft, need, summary) { name, summary },
#include "clients/print_forms.def"
	{ "--format pdf|html", N_("what to make (by the output's name, else pdf)") },
	{ "--output FILE", N_("where to; it appears whole or not at all (standard output)") },
	{ "--member SEAT", N_("sheet: whose, by the seat in the council") },
	{ "--empty", N_("sheet: not filled in, also where the member has handed one in") },
	{ "--number TEXT", N_("the paper's own number (left to be filled in)") },
	{ "--date DATE", N_("its date (the day of the act it documents)") },
	{ "--place TEXT", N_("where it is signed (as the template has it)") },
	{ "--signer TEXT", N_("who signs") },
	{ "--templates DIR", N_("the folder of the papers' texts") },
	{ NULL, NULL },
};

/* --- what was asked for -------------------------------------------------------------------------- */

static const char *
known_kinds(struct arena *arena)
{
	struct buf names = { 0 };
	const struct print_form *form;
	for (size_t i = 0; (form = print_form_item(i)); i++)
		buf_printf(&names, "%s%s", i ? ", " : "", form->name);
	const char *text = arena_text(arena, buf_view(&names)).ptr;
	buf_free(&names);
	return text;
}

static int
take_words(int argc, char **argv, struct settings *s, struct print_words *w)
{
	struct { const char *name; const char **value; } options[] = {
		{ "format", &w->format }, { "output", &w->output }, { "member", &w->order.member },
		{ "number", &w->order.number }, { "date", &w->order.date }, { "place", &w->order.place },
		{ "signer", &w->order.signer }, { "templates", &w->templates },
	};
	for (int i = 0; i < argc; i++) {
		struct option_word word = option_split(argv[i]);
		size_t o = 0;
		while (o < countof(options) && !(word.dashed && text_is(word.name, options[o].name)))
			o++;
		if (o < countof(options)) {
			if (!option_value(argc, argv, &i, &word))
				return usage_error(_("this option needs a value"), argv[i]);
			*options[o].value = word.value.ptr;
		} else if (word.dashed && text_is(word.name, "empty") && !word.value.ptr) {
			w->order.empty = true;
		} else if (word.dashed) {
			int e = option_global(argc, argv, &i, s);
			if (e)
				return e;
		} else if (!w->kind) {
			w->kind = argv[i];
		} else if (!w->order.dossier) {
			w->order.dossier = argv[i];
		} else {
			return usage_error(_("one argument too many"), argv[i]);
		}
	}
	if (s->json)
		return usage_error(_("a paper is PDF or HTML (--format)"), "--json");
	return option_no_dry(s, "print");
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), more = strlen(end);
	return len > more && !strcmp(text + len - more, end);
}

static int
check_format(struct print_words *w)
{
	if (w->format && strcmp(w->format, "pdf") && strcmp(w->format, "html"))
		return usage_error(_("--format is pdf or html"), w->format);
	if (w->output && !strcmp(w->output, "-"))
		w->output = NULL;
	w->html = w->format ? !strcmp(w->format, "html") : w->output && ends_with(w->output, ".html");
	if (!w->html && !w->output && isatty(STDOUT_FILENO))
		return usage_error(_("a PDF is nothing for a terminal: --output FILE, or --format html"), NULL);
	return EX_OK;
}

static int
check(struct print_words *w, struct arena *arena)
{
	const char *texts[] = { w->order.dossier, w->order.member, w->order.number, w->order.place, w->order.signer };
	int64_t day;
	char date[DAY_LEN + 1];
	w->order.form = w->kind ? print_form_find(text_of(w->kind)) : NULL;
	if (!w->order.form)
		return usage_error(arena_printf(arena, _("which paper? there are %s"), known_kinds(arena)).ptr, w->kind);
	if (!w->order.dossier)
		return usage_error(_("DOSSIER is needed: its number, as KN-2020-0001"), NULL);
	if ((w->order.member || w->order.empty) && w->order.form->need != NEED_CRITERIA)
		return usage_error(_("--member and --empty go with sheet only"), NULL);
	for (size_t i = 0; i < countof(texts); i++)
		if (texts[i] && !utf8_valid(text_of(texts[i])))
			return usage_error(_("is not UTF-8"), texts[i]);
	if (w->order.date) {
		if (!value_day(text_of(w->order.date), &day))
			return usage_error(_("must be a date, YYYY-MM-DD or dd/mm/yyyy"), w->order.date);
		day_print(day, date);
		w->order.date = arena_text(arena, text_of(date)).ptr;
	}
	return check_format(w);
}

/* --- the page ------------------------------------------------------------------------------------ */

static int
bad_template(struct complaints *complaints)
{
	fprintf(stderr, "%.*s", TEXT_ARG(buf_view(&complaints->text)));
	buf_free(&complaints->text);
	return EX_DATAERR;
}

/* The template with the lines it would give at most: whatever is wrong with it is said before the
 * daemon is asked. */
static int
load_template(const struct print_words *w, struct arena *arena, const char **ret_file, const struct template **ret)
{
	static const char *const places[] = { "../config/print", "../../config/print", "../share/ocopd/print" };
	struct complaints complaints = { 0 };
	struct buf outline = { 0 };
	struct text folder = w->templates ? text_of(w->templates) : beside_program(places, countof(places), arena);
	if (!folder.ptr)
		return usage_error(_("the papers' texts are not beside the program: --templates DIR"), NULL);
	*ret_file = arena_printf(arena, "%.*s/%s.txt", TEXT_ARG(folder), w->order.form->name).ptr;
	struct text text = template_file(*ret_file, arena, &complaints);
	*ret = text.ptr ? template_read(&print_vocabulary, *ret_file, 1, text, arena, &complaints) : NULL;
	if (*ret) {
		template_outline(*ret, arena, &outline);
		page_parse(*ret_file, buf_view(&outline), arena, &complaints);
		buf_free(&outline);
	}
	return complaints.errors ? bad_template(&complaints) : EX_OK;
}

/* --- where it goes ------------------------------------------------------------------------------- */

static int
cannot_write(const char *output, int e)
{
	fprintf(stderr, _("ocop: %s can't be written: %s\n"), output ? output : _("standard output"), strerror(-e));
	return EX_CANTCREAT;
}

/* The maker of PDFs is a program of its own, so that nobody else waits for its libraries. */
static int
run_maker(const struct print_words *w, const char *file, const struct settings *s, struct text lines, int fd,
          struct arena *arena)
{
	static const char *const places[] = { "ocop-print", "../libexec/ocopd/ocop-print" };
	struct text maker = beside_program(places, countof(places), arena);
	const char *lang = s->lang == LANG_VI ? "vi" : "en";
	const char *const argv[] = { "ocop-print", "--lang", lang, "--name", file, w->output ? "--output" : NULL, w->output, NULL };
	extern char **environ;
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status = 0;
	if (!maker.ptr) {
		fputs(_("ocop: the program ocop-print is not there; --format html does without it\n"), stderr);
		return EX_UNAVAILABLE;
	}
	int input = memfd_create("page", MFD_CLOEXEC), e = input < 0 ? -errno : whole_write(input, lines);
	if (!e && lseek(input, 0, SEEK_SET) < 0)
		e = -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
	if (!e)
		e = -posix_spawn(&pid, maker.ptr, &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (input >= 0)
		close(input);
	while (!e && waitpid(pid, &status, 0) < 0)
		e = errno == EINTR ? 0 : -errno;
	if (e) {
		fprintf(stderr, "ocop: ocop-print: %s\n", strerror(-e));
		return EX_OSERR;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
}

static int
make(const struct print_words *w, const char *file, const struct settings *s, struct text lines, const struct page *page,
     int fd, struct arena *arena)
{
	struct buf html = { 0 };
	if (!w->html)
		return run_maker(w, file, s, lines, fd, arena);
	print_html(page, &html);
	int e = whole_write(fd, buf_view(&html));
	buf_free(&html);
	return e ? cannot_write(w->output, e) : EX_OK;
}

static int
put_out(const struct print_words *w, const char *file, const struct settings *s, struct text lines, const struct page *page,
        struct arena *arena)
{
	struct whole_file whole;
	if (!w->output)
		return make(w, file, s, lines, page, STDOUT_FILENO, arena);
	int e = whole_begin(&whole, w->output, arena);
	if (e)
		return cannot_write(w->output, e);
	int code = make(w, file, s, lines, page, whole.fd, arena);
	if (code) {
		whole_abandon(&whole);
		return code;
	}
	e = whole_end(&whole, whole_mode(), false, arena);
	return e ? cannot_write(w->output, e) : EX_OK;
}

/* --- the verb ------------------------------------------------------------------------------------ */

int
print_run(int argc, char **argv, struct settings *s, struct arena *arena)
{
	struct print_words w = { 0 };
	struct print_facts facts = { .day = NONE };
	struct complaints complaints = { 0 };
	struct buf lines = { 0 };
	const struct template *template = NULL;
	const char *file = NULL;
	int e = take_words(argc, argv, s, &w);
	if (!e)
		e = check(&w, arena);
	if (!e)
		e = load_template(&w, arena, &file, &template);
	if (!e)
		e = print_gather(&w.order, s, arena, &facts);
	if (e)
		return e;
	template_write(template, &facts, arena, &lines);
	/* One form for all text, however it was typed: what is on paper can be searched for. */
	struct text composed = utf8_compose(buf_view(&lines), arena);
	buf_free(&lines);
	const struct page *page = page_parse(file, composed, arena, &complaints);
	return page ? put_out(&w, file, s, composed, page, arena) : bad_template(&complaints);
}
