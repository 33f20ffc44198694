/* The benchmark's data set, made by the engine itself in this process: dossiers taken in, some with
 * their check overdue, a few scored by the council. */
#include "bench.h"

#include "daemon/engine.h"
#include "daemon/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCORED_MAX = 200, HELD_LATE_MAX = 200, LATE_MAX = 5000, LATE_EVERY = 20, SAMPLE = 512, LINE_EXTRA = HASH_LEN + 2 };

struct maker {
	const struct programme *programme;
	struct state_folder state;
	struct engine *engine;
	struct account account;
	struct engine_request requests[DATA_BATCH];
	struct buf frames[DATA_BATCH], answers[DATA_BATCH];
	size_t count;               /* in the open batch */
	uint64_t events, keys, random;
};

static void
flush(struct maker *m)
{
	if (m->count && engine_batch(m->engine, m->requests, m->count, 0) < 0)
		bench_die("the data set: the engine failed");
	for (size_t i = 0; i < m->count; i++)
		if (!memmem(m->answers[i].ptr, m->answers[i].len, "\"result\":", 9))
			bench_die("the data set: %.*s -> %.*s", TEXT_ARG(buf_view(&m->frames[i])),
			          TEXT_ARG(buf_view(&m->answers[i])));
	m->events += m->count;
	m->count = 0;
	while (engine_prepare(m->engine))
		;
}

static struct buf *
frame_begin(struct maker *m)
{
	struct buf *b = &m->frames[m->count];

	buf_clear(b);
	return b;
}

static void
frame_end(struct maker *m)
{
	m->requests[m->count] = (struct engine_request){
		.account = &m->account, .frame = buf_view(&m->frames[m->count]), .answer = &m->answers[m->count],
	};
	if (++m->count == DATA_BATCH)
		flush(m);
}

static void
call_begin(struct maker *m, struct buf *b, const char *method)
{
	buf_printf(b, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"dossier.%s\",\"params\":{\"key\":\"make-%016llu\",",
	           method, (unsigned long long)++m->keys);
}

/* --- dossiers ---------------------------------------------------------------------------------- */

static size_t
below(struct maker *m, size_t n)
{
	return (size_t)(bench_random(&m->random) >> 20) % n;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

#define PICK(maker, array) (array)[below((maker), countof(array))]

static void
put_documents(struct buf *b)
{
	static const struct { const char *code, *note; } documents[] = {
		{ "registration", "Biểu 01, bản gốc có chữ ký của chủ thể và xác nhận của UBND xã" },
		{ "business-plan", "Biểu 03, phương án kinh doanh giai đoạn 2020 - 2022" },
		{ "organisation", "Biểu 04, sơ đồ bộ máy và danh sách thành viên" },
		{ "business-registration", "Bản sao công chứng, cấp lần đầu năm 2017" },
		{ "production-conditions", "Giấy chứng nhận còn hiệu lực đến tháng 12 năm 2021" },
		{ "quality-declaration", "Bản tự công bố sản phẩm, đã gửi Sở Y tế" },
		{ "test-results", "Phiếu kết quả của trung tâm kiểm nghiệm, 6 chỉ tiêu" },
	};

	buf_str(b, "\"documents\":[");
	for (size_t i = 0; i < countof(documents); i++)
		buf_printf(b, "%s{\"code\":\"%s\",\"status\":\"present\",\"note\":\"%s\"}", i ? "," : "",
		           documents[i].code, documents[i].note);
	buf_str(b, "],\"samples\":5");
}

/* The sets that can be scored, one after the other. */
static const struct criteria_set *
set_of(const struct programme *p, size_t i)
{
	const struct criteria_set *set;

	do
		set = &p->sets[i++ % p->set_count];
	while (set->count == 0);
	return set;
}

static void
put_submit(struct maker *m, size_t i, bool late)
{
	static const char *const things[] = { "Cà phê bột", "Mật ong hoa cà phê", "Hạt mắc ca sấy", "Chanh dây tươi", "Tiêu sọ",
		"Bơ sáp", "Sầu riêng", "Trà túi lọc", "Măng khô", "Gạo nếp cẩm", "Rượu cần", "Thổ cẩm" };
	static const char *const ways[] = { "rang mộc", "hữu cơ", "truyền thống", "đặc sản", "sấy lạnh", "thượng hạng" };
	static const char *const places[] = { "Ea Tam", "Đliê Ya", "Phú Xuân", "Tam Giang", "Cư Klông", "Ea Hồ", "Phú Lộc" };
	struct buf *b = frame_begin(m);

	call_begin(m, b, "submit");
	buf_printf(b, "\"product\":{\"name\":\"%s %s %s %zu\",\"group\":\"%.*s\"},", PICK(m, things), PICK(m, ways),
	           PICK(m, places), below(m, 1000), TEXT_ARG(set_of(m->programme, i)->label.code));
	buf_printf(b, "\"producer\":{\"name\":\"HTX nông nghiệp dịch vụ %s %zu\",\"kind\":\"cooperative\",\"phone\":\"0262 3%06zu\","
	           "\"address\":\"Thôn %zu, xã %s, huyện Krông Năng\"},", PICK(m, places), below(m, 200), below(m, 1000000),
	           1 + below(m, 20), PICK(m, places));
	buf_printf(b, "\"commune\":\"%.*s\",", TEXT_ARG(m->programme->units[i % m->programme->unit_count].label.code));
	if (late)
		buf_str(b, "\"received\":\"2020-02-24\",");
	put_documents(b);
	buf_str(b, "}}");
	frame_end(m);
}

/* From complete to scored, every seat of the council with the best sheet. */
static void
put_scoring(struct maker *m, size_t i)
{
	const struct criteria_set *set = set_of(m->programme, i);
	const struct council *council = &m->programme->council;
	struct buf *b = frame_begin(m);

	call_begin(m, b, "complete");
	buf_printf(b, "\"dossier\":\"KN-%d-%04zu\"}}", (int)YEAR, i + 1);
	frame_end(m);
	for (size_t seat = 0; seat < council->count; seat++) {
		b = frame_begin(m);
		call_begin(m, b, "assess");
		buf_printf(b, "\"dossier\":\"KN-%d-%04zu\",\"member\":\"%.*s\",\"sheet\":{", (int)YEAR, i + 1,
		           TEXT_ARG(council->members[seat].label.code));
		for (size_t k = 0; k < set->count; k++)
			buf_printf(b, "%s\"%.*s\":%d", k ? "," : "", TEXT_ARG(set->criteria[k].code),
			           set->criteria[k].levels[set->criteria[k].level_count - 1]);
		buf_str(b, "}}}");
		frame_end(m);
	}
	b = frame_begin(m);
	call_begin(m, b, "score");
	buf_printf(b, "\"dossier\":\"KN-%d-%04zu\",\"minutes\":\"01/BB-HĐ\"}}", (int)YEAR, i + 1);
	frame_end(m);
}

/* --- what a transition weighs ------------------------------------------------------------------ */

static void
measure(struct maker *m, struct data *data)
{
	size_t count = least(data->dossiers - data->held, SAMPLE);
	struct pool pool;
	char key[ID_LEN];
	struct text row;

	pool_make(&pool, data->held, data->dossiers);
	flush(m);
	uint64_t bytes = journal_figures(m->state.journal).bytes_used, puts = store_figures(m->state.store).puts, batches = 0;

	for (int way = 0; way < 2; way++) {
		for (size_t i = 0; i < count; i++) {
			size_t dossier = data->dossiers - 1 - i;

			pool_frame(&pool, dossier, 1, frame_begin(m));
			pool.returned[dossier] = true;
			batches += m->count + 1 == DATA_BATCH || i + 1 == count;
			frame_end(m);
		}
		flush(m);
	}
	data->event_bytes = (size_t)((journal_figures(m->state.journal).bytes_used - bytes) / (2 * count)) - LINE_EXTRA;
	data->puts = (double)(store_figures(m->state.store).puts - puts - batches) / (double)(2 * count);
	id_write((uint64_t)YEAR << 32 | data->dossiers, key);
	if (store_begin(m->state.store) < 0 ||
	    !store_get(m->state.store, TABLE_DOSSIER, (struct text){ key, sizeof key }, &row))
		bench_die("the data set: the last dossier is missing");
	data->record_bytes = row.len;
	store_abort(m->state.store);
	pool_free(&pool);
}

/* --- all of it --------------------------------------------------------------------------------- */

static void
maker_open(struct maker *m, const char *dir)
{
	struct state_options o = {
		.dir = dir, .source = m->programme->source, .segment_bytes = SEGMENT_BYTES,
		.preallocate_bytes = PREALLOCATE_BYTES,
	};
	struct buf why = { .len = 0 };

	m->account.actor = (struct actor){ .account = TEXT("maker"), .roles = ROLE(OFFICER) | ROLE(SECRETARY) };
	if (state_open(&o, &m->state, &why) < 0)
		bench_die("%s: %.*s", dir, TEXT_ARG(buf_view(&why)));
	struct engine_options e = {
		.programme = m->programme, .journal = m->state.journal, .store = m->state.store,
		.simulated = true, .clock_ms = day_start(day_make(YEAR, 3, 2)) + 9 * 3600000,
		.mark = state_mark, .mark_context = &m->state,
	};

	if (engine_open(&e, &m->engine, &why) < 0)
		bench_die("%s: %.*s", dir, TEXT_ARG(buf_view(&why)));
	buf_free(&why);
}

void
data_make(const char *dir, const struct programme *programme, size_t dossiers, struct data *ret)
{
	struct maker *m = xcalloc(1, sizeof *m);
	size_t late_every = dossiers / LATE_MAX > LATE_EVERY ? dossiers / LATE_MAX : LATE_EVERY;
	int64_t from_ns = bench_now_ns();

	*ret = (struct data){ .dossiers = dossiers, .scored = least(dossiers / 10, SCORED_MAX) };
	ret->held = ret->scored + least(dossiers / 10, HELD_LATE_MAX);
	m->programme = programme;
	m->random = 42;
	maker_open(m, dir);
	for (size_t i = 0; i < dossiers; i++)
		put_submit(m, i, i >= ret->scored && (i < ret->held || i % late_every == 0));
	for (size_t i = 0; i < ret->scored; i++)
		put_scoring(m, i);
	flush(m);
	ret->secs = (double)(bench_now_ns() - from_ns) / 1e9;
	measure(m, ret);
	ret->events = m->events;
	if (engine_rest(m->engine) < 0)
		bench_die("%s: can't be made whole on disk", dir);
	engine_close(&m->engine);
	state_close(&m->state);
	for (size_t i = 0; i < DATA_BATCH; i++) {
		buf_free(&m->frames[i]);
		buf_free(&m->answers[i]);
	}
	free(m);
}
