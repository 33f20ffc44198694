/* Inside the programme's loader: reading one ZPL file by the keys it may have.
 *
 * Every function complains with file and line about what it does not like and goes on, so that
 * one run shows all that is wrong; whether to use the result is decided once, by the complaints. */
#ifndef DAEMON_PROGRAMME_LOAD_H
#define DAEMON_PROGRAMME_LOAD_H

#include "daemon/programme.h"

struct load {
	struct programme *programme;
	struct arena *arena;        /* the programme's */
	struct complaints *complaints;
};

/* A complaint at an item's place. */
#define LOAD_COMPLAIN(l, item, ...) \
	complain((l)->complaints, (item)->file, (item)->line ? (item)->line : 1, __VA_ARGS__)
#define LOAD_WARN(l, item, ...) \
	complain_warning((l)->complaints, (item)->file, (item)->line ? (item)->line : 1, __VA_ARGS__)

/* The keys every file of the programme may have at its top. */
#define LOAD_TOP "legal! valid-from! source "

/* Checks an item's children against "vi! en! closed move* state{*": ! needed, * may repeat, { may
 * have children of its own. Every key has a value. */
void load_keys(struct load *, const struct zpl *, const char *spec);
/* The whole top of a file: LOAD_TOP and `spec`, and valid-from a date. */
void load_top(struct load *, const struct zpl *root, const char *spec);

/* Iterates over the children of one name. */
const struct zpl *load_first(const struct zpl *, const char *name);
const struct zpl *load_next(const struct zpl *);
size_t load_count(const struct zpl *, const char *name);

/* The value of a child, checked; where there is none, absent, NONE, `otherwise` or false. */
int64_t load_int(struct load *, const struct zpl *, const char *name, int64_t min, int64_t max,
                 int64_t otherwise);
int64_t load_day(struct load *, const struct zpl *, const char *name);
bool load_yes(struct load *, const struct zpl *, const char *name);
/* The index of the value among the words; -1 where it is none of them, or absent. */
int load_choice(struct load *, const struct zpl *, const char *name, const char *const *words,
                size_t count);
/* These digits, of the item's value; `min` where they are no number in the bounds. */
int64_t load_number(struct load *, const struct zpl *, struct text digits, int64_t min,
                    int64_t max);

/* Splits "a > b": true where `separator` stands exactly once, with something on both sides. */
bool load_pair(struct text, char separator, struct text *ret_left, struct text *ret_right);

/* The item's own value as a code (letters a to z, digits, - and .) with children vi and en. */
struct label load_label(struct load *, const struct zpl *);
/* All items of one name as labels, keys `vi! en!` and `more`; a code twice is a complaint. */
struct label *load_labels(struct load *, const struct zpl *root, const char *name, const char *more,
                          size_t *ret_count);
/* Complains where an earlier sibling of the same name has the same value. */
void load_once(struct load *, const struct zpl *root, const struct zpl *item);

/* One kind of file each. Roots are never NULL. */
void load_programme(struct load *, const struct zpl *root);
void load_units(struct load *, const struct zpl *root);
void load_documents(struct load *, const struct zpl *root);
void load_rounds(struct load *, const struct zpl *root);
void load_council(struct load *, const struct zpl *root);
void load_support(struct load *, const struct zpl *root);
void load_calendar(struct load *, const struct zpl *root);
/* Fill one element; the caller sorts them. */
void load_workflow(struct load *, const struct zpl *root, struct workflow *ret);
void load_criteria(struct load *, const struct zpl *root, struct criteria_set *ret);
/* What a workflow's parts must be to each other; after load_workflow. */
void check_workflow(struct load *, const struct zpl *root, const struct workflow *);

/* Words of the workflow file. */
extern const char *const deadline_words[];
extern const char *const effect_words[];
extern const char *const closed_words[]; /* of bit 0, 1, ... of enum closed */
enum { DEADLINE_COUNT = DEADLINE_SUPPORT + 1, CLOSED_COUNT = 3 };

#endif
