/* ocop-print: the lines of a paper on standard input into a PDF on standard output. `ocop print` runs it. */
#include "clients/print_pdf.h"
#include "clients/whole_file.h"
#include "proto/i18n.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static int
read_input(struct buf *ret)
{
	for (;;) {
		ssize_t n = read(STDIN_FILENO, buf_room(ret, 65536), 65536);
		if (n > 0)
			ret->len += (size_t)n;
		else if (n == 0)
			return 0;
		else if (errno != EINTR)
			return -errno;
	}
}

static int
failed(const char *what, int e)
{
	fprintf(stderr, "ocop: %s: %s\n", what, strerror(-e));
	return EX_IOERR;
}

/* What the messages call the page and the PDF. */
struct names {
	const char *page, *output;
};

static int
make(const struct names *names, struct arena *arena, struct buf *pdf)
{
	struct complaints complaints = { 0 };
	struct buf lines = { 0 };
	int e = read_input(&lines);
	if (e) {
		buf_free(&lines);
		return failed(_("the page can't be read"), e);
	}
	const struct page *page = page_parse(names->page, buf_view(&lines), arena, &complaints);
	buf_free(&lines);
	if (!page) {
		fprintf(stderr, "%.*s", TEXT_ARG(buf_view(&complaints.text)));
		buf_free(&complaints.text);
		return EX_DATAERR;
	}
	e = print_pdf(page, arena, pdf);
	if (e < 0)
		return failed(_("the PDF can't be made"), e);
	if (e > 0) {
		fprintf(stderr, _("ocop: no font of this machine has %d of the characters; fonts-liberation2 has the Vietnamese ones\n"), e);
		return EX_UNAVAILABLE;
	}
	/* Only a PDF that is whole goes out. */
	e = whole_write(STDOUT_FILENO, buf_view(pdf));
	if (!e)
		return EX_OK;
	fprintf(stderr, _("ocop: %s can't be written: %s\n"), names->output ? names->output : _("standard output"), strerror(-e));
	return EX_IOERR;
}

int
main(int argc, char **argv)
{
	struct names names = { "page", NULL };
	const char *lang = "en";
	struct { const char *option, **value; } options[] = {
		{ "--lang", &lang }, { "--name", &names.page }, { "--output", &names.output },
	};
	bool known = true;
	i18n_use(LANG_EN);
	for (int i = 1; i < argc && known; i += 2) {
		size_t o = 0;
		while (o < countof(options) && strcmp(argv[i], options[o].option))
			o++;
		known = o < countof(options) && i + 1 < argc;
		if (known)
			*options[o].value = argv[i + 1];
	}
	i18n_use(!strcmp(lang, "vi") ? LANG_VI : LANG_EN);
	if (!known) {
		fputs(_("usage: ocop-print [--lang vi|en] [--name TEXT] [--output TEXT] <PAGE >PDF   (ocop print runs it)\n"), stderr);
		return EX_USAGE;
	}
	struct arena *arena = arena_new();
	struct buf pdf = { 0 };
	int e = make(&names, arena, &pdf);
	buf_free(&pdf);
	arena_destroy(&arena);
	return e;
}
