/* Answers that are lists: dossiers, events, deadlines, feeds, the workflow, a criteria set. */
#ifndef CLIENTS_OUT_LISTS_H
#define CLIENTS_OUT_LISTS_H

#include "clients/grid.h"

void out_dossiers(const struct out *, const struct json *result);
void out_events(const struct out *, const struct json *result);
void out_deadlines(const struct out *, const struct json *result);
void out_feeds(const struct out *, const struct json *result);
void out_workflow(const struct out *, const struct json *result);
void out_criteria(const struct out *, const struct json *result);

/* Events as CSV, of an answer that has them as items: for watching. */
extern const struct grid out_event_grid;
/* An event in a line: what was done, the state, by whom, what it changed. */
struct text out_event_line(const struct out *, const struct json *event);

#endif
