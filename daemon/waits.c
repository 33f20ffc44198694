/* Held requests, in the order they came. There are few: a list is gone through from end to end. */
#include "daemon/waits.h"

#include "proto/jsonrpc.h"

#include <stdlib.h>
#include <string.h>

struct waits {
	struct wait **items;
	size_t count, room;
	uint64_t most;
	uint64_t sequence;          /* up to which it is known whom events have stirred */
};

struct waits *
waits_new(uint64_t most)
{
	struct waits *all = xcalloc(1, sizeof *all);

	all->most = most;
	return all;
}

size_t
waits_count(const struct waits *all)
{
	return all->count;
}

void
waits_end(struct wait *w)
{
	message_clear(&w->message);
	message_free(&w->message);
	free(w->account);
	free(w);
}

void
waits_free(struct waits **p)
{
	if (!*p)
		return;
	for (size_t i = 0; i < (*p)->count; i++)
		waits_end((*p)->items[i]);
	free((*p)->items);
	free(*p);
	*p = NULL;
}

static void
append(struct waits *all, struct wait *w)
{
	if (all->count == all->room) {
		size_t room = all->room ? all->room * 2 : 16;
		struct wait **wider = xcalloc(room, sizeof *wider);
		if (all->count)
			memcpy(wider, all->items, all->count * sizeof *wider);
		free(all->items);
		all->items = wider;
		all->room = room;
	}
	all->items[all->count++] = w;
}

static size_t
held_by(const struct waits *all, struct text account)
{
	size_t held = 0;

	for (size_t i = 0; i < all->count; i++)
		held += text_is(account, all->items[i]->account);
	return held;
}

/* Only requests the engine has read are held, so this one can be read. */
static void
refuse_wait(const struct waits *all, const struct engine_request *r)
{
	struct arena *arena = arena_new();
	struct rpc_request *requests;
	struct refusal refusal;
	bool batch;

	if (rpc_parse(r->frame, arena, &requests, &batch, &refusal) == 0)
		abort();
	refusal = (struct refusal){ .error = E_PARAMS, .detail = D_WAITS, .field = TEXT("wait"),
	                             .expect = arena_printf(arena, "%llu", (unsigned long long)all->most) };
	bool vi = text_is(json_text(json_get(requests[0].params, "lang")), "vi");
	rpc_error(r->answer, requests[0].id, &refusal, vi ? LANG_VI : LANG_EN);
	arena_destroy(&arena);
}

bool
waits_hold(struct waits *all, struct message *message, const struct engine_request *r, int64_t now_ms)
{
	struct text account = r->account->actor.account;

	if (held_by(all, account) >= all->most) {
		refuse_wait(all, r);
		return false;
	}
	struct wait *w = xcalloc(1, sizeof *w);
	w->account = xcalloc(1, account.len + 1);
	memcpy(w->account, account.ptr, account.len);
	w->until_ms = now_ms + r->wait_ms;
	w->resume = r->resume;
	w->known = r->known;
	w->interest = r->interest;
	message_move(&w->message, message);
	append(all, w);
	return true;
}

void
waits_drop(struct waits *all, int fd)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->count; i++) {
		if (all->items[i]->message.fd == fd)
			waits_end(all->items[i]);
		else
			all->items[kept++] = all->items[i];
	}
	all->count = kept;
}

int64_t
waits_next(const struct waits *all, uint64_t sequence, int64_t now_ms)
{
	int64_t soonest = NONE;

	for (size_t i = 0; i < all->count; i++) {
		const struct wait *w = all->items[i];
		int64_t left = w->resume < sequence || w->until_ms <= now_ms ? 0 : w->until_ms - now_ms;
		if (soonest == NONE || left < soonest)
			soonest = left;
	}
	return soonest;
}

void
waits_widen(struct waits *all)
{
	for (size_t i = 0; i < all->count; i++)
		all->items[i]->interest = INTEREST_ALL;
}

size_t
waits_take(struct waits *all, uint64_t sequence, struct interest stirred, int64_t now_ms, bool everyone,
           struct wait **ret, size_t max)
{
	size_t kept = 0, taken = 0;

	for (size_t i = 0; i < all->count; i++) {
		struct wait *w = all->items[i];
		if (w->resume >= all->sequence && w->resume < sequence && !interest_meet(w->interest, stirred))
			w->resume = sequence;
		if (taken < max && (everyone || w->resume < sequence || w->until_ms <= now_ms))
			ret[taken++] = w;
		else
			all->items[kept++] = w;
	}
	all->count = kept;
	all->sequence = sequence;
	return taken;
}

void
waits_keep(struct waits *all, struct wait *w, const struct engine_request *r)
{
	w->resume = r->resume;
	w->known = r->known;
	w->interest = r->interest;
	append(all, w);
}
