/* Whom may an event concern? A bit for a commune, a bit for a type. */
#include "daemon/interest.h"

#include "daemon/projection.h"

enum { BITS = 64 };

/* An event without a commune of the programme may be anybody's. */
static uint64_t
commune_bit(const struct programme *p, struct text commune)
{
	for (size_t i = 0; i < p->unit_count; i++)
		if (text_equal(p->units[i].label.code, commune))
			return UINT64_C(1) << i % BITS;
	return UINT64_MAX;
}

static uint64_t
type_bit(struct text word)
{
	size_t hash = word.len;

	for (size_t i = 0; i < word.len; i++)
		hash = hash * 31 + (unsigned char)word.ptr[i];
	return UINT64_C(1) << hash % BITS;
}

struct interest
interest_event(const struct programme *programme, struct text commune, struct text type)
{
	return (struct interest){ commune_bit(programme, commune), type_bit(event_word(type)) };
}

struct interest
interest_filter(const struct programme *programme, const struct list *communes, const struct list *types)
{
	const struct text *commune = communes->items, *type = types->items;
	struct interest all = { commune ? 0 : UINT64_MAX, type ? 0 : UINT64_MAX };

	for (size_t i = 0; commune && i < communes->count; i++)
		all.communes |= commune_bit(programme, commune[i]);
	for (size_t i = 0; type && i < types->count; i++)
		all.types |= type_bit(event_word(type[i]));
	return all;
}

struct interest
interest_join(struct interest a, struct interest b)
{
	return (struct interest){ a.communes | b.communes, a.types | b.types };
}

bool
interest_meet(struct interest a, struct interest b)
{
	return (a.communes & b.communes) && (a.types & b.types);
}
