/* Accounts: who a key or a Unix user is, and what it may do. A folder of NAME.account files (ZPL,
 * PROTOCOL 1), read again whenever something in it changes. */
#ifndef DAEMON_ACCESS_H
#define DAEMON_ACCESS_H

#include "daemon/workflow.h"
#include "proto/account.h"

enum { KEY_BYTES = ACCOUNT_KEY_BYTES, KEY_Z85 = ACCOUNT_KEY_Z85 };

struct account {
	struct actor actor;         /* account: its name */
	struct text title;
	bool has_key;
	uint8_t key[KEY_BYTES];     /* CURVE public key */
	bool has_uid;
	uint32_t uid;
};

struct access;

/* Never fails for what is in the folder: broken files are told by access_broken and leave the
 * others in force. < 0 only where the folder can't be read at all. The programme is asked whether
 * communes and seats exist (on the day of loading). */
int access_open(const char *dir, const struct programme *, struct access **ret);
void access_close(struct access **);

int access_fd(const struct access *);           /* readable when something in the folder has changed */
/* Look again (cheap when nothing changed). Returns whether anything did. */
bool access_refresh(struct access *);
/* Reads the folder again whatever the watch says (SIGHUP). Returns whether that was possible. */
bool access_reload(struct access *);

/* Reads the folder again under another programme; the one before is not asked any more. */
void access_set_programme(struct access *, const struct programme *);

/* Both NULL where nobody is known. Constant time over the keys. Borrowed until access_refresh. */
const struct account *access_by_key(const struct access *, const uint8_t key[KEY_BYTES]);
const struct account *access_by_uid(const struct access *, uint32_t uid);

size_t access_count(const struct access *);
const struct account *access_item(const struct access *, size_t);
/* One line a broken file; empty when all is well. */
struct text access_broken(const struct access *);
size_t access_broken_count(const struct access *);
/* The line of the first file that claims the key or the user of another account; absent: none does. */
struct text access_conflict(const struct access *);

#endif
