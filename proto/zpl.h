/* ZPL, the ZeroMQ Property Language (RFC 4/ZPL), with the line of everything read.
 *
 * czmq's reader forgets line numbers and passes over malformed lines; a definition of legal
 * facts must be refused with file and line instead, hence this one. The subset: four blanks a
 * level, `name`, `name = value`, values bare or in "double" or 'single' quotes, # comments.
 * Tabs, odd indentation, a level skipped, an open quote, text behind a quote: complaints. */
#ifndef PROTO_ZPL_H
#define PROTO_ZPL_H

#include "proto/mem.h"

/* Everything lives in the arena given to zpl_load or zpl_parse. */
struct zpl {
	struct text name;           /* empty for the root */
	struct text value;          /* absent where the line has none; NUL-terminated; valid UTF-8 */
	const char *file;
	int line;
	struct zpl *child, *next;
};

/* Complaints about files, in the order found: "FILE:LINE: what is wrong; what would be right". */
struct complaints {
	struct buf text;            /* one a line */
	size_t error_at;            /* where the first error begins, if there is one */
	int errors, warnings;
};

/* The format is English, and said in the language in use (proto/i18n.h). */
void complain(struct complaints *, const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* "FILE:LINE: warning: ..." */
void complain_warning(struct complaints *, const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The root, whose children are the top-level lines; NULL where the file can't be read or has an
 * error, with complaints. Files over 4 MiB are refused. */
struct zpl *zpl_load(const char *path, struct arena *, struct complaints *);
struct zpl *zpl_parse(const char *name, struct text, struct arena *, struct complaints *);

struct zpl *zpl_find(const struct zpl *, const char *name);        /* the first child of that name, or NULL */
struct text zpl_value(const struct zpl *, const char *name);       /* of that child; absent if there is none */

#endif
