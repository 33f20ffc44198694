/* Any bytes as a frame: a refusal is JSON; parameters that decode survive both forms unchanged. */
#include "proto/jsonrpc.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition) ((condition) ? (void)0 : abort())

static void
check_refusal(const struct refusal *refusal, struct text id, struct arena *arena)
{
	struct buf out = { 0 };
	for (enum lang lang = LANG_EN; lang <= LANG_VI; lang++) {
		buf_clear(&out);
		rpc_error(&out, id, refusal, lang);
		MUST(json_parse(buf_view(&out), arena, NULL));
	}
	buf_free(&out);
}

/* Packs, unpacks and packs again to the same bytes; `text` is what is printed of it throughout. */
static void
check_packed(const struct params *params, struct text text, struct arena *arena)
{
	struct buf one = { 0 }, two = { 0 };
	struct params again;
	codec_pack(&one, &params_shape, params, ALL_FIELDS);
	MUST(codec_unpack(&params_shape, buf_view(&one), arena, &again));
	codec_pack(&two, &params_shape, &again, ALL_FIELDS);
	MUST(text_equal(buf_view(&one), buf_view(&two)));
	buf_clear(&two);
	codec_print(&two, &params_shape, &again, ALL_FIELDS);
	MUST(text_equal(text, buf_view(&two)));
	buf_free(&one);
	buf_free(&two);
}

static void
check_params(const struct json *json, struct text id, struct arena *arena)
{
	struct params params, again;
	struct refusal refusal;
	int error = codec_decode(&params_shape, json, ALL_FIELDS, 0, arena, &params, &refusal);
	MUST(error == OK || (error == E_PARAMS && refusal.error == E_PARAMS && refusal.detail));
	if (error) {
		check_refusal(&refusal, id, arena);
		return;
	}
	struct buf one = { 0 }, two = { 0 };
	codec_print(&one, &params_shape, &params, ALL_FIELDS);
	const struct json *printed = json_parse(buf_view(&one), arena, NULL);
	MUST(printed);
	MUST(codec_decode(&params_shape, printed, ALL_FIELDS, 0, arena, &again, &refusal) == OK);
	codec_print(&two, &params_shape, &again, ALL_FIELDS);
	MUST(text_equal(buf_view(&one), buf_view(&two)));
	check_packed(&params, buf_view(&one), arena);
	buf_free(&one);
	buf_free(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct rpc_request *requests;
	struct refusal refusal;
	bool batch;
	size_t count = rpc_parse((struct text){ (const char *)data, size }, arena, &requests, &batch, &refusal);
	if (!count)
		check_refusal(&refusal, TEXT("null"), arena);
	for (size_t i = 0; i < count; i++) {
		if (requests[i].error)
			check_refusal(&requests[i].refusal, requests[i].id, arena);
		else
			check_params(requests[i].params, requests[i].id, arena);
	}
	/* The same bytes as the store's: refused, or packed again to themselves. */
	struct params params;
	if (codec_unpack(&params_shape, (struct text){ (const char *)data, size }, arena, &params)) {
		struct buf packed = { 0 };
		codec_pack(&packed, &params_shape, &params, ALL_FIELDS);
		MUST(text_equal(buf_view(&packed), (struct text){ (const char *)data, size }) || !size);
		codec_print(&packed, &params_shape, &params, ALL_FIELDS);
		buf_free(&packed);
	}
	arena_destroy(&arena);
	return 0;
}
