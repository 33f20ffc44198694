/* The journal: the batch and its way to the disk, the next segment, reading back. */
#include "daemon/journal_segment.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *
journal_name(const struct journal *j)
{
	return j->name;
}

struct journal_tail
journal_tail(const struct journal *j)
{
	return j->tail;
}

size_t
journal_cut(const struct journal *j)
{
	return j->cut;
}

struct journal_figures
journal_figures(const struct journal *j)
{
	return (struct journal_figures){
		.segments = j->last,
		.bytes_used = j->closed_bytes + j->used,
		.file_bytes = j->closed_bytes + j->present.size + (j->last - j->present.number) * j->segment_bytes +
		              (j->next.fd >= 0 ? j->filled : 0),
		.syncs = j->syncs,
		.writes = j->writes,
	};
}

void
segment_next_name(uint32_t number, char out[SEGMENT_NAME_LEN])
{
	snprintf(out, SEGMENT_NAME_LEN, "%08u.journal.next", (unsigned)number);
}

/* Real zeros and not fallocate, whose unwritten extents would make every append change metadata. */
int
segment_fill(struct journal *j, size_t bytes, bool *ret_done)
{
	char name[SEGMENT_NAME_LEN], final[SEGMENT_NAME_LEN];
	size_t left;
	int fault;

	segment_next_name(j->last + 1, name);
	segment_name(j->last + 1, final);
	if (j->next.fd < 0) {
		j->filled = 0;
		j->next.fd = openat(j->dir_fd, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (j->next.fd < 0)
			return -errno;
	}
	left = j->segment_bytes - j->filled;
	bytes = bytes < left ? bytes : left;
	fault = file_zero(j->next.fd, j->filled, j->filled + bytes);
	if (fault)
		return fault;
	/* Writing it out early keeps the sync at the end short; whether it succeeds, that one
	 * tells. */
	(void)sync_file_range(j->next.fd, (off_t)j->filled, (off_t)bytes, SYNC_FILE_RANGE_WRITE);
	j->filled += bytes;
	*ret_done = j->filled == j->segment_bytes;
	if (!*ret_done)
		return 0;
	if (fsync(j->next.fd) < 0) {
		fault = -errno;         /* what it holds is unknown now: begin again */
		segment_close(&j->next);
		unlinkat(j->dir_fd, name, 0);
		return fault;
	}
	if (renameat(j->dir_fd, name, j->dir_fd, final) < 0)
		return -errno;
	segment_close(&j->next);
	j->last++;
	j->fault = folder_sync(j->dir_fd);
	return j->fault;
}

static int
complete_next(struct journal *j)
{
	bool done = false;
	int fault = 0;

	while (!done && !fault)
		fault = segment_fill(j, BLOCK_BYTES, &done);
	return fault;
}

static struct part *
part_add(struct journal *j, struct segment segment, size_t offset)
{
	if (j->part_count == j->part_cap) {
		size_t cap = j->part_cap ? j->part_cap * 2 : 4;
		struct part *parts = xcalloc(cap, sizeof *parts);

		if (j->part_count)
			memcpy(parts, j->parts, j->part_count * sizeof *parts);
		free(j->parts);
		j->parts = parts;
		j->part_cap = cap;
	}
	j->parts[j->part_count] =
		(struct part){ .segment = segment, .offset = offset, .start = j->batch.len };
	return &j->parts[j->part_count++];
}

static size_t
part_len(const struct journal *j, size_t i)
{
	return (i + 1 < j->part_count ? j->parts[i + 1].start : j->batch.len) - j->parts[i].start;
}

/* The part with room for a line, which begins at *ret_at in its segment. */
static int
part_for(struct journal *j, size_t len, size_t *ret_at, struct part **ret)
{
	struct part *part =
		j->part_count ? &j->parts[j->part_count - 1] : part_add(j, j->present, j->used);

	for (;;) {
		size_t at = part->offset + part_len(j, j->part_count - 1);
		struct segment segment;
		int fault = 0;

		if (len <= part->segment.size && at <= part->segment.size - len) {
			*ret_at = at;
			*ret = part;
			return 0;
		}
		if (len > j->segment_bytes)
			return -EMSGSIZE;
		if (part->segment.number == j->last)
			fault = complete_next(j);
		if (!fault)
			fault = segment_open(j->dir, j->dir_fd, part->segment.number + 1, false,
			                     &segment);
		if (fault)
			return fault;
		part = part_add(j, segment, 0);
	}
}

journal_position
journal_append(struct journal *j, uint64_t sequence, int64_t time_ms,
               struct text event, int *ret_fault)
{
	size_t len = event.len + LINE_EXTRA, at;
	struct part *part;
	struct text prevhash;
	uint64_t number;
	int fault = j->fault;

	assert(journal_peek(event, &number, &prevhash));
	assert(sequence == j->tail.sequence + 1 && number == sequence);
	assert(memcmp(prevhash.ptr, j->tail.hash, HASH_LEN) == 0);
	assert(!memchr(event.ptr, '\n', event.len) && !memchr(event.ptr, 0, event.len));
	if (!fault && j->read_only)
		fault = -EROFS;
	if (!fault)
		fault = part_for(j, len, &at, &part);
	if (fault) {
		*ret_fault = fault;
		return 0;
	}
	j->tail.sequence = sequence;
	j->tail.time_ms = time_ms;
	journal_hash(event, j->tail.hash);
	buf_add(&j->batch, j->tail.hash, HASH_LEN);
	buf_byte(&j->batch, ' ');
	buf_text(&j->batch, event);
	buf_byte(&j->batch, '\n');
	return (journal_position)part->segment.number << 32 | (at + LINE_PREFIX);
}

static void
batch_clear(struct journal *j)
{
	buf_clear(&j->batch);
	j->part_count = 0;
}

/* The first write of a batch had no room (zeroed blocks are written in place, but not on every
 * file system). What it left must not be taken for lines behind those of a shorter batch. */
static bool
taken_back(const struct part *part, size_t len, int fault)
{
	return (fault == -ENOSPC || fault == -EDQUOT || fault == -EFBIG) &&
	       !file_zero(part->segment.fd, part->offset, part->offset + len);
}

int
journal_sync(struct journal *j)
{
	bool synced = false;
	int fault;

	if (j->fault || !j->batch.len)
		return j->fault;
	/* In order, each synced before the next one is written: nothing stands
	 * behind a torn segment. */
	for (size_t i = 0; i < j->part_count; i++) {
		struct part *part = &j->parts[i];
		size_t len = part_len(j, i);

		if (i) {
			j->closed_bytes += j->present.size;
			segment_close(&j->present);
			j->present = part->segment;
			j->used = 0;
		}
		if (!len)
			continue;
		fault = file_write(part->segment.fd, j->batch.ptr + part->start, len, part->offset);
		bool dropped = fault && !synced && taken_back(part, len, fault);

		if (!fault)
			fault = file_sync(part->segment.fd);
		if (fault) {
			/* journal_drop closes the parts behind the first: this one is that now */
			memmove(j->parts, part, (j->part_count - i) * sizeof *part);
			j->part_count -= i;
			if (dropped)
				return -ENOSPC;
			return j->fault = fault == -ENOSPC ? -EIO : fault;
		}
		synced = true;
		j->writes++;
		j->syncs++;
		j->used = part->offset + len;
	}
	j->synced = j->tail;
	batch_clear(j);
	return 0;
}

void
journal_drop(struct journal *j)
{
	/* Segments made for the batch stay: empty, they are the next ones. */
	for (size_t i = 1; i < j->part_count; i++)
		segment_close(&j->parts[i].segment);
	batch_clear(j);
	j->tail = j->synced;
}

bool
journal_prepare(struct journal *j, size_t bytes)
{
	uint32_t number =
		j->part_count ? j->parts[j->part_count - 1].segment.number : j->present.number;
	bool done;

	if (j->fault || j->read_only || j->last > number)
		return false;
	/* A fault comes again when the segment is needed, unless there is room by then. */
	return !segment_fill(j, bytes, &done) && !done;
}

static int
read_line(const struct segment *segment, size_t at, struct buf *out)
{
	struct line line;

	for (size_t len = 4096;; len *= 2) {
		size_t n = segment->size - at < len ? segment->size - at : len;
		char *p = buf_room(out, n), *newline;
		int fault = file_read(segment->fd, p, n, at);

		if (fault)
			return fault;
		newline = memchr(p, '\n', n);
		if (!newline && n == len && !memchr(p, 0, n))
			continue;
		if (!newline || !line_parse((struct text){ p, (size_t)(newline - p) }, &line))
			return -EILSEQ;
		memmove(p, line.text.ptr, line.text.len);
		out->len += line.text.len;
		return 0;
	}
}

/* A line not yet synced. */
static int
read_batch(const struct journal *j, const struct part *part, size_t at, struct buf *out)
{
	const char *p = j->batch.ptr + part->start + (at - part->offset), *newline;
	size_t left = j->batch.len - part->start;
	struct line line;

	if (at - part->offset >= left)
		return -EILSEQ;
	newline = memchr(p, '\n', left - (at - part->offset));
	if (!newline || !line_parse((struct text){ p, (size_t)(newline - p) }, &line))
		return -EILSEQ;
	buf_text(out, line.text);
	return 0;
}

int
journal_read(struct journal *j, journal_position position, struct buf *out)
{
	uint32_t number = (uint32_t)(position >> 32);
	size_t at = (uint32_t)position;
	const struct segment *segment = &j->older;

	if (at < LINE_PREFIX)
		return -EILSEQ;
	at -= LINE_PREFIX;
	for (size_t i = 0; i < j->part_count; i++)
		if (j->parts[i].segment.number == number && at >= j->parts[i].offset)
			return read_batch(j, &j->parts[i], at, out);
	if (number == j->present.number) {
		segment = &j->present;
	} else if (number != j->older.number || j->older.fd < 0) {
		int fault;

		segment_close(&j->older);
		fault = segment_open(j->dir, j->dir_fd, number, true, &j->older);
		if (fault)
			return fault;
	}
	return at < segment->size ? read_line(segment, at, out) : -EILSEQ;
}

void
journal_close(struct journal **p)
{
	struct journal *j = *p;

	if (!j)
		return;
	journal_drop(j);
	segment_close(&j->present);
	segment_close(&j->next);
	segment_close(&j->older);
	if (j->dir_fd >= 0)
		close(j->dir_fd);
	buf_free(&j->batch);
	free(j->parts);
	free(j->dir);
	free(j);
	*p = NULL;
}
