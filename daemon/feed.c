/* Durable feeds: their rows, what moves them, and who has not been told yet. */
#include "daemon/feed.h"

#include <assert.h>
#include <string.h>

enum { FEEDS_MAX = 64, FEED_KEY_MAX = 200, BEHIND_MIN = 100, LIST_MAX = 4 * 1024 * 1024 };

/* --- rows ---------------------------------------------------------------------------------------- */

static struct text
feed_key(struct text account, struct text feed, char out[FEED_KEY_MAX])
{
	assert(account.len + 1 + feed.len <= FEED_KEY_MAX);
	memcpy(out, account.ptr, account.len);
	out[account.len] = '\0';
	memcpy(out + account.len + 1, feed.ptr, feed.len);
	return (struct text){ out, account.len + 1 + feed.len };
}

bool
feed_read(struct store *store, struct text account, struct text feed, struct arena *arena, struct feed *ret)
{
	char key[FEED_KEY_MAX];
	struct text row;

	return store_get(store, TABLE_FEED, feed_key(account, feed, key), &row) &&
	       codec_unpack(&feed_shape, row, arena, ret);
}

static void
apply_opened(struct feed *f, const struct entry *entry)
{
	const struct change *data = entry->data;

	f->feed = data->feed;
	f->account = data->by;
	f->cursor = data->sequence;
	if (f->opened == NONE)
		f->opened = entry->time_ms;
	f->communes = data->communes;
	f->types = data->types;
	f->commune = data->commune;
	f->changed = (int64_t)entry->sequence;
}

void
feed_apply(struct store *store, const struct entry *entry, const struct feed *before)
{
	const struct change *data = entry->data;
	struct buf row = { .len = 0 };
	char bytes[FEED_KEY_MAX];
	struct text key = feed_key(data->by, data->feed, bytes);
	struct feed f;

	if (before)
		f = *before;
	else
		shape_init(&feed_shape, &f);
	if (text_is(entry->type, "feed.opened")) {
		apply_opened(&f, entry);
	} else if (!before || text_is(entry->type, "feed.closed")) {
		store_del(store, TABLE_FEED, key);
		return;
	} else if (text_is(entry->type, "feed.acknowledged")) {
		f.cursor = data->sequence;
		f.acked = entry->time_ms;
	} else if (text_is(entry->type, "feed.failed")) {
		f.failures = (f.failures == NONE ? 0 : f.failures) + 1;
		f.failed = data->sequence;
		f.reason = data->reason;
		f.failed_at = entry->time_ms;
	}
	codec_pack(&row, &feed_shape, &f, ALL_FIELDS);
	store_put(store, TABLE_FEED, key, buf_view(&row));
	buf_free(&row);
}

/* The first row, or the one after the last given; `whose` absent: of all accounts. */
static bool
feed_walk(const struct view *v, bool first, struct text whose, struct feed *ret)
{
	char bytes[FEED_KEY_MAX];
	struct text start = whose.ptr ? feed_key(whose, TEXT(""), bytes) : TEXT(""), key, value;

	bool more = first ? store_seek(v->store, TABLE_FEED, start, &key, &value)
	                  : store_next(v->store, TABLE_FEED, &key, &value);

	return more && key.len >= start.len && (!start.len || memcmp(key.ptr, start.ptr, start.len) == 0) &&
	       codec_unpack(&feed_shape, value, v->arena, ret);
}

static size_t
feed_count(const struct view *v, struct text whose)
{
	struct feed f;
	size_t count = 0;

	for (bool more = feed_walk(v, true, whose, &f); more; more = feed_walk(v, false, whose, &f))
		count++;
	return count;
}

/* --- what moves a feed --------------------------------------------------------------------------- */

static bool
words_equal(const struct list *a, const struct list *b)
{
	const struct text *x = a->items, *y = b->items;

	if (a->count != b->count || !x != !y)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!text_equal(x[i], y[i]))
			return false;
	return true;
}

/* Types by their short words, however they were named. */
static struct list
type_words(const struct list *types, struct arena *arena)
{
	const struct text *items = types->items;

	if (!items)
		return *types;
	struct text *words = arena_array(arena, types->count + 1, sizeof *words);

	for (size_t i = 0; i < types->count; i++)
		words[i] = event_word(items[i]);
	return (struct list){ words, types->count };
}

static int
beyond(const struct view *v, const char *field, int64_t first, int64_t sequence, struct refusal *refusal)
{
	return refuse(refusal, E_PARAMS, D_RANGE, text_of(field),
	              arena_printf(v->arena, "%lld..%lld", (long long)first, (long long)sequence));
}

static int
decide_open(const struct view *v, const struct params *p, const struct feed *old, int64_t sequence,
            struct change *change, struct text *ret_type, struct refusal *refusal)
{
	int result = query_filter(v, p, refusal);

	if (result != OK)
		return result;
	if (p->position != NONE && p->position > sequence)
		return beyond(v, "from", 0, sequence, refusal);
	change->communes = p->communes;
	change->types = type_words(&p->types, v->arena);
	if (old && words_equal(&old->communes, &change->communes) && words_equal(&old->types, &change->types) &&
	    text_equal(old->commune, change->commune))
		return OK;
	if (!old && feed_count(v, v->account->actor.account) >= FEEDS_MAX)
		return refuse(refusal, E_PARAMS, D_FEEDS, TEXT("feed"), ABSENT);
	change->sequence = old ? old->cursor
	                 : p->position == NONE || p->position == POSITION_NOW ? sequence : p->position;
	*ret_type = TEXT("feed.opened");
	return OK;
}

/* Who did it, as every event tells. */
static void
change_begin(const struct view *v, const struct params *p, struct change *change)
{
	const struct actor *actor = &v->account->actor;
	enum role role = 0;

	while (role + 1 < ROLE_COUNT && !(actor->roles >> role & 1))
		role++;
	shape_init(&change_shape, change);
	change->feed = p->feed;
	change->by = actor->account;
	change->role = text_of(role_word(role));
	if (actor->roles & ROLE(COMMUNE))
		change->commune = actor->commune;
}

int
feed_decide(enum method method, const struct view *v, const struct params *p, int64_t sequence,
            struct change *change, struct text *ret_type, struct refusal *refusal)
{
	struct feed feed;
	bool known = feed_read(v->store, v->account->actor.account, p->feed, v->arena, &feed);

	*ret_type = ABSENT;
	change_begin(v, p, change);
	if (method == METHOD_FEED_OPEN)
		return decide_open(v, p, known ? &feed : NULL, sequence, change, ret_type, refusal);
	if (!known)
		return refuse(refusal, E_UNKNOWN_FEED, DETAIL_NONE, TEXT("feed"), ABSENT);
	change->sequence = p->sequence;
	if (method == METHOD_FEED_CLOSE) {
		change->sequence = feed.cursor;
		*ret_type = TEXT("feed.closed");
	} else if (method == METHOD_FEED_FAIL) {
		if (p->sequence < 1 || p->sequence > sequence)
			return beyond(v, "sequence", 1, sequence, refusal);
		change->reason = p->reason;
		*ret_type = TEXT("feed.failed");
	} else {
		if (p->sequence > sequence)
			return beyond(v, "sequence", 0, sequence, refusal);
		if (p->sequence > feed.cursor)
			*ret_type = TEXT("feed.acknowledged");
	}
	return OK;
}

void
feed_answer(enum method method, const struct view *v, const struct params *p, struct buf *out)
{
	struct feed feed;

	buf_str(out, "{\"feed\":");
	json_write_string(out, p->feed);
	if (!feed_read(v->store, v->account->actor.account, p->feed, v->arena, &feed))
		buf_str(out, ",\"closed\":true");
	else if (method == METHOD_FEED_FAIL)
		buf_printf(out, ",\"failures\":%lld", (long long)feed.failures);
	else
		buf_printf(out, ",\"cursor\":%lld", (long long)feed.cursor);
	buf_byte(out, '}');
}

int
feed_next(const struct view *v, const struct params *p, struct buf *out, struct refusal *refusal)
{
	struct feed feed;

	if (!feed_read(v->store, v->account->actor.account, p->feed, v->arena, &feed))
		return refuse(refusal, E_UNKNOWN_FEED, DETAIL_NONE, TEXT("feed"), ABSENT);
	return query_scan(v, &(struct scan){
		.from = (uint64_t)feed.cursor, .changed = (uint64_t)feed.changed, .communes = feed.communes,
		.types = feed.types, .limit = p->limit == NONE ? READ_DEFAULT : (size_t)p->limit, .wait = p->wait,
	}, out, refusal);
}

/* --- feed.list ----------------------------------------------------------------------------------- */

/* What the feed's owner may see: as the account stands, else by the commune it was opened for. */
static struct actor
feed_owner(const struct view *v, const struct feed *feed)
{
	for (size_t i = 0; v->status->access && i < access_count(v->status->access); i++) {
		const struct account *account = access_item(v->status->access, i);

		if (text_equal(account->actor.account, feed->account))
			return account->actor;
	}
	if (text_equal(v->account->actor.account, feed->account) || !feed->commune.ptr)
		return v->account->actor;
	return (struct actor){ .account = feed->account, .roles = ROLE(COMMUNE), .commune = feed->commune };
}

/* How many events the feed has yet to give, looking at `budget` of the journal's at most; what is
 * behind those counts in full. Returns the first's sequence, 0 for none. */
static uint64_t
feed_behind(const struct view *v, const struct feed *feed, uint64_t budget, uint64_t *ret_lag)
{
	struct actor owner = feed_owner(v, feed);
	uint64_t last = (uint64_t)v->status->sequence, sequence = (uint64_t)feed->cursor, oldest = 0, lag = 0;
	uint64_t stop = sequence + budget < last ? sequence + budget : last;
	struct event_row row;

	while (sequence < stop && projection_event(v->store, ++sequence, &row)) {
		if (!event_matches(&row, &feed->communes, &feed->types) || !query_visible(v, &owner, &row))
			continue;
		oldest = oldest ? oldest : sequence;
		lag++;
	}
	*ret_lag = lag + (sequence < last ? last - sequence : 0);
	return oldest;
}

static void
oldest_print(const struct view *v, uint64_t sequence, struct buf *out)
{
	struct buf text = { .len = 0 };
	struct event_row row;
	struct event event;
	char time[TIME_LEN + 1];

	if (projection_event(v->store, sequence, &row) && journal_read(v->journal, row.position, &text) == 0 &&
	    event_decode(arena_text(v->arena, buf_view(&text)), v->arena, &event)) {
		time_print(event.time, time);
		buf_printf(out, ",\"oldest\":{\"sequence\":%llu,\"time\":\"%s\",\"working_days\":%d}",
		           (unsigned long long)sequence, time,
		           calendar_between(&v->programme->calendar, time_day(event.time), time_day(v->now_ms)));
	}
	buf_free(&text);
}

/* All feeds together may look at as much as one reading does. */
static uint64_t
feed_budget(const struct view *v, struct text whose)
{
	size_t count = feed_count(v, whose);
	uint64_t budget = count ? SCAN_MAX / count : 0;

	return budget > BEHIND_MIN ? budget : BEHIND_MIN;
}

void
feed_lags(const struct view *v, feed_visit *visit, void *context)
{
	uint64_t budget = feed_budget(v, ABSENT), lag;
	struct feed f;

	for (bool more = feed_walk(v, true, ABSENT, &f); more; more = feed_walk(v, false, ABSENT, &f)) {
		feed_behind(v, &f, budget, &lag);
		visit(context, &f, lag);
	}
}

int
feed_list(const struct view *v, const struct params *p, struct buf *out, struct refusal *refusal)
{
	struct text whose = v->account->actor.roles & ROLES_OFFICE ? ABSENT : v->account->actor.account;
	uint64_t budget = feed_budget(v, whose);
	size_t start = out->len;
	struct feed f;
	bool first = true;

	(void)p;
	(void)refusal;
	buf_str(out, "{\"feeds\":[");
	for (bool more = feed_walk(v, true, whose, &f); more; more = feed_walk(v, false, whose, &f)) {
		uint64_t lag, oldest = feed_behind(v, &f, budget, &lag);

		if (out->len - start > LIST_MAX) {
			buf_str(out, "],\"more\":true}");
			return OK;
		}
		if (f.failures == NONE)
			f.failures = 0;
		buf_str(out, first ? "{" : ",{");
		first = false;
		codec_print_members(out, &feed_shape, &f, ALL_FIELDS, false);
		buf_printf(out, ",\"lag\":%llu", (unsigned long long)lag);
		if (oldest)
			oldest_print(v, oldest, out);
		buf_byte(out, '}');
	}
	buf_str(out, "]}");
	return OK;
}
