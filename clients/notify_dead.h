/* Dead letters: events that could not be delivered, each a file of its own until it could. */
#ifndef CLIENTS_NOTIFY_DEAD_H
#define CLIENTS_NOTIFY_DEAD_H

#include "clients/notify_deliver.h"

/* Makes the folder, for its owner alone, where it is missing. 0 or -errno. */
int dead_folder(const char *folder);
/* Sets the event aside: on disk when this returns 0; else -errno. The same event again replaces
 * its file: FOLDER/FEED-NUMBER.json {"event":..,"record":..,"reason":..,"delivered":[..]}. */
int dead_write(const struct delivery *, struct text reason);
/* Delivers every letter of this feed again, to all receivers of now that had not got it, and
 * removes those that succeed. The exit code: 0 where none is left. */
int dead_retry(const struct notify_config *, const struct json *labels, int stop_fd);

#endif
