/* The state in memory: a treap a table, a log to undo the open transaction, faults on demand. */
#include "tests/store_mem.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_MOST = 511, MAP_FIRST = 1 << 20 };

struct row {
	struct row *left, *right;
	uint64_t priority;
	struct text key, value;
};

/* What stood under a key before a change; an absent value: nothing. */
struct undo {
	struct undo *before;
	enum store_table table;
	struct text key, value;
};

struct loan {
	struct loan *next;
	char bytes[];
};

struct store {
	struct row *roots[TABLE_TOTAL];
	struct text places[TABLE_TOTAL];        /* the key a seek or next gave last; absent: the end */
	bool placed[TABLE_TOTAL];               /* neither put, del nor the end lost it */
	struct undo *undo;
	struct loan *loans;
	bool open;
	int fault;
	int countdown, fault_due;
	bool sticky, fired;
	uint64_t random;
	struct store_figures figures;
};

static struct text
copy(struct text t)
{
	char *bytes = xcalloc(t.len + 1, 1);
	if (t.len)
		memcpy(bytes, t.ptr, t.len);
	return (struct text){ bytes, t.len };
}

static void
drop(struct text *t)
{
	free((char *)t->ptr);
	*t = (struct text){ 0 };
}

/* The treap */

static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static struct row *
find(struct row *row, struct text key)
{
	while (row) {
		int order = text_compare(key, row->key);
		if (!order)
			break;
		row = order < 0 ? row->left : row->right;
	}
	return row;
}

/* The first row at or behind the key, or only behind it. */
static struct row *
find_from(struct row *row, struct text key, bool behind)
{
	struct row *best = NULL;
	while (row) {
		int order = text_compare(key, row->key);
		if (order < 0 || (!order && !behind)) {
			best = row;
			row = row->left;
		} else {
			row = row->right;
		}
	}
	return best;
}

static void
split(struct row *row, struct text key, struct row **ret_less, struct row **ret_more)
{
	if (!row) {
		*ret_less = *ret_more = NULL;
	} else if (text_compare(row->key, key) < 0) {
		*ret_less = row;
		split(row->right, key, &row->right, ret_more);
	} else {
		*ret_more = row;
		split(row->left, key, ret_less, &row->left);
	}
}

static struct row *
merge(struct row *a, struct row *b)
{
	if (!a || !b)
		return a ? a : b;
	if (a->priority > b->priority) {
		a->right = merge(a->right, b);
		return a;
	}
	b->left = merge(a, b->left);
	return b;
}

static void
insert(struct row **root, struct row *row)
{
	while (*root && (*root)->priority >= row->priority)
		root = text_compare(row->key, (*root)->key) < 0 ? &(*root)->left : &(*root)->right;
	split(*root, row->key, &row->left, &row->right);
	*root = row;
}

static void
detach(struct row **root, struct text key)
{
	int order;
	while ((order = text_compare(key, (*root)->key)))
		root = order < 0 ? &(*root)->left : &(*root)->right;
	*root = merge((*root)->left, (*root)->right);
}

/* Makes the value stand under the key (absent: nothing), taking the value's memory; gives back
 * what stood there. */
static struct text
exchange(struct store *s, enum store_table table, struct text key, struct text value)
{
	struct row *row = find(s->roots[table], key);
	struct text old = row ? row->value : (struct text){ 0 };
	if (row && value.ptr) {
		row->value = value;
	} else if (row) {
		detach(&s->roots[table], key);
		drop(&row->key);
		free(row);
		s->figures.rows[table]--;
	} else if (value.ptr) {
		row = xcalloc(1, sizeof *row);
		row->key = copy(key);
		row->value = value;
		row->priority = next_random(&s->random);
		insert(&s->roots[table], row);
		s->figures.rows[table]++;
	}
	s->figures.used_bytes += value.ptr ? key.len + value.len : 0;
	s->figures.used_bytes -= old.ptr ? key.len + old.len : 0;
	return old;
}

static void
free_rows(struct row *row)
{
	if (!row)
		return;
	free_rows(row->left);
	free_rows(row->right);
	drop(&row->key);
	drop(&row->value);
	free(row);
}

/* Transactions and faults */

static void
end_loans(struct store *s)
{
	while (s->loans) {
		struct loan *next = s->loans->next;
		free(s->loans);
		s->loans = next;
	}
}

static struct text
lend(struct store *s, struct text t)
{
	struct loan *loan = xcalloc(1, sizeof *loan + t.len);
	memcpy(loan->bytes, t.ptr, t.len);
	loan->next = s->loans;
	s->loans = loan;
	return (struct text){ loan->bytes, t.len };
}

static bool
meets_fault(struct store *s)
{
	if (s->fired ? s->sticky : s->countdown > 0 && --s->countdown == 0) {
		s->fired = true;
		s->fault = s->fault_due;
	}
	return s->fault;
}

static void
end(struct store *s, bool keep)
{
	while (s->undo) {
		struct undo *u = s->undo;
		s->undo = u->before;
		if (!keep) {
			struct text newer = exchange(s, u->table, u->key, u->value);
			drop(&newer);
		} else {
			drop(&u->value);
		}
		drop(&u->key);
		free(u);
	}
	for (int i = 0; i < TABLE_TOTAL; i++) {
		drop(&s->places[i]);
		s->placed[i] = false;
	}
	end_loans(s);
	s->open = false;
	s->fault = 0;
}

void
store_mem_open(struct store **ret)
{
	struct store *s = xcalloc(1, sizeof *s);
	s->random = UINT64_C(0x9E3779B97F4A7C15);
	s->figures.map_bytes = MAP_FIRST;
	*ret = s;
}

int
store_open(const struct store_options *options, struct store **ret)
{
	if (options->read_only)
		return -ENOENT;
	store_mem_open(ret);
	return 0;
}

void
store_close(struct store **store)
{
	struct store *s = *store;
	if (!s)
		return;
	store_mem_crash(s);
	for (int i = 0; i < TABLE_TOTAL; i++)
		free_rows(s->roots[i]);
	free(s);
	*store = NULL;
}

void
store_mem_fail_at(struct store *s, int countdown, int fault, bool sticky)
{
	assert(fault < 0 || !countdown);
	s->countdown = countdown;
	s->fault_due = fault;
	s->sticky = sticky;
	s->fired = false;
}

bool
store_mem_fired(const struct store *s)
{
	return s->fired;
}

void
store_mem_crash(struct store *s)
{
	if (s->open)
		end(s, false);
}

int
store_begin(struct store *s)
{
	assert(!s->open);
	s->open = true;
	return 0;
}

int
store_commit(struct store *s)
{
	assert(s->open);
	int fault = s->fault;
	if (!fault && meets_fault(s))
		fault = s->fault;
	end(s, !fault);
	s->figures.commits += !fault;
	return fault;
}

void
store_abort(struct store *s)
{
	assert(s->open);
	end(s, false);
}

int
store_fault(const struct store *s)
{
	return s->fault;
}

int
store_grow(struct store *s)
{
	assert(!s->open);
	s->figures.map_bytes *= 2;
	return 0;
}

int
store_stretch(struct store *s)
{
	(void)s;
	return -ENOSPC;
}

bool
store_stretched(const struct store *s)
{
	(void)s;
	return false;
}

int
store_prepare(struct store *s)
{
	(void)s;
	return 0;
}

int
store_sync(struct store *s)
{
	(void)s;
	return 0;
}

/* Rows */

static void
change(struct store *s, enum store_table table, struct text key, struct text value)
{
	assert(s->open);
	end_loans(s);
	s->placed[table] = false;
	if (s->fault || meets_fault(s))
		return;
	if (!key.len || key.len > KEY_MOST) {
		s->fault = -EINVAL;
		return;
	}
	struct undo *u = xcalloc(1, sizeof *u);
	u->table = table;
	u->key = copy(key);
	u->value = exchange(s, table, u->key, value.ptr ? copy(value) : value);
	u->before = s->undo;
	s->undo = u;
}

void
store_put(struct store *s, enum store_table table, struct text key, struct text value)
{
	change(s, table, key, value.ptr ? value : TEXT(""));
	s->figures.puts += !s->fault;
}

void
store_append(struct store *s, enum store_table table, struct text key, struct text value)
{
	store_put(s, table, key, value);
}

void
store_del(struct store *s, enum store_table table, struct text key)
{
	change(s, table, key, (struct text){ 0 });
}

void
store_clear(struct store *s, enum store_table table)
{
	struct text key;

	assert(s->open);
	while (s->roots[table] && !s->fault) {
		key = copy(s->roots[table]->key);
		store_del(s, table, key);
		drop(&key);
	}
	s->placed[table] = false;
}

bool
store_get(struct store *s, enum store_table table, struct text key, struct text *ret_value)
{
	assert(s->open);
	const struct row *row = s->fault ? NULL : find(s->roots[table], key);
	if (row)
		*ret_value = lend(s, row->value);
	return row;
}

static bool
place(struct store *s, enum store_table table, const struct row *row,
      struct text *ret_key, struct text *ret_value)
{
	s->figures.steps++;
	drop(&s->places[table]);
	if (!row)
		return false;
	s->places[table] = copy(row->key);
	*ret_key = lend(s, row->key);
	*ret_value = lend(s, row->value);
	return true;
}

bool
store_seek(struct store *s, enum store_table table, struct text key,
           struct text *ret_key, struct text *ret_value)
{
	assert(s->open);
	if (s->fault)
		return false;
	const struct row *row = find_from(s->roots[table], key, false);
	s->placed[table] = true;
	return place(s, table, row, ret_key, ret_value);
}

bool
store_next(struct store *s, enum store_table table, struct text *ret_key, struct text *ret_value)
{
	assert(s->open);
	if (s->fault)
		return false;
	assert(s->placed[table]);
	if (!s->places[table].ptr)
		return false;
	return place(s, table, find_from(s->roots[table], s->places[table], true), ret_key, ret_value);
}

struct store_figures
store_figures(struct store *s)
{
	return s->figures;
}

int
store_copy(struct store *s, const char *dir)
{
	(void)s;
	(void)dir;
	return -ENOTSUP;
}
