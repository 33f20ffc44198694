/* The word that was probably meant, by edit distance. */
#include "proto/nearest.h"

#include <string.h>

enum { WORD_MAX = 64, BEGUN_LEAST = 3 };

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
nearest_distance(struct text a, struct text b)
{
	size_t rows[3][WORD_MAX + 1];
	if (a.len > WORD_MAX || b.len > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			bool same = a.ptr[i - 1] == b.ptr[j - 1];
			row[j] = least(above[j - 1] + !same, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
	}
	return rows[a.len % 3][b.len];
}

struct nearest
nearest_begin(struct text word)
{
	/* A key in three may be wrong, and one in any. */
	return (struct nearest){ .word = word, .distance = (word.len < 4 ? 1 : (word.len + 1) / 3) + 1 };
}

void
nearest_try_as(struct nearest *n, struct text spelling, struct text shown)
{
	size_t distance = nearest_distance(n->word, spelling);
	bool begun = n->word.len >= BEGUN_LEAST && n->word.len < spelling.len && !memcmp(n->word.ptr, spelling.ptr, n->word.len);
	if (begun)
		distance = 0;
	if (distance >= n->distance || distance >= spelling.len)
		return;
	n->distance = distance;
	n->best = shown;
}

void
nearest_try(struct nearest *n, struct text choice)
{
	nearest_try_as(n, choice, choice);
}
