/* Text on the pages of a PDF: lines laid out by pango, page after page. Lengths are in points. */
#ifndef CLIENTS_PRINT_FLOW_H
#define CLIENTS_PRINT_FLOW_H

#include "clients/print_page.h"

#include <pango/pangocairo.h>

struct flow {
	const struct page *page;
	cairo_t *cr;
	PangoContext *context;
	PangoFontDescription *font;
	double left, width, top, bottom;    /* of the text on every page */
	double y;                           /* where the next thing goes */
	int number;                         /* of the page */
	int missing;                        /* characters no font has */
};

/* How a text looks beside its spans' own styles. */
struct look {
	double width, indent, scale;        /* indent: of the first line; scale 0: 1 */
	enum align align;
	bool bold, tight;                   /* tight: without room between the lines */
};

double flow_mm(double mm);

/* Borrows surface and page. */
void flow_open(struct flow *, cairo_surface_t *, const struct page *);
void flow_close(struct flow *);         /* with the last page shown */
void flow_new_page(struct flow *);
bool flow_at_top(const struct flow *);

PangoLayout *flow_layout(struct flow *, const struct span *, const struct look *);  /* g_object_unref() */
int flow_lines(PangoLayout *);
double flow_height(PangoLayout *, int from, int to);        /* of the lines from, ..., to - 1 */
int flow_fit(PangoLayout *, int from, double room);         /* how many lines behind `from` have room */
/* The line `from` has its upper edge at y. */
void flow_draw(struct flow *, PangoLayout *, double x, double y, int from, int to);
void flow_line(struct flow *, double x1, double y1, double x2, double y2, double width);

#endif
