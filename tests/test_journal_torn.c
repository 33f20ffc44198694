/* The journal after a crash or damage: what is torn is cut, what is damaged is told. */
#include "tests/journal_world.h"

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
			torn.ptr[i] =
				(char)(1 + (unsigned char)(whole.ptr[i] + dice(w, 250)) % 255);
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
			buf_add(&torn, (sectors >> i & 1 ? whole.ptr : before.ptr) + i * SECTOR,
			        SECTOR);
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

static int
pass_on(void *context, uint64_t sequence, journal_position position, const char *hash, struct text event)
{
	(void)context;
	(void)sequence;
	(void)position;
	(void)hash;
	(void)event;
	return 0;
}

/* Three segments and a bit; the last one with at least three lines. */
static void
make_segments(struct world *w)
{
	assert_int_equal(reopen(w), 0);
	while (w->count < 3 || w->positions[w->count - 3] >> 32 < 3)
		append_batch(w, 1, 400);
	journal_close(&w->journal);
}

static int
open_and_walk(struct world *w, int *ret_opened)
{
	*ret_opened = reopen(w);
	return *ret_opened ? *ret_opened : journal_walk(w->journal, 0, 0, pass_on, NULL, &w->why);
}

static void
every_flipped_bit_is_told(void **state)
{
	enum { LAST = 99 };
	static const struct {
		const char *segment;
		size_t line;
		int open;
		const char *why;
	} flips[] = {
		{ "00000001.journal", 0, 0, "00000001.journal: byte 0, line 1: " },
		{ "00000001.journal", 2, 0, ", line 3: " },
		{ "00000001.journal", LAST, 0, "00000001.journal: byte " },
		{ "00000002.journal", LAST, -EILSEQ, "00000002.journal: byte " },
		{ "00000003.journal", 0, -EILSEQ, "00000003.journal: byte 0, line 1: " },
		{ "00000003.journal", 1, -EILSEQ, ", line 2: " },
	};
	struct world *w = *state;
	struct buf whole = { 0 };
	int opened;

	make_segments(w);
	for (size_t i = 0; i < countof(flips); i++) {
		size_t line = flips[i].line;

		load(w, flips[i].segment, &whole);
		if (line == LAST)
			for (line = 0; line_start(&whole, line + 1) < text_end(&whole); line++)
				;
		for (size_t at = line_start(&whole, line); at < line_start(&whole, line + 1);
		     at++) {
			char good = whole.ptr[at];

			whole.ptr[at] = (char)(good ^ 1 << dice(w, 8));
			save(w, flips[i].segment, buf_view(&whole));
			w->read_only = dice(w, 2);
			if (open_and_walk(w, &opened) != -EILSEQ || opened != flips[i].open)
				fail_msg("flip of byte %zu in line %zu of %s: %d", at, line,
				         flips[i].segment, opened);
			buf_byte(&w->why, 0);
			if (!strstr(w->why.ptr, flips[i].why) ||
			    !strstr(w->why.ptr, "restore a backup"))
				fail_msg("%s", w->why.ptr);
			whole.ptr[at] = good;
		}
		save(w, flips[i].segment, buf_view(&whole));
	}
	w->read_only = false;
	assert_int_equal(open_and_walk(w, &opened), 0);
	buf_free(&whole);
}

/* A line taken out, doubled or exchanged, with all hashes right. */
static void
lines_moved_are_told(void **state)
{
	struct world *w = *state;
	struct buf whole = { 0 }, changed = { 0 };
	int opened;

	assert_int_equal(reopen(w), 0);
	append_batch(w, 6, 40);
	load(w, "00000001.journal", &whole);
	for (size_t line = 0; line < 5; line++) {
		size_t start = line_start(&whole, line), end = line_start(&whole, line + 1);

		for (int twice = 0; twice < 2; twice++) {
			buf_clear(&changed);
			buf_add(&changed, whole.ptr, twice ? end : start);
			buf_add(&changed, whole.ptr + (twice ? start : end),
			        whole.len - (twice ? start : end));
			save(w, "00000001.journal", buf_view(&changed));
			assert_int_equal(open_and_walk(w, &opened), -EILSEQ);
		}
	}
	buf_free(&whole);
	buf_free(&changed);
}

/* Damage between good lines that is no missing sector: a hole of zeros anywhere else. */
static void
holes_between_sectors_are_told(void **state)
{
	struct world *w = *state;
	struct buf whole = { 0 };
	int opened;

	assert_int_equal(reopen(w), 0);
	append_batch(w, 7, 40);
	load(w, "00000001.journal", &whole);
	for (size_t at = line_start(&whole, 1); at < line_start(&whole, 2); at += 7) {
		char good[40];
		size_t len = 1 + dice(w, sizeof good);

		len += (at + len) % SECTOR == 0 ? 1 : 0;
		len = len > sizeof good ? 1 : len;
		memcpy(good, whole.ptr + at, len);
		memset(whole.ptr + at, 0, len);
		save(w, "00000001.journal", buf_view(&whole));
		assert_int_equal(open_and_walk(w, &opened), -EILSEQ);
		memcpy(whole.ptr + at, good, len);
	}
	buf_free(&whole);
}

static void
rename_in(struct world *w, const char *from, const char *to)
{
	char old[PATH_BYTES], new[PATH_BYTES];

	path_of(w, old, from);
	path_of(w, new, to);
	assert_int_equal(rename(old, new), 0);
}

static void
missing_and_doubled_segments_are_told(void **state)
{
	struct world *w = *state;
	struct buf bytes = { 0 };
	int opened;

	make_segments(w);
	for (int i = 1; i <= 2; i++) {
		char name[32];

		snprintf(name, sizeof name, "%08d.journal", i);
		rename_in(w, name, "aside");
		assert_int_equal(open_and_walk(w, &opened), -EILSEQ);
		rename_in(w, "aside", name);
	}
	load(w, "00000003.journal", &bytes);
	save(w, "00000004.journal", buf_view(&bytes));
	assert_int_equal(open_and_walk(w, &opened), -EILSEQ);
	save(w, "00000004.journal", (struct text){ "", 0 });
	assert_int_equal(open_and_walk(w, &opened), 0);
	load(w, "00000001.journal", &bytes);
	memset(bytes.ptr, 0, bytes.len);
	save(w, "00000002.journal", buf_view(&bytes));
	assert_int_equal(open_and_walk(w, &opened), -EILSEQ);
	buf_free(&bytes);
}

static void
about_is_read(void **state)
{
	static const struct { const char *about; int result; const char *why; } cases[] = {
		{ "format = 1\nname = 00112233445566778899aabbccddeeff\nsource = /ocop/650\n", 0, "" },
		{ "format = 1\nname = 00112233445566778899aabbccddeeff\nsource = /ocop/65\n", -EINVAL, "another folder" },
		{ "format = 1\nname = 00112233445566778899aabbccddeeff\nmore = x", 0, "" },
		{ "format = 2\n", -ENOTSUP, "newer" },
		{ "format = 10", -ENOTSUP, "newer" },
		{ "format = 1\nname = 0011\n", -EILSEQ, "backup" },
		{ "format = x\nname = 00112233445566778899aabbccddeeff\n", -EILSEQ, "backup" },
		{ "", -EILSEQ, "backup" },
		{ NULL, -EILSEQ, "missing" },
	};
	struct world *w = *state;
	char first[HASH_LEN + 1], path[PATH_BYTES];

	assert_int_equal(reopen(w), 0);
	snprintf(first, sizeof first, "%s", journal_name(w->journal));
	assert_int_equal(strlen(first), 32);
	assert_int_equal(reopen(w), 0);
	assert_string_equal(journal_name(w->journal), first);
	path_of(w, path, "journal.about");
	for (size_t i = 0; i < countof(cases); i++) {
		if (cases[i].about)
			save(w, "journal.about", text_of(cases[i].about));
		else
			unlink(path);
		assert_int_equal(reopen(w), cases[i].result);
		buf_byte(&w->why, 0);
		assert_non_null(strstr(w->why.ptr, cases[i].why));
	}
	assert_int_equal(folder_remove(w->dir), 0);
	w->read_only = true;
	assert_int_equal(reopen(w), -ENOENT);
	assert_true(w->why.len > 0);
}

/* The folder's names and bytes, in one text. */
static void
snapshot(struct world *w, struct buf *out)
{
	struct dirent **entries;
	struct buf bytes = { 0 };
	int count = scandir(w->dir, &entries, NULL, alphasort);

	buf_clear(out);
	for (int i = 0; i < count; i++) {
		buf_str(out, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.') {
			load(w, entries[i]->d_name, &bytes);
			buf_text(out, buf_view(&bytes));
		}
		free(entries[i]);
	}
	free(entries);
	buf_free(&bytes);
}

static void
read_only_touches_nothing(void **state)
{
	struct world *w = *state;
	struct buf before = { 0 }, after = { 0 }, bytes = { 0 }, text = { 0 };
	struct journal_tail tail;
	int fault = 0;

	make_segments(w);
	load(w, "00000003.journal", &bytes);
	bytes.ptr[text_end(&bytes) - 5] ^= 1;
	save(w, "00000003.journal", buf_view(&bytes));
	save(w, "00000004.journal.next", TEXT("\0\0"));
	snapshot(w, &before);
	w->read_only = true;
	assert_int_equal(reopen(w), 0);
	assert_true(journal_cut(w->journal) > 0);
	check(w, w->count - 1);
	tail = journal_tail(w->journal);
	make_event(&text, (size_t)tail.sequence + 1, tail.hash, 10);
	assert_int_equal(journal_append(w->journal, tail.sequence + 1, 0, buf_view(&text), &fault),
	                 0);
	assert_int_equal(fault, -EROFS);
	assert_false(journal_prepare(w->journal, SMALL));
	journal_close(&w->journal);
	snapshot(w, &after);
	assert_true(text_equal(buf_view(&before), buf_view(&after)));
	buf_free(&before);
	buf_free(&after);
	buf_free(&bytes);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
		TEST(torn_tail_is_cut_at_every_byte),
		TEST(torn_batch_is_cut_whatever_sectors_came),
		TEST(append_goes_on_behind_a_cut),
		TEST(torn_tail_at_a_segments_start),
		TEST(every_flipped_bit_is_told),
		TEST(lines_moved_are_told),
		TEST(holes_between_sectors_are_told),
		TEST(missing_and_doubled_segments_are_told),
		TEST(about_is_read),
		TEST(read_only_touches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
