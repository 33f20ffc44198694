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

const struct json *
codes_list(const struct json *programme, enum codes codes)
{
	if (!programme || !lists[codes].list)
		return NULL;
	return json_get(codes == CODES_MEMBER ? json_get(programme, "council") : programme, lists[codes].list);
}

struct text
codes_code(const struct json *item, enum codes codes)
{
	return json_text(json_get(item, lists[codes].key));
}

enum codes
codes_at(struct text path)
{
	static const struct { const char *path; enum codes codes; } places[] = {
		{ "product.group", CODES_GROUP }, { "producer.kind", CODES_PRODUCER }, { "commune", CODES_COMMUNE },
		{ "communes", CODES_COMMUNE }, { "group", CODES_GROUP }, { "round", CODES_ROUND }, { "state", CODES_STATE },
		{ "member", CODES_MEMBER }, { "rule", CODES_RULE }, { "types", CODES_TYPE }, { "documents.code", CODES_DOCUMENT },
		{ "reasons.document", CODES_DOCUMENT }, { "items.content", CODES_CONTENT }, { "items.source", CODES_SOURCE },
	};
	char plain[64];
	size_t len = 0;
	for (size_t i = 0; i < path.len && len < sizeof plain; i++)
		if (path.ptr[i] != '[' && path.ptr[i] != ']' && !(path.ptr[i] >= '0' && path.ptr[i] <= '9'))
			plain[len++] = path.ptr[i];
	for (size_t i = 0; i < countof(places); i++)
		if (len && !strncmp(places[i].path, plain, len) && (!places[i].path[len] || (places[i].path[len] == '.' && len == path.len)))
			return places[i].codes;
	return CODES_NONE;
}

struct text
codes_words(const struct json *programme, enum codes codes, struct text code, int64_t day, enum lang lang)
{
	const struct json *list = codes_list(programme, codes);
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
	for (const struct json *l = json_first(codes_list(programme, codes)); l; l = json_next(l), rank++)
		if (text_equal(codes_code(l, codes), code))
			break;
	return rank;
}
