/* Tables on the pages of a PDF. */
#include "clients/print_table.h"

#include <assert.h>

static const double pad_x = 4, pad_y = 2.5, gap_x = 2.5, frame_width = 0.5, rule_width = 0.7, rule_height = 5;

/* A row on its way to the page. */
struct strip {
	const struct piece *table;
	const struct row *row;
	PangoLayout *cells[PAGE_COLUMNS_MAX];   /* NULL: a rule, or nothing */
	int drawn[PAGE_COLUMNS_MAX];            /* lines that are on a page already */
};

static double
column_width(const struct flow *f, const struct piece *t, size_t c)
{
	return f->width * t->widths[c] / 100;
}

static double
padding(const struct piece *t)
{
	return t->framed ? 2 * pad_y : 0;
}

static void
strip_open(struct strip *s, struct flow *f, const struct piece *t, const struct row *row)
{
	*s = (struct strip){ .table = t, .row = row };
	for (size_t c = 0; !row->space && c < t->columns; c++) {
		struct look look = { .width = column_width(f, t, c) - 2 * (t->framed ? pad_x : gap_x), .tight = true,
			             .align = row->head ? ALIGN_CENTRE : t->aligns[c], .bold = row->head };
		if (row->cells[c].spans)
			s->cells[c] = flow_layout(f, row->cells[c].spans, &look);
	}
}

static void
strip_close(struct strip *s)
{
	for (size_t c = 0; c < s->table->columns; c++)
		if (s->cells[c])
			g_object_unref(s->cells[c]);
}

/* Of what is not drawn yet. */
static double
strip_height(const struct flow *f, const struct strip *s)
{
	double most = 0;
	if (s->row->space)
		return flow_mm(s->row->space);
	for (size_t c = 0; c < s->table->columns; c++) {
		double height = s->row->cells[c].rule ? rule_height : 0;
		if (s->cells[c])
			height = flow_height(s->cells[c], s->drawn[c], flow_lines(s->cells[c]));
		most = height > most ? height : most;
	}
	/* A row to be filled in by hand is as high as one with a line in it. */
	if (s->table->framed && most < f->page->size * 1.15)
		most = f->page->size * 1.15;
	return most + padding(s->table);
}

static void
draw_frame(struct flow *f, const struct piece *t, double height)
{
	double x = f->left;
	flow_line(f, x, f->y, x + f->width, f->y, frame_width);
	flow_line(f, x, f->y + height, x + f->width, f->y + height, frame_width);
	for (size_t c = 0; c <= t->columns; c++) {
		flow_line(f, x, f->y, x, f->y + height, frame_width);
		x += c < t->columns ? column_width(f, t, c) : 0;
	}
}

/* The lines that fit into the height, and the frame around them. */
static void
strip_draw(struct flow *f, struct strip *s, double height)
{
	const struct piece *t = s->table;
	double x = f->left, room = height - padding(t);
	for (size_t c = 0; !s->row->space && c < t->columns; x += column_width(f, t, c++)) {
		double width = column_width(f, t, c), y = f->y + padding(t) / 2;
		if (s->row->cells[c].rule)
			flow_line(f, x + width / 3, y + 2, x + width * 2 / 3, y + 2, rule_width);
		if (!s->cells[c])
			continue;
		int from = s->drawn[c], count = flow_fit(s->cells[c], from, room + 0.01);
		/* A row that is not cut stands in the middle of its height. */
		if (t->framed && from == 0 && count == flow_lines(s->cells[c]))
			y += (room - flow_height(s->cells[c], 0, count)) / 2;
		flow_draw(f, s->cells[c], x + (t->framed ? pad_x : gap_x), y, from, from + count);
		s->drawn[c] += count;
	}
	if (t->framed)
		draw_frame(f, t, height);
	f->y += height;
}

static double
rows_height(struct flow *f, const struct piece *t, bool head_only)
{
	double height = 0;
	for (const struct row *row = t->rows; row && (row->head || !head_only); row = row->next) {
		struct strip s;
		strip_open(&s, f, t, row);
		height += strip_height(f, &s);
		strip_close(&s);
	}
	return height;
}

double
table_height(struct flow *f, const struct piece *t)
{
	return rows_height(f, t, false);
}

static void
draw_head(struct flow *f, const struct piece *t)
{
	for (const struct row *row = t->rows; row && row->head; row = row->next) {
		struct strip s;
		strip_open(&s, f, t, row);
		strip_draw(f, &s, strip_height(f, &s));
		strip_close(&s);
	}
}

/* What of a row fits into the room; at least a line of it where it stands right below the head. */
static double
piece_height(const struct strip *s, double room, bool first)
{
	double most = 0;
	for (size_t c = 0; c < s->table->columns; c++) {
		if (!s->cells[c])
			continue;
		int fit = flow_fit(s->cells[c], s->drawn[c], room - padding(s->table));
		if (!fit && first && s->drawn[c] < flow_lines(s->cells[c]))
			fit = 1;
		double height = flow_height(s->cells[c], s->drawn[c], s->drawn[c] + fit);
		most = height > most ? height : most;
	}
	return most > 0 ? most + padding(s->table) : 0;
}

static void
draw_row(struct flow *f, const struct piece *t, const struct row *row, double head, double reserve)
{
	struct strip s;
	bool fresh = false; /* right below the head of a page */
	strip_open(&s, f, t, row);
	for (;;) {
		double height = strip_height(f, &s), room = f->bottom - f->y;
		if (height + (fresh ? 0 : reserve) <= room) {
			strip_draw(f, &s, height);
			break;
		}
		bool whole = height <= f->bottom - f->top - head;
		double part = whole && !fresh ? 0 : piece_height(&s, room, fresh);
		if (part > 0)
			strip_draw(f, &s, part);
		else if (fresh) {
			/* Nothing in it that could be cut: an empty row higher than a page. */
			strip_draw(f, &s, room);
			break;
		}
		flow_new_page(f);
		draw_head(f, t);
		fresh = true;
	}
	strip_close(&s);
}

double
table_lead(struct flow *f, const struct piece *t)
{
	const struct row *row = t->rows;
	double height = rows_height(f, t, true);
	while (row && row->head)
		row = row->next;
	if (row) {
		struct strip s;
		strip_open(&s, f, t, row);
		height += strip_height(f, &s);
		strip_close(&s);
	}
	return height;
}

void
table_draw(struct flow *f, const struct piece *t, double reserve)
{
	const struct row *row = t->rows;
	double head = rows_height(f, t, true);
	/* Neither a head without its first row nor, without a frame, a part of the whole. */
	double need = t->framed ? table_lead(f, t) : table_height(f, t);
	if (need > f->bottom - f->y && need <= f->bottom - f->top && !flow_at_top(f))
		flow_new_page(f);
	draw_head(f, t);
	while (row && row->head)
		row = row->next;
	for (; row; row = row->next)
		draw_row(f, t, row, head, row->next ? 0 : reserve);
}
