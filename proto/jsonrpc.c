/* JSON-RPC 2.0 envelopes. */
#include "proto/jsonrpc.h"

/* The members of a request. */
enum member { JSONRPC, ID, METHOD, PARAMS, MEMBER_COUNT };

static const char *const names[MEMBER_COUNT] = { "jsonrpc", "id", "method", "params" };

static unsigned
find(struct text name)
{
	unsigned i = 0;
	while (i < MEMBER_COUNT && !text_is(name, names[i]))
		i++;
	return i;
}

static void
broken(struct rpc_request *request, enum detail detail, struct text field, struct text expect)
{
	if (!request->error)
		request->error = refuse(&request->refusal, E_REQUEST, detail, field, expect);
}

/* Puts the members into their places; one that stands twice counts for none, an id least of all. */
static void
sort_members(const struct json *object, const struct json *members[MEMBER_COUNT],
             struct rpc_request *request)
{
	unsigned seen = 0;
	for (const struct json *m = json_first(object); m; m = json_next(m)) {
		unsigned at = find(json_name(m));
		if (at == MEMBER_COUNT) {
			broken(request, D_UNKNOWN, refusal_name(json_name(m)), TEXT("jsonrpc, id, method, params"));
			continue;
		}
		if (seen >> at & 1)
			broken(request, D_DUPLICATE, text_of(names[at]), (struct text){ 0 });
		members[at] = seen >> at & 1 ? NULL : m;
		seen |= 1u << at;
	}
}

static bool
id_usable(const struct json *id)
{
	int64_t number;
	if (!id)
		return false;
	return json_type(id) == JSON_STRING ? json_text(id).len <= RPC_ID_MAX : json_int(id, &number);
}

static void
read_request(const struct json *value, struct arena *arena, struct rpc_request *request)
{
	const struct json *members[MEMBER_COUNT] = { 0 };
	struct text none = { 0 };
	*request = (struct rpc_request){ .id = TEXT("null") };
	if (json_type(value) != JSON_OBJECT) {
		broken(request, DETAIL_NONE, none, none);
		return;
	}
	sort_members(value, members, request);
	if (id_usable(members[ID])) {
		struct buf id = { 0 };
		json_write(&id, members[ID]);
		request->id = arena_text(arena, buf_view(&id));
		buf_free(&id);
	}
	const struct json *version = members[JSONRPC], *method = members[METHOD];
	if (!version || !text_is(json_text(version), "2.0"))
		broken(request, D_VERSION, text_of(names[JSONRPC]), none);
	if (!id_usable(members[ID]))
		broken(request, D_ID, text_of(names[ID]), none);
	if (!method || !json_text(method).ptr)
		broken(request, D_METHOD, text_of(names[METHOD]), none);
	if (members[PARAMS] && json_type(members[PARAMS]) != JSON_OBJECT)
		broken(request, D_PARAMS, text_of(names[PARAMS]), none);
	if (request->error)
		return;
	request->method = json_text(method);
	request->params = members[PARAMS];
}

size_t
rpc_parse(struct text frame, struct arena *arena, struct rpc_request **ret_requests,
          bool *ret_batch, struct refusal *ret_refusal)
{
	struct text none = { 0 };
	const struct json *root = NULL;
	if (frame.len > RPC_BYTES_MAX)
		refuse(ret_refusal, E_REQUEST, D_TOO_LARGE, none, none);
	else if (!(root = json_parse(frame, arena, NULL)))
		refuse(ret_refusal, E_PARSE, DETAIL_NONE, none, none);
	if (!root)
		return 0;
	bool batch = json_type(root) == JSON_ARRAY;
	size_t count = batch ? json_count(root) : 1;
	if (!count || count > RPC_BATCH_MAX) {
		refuse(ret_refusal, E_REQUEST, D_BATCH, none, none);
		return 0;
	}
	struct rpc_request *requests = arena_array(arena, count, sizeof *requests);
	const struct json *value = batch ? json_first(root) : root;
	for (size_t i = 0; i < count; i++, value = batch ? json_next(value) : NULL)
		read_request(value, arena, &requests[i]);
	*ret_requests = requests;
	*ret_batch = batch;
	return count;
}

static void
answer(struct buf *buf, struct text id, const char *member)
{
	buf_str(buf, "{\"jsonrpc\":\"2.0\",\"id\":");
	buf_text(buf, id);
	buf_str(buf, member);
}

void
rpc_result(struct buf *buf, struct text id)
{
	answer(buf, id, ",\"result\":");
}

void
rpc_error(struct buf *buf, struct text id, const struct refusal *refusal, enum lang lang)
{
	answer(buf, id, ",\"error\":");
	refusal_print(buf, refusal, lang);
	rpc_end(buf);
}

void
rpc_end(struct buf *buf)
{
	buf_byte(buf, '}');
}
