/* JSON: parsing, reading of the tree, writing. The one file that knows cJSON. */
#include "proto/json.h"

#include "proto/scan.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A struct json is a cJSON node. A number's `valuestring`, which cJSON leaves empty, holds its
 * spelling: the double that cJSON makes of it is never looked at. */
static const cJSON *
node(const struct json *json)
{
	return (const cJSON *)json;
}

static const struct json *
json(const cJSON *item)
{
	return (const struct json *)item;
}

/* cJSON takes its memory from a hook without an argument: the arena of the thread's parse. */
static _Thread_local struct arena *hook_arena;

static void *
hook_malloc(size_t size)
{
	return arena_alloc(hook_arena, size);
}

static void
hook_free(void *memory)
{
	(void)memory;
}

static pthread_once_t hooks_once = PTHREAD_ONCE_INIT;

static void
set_hooks(void)
{
	cJSON_InitHooks(&(cJSON_Hooks){ hook_malloc, hook_free });
}

static bool
in_number(char c)
{
	return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}

/* The tree's numbers in order of appearance are the scanner's. */
static void
keep_spellings(cJSON *item, struct text text, const uint32_t **next, struct arena *arena)
{
	for (; item; item = item->next) {
		if (item->type == cJSON_Number) {
			const char *first = text.ptr + *(*next)++, *stop = first;
			while (stop < text.ptr + text.len && in_number(*stop))
				stop++;
			char *spelling = arena_alloc(arena, (size_t)(stop - first) + 1);
			memcpy(spelling, first, (size_t)(stop - first));
			item->valuestring = spelling;
		}
		keep_spellings(item->child, text, next, arena);
	}
}

const struct json *
json_parse(struct text text, struct arena *arena, size_t *ret_at)
{
	struct scan scan;
	if (!json_scan(text, &scan)) {
		if (ret_at)
			*ret_at = scan.fault;
		return NULL;
	}
	pthread_once(&hooks_once, set_hooks);
	hook_arena = arena;
	cJSON *root = cJSON_ParseWithLengthOpts(text.ptr, text.len, NULL, 0);
	hook_arena = NULL;
	if (!root) {
		/* Never seen; but a difference of opinion with cJSON must not stop a daemon. */
		if (ret_at)
			*ret_at = 0;
		return NULL;
	}
	const uint32_t *next = scan.numbers;
	if (scan.count)
		keep_spellings(root, text, &next, arena);
	assert(next == scan.numbers + scan.count);
	return json(root);
}

enum json_type
json_type(const struct json *value)
{
	if (!value)
		return JSON_NULL;
	switch (node(value)->type & 0xff) {
	case cJSON_False:
	case cJSON_True:
		return JSON_BOOL;
	case cJSON_Number:
		return JSON_NUMBER;
	case cJSON_String:
		return JSON_STRING;
	case cJSON_Array:
		return JSON_ARRAY;
	case cJSON_Object:
		return JSON_OBJECT;
	default:
		return JSON_NULL;
	}
}

struct text
json_text(const struct json *value)
{
	return json_type(value) == JSON_STRING ? text_of(node(value)->valuestring) : (struct text){ 0 };
}

bool
json_bool(const struct json *value)
{
	return value && node(value)->type == cJSON_True;
}

/* A plain decimal number with at most `places` decimals, times ten to the power of `places`. Minus
 * zero is refused: printed again it would not be the same. */
static bool
decimal(struct text t, size_t places, int64_t *ret)
{
	const char *p = t.ptr, *end = t.ptr + t.len;
	bool minus = p < end && *p == '-';
	p += minus;
	const char *first = p;
	int64_t value = 0;
	size_t digits = 0, decimals = 0;
	for (; p < end && *p >= '0' && *p <= '9' && digits <= 15; p++, digits++)
		value = value * 10 + (*p - '0');
	if (!digits || (digits > 1 && *first == '0'))
		return false;
	if (p < end && *p == '.' && places) {
		for (p++; p < end && *p >= '0' && *p <= '9' && decimals < places; p++, decimals++)
			value = value * 10 + (*p - '0');
		if (!decimals)
			return false;
	}
	if (p != end || digits + decimals > 15 || (minus && !value))
		return false;
	for (; decimals < places; decimals++)
		value *= 10;
	*ret = minus ? -value : value;
	return true;
}

bool
json_int(const struct json *value, int64_t *ret)
{
	return json_type(value) == JSON_NUMBER && decimal(text_of(node(value)->valuestring), 0, ret);
}

bool
json_hundredths(const struct json *value, int64_t *ret)
{
	enum json_type type = json_type(value);
	return (type == JSON_NUMBER || type == JSON_STRING) &&
	       decimal(text_of(node(value)->valuestring), 2, ret);
}

const struct json *
json_get(const struct json *object, const char *name)
{
	return json(cJSON_GetObjectItemCaseSensitive(node(object), name));
}

size_t
json_count(const struct json *value)
{
	size_t count = 0;
	for (const struct json *item = json_first(value); item; item = json_next(item))
		count++;
	return count;
}

const struct json *
json_first(const struct json *value)
{
	return value ? json(node(value)->child) : NULL;
}

const struct json *
json_next(const struct json *value)
{
	return json(node(value)->next);
}

struct text
json_name(const struct json *member)
{
	return text_of(node(member)->string);
}

struct place {
	const char *name;
	size_t index;
};

static int
by_name(const void *a, const void *b)
{
	const struct place *one = a, *other = b;
	int order = strcmp(one->name, other->name);
	return order ? order : (one->index > other->index) - (one->index < other->index);
}

struct text
json_duplicate(const struct json *object, struct arena *arena)
{
	/* Sorted, because a hostile object has 20,000 members. */
	if (json_type(object) != JSON_OBJECT)
		return (struct text){ 0 };
	size_t count = json_count(object), at = 0;
	struct place *places = arena_array(arena, count, sizeof *places), *found = NULL;
	for (const cJSON *item = node(object)->child; item; item = item->next, at++)
		places[at] = (struct place){ item->string, at };
	qsort(places, count, sizeof *places, by_name);
	for (size_t i = 1; i < count; i++)
		if (strcmp(places[i - 1].name, places[i].name) == 0 &&
		    (!found || places[i].index < found->index))
			found = &places[i];
	return text_of(found ? found->name : NULL);
}

static void
write_escape(struct buf *buf, unsigned char c)
{
	static const char letters[] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
	                                ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\' };
	if (letters[c]) {
		buf_add(buf, (char[]){ '\\', letters[c] }, 2);
		return;
	}
	const char *hex = "0123456789abcdef";
	buf_add(buf, (char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, 6);
}

void
json_write_string(struct buf *buf, struct text t)
{
	buf_byte(buf, '"');
	size_t run = 0;
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.ptr[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(buf, t.ptr + run, i - run);
		write_escape(buf, c);
		run = i + 1;
	}
	if (run < t.len)
		buf_add(buf, t.ptr + run, t.len - run);
	buf_byte(buf, '"');
}

void
json_write_int(struct buf *buf, int64_t value)
{
	char digits[20];
	size_t at = sizeof digits;
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (value < 0)
		digits[--at] = '-';
	buf_add(buf, digits + at, sizeof digits - at);
}

static void
write_members(struct buf *buf, const cJSON *item, bool named)
{
	for (const cJSON *first = item; item; item = item->next) {
		if (item != first)
			buf_byte(buf, ',');
		if (named) {
			json_write_string(buf, text_of(item->string));
			buf_byte(buf, ':');
		}
		json_write(buf, json(item));
	}
}

void
json_write(struct buf *buf, const struct json *value)
{
	const cJSON *item = node(value);
	switch (json_type(value)) {
	case JSON_NULL:
		buf_str(buf, "null");
		break;
	case JSON_BOOL:
		buf_str(buf, json_bool(value) ? "true" : "false");
		break;
	case JSON_NUMBER:
		buf_str(buf, item->valuestring);
		break;
	case JSON_STRING:
		json_write_string(buf, json_text(value));
		break;
	case JSON_ARRAY:
		buf_byte(buf, '[');
		write_members(buf, item->child, false);
		buf_byte(buf, ']');
		break;
	case JSON_OBJECT:
		buf_byte(buf, '{');
		write_members(buf, item->child, true);
		buf_byte(buf, '}');
		break;
	}
}
