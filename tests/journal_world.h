/* A journal in a scratch folder and what must be in it, for its tests. */
#ifndef TESTS_JOURNAL_WORLD_H
#define TESTS_JOURNAL_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/journal.h"
#include "proto/date.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SMALL = 4096, EVENTS_MAX = 4000, SECTOR = 512, PATH_BYTES = 384 };

struct world {
	char dir[64], copy[80];
	size_t segment_bytes;
	bool read_only;
	struct journal *journal;
	struct buf why;
	size_t count, synced;
	struct buf texts[EVENTS_MAX];   /* of event i + 1 */
	journal_position positions[EVENTS_MAX];
	uint32_t seed;
};

static inline uint32_t
dice(struct world *w, uint32_t below)
{
	w->seed = w->seed * 1664525 + 1013904223;
	return (w->seed >> 8) % below;
}

static inline int
folder_remove(const char *dir)
{
	DIR *folder = opendir(dir);
	struct dirent *entry;
	char path[512];

	if (!folder)
		return -1;
	while ((entry = readdir(folder))) {
		snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
		unlink(path);
	}
	closedir(folder);
	return rmdir(dir);
}

static inline void
world_clear(struct world *w)
{
	journal_close(&w->journal);
	folder_remove(w->dir);
	folder_remove(w->copy);
	for (size_t i = 0; i < EVENTS_MAX; i++)
		buf_clear(&w->texts[i]);
	buf_clear(&w->why);
	w->count = w->synced = 0;
	w->segment_bytes = SMALL;
	w->read_only = false;
}

static inline int
setup(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);

	snprintf(w->dir, sizeof w->dir, "/tmp/test_journal.%ld", (long)getpid());
	snprintf(w->copy, sizeof w->copy, "%s.copy", w->dir);
	w->seed = 1;
	world_clear(w);
	*state = w;
	return 0;
}

static inline int
teardown(void **state)
{
	struct world *w = *state;

	world_clear(w);
	for (size_t i = 0; i < EVENTS_MAX; i++)
		buf_free(&w->texts[i]);
	buf_free(&w->why);
	free(w);
	return 0;
}

static inline int
reopen_at(struct world *w, const char *dir)
{
	struct journal_options options = {
		.dir = dir,
		.segment_bytes = w->segment_bytes,
		.read_only = w->read_only,
		.source = TEXT("/ocop/650"),
	};

	journal_close(&w->journal);
	buf_clear(&w->why);
	return journal_open(&options, &w->journal, &w->why);
}

static inline int
reopen(struct world *w)
{
	return reopen_at(w, w->dir);
}

static inline int64_t
event_time(size_t sequence)
{
	return INT64_C(1583287964120) + (int64_t)sequence * 1000;
}

static inline void
make_event(struct buf *out, size_t sequence, const char *prevhash, size_t padding)
{
	char when[TIME_LEN + 1];

	time_print(event_time(sequence), when);
	buf_clear(out);
	buf_printf(
		out,
		"{\"specversion\":\"1.0\",\"id\":\"%zu\",\"source\":\"/ocop/650\","
		"\"type\":\"vn.ocop.dossier.noted\",\"subject\":\"KN-2020-0007\",\"time\":\"%s\","
		"\"datacontenttype\":\"application/json\",\"sequence\":\"%zu\",\"prevhash\":\"%s\","
		"\"data\":{\"text\":\"Đắk Lắk ",
		sequence, when, sequence, prevhash);
	while (padding--)
		buf_byte(out, (unsigned char)('a' + (padding * 7 + sequence) % 26));
	buf_str(out, "\"}}");
}

/* 0, or the fault; then the event is not among those expected. */
static inline int
append(struct world *w, size_t padding)
{
	struct journal_tail tail = journal_tail(w->journal);
	struct buf *text = &w->texts[w->count];
	int fault = 0;

	assert_true(w->count < EVENTS_MAX);
	assert_int_equal(tail.sequence, w->count);
	make_event(text, w->count + 1, tail.hash, padding);
	w->positions[w->count] = journal_append(w->journal, w->count + 1, event_time(w->count + 1),
	                                        buf_view(text), &fault);
	assert_int_equal(!w->positions[w->count], fault != 0);
	if (!fault)
		w->count++;
	return fault;
}

static inline void
sync_batch(struct world *w)
{
	assert_int_equal(journal_sync(w->journal), 0);
	w->synced = w->count;
}

static inline void
drop_batch(struct world *w)
{
	journal_drop(w->journal);
	w->count = w->synced;
}

static inline void
append_batch(struct world *w, size_t events, size_t padding)
{
	while (events--)
		assert_int_equal(append(w, padding), 0);
	sync_batch(w);
}

static inline int
compare(void *context, uint64_t sequence, journal_position position, const char *hash, struct text event)
{
	struct world *w = context;

	assert_int_equal(position, w->positions[sequence - 1]);
	assert_true(text_equal(event, buf_view(&w->texts[sequence - 1])));
	assert_memory_equal(hash, event.ptr - HASH_LEN - 1, HASH_LEN);
	w->count++;
	return 0;
}

/* The journal holds the first `count` events and nothing else. */
static inline void
check(struct world *w, size_t count)
{
	struct journal_tail tail = journal_tail(w->journal);
	char hash[HASH_LEN + 1];

	assert_int_equal(tail.sequence, count);
	assert_int_equal(tail.time_ms, count ? event_time(count) : 0);
	memset(hash, '0', HASH_LEN);
	hash[HASH_LEN] = 0;
	if (count)
		journal_hash(buf_view(&w->texts[count - 1]), hash);
	assert_string_equal(tail.hash, hash);
	w->count = 0;
	if (journal_walk(w->journal, 0, 0, compare, w, &w->why) != 0)
		fail_msg("%.*s", TEXT_ARG(buf_view(&w->why)));
	assert_int_equal(w->count, count);
	w->synced = count;
}

static inline void
path_of(struct world *w, char out[PATH_BYTES], const char *name)
{
	snprintf(out, PATH_BYTES, "%s/%s", w->dir, name);
}

static inline void
load(struct world *w, const char *name, struct buf *out)
{
	char path[PATH_BYTES];
	struct stat status;
	int fd;

	path_of(w, path, name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0 && fstat(fd, &status) == 0);
	buf_clear(out);
	assert_int_equal(
		read(fd, buf_room(out, (size_t)status.st_size + 1), (size_t)status.st_size),
		status.st_size);
	out->len = (size_t)status.st_size;
	close(fd);
}

static inline void
save(struct world *w, const char *name, struct text bytes)
{
	char path[PATH_BYTES];
	int fd;

	path_of(w, path, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.ptr, bytes.len), bytes.len);
	close(fd);
}

static inline size_t
text_end(const struct buf *bytes)
{
	const char *zero = memchr(bytes->ptr, 0, bytes->len);

	return zero ? (size_t)(zero - bytes->ptr) : bytes->len;
}

/* Where line `n` (from 0) of a segment begins. */
static inline size_t
line_start(const struct buf *bytes, size_t n)
{
	const char *p = bytes->ptr;

	while (n--)
		p = (const char *)memchr(p, '\n', bytes->len - (size_t)(p - bytes->ptr)) + 1;
	return (size_t)(p - bytes->ptr);
}

static inline size_t
last_nonzero(const char *p, size_t len)
{
	while (len && !p[len - 1])
		len--;
	return len;
}

#endif
