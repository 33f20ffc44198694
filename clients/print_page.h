/* A paper as its lines say it, and as it is drawn.
 *
 * One line is one paragraph. Before each stands its number in the template's file and a tab.
 *
 *	@title TEXT                 what the file is called
 *	@font FAMILY SIZE           in points
 *	@margins TOP RIGHT BOTTOM LEFT      in mm; the paper is A4
 *	@footer TEXT                small, at the foot of every page
 *	@space MM   @break          room; a new page
 *	@table 8c 60 32r            a framed table: the columns' widths in percent, each with l, c, r or j
 *	@columns 40 60              the same without frame, centred, never broken over pages
 *	|= TT | Tên |               a row of the table's head, repeated on every page
 *	| 1 | Cà phê |              a row; a cell of --- is a short rule; @space makes room between rows
 *	= TEXT                      a title; ^ centred; < flush left; - with a dash before it
 *	TEXT                        a paragraph, both sides flush, its first line indented
 *
 * **bold**, //italic//, __underlined__, ~~small~~; a backslash takes from the next character what it means here.
 * An empty line ends a table. */
#ifndef CLIENTS_PRINT_PAGE_H
#define CLIENTS_PRINT_PAGE_H

#include "proto/mem.h"
#include "proto/zpl.h"

enum { SPAN_BOLD = 1, SPAN_ITALIC = 2, SPAN_UNDERLINE = 4, SPAN_SMALL = 8, PAGE_COLUMNS_MAX = 16 };

struct span {
	struct text text;
	unsigned style;             /* of SPAN_ bits */
	struct span *next;
};

enum align { ALIGN_JUSTIFY, ALIGN_LEFT, ALIGN_CENTRE, ALIGN_RIGHT };

struct cell {
	struct span *spans;
	bool rule;                  /* a short line instead of text */
};

struct row {
	bool head;
	int space;                  /* mm; a row of nothing else where it is not 0 */
	struct cell *cells;         /* as many as the table has columns */
	struct row *next;
};

enum piece_kind { PIECE_TITLE, PIECE_PARAGRAPH, PIECE_CENTRED, PIECE_FLUSH, PIECE_DASH, PIECE_TABLE, PIECE_SPACE, PIECE_BREAK };

struct piece {
	enum piece_kind kind;
	struct span *spans;         /* of all kinds of text */
	int space;                  /* PIECE_SPACE: mm */
	bool framed;                /* PIECE_TABLE: and the others below */
	size_t columns;
	int widths[PAGE_COLUMNS_MAX];   /* percent, together 100 */
	enum align aligns[PAGE_COLUMNS_MAX];
	struct row *rows;           /* the head first */
	struct piece *next;
};

enum { TOP, RIGHT, BOTTOM, LEFT };

struct page {
	const char *family;         /* the font's, NUL-terminated */
	int size;                   /* points */
	int margins[4];             /* mm */
	struct text title;
	struct span *footer;        /* NULL: none */
	struct piece *pieces;
};

/* Lives in the arena. NULL with complaints under the file's name. */
const struct page *page_parse(const char *file, struct text lines, struct arena *, struct complaints *);
/* Writes a value so that it means nothing but itself; its line feeds become breaks within a line. */
void page_write_value(struct buf *, struct text value);
/* The spans' text alone. */
struct text page_text(const struct span *, struct arena *);

#endif
