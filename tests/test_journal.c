/* The journal: what is written is read back, what is torn is cut, what is damaged is told. */
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
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SMALL = 4096, EVENTS_MAX = 4000, SECTOR = 512 };

/* A journal and what must be in it. */
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

static uint32_t
dice(struct world *w, uint32_t below)
{
	w->seed = w->seed * 1664525 + 1013904223;
	return (w->seed >> 8) % below;
}

static int
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

static void
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

static int
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

static int
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

static int
reopen_at(struct world *w, const char *dir)
{
	struct journal_options options = {
		.dir = dir, .segment_bytes = w->segment_bytes, .read_only = w->read_only, .source = TEXT("/ocop/650"),
	};

	journal_close(&w->journal);
	buf_clear(&w->why);
	return journal_open(&options, &w->journal, &w->why);
}

static int
reopen(struct world *w)
{
	return reopen_at(w, w->dir);
}

static int64_t
event_time(size_t sequence)
{
	return INT64_C(1583287964120) + (int64_t)sequence * 1000;
}

static void
make_event(struct buf *out, size_t sequence, const char *prevhash, size_t padding)
{
	char when[TIME_LEN + 1];

	time_print(event_time(sequence), when);
	buf_clear(out);
	buf_printf(out, "{\"specversion\":\"1.0\",\"id\":\"%zu\",\"source\":\"/ocop/650\","
	           "\"type\":\"vn.ocop.dossier.noted\",\"subject\":\"KN-2020-0007\",\"time\":\"%s\","
	           "\"datacontenttype\":\"application/json\",\"sequence\":\"%zu\",\"prevhash\":\"%s\","
	           "\"data\":{\"text\":\"Đắk Lắk ", sequence, when, sequence, prevhash);
	while (padding--)
		buf_byte(out, (unsigned char)('a' + (padding * 7 + sequence) % 26));
	buf_str(out, "\"}}");
}

/* 0, or the fault; then the event is not among those expected. */
static int
append(struct world *w, size_t padding)
{
	struct journal_tail tail = journal_tail(w->journal);
	struct buf *text = &w->texts[w->count];
	int fault = 0;

	assert_true(w->count < EVENTS_MAX);
	assert_int_equal(tail.sequence, w->count);
	make_event(text, w->count + 1, tail.hash, padding);
	w->positions[w->count] = journal_append(w->journal, w->count + 1, event_time(w->count + 1), buf_view(text), &fault);
	assert_int_equal(!w->positions[w->count], fault != 0);
	if (!fault)
		w->count++;
	return fault;
}

static void
sync_batch(struct world *w)
{
	assert_int_equal(journal_sync(w->journal), 0);
	w->synced = w->count;
}

static void
drop_batch(struct world *w)
{
	journal_drop(w->journal);
	w->count = w->synced;
}

static void
append_batch(struct world *w, size_t events, size_t padding)
{
	while (events--)
		assert_int_equal(append(w, padding), 0);
	sync_batch(w);
}

static int
compare(void *context, uint64_t sequence, journal_position position, struct text event)
{
	struct world *w = context;

	assert_int_equal(position, w->positions[sequence - 1]);
	assert_true(text_equal(event, buf_view(&w->texts[sequence - 1])));
	w->count++;
	return 0;
}

/* The journal holds the first `count` events and nothing else. */
static void
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

static void
path_of(struct world *w, char out[128], const char *name)
{
	snprintf(out, 128, "%s/%s", w->dir, name);
}

static void
load(struct world *w, const char *name, struct buf *out)
{
	char path[128];
	struct stat status;
	int fd;

	path_of(w, path, name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0 && fstat(fd, &status) == 0);
	buf_clear(out);
	assert_int_equal(read(fd, buf_room(out, (size_t)status.st_size + 1), (size_t)status.st_size), status.st_size);
	out->len = (size_t)status.st_size;
	close(fd);
}

static void
save(struct world *w, const char *name, struct text bytes)
{
	char path[128];
	int fd;

	path_of(w, path, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.ptr, bytes.len), bytes.len);
	close(fd);
}

static size_t
text_end(const struct buf *bytes)
{
	const char *zero = memchr(bytes->ptr, 0, bytes->len);

	return zero ? (size_t)(zero - bytes->ptr) : bytes->len;
}

/* Where line `n` (from 0) of a segment begins. */
static size_t
line_start(const struct buf *bytes, size_t n)
{
	const char *p = bytes->ptr;

	while (n--)
		p = (const char *)memchr(p, '\n', bytes->len - (size_t)(p - bytes->ptr)) + 1;
	return (size_t)(p - bytes->ptr);
}

static void
hash_agrees_with_b2sum(void **state)
{
	struct world *w = *state;
	char path[128], command[160], line[128] = "", hash[HASH_LEN + 1];

	assert_int_equal(reopen(w), 0);
	for (size_t padding = 0; padding < 300; padding += 60) {
		FILE *pipe;

		make_event(&w->texts[0], 1, "0000000000000000000000000000000000000000000000000000000000000000", padding);
		save(w, "text", buf_view(&w->texts[0]));
		path_of(w, path, "text");
		snprintf(command, sizeof command, "b2sum -l 256 %s", path);
		pipe = popen(command, "r");
		assert_non_null(pipe);
		assert_non_null(fgets(line, sizeof line, pipe));
		pclose(pipe);
		journal_hash(buf_view(&w->texts[0]), hash);
		assert_memory_equal(line, hash, HASH_LEN);
	}
}

#define H "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define START "{\"specversion\":\"1.0\",\"id\":\"17\",\"source\":\"/ocop/650\""
#define REST ",\"sequence\":\"17\",\"prevhash\":\"" H "\",\"data\":{}}"

static void
peek_reads_what_is_an_event(void **state)
{
	static const struct { const char *text; uint64_t sequence; } cases[] = {
		{ START REST, 17 },
		{ START ",\"subject\":\"a\",\"time\":\"t\"" REST, 17 },
		{ START ",\"subject\":\"\\\",\\\"sequence\\\":\\\"18\\\"\"" REST, 17 },
		{ START ",\"subject\":\"a\\\\\"" REST, 17 },
		{ START ",\"sequence\":\"17\",\"prevhash\":\"" H "\"}", 17 },
		{ START ",\"subject\":\"a\\\"" REST, 0 },
		{ START ",\"sequence\":\"18\",\"prevhash\":\"" H "\",\"data\":{}}", 0 },
		{ START ",\"sequence\":17,\"prevhash\":\"" H "\",\"data\":{}}", 0 },
		{ START ",\"sequence\":\"17\",\"prevhash\":\"" H "0\",\"data\":{}}", 0 },
		{ START ",\"sequence\":\"17\",\"prevhash\":\"X" H, 0 },
		{ START ",\"sequence\":\"17\",\"data\":{},\"prevhash\":\"" H "\"}", 0 },
		{ START ",\"data\":{\"sequence\":\"17\"},\"prevhash\":\"" H "\"}", 0 },
		{ START ",\"sequence\":\"17\",\"prevhash\":\"" H "\",\"data\":{", 0 },
		{ "{\"specversion\":\"1.0\",\"id\":\"017\",\"sequence\":\"017\",\"prevhash\":\"" H "\"}", 0 },
		{ "{\"specversion\":\"1.0\",\"id\":\"0\",\"sequence\":\"0\",\"prevhash\":\"" H "\"}", 0 },
		{ "{\"specversion\":\"1.0\",\"id\":\"\",\"sequence\":\"\",\"prevhash\":\"" H "\"}", 0 },
		{ "{\"specversion\":\"1.0\",\"id\":\"9999999999999999999\",\"sequence\":\"9999999999999999999\","
		  "\"prevhash\":\"" H "\"}", 0 },
		{ " " START REST, 0 },
		{ "{}", 0 },
		{ "", 0 },
		{ NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct text text = text_of(cases[i].text), prevhash = { 0 };
		uint64_t sequence = 0;
		bool good = journal_peek(text, &sequence, &prevhash);

		if (good != (cases[i].sequence != 0) || sequence != cases[i].sequence || (good && !text_is(prevhash, H)))
			fail_msg("case %zu", i);
		/* No beginning of an event is one, and none is read past its end. */
		for (size_t len = 0; good && len < text.len; len++) {
			char *piece = malloc(len ? len : 1);

			memcpy(piece, text.ptr, len);
			if (journal_peek((struct text){ piece, len }, &sequence, &prevhash))
				assert_true(piece[len - 1] == '}');
			free(piece);
		}
	}
}

static void
read_all(struct world *w)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < w->count; i++) {
		buf_clear(&out);
		buf_str(&out, "before");
		assert_int_equal(journal_read(w->journal, w->positions[i], &out), 0);
		assert_int_equal(out.len, 6 + w->texts[i].len);
		assert_memory_equal(out.ptr + 6, w->texts[i].ptr, w->texts[i].len);
	}
	buf_free(&out);
}

static void
what_is_written_is_read_back(void **state)
{
	struct world *w = *state;

	for (uint32_t seed = 1; seed <= 30; seed++) {
		world_clear(w);
		w->seed = seed;
		assert_int_equal(reopen(w), 0);
		check(w, 0);
		for (int step = 0; step < 60; step++) {
			for (uint32_t n = dice(w, 12); n; n--)
				assert_int_equal(append(w, dice(w, dice(w, 10) ? 300 : 3000)), 0);
			switch (dice(w, 8)) {
			case 0:
				read_all(w);
				drop_batch(w);
				break;
			case 1:
				sync_batch(w);
				assert_int_equal(reopen(w), 0);
				assert_int_equal(journal_cut(w->journal), 0);
				break;
			case 2:
				journal_prepare(w->journal, dice(w, SMALL));
				sync_batch(w);
				break;
			default:
				sync_batch(w);
			}
			while (dice(w, 2) && journal_prepare(w->journal, dice(w, SMALL)))
				;
		}
		sync_batch(w);
		read_all(w);
		check(w, w->count);
		assert_int_equal(reopen(w), 0);
		check(w, w->synced);
		read_all(w);
	}
}

static int
stop_at(void *context, uint64_t sequence, journal_position position, struct text event)
{
	uint64_t *wanted = context;

	(void)position;
	(void)event;
	assert_int_equal(sequence, *wanted);
	return 42;
}

static void
walk_begins_anywhere(void **state)
{
	struct world *w = *state;

	assert_int_equal(reopen(w), 0);
	for (int i = 0; i < 20; i++)
		append_batch(w, 3, 200);
	for (uint64_t after = 0; after < w->count; after++) {
		uint64_t first = after + 1;

		assert_int_equal(journal_walk(w->journal, after, 0, stop_at, &first, &w->why), 42);
		assert_int_equal(journal_walk(w->journal, after, w->positions[after], stop_at, &first, &w->why), 42);
		if (after + 1 < w->count)
			assert_int_equal(journal_walk(w->journal, after, w->positions[after + 1], stop_at, &first, &w->why),
			                 -EILSEQ);
		buf_clear(&w->why);
	}
	assert_int_equal(journal_walk(w->journal, w->count, 0, stop_at, NULL, &w->why), 0);
	assert_int_equal(journal_read(w->journal, 0, &w->why), -EILSEQ);
	assert_int_equal(journal_read(w->journal, w->positions[3] + 1, &w->why), -EILSEQ);
	assert_int_equal(journal_read(w->journal, UINT64_C(99) << 32 | 65, &w->why), -ENOENT);
}

/* Opens a journal whose first segment has these bytes: `lines` are left, and it works on. */
static void
check_torn(struct world *w, struct text bytes, size_t lines, size_t torn)
{
	struct buf now = { 0 };

	save(w, "00000001.journal", bytes);
	w->read_only = true;
	assert_int_equal(reopen(w), 0);
	assert_int_equal(journal_cut(w->journal), torn);
	check(w, lines);
	load(w, "00000001.journal", &now);
	assert_true(text_equal(buf_view(&now), bytes));
	w->read_only = false;
	assert_int_equal(reopen(w), 0);
	assert_int_equal(journal_cut(w->journal), torn);
	check(w, lines);
	load(w, "00000001.journal", &now);
	for (size_t i = text_end(&now); i < now.len; i++)
		assert_int_equal(now.ptr[i], 0);
	assert_int_equal(reopen(w), 0);
	assert_int_equal(journal_cut(w->journal), 0);
	buf_free(&now);
}

static size_t
last_nonzero(const char *p, size_t len)
{
	while (len && !p[len - 1])
		len--;
	return len;
}

static void
torn_tail_is_cut_at_every_byte(void **state)
{
	struct world *w = *state;
	struct buf whole = { 0 }, torn = { 0 };
	size_t start, end, lines;

	assert_int_equal(reopen(w), 0);
	append_batch(w, 3, 30);
	append_batch(w, 3, 60);
	load(w, "00000001.journal", &whole);
	end = text_end(&whole);
	start = line_start(&whole, 3);
	for (size_t at = start; at < end; at++) {
		for (lines = 3; line_start(&whole, lines + 1) <= at; lines++)
			;
		buf_clear(&torn);
		buf_text(&torn, buf_view(&whole));
		memset(torn.ptr + at, 0, end - at);
		check_torn(w, buf_view(&torn), lines, at - line_start(&whole, lines));
		for (size_t i = at; i < end; i++)
			torn.ptr[i] = (char)(1 + (unsigned char)(whole.ptr[i] + dice(w, 250)) % 255);
		if (torn.ptr[at] == whole.ptr[at])
			torn.ptr[at]++;
		check_torn(w, buf_view(&torn), lines, end - line_start(&whole, lines));
	}
	buf_free(&whole);
	buf_free(&torn);
}

/* A batch is one write: its sectors reach the disk in any order. */
static void
torn_batch_is_cut_whatever_sectors_came(void **state)
{
	struct world *w = *state;
	struct buf before = { 0 }, whole = { 0 }, torn = { 0 };

	assert_int_equal(reopen(w), 0);
	append_batch(w, 2, 40);
	load(w, "00000001.journal", &before);
	append_batch(w, 5, 80);
	load(w, "00000001.journal", &whole);
	for (unsigned sectors = 0; sectors < 1 << (SMALL / SECTOR); sectors++) {
		size_t same = 0, lines = 0, end;

		buf_clear(&torn);
		for (unsigned i = 0; i < SMALL / SECTOR; i++)
			buf_add(&torn, (sectors >> i & 1 ? whole.ptr : before.ptr) + i * SECTOR, SECTOR);
		while (same < SMALL && torn.ptr[same] == whole.ptr[same])
			same++;
		while (lines < 7 && line_start(&whole, lines + 1) <= same)
			lines++;
		end = last_nonzero(torn.ptr, SMALL);
		check_torn(w, buf_view(&torn), lines, end - line_start(&whole, lines));
	}
	buf_free(&before);
	buf_free(&whole);
	buf_free(&torn);
}

static void
append_goes_on_behind_a_cut(void **state)
{
	struct world *w = *state;
	struct buf whole = { 0 };

	assert_int_equal(reopen(w), 0);
	append_batch(w, 5, 80);
	load(w, "00000001.journal", &whole);
	memset(whole.ptr + SECTOR * 2, 0, SECTOR);
	save(w, "00000001.journal", buf_view(&whole));
	assert_int_equal(reopen(w), 0);
	assert_true(journal_cut(w->journal) > 0);
	check(w, journal_tail(w->journal).sequence);
	append_batch(w, 20, 90);
	assert_int_equal(reopen(w), 0);
	check(w, w->count);
	buf_free(&whole);
}

/* The first lines of the next segment are torn, or nothing but garbage came of them. */
static void
torn_tail_at_a_segments_start(void **state)
{
	struct world *w = *state;
	struct buf bytes = { 0 };
	size_t in_first;

	for (int garbage = 0; garbage < 2; garbage++) {
		world_clear(w);
		assert_int_equal(reopen(w), 0);
		while (w->count == 0 || w->positions[w->count - 1] >> 32 == 1)
			assert_int_equal(append(w, 100), 0);
		in_first = w->count - 1;
		sync_batch(w);
		load(w, "00000002.journal", &bytes);
		memset(bytes.ptr + (garbage ? 0 : 30), garbage ? 0xff : 0, 200);
		save(w, "00000002.journal", buf_view(&bytes));
		assert_int_equal(reopen(w), 0);
		assert_true(journal_cut(w->journal) > 0);
		check(w, in_first);
		append_batch(w, 30, 100);
		assert_int_equal(reopen(w), 0);
		check(w, w->count);
	}
	buf_free(&bytes);
}

static void
every_flipped_byte_is_told(void **state)
{
	struct world *w = *state;
	struct buf whole = { 0 };

	assert_int_equal(reopen(w), 0);
	append_batch(w, 30, 60);
	w->read_only = true;
	load(w, "00000001.journal", &whole);
	for (size_t at = line_start(&whole, 2); at < line_start(&whole, 3); at++) {
		int result;

		whole.ptr[at] ^= (char)(1 << dice(w, 8));
		save(w, "00000001.journal", buf_view(&whole));
		assert_int_equal(reopen(w), 0);
		w->count = 0;
		result = journal_walk(w->journal, 0, 0, compare, w, &w->why);
		assert_int_equal(result, -EILSEQ);
		assert_int_equal(w->count, 2);
		buf_byte(&w->why, 0);
		assert_non_null(strstr(w->why.ptr, "00000001.journal: byte "));
		assert_non_null(strstr(w->why.ptr, ", line 3"));
		load(w, "00000001.journal", &whole);
		whole.ptr[at] = w->texts[2].len ? whole.ptr[at] : 0;
		break;
	}
	buf_free(&whole);
}

struct flip { const char *segment; size_t line; int open, walk; };

static void
flips_are_told(void **state)
{
	static const struct flip flips[] = {
		{ "00000001.journal", 0, 0, -EILSEQ },
		{ "00000001.journal", 2, 0, -EILSEQ },
		{ "00000002.journal", 0, -EILSEQ, 0 },          /* read at open: the end of the one before the last */
		{ "00000003.journal", 0, -EILSEQ, 0 },
		{ "00000003.journal", 1, -EILSEQ, 0 },
	};
	struct world *w = *state;
	struct buf whole = { 0 }, last = { 0 };

	assert_int_equal(reopen(w), 0);
	while (w->count < 4 || w->positions[w->count - 4] >> 32 < 3)
		assert_int_equal(append(w, 400), 0);
	sync_batch(w);
	w->read_only = true;
	for (size_t i = 0; i < countof(flips); i++) {
		size_t line = flips[i].line, start, end;

		load(w, flips[i].segment, &whole);
		if (strcmp(flips[i].segment, "00000002.journal") == 0)
			while (whole.ptr[line_start(&whole, line + 1)])
				line++;
		start = line_start(&whole, line);
		end = line_start(&whole, line + 1);
		for (size_t at = start; at < end; at++) {
			char good = whole.ptr[at];
			int result;

			whole.ptr[at] = (char)(good ^ 1 << dice(w, 8));
			save(w, flips[i].segment, buf_view(&whole));
			result = reopen(w);
			if (result == 0)
				result = journal_walk(w->journal, 0, 0, stop_at + 0 ? compare : NULL, w, &w->why);
			else
				assert_int_equal(flips[i].open, result);
			assert_int_equal(result, -EILSEQ);
			assert_true(w->why.len > 0);
			whole.ptr[at] = good;
		}
		save(w, flips[i].segment, buf_view(&whole));
	}
	buf_free(&whole);
	buf_free(&last);
}
