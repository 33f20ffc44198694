/* ocop, the shell's client: a verb for every method. */
#include "clients/args.h"
#include "clients/complete.h"
#include "clients/entry.h"
#include "clients/help.h"
#include "clients/options.h"
#include "clients/request.h"
#include "clients/suggest.h"
#include "proto/i18n.h"
#include "proto/json.h"
#include "proto/version.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { FROM_BYTES_MAX = 1024 * 1024 };

/* A command line on its way to a request. */
struct request {
	const struct verb *verb;
	struct text method;         /* of `call`; absent until it came */
	struct args args;
	int bare;                   /* bare arguments taken so far */
	bool help;
};

/* --- the words behind the verb ------------------------------------------------------------------- */

static int
set_field(struct request *c, unsigned field, int part, struct text value)
{
	struct buf why = { 0 };
	if (args_set(&c->args, field, part, value, &why))
		return 0;
	struct text name = args_name(field, part, c->args.arena);
	int e = usage_error(arena_printf(c->args.arena, "--%.*s %.*s", TEXT_ARG(name), TEXT_ARG(buf_view(&why))).ptr,
	                    value.ptr);
	buf_free(&why);
	return e;
}

static int
take_bare(struct request *c, char *word)
{
	if (!c->verb->method && !c->method.ptr) {
		c->method = text_of(word);
		return 0;
	}
	if (c->bare == BARE_MAX || c->verb->bare[c->bare] == BARE_NONE)
		return usage_error(_("one argument too many"), word);
	return set_field(c, (unsigned)c->verb->bare[c->bare++], -1, text_of(word));
}

/* The verb's own options come first: `deadline --from` is a day. */
static int
take_option(struct request *c, struct settings *s, int argc, char **argv, int *i)
{
	struct option_word word = option_split(argv[*i]);
	int part, field = args_find(&c->args, word.name, &part);
	if (text_is(word.name, "help")) {
		c->help = true;
		return 0;
	}
	if (field < 0)
		return option_global(argc, argv, i, s);
	if (part < 0 && args_is_flag((unsigned)field)) {
		if (!word.value.ptr)
			word.value = TEXT("yes");
	} else if (!option_value(argc, argv, i, &word)) {
		return usage_error(_("this option needs a value"), argv[*i]);
	}
	return set_field(c, (unsigned)field, part, word.value);
}

static int
take_words(struct request *c, struct settings *s, int argc, char **argv)
{
	bool options = true;
	for (int i = 0; i < argc; i++) {
		int e = 0;
		if (options && !strcmp(argv[i], "--"))
			options = false;
		else if (options && option_split(argv[i]).dashed)
			e = take_option(c, s, argc, argv, &i);
		else
			e = take_bare(c, argv[i]);
		if (e)
			return e;
	}
	return 0;
}

/* --- --from -------------------------------------------------------------------------------------- */

static int
read_all(const char *path, struct buf *ret)
{
	int fd = !strcmp(path, "-") ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC), e = 0;
	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t n = read(fd, buf_room(ret, 4096), 4096);
		if (n > 0)
			ret->len += (size_t)n;
		if (n == 0 || ret->len > FROM_BYTES_MAX)
			break;
		if (n < 0 && errno != EINTR) {
			e = -errno;
			break;
		}
	}
	if (fd != STDIN_FILENO)
		close(fd);
	return e ? e : ret->len > FROM_BYTES_MAX ? -EFBIG : 0;
}

static int
bad_file(const struct settings *s, const char *what)
{
	fprintf(stderr, "ocop: %s: %s\n", s->from, what);
	return EX_DATAERR;
}

static int
load_base(struct request *c, const struct settings *s)
{
	struct buf text = { 0 };
	size_t at = 0;
	if (!s->from)
		return 0;
	int e = read_all(s->from, &text);
	if (e < 0) {
		buf_free(&text);
		return bad_file(s, strerror(-e));
	}
	const struct json *base = json_parse(arena_text(c->args.arena, buf_view(&text)), c->args.arena, &at);
	buf_free(&text);
	if (!base)
		return bad_file(s, arena_printf(c->args.arena, _("no JSON; the fault is at byte %zu"), at).ptr);
	if (json_type(base) != JSON_OBJECT)
		return bad_file(s, _("the params must be one JSON object"));
	struct text twice = json_duplicate(base, c->args.arena);
	if (twice.ptr)
		return bad_file(s, arena_printf(c->args.arena, _("\"%.*s\" stands twice"),
		                                TEXT_ARG(twice)).ptr);
	c->args.base = base;
	return 0;
}

/* --- the request --------------------------------------------------------------------------------- */

static int
run(struct request *c, struct settings *s)
{
	struct args *args = &c->args;
	struct text method = c->verb->method ? text_of(c->verb->method) : c->method;
	struct text key = { 0 };
	int e = load_base(c, s);
	if (e)
		return e;
	if (!method.ptr)
		return usage_error(_("METHOD is needed"), NULL);
	if (c->verb->method && c->verb->kind != WRITE && (e = option_no_dry(s, c->verb->name)))
		return e;
	if (entry_wanted(c->verb, args, s))
		return entry_run(c->verb, args, s);
	args->takes |= FIELD(params, lang) | FIELD(params, key);
	if (s->request_key)
		key = text_of(s->request_key);
	else if (args->base && json_get(args->base, "key"))
		key = json_text(json_get(args->base, "key"));
	else if (c->verb->kind == WRITE)
		key = request_key(args->arena);
	e = set_field(c, params_lang, -1, text_of(s->lang == LANG_VI ? "vi" : "en"));
	if (!e && key.ptr)
		e = set_field(c, params_key, -1, key);
	if (!e && s->dry_run)
		e = set_field(c, params_dry, -1, TEXT("yes"));
	/* The whole journal is what a bare `events` is asked for. */
	if (!e && args->takes & FIELD(params, after) && !args_has(args, params_after))
		e = set_field(c, params_after, -1, TEXT("0"));
	if (e)
		return e;
	struct buf params = { 0 };
	args_print(args, &params);
	e = request_run(s, method, buf_view(&params), c->verb->kind == READ || key.ptr, key.ptr, args->arena);
	buf_free(&params);
	return e;
}

static int
run_verb(const struct verb *verb, int argc, char **argv, struct settings *s, struct arena *arena)
{
	struct request *c = xcalloc(1, sizeof *c);
	c->verb = verb;
	args_init(&c->args, verb->takes | (verb->kind == WRITE ? FIELD(params, version) : 0), arena);
	int e = take_words(c, s, argc, argv);
	if (!e && c->help)
		help_verb(verb);
	else if (!e)
		e = run(c, s);
	args_free(&c->args);
	free(c);
	return e;
}

static int
run_command(const struct command *command, int argc, char **argv, struct settings *s, struct arena *arena)
{
	bool csv = s->csv;
	for (int i = 0; i < argc && strcmp(argv[i], "--"); i++) {
		struct option_word word = option_split(argv[i]);
		if (word.dashed && text_is(word.name, "help")) {
			help_command(command);
			return EX_OK;
		}
		csv |= word.dashed && text_is(word.name, "csv");
	}
	if (csv && !command->rows)
		return usage_error(_("--csv is only for what has rows"), command->name);
	return command->run(argc, argv, s, arena);
}

/* --- which verb ---------------------------------------------------------------------------------- */

static int
run_help(int argc, char **argv)
{
	const struct verb *verb = argc ? verb_find(text_of(argv[0])) : NULL;
	const struct command *command = argc ? command_find(text_of(argv[0])) : NULL;
	if (command)
		help_command(command);
	else if (verb)
		help_verb(verb);
	else if (argc && option_split(argv[0]).dashed == false)
		return suggest_verb(argv[0]);
	else
		help_all();
	return EX_OK;
}

static int
run_words(int argc, char **argv, struct settings *s, struct arena *arena)
{
	int i = 0;
	for (; i < argc && option_split(argv[i]).dashed; i++) {
		struct text name = option_split(argv[i]).name;
		if (text_is(name, "help"))
			return run_help(0, NULL);
		if (text_is(name, "version")) {
			puts("ocop " OCOP_VERSION);
			return EX_OK;
		}
		int e = option_global(argc, argv, &i, s);
		if (e)
			return e;
	}
	if (i == argc)
		return usage_error(_("which verb?"), NULL);
	const char *word = argv[i++];
	s->verb = word;
	if (!strcmp(word, "help"))
		return run_help(argc - i, argv + i);
	if (!strcmp(word, "__complete"))
		return complete_run(argc - i, argv + i, s, arena);
	const struct command *command = command_find(text_of(word));
	const struct verb *verb = command ? NULL : verb_find(text_of(word));
	if (command || verb)
		usage_of(word);
	if (command)
		return run_command(command, argc - i, argv + i, s, arena);
	if (!verb)
		return suggest_verb(word);
	return run_verb(verb, argc - i, argv + i, s, arena);
}

int
main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	struct complaints complaints = { 0 };
	struct settings settings;
	int e = EX_CONFIG;
	if (settings_load(&settings, arena, &complaints))
		e = run_words(argc - 1, argv + 1, &settings, arena);
	else
		fprintf(stderr, "%.*s", TEXT_ARG(buf_view(&complaints.text)));
	buf_free(&complaints.text);
	arena_destroy(&arena);
	if (fflush(stdout) || ferror(stdout)) {
		perror("ocop");
		return EX_IOERR;
	}
	return e;
}
