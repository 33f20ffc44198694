/* The verbs that ask on a terminal for what was not given: `submit` and `assess` question by
 * question, `return` by an editor. */
#ifndef CLIENTS_ENTRY_H
#define CLIENTS_ENTRY_H

#include "clients/args.h"
#include "clients/ask.h"
#include "clients/entry_draft.h"
#include "clients/entry_prompt.h"
#include "clients/verbs.h"

/* Ended by Ctrl-C, by the end of the input or by a "no": as the shells say it of SIGINT. */
enum { ENTRY_ENDED = 130 };

struct entry {
	const struct verb *verb;
	struct settings *settings;
	struct args *args;
	struct arena *arena;
	struct asker asker;
	struct prompt *prompt;
	struct draft draft;
	struct text key;                /* of the write; stands in the draft, so that a repeat is known */
	const struct json *workflow;    /* workflow.get */
	const struct json *dossier;     /* dossier.get; NULL: a new one */
	int64_t today;                  /* the daemon's */
};

/* Was nothing given of what the verb would ask for? */
bool entry_wanted(const struct verb *, const struct args *, const struct settings *);
/* Asks, and does it. The exit code. */
int entry_run(const struct verb *, struct args *, struct settings *);

/* --- for the dialogues ---------------------------------------------------------------------------- */

/* Sends what stands in the args. 0 and *ret_answer, or an exit code with what is wrong on standard
 * error; of a refusal with *ret_answer the error, else with NULL. */
int entry_send(struct entry *, bool dry, const struct json **ret_answer);
/* What was answered last, on standard output. */
void entry_show(struct entry *);
/* Opens the draft NAME-DOSSIER and offers what is in it. Absent where there is none, or it is not
 * wanted. false: the dialogue was ended. */
bool entry_draft(struct entry *, const char *name, const char *extension, struct text *ret_text);
/* Tells where the draft is, if there is one. */
void entry_keep(struct entry *);
/* The label of an item of the workflow's lists, in the language in use. */
struct text entry_label(const struct entry *, const struct json *item);
/* The item as a choice: found by its label in either language. */
struct choice entry_choice(const struct entry *, const struct json *item);
/* The item of that list with this code; NULL where there is none. */
const struct json *entry_item(const struct entry *, const char *list, struct text code);

int submit_ask(struct entry *);
int assess_ask(struct entry *);
int return_ask(struct entry *);

#endif
