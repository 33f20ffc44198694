/* What the daemon counts of itself while it works: cheap to count, printed by server.metrics alone. */
#ifndef DAEMON_FIGURES_H
#define DAEMON_FIGURES_H

#include "daemon/limits.h"
#include "daemon/programme.h"
#include "daemon/room.h"

enum { HISTOGRAM_MAX = 16, METHOD_UNKNOWN = 0 };

struct histogram {
	const uint64_t *bounds;     /* each bucket's upper one, rising */
	size_t count;               /* of bounds; one bucket more is above them all */
	uint64_t buckets[HISTOGRAM_MAX + 1], sum;
};

void histogram_add(struct histogram *, uint64_t value);

struct method_figures {
	struct text method;                 /* a copy */
	uint64_t outcomes[ERROR_COUNT];     /* [OK]: answered with a result */
};

struct figures {
	struct method_figures *methods;     /* [METHOD_UNKNOWN]: names that are none */
	size_t method_count;
	struct histogram batches;           /* requests a batch */
	struct histogram commits;           /* microseconds an answer waits for the disk */
	uint64_t storage_refusals;          /* requests */
};

/* Rows for the methods of methods.def. */
void figures_open(struct figures *);
void figures_close(struct figures *);
/* Rows for the methods of every workflow; those there are stay as they are. */
void figures_add(struct figures *, const struct programme *);
/* The row of a method, or METHOD_UNKNOWN. */
size_t figures_row(const struct figures *, struct text method);

#endif
