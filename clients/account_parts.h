/* What the parts of `ocop account` share: what was asked for, key pairs, and the two files. */
#ifndef CLIENTS_ACCOUNT_PARTS_H
#define CLIENTS_ACCOUNT_PARTS_H

#include "clients/settings.h"
#include "clients/whole_file.h"
#include "proto/account.h"

struct account_words {
	const char *name, *roles, *commune, *member, *title, *unix_user, *accounts, *secret;
	bool no_key, yes;
	const struct settings *settings;
};

struct key_pair {
	char public_key[LINK_KEY_LEN + 1], secret_key[LINK_KEY_LEN + 1];
};

/* Exit codes, with what is wrong on standard error. */
int account_list(const struct account_words *, struct arena *);
int account_remove(const struct account_words *, struct arena *);
int account_rotate(const struct account_words *, struct arena *);
int account_failed(const char *file, int e);    /* e: -errno of a file that can't be written */

int account_keys(struct key_pair *ret);         /* 0 or an exit code */
/* Sixteen hex digits that two people can compare: of b2sum -l 256 of the public key's text. */
struct text account_fingerprint(struct text public_key, struct arena *);

const char *account_path(const struct account_words *, struct arena *); /* of its file */
/* The secret's file, to be finished by whole_end: not yet in its place. 0 or -errno. */
int account_secret_begin(const struct account_words *, const struct key_pair *, struct arena *, struct whole_file *ret);
/* "account NAME: ..." or its JSON. */
void account_print_done(const struct account_words *, const struct key_pair *, const char *file, struct arena *);

#endif
