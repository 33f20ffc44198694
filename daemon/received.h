/* How many bytes came in over each connection, also those libzmq has read and keeps to itself because
 * their message is not whole yet: neither a high-water mark nor the kernel tells of these.
 *
 * libzmq reads with recv(); this file defines a recv() of its own that counts and goes on to the
 * kernel. One counter a descriptor, for the whole process. */
#ifndef DAEMON_RECEIVED_H
#define DAEMON_RECEIVED_H

#include <stdbool.h>
#include <stdint.h>

enum { RECEIVED_FDS_MAX = 65536 };

/* A descriptor that becomes readable when this much has come in since the last received_look; or
 * -errno. The caller closes it with received_close. */
int received_open(uint64_t alarm_bytes);
void received_close(int fd);
/* Ends the alarm, and the next one counts from here. */
void received_look(int fd);

/* Ends the connection when received_bytes has reached this: libzmq then reads as if the peer had gone.
 * Set anew for whoever has the descriptor next. */
void received_cap(int fd, uint64_t bytes);
/* All that ever came in over this descriptor, whoever had it; 0 beyond RECEIVED_FDS_MAX. */
uint64_t received_bytes(int fd);

#endif
