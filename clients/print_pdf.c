/* A paper as PDF, A4, with its fonts in it. */
#include "clients/print_pdf.h"

#include "clients/print_table.h"
#include "proto/version.h"

#include <cairo-pdf.h>
#include <errno.h>

static const double paper_width_mm = 210, paper_height_mm = 297;
static const double paragraph_gap = 5, table_gap = 6, title_scale = 1.08;
static const double indent_mm = 10, dash_mm = 4;

/* A heading, or a line that leads to what follows. */
static bool
leads(const struct piece *p)
{
	const struct span *last = p->spans;
	while (last && last->next)
		last = last->next;
	return last && ((last == p->spans && last->style & SPAN_BOLD) || last->text.ptr[last->text.len - 1] == ':');
}

/* The room to be left behind a piece, for what may not stand alone: the signatures, or what a line
 * leads to. */
static double
reserve_for(struct flow *f, const struct piece *p)
{
	const struct piece *next = p->next;
	while (next && next->kind == PIECE_SPACE)
		next = next->next;
	bool table = next && next->kind == PIECE_TABLE;
	double height = 0;
	if (table && !next->framed)
		height = table_height(f, next) + 2 * table_gap;
	else if (table && leads(p))
		height = table_lead(f, next);
	else if (next && next->kind != PIECE_BREAK && leads(p))
		height = 2.5 * f->page->size;
	return height < (f->bottom - f->top) / 2 ? height : 0;
}

/* How many lines go onto this page: neither the first nor the last alone where there are more. */
static int
lines_now(const struct flow *f, PangoLayout *layout, int from, double reserve)
{
	int left = flow_lines(layout) - from, fit = flow_fit(layout, from, f->bottom - f->y);
	bool top = flow_at_top(f);
	if (fit == left && (top || flow_height(layout, from, from + left) + reserve <= f->bottom - f->y))
		return left;
	if (fit > left - 2)
		fit = left - 2;
	if (fit < 2 && !(top && fit > 0))
		fit = 0;
	return top && fit < 1 ? 1 : fit;
}

static void
draw_text(struct flow *f, const struct piece *p)
{
	double left = p->kind == PIECE_DASH ? flow_mm(indent_mm) : 0, reserve = reserve_for(f, p);
	struct look look = { .width = f->width - left };
	look.align = p->kind == PIECE_TITLE || p->kind == PIECE_CENTRED ? ALIGN_CENTRE :
	             p->kind == PIECE_FLUSH ? ALIGN_LEFT : ALIGN_JUSTIFY;
	look.indent = p->kind == PIECE_PARAGRAPH ? flow_mm(indent_mm) : 0;
	look.scale = p->kind == PIECE_TITLE ? title_scale : 1;
	look.bold = p->kind == PIECE_TITLE;
	look.tight = p->kind == PIECE_TITLE;
	PangoLayout *layout = flow_layout(f, p->spans, &look);
	/* A title stays with what it is the title of. */
	if (p->kind == PIECE_TITLE && f->y + flow_height(layout, 0, flow_lines(layout)) + 4 * f->page->size > f->bottom)
		flow_new_page(f);
	for (int from = 0, now; from < flow_lines(layout); from += now) {
		now = lines_now(f, layout, from, reserve);
		if (!now) {
			flow_new_page(f);
			continue;
		}
		if (from == 0 && p->kind == PIECE_DASH) {
			struct span dash = { .text = TEXT("-") };
			PangoLayout *mark = flow_layout(f, &dash, &look);
			flow_draw(f, mark, f->left + left - flow_mm(dash_mm), f->y, 0, 1);
			g_object_unref(mark);
		}
		flow_draw(f, layout, f->left + left, f->y, from, from + now);
		f->y += flow_height(layout, from, from + now);
	}
	f->y += paragraph_gap;
	g_object_unref(layout);
}

static void
draw_piece(struct flow *f, const struct piece *p)
{
	switch (p->kind) {
	case PIECE_TABLE:
		table_draw(f, p, reserve_for(f, p));
		f->y += table_gap;
		break;
	case PIECE_SPACE:
		if (!flow_at_top(f))
			f->y += flow_mm(p->space);
		break;
	case PIECE_BREAK:
		if (!flow_at_top(f))
			flow_new_page(f);
		break;
	case PIECE_TITLE:
	case PIECE_PARAGRAPH:
	case PIECE_CENTRED:
	case PIECE_FLUSH:
	case PIECE_DASH:
		draw_text(f, p);
	}
}

static cairo_status_t
collect(void *out, const unsigned char *bytes, unsigned len)
{
	buf_add(out, bytes, len);
	return CAIRO_STATUS_SUCCESS;
}

int
print_pdf(const struct page *page, struct arena *arena, struct buf *out)
{
	cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(collect, out, flow_mm(paper_width_mm), flow_mm(paper_height_mm));
	struct flow flow;
	if (page->title.ptr)
		cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, arena_text(arena, page->title).ptr);
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "ocop " OCOP_VERSION);
	flow_open(&flow, surface, page);
	for (const struct piece *p = page->pieces; p; p = p->next)
		draw_piece(&flow, p);
	flow_close(&flow);
	cairo_surface_finish(surface);
	cairo_status_t status = cairo_surface_status(surface);
	cairo_surface_destroy(surface);
	if (status != CAIRO_STATUS_SUCCESS)
		return status == CAIRO_STATUS_NO_MEMORY ? -ENOMEM : -EIO;
	return flow.missing;
}
