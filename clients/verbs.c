/* The tables of verbs and of the fields' help, expanded. */
#include "clients/verbs.h"

#include "clients/account.h"
#include "clients/export.h"
#include "clients/import.h"
#include "clients/journal.h"
#include "clients/metrics.h"
#include "clients/print.h"
#include "clients/watch.h"
#include "proto/i18n.h"

#define F(member) FIELD(params, member)
#define BARE(first) { params_##first, BARE_NONE }
#define BARE2(first, second) { params_##first, params_##second }
#define NOTHING { BARE_NONE, BARE_NONE }

static const struct verb verbs[] = {
#define VERB(name, method, kind, takes, bare, summary) { name, method, kind, takes, bare, summary },
#define COMMAND(name, run, help, rows, summary)
#include "clients/verbs.def"
};

static const struct command commands[] = {
#define VERB(name, method, kind, takes, bare, summary)
#define COMMAND(name, run, help, rows, summary) { name, run, help, rows, summary },
#include "clients/verbs.def"
};

static const struct field_help fields[params_COUNT] = {
#define FIELD_HELP(member, value, summary) [params_##member] = { value, summary },
#include "clients/fields.def"
};

const struct verb *
verb_item(size_t i)
{
	return i < countof(verbs) ? &verbs[i] : NULL;
}

const struct verb *
verb_find(struct text name)
{
	for (size_t i = 0; i < countof(verbs); i++)
		if (text_is(name, verbs[i].name))
			return &verbs[i];
	return NULL;
}

const struct verb *
verb_of_method(struct text method)
{
	for (size_t i = 0; i < countof(verbs); i++)
		if (verbs[i].method && text_is(method, verbs[i].method))
			return &verbs[i];
	return NULL;
}

const struct command *
command_item(size_t i)
{
	return i < countof(commands) ? &commands[i] : NULL;
}

const struct command *
command_find(struct text name)
{
	for (size_t i = 0; i < countof(commands); i++)
		if (text_is(name, commands[i].name))
			return &commands[i];
	return NULL;
}

const struct field_help *
field_help(unsigned index)
{
	return &fields[index];
}

const char *
field_value(unsigned index)
{
	const char *value = field_help(index)->value;
	return *value ? _(value) : "";
}
