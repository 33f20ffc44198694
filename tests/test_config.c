/* Settings: options, file, both; what is refused, in which words, with which exit code. */
#include "daemon/config.h"
#include "proto/i18n.h"
#include "proto/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define BASE "programme = p\nstate = s\naccounts = a\nrun = r\n"
#define NET BASE "server-key = k\n"
#define DIRS "--programme p --state s --accounts a --run r"

struct fixture {
	char path[64];
	struct arena *arena;
	struct config config;
	struct complaints complaints;
};

/* `file` is the settings' text (NULL: none), `options` are separated by blanks. */
static int
load(struct fixture *f, const char *file, const char *options)
{
	char words[1000], *rest = words, *argv[40] = { NULL };
	int argc = 0;
	memset(f, 0, sizeof *f);
	f->arena = arena_new();
	if (file) {
		strcpy(f->path, "/tmp/test_config.XXXXXX");
		int fd = mkstemp(f->path);
		assert_int_equal(write(fd, file, strlen(file)), strlen(file));
		close(fd);
	}
	snprintf(words, sizeof words, "ocopd %s %s %s", file ? "--config" : "", f->path, options);
	for (char *word; (word = strsep(&rest, " ")); )
		if (*word)
			argv[argc++] = word;
	return config_load(argc, argv, f->arena, &f->config, &f->complaints);
}

static void
unload(struct fixture *f)
{
	if (*f->path)
		unlink(f->path);
	buf_free(&f->complaints.text);
	arena_destroy(&f->arena);
}

/* What is printed of a good configuration: every member that can be set. */
static void
print_config(const struct config *c, struct buf *out)
{
	const char *const paths[] = { c->programme, c->state, c->accounts, c->run, c->server_key, c->backup };
	for (size_t i = 0; i < countof(paths); i++)
		buf_printf(out, "%s%s", i ? "," : "", paths[i] ? paths[i] : "-");
	for (size_t i = 0; i < c->command_count; i++)
		buf_printf(out, " %s", c->commands[i]);
	for (size_t i = 0; i < c->event_count; i++)
		buf_printf(out, " event:%s", c->events[i]);
	if (c->simulated) {
		char time[TIME_LEN + 1];
		time_print(c->clock_ms, time);
		buf_printf(out, " %s", time);
	}
	buf_printf(out, " %zu,%zu,%zu", c->segment_bytes, c->preallocate_bytes, c->reserve_bytes);
	buf_byte(out, 0);
}

#define SIZES " 33554432,33554432,268435456"

static const struct {
	const char *file, *options;
	enum config_mode mode;
	const char *result;
} good[] = {
	{ NULL, DIRS, MODE_RUN, "p,s,a,r,-,-" SIZES },
	{ NULL, "--programme=p --state=s --accounts=a --run=r", MODE_RUN, "p,s,a,r,-,-" SIZES },
	{ BASE, "", MODE_RUN, "p,s,a,r,-,-" SIZES },
	{ "# only a comment\n\n" BASE "backup = \"/a b\" # here\n", "", MODE_RUN, "p,s,a,r,-,/a b" SIZES },
	{ BASE, "--state other", MODE_RUN, "p,other,a,r,-,-" SIZES },
	{ BASE "segment-bytes = 1M\npreallocate-bytes = 0\nreserve-bytes = 2G\n", "", MODE_RUN,
	  "p,s,a,r,-,- 1048576,0,2147483648" },
	{ BASE "segment-bytes = 1M\n", "--segment-bytes 1048577 --preallocate-bytes 8K", MODE_RUN,
	  "p,s,a,r,-,- 1048577,8192,268435456" },
	{ NET "command = tcp://127.0.0.1:6500\ncommand = tcp://[::1]:1\n", "", MODE_RUN,
	  "p,s,a,r,k,- tcp://127.0.0.1:6500 tcp://[::1]:1" SIZES },
	{ NET "command = tcp://127.0.0.1:6500\n", "--command tcp://*:65535 --command tcp://b:2", MODE_RUN,
	  "p,s,a,r,k,- tcp://*:65535 tcp://b:2" SIZES },
	{ NET "event = tcp://127.0.0.1:6501\ncommand = tcp://a:1\nevent = tcp://b:2\n", "", MODE_RUN,
	  "p,s,a,r,k,- tcp://a:1 event:tcp://127.0.0.1:6501 event:tcp://b:2" SIZES },
	{ NET "event = tcp://a:1\ncommand = tcp://a:2\n", "--event tcp://c:3", MODE_RUN,
	  "p,s,a,r,k,- tcp://a:2 event:tcp://c:3" SIZES },
	{ NULL, DIRS " --clock simulated:2020-03-02", MODE_RUN,
	  "p,s,a,r,-,- 2020-03-02T00:00:00.000+07:00" SIZES },
	{ BASE "clock = simulated:2020-03-02T01:02:03Z\n", "", MODE_RUN,
	  "p,s,a,r,-,- 2020-03-02T08:02:03.000+07:00" SIZES },
	{ NULL, "--check-config --programme p", MODE_CHECK, "p,-,-,-,-,-" SIZES },
	{ NULL, "--verify --programme p --state s", MODE_VERIFY, "p,s,-,-,-,-" SIZES },
	{ NULL, "--make-key --server-key k", MODE_KEY, "-,-,-,-,k,-" SIZES },
	{ NULL, "--programme p --state s --rebuild", MODE_REBUILD, "p,s,-,-,-,-" SIZES },
	{ NULL, "--verify --verify --programme p --state s", MODE_VERIFY, "p,s,-,-,-,-" SIZES },
	/* These two look at nothing else. */
	{ "no such key = 3\n", "--help", MODE_HELP, NULL },
	{ NULL, "--version", MODE_VERSION, NULL },
	{ NULL, "--rebuild --help", MODE_HELP, NULL },
	{ NULL, "--help --rebuild", MODE_HELP, NULL },
};

static void
takes_what_is_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(good); i++) {
		struct fixture f;
		struct buf out = { 0 };
		int code = load(&f, good[i].file, good[i].options);
		if (code)
			print_error("%zu: %.*s", i, TEXT_ARG(buf_view(&f.complaints.text)));
		assert_int_equal(code, 0);
		assert_int_equal(f.complaints.errors, 0);
		assert_int_equal(f.config.mode, good[i].mode);
		print_config(&f.config, &out);
		if (good[i].result)
			assert_string_equal(out.ptr, good[i].result);
		if (good[i].file)
			assert_string_equal(f.config.file, f.path);
		buf_free(&out);
		unload(&f);
	}
}

/* Every part of `words`, separated by |, must stand in the complaints; FILE is the file's name. */
static const struct {
	const char *file, *options;
	int code, errors;
	const char *words;
} bad[] = {
	{ NULL, "", 78, 4, "ocopd: programme is missing|--state DIR|accounts is missing|run is missing" },
	{ "programme = p\n", "", 78, 3, "FILE: state is missing|put it into the file" },
	{ NULL, "--check-config", 78, 1, "programme is missing" },
	{ NULL, "--verify --programme p", 78, 1, "state is missing" },
	{ NULL, "--rebuild --state s", 78, 1, "programme is missing" },
	{ NULL, "--verify --rebuild", 64, 1, "--rebuild: only one of --verify and --rebuild" },
	{ NULL, "--help=yes", 64, 1, "--help: takes no value" },
	{ NULL, "start", 64, 1, "\"start\" is no option|see --help" },
	{ NULL, "-v", 64, 1, "\"-v\" is no option" },
	{ NULL, "--", 64, 1, "\"--\" is no option" },
	{ NULL, "--programe p", 64, 1, "--programe is not known here; --programme would be near" },
	{ NULL, "--verfy", 64, 1, "--verify would be near" },
	{ NULL, "--conf f", 64, 1, "--config would be near" },
	{ NULL, "--evnt tcp://a:1", 64, 1, "--evnt is not known here; --event would be near" },
	{ NULL, DIRS " --event tcp://a:1", 78, 1, "event is set, but server-key is missing" },
	{ NULL, "--zoological", 64, 1, "known are: --programme, --state|--waits, --config, --check-config|--version" },
	{ NULL, DIRS " --backup", 64, 1, "--backup: has no value; right would be DIR: the folder" },
	{ NULL, "--backup " DIRS, 64, 1, "--backup: has no value" },
	{ NULL, "--state= --programme p", 64, 1, "--state: has no value" },
	{ NULL, "--config", 64, 1, "--config: has no value; right would be FILE" },
	{ BASE, "--config other", 64, 1, "--config: other: one file is right" },
	{ NULL, DIRS " --state t", 64, 1, "--state: \"t\": this stands here a second time" },
	{ NULL, DIRS " --clock 2020-03-02", 64, 1, "--clock: \"2020-03-02\" is no clock; right would be simulated:2020-03-02" },
	{ NULL, DIRS " --clock simulated:", 64, 1, "is no clock" },
	{ NULL, DIRS " --clock simulated:2020-02-30", 64, 1, "is no clock" },
	{ NULL, DIRS " --clock simulated:2020-02-03T08:00:00", 64, 1, "is no clock" },
	{ NULL, DIRS " --segment-bytes 1023K", 64, 1, "--segment-bytes: 1023K is out of bounds; right would be 1M to 1G" },
	{ NULL, DIRS " --segment-bytes 2G", 64, 1, "right would be 1M to 1G" },
	{ NULL, DIRS " --waits 0", 64, 1, "--waits: \"0\" is not possible; right would be a whole number from 1 to 1000" },
	{ NULL, DIRS " --connections 1K", 64, 1, "\"1K\" is not possible" },
	{ BASE "unread-bytes = 64K\n", "", 78, 1, "FILE:5: unread-bytes: 64K is out of bounds; right would be 576K to 1G" },
	{ NULL, DIRS " --reserve-bytes 1.5G", 64, 1, "\"1.5G\" is no size" },
	{ NULL, DIRS " --reserve-bytes G", 64, 1, "\"G\" is no size" },
	{ NULL, DIRS " --reserve-bytes -1", 64, 1, "\"-1\" is no size" },
	{ NULL, DIRS " --reserve-bytes 1T", 64, 1, "\"1T\" is no size" },
	{ NULL, DIRS " --reserve-bytes 99999999999999999999", 64, 1, "is no size" },
	{ NULL, DIRS " --reserve-bytes 999999999999999G", 64, 1, "is no size" },
	{ NULL, DIRS " --server-key k --command ipc:///run/x", 64, 1, "is no endpoint on the network; right would be tcp://ADDRESS:PORT" },
	{ NULL, DIRS " --server-key k --command tcp://127.0.0.1", 64, 1, "is no endpoint" },
	{ NULL, DIRS " --server-key k --command tcp://:80", 64, 1, "is no endpoint" },
	{ NULL, DIRS " --server-key k --command tcp://a:0", 64, 1, "is no endpoint" },
	{ NULL, DIRS " --server-key k --command tcp://a:65536", 64, 1, "is no endpoint" },
	{ NULL, DIRS " --server-key k --command tcp://a:*", 64, 1, "is no endpoint" },
	{ NULL, DIRS " --server-key k --command tcp://a/b:1", 64, 1, "is no endpoint" },
	{ NULL, DIRS " --server-key k --command tcp://", 64, 1, "is no endpoint" },
	{ NULL, DIRS " --command tcp://a:1", 78, 1, "ocopd: command is set, but server-key is missing" },
	{ NULL, "--check-config --programme p --command tcp://a:1", 78, 1, "server-key is missing" },
	{ NULL, DIRS " --server-key k --command tcp://a:1 --command tcp://a:2 --command tcp://a:3 --command tcp://a:4"
	  " --command tcp://a:5 --command tcp://a:6 --command tcp://a:7 --command tcp://a:8 --command tcp://a:9", 64, 1,
	  "\"tcp://a:9\" is one too many; at most 8" },
	{ BASE "stat = 3\n", "", 78, 1, "FILE:5: stat is not known here; state would be near" },
	{ BASE "config = 3\n", "", 78, 1, "FILE:5: config is not known here; known are: programme, state" },
	{ BASE "verify = yes\n", "", 78, 1, "FILE:5: verify is not known here; known are: programme" },
	{ BASE "events = tcp://a:1\n", "", 78, 1, "FILE:5: events is not known here; event would be near" },
	{ BASE "event = tcp://a:1\n", "", 78, 1, "FILE: event is set, but server-key is missing" },
	{ BASE "event = ipc://a\n", "", 78, 1, "FILE:5: event: \"ipc://a\" is no endpoint" },
	{ BASE "state = t\n", "", 78, 1, "FILE:5: state: \"t\": this stands here a second time" },
	{ BASE "backup\n", "", 78, 1, "FILE:5: backup: has no value; right would be DIR" },
	{ BASE "backup = b\n    name = c\n", "", 78, 1, "FILE:6: backup: \"name\" stands beneath it" },
	{ BASE "reserve-bytes = 3X\nclock = now\n", "", 78, 2, "FILE:5: reserve-bytes: \"3X\" is no size|FILE:6: clock: \"now\" is no clock" },
	{ BASE "command = tcp://a:1\n", "", 78, 1, "FILE: command is set, but server-key is missing" },
	{ BASE "command = inproc://a\n", "", 78, 1, "FILE:5: command: \"inproc://a\" is no endpoint" },
	{ BASE "\tstate = t\n", "", 78, 1, "FILE:5" },
	{ NULL, "--config /nowhere/at/all.cfg", 78, 1, "/nowhere/at/all.cfg: " },
	/* The options are looked at first. */
	{ BASE "stat = 3\n", "--stat 3", 64, 1, "--stat is not known" },
	/* A bad line is a complaint even where an option would win over it. */
	{ BASE "reserve-bytes = 3X\n", "--reserve-bytes 1G", 78, 1, "FILE:5: reserve-bytes" },
};

static void
has_words(struct fixture *f, const char *words)
{
	char text[8000], part[400];
	snprintf(text, sizeof text, "%.*s", TEXT_ARG(buf_view(&f->complaints.text)));
	while (*words) {
		size_t len = strcspn(words, "|");
		if (!strncmp(words, "FILE", 4))
			snprintf(part, sizeof part, "%s%.*s", f->path, (int)len - 4, words + 4);
		else
			snprintf(part, sizeof part, "%.*s", (int)len, words);
		if (!strstr(text, part))
			fail_msg("no \"%s\" in: %s", part, text);
		words += len + (words[len] == '|');
	}
}

static void
refuses_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(bad); i++) {
		struct fixture f;
		int code = load(&f, bad[i].file, bad[i].options);
		has_words(&f, bad[i].words);
		assert_int_equal(code, bad[i].code);
		assert_int_equal(f.complaints.errors, bad[i].errors);
		assert_null(f.config.programme);        /* written only on success */
		unload(&f);
	}
}

static void
speaks_vietnamese(void **state)
{
	struct fixture f;
	struct buf usage = { 0 };
	(void)state;
	i18n_use(LANG_VI);
	assert_int_equal(load(&f, BASE "stat = 3\nbackup\n", ""), 78);
	has_words(&f, "FILE:5: không có mục stat; có phải là state?|FILE:6: backup: chưa có giá trị");
	config_usage(&usage);
	buf_byte(&usage, 0);
	assert_non_null(strstr(usage.ptr, "cách dùng"));
	assert_non_null(strstr(usage.ptr, "thư mục tài khoản"));
	buf_free(&usage);
	unload(&f);
	i18n_use(LANG_EN);
}

static const char *const key_names[] = {
#define KEY(member, name, ...) name,
#include "daemon/config.def"
};
static const char *const mode_names[] = {
#define MODE(mode, name, ...) name,
#include "daemon/config.def"
};

static void
usage_lists_everything(void **state)
{
	struct buf usage = { 0 };
	char line[60];
	(void)state;
	config_usage(&usage);
	buf_byte(&usage, 0);
	for (size_t i = 0; i < countof(key_names) + countof(mode_names); i++) {
		snprintf(line, sizeof line, "\n  --%s",
		         i < countof(key_names) ? key_names[i] : mode_names[i - countof(key_names)]);
		assert_non_null(strstr(usage.ptr, line));
	}
	assert_non_null(strstr(usage.ptr, "--config FILE"));
	buf_free(&usage);
}

/* config/ocopd.cfg as it stands, and with every key in force. */
static void
the_commented_file_is_right(void **state)
{
	static char text[20000], line[200];
	struct fixture f;
	FILE *file = fopen("config/ocopd.cfg", "r");
	(void)state;
	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = 0;
	fclose(file);
	assert_int_equal(load(&f, text, ""), 0);
	unload(&f);

	for (size_t i = 0; i < countof(key_names); i++) {
		snprintf(line, sizeof line, "\n# %s = ", key_names[i]);
		char *at = strstr(text, line);
		if (at)
			memcpy(at + 1, "  ", 2);
		snprintf(line, sizeof line, "\n%s%s = ", at ? "  " : "", key_names[i]);
		if (!(at = strstr(text, line)))
			fail_msg("config/ocopd.cfg has no %s", key_names[i]);
		else if (at[1] == ' ')
			memmove(at + 1, at + 3, strlen(at + 3) + 1);
	}
	assert_int_equal(load(&f, text, ""), 0);
	assert_int_equal(f.config.command_count, 1);
	assert_int_equal(f.config.event_count, 1);
	assert_true(f.config.simulated);
	assert_int_equal(f.config.backup_keep, 30);
	assert_int_equal(f.config.segment_bytes, 32 << 20);     /* the defaults stand there */
	assert_int_equal(f.config.reserve_bytes, 256 << 20);
	assert_int_equal(f.config.limits[LIMIT_CONNECTIONS], 1000);
	assert_int_equal(f.config.limits[LIMIT_UNREAD], 640 << 10);
	assert_int_equal(f.config.limits[LIMIT_WAITS], 16);
	assert_int_equal(f.config.preallocate_bytes, 32 << 20);
	unload(&f);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_is_right),
		cmocka_unit_test(refuses_what_is_wrong),
		cmocka_unit_test(speaks_vietnamese),
		cmocka_unit_test(usage_lists_everything),
		cmocka_unit_test(the_commented_file_is_right),
	};
	setenv("LC_ALL", "C", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
