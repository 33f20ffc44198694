/* From a shell's words to a request's params: what each option means is derived from the shape of
 * params (proto/codec.h), so a new field is an option as soon as a verb takes it.
 *
 *	text, choice        --name TEXT
 *	number              --samples 5, --points 74,28
 *	date, moment        YYYY-MM-DD or dd/mm/yyyy, with a time YYYY-MM-DDTHH:MM:SS+07:00
 *	flag                --overdue, --overdue=no
 *	one of a shape      --product-name, --producer-kind; --phone, which is no field of params itself
 *	list, map           --document, --reason, --item (again for each), --sheet a=1,b=2 */
#ifndef CLIENTS_ARGS_H
#define CLIENTS_ARGS_H

#include "proto/codec.h"

enum { ARGS_PARTS_MAX = 8 };

struct args {
	uint64_t takes;             /* FIELD(params, ...) */
	struct arena *arena;
	const struct json *base;    /* the object of --from, or NULL; options win over it */
	struct buf values[params_COUNT];            /* JSON; empty: not given */
	struct buf parts[params_COUNT][ARGS_PARTS_MAX]; /* likewise, of fields that are one of a shape */
};

/* `takes` says what the verb takes; everything else zero. */
void args_init(struct args *, uint64_t takes, struct arena *);
void args_free(struct args *);

/* The field that --name sets, with *ret_part the member of its shape or -1; -1 where this verb has
 * no such option. */
int args_find(const struct args *, struct text name, int *ret_part);
bool args_is_flag(unsigned field);
/* The name of the option for a field or a part of it, without the dashes. */
struct text args_name(unsigned field, int part, struct arena *);
/* false where the value is none for the field, with a sentence. */
bool args_set(struct args *, unsigned field, int part, struct text value, struct buf *ret_why);
bool args_has(const struct args *, unsigned field);

/* The params: options, then whatever of the base no option has replaced, in one object. */
void args_print(const struct args *, struct buf *);

#endif
