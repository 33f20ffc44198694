/* An editor, as the environment names it, on a file. */
#ifndef CLIENTS_ENTRY_EDITOR_H
#define CLIENTS_ENTRY_EDITOR_H

/* Runs $VISUAL, else $EDITOR, else Debian's `editor` on the file, on the terminal, and waits. 0; the
 * editor's own exit code, where it is none, 127 where there is no such program; < 0 a fault. */
int editor_run(const char *path);

#endif
