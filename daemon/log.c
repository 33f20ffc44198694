/* One line a fact on standard error, as key=value. */
#include "daemon/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MOST = 1000, ROOM_MOST = 4 };

static const char cut_mark[] = "...\"";

struct line {
	char bytes[LINE_MOST + 16];
	size_t len, start;              /* start: behind the priority */
	size_t safe;                    /* where a value may be cut and still be marked so */
	bool cut;
};

/* What the journal gave to this process is standard error itself, not something it was sent on to. */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &st) == 0 &&
	       st.st_dev == device && st.st_ino == inode;
}

static void
add(struct line *l, const char *bytes, size_t len)
{
	if (l->cut || l->len - l->start + len > LINE_MOST) {
		l->cut = true;
		return;
	}
	memcpy(l->bytes + l->len, bytes, len);
	l->len += len;
	if (l->len - l->start + sizeof cut_mark - 1 <= LINE_MOST)
		l->safe = l->len;
}

/* The length of the character that begins here; 0 where it is none, or one that commands a terminal. */
static size_t
character(const unsigned char *in, size_t left)
{
	size_t len = *in < 0x80 ? 1 : *in >= 0xc2 && *in < 0xe0 ? 2 : *in >= 0xe0 && *in < 0xf0 ? 3 :
	             *in >= 0xf0 && *in < 0xf5 ? 4 : 0;

	if (len > left || *in < 0x20 || *in == 0x7f || (*in == 0xc2 && left > 1 && in[1] < 0xa0))
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((in[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

static void
add_quoted(struct line *l, struct text value)
{
	const unsigned char *in = (const unsigned char *)value.ptr;
	char escaped[ROOM_MOST + 1];

	add(l, "\"", 1);
	for (size_t at = 0, len; at < value.len && !l->cut; at += len ? len : 1) {
		len = character(in + at, value.len - at);
		if (!len)
			add(l, escaped, (size_t)snprintf(escaped, sizeof escaped, "\\x%02x", in[at]));
		else if (in[at] == '"' || in[at] == '\\')
			add(l, (char[]){ '\\', (char)in[at] }, 2);
		else
			add(l, value.ptr + at, len);
	}
	if (l->cut || l->len - l->start == LINE_MOST) {
		memcpy(l->bytes + l->safe, cut_mark, sizeof cut_mark - 1);
		l->len = l->safe + sizeof cut_mark - 1;
		l->cut = true;
	} else {
		add(l, "\"", 1);
	}
}

static bool
is_bare(struct text value)
{
	static const char marks[] = "-_.:/@+,";

	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr(marks, c))))
			return false;
	}
	return value.len > 0 && value.len <= 200;
}

static void
add_pair(struct line *l, const struct log_pair *pair)
{
	char number[24];
	struct text value = pair->value;

	if (pair->is_number)
		value = (struct text){ number, (size_t)snprintf(number, sizeof number, "%lld", (long long)pair->number) };
	if (l->len > l->start)
		add(l, " ", 1);
	add(l, pair->key, strlen(pair->key));
	add(l, "=", 1);
	if (is_bare(value))
		add(l, value.ptr, value.len);
	else
		add_quoted(l, value);
}

void
log_pairs(enum log_level level, const char *event, const struct log_pair *pairs)
{
	const char *word = level == LOG_ERROR_ ? "error" : level == LOG_WARNING_ ? "warning" : "info";
	struct line l = { .len = 0 };

	if (is_journal())
		l.len = l.start = l.safe = (size_t)snprintf(l.bytes, sizeof l.bytes, "<%d>", (int)level);
	add_pair(&l, &(struct log_pair)LOG_WORD("level", word));
	add_pair(&l, &(struct log_pair)LOG_WORD("event", event));
	for (; pairs->key && !l.cut; pairs++)
		add_pair(&l, pairs);
	l.bytes[l.len++] = '\n';
	if (write(STDERR_FILENO, l.bytes, l.len) < 0)
		return;                 /* nowhere left to tell it */
}

void
log_line(enum log_level level, const char *event, const char *format, ...)
{
	char text[LINE_MOST + 1];
	va_list args;

	va_start(args, format);
	int len = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (len >= 0)
		log_fact(level, event, LOG_TEXT("message", ((struct text){ text, len > LINE_MOST ? LINE_MOST : (size_t)len })));
}
