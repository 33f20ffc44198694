/* Reads and reports: everything that answers without changing anything. */
#ifndef DAEMON_QUERY_H
#define DAEMON_QUERY_H

#include "daemon/engine.h"

enum method {
#define METHOD(symbol, name, roles, takes, needs) METHOD_##symbol,
#include "proto/methods.def"
	METHOD_COUNT
};

/* What a query may look at; all borrowed. */
struct view {
	const struct programme *programme;
	struct store *store;        /* with a transaction open */
	struct journal *journal;
	const struct account *account;
	int64_t now_ms;
	struct arena *arena;
	const struct engine_status *status;
	struct engine_request *request; /* a query with `wait` may be held; NULL: answer now */
};

/* Writes the result's JSON. OK or a refusal. */
int query_run(enum method, const struct view *, const struct params *, struct buf *out, struct refusal *);

/* The record of an id; false where it does not exist for this account. */
bool query_load(const struct view *, uint64_t id, struct dossier *ret);

/* The offices that see every feed, and what happens to them. */
#define ROLES_OFFICE (ROLE(OFFICER) | ROLE(SECRETARY) | ROLE(STEERING) | ROLE(ADMIN))

/* Events behind `from`, through a filter. */
struct scan {
	uint64_t from;
	uint64_t changed;           /* sequence at which this filter came to be: what was skipped before is void */
	struct list communes, types;
	size_t limit;
	bool raw;
	int64_t wait;               /* seconds, or NONE */
};
int query_scan(const struct view *, const struct scan *, struct buf *out, struct refusal *);
/* Are the filter's communes and types ones that this account may name? */
int query_filter(const struct view *, const struct params *, struct refusal *);
bool query_visible(const struct view *, const struct actor *, const struct event_row *);
/* Bound of one answer: rows of the journal looked at. */
enum { SCAN_MAX = 20000, READ_DEFAULT = 100 };

/* One query a method, in query.c, list.c, feed.c, report.c and server.c. */
typedef int query_fn(const struct view *, const struct params *, struct buf *out, struct refusal *);
query_fn query_list, feed_next, feed_list, report_summary, report_deadlines, calendar_query, workflow_query,
         server_ping, server_status, server_metrics;

/* Prints a record as this account may see it: without sheets, support and documents in a list. */
void query_record(const struct view *, struct dossier *, bool whole, struct buf *out);

#endif
