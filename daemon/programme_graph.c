/* The workflow in force as a graph: Graphviz and Mermaid. */
#include "daemon/programme.h"

/* The arrows between two states are one line, which names every transition that goes there. */
static bool
add_names(struct buf *names, const struct workflow *w, int from, int to)
{
	buf_clear(names);
	for (size_t i = 0; i < w->transition_count; i++)
		for (size_t k = 0; k < w->transitions[i].move_count; k++) {
			struct move m = w->transitions[i].moves[k];
			if (m.from == from && m.to == to)
				buf_printf(names, "%s%.*s", names->len ? ", " : "",
				           TEXT_ARG(w->transitions[i].name));
		}
	return names->len > 0;
}

static void
dot_string(struct buf *out, struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		if (t.ptr[i] == '"' || t.ptr[i] == '\\')
			buf_byte(out, '\\');
		buf_byte(out, (unsigned char)t.ptr[i]);
	}
}

void
programme_workflow_dot(const struct programme *p, struct buf *out)
{
	const struct workflow *w = programme_workflow(p, (struct text){ 0 });
	struct buf names = { 0 };
	buf_str(out, "digraph workflow {\n\trankdir=LR;\n\tnode [shape=box, "
	             "style=rounded];\n\t\"none\" [shape=point];\n");
	for (size_t i = 0; i < w->state_count; i++) {
		const struct state *s = &w->states[i];
		buf_printf(out, "\t\"%.*s\" [label=\"", TEXT_ARG(s->label.code));
		dot_string(out, s->label.vi);
		buf_printf(out, "\\n%.*s\"%s];\n", TEXT_ARG(s->label.code),
		           s->final ? ", peripheries=2" : "");
	}
	for (int from = STATE_NONE; from < (int)w->state_count; from++)
		for (int to = 0; to < (int)w->state_count; to++)
			if (add_names(&names, w, from, to)) {
				struct text code = from == STATE_NONE ? TEXT("none") : w->states[from].label.code;
				buf_printf(out, "\t\"%.*s\" -> \"%.*s\" [label=\"%.*s\"];\n", TEXT_ARG(code),
				           TEXT_ARG(w->states[to].label.code), TEXT_ARG(buf_view(&names)));
			}
	buf_str(out, "}\n");
	buf_free(&names);
}

/* Mermaid's ids are letters, digits and _; its labels can't hold a double quote. */
static void
mermaid_text(struct buf *out, struct text t, bool id)
{
	for (size_t i = 0; i < t.len; i++) {
		char c = t.ptr[i];
		if (id && (c == '-' || c == '.'))
			c = '_';
		buf_byte(out, (unsigned char)(c == '"' ? '\'' : c));
	}
}

void
programme_workflow_mermaid(const struct programme *p, struct buf *out)
{
	const struct workflow *w = programme_workflow(p, (struct text){ 0 });
	struct buf names = { 0 };
	buf_str(out, "stateDiagram-v2\n");
	for (size_t i = 0; i < w->state_count; i++) {
		buf_str(out, "    state \"");
		mermaid_text(out, w->states[i].label.vi, false);
		buf_str(out, "\" as ");
		mermaid_text(out, w->states[i].label.code, true);
		buf_byte(out, '\n');
	}
	for (int from = STATE_NONE; from < (int)w->state_count; from++)
		for (int to = 0; to < (int)w->state_count; to++)
			if (add_names(&names, w, from, to)) {
				buf_str(out, "    ");
				mermaid_text(out, from == STATE_NONE ? TEXT("[*]") : w->states[from].label.code,
				             from != STATE_NONE);
				buf_str(out, " --> ");
				mermaid_text(out, w->states[to].label.code, true);
				buf_printf(out, " : %.*s\n", TEXT_ARG(buf_view(&names)));
			}
	for (size_t i = 0; i < w->state_count; i++)
		if (w->states[i].final) {
			buf_str(out, "    ");
			mermaid_text(out, w->states[i].label.code, true);
			buf_str(out, " --> [*]\n");
		}
	buf_free(&names);
}
