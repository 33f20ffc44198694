/* Reading one ZPL file of the programme: keys, values, labels, each checked. */
#include "daemon/programme_load.h"

#include <string.h>

enum { CODE_MOST = 64 };

struct key {
	struct text name;
	bool needed, many, block;
};

static bool
next_key(struct text *spec, struct key *ret)
{
	struct text word;
	if (!text_next(spec, ' ', &word))
		return false;
	*ret = (struct key){ .name = word };
	for (;; ret->name.len--) {
		char flag = word.ptr[ret->name.len - 1];
		if (flag == '!')
			ret->needed = true;
		else if (flag == '*')
			ret->many = true;
		else if (flag == '{')
			ret->block = true;
		else
			return true;
	}
}

static bool
find_key(const char *spec, struct text name, struct key *ret)
{
	struct text list = text_of(spec);
	while (next_key(&list, ret))
		if (text_equal(ret->name, name))
			return true;
	return false;
}

static void
complain_unknown(struct load *l, const struct zpl *item, const char *spec)
{
	struct buf known = { 0 };
	struct text list = text_of(spec);
	struct key key;
	while (next_key(&list, &key))
		buf_printf(&known, "%s%.*s", known.len ? ", " : "", TEXT_ARG(key.name));
	LOAD_COMPLAIN(l, item, "unknown key \"%.*s\"; one of these would be right: %.*s",
	              TEXT_ARG(item->name), TEXT_ARG(buf_view(&known)));
	buf_free(&known);
}

static void
check_key(struct load *l, const struct zpl *parent, const struct zpl *item, const struct key *key)
{
	struct text rest = item->value, word;
	if (!text_next(&rest, ' ', &word))
		LOAD_COMPLAIN(l, item, "\"%.*s\" has no value; %.*s = \"...\" would be right",
		              TEXT_ARG(item->name), TEXT_ARG(item->name));
	if (item->child && !key->block)
		LOAD_COMPLAIN(l, item->child,
		              "nothing may stand below \"%.*s\"; four blanks less would be right",
		              TEXT_ARG(item->name));
	for (const struct zpl *c = parent->child; c != item && !key->many; c = c->next)
		if (text_equal(c->name, item->name)) {
			LOAD_COMPLAIN(l, item, "\"%.*s\" stands twice, first in line %d; once would be right",
			              TEXT_ARG(item->name), c->line);
			break;
		}
}

void
load_keys(struct load *l, const struct zpl *item, const char *spec)
{
	struct key key;
	for (const struct zpl *c = item->child; c; c = c->next) {
		if (find_key(spec, c->name, &key))
			check_key(l, item, c, &key);
		else
			complain_unknown(l, c, spec);
	}
	struct text list = text_of(spec);
	while (next_key(&list, &key)) {
		const struct zpl *c = item->child;
		while (c && !text_equal(c->name, key.name))
			c = c->next;
		if (key.needed && !c && item->line)
			LOAD_COMPLAIN(l, item,
			              "%.*s \"%.*s\" has no \"%.*s\"; %.*s = \"...\" below it would be right",
			              TEXT_ARG(item->name), TEXT_ARG(item->value), TEXT_ARG(key.name),
			              TEXT_ARG(key.name));
		else if (key.needed && !c)
			LOAD_COMPLAIN(l, item, "the file has no \"%.*s\"; %.*s = \"...\" would be right",
			              TEXT_ARG(key.name), TEXT_ARG(key.name));
	}
}

void
load_top(struct load *l, const struct zpl *root, const char *spec)
{
	load_keys(l, root, arena_printf(l->arena, "%s%s", LOAD_TOP, spec).ptr);
	load_day(l, root, "valid-from");
}

const struct zpl *
load_first(const struct zpl *item, const char *name)
{
	return zpl_find(item, name);
}

const struct zpl *
load_next(const struct zpl *item)
{
	const struct zpl *c = item->next;
	while (c && !text_equal(c->name, item->name))
		c = c->next;
	return c;
}

size_t
load_count(const struct zpl *item, const char *name)
{
	size_t n = 0;
	for (const struct zpl *c = load_first(item, name); c; c = load_next(c))
		n++;
	return n;
}

int64_t
load_number(struct load *l, const struct zpl *item, struct text digits, int64_t min, int64_t max)
{
	int64_t n = 0;
	bool good = digits.len > 0 && digits.len <= 18;
	for (size_t i = 0; good && i < digits.len; i++) {
		good = digits.ptr[i] >= '0' && digits.ptr[i] <= '9';
		n = n * 10 + (digits.ptr[i] - '0');
	}
	if (good && n >= min && n <= max)
		return n;
	LOAD_COMPLAIN(l, item, "\"%.*s\" in \"%.*s\"; a whole number from %lld to %lld would be right",
	              TEXT_ARG(digits), TEXT_ARG(item->name), (long long)min, (long long)max);
	return min;
}

int64_t
load_int(struct load *l, const struct zpl *parent, const char *name, int64_t min, int64_t max,
         int64_t otherwise)
{
	const struct zpl *item = zpl_find(parent, name);
	if (!item || !item->value.len)
		return otherwise;
	return load_number(l, item, item->value, min, max);
}

int64_t
load_day(struct load *l, const struct zpl *parent, const char *name)
{
	const struct zpl *item = zpl_find(parent, name);
	int64_t day = NONE;
	if (item && item->value.len && !day_parse(item->value, &day))
		LOAD_COMPLAIN(l, item,
		              "\"%.*s\" in \"%s\" is no date; a real day as YYYY-MM-DD would be right",
		              TEXT_ARG(item->value), name);
	return day;
}

int
load_choice(struct load *l, const struct zpl *parent, const char *name, const char *const *words,
            size_t count)
{
	const struct zpl *item = zpl_find(parent, name);
	if (!item || !item->value.len)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (text_is(item->value, words[i]))
			return (int)i;
	struct buf known = { 0 };
	for (size_t i = 0; i < count; i++)
		buf_printf(&known, "%s%s", i ? ", " : "", words[i]);
	LOAD_COMPLAIN(l, item, "unknown %s \"%.*s\"; one of these would be right: %.*s", name,
	              TEXT_ARG(item->value), TEXT_ARG(buf_view(&known)));
	buf_free(&known);
	return -1;
}

bool
load_yes(struct load *l, const struct zpl *parent, const char *name)
{
	static const char *const words[] = { "no", "yes" };
	return load_choice(l, parent, name, words, countof(words)) == 1;
}

bool
load_pair(struct text t, char separator, struct text *ret_left, struct text *ret_right)
{
	const char *at = t.len ? memchr(t.ptr, separator, t.len) : NULL;
	if (!at)
		return false;
	struct text left = { t.ptr, (size_t)(at - t.ptr) }, right = { at + 1, t.len - left.len - 1 };
	if (memchr(right.ptr, separator, right.len))
		return false;
	/* The separator is not in them: this only trims. */
	return text_next(&left, separator, ret_left) && text_next(&right, separator, ret_right);
}

static bool
is_code(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		char c = t.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (i && (c == '-' || c == '.'))))
			return false;
	}
	return t.len > 0 && t.len <= CODE_MOST;
}

struct label
load_label(struct load *l, const struct zpl *item)
{
	if (item->value.len && !is_code(item->value))
		LOAD_COMPLAIN(l, item,
		              "\"%.*s\" is no code; letters a to z, digits, - and . (at most %d) would be "
		              "right",
		              TEXT_ARG(item->value), CODE_MOST);
	return (struct label){ item->value, zpl_value(item, "vi"), zpl_value(item, "en") };
}

void
load_once(struct load *l, const struct zpl *root, const struct zpl *item)
{
	for (const struct zpl *c = root->child; c != item; c = c->next)
		if (text_equal(c->name, item->name) && text_equal(c->value, item->value)) {
			LOAD_COMPLAIN(l, item,
			              "%.*s \"%.*s\" is named twice, first in line %d; once would be right",
			              TEXT_ARG(item->name), TEXT_ARG(item->value), c->line);
			return;
		}
}

struct label *
load_labels(struct load *l, const struct zpl *root, const char *name, const char *more,
            size_t *ret_count)
{
	const char *spec = arena_printf(l->arena, "vi! en! %s", more).ptr;
	struct label *labels = arena_array(l->arena, load_count(root, name), sizeof *labels);
	size_t n = 0;
	for (const struct zpl *c = load_first(root, name); c; c = load_next(c)) {
		load_keys(l, c, spec);
		load_once(l, root, c);
		labels[n++] = load_label(l, c);
	}
	*ret_count = n;
	return labels;
}
