/* One message of the commands socket: envelope, request, sender; and the way back. */
#ifndef DAEMON_MESSAGE_H
#define DAEMON_MESSAGE_H

#include "proto/errors.h"

#include <zmq.h>

enum { SENDER_MAX = 255 };

struct message {
	void *router;               /* where it came from */
	zmq_msg_t *envelope;        /* routing id and every frame up to and including the first empty one */
	size_t count, room;
	zmq_msg_t body;
	size_t bytes;               /* of all frames */
	size_t wire_bytes;          /* with what the transport puts around them */
	enum detail wrong;          /* DETAIL_NONE: a request; else why it is refused */
	int fd;                     /* of its connection; -1: not known */
	char user_id[SENDER_MAX + 1], peer_address[SENDER_MAX + 1]; /* "" where there is none */
};

/* Takes the next message off a ROUTER. false where none waits. A message without a delimiter can
 * not be answered: it is taken off, *ret_dropped counts it, and the next one is looked at. One of more
 * than `frames_max` frames is refused. */
bool message_receive(void *router, bool curve, struct message *, uint64_t frames_max, uint64_t *ret_dropped);
struct text message_body(const struct message *);
/* Sends the answer; the envelope is used up. false where the sender is gone or does not read. */
bool message_answer(struct message *, struct text answer);
/* Hands everything over; `to` holds nothing, and `from` holds nothing after it. */
void message_move(struct message *to, struct message *from);
/* Gives back what is held; the memory is kept for the next message. */
void message_clear(struct message *);
void message_free(struct message *);

/* The Unix user of a Peer-Address: "HOST:UID:GID:PID", where HOST may itself hold colons. */
bool message_uid(const char *peer_address, uint32_t *ret_uid);

#endif
