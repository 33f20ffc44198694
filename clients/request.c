/* One request of the command line: asked, and its answer shown. */
#include "clients/request.h"

#include "clients/out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { KEY_BYTES = 12 };

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

int
request_show(struct asker *a)
{
	const struct settings *s = a->settings;
	const struct json *root;
	if (s->json && show_as_it_came(buf_view(&a->answer)))
		return 0;
	int e = ask_parse(a, &root);
	if (e)
		return e;
	const struct json *result = json_get(root, "result");
	if (json_get(root, "error"))
		return ask_error(a, json_get(root, "error"));
	struct out out = ask_out(a, stdout, result);
	out_result(&out, result);
	return 0;
}

int
request_run(const struct settings *s, struct text method, struct text params, bool again,
            const char *key, struct arena *arena)
{
	struct asker asker;
	int e = ask_open(&asker, s, arena);
	int64_t wait_s;
	if (!e && json_int(json_get(json_parse(arena_text(arena, params), arena, NULL), "wait"), &wait_s))
		asker.wait_ms = wait_s * 1000;
	if (!e)
		e = ask_text(&asker, method, params, again, key);
	if (!e)
		e = request_show(&asker);
	ask_close(&asker);
	return e;
}

/* Random, not counted: two shells on two machines must never meet. */
struct text
request_key(struct arena *arena)
{
	unsigned char bytes[KEY_BYTES];
	struct buf hex = { 0 };
	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		abort();
	buf_str(&hex, "ocop-");
	for (size_t i = 0; i < sizeof bytes; i++)
		buf_printf(&hex, "%02x", bytes[i]);
	struct text key = arena_text(arena, buf_view(&hex));
	buf_free(&hex);
	return key;
}
