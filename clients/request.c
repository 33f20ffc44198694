/* One request of the command line: asked, and its answer shown. */
#include "clients/request.h"

#include "clients/ask.h"
#include "clients/out.h"

#include <stdio.h>
#include <string.h>

/* The daemon's answer to our id; what stands between this and the last brace is the result. */
static const char opening[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":";

/* The result as it came, byte for byte. false where it can't be cut out. */
static bool
show_as_it_came(struct text answer)
{
	size_t lead = sizeof opening - 1;
	if (answer.len <= lead || memcmp(answer.ptr, opening, lead))
		return false;
	printf("%.*s\n", (int)(answer.len - lead - 1), answer.ptr + lead);
	return true;
}

static int
show(struct asker *a, const struct settings *s)
{
	struct out out = { .lang = s->lang, .json = s->json, .quiet = s->quiet, .arena = a->arena };
	const struct json *root;
	if (s->json && show_as_it_came(buf_view(&a->answer)))
		return 0;
	int e = ask_parse(a, &root);
	if (e)
		return e;
	if (json_get(root, "error")) {
		out_error(&out, json_get(root, "error"));
		return ask_exit_code(json_get(root, "error"));
	}
	out_result(&out, json_get(root, "result"));
	return 0;
}

int
request_run(const struct settings *s, struct text method, struct text params, bool again,
            const char *key, struct arena *arena)
{
	struct asker asker;
	int e = ask_open(&asker, s, arena);
	if (!e)
		e = ask_text(&asker, method, params, again, key);
	if (!e)
		e = show(&asker, s);
	ask_close(&asker);
	return e;
}
