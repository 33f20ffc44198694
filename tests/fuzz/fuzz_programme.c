/* Any text as a workflow file: either there are complaints, or the workflow is one that can run. */
#include "daemon/programme_load.h"

#include "proto/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition) ((condition) ? (void)0 : abort())

/* What workflow.c relies on without asking. */
static void
check_transition(const struct workflow *w, const struct transition *t)
{
	MUST(t->name.len && t->method.len && t->event.len && t->label.vi.len && t->label.en.len);
	MUST(t->legal.len && t->roles && !(t->roles & ~ROLES_ALL));
	MUST(!(t->needs & ~t->takes) && !(t->effects >> EFFECT_COUNT));
	MUST(t->move_count && t->move_count <= MOVES_MAX && t->guard_count <= countof(t->guards));
	MUST(workflow_transition(w, t->method) == t);
	for (size_t i = 0; i < t->guard_count; i++)
		MUST(guard_name(t->guards[i]));
	for (size_t i = 0; i < t->move_count; i++) {
		MUST(t->moves[i].from >= STATE_NONE && t->moves[i].from < (int)w->state_count);
		MUST(t->moves[i].to >= 0 && t->moves[i].to < (int)w->state_count);
		for (size_t k = 0; k < i; k++)
			MUST(t->moves[k].from != t->moves[i].from);
	}
}

static void
check_printing(const struct programme *p, struct arena *arena)
{
	struct buf out = { 0 };
	programme_workflow_json(p, &out);
	MUST(json_parse(buf_view(&out), arena, NULL));
	buf_clear(&out);
	programme_print(p, &out);
	programme_workflow_dot(p, &out);
	programme_workflow_mermaid(p, &out);
	MUST(utf8_valid(buf_view(&out)));
	buf_free(&out);
}

static void
check_whole(struct programme *p, struct workflow *w)
{
	MUST(w->state_count && w->state_count <= STATES_MAX && w->transition_count);
	MUST(w->valid_from.len && w->legal.len && w->check_days >= 0);
	for (size_t i = 0; i < w->state_count; i++)
		MUST(workflow_state(w, w->states[i].label.code) == (int)i && w->states[i].label.vi.len);
	for (size_t i = 0; i < w->transition_count; i++)
		check_transition(w, &w->transitions[i]);
	p->workflows = w;
	p->workflow_count = 1;
	check_printing(p, p->arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct complaints complaints = { 0 };
	struct arena *arena = arena_new();
	struct programme programme = { .arena = arena, .council.quorum_den = 1 };
	struct load l = { .programme = &programme, .arena = arena, .complaints = &complaints };
	struct workflow w;
	struct zpl *root = zpl_parse("input", (struct text){ (const char *)data, size }, arena, &complaints);
	if (root) {
		load_workflow(&l, root, &w);
		check_workflow(&l, root, &w);
		if (!complaints.errors)
			check_whole(&programme, &w);
	}
	MUST(utf8_valid(buf_view(&complaints.text)));
	MUST(!complaints.errors == (root && programme.workflow_count));
	buf_free(&complaints.text);
	arena_destroy(&arena);
	return 0;
}
