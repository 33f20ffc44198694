/* Rows on their way: many requests in each batch, each with the key that its row is known by. */
#include "clients/import_parts.h"

#include "clients/out.h"
#include "clients/progress.h"
#include "proto/i18n.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* What the daemon takes in one frame, less what a request may have around its params. */
enum { BATCH_MAX = 64, FRAME_MAX = 192 * 1024 };

struct batch {
	struct import_row *rows[BATCH_MAX];
	size_t count;
};

static void
put_request(struct import *im, const struct import_row *row, size_t id, bool dry, struct buf *frame)
{
	buf_printf(frame, "%s{\"jsonrpc\":\"2.0\",\"id\":%zu,\"method\":\"%s\",\"params\":%.*s%s\"key\":\"%s\",\"lang\":\"%s\"%s}}",
	           id ? "," : "[", id, row->method, TEXT_ARG(row->params), row->params.len > 1 ? "," : "", row->key,
	           im->settings->lang == LANG_VI ? "vi" : "en", dry ? ",\"dry\":true" : "");
}

/* The next rows that have no errors and are not done; false: there are none. */
static bool
fill(struct import *im, size_t *at, bool dry, struct batch *b, struct buf *frame)
{
	b->count = 0;
	frame->len = 0;
	for (; *at < im->count && b->count < BATCH_MAX && frame->len < FRAME_MAX; ++*at) {
		struct import_row *row = &im->rows[*at];
		if (row->errors)
			continue;
		put_request(im, row, b->count, dry, frame);
		b->rows[b->count++] = row;
	}
	buf_byte(frame, ']');
	return b->count > 0;
}

/* --- what came of it ----------------------------------------------------------------------------- */

static struct text
heading_of_field(const struct import *im, struct text path)
{
	enum register_id id;
	if (!register_field(path, &id))
		return ABSENT;
	return im->head.at[id] >= 0 ? im->head.columns[im->head.at[id]].heading : register_heading(id, im->settings->lang);
}

/* A refusal of this row; 0 where the others may go on, else the exit code. */
static int
take_refusal(struct import *im, struct import_row *row, const struct json *error)
{
	const struct json *data = json_get(error, "data");
	int code = ask_exit_code(error);
	if (code != 1)
		return ask_error(&im->asker, error);
	import_row_error(im, row, heading_of_field(im, json_text(json_get(data, "field"))), "%.*s",
	                 TEXT_ARG(json_text(json_get(error, "message"))));
	return 0;
}

static int
take_answer(struct import *im, struct import_row *row, const struct json *answer, bool dry)
{
	const struct json *result = json_get(answer, "result"), *error = json_get(answer, "error");
	int64_t sequence;
	if (error)
		return take_refusal(im, row, error);
	if (!json_int(json_get(result, "sequence"), &sequence))
		return EX_PROTOCOL;
	row->done = !dry;
	row->before = sequence <= im->lists.sequence;
	if (!dry && im->settings->quiet)
		printf("%.*s\n", TEXT_ARG(json_text(json_get(result, "dossier"))));
	return 0;
}

static int
take_answers(struct import *im, const struct batch *b, bool dry, struct arena *arena)
{
	const struct json *root = json_parse(buf_view(&im->asker.answer), arena, NULL);
	if (!root || json_type(root) != JSON_ARRAY || json_count(root) != b->count) {
		if (root && json_type(json_get(root, "error")) == JSON_OBJECT)
			ask_error(&im->asker, json_get(root, "error"));
		else
			fputs(_("ocop: the answer is no answer\n"), stderr);
		return EX_PROTOCOL;
	}
	const struct json *answer = json_first(root);
	for (size_t i = 0; i < b->count; i++, answer = json_next(answer)) {
		int e = take_answer(im, b->rows[i], answer, dry);
		if (e)
			return e;
	}
	return 0;
}

int
import_send(struct import *im, bool dry)
{
	struct batch batch;
	struct progress progress;
	struct arena *arena = arena_new();
	size_t at = 0;
	int e = 0;
	progress_begin(&progress, dry ? _("Checking") : _("Importing"), (int64_t)im->count, im->settings->quiet);
	while (!e && fill(im, &at, dry, &batch, &im->asker.frame)) {
		arena_reset(arena);
		e = ask_frame(&im->asker);
		if (!e)
			e = take_answers(im, &batch, dry, arena);
		progress_at(&progress, (int64_t)at);
	}
	progress_end(&progress);
	arena_destroy(&arena);
	return e;
}
