/* Rows on their way out: CSV as spreadsheets read it, or lines of JSON for the maker of workbooks. */
#include "clients/csv.h"
#include "clients/export_parts.h"
#include "clients/whole_file.h"
#include "proto/json.h"

#include <string.h>

enum { FLUSH_BYTES = 64 * 1024 };

int
sink_flush(struct sink *s)
{
	int e = whole_write(s->fd, buf_view(&s->out));
	s->out.len = 0;
	return e;
}

static int
row_end(struct sink *s)
{
	buf_str(&s->out, s->format == EXPORT_CSV ? "\r\n" : "]\n");
	return s->out.len < FLUSH_BYTES ? 0 : sink_flush(s);
}

/* --- CSV ----------------------------------------------------------------------------------------- */

/* dd/mm/yyyy, and in Vietnamese the decimal comma: what a spreadsheet of the office takes for a date and
 * a number. */
static void
csv_cell(struct sink *s, struct text cell, enum register_as as)
{
	int y, m, d;
	int64_t day;
	if (as == AS_DATE && day_parse(cell, &day)) {
		day_split(day, &y, &m, &d);
		buf_printf(&s->out, "%02d/%02d/%04d", d, m, y);
	} else if (as == AS_POINTS && s->lang == LANG_VI) {
		struct buf points = { 0 };
		buf_text(&points, cell);
		char *dot = cell.len ? memchr(points.ptr, '.', points.len) : NULL;
		if (dot)
			*dot = ',';
		csv_write_cell(&s->out, buf_view(&points), s->separator);
		buf_free(&points);
	} else {
		csv_write_cell(&s->out, cell, s->separator);
	}
}

/* --- JSON lines ---------------------------------------------------------------------------------- */

static const char *
as_word(enum register_as as)
{
	switch (as) {
	case AS_INT:
		return "int";
	case AS_DATE:
		return "date";
	case AS_POINTS:
		return "points";
	case AS_MONEY:
		return "money";
	case AS_TEXT:
	case AS_GROUP:
	case AS_KIND:
	case AS_COMMUNE:
	case AS_ROUND:
	case AS_ENTRY:
	case AS_STATE:
		break;
	}
	return "text";
}

/* --- both ---------------------------------------------------------------------------------------- */

int
sink_sheet(struct sink *s, const struct sheet_head *sheet)
{
	s->sheet = sheet;
	if (s->format == EXPORT_CSV) {
		buf_str(&s->out, CSV_MARK);
		for (size_t i = 0; i < sheet->count; i++) {
			if (i)
				buf_byte(&s->out, (unsigned char)s->separator);
			csv_write_cell(&s->out, sheet->columns[i].heading, s->separator);
		}
		return row_end(s);
	}
	buf_str(&s->out, "{\"sheet\":");
	json_write_string(&s->out, sheet->name);
	buf_str(&s->out, ",\"columns\":[");
	for (size_t i = 0; i < sheet->count; i++) {
		buf_printf(&s->out, "%s{\"as\":\"%s\",\"width\":%d,\"name\":", i ? "," : "", as_word(sheet->columns[i].as), sheet->columns[i].width);
		json_write_string(&s->out, sheet->columns[i].heading);
		buf_byte(&s->out, '}');
	}
	buf_str(&s->out, "]}\n");
	return 0;
}

int
sink_row(struct sink *s, const struct text *cells)
{
	if (s->format == EXPORT_XLSX)
		buf_byte(&s->out, '[');
	for (size_t i = 0; i < s->sheet->count; i++) {
		if (i)
			buf_byte(&s->out, s->format == EXPORT_CSV ? (unsigned char)s->separator : ',');
		if (s->format == EXPORT_CSV)
			csv_cell(s, cells[i], s->sheet->columns[i].as);
		else
			json_write_string(&s->out, cells[i]);
	}
	return row_end(s);
}
