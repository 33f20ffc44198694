/* The journal: the truth. An append-only text in segments, one event a line.
 *
 * A line is `HASH TEXT\n`: TEXT the exact CloudEvent, HASH the lower-case hexadecimal BLAKE2b-256
 * of TEXT (b2sum -l 256). The folder holds `journal.about` (format, name, source; made first, never
 * changed) and segments NNNNNNNN.journal, from 00000001, zero-filled to their full size before
 * they are written to, so that an append changes no metadata; the first zero byte ends a segment's
 * text. A line never crosses segments. Readable with less, grep, jq, b2sum for ever.
 *
 * One batch is one pwrite and one fdatasync (two of each where it crosses into the next segment).
 * Not answered, so not lost: a torn tail (bad hash, no newline, a hole of zeros) behind the last
 * good line is cut at open. Anything bad before a good line is an alarm, never repaired.
 *
 * Another implementation (a replicated log) can stand behind this header. */
#ifndef DAEMON_JOURNAL_H
#define DAEMON_JOURNAL_H

#include "proto/mem.h"

enum { HASH_LEN = 64 };         /* hexadecimal digits, no NUL counted */

struct journal;

struct journal_options {
	const char *dir;
	size_t segment_bytes;       /* of new segments; at least 1 MiB in production, smaller in tests */
	bool read_only;             /* verify: nothing is created, cut or filled */
	struct text source;         /* written into journal.about when it is made */
};

/* Where a line's TEXT stands. Packed into 8 bytes for the index: segment << 32 | offset. */
typedef uint64_t journal_position;

/* The end of what is on disk and good. */
struct journal_tail {
	uint64_t sequence;          /* of the last event; 0 where there is none */
	int64_t time_ms;            /* of the last event; 0 likewise */
	char hash[HASH_LEN + 1];    /* of the last event; zeros ('0' x 64) likewise */
};

/* Opens, or makes where the folder has no journal yet (unless read_only). Reads and checks the last
 * segment whole: lines, hashes, chain. 0, or < 0 with a line for the administrator in *ret_why
 * (never NULL): -EILSEQ damaged before the tail, -ENOTSUP a newer format, else -errno. */
int journal_open(const struct journal_options *, struct journal **ret, struct buf *ret_why);
void journal_close(struct journal **);

const char *journal_name(const struct journal *);       /* random, 32 hex digits, given when it was made */
struct journal_tail journal_tail(const struct journal *); /* including what is appended and not yet synced */
size_t journal_cut(const struct journal *);              /* bytes cut off as a torn tail at open */

/* Append one event's text to the batch in memory; it becomes the tail at once (its hash is the
 * next event's prevhash). `sequence` must be tail + 1. Nothing reaches the disk before
 * journal_sync. Returns where the text will stand, or 0 with -errno in *ret_fault where there is
 * no room and no next segment can be made (ENOSPC: the batch must be dropped). */
journal_position journal_append(struct journal *, uint64_t sequence, int64_t time_ms, struct text event, int *ret_fault);
/* Write and fdatasync what was appended. 0; -ENOSPC: there was no room and nothing of it is on disk,
 * drop it; else < 0: the outcome is unknown, end the process. */
int journal_sync(struct journal *);
/* Forget what was appended since the last sync; the tail goes back. */
void journal_drop(struct journal *);
/* Fill the next segment ahead by up to `bytes`; called between batches. Failure is kept for
 * journal_append to tell. Returns whether there is more to fill. */
bool journal_prepare(struct journal *, size_t bytes);

/* The text at a position, synced or not. Appends it to `out`. 0 or -errno, -EILSEQ on a bad hash. */
int journal_read(struct journal *, journal_position, struct buf *out);

/* Walk all events behind sequence `after` (0: all), checking sequence, hash and chain, until
 * `visit`, given the text and its hash (HASH_LEN digits), returns non-zero (passed on). 0 at the end; -EILSEQ with a line in *ret_why. The walk
 * begins at `from` where that is not 0: the position of event after + 1. */
typedef int journal_visit(void *context, uint64_t sequence, journal_position, const char *hash, struct text event);
int journal_walk(struct journal *, uint64_t after, journal_position from, journal_visit *, void *context, struct buf *ret_why);

/* Figures for server.status and the bench. */
struct journal_figures { uint64_t segments, bytes_used, file_bytes, syncs, writes; };
struct journal_figures journal_figures(const struct journal *);

/* Copy the journal as it is on disk into a new folder (made, synced). 0 or -errno. */
int journal_copy(struct journal *, const char *dir);

/* BLAKE2b-256 of a text, in hexadecimal, NUL-terminated. */
void journal_hash(struct text, char out[HASH_LEN + 1]);

/* The facts every event line begins with, read without decoding the rest; false where the text is
 * not one of our events. */
bool journal_peek(struct text event, uint64_t *ret_sequence, struct text *ret_prevhash);

#endif
