/* What an event changes in the store. */
#include "daemon/projection.h"

#include "daemon/bulk.h"
#include "daemon/feed.h"
#include "daemon/workflow.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

enum { KEY_ROW_LEN = 8, EVENT_ROW_LEN = 24 };

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

bool
projector_dossier(const struct projector *p, uint64_t id, struct dossier *ret)
{
	char key[ID_LEN];
	struct text row;

	id_write(id, key);
	if (p->bulk && bulk_get(p->bulk, TABLE_DOSSIER, (struct text){ key, ID_LEN }, &row))
		return codec_unpack(&dossier_shape, row, p->arena, ret);
	return projection_dossier(p->store, id, p->arena, ret);
}

static void
put(const struct projector *p, enum store_table table, struct text key, struct text value)
{
	if (p->bulk)
		bulk_put(p->bulk, table, key, value);
	else
		store_put(p->store, table, key, value);
}

/* A record from `before` (NULL: there was none) to `after`, and the index with it. */
static void
dossier_move(const struct projector *p, uint64_t id, const struct dossier *before, const struct dossier *after)
{
	struct buf row = { .len = 0 };
	char key[ID_LEN];

	if (p->bulk)
		terms_move_notice(p->store, id, before, after);
	else
		terms_move(p->store, id, before, projection_previous(p->programme, before),
		           after, projection_previous(p->programme, after), p->arena);
	id_write(id, key);
	codec_pack(&row, &dossier_shape, after, ALL_FIELDS);
	put(p, TABLE_DOSSIER, (struct text){ key, ID_LEN }, buf_view(&row));
	buf_free(&row);
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
key_write(const struct projector *p, struct text account, struct text key, uint64_t sequence)
{
	char hash[REQUEST_HASH_LEN], row[KEY_ROW_LEN];

	key_hash(account, key, hash);
	id_write(sequence, row);
	put(p, TABLE_KEY, (struct text){ hash, sizeof hash }, (struct text){ row, sizeof row });
}

/* --- applying ---------------------------------------------------------------------------------- */

uint64_t
projection_previous(const struct programme *programme, const struct dossier *d)
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
commune_heard(const struct projector *p, const struct entry *entry, const struct feed *feed)
{
	struct buf ids = unheard_ids(p->store, entry->data->commune);

	for (size_t at = 0; at < ids.len; at += ID_LEN) {
		uint64_t id = id_read(ids.ptr + at);
		struct dossier before, after;
		struct event_row row;

		if (!projector_dossier(p, id, &before) ||
		    before.returned_at <= feed->cursor || before.returned_at > entry->data->sequence ||
		    !projection_event(p->store, (uint64_t)before.returned_at, &row) ||
		    !event_matches(&row, &feed->communes, &feed->types))
			continue;
		after = before;
		workflow_heard(&after, feed->feed, entry->time_ms, p->arena);
		dossier_move(p, id, &before, &after);
	}
	buf_free(&ids);
}

static void
apply_feed(const struct projector *p, const struct entry *entry)
{
	const struct change *data = entry->data;
	struct feed before;
	bool known = feed_read(p->store, data->by, data->feed, p->arena, &before);

	event_write(p->store, entry->sequence, &(struct event_row){
		.position = entry->position,
		.type = entry->type,
		.commune = data->commune.ptr ? data->commune : TEXT(""),
	});
	if (known && data->commune.ptr && text_is(entry->type, "feed.acknowledged"))
		commune_heard(p, entry, &before);
	feed_apply(p->store, entry, known ? &before : NULL);
}

void
projection_apply(const struct projector *p, const struct entry *entry, const struct dossier *before)
{
	struct dossier after;

	if (!entry->id) {
		apply_feed(p, entry);
		return;
	}
	if (before)
		after = *before;
	else
		shape_init(&dossier_shape, &after);
	workflow_apply(&after, entry->data, entry->type, entry->time_ms, (int64_t)entry->sequence, p->arena);

	event_write(p->store, entry->sequence, &(struct event_row){
		.position = entry->position,
		.before = before ? (uint64_t)before->sequence : 0,
		.dossier = entry->id,
		.type = entry->type,
		.commune = after.commune,
	});
	if (!before)
		number_write(p->store, entry->id);
	if (entry->data->key.ptr)
		key_write(p, entry->data->by, entry->data->key, entry->sequence);
	dossier_move(p, entry->id, before, &after);
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

	return skip ? (struct text){ type.ptr + skip, type.len - skip } : type;
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
