/* One line of the terminal, written over again and again. */
#include "clients/progress.h"

#include "proto/utf8.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { AGAIN_MS = 100, WIDTH_USUAL = 80 };

static int64_t
now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
progress_begin(struct progress *p, const char *words, int64_t total, bool quiet)
{
	*p = (struct progress){ .total = total };
	if (!quiet && isatty(STDERR_FILENO))
		p->words = words;
}

/* A line that is longer than the terminal would stay on it. */
static size_t
room(void)
{
	struct winsize size = { 0 };
	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col ? WIDTH_USUAL - 1 : size.ws_col - 1u;
}

void
progress_at(struct progress *p, int64_t done)
{
	char figures[64];
	int64_t now = p->words ? now_ms() : 0;
	if (!p->words || now < p->next_ms || (done >= p->total && !p->told))
		return;
	p->next_ms = now + AGAIN_MS;
	int n = snprintf(figures, sizeof figures, "%lld/%lld (%d%%)", (long long)done, (long long)p->total,
	                 p->total > 0 ? (int)(done * 100 / p->total) : 100);
	size_t width = room();
	bool words = utf8_width(text_of(p->words)) + 1 + (size_t)n <= width;
	fprintf(stderr, "\r%s%s%.*s\033[K", words ? p->words : "", words ? " " : "", (int)width, figures);
	fflush(stderr);
	p->told = true;
}

void
progress_end(struct progress *p)
{
	if (p->told)
		fputs("\r\033[K", stderr);
	p->words = NULL;
}
