/* What a dossier is found by: its index terms and its figures, as functions of the record alone.
 *
 * Each index is here for a query that needs it (one letter, then the value, NUL, then the id):
 *   s state, c commune, g group, r round, * stars, o overdue, t three folded letters of number,
 *   product and producer: the filters of dossier.list, joined by zig-zag over ids;
 *   D due day, O due day of the overdue ones, h day by which a commune is to confirm: report.deadlines;
 *   T moment of the clock's next event; u commune of a notice not yet confirmed: the feeds' acknowledgement;
 *   p previous dossier: `next` of dossier.get.
 * A transition rewrites only the terms that changed. */
#ifndef DAEMON_TERMS_H
#define DAEMON_TERMS_H

#include "daemon/programme.h"
#include "daemon/store.h"

enum { TERM_MAX = 200, ID_LEN = 8, GRAM_LEN = 3 };

/* Ids and other 8-byte numbers as keys: big-endian, so that bytes sort as numbers do. */
void id_write(uint64_t id, char out[ID_LEN]);
uint64_t id_read(const char *bytes);
/* Moments likewise, those before 1970 first. */
uint64_t moment_key(int64_t time_ms);
int64_t moment_of(uint64_t key);

/* The stars a dossier goes by: the province's where it has ranked, else the council's; or NONE. */
int64_t dossier_stars(const struct dossier *);

struct term {
	uint8_t len;
	char bytes[TERM_MAX];       /* letter, value, NUL; the id (8 bytes, big-endian) is put behind it as key */
};

/* All terms of a record, in no order, those of its text perhaps more than once; in the arena. NULL
 * gives none. `previous_id` is the id of the record's `previous`, 0 for none. Without the text's
 * terms where the caller knows that they stay. */
size_t terms_of(const struct dossier *, uint64_t previous_id, bool with_text, struct arena *, struct term **ret);
/* One term by hand, for a query. */
struct term term_make(char letter, struct text value);
struct term term_day(char letter, int64_t day);
struct term term_moment(char letter, int64_t time_ms);
struct term term_id(char letter, uint64_t id);

/* Brings index and figures from one record to the next; either may be NULL. */
void terms_move(struct store *, uint64_t id, const struct dossier *before, uint64_t before_previous,
                const struct dossier *after, uint64_t after_previous, struct arena *);
/* Of all that only the index of notices not yet confirmed: a rebuild needs it before the others. */
void terms_move_notice(struct store *, uint64_t id, const struct dossier *before, const struct dossier *after);

/* Figures (report.summary, versions.h): how many dossiers of a round and commune have which value. Key: round,
 * NUL, commune, NUL, letter, value. Letters: n all, s state, g group, k kind of producer, * stars
 * of the council, P stars of the province, R year and stars of the province's ranking, w workflow's
 * version, C group and its criteria's version. */
size_t counts_of(const struct dossier *, struct arena *, struct term **ret);
void counts_add(struct store *, struct text figure, int64_t by);
typedef void counts_visit(void *context, struct text round, struct text commune, char letter, struct text value, int64_t count);
void counts_walk(struct store *, counts_visit *, void *context);

/* The folded text a dossier is searched by. */
struct text terms_text(const struct dossier *, struct arena *);

#endif
