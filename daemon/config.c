/* The settings: config.def applied to a ZPL file and to the options. */
#include "daemon/config.h"

#include "daemon/config_value.h"
#include "proto/i18n.h"
#include "proto/nearest.h"

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
	const char *sentence;           /* N_() */
} keys[] = {
#define KEY(member, name, kind, argument, preset, low, high, needed, sentence) \
	{ name, kind, offsetof(struct config, member), argument, preset, low, high, needed, sentence },
#include "daemon/config.def"
};

static const struct mode {
	enum config_mode mode;
	const char *name, *sentence;    /* N_() */
} modes[] = {
#define MODE(mode, name, sentence) { MODE_##mode, name, sentence },
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

static const char settings_file[] = N_("the settings' file");

static void complain_here(struct loading *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* With the key in front of the sentence. */
static void
complain_here(struct loading *l, const char *format, ...)
{
	static const char with_prefix[] = "%s%.*s";
	struct buf sentence = { 0 };
	va_list args;

	va_start(args, format);
	buf_vprintf(&sentence, _(format), args);
	va_end(args);
	complain(l->complaints, l->file, l->line, with_prefix, l->prefix, TEXT_ARG(buf_view(&sentence)));
	buf_free(&sentence);
}

/* --- values ------------------------------------------------------------------------------------ */

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
		complain_here(l, "\"%.*s\" is no size; right would be a whole number, with K, M or G behind it or not, like %s",
		              TEXT_ARG(value), key->preset);
	else if (size < key->low || size > key->high)
		complain_here(l, "%.*s is out of bounds; right would be %s to %s",
		              TEXT_ARG(value), print_size(l, key->low), print_size(l, key->high));
	else
		memcpy((char *)&l->config + key->offset, &(size_t){ size }, sizeof(size_t));
}

static void
set_number(struct loading *l, const struct key *key, struct text value)
{
	uint64_t number;
	if (!config_number(value, &number) || number < key->low || number > key->high)
		complain_here(l, "\"%.*s\" is not possible; right would be a whole number from %llu to %llu", TEXT_ARG(value),
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
		complain_here(l, "\"%.*s\" is no endpoint on the network; right would be tcp://ADDRESS:PORT, like %s"
		              " (programs on this machine use the sockets in --run)",
		              TEXT_ARG(value), "tcp://192.168.1.10:6500");
	else if (*e.count == ENDPOINTS_MAX)
		complain_here(l, "\"%.*s\" is one too many; at most %d are possible", TEXT_ARG(value), ENDPOINTS_MAX);
	else
		e.items[(*e.count)++] = arena_text(l->arena, value).ptr;
}

static void
set_clock(struct loading *l, struct text value)
{
	bool good = config_clock(value, &l->config.clock_ms);
	l->config.simulated = good;
	if (!good)
		complain_here(l, "\"%.*s\" is no clock; right would be %s or %s",
		              TEXT_ARG(value), "simulated:2020-03-02", "simulated:2020-03-02T08:00:00+07:00");
}

static void
set(struct loading *l, const struct key *key, struct text value)
{
	bool *seen = &l->seen[key - keys];
	if (!value.len) {
		complain_here(l, "has no value; right would be %s: %s", key->argument, _(key->sentence));
		return;
	}
	if (*seen && key->kind != ENDPOINTS) {
		complain_here(l, "\"%.*s\": this stands here a second time; once would be right", TEXT_ARG(value));
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

/* --- names --------------------------------------------------------------------------------------- */

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

static void
unknown(struct loading *l, struct text name, bool option)
{
	const char *dashes = option ? "--" : "";
	struct nearest near = nearest_begin(name);
	struct buf all = { 0 };
	for (size_t i = 0; i < countof(keys); i++) {
		nearest_try(&near, text_of(keys[i].name));
		buf_printf(&all, "%s%s%s", i ? ", " : "", dashes, keys[i].name);
	}
	if (option) {
		nearest_try(&near, text_of("config"));
		buf_str(&all, ", --config");
		for (size_t i = 0; i < countof(modes); i++) {
			nearest_try(&near, text_of(modes[i].name));
			buf_printf(&all, ", --%s", modes[i].name);
		}
	}
	if (near.best.ptr)
		complain_here(l, "%s%.*s is not known here; %s%.*s would be near", dashes, TEXT_ARG(name), dashes, TEXT_ARG(near.best));
	else
		complain_here(l, "%s%.*s is not known here; known are: %.*s",
		              dashes, TEXT_ARG(name), TEXT_ARG(buf_view(&all)));
	buf_free(&all);
}

/* --- the file ------------------------------------------------------------------------------------ */

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
			complain_here(l, "\"%.*s\" stands beneath it; keys have nothing beneath them", TEXT_ARG(z->child->name));
		} else {
			set(l, key, z->value);
		}
	}
}

/* --- the options --------------------------------------------------------------------------------- */

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
		complain_here(l, "takes no value");
	else if (l->config.mode == MODE_RUN || mode->mode == MODE_HELP)
		l->config.mode = mode->mode;
	else if (l->config.mode != mode->mode && l->config.mode != MODE_HELP)
		complain_here(l, "only one of --%s and --%s is possible",
		              modes[l->config.mode - MODE_CHECK].name, mode->name);
}

static void
take_file(struct loading *l, const char *value)
{
	if (l->config.file)
		complain_here(l, "%s: one file is right, and %s was given before", value, l->config.file);
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
		complain_here(l, "has no value; right would be %s: %s",
		              key ? key->argument : "FILE",
		              _(key ? key->sentence : settings_file));
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
			complain_here(l, "\"%s\" is no option; options begin with two dashes, see --help", argv[at++]);
			continue;
		}
		at += take_option(l, argc, argv, at, &option);
		if (option.key)
			options[count++] = option;
	}
	return count;
}

/* --- the whole ----------------------------------------------------------------------------------- */

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
			complain_here(l, "%s is missing: %s; put it into the file, or give --%s %s",
			              keys[i].name, _(keys[i].sentence), keys[i].name, keys[i].argument);
	if ((c->command_count || c->event_count) && !c->server_key && !c->credential && c->mode <= MODE_CHECK)
		complain_here(l, "%s is set, but server-key is missing: on the network only encrypted connections are possible", c->command_count ? "command" : "event");
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
	buf_str(b, _("usage: ocopd --config FILE [OPTION...]\n\n"
	             "In the file a line is a key of the same name as the option, without the dashes;\n"
	             "options win over the file.\n\n"));
	usage_line(b, "config", "FILE", _(settings_file));
	for (size_t i = 0; i < countof(keys); i++) {
		usage_line(b, keys[i].name, keys[i].argument, _(keys[i].sentence));
		if (keys[i].preset)
			buf_printf(b, _("        (default %s)\n"), keys[i].preset);
	}
	for (size_t i = 0; i < countof(modes); i++)
		usage_line(b, modes[i].name, "", _(modes[i].sentence));
}
