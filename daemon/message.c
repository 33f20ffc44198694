/* Messages of the commands socket: taken apart frame by frame, answered to where they came from. */
#include "daemon/message.h"

#include "proto/jsonrpc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROOM_USUAL = 9,
	/* Far too many frames are refused with an answer as well; beyond this they are none of ours. */
	ROOM_MOST = 1024,
};

static int
receive_frame(void *router, zmq_msg_t *frame)
{
	int rc;

	zmq_msg_init(frame);
	while ((rc = zmq_msg_recv(frame, router, ZMQ_DONTWAIT)) < 0 && errno == EINTR)
		;
	if (rc < 0)
		zmq_msg_close(frame);
	return rc;
}

/* A place for the next frame of the envelope; NULL where it has too many. */
static zmq_msg_t *
envelope_next(struct message *m)
{
	if (m->count == m->room) {
		size_t room = m->room ? m->room * 2 : ROOM_USUAL;
		if (room > ROOM_MOST)
			return NULL;
		zmq_msg_t *wider = xcalloc(room, sizeof *wider);
		for (size_t i = 0; i < m->count; i++) {
			zmq_msg_init(&wider[i]);
			zmq_msg_move(&wider[i], &m->envelope[i]);
			zmq_msg_close(&m->envelope[i]);
		}
		free(m->envelope);
		m->envelope = wider;
		m->room = room;
	}
	zmq_msg_init(&m->envelope[m->count]);
	return &m->envelope[m->count++];
}

static void
copy_property(const zmq_msg_t *frame, const char *name, char out[SENDER_MAX + 1])
{
	const char *value = zmq_msg_gets(frame, name);
	size_t len = value ? strlen(value) : 0;

	/* Cut short it would name somebody else. */
	if (len == 0 || len > SENDER_MAX)
		out[0] = '\0';
	else
		memcpy(out, value, len + 1);
}

/* A frame on the wire: its head, and over CURVE a command's name, a nonce, a box and a byte of flags. */
static size_t
wire_bytes(size_t len, bool curve)
{
	size_t body = len + (curve ? 33 : 0);

	return body + (body > 255 ? 9 : 2);
}

/* What is known while the frames go by. */
struct parse {
	size_t frames, behind;      /* client's frames in all; those behind the delimiter */
	bool delimited, too_large, curve;
};

static void
take_frame(struct message *m, struct parse *p, zmq_msg_t *frame)
{
	size_t len = zmq_msg_size(frame);
	zmq_msg_t *place;

	/* The first is the routing id, which is no client's. */
	if (p->frames++ > 0)
		m->wire_bytes += wire_bytes(len, p->curve);
	m->bytes += len;
	p->too_large |= len > RPC_BYTES_MAX;
	if (p->delimited) {
		if (p->behind++ == 0)
			zmq_msg_move(&m->body, frame);
		return;
	}
	if (!(place = envelope_next(m)))
		return;
	zmq_msg_move(place, frame);
	/* The routing id is never empty. */
	p->delimited = p->frames > 1 && len == 0;
}

/* One message whole. false where none waits. */
static bool
receive_one(void *router, struct message *m, struct parse *p)
{
	zmq_msg_t frame;
	bool more = true;

	while (more) {
		if (receive_frame(router, &frame) < 0)
			return false;
		more = zmq_msg_more(&frame);
		if (!more) {
			/* The routing id's frame has no metadata after a poll; the last one has. */
			copy_property(&frame, "User-Id", m->user_id);
			copy_property(&frame, "Peer-Address", m->peer_address);
			m->fd = zmq_msg_get(&frame, ZMQ_SRCFD);
		}
		take_frame(m, p, &frame);
		zmq_msg_close(&frame);
	}
	return true;
}

bool
message_receive(void *router, bool curve, struct message *m, uint64_t frames_max, uint64_t *ret_dropped)
{
	for (;;) {
		struct parse p = { .curve = curve };
		m->router = router;
		m->wrong = DETAIL_NONE;
		zmq_msg_init(&m->body);
		if (!receive_one(router, m, &p)) {
			message_clear(m);
			return false;
		}
		if (p.delimited) {
			if (p.frames - 1 > frames_max || p.behind != 1)
				m->wrong = D_FRAMES;
			else if (p.too_large)
				m->wrong = D_TOO_LARGE;
			return true;
		}
		message_clear(m);
		++*ret_dropped;
	}
}

struct text
message_body(const struct message *m)
{
	return (struct text){ zmq_msg_data((zmq_msg_t *)&m->body), zmq_msg_size(&m->body) };
}

static int
send_frame(void *router, zmq_msg_t *frame, int flags)
{
	int rc;

	while ((rc = zmq_msg_send(frame, router, ZMQ_DONTWAIT | flags)) < 0 && errno == EINTR)
		;
	return rc;
}

bool
message_answer(struct message *m, struct text answer)
{
	zmq_msg_t body;

	/* Only the first frame can be refused: libzmq then has taken nothing of the message. */
	for (size_t i = 0; i < m->count; i++)
		if (send_frame(m->router, &m->envelope[i], ZMQ_SNDMORE) < 0)
			return false;
	if (zmq_msg_init_size(&body, answer.len) < 0)
		abort();
	memcpy(zmq_msg_data(&body), answer.ptr, answer.len);
	if (send_frame(m->router, &body, 0) >= 0)
		return true;
	zmq_msg_close(&body);
	return false;
}

void
message_move(struct message *to, struct message *from)
{
	*to = *from;
	zmq_msg_init(&to->body);
	zmq_msg_move(&to->body, &from->body);
	from->envelope = NULL;
	from->count = from->room = 0;
}

void
message_clear(struct message *m)
{
	for (size_t i = 0; i < m->count; i++)
		zmq_msg_close(&m->envelope[i]);
	m->count = 0;
	m->bytes = m->wire_bytes = 0;
	zmq_msg_close(&m->body);
	if (m->room > ROOM_USUAL) {
		free(m->envelope);
		m->envelope = NULL;
		m->room = 0;
	}
}

void
message_free(struct message *m)
{
	free(m->envelope);
	*m = (struct message){ 0 };
}

bool
message_uid(const char *peer_address, uint32_t *ret_uid)
{
	const char *end = peer_address + strlen(peer_address), *at = end;
	uint64_t uid = 0;
	int colons = 0;

	while (colons < 3 && at > peer_address)
		colons += *--at == ':';
	if (colons < 3)
		return false;
	const char *digit = at + 1;
	for (; *digit >= '0' && *digit <= '9' && uid <= UINT32_MAX; digit++)
		uid = uid * 10 + (uint64_t)(*digit - '0');
	if (digit == at + 1 || *digit != ':' || uid >= UINT32_MAX)
		return false;
	*ret_uid = (uint32_t)uid;
	return true;
}
