/* A mail: its text after RFC 5322 and MIME, and the two ways to hand it over. */
#ifndef CLIENTS_NOTIFY_MAIL_H
#define CLIENTS_NOTIFY_MAIL_H

#include "clients/notify_config.h"

struct mail {
	const char *from, *to;      /* bare addresses */
	struct text subject;        /* UTF-8, one line */
	struct text body;           /* UTF-8, line feeds */
	const char *id;             /* left half of the Message-ID: the same for the same event */
	const char *type;           /* of the event */
	int64_t time_ms;            /* of the event, so that a repeat is the same mail */
};

/* The whole message with CRLF, pure ASCII. */
void mail_write(struct buf *, const struct mail *);

/* Hands it over; false with the reason. */
bool mail_send(const struct notify_mail *, const struct mail *, int stop_fd, struct buf *ret_why);

#endif
