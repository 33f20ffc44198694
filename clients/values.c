/* One value of the command line as JSON: dates in both spellings, lists in their short forms. */
#include "clients/values.h"

#include "proto/i18n.h"
#include "proto/utf8.h"

#include <string.h>

enum { INT_DIGITS_MAX = 15 };

static bool
digits(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.ptr[i] < '0' || t.ptr[i] > '9')
			return false;
	return t.len > 0;
}

/* What stands before the first `c`, taken off; all of it where there is none. */
static struct text
cut(struct text *rest, char c)
{
	const char *at = rest->len ? memchr(rest->ptr, c, rest->len) : NULL;
	struct text head = *rest;
	if (at)
		head.len = (size_t)(at - rest->ptr);
	size_t skip = head.len + (at != NULL);
	rest->ptr += skip;
	rest->len -= skip;
	return head;
}

static struct text
trim(struct text t)
{
	while (t.len && t.ptr[0] == ' ')
		t.ptr++, t.len--;
	while (t.len && t.ptr[t.len - 1] == ' ')
		t.len--;
	return t;
}

static bool
small_number(struct text t, int *ret)
{
	if (!digits(t) || t.len > 4)
		return false;
	*ret = 0;
	for (size_t i = 0; i < t.len; i++)
		*ret = *ret * 10 + (t.ptr[i] - '0');
	return true;
}

bool
value_day(struct text t, int64_t *ret_day)
{
	if (day_parse(t, ret_day))
		return true;
	int d, m, y;
	if (!small_number(cut(&t, '/'), &d) || !small_number(cut(&t, '/'), &m) || !small_number(t, &y)
	    || m < 1 || m > 12 || d < 1 || d > 31 || y < 1900 || y > 2999)
		return false;
	/* 31/02 comes back from the calendar as another day. */
	int y2, m2, d2;
	int64_t day = day_make(y, m, d);
	day_split(day, &y2, &m2, &d2);
	if (y2 != y || m2 != m || d2 != d)
		return false;
	*ret_day = day;
	return true;
}

static const char *
print_day(struct buf *out, struct text value)
{
	int64_t day;
	char text[DAY_LEN + 1];
	if (!value_day(value, &day))
		return _("must be a date, YYYY-MM-DD or dd/mm/yyyy");
	day_print(day, text);
	buf_printf(out, "\"%s\"", text);
	return NULL;
}

static const char *
print_time(struct buf *out, struct text value)
{
	int64_t day, moment;
	char text[TIME_LEN + 1];
	if (value_day(value, &day))
		moment = day_start(day);
	else if (!time_parse(value, &moment))
		return _("must be a date or a moment, 2020-03-05T08:00:00+07:00");
	time_print(moment, text);
	buf_printf(out, "\"%s\"", text);
	return NULL;
}

/* 1500000 or, with the dots of a sum of money, 1.500.000. */
static const char *
print_int(struct buf *out, struct text value, bool money)
{
	char text[INT_DIGITS_MAX + 1];
	size_t n = 0;
	for (size_t i = 0; i < value.len; i++) {
		bool dot = money && value.ptr[i] == '.' && i > 0 && (value.len - i) % 4 == 0;
		if (dot)
			continue;
		if (value.ptr[i] < '0' || value.ptr[i] > '9' || n == INT_DIGITS_MAX)
			n = INT_DIGITS_MAX + 1;
		if (n > INT_DIGITS_MAX)
			break;
		text[n++] = value.ptr[i];
	}
	if (!n || n > INT_DIGITS_MAX)
		return _("must be a whole number");
	size_t zeros = 0;
	while (zeros + 1 < n && text[zeros] == '0')
		zeros++;
	buf_add(out, text + zeros, n - zeros);
	return NULL;
}

/* 74.28, or with the comma of the language, 74,28. */
static const char *
print_dec(struct buf *out, struct text value)
{
	struct text rest = value;
	struct text whole = cut(&rest, memchr(value.ptr, ',', value.len) ? ',' : '.');
	bool fraction = whole.len < value.len;
	if (!digits(whole) || whole.len > INT_DIGITS_MAX - 2 || (fraction && (!digits(rest) || rest.len > 2)))
		return _("must be a number with at most two decimals");
	buf_printf(out, "\"%.*s%s%.*s\"", TEXT_ARG(whole), fraction ? "." : "", TEXT_ARG(rest));
	return NULL;
}

static const char *
print_flag(struct buf *out, struct text value)
{
	if (!value.len || text_among(value, "yes|true|1|có"))
		buf_str(out, "true");
	else if (text_among(value, "no|false|0|không"))
		buf_str(out, "false");
	else
		return _("must be yes or no");
	return NULL;
}

/* a1.1=2,a1.2=3 */
static const char *
print_map(struct buf *out, struct text value)
{
	struct text item;
	const char *comma = "";
	while (text_next(&value, ',', &item)) {
		struct text name = trim(cut(&item, '='));
		struct text points = trim(item);
		if (!name.len || !digits(points) || points.len > INT_DIGITS_MAX)
			return _("must be NAME=POINTS, separated by commas");
		buf_str(out, comma);
		json_write_string(out, name);
		buf_byte(out, ':');
		print_int(out, points, false);
		comma = ",";
	}
	return *comma ? NULL : _("is empty");
}

static const char *
print_words(struct buf *out, struct text value)
{
	struct text item;
	const char *comma = "";
	while (text_next(&value, ',', &item)) {
		buf_str(out, comma);
		json_write_string(out, item);
		comma = ",";
	}
	return *comma ? NULL : _("is empty");
}

static void
member(struct buf *out, const char *lead, const char *name, struct text value)
{
	buf_printf(out, "%s\"%s\":", lead, name);
	json_write_string(out, value);
}

/* CODE=STATUS[:NOTE] */
static const char *
print_document(struct buf *out, struct text value)
{
	struct text code = trim(cut(&value, '='));
	struct text status = trim(cut(&value, ':')), note = trim(value);
	if (!code.len || !status.len)
		return _("must be CODE=STATUS or CODE=STATUS:NOTE");
	member(out, "{", "code", code);
	member(out, ",", "status", status);
	if (note.len)
		member(out, ",", "note", note);
	buf_byte(out, '}');
	return NULL;
}

static bool
looks_like_code(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (!(t.ptr[i] >= 'a' && t.ptr[i] <= 'z') && !(t.ptr[i] >= '0' && t.ptr[i] <= '9') && t.ptr[i] != '-')
			return false;
	return t.len > 0;
}

/* [DOCUMENT:]TEXT[|GUIDANCE]; a colon inside the text does no harm, for codes hold no blanks. */
static const char *
print_reason(struct buf *out, struct text value)
{
	struct text rest = value, head = cut(&rest, ':');
	const char *lead = "{";
	if (head.len < value.len && looks_like_code(head)) {
		member(out, lead, "document", head);
		lead = ",";
		value = rest;
	}
	struct text reason = trim(cut(&value, '|')), guidance = trim(value);
	if (!reason.len)
		return _("must be [CODE:]TEXT[|GUIDANCE]");
	member(out, lead, "reason", reason);
	if (guidance.len)
		member(out, ",", "guidance", guidance);
	buf_byte(out, '}');
	return NULL;
}

/* The last item of a list, taken off its end. */
static struct text
cut_last(struct text *list, char c)
{
	const char *at = list->len ? memrchr(list->ptr, c, list->len) : NULL;
	struct text last = *list;
	if (at) {
		last.ptr = at + 1;
		last.len = (size_t)(list->ptr + list->len - last.ptr);
	}
	list->len -= last.len + (at != NULL);
	return trim(last);
}

/* CONTENT,AMOUNT,DECISION,SOURCE[,DATE]: read from both ends, so the decision may hold commas. */
static const char *
print_item(struct buf *out, struct text value)
{
	int64_t day;
	struct text content = trim(cut(&value, ',')), amount = trim(cut(&value, ','));
	struct text source = cut_last(&value, ','), date = { 0 };
	if (value_day(source, &day)) {
		date = source;
		source = cut_last(&value, ',');
	}
	struct text decision = trim(value);
	if (!content.len || !amount.len || !decision.len || !source.len)
		return _("must be CONTENT,AMOUNT,DECISION,SOURCE[,DATE]");
	member(out, "{", "content", content);
	buf_str(out, ",\"amount\":");
	const char *why = print_int(out, amount, true);
	member(out, ",", "decision", decision);
	member(out, ",", "source", source);
	if (date.len) {
		buf_str(out, ",\"date\":");
		print_day(out, date);
	}
	buf_byte(out, '}');
	return why;
}

static const char *
print_many(struct buf *out, const struct shape *shape, struct text value)
{
	static const struct {
		const struct shape *shape;
		const char *(*print)(struct buf *, struct text);
	} forms[] = {
		{ &document_shape, print_document },
		{ &reason_shape, print_reason },
		{ &support_shape, print_item },
	};
	for (size_t i = 0; i < countof(forms); i++)
		if (forms[i].shape == shape)
			return forms[i].print(out, value);
	return _("can only be given by --from");
}

const char *
value_print(struct buf *out, const struct field *field, struct text value)
{
	if (!utf8_valid(value))
		return _("is not UTF-8");
	if (!value.len && field->type != FIELD_FLAG)
		return _("is empty");
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_ASCII:
	case FIELD_CHOICE:
	case FIELD_POSITION:
		json_write_string(out, value);
		return NULL;
	case FIELD_INT:
		return print_int(out, value, false);
	case FIELD_DEC:
		return print_dec(out, value);
	case FIELD_DATE:
		return print_day(out, value);
	case FIELD_TIME:
		return print_time(out, value);
	case FIELD_FLAG:
		return print_flag(out, value);
	case FIELD_MAP:
		return print_map(out, value);
	case FIELD_WORDS:
		return print_words(out, value);
	case FIELD_ONE:
		break;
	case FIELD_MANY:
		return print_many(out, field->shape, value);
	}
	return _("can only be given by --from");
}
