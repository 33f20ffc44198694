/* A row of the register as a write: a product proposed or a dossier submitted. */
#include "clients/import_parts.h"

#include "clients/values.h"
#include "proto/i18n.h"
#include "proto/utf8.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { KEY_BYTES = 20, INT_DIGITS_MAX = 6 };

/* A row on its way to params. */
struct draft {
	struct import *im;
	const struct csv_row *cells;
	struct import_row *row;
	struct buf params;
	int64_t day;                /* of receipt, else today */
};

void
import_row_error(struct import *im, struct import_row *row, struct text column, const char *format, ...)
{
	struct import_error *error = arena_alloc(im->arena, sizeof *error);
	struct buf words = { 0 };
	va_list args;
	va_start(args, format);
	buf_vprintf(&words, format, args);
	va_end(args);
	error->column = column;
	error->words = arena_text(im->arena, buf_view(&words));
	buf_free(&words);
	if (!row->errors) {
		row->end = &row->errors;
		im->wrong++;
	}
	*row->end = error;
	row->end = &error->next;
}

static struct text
heading_of(const struct import *im, enum register_id id)
{
	return im->head.at[id] >= 0 ? im->head.columns[im->head.at[id]].heading : register_heading(id, im->settings->lang);
}

#define WRONG(d, id, ...) import_row_error((d)->im, (d)->row, heading_of((d)->im, id), __VA_ARGS__)

static struct text
cell_of(const struct draft *d, enum register_id id)
{
	int at = d->im->head.at[id];
	return at < 0 || (size_t)at >= d->cells->count ? TEXT("") : csv_plain(csv_trim(d->cells->cells[at]));
}

/* --- params -------------------------------------------------------------------------------------- */

static void
put_name(struct draft *d, const char *name)
{
	char last = d->params.ptr[d->params.len - 1];
	buf_printf(&d->params, "%s\"%s\":", last == '{' ? "" : ",", name);
}

static void
put(struct draft *d, const char *name, struct text value)
{
	if (!value.len)
		return;
	put_name(d, name);
	json_write_string(&d->params, value);
}

/* A cell that names a code of the list. */
static void
put_code(struct draft *d, const char *name, enum register_id id, const struct codes *in)
{
	struct text cell = cell_of(d, id);
	const char *why;
	if (!cell.len)
		return;
	const struct code *code = code_find(in, cell, d->day, d->im->scratch, &why);
	if (code)
		put(d, name, code->code);
	else
		WRONG(d, id, "%s", why);
}

static void
put_product(struct draft *d)
{
	if (!cell_of(d, COLUMN_PRODUCT).len && !cell_of(d, COLUMN_GROUP).len)
		return;
	put_name(d, "product");
	buf_byte(&d->params, '{');
	put(d, "name", cell_of(d, COLUMN_PRODUCT));
	put_code(d, "group", COLUMN_GROUP, &d->im->lists.groups);
	buf_byte(&d->params, '}');
}

static void
put_producer(struct draft *d)
{
	if (!cell_of(d, COLUMN_PRODUCER).len && !cell_of(d, COLUMN_KIND).len)
		return;
	put_name(d, "producer");
	buf_byte(&d->params, '{');
	put(d, "name", cell_of(d, COLUMN_PRODUCER));
	put_code(d, "kind", COLUMN_KIND, &d->im->lists.kinds);
	put(d, "phone", cell_of(d, COLUMN_PHONE));
	put(d, "email", cell_of(d, COLUMN_EMAIL));
	put(d, "address", cell_of(d, COLUMN_ADDRESS));
	buf_byte(&d->params, '}');
}

/* By code, by name, or by both where they agree. */
static void
put_commune(struct draft *d)
{
	const struct codes *communes = &d->im->lists.communes;
	struct text code = cell_of(d, COLUMN_COMMUNE_CODE), name = cell_of(d, COLUMN_COMMUNE);
	const struct code *by_code = NULL, *by_name = NULL;
	const char *why;
	if (code.len && !(by_code = code_find(communes, code, d->day, d->im->scratch, &why)))
		WRONG(d, COLUMN_COMMUNE_CODE, "%s", why);
	if (name.len && !(by_name = code_find(communes, name, d->day, d->im->scratch, &why)) && !by_code)
		WRONG(d, COLUMN_COMMUNE, "%s", why);
	if (by_code && by_name && !text_equal(by_code->code, by_name->code))
		WRONG(d, COLUMN_COMMUNE, _("\"%.*s\" is %.*s and not %.*s"), TEXT_ARG(name), TEXT_ARG(by_name->code), TEXT_ARG(by_code->code));
	if (by_code || by_name)
		put(d, "commune", by_code ? by_code->code : by_name->code);
}

/* The note, and behind it what the dossier has no place of its own for. */
static void
put_note(struct draft *d)
{
	static const enum register_id noted[] = { COLUMN_NOTE, COLUMN_PRODUCT_CODE, COLUMN_REPRESENTATIVE };
	struct buf note = { 0 };
	for (size_t i = 0; i < countof(noted); i++) {
		struct text cell = cell_of(d, noted[i]);
		if (!cell.len)
			continue;
		buf_str(&note, note.len ? "; " : "");
		if (noted[i] != COLUMN_NOTE)
			buf_printf(&note, "%.*s: ", TEXT_ARG(heading_of(d->im, noted[i])));
		buf_text(&note, cell);
	}
	put(d, "note", buf_view(&note));
	buf_free(&note);
}

static void
put_samples(struct draft *d)
{
	struct text cell = cell_of(d, COLUMN_SAMPLES);
	int64_t samples = 0;
	for (size_t i = 0; i < cell.len; i++) {
		if (cell.ptr[i] < '0' || cell.ptr[i] > '9' || cell.len > INT_DIGITS_MAX) {
			WRONG(d, COLUMN_SAMPLES, _("\"%.*s\" is no whole number"), TEXT_ARG(cell));
			return;
		}
		samples = samples * 10 + (cell.ptr[i] - '0');
	}
	if (!cell.len) {
		WRONG(d, COLUMN_SAMPLES, _("is needed where there is a day of receipt; 0 where there are none"));
		return;
	}
	put_name(d, "samples");
	json_write_int(&d->params, samples);
}

static void
put_documents(struct draft *d)
{
	const struct import_head *head = &d->im->head;
	put_name(d, "documents");
	buf_byte(&d->params, '[');
	for (size_t i = 0; i < head->count && i < d->cells->count; i++) {
		const struct import_column *c = &head->columns[i];
		struct text cell = csv_plain(csv_trim(d->cells->cells[i]));
		const char *why;
		if (!c->document || !cell.len)
			continue;
		const struct code *status = code_find(&d->im->lists.statuses, cell, NONE, d->im->scratch, &why);
		if (!status) {
			import_row_error(d->im, d->row, c->heading, _("\"%.*s\" is none of: present, missing, invalid, not-applicable"), TEXT_ARG(cell));
			continue;
		}
		buf_str(&d->params, d->params.ptr[d->params.len - 1] == '[' ? "{" : ",{");
		put(d, "code", c->document->code);
		put(d, "status", status->code);
		buf_byte(&d->params, '}');
	}
	buf_byte(&d->params, ']');
}

/* --- the row ------------------------------------------------------------------------------------- */

static void
put_day(struct draft *d)
{
	char day[DAY_LEN + 1];
	day_print(d->day, day);
	put(d, "received", text_of(day));
}

/* What only a dossier that was handed in can have. */
static void
check_proposed(struct draft *d)
{
	static const enum register_id submitted[] = { COLUMN_DOSSIER, COLUMN_SAMPLES, COLUMN_ROUND, COLUMN_ENTRY, COLUMN_PREVIOUS };
	const struct import_head *head = &d->im->head;
	struct text other = ABSENT;
	for (size_t i = 0; i < countof(submitted) && !other.ptr; i++)
		if (cell_of(d, submitted[i]).len)
			other = heading_of(d->im, submitted[i]);
	for (size_t i = 0; i < head->count && i < d->cells->count && !other.ptr; i++)
		if (head->columns[i].document && csv_trim(d->cells->cells[i]).len)
			other = head->columns[i].heading;
	if (other.ptr)
		WRONG(d, COLUMN_RECEIVED, _("is empty, so the product is only proposed, but there is something under \"%.*s\""), TEXT_ARG(other));
}

static void
check_needed(struct draft *d)
{
	static const enum register_id needed[] = { COLUMN_PRODUCT, COLUMN_GROUP, COLUMN_PRODUCER, COLUMN_KIND };
	bool known = cell_of(d, COLUMN_DOSSIER).len > 0;
	for (size_t i = 0; i < countof(needed); i += 2) {
		bool any = cell_of(d, needed[i]).len || cell_of(d, needed[i + 1]).len;
		for (size_t k = i; k < i + 2; k++)
			if ((any || !known) && !cell_of(d, needed[k]).len)
				WRONG(d, needed[k], _("is needed and empty"));
	}
	if (!known && !cell_of(d, COLUMN_COMMUNE).len && !cell_of(d, COLUMN_COMMUNE_CODE).len)
		WRONG(d, d->im->head.at[COLUMN_COMMUNE] >= 0 ? COLUMN_COMMUNE : COLUMN_COMMUNE_CODE, _("is needed and empty"));
}

/* As many cells as the heading; beyond it and under columns without a name nothing. */
static bool
check_cells(struct draft *d)
{
	struct import_head *head = &d->im->head;
	if (d->cells->count != head->count) {
		import_row_error(d->im, d->row, ABSENT, _("the row has %zu fields and the heading %zu; a field with a separator in it stands in quotes"),
		                 d->cells->count, head->count);
		return false;
	}
	for (size_t i = 0; i < head->count; i++) {
		if (!csv_trim(d->cells->cells[i]).len)
			continue;
		head->columns[i].used = true;
		if (!head->columns[i].heading.len)
			import_row_error(d->im, d->row, ABSENT, _("there is something in column %zu, which has no heading"), i + 1);
	}
	return true;
}

/* The row's own name: the same row asks for the same thing, in whichever file and however often. */
static void
make_key(struct import_row *row)
{
	uint8_t hash[KEY_BYTES];
	char hex[2 * KEY_BYTES + 1];
	crypto_generichash_state state;
	crypto_generichash_init(&state, NULL, 0, sizeof hash);
	crypto_generichash_update(&state, (const uint8_t *)row->method, strlen(row->method) + 1);
	crypto_generichash_update(&state, (const uint8_t *)row->params.ptr, row->params.len);
	crypto_generichash_final(&state, hash, sizeof hash);
	sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
	snprintf(row->key, sizeof row->key, "import-%s", hex);
}

static void
read_received(struct draft *d, struct text received)
{
	d->day = d->im->lists.today;
	if (received.len && !value_day(received, &d->day))
		WRONG(d, COLUMN_RECEIVED, _("\"%.*s\" is no day of the calendar; dd/mm/yyyy or YYYY-MM-DD"), TEXT_ARG(received));
}

void
import_row_read(struct import *im, const struct csv_row *cells, struct import_row *ret)
{
	struct draft d = { .im = im, .cells = cells, .row = ret };
	*ret = (struct import_row){ .line = cells->line, .raw = cells->raw };
	if (!check_cells(&d))
		return;
	struct text received = cell_of(&d, COLUMN_RECEIVED);
	ret->method = received.len ? "dossier.submit" : "dossier.propose";
	read_received(&d, received);
	buf_byte(&d.params, '{');
	check_needed(&d);
	put_product(&d);
	put_producer(&d);
	put_commune(&d);
	put_note(&d);
	if (received.len) {
		put(&d, "dossier", cell_of(&d, COLUMN_DOSSIER));
		put_day(&d);
		put_samples(&d);
		put_documents(&d);
		put_code(&d, "round", COLUMN_ROUND, &im->lists.rounds);
		put_code(&d, "kind", COLUMN_ENTRY, &im->lists.entries);
		put(&d, "previous", cell_of(&d, COLUMN_PREVIOUS));
	} else {
		check_proposed(&d);
	}
	ret->params = arena_text(im->arena, buf_view(&d.params));
	buf_free(&d.params);
	make_key(ret);
}
