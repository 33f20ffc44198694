/* Answers for people, for spreadsheets, or as they came. */
#ifndef CLIENTS_OUT_H
#define CLIENTS_OUT_H

#include "clients/settings.h"
#include "proto/errors.h"
#include "proto/json.h"

#include <stdio.h>

struct out {
	enum lang lang;
	bool json;                  /* the result object and nothing else */
	bool csv;                   /* RFC 4180: codes, dates and figures as the daemon gives them */
	bool quiet;                 /* numbers of dossiers and nothing else */
	bool coloured;              /* may what goes to the file have colours? */
	const struct json *programme;   /* workflow.get's result: the words for codes; NULL: codes are shown */
	const struct json *params;  /* the request's; NULL: unknown */
	struct arena *arena;
};

/* What the settings say, for an answer that goes to the file. */
struct out out_for(const struct settings *, FILE *, struct arena *);
/* Would the words for codes be shown? Then out.programme is worth asking for. */
bool out_wants_programme(const struct out *, const struct json *answer);

/* A result, on standard output: a form of its own for what is seen often; anything else as a tree of
 * names and values, as CSV in rows name,value. */
void out_result(const struct out *, const struct json *result);
/* The daemon's error object, on standard error: its sentence, then what helps to mend it. */
void out_error(const struct out *, const struct json *error);

#endif
