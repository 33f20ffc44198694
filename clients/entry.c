/* The verbs that ask on a terminal for what was not given. */
#include "clients/entry.h"

#include "clients/out.h"
#include "clients/request.h"
#include "proto/i18n.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* Which verbs ask, for what, and whether the dossier has to be there. */
static const struct dialogue {
	const char *verb;
	uint64_t asks;          /* any of these given: nothing is asked */
	bool dossier;
	int (*ask)(struct entry *);
} dialogues[] = {
#define F(member) FIELD(params, member)
	{ "submit", F(product) | F(producer) | F(commune) | F(documents) | F(samples) | F(received) | F(round) | F(kind) |
	            F(previous) | F(note), false, submit_ask },
	{ "assess", F(sheet), true, assess_ask },
	{ "return", F(reasons), true, return_ask },
#undef F
};

static const struct dialogue *
dialogue_of(const struct verb *verb)
{
	for (size_t i = 0; i < countof(dialogues); i++)
		if (!strcmp(dialogues[i].verb, verb->name))
			return &dialogues[i];
	return NULL;
}

bool
entry_wanted(const struct verb *verb, const struct args *args, const struct settings *s)
{
	const struct dialogue *d = dialogue_of(verb);
	bool given = !d || s->from;
	for (unsigned i = 0; i < params_COUNT && !given; i++)
		given = (d->asks & UINT64_C(1) << i) && args_has(args, i);
	return !given;
}

/* --- requests ------------------------------------------------------------------------------------ */

/* Sets a field that may have been set before. */
static void
put(struct args *args, unsigned field, struct text value)
{
	struct buf why = { 0 };
	buf_clear(&args->values[field]);
	args_set(args, field, -1, value, &why);
	buf_free(&why);
}

/* Where nothing was to be done yet, who breaks a wait off has just ended the dialogue. */
static int
no_answer(const struct entry *e, int code)
{
	return prompt_signalled(e->prompt) ? ENTRY_ENDED : code;
}

/* As entry_send, but a refusal is not shown. */
static int
ask(struct entry *e, bool dry, const struct json **ret_answer)
{
	struct buf params = { 0 };
	const struct json *root;
	put(e->args, params_lang, e->settings->lang == LANG_VI ? TEXT("vi") : TEXT("en"));
	put(e->args, params_key, e->key);
	put(e->args, params_dry, dry ? TEXT("yes") : TEXT("no"));
	args_print(e->args, &params);
	*ret_answer = NULL;
	int result = ask_text(&e->asker, text_of(e->verb->method), buf_view(&params), true, dry ? NULL : e->key.ptr);
	buf_free(&params);
	if (result && dry)
		result = no_answer(e, result);
	if (!result)
		result = ask_parse(&e->asker, &root);
	if (result)
		return result;
	const struct json *error = json_get(root, "error");
	*ret_answer = error ? error : json_get(root, "result");
	return error ? ask_exit_code(error) : 0;
}

static int
refused(struct entry *e, const struct json *error, int code)
{
	return error ? ask_error(&e->asker, error) : code;
}

int
entry_send(struct entry *e, bool dry, const struct json **ret_answer)
{
	int result = ask(e, dry, ret_answer);
	return result ? refused(e, *ret_answer, result) : 0;
}

void
entry_show(struct entry *e)
{
	request_show(&e->asker);
}

struct text
entry_label(const struct entry *e, const struct json *item)
{
	struct text label = json_text(json_get(item, e->settings->lang == LANG_VI ? "vi" : "en"));
	return label.ptr ? label : TEXT("");
}

struct choice
entry_choice(const struct entry *e, const struct json *item)
{
	return (struct choice){
		.code = json_text(json_get(item, "code")), .label = entry_label(e, item),
		.also = json_text(json_get(item, e->settings->lang == LANG_VI ? "en" : "vi")),
	};
}

const struct json *
entry_item(const struct entry *e, const char *list, struct text code)
{
	for (const struct json *item = json_first(json_get(e->workflow, list)); item; item = json_next(item))
		if (text_equal(json_text(json_get(item, "code")), code) || text_equal(json_text(json_get(item, "state")), code))
			return item;
	return NULL;
}

/* --- drafts -------------------------------------------------------------------------------------- */

bool
entry_draft(struct entry *e, const char *name, const char *extension, struct text *ret_text)
{
	struct text text = ABSENT;
	bool wanted = true;
	int fault = draft_open(name, extension, e->arena, &e->draft, &text);
	*ret_text = ABSENT;
	if (fault < 0) {
		prompt_say(e->prompt, _("No draft can be kept: %s\n"), strerror(-fault));
		return true;
	}
	if (!text.len)
		return true;
	if (!prompt_yes(e->prompt, text_of(_("There is a draft of this, not sent yet. Go on with it?")), true, &wanted))
		return false;
	if (wanted)
		*ret_text = text;
	return true;
}

void
entry_keep(struct entry *e)
{
	struct text text = ABSENT;
	if (e->draft.fd < 0 || draft_read(&e->draft, e->arena, &text) < 0)
		return;
	if (text.len)
		prompt_say(e->prompt, _("Not sent. The draft is kept and offered the next time: %s\n"), e->draft.path.ptr);
	else
		draft_drop(&e->draft);
}

/* --- the dossier --------------------------------------------------------------------------------- */

static int
query(struct entry *e, const char *method, const char *name, struct text value, const struct json **ret)
{
	struct buf params = { 0 };
	buf_printf(&params, "{\"lang\":\"%s\"", e->settings->lang == LANG_VI ? "vi" : "en");
	if (name) {
		buf_printf(&params, ",\"%s\":", name);
		json_write_string(&params, value);
	}
	buf_byte(&params, '}');
	int result = ask_query(&e->asker, method, buf_view(&params), ret);
	buf_free(&params);
	return result ? no_answer(e, result) : 0;
}

/* Adds the dossiers in one state. */
static int
add_dossiers(struct entry *e, struct text state, struct choice *items, size_t room, size_t *count)
{
	const struct json *list;
	int result = query(e, "dossier.list", "state", state, &list);
	if (result)
		return result;
	for (const struct json *d = json_first(json_get(list, "dossiers")); d && *count < room; d = json_next(d)) {
		struct text number = json_text(json_get(d, "dossier"));
		items[(*count)++] = (struct choice){ .code = number, .label = arena_printf(e->arena, "%s  %s (%s)", number.ptr,
			json_text(json_get(json_get(d, "product"), "name")).ptr, json_text(json_get(json_get(d, "producer"), "name")).ptr) };
	}
	return 0;
}

/* The dossiers that the verb could be for, to be chosen from. */
static int
pick_dossier(struct entry *e)
{
	enum { ROOM = 100 };
	struct choice *items = arena_array(e->arena, ROOM, sizeof *items);
	struct choices choices = { .items = items }, some;
	const struct json *t = json_first(json_get(e->workflow, "transitions"));
	while (t && !text_is(json_text(json_get(t, "method")), e->verb->method))
		t = json_next(t);
	for (const struct json *m = json_first(json_get(t, "moves")); m; m = json_next(m)) {
		int result = add_dossiers(e, json_text(json_get(m, "from")), items, ROOM, &choices.count);
		if (result)
			return result;
	}
	prompt_list(e->prompt, &choices);
	for (;;) {
		struct text words;
		if (!prompt_line(e->prompt, text_of(_("Which dossier? (number, or part of the name): ")), &choices, false, &words))
			return ENTRY_ENDED;
		int i = choice_find(&choices, words, e->arena, &some);
		prompt_list(e->prompt, &some);
		if (i >= 0 || (words.len && !some.count)) {
			put(e->args, params_dossier, i >= 0 ? items[i].code : words);
			return 0;
		}
	}
}

static int
load_dossier(struct entry *e, bool needed)
{
	int result = 0;
	const struct buf *value = &e->args->values[params_dossier];
	if (!value->len && needed)
		result = pick_dossier(e);
	if (result || !value->len)
		return result;
	/* The value is a JSON string, as it will be sent. */
	const struct json *number = json_parse(arena_text(e->arena, buf_view(value)), e->arena, NULL);
	return query(e, "dossier.get", "dossier", json_text(number), &e->dossier);
}

static int
load_programme(struct entry *e)
{
	const struct json *ping;
	int64_t now;
	int result = query(e, "workflow.get", NULL, ABSENT, &e->workflow);
	if (!result)
		result = query(e, "server.ping", NULL, ABSENT, &ping);
	if (!result && time_parse(json_text(json_get(ping, "time")), &now))
		e->today = time_day(now);
	return result;
}

/* May this account do it now? Told before the first question, not behind the last. */
static int
check_allowed(struct entry *e)
{
	const struct json *allowed = json_get(e->dossier, "allowed"), *answer;
	struct buf possible = { 0 };
	if (!e->dossier) {
		/* Who may not do it at all is told so whatever the params are; about these there is more to come. */
		struct text kind = ABSENT;
		int result = ask(e, true, &answer);
		if (result && answer)
			kind = json_text(json_get(json_get(answer, "data"), "kind"));
		return result && (!answer || text_is(kind, "forbidden")) ? refused(e, answer, result) : 0;
	}
	for (const struct json *m = json_first(allowed); m; m = json_next(m)) {
		if (text_is(json_text(m), e->verb->method)) {
			buf_free(&possible);
			return 0;
		}
		buf_printf(&possible, "%s%s", possible.len ? ", " : "", json_text(m).ptr);
	}
	prompt_say(e->prompt, _("ocop: %s (%s): this is not possible now, or not for you; possible: %.*s\n"),
	           json_text(json_get(e->dossier, "dossier")).ptr,
	           entry_label(e, entry_item(e, "states", json_text(json_get(e->dossier, "state")))).ptr, TEXT_ARG(buf_view(&possible)));
	buf_free(&possible);
	return 1;
}

/* --- one verb ------------------------------------------------------------------------------------ */

static int
usage(const struct verb *verb)
{
	fprintf(stderr, _("ocop: %s: nothing is given; on a terminal it asks, else give options or --from FILE\n"), verb->name);
	fprintf(stderr, _("see: ocop help %s\n"), verb->name);
	return EX_USAGE;
}

int
entry_run(const struct verb *verb, struct args *args, struct settings *s)
{
	const struct dialogue *d = dialogue_of(verb);
	struct entry e = { .verb = verb, .settings = s, .args = args, .arena = args->arena, .draft = { .fd = -1 } };
	if (!prompt_possible())
		return usage(verb);
	e.key = s->request_key ? text_of(s->request_key) : request_key(e.arena);
	/* First of all: the threads of the link begin with the signals that are blocked by then. */
	e.prompt = prompt_open(e.arena);
	int result = ask_open(&e.asker, s, e.arena);
	if (!result) {
		link_watch(e.asker.link, prompt_signals(e.prompt));
		result = load_programme(&e);
	}
	if (!result)
		result = load_dossier(&e, d->dossier);
	if (!result)
		result = check_allowed(&e);
	if (!result)
		result = d->ask(&e);
	draft_close(&e.draft);
	prompt_close(&e.prompt);
	ask_close(&e.asker);
	return result;
}
