/* One request, and what came of it as an exit code. */
#include "clients/request.h"

#include "clients/out.h"
#include "clients/say.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* A request is sent again after a second without an answer, then after two, four, ... */
enum { PATIENCE_MS = 1000 };

/* The daemon's answer to our id; what stands between this and the last brace is the result. */
static const char opening[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":";

static int
no_answer(const struct settings *s, const char *key)
{
	fprintf(stderr, SAY(s->lang, "ocop: no answer from %s\n", "ocop: %s không trả lời\n"),
	        s->endpoint);
	const char *path = !strncmp(s->endpoint, "ipc://", 6) ? s->endpoint + 6 : NULL;
	if (path && access(path, R_OK | W_OK))
		fprintf(stderr, "  %s: %s\n", path, errno == ENOENT
		        ? SAY(s->lang, "there is no such socket; is the daemon running?",
		              "chưa có địa chỉ này; máy chủ đã chạy chưa?")
		        : strerror(errno));
	else if (!path)
		fputs(SAY(s->lang,
		          "  is the daemon running, is --server its key, has it an account with the key of --key?\n",
		          "  máy chủ đã chạy chưa, --server có đúng khóa máy chủ, khóa trong --key đã có tài khoản chưa?\n"),
		      stderr);
	if (key)
		fprintf(stderr, SAY(s->lang,
		                    "  done or not is not known: the same with --request-key %s will tell, and do it once\n",
		                    "  chưa rõ đã ghi hay chưa: chạy lại đúng lệnh này với --request-key %s, lệnh chỉ ghi một lần\n"),
		        key);
	return EX_UNAVAILABLE;
}

static int
unreadable(const struct settings *s)
{
	fputs(SAY(s->lang,
	          "ocop: the answer is no answer, or too large to show: try --json, or a smaller --limit\n",
	          "ocop: không đọc được trả lời, hoặc trả lời quá dài: thử --json hoặc giảm --limit\n"), stderr);
	return EX_PROTOCOL;
}

static int
exit_code(const struct json *error)
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

static int
show(const struct settings *s, struct text answer, struct arena *arena)
{
	struct out out = { .lang = s->lang, .json = s->json, .quiet = s->quiet, .arena = arena };
	size_t lead = sizeof opening - 1;
	bool ours = answer.len > lead && !memcmp(answer.ptr, opening, lead);
	if (s->json && ours) {
		printf("%.*s\n", (int)(answer.len - lead - 1), answer.ptr + lead);
		return EX_OK;
	}
	const struct json *root = json_parse(answer, arena, NULL);
	const struct json *result = root ? json_get(root, "result") : NULL;
	const struct json *error = root ? json_get(root, "error") : NULL;
	if (error && json_type(error) == JSON_OBJECT) {
		out_error(&out, error);
		return exit_code(error);
	}
	if (!result || json_type(result) != JSON_OBJECT)
		return unreadable(s);
	if (s->json) {
		struct buf text = { 0 };
		json_write(&text, result);
		printf("%.*s\n", TEXT_ARG(buf_view(&text)));
		buf_free(&text);
	} else {
		out_result(&out, result);
	}
	return EX_OK;
}

/* The link's target; for tcp with the key pair of the settings' file. 0 or an exit code. */
static int
target_make(const struct settings *s, struct arena *arena, struct link_target *ret)
{
	struct link_target target = { .endpoint = s->endpoint, .server_key = s->server };
	if (!strncmp(s->endpoint, "tcp://", 6)) {
		struct complaints complaints = { 0 };
		if (!s->key_file || !s->server) {
			fputs(SAY(s->lang,
			          "ocop: tcp needs --key FILE (your key pair) and --server KEY (the daemon's public key)\n",
			          "ocop: kết nối tcp cần --key TỆP (khóa của bạn) và --server KHÓA (khóa công khai của máy chủ)\n"),
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
request_run(const struct settings *s, struct text method, struct text params, bool again,
            const char *key, struct arena *arena)
{
	struct link_target target;
	struct link *link = NULL;
	int e = target_make(s, arena, &target);
	if (e)
		return e;
	if (link_open(&target, &link) < 0) {
		fprintf(stderr, SAY(s->lang, "ocop: no usable endpoint or key: %s\n",
		                    "ocop: địa chỉ hoặc khóa không dùng được: %s\n"), s->endpoint);
		return EX_USAGE;
	}
	struct buf frame = { 0 }, answer = { 0 };
	buf_str(&frame, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":");
	json_write_string(&frame, method);
	buf_printf(&frame, ",\"params\":%.*s}", TEXT_ARG(params));
	e = link_call(link, buf_view(&frame), (int)s->timeout_ms, PATIENCE_MS, again, &answer);
	e = e < 0 ? no_answer(s, key) : show(s, buf_view(&answer), arena);
	link_close(&link);
	buf_free(&frame);
	buf_free(&answer);
	return e;
}
