/* Answers for people, or as they came. */
#ifndef CLIENTS_OUT_H
#define CLIENTS_OUT_H

#include "proto/errors.h"
#include "proto/json.h"

struct out {
	enum lang lang;
	bool json;                  /* the result object and nothing else */
	bool quiet;                 /* numbers of dossiers and nothing else */
	struct arena *arena;
};

/* A result, on standard output: a form of its own for writes, lists, events and texts; anything
 * else as a tree of names and values. */
void out_result(const struct out *, const struct json *result);
/* The daemon's error object, on standard error: its sentence, then what helps to mend it. */
void out_error(const struct out *, const struct json *error);

#endif
