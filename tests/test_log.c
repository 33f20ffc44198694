/* What the daemon tells its surroundings: lines on standard error, datagrams to systemd, clocks. */
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* Standard error goes into a pipe between these two. */
static int saved, ends[2];

static void
listen_begin(void)
{
	assert_int_equal(pipe(ends), 0);
	saved = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
}

static const char *
listen_end(void)
{
	static char heard[5000];
	dup2(saved, STDERR_FILENO);
	close(saved);
	ssize_t len = read(ends[0], heard, sizeof heard - 1);
	heard[len > 0 ? len : 0] = 0;
	close(ends[0]);
	return heard;
}

static const struct {
	enum log_level level;
	struct log_pair pair;
	const char *line;
} lines[] = {
	{ LOG_INFO_, { .key = NULL }, "level=info event=it\n" },
	{ LOG_WARNING_, LOG_NUMBER("bytes", -12), "level=warning event=it bytes=-12\n" },
	{ LOG_ERROR_, LOG_TEXT("place", TEXT("tcp://[::1]:5570")), "level=error event=it place=\"tcp://[::1]:5570\"\n" },
	{ LOG_INFO_, LOG_TEXT("file", TEXT("/var/lib/ocopd")), "level=info event=it file=/var/lib/ocopd\n" },
	{ LOG_INFO_, LOG_TEXT("title", TEXT("hồ sơ Ea H’leo")), "level=info event=it title=\"hồ sơ Ea H’leo\"\n" },
	{ LOG_INFO_, LOG_TEXT("empty", TEXT("")), "level=info event=it empty=\"\"\n" },
	/* Nothing ends the line, the value or poses as another key. */
	{ LOG_INFO_, LOG_TEXT("name", TEXT("a\nlevel=error event=x")), "level=info event=it name=\"a\\x0alevel=error event=x\"\n" },
	{ LOG_INFO_, LOG_TEXT("name", TEXT("a\" event=\"x\\")), "level=info event=it name=\"a\\\" event=\\\"x\\\\\"\n" },
	{ LOG_INFO_, LOG_TEXT("name", TEXT("a=b")), "level=info event=it name=\"a=b\"\n" },
	{ LOG_INFO_, LOG_TEXT("name", TEXT("a\tc\rd\x7f" "e\x1b[0m\0f")), "level=info event=it name=\"a\\x09c\\x0dd\\x7fe\\x1b[0m\\x00f\"\n" },
	{ LOG_INFO_, LOG_TEXT("name", TEXT("\xc2\x85 \xc2\x9b \xc2\xa0")), "level=info event=it name=\"\\xc2\\x85 \\xc2\\x9b \xc2\xa0\"\n" },
	{ LOG_INFO_, LOG_TEXT("name", TEXT("\xff \xe1\xba")), "level=info event=it name=\"\\xff \\xe1\\xba\"\n" },
};

static void
a_line_is_one_line(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		listen_begin();
		log_fact(lines[i].level, "it", lines[i].pair);
		assert_string_equal(listen_end(), lines[i].line);
	}
	listen_begin();
	log_error("first", "%d of %s", 3, "4");
	log_fact(LOG_INFO_, "next", LOG_NUMBER("a", 1), LOG_WORD("b", "c"));
	assert_string_equal(listen_end(), "level=error event=first message=\"3 of 4\"\nlevel=info event=next a=1 b=c\n");
}

/* The journal's own stream gets priorities, and no other. */
static void
the_journal_gets_priorities(void **state)
{
	char stream[64];
	struct stat st;
	(void)state;
	for (int other = 0; other < 2; other++) {
		listen_begin();
		assert_int_equal(fstat(STDERR_FILENO, &st), 0);
		snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)st.st_dev,
		         (unsigned long long)st.st_ino + (unsigned)other);
		setenv("JOURNAL_STREAM", stream, 1);
		log_info("a", "b");
		log_warning("a", "b");
		log_error("a", "b");
		assert_string_equal(listen_end(), other ?
			"level=info event=a message=b\nlevel=warning event=a message=b\nlevel=error event=a message=b\n" :
			"<6>level=info event=a message=b\n<4>level=warning event=a message=b\n<3>level=error event=a message=b\n");
	}
	unsetenv("JOURNAL_STREAM");
}

/* A text of `count` times `unit`, quoted behind 31 bytes; how long the line is and how it ends. */
static const struct {
	size_t count;
	const char *unit;
	size_t len;
	const char *end;
} longs[] = {
	{ 968, "#", 1000, "#\"\n" },
	{ 969, "#", 1000, "#...\"\n" },
	{ 5000, "#", 1000, "#...\"\n" },
	{ 484, "đ", 1000, "đ\"\n" },
	{ 485, "đ", 999, "đ...\"\n" },
	{ 400, "ồ", 998, "ồ...\"\n" },
	{ 242, "\n", 1000, "\\x0a\"\n" },
	{ 243, "\n", 999, "\\x0a...\"\n" },
};

static void
long_lines_are_cut_between_characters(void **state)
{
	static char text[6000];
	(void)state;
	for (size_t i = 0; i < sizeof longs / sizeof *longs; i++) {
		*text = 0;
		for (size_t n = 0; n < longs[i].count; n++)
			strcat(text, longs[i].unit);
		listen_begin();
		log_fact(LOG_INFO_, "it", LOG_WORD("somewords", text));
		const char *line = listen_end();
		assert_string_equal(line + strlen(line) - strlen(longs[i].end), longs[i].end);
		assert_int_equal(strlen(line) - 1, longs[i].len);
	}
}

static void
systemd_and_people_hear_it(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char dir[] = "/tmp/test_log.XXXXXX", datagram[200];
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	ssize_t len;
	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);

	listen_begin();
	notify_ready(TEXT("serving"));
	notify_replaying(3, 7);
	notify_busy("copying");
	notify_reloading();
	notify_reloaded(TEXT("serving\nand more"));
	notify_stopping();
	assert_string_equal(listen_end(), "ready\n");

	static const char *const expected[] = {
		"READY=1\nSTATUS=serving",
		"EXTEND_TIMEOUT_USEC=60000000\nSTATUS=replaying the journal: event 3 of 7",
		"EXTEND_TIMEOUT_USEC=60000000\nSTATUS=copying",
		"RELOADING=1\nSTATUS=reading accounts and programme again",
		"READY=1\nSTATUS=serving",
		"STOPPING=1\nSTATUS=stopping: answering what was accepted",
	};
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		len = recv(fd, datagram, sizeof datagram - 1, MSG_DONTWAIT);
		assert_true(len > 0);
		datagram[len] = 0;
		assert_string_equal(datagram, expected[i]);
	}
	close(fd);
	unlink(address.sun_path);
	rmdir(dir);

	unsetenv("NOTIFY_SOCKET");
	listen_begin();
	notify_ready(TEXT("serving"));
	assert_string_equal(listen_end(), "ready\n");
}

static void
clocks_go_on(void **state)
{
	(void)state;
	int64_t wall = clock_wall_ms(), monotonic = clock_monotonic_ms();
	assert_true(wall > INT64_C(1577836800000));     /* 2020: milliseconds, not seconds */
	assert_true(clock_monotonic_ms() >= monotonic);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_one_line),
		cmocka_unit_test(the_journal_gets_priorities),
		cmocka_unit_test(long_lines_are_cut_between_characters),
		cmocka_unit_test(systemd_and_people_hear_it),
		cmocka_unit_test(clocks_go_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
