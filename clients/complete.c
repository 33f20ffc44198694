/* `ocop __complete WORD...`: what could stand in the last word's place, for completion in a shell. */
#include "clients/complete.h"

#include "clients/args.h"
#include "clients/ask.h"
#include "clients/codes.h"
#include "clients/help.h"
#include "clients/options.h"
#include "clients/verbs.h"
#include "proto/role.h"
#include "proto/utf8.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 1000 };

struct complete {
	struct settings *settings;
	struct arena *arena;
	struct text lead;           /* of the last word what stays: "--commune=", "24346," */
	struct text cur;            /* the rest of it, to be completed */
	struct text by_name;        /* the one candidate whose label has a part like that; absent: none, or several */
	size_t shown, named;
};

/* --- candidates ---------------------------------------------------------------------------------- */

static bool
begins(struct text whole, struct text part)
{
	return whole.len >= part.len && (!part.len || !memcmp(whole.ptr, part.ptr, part.len));
}

static void
offer(struct complete *c, struct text word, const char *tail)
{
	if (!begins(word, c->cur))
		return;
	printf("%.*s%.*s%s\n", TEXT_ARG(c->lead), TEXT_ARG(word), tail);
	c->shown++;
}

/* Likewise, found by its name where nothing begins like this. */
static void
offer_named(struct complete *c, struct text word, struct text label, const char *tail)
{
	struct text folded = utf8_fold(label, c->arena), part = utf8_fold(c->cur, c->arena);
	if (part.len && memmem(folded.ptr, folded.len, part.ptr, part.len)) {
		c->by_name = arena_printf(c->arena, "%.*s%s", TEXT_ARG(word), tail);
		c->named++;
	}
	offer(c, word, tail);
}

static void
offer_choices(struct complete *c, const char *choices)
{
	struct text list = text_of(choices), word;
	while (choices && text_next(&list, '|', &word))
		offer(c, word, "");
}

/* --- what the daemon knows ----------------------------------------------------------------------- */

static const struct json *
query(struct complete *c, const char *method, const char *params)
{
	struct asker asker;
	const struct json *result = NULL;
	if (ask_open(&asker, c->settings, c->arena) || ask_query(&asker, method, text_of(params), &result))
		result = NULL;
	ask_close(&asker);
	return result;
}

static void
offer_codes(struct complete *c, enum codes codes, const char *tail)
{
	const struct json *list = codes ? codes_list(query(c, "workflow.get", "{}"), codes) : NULL;
	for (const struct json *item = json_first(list); item; item = json_next(item))
		offer_named(c, codes_code(item, codes), json_text(json_get(item, "vi")), tail);
}

static void
offer_dossiers(struct complete *c)
{
	struct buf params = { 0 };
	buf_str(&params, "{\"limit\":100");
	if (c->cur.len) {
		buf_str(&params, ",\"text\":");
		json_write_string(&params, c->cur);
	}
	buf_str(&params, "}");
	buf_byte(&params, '\0');
	const struct json *result = query(c, "dossier.list", params.ptr);
	for (const struct json *d = json_first(json_get(result, "dossiers")); d; d = json_next(d))
		offer_named(c, json_text(json_get(d, "dossier")), json_text(json_get(json_get(d, "product"), "name")), "");
	buf_free(&params);
}

/* --- values -------------------------------------------------------------------------------------- */

/* Moves what stands up to the last `mark` of the word to what stays. */
static bool
keep_until(struct complete *c, char mark)
{
	const char *at = c->cur.len ? memrchr(c->cur.ptr, mark, c->cur.len) : NULL;
	if (!at)
		return false;
	size_t len = (size_t)(at - c->cur.ptr) + 1;
	c->lead = arena_printf(c->arena, "%.*s%.*s", TEXT_ARG(c->lead), (int)len, c->cur.ptr);
	c->cur = (struct text){ c->cur.ptr + len, c->cur.len - len };
	return true;
}

static void
offer_values(struct complete *c, unsigned index, int part)
{
	const struct field *field = &params_shape.fields[index];
	if (index == params_dossier || index == params_previous) {
		offer_dossiers(c);
	} else if (index == params_documents && keep_until(c, '=')) {
		offer_choices(c, document_shape.fields[document_status].choices);
	} else if (field->type == FIELD_CHOICE) {
		offer_choices(c, field->choices);
	} else if (field->type != FIELD_WORDS && (memchr(c->cur.ptr, ',', c->cur.len) || memchr(c->cur.ptr, ':', c->cur.len))) {
		return; /* behind the code comes free text */
	} else {
		if (field->type == FIELD_WORDS)
			keep_until(c, ',');
		const char *tail = index == params_documents ? "=" : index == params_reasons ? ":" : index == params_items ? "," : "";
		struct text path = part < 0 ? text_of(field->name)
		                            : arena_printf(c->arena, "%s.%s", field->name, field->shape->fields[part].name);
		offer_codes(c, codes_at(path), tail);
	}
}

/* The value of an option that is no field: of all verbs, or of a command. */
static void
offer_others(struct complete *c, struct text name)
{
	if (text_is(name, "lang"))
		offer_choices(c, "vi|en");
	else if (text_is(name, "commune"))
		offer_codes(c, CODES_COMMUNE, "");
	else if (text_is(name, "member"))
		offer_codes(c, CODES_MEMBER, "");
	if (!text_is(name, "role"))
		return;
	keep_until(c, ',');
	for (int role = 0; role < ROLE_COUNT; role++)
		offer(c, text_of(role_word((enum role)role)), "");
}

/* --- names --------------------------------------------------------------------------------------- */

static void
offer_verbs(struct complete *c)
{
	const struct verb *v;
	const struct command *command;
	for (size_t i = 0; (v = verb_item(i)); i++)
		offer(c, text_of(v->name), "");
	for (size_t i = 0; (command = command_item(i)); i++)
		offer(c, text_of(command->name), "");
	offer(c, TEXT("help"), "");
}

static void
offer_methods(struct complete *c)
{
	static const char *const queries[] = {
#define METHOD(symbol, name, roles, takes, needs) name,
#include "proto/methods.def"
	};
	for (size_t i = 0; i < countof(queries); i++)
		offer(c, text_of(queries[i]), "");
	const struct verb *v;
	for (size_t i = 0; (v = verb_item(i)); i++)
		if (v->kind == WRITE)
			offer(c, text_of(v->method), "");
}

/* "-q, --quiet", "--key FILE": the long name. */
static void
offer_option(void *to, const char *option, const char *words)
{
	(void)words;
	const char *name = strstr(option, "--");
	if (name)
		offer(to, (struct text){ name, strcspn(name, " =[") }, "");
}

static void
offer_options(struct complete *c, const struct verb *verb, const struct command *command)
{
	if (verb)
		help_verb_lines(verb, c->arena, offer_option, c);
	if (command)
		help_command_lines(command, offer_option, c);
	help_common_lines(offer_option, c);
	offer(c, TEXT("--help"), "");
}

/* --- the words so far ---------------------------------------------------------------------------- */

struct words {
	const struct verb *verb;
	const struct command *command;
	struct args args;           /* of the verb: which options it has */
	bool help, literal;         /* behind `help`; behind "--" */
	int bare;                   /* words behind the verb that are no options */
	struct text pending;        /* the option whose value is asked for; absent: none */
};

/* Does the command's help say that the option has a value? */
static bool
command_takes_value(const struct command *command, struct text name)
{
	for (const struct help_row *row = command->help + 1; row->option; row++) {
		const char *at = strstr(row->option, "--");
		if (at && !strncmp(at + 2, name.ptr, name.len) && at[2 + name.len] == ' ')
			return true;
	}
	return false;
}

/* Steps over the option at argv[*i], with its value; one whose value is not there yet is pending. */
static void
pass_option(struct words *w, struct settings *s, int argc, char **argv, int *i)
{
	struct option_word word = option_split(argv[*i]);
	int part, field = w->verb ? args_find(&w->args, word.name, &part) : -1;
	bool own = field >= 0 || (w->command && command_takes_value(w->command, word.name));
	bool flag = field >= 0 && part < 0 && args_is_flag((unsigned)field);
	if (own && flag)
		return;
	if (word.value.ptr || *i + 1 < argc) {
		if (own)
			option_value(argc, argv, i, &word);
		else
			option_global(argc, argv, i, s);
	} else if (own || text_among(word.name, "endpoint|key|server|request-key|from|lang|timeout")) {
		w->pending = word.name;
	} else {
		option_global(argc, argv, i, s);
	}
}

static void
pass_word(struct words *w, const char *word, struct arena *arena)
{
	if (w->verb || w->command || w->help) {
		w->bare++;
		return;
	}
	w->help = !strcmp(word, "help");
	w->verb = verb_find(text_of(word));
	w->command = command_find(text_of(word));
	if (w->verb)
		args_init(&w->args, w->verb->takes | (w->verb->kind == WRITE ? FIELD(params, version) : 0), arena);
}

static void
complete_option_value(struct complete *c, struct words *w, struct text name)
{
	int part, field = w->verb ? args_find(&w->args, name, &part) : -1;
	if (field >= 0)
		offer_values(c, (unsigned)field, part);
	else
		offer_others(c, name);
}

static void
complete_bare(struct complete *c, const struct words *w)
{
	static const char *const papers[] = {
#define FORM(name, ...) name,
#include "clients/print_forms.def"
	};
	bool print = w->command && !strcmp(w->command->name, "print");
	if ((!w->verb && !w->command) || w->help)
		offer_verbs(c);
	else if (w->verb && !w->verb->method && !w->bare)
		offer_methods(c);
	else if (w->verb && w->bare < BARE_MAX && w->verb->bare[w->bare] != BARE_NONE)
		offer_values(c, (unsigned)w->verb->bare[w->bare], -1);
	else if (print && w->bare == 1)
		offer_dossiers(c);
	for (size_t i = 0; print && !w->bare && i < countof(papers); i++)
		offer(c, text_of(papers[i]), "");
}

int
complete_run(int argc, char **argv, struct settings *s, struct arena *arena)
{
	struct complete c = { .settings = s, .arena = arena };
	struct words w = { .bare = 0 };
	int last = argc - 1, null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (argc < 1)
		return 0;
	/* Nobody wants to read a complaint in the middle of a command line. */
	if (null >= 0)
		dup2(null, STDERR_FILENO);
	for (int i = 0; i < last; i++) {
		bool dashed = !w.literal && option_split(argv[i]).dashed;
		if (dashed)
			pass_option(&w, s, last, argv, &i);
		else if (!w.literal && !strcmp(argv[i], "--"))
			w.literal = true;
		else
			pass_word(&w, argv[i], arena);
	}
	s->timeout_ms = PATIENCE_MS;
	c.cur = text_of(argv[last]);
	struct option_word word = option_split(argv[last]);
	if (w.pending.ptr) {
		complete_option_value(&c, &w, w.pending);
	} else if (!w.literal && word.value.ptr) {
		c.lead = (struct text){ argv[last], (size_t)(word.value.ptr - argv[last]) };
		c.cur = word.value;
		complete_option_value(&c, &w, word.name);
	} else if (!w.literal && argv[last][0] == '-') {
		offer_options(&c, w.verb, w.command);
	} else {
		complete_bare(&c, &w);
	}
	if (!c.shown && c.named == 1)
		printf("%.*s%.*s\n", TEXT_ARG(c.lead), TEXT_ARG(c.by_name));
	args_free(&w.args);
	return 0;
}
