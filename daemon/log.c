/* One line a fact on standard error. */
#include "daemon/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MOST = 1000 };

static const char cut_mark[] = "...";

/* Bytes that one character takes in the text, and how they are written; C1 controls too. */
static size_t
escape(const unsigned char *in, char out[5], size_t *ret_taken)
{
	size_t taken = 1;
	if (*in < 0x20 || *in == 0x7f) {
		*ret_taken = 1;
		return (size_t)snprintf(out, 5, "\\x%02x", *in);
	}
	if (*in == 0xc2 && in[1] >= 0x80 && in[1] <= 0x9f) {
		*ret_taken = 2;
		return (size_t)snprintf(out, 5, "\\x%02x", in[1]);
	}
	if (*in >= 0xc0)
		while (taken < 4 && (in[taken] & 0xc0) == 0x80)
			taken++;
	memcpy(out, in, taken);
	*ret_taken = taken;
	return taken;
}

void
log_line(enum log_level level, const char *format, ...)
{
	/* A character that vsnprintf cut in half ends with this text, behind all that is safe below. */
	char text[LINE_MOST + 1], line[LINE_MOST + 16];
	va_list args;
	va_start(args, format);
	int whole = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (whole < 0)
		return;

	/* The prefix is for the system's journal; a person at a terminal does not want it. */
	size_t len = isatty(STDERR_FILENO) ? 0 : (size_t)snprintf(line, sizeof line, "<%d>", (int)level);
	size_t start = len, taken = 0, safe = len;
	const unsigned char *in = (const unsigned char *)text;
	for (; *in; in += taken) {
		char out[5];
		size_t room = escape(in, out, &taken);
		if (len - start + room > LINE_MOST)
			break;
		memcpy(line + len, out, room);
		len += room;
		if (len - start <= LINE_MOST - strlen(cut_mark))
			safe = len;
	}
	if (*in || whole > LINE_MOST) {
		memcpy(line + safe, cut_mark, strlen(cut_mark));
		len = safe + strlen(cut_mark);
	}
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) < 0)
		return;                 /* nowhere left to tell it */
}
