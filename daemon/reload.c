/* SIGHUP: the programme's folder read again, and whether the dossiers there are can live with it. */
#include "daemon/reload.h"

#include <errno.h>

static bool
keeps_workflow(const struct programme *new, const struct workflow *old)
{
	const struct workflow *w = programme_workflow(new, old->valid_from);

	for (size_t i = 0; w && i < old->state_count; i++)
		if (workflow_state(w, old->states[i].label.code) < 0)
			return false;
	return w;
}

static bool
keeps_set(const struct programme *new, const struct criteria_set *old)
{
	return programme_set(new, old->label.code, 0, old->valid_from);
}

/* Then no dossier has to be asked. */
static bool
keeps_all(const struct programme *new, const struct programme *old)
{
	for (size_t i = 0; i < old->workflow_count; i++)
		if (!keeps_workflow(new, &old->workflows[i]))
			return false;
	for (size_t i = 0; i < old->set_count; i++)
		if (!keeps_set(new, &old->sets[i]))
			return false;
	return true;
}

static bool
fits_dossier(const struct programme *new, const struct dossier *d, struct buf *why)
{
	const struct workflow *w = programme_workflow(new, d->workflow);

	if (!w)
		buf_printf(why, "the workflow valid from %.*s is missing, and %.*s runs under it; put it back\n",
		           TEXT_ARG(d->workflow), TEXT_ARG(d->dossier));
	else if (workflow_state(w, d->state) < 0)
		buf_printf(why, "the workflow valid from %.*s has no state \"%.*s\", and %.*s stands there; put it back\n",
		           TEXT_ARG(w->valid_from), TEXT_ARG(d->state), TEXT_ARG(d->dossier));
	else if (d->criteria.ptr && d->product && !programme_set(new, d->product->group, 0, d->criteria))
		buf_printf(why, "the criteria of %.*s valid from %.*s are missing, and %.*s is judged by them; put them back\n",
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
	bool fits = store_begin(store) == 0;

	for (bool any = store_seek(store, TABLE_DOSSIER, TEXT(""), &key, &value); fits && any;
	     any = store_next(store, TABLE_DOSSIER, &key, &value)) {
		arena_reset(arena);
		fits = codec_unpack(&dossier_shape, value, arena, &dossier) && fits_dossier(new, &dossier, why);
	}
	store_abort(store);
	arena_destroy(&arena);
	if (!fits && !why->len)
		buf_str(why, "the dossiers can't be read to see whether they fit; nothing was changed\n");
	return fits;
}

static bool
fits(const struct programme *new, const struct programme *old, struct store *store, struct buf *why)
{
	if (!text_equal(new->source, old->source) || !text_equal(new->number_prefix, old->number_prefix) ||
	    new->number_digits != old->number_digits) {
		buf_str(why, "source and number template can't change while there are dossiers; put them back\n");
		return false;
	}
	return keeps_all(new, old) || fits_dossiers(new, store, why);
}

int
reload_programme(const char *dir, struct programme **programme, struct engine *engine, struct access *access,
                 struct store *store, struct buf *ret_why)
{
	struct complaints complaints = { .errors = 0 };
	struct programme *new = programme_load(dir, &complaints);

	bool good = new && fits(new, *programme, store, ret_why);

	/* The first line is all that a status shows. */
	if (good)
		buf_text(ret_why, buf_view(&complaints.text));
	else if (!new)
		buf_add(ret_why, complaints.text.ptr + complaints.error_at, complaints.text.len - complaints.error_at);
	buf_free(&complaints.text);
	if (!good) {
		programme_destroy(&new);
		return -EINVAL;
	}
	engine_set_programme(engine, new);
	access_set_programme(access, new);
	programme_destroy(programme);
	*programme = new;
	return 0;
}
