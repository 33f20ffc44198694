/* The programme's definition as data: one folder of ZPL files, loaded and checked as a whole.
 *
 * Immutable once loaded; everything lives in the programme's own arena until programme_destroy.
 * Nothing of the law is in code: what is here has its legal basis and valid-from in the files. */
#ifndef DAEMON_PROGRAMME_H
#define DAEMON_PROGRAMME_H

#include "daemon/calendar.h"
#include "proto/codec.h"
#include "proto/role.h"
#include "proto/zpl.h"

/* A code with its labels; `vi` is the legal name. */
struct label {
	struct text code, vi, en;
};

/* When a dossier in this state counts as closed, so that it may come back as a linked dossier. */
enum closed {
	CLOSED_NEVER   = 0,
	CLOSED_ALWAYS  = 1, /* disqualified, withdrawn, lapsed */
	CLOSED_BELOW   = 2, /* where its stars are below the band that goes to the province */
	CLOSED_EXPIRED = 4, /* where its certificate's last day is past */
};

/* Against which date an act is late. Lateness flags, it never blocks. */
enum deadline { DEADLINE_NONE, DEADLINE_CHECK, DEADLINE_INTAKE, DEADLINE_SCORING, DEADLINE_SUPPORT };

struct state {
	struct label label;
	bool final;
	unsigned closed;            /* of enum closed */
	enum deadline clock;        /* DEADLINE_CHECK: the check runs here, so the due day exists here only */
	int line;
};

enum { STATE_NONE = -1, STATE_SAME = -1, STATES_MAX = 32, MOVES_MAX = 32 };

struct move {
	int from;                   /* index of a state, or STATE_NONE for "none" */
	int to;                     /* index of a state (equal to from for "same") */
};

/* What happens beside the move, by name (workflow.c, effect table). */
enum effect {
#define EFFECT(symbol, name, needs) EFFECT_##symbol,
#include "daemon/effects.def"
	EFFECT_COUNT
};

struct transition {
	struct text name;           /* "return"; the method is "dossier.return" */
	struct text method;
	struct text event;          /* "returned": vn.ocop.dossier.returned */
	struct label label;
	struct move moves[MOVES_MAX];
	size_t move_count;
	unsigned roles;             /* ROLE() mask */
	uint64_t takes, needs;      /* FIELD(params, ...) masks; dossier, key, version, lang are always taken,
	                               dossier always needed but where a move starts from none */
	uint64_t effects;           /* 1 << enum effect */
	enum detail guards[16];     /* in the order they are asked */
	size_t guard_count;
	enum deadline deadline;
	struct text legal;          /* the clause, shown in refusals */
	struct text notice;         /* whom it concerns: "commune" or absent */
	int line;
};

struct workflow {
	struct text valid_from, legal;
	struct state *states;
	size_t state_count;
	struct transition *transitions;
	size_t transition_count;
	int check_days;             /* working days for the check, day of receipt not counted */
	int hear_days;              /* working days until a commune is to have confirmed a notice */
	const char *file;
};

struct unit {
	struct label label;
	struct text kind;           /* town, commune */
	int64_t valid_from, valid_until; /* NONE is open */
	struct text successor;
};

struct document_def {
	struct label label;
	bool mandatory, may_be_not_applicable;
	struct text note;
};

struct round {
	struct label label;
	int64_t intake_from, intake_until, scoring_until, support_until; /* NONE is open */
};

enum { RULE_STORY = 1, RULE_ZERO = 2, LEVELS_MAX = 16, CASES_MAX = 2 };

struct criterion {
	struct text code;           /* "a1.1"; its part is the first letter */
	struct text name;
	int part;                   /* 0, 1, 2 for A, B, C */
	int levels[LEVELS_MAX];     /* ascending */
	size_t level_count;
	struct { int levels[LEVELS_MAX]; size_t count; } cases[CASES_MAX]; /* either-or; case_count 0: none */
	size_t case_count;
	unsigned rules;             /* RULE_STORY: 0 where b5.1 is 0; RULE_ZERO: 0 stops the assessment */
	struct text findings[4];    /* "knockout-origin", ...: what the council can name when it disqualifies */
	size_t finding_count;
};

/* A heading of a set, with the criteria that stand below it. */
struct section {
	struct text code, name;     /* "1", "Tổ chức sản xuất" */
	int part, max;
	size_t first, count;        /* of criteria_set.criteria */
};

struct criteria_set {
	struct label label;         /* code is the product group */
	struct text sector, valid_from, legal, source;
	int64_t valid_from_day;
	struct section *sections;   size_t section_count;
	struct criterion *criteria; /* none: known, not scorable */
	size_t count;
	int part_max[3];            /* sums of the ladders' tops */
	int samples;                /* units of the product to hand in */
};

struct member_def {
	struct label label;
	bool chair;
};

struct council {
	struct member_def *members;
	size_t count;
	int quorum_num, quorum_den; /* at least 3/4 of the members */
	bool chair_needed;
	int spread_max;             /* totals further apart than this refuse the conclusion */
	struct text legal;
};

struct band { int stars; int64_t from; }; /* average >= from points; descending */

struct ceiling { struct text content; int64_t amount; };

struct milestone { struct label label; int64_t from, until; struct text legal; };

struct programme {
	struct text source;         /* "/ocop/650" */
	struct text name, title_vi, title_en;
	struct text number_prefix;  /* of the number template: "KN-" of "KN-{year}-{number:4}" */
	int number_digits;
	int certificate_months, expiring_days;
	int forward_stars;          /* 3: from here up to the province, and support */
	struct workflow *workflows; /* ascending by valid_from; the last one in force is for new dossiers */
	size_t workflow_count;
	struct calendar calendar;
	struct unit *units;         size_t unit_count;
	struct document_def *documents; size_t document_count;
	struct round *rounds;       size_t round_count;  /* by intake_from */
	struct criteria_set *sets;  size_t set_count;    /* by group, then valid_from */
	struct label *producer_kinds; size_t producer_kind_count;
	struct council council;
	struct band *bands;         size_t band_count;
	struct label *findings;     size_t finding_count; /* the knock-outs that criteria may name */
	struct label *contents;     size_t content_count;
	struct label *sources;      size_t source_count;
	struct ceiling *ceilings;   size_t ceiling_count;
	struct milestone *milestones; size_t milestone_count;
	int target_min, target_max, target_stars, target_year, target_proposals; /* plan II.1, II.2 */
	struct text warnings;       /* the complaints of its loading, one a line */
	struct arena *arena;
};

/* NULL where there is any error; every complaint is in *complaints, warnings also on success. */
struct programme *programme_load(const char *dir, struct complaints *);
void programme_destroy(struct programme **);
/* --check-config: states, transitions with roles and guards, sets with their sums, calendar
 * years, warnings; a page to read. */
void programme_print(const struct programme *, struct buf *);
/* workflow.get: format "json", "dot" or "mermaid". json gives an object, the others a text. */
void programme_workflow_json(const struct programme *, struct buf *);
void programme_workflow_dot(const struct programme *, struct buf *);
void programme_workflow_mermaid(const struct programme *, struct buf *);
/* criteria.get: the set as an object, with its parts, sections, criteria and ladders. */
void criteria_set_json(const struct criteria_set *, struct buf *);

/* Lookups; NULL (or -1) where there is none. */
const struct workflow *programme_workflow(const struct programme *, struct text valid_from); /* absent: the latest */
int workflow_state(const struct workflow *, struct text code);
const struct transition *workflow_transition(const struct workflow *, struct text method);
const struct unit *programme_unit(const struct programme *, struct text code, int64_t day); /* valid on that day */
const struct document_def *programme_document(const struct programme *, struct text code);
const struct round *programme_round(const struct programme *, struct text code);
/* The set of a group in force on a day, or exactly the version `valid_from` where that is present.
 * Before the first version's valid-from: that first version. */
const struct criteria_set *programme_set(const struct programme *, struct text group, int64_t day, struct text valid_from);
const struct member_def *programme_member(const struct programme *, struct text code);
const struct label *label_find(const struct label *, size_t count, struct text code);

/* "KN-2020-0007" <-> id. The id orders by year, then number: (year << 32) | number. */
bool programme_number_parse(const struct programme *, struct text number, uint64_t *ret_id);
struct text programme_number_print(const struct programme *, uint64_t id, struct arena *);

#endif
