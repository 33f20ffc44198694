/* Tables on the pages of a PDF. */
#ifndef CLIENTS_PRINT_TABLE_H
#define CLIENTS_PRINT_TABLE_H

#include "clients/print_flow.h"

/* From flow->y on; rows go over to the next page whole where a page holds them, the head stands on
 * each. `reserve` is the room to be left behind the last row, for what may not stand alone. */
void table_draw(struct flow *, const struct piece *, double reserve);
double table_lead(struct flow *, const struct piece *);     /* its head and its first row */
double table_height(struct flow *, const struct piece *);   /* where nothing breaks it */

#endif
