/* The journal's lines: hash, the facts of an event read without decoding it, the chain. */
#include "daemon/journal_segment.h"

#include "proto/date.h"

#include <sodium.h>
#include <string.h>

void
journal_hash(struct text text, char out[HASH_LEN + 1])
{
	unsigned char hash[HASH_LEN / 2];

	crypto_generichash(hash, sizeof hash, (const unsigned char *)text.ptr, text.len, NULL, 0);
	sodium_bin2hex(out, HASH_LEN + 1, hash, sizeof hash);
}

static bool
eat(struct text *t, const char *literal)
{
	size_t len = strlen(literal);

	if (t->len < len || memcmp(t->ptr, literal, len) != 0)
		return false;
	t->ptr += len;
	t->len -= len;
	return true;
}

/* The rest of a string whose opening quote has been eaten, and its closing quote. */
static bool
eat_string(struct text *t, struct text *ret)
{
	for (size_t i = 0; i < t->len; i++) {
		if (t->ptr[i] == '\\') {
			i++;
		} else if (t->ptr[i] == '"') {
			*ret = (struct text){ t->ptr, i };
			t->ptr += i + 1;
			t->len -= i + 1;
			return true;
		}
	}
	return false;
}

static bool
parse_number(struct text digits, uint64_t *ret)
{
	uint64_t n = 0;

	if (digits.len < 1 || digits.len > 18 || digits.ptr[0] == '0')
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(digits.ptr[i] - '0');
	}
	*ret = n;
	return true;
}

static bool
is_hash(struct text hash)
{
	if (hash.len != HASH_LEN)
		return false;
	for (size_t i = 0; i < HASH_LEN; i++)
		if ((hash.ptr[i] < '0' || hash.ptr[i] > '9') &&
		    (hash.ptr[i] < 'a' || hash.ptr[i] > 'f'))
			return false;
	return true;
}

/* The members before "data" are strings all; walking over them as such is what keeps a quotation
 * inside one of them from being taken for a member. */
static bool
line_facts(struct text event, struct line *ret)
{
	struct text t = event, id, name, value, prevhash, when = { 0 };
	uint64_t sequence;

	if (!event.ptr || !eat(&t, "{\"specversion\":\"1.0\",\"id\":\"") || !eat_string(&t, &id))
		return false;
	for (;;) {
		if (!eat(&t, ",\"") || !eat_string(&t, &name) || !eat(&t, ":\"") ||
		    !eat_string(&t, &value))
			return false;
		if (text_is(name, "sequence"))
			break;
		if (text_is(name, "time"))
			when = value;
	}
	if (!text_equal(id, value) || !parse_number(value, &sequence) ||
	    !eat(&t, ",\"prevhash\":\""))
		return false;
	if (!eat_string(&t, &prevhash) || !is_hash(prevhash) || t.len < 1 ||
	    t.ptr[t.len - 1] != '}')
		return false;
	ret->text = event;
	ret->sequence = sequence;
	ret->prevhash = prevhash;
	ret->time = when;
	return true;
}

bool
journal_peek(struct text event, uint64_t *ret_sequence, struct text *ret_prevhash)
{
	struct line line;

	if (!line_facts(event, &line))
		return false;
	*ret_sequence = line.sequence;
	*ret_prevhash = line.prevhash;
	return true;
}

bool
line_parse(struct text raw, struct line *ret)
{
	struct line line;

	if (raw.len <= LINE_PREFIX || raw.ptr[HASH_LEN] != ' ')
		return false;
	raw.ptr += LINE_PREFIX;
	raw.len -= LINE_PREFIX;
	journal_hash(raw, line.hash);
	if (memcmp(line.hash, raw.ptr - LINE_PREFIX, HASH_LEN) != 0 || !line_facts(raw, &line))
		return false;
	*ret = line;
	return true;
}

bool
line_follow(struct journal_tail *tail, const struct line *line)
{
	int64_t time_ms;

	if (line->sequence != tail->sequence + 1 ||
	    memcmp(line->prevhash.ptr, tail->hash, HASH_LEN) != 0)
		return false;
	if (!line->time.ptr || !time_parse(line->time, &time_ms))
		return false;
	tail->sequence = line->sequence;
	tail->time_ms = time_ms;
	memcpy(tail->hash, line->hash, sizeof tail->hash);
	return true;
}
