/* A paper as PDF, A4, with its fonts in it. */
#ifndef CLIENTS_PRINT_PDF_H
#define CLIENTS_PRINT_PDF_H

#include "clients/print_page.h"

/* 0, or > 0: so many characters no font of this machine has (then `out` is not to be used), or
 * -errno. */
int print_pdf(const struct page *, struct arena *, struct buf *out);

#endif
