/* Whose requests are decided next: messages wait here in the order they came, and each turn takes some.
 *
 * As long as all of them fit into a turn, they are taken as they stand. Where somebody else waits, an
 * account has at most `share` of a turn (LIMIT_IN_FLIGHT), and where the work is heavy a turn takes
 * fewer, the first of every account before the second of any: so nobody waits for more than a little
 * of what the others ask. The requests of one account stay in order. There is room for one turn; what
 * is not taken stays in libzmq, which takes from every connection in turn and stops reading a
 * connection that has too much. */
#ifndef DAEMON_TURNS_H
#define DAEMON_TURNS_H

#include "daemon/access.h"
#include "daemon/message.h"

enum { TURN_MAX = 256 };

struct turns;

struct turns *turns_new(uint64_t share);
void turns_free(struct turns **);

/* An empty message to be filled; NULL: no room. Once it is, turns_add puts it behind the others. */
struct message *turns_room(struct turns *);
void turns_add(struct turns *);
size_t turns_count(const struct turns *);
size_t turns_bytes(const struct turns *);

struct turn {
	struct message *message;
	const struct account *account;      /* NULL: nobody we know */
};

/* Takes the next ones out, at most TURN_MAX; `who` is asked for each message that waits. Messages and
 * accounts are borrowed until turns_done. *ret_put_off: how many had to stay for the first time because
 * their account has its share. */
typedef const struct account *turns_who(void *context, const struct message *);
size_t turns_take(struct turns *, turns_who *, void *context, struct turn *ret, size_t *ret_put_off);
/* They are dealt with, in so much work; their messages are cleared. */
void turns_done(struct turns *, int64_t work_us);

#endif
