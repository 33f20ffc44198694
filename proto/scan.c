/* The strict JSON scanner: the grammar of RFC 8259 with json.h's limits. */
#include "proto/scan.h"

#include "proto/utf8.h"

#include <string.h>

struct scanner {
	const char *start, *at, *end;
	size_t values;
	struct scan *found;
};

static bool scan_value(struct scanner *, unsigned depth);

static void
scan_space(struct scanner *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
		s->at++;
}

/* Takes `c` and the blanks behind it, if it is there. */
static bool
scan_char(struct scanner *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	scan_space(s);
	return true;
}

static bool
scan_word(struct scanner *s, struct text word)
{
	if ((size_t)(s->end - s->at) < word.len || memcmp(s->at, word.ptr, word.len) != 0)
		return false;
	s->at += word.len;
	return true;
}

/* The four digits behind \u; -1 where they are none. */
static int32_t
scan_hex4(struct scanner *s)
{
	if (s->end - s->at < 4)
		return -1;
	int32_t value = 0;
	for (int i = 0; i < 4; i++, s->at++) {
		char c = *s->at;
		if (c >= '0' && c <= '9')
			value = value << 4 | (c - '0');
		else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
			value = value << 4 | ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return value;
}

/* Behind a backslash. U+0000 would cut cJSON's string, a lone surrogate is no character. */
static bool
scan_escape(struct scanner *s)
{
	if (s->at == s->end)
		return false;
	char c = *s->at++;
	if (c != 'u')
		return c && strchr("\"\\/bfnrt", c);
	int32_t unit = scan_hex4(s);
	if (unit <= 0 || (unit >= 0xdc00 && unit <= 0xdfff))
		return false;
	if (unit < 0xd800 || unit > 0xdbff)
		return true;
	if (!scan_word(s, TEXT("\\u")))
		return false;
	int32_t low = scan_hex4(s);
	return low >= 0xdc00 && low <= 0xdfff;
}

static bool
scan_string(struct scanner *s)
{
	if (s->at == s->end || *s->at != '"')
		return false;
	const char *first = ++s->at;
	unsigned char seen = 0;
	while (s->at < s->end && *s->at != '"') {
		unsigned char c = (unsigned char)*s->at;
		if (c < 0x20)
			return false;
		seen |= c;
		s->at++;
		if (c == '\\' && !scan_escape(s))
			return false;
	}
	if (s->at == s->end)
		return false;
	if (seen & 0x80 && !utf8_valid((struct text){ first, (size_t)(s->at - first) })) {
		s->at = first;
		return false;
	}
	s->at++;
	return true;
}

static bool
scan_digits(struct scanner *s)
{
	const char *first = s->at;
	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return s->at > first;
}

static bool
scan_number(struct scanner *s)
{
	const char *first = s->at;
	if (*s->at == '-')
		s->at++;
	if (s->at < s->end && *s->at == '0')
		s->at++;
	else if (!scan_digits(s))
		return false;
	if (s->at < s->end && *s->at == '.') {
		s->at++;
		if (!scan_digits(s))
			return false;
	}
	if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
		s->at++;
		if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
			s->at++;
		if (!scan_digits(s))
			return false;
	}
	s->found->numbers[s->found->count++] = (uint32_t)(first - s->start);
	return s->at - first <= JSON_NUMBER_MAX;
}

static bool
scan_array(struct scanner *s, unsigned depth)
{
	scan_char(s, '[');
	if (scan_char(s, ']'))
		return true;
	do {
		if (!scan_value(s, depth))
			return false;
	} while (scan_char(s, ','));
	return scan_char(s, ']');
}

static bool
scan_object(struct scanner *s, unsigned depth)
{
	scan_char(s, '{');
	if (scan_char(s, '}'))
		return true;
	do {
		if (!scan_string(s))
			return false;
		scan_space(s);
		if (!scan_char(s, ':') || !scan_value(s, depth))
			return false;
	} while (scan_char(s, ','));
	return scan_char(s, '}');
}

static bool
scan_value(struct scanner *s, unsigned depth)
{
	if (s->at == s->end || ++s->values > JSON_VALUES_MAX)
		return false;
	bool good;
	switch (*s->at) {
	case '{':
		return depth < JSON_DEPTH_MAX && scan_object(s, depth + 1);
	case '[':
		return depth < JSON_DEPTH_MAX && scan_array(s, depth + 1);
	case '"':
		good = scan_string(s);
		break;
	case 't':
		good = scan_word(s, TEXT("true"));
		break;
	case 'f':
		good = scan_word(s, TEXT("false"));
		break;
	case 'n':
		good = scan_word(s, TEXT("null"));
		break;
	default:
		good = scan_number(s);
		break;
	}
	if (good)
		scan_space(s);
	return good;
}

bool
json_scan(struct text text, struct scan *ret)
{
	ret->fault = ret->count = 0;
	if (!text.ptr || text.len >= UINT32_MAX)
		return false;
	struct scanner s = { text.ptr, text.ptr, text.ptr + text.len, 0, ret };
	scan_space(&s);
	bool good = scan_value(&s, 0) && s.at == s.end;
	ret->fault = (size_t)(s.at - s.start);
	return good;
}
