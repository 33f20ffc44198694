/* The journal's parts: lines, segment files, the folder; private to journal*.c.
 *
 * Faults are -errno; -EILSEQ comes with a line for the administrator in `why`. */
#ifndef DAEMON_JOURNAL_SEGMENT_H
#define DAEMON_JOURNAL_SEGMENT_H

#include "daemon/journal.h"

enum {
	LINE_PREFIX = HASH_LEN + 1,     /* the hash and a space, before the text */
	LINE_EXTRA = LINE_PREFIX + 1,   /* and the newline behind it */
	SECTOR_BYTES = 512,             /* the least a disk writes whole or not at all */
	BLOCK_BYTES = 1 << 20,          /* of reading and copying */
	SEGMENT_NAME_LEN = 32,
	ABOUT_NAME_LEN = 32
};

/* A good line. Texts are borrowed until the next line is read. */
struct line {
	struct text text;
	uint64_t sequence;
	struct text prevhash, time;
	char hash[HASH_LEN + 1];
};

/* Is `raw`, HASH TEXT without the newline, a good line? */
bool line_parse(struct text raw, struct line *ret);
/* Moves the tail on by a line; false where the line does not follow it. */
bool line_follow(struct journal_tail *, const struct line *);

/* Whole or a fault: short counts go on, EINTR is tried again. */
int file_write(int fd, const void *bytes, size_t len, size_t at);
int file_read(int fd, void *bytes, size_t len, size_t at);
int file_zero(int fd, size_t from, size_t to);
int file_sync(int fd);                          /* fdatasync */

/* The folder: opened, made with mode 0700 where `make` and it is not there. */
int folder_open(const char *dir, bool make, int *ret_fd);
int folder_sync(int dir_fd);
int folder_sync_parent(int dir_fd);
/* The highest segment there is, 0 for none. -EILSEQ where one before it is missing. */
int folder_list(const char *dir, int dir_fd, uint32_t *ret_last, struct buf *why);
/* -ENOENT: there is none. -EINVAL: it is of another source than this one (absent: of any). */
int about_load(const char *dir, int dir_fd, struct text source, char ret_name[ABOUT_NAME_LEN + 1], struct buf *why);
int about_make(int dir_fd, struct text source, char ret_name[ABOUT_NAME_LEN + 1]);
int about_copy(int from_fd, int to_fd);

struct segment {
	const char *dir;                        /* borrowed, for messages */
	uint32_t number;
	int fd;                                 /* -1: not open */
	size_t size;
};

void segment_name(uint32_t number, char out[SEGMENT_NAME_LEN]);
int segment_open(const char *dir, int dir_fd, uint32_t number, bool read_only, struct segment *ret);
void segment_close(struct segment *);
/* Behind the last byte that is not zero. */
int segment_extent(const struct segment *, size_t *ret_end);
/* The line that ends right before `end`, into `window`. 1, 0 where `end` is 0, or a fault;
 * -EILSEQ where no good line ends there. */
int segment_line_before(const struct segment *, size_t end, struct buf *window, struct line *ret,
                        struct buf *why);
/* Checks all lines behind *tail, which moves on to the last good one. *ret_end is where that one
 * ends, *ret_torn how many bytes of a torn tail follow. */
int segment_check(const struct segment *, struct journal_tail *tail, size_t *ret_end,
                  size_t *ret_torn, struct buf *why);
/* Copies the first `len` bytes to a new file, zero-filled to the segment's size and synced. */
int segment_copy(const struct segment *, size_t len, int dir_fd);

/* Reads lines forward, in big blocks. */
struct reader {
	const struct segment *segment;
	size_t limit;                           /* where text ends at the latest */
	size_t base, at; /* of the window in the segment, of the next line in the window */
	uint64_t line; /* number of the last line read; 0 where it is not known */
	struct buf window;
};

enum { READ_END, READ_GOOD, READ_BAD };

void reader_init(struct reader *, const struct segment *, size_t from, size_t limit);
void reader_clear(struct reader *);
/* READ_GOOD and the next line; READ_END at a zero byte or the limit; READ_BAD where something else
 * stands there, which the reader does not pass; or a fault. */
int reader_next(struct reader *, struct line *ret);
void reader_back(struct reader *, const struct line *); /* before the line just read */
size_t reader_offset(const struct reader *);    /* of the next line, in the segment */
/* -EILSEQ, with a line about the place where the reader stands. */
int reader_damage(const struct reader *, const char *what, struct buf *why);

/* What of the batch goes into one segment. The first part is in the present one. */
struct part {
	struct segment segment;
	size_t offset;                  /* in the segment */
	size_t start;                   /* in the batch; it ends where the next part starts */
};

struct journal {
	char *dir;
	int dir_fd;
	bool read_only;
	int fault;                      /* once the outcome of a write is unknown: for ever */
	size_t segment_bytes;
	char name[ABOUT_NAME_LEN + 1];
	struct journal_tail synced, tail;

	struct segment present;         /* where the last synced line is, or the next one will be */
	size_t used;                    /* of it, synced */
	uint64_t closed_bytes;          /* of the segments before it */
	uint32_t last;                  /* the highest segment there is, filled and named */

	struct buf batch;
	struct part *parts;
	size_t part_count, part_cap;

	struct segment next;            /* last + 1 while it is being filled */
	size_t filled;

	struct segment older;           /* the one journal_read had to open last */
	size_t cut;
	uint64_t syncs, writes;
};

void segment_next_name(uint32_t number, char out[SEGMENT_NAME_LEN]);
/* Fills the next segment by up to `bytes`; a full one gets its name, and `last` moves on. */
int segment_fill(struct journal *, size_t bytes, bool *ret_done);

#endif
