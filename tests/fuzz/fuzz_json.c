/* Any bytes as JSON: what is taken, cJSON takes too; it prints and parses again to the same bytes. */
#include "proto/json.h"
#include "proto/scan.h"
#include "proto/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition) ((condition) ? (void)0 : abort())

/* Every number that is one reads back as it was written. */
static void
check_numbers(const struct json *value)
{
	int64_t number, hundredths;
	if (json_int(value, &number))
		MUST(json_hundredths(value, &hundredths) && hundredths == number * 100);
	for (const struct json *i = json_first(value); i; i = json_next(i))
		check_numbers(i);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct text text = { (const char *)data, size };
	struct scan *scan = xcalloc(1, sizeof *scan);
	size_t at = 0;
	const struct json *value = json_parse(text, arena, &at);
	MUST(json_scan(text, scan) == (value != NULL));
	MUST(at <= size && (!value || utf8_valid(text)));
	if (value) {
		struct buf one = { 0 }, two = { 0 };
		check_numbers(value);
		json_duplicate(value, arena);
		json_write(&one, value);
		const struct json *again = json_parse(buf_view(&one), arena, NULL);
		MUST(again && json_type(again) == json_type(value));
		json_write(&two, again);
		MUST(text_equal(buf_view(&one), buf_view(&two)));
		buf_free(&one);
		buf_free(&two);
	}
	free(scan);
	arena_destroy(&arena);
	return 0;
}
