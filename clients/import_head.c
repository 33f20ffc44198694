/* The heading of a file to import: which column is which. */
#include "clients/import_parts.h"

#include "proto/i18n.h"
#include "proto/utf8.h"
#include "proto/zpl.h"

/* A document's name or code heads the column of its status. */
static const struct code *
find_document(const struct codes *documents, struct text heading, struct arena *arena)
{
	struct text folded = utf8_fold(heading, arena);
	for (size_t i = 0; i < documents->count; i++)
		for (size_t k = 0; k < CODE_NAMES; k++)
			if (folded.len && text_equal(documents->items[i].names[k], folded))
				return &documents->items[i];
	return NULL;
}

static void
read_heading(struct import *im, struct import_column *c, struct complaints *complaints)
{
	struct import_head *head = &im->head;
	c->id = COLUMN_COUNT;
	if (!c->heading.len)
		return;
	c->document = find_document(&im->lists.documents, c->heading, im->arena);
	if (!c->document && !register_find(c->heading, im->arena, &c->id)) {
		struct text near = register_nearest(c->heading, im->settings->lang, im->arena);
		if (near.ptr)
			complain(complaints, im->file, head->line, _("the column \"%.*s\" is not known; \"%.*s\" perhaps?"),
			         TEXT_ARG(c->heading), TEXT_ARG(near));
		else
			complain(complaints, im->file, head->line,
			         _("the column \"%.*s\" is not known; `ocop help import` names the columns"), TEXT_ARG(c->heading));
		return;
	}
	for (const struct import_column *other = head->columns; other < c; other++)
		if (other->heading.len && other->id == c->id && other->document == c->document) {
			complain(complaints, im->file, head->line, _("the columns \"%.*s\" and \"%.*s\" are the same"),
			         TEXT_ARG(other->heading), TEXT_ARG(c->heading));
			return;
		}
	if (!c->document)
		head->at[c->id] = (int)(c - head->columns);
}

static void
check_missing(struct import *im, struct complaints *complaints)
{
	static const enum register_id needed[] = { COLUMN_PRODUCT, COLUMN_GROUP, COLUMN_PRODUCER, COLUMN_KIND, COLUMN_COMMUNE };
	/* Of products proposed before only the number is needed. */
	if (im->head.at[COLUMN_DOSSIER] >= 0)
		return;
	for (size_t i = 0; i < countof(needed); i++)
		if (im->head.at[needed[i]] < 0 && !(needed[i] == COLUMN_COMMUNE && im->head.at[COLUMN_COMMUNE_CODE] >= 0))
			complain(complaints, im->file, im->head.line, _("the column \"%.*s\" is missing"),
			         TEXT_ARG(register_heading(needed[i], im->settings->lang)));
}

bool
import_head_read(struct import *im, const struct csv_row *row, struct complaints *complaints)
{
	struct import_head *head = &im->head;
	*head = (struct import_head){ .raw = row->raw, .line = row->line, .count = row->count };
	head->columns = arena_array(im->arena, row->count, sizeof *head->columns);
	for (size_t id = 0; id < COLUMN_COUNT; id++)
		head->at[id] = -1;
	int errors = complaints->errors;
	for (size_t i = 0; i < row->count; i++) {
		head->columns[i].heading = csv_trim(row->cells[i]);
		read_heading(im, &head->columns[i], complaints);
	}
	if (complaints->errors == errors)
		check_missing(im, complaints);
	return complaints->errors == errors;
}
