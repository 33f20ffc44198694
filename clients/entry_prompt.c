/* Questions on a terminal: a line editor with completion (libedit), plain lines where TERM is dumb. */
#include "clients/entry_prompt.h"

#include "proto/i18n.h"
#include "proto/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <wchar.h>

enum { LINE_BYTES_MAX = 8192 };

struct prompt {
	struct arena *arena;
	EditLine *editor;           /* NULL: plain lines */
	int input;                  /* the terminal, read without blocking */
	int signals;
	sigset_t before;            /* the signals that were blocked before */
	bool ended;
	const char *question;
	const struct choices *choices;
	bool many;
};

bool
prompt_possible(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

int
prompt_signals(const struct prompt *p)
{
	return p->signals;
}

bool
prompt_signalled(const struct prompt *p)
{
	struct pollfd fd = { .fd = p->signals, .events = POLLIN };
	return poll(&fd, 1, 0) > 0;
}

void
prompt_forget(struct prompt *p)
{
	struct signalfd_siginfo info;
	while (read(p->signals, &info, sizeof info) == sizeof info)
		;
}

/* --- reading ------------------------------------------------------------------------------------- */

/* The next byte; false at the end. */
static bool
next_byte(struct prompt *p, char *ret)
{
	while (!p->ended) {
		struct pollfd fds[] = { { .fd = p->signals, .events = POLLIN }, { .fd = p->input, .events = POLLIN } };
		if (poll(fds, countof(fds), -1) < 0 && errno != EINTR)
			break;
		if (fds[0].revents)
			break;
		if (!fds[1].revents)
			continue;
		ssize_t n = read(p->input, ret, 1);
		if (n == 1)
			return true;
		if (n == 0 || (errno != EINTR && errno != EAGAIN))
			break;
	}
	p->ended = true;
	return false;
}

/* The editor's reader: one character of UTF-8; bytes that are none are passed over. */
static int
next_wide(EditLine *editor, wchar_t *ret)
{
	struct prompt *p;
	mbstate_t state = { 0 };
	char byte;
	el_get(editor, EL_CLIENTDATA, &p);
	while (next_byte(p, &byte)) {
		size_t n = mbrtowc(ret, &byte, 1, &state);
		if (n == (size_t)-1)
			memset(&state, 0, sizeof state);
		else if (n != (size_t)-2)
			return 1;
	}
	return 0;
}

/* A line of a terminal that can do nothing. */
static bool
plain_line(struct prompt *p, struct buf *line)
{
	char byte;
	fputs(p->question, stderr);
	while (next_byte(p, &byte)) {
		if (byte == '\n')
			return true;
		if (line->len < LINE_BYTES_MAX)
			buf_byte(line, (unsigned char)byte);
	}
	return false;
}

static bool
edited_line(struct prompt *p, struct buf *line)
{
	int n = 0;
	/* Before the question is painted: what is typed at once then is the editor's already. */
	el_set(p->editor, EL_PREP_TERM, 1);
	const char *words = el_gets(p->editor, &n);
	if (!words || n <= 0 || p->ended) {
		p->ended = true;
		return false;
	}
	buf_str(line, words);
	return true;
}

static struct text
trim(struct text t)
{
	while (t.len && strchr(" \t\r\n", t.ptr[0]))
		t.ptr++, t.len--;
	while (t.len && strchr(" \t\r\n", t.ptr[t.len - 1]))
		t.len--;
	return t;
}

bool
prompt_line(struct prompt *p, struct text question, const struct choices *choices, bool many, struct text *ret)
{
	struct buf line = { 0 };
	bool usable = false;
	p->question = arena_text(p->arena, question).ptr;
	p->choices = choices;
	p->many = many;
	while (!usable && !p->ended) {
		buf_clear(&line);
		if (!(p->editor ? edited_line(p, &line) : plain_line(p, &line)))
			break;
		usable = utf8_valid(buf_view(&line));
		if (!usable)
			prompt_say(p, "%s\n", _("This is not UTF-8."));
	}
	if (usable)
		*ret = utf8_compose(trim(buf_view(&line)), p->arena);
	else
		fputc('\n', stderr);
	buf_free(&line);
	return usable;
}

bool
prompt_yes(struct prompt *p, struct text question, bool preset, bool *ret)
{
	struct text words, asked = arena_printf(p->arena, "%.*s [%s]: ", TEXT_ARG(question), preset ? _("yes") : _("no"));
	while (prompt_line(p, asked, NULL, false, &words)) {
		struct text folded = utf8_fold(words, p->arena);
		bool yes = text_among(folded, "y|yes|c|co"), no = text_among(folded, "n|no|k|khong");
		if (yes || no || !words.len) {
			*ret = yes || (!words.len && preset);
			return true;
		}
		prompt_say(p, "%s\n", _("yes or no?"));
	}
	return false;
}

/* --- saying -------------------------------------------------------------------------------------- */

/* A byte that could steer the terminal: C0, DEL, and C1 in its two bytes. */
static bool
steers(const char *at)
{
	unsigned char c = (unsigned char)at[0];
	return (c < 0x20 && c != '\n') || c == 0x7f || (c == 0xc2 && (unsigned char)at[1] < 0xa0);
}

void
prompt_say(struct prompt *p, const char *format, ...)
{
	(void)p;
	char *words;
	va_list args;
	va_start(args, format);
	if (vasprintf(&words, format, args) < 0)
		abort();
	va_end(args);
	for (char *at = words; *at; at++)
		if (steers(at))
			*at = (unsigned char)*at == 0xc2 ? (at[1] = ' ') : ' ';
	fputs(words, stderr);
	free(words);
}

void
prompt_list(struct prompt *p, const struct choices *choices)
{
	for (size_t i = 0; i < choices->count; i++) {
		const struct choice *c = &choices->items[i];
		prompt_say(p, "  %3zu  %.*s%s%.*s\n", c->number ? c->number : i + 1, TEXT_ARG(c->label), c->note.len ? " " : "", TEXT_ARG(c->note));
	}
}

/* --- choices ------------------------------------------------------------------------------------- */

static bool
is_number(struct text t, size_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < t.len; i++) {
		if (t.ptr[i] < '0' || t.ptr[i] > '9' || t.len > 4)
			return false;
		*ret = *ret * 10 + (size_t)(t.ptr[i] - '0');
	}
	return t.len > 0;
}

static bool
has_part(struct text whole, struct text part)
{
	return part.len && memmem(whole.ptr, whole.len, part.ptr, part.len);
}

int
choice_find(const struct choices *choices, struct text words, struct arena *arena, struct choices *ret_some)
{
	size_t number, count = 0;
	struct choice *some = arena_array(arena, choices->count, sizeof *some);
	struct text folded = utf8_fold(words, arena);
	int last = -1;
	*ret_some = (struct choices){ .items = some };
	if (is_number(words, &number) && number >= 1 && number <= choices->count)
		return (int)number - 1;
	for (size_t i = 0; i < choices->count; i++) {
		const struct choice *c = &choices->items[i];
		struct text label = utf8_fold(c->label, arena), also = utf8_fold(c->also, arena), code = utf8_fold(c->code, arena);
		if (text_equal(c->code, words) || text_equal(label, folded) || text_equal(also, folded))
			return (int)i;
		if (!has_part(label, folded) && !has_part(also, folded) && !has_part(code, folded))
			continue;
		some[count] = *c;
		some[count++].number = i + 1;
		last = (int)i;
	}
	ret_some->count = count;
	return count == 1 ? last : -1;
}

/* --- completion ---------------------------------------------------------------------------------- */

/* The choices that go on from the words; all of them where there are none. */
static void
offer(struct prompt *p, struct text words, struct choices *ret_some)
{
	if (words.len) {
		int i = choice_find(p->choices, words, p->arena, ret_some);
		if (i >= 0)
			*ret_some = (struct choices){ .items = &p->choices->items[i], .count = 1 };
	} else {
		*ret_some = *p->choices;
	}
}

static size_t
characters(struct text t)
{
	size_t n = 0;
	for (size_t i = 0; i < t.len; i++)
		n += ((unsigned char)t.ptr[i] & 0xc0) != 0x80;
	return n;
}

static unsigned char
complete(EditLine *editor, int key)
{
	(void)key;
	struct prompt *p;
	el_get(editor, EL_CLIENTDATA, &p);
	const LineInfo *line = el_line(editor);
	struct text words = arena_text(p->arena, (struct text){ line->buffer, (size_t)(line->cursor - line->buffer) });
	struct choices some;
	if (!p->choices || line->cursor != line->lastchar)
		return CC_ERROR;
	if (p->many)
		for (const char *at = words.ptr + words.len; at > words.ptr; at--)
			if (strchr(" ,", at[-1])) {
				words = (struct text){ at, (size_t)(words.ptr + words.len - at) };
				break;
			}
	offer(p, words, &some);
	if (some.count != 1) {
		fputc('\n', stderr);
		prompt_list(p, &some);
		return some.count ? CC_REDISPLAY : CC_ERROR;
	}
	el_deletestr(editor, (int)characters(words));
	const struct choice *c = some.items;
	const char *word = arena_printf(p->arena, p->many ? "%.*s " : "%.*s", TEXT_ARG(p->many ? c->code : c->label)).ptr;
	return el_insertstr(editor, word) ? CC_ERROR : CC_REFRESH;
}

/* --- open and close ------------------------------------------------------------------------------ */

static char *
question_of(EditLine *editor)
{
	struct prompt *p;
	el_get(editor, EL_CLIENTDATA, &p);
	return (char *)p->question;
}

static void
edit(struct prompt *p)
{
	const char *term = getenv("TERM");
	if (!term || !*term || !strcmp(term, "dumb"))
		return;
	p->editor = el_init("ocop", stdin, stderr, stderr);
	if (!p->editor)
		return;
	el_set(p->editor, EL_CLIENTDATA, p);
	el_set(p->editor, EL_EDITOR, "emacs");
	el_set(p->editor, EL_PROMPT, question_of);
	el_set(p->editor, EL_GETCFN, next_wide);
	/* The wide one: the other keeps copies of the names that it never frees. */
	el_wset(p->editor, EL_ADDFN, L"ocop-complete", L"complete from the list", complete);
	el_set(p->editor, EL_BIND, "^I", "ocop-complete", NULL);
	el_set(p->editor, EL_BIND, "^W", "ed-delete-prev-word", NULL);
	el_set(p->editor, EL_BIND, "\033[3~", "ed-delete-next-char", NULL);
}

/* Ctrl-C throws away what was typed, even what poll has seen: reading must not wait for it then. A
 * descriptor of our own, for others share standard input and its flags. */
static int
open_input(void)
{
	int fd = tcgetpgrp(STDIN_FILENO) < 0 ? -1 : open("/dev/tty", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? STDIN_FILENO : fd;
}

struct prompt *
prompt_open(struct arena *arena)
{
	struct prompt *p = xcalloc(1, sizeof *p);
	static const int taken[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t set;
	p->arena = arena;
	sigemptyset(&set);
	for (size_t i = 0; i < countof(taken); i++)
		sigaddset(&set, taken[i]);
	sigprocmask(SIG_BLOCK, &set, &p->before);
	p->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (p->signals < 0)
		abort();
	p->input = open_input();
	edit(p);
	return p;
}

void
prompt_close(struct prompt **prompt)
{
	struct prompt *p = *prompt;
	if (!p)
		return;
	if (p->editor)
		el_end(p->editor);
	/* They have ended the dialogue, and shall not end the program before it has said so. */
	prompt_forget(p);
	close(p->signals);
	if (p->input != STDIN_FILENO)
		close(p->input);
	sigprocmask(SIG_SETMASK, &p->before, NULL);
	free(p);
	*prompt = NULL;
}
