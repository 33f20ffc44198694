/* SIGHUP: the programme's folder read again, and whether the dossiers there are can live with it. */
#include "daemon/reload.h"

#include "daemon/versions.h"

#include <errno.h>

static bool
fits(const struct programme *new, const struct programme *old, struct store *store, struct buf *why)
{
	if (!text_equal(new->source, old->source) || !text_equal(new->number_prefix, old->number_prefix) ||
	    new->number_digits != old->number_digits) {
		buf_str(why, "source and number template can't change while there are dossiers; put them back\n");
		return false;
	}
	return versions_fit(new, store, why);
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
