/* UTF-8: is it valid, and its folded and composed forms. */
#ifndef PROTO_UTF8_H
#define PROTO_UTF8_H

#include "proto/mem.h"

bool utf8_valid(struct text);
/* The offset of the first byte that is not UTF-8; the text's length where all is. */
size_t utf8_fault(struct text);
/* Folded for search: decomposed (NFD), marks dropped, lower case, đ and Đ to d, apostrophes of all
 * kinds dropped (Ea H'leo, M’Đrắk), every run of other characters one space, no space at the ends.
 * "Cà phê  Ea H’leo" gives "ca phe ea hleo". Letters and digits of other scripts are kept.
 * Invalid UTF-8 gives the empty text. */
struct text utf8_fold(struct text, struct arena *);
/* Composed (NFC): one character where there is one, "ế" and not e with two marks. Invalid UTF-8 comes
 * back as it is. */
struct text utf8_compose(struct text, struct arena *);
/* Columns on a terminal (wide characters count two, marks none). */
size_t utf8_width(struct text);

#endif
