/* Requests over one connection, and what came of them as an exit code. */
#ifndef CLIENTS_ASK_H
#define CLIENTS_ASK_H

#include "clients/out.h"
#include "proto/json.h"

struct asker {
	const struct settings *settings;
	struct arena *arena;        /* answers live here */
	struct link *link;
	struct buf frame, answer;
	struct text params;         /* of the last request, a refusal is explained by them */
	int64_t wait_ms;            /* the daemon may hold the answer back so long; 0 as opened */
};

/* A daemon that is not there is found out by the first request. 0, or the exit code with what is
 * wrong on standard error. */
int ask_open(struct asker *, const struct settings *, struct arena *);
void ask_close(struct asker *);

/* Sends the method with the params (a JSON object's text) and waits. `again`: may be sent more than
 * once; `key` is what a write can be asked about later, NULL for the others. 0 and the answer's text
 * in asker->answer until the next request, or the exit code with what is wrong on standard error. */
int ask_text(struct asker *, struct text method, struct text params, bool again, const char *key);
/* Sends asker->frame as it stands, again where that helps: a batch whose writes all carry keys. As above. */
int ask_frame(struct asker *);
/* What that text holds: an object with a `result` or an `error`, both objects. 0, or the exit code
 * with a complaint on standard error. */
int ask_parse(struct asker *, const struct json **ret_root);

/* The same for a query whose answer is needed and not shown: 0 and its result, or the exit code with
 * the refusal on standard error. */
int ask_query(struct asker *, const char *method, struct text params, const struct json **ret_result);

/* The words for codes (workflow.get's result), of the same connection; NULL where they can't be had:
 * an answer is then shown with its codes. */
const struct json *ask_programme(struct asker *);
/* How an answer, or its error, is to be shown on the file: with the request's params and, where it helps,
 * the words for codes. */
struct out ask_out(struct asker *, FILE *, const struct json *answer);
/* Says on standard error what the answer's error says, and gives its exit code. */
int ask_error(struct asker *, const struct json *error);
/* The exit code that an answer's error stands for. */
int ask_exit_code(const struct json *error);

#endif
