/* Refusals into words and JSON. */
#include "proto/errors.h"

#include "proto/json.h"

#include <assert.h>
#include <string.h>

enum { SHOWN_NAME_MAX = 64 };

static const struct {
	int code;
	const char *kind, *sentence[2];
} errors[ERROR_COUNT] = {
#define ERROR(symbol, number, word, en, vi) [symbol] = { number, word, { en, vi } },
#include "proto/errors.def"
};

static const struct {
	const char *guard, *sentence[2];
} details[DETAIL_COUNT] = {
#define DETAIL(symbol, en, vi) [symbol] = { NULL, { en, vi } },
#define GUARD(symbol, name, en, vi) [symbol] = { name, { en, vi } },
#include "proto/errors.def"
};

int
error_code(enum error error)
{
	assert(error > OK && error < ERROR_COUNT);
	return errors[error].code;
}

const char *
error_kind(enum error error)
{
	assert(error > OK && error < ERROR_COUNT);
	return errors[error].kind;
}

const char *
guard_name(enum detail detail)
{
	assert(detail < DETAIL_COUNT);
	return details[detail].guard;
}

enum detail
guard_find(struct text name)
{
	for (unsigned i = 0; i < DETAIL_COUNT; i++)
		if (text_is(name, details[i].guard))
			return (enum detail)i;
	return DETAIL_NONE;
}

static void
add_list(struct buf *buf, const struct texts *list)
{
	for (size_t i = 0; i < list->count; i++) {
		buf_str(buf, i ? ", " : "");
		buf_text(buf, list->items[i]);
	}
}

/* What %x stands for: the figure or the list is as good where nothing was said for people. */
static void
add_expect(struct buf *buf, const struct refusal *r)
{
	if (r->expect.ptr)
		buf_text(buf, r->expect);
	else if (r->required.ptr)
		buf_text(buf, r->required);
	else
		add_list(buf, &r->missing);
}

static void
add_detail(struct buf *buf, const struct refusal *r, enum lang lang)
{
	for (const char *p = details[r->detail].sentence[lang]; *p; p++) {
		if (p[0] == '%' && p[1] == 'f') {
			buf_text(buf, r->field);
			p++;
		} else if (p[0] == '%' && p[1] == 'x') {
			add_expect(buf, r);
			p++;
		} else {
			buf_byte(buf, (unsigned char)*p);
		}
	}
}

/* What stands before each fact for people behind the sentence: " (state: scored; possible now: dossier.forward)". */
static const char *const fact_words[][2] = {
	{ "state: ", "trạng thái: " },
	{ "possible now: ", "hiện có thể dùng: " },
	{ "present version: ", "phiên bản hiện tại: " },
	{ "until: ", "đến ngày: " },
	{ "legal basis: ", "căn cứ: " },
};

static void
add_facts(struct buf *buf, const struct refusal *r, enum lang lang)
{
	const bool has[] = { r->state.ptr, r->allowed.count, r->version, r->until.ptr, r->legal.ptr };
	const char *before = " (";
	for (size_t i = 0; i < countof(fact_words); i++) {
		if (!has[i])
			continue;
		buf_str(buf, before);
		buf_str(buf, fact_words[i][lang]);
		before = "; ";
		if (i == 0)
			buf_text(buf, r->state);
		else if (i == 1)
			add_list(buf, &r->allowed);
		else if (i == 2)
			json_write_int(buf, r->version);
		else
			buf_text(buf, i == 3 ? r->until : r->legal);
	}
	if (before[0] == ';')
		buf_byte(buf, ')');
}

void
refusal_sentence(struct buf *buf, const struct refusal *r, enum lang lang)
{
	assert(r->error > OK && r->error < ERROR_COUNT && r->detail < DETAIL_COUNT);
	buf_str(buf, errors[r->error].sentence[lang]);
	if (r->detail) {
		buf_str(buf, ": ");
		add_detail(buf, r, lang);
	}
	add_facts(buf, r, lang);
}

struct text
refusal_core(struct text sentence, enum lang lang)
{
	if (!sentence.len || sentence.ptr[sentence.len - 1] != ')')
		return sentence;
	for (size_t at = 0; at + 2 < sentence.len; at++)
		for (size_t i = 0; i < countof(fact_words); i++) {
			size_t len = strlen(fact_words[i][lang]);
			if (!memcmp(sentence.ptr + at, " (", 2) && sentence.len - at - 2 > len
			    && !memcmp(sentence.ptr + at + 2, fact_words[i][lang], len))
				return (struct text){ sentence.ptr, at };
		}
	return sentence;
}

/* A member of data, with the brace or the comma before it. */
static void
print_name(struct buf *buf, const char *name, bool *any)
{
	buf_str(buf, *any ? ",\"" : ",\"data\":{\"");
	buf_str(buf, name);
	buf_str(buf, "\":");
	*any = true;
}

static void
print_text(struct buf *buf, const char *name, struct text value, bool *any)
{
	if (!value.ptr)
		return;
	print_name(buf, name, any);
	json_write_string(buf, value);
}

static void
print_texts(struct buf *buf, const char *name, const struct texts *list, bool *any)
{
	if (!list->count)
		return;
	print_name(buf, name, any);
	for (size_t i = 0; i < list->count; i++) {
		buf_byte(buf, i ? ',' : '[');
		json_write_string(buf, list->items[i]);
	}
	buf_byte(buf, ']');
}

void
refusal_print(struct buf *buf, const struct refusal *r, enum lang lang)
{
	struct buf sentence = { 0 };
	refusal_sentence(&sentence, r, lang);
	buf_str(buf, "{\"code\":");
	json_write_int(buf, errors[r->error].code);
	buf_str(buf, ",\"message\":");
	json_write_string(buf, buf_view(&sentence));
	buf_free(&sentence);
	bool any = false, own = errors[r->error].kind[0];
	if (own)
		print_text(buf, "kind", text_of(errors[r->error].kind), &any);
	print_text(buf, "guard", text_of(details[r->detail].guard), &any);
	print_text(buf, "field", r->field, &any);
	print_text(buf, "state", r->state, &any);
	print_texts(buf, "allowed", &r->allowed, &any);
	if (r->version) {
		print_name(buf, "version", &any);
		json_write_int(buf, r->version);
	}
	print_texts(buf, "missing", &r->missing, &any);
	print_text(buf, "required", r->required.ptr || own ? r->required : r->expect, &any);
	print_text(buf, "until", r->until, &any);
	print_text(buf, "legal", r->legal, &any);
	buf_str(buf, any ? "}}" : "}");
}

struct text
refusal_name(struct text name)
{
	if (name.len <= SHOWN_NAME_MAX)
		return name;
	name.len = SHOWN_NAME_MAX;
	while (name.len && ((unsigned char)name.ptr[name.len] & 0xc0) == 0x80)
		name.len--;
	return name;
}

int
refuse(struct refusal *ret, enum error error, enum detail detail, struct text field, struct text expect)
{
	*ret = (struct refusal){ .error = error, .detail = detail, .field = field, .expect = expect };
	return error;
}
