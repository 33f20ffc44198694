/* One segment file of the journal: reading and checking it, and where its good text ends. */
#include "daemon/journal_segment.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
file_write(int fd, const void *bytes, size_t len, size_t at)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pwrite(fd, (const char *)bytes + done, len - done, (off_t)(at + done));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -EIO;
		if (n > 0)
			done += (size_t)n;
	}
	return 0;
}

int
file_read(int fd, void *bytes, size_t len, size_t at)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pread(fd, (char *)bytes + done, len - done, (off_t)(at + done));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -EIO;
		if (n > 0)
			done += (size_t)n;
	}
	return 0;
}

int
file_zero(int fd, size_t from, size_t to)
{
	static const char zeros[1 << 16];
	int fault = 0;

	while (from < to && !fault) {
		size_t n = to - from < sizeof zeros ? to - from : sizeof zeros;

		fault = file_write(fd, zeros, n, from);
		from += n;
	}
	return fault;
}

int
file_sync(int fd)
{
	while (fdatasync(fd) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

void
segment_name(uint32_t number, char out[SEGMENT_NAME_LEN])
{
	snprintf(out, SEGMENT_NAME_LEN, "%08u.journal", (unsigned)number);
}

int
segment_open(const char *dir, int dir_fd, uint32_t number, bool read_only, struct segment *ret)
{
	char name[SEGMENT_NAME_LEN];
	struct stat status;
	int fd;

	segment_name(number, name);
	fd = openat(dir_fd, name, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0) {
		int fault = -errno;

		close(fd);
		return fault;
	}
	*ret = (struct segment){
		.dir = dir, .number = number, .fd = fd, .size = (size_t)status.st_size
	};
	return 0;
}

void
segment_close(struct segment *segment)
{
	if (segment->fd >= 0)
		close(segment->fd);
	segment->fd = -1;
}

int
segment_extent(const struct segment *segment, size_t *ret_end)
{
	struct buf block = { 0 };
	size_t end = segment->size;
	int fault = 0;

	while (end > 0) {
		size_t n = end < BLOCK_BYTES ? end : BLOCK_BYTES;
		char *p = buf_room(&block, n);

		fault = file_read(segment->fd, p, n, end - n);
		if (fault)
			break;
		if (sodium_is_zero((const unsigned char *)p, n)) {
			end -= n;
			continue;
		}
		while (!p[n - 1])
			n--, end--;
		break;
	}
	buf_free(&block);
	if (!fault)
		*ret_end = end;
	return fault;
}

static int
damage(const struct segment *segment, size_t at, uint64_t line, const char *what, struct buf *why)
{
	buf_printf(why, "%s/%08u.journal: byte %zu", segment->dir, (unsigned)segment->number, at);
	if (line)
		buf_printf(why, ", line %llu", (unsigned long long)line);
	buf_printf(why, ": %s; nothing was changed: keep the folder as it is and restore a backup",
	           what);
	return -EILSEQ;
}

int
segment_line_before(const struct segment *segment, size_t end, struct buf *window,
                    struct line *ret, struct buf *why)
{
	size_t len = end < 4096 ? end : 4096;

	if (!end)
		return 0;
	for (;; len = end / 2 < len ? end : len * 2) {
		char *p, *start;
		int fault;

		buf_clear(window);
		p = buf_room(window, len);
		fault = file_read(segment->fd, p, len, end - len);
		if (fault)
			return fault;
		if (p[len - 1] != '\n')
			return damage(segment, end, 0,
			              "the last line is torn, but the journal goes on behind it",
			              why);
		start = memrchr(p, '\n', len - 1);
		if (!start && len < end)
			continue;
		start = start ? start + 1 : p;
		if (!line_parse((struct text){ start, (size_t)(p + len - 1 - start) }, ret))
			return damage(segment, end - (size_t)(p + len - start), 0,
			              "the line is damaged, but the journal goes on behind it",
			              why);
		return 1;
	}
}

/* Is there a good line anywhere in it? Also behind a damaged newline. */
static bool
has_good_line(struct text rest)
{
	static const char start[] = " {\"specversion\":";
	const char *p = rest.ptr, *end = rest.ptr + rest.len;

	while ((p = memmem(p, (size_t)(end - p), start, sizeof start - 1))) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		struct line line;

		if (!newline)
			return false;
		if (p - rest.ptr >= HASH_LEN &&
		    line_parse((struct text){ p - HASH_LEN, (size_t)(newline - p) + HASH_LEN },
		               &line))
			return true;
		p++;
	}
	return false;
}

/* A run of text between holes: good lines, but for what the holes have bitten off at its ends. */
static bool
is_run(struct text run, bool first)
{
	const char *p = run.ptr, *end = run.ptr + run.len, *newline;
	struct line line;

	if (!first) {
		newline = memchr(p, '\n', run.len);
		p = newline ? newline + 1 : end;
	}
	for (; (newline = memchr(p, '\n', (size_t)(end - p))); p = newline + 1)
		if (!line_parse((struct text){ p, (size_t)(newline - p) }, &line))
			return false;
	return true;
}

/* A batch is one write, and a disk may write any of its sectors before the others. So good lines
 * behind a hole are still the torn, never answered batch where every missing byte is missing with
 * its whole sector: each hole of zeros begins and ends between sectors (the first may begin where
 * the batch does) and no line has other damage. */
static bool
is_torn_batch(struct text rest, size_t at)
{
	for (size_t p = 0; p < rest.len;) {
		const char *zero = memchr(rest.ptr + p, 0, rest.len - p);
		size_t hole = zero ? (size_t)(zero - rest.ptr) : rest.len;

		if (!is_run((struct text){ rest.ptr + p, hole - p }, p == 0))
			return false;
		if (hole == rest.len)
			return true;
		if (hole && (at + hole) % SECTOR_BYTES)
			return false;
		for (p = hole; p < rest.len && !rest.ptr[p];)
			p++;
		if ((at + p) % SECTOR_BYTES)
			return false;
	}
	return true;
}

/* The reader stands behind the last good line: what is there, up to the last byte that is not 0? */
static int
check_tail(struct reader *reader, const struct journal_tail *tail, size_t *ret_torn,
           struct buf *why)
{
	const struct segment *segment = reader->segment;
	size_t at = reader_offset(reader), end;
	struct buf rest = { 0 };
	int fault = segment_extent(segment, &end);

	if (fault || end <= at) {
		if (!fault)
			*ret_torn = 0;
		return fault;
	}
	fault = file_read(segment->fd, buf_room(&rest, end - at), end - at, at);
	if (!fault) {
		char what[96];

		rest.len = end - at;
		snprintf(what, sizeof what, "damaged behind event %llu, and good lines follow",
		         (unsigned long long)tail->sequence);
		if (has_good_line(buf_view(&rest)) && !is_torn_batch(buf_view(&rest), at))
			fault = damage(segment, at, reader->line + 1, what, why);
		else
			*ret_torn = rest.len;
	}
	buf_free(&rest);
	return fault;
}

int
segment_check(const struct segment *segment, struct journal_tail *tail, size_t *ret_end,
              size_t *ret_torn, struct buf *why)
{
	struct reader reader;
	struct line line;
	int kind;

	reader_init(&reader, segment, 0, segment->size);
	while ((kind = reader_next(&reader, &line)) == READ_GOOD) {
		if (!line_follow(tail, &line)) {
			reader_back(&reader, &line);
			kind = reader_damage(&reader, "the line does not follow the one before it",
			                     why);
			break;
		}
	}
	if (kind >= 0) {
		*ret_end = reader_offset(&reader);
		kind = check_tail(&reader, tail, ret_torn, why);
	}
	reader_clear(&reader);
	return kind;
}

int
segment_copy(const struct segment *segment, size_t len, int dir_fd)
{
	char name[SEGMENT_NAME_LEN];
	struct buf block = { 0 };
	int fault = 0, fd;

	segment_name(segment->number, name);
	fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	for (size_t at = 0; at < len && !fault; at += BLOCK_BYTES) {
		size_t n = len - at < BLOCK_BYTES ? len - at : BLOCK_BYTES;
		char *p = buf_room(&block, n);

		fault = file_read(segment->fd, p, n, at);
		if (!fault)
			fault = file_write(fd, p, n, at);
	}
	if (!fault)
		fault = file_zero(fd, len, segment->size);
	if (!fault && fsync(fd) < 0)
		fault = -errno;
	buf_free(&block);
	close(fd);
	return fault;
}

void
reader_init(struct reader *reader, const struct segment *segment, size_t from, size_t limit)
{
	*reader = (struct reader){ .segment = segment, .limit = limit, .base = from };
	buf_room(&reader->window, BLOCK_BYTES);
}

void
reader_clear(struct reader *reader)
{
	buf_free(&reader->window);
}

void
reader_back(struct reader *reader, const struct line *line)
{
	reader->at -= line->text.len + LINE_EXTRA;
	if (reader->line)
		reader->line--;
}

size_t
reader_offset(const struct reader *reader)
{
	return reader->base + reader->at;
}

/* Drops what has been read and adds at least as much again as is left. */
static int
reader_fill(struct reader *reader)
{
	size_t left = reader->window.len - reader->at,
	       room = left < BLOCK_BYTES ? BLOCK_BYTES : left;
	int fault;

	if (left && reader->at)
		memmove(reader->window.ptr, reader->window.ptr + reader->at, left);
	reader->base += reader->at;
	reader->at = 0;
	reader->window.len = left;
	if (room > reader->limit - reader->base - left)
		room = reader->limit - reader->base - left;
	fault = file_read(reader->segment->fd, buf_room(&reader->window, room), room,
	                  reader->base + left);
	if (!fault)
		reader->window.len += room;
	return fault;
}

int
reader_next(struct reader *reader, struct line *ret)
{
	for (;;) {
		const char *p = reader->window.ptr + reader->at, *newline;
		size_t n = reader->window.len - reader->at;
		int fault;

		if (n && !*p)
			return READ_END;
		newline = n ? memchr(p, '\n', n) : NULL;
		if (newline) {
			if (!line_parse((struct text){ p, (size_t)(newline - p) }, ret))
				return READ_BAD;
			if (reader->line || !reader_offset(reader))
				reader->line++;
			reader->at += (size_t)(newline + 1 - p);
			return READ_GOOD;
		}
		if (reader->base + reader->window.len >= reader->limit)
			return n ? READ_BAD : READ_END;
		if (n && memchr(p, 0, n))
			return READ_BAD;
		fault = reader_fill(reader);
		if (fault)
			return fault;
	}
}

int
reader_damage(const struct reader *reader, const char *what, struct buf *why)
{
	uint64_t line = reader->line || !reader_offset(reader) ? reader->line + 1 : 0;

	return damage(reader->segment, reader_offset(reader), line, what, why);
}
