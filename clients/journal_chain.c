/* The chain of the journal's events. */
#include "clients/journal_chain.h"

#include "proto/i18n.h"

#include <sodium.h>
#include <string.h>

enum { HASH_BYTES = CHAIN_HASH_HEX / 2, DIGITS_MAX = 15 };

void
chain_hash(struct text text, char ret[CHAIN_HASH_HEX + 1])
{
	uint8_t hash[HASH_BYTES];
	crypto_generichash(hash, sizeof hash, (const uint8_t *)text.ptr, text.len, NULL, 0);
	sodium_bin2hex(ret, CHAIN_HASH_HEX + 1, hash, sizeof hash);
}

static int64_t
sequence_of(const struct json *event)
{
	struct text digits = json_text(json_get(event, "sequence"));
	int64_t n = 0;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.ptr[i] < '0' || digits.ptr[i] > '9' || digits.len > DIGITS_MAX || digits.ptr[0] == '0')
			return 0;
		n = n * 10 + (digits.ptr[i] - '0');
	}
	return n;
}

static const struct json *
event_of(struct text text, struct arena *arena)
{
	const struct json *event = json_parse(text, arena, NULL);
	return event && json_type(event) == JSON_OBJECT ? event : NULL;
}

int64_t
chain_sequence(struct text text, struct arena *arena)
{
	const struct json *event = event_of(text, arena);
	return event ? sequence_of(event) : 0;
}

/* What the event must name as the hash before it; NULL where that is not known. */
static const char *
wanted_hash(const struct chain *c, int64_t sequence)
{
	static const char none[] = "0000000000000000000000000000000000000000000000000000000000000000";
	return c->last ? c->hash : sequence == 1 ? none : NULL;
}

bool
chain_add(struct chain *c, struct text text, struct arena *arena, struct buf *ret_why)
{
	size_t at = 0;
	const struct json *event = json_parse(text, arena, &at);
	if (!event || json_type(event) != JSON_OBJECT) {
		buf_printf(ret_why, _("this is no event: no JSON object; the fault is at byte %zu"), at);
		return false;
	}
	int64_t sequence = sequence_of(event);
	struct text prevhash = json_text(json_get(event, "prevhash"));
	if (!sequence || prevhash.len != CHAIN_HASH_HEX) {
		buf_str(ret_why, _("this is no event of a journal: it has no sequence or no prevhash"));
		return false;
	}
	if (c->last && sequence != c->last + 1) {
		buf_printf(ret_why, _("event %lld stands where %lld is due"), (long long)sequence, (long long)c->last + 1);
		return false;
	}
	const char *wanted = wanted_hash(c, sequence);
	if (wanted && !text_is(prevhash, wanted)) {
		buf_printf(ret_why, sequence == 1 ? _("event %lld is the first, and its prevhash is not zero: %.*s instead of %s") :
		           _("event %lld does not follow from the text before it, one of the two was changed: its prevhash is %.*s, the hash of the text before is %s"),
		           (long long)sequence, TEXT_ARG(prevhash), wanted);
		return false;
	}
	if (!c->last)
		c->first = sequence;
	c->last = sequence;
	chain_hash(text, c->hash);
	return true;
}
