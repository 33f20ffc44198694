/* One account file (PROTOCOL 1): every line of it checked, but for what only a programme can tell,
 * whether its commune and its seat exist. No folder, no watching. */
#ifndef PROTO_ACCOUNT_H
#define PROTO_ACCOUNT_H

#include "proto/zpl.h"

enum { ACCOUNT_KEY_BYTES = 32, ACCOUNT_KEY_Z85 = 40, ACCOUNT_NAME_MAX = 64 };

/* Everything lives in the arena. What the file does not have is absent. */
struct account_file {
	struct text name;
	struct text title;          /* the name, where it has none */
	unsigned roles;             /* 1 << enum role */
	struct text commune, member, curve_key, unix_user;
	bool has_key, has_uid;
	uint8_t key[ACCOUNT_KEY_BYTES];
	uint32_t uid;
	const struct zpl *section;  /* its lines */
};

/* Can an account have this name? */
bool account_name_good(struct text name);
/* Is this the name of an account file? Then *ret_account is the account's name within it. */
bool account_file_name(const char *file, struct text *ret_account);
/* Reads the file `file` of an opened folder. false with complaints (at least one). */
bool account_file_load(int dir_fd, const char *file, struct arena *, struct complaints *, struct account_file *ret);

#endif
