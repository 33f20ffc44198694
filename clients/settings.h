/* Where the daemon is and who asks: config files, then the environment, then options. */
#ifndef CLIENTS_SETTINGS_H
#define CLIENTS_SETTINGS_H

#include "clients/link.h"
#include "proto/errors.h"
#include "proto/zpl.h"

/* When to colour what is printed; auto: on a terminal, unless NO_COLOR or TERM=dumb say otherwise. */
enum colours { COLOURS_AUTO, COLOURS_ALWAYS, COLOURS_NEVER };

struct settings {
	const char *endpoint, *key_file, *server;
	enum lang lang;
	int64_t timeout_ms;
	bool json, csv, quiet;      /* of json and csv at most one */
	enum colours colours;
	bool dry_run;               /* what would happen; nothing is done */
	const char *verb;           /* the verb or command that was called; NULL: none yet */
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
