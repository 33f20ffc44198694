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
	const char *text, *line;
} lines[] = {
	{ LOG_INFO_, "started", "<6>started\n" },
	{ LOG_WARNING_, "", "<4>\n" },
	{ LOG_ERROR_, "hồ sơ Ea H’leo", "<3>hồ sơ Ea H’leo\n" },
	{ LOG_INFO_, "a\nb\tc\rd\x7f" "e\x1b[0m", "<6>a\\x0ab\\x09c\\x0dd\\x7fe\\x1b[0m\n" },
	{ LOG_INFO_, "C1: \xc2\x85 \xc2\x9b, no C1: \xc2\xa0", "<6>C1: \\x85 \\x9b, no C1: \xc2\xa0\n" },
	{ LOG_INFO_, "cut \xe1\xba", "<6>cut \xe1\xba\n" },
};

static void
a_line_is_one_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		listen_begin();
		log_line(lines[i].level, "%s", lines[i].text);
		assert_string_equal(listen_end(), lines[i].line);
	}
	listen_begin();
	log_error("%d of %s", 3, "4");
	log_info("next");
	assert_string_equal(listen_end(), "<3>3 of 4\n<6>next\n");
}

/* A text of `count` times `unit`, and how many bytes of it stand in the line. */
static const struct {
	size_t count;
	const char *unit;
	size_t kept;
	const char *end;
} longs[] = {
	{ 1000, "a", 1000, "a\n" },
	{ 1001, "a", 997, "a...\n" },
	{ 5000, "a", 997, "a...\n" },
	{ 500, "đ", 1000, "đ\n" },
	{ 501, "đ", 996, "đ...\n" },
	{ 400, "ồ", 996, "ồ...\n" },
	{ 250, "\n", 1000, "\\x0a\n" },
	{ 251, "\n", 996, "\\x0a...\n" },
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
		log_info("%s", text);
		const char *line = listen_end();
		size_t dots = strstr(line, "...") ? 3 : 0;
		assert_int_equal(strlen(line), 3 + longs[i].kept + dots + 1);
		assert_string_equal(line + strlen(line) - strlen(longs[i].end), longs[i].end);
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
		cmocka_unit_test(long_lines_are_cut_between_characters),
		cmocka_unit_test(systemd_and_people_hear_it),
		cmocka_unit_test(clocks_go_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
