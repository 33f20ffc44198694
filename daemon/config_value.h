/* Values of settings: sizes, endpoints, clocks; config.c's helper. False where it is none. */
#ifndef DAEMON_CONFIG_VALUE_H
#define DAEMON_CONFIG_VALUE_H

#include "proto/mem.h"

bool config_size(struct text, uint64_t *ret);           /* "64M": a whole number, maybe with K, M, G */
bool config_number(struct text, uint64_t *ret);         /* "64": a whole number */
bool config_is_endpoint(struct text);                   /* tcp://ADDRESS:PORT */
bool config_clock(struct text, int64_t *ret_ms);        /* "simulated:" and an RFC 3339 time or a day */

#endif
