/* The programme's folder as a whole, lookups in it, and dossier numbers. */
#include "daemon/programme.h"

#include "daemon/programme_load.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The files that must be there, in the order they are read: criteria ask for the findings. */
static const struct {
	const char *name;
	void (*load)(struct load *, const struct zpl *);
} files[] = {
	{ "programme.zpl", load_programme }, { "calendar.zpl", load_calendar },
	{ "units.zpl", load_units },         { "documents.zpl", load_documents },
	{ "rounds.zpl", load_rounds },       { "council.zpl", load_council },
	{ "support.zpl", load_support },
};

/* Only NAME.zpl counts: an editor's copies (NAME.zpl~, .NAME.zpl.swp) are nobody's law. */
static int
is_zpl(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);
	return entry->d_name[0] != '.' && len > 4 && strcmp(entry->d_name + len - 4, ".zpl") == 0;
}

static bool
is_workflow(const char *name)
{
	return strncmp(name, "workflow", 8) == 0;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Names of the ZPL files of a folder in the order of bytes, whatever the file system's. */
static struct texts
list_folder(struct load *l, const char *dir)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, is_zpl, by_name);
	struct texts names = { 0 };
	if (n < 0) {
		complain(l->complaints, dir, 0, "can't be read: %s; a readable folder would be right",
		         strerror(errno));
		return names;
	}
	names.items = arena_array(l->arena, (size_t)n, sizeof *names.items);
	names.count = (size_t)n;
	for (int i = 0; i < n; i++) {
		names.items[i] = arena_text(l->arena, text_of(entries[i]->d_name));
		free(entries[i]);
	}
	free(entries);
	return names;
}

static struct zpl *
load_file(struct load *l, const char *dir, const char *name)
{
	return zpl_load(arena_printf(l->arena, "%s/%s", dir, name).ptr, l->arena, l->complaints);
}

static int
compare_workflows(const void *a, const void *b)
{
	const struct workflow *x = a, *y = b;
	return text_compare(x->valid_from, y->valid_from);
}

static void
load_workflows(struct load *l, const char *dir, struct texts names)
{
	struct programme *p = l->programme;
	p->workflows = arena_array(l->arena, names.count, sizeof *p->workflows);
	for (size_t i = 0; i < names.count; i++) {
		struct zpl *root =
			is_workflow(names.items[i].ptr) ? load_file(l, dir, names.items[i].ptr) : NULL;
		if (!root)
			continue;
		struct workflow *w = &p->workflows[p->workflow_count++];
		load_workflow(l, root, w);
		check_workflow(l, root, w);
		for (struct workflow *other = p->workflows; other < w; other++)
			if (w->valid_from.len && text_equal(other->valid_from, w->valid_from))
				LOAD_COMPLAIN(l, zpl_find(root, "valid-from"),
				              "the workflow of %s has this day too; a valid-from of its own would "
				              "be right",
				              other->file);
	}
	if (p->workflow_count)
		qsort(p->workflows, p->workflow_count, sizeof *p->workflows, compare_workflows);
	else if (names.count && !l->complaints->errors)
		complain(l->complaints, dir, 0, "there is no workflow; a file workflow.zpl would be right");
}

static int
compare_sets(const void *a, const void *b)
{
	const struct criteria_set *x = a, *y = b;
	int order = text_compare(x->label.code, y->label.code);
	return order
	           ? order
	           : (x->valid_from_day > y->valid_from_day) - (x->valid_from_day < y->valid_from_day);
}

static void
load_sets(struct load *l, const char *dir)
{
	struct programme *p = l->programme;
	struct texts names = list_folder(l, dir);
	p->sets = arena_array(l->arena, names.count, sizeof *p->sets);
	for (size_t i = 0; i < names.count; i++) {
		struct zpl *root = load_file(l, dir, names.items[i].ptr);
		if (!root)
			continue;
		struct criteria_set *set = &p->sets[p->set_count++];
		load_criteria(l, root, set);
		for (struct criteria_set *other = p->sets; other < set; other++)
			if (set->label.code.len && compare_sets(other, set) == 0)
				LOAD_COMPLAIN(l, zpl_find(root, "set"),
				              "the set \"%.*s\" of %.*s stands in another file too; once would be "
				              "right",
				              TEXT_ARG(set->label.code), TEXT_ARG(set->valid_from));
	}
	if (p->set_count)
		qsort(p->sets, p->set_count, sizeof *p->sets, compare_sets);
	else if (!l->complaints->errors)
		complain(l->complaints, dir, 0,
		         "there is no criteria set; a file for each product group would be right");
}

static void
load_files(struct load *l, const char *dir, struct texts names)
{
	for (size_t i = 0; i < names.count; i++) {
		bool known = is_workflow(names.items[i].ptr);
		for (size_t k = 0; k < countof(files); k++)
			known |= text_is(names.items[i], files[k].name);
		if (!known)
			complain(l->complaints, arena_printf(l->arena, "%s/%s", dir, names.items[i].ptr).ptr, 0,
			         "unknown file; workflow*.zpl or one of the programme's own names would be "
			         "right");
	}
	for (size_t k = 0; k < countof(files); k++) {
		struct zpl *root = load_file(l, dir, files[k].name);
		if (root)
			files[k].load(l, root);
	}
}

struct programme *
programme_load(const char *dir, struct complaints *complaints)
{
	struct arena *arena = arena_new();
	struct programme *p = arena_alloc(arena, sizeof *p);
	struct load l = { .programme = p, .arena = arena, .complaints = complaints };
	int before = complaints->errors;
	size_t said = complaints->text.len;
	p->arena = arena;
	struct texts names = list_folder(&l, dir);
	if (complaints->errors == before) {
		load_files(&l, dir, names);
		load_workflows(&l, dir, names);
		load_sets(&l, arena_printf(arena, "%s/criteria", dir).ptr);
	}
	if (complaints->errors != before) {
		programme_destroy(&p);
		return NULL;
	}
	struct text all = buf_view(&complaints->text);
	p->warnings = arena_text(arena, (struct text){ all.ptr + said, all.len - said });
	return p;
}

void
programme_destroy(struct programme **p)
{
	if (!*p)
		return;
	struct arena *arena = (*p)->arena;
	*p = NULL;
	arena_destroy(&arena);
}

const struct workflow *
programme_workflow(const struct programme *p, struct text valid_from)
{
	if (!valid_from.ptr)
		return &p->workflows[p->workflow_count - 1];
	for (size_t i = 0; i < p->workflow_count; i++)
		if (text_equal(p->workflows[i].valid_from, valid_from))
			return &p->workflows[i];
	return NULL;
}

int
workflow_state(const struct workflow *w, struct text code)
{
	for (size_t i = 0; i < w->state_count; i++)
		if (code.ptr && text_equal(w->states[i].label.code, code))
			return (int)i;
	return -1;
}

const struct transition *
workflow_transition(const struct workflow *w, struct text method)
{
	for (size_t i = 0; i < w->transition_count; i++)
		if (text_equal(w->transitions[i].method, method))
			return &w->transitions[i];
	return NULL;
}

const struct unit *
programme_unit(const struct programme *p, struct text code, int64_t day)
{
	for (size_t i = 0; i < p->unit_count; i++) {
		const struct unit *u = &p->units[i];
		if (text_equal(u->label.code, code) && day >= u->valid_from
		    && (u->valid_until == NONE || day <= u->valid_until))
			return u;
	}
	return NULL;
}

const struct document_def *
programme_document(const struct programme *p, struct text code)
{
	for (size_t i = 0; i < p->document_count; i++)
		if (text_equal(p->documents[i].label.code, code))
			return &p->documents[i];
	return NULL;
}

const struct round *
programme_round(const struct programme *p, struct text code)
{
	for (size_t i = 0; i < p->round_count; i++)
		if (text_equal(p->rounds[i].label.code, code))
			return &p->rounds[i];
	return NULL;
}

const struct criteria_set *
programme_set(const struct programme *p, struct text group, int64_t day, struct text valid_from)
{
	const struct criteria_set *found = NULL;
	for (size_t i = 0; i < p->set_count; i++) {
		const struct criteria_set *set = &p->sets[i];
		if (!text_equal(set->label.code, group))
			continue;
		if (valid_from.ptr ? text_equal(set->valid_from, valid_from)
		                   : !found || set->valid_from_day <= day)
			found = set;
	}
	return found;
}

const struct member_def *
programme_member(const struct programme *p, struct text code)
{
	for (size_t i = 0; i < p->council.count; i++)
		if (text_equal(p->council.members[i].label.code, code))
			return &p->council.members[i];
	return NULL;
}

const struct label *
label_find(const struct label *labels, size_t count, struct text code)
{
	for (size_t i = 0; i < count; i++)
		if (code.ptr && text_equal(labels[i].code, code))
			return &labels[i];
	return NULL;
}

/* Digits only, at most UINT32_MAX; false where there is anything else. */
static bool
read_digits(const char *z, size_t len, uint64_t *ret)
{
	uint64_t n = 0;
	if (!len || len > 10)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (z[i] < '0' || z[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(z[i] - '0');
	}
	*ret = n;
	return n <= UINT32_MAX;
}

bool
programme_number_parse(const struct programme *p, struct text number, uint64_t *ret_id)
{
	enum { YEAR_DIGITS = 4 };
	size_t prefix = p->number_prefix.len, digits = (size_t)p->number_digits,
		   head = prefix + YEAR_DIGITS + 1;
	uint64_t year, n;
	if (number.len < head + digits || memcmp(number.ptr, p->number_prefix.ptr, prefix) != 0
	    || number.ptr[head - 1] != '-')
		return false;
	const char *rest = number.ptr + head;
	size_t len = number.len - head;
	/* One dossier has one number: a longer one may not begin with 0. */
	if (!read_digits(number.ptr + prefix, YEAR_DIGITS, &year) || !read_digits(rest, len, &n)
	    || year < 1900 || year > 2999 || n == 0 || (len > digits && rest[0] == '0'))
		return false;
	*ret_id = year << 32 | n;
	return true;
}

struct text
programme_number_print(const struct programme *p, uint64_t id, struct arena *arena)
{
	return arena_printf(arena, "%.*s%04u-%0*u", TEXT_ARG(p->number_prefix), (unsigned)(id >> 32),
	                    p->number_digits, (unsigned)(id & UINT32_MAX));
}
