/* `ocop metrics`: the daemon's figures as they are, on standard output or into a file. */
#include "clients/metrics.h"

#include "clients/ask.h"
#include "clients/csv.h"
#include "clients/options.h"
#include "clients/whole_file.h"
#include "proto/i18n.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

const struct help_row metrics_help[] = {
	{ "metrics [--output FILE]", N_("the daemon's figures, as OpenMetrics") },
	{ "--output FILE", N_("into this file, whole or not at all: for node_exporter a NAME.prom in its folder of texts") },
	{ NULL, NULL },
};

static int
take_words(int argc, char **argv, struct settings *s, const char **ret_output)
{
	for (int i = 0; i < argc; i++) {
		struct option_word word = option_split(argv[i]);
		int e = 0;
		if (!word.dashed)
			return usage_error(_("one argument too many"), argv[i]);
		if (!text_is(word.name, "output"))
			e = option_global(argc, argv, &i, s);
		else if (!option_value(argc, argv, &i, &word) || !word.value.len)
			return usage_error(_("this option needs a value"), argv[i]);
		else
			*ret_output = word.value.ptr;
		if (e)
			return e;
	}
	return 0;
}

/* Others read it: no secret is in it. */
static int
write_out(const char *file, struct text text, struct arena *arena)
{
	struct whole_file whole;
	int fault = whole_begin(&whole, file, arena);
	if (!fault) {
		fault = whole_write(whole.fd, text);
		if (fault)
			whole_abandon(&whole);
		else
			fault = whole_end(&whole, 0644, false, arena);
	}
	if (!fault)
		return EX_OK;
	fprintf(stderr, "ocop: %s: %s\n", file, strerror(-fault));
	return EX_CANTCREAT;
}

static struct text
as_it_came(const struct json *result, struct arena *arena)
{
	struct buf out = { 0 };
	buf_str(&out, "{\"text\":");
	json_write_string(&out, json_text(json_get(result, "text")));
	buf_str(&out, "}\n");
	struct text text = arena_text(arena, buf_view(&out));
	buf_free(&out);
	return text;
}

/* A sample a row: name{labels} value. */
static struct text
as_csv(struct text samples, struct arena *arena)
{
	struct buf out = { 0 };
	struct text line;
	buf_str(&out, "metric,labels,value\r\n");
	while (text_next(&samples, '\n', &line)) {
		const char *space = line.len && line.ptr[0] != '#' ? memrchr(line.ptr, ' ', line.len) : NULL;
		if (!space)
			continue;
		struct text name = { line.ptr, (size_t)(space - line.ptr) }, labels = TEXT("");
		const char *brace = memchr(name.ptr, '{', name.len);
		if (brace) {
			labels = (struct text){ brace + 1, name.len - (size_t)(brace - name.ptr) - 2 };
			name.len = (size_t)(brace - name.ptr);
		}
		csv_write_cell(&out, name, ',');
		buf_byte(&out, ',');
		csv_write_cell(&out, labels, ',');
		buf_byte(&out, ',');
		csv_write_cell(&out, (struct text){ space + 1, line.len - (size_t)(space + 1 - line.ptr) }, ',');
		buf_str(&out, "\r\n");
	}
	struct text text = arena_text(arena, buf_view(&out));
	buf_free(&out);
	return text;
}

static struct text
as_asked(const struct settings *s, const struct json *result, struct arena *arena)
{
	struct text text = json_text(json_get(result, "text"));
	return s->json ? as_it_came(result, arena) : s->csv ? as_csv(text, arena) : text;
}

int
metrics_run(int argc, char **argv, struct settings *s, struct arena *arena)
{
	struct asker asker;
	const struct json *result;
	const char *output = NULL;
	int e = take_words(argc, argv, s, &output);
	if (e || (e = ask_open(&asker, s, arena)))
		return e;
	e = ask_query(&asker, "server.metrics", s->lang == LANG_VI ? TEXT("{\"lang\":\"vi\"}") : TEXT("{}"), &result);
	struct text text = e ? TEXT("") : as_asked(s, result, arena);
	if (!e && output)
		e = write_out(output, text, arena);
	else if (!e)
		fwrite(text.ptr, 1, text.len, stdout);
	ask_close(&asker);
	return e;
}
