/* Writes the man pages of ocop from the tables of its help: manual LANG FOLDER makes ocop.1 and one
 * ocop-VERB.1 a verb. A tool of the build; not installed. */
#include "clients/cells.h"
#include "clients/help.h"
#include "proto/i18n.h"
#include "proto/version.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* What every page has besides its own words. */
struct page {
	FILE *file;
	const char *name;           /* "ocop-submit" */
	const char *summary;
};

/* Text as roff takes it: no line begins with a control character, no backslash is one. */
static void
put(FILE *file, const char *words)
{
	bool line_start = true;
	for (const char *p = words; *p; p++) {
		if (line_start && (*p == '.' || *p == '\''))
			fputs("\\&", file);
		if (*p == '\\')
			fputs("\\e", file);
		else if (*p == '-')
			fputs("\\-", file);
		else
			putc(*p, file);
		line_start = *p == '\n';
	}
}

static void
put_option(void *to, const char *option, const char *words)
{
	FILE *file = to;
	fputs(".TP\n.B ", file);
	put(file, option);
	putc('\n', file);
	put(file, *words ? words : " ");
	putc('\n', file);
}

static void
section(FILE *file, const char *heading)
{
	fputs(".SH \"", file);
	put(file, heading);
	fputs("\"\n", file);
}

static bool
begin(struct page *page, const char *folder, const char *usage)
{
	char path[4096];
	if (snprintf(path, sizeof path, "%s/%s.1", folder, page->name) >= (int)sizeof path ||
	    !(page->file = fopen(path, "w"))) {
		perror(path);
		return false;
	}
	fprintf(page->file, ".TH %s 1 \"\" \"ocop %s\" \"%s\"\n", page->name, OCOP_VERSION, _("dossiers of the OCOP programme"));
	section(page->file, _("NAME"));
	put(page->file, page->name);
	fputs(" \\- ", page->file);
	put(page->file, page->summary);
	putc('\n', page->file);
	section(page->file, _("SYNOPSIS"));
	fputs(".B ocop\n", page->file);
	put(page->file, usage);
	putc('\n', page->file);
	return true;
}

static bool
end(struct page *page)
{
	section(page->file, _("EXIT STATUS"));
	put(page->file, _("0 done, 1 refused, 64 usage, 65 bad file, 69 no answer, 74 can't be written, "
	                  "75 try again later, 77 forbidden"));
	putc('\n', page->file);
	section(page->file, _("SEE ALSO"));
	fputs(".BR ocop (1),\n.BR ocop-notify (1),\n.BR ocopd (8)\n", page->file);
	bool good = !ferror(page->file);
	return !fclose(page->file) && good;
}

static bool
page_of_all(const char *folder)
{
	struct page page = { .name = "ocop", .summary = _("what the office does with its dossiers, from one command") };
	const struct command *c;
	const struct verb *v;
	if (!begin(&page, folder, _("[OPTION...] VERB [OPTION...] [ARGUMENT...]")))
		return false;
	section(page.file, _("VERBS"));
	put(page.file, _("Each has a page of its own, ocop-VERB(1), and ocop help VERB says the same."));
	putc('\n', page.file);
	for (size_t i = 0; (v = verb_item(i)); i++)
		put_option(page.file, v->name, _(v->summary));
	for (size_t i = 0; (c = command_item(i)); i++)
		put_option(page.file, c->name, _(c->summary));
	section(page.file, _("OPTIONS"));
	help_common_lines(put_option, page.file);
	section(page.file, _("FILES"));
	put_option(page.file, "~/.config/ocop/ocop.cfg, /etc/ocop/ocop.cfg",
	           _("lines of endpoint, key, server and lang; the environment and options win over them"));
	return end(&page);
}

static bool
page_of_verb(const char *folder, const struct verb *v, struct arena *arena)
{
	struct page page = { .name = arena_printf(arena, "ocop-%s", v->name).ptr, .summary = _(v->summary) };
	if (!begin(&page, folder, help_verb_usage(v, arena).ptr))
		return false;
	section(page.file, _("OPTIONS"));
	help_verb_lines(v, arena, put_option, page.file);
	put(page.file, _("Those of all verbs stand in ocop(1)."));
	putc('\n', page.file);
	return end(&page);
}

static bool
page_of_command(const char *folder, const struct command *c, struct arena *arena)
{
	struct page page = { .name = arena_printf(arena, "ocop-%s", c->name).ptr, .summary = _(c->summary) };
	if (!begin(&page, folder, _(c->help->option)))
		return false;
	section(page.file, _("DESCRIPTION"));
	put(page.file, _(c->help->words));
	putc('\n', page.file);
	section(page.file, _("OPTIONS"));
	help_command_lines(c, put_option, page.file);
	put(page.file, _("Those of all verbs stand in ocop(1)."));
	putc('\n', page.file);
	return end(&page);
}

int
main(int argc, char **argv)
{
	enum lang lang;
	if (argc != 3 || !settings_lang(text_of(argv[1]), &lang)) {
		fputs("usage: manual vi|en FOLDER\n", stderr);
		return EX_USAGE;
	}
	i18n_use(lang);
	struct arena *arena = arena_new();
	const struct command *c;
	const struct verb *v;
	bool good = page_of_all(argv[2]);
	for (size_t i = 0; good && (v = verb_item(i)); i++)
		good = page_of_verb(argv[2], v, arena);
	for (size_t i = 0; good && (c = command_item(i)); i++)
		good = page_of_command(argv[2], c, arena);
	arena_destroy(&arena);
	return good ? EX_OK : EX_IOERR;
}
