/* The log between powercut_record.so and powercut: one record an operation that succeeded, in
 * order.
 *
 * A record is a head, then `name_len` bytes of names relative to the folder (a rename has two, with
 * a NUL between), then `data_len` bytes of data. */
#ifndef TESTS_POWERCUT_LOG_H
#define TESTS_POWERCUT_LOG_H

#include <stdint.h>

enum cut_kind {
	CUT_OPEN,   /* name is now fd; offset holds the flags below */
	CUT_WRITE,  /* data at offset of fd */
	CUT_SIZE,   /* fd has `offset` bytes now */
	CUT_EXTEND, /* fd has at least `offset` bytes now */
	CUT_SYNC,   /* fd, a file or a folder */
	CUT_RENAME,
	CUT_UNLINK,
	CUT_NOTE /* data: lines "B N", sequences up to N may exist from now on, and "A N",
	            acknowledged up to N */
};

enum { CUT_CREATED = 1, CUT_TRUNCATED = 2, CUT_DSYNC = 4, CUT_FOLDER = 8 };

struct cut_head {
	uint32_t kind, fd;
	uint64_t offset;
	uint32_t name_len, data_len;
};

/* The environment of a recorded program. The first three are absolute paths without links. */
#define CUT_ENV_DIR   "POWERCUT_DIR"   /* what is recorded: files under this folder */
#define CUT_ENV_LOG   "POWERCUT_LOG"   /* where: opened for appending */
#define CUT_ENV_NOTES "POWERCUT_NOTES" /* what is written to this file by write(2) becomes a note */
#define CUT_ENV_KILL  "POWERCUT_KILL"  /* kills the program after so many records */

#endif
