/* `ocop return` on a terminal: the reasons in an editor, what is missing filled in. */
#include "clients/entry.h"

#include "clients/entry_editor.h"
#include "proto/i18n.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { REASONS_MAX = 50 };

/* The reasons as they were read, with the lines where they stand. */
struct reasons {
	size_t lines[REASONS_MAX];
	size_t count, wrong;
};

/* --- the text to begin with ---------------------------------------------------------------------- */

/* The status of the dossier's document; "missing" where it has none such. */
static struct text
status_of(const struct entry *e, struct text code)
{
	for (const struct json *d = json_first(json_get(e->dossier, "documents")); d; d = json_next(d))
		if (text_equal(json_text(json_get(d, "code")), code))
			return json_text(json_get(d, "status"));
	return TEXT("missing");
}

static const char *
status_words(struct text status)
{
	static const struct { const char *status, *words; } rows[] = {
		{ "present", N_("there, in order") }, { "missing", N_("missing") },
		{ "invalid", N_("there, not in order") }, { "not-applicable", N_("not applicable") },
	};
	for (size_t i = 0; i < countof(rows); i++)
		if (text_is(status, rows[i].status))
			return _(rows[i].words);
	return status.ptr;
}

/* A line for every mandatory document that is not in order, and for samples that are too few. */
static void
put_missing(const struct entry *e, struct buf *out)
{
	int64_t have = 0, need = 0;
	struct text group = json_text(json_get(json_get(e->dossier, "product"), "group"));
	for (const struct json *d = json_first(json_get(e->workflow, "documents")); d; d = json_next(d)) {
		struct text code = json_text(json_get(d, "code")), note = json_text(json_get(d, "note")), status = status_of(e, code);
		bool excused = text_is(status, "not-applicable") && json_bool(json_get(d, "may-be-not-applicable"));
		if (!json_bool(json_get(d, "mandatory")) || text_is(status, "present") || excused)
			continue;
		buf_printf(out, "%s: ", code.ptr);
		buf_printf(out, text_is(status, "invalid") ? _("Not in order: %s") : _("Missing: %s"), entry_label(e, d).ptr);
		if (note.len)
			buf_printf(out, _(" | to be handed in (%s)"), note.ptr);
		buf_byte(out, '\n');
	}
	json_int(json_get(e->dossier, "samples"), &have);
	json_int(json_get(entry_item(e, "groups", group), "samples"), &need);
	if (have < need) {
		buf_printf(out, _("Not enough samples: %lld of %lld"), (long long)have, (long long)need);
		buf_byte(out, '\n');
	}
}

static struct text
first_text(const struct entry *e)
{
	struct buf out = { 0 };
	const struct json *product = json_get(e->dossier, "product"), *producer = json_get(e->dossier, "producer");
	buf_printf(&out, "# %s · %s · %s\n", json_text(json_get(e->dossier, "dossier")).ptr, json_text(json_get(product, "name")).ptr,
	           json_text(json_get(producer, "name")).ptr);
	buf_str(&out, _("# One reason a line:   document: what is wrong | what would mend it\n"
	                "# A reason that is of no document stands without \"document:\"; the \"|\" may be left out.\n"
	                "# Lines that begin with # do not count. With no other line left nothing is done.\n\n"));
	put_missing(e, &out);
	buf_printf(&out, "\n# %s\n", _("Documents:"));
	for (const struct json *d = json_first(json_get(e->workflow, "documents")); d; d = json_next(d)) {
		struct text code = json_text(json_get(d, "code"));
		buf_printf(&out, json_bool(json_get(d, "mandatory")) ? _("#   %-22s %s (mandatory): %s\n") : "#   %-22s %s: %s\n", code.ptr,
		           entry_label(e, d).ptr, status_words(status_of(e, code)));
	}
	struct text text = arena_text(e->arena, buf_view(&out));
	buf_free(&out);
	return text;
}

/* --- reading it back ----------------------------------------------------------------------------- */

/* What stands before a colon and could be meant as a document's code; absent where nothing is. */
static struct text
code_of(struct text line)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t len = strspn(line.ptr, letters);
	return len && line.ptr[len] == ':' ? (struct text){ line.ptr, len } : ABSENT;
}

/* Takes the line as a reason; NULL, or what is wrong with it. */
static const char *
take_line(struct entry *e, struct text line, struct buf *why)
{
	struct text code = code_of(line);
	const char *bar = strchr(line.ptr, '|');
	if (code.ptr && !entry_item(e, "documents", code)) {
		buf_printf(why, _("there is no document \"%.*s\"; they are listed at the end"), TEXT_ARG(code));
		return why->ptr;
	}
	if (bar && strchr(bar + 1, '|')) {
		buf_str(why, _("one \"|\" at most: what is wrong | what would mend it"));
		return why->ptr;
	}
	return args_set(e->args, params_reasons, -1, line, why) ? NULL : why->ptr;
}

/* Every line on its own, so that all that is wrong is told at once. */
static void
take_text(struct entry *e, struct text text, struct reasons *ret)
{
	*ret = (struct reasons){ .count = 0 };
	buf_clear(&e->args->values[params_reasons]);
	for (size_t number = 1; text.len; number++) {
		const char *end = memchr(text.ptr, '\n', text.len);
		struct text line = { text.ptr, end ? (size_t)(end - text.ptr) : text.len }, word;
		struct buf why = { 0 };
		text.ptr += line.len + (end != NULL);
		text.len -= line.len + (end != NULL);
		/* Trimmed, and nothing where it is blank. */
		if (!text_next(&line, '\n', &word) || word.ptr[0] == '#')
			continue;
		const char *wrong = ret->count == REASONS_MAX ? _("there are too many reasons")
		                                              : take_line(e, arena_text(e->arena, word), &why);
		if (wrong) {
			prompt_say(e->prompt, _("line %zu: %.*s\n"), number, (int)(why.len ? why.len : strlen(wrong)), wrong);
			ret->wrong++;
		} else {
			ret->lines[ret->count++] = number;
			prompt_say(e->prompt, "  - %.*s\n", TEXT_ARG(word));
		}
		buf_free(&why);
	}
}

/* --- the dialogue -------------------------------------------------------------------------------- */

/* Edits and reads. 0 with the reasons, or the exit code. */
static int
edit(struct entry *e, struct reasons *ret)
{
	struct text text;
	int result = editor_run(e->draft.path.ptr);
	prompt_forget(e->prompt);
	if (result) {
		prompt_say(e->prompt, _("ocop: the editor ended with %d; VISUAL or EDITOR names another\n"), result);
		return result < 0 ? EX_OSERR : EX_UNAVAILABLE;
	}
	result = draft_read(&e->draft, e->arena, &text);
	if (result < 0) {
		prompt_say(e->prompt, "ocop: %s: %s\n", e->draft.path.ptr, strerror(-result));
		return EX_IOERR;
	}
	take_text(e, text, ret);
	if (ret->count || ret->wrong)
		return 0;
	prompt_say(e->prompt, "%s\n", _("No reason is given: nothing was done."));
	draft_drop(&e->draft);
	return ENTRY_ENDED;
}

/* Is the refusal about a line? It is told which. */
static bool
is_of_reasons(struct entry *e, const struct json *error, const struct reasons *r)
{
	unsigned index;
	struct text field = json_text(json_get(json_get(error, "data"), "field"));
	if (field.ptr && sscanf(field.ptr, "reasons[%4u]", &index) == 1 && index < r->count)
		prompt_say(e->prompt, _("it is line %zu\n"), r->lines[index]);
	return field.ptr && !strncmp(field.ptr, "reasons", 7);
}

/* Sends what was read, with leave. 0, or the exit code; *ret_again: another edition may mend it. */
static int
send(struct entry *e, const struct reasons *r, bool *ret_again)
{
	const struct json *answer;
	bool yes = e->settings->dry_run, dry = yes;
	*ret_again = false;
	if (!yes && !prompt_yes(e->prompt, text_of(_("Return the dossier with these reasons?")), true, &yes))
		return ENTRY_ENDED;
	if (!yes)
		return ENTRY_ENDED;
	int result = entry_send(e, dry, &answer);
	if (result && answer)
		*ret_again = is_of_reasons(e, answer, r);
	if (result)
		return result;
	entry_show(e);
	draft_drop(&e->draft);
	return 0;
}

/* The reasons are for the dossier as it was shown: if it moves on meanwhile, it is refused. */
static void
hold_version(struct entry *e)
{
	int64_t version;
	struct buf why = { 0 };
	if (!args_has(e->args, params_version) && json_int(json_get(e->dossier, "version"), &version))
		args_set(e->args, params_version, -1, arena_printf(e->arena, "%lld", (long long)version), &why);
	buf_free(&why);
}

int
return_ask(struct entry *e)
{
	struct text draft, number = json_text(json_get(e->dossier, "dossier"));
	struct reasons r;
	int result;
	bool again = true;
	if (!entry_draft(e, arena_printf(e->arena, "return-%s", number.ptr).ptr, "txt", &draft))
		return ENTRY_ENDED;
	if (e->draft.fd < 0 || (!draft.len && draft_write(&e->draft, first_text(e)) < 0))
		return EX_CANTCREAT;
	hold_version(e);
	do {
		result = edit(e, &r);
		if (result)
			break;
		if (!r.wrong)
			result = send(e, &r, &again);
		if ((r.wrong || (result && again)) && (!prompt_yes(e->prompt, text_of(_("Edit it again?")), true, &again) || !again))
			result = ENTRY_ENDED;
	} while (result != ENTRY_ENDED && (r.wrong || (result && again)));
	if (result)
		entry_keep(e);
	return result;
}
