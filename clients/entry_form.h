/* A form on a terminal: questions one after the other, with a way back, a draft and a summary. */
#ifndef CLIENTS_ENTRY_FORM_H
#define CLIENTS_ENTRY_FORM_H

#include "clients/entry.h"

enum question_kind {
	ASK_LINE,               /* a value of its field */
	ASK_CHOICE,             /* one of the choices */
	ASK_SET,                /* any of the choices, each becoming CODE=status */
	ASK_POINTS,             /* one of the levels */
};

struct question {
	enum question_kind kind;
	const char *path;           /* what refusals call it, and drafts: "product.name" */
	unsigned field;             /* of params, */
	int part;                   /* and of its shape; -1 */
	struct text label, help;
	struct text heading;        /* said when it differs from the one before; may be absent */
	struct text preset;         /* what an empty line means at first */
	struct text preset_label;   /* shown for it; absent: as it is */
	bool optional;
	const struct choices *choices;
	const char *status;         /* of a set */
	struct text code;           /* of points: the criterion, by which one jumps to it */
	const struct json *levels;

	bool skipped;               /* not asked, as things stand */
	bool answered;
	struct text answer;         /* canonical: a code, codes, digits; empty: left out */
};

struct form {
	struct entry *entry;
	struct question *items;
	size_t count;
	const struct choices *listed; /* the list shown last */
	/* All may be NULL. What stands before a question's label; what is wrong with an answer beside the
	 * others; what follows from the answers for the questions; the summary before it is sent; what
	 * fills the args beyond the answers. */
	struct text (*lead)(struct form *, size_t at);
	const char *(*check)(struct form *, size_t at, struct text answer);
	void (*update)(struct form *);
	void (*summary)(struct form *);
	void (*fill)(struct form *);
	void *context;
};

/* NULL and the canonical answer, or what is wrong with the words. What several choices share is told. */
const char *answer_check(struct entry *, const struct question *, struct text words, struct text *ret);
/* A canonical answer as people read it. */
struct text answer_text(const struct entry *, const struct question *, struct text answer);

/* Takes the answers of a draft's text; the first question that has none, or `count`. */
size_t form_load(struct form *, struct text draft);
/* Asks that one question. false: the dialogue was ended. */
bool form_ask(struct form *, size_t at);
/* Asks from there on until nothing is open, then shows the summary and what would be, asks for leave,
 * sends; what is refused is asked again. The exit code. */
int form_run(struct form *, size_t first);

/* The questions with their numbers and answers. */
void form_summary(struct form *);
/* The answer as people read it. */
struct text form_answer(const struct form *, size_t at);

#endif
