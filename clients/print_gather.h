/* What a paper says, asked of the daemon: nothing is in it that the account may not see. */
#ifndef CLIENTS_PRINT_GATHER_H
#define CLIENTS_PRINT_GATHER_H

#include "clients/print_facts.h"
#include "clients/settings.h"

enum print_draft { DRAFT_NONE, DRAFT_BLANK, DRAFT_TODAY };
enum print_need { NEED_NOTHING, NEED_CRITERIA, NEED_SHEETS, NEED_STARS };

struct print_form {
	const char *name, *methods;
	enum print_draft draft;
	enum print_need need;
	const char *summary;        /* N_() */
};

/* What the command line says; NULL where it says nothing. */
struct print_order {
	const struct print_form *form;
	const char *dossier, *member, *number, *date, *place, *signer;
	bool empty;
};

const struct print_form *print_form_item(size_t);   /* NULL behind the last */
const struct print_form *print_form_find(struct text name);

/* 0, or the exit code with what is wrong on standard error: a refusal of the daemon, or a paper
 * that makes no sense in the dossier's state. */
int print_gather(const struct print_order *, const struct settings *, struct arena *, struct print_facts *ret);

#endif
