/* A paper as one HTML page, without anything from elsewhere. */
#include "clients/print_html.h"

#include <string.h>

static const char *const classes[] = {
	[PIECE_TITLE] = "title", [PIECE_PARAGRAPH] = "paragraph", [PIECE_CENTRED] = "centred", [PIECE_FLUSH] = "flush",
	[PIECE_DASH] = "dash",
};
static const char *const aligns[] = {
	[ALIGN_JUSTIFY] = "justify", [ALIGN_LEFT] = "left", [ALIGN_CENTRE] = "center", [ALIGN_RIGHT] = "right",
};

static void
add_escaped(struct buf *out, struct text t)
{
	static const char line_break[] = "\xe2\x80\xa8";
	for (size_t i = 0; i < t.len; i++)
		if (t.len - i >= 3 && !memcmp(t.ptr + i, line_break, 3)) {
			buf_str(out, "<br>");
			i += 2;
		} else
			switch (t.ptr[i]) {
			case '&': buf_str(out, "&amp;"); break;
			case '<': buf_str(out, "&lt;"); break;
			case '>': buf_str(out, "&gt;"); break;
			case '"': buf_str(out, "&quot;"); break;
			default: buf_byte(out, (unsigned char)t.ptr[i]);
			}
}

static void
add_spans(struct buf *out, const struct span *spans)
{
	static const struct { unsigned style; const char *tag; } tags[] = {
		{ SPAN_BOLD, "b" }, { SPAN_ITALIC, "i" }, { SPAN_UNDERLINE, "u" }, { SPAN_SMALL, "small" },
	};
	for (const struct span *s = spans; s; s = s->next) {
		for (size_t i = 0; i < countof(tags); i++)
			if (s->style & tags[i].style)
				buf_printf(out, "<%s>", tags[i].tag);
		add_escaped(out, s->text);
		for (size_t i = countof(tags); i-- > 0;)
			if (s->style & tags[i].style)
				buf_printf(out, "</%s>", tags[i].tag);
	}
}

static void
add_row(struct buf *out, const struct piece *table, const struct row *row)
{
	const char *cell = row->head ? "th" : "td";
	if (row->space) {
		buf_printf(out, "<tr style=\"height:%dmm\"><td colspan=\"%zu\"></td></tr>\n", row->space, table->columns);
		return;
	}
	buf_str(out, "<tr>");
	for (size_t c = 0; c < table->columns; c++) {
		buf_printf(out, "<%s style=\"text-align:%s\">", cell, aligns[row->head ? ALIGN_CENTRE : table->aligns[c]]);
		if (row->cells[c].rule)
			buf_str(out, "<hr>");
		else
			add_spans(out, row->cells[c].spans);
		buf_printf(out, "</%s>", cell);
	}
	buf_str(out, "</tr>\n");
}

static void
add_table(struct buf *out, const struct piece *table)
{
	const struct row *row = table->rows;
	buf_printf(out, "<table class=\"%s\">\n<colgroup>", table->framed ? "framed" : "columns");
	for (size_t c = 0; c < table->columns; c++)
		buf_printf(out, "<col style=\"width:%d%%\">", table->widths[c]);
	buf_str(out, "</colgroup>\n");
	if (row && row->head) {
		buf_str(out, "<thead>\n");
		for (; row && row->head; row = row->next)
			add_row(out, table, row);
		buf_str(out, "</thead>\n");
	}
	buf_str(out, "<tbody>\n");
	for (; row; row = row->next)
		add_row(out, table, row);
	buf_str(out, "</tbody>\n</table>\n");
}

static void
add_style(struct buf *out, const struct page *page)
{
	const int *m = page->margins;
	buf_printf(out, "@page { size: A4; margin: %dmm %dmm %dmm %dmm }\n", m[TOP], m[RIGHT], m[BOTTOM], m[LEFT]);
	buf_printf(out, "body { font: %dpt/1.3 \"", page->size);
	/* A name in quotes; what would end it is left out. */
	for (const char *p = page->family; *p; p++)
		if (*p == ',')
			buf_str(out, "\",\"");
		else if (!strchr("\"\\<>", *p))
			buf_byte(out, (unsigned char)*p);
	buf_printf(out, "\", \"Times New Roman\", serif; width: %dmm; margin: 0 auto }\n", 210 - m[LEFT] - m[RIGHT]);
	buf_str(out, "@media screen { body { margin: 15mm auto } }\n"
	             "p { margin: 0 0 5pt; text-align: justify }\n"
	             ".title { font-weight: bold; font-size: 110%; text-align: center; break-after: avoid }\n"
	             ".paragraph { text-indent: 10mm }\n.centred { text-align: center }\n.flush { text-align: left }\n"
	             ".dash { padding-left: 10mm; text-indent: -4mm }\nsmall { font-size: 90% }\n"
	             "table { width: 100%; table-layout: fixed; border-collapse: collapse; margin: 0 0 6pt }\n"
	             "td, th { vertical-align: top; padding: 2pt 4pt; overflow-wrap: anywhere }\n"
	             ".framed td, .framed th { border: 0.5pt solid; vertical-align: middle }\ntr { break-inside: avoid }\n"
	             ".columns { break-inside: avoid }\nth { font-weight: bold }\n"
	             "hr { width: 33%; margin: 1pt auto; border: none; border-top: 0.7pt solid }\n"
	             ".break { break-after: page }\nfooter { font-size: 75%; text-align: center; margin-top: 8mm }\n");
}

static void
add_piece(struct buf *out, const struct piece *p)
{
	switch (p->kind) {
	case PIECE_TABLE:
		add_table(out, p);
		break;
	case PIECE_SPACE:
		buf_printf(out, "<div style=\"height:%dmm\"></div>\n", p->space);
		break;
	case PIECE_BREAK:
		buf_str(out, "<div class=\"break\"></div>\n");
		break;
	case PIECE_TITLE:
	case PIECE_PARAGRAPH:
	case PIECE_CENTRED:
	case PIECE_FLUSH:
	case PIECE_DASH:
		buf_printf(out, "<p class=\"%s\">%s", classes[p->kind], p->kind == PIECE_DASH ? "- " : "");
		add_spans(out, p->spans);
		buf_str(out, "</p>\n");
	}
}

void
print_html(const struct page *page, struct buf *out)
{
	buf_str(out, "<!DOCTYPE html>\n<html lang=\"vi\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
	add_escaped(out, page->title.ptr ? page->title : TEXT("OCOP"));
	buf_str(out, "</title>\n<style>\n");
	add_style(out, page);
	buf_str(out, "</style>\n</head>\n<body>\n");
	for (const struct piece *p = page->pieces; p; p = p->next)
		add_piece(out, p);
	if (page->footer) {
		buf_str(out, "<footer>");
		add_spans(out, page->footer);
		buf_str(out, "</footer>\n");
	}
	buf_str(out, "</body>\n</html>\n");
}
