/* What people are told of an event: its facts by name, filled up from the dossier's record. */
#ifndef CLIENTS_NOTIFY_NOTE_H
#define CLIENTS_NOTIFY_NOTE_H

#include "proto/errors.h"
#include "proto/json.h"

/* Everything borrowed; what is not known is NULL or absent. */
struct note {
	const struct json *event;   /* the CloudEvent */
	const struct json *record;  /* the dossier's (dossier.get) */
	const struct json *labels;  /* the words for codes (workflow.get) */
	struct text feed, contact;
	enum lang lang;
	/* Within a block: */
	const struct json *item;
	size_t number;
};

enum { NOTE_NONE = -1 };

/* The field of that name (notify_fields.def); NOTE_NONE where there is none such. A name with _vi or
 * _en behind it sets *lang. */
int note_find(struct text name, enum lang *lang);
bool note_in_reasons(int field);        /* has it a value only inside a block of reasons? */
/* The field's value as people read it: labels for codes, dates dd/mm/yyyy. Empty where unknown. */
struct text note_text(const struct note *, int field, enum lang, struct arena *);
/* The field's value as it came, and its environment variable; NULL where it has none. */
struct text note_raw(const struct note *, int field, struct arena *);
const char *note_variable(int field);
int note_count(void);

/* The reasons of a return or recall: the event's, or the record's; NULL where there are none. */
const struct json *note_reasons(const struct note *);
/* "returned" of vn.ocop.dossier.returned. */
struct text note_type(const struct json *event);
/* Is there an event of this name at all? */
bool note_type_known(struct text type);

/* The event in one line: when, which dossier, what, whose, until when, why. */
void note_line(struct buf *, const struct note *, struct arena *);
/* Appends with every control character made a blank: nothing written by others makes new lines. */
void note_add_flat(struct buf *, struct text);

#endif
