/* How far a long piece of work has come, on the terminal behind standard error; nothing anywhere else. */
#ifndef CLIENTS_PROGRESS_H
#define CLIENTS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *words;          /* what is being done; NULL: nobody looks */
	int64_t total;
	int64_t next_ms;            /* not told again before */
	bool told;
};

/* `words` is borrowed. Work that is done in one step is not told. */
void progress_begin(struct progress *, const char *words, int64_t total, bool quiet);
void progress_at(struct progress *, int64_t done);
/* Clears the line. */
void progress_end(struct progress *);

#endif
