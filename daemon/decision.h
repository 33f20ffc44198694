/* What guards and effects work on: one command being decided. Private to workflow.c, guards.c and
 * effects.c. */
#ifndef DAEMON_DECISION_H
#define DAEMON_DECISION_H

#include "daemon/scoring.h"
#include "daemon/workflow.h"

struct decision {
	const struct programme *programme;
	const struct workflow *workflow;
	const struct transition *transition;
	const struct params *params;
	const struct actor *actor;
	const struct dossier *dossier;      /* NULL: a new one */
	const struct dossier *record;       /* never NULL: for a new one an empty record */
	const struct dossier *previous;
	bool previous_taken;
	int to;                             /* index of the state it goes to */
	int64_t today;

	/* Facts that guards and effects share, from the parameters or else the record. */
	const struct product *product;
	const struct producer *producer;
	struct text commune;
	int64_t received;                   /* today where nothing says otherwise */
	const struct round *round;          /* NULL where the round named is unknown, or none has been entered */
	const struct criteria_set *set;     /* NULL: none in force */
	struct text member;                 /* whose sheet it is */

	struct arena *arena;
	struct change *change;
	struct refusal *refusal;
};

/* Asks the transition's guards in its order, then what its effects can't do without. */
int guards_ask(struct decision *);
/* Does the transition's effects and flags lateness. */
void effects_do(struct decision *);

#endif
