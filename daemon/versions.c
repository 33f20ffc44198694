/* Whether the programme has what its dossiers run under: from the figures, and where these leave a doubt
 * from the dossiers. */
#include "daemon/versions.h"

#include "daemon/terms.h"
#include "daemon/workflow.h"
#include "proto/i18n.h"

struct doubt {
	const struct programme *programme;
	bool any;
};

/* Which state belongs to which version the figures don't tell: all versions should know it. */
static void
look(void *context, struct text round, struct text commune, char letter, struct text value, int64_t count)
{
	struct doubt *doubt = context;
	const struct programme *p = doubt->programme;
	struct text group;

	(void)round, (void)commune, (void)count;
	if (letter == 'w')
		doubt->any |= !programme_workflow(p, value);
	else if (letter == 'C')
		doubt->any |= text_next(&value, ' ', &group) && !programme_set(p, group, 0, value);
	else if (letter == 's')
		for (size_t i = 0; i < p->workflow_count; i++)
			doubt->any |= workflow_state(&p->workflows[i], value) < 0;
}

static bool
fits_dossier(const struct programme *new, const struct dossier *d, struct buf *why)
{
	const struct workflow *w = programme_workflow(new, d->workflow);

	if (!w)
		buf_printf(why, _("the workflow valid from %.*s is missing, and %.*s runs under it; put it back"),
		           TEXT_ARG(d->workflow), TEXT_ARG(d->dossier));
	else if (workflow_state(w, d->state) < 0)
		buf_printf(why, _("the workflow valid from %.*s has no state \"%.*s\", and %.*s stands there; put it back"),
		           TEXT_ARG(w->valid_from), TEXT_ARG(d->state), TEXT_ARG(d->dossier));
	else if (d->criteria.ptr && d->product && !programme_set(new, d->product->group, 0, d->criteria))
		buf_printf(why, _("the criteria of %.*s valid from %.*s are missing, and %.*s is judged by them; put them back"),
		           TEXT_ARG(d->product->group), TEXT_ARG(d->criteria), TEXT_ARG(d->dossier));
	else
		return true;
	return false;
}

/* The first dossier that can't go on is told. */
static bool
fits_dossiers(const struct programme *new, struct store *store, struct buf *why)
{
	struct arena *arena = arena_new();
	struct text key, value;
	struct dossier dossier;
	bool fits = true;

	for (bool any = store_seek(store, TABLE_DOSSIER, TEXT(""), &key, &value); fits && any;
	     any = store_next(store, TABLE_DOSSIER, &key, &value)) {
		arena_reset(arena);
		fits = codec_unpack(&dossier_shape, value, arena, &dossier) && fits_dossier(new, &dossier, why);
	}
	arena_destroy(&arena);
	return fits;
}

/* All numbers are of one template. */
static bool
fits_number(const struct programme *new, struct store *store, struct buf *why)
{
	struct arena *arena = arena_new();
	struct text key, value;
	struct dossier d = { .version = 0 };
	uint64_t id;
	bool fits = !store_seek(store, TABLE_DOSSIER, TEXT(""), &key, &value) ||
	            (codec_unpack(&dossier_shape, value, arena, &d) && programme_number_parse(new, d.dossier, &id));

	if (!fits && d.dossier.ptr)
		buf_printf(why, _("the number template does not give %.*s; put it back"), TEXT_ARG(d.dossier));
	arena_destroy(&arena);
	return fits;
}

bool
versions_fit(const struct programme *new, struct store *store, struct buf *ret_why)
{
	struct doubt doubt = { .programme = new };
	bool fits = store_begin(store) == 0 && fits_number(new, store, ret_why);

	if (fits)
		counts_walk(store, look, &doubt);
	if (fits && doubt.any)
		fits = fits_dossiers(new, store, ret_why);
	if (store_fault(store) != 0)
		fits = false;
	store_abort(store);
	if (!fits && !ret_why->len)
		buf_str(ret_why, _("the dossiers can't be read to see whether they fit; nothing was changed"));
	return fits;
}
