/* Texts of mails: a subject, a blank line and a body, both templates (clients/template.h).
 *
 *	Subject: Hồ sơ {dossier} bị trả lại
 *
 *	Hạn bổ sung: {until}
 *
 * Fields are those of notify_fields.def; the one block is {reasons} ... {/reasons}. */
#ifndef CLIENTS_NOTIFY_TEMPLATE_H
#define CLIENTS_NOTIFY_TEMPLATE_H

#include "clients/notify_note.h"
#include "clients/template.h"

struct mail_template;

/* Lives in the arena. NULL with complaints (file and line) where the file can't be read, a field is
 * not known, a block is not closed or the subject is missing. */
const struct mail_template *mail_template_load(const char *path, struct arena *, struct complaints *);
const struct mail_template *mail_template_parse(const char *file, struct text, struct arena *, struct complaints *);
/* The subject in one line, the body with a line feed behind every line. */
void mail_template_render(const struct mail_template *, const struct note *, struct arena *, struct buf *subject,
                          struct buf *body);

#endif
