/* Text on the pages of a PDF: lines laid out by pango, page after page. */
#include "clients/print_flow.h"

#include <stdio.h>
#include <string.h>

static const double line_gap = 0.12, footer_scale = 0.72, number_scale = 0.92, small_scale = 0.9;

double
flow_mm(double mm)
{
	return mm * 72 / 25.4;
}

/* --- text ---------------------------------------------------------------------------------------- */

static void
add_attribute(PangoAttrList *list, PangoAttribute *attribute, size_t from, size_t to)
{
	attribute->start_index = (guint)from;
	attribute->end_index = (guint)to;
	pango_attr_list_insert(list, attribute);
}

static void
set_text(PangoLayout *layout, const struct span *spans)
{
	struct buf text = { 0 };
	PangoAttrList *list = pango_attr_list_new();
	for (const struct span *s = spans; s; s = s->next) {
		size_t from = text.len, to = from + s->text.len;
		buf_text(&text, s->text);
		if (s->style & SPAN_BOLD)
			add_attribute(list, pango_attr_weight_new(PANGO_WEIGHT_BOLD), from, to);
		if (s->style & SPAN_ITALIC)
			add_attribute(list, pango_attr_style_new(PANGO_STYLE_ITALIC), from, to);
		if (s->style & SPAN_SMALL)
			add_attribute(list, pango_attr_scale_new(small_scale), from, to);
		if (s->style & SPAN_UNDERLINE)
			add_attribute(list, pango_attr_underline_new(PANGO_UNDERLINE_SINGLE), from, to);
	}
	pango_layout_set_text(layout, buf_view(&text).ptr, (int)text.len);
	pango_layout_set_attributes(layout, list);
	pango_attr_list_unref(list);
	buf_free(&text);
}

PangoLayout *
flow_layout(struct flow *f, const struct span *spans, const struct look *look)
{
	PangoLayout *layout = pango_layout_new(f->context);
	PangoFontDescription *font = pango_font_description_copy(f->font);
	double scale = look->scale > 0 ? look->scale : 1;
	pango_font_description_set_size(font, (int)(f->page->size * scale * PANGO_SCALE));
	if (look->bold)
		pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	pango_layout_set_width(layout, (int)(look->width * PANGO_SCALE));
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_indent(layout, (int)(look->indent * PANGO_SCALE));
	pango_layout_set_justify(layout, look->align == ALIGN_JUSTIFY);
	pango_layout_set_alignment(layout, look->align == ALIGN_CENTRE ? PANGO_ALIGN_CENTER :
	                                   look->align == ALIGN_RIGHT ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
	pango_layout_set_spacing(layout, look->tight ? 0 : (int)(line_gap * f->page->size * PANGO_SCALE));
	set_text(layout, spans);
	f->missing += pango_layout_get_unknown_glyphs_count(layout);
	return layout;
}

int
flow_lines(PangoLayout *layout)
{
	return pango_layout_get_line_count(layout);
}

/* Upper edge, lower edge and baseline of a line, from the layout's upper edge. */
static void
line_place(PangoLayoutIter *iter, double *ret_from, double *ret_to)
{
	int y0, y1;
	pango_layout_iter_get_line_yrange(iter, &y0, &y1);
	*ret_from = (double)y0 / PANGO_SCALE;
	*ret_to = (double)y1 / PANGO_SCALE;
}

double
flow_height(PangoLayout *layout, int from, int to)
{
	PangoLayoutIter *iter = pango_layout_get_iter(layout);
	double height = 0, y0, y1;
	for (int i = 0; i < to; i++, pango_layout_iter_next_line(iter)) {
		line_place(iter, &y0, &y1);
		height += i >= from ? y1 - y0 : 0;
	}
	pango_layout_iter_free(iter);
	return height;
}

int
flow_fit(PangoLayout *layout, int from, double room)
{
	int to = from, count = flow_lines(layout);
	while (to < count && flow_height(layout, from, to + 1) <= room)
		to++;
	return to - from;
}

void
flow_draw(struct flow *f, PangoLayout *layout, double x, double y, int from, int to)
{
	PangoLayoutIter *iter = pango_layout_get_iter(layout);
	double first = 0, y0, y1;
	for (int i = 0; i < to; i++, pango_layout_iter_next_line(iter)) {
		PangoRectangle logical;
		line_place(iter, &y0, &y1);
		if (i < from)
			continue;
		if (i == from)
			first = y0;
		pango_layout_iter_get_line_extents(iter, NULL, &logical);
		double baseline = (double)pango_layout_iter_get_baseline(iter) / PANGO_SCALE;
		cairo_move_to(f->cr, x + (double)logical.x / PANGO_SCALE, y + baseline - first);
		pango_cairo_show_layout_line(f->cr, pango_layout_iter_get_line_readonly(iter));
	}
	pango_layout_iter_free(iter);
}

void
flow_line(struct flow *f, double x1, double y1, double x2, double y2, double width)
{
	cairo_set_line_width(f->cr, width);
	cairo_move_to(f->cr, x1, y1);
	cairo_line_to(f->cr, x2, y2);
	cairo_stroke(f->cr);
}

/* --- pages --------------------------------------------------------------------------------------- */

/* Out of the text: the number above it from the second page on, the footer below. */
static void
draw_margins(struct flow *f)
{
	char digits[16];
	snprintf(digits, sizeof digits, "%d", f->number);
	struct span number = { .text = text_of(digits) };
	struct look above = { .width = f->width, .scale = number_scale, .align = ALIGN_CENTRE, .tight = true };
	struct look below = { .width = f->width, .scale = footer_scale, .align = ALIGN_CENTRE, .tight = true };
	if (f->number > 1) {
		PangoLayout *layout = flow_layout(f, &number, &above);
		flow_draw(f, layout, f->left, f->top - flow_mm(9), 0, flow_lines(layout));
		g_object_unref(layout);
	}
	if (f->page->footer) {
		PangoLayout *layout = flow_layout(f, f->page->footer, &below);
		flow_draw(f, layout, f->left, f->bottom + flow_mm(4), 0, 1);
		g_object_unref(layout);
	}
}

void
flow_new_page(struct flow *f)
{
	cairo_show_page(f->cr);
	f->number++;
	f->y = f->top;
	draw_margins(f);
}

bool
flow_at_top(const struct flow *f)
{
	return f->y <= f->top;
}

void
flow_open(struct flow *f, cairo_surface_t *surface, const struct page *page)
{
	const int *m = page->margins;
	*f = (struct flow){ .page = page, .cr = cairo_create(surface), .left = flow_mm(m[LEFT]), .top = flow_mm(m[TOP]),
		            .width = flow_mm(210 - m[LEFT] - m[RIGHT]), .bottom = flow_mm(297 - m[BOTTOM]), .number = 1 };
	f->y = f->top;
	f->context = pango_cairo_create_context(f->cr);
	/* The same letters and the same lines whatever machine draws them. */
	cairo_font_options_t *options = cairo_font_options_create();
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(f->context, options);
	cairo_font_options_destroy(options);
	pango_cairo_context_set_resolution(f->context, 72);
	pango_context_set_round_glyph_positions(f->context, FALSE);
	pango_context_set_language(f->context, pango_language_from_string("vi"));
	f->font = pango_font_description_new();
	pango_font_description_set_family(f->font, page->family);
	draw_margins(f);
}

void
flow_close(struct flow *f)
{
	cairo_show_page(f->cr);
	pango_font_description_free(f->font);
	g_object_unref(f->context);
	cairo_destroy(f->cr);
}
