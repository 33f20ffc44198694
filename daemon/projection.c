/* What an event changes in the store, and how the store catches up with the journal. */
#include "daemon/projection.h"

#include "daemon/feed.h"
#include "daemon/notify.h"
#include "daemon/workflow.h"
#include "proto/i18n.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

enum { CATCH_UP_BATCH = 4000, KEY_ROW_LEN = 8, EVENT_ROW_LEN = 24 };

static const struct text applied_key = { "applied", 7 };

/* --- rows ------------------------------------------------------------------------------------ */

bool
applied_read(struct store *store, struct applied *ret)
{
	struct text row;
	struct applied a;

	if (!store_get(store, TABLE_META, applied_key, &row) || row.len < ID_LEN)
		return false;
	memset(&a, 0, sizeof a);
	a.format = (int64_t)id_read(row.ptr);
	if (a.format != STATE_FORMAT || row.len != 3 * ID_LEN + sizeof a.hash + sizeof a.journal) {
		*ret = a;
		return true;
	}
	a.sequence = (int64_t)id_read(row.ptr + ID_LEN);
	a.time_ms = (int64_t)id_read(row.ptr + 2 * ID_LEN);
	memcpy(a.hash, row.ptr + 3 * ID_LEN, sizeof a.hash);
	memcpy(a.journal, row.ptr + 3 * ID_LEN + sizeof a.hash, sizeof a.journal);
	*ret = a;
	return true;
}

int64_t
applied_format(struct store *store)
{
	struct applied a = { .format = 0 };

	if (store_begin(store) == 0)
		applied_read(store, &a);
	store_abort(store);
	return a.format;
}

void
applied_write(struct store *store, const struct applied *a)
{
	char row[3 * ID_LEN + sizeof a->hash + sizeof a->journal];

	id_write((uint64_t)a->format, row);
	id_write((uint64_t)a->sequence, row + ID_LEN);
	id_write((uint64_t)a->time_ms, row + 2 * ID_LEN);
	memcpy(row + 3 * ID_LEN, a->hash, sizeof a->hash);
	memcpy(row + 3 * ID_LEN + sizeof a->hash, a->journal, sizeof a->journal);
	store_put(store, TABLE_META, applied_key, (struct text){ row, sizeof row });
}

bool
projection_dossier(struct store *store, uint64_t id, struct arena *arena, struct dossier *ret)
{
	char key[ID_LEN];
	struct text row;

	id_write(id, key);
	return store_get(store, TABLE_DOSSIER, (struct text){ key, ID_LEN }, &row) &&
	       codec_unpack(&dossier_shape, row, arena, ret);
}

static void
dossier_write(struct store *store, uint64_t id, const struct dossier *d, struct buf *scratch)
{
	char key[ID_LEN];

	id_write(id, key);
	buf_clear(scratch);
	codec_pack(scratch, &dossier_shape, d, ALL_FIELDS);
	store_put(store, TABLE_DOSSIER, (struct text){ key, ID_LEN }, buf_view(scratch));
}

bool
projection_event(struct store *store, uint64_t sequence, struct event_row *ret)
{
	char key[ID_LEN];
	struct text row;

	id_write(sequence, key);
	if (!store_get(store, TABLE_EVENT, (struct text){ key, ID_LEN }, &row) ||
	    row.len < EVENT_ROW_LEN + 1)
		return false;
	size_t type_len = (uint8_t)row.ptr[EVENT_ROW_LEN];

	if (row.len < EVENT_ROW_LEN + 1 + type_len)
		return false;
	*ret = (struct event_row){
		.position = id_read(row.ptr),
		.before = id_read(row.ptr + ID_LEN),
		.dossier = id_read(row.ptr + 2 * ID_LEN),
		.type = { row.ptr + EVENT_ROW_LEN + 1, type_len },
		.commune = { row.ptr + EVENT_ROW_LEN + 1 + type_len, row.len - EVENT_ROW_LEN - 1 - type_len },
	};
	return true;
}

static void
event_write(struct store *store, uint64_t sequence, const struct event_row *row)
{
	char key[ID_LEN], bytes[EVENT_ROW_LEN + 1 + 64 + 64];
	size_t len = EVENT_ROW_LEN + 1;

	assert(row->type.len <= 64 && row->commune.len <= 64);
	id_write(sequence, key);
	id_write(row->position, bytes);
	id_write(row->before, bytes + ID_LEN);
	id_write(row->dossier, bytes + 2 * ID_LEN);
	bytes[EVENT_ROW_LEN] = (char)row->type.len;
	memcpy(bytes + len, row->type.ptr, row->type.len);
	len += row->type.len;
	memcpy(bytes + len, row->commune.ptr, row->commune.len);
	len += row->commune.len;
	store_append(store, TABLE_EVENT, (struct text){ key, ID_LEN }, (struct text){ bytes, len });
}

/* --- numbers, links, keys ---------------------------------------------------------------------- */

static void
year_key(uint64_t year, char out[ID_LEN + 1])
{
	out[0] = 'n';
	id_write(year, out + 1);
}

uint64_t
projection_number(struct store *store, uint64_t year)
{
	char key[ID_LEN + 1];
	struct text row;

	year_key(year, key);
	return store_get(store, TABLE_META, (struct text){ key, sizeof key }, &row) ? id_read(row.ptr) : 0;
}

/* Numbers are given without holes, so the last one given is the highest. */
static void
number_write(struct store *store, uint64_t id)
{
	char key[ID_LEN + 1], bytes[ID_LEN];

	year_key(id >> 32, key);
	id_write(id & UINT32_MAX, bytes);
	store_put(store, TABLE_META, (struct text){ key, sizeof key }, (struct text){ bytes, ID_LEN });
}

uint64_t
projection_next(struct store *store, uint64_t id)
{
	struct term t = term_id('p', id);
	struct text prefix = { t.bytes, t.len }, key, value;

	if (!store_seek(store, TABLE_INDEX, prefix, &key, &value) || key.len != prefix.len + ID_LEN ||
	    memcmp(key.ptr, prefix.ptr, prefix.len) != 0)
		return 0;
	return id_read(key.ptr + prefix.len);
}

static void
hash_print(const uint8_t *hash, char out[REQUEST_HASH_LEN + 1])
{
	sodium_bin2hex(out, REQUEST_HASH_LEN + 1, hash, REQUEST_HASH_LEN / 2);
}

void
key_hash(struct text account, struct text key, char out[REQUEST_HASH_LEN])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, REQUEST_HASH_LEN);
	crypto_generichash_update(&state, (const uint8_t *)account.ptr, account.len);
	crypto_generichash_update(&state, (const uint8_t *)"", 1);
	crypto_generichash_update(&state, (const uint8_t *)key.ptr, key.len);
	crypto_generichash_final(&state, (uint8_t *)out, REQUEST_HASH_LEN);
}

void
request_hash(struct text method, const struct params *params, char out[REQUEST_HASH_LEN + 1])
{
	uint8_t hash[REQUEST_HASH_LEN / 2];
	struct buf content = { .len = 0 };

	buf_text(&content, method);
	buf_byte(&content, 0);
	codec_pack(&content, &params_shape, params, ~(FIELD(params, key) | FIELD(params, lang) | FIELD(params, dry)));
	crypto_generichash(hash, sizeof hash, (const uint8_t *)content.ptr, content.len, NULL, 0);
	hash_print(hash, out);
	buf_free(&content);
}

bool
projection_key(struct store *store, struct text account, struct text key, uint64_t *ret_sequence)
{
	char hash[REQUEST_HASH_LEN];
	struct text row;

	key_hash(account, key, hash);
	if (!store_get(store, TABLE_KEY, (struct text){ hash, sizeof hash }, &row) || row.len != KEY_ROW_LEN)
		return false;
	*ret_sequence = id_read(row.ptr);
	return true;
}

static void
key_write(struct store *store, struct text account, struct text key, uint64_t sequence)
{
	char hash[REQUEST_HASH_LEN], row[KEY_ROW_LEN];

	key_hash(account, key, hash);
	id_write(sequence, row);
	store_put(store, TABLE_KEY, (struct text){ hash, sizeof hash }, (struct text){ row, sizeof row });
}

/* --- applying ---------------------------------------------------------------------------------- */

static uint64_t
previous_id(const struct programme *programme, const struct dossier *d)
{
	uint64_t id;

	return d && d->previous.ptr && programme_number_parse(programme, d->previous, &id) ? id : 0;
}

/* Ids of the dossiers whose commune has yet to confirm a notice; gathered first, because what is
 * done with them moves the index. */
static struct buf
unheard_ids(struct store *store, struct text commune)
{
	struct term t = term_make('u', commune);
	struct text prefix = { t.bytes, t.len }, key, value;
	struct buf ids = { .len = 0 };

	for (bool more = store_seek(store, TABLE_INDEX, prefix, &key, &value);
	     more && key.len == prefix.len + ID_LEN && memcmp(key.ptr, prefix.ptr, prefix.len) == 0;
	     more = store_next(store, TABLE_INDEX, &key, &value))
		buf_add(&ids, key.ptr + prefix.len, ID_LEN);
	return ids;
}

/* A commune's feed went past notices that it let through: the commune has confirmed them. */
static void
commune_heard(struct store *store, const struct programme *programme, const struct entry *entry,
              const struct feed *feed, struct arena *arena)
{
	struct buf ids = unheard_ids(store, entry->data->commune), scratch = { .len = 0 };

	for (size_t at = 0; at < ids.len; at += ID_LEN) {
		uint64_t id = id_read(ids.ptr + at);
		struct dossier before, after;
		struct event_row row;

		if (!projection_dossier(store, id, arena, &before) ||
		    before.returned_at <= feed->cursor || before.returned_at > entry->data->sequence ||
		    !projection_event(store, (uint64_t)before.returned_at, &row) ||
		    !event_matches(&row, &feed->communes, &feed->types))
			continue;
		after = before;
		workflow_heard(&after, feed->feed, entry->time_ms, arena);
		terms_move(store, id, &before, previous_id(programme, &before),
		           &after, previous_id(programme, &after), arena);
		dossier_write(store, id, &after, &scratch);
	}
	buf_free(&ids);
	buf_free(&scratch);
}

static void
apply_feed(struct store *store, const struct programme *programme, const struct entry *entry, struct arena *arena)
{
	const struct change *data = entry->data;
	struct feed before;
	bool known = feed_read(store, data->by, data->feed, arena, &before);

	event_write(store, entry->sequence, &(struct event_row){
		.position = entry->position,
		.type = entry->type,
		.commune = data->commune.ptr ? data->commune : TEXT(""),
	});
	if (known && data->commune.ptr && text_is(entry->type, "feed.acknowledged"))
		commune_heard(store, programme, entry, &before, arena);
	feed_apply(store, entry, known ? &before : NULL);
}

void
projection_apply(struct store *store, const struct programme *programme, const struct entry *entry,
                 const struct dossier *before, struct arena *arena)
{
	struct dossier after;
	struct buf scratch = { .len = 0 };

	if (!entry->id) {
		apply_feed(store, programme, entry, arena);
		return;
	}
	if (before)
		after = *before;
	else
		shape_init(&dossier_shape, &after);
	workflow_apply(&after, entry->data, entry->type, entry->time_ms, (int64_t)entry->sequence, arena);

	event_write(store, entry->sequence, &(struct event_row){
		.position = entry->position,
		.before = before ? (uint64_t)before->sequence : 0,
		.dossier = entry->id,
		.type = entry->type,
		.commune = after.commune,
	});
	if (!before)
		number_write(store, entry->id);
	if (entry->data->key.ptr)
		key_write(store, entry->data->by, entry->data->key, entry->sequence);
	terms_move(store, entry->id, before, previous_id(programme, before),
	           &after, previous_id(programme, &after), arena);
	dossier_write(store, entry->id, &after, &scratch);
	buf_free(&scratch);
}

static bool
starts_with(struct text t, struct text start)
{
	return t.len > start.len && memcmp(t.ptr, start.ptr, start.len) == 0;
}

struct text
event_word(struct text type)
{
	size_t skip = starts_with(type, TEXT("vn.ocop.dossier.")) ? sizeof "vn.ocop.dossier." - 1
	            : starts_with(type, TEXT("vn.ocop.feed.")) ? sizeof "vn.ocop." - 1 : 0;

	return (struct text){ type.ptr + skip, type.len - skip };
}

struct text
event_name(struct text word, struct arena *arena)
{
	return arena_printf(arena, "vn.ocop.%s%.*s", event_of_feed(word) ? "" : "dossier.", TEXT_ARG(word));
}

bool
event_of_feed(struct text word)
{
	return starts_with(word, TEXT("feed."));
}

static bool
listed(const struct list *words, struct text word)
{
	const struct text *items = words->items;

	for (size_t i = 0; i < words->count; i++)
		if (text_equal(event_word(items[i]), word))
			return true;
	return false;
}

bool
event_matches(const struct event_row *row, const struct list *communes, const struct list *types)
{
	return (!communes->items || listed(communes, row->commune)) &&
	       (types->items ? listed(types, row->type) : !event_of_feed(row->type));
}

bool
event_decode(struct text text, struct arena *arena, struct event *ret)
{
	struct refusal refusal = { .error = OK };
	const struct json *json = json_parse(text, arena, NULL);

	return json && json_type(json) == JSON_OBJECT &&
	       codec_decode(&event_shape, json, ALL_FIELDS, 0, arena, ret, &refusal) == OK;
}

/* --- catching up ------------------------------------------------------------------------------- */

struct catch_up {
	struct store *store;
	const struct programme *programme;
	struct applied applied;
	struct arena *arena;
	struct buf *why;
	size_t pending;             /* events in the open transaction */
	uint64_t total;             /* the journal's last event */
};

static int
catch_up_commit(struct catch_up *c)
{
	int fault;

	if (c->pending == 0)
		return 0;
	applied_write(c->store, &c->applied);
	fault = store_commit(c->store);
	c->pending = 0;
	notify_replaying((uint64_t)c->applied.sequence, c->total);
	return fault;
}

/* What an event belongs to: a dossier's id, or 0 for a feed's. */
static bool
subject_id(const struct programme *programme, const struct event *event, uint64_t *ret)
{
	if (!event_of_feed(event_word(event->type)))
		return event->subject.ptr && programme_number_parse(programme, event->subject, ret);
	*ret = 0;
	return event->data->feed.ptr && event->data->by.ptr;
}

static int
catch_up_event(struct catch_up *c, uint64_t sequence, journal_position position, struct text text)
{
	struct event event;
	struct dossier before;
	struct entry entry = { .sequence = sequence, .position = position };
	char hash[HASH_LEN + 1];

	arena_reset(c->arena);
	if (!event_decode(text, c->arena, &event) || !subject_id(c->programme, &event, &entry.id)) {
		buf_printf(c->why, "journal: event %llu is not one this program knows; "
		           "was it written by a newer version, or under another number template?",
		           (unsigned long long)sequence);
		return -EILSEQ;
	}
	if (c->pending == 0) {
		int fault = store_begin(c->store);

		if (fault < 0)
			return fault;
	}
	c->pending++;
	entry.time_ms = event.time;
	entry.type = event_word(event.type);
	entry.data = event.data;
	bool known = entry.id && projection_dossier(c->store, entry.id, c->arena, &before);

	if (store_fault(c->store) < 0)
		return store_fault(c->store);
	if (entry.id && event.data->version != (known ? before.version : 0) + 1) {
		buf_printf(c->why, "journal: event %llu does not follow the one before it of its dossier",
		           (unsigned long long)sequence);
		return -EILSEQ;
	}
	projection_apply(c->store, c->programme, &entry, known ? &before : NULL, c->arena);
	journal_hash(text, hash);
	c->applied.sequence = (int64_t)sequence;
	c->applied.time_ms = event.time;
	memcpy(c->applied.hash, hash, sizeof c->applied.hash);
	return c->pending == CATCH_UP_BATCH ? catch_up_commit(c) : 0;
}

static int
catch_up_visit(void *context, uint64_t sequence, journal_position position, struct text text)
{
	struct catch_up *c = context;

	if ((int64_t)sequence <= c->applied.sequence) {
		char hash[HASH_LEN + 1];

		journal_hash(text, hash);
		if ((int64_t)sequence == c->applied.sequence &&
		    memcmp(hash, c->applied.hash, sizeof c->applied.hash) != 0) {
			buf_printf(c->why, "state: event %llu is not the one that was applied",
			           (unsigned long long)sequence);
			return -ESTALE;
		}
		return 0;
	}
	return catch_up_event(c, sequence, position, text);
}

/* Where the walk begins: at the last event applied, to compare it. */
static int
catch_up_start(struct catch_up *c, struct journal *journal, journal_position *ret_from, uint64_t *ret_after)
{
	struct event_row row;
	struct applied found;
	int fault = store_begin(c->store);

	if (fault < 0)
		return fault;
	bool any = applied_read(c->store, &found);

	*ret_from = 0;
	*ret_after = 0;
	if (any && found.sequence > 0 && projection_event(c->store, (uint64_t)found.sequence, &row)) {
		*ret_from = row.position;
		*ret_after = (uint64_t)found.sequence - 1;
	}
	store_abort(c->store);
	if (!any)
		return 0;
	if (found.format > STATE_FORMAT) {
		buf_printf(c->why, _("state: it has format %lld, this program knows up to %d; install the newer ocopd, or make "
		                     "the state anew from the journal with --rebuild"), (long long)found.format, (int)STATE_FORMAT);
		return -ENOTSUP;
	}
	if (found.format != STATE_FORMAT) {
		buf_printf(c->why, "state: it has the older format %lld", (long long)found.format);
		return -ESTALE;
	}
	if (memcmp(found.journal, journal_name(journal), sizeof found.journal) != 0 ||
	    (found.sequence && !*ret_from)) {
		buf_str(c->why, "state: it belongs to another journal");
		return -ESTALE;
	}
	/* The journal is synced before the state is committed: this is the loss of answered events. */
	if ((uint64_t)found.sequence > journal_tail(journal).sequence) {
		buf_printf(c->why, "journal: it ends with event %llu, but %lld were answered; restore a backup, or, "
		           "to go on without the lost events, make the state anew from it with --rebuild",
		           (unsigned long long)journal_tail(journal).sequence, (long long)found.sequence);
		return -EILSEQ;
	}
	c->applied = found;
	return 0;
}

/* One walk to the journal's end; -EXFULL where the map has to grow first. */
static int
catch_up_once(struct catch_up *c, struct journal *journal)
{
	journal_position from;
	uint64_t after;

	memset(&c->applied, 0, sizeof c->applied);
	c->applied.format = STATE_FORMAT;
	memset(c->applied.hash, '0', sizeof c->applied.hash);
	memcpy(c->applied.journal, journal_name(journal), sizeof c->applied.journal);
	c->pending = 0;
	int result = catch_up_start(c, journal, &from, &after);

	if (result == 0)
		result = journal_walk(journal, after, from, catch_up_visit, c, c->why);
	if (result == 0)
		return catch_up_commit(c);
	if (c->pending > 0) {
		int fault = store_fault(c->store);

		store_abort(c->store);
		return fault < 0 ? fault : result;
	}
	return result;
}

int
projection_catch_up(struct journal *journal, struct store *store, const struct programme *programme,
                    struct applied *ret_applied, struct buf *ret_why)
{
	struct catch_up c = {
		.store = store, .programme = programme, .why = ret_why, .total = journal_tail(journal).sequence,
	};
	int result;

	c.arena = arena_new();
	while ((result = catch_up_once(&c, journal)) == -EXFULL)
		if ((result = store_grow(store)) < 0)
			break;
	arena_destroy(&c.arena);
	if (result == 0)
		*ret_applied = c.applied;
	else if (ret_why->len == 0)
		buf_printf(ret_why, "state: %s", strerror(-result));
	return result;
}
