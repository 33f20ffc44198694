/* JSON-RPC 2.0 envelopes: what stands around a method's parameters and its result. */
#ifndef PROTO_JSONRPC_H
#define PROTO_JSONRPC_H

#include "proto/codec.h"

enum { RPC_BATCH_MAX = 64, RPC_BYTES_MAX = 256 * 1024, RPC_ID_MAX = 256 };

/* One request of a frame. */
struct rpc_request {
	int error;                  /* OK, or why it is none (E_REQUEST); then `refusal` says it */
	struct refusal refusal;
	struct text id;             /* as JSON text, ready to be echoed; "null" where it is not usable */
	struct text method;
	const struct json *params;  /* an object, or NULL where absent */
};

/* Reads a frame. Returns the number of requests (1 to RPC_BATCH_MAX) put into *ret_requests
 * (arena), with *ret_batch telling whether the answers go into an array; or 0 where the frame as
 * a whole is refused with *ret_refusal (E_PARSE, E_REQUEST): then the answer is one error with
 * id null. */
size_t rpc_parse(struct text frame, struct arena *, struct rpc_request **ret_requests,
                 bool *ret_batch, struct refusal *ret_refusal);

/* {"jsonrpc":"2.0","id":ID,"result": ... : the caller appends the result's JSON, then rpc_end. */
void rpc_result(struct buf *, struct text id);
void rpc_error(struct buf *, struct text id, const struct refusal *, enum lang);
void rpc_end(struct buf *);     /* closes what rpc_result opened */

#endif
