/* Where the daemon is and who asks: config files, then the environment, then options. */
#ifndef CLIENTS_SETTINGS_H
#define CLIENTS_SETTINGS_H

#include "clients/link.h"
#include "proto/errors.h"
#include "proto/zpl.h"

struct settings {
	const char *endpoint, *key_file, *server;
	enum lang lang;
	int64_t timeout_ms;
	bool json, quiet;
	bool dry_run;               /* what would happen; nothing is done */
	const char *request_key;    /* NULL: a fresh one for every write */
	const char *from;           /* --from; NULL: none, "-": standard input */
};

/* Defaults, /etc/ocop/ocop.cfg, ~/.config/ocop/ocop.cfg, environment: the later wins. Everything
 * lives in the arena. false where a file that is there can't be used, with complaints. */
bool settings_load(struct settings *ret, struct arena *, struct complaints *);
bool settings_lang(struct text word, enum lang *ret);

/* The key pair of a file as `ocop account add` and czmq's certificates write it: public-key and
 * secret-key, at the top or below `curve`. false with complaints. */
bool settings_key(const char *file, struct arena *, struct complaints *, struct link_target *ret);

#endif
