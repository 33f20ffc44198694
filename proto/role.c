/* The words and titles of the roles. */
#include "proto/role.h"

#include <assert.h>

static const struct {
	const char *word, *vi, *en;
} roles[ROLE_COUNT] = {
#define X(symbol, word, vi, en) [ROLE_##symbol] = { word, vi, en },
	ROLE_TABLE(X)
#undef X
};

const char *
role_word(enum role role)
{
	assert(role < ROLE_COUNT);
	return roles[role].word;
}

const char *
role_title(enum role role, bool vi)
{
	assert(role < ROLE_COUNT);
	return vi ? roles[role].vi : roles[role].en;
}

bool
role_find(struct text word, enum role *ret)
{
	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		if (text_is(word, roles[i].word)) {
			*ret = (enum role)i;
			return true;
		}
	}
	return false;
}
