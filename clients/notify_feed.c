/* The daemon's feed methods: a request each, and what its answer says. */
#include "clients/notify_feed.h"

#include "proto/i18n.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	CALL_MS = 5000,             /* for an answer that is not held back */
	NEXT_LIMIT = 20,            /* events at a time: together they fit into a frame */
	REASON_BYTES_MAX = 1000,
};

int
feed_init(struct feed *f, const struct notify_config *c, int stop_fd, struct arena *arena,
          struct complaints *complaints)
{
	*f = (struct feed){ .config = c, .stop_fd = stop_fd };
	f->target = (struct link_target){ .endpoint = c->endpoint, .server_key = c->server };
	if (!strncmp(c->endpoint, "tcp://", 6) && !settings_key(c->key_file, arena, complaints, &f->target))
		return -EINVAL;
	int e = link_open(&f->target, &f->link);
	if (e < 0)
		complain(complaints, c->endpoint, 0, "%s", _("no usable endpoint or key"));
	return e;
}

void
feed_close(struct feed *f)
{
	link_close(&f->link);
	buf_free(&f->refusal);
}

struct call {
	const char *method;
	struct buf params;          /* members; freed by the call */
	int timeout_ms;
	bool again;                 /* may be sent more than once */
	bool stoppable;
};

static int
read_answer(struct feed *f, struct text answer, struct arena *arena, const struct json **ret)
{
	const struct json *root = json_parse(arena_text(arena, answer), arena, NULL);
	bool object = root && json_type(root) == JSON_OBJECT;
	const struct json *result = object ? json_get(root, "result") : NULL;
	const struct json *error = object ? json_get(root, "error") : NULL;
	if (result) {
		*ret = result;
		return 0;
	}
	if (!error || json_type(error) != JSON_OBJECT)
		return -EPROTO;
	f->refusal_code = 0;
	json_int(json_get(error, "code"), &f->refusal_code);
	f->refusal_kind = json_get(error, "data") ? json_text(json_get(json_get(error, "data"), "kind")) : ABSENT;
	buf_clear(&f->refusal);
	note_add_flat(&f->refusal, json_text(json_get(error, "message")));
	return FEED_REFUSED;
}

static int
call(struct feed *f, struct call *c, struct arena *arena, const struct json **ret)
{
	struct buf frame = { 0 }, answer = { 0 };
	buf_printf(&frame, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{\"lang\":\"%s\"", c->method,
	           f->config->language == LANG_VI ? "vi" : "en");
	buf_text(&frame, buf_view(&c->params));
	buf_str(&frame, "}}");
	buf_free(&c->params);
	link_watch(f->link, c->stoppable ? f->stop_fd : -1);
	int e = link_call(f->link, buf_view(&frame), c->timeout_ms, c->timeout_ms, c->again, &answer);
	if (!e)
		e = read_answer(f, buf_view(&answer), arena, ret);
	buf_free(&frame);
	buf_free(&answer);
	return e;
}

static void
add_text(struct buf *out, const char *name, struct text value)
{
	buf_printf(out, ",\"%s\":", name);
	json_write_string(out, value);
}

static void
add_words(struct buf *out, const char *name, struct text list)
{
	struct text word;
	const char *comma = "";
	if (!list.len)
		return;
	buf_printf(out, ",\"%s\":[", name);
	while (text_next(&list, ',', &word)) {
		buf_str(out, comma);
		json_write_string(out, word);
		comma = ",";
	}
	buf_byte(out, ']');
}

static void
add_int(struct buf *out, const char *name, int64_t value)
{
	buf_printf(out, ",\"%s\":", name);
	json_write_int(out, value);
}

static struct call
feed_method(const struct feed *f, const char *method)
{
	struct call c = { .method = method, .timeout_ms = CALL_MS, .again = true, .stoppable = true };
	add_text(&c.params, "feed", text_of(f->config->feed));
	return c;
}

int
feed_open(struct feed *f, struct arena *arena, int64_t *ret_cursor)
{
	const struct notify_config *config = f->config;
	struct call c = feed_method(f, "feed.open");
	const struct json *result;
	add_words(&c.params, "types", config->types);
	add_words(&c.params, "communes", config->communes);
	if (!strcmp(config->from, "start") || !strcmp(config->from, "now"))
		add_text(&c.params, "from", text_of(config->from));
	else
		add_int(&c.params, "from", atoll(config->from));
	int e = call(f, &c, arena, &result);
	return !e && !json_int(json_get(result, "cursor"), ret_cursor) ? -EPROTO : e;
}

int
feed_next(struct feed *f, int64_t wait_s, struct arena *arena, const struct json **ret_events, int64_t *ret_position)
{
	struct call c = feed_method(f, "feed.next");
	const struct json *result;
	add_int(&c.params, "limit", NEXT_LIMIT);
	add_int(&c.params, "wait", wait_s);
	c.timeout_ms = (int)wait_s * 1000 + CALL_MS;
	int e = call(f, &c, arena, &result);
	if (e)
		return e;
	const struct json *events = json_get(result, "events");
	if (!events || json_type(events) != JSON_ARRAY || !json_int(json_get(result, "position"), ret_position))
		return -EPROTO;
	*ret_events = events;
	return 0;
}

int
feed_ack(struct feed *f, int64_t sequence, struct arena *arena)
{
	struct call c = feed_method(f, "feed.ack");
	const struct json *result;
	add_int(&c.params, "sequence", sequence);
	/* What was delivered is said also by a program that is to end. */
	c.stoppable = false;
	return call(f, &c, arena, &result);
}

int
feed_fail(struct feed *f, int64_t sequence, struct text reason, struct arena *arena)
{
	struct call c = feed_method(f, "feed.fail");
	const struct json *result;
	add_int(&c.params, "sequence", sequence);
	if (reason.len > REASON_BYTES_MAX) {
		reason.len = REASON_BYTES_MAX;
		while (reason.len && ((unsigned char)reason.ptr[reason.len] & 0xc0) == 0x80)
			reason.len--;
	}
	add_text(&c.params, "reason", reason);
	c.again = false;
	return call(f, &c, arena, &result);
}

int
feed_record(struct feed *f, struct text dossier, struct arena *arena, const struct json **ret)
{
	struct call c = { .method = "dossier.get", .timeout_ms = CALL_MS, .again = true, .stoppable = true };
	add_text(&c.params, "dossier", dossier);
	return call(f, &c, arena, ret);
}

int
feed_labels(struct feed *f, int timeout_ms, struct arena *arena, const struct json **ret)
{
	struct call c = { .method = "workflow.get", .timeout_ms = timeout_ms, .again = true, .stoppable = true };
	return call(f, &c, arena, ret);
}
