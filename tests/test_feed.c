/* Feeds and the clock's events over the real engine: who is told what, when, and how often. */
#include "engine_world.h"

#define RETURN "\"dossier\":\"KN-2020-0001\",\"reasons\":[{\"reason\":\"thiếu\",\"guidance\":\"bổ sung\"}]"

static void
submit_and_return(struct fixture *f)
{
	has(ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS), "\"sequence\"");
	has(ask(f, &officer, "dossier.return", RETURN), "\"state\":\"returned\"");
}

/* --- feeds --------------------------------------------------------------------------------------- */

/* One request of one account, and what its answer has. */
struct line {
	const struct account *who;
	const char *method, *params, *has, *hasnt;
};

static void
tell(struct fixture *f, const struct line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *answer = ask(f, lines[i].who, lines[i].method, lines[i].params);

		has(answer, lines[i].has);
		if (lines[i].hasnt)
			hasnt(answer, lines[i].hasnt);
	}
}

static void
a_feed_lives(void **state)
{
	struct fixture *f = *state;
	const struct line lines[] = {
		{ &ea_tam, "feed.open", "\"feed\":\"a\",\"from\":\"start\"", "\"result\":{\"feed\":\"a\",\"cursor\":0}}" },
		{ &ea_tam, "feed.next", "\"feed\":\"a\"", "\"position\":3}", "feed.opened" },
		{ &ea_tam, "feed.next", "\"feed\":\"a\",\"limit\":1", "\"position\":1}", "returned\"" },
		{ &ea_tam, "feed.list", "", "\"lag\":2,\"oldest\":{\"sequence\":1,\"time\":\"2020-03-02", "acked" },
		{ &ea_tam, "feed.ack", "\"feed\":\"a\",\"sequence\":1", "{\"feed\":\"a\",\"cursor\":1}" },
		{ &ea_tam, "server.ping", "", "\"sequence\":4," },
		/* Opened again it keeps its cursor; nothing has happened. */
		{ &ea_tam, "feed.open", "\"feed\":\"a\",\"from\":\"start\"", "\"cursor\":1}" },
		{ &ea_tam, "feed.open", "\"feed\":\"a\",\"from\":\"2\"", "\"cursor\":1}" },
		/* Never back; never beyond the journal. */
		{ &ea_tam, "feed.ack", "\"feed\":\"a\",\"sequence\":1", "\"cursor\":1}" },
		{ &ea_tam, "feed.ack", "\"feed\":\"a\",\"sequence\":0", "\"cursor\":1}" },
		{ &ea_tam, "server.ping", "", "\"sequence\":4," },
		{ &ea_tam, "feed.ack", "\"feed\":\"a\",\"sequence\":5", "\"field\":\"sequence\"" },
		{ &ea_tam, "feed.fail", "\"feed\":\"a\",\"sequence\":5,\"reason\":\"x\"", "\"field\":\"sequence\"" },
		{ &ea_tam, "feed.next", "\"feed\":\"a\"", "vn.ocop.dossier.returned", "vn.ocop.dossier.submitted" },
		{ &ea_tam, "feed.fail", "\"feed\":\"a\",\"sequence\":2,\"reason\":\"hộp thư đầy\"", "{\"feed\":\"a\",\"failures\":1}" },
		{ &ea_tam, "feed.fail", "\"feed\":\"a\",\"sequence\":2,\"reason\":\"vẫn đầy\"", "\"failures\":2}" },
		{ &officer, "feed.list", "", "\"failures\":2,\"failed\":2,\"reason\":\"vẫn đầy\"" },
		/* Another filter takes the place of the first; the cursor stays. */
		{ &ea_tam, "feed.open", "\"feed\":\"a\",\"types\":[\"vn.ocop.dossier.submitted\"]", "\"cursor\":1}" },
		{ &ea_tam, "feed.next", "\"feed\":\"a\"", "\"events\":[]" },
		{ &ea_tam, "feed.open", "\"feed\":\"a\",\"types\":[\"submitted\"]", "\"cursor\":1}" },
		{ &ea_tam, "server.ping", "", "\"sequence\":7," },
		{ &ea_tam, "feed.close", "\"feed\":\"a\"", "{\"feed\":\"a\",\"closed\":true}" },
		{ &ea_tam, "feed.close", "\"feed\":\"a\"", "\"kind\":\"unknown-feed\"" },
		{ &ea_tam, "feed.next", "\"feed\":\"a\"", "\"kind\":\"unknown-feed\"" },
		{ &ea_tam, "feed.ack", "\"feed\":\"a\",\"sequence\":1", "\"kind\":\"unknown-feed\"" },
		{ &ea_tam, "feed.list", "", "{\"feeds\":[]}" },
		{ &ea_tam, "feed.open", "\"feed\":\"a\"", "\"cursor\":8}" },
		{ &ea_tam, "feed.open", "\"feed\":\"b\",\"from\":2", "\"cursor\":2}" },
	};

	up(f, 1 << 20, 0);
	submit_and_return(f);
	tell(f, lines, countof(lines));
	verified(f);
}

static void
bad_requests_change_nothing(void **state)
{
	struct fixture *f = *state;
	const struct line lines[] = {
		{ &ea_tam, "feed.open", "\"feed\":\"a\",\"communes\":[\"24352\",\"24349\"]", "\"guard\":\"known-commune\",\"field\":\"communes[1]\"" },
		{ &ea_tam, "event.read", "\"after\":0,\"communes\":[\"24349\"]", "\"field\":\"communes[0]\"" },
		{ &officer, "feed.open", "\"feed\":\"a\",\"communes\":[\"99999\"]", "known-commune" },
		{ &ea_tam, "feed.open", "\"feed\":\"a\",\"types\":[\"returned\",\"retorned\"]", "\"field\":\"types[1]\"" },
		{ &officer, "event.read", "\"after\":0,\"types\":[\"vn.ocop.other.returned\"]", "\"field\":\"types[0]\"" },
		{ &ea_tam, "feed.open", "\"feed\":\"\"", "\"field\":\"feed\"" },
		{ &ea_tam, "feed.open", "\"feed\":\"Đ\"", "\"field\":\"feed\"" },
		{ &ea_tam, "feed.open", "\"from\":\"start\"", "\"field\":\"feed\"" },
		{ &ea_tam, "feed.open", "\"feed\":\"a\",\"from\":\"3\"", "\"field\":\"from\"" },
		{ &ea_tam, "feed.open", "\"feed\":\"a\",\"from\":-1", "\"field\":\"from\"" },
		{ &ea_tam, "feed.open", "\"feed\":\"a\",\"from\":\"-1\"", "\"field\":\"from\"" },
		{ &ea_tam, "feed.open", "\"feed\":\"a\",\"from\":\"\"", "\"field\":\"from\"" },
		{ &ea_tam, "feed.open", "\"feed\":\"a\",\"from\":\"end\"", "\"field\":\"from\"" },
		{ &ea_tam, "feed.next", "\"feed\":\"a\",\"wait\":61", "\"field\":\"wait\"" },
		{ &ea_tam, "feed.next", "\"feed\":\"a\",\"raw\":true", "\"field\":\"raw\"" },
		{ &ea_tam, "event.read", "\"after\":0,\"wait\":-1", "\"field\":\"wait\"" },
		{ &ea_tam, "feed.fail", "\"feed\":\"a\",\"sequence\":1", "\"field\":\"reason\"" },
		{ NULL, "feed.open", "\"feed\":\"a\"", "forbidden" },
		{ &officer, "server.ping", "", "\"sequence\":2," },
		{ &officer, "feed.list", "", "{\"feeds\":[]}" },
	};

	up(f, 1 << 20, 0);
	submit_and_return(f);
	tell(f, lines, countof(lines));
}

static void
feeds_are_their_accounts_own(void **state)
{
	struct fixture *f = *state;
	struct account finance = { .actor = { .account = TEXT("finance"), .roles = ROLE(FINANCE) } };
	const struct line lines[] = {
		{ &ea_tam, "feed.open", "\"feed\":\"a\",\"from\":\"start\"", "\"cursor\":0" },
		{ &ea_toh, "feed.ack", "\"feed\":\"a\",\"sequence\":1", "unknown-feed" },
		{ &ea_toh, "feed.open", "\"feed\":\"a\",\"from\":0", "\"cursor\":0" },
		{ &ea_toh, "feed.next", "\"feed\":\"a\"", "{\"events\":[],\"position\":4}" },
		{ &ea_toh, "feed.ack", "\"feed\":\"a\",\"sequence\":4", "\"cursor\":4" },
		{ &ea_tam, "feed.next", "\"feed\":\"a\"", "returned" },
		{ &ea_tam, "feed.list", "", "\"account\":\"ea-tam\"", "ea-toh" },
		{ &finance, "feed.list", "", "{\"feeds\":[]}" },
		{ &admin, "feed.list", "", "\"account\":\"ea-toh\"" },
		{ &secretary, "feed.list", "", "\"account\":\"ea-tam\",\"cursor\":0" },
		/* What happens to a feed is told to whoever asks by name, and may know. */
		{ &officer, "event.read", "\"after\":2", "{\"events\":[],\"position\":5}" },
		{ &officer, "event.read", "\"after\":2,\"types\":[\"feed.opened\"]", "\"feed\":\"a\",\"sequence\":0", "feed.acknowledged" },
		{ &ea_toh, "event.read", "\"after\":2,\"types\":[\"feed.opened\",\"vn.ocop.feed.acknowledged\"]", "feed.acknowledged", "ea-tam" },
		{ &finance, "event.read", "\"after\":2,\"types\":[\"feed.opened\"]", "\"events\":[]" },
		{ &officer, "feed.open", "\"feed\":\"all\",\"types\":[\"feed.acknowledged\"],\"from\":\"start\"", "\"cursor\":0" },
		{ &officer, "feed.next", "\"feed\":\"all\"", "\"by\":\"ea-toh\",\"role\":\"commune\"" },
	};

	up(f, 1 << 20, 0);
	submit_and_return(f);
	tell(f, lines, countof(lines));
	for (int i = 1; i < 64; i++) {
		char params[64];

		snprintf(params, sizeof params, "\"feed\":\"%d\"", i);
		has(ask(f, &ea_tam, "feed.open", params), "cursor");
	}
	has(ask(f, &ea_tam, "feed.open", "\"feed\":\"one more\""), "at most 64 feeds");
}

static void
feeds_survive(void **state)
{
	struct fixture *f = *state;
	char before[4096], record[4096];

	up(f, 1 << 20, 0);
	submit_and_return(f);
	ask(f, &ea_tam, "feed.open", "\"feed\":\"print\",\"types\":[\"returned\",\"recalled\"],\"from\":0");
	ask(f, &ea_tam, "feed.open", "\"feed\":\"mail\",\"types\":[\"returned\",\"recalled\"],\"communes\":[\"24352\"],\"from\":0");
	ask(f, &ea_tam, "feed.fail", "\"feed\":\"mail\",\"sequence\":2,\"reason\":\"x\"");
	ask(f, &ea_tam, "feed.ack", "\"feed\":\"mail\",\"sequence\":2");
	ask(f, &ea_toh, "feed.open", "\"feed\":\"closed\"");
	ask(f, &ea_toh, "feed.close", "\"feed\":\"closed\"");
	snprintf(before, sizeof before, "%s", ask(f, &officer, "feed.list", ""));
	snprintf(record, sizeof record, "%s", ask(f, &officer, "dossier.get", "\"dossier\":\"KN-2020-0001\""));
	has(before, "\"cursor\":2");
	has(record, "\"notified\":{\"feed\":\"mail\",\"at\":\"2020-03-02T09:00:00.000+07:00\"}");
	down(f);
	up(f, 1 << 20, 0);
	assert_string_equal(ask(f, &officer, "feed.list", ""), before);
	verified(f);
	rebuilt(f);
	assert_string_equal(ask(f, &officer, "feed.list", ""), before);
	assert_string_equal(ask(f, &officer, "dossier.get", "\"dossier\":\"KN-2020-0001\""), record);
}

/* --- notices ------------------------------------------------------------------------------------- */

/* Which acknowledgement tells that the commune knows: a commune's own, of a feed that gave it. */
static void
a_commune_confirms(void **state)
{
	static const struct { const struct account *who; const char *open; const char *sequence; bool heard; } rows[] = {
		{ &ea_tam, "\"from\":\"start\"", "2", true },
		{ &ea_tam, "\"from\":1", "2", true },
		{ &ea_tam, "\"from\":1,\"types\":[\"returned\"]", "3", true },
		{ &ea_tam, "\"from\":\"start\"", "1", false },
		{ &ea_tam, "\"from\":2", "3", false },
		{ &ea_tam, "\"from\":\"now\"", "3", false },
		{ &ea_tam, "\"from\":\"start\",\"types\":[\"scored\",\"submitted\"]", "2", false },
		{ &ea_toh, "\"from\":\"start\"", "2", false },
		{ &officer, "\"from\":\"start\"", "2", false },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < countof(rows); i++) {
		char params[160];
		struct fixture world = { .programme = f->programme, .now_ms = f->now_ms,
		                         .state = { .lock_fd = -1, .trust_fd = -1 } };

		snprintf(world.dir, sizeof world.dir, "%.40s/%zu", f->dir, i);
		up(&world, 1 << 20, 1 << 22);
		submit_and_return(&world);
		snprintf(params, sizeof params, "\"feed\":\"a\",%s", rows[i].open);
		ask(&world, rows[i].who, "feed.open", params);
		snprintf(params, sizeof params, "\"feed\":\"a\",\"sequence\":%s", rows[i].sequence);
		has(ask(&world, rows[i].who, "feed.ack", params), "cursor");
		const char *record = ask(&world, &ea_tam, "dossier.get", "\"dossier\":\"KN-2020-0001\"");

		if ((strstr(record, "\"notified\":{\"feed\":\"a\"") != NULL) != rows[i].heard)
			fail_msg("row %zu: %s", i, record);
		has(record, "\"version\":2");
		verified(&world);
		/* Returned again, it is to be confirmed again. */
		ask(&world, &officer, "dossier.resubmit", "\"dossier\":\"KN-2020-0001\",\"documents\":[]");
		ask(&world, &officer, "dossier.return", RETURN);
		hasnt(ask(&world, &ea_tam, "dossier.get", "\"dossier\":\"KN-2020-0001\""), "notified");
		down(&world);
		buf_free(&world.answer);
	}
	up(f, 1 << 20, 0);
}

static void
who_has_not_been_heard_is_reported(void **state)
{
	struct fixture *f = *state;
	const struct line late[] = {
		{ &officer, "report.deadlines", "", "\"unheard\":[{\"dossier\":\"KN-2020-0001\",\"state\":\"returned\"" },
		{ &officer, "report.deadlines", "", "\"hear_by\":\"2020-03-03\"}]" },
		{ &ea_toh, "report.deadlines", "", "\"unheard\":[]" },
		{ &ea_tam, "feed.open", "\"feed\":\"a\",\"from\":\"start\"", "cursor" },
		{ &ea_tam, "feed.ack", "\"feed\":\"a\",\"sequence\":2", "cursor" },
		{ &officer, "report.deadlines", "", "\"unheard\":[]" },
		{ &officer, "dossier.get", "\"dossier\":\"KN-2020-0001\"", "\"at\":\"2020-03-04T08:00:00.000+07:00\"" },
	};

	up(f, 1 << 20, 0);
	submit_and_return(f);
	has(ask(f, &officer, "report.deadlines", ""), "\"unheard\":[]");
	f->now_ms = day_start(day_make(2020, 3, 4)) + 8 * 3600000;
	ask(f, &officer, "server.ping", "");
	tell(f, late, countof(late));
	verified(f);
}

/* --- waits --------------------------------------------------------------------------------------- */

static void
wait_on(struct fixture *f, const char *frame, const struct account *who, struct engine_request *r)
{
	r->account = who;
	r->frame = text_of(frame);
	r->answer = &f->answer;
	assert_int_equal(engine_batch(f->engine, r, 1, f->now_ms), 0);
	buf_byte(&f->answer, '\0');
}

static void
a_wait_is_held_until_there_is_something(void **state)
{
	static const char *const next = "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"feed.next\",\"params\":{\"feed\":\"a\",\"wait\":30}}";
	static const char *const batch = "[{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"event.read\",\"params\":{\"after\":9,\"wait\":30}}]";
	struct fixture *f = *state;
	struct engine_request r = { .may_wait = true };

	up(f, 1 << 20, 0);
	ask(f, &ea_tam, "feed.open", "\"feed\":\"a\",\"types\":[\"returned\"]");
	wait_on(f, next, &ea_tam, &r);
	assert_true(r.held);
	assert_int_equal(r.wait_ms, 30000);
	assert_string_equal(f->answer.ptr, "");
	assert_int_equal(r.resume, engine_sequence(f->engine));
	/* What it does not let through leaves it waiting. */
	ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS);
	wait_on(f, next, &ea_tam, &r);
	assert_true(r.held);
	assert_int_equal(r.resume, 2);
	ask(f, &officer, "dossier.return", RETURN);
	wait_on(f, next, &ea_tam, &r);
	assert_false(r.held);
	has(f->answer.ptr, "\"id\":7,\"result\":{\"events\":[{");
	has(f->answer.ptr, "\"position\":3}");
	/* Acknowledged, it waits again; another filter, set while it waits, is looked through from the cursor. */
	r = (struct engine_request){ .may_wait = true };
	ask(f, &ea_tam, "feed.ack", "\"feed\":\"a\",\"sequence\":1");
	ask(f, &ea_tam, "feed.open", "\"feed\":\"a\",\"types\":[\"recalled\"]");
	wait_on(f, next, &ea_tam, &r);
	assert_true(r.held);
	ask(f, &ea_tam, "feed.open", "\"feed\":\"a\",\"types\":[\"submitted\"]");
	wait_on(f, next, &ea_tam, &r);
	assert_false(r.held);
	has(f->answer.ptr, "vn.ocop.dossier.submitted");
	/* The wait's end, a batch, an account that is gone. */
	r = (struct engine_request){ .may_wait = true };
	ask(f, &ea_tam, "feed.ack", "\"feed\":\"a\",\"sequence\":3");
	wait_on(f, next, &ea_tam, &r);
	assert_true(r.held);
	r.may_wait = false;
	wait_on(f, next, &ea_tam, &r);
	assert_false(r.held);
	has(f->answer.ptr, "{\"events\":[],\"position\":");
	r = (struct engine_request){ .may_wait = true };
	wait_on(f, batch, &ea_tam, &r);
	assert_false(r.held);
	has(f->answer.ptr, "[{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"events\":[]");
	wait_on(f, next, NULL, &r);
	assert_false(r.held);
	has(f->answer.ptr, "forbidden");
}

/* Who waits for what, and what happens: the interest meets where asking again would give an answer,
 * and some that has nothing to do with it it does not meet. */
static void
interest_misses_nothing(void **state)
{
	static const char read[] = "\"method\":\"event.read\",\"params\":{\"after\":1000,\"wait\":30";
	static const struct { const struct account *who; const char *more, *method, *params; bool told, met; } rows[] = {
		{ &officer, "", "dossier.submit", PRODUCT "," DOCUMENTS, true, true },
		{ &officer, "", "feed.open", "\"feed\":\"b\"", false, true },
		{ &ea_tam, "", "dossier.submit", PRODUCT "," DOCUMENTS, true, true },
		{ &ea_toh, "", "dossier.submit", PRODUCT "," DOCUMENTS, false, false },
		{ &officer, ",\"communes\":[\"24349\"]", "dossier.submit", PRODUCT "," DOCUMENTS, false, false },
		{ &officer, ",\"communes\":[\"24349\",\"24352\"]", "dossier.submit", PRODUCT "," DOCUMENTS, true, true },
		{ &officer, ",\"types\":[\"returned\"]", "dossier.submit", PRODUCT "," DOCUMENTS, false, false },
		{ &officer, ",\"types\":[\"returned\"]", "dossier.return", RETURN, true, true },
		{ &ea_tam, ",\"types\":[\"vn.ocop.dossier.returned\"]", "dossier.return", RETURN, true, true },
		{ &ea_toh, ",\"types\":[\"returned\"]", "dossier.return", RETURN, false, false },
		{ &officer, ",\"types\":[\"feed.opened\"]", "feed.open", "\"feed\":\"b\"", true, true },
		{ &ea_tam, ",\"types\":[\"overdue\"]", "server.ping", "", true, true },
		{ &ea_toh, "", "server.ping", "", false, false },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < countof(rows); i++) {
		char frame[400], path[192];
		struct engine_request r = { .may_wait = true };

		snprintf(path, sizeof path, "rm -rf %s/journal %s/store", f->dir, f->dir);
		assert_int_equal(system(path), 0);
		f->now_ms = day_start(day_make(2020, 3, 2)) + 9 * 3600000;
		up(f, 1 << 20, 1 << 24);
		ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS);
		snprintf(frame, sizeof frame, "{\"jsonrpc\":\"2.0\",\"id\":7,%s%s}}", read, rows[i].more);
		memcpy(strstr(frame, "1000"), "1   ", 4);
		wait_on(f, frame, rows[i].who, &r);
		assert_true(r.held);
		engine_stirred(f->engine);
		if (strcmp(rows[i].method, "server.ping") == 0)
			f->now_ms += 10 * DAY_MS;
		hasnt(ask(f, &officer, rows[i].method, rows[i].params), "\"error\"");
		struct interest stirred = engine_stirred(f->engine);

		assert_false(interest_meet(r.interest, engine_stirred(f->engine)));
		bool met = interest_meet(r.interest, stirred);

		wait_on(f, frame, rows[i].who, &r);
		if (r.held == rows[i].told || met != rows[i].met)
			print_error("row %zu: told %d, met %d\n", i, !r.held, met);
		assert_int_equal(!r.held, rows[i].told);
		assert_int_equal(met, rows[i].met);
		down(f);
	}
	up(f, 1 << 20, 1 << 24);
}

/* --- the clock ----------------------------------------------------------------------------------- */

/* Steps: a word of an act; "down" stops the daemon until the next moment; a moment is what the
 * clock says from then on. The clock is simulated unless a "machine" stands first. */
struct scenario {
	const char *name, *steps, *events;
};

static const struct scenario scenarios[] = {
	{ "a working week", "2020-03-02T08:00 submit 2020-03-20T00:00", "due-soon@2020-03-05T07:00 overdue@2020-03-06T00:00" },
	{ "a weekend between", "2020-03-05T08:00 submit 2020-03-20T00:00", "due-soon@2020-03-10T07:00 overdue@2020-03-11T00:00" },
	{ "Tết between", "2020-01-21T08:00 submit 2020-02-20T00:00", "due-soon@2020-01-31T07:00 overdue@2020-02-01T00:00" },
	{ "due on a make-up Saturday", "2024-04-26T08:00 submit 2024-05-20T00:00", "due-soon@2024-05-04T07:00 overdue@2024-05-05T00:00" },
	{ "a make-up Saturday between", "2024-05-02T08:00 submit 2024-05-20T00:00", "due-soon@2024-05-06T07:00 overdue@2024-05-07T00:00" },
	{ "the morning itself", "2020-03-02T08:00 submit 2020-03-05T06:59 2020-03-05T07:00", "due-soon@2020-03-05T07:00" },
	{ "the evening before", "2020-03-02T08:00 submit 2020-03-05T06:59", "" },
	{ "done in time", "2020-03-02T08:00 submit 2020-03-04T08:00 complete 2020-03-20T00:00", "" },
	{ "done on the last day", "2020-03-02T08:00 submit 2020-03-05T16:00 complete 2020-03-20T00:00", "due-soon@2020-03-05T07:00" },
	{ "returned, the check stands", "2020-03-02T08:00 submit 2020-03-03T08:00 return 2020-03-20T00:00", "unheard@2020-03-05T00:00" },
	{ "returned on a Friday", "2020-03-05T08:00 submit 2020-03-06T08:00 return 2020-03-20T00:00", "unheard@2020-03-10T00:00" },
	{ "returned before Tết", "2020-01-21T08:00 submit 2020-01-22T08:00 return 2020-02-20T00:00", "unheard@2020-01-31T00:00" },
	{ "returned and heard", "2020-03-02T08:00 open submit 2020-03-03T08:00 return ack 2020-03-20T00:00", "" },
	{ "returned, heard too late", "2020-03-02T08:00 open submit 2020-03-03T08:00 return 2020-03-09T08:00 ack 2020-03-20T00:00",
	  "unheard@2020-03-05T00:00" },
	{ "returned and brought at once", "2020-03-02T08:00 submit return resubmit complete 2020-03-20T00:00", "" },
	{ "brought again, a new check", "2020-03-02T08:00 submit 2020-03-05T08:00 return 2020-03-05T09:00 resubmit 2020-03-20T00:00",
	  "due-soon@2020-03-05T07:00 due-soon@2020-03-10T07:00 overdue@2020-03-11T00:00" },
	{ "overdue, then returned and brought again",
	  "2020-03-02T08:00 submit 2020-03-09T08:00 return resubmit 2020-03-20T00:00",
	  "due-soon@2020-03-05T07:00 overdue@2020-03-06T00:00 due-soon@2020-03-12T07:00 overdue@2020-03-13T00:00" },
	{ "returned twice, unheard twice",
	  "2020-03-02T08:00 submit return 2020-03-05T08:00 resubmit return 2020-03-20T00:00",
	  "unheard@2020-03-04T00:00 unheard@2020-03-07T00:00" },
	{ "down over the due day", "machine 2024-04-26T08:00 submit down 2024-05-10T10:00 down 2024-05-10T11:00",
	  "due-soon@2024-05-10T10:00 overdue@2024-05-10T10:00" },
	{ "down over the morning", "machine 2020-03-02T08:00 submit down 2020-03-05T09:30 2020-03-06T00:00",
	  "due-soon@2020-03-05T09:30 overdue@2020-03-06T00:00" },
	{ "the clock set back", "machine 2020-03-02T08:00 submit 2020-03-05T07:00 2020-03-04T07:00 2020-03-05T07:00 2020-03-06T00:00 "
	  "2020-03-01T00:00 2020-03-06T00:00 down 2020-03-05T00:00 2020-03-06T01:00", "due-soon@2020-03-05T07:00 overdue@2020-03-06T00:00" },
	{ "the clock far ahead", "machine 2020-03-02T08:00 submit 2020-03-03T08:00 return 2030-01-01T00:00 2020-03-04T00:00",
	  "unheard@2030-01-01T00:00" },
	{ "a certificate", "2020-03-02T08:00 submit rank 2024-01-01T00:00", "expiring@2023-01-31T00:00 expired@2023-03-03T00:00" },
	{ "a certificate, daemon down", "machine 2020-03-02T08:00 submit rank down 2023-02-10T00:00 down 2023-02-11T00:00 2023-03-03T00:00",
	  "expiring@2023-02-10T00:00 expired@2023-03-03T00:00" },
};

/* The council's whole way on one day, to four stars of the province's. */
static void
rank(struct fixture *f)
{
	static const char *const members[] = { "chair", "agriculture", "infrastructure", "finance", "health", "culture", "environment" };
	const struct criteria_set *set = programme_set(f->programme, TEXT("coffee-cocoa"), time_day(f->now_ms), ABSENT);
	struct buf sheet = { .len = 0 };
	char number[32];

	snprintf(number, sizeof number, "\"dossier\":\"KN-2020-0001\"");
	ask(f, &officer, "dossier.complete", number);
	for (size_t m = 0; m < countof(members); m++) {
		buf_clear(&sheet);
		buf_printf(&sheet, "%s,\"member\":\"%s\",\"sheet\":{", number, members[m]);
		for (size_t i = 0; i < set->count; i++)
			buf_printf(&sheet, "%s\"%.*s\":%d", i ? "," : "", TEXT_ARG(set->criteria[i].code),
			           set->criteria[i].levels[set->criteria[i].level_count - 1]);
		buf_str(&sheet, "}");
		buf_byte(&sheet, '\0');
		has(ask(f, &secretary, "dossier.assess", sheet.ptr), "\"sequence\"");
	}
	has(ask(f, &secretary, "dossier.score", "\"dossier\":\"KN-2020-0001\",\"minutes\":\"1/BB\""), "scored");
	has(ask(f, &officer, "dossier.forward", "\"dossier\":\"KN-2020-0001\",\"letter\":\"1/CV\""), "forwarded");
	has(ask(f, &officer, "dossier.rank", "\"dossier\":\"KN-2020-0001\",\"points\":\"80\",\"stars\":4,\"decision\":\"1/QĐ\""), "ranked");
	buf_free(&sheet);
}

static void
act(struct fixture *f, struct text word)
{
	/* Numbers are of the year. */
	int year, month, day;
	char params[512], number[40];

	day_split(time_day(f->now_ms), &year, &month, &day);
	snprintf(number, sizeof number, "\"dossier\":\"KN-%d-0001\"", year);
	if (text_is(word, "submit"))
		has(ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS), "\"sequence\"");
	else if (text_is(word, "rank"))
		rank(f);
	else if (text_is(word, "open"))
		has(ask(f, &ea_tam, "feed.open", "\"feed\":\"a\""), "cursor");
	else if (text_is(word, "ack"))
		has(ask(f, &ea_tam, "feed.ack", "\"feed\":\"a\",\"sequence\":3"), "cursor");
	else {
		snprintf(params, sizeof params, "%s%s", number,
		         text_is(word, "return") ? ",\"reasons\":[{\"reason\":\"x\"}]" : text_is(word, "resubmit") ? "," DOCUMENTS : "");
		has(ask(f, &officer, arena_printf(f->programme->arena, "dossier.%.*s", TEXT_ARG(word)).ptr, params), "\"sequence\"");
	}
}

static void
at(struct fixture *f, struct text word)
{
	char time[32], params[64];

	snprintf(time, sizeof time, "%.*s:00+07:00", TEXT_ARG(word));
	assert_true(time_parse(text_of(time), &f->now_ms));
	if (!f->engine)
		up(f, 1 << 20, 1 << 22);
	snprintf(params, sizeof params, "\"to\":\"%s\"", time);
	if (f->simulated)
		has(ask(f, &admin, "clock.advance", params), "\"time\"");
	ask(f, &officer, "server.ping", "");
}

/* "due-soon@2020-03-05T07:00 overdue@..." of all that the clock has told. */
static void
clock_events(struct fixture *f, struct buf *out)
{
	const char *answer = ask(f, &admin, "event.read",
	                         "\"after\":0,\"types\":[\"due-soon\",\"overdue\",\"unheard\",\"expiring\",\"expired\"]");

	for (const char *p = answer; (p = strstr(p, "\"type\":\"vn.ocop.dossier.")); p++) {
		const char *word = p + sizeof "\"type\":\"vn.ocop.dossier." - 1, *time = strstr(p, "\"time\":\"") + 8;

		buf_printf(out, "%s%.*s@%.16s", out->len ? " " : "", (int)strcspn(word, "\""), word, time);
	}
	buf_byte(out, '\0');
}

static void
the_clock_tells_once_and_in_time(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < countof(scenarios); i++) {
		struct fixture world = { .programme = f->programme, .simulated = true,
		                         .state = { .lock_fd = -1, .trust_fd = -1 } };
		struct text steps = text_of(scenarios[i].steps), word;
		struct buf told = { .len = 0 };

		snprintf(world.dir, sizeof world.dir, "%.40s/%zu", f->dir, i);
		while (text_next(&steps, ' ', &word)) {
			if (text_is(word, "machine"))
				world.simulated = false;
			else if (text_is(word, "down"))
				down(&world);
			else if (word.ptr[0] == '2')
				at(&world, word);
			else
				act(&world, word);
		}
		clock_events(&world, &told);
		if (strcmp(told.ptr, scenarios[i].events) != 0)
			fail_msg("%s: %s", scenarios[i].name, told.ptr);
		verified(&world);
		down(&world);
		buf_free(&told);
		buf_free(&world.answer);
	}
	up(f, 1 << 20, 0);
}

/* A thousand that are due at once come in turns of the loop, in the order they were due. */
static void
many_timers_come_in_turns(void **state)
{
	struct fixture *f = *state;

	up(f, 1 << 20, 0);
	for (int i = 0; i < 250; i++)
		ask(f, &officer, "dossier.submit", PRODUCT "," DOCUMENTS);
	int64_t late_ms = day_start(day_make(2020, 3, 9));

	for (uint64_t sequence = 250; sequence < 750; ) {
		assert_int_equal(engine_tick(f->engine, late_ms, 100), 0);
		sequence += 100;
		assert_int_equal(engine_sequence(f->engine), sequence);
	}
	assert_int_equal(engine_next(f->engine), NONE);
	f->now_ms = late_ms;
	hasnt(ask(f, &officer, "event.read", "\"after\":250,\"limit\":250,\"types\":[\"overdue\"]"), "\"id\":\"500\"");
	hasnt(ask(f, &officer, "event.read", "\"after\":500,\"types\":[\"due-soon\"]"), "vn.ocop");
	has(ask(f, &officer, "dossier.list", "\"overdue\":true,\"limit\":500"), "KN-2020-0250");
	verified(f);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_feed_lives),
		CASE(bad_requests_change_nothing),
		CASE(feeds_are_their_accounts_own),
		CASE(feeds_survive),
		CASE(a_commune_confirms),
		CASE(who_has_not_been_heard_is_reported),
		CASE(a_wait_is_held_until_there_is_something),
		CASE(interest_misses_nothing),
		CASE(the_clock_tells_once_and_in_time),
		CASE(many_timers_come_in_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
