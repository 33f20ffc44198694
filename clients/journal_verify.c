/* `ocop journal verify`: exported events, or the journal's own files, checked line by line. */
#include "clients/journal.h"

#include "clients/progress.h"
#include "proto/i18n.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

struct reading {
	struct chain chain;
	struct arena *line_arena;
	const char *name;
	int64_t line;
	struct buf why;
	bool padded;                /* the journal's own files end in zero bytes */
};

/* A line of the journal's own files is HASH TEXT: the hash must be the text's. */
static bool
take_hash(struct text *line, struct buf *why)
{
	char hash[CHAIN_HASH_HEX + 1];
	if (line->len <= CHAIN_HASH_HEX || line->ptr[0] == '{' || line->ptr[CHAIN_HASH_HEX] != ' ')
		return true;
	struct text event = { line->ptr + CHAIN_HASH_HEX + 1, line->len - CHAIN_HASH_HEX - 1 };
	chain_hash(event, hash);
	bool same = !memcmp(hash, line->ptr, CHAIN_HASH_HEX);
	if (!same)
		buf_printf(why, _("the hash at the line's begin is not that of its text, which is %s"), hash);
	*line = event;
	return same;
}

static bool
check_line(struct reading *r, struct text line)
{
	r->line++;
	if (line.len && line.ptr[line.len - 1] == '\n')
		line.len--;
	size_t zeros = 0;
	while (zeros < line.len && !line.ptr[zeros])
		zeros++;
	if (zeros && zeros == line.len) {
		r->padded = true;
		return true;
	}
	arena_reset(r->line_arena);
	if (r->padded || zeros) {
		buf_str(&r->why, _("there is something behind the zero bytes that end a file"));
		return false;
	}
	return take_hash(&line, &r->why) && chain_add(&r->chain, line, r->line_arena, &r->why);
}

/* 0 or an exit code. */
static int
check_file(struct reading *r, FILE *file, const struct settings *s)
{
	struct progress progress;
	struct stat st;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int64_t read = 0;
	bool good = true;
	progress_begin(&progress, _("Verifying"), !fstat(fileno(file), &st) ? st.st_size : 0, s->quiet);
	while (good && (errno = 0, n = getline(&line, &room, file)) >= 0) {
		good = check_line(r, (struct text){ line, (size_t)n });
		progress_at(&progress, read += n);
	}
	progress_end(&progress);
	free(line);
	if (good && ferror(file)) {
		fprintf(stderr, _("ocop: %s can't be read: %s\n"), r->name, strerror(errno));
		return EX_IOERR;
	}
	return good ? 0 : 1;
}

int
journal_verify(char *const *files, int count, const struct settings *s)
{
	struct reading r = { .line_arena = arena_new() };
	int e = 0;
	for (int i = 0; i < count && !e; i++) {
		bool standard = !strcmp(files[i], "-");
		FILE *file = standard ? stdin : fopen(files[i], "re");
		r.name = standard ? _("standard input") : files[i];
		r.line = 0;
		r.padded = false;
		if (!file) {
			fprintf(stderr, _("ocop: %s can't be read: %s\n"), r.name, strerror(errno));
			e = EX_NOINPUT;
			break;
		}
		e = check_file(&r, file, s);
		if (!standard)
			fclose(file);
	}
	if (!e && !r.chain.last) {
		buf_str(&r.why, _("there is no event in it"));
		e = 1;
	}
	if (r.why.len)
		fprintf(stderr, "%s:%lld: %.*s\n", r.name, (long long)r.line, TEXT_ARG(buf_view(&r.why)));
	if (e == 1 && r.chain.last)
		fprintf(stderr, _("events %lld to %lld before it are in order\n"), (long long)r.chain.first, (long long)r.chain.last);
	if (!e && r.chain.first > 1)
		fprintf(stderr, _("what was before event %lld is not in these files and was not checked\n"), (long long)r.chain.first);
	if (!e)
		journal_print_done(&r.chain, s);
	buf_free(&r.why);
	arena_destroy(&r.line_arena);
	return e;
}
