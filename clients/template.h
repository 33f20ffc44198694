/* Texts with {fields}, read once into parts and written for each set of facts: mails and papers.
 *
 *	Hạn bổ sung: {until}
 *	{reasons}
 *	{number}. {reason}
 *	   {guidance}
 *	{/reasons}
 *	{when stars=5}Đề nghị gửi trung ương.{/when}
 *	Điện thoại: {phone?........}
 *
 * What is between {reasons} and {/reasons}, a block, is written once for each reason; what is between
 * {when FIELD} and {/when} where the field has a value, {when FIELD=VALUE} where this is its code,
 * {when !FIELD} where it has none. {FIELD?words}: the words where the field is empty. A line whose
 * fields are all empty is left out. {{ and }} are the braces themselves. */
#ifndef CLIENTS_TEMPLATE_H
#define CLIENTS_TEMPLATE_H

#include "proto/mem.h"
#include "proto/zpl.h"

/* A field as a template names it. */
struct template_word {
	int field;
	int block;                  /* it has a value only inside this one; -1: everywhere */
	int variant;                /* what else the name says: the vocabulary's own affair */
};

struct template_block {
	const char *name;
	int parent;                 /* stands only inside this one; -1: everywhere */
};

/* What templates of one kind may name, and where the values come from. */
struct vocabulary {
	const struct template_block *blocks;
	size_t block_count;         /* at most 32 */
	char comment;               /* lines that begin so are left out; 0: there are no comments */
	bool keeps;                 /* lines stay where all their fields are empty */
	bool numbered;              /* every line is written behind its number in the file and a tab */
	bool (*find)(struct text name, struct template_word *ret);
	/* The value for people, and as a code; empty where there is none. */
	struct text (*value)(const void *facts, const struct template_word *, struct arena *);
	struct text (*raw)(const void *facts, const struct template_word *, struct arena *);
	/* Writes a value among the template's own words. */
	void (*write)(struct buf *, struct text value);
	/* Moves the facts to the block's first or next item; false behind the last, and then it is left. */
	bool (*step)(void *facts, int block, bool first);
};

struct template;

/* Lives in the arena. NULL with complaints (file and line) where a field is not known, a block is
 * not closed or the text is no UTF-8. `line` is the number of the text's first line. */
const struct template *template_read(const struct vocabulary *, const char *file, int line, struct text,
                                     struct arena *, struct complaints *);
/* The text of a template's file, in the arena; absent with a complaint where it can't be read. */
struct text template_file(const char *path, struct arena *, struct complaints *);

/* The facts are moved through blocks, and at the end are as they were. */
void template_write(const struct template *, void *facts, struct arena *, struct buf *out);
/* Every branch once, with a word for each field: what a checker of the written form needs. */
void template_outline(const struct template *, struct arena *, struct buf *out);

#endif
