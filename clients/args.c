/* From a shell's words to a request's params, by the shape of params. */
#include "clients/args.h"

#include "clients/values.h"
#include "proto/i18n.h"

#include <assert.h>

/* Where the option is not called as the field: one a time, of a list. */
static const struct {
	unsigned field;
	const char *option;
} singular[] = {
	{ params_documents, "document" },
	{ params_reasons, "reason" },
	{ params_items, "item" },
};

static const struct field *
field_at(unsigned index)
{
	return &params_shape.fields[index];
}

void
args_init(struct args *args, uint64_t takes, struct arena *arena)
{
	*args = (struct args){ .takes = takes, .arena = arena };
}

void
args_free(struct args *args)
{
	for (unsigned i = 0; i < params_COUNT; i++) {
		buf_free(&args->values[i]);
		for (unsigned p = 0; p < ARGS_PARTS_MAX; p++)
			buf_free(&args->parts[i][p]);
	}
}

struct text
args_name(unsigned index, int part, struct arena *arena)
{
	const struct field *field = field_at(index);
	if (part >= 0) {
		const char *name = field->shape->fields[part].name;
		return shape_find(&params_shape, text_of(name)) < 0
		       ? text_of(name) : arena_printf(arena, "%s-%s", field->name, name);
	}
	for (size_t i = 0; i < countof(singular); i++)
		if (singular[i].field == index)
			return text_of(singular[i].option);
	return text_of(field->name);
}

int
args_find(const struct args *args, struct text name, int *ret_part)
{
	for (unsigned i = 0; i < params_COUNT; i++) {
		if (!(args->takes & UINT64_C(1) << i))
			continue;
		const struct field *field = field_at(i);
		int parts = field->type == FIELD_ONE ? (int)field->shape->count : 0;
		assert(parts <= ARGS_PARTS_MAX);
		for (int part = parts ? 0 : -1; part < parts; part++)
			if (text_equal(name, args_name(i, part, args->arena))) {
				*ret_part = part;
				return (int)i;
			}
	}
	return -1;
}

bool
args_is_flag(unsigned field)
{
	return field_at(field)->type == FIELD_FLAG;
}

bool
args_has(const struct args *args, unsigned field)
{
	if (args->values[field].len || (args->base && json_get(args->base, field_at(field)->name)))
		return true;
	for (unsigned p = 0; p < ARGS_PARTS_MAX; p++)
		if (args->parts[field][p].len)
			return true;
	return false;
}

bool
args_set(struct args *args, unsigned index, int part, struct text value, struct buf *ret_why)
{
	const struct field *field = field_at(index);
	struct buf *out = &args->values[index];
	if (part >= 0) {
		field = &field->shape->fields[part];
		out = &args->parts[index][part];
	}
	bool list = field->type == FIELD_MANY || field->type == FIELD_MAP || field->type == FIELD_WORDS;
	if (out->len && !list) {
		buf_str(ret_why, _("is given twice"));
		return false;
	}
	size_t before = out->len;
	if (before)
		buf_byte(out, ',');
	const char *why = value_print(out, field, value);
	if (why) {
		out->len = before;
		buf_str(ret_why, why);
	}
	return !why;
}

/* The member of the base that stands for the field, or NULL. */
static const struct json *
base_of(const struct json *base, const char *name)
{
	return base ? json_get(base, name) : NULL;
}

/* {"name":..} from the options, filled up from the base's object. */
static void
print_parts(struct buf *out, const struct args *args, unsigned index)
{
	const struct shape *shape = field_at(index)->shape;
	const struct json *base = base_of(args->base, field_at(index)->name);
	const char *comma = "";
	buf_byte(out, '{');
	for (unsigned p = 0; p < shape->count; p++) {
		if (!args->parts[index][p].len)
			continue;
		buf_printf(out, "%s\"%s\":", comma, shape->fields[p].name);
		buf_text(out, buf_view(&args->parts[index][p]));
		comma = ",";
	}
	for (const struct json *m = base ? json_first(base) : NULL; m; m = json_next(m)) {
		int p = shape_find(shape, json_name(m));
		if (p >= 0 && args->parts[index][p].len)
			continue;
		buf_str(out, comma);
		json_write_string(out, json_name(m));
		buf_byte(out, ':');
		json_write(out, m);
		comma = ",";
	}
	buf_byte(out, '}');
}

static void
print_value(struct buf *out, const struct args *args, unsigned index)
{
	enum field_type type = field_at(index)->type;
	const char *brackets = type == FIELD_MANY || type == FIELD_WORDS ? "[]"
	                       : type == FIELD_MAP ? "{}" : NULL;
	if (brackets)
		buf_byte(out, (unsigned char)brackets[0]);
	buf_text(out, buf_view(&args->values[index]));
	if (brackets)
		buf_byte(out, (unsigned char)brackets[1]);
}

static bool
given(const struct args *args, unsigned index)
{
	bool any = args->values[index].len;
	for (unsigned p = 0; p < ARGS_PARTS_MAX; p++)
		any |= args->parts[index][p].len > 0;
	return any;
}

/* Was this member of the base already printed from an option? Two fields may share a wire name
 * (limit, after), so all are asked. */
static bool
replaced(const struct args *args, struct text name)
{
	for (unsigned i = 0; i < params_COUNT; i++)
		if (given(args, i) && text_is(name, field_at(i)->name))
			return true;
	return false;
}

void
args_print(const struct args *args, struct buf *out)
{
	const char *comma = "";
	buf_byte(out, '{');
	for (unsigned i = 0; i < params_COUNT; i++) {
		if (!given(args, i))
			continue;
		buf_printf(out, "%s\"%s\":", comma, field_at(i)->name);
		if (field_at(i)->type == FIELD_ONE)
			print_parts(out, args, i);
		else
			print_value(out, args, i);
		comma = ",";
	}
	for (const struct json *m = args->base ? json_first(args->base) : NULL; m; m = json_next(m)) {
		if (replaced(args, json_name(m)))
			continue;
		buf_str(out, comma);
		json_write_string(out, json_name(m));
		buf_byte(out, ':');
		json_write(out, m);
		comma = ",";
	}
	buf_byte(out, '}');
}
