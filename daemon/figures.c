/* Counters and histograms of the daemon's own work. */
#include "daemon/figures.h"

#include <stdlib.h>
#include <string.h>

static const uint64_t batch_bounds[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256 };
static const uint64_t commit_bounds[] = { 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000,
                                          500000, 1000000, 2500000, 5000000 };
_Static_assert(countof(commit_bounds) <= HISTOGRAM_MAX, "buckets");

void
histogram_add(struct histogram *h, uint64_t value)
{
	size_t i = 0;

	while (i < h->count && value > h->bounds[i])
		i++;
	h->buckets[i]++;
	h->sum += value;
}

static void
add_method(struct figures *f, struct text method)
{
	for (size_t i = 0; i < f->method_count; i++)
		if (text_equal(f->methods[i].method, method))
			return;
	struct method_figures *wider = xcalloc(f->method_count + 1, sizeof *wider);
	char *name = xcalloc(1, method.len + 1);

	if (f->method_count)
		memcpy(wider, f->methods, f->method_count * sizeof *wider);
	free(f->methods);
	f->methods = wider;
	memcpy(name, method.ptr, method.len);
	f->methods[f->method_count++].method = (struct text){ name, method.len };
}

void
figures_open(struct figures *f)
{
	static const char *const fixed[] = {
		"unknown",
#define METHOD(symbol, name, roles, takes, needs) name,
#include "proto/methods.def"
	};

	*f = (struct figures){
		.batches = { .bounds = batch_bounds, .count = countof(batch_bounds) },
		.commits = { .bounds = commit_bounds, .count = countof(commit_bounds) },
	};
	for (size_t i = 0; i < countof(fixed); i++)
		add_method(f, text_of(fixed[i]));
}

void
figures_add(struct figures *f, const struct programme *programme)
{
	for (size_t w = 0; w < programme->workflow_count; w++)
		for (size_t i = 0; i < programme->workflows[w].transition_count; i++)
			add_method(f, programme->workflows[w].transitions[i].method);
}

void
figures_close(struct figures *f)
{
	for (size_t i = 0; i < f->method_count; i++)
		free((char *)f->methods[i].method.ptr);
	free(f->methods);
	*f = (struct figures){ .methods = NULL };
}

size_t
figures_row(const struct figures *f, struct text method)
{
	for (size_t i = 1; i < f->method_count; i++)
		if (text_equal(f->methods[i].method, method))
			return i;
	return METHOD_UNKNOWN;
}
