/* Going through the whole journal: the checking walk, the copy. */
#include "daemon/journal_segment.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where a walk is. Own descriptors: what is visited may read, append and sync meanwhile. */
struct walk {
	struct journal *journal;
	uint64_t after;
	struct journal_tail chain;      /* the last line passed */
	journal_visit *visit;
	void *context;
	struct buf *why;
};

static int
damaged(const struct walk *walk, uint32_t number, const char *what)
{
	buf_printf(walk->why,
	           "%s/%08u.journal: %s; nothing was changed: keep the folder as it is and restore "
	           "a backup",
	           walk->journal->dir, (unsigned)number, what);
	return -EILSEQ;
}

static size_t
segment_limit(const struct walk *walk, const struct segment *segment)
{
	return segment->number == walk->journal->present.number ? walk->journal->used
	                                                        : segment->size;
}

/* The line before an offset begins the chain; before the very first there is none. */
static int
begin_chain(struct walk *walk, uint32_t number, size_t at)
{
	struct journal *j = walk->journal;
	struct buf window = { 0 };
	int found = 0;

	memset(&walk->chain, 0, sizeof walk->chain);
	memset(walk->chain.hash, '0', HASH_LEN);
	for (bool first = true; !found && number > 0; first = false, number--) {
		struct segment segment;
		struct line line;
		size_t end = at;

		found = segment_open(j->dir, j->dir_fd, number, true, &segment);
		if (found)
			break;
		if (!first)
			found = segment_extent(&segment, &end);
		if (!found)
			found = segment_line_before(&segment, end, &window, &line, walk->why);
		if (found == 1) {
			walk->chain.sequence = line.sequence;
			memcpy(walk->chain.hash, line.hash, sizeof line.hash);
		}
		segment_close(&segment);
	}
	buf_free(&window);
	return found < 0 ? found : 0;
}

/* The segment that event after + 1 is in, or would be in. */
static int
find_segment(struct walk *walk, uint32_t *ret_number)
{
	struct journal *j = walk->journal;
	uint32_t number = j->present.number;
	int fault = 0;

	for (; number > 1 && !fault; number--) {
		struct segment segment;
		struct reader reader;
		struct line line;

		fault = segment_open(j->dir, j->dir_fd, number, true, &segment);
		if (fault)
			break;
		reader_init(&reader, &segment, 0, segment_limit(walk, &segment));
		fault = reader_next(&reader, &line);
		reader_clear(&reader);
		segment_close(&segment);
		if (fault == READ_GOOD && line.sequence <= walk->after + 1)
			break;
		fault = fault < 0 ? fault : 0;
	}
	if (fault < 0)
		return fault;
	*ret_number = number;
	return 0;
}

static int
walk_lines(struct walk *walk, struct reader *reader)
{
	struct line line;
	int kind;

	for (;;) {
		size_t at = reader_offset(reader);
		int stop;

		kind = reader_next(reader, &line);
		if (kind != READ_GOOD)
			break;
		if (!line_follow(&walk->chain, &line)) {
			reader_back(reader, &line);
			return reader_damage(reader, "the line does not follow the one before it",
			                     walk->why);
		}
		if (line.sequence <= walk->after)
			continue;
		stop = walk->visit(walk->context, line.sequence,
		                   (journal_position)reader->segment->number << 32 |
		                           (at + LINE_PREFIX),
		                   line.hash, line.text);
		if (stop)
			return stop;
	}
	return kind == READ_BAD ? reader_damage(reader, "the line is damaged", walk->why) : kind;
}

static int
walk_segment(struct walk *walk, uint32_t number, size_t from)
{
	struct journal *j = walk->journal;
	struct segment segment;
	struct reader reader;
	size_t limit, end = 0;
	int result = segment_open(j->dir, j->dir_fd, number, true, &segment);

	if (result)
		return result;
	limit = segment_limit(walk, &segment);
	if (limit > segment.size)
		limit = segment.size;
	reader_init(&reader, &segment, from < limit ? from : limit, limit);
	result = walk_lines(walk, &reader);
	if (!result && limit == segment.size)
		result = segment_extent(&segment, &end);
	if (!result && end > reader_offset(&reader))
		result = reader_damage(&reader, "there is text behind a hole of zeros", walk->why);
	reader_clear(&reader);
	segment_close(&segment);
	return result;
}

int
journal_walk(struct journal *j, uint64_t after, journal_position from, journal_visit *visit,
             void *context, struct buf *ret_why)
{
	struct walk walk = {
		.journal = j, .after = after, .visit = visit, .context = context, .why = ret_why
	};
	struct journal_tail until = j->synced;
	uint32_t number = (uint32_t)(from >> 32), last = j->present.number;
	size_t at = (uint32_t)from;
	int result;

	if (after >= until.sequence)
		return 0;
	if (from)
		at = at < LINE_PREFIX ? 0 : at - LINE_PREFIX;
	result = from ? 0 : find_segment(&walk, &number);
	if (!result)
		result = begin_chain(&walk, number, at);
	if (!result && from && walk.chain.sequence != after)
		result = damaged(&walk, number,
		                 "the event looked for does not stand where it should");
	for (; !result && number <= last; number++, at = 0)
		result = walk_segment(&walk, number, at);
	/* The visitor may have gone on writing: until the tail of the beginning, at least. */
	if (!result && walk.chain.sequence < until.sequence)
		result = damaged(&walk, last, "the journal ends before its last event");
	if (result < 0 && !ret_why->len)
		buf_printf(ret_why, "%s: %s", j->dir, strerror(-result));
	return result;
}

int
journal_copy(struct journal *j, const char *dir)
{
	int dir_fd, fault;

	if (mkdir(dir, 0700) < 0)
		return -errno;
	fault = folder_open(dir, false, &dir_fd);
	if (fault)
		return fault;
	fault = about_copy(j->dir_fd, dir_fd);
	for (uint32_t number = 1; !fault && number <= j->present.number; number++) {
		struct segment segment;

		fault = segment_open(j->dir, j->dir_fd, number, true, &segment);
		if (fault)
			break;
		fault = segment_copy(&segment, number == j->present.number ? j->used : segment.size,
		                     dir_fd);
		segment_close(&segment);
	}
	if (!fault)
		fault = folder_sync(dir_fd);
	if (!fault)
		fault = folder_sync_parent(dir_fd);
	close(dir_fd);
	return fault;
}
