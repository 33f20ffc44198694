/* Bounds on what clients may take, and the doors they come in by. */
#ifndef DAEMON_LIMITS_H
#define DAEMON_LIMITS_H

enum limit {
#define LIMIT(symbol, word) LIMIT_##symbol,
#include "daemon/limits.def"
	LIMIT_COUNT
};

/* The listening sockets: what for, and over what. */
enum door { DOOR_COMMAND_IPC, DOOR_COMMAND_TCP, DOOR_EVENT_IPC, DOOR_EVENT_TCP, DOOR_COUNT };

#endif
