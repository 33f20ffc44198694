/* Names by their likeness. */
#include "clients/nearest.h"

#include "proto/utf8.h"

#include <string.h>

enum { LEN_MAX = 64 };

/* How many characters have to be put in, left out or exchanged (Levenshtein). */
static int
distance(struct text a, struct text b)
{
	int row[LEN_MAX + 1];
	if (a.len > LEN_MAX || b.len > LEN_MAX)
		return LEN_MAX;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = (int)j;
	for (size_t i = 1; i <= a.len; i++) {
		int corner = row[0]++;
		for (size_t j = 1; j <= b.len; j++) {
			int best = corner + (a.ptr[i - 1] != b.ptr[j - 1]);
			corner = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b.len];
}

struct nearest
nearest_to(struct text name, struct arena *arena)
{
	struct text folded = utf8_fold(name, arena);
	/* Two names of which more than a third differs are no slip of the pen. */
	return (struct nearest){ .wanted = folded, .best = 1 + (int)(folded.len + 2) / 3 };
}

/* Short for it: its first words. */
static bool
begins(struct text whole, struct text words)
{
	return words.len && words.len < whole.len && !memcmp(whole.ptr, words.ptr, words.len) && whole.ptr[words.len] == ' ';
}

void
nearest_try(struct nearest *n, struct text folded, struct text shown)
{
	int d = begins(folded, n->wanted) ? 1 : distance(n->wanted, folded);
	if (d >= n->best)
		return;
	n->best = d;
	n->found = shown;
}
