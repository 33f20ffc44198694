/* Texts of mails: a subject and a body with {fields}.
 *
 *	Subject: Hồ sơ {dossier} bị trả lại
 *
 *	Hạn bổ sung: {until}
 *	{reasons}
 *	{number}. {reason}
 *	   {guidance}
 *	{/reasons}
 *
 * What is between {reasons} and {/reasons} is written once for each reason. A line whose fields are
 * all empty is left out. {{ and }} are the braces themselves. */
#ifndef CLIENTS_NOTIFY_TEMPLATE_H
#define CLIENTS_NOTIFY_TEMPLATE_H

#include "clients/notify_note.h"
#include "proto/zpl.h"

struct mail_template;

/* Lives in the arena. NULL with complaints (file and line) where the file can't be read, a field is
 * not known, a block is not closed or the subject is missing. */
const struct mail_template *template_load(const char *path, struct arena *, struct complaints *);
const struct mail_template *template_parse(const char *file, struct text, struct arena *,
                                      struct complaints *);
/* The subject in one line, the body with a line feed behind every line. */
void template_render(const struct mail_template *, const struct note *, struct arena *, struct buf *subject,
                     struct buf *body);

#endif
