/* Questions on a terminal: a line editor with completion (libedit), plain lines where TERM is dumb.
 *
 * The dialogue is held on standard input and standard error, so that standard output has the
 * command's answer alone. While it is open SIGINT, SIGTERM and SIGHUP only end it. */
#ifndef CLIENTS_ENTRY_PROMPT_H
#define CLIENTS_ENTRY_PROMPT_H

#include "proto/mem.h"

struct prompt;

/* What an answer is chosen from. All but the code and the label may be absent. */
struct choice {
	struct text code, label;
	struct text also;           /* another label by which it is found */
	struct text note;           /* shown behind the label in lists */
	size_t number;              /* in the whole list, where it is one of some; 0: by its place */
};

struct choices {
	const struct choice *items;
	size_t count;
};

/* Is there somebody to ask? */
bool prompt_possible(void);

struct prompt *prompt_open(struct arena *);
void prompt_close(struct prompt **);
/* Readable from the first such signal on. */
int prompt_signals(const struct prompt *);
bool prompt_signalled(const struct prompt *);
/* Those so far were for somebody else: an editor. */
void prompt_forget(struct prompt *);

/* Text of anybody's making: control characters but line ends do not reach the terminal. */
void prompt_say(struct prompt *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The choices with their numbers, from 1. */
void prompt_list(struct prompt *, const struct choices *);

/* Asks for a line, which is trimmed, composed, valid UTF-8 and lives in the arena. The tabulator completes it
 * from the choices (NULL: none): the whole line, or of `many` its last word. false: the end of the
 * input or a signal; then it stays so. */
bool prompt_line(struct prompt *, struct text question, const struct choices *, bool many, struct text *ret);
/* The answer to a yes or no; `preset` is what an empty line means. */
bool prompt_yes(struct prompt *, struct text question, bool preset, bool *ret);

/* The choice that the words name: its number, its code or its label, else a part of one of them,
 * folded (proto/utf8.h). The index; -1 where none or several fit, with those in ret_some
 * (choices of the arena; count 0: none). */
int choice_find(const struct choices *, struct text words, struct arena *, struct choices *ret_some);

#endif
