/* dossier.list: a page of dossiers that answer to every filter, by zig-zag over the index. */
#include "daemon/query.h"

#include "proto/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_DEFAULT = 50, TERMS_MAX = 80, STEPS_MAX = 20000, SAMPLE = 16 };

struct search {
	const struct view *view;
	struct term terms[TERMS_MAX]; /* the rarest first */
	size_t count;
	struct text text;           /* folded; absent: no such filter */
	int64_t overdue;            /* as asked, or NONE */
	size_t steps;               /* rows looked at so far */
};

static void
search_add(struct search *s, struct term t)
{
	if (s->count < TERMS_MAX)
		s->terms[s->count++] = t;
}

static struct text
codes_join(struct arena *arena, const struct label *labels, size_t count, size_t stride)
{
	struct buf b = { .len = 0 };

	for (size_t i = 0; i < count; i++) {
		const struct label *l = (const void *)((const char *)labels + i * stride);

		buf_printf(&b, "%s%.*s", i ? ", " : "", TEXT_ARG(l->code));
	}
	struct text joined = arena_text(arena, buf_view(&b));

	buf_free(&b);
	return joined;
}

/* A filter by a code of the programme: a code that is none is a typo, not an empty list. */
static int
search_code(struct search *s, char letter, const char *field, struct text code,
            const struct label *labels, size_t count, size_t stride, struct refusal *refusal)
{
	bool known = false;

	if (!code.ptr)
		return OK;
	for (size_t i = 0; i < count && !known; i++)
		known = text_equal(((const struct label *)(const void *)((const char *)labels + i * stride))->code, code);
	if (!known)
		return refuse(refusal, E_PARAMS, D_CHOICE, text_of(field), codes_join(s->view->arena, labels, count, stride));
	search_add(s, term_make(letter, code));
	return OK;
}

static void
search_text(struct search *s, struct text text)
{
	if (!text.ptr)
		return;
	s->text = utf8_fold(text, s->view->arena);
	/* Shorter texts have no term; the rows are looked at one by one, within STEPS_MAX. */
	for (size_t i = 0; i + GRAM_LEN <= s->text.len && s->count < TERMS_MAX - 2; i++)
		search_add(s, term_make('t', (struct text){ s->text.ptr + i, GRAM_LEN }));
}

#define LABELS(array) &(array)->label, (size_t)sizeof *(array)

static int
search_make(struct search *s, const struct params *p, struct refusal *refusal)
{
	const struct programme *pr = s->view->programme;
	const struct workflow *w = programme_workflow(pr, ABSENT);
	const struct actor *actor = &s->view->account->actor;
	struct text star;
	int result;

	if ((result = search_code(s, 's', "state", p->state, &w->states->label, w->state_count, sizeof *w->states, refusal)) ||
	    (result = search_code(s, 'c', "commune", p->commune, &pr->units->label, pr->unit_count, sizeof *pr->units, refusal)) ||
	    (result = search_code(s, 'g', "group", p->group, &pr->sets->label, pr->set_count, sizeof *pr->sets, refusal)) ||
	    (result = search_code(s, 'r', "round", p->round, &pr->rounds->label, pr->round_count, sizeof *pr->rounds, refusal)))
		return result;
	if (p->stars != NONE) {
		star = arena_printf(s->view->arena, "%lld", (long long)p->stars);
		search_add(s, term_make('*', star));
	}
	if (p->overdue == 1)
		search_add(s, term_make('o', TEXT("")));
	s->overdue = p->overdue;
	if (actor->roles == ROLE(COMMUNE))
		search_add(s, term_make('c', actor->commune));
	search_text(s, p->text);
	return OK;
}

/* The id behind the term in a key of the index; 0 where it is another term's. */
static uint64_t
term_match(const struct term *t, struct text key)
{
	return key.len == t->len + (size_t)ID_LEN && memcmp(key.ptr, t->bytes, t->len) == 0 ? id_read(key.ptr + t->len) : 0;
}

/* The first id from `id` on that bears the term; 0 where there is none. */
static uint64_t
term_seek(struct search *s, const struct term *t, uint64_t id)
{
	char bytes[TERM_MAX + ID_LEN];
	struct text key, value;

	memcpy(bytes, t->bytes, t->len);
	id_write(id, bytes + t->len);
	s->steps++;
	return store_seek(s->view->store, TABLE_INDEX, (struct text){ bytes, t->len + (size_t)ID_LEN }, &key, &value) ?
	       term_match(t, key) : 0;
}

/* The one after that. */
static uint64_t
term_next(struct search *s, const struct term *t)
{
	struct text key, value;

	s->steps++;
	return store_next(s->view->store, TABLE_INDEX, &key, &value) ? term_match(t, key) : 0;
}

struct spread {
	uint64_t ids;               /* how many ids the sample spreads over */
	struct term term;
};

static int
spread_compare(const void *a, const void *b)
{
	const struct spread *x = a, *y = b;

	return (x->ids < y->ids) - (x->ids > y->ids);
}

/* The wider a few of a term's ids from `id` on lie apart, the fewer there are; where there are not
 * even so many, the fewer the rarer. */
static void
search_order(struct search *s, uint64_t id)
{
	struct spread spreads[TERMS_MAX];

	if (s->count < 2)
		return;
	for (size_t i = 0; i < s->count; i++) {
		uint64_t last = id, found = term_seek(s, &s->terms[i], id);
		size_t seen = 0;

		for (; found && ++seen < SAMPLE; found = term_next(s, &s->terms[i]))
			last = found;
		spreads[i].ids = found ? last - id : UINT64_MAX - seen;
		spreads[i].term = s->terms[i];
	}
	qsort(spreads, s->count, sizeof *spreads, spread_compare);
	for (size_t i = 0; i < s->count; i++)
		s->terms[i] = spreads[i].term;
}

static uint64_t
any_seek(struct search *s, uint64_t id)
{
	char bytes[ID_LEN];
	struct text key, value;

	id_write(id, bytes);
	s->steps++;
	if (!store_seek(s->view->store, TABLE_DOSSIER, (struct text){ bytes, ID_LEN }, &key, &value))
		return 0;
	return id_read(key.ptr);
}

/* The first id from `id` on that bears every term; 0: none. Where the steps run out, it is only
 * the id up to which there is none (*ret_sure is false). */
static uint64_t
search_next(struct search *s, uint64_t id, bool *ret_sure)
{
	*ret_sure = true;
	if (s->count == 0)
		return any_seek(s, id);
	for (size_t i = 0; i < s->count; ) {
		uint64_t found = term_seek(s, &s->terms[i], id);

		if (found == 0)
			return 0;
		/* What one lets through the rarer ones are asked again. */
		i = found == id || i == 0 ? i + 1 : 0;
		id = found;
		if (s->steps > STEPS_MAX && i < s->count) {
			*ret_sure = false;
			return id;
		}
	}
	return id;
}

/* What the index can't tell. */
static bool
search_fits(struct search *s, const struct dossier *d)
{
	if (s->overdue == 0 && d->overdue == 1)
		return false;
	if (!s->text.ptr || s->text.len == 0)
		return true;
	struct text folded = terms_text(d, s->view->arena);

	return memmem(folded.ptr, folded.len, s->text.ptr, s->text.len) != NULL;
}

int
query_list(const struct view *v, const struct params *p, struct buf *out, struct refusal *refusal)
{
	struct search s = { .view = v };
	size_t limit = p->list_limit == NONE ? LIST_DEFAULT : (size_t)p->list_limit, given = 0;
	uint64_t id = 0, last = 0;
	bool sure = true;
	int result = search_make(&s, p, refusal);

	if (result != OK)
		return result;
	if (p->cursor.ptr && !programme_number_parse(v->programme, p->cursor, &last))
		return refuse(refusal, E_PARAMS, D_TYPE, TEXT("after"), TEXT("\"next\" of the page before"));
	search_order(&s, last + 1);
	buf_str(out, "{\"dossiers\":[");
	while ((id = search_next(&s, last + 1, &sure)) != 0) {
		struct dossier d;

		if (!sure || given == limit || s.steps > STEPS_MAX)
			break;
		last = id;
		if (!query_load(v, id, &d) || !search_fits(&s, &d))
			continue;
		buf_str(out, given++ ? ",{" : "{");
		query_record(v, &d, false, out);
		buf_byte(out, '}');
	}
	/* More may follow, from `id` on. No dossier has the number 0: the cursor then is the year before's end. */
	buf_str(out, "],\"next\":");
	if (id == 0)
		buf_str(out, "null");
	else
		json_write_string(out, programme_number_print(v->programme, (uint32_t)(id - 1) ? id - 1 : id - 2, v->arena));
	buf_byte(out, '}');
	return OK;
}
