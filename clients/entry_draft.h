/* What was typed and not yet sent, in a file of its owner's alone: a JSON object of texts.
 *
 * Drafts lie in $XDG_STATE_HOME/ocop/drafts (else ~/.local/state/ocop/drafts). One that is open
 * elsewhere is left to whoever has it: two windows have two drafts. */
#ifndef CLIENTS_ENTRY_DRAFT_H
#define CLIENTS_ENTRY_DRAFT_H

#include "proto/json.h"

struct draft {
	int fd;
	struct text path;           /* in the arena */
};

/* Opens NAME.EXT, or NAME-2.EXT where another has it open, ... 0, or -errno. An earlier one's
 * content stands in *ret_text, empty where there was none. */
int draft_open(const char *name, const char *extension, struct arena *, struct draft *ret, struct text *ret_text);
/* 0, or -errno; then the file may hold part of it. Nothing where no file is open (fd -1). */
int draft_write(struct draft *, struct text);
/* Reads it again, after somebody else wrote there. */
int draft_read(struct draft *, struct arena *, struct text *ret_text);
void draft_close(struct draft *);
/* It is done with: the file is gone. */
void draft_drop(struct draft *);

#endif
