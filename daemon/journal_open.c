/* Opening the journal: the folder, the last segment checked whole, a torn tail cut. */
#include "daemon/journal_segment.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 1 where the segment is there and has text. Ends in -EILSEQ only by a caller's doing. */
static int
has_text(struct journal *j, uint32_t number, struct segment *ret)
{
	struct segment segment;
	size_t end;
	int fault = segment_open(j->dir, j->dir_fd, number, j->read_only, &segment);

	if (fault)
		return fault;
	fault = segment_extent(&segment, &end);
	if (fault || !end) {
		segment_close(&segment);
		return fault;
	}
	*ret = segment;
	return 1;
}

/* The last segment with text becomes the present one; without any, the first. */
static int
find_present(struct journal *j)
{
	for (uint32_t number = j->last; number > 0; number--) {
		int found = has_text(j, number, &j->present);

		if (found)
			return found < 0 ? found : 0;
	}
	return j->last ? segment_open(j->dir, j->dir_fd, 1, j->read_only, &j->present) : 0;
}

/* The tail of the segment before the present one. */
static int
previous_tail(struct journal *j, struct buf *why)
{
	struct buf window = { 0 };
	struct segment previous;
	struct line line;
	size_t end;
	int found = segment_open(j->dir, j->dir_fd, j->present.number - 1, true, &previous);

	if (found)
		return found;
	found = segment_extent(&previous, &end);
	if (!found)
		found = segment_line_before(&previous, end, &window, &line, why);
	if (found == 1) {
		/* What stands before it is checked by the walk alone. */
		j->tail.sequence = line.sequence - 1;
		memcpy(j->tail.hash, line.prevhash.ptr, HASH_LEN);
		found = line_follow(&j->tail, &line) ? 0 : -EILSEQ;
	} else if (!found) {
		found = -EILSEQ;
	}
	if (found == -EILSEQ && !why->len)
		buf_printf(why,
		           "%s/%08u.journal: no good line at its end, but the journal goes on "
		           "behind it; "
		           "nothing was changed: keep the folder as it is and restore a backup",
		           j->dir, (unsigned)previous.number);
	segment_close(&previous);
	buf_free(&window);
	return found;
}

/* Makes what was read good on disk too. A process that was stopped between write and sync, or
 * whose sync failed, leaves lines that are read from memory but are not on disk, and after a
 * failed sync the next one would say nothing: so the end is written again before it is synced. */
static int
settle(struct journal *j)
{
	size_t from = j->used < BLOCK_BYTES ? 0 : j->used - BLOCK_BYTES, len = j->used - from;
	struct buf end = { 0 };
	int fault = file_read(j->present.fd, buf_room(&end, len), len, from);

	if (!fault)
		fault = file_write(j->present.fd, end.ptr, len, from);
	buf_free(&end);
	if (!fault)
		fault = file_zero(j->present.fd, j->used, j->used + j->cut);
	return fault ? fault : file_sync(j->present.fd);
}

/* Segments made ahead with another size give way; what was being filled is begun anew. */
static int
tidy_ahead(struct journal *j)
{
	char name[SEGMENT_NAME_LEN];

	for (; j->last > j->present.number; j->last--) {
		struct segment ahead;
		int fault = segment_open(j->dir, j->dir_fd, j->last, true, &ahead);

		if (fault)
			return fault;
		segment_close(&ahead);
		if (ahead.size == j->segment_bytes)
			break;
		segment_name(j->last, name);
		if (unlinkat(j->dir_fd, name, 0) < 0)
			return -errno;
	}
	segment_next_name(j->last + 1, name);
	if (unlinkat(j->dir_fd, name, 0) < 0 && errno != ENOENT)
		return -errno;
	return folder_sync(j->dir_fd);
}

static int
open_folder(struct journal *j, const struct journal_options *options, struct buf *why)
{
	int fault = folder_open(options->dir, !options->read_only, &j->dir_fd);

	if (fault)
		return fault;
	fault = folder_list(j->dir, j->dir_fd, &j->last, why);
	if (fault)
		return fault;
	fault = about_load(j->dir, j->dir_fd, options->source, j->name, why);
	if (!fault && !j->last && !j->read_only) {
		/* Whoever made it may have been stopped before its name was on disk. */
		fault = folder_sync(j->dir_fd);
		return fault ? fault : folder_sync_parent(j->dir_fd);
	}
	if (fault != -ENOENT)
		return fault;
	if (j->last) {
		buf_printf(why,
		           "%s/journal.about: missing, but there are segments; restore it from a "
		           "backup",
		           j->dir);
		return -EILSEQ;
	}
	if (options->read_only) {
		buf_printf(why, "%s: there is no journal here", j->dir);
		return -ENOENT;
	}
	return about_make(j->dir_fd, options->source, j->name);
}

static int
open_segments(struct journal *j, struct buf *why)
{
	bool done;
	int fault = find_present(j);

	while (!fault && !j->last && !j->read_only)
		fault = segment_fill(j, BLOCK_BYTES, &done);
	if (!fault && j->last && j->present.fd < 0)
		fault = segment_open(j->dir, j->dir_fd, 1, j->read_only, &j->present);
	if (!fault && j->present.number > 1)
		fault = previous_tail(j, why);
	if (!fault && j->present.fd >= 0)
		fault = segment_check(&j->present, &j->tail, &j->used, &j->cut, why);
	for (uint32_t number = 1; number < j->present.number && !fault; number++) {
		struct segment closed;

		fault = segment_open(j->dir, j->dir_fd, number, true, &closed);
		if (!fault) {
			j->closed_bytes += closed.size;
			segment_close(&closed);
		}
	}
	if (fault || j->read_only)
		return fault;
	fault = settle(j);
	return fault ? fault : tidy_ahead(j);
}

int
journal_open(const struct journal_options *options, struct journal **ret, struct buf *ret_why)
{
	struct journal *j = xcalloc(1, sizeof *j);
	int fault;

	j->dir = strdup(options->dir);
	j->dir_fd = j->present.fd = j->next.fd = j->older.fd = -1;
	j->read_only = options->read_only;
	j->segment_bytes = options->segment_bytes;
	memset(j->tail.hash, '0', HASH_LEN);
	if (!j->dir || sodium_init() < 0)
		abort();
	if (j->segment_bytes < SECTOR_BYTES || j->segment_bytes > UINT32_MAX)
		fault = -EINVAL;        /* an offset has 32 bits in a position */
	else
		fault = open_folder(j, options, ret_why);
	if (!fault)
		fault = open_segments(j, ret_why);
	j->synced = j->tail;
	if (fault) {
		if (!ret_why->len)
			buf_printf(ret_why, "%s: %s", options->dir, strerror(-fault));
		journal_close(&j);
	} else {
		*ret = j;
	}
	return fault;
}
