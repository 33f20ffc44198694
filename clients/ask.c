/* Requests over one connection, and what came of them as an exit code. */
#include "clients/ask.h"

#include "proto/i18n.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* A request is sent again after a second without an answer, then after two, four, ... */
enum { PATIENCE_MS = 1000, PROGRAMME_MS = 2000 };

/* The link's target; for tcp with the key pair of the settings' file. 0 or an exit code. */
static int
target_make(const struct settings *s, struct arena *arena, struct link_target *ret)
{
	struct link_target target = { .endpoint = s->endpoint, .server_key = s->server };
	if (!strncmp(s->endpoint, "tcp://", 6)) {
		struct complaints complaints = { 0 };
		if (!s->key_file || !s->server) {
			fputs(_("ocop: tcp needs --key FILE (your key pair) and --server KEY (the daemon's public key)\n"),
			      stderr);
			return EX_USAGE;
		}
		if (!settings_key(s->key_file, arena, &complaints, &target)) {
			fprintf(stderr, "ocop: %.*s", TEXT_ARG(buf_view(&complaints.text)));
			buf_free(&complaints.text);
			return EX_DATAERR;
		}
	}
	*ret = target;
	return EX_OK;
}

int
ask_open(struct asker *a, const struct settings *s, struct arena *arena)
{
	struct link_target target;
	memset(a, 0, sizeof *a);
	int e = target_make(s, arena, &target);
	if (e)
		return e;
	if (link_open(&target, &a->link) < 0) {
		fprintf(stderr, _("ocop: no usable endpoint or key: %s\n"), s->endpoint);
		return EX_USAGE;
	}
	a->settings = s;
	a->arena = arena;
	return 0;
}

void
ask_close(struct asker *a)
{
	if (a->link)
		link_close(&a->link);
	buf_free(&a->frame);
	buf_free(&a->answer);
}

static int
no_answer(const struct settings *s, const char *key)
{
	fprintf(stderr, _("ocop: no answer from %s\n"),
	        s->endpoint);
	const char *path = !strncmp(s->endpoint, "ipc://", 6) ? s->endpoint + 6 : NULL;
	if (path && access(path, R_OK | W_OK))
		fprintf(stderr, "  %s: %s\n", path, errno == ENOENT
		        ? _("there is no such socket; is the daemon running?")
		        : strerror(errno));
	else if (!path)
		fputs(_("  is the daemon running, is --server its key, has it an account with the key of --key?\n"),
		      stderr);
	if (key)
		fprintf(stderr, _("  done or not is not known: the same with --request-key %s will tell, and do it once\n"),
		        key);
	return EX_UNAVAILABLE;
}

static int
send_frame(struct asker *a, bool again, const char *key)
{
	a->answer.len = 0;
	int e = link_call(a->link, buf_view(&a->frame), (int)(a->settings->timeout_ms + a->wait_ms),
	                  (int)(PATIENCE_MS + a->wait_ms), again, &a->answer);
	return e < 0 ? no_answer(a->settings, key) : 0;
}

int
ask_frame(struct asker *a)
{
	a->params = ABSENT;
	return send_frame(a, true, NULL);
}

int
ask_text(struct asker *a, struct text method, struct text params, bool again, const char *key)
{
	a->frame.len = 0;
	a->params = arena_text(a->arena, params);
	buf_str(&a->frame, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":");
	json_write_string(&a->frame, method);
	buf_printf(&a->frame, ",\"params\":%.*s}", TEXT_ARG(params));
	return send_frame(a, again, key);
}

int
ask_parse(struct asker *a, const struct json **ret_root)
{
	const struct json *root = json_parse(arena_text(a->arena, buf_view(&a->answer)), a->arena, NULL);
	const struct json *result = root ? json_get(root, "result") : NULL;
	const struct json *error = root ? json_get(root, "error") : NULL;
	if (json_type(error) != JSON_OBJECT && json_type(result) != JSON_OBJECT) {
		fputs(_("ocop: the answer is no answer, or too large to show: try --json, or a smaller --limit\n"), stderr);
		return EX_PROTOCOL;
	}
	*ret_root = root;
	return 0;
}

int
ask_query(struct asker *a, const char *method, struct text params, const struct json **ret_result)
{
	const struct json *root;
	int e = ask_text(a, text_of(method), params, true, NULL);
	if (!e)
		e = ask_parse(a, &root);
	if (e)
		return e;
	const struct json *error = json_get(root, "error");
	if (error)
		return ask_error(a, error);
	*ret_result = json_get(root, "result");
	return 0;
}

const struct json *
ask_programme(struct asker *a)
{
	static const char request[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"workflow.get\"}";
	struct buf answer = { 0 };
	const struct json *root = NULL;
	if (!link_call(a->link, text_of(request), PROGRAMME_MS, PATIENCE_MS, true, &answer))
		root = json_parse(arena_text(a->arena, buf_view(&answer)), a->arena, NULL);
	buf_free(&answer);
	return root ? json_get(root, "result") : NULL;
}

struct out
ask_out(struct asker *a, FILE *file, const struct json *answer)
{
	struct out out = out_for(a->settings, file, a->arena);
	out.params = a->params.len ? json_parse(a->params, a->arena, NULL) : NULL;
	if (out_wants_programme(&out, answer))
		out.programme = ask_programme(a);
	return out;
}

int
ask_error(struct asker *a, const struct json *error)
{
	struct out out = ask_out(a, stderr, error);
	out_error(&out, error);
	return ask_exit_code(error);
}

int
ask_exit_code(const struct json *error)
{
	static const struct {
		const char *kind;
		int code;
	} codes[] = {
		{ "forbidden", EX_NOPERM },
		{ "storage", EX_TEMPFAIL },
		{ "unavailable", EX_TEMPFAIL },
	};
	const struct json *data = json_get(error, "data");
	const struct json *kind = data ? json_get(data, "kind") : NULL;
	for (size_t i = 0; kind && i < countof(codes); i++)
		if (text_is(json_text(kind), codes[i].kind))
			return codes[i].code;
	return 1;
}
