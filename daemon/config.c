/* The settings: config.def applied to a ZPL file and to the options. */
#include "daemon/config.h"

#include "daemon/config_value.h"
#include "proto/i18n.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum kind { PATH, ENDPOINTS, CLOCK, SIZE, NUMBER };

#define IN(mode) (1u << MODE_##mode)

static const struct key {
	const char *name;
	enum kind kind;
	size_t offset;                  /* in struct config; of paths, sizes and numbers */
	const char *argument, *preset;
	uint64_t low, high;
	unsigned needed;                /* IN() masks */
	const char *en, *vi;
} keys[] = {
#define KEY(member, name, kind, argument, preset, low, high, needed, en, vi) \
	{ name, kind, offsetof(struct config, member), argument, preset, low, high, needed, en, vi },
#include "daemon/config.def"
};

static const struct mode {
	enum config_mode mode;
	const char *name, *en, *vi;
} modes[] = {
#define MODE(mode, name, en, vi) { MODE_##mode, name, en, vi },
#include "daemon/config.def"
};

struct loading {
	struct arena *arena;
	struct config config;
	struct complaints *complaints;
	/* Where what is read now stands: FILE, line and "key: ", or "--key", 0 and "". */
	const char *file, *prefix;
	int line;
	bool seen[countof(keys)];
};

struct option {
	const struct key *key;
	const char *value;
};

static bool
vietnamese(void)
{
	return i18n_locale() == LANG_VI;
}

/* Both sentences take the same arguments in the same order. */
#define COMPLAIN(l, en, vi, ...) \
	complain((l)->complaints, (l)->file, (l)->line, \
	         vietnamese() ? "%s" vi : "%s" en, (l)->prefix, __VA_ARGS__)

/* Values */

static void
set_path(struct loading *l, const struct key *key, struct text value)
{
	const char *path = arena_text(l->arena, value).ptr;
	memcpy((char *)&l->config + key->offset, &path, sizeof path);
}

static const char *
print_size(struct loading *l, uint64_t size)
{
	static const char units[] = "KMG";
	int unit = -1;
	while (unit < 2 && size && size % 1024 == 0) {
		size /= 1024;
		unit++;
	}
	return arena_printf(l->arena, "%llu%.*s", (unsigned long long)size, unit >= 0, unit < 0 ? "" : units + unit).ptr;
}

static void
set_size(struct loading *l, const struct key *key, struct text value)
{
	uint64_t size;
	if (!config_size(value, &size))
		COMPLAIN(l, "\"%.*s\" is no size; right would be a whole number, with K, M or G behind it or not, like %s",
		         "\"%.*s\" không phải là kích thước; hãy ghi số nguyên, có thể kèm K, M hoặc G, ví dụ %s",
		         TEXT_ARG(value), key->preset);
	else if (size < key->low || size > key->high)
		COMPLAIN(l, "%.*s is out of bounds; right would be %s to %s",
		         "%.*s nằm ngoài giới hạn; hãy chọn từ %s đến %s",
		         TEXT_ARG(value), print_size(l, key->low), print_size(l, key->high));
	else
		memcpy((char *)&l->config + key->offset, &(size_t){ size }, sizeof(size_t));
}

static void
set_number(struct loading *l, const struct key *key, struct text value)
{
	uint64_t number;
	if (!config_number(value, &number) || number < key->low || number > key->high)
		COMPLAIN(l, "\"%.*s\" is not possible; right would be a whole number from %llu to %llu",
		         "\"%.*s\" không dùng được; hãy ghi một số nguyên từ %llu đến %llu", TEXT_ARG(value),
		         (unsigned long long)key->low, (unsigned long long)key->high);
	else
		memcpy((char *)&l->config + key->offset, &(size_t){ number }, sizeof(size_t));
}

struct endpoints { const char **items; size_t *count; };

static struct endpoints
endpoints_of(struct config *c, const struct key *key)
{
	return key->offset == offsetof(struct config, events) ?
	       (struct endpoints){ c->events, &c->event_count } : (struct endpoints){ c->commands, &c->command_count };
}

static void
set_endpoint(struct loading *l, const struct key *key, struct text value)
{
	struct endpoints e = endpoints_of(&l->config, key);
	if (!config_is_endpoint(value))
		COMPLAIN(l, "\"%.*s\" is no endpoint on the network; right would be tcp://ADDRESS:PORT, like %s"
		         " (programs on this machine use the sockets in --run)",
		         "\"%.*s\" không phải là điểm kết nối mạng; hãy ghi tcp://ĐỊA-CHỈ:CỔNG, ví dụ %s"
		         " (chương trình trên cùng máy dùng các socket trong --run)",
		         TEXT_ARG(value), "tcp://192.168.1.10:6500");
	else if (*e.count == ENDPOINTS_MAX)
		COMPLAIN(l, "\"%.*s\" is one too many; at most %d are possible",
		         "\"%.*s\" vượt quá số lượng cho phép; tối đa %d",
		         TEXT_ARG(value), ENDPOINTS_MAX);
	else
		e.items[(*e.count)++] = arena_text(l->arena, value).ptr;
}

static void
set_clock(struct loading *l, struct text value)
{
	bool good = config_clock(value, &l->config.clock_ms);
	l->config.simulated = good;
	if (!good)
		COMPLAIN(l, "\"%.*s\" is no clock; right would be %s or %s",
		         "\"%.*s\" không phải là đồng hồ hợp lệ; hãy ghi %s hoặc %s",
		         TEXT_ARG(value), "simulated:2020-03-02", "simulated:2020-03-02T08:00:00+07:00");
}

static void
set(struct loading *l, const struct key *key, struct text value)
{
	bool *seen = &l->seen[key - keys];
	if (!value.len) {
		COMPLAIN(l, "has no value; right would be %s: %s", "chưa có giá trị; hãy ghi %s: %s",
		         key->argument, vietnamese() ? key->vi : key->en);
		return;
	}
	if (*seen && key->kind != ENDPOINTS) {
		COMPLAIN(l, "\"%.*s\": this stands here a second time; once would be right",
		         "\"%.*s\": mục này bị ghi lần thứ hai; chỉ được ghi một lần", TEXT_ARG(value));
		return;
	}
	*seen = true;
	switch (key->kind) {
	case PATH: set_path(l, key, value); break;
	case SIZE: set_size(l, key, value); break;
	case NUMBER: set_number(l, key, value); break;
	case ENDPOINTS: set_endpoint(l, key, value); break;
	case CLOCK: set_clock(l, value); break;
	}
}

/* Names */

static const struct key *
key_find(struct text name)
{
	for (size_t i = 0; i < countof(keys); i++)
		if (text_is(name, keys[i].name))
			return &keys[i];
	return NULL;
}

static const struct mode *
mode_find(struct text name)
{
	for (size_t i = 0; i < countof(modes); i++)
		if (text_is(name, modes[i].name))
			return &modes[i];
	return NULL;
}

/* How many letters to add, drop or change to come from one to the other; names are short. */
static size_t
distance(struct text a, const char *b)
{
	size_t row[64], len = strlen(b);
	assert(len < countof(row));
	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t corner = row[0];
		row[0] = i;
		for (size_t j = 1; j <= len; j++) {
			size_t change = corner + (a.ptr[i - 1] != b[j - 1]);
			size_t step = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
			corner = row[j];
			row[j] = step < change ? step : change;
		}
	}
	return row[len];
}

static void
consider(struct text name, const char *candidate, const char **best, size_t *best_distance)
{
	size_t d = distance(name, candidate);
	if (d < *best_distance) {
		*best_distance = d;
		*best = candidate;
	}
}

static void
unknown(struct loading *l, struct text name, bool option)
{
	const char *dashes = option ? "--" : "", *near = NULL;
	size_t near_distance = 3;
	struct buf all = { 0 };
	for (size_t i = 0; i < countof(keys); i++) {
		consider(name, keys[i].name, &near, &near_distance);
		buf_printf(&all, "%s%s%s", i ? ", " : "", dashes, keys[i].name);
	}
	if (option) {
		consider(name, "config", &near, &near_distance);
		buf_str(&all, ", --config");
		for (size_t i = 0; i < countof(modes); i++) {
			consider(name, modes[i].name, &near, &near_distance);
			buf_printf(&all, ", --%s", modes[i].name);
		}
	}
	if (near)
		COMPLAIN(l, "%s%.*s is not known here; %s%s would be near",
		         "không có mục %s%.*s; có phải là %s%s?",
		         dashes, TEXT_ARG(name), dashes, near);
	else
		COMPLAIN(l, "%s%.*s is not known here; known are: %.*s",
		         "không có mục %s%.*s; các mục có thể dùng: %.*s",
		         dashes, TEXT_ARG(name), TEXT_ARG(buf_view(&all)));
	buf_free(&all);
}

/* The file */

static void
read_file(struct loading *l)
{
	struct zpl *root = zpl_load(l->config.file, l->arena, l->complaints);
	for (const struct zpl *z = root ? root->child : NULL; z; z = z->next) {
		const struct key *key = key_find(z->name);
		l->file = z->file;
		l->line = z->line;
		l->prefix = "";
		if (!key) {
			unknown(l, z->name, false);
			continue;
		}
		l->prefix = arena_printf(l->arena, "%s: ", key->name).ptr;
		if (z->child) {
			l->line = z->child->line;
			COMPLAIN(l, "\"%.*s\" stands beneath it; keys have nothing beneath them",
			         "có mục con \"%.*s\"; các mục ở đây không có mục con", TEXT_ARG(z->child->name));
		} else {
			set(l, key, z->value);
		}
	}
}

/* The options */

static void
place_option(struct loading *l, const char *name)
{
	l->file = arena_printf(l->arena, "--%s", name).ptr;
	l->line = 0;
	l->prefix = "";
}

static void
place_program(struct loading *l)
{
	l->file = "ocopd";
	l->line = 0;
	l->prefix = "";
}

static void
take_mode(struct loading *l, const struct mode *mode, bool has_value)
{
	place_option(l, mode->name);
	if (has_value)
		COMPLAIN(l, "takes no value%s", "không nhận giá trị%s", "");
	else if (l->config.mode == MODE_RUN || mode->mode == MODE_HELP)
		l->config.mode = mode->mode;
	else if (l->config.mode != mode->mode && l->config.mode != MODE_HELP)
		COMPLAIN(l, "only one of --%s and --%s is possible", "chỉ được chọn một trong hai: --%s, --%s",
		         modes[l->config.mode - MODE_CHECK].name, mode->name);
}

static void
take_file(struct loading *l, const char *value)
{
	if (l->config.file)
		COMPLAIN(l, "%s: one file is right, and %s was given before",
		         "%s: chỉ được chỉ định một tệp, trước đó đã có %s", value, l->config.file);
	l->config.file = arena_text(l->arena, text_of(value)).ptr;
}

/* Takes argv[at] and maybe the one behind it; how many. */
static int
take_option(struct loading *l, int argc, char **argv, int at, struct option *ret)
{
	const char *word = argv[at], *equals = strchr(word, '=');
	struct text name = { word + 2, equals ? (size_t)(equals - word - 2) : strlen(word) - 2 };
	const struct mode *mode = mode_find(name);
	const struct key *key = key_find(name);
	const char *value = equals ? equals + 1 : at + 1 < argc ? argv[at + 1] : NULL;

	if (mode) {
		take_mode(l, mode, equals);
		return 1;
	}
	if (!key && !text_is(name, "config")) {
		place_program(l);
		unknown(l, name, true);
		return equals || !value || !strncmp(value, "--", 2) ? 1 : 2;
	}
	place_option(l, key ? key->name : "config");
	if (!value || !*value || (!equals && !strncmp(value, "--", 2))) {
		COMPLAIN(l, "has no value; right would be %s: %s", "chưa có giá trị; hãy ghi %s: %s",
		         key ? key->argument : "FILE",
		         !key ? (vietnamese() ? "tệp cấu hình" : "the settings' file")
		         : vietnamese() ? key->vi : key->en);
		return 1;
	}
	if (key)
		*ret = (struct option){ key, value };
	else
		take_file(l, value);
	return equals ? 1 : 2;
}

static void
apply_options(struct loading *l, const struct option *options, size_t count)
{
	memset(l->seen, 0, sizeof l->seen);
	for (size_t i = 0; i < count; i++) {
		place_option(l, options[i].key->name);
		/* The first of a repeatable option replaces what the file says, the others add. */
		if (options[i].key->kind == ENDPOINTS && !l->seen[options[i].key - keys])
			*endpoints_of(&l->config, options[i].key).count = 0;
		set(l, options[i].key, text_of(options[i].value));
	}
}

static size_t
read_options(struct loading *l, int argc, char **argv, struct option *options)
{
	size_t count = 0;
	for (int at = 1; at < argc; ) {
		struct option option = { 0 };
		if (strncmp(argv[at], "--", 2) || !argv[at][2]) {
			place_program(l);
			COMPLAIN(l, "\"%s\" is no option; options begin with two dashes, see --help",
			         "\"%s\" không phải là tùy chọn; tùy chọn bắt đầu bằng hai dấu gạch ngang, xem --help",
			         argv[at++]);
			continue;
		}
		at += take_option(l, argc, argv, at, &option);
		if (option.key)
			options[count++] = option;
	}
	return count;
}

/* The whole */

static const void *
path_of(const struct config *c, const struct key *key)
{
	const char *path;
	memcpy(&path, (const char *)c + key->offset, sizeof path);
	return path;
}

/* LoadCredential=server-key:FILE of a unit. */
static void
find_credential(struct loading *l)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	const char *file = dir ? arena_printf(l->arena, "%s/server-key", dir).ptr : NULL;

	if (file && access(file, F_OK) == 0)
		l->config.credential = file;
}

static void
check_whole(struct loading *l)
{
	const struct config *c = &l->config;
	place_program(l);
	if (c->file)
		l->file = c->file;
	for (size_t i = 0; i < countof(keys); i++)
		if (keys[i].needed & 1u << c->mode && !path_of(c, &keys[i]))
			COMPLAIN(l, "%s is missing: %s; put it into the file, or give --%s %s",
			         "thiếu %s: %s; hãy ghi vào tệp cấu hình hoặc dùng --%s %s",
			         keys[i].name, vietnamese() ? keys[i].vi : keys[i].en, keys[i].name, keys[i].argument);
	if ((c->command_count || c->event_count) && !c->server_key && !c->credential && c->mode <= MODE_CHECK)
		COMPLAIN(l, "%s is set, but server-key is missing: on the network only encrypted connections are possible",
		         "có %s nhưng thiếu server-key: qua mạng chỉ chấp nhận kết nối được mã hóa", c->command_count ? "command" : "event");
}

int
config_load(int argc, char **argv, struct arena *arena, struct config *ret, struct complaints *complaints)
{
	struct loading l = { .arena = arena, .complaints = complaints, .prefix = "" };
	struct option *options = arena_array(arena, (size_t)argc + 1, sizeof *options);
	size_t count = read_options(&l, argc, argv, options);
	int errors = complaints->errors;
	if (!errors && l.config.mode >= MODE_HELP) {
		*ret = l.config;
		return 0;
	}
	struct config fresh = l.config;         /* mode and file */
	apply_options(&l, options, count);
	if (complaints->errors)
		return EX_USAGE;

	l.config = fresh;
	memset(l.seen, 0, sizeof l.seen);
	for (size_t i = 0; i < countof(keys); i++)
		if (keys[i].preset)
			set(&l, &keys[i], text_of(keys[i].preset));
	memset(l.seen, 0, sizeof l.seen);
	if (l.config.file)
		read_file(&l);
	apply_options(&l, options, count);
	find_credential(&l);
	if (!complaints->errors)
		check_whole(&l);
	if (complaints->errors)
		return EX_CONFIG;
	*ret = l.config;
	return 0;
}

bool
config_network(const struct config *c)
{
	return c->command_count > 0 || c->event_count > 0 || inherited_has(c->inherited, INHERITED_COMMAND, true) ||
	       inherited_has(c->inherited, INHERITED_EVENT, true);
}

static void
usage_line(struct buf *b, const char *name, const char *argument, const char *sentence)
{
	buf_printf(b, "  --%s%s%s\n        %s\n", name, *argument ? " " : "", argument, sentence);
}

void
config_usage(struct buf *b)
{
	bool vi = vietnamese();
	buf_str(b, vi ? "Cách dùng: ocopd --config FILE [TÙY CHỌN...]\n\n"
	              "Trong tệp cấu hình mỗi dòng là một mục, cùng tên với tùy chọn (bỏ hai dấu gạch);\n"
	              "tùy chọn được ưu tiên hơn tệp.\n\n"
	              : "Usage: ocopd --config FILE [OPTION...]\n\n"
	              "In the file a line is a key of the same name as the option, without the dashes;\n"
	              "options win over the file.\n\n");
	usage_line(b, "config", "FILE", vi ? "tệp cấu hình" : "the settings' file");
	for (size_t i = 0; i < countof(keys); i++) {
		usage_line(b, keys[i].name, keys[i].argument, vi ? keys[i].vi : keys[i].en);
		if (keys[i].preset)
			buf_printf(b, vi ? "        (mặc định %s)\n" : "        (default %s)\n", keys[i].preset);
	}
	for (size_t i = 0; i < countof(modes); i++)
		usage_line(b, modes[i].name, "", vi ? modes[i].vi : modes[i].en);
}
