/* The state machine of a dossier, as two pure functions: decide and apply.
 *
 * decide: programme + dossier + command + actor + now -> one refusal, or the data of one event.
 * apply: dossier + event -> dossier; it never asks the programme, so that a journal read years
 * later, under other law, gives the same record. No heap but the arena passed in, no clock, no
 * I/O. Everything returned borrows from the arguments and the arena. */
#ifndef DAEMON_WORKFLOW_H
#define DAEMON_WORKFLOW_H

#include "daemon/programme.h"

struct actor {
	struct text account;
	unsigned roles;             /* ROLE() mask */
	struct text commune;        /* role commune: its code */
	struct text member;         /* role council: its seat */
};

struct command {
	const struct transition *transition;
	const struct params *params;
	const struct actor *actor;
	int64_t now_ms;
	/* The dossier named by params->previous, or NULL where it does not exist for this actor. */
	const struct dossier *previous;
	/* Whether a dossier already follows `previous`. */
	bool previous_taken;
};

/* Does the dossier exist for this actor? (A commune sees its own only.) */
bool workflow_sees(const struct actor *, struct text commune);

/* The methods the actor may call on the dossier now (NULL: on a new one), in the workflow's order. */
struct texts workflow_allowed(const struct workflow *, const struct dossier *, const struct actor *, struct arena *);

/* `dossier` is NULL for a new one. On OK *ret_change holds the event's data without `dossier` and
 * `version` (for a new dossier the caller numbers it, in the year of change.received, else of now)
 * and without key and request. Otherwise E_FORBIDDEN, E_WRONG_STATE, E_GUARD_FAILED or E_PARAMS with *ret_refusal.
 * Order: rights, parameters, state, guards in the workflow's order. */
int workflow_decide(const struct programme *, const struct workflow *, const struct dossier *,
                    const struct command *, struct arena *, struct change *ret_change,
                    struct refusal *ret_refusal);

/* The clock's own events, each once for each due day, notice and certificate:
 *   due-soon   at 7:00 of the due day of the check;
 *   overdue    the check was not done by the end of that day;
 *   unheard    the commune has not confirmed a notice by the end of its day;
 *   expiring   the certificate has only so many days left; expired: its last day is past.
 * The next one of a record, from the record alone; false where there is none. */
bool workflow_timer(const struct dossier *, struct text *ret_type, int64_t *ret_moment);
/* The data of that event. */
void workflow_clock(const struct dossier *, struct text type, struct change *ret_change);

/* Its commune has confirmed the last notice. Not an event of the dossier: version and time stay. */
void workflow_heard(struct dossier *, struct text feed, int64_t time_ms, struct arena *);

/* The record after the event. *dossier is zero-initialised by shape_init for the first event of a
 * dossier. `type` is the event's type ("returned"), `time_ms` its time, `sequence` its number.
 * Members of the change that bear a record's name replace it, except: `due` and `overdue` are set
 * or cleared by every event; `sheet` replaces the member's in `sheets`; `items` are added to
 * `support` with their `by`; `reasons` stay with their `until` until replaced; `reason` and `rule`
 * are taken only where the state changes; a product of another group drops the sheets. A change
 * with `hear_by` is a notice the commune has yet to confirm; moving on ends the wait for it. What
 * the clock has told is remembered until the day it belongs to is set anew. */
void workflow_apply(struct dossier *, const struct change *, struct text type, int64_t time_ms,
                    int64_t sequence, struct arena *);

#endif
