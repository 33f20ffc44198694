/* The daemon's settings: config.def lists each once; a ZPL file, then options of the same name
 * that win over it. */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include "daemon/inherited.h"
#include "daemon/limits.h"
#include "proto/zpl.h"

enum config_mode { MODE_RUN, MODE_CHECK, MODE_VERIFY, MODE_REBUILD, MODE_KEY, MODE_HELP, MODE_VERSION };

enum { ENDPOINTS_MAX = 8 };     /* of each kind */

struct config {
	enum config_mode mode;
	const char *file;               /* --config; NULL: none */
	const char *programme, *state, *accounts, *run, *server_key, *backup; /* NULL: not set */
	const char *commands[ENDPOINTS_MAX], *events[ENDPOINTS_MAX]; /* tcp endpoints */
	size_t command_count, event_count;
	const char *credential;         /* not a setting: the server's key as the service manager passes it; NULL: not */
	const struct inherited *inherited; /* not a setting: listeners passed at the start; NULL: none */
	bool simulated;
	int64_t clock_ms;               /* of --clock simulated:TIME */
	size_t backup_keep, segment_bytes, preallocate_bytes, reserve_bytes;
	size_t limits[LIMIT_COUNT];
};

/* 0; or 64 (options) or 78 (file, or what is missing for the mode) with what is wrong and what
 * would be right in *complaints. */
int config_load(int argc, char **argv, struct arena *, struct config *ret, struct complaints *);
/* Is anything served over tcp? */
bool config_network(const struct config *);
/* The page of --help. Here and in complaints: Vietnamese where LC_ALL, LC_MESSAGES or LANG says so. */
void config_usage(struct buf *);

#endif
