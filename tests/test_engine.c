/* The engine over the real journal and LMDB: keys, versions, visibility, restarts, full disks. */
#include "engine_world.h"

#include <errno.h>

static void
a_key_gives_the_first_answer_for_ever(void **state)
{
	struct fixture *f = *state;
	char first[1024];

	up(f, 1 << 20, 0);
	snprintf(first, sizeof first, "%s", ask(f, &officer, "dossier.submit", "\"key\":\"k1\"," PRODUCT "," DOCUMENTS));
	has(first, "\"dossier\":\"KN-2020-0001\",\"version\":1,\"state\":\"submitted\",\"sequence\":1,\"due\":\"2020-03-05\",\"warnings\":[]");
	assert_string_equal(ask(f, &officer, "dossier.submit", "\"key\":\"k1\"," PRODUCT "," DOCUMENTS), first);
	/* Members in another order, another language: the same content. */
	assert_string_equal(ask(f, &officer, "dossier.submit", "\"lang\":\"vi\"," DOCUMENTS "," PRODUCT ",\"key\":\"k1\""), first);
	has(ask(f, &officer, "dossier.submit", "\"key\":\"k1\"," PRODUCT "," DOCUMENTS ",\"note\":\"x\""), "\"kind\":\"key-reused\"");
	/* Another account's key is another key. */
	has(ask(f, &ea_tam, "dossier.propose", "\"key\":\"k1\"," PRODUCT), "KN-2020-0002");
	down(f);
	up(f, 1 << 20, 0);
	assert_string_equal(ask(f, &officer, "dossier.submit", "\"key\":\"k1\"," PRODUCT "," DOCUMENTS), first);
	/* A refusal is not remembered. */
	has(ask(f, &officer, "dossier.complete", "\"key\":\"k2\",\"dossier\":\"KN-2020-0002\""), "wrong-state");
	has(ask(f, &officer, "dossier.complete", "\"key\":\"k2\",\"dossier\":\"KN-2020-0001\""), "\"state\":\"complete\"");
}

/* What a dry command answers is what the command then answers; it leaves nothing behind. */
static void
a_dry_command_tells_and_does_nothing(void **state)
{
	static const char would[] = "\"dossier\":\"KN-2020-0001\",\"version\":1,\"state\":\"submitted\",\"sequence\":1,\"due\":\"2020-03-05\","
	                            "\"warnings\":[],\"dry\":true}";
	struct fixture *f = *state;

	up(f, 1 << 20, 1 << 24);
	has(ask(f, &officer, "dossier.submit", "\"dry\":true,\"key\":\"k1\"," PRODUCT "," DOCUMENTS), would);
	has(ask(f, &officer, "dossier.submit", "\"dry\":true,\"key\":\"k1\"," PRODUCT "," DOCUMENTS), would);
	has(ask(f, &officer, "server.ping", ""), "\"sequence\":0");
	has(ask(f, &officer, "dossier.list", ""), "{\"dossiers\":[],\"next\":null}");
	has(ask(f, &officer, "dossier.complete", "\"dry\":true,\"dossier\":\"KN-2020-0001\""), "unknown-dossier");
	/* Its key is still free, and of other content. */
	has(ask(f, &officer, "dossier.submit", "\"dry\":false,\"key\":\"k1\"," PRODUCT "," DOCUMENTS ",\"note\":\"x\""), "\"warnings\":[]}");
	/* A key that was used answers as it will: with the first result, or with the refusal. */
	has(ask(f, &officer, "dossier.submit", "\"dry\":true,\"key\":\"k1\"," PRODUCT "," DOCUMENTS ",\"note\":\"x\""), would);
	has(ask(f, &officer, "dossier.submit", "\"dry\":true,\"key\":\"k1\"," PRODUCT "," DOCUMENTS), "\"kind\":\"key-reused\"");
	has(ask(f, &officer, "dossier.complete", "\"dry\":true,\"dossier\":\"KN-2020-0001\",\"version\":2"), "version-conflict");
	has(ask(f, &officer, "dossier.complete", "\"dry\":true,\"dossier\":\"KN-2020-0001\""), "\"version\":2,\"state\":\"complete\",\"sequence\":2");
	has(ask(f, &officer, "dossier.get", "\"dossier\":\"KN-2020-0001\""), "\"version\":1,\"state\":\"submitted\"");
	has(ask(f, &ea_tam, "dossier.complete", "\"dry\":true,\"dossier\":\"KN-2020-0001\""), "forbidden");
	has(ask(f, &officer, "feed.open", "\"dry\":true,\"feed\":\"a\""), "-32602");
	verified(f);
}

/* In a batch it sees what was done before it, and what comes after it sees nothing of it. */
static void
a_dry_command_stands_in_its_batch(void **state)
{
	static const char batch[] = "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"dossier.submit\",\"params\":{" PRODUCT "," DOCUMENTS "}},"
		"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"dossier.complete\",\"params\":{\"dossier\":\"KN-2020-0001\",\"dry\":true}},"
		"{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"dossier.withdraw\",\"params\":{\"dossier\":\"KN-2020-0001\",\"reason\":\"thôi\"}}]";
	struct fixture *f = *state;
	struct engine_request r = { .account = &officer, .frame = text_of(batch), .answer = &f->answer };

	up(f, 1 << 20, 1 << 24);
	assert_int_equal(engine_batch(f->engine, &r, 1, f->now_ms), 0);
	buf_byte(&f->answer, '\0');
	has(f->answer.ptr, "\"version\":2,\"state\":\"complete\",\"sequence\":2,\"due\":null,\"warnings\":[],\"dry\":true}");
	has(f->answer.ptr, "\"version\":2,\"state\":\"withdrawn\",\"sequence\":2,");
	verified(f);
}

static void
a_stale_version_is_refused(void **state)
{
	struct fixture *f = *state;

	up(f, 1 << 20, 0);
	ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS);
	has(ask(f, &officer, "dossier.note", "\"dossier\":\"KN-2020-0001\",\"text\":\"a\",\"version\":1"), "\"version\":2");
	const char *answer = ask(f, &officer, "dossier.note", "\"dossier\":\"KN-2020-0001\",\"text\":\"b\",\"version\":1");

	has(answer, "version-conflict");
	has(answer, "\"version\":2");
}

static void
another_communes_dossier_does_not_exist(void **state)
{
	struct fixture *f = *state;

	up(f, 1 << 20, 0);
	ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS);
	has(ask(f, &ea_tam, "dossier.get", "\"dossier\":\"KN-2020-0001\""), "\"commune\":\"24352\"");
	has(ask(f, &ea_toh, "dossier.get", "\"dossier\":\"KN-2020-0001\""), "unknown-dossier");
	has(ask(f, &ea_toh, "dossier.history", "\"dossier\":\"KN-2020-0001\""), "unknown-dossier");
	has(ask(f, &ea_toh, "dossier.note", "\"dossier\":\"KN-2020-0001\",\"text\":\"a\""), "unknown-dossier");
	has(ask(f, &ea_toh, "dossier.list", ""), "{\"dossiers\":[],\"next\":null}");
	has(ask(f, &ea_toh, "dossier.list", "\"commune\":\"24352\""), "{\"dossiers\":[],\"next\":null}");
	has(ask(f, &ea_toh, "event.read", "\"after\":0"), "{\"events\":[],\"position\":1}");
	has(ask(f, &ea_toh, "report.summary", ""), "\"total\":0");
	hasnt(ask(f, &ea_toh, "report.deadlines", ""), "KN-2020");
	has(ask(f, &ea_tam, "report.deadlines", ""), "KN-2020-0001");
	has(ask(f, &ea_toh, "dossier.propose", PRODUCT), "forbidden");
	has(ask(f, NULL, "server.ping", ""), "forbidden");
}

static void
sheets_are_secret_until_the_score(void **state)
{
	struct fixture *f = *state;
	struct account health = { .actor = { .account = TEXT("health"), .roles = ROLE(COUNCIL), .member = TEXT("health") } };
	const struct criteria_set *set = programme_set(f->programme, TEXT("coffee-cocoa"), day_make(2020, 3, 2), ABSENT);
	struct buf sheet = { .len = 0 };

	up(f, 1 << 20, 0);
	ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS);
	ask(f, &officer, "dossier.complete", "\"dossier\":\"KN-2020-0001\"");
	buf_str(&sheet, "\"dossier\":\"KN-2020-0001\",\"member\":\"chair\",\"sheet\":{");
	for (size_t i = 0; i < set->count; i++)
		buf_printf(&sheet, "%s\"%.*s\":%d", i ? "," : "", TEXT_ARG(set->criteria[i].code),
		           set->criteria[i].levels[set->criteria[i].level_count - 1]);
	buf_str(&sheet, "}");
	buf_byte(&sheet, '\0');
	has(ask(f, &secretary, "dossier.assess", sheet.ptr), "\"version\":3");
	has(ask(f, &secretary, "dossier.get", "\"dossier\":\"KN-2020-0001\""), "\"total\":100");
	hasnt(ask(f, &health, "dossier.get", "\"dossier\":\"KN-2020-0001\""), "sheets");
	hasnt(ask(f, &officer, "dossier.get", "\"dossier\":\"KN-2020-0001\""), "sheets");
	hasnt(ask(f, &officer, "dossier.history", "\"dossier\":\"KN-2020-0001\""), "assessed");
	has(ask(f, &secretary, "event.read", "\"after\":0"), "assessed");
	has(ask(f, &secretary, "dossier.score", "\"dossier\":\"KN-2020-0001\",\"minutes\":\"1/BB\""), "\"guard\":\"quorum\"");
	buf_free(&sheet);
}

static void
the_clock_emits_overdue_once(void **state)
{
	struct fixture *f = *state;

	f->simulated = true;
	up(f, 1 << 20, 0);
	ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS);
	has(ask(f, &admin, "clock.advance", "\"to\":\"2020-03-05T23:59:59+07:00\""), "\"time\":\"2020-03-05T23:59:59.000+07:00\"");
	has(ask(f, &officer, "dossier.get", "\"dossier\":\"KN-2020-0001\""), "\"overdue\":false");
	ask(f, &admin, "clock.advance", "\"to\":\"2020-03-10T08:00:00+07:00\"");
	const char *history = ask(f, &officer, "dossier.history", "\"dossier\":\"KN-2020-0001\"");

	has(history, "vn.ocop.dossier.overdue");
	has(history, "\"time\":\"2020-03-06T00:00:00.000+07:00\"");
	has(ask(f, &officer, "dossier.list", "\"overdue\":true"), "KN-2020-0001");
	has(ask(f, &officer, "dossier.complete", "\"dossier\":\"KN-2020-0001\""), "\"warnings\":[\"late\"]");
	hasnt(ask(f, &officer, "dossier.list", "\"overdue\":true"), "KN-2020-0001");
	has(ask(f, &admin, "clock.advance", "\"to\":\"2020-03-01\""), "-32602");
	has(ask(f, &officer, "clock.advance", "\"to\":\"2020-04-01T00:00:00+07:00\""), "forbidden");
	/* A clock started anew goes on where the journal ends. */
	down(f);
	f->now_ms = day_start(day_make(2020, 1, 1));
	up(f, 1 << 20, 0);
	has(ask(f, &officer, "server.ping", ""), "\"time\":\"2020-03-10");
}

/* No room for the next segment: writes are refused, reads are served, and when there is room
 * again it goes on. A folder stands where the segment's file would. */
static void
a_full_disk_refuses_writes_and_serves_reads(void **state)
{
	struct fixture *f = *state;
	bool refused = false;
	char path[128];

	up(f, 16 * 1024, 0);
	snprintf(path, sizeof path, "%s/journal/00000002.journal.next", f->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS);
	for (int i = 0; i < 200 && !refused; i++)
		refused = strstr(ask(f, &officer, "dossier.note", "\"dossier\":\"KN-2020-0001\",\"text\":\"đầy\""), "\"kind\":\"storage\"");
	assert_true(refused);
	has(ask(f, &officer, "dossier.get", "\"dossier\":\"KN-2020-0001\""), "\"state\":\"submitted\"");
	has(ask(f, &officer, "dossier.note", "\"dossier\":\"KN-2020-0001\",\"text\":\"đầy\""), "\"kind\":\"storage\"");
	assert_int_equal(rmdir(path), 0);
	has(ask(f, &officer, "dossier.note", "\"dossier\":\"KN-2020-0001\",\"text\":\"còn chỗ\""), "\"sequence\"");
}

static void
a_full_map_grows(void **state)
{
	struct fixture *f = *state;

	up(f, 1 << 20, 0);
	uint64_t map = store_figures(f->state.store).map_bytes;

	for (int i = 0; i < 400; i++)
		has(ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS), "\"sequence\"");
	assert_true(store_figures(f->state.store).map_bytes > map);
	verified(f);
}

/* The store behind the journal by any number of events, or gone, comes to the same bytes. */
static void
the_store_catches_up_from_the_journal(void **state)
{
	struct fixture *f = *state;
	char command[256];

	up(f, 1 << 20, 0);
	ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS);
	down(f);
	snprintf(command, sizeof command, "cp -r %s/store %s/old", f->dir, f->dir);
	assert_int_equal(system(command), 0);
	up(f, 1 << 20, 0);
	ask(f, &officer, "dossier.return", "\"dossier\":\"KN-2020-0001\",\"reasons\":[{\"reason\":\"thiếu\"}]");
	ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS ",\"key\":\"later\"");
	down(f);
	snprintf(command, sizeof command, "rm -r %s/store; mv %s/old %s/store", f->dir, f->dir, f->dir);
	assert_int_equal(system(command), 0);
	up(f, 1 << 20, 0);
	has(ask(f, &officer, "dossier.get", "\"dossier\":\"KN-2020-0001\""), "\"state\":\"returned\"");
	has(ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS ",\"key\":\"later\""), "\"sequence\":3");
	verified(f);
	down(f);
	/* Another boot of the machine left it unsynced: it is not trusted, and made anew. */
	setenv("OCOPD_BOOT_ID", "another-boot", 1);
	up(f, 1 << 20, 0);
	unsetenv("OCOPD_BOOT_ID");
	has(ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS ",\"key\":\"later\""), "\"sequence\":3");
}

/* What engine_decide has answered is on disk in the journal, whatever becomes of the store. */
static void
answers_stand_before_the_store_is_committed(void **state)
{
	static const char frame[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"dossier.submit\",\"params\":{" PRODUCT "," DOCUMENTS ",\"key\":\"k\"}}";
	struct fixture *f = *state;
	struct buf answer = { .len = 0 };
	struct engine_request r = { .account = &officer, .frame = { frame, sizeof frame - 1 }, .answer = &answer };

	up(f, 1 << 20, 1 << 24);
	ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS);
	uint64_t commits = store_figures(f->state.store).commits;

	assert_int_equal(engine_decide(f->engine, &r, 1, f->now_ms), 0);
	buf_byte(&answer, '\0');
	has(answer.ptr, "\"sequence\":2");
	assert_int_equal(engine_sequence(f->engine), 2);
	assert_int_equal(store_figures(f->state.store).commits, commits);
	/* The process ends here. */
	down(f);
	up(f, 1 << 20, 1 << 24);
	has(ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS ",\"key\":\"k\""), "\"sequence\":2");
	verified(f);
	buf_clear(&answer);
	assert_int_equal(engine_decide(f->engine, &r, 1, f->now_ms), 0);
	assert_int_equal(engine_settle(f->engine), 0);
	assert_int_equal(engine_settle(f->engine), 0);
	has(ask(f, &officer, "dossier.get", "\"dossier\":\"KN-2020-0002\""), "\"state\":\"submitted\"");
	buf_free(&answer);
}

/* The journal is synced before the store: one that is shorter has lost what was answered. */
static void
a_journal_that_lost_events_is_an_alarm(void **state)
{
	struct fixture *f = *state;
	struct engine *engine = NULL;
	struct buf why = { .len = 0 };
	char path[128], text[4096] = "";

	up(f, 1 << 20, 0);
	ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS);
	ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS);
	down(f);
	snprintf(path, sizeof path, "%s/journal/00000001.journal", f->dir);
	FILE *file = fopen(path, "r+");

	assert_non_null(file);
	assert_true(fread(text, 1, sizeof text - 1, file) > 0);
	long second = strchr(text, '\n') - text + 1;

	assert_int_equal(fseek(file, second, SEEK_SET), 0);
	memset(text, 0, sizeof text);
	assert_int_equal(fwrite(text, 1, sizeof text, file), sizeof text);
	fclose(file);
	struct state_options o = { .dir = f->dir, .source = f->programme->source, .segment_bytes = 1 << 20 };

	assert_int_equal(state_open(&o, &f->state, &why), 0);
	struct engine_options e = { .programme = f->programme, .journal = f->state.journal, .store = f->state.store };

	assert_int_equal(engine_open(&e, &engine, &why), -EILSEQ);
	buf_byte(&why, '\0');
	has(why.ptr, "ends with event 1, but 2 were answered");
	buf_free(&why);
}

/* A method that is none, with and without parameters. */
static void
unknown_methods_are_refused(void **state)
{
	struct fixture *f = *state;

	up(f, 1 << 20, 0);
	has(ask(f, &officer, "dossier.fly", ""), "-32601");
	has(ask(f, &officer, "dossier.fly", "\"dossier\":7"), "-32601");
	has(ask(f, &officer, "", ""), "-32601");
}

static void
a_changed_row_is_found(void **state)
{
	struct fixture *f = *state;
	struct buf report = { .len = 0 };
	char scratch[96], key[ID_LEN];

	up(f, 1 << 20, 0);
	ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS);
	id_write((uint64_t)2020 << 32 | 1, key);
	assert_int_equal(store_begin(f->state.store), 0);
	store_put(f->state.store, TABLE_DOSSIER, (struct text){ key, ID_LEN }, TEXT("other"));
	assert_int_equal(store_commit(f->state.store), 0);
	snprintf(scratch, sizeof scratch, "%s/scratch", f->dir);
	assert_int_equal(projection_verify(f->state.journal, f->state.store, f->programme, scratch, &report), 1);
	buf_free(&report);
}

static void
a_backup_is_whole(void **state)
{
	struct fixture *f = *state;
	struct fixture copy;

	up(f, 1 << 20, 0);
	for (int i = 0; i < 30; i++)
		ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS);
	has(ask(f, &admin, "server.backup", "\"name\":\"hom-nay\""), "\"sequence\":30");
	has(ask(f, &admin, "server.backup", "\"name\":\"hom-nay\""), "-32602");
	has(ask(f, &admin, "server.backup", "\"name\":\"../x\""), "-32602");
	has(ask(f, &officer, "server.backup", "\"name\":\"y\""), "forbidden");
	ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS);
	copy = *f;
	snprintf(copy.dir, sizeof copy.dir, "%.40s/hom-nay", f->dir);
	copy.answer = (struct buf){ .len = 0 };
	up(&copy, 1 << 20, 1 << 24);
	has(ask(&copy, &officer, "dossier.list", "\"limit\":500,\"after\":\"KN-2020-0029\""), "KN-2020-0030");
	has(ask(&copy, &officer, "dossier.submit", PRODUCT "," DOCUMENTS), "\"sequence\":31");
	down(&copy);
	buf_free(&copy.answer);
}

static void
lists_answer_to_every_filter(void **state)
{
	static const struct { const char *params; int count; } rows[] = {
		{ "", 12 }, { "\"state\":\"submitted\"", 11 }, { "\"state\":\"returned\"", 1 }, { "\"group\":\"honey\"", 0 },
		{ "\"text\":\"ca phe\"", 12 }, { "\"text\":\"CÀ PHÊ\"", 12 }, { "\"text\":\"htx ea\"", 12 }, { "\"text\":\"0007\"", 1 },
		{ "\"text\":\"kn-2020-0007\"", 1 }, { "\"text\":\"he\"", 12 }, { "\"text\":\"zz\"", 0 }, { "\"text\":\"khong co\"", 0 },
		{ "\"state\":\"returned\",\"text\":\"ca phe\"", 1 }, { "\"round\":\"2020-1\"", 12 }, { "\"round\":\"2020-2\"", 0 },
		{ "\"overdue\":false", 12 }, { "\"overdue\":true", 0 }, { "\"stars\":3", 0 }, { "\"commune\":\"24352\",\"state\":\"submitted\"", 11 },
		{ "\"limit\":5", 5 }, { "\"after\":\"KN-2020-0010\"", 2 },
	};
	struct fixture *f = *state;

	up(f, 1 << 20, 0);
	for (int i = 0; i < 12; i++)
		ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS);
	ask(f, &officer, "dossier.return", "\"dossier\":\"KN-2020-0003\",\"reasons\":[{\"reason\":\"thiếu\"}]");
	for (size_t i = 0; i < countof(rows); i++) {
		int count = 0;

		for (const char *at = ask(f, &officer, "dossier.list", rows[i].params); (at = strstr(at, "\"dossier\":\"KN")); at++)
			count++;
		if (count != rows[i].count)
			print_error("%s gives %d\n", rows[i].params, count);
		assert_int_equal(count, rows[i].count);
	}
	has(ask(f, &officer, "dossier.list", "\"state\":\"submited\""), "-32602");
	has(ask(f, &officer, "dossier.list", "\"after\":\"x\""), "-32602");
}

/* Some of these words in the name, and in few dossiers a rare one; all of them in the last. In batches. */
static void
put_words(struct fixture *f, int count, int rare)
{
	static const char *const words[] = { "anh ", "binh ", "cuong ", "dung ", "giang ", "hai ", "khanh " };
	struct engine_request requests[100];
	struct buf frames[countof(requests)] = { { .len = 0 } };
	unsigned random = 1;

	for (int i = 0; i < count; i++) {
		struct buf *b = &frames[i % countof(requests)];
		struct engine_request *r = &requests[i % countof(requests)];

		buf_clear(b);
		buf_str(b, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"dossier.submit\",\"params\":{\"product\":{\"name\":\"mat ");
		random = random * 1103515245 + 12345;
		for (size_t k = 0; k < countof(words); k++)
			if (i == count - 1 || random >> (16 + k) & 1)
				buf_str(b, words[k]);
		buf_printf(b, "%s\",\"group\":\"honey\"},\"producer\":{\"name\":\"HTX\",\"kind\":\"cooperative\"},"
		           "\"commune\":\"24352\"," DOCUMENTS "}}", i % rare == rare - 1 ? "xyz" : "");
		*r = (struct engine_request){ .account = &officer, .frame = buf_view(b), .answer = &f->answer };
		if ((size_t)i % countof(requests) == countof(requests) - 1)
			assert_int_equal(engine_batch(f->engine, requests, countof(requests), f->now_ms), 0);
	}
	for (size_t i = 0; i < countof(frames); i++)
		buf_free(&frames[i]);
}

/* Words that half of the dossiers have, together with one that few have: these few are looked at, and
 * not what any of the words would leave. Counted in rows. */
static void
a_list_begins_with_the_rarest(void **state)
{
	enum { COUNT = 4000, RARE = 40, TERMS = 41, SAMPLE = 16 };
	struct fixture *f = *state;

	up(f, 1 << 22, 1 << 26);
	put_words(f, COUNT, RARE);
	uint64_t steps = store_figures(f->state.store).steps;

	has(ask(f, &officer, "dossier.list", "\"text\":\"mat anh binh cuong dung giang hai khanh xyz\""), "KN-2020-4000");
	hasnt(f->answer.ptr, "KN-2020-3960");
	steps = store_figures(f->state.store).steps - steps;
	/* A sample of each term; of the rare one's dossiers a few terms each, of the one found all. */
	assert_in_range(steps, TERMS, TERMS * SAMPLE + COUNT / RARE * 4 + 2 * TERMS);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_key_gives_the_first_answer_for_ever),
		CASE(a_dry_command_tells_and_does_nothing),
		CASE(a_dry_command_stands_in_its_batch),
		CASE(a_stale_version_is_refused),
		CASE(another_communes_dossier_does_not_exist),
		CASE(sheets_are_secret_until_the_score),
		CASE(the_clock_emits_overdue_once),
		CASE(a_full_disk_refuses_writes_and_serves_reads),
		CASE(a_full_map_grows),
		CASE(the_store_catches_up_from_the_journal),
		CASE(answers_stand_before_the_store_is_committed),
		CASE(a_journal_that_lost_events_is_an_alarm),
		CASE(unknown_methods_are_refused),
		CASE(a_changed_row_is_found),
		CASE(a_backup_is_whole),
		CASE(lists_answer_to_every_filter),
		CASE(a_list_begins_with_the_rarest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
