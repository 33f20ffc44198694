/* The state: ordered tables of bytes, in one environment, with one writer. Projections of the
 * journal; everything here can be made anew from it.
 *
 * store.c keeps them in LMDB (the one file with lmdb.h), tests/store_mem.c in memory with a fault
 * countdown; both stand behind this header. Keys are 1 to 511 bytes, ordered bytewise; no
 * duplicates.
 *
 * One transaction at a time, always able to write: begin, then commit or abort. It is sticky:
 * after the first fault every call is a no-op (get and seek find nothing) and commit aborts and
 * returns that fault. What get, seek and next return is borrowed until the next put or del on
 * the store (so it can't be an argument of that) or the transaction's end. */
#ifndef DAEMON_STORE_H
#define DAEMON_STORE_H

#include "proto/mem.h"

enum store_table {
	TABLE_META,     /* one row: what has been applied (engine.c, struct applied) */
	TABLE_DOSSIER,  /* id -> packed record */
	TABLE_EVENT,    /* sequence -> position, the dossier's event before it, type, commune */
	TABLE_INDEX,    /* term, id -> nothing (terms.c) */
	TABLE_COUNT,    /* figure -> 8 bytes (terms.c) */
	TABLE_KEY,      /* hash of account and key -> sequence, hash of the content */
	TABLE_FEED,     /* account, NUL, feed -> packed feed (feed.c) */
	TABLE_TOTAL
};

struct store;

struct store_options {
	const char *dir;
	size_t preallocate_bytes;   /* of the data file, ahead of what is in use; 0: what is needed at the moment */
	bool read_only;
};

/* Opens, or makes (aside, synced, renamed: a cut leaves no half-made file). 0 or < 0: -errno,
 * -EILSEQ for a file that is none of ours or too short for what its meta page claims. */
int store_open(const struct store_options *, struct store **ret);
void store_close(struct store **);              /* does not sync */

int store_begin(struct store *);                /* 0 or the fault, which commit would return too */
/* MDB_NOSYNC: whole after a crash of the process, not of the machine. 0, or < 0 and nothing was
 * changed: -EXFULL (-54) the map is full: store_grow, then do the whole transaction again; any
 * other: end the process and catch up from the journal. */
int store_commit(struct store *);
void store_abort(struct store *);
int store_fault(const struct store *);          /* of the open transaction; 0 is none */
/* A longer file and map; no transaction may be open. The map covers what has its place on disk: where
 * there is no room this fails (-ENOSPC, -EDQUOT, -EFBIG) before anything was written, and reads go on. */
int store_grow(struct store *);
/* Lets the map have the last of the file as well, for a transaction that must not fail any more. Then it
 * is stretched until a store_grow succeeds: no other transaction may begin that writes. */
int store_stretch(struct store *);
bool store_stretched(const struct store *);
/* Between transactions: half of preallocate_bytes used up, so allocates anew. 0, or < 0: no room now. */
int store_prepare(struct store *);
int store_sync(struct store *);                 /* everything committed is on disk */

/* false where there is none. */
bool store_get(struct store *, enum store_table, struct text key, struct text *ret_value);
void store_put(struct store *, enum store_table, struct text key, struct text value);
/* Key known to be behind all others of the table (sequences): cheaper. */
void store_append(struct store *, enum store_table, struct text key, struct text value);
void store_del(struct store *, enum store_table, struct text key);   /* absent: no fault */
void store_clear(struct store *, enum store_table);                  /* all rows of the table */
/* The first row at or behind `key` (the empty key: of all); then the one after it. One cursor a
 * table: a put or del on that table, or another seek, loses it, and store_next asserts it is there. */
bool store_seek(struct store *, enum store_table, struct text key, struct text *ret_key, struct text *ret_value);
bool store_next(struct store *, enum store_table, struct text *ret_key, struct text *ret_value);

/* `steps`: rows looked at by seek and next. */
struct store_figures { uint64_t map_bytes, used_bytes, file_bytes, rows[TABLE_TOTAL], puts, commits, steps; };
struct store_figures store_figures(struct store *);
/* A hot, compact copy of what is committed into a new folder, mode 0600, synced; an open
 * transaction is not in it, and not disturbed. */
int store_copy(struct store *, const char *dir);

#endif
