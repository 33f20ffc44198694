/* The journal: what is written is read back, in order, once; what fails can be dropped. */
#include "tests/journal_world.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static void
hash_agrees_with_b2sum(void **state)
{
	struct world *w = *state;
	char path[PATH_BYTES], command[PATH_BYTES + 32], line[128] = "", hash[HASH_LEN + 1];

	assert_int_equal(reopen(w), 0);
	for (size_t padding = 0; padding < 300; padding += 60) {
		FILE *pipe;

		make_event(&w->texts[0], 1,
		           "0000000000000000000000000000000000000000000000000000000000000000",
		           padding);
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
		{ "{\"specversion\":\"1.0\",\"id\":\"017\",\"sequence\":\"017\",\"prevhash\":\"" H
		  "\"}",
		  0 },
		{ "{\"specversion\":\"1.0\",\"id\":\"0\",\"sequence\":\"0\",\"prevhash\":\"" H
		  "\"}",
		  0 },
		{ "{\"specversion\":\"1.0\",\"id\":\"\",\"sequence\":\"\",\"prevhash\":\"" H "\"}",
		  0 },
		{ "{\"specversion\":\"1.0\",\"id\":\"9999999999999999999\",\"sequence\":"
		  "\"9999999999999999999\","
		  "\"prevhash\":\"" H "\"}",
		  0 },
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

		if (good != (cases[i].sequence != 0) || sequence != cases[i].sequence ||
		    (good && !text_is(prevhash, H)))
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
stop_at(void *context, uint64_t sequence, journal_position position, const char *hash, struct text event)
{
	uint64_t *wanted = context;

	(void)position;
	(void)hash;
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
		assert_int_equal(journal_walk(w->journal, after, w->positions[after], stop_at,
		                              &first, &w->why),
		                 42);
		if (after + 1 < w->count)
			assert_int_equal(journal_walk(w->journal, after, w->positions[after + 1],
			                              stop_at, &first, &w->why),
			                 -EILSEQ);
		buf_clear(&w->why);
	}
	assert_int_equal(journal_walk(w->journal, w->count, 0, stop_at, NULL, &w->why), 0);
	assert_int_equal(journal_read(w->journal, 0, &w->why), -EILSEQ);
	assert_int_equal(journal_read(w->journal, w->positions[3] + 1, &w->why), -EILSEQ);
	assert_int_equal(journal_read(w->journal, UINT64_C(99) << 32 | 65, &w->why), -ENOENT);
}

static int
append_until(struct world *w, size_t padding)
{
	int fault;

	do
		fault = append(w, padding);
	while (!fault);
	return fault;
}

static void
limit_files(rlim_t bytes)
{
	struct rlimit limit = { .rlim_cur = bytes, .rlim_max = RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* No room for the next segment: the batch is dropped, the rest of this one serves on, and when
 * there is room again everything does. */
static void
no_room_for_the_next_segment(void **state)
{
	struct world *w = *state;
	struct journal_tail tail;

	assert_int_equal(reopen(w), 0);
	append_batch(w, 3, 100);
	w->segment_bytes = 3 * SMALL;
	assert_int_equal(reopen(w), 0);
	tail = journal_tail(w->journal);
	limit_files(2 * SMALL);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(append_until(w, 400), -EFBIG);
		assert_true(w->count > w->synced);
		assert_int_equal(append(w, 800), -EFBIG);
		drop_batch(w);
		assert_int_equal(journal_tail(w->journal).sequence, tail.sequence);
		assert_string_equal(journal_tail(w->journal).hash, tail.hash);
		assert_int_equal(journal_tail(w->journal).time_ms, tail.time_ms);
		assert_false(journal_prepare(w->journal, SIZE_MAX));
	}
	append_batch(w, 1, 10);
	limit_files(RLIM_INFINITY);
	append_batch(w, 40, 400);
	assert_int_equal(reopen(w), 0);
	check(w, w->count);
	assert_true(journal_figures(w->journal).segments > 2);
}

static void
a_failed_write_is_for_ever(void **state)
{
	struct world *w = *state;

	assert_int_equal(reopen(w), 0);
	append_batch(w, 3, 100);
	assert_int_equal(append(w, 100), 0);
	limit_files(SECTOR);
	assert_int_equal(journal_sync(w->journal), -EFBIG);
	limit_files(RLIM_INFINITY);
	assert_int_equal(journal_sync(w->journal), -EFBIG);
	drop_batch(w);
	assert_int_equal(append(w, 100), -EFBIG);
	assert_int_equal(journal_sync(w->journal), -EFBIG);
	assert_false(journal_prepare(w->journal, SMALL));
	assert_int_equal(reopen(w), 0);
	check(w, 3);
}

/* What pwrite does next: this many bytes of it reach the file, then there is no room. -1: all. */
static ssize_t pwrite_room = -1;

ssize_t
pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	ssize_t room = pwrite_room;

	if (room < 0)
		return syscall(SYS_pwrite64, fd, bytes, len, at);
	if (room == 0) {
		pwrite_room = -1;
		errno = ENOSPC;
		return -1;
	}
	pwrite_room = 0;
	return syscall(SYS_pwrite64, fd, bytes, (size_t)room < len ? (size_t)room : len, at);
}

/* A file system that wants room for a write in place: the batch is dropped, nothing of it is left
 * behind a shorter one, and it goes on. */
static void
no_room_in_place(void **state)
{
	struct world *w = *state;

	w->segment_bytes = 16 * SMALL;  /* a batch that crosses segments can't be dropped any more */
	assert_int_equal(reopen(w), 0);
	append_batch(w, 3, 100);
	for (ssize_t room = 0; room < 1500; room += 300) {
		for (int i = 0; i < 3; i++)
			assert_int_equal(append(w, 100), 0);
		pwrite_room = room;
		assert_int_equal(journal_sync(w->journal), -ENOSPC);
		assert_int_equal(pwrite_room, -1);
		drop_batch(w);
		append_batch(w, 1, 10);
		check(w, w->count);
		assert_int_equal(reopen(w), 0);
		assert_int_equal(journal_cut(w->journal), 0);
		check(w, w->count);
	}
}

static void
a_text_longer_than_a_segment(void **state)
{
	struct world *w = *state;

	assert_int_equal(reopen(w), 0);
	append_batch(w, 2, 10);
	assert_int_equal(append(w, SMALL), -EMSGSIZE);
	drop_batch(w);
	append_batch(w, 1, SMALL - 500);
	check(w, 3);
}

static void
one_batch_is_one_write_and_one_sync(void **state)
{
	struct world *w = *state;
	struct journal_figures before, after;

	w->segment_bytes = 1 << 20;
	assert_int_equal(reopen(w), 0);
	for (size_t events = 0; events < 20; events++) {
		before = journal_figures(w->journal);
		append_batch(w, events, 100);
		after = journal_figures(w->journal);
		assert_int_equal(after.syncs - before.syncs, events != 0);
		assert_int_equal(after.writes - before.writes, events != 0);
	}
	w->segment_bytes = SMALL;
	assert_int_equal(reopen(w), 0);
	while (journal_figures(w->journal).segments < 2)
		assert_int_equal(append(w, 3000), 0);
	before = journal_figures(w->journal);
	append_batch(w, 1, 100);
	after = journal_figures(w->journal);
	assert_int_equal(after.syncs - before.syncs, 2);
	assert_int_equal(after.writes - before.writes, 2);
	assert_int_equal(after.segments, 2);
}

static void
the_next_segment_is_filled_little_by_little(void **state)
{
	struct world *w = *state;
	struct buf bytes = { 0 };
	int steps = 1;

	assert_int_equal(reopen(w), 0);
	while (journal_prepare(w->journal, SMALL / 4))
		steps++;
	assert_int_equal(steps, 4);
	assert_int_equal(journal_figures(w->journal).segments, 2);
	assert_false(journal_prepare(w->journal, SMALL));
	load(w, "00000002.journal", &bytes);
	assert_int_equal(bytes.len, SMALL);
	assert_int_equal(last_nonzero(bytes.ptr, bytes.len), 0);
	/* what is left of a fill by a crash, and segments of another size, are made anew */
	save(w, "00000003.journal.next", TEXT("xx"));
	w->segment_bytes = 2 * SMALL;
	assert_int_equal(reopen(w), 0);
	assert_int_equal(journal_figures(w->journal).segments, 1);
	save(w, "00000002.journal.next", TEXT("xx"));
	assert_int_equal(reopen(w), 0);
	append_batch(w, 20, 400);
	load(w, "00000002.journal", &bytes);
	assert_int_equal(bytes.len, 2 * SMALL);
	assert_int_equal(reopen(w), 0);
	check(w, 20);
	buf_free(&bytes);
}

static void
a_copy_is_the_same_journal(void **state)
{
	struct world *w = *state;
	char name[HASH_LEN + 1];
	struct stat status;

	assert_int_equal(reopen(w), 0);
	append_batch(w, 30, 200);
	journal_prepare(w->journal, SIZE_MAX);
	snprintf(name, sizeof name, "%s", journal_name(w->journal));
	assert_int_equal(append(w, 5), 0);      /* not on disk, so not in the copy */
	assert_int_equal(journal_copy(w->journal, w->copy), 0);
	assert_int_equal(journal_copy(w->journal, w->copy), -EEXIST);
	drop_batch(w);
	assert_int_equal(stat(w->copy, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	assert_int_equal(reopen_at(w, w->copy), 0);
	assert_string_equal(journal_name(w->journal), name);
	check(w, 30);
	append_batch(w, 10, 200);
	check(w, 40);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
		TEST(hash_agrees_with_b2sum),
		TEST(peek_reads_what_is_an_event),
		TEST(what_is_written_is_read_back),
		TEST(walk_begins_anywhere),
		TEST(no_room_for_the_next_segment),
		TEST(a_failed_write_is_for_ever),
		TEST(no_room_in_place),
		TEST(a_text_longer_than_a_segment),
		TEST(one_batch_is_one_write_and_one_sync),
		TEST(the_next_segment_is_filled_little_by_little),
		TEST(a_copy_is_the_same_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
