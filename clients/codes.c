/* The words for codes: those of the programme and those of the protocol itself. */
#include "clients/codes.h"

#include "clients/places.h"
#include "proto/i18n.h"

#include <string.h>

static const struct {
	const char *list, *key;
} lists[CODES_COUNT] = {
	[CODES_STATE] = { "states", "state" },
	[CODES_COMMUNE] = { "communes", "code" },
	[CODES_GROUP] = { "groups", "code" },
	[CODES_PRODUCER] = { "kinds", "code" },
	[CODES_ROUND] = { "rounds", "code" },
	[CODES_DOCUMENT] = { "documents", "code" },
	[CODES_MEMBER] = { "members", "code" },
	[CODES_RULE] = { "findings", "code" },
	[CODES_CONTENT] = { "contents", "code" },
	[CODES_SOURCE] = { "sources", "code" },
	[CODES_METHOD] = { "transitions", "method" },
	[CODES_TYPE] = { "transitions", "event" },
};

static const struct {
	enum codes codes;
	const char *code, *words;
} fixed[] = {
#define WORD(codes, code, words) { codes, code, words },
#include "clients/words.def"
};

static const struct json *
list_of(const struct json *programme, enum codes codes)
{
	if (!programme || !lists[codes].list)
		return NULL;
	return json_get(codes == CODES_MEMBER ? json_get(programme, "council") : programme, lists[codes].list);
}

struct text
codes_words(const struct json *programme, enum codes codes, struct text code, int64_t day, enum lang lang)
{
	const struct json *list = list_of(programme, codes);
	struct text words = list ? label_by(list, lists[codes].key, code, day, lang) : ABSENT;
	for (size_t i = 0; !words.ptr && i < countof(fixed); i++)
		if (fixed[i].codes == codes && text_is(code, fixed[i].code))
			words = text_of(_(fixed[i].words));
	return words;
}

size_t
codes_rank(const struct json *programme, enum codes codes, struct text code)
{
	size_t rank = 0;
	for (const struct json *l = json_first(list_of(programme, codes)); l; l = json_next(l), rank++)
		if (text_equal(json_text(json_get(l, lists[codes].key)), code))
			break;
	return rank;
}
