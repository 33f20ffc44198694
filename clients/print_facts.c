/* The facts of a paper, as its template names them. */
#include "clients/print_facts.h"

#include "clients/cells.h"
#include "clients/print_page.h"

#include <ctype.h>
#include <string.h>

/* How a value is shown; between FIRST_LIST and LAST_LIST it is a code of that list. */
enum as {
	AS_TEXT, AS_DAY, AS_POINTS, AS_MONEY, AS_LIST, AS_COUNT, AS_NUMBER, AS_PART, AS_POINT,
	AS_STATE, AS_ROUND, AS_GROUP, AS_KIND, AS_COMMUNE, AS_FINDING, AS_DOCUMENT, AS_MEMBER, AS_CONTENT, AS_SOURCE,
};

enum { DAY_LONG, DAY_SHORT };

/* Where the workflow has the words for codes. */
static const char *const lists[] = {
	[AS_STATE] = "w.states", [AS_ROUND] = "w.rounds", [AS_GROUP] = "w.groups", [AS_KIND] = "w.kinds",
	[AS_COMMUNE] = "w.communes", [AS_FINDING] = "w.findings", [AS_DOCUMENT] = "w.documents",
	[AS_MEMBER] = "w.council.members", [AS_CONTENT] = "w.contents", [AS_SOURCE] = "w.sources",
};

static const struct fact {
	const char *name, *places;
	enum as as;
	int block;
} facts_known[] = {
#define FACT_IN(name, places, as, block) { name, places, as, block },
#include "clients/print_fields.def"
};

static const struct template_block blocks[BLOCK_COUNT] = {
	[BLOCK_REASONS] = { "reasons", -1 }, [BLOCK_DOCUMENTS] = { "documents", -1 }, [BLOCK_SHEETS] = { "sheets", -1 },
	[BLOCK_SUPPORT] = { "support", -1 }, [BLOCK_PARTS] = { "parts", -1 }, [BLOCK_SECTIONS] = { "sections", BLOCK_PARTS },
	[BLOCK_CRITERIA] = { "criteria", BLOCK_SECTIONS },
};

/* A block inside another is a member of the outer one's item. */
static const char *const block_places[BLOCK_COUNT] = {
	[BLOCK_REASONS] = "d.reasons", [BLOCK_DOCUMENTS] = "d.documents", [BLOCK_SHEETS] = "r.sheets",
	[BLOCK_SUPPORT] = "r.support", [BLOCK_PARTS] = "c.parts", [BLOCK_SECTIONS] = "i.sections", [BLOCK_CRITERIA] = "i.criteria",
};

static bool
find(struct text name, struct template_word *ret)
{
	int variant = DAY_LONG;
	if (name.len > 6 && !memcmp(name.ptr + name.len - 6, ":short", 6)) {
		name.len -= 6;
		variant = DAY_SHORT;
	}
	for (size_t i = 0; i < countof(facts_known); i++)
		if (text_is(name, facts_known[i].name) && (variant == DAY_LONG || facts_known[i].as == AS_DAY)) {
			*ret = (struct template_word){ (int)i, facts_known[i].block, variant };
			return true;
		}
	return false;
}

/* --- values -------------------------------------------------------------------------------------- */

static const struct json *
value_of(const struct print_facts *facts, const struct fact *fact, struct arena *arena)
{
	struct documents documents = facts->documents;
	struct text places = text_of(fact->places), place;
	if (fact->block >= 0)
		documents.of['i' - 'a'] = facts->items[fact->block];
	while (text_next(&places, '|', &place)) {
		const struct json *value = place_follow(&documents, place, arena);
		if (value && json_type(value) != JSON_NULL)
			return value;
	}
	return NULL;
}

static struct text
plain(const struct json *value, struct arena *arena)
{
	if (json_type(value) == JSON_STRING)
		return json_text(value);
	struct buf raw = { 0 };
	json_write(&raw, value);
	struct text t = arena_text(arena, buf_view(&raw));
	buf_free(&raw);
	return t;
}

static struct text
day_text(struct text value, int variant, struct arena *arena)
{
	int64_t day, moment;
	int y, m, d;
	if (time_parse(value, &moment))
		day = time_day(moment);
	else if (!day_parse(value, &day))
		return value;
	day_split(day, &y, &m, &d);
	return variant == DAY_SHORT ? arena_printf(arena, "%02d/%02d/%04d", d, m, y)
	                            : arena_printf(arena, "ngày %02d tháng %02d năm %04d", d, m, y);
}

/* The points that the sheet has for a criterion, or for a part. */
static struct text
sheet_points(const struct print_facts *facts, struct text code, bool part, struct arena *arena)
{
	const struct json *sheet = facts->documents.of['s' - 'a'];
	char letter[] = { part && code.len ? (char)tolower((unsigned char)code.ptr[0]) : '\0', '\0' };
	const struct json *points = !sheet ? NULL : part ? json_get(sheet, letter) : json_get(sheet, "sheet");
	if (points && !part)
		points = json_get(points, arena_text(arena, code).ptr);
	return points ? plain(points, arena) : TEXT("");
}

static struct text
raw(const void *context, const struct template_word *word, struct arena *arena)
{
	const struct json *value = value_of(context, &facts_known[word->field], arena);
	return value ? plain(value, arena) : TEXT("");
}

static struct text
coded(const struct print_facts *facts, enum as as, struct text code, struct arena *arena)
{
	struct text words = label_in_force(place_follow(&facts->documents, text_of(lists[as]), arena), code, facts->day, LANG_VI);
	return words.ptr ? words : code;
}

static struct text
value(const void *context, const struct template_word *word, struct arena *arena)
{
	const struct print_facts *facts = context;
	const struct fact *fact = &facts_known[word->field];
	if (fact->as == AS_COUNT)
		return arena_printf(arena, "%zu", facts->numbers[fact->block]);
	const struct json *found = value_of(facts, fact, arena);
	if (!found)
		return TEXT("");
	struct text text = plain(found, arena);
	if (fact->as >= AS_STATE)
		return coded(facts, fact->as, text, arena);
	if (fact->as == AS_DAY)
		return day_text(text, word->variant, arena);
	if (fact->as == AS_POINTS)
		return cell_of(found, TEXT("points"), LANG_VI, arena);
	if (fact->as == AS_MONEY)
		return cell_of(found, TEXT("amount"), LANG_VI, arena);
	if (fact->as == AS_LIST)
		return cell_of(found, TEXT(""), LANG_VI, arena);
	if (fact->as == AS_PART || fact->as == AS_POINT)
		return sheet_points(facts, text, fact->as == AS_PART, arena);
	/* "1.2" of a1.2. */
	if (fact->as == AS_NUMBER && text.len && isalpha((unsigned char)text.ptr[0]))
		return (struct text){ text.ptr + 1, text.len - 1 };
	return text;
}

static bool
step(void *context, int block, bool first)
{
	struct print_facts *facts = context;
	struct documents documents = facts->documents;
	int parent = blocks[block].parent;
	struct arena *arena = first ? arena_new() : NULL;
	if (parent >= 0)
		documents.of['i' - 'a'] = facts->items[parent];
	const struct json *list = first ? place_follow(&documents, text_of(block_places[block]), arena) : NULL;
	facts->items[block] = !first ? json_next(facts->items[block]) : list ? json_first(list) : NULL;
	facts->numbers[block] = first ? 1 : facts->numbers[block] + 1;
	if (arena)
		arena_destroy(&arena);
	return facts->items[block];
}

const struct vocabulary print_vocabulary = {
	.blocks = blocks, .block_count = countof(blocks), .comment = '#', .numbered = true,
	.find = find, .value = value, .raw = raw, .write = page_write_value, .step = step,
};
