/* Power cuts against the journal alone. */
#include "tests/powercut.h"

#include "daemon/journal.h"
#include "proto/date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CUT_SEGMENT = 4096, CUT_BATCHES = 20, CUT_DAY_MS = 1583287964 };

static int
cut_open(const char *dir, struct journal **ret, struct buf *why)
{
	struct journal_options options = { .dir = dir,
		                           .segment_bytes = CUT_SEGMENT,
		                           .source = TEXT("/ocop/650") };

	return journal_open(&options, ret, why);
}

static int
cut_append(struct journal *j, struct buf *text, size_t padding)
{
	struct journal_tail tail = journal_tail(j);
	uint64_t sequence = tail.sequence + 1;
	char when[TIME_LEN + 1];
	int fault = 0;

	time_print((int64_t)CUT_DAY_MS * 1000 + (int64_t)sequence, when);
	buf_clear(text);
	buf_printf(text,
	           "{\"specversion\":\"1.0\",\"id\":\"%llu\",\"source\":\"/ocop/"
	           "650\",\"type\":\"vn.ocop.dossier.noted\","
	           "\"time\":\"%s\",\"datacontenttype\":\"application/"
	           "json\",\"sequence\":\"%llu\",\"prevhash\":\"%s\","
	           "\"data\":{\"text\":\"%0*u\"}}",
	           (unsigned long long)sequence, when, (unsigned long long)sequence, tail.hash,
	           (int)padding + 1, 7u);
	journal_append(j, sequence, (int64_t)CUT_DAY_MS * 1000 + (int64_t)sequence, buf_view(text),
	               &fault);
	return fault;
}

int
cut_workload(const char *dir, uint32_t seed, int notes)
{
	struct buf why = { 0 }, text = { 0 };
	struct journal *j = NULL;
	int fault = cut_open(dir, &j, &why);

	if (fault) {
		fprintf(stderr, "workload: %.*s\n", TEXT_ARG(buf_view(&why)));
		return 1;
	}
	/* What is read after a recovery counts as acknowledged: it is shown to clients. */
	cut_note(notes, 'B', journal_tail(j).sequence);
	cut_note(notes, 'A', journal_tail(j).sequence);
	for (int batch = 0; batch < CUT_BATCHES && !fault; batch++) {
		uint32_t events = 1 + cut_dice(&seed, cut_dice(&seed, 4) ? 3 : 12);

		while (events-- && !fault)
			fault = cut_append(j, &text, cut_dice(&seed, 500));
		if (cut_dice(&seed, 10) == 0) {
			journal_drop(j);
			continue;
		}
		cut_note(notes, 'B', journal_tail(j).sequence);
		if (!fault)
			fault = journal_sync(j);
		if (!fault)
			cut_note(notes, 'A', journal_tail(j).sequence);
		if (cut_dice(&seed, 3))
			journal_prepare(j, 1 + cut_dice(&seed, CUT_SEGMENT));
	}
	journal_close(&j);
	buf_free(&text);
	buf_free(&why);
	return fault != 0;
}

static int
cut_visit(void *context, uint64_t sequence, journal_position position, const char *hash, struct text event)
{
	(void)position;
	(void)hash;
	(void)event;
	*(uint64_t *)context = sequence;
	return 0;
}

static bool
cut_whole(struct journal *j, uint64_t from, uint64_t to, struct buf *why)
{
	uint64_t last = journal_tail(j).sequence, walked = 0;

	if (last < from || last > to) {
		buf_printf(why, "the last event is %llu, but %llu to %llu must be",
		           (unsigned long long)last, (unsigned long long)from,
		           (unsigned long long)to);
		return false;
	}
	if (journal_walk(j, 0, 0, cut_visit, &walked, why) != 0)
		return false;
	if (walked != last)
		buf_printf(why, "the walk ends at %llu of %llu", (unsigned long long)walked,
		           (unsigned long long)last);
	return walked == last;
}

bool
cut_recover(const char *dir, uint64_t acked, uint64_t begun, struct buf *why)
{
	struct journal *j = NULL;
	struct buf text = { 0 };
	uint64_t last = 0;
	bool good = cut_open(dir, &j, why) == 0 && cut_whole(j, acked, begun, why);

	for (int i = 0; i < 3 && good; i++) {
		good = cut_append(j, &text, 300) == 0 && journal_sync(j) == 0;
		last = journal_tail(j).sequence;
	}
	journal_close(&j);
	good = good && cut_open(dir, &j, why) == 0 && cut_whole(j, last, last, why);
	journal_close(&j);
	buf_free(&text);
	return good;
}
