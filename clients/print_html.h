/* A paper as one HTML page, without anything from elsewhere. */
#ifndef CLIENTS_PRINT_HTML_H
#define CLIENTS_PRINT_HTML_H

#include "clients/print_page.h"

void print_html(const struct page *, struct buf *out);

#endif
