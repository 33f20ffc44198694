/* Accounts: what a file must hold, who is found, and that a change takes effect. */
#include "daemon/access.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The keys of zmq_curve(7), which gives them in hexadecimal too: KEY_A begins with BB88471D. */
#define KEY_A "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
#define KEY_B "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

static struct unit units[] = {
	{ .label = { .code = { "24346", 5 } }, .valid_from = 0, .valid_until = NONE },
	{ .label = { .code = { "24349", 5 } }, .valid_from = 0, .valid_until = 10 }, /* merged away */
};
static struct member_def members[] = { { .label = { .code = { "health", 6 } } } };
static const struct programme programme = {
	.units = units, .unit_count = countof(units), .council = { .members = members, .count = countof(members) },
};

struct fixture {
	char dir[64];
	struct access *access;
};

static int
set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	strcpy(f->dir, "/tmp/test_access.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;
	char command[128];

	access_close(&f->access);
	snprintf(command, sizeof command, "rm -r '%s'", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static const char *
path_of(const struct fixture *f, const char *file)
{
	static char path[512];

	snprintf(path, sizeof path, "%s/%s", f->dir, file);
	return path;
}

static void
put(const struct fixture *f, const char *file, const char *text)
{
	FILE *out = fopen(path_of(f, file), "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static void
open_it(struct fixture *f)
{
	assert_int_equal(access_open(f->dir, &programme, &f->access), 0);
}

/* As the reactor does: wait until the folder says that something changed, then look again. */
static void
wait_for_change(struct fixture *f)
{
	struct pollfd fd = { access_fd(f->access), POLLIN, 0 };

	do
		assert_int_equal(poll(&fd, 1, 10000), 1);
	while (!access_refresh(f->access));
}

static bool
contains(struct text text, const char *part)
{
	return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

static const struct {
	const char *file, *text;    /* text: the lines under "account", parted by '|' */
	const char *complaint;      /* NULL: a good file */
} files[] = {
	{ "a.account", "name = \"a\"|role = \"officer\"|unix-user = \"0\"", NULL },
	{ "a.account", "name = a|title = \"Phòng Nông nghiệp\"|role = officer|unix-user = root", NULL },
	{ "a.account", "name = \"a\"|role = \"steering, officer\"|curve-key = \"" KEY_A "\"", NULL },
	{ "a.account", "name = \"a\"|role = \"commune\"|commune = \"24346\"|unix-user = \"1\"", NULL },
	{ "a.account", "name = \"a\"|role = \"commune\"|commune = \"24349\"|unix-user = \"1\"", NULL },
	{ "a.account", "name = \"a\"|role = \"council,secretary\"|member = \"health\"|unix-user = \"1\"", NULL },
	{ "xa-dlie_YA.account", "name = \"xa-dlie_YA\"|role = \"admin\"|unix-user = \"1\"", NULL },
	{ "a.account", "name = \"b\"|role = \"officer\"|unix-user = \"0\"", "a.account:2: name \"b\" is not the file's name" },
	{ "a.account", "role = \"officer\"|unix-user = \"0\"", "there is no name" },
	{ "a.account", "name = \"a\"|unix-user = \"0\"", "there is no role" },
	{ "a.account", "name = \"a\"|role = \"\"|unix-user = \"0\"", "names no role" },
	{ "a.account", "name = \"a\"|role = \"boss\"|unix-user = \"0\"", "a.account:3: there is no role \"boss\"; there are: officer" },
	{ "a.account", "name = \"a\"|role = \"officer commune\"|unix-user = \"0\"", "there is no role" },
	{ "a.account", "name = \"a\"|role = \"commune\"|unix-user = \"0\"", "needs its commune" },
	{ "a.account", "name = \"a\"|role = \"officer\"|commune = \"24346\"|unix-user = \"0\"", "for the role commune only" },
	{ "a.account", "name = \"a\"|role = \"commune\"|commune = \"99999\"|unix-user = \"0\"", "a.account:4: commune \"99999\" is no unit" },
	{ "a.account", "name = \"a\"|role = \"council\"|unix-user = \"0\"", "needs its seat" },
	{ "a.account", "name = \"a\"|role = \"officer\"|member = \"health\"|unix-user = \"0\"", "for the role council only" },
	{ "a.account", "name = \"a\"|role = \"council\"|member = \"police\"|unix-user = \"0\"", "member \"police\" is no seat" },
	{ "a.account", "name = \"a\"|role = \"officer\"", "nobody can be this account" },
	{ "a.account", "name = \"a\"|role = \"officer\"|curve-key = \"short\"", "curve-key \"short\" is no key" },
	{ "a.account", "name = \"a\"|role = \"officer\"|curve-key = \"" KEY_A "0\"", "is no key" },
	{ "a.account", "name = \"a\"|role = \"officer\"|curve-key = \"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{h~D\"", "is no key" },
	{ "a.account", "name = \"a\"|role = \"officer\"|curve-key = \"########################################\"", "is no key" },
	{ "a.account", "name = \"a\"|role = \"officer\"|unix-user = \"no-such-user-here\"", "is no user of this machine" },
	{ "a.account", "name = \"a\"|role = \"officer\"|unix-user = \"4294967295\"", "is no user of this machine" },
	{ "a.account", "name = \"a\"|role = \"officer\"|unix-user = \"42949672960\"", "is no user of this machine" },
	{ "a.account", "name = \"a\"|role = \"officer\"|unix-user = \"\"", "is no user of this machine" },
	{ "a.account", "name = \"a\"|role = \"officer\"|unix-user = \"-1\"", "is no user of this machine" },
	{ "a.account", "name = \"a\"|role = \"officer\"|unix-user = \"0\"|colour = \"red\"", "a.account:5: \"colour\" is not known here" },
	{ "a.account", "name = \"a\"|role = \"officer\"|role = \"admin\"|unix-user = \"0\"", "a.account:4: role \"admin\" stands twice" },
	{ "a.account", "name = \"a\"|role|unix-user = \"0\"", "is not a line NAME" },
	{ "a.account", "name = \"a\"|role = \"officer\"|    deeper = \"1\"|unix-user = \"0\"", "is not a line NAME" },
	{ "system.account", "name = \"system\"|role = \"admin\"|unix-user = \"0\"", "no account can have this name" },
	{ "a b.account", "name = \"a b\"|role = \"admin\"|unix-user = \"0\"", "no account can have this name" },
};

static void
write_account(const struct fixture *f, const char *file, const char *lines)
{
	struct buf text = { 0 };

	buf_str(&text, "account\n    ");
	for (; *lines; lines++)
		if (*lines == '|')
			buf_str(&text, "\n    ");
		else
			buf_byte(&text, (unsigned char)*lines);
	buf_byte(&text, '\n');
	buf_byte(&text, '\0');
	put(f, file, text.ptr);
	buf_free(&text);
}

static void
test_files(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < countof(files); i++) {
		bool good = files[i].complaint == NULL;
		write_account(f, files[i].file, files[i].text);
		open_it(f);
		if (access_count(f->access) != good || access_broken_count(f->access) != !good ||
		    (!good && !contains(access_broken(f->access), files[i].complaint)))
			fail_msg("file %zu (%s): %zu accounts; %.*s", i, files[i].text, access_count(f->access),
			         TEXT_ARG(access_broken(f->access)));
		access_close(&f->access);
		assert_int_equal(unlink(path_of(f, files[i].file)), 0);
	}
}

static void
test_whole_files(void **state)
{
	static const struct { const char *text, *complaint; } cases[] = {
		{ "", "there is no section account" },
		{ "accounts\n", "\"accounts\" is not known here" },
		{ "account\n\tname = \"a\"\n", "a.account:2" },
		{ "account\n    name = \"a\n", "a.account:2" },
		{ "account\n    name = \"\xff\"\n", "a.account" },
		{ "account\n    name = \"a\"\n    role = \"admin\"\n    unix-user = \"0\"\naccount\n", "\"account\" is not known here" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		put(f, "a.account", cases[i].text);
		open_it(f);
		if (access_count(f->access) != 0 || !contains(access_broken(f->access), cases[i].complaint))
			fail_msg("file %zu: %.*s", i, TEXT_ARG(access_broken(f->access)));
		access_close(&f->access);
	}
}

static void
test_what_is_read(void **state)
{
	static const uint8_t key_a[KEY_BYTES] = {
		0xbb, 0x88, 0x47, 0x1d, 0x65, 0xe2, 0x65, 0x9b, 0x30, 0xc5, 0x5a, 0x53, 0x21, 0xce, 0xbb, 0x5a,
		0xab, 0x2b, 0x70, 0xa3, 0x98, 0x64, 0x5c, 0x26, 0xdc, 0xa2, 0xb2, 0xfc, 0xb4, 0x3f, 0xc5, 0x18,
	};
	struct fixture *f = *state;
	uint8_t key[KEY_BYTES];

	write_account(f, "b.account", "name = b|title = \"UBND xã\"|role = \"commune, council\"|commune = \"24346\"|"
	              "member = health|curve-key = \"" KEY_A "\"|unix-user = 7");
	write_account(f, "a.account", "name = a|role = admin|unix-user = 8");
	put(f, "c.account~", "account\n");
	put(f, ".d.account", "account\n");
	put(f, ".account", "account\n");
	put(f, "e.account.dpkg-old", "account\n");
	put(f, "README", "nothing\n");
	open_it(f);
	assert_int_equal(access_broken_count(f->access), 0);
	assert_int_equal(access_count(f->access), 2);

	const struct account *b = access_item(f->access, 1);
	assert_true(text_is(b->actor.account, "b"));
	assert_true(text_is(b->title, "UBND xã"));
	assert_int_equal(b->actor.roles, ROLE(COMMUNE) | ROLE(COUNCIL));
	assert_true(text_is(b->actor.commune, "24346"));
	assert_true(text_is(b->actor.member, "health"));
	assert_memory_equal(b->key, key_a, sizeof key_a);
	memcpy(key, b->key, sizeof key);
	assert_ptr_equal(access_by_key(f->access, key), b);
	assert_ptr_equal(access_by_uid(f->access, 7), b);

	const struct account *a = access_item(f->access, 0);
	assert_true(text_is(a->title, "a"));
	assert_false(a->has_key);
	assert_ptr_equal(access_by_uid(f->access, 8), a);
	assert_null(access_by_uid(f->access, 9));
	key[31] ^= 1;
	assert_null(access_by_key(f->access, key));
	/* An account without a key is not the account of the zero key. */
	assert_null(access_by_key(f->access, (const uint8_t[KEY_BYTES]){ 0 }));
}

static void
test_claimed_twice(void **state)
{
	struct fixture *f = *state;

	write_account(f, "b.account", "name = b|role = admin|curve-key = \"" KEY_A "\"");
	write_account(f, "a.account", "name = a|role = officer|curve-key = \"" KEY_A "\"");
	write_account(f, "d.account", "name = d|role = officer|unix-user = root|curve-key = \"" KEY_B "\"");
	write_account(f, "c.account", "name = c|role = finance|unix-user = 0");
	open_it(f);
	assert_int_equal(access_count(f->access), 2);
	assert_int_equal(access_broken_count(f->access), 2);
	assert_true(text_is(access_item(f->access, 0)->actor.account, "a"));
	assert_true(text_is(access_item(f->access, 1)->actor.account, "c"));
	assert_true(contains(access_broken(f->access), "b.account:1: its curve-key is that of account \"a\""));
	assert_true(contains(access_broken(f->access), "d.account:1: its unix-user is that of account \"c\""));
}

static void
test_one_line_a_file(void **state)
{
	struct fixture *f = *state;
	size_t lines = 0;

	write_account(f, "a.account", "colour = red|taste = good");
	write_account(f, "b.account", "colour = red|taste = good");
	write_account(f, "c.account", "name = c|role = admin|unix-user = 1");
	open_it(f);
	struct text broken = access_broken(f->access);
	for (size_t i = 0; i < broken.len; i++)
		lines += broken.ptr[i] == '\n';
	assert_int_equal(lines, 2);
	assert_int_equal(access_broken_count(f->access), 2);
	assert_int_equal(access_count(f->access), 1);
}

/* --- changes ----------------------------------------------------------------------------------- */

static void
test_changes(void **state)
{
	struct fixture *f = *state;

	open_it(f);
	assert_false(access_refresh(f->access));
	assert_int_equal(access_count(f->access), 0);

	write_account(f, "a.account", "name = a|role = officer|unix-user = 1");
	wait_for_change(f);
	assert_int_equal(access_by_uid(f->access, 1)->actor.roles, ROLE(OFFICER));

	write_account(f, "a.account", "name = a|role = finance|unix-user = 1");
	wait_for_change(f);
	assert_int_equal(access_by_uid(f->access, 1)->actor.roles, ROLE(FINANCE));

	/* As careful programs write: aside, then renamed. */
	write_account(f, "a.tmp", "name = a|role = steering|unix-user = 1");
	char from[128];
	snprintf(from, sizeof from, "%s/a.tmp", f->dir);
	assert_int_equal(rename(from, path_of(f, "a.account")), 0);
	wait_for_change(f);
	assert_int_equal(access_by_uid(f->access, 1)->actor.roles, ROLE(STEERING));

	/* Renamed away is gone, whatever the new name. */
	char to[128];
	snprintf(to, sizeof to, "%s/a.account.off", f->dir);
	assert_int_equal(rename(path_of(f, "a.account"), to), 0);
	wait_for_change(f);
	assert_null(access_by_uid(f->access, 1));

	assert_int_equal(link(to, path_of(f, "a.account")), 0);
	wait_for_change(f);
	assert_non_null(access_by_uid(f->access, 1));

	assert_int_equal(unlink(path_of(f, "a.account")), 0);
	wait_for_change(f);
	assert_null(access_by_uid(f->access, 1));

	assert_int_equal(symlink("a.account.off", path_of(f, "a.account")), 0);
	wait_for_change(f);
	assert_non_null(access_by_uid(f->access, 1));
	assert_false(access_refresh(f->access));
}

static void
test_broken_leaves_others(void **state)
{
	struct fixture *f = *state;

	write_account(f, "a.account", "name = a|role = officer|unix-user = 1");
	write_account(f, "b.account", "name = b|role = officer|unix-user = 2");
	open_it(f);
	put(f, "a.account", "rubbish = \"\n");
	wait_for_change(f);
	assert_null(access_by_uid(f->access, 1));
	assert_non_null(access_by_uid(f->access, 2));
	assert_int_equal(access_broken_count(f->access), 1);
	assert_true(contains(access_broken(f->access), "a.account"));
}

/* Neither holds up the daemon nor counts. */
static void
test_no_plain_files(void **state)
{
	struct fixture *f = *state;
	int fd;

	assert_int_equal(mkfifo(path_of(f, "pipe.account"), 0600), 0);
	assert_int_equal(mkdir(path_of(f, "folder.account"), 0700), 0);
	assert_int_equal(symlink("nowhere", path_of(f, "dangling.account")), 0);
	assert_true((fd = open(path_of(f, "big.account"), O_CREAT | O_WRONLY, 0600)) >= 0);
	assert_int_equal(ftruncate(fd, 65537), 0);
	close(fd);
	write_account(f, "a.account", "name = a|role = officer|unix-user = 1");
	open_it(f);
	assert_int_equal(access_count(f->access), 1);
	assert_int_equal(access_broken_count(f->access), 4);
}

static void
test_folder(void **state)
{
	struct fixture *f = *state;
	struct access *access = NULL;
	char away[128];

	assert_int_equal(access_open(path_of(f, "missing"), &programme, &access), -ENOENT);
	assert_null(access);

	write_account(f, "a.account", "name = a|role = officer|unix-user = 1");
	open_it(f);
	snprintf(away, sizeof away, "%s.away", f->dir);
	assert_int_equal(rename(f->dir, away), 0);
	wait_for_change(f);
	assert_null(access_by_uid(f->access, 1));
	assert_int_equal(access_broken_count(f->access), 1);

	assert_int_equal(rename(away, f->dir), 0);
	assert_true(access_refresh(f->access));
	assert_non_null(access_by_uid(f->access, 1));
	assert_int_equal(access_broken_count(f->access), 0);

	/* The new watch sees further changes. */
	assert_int_equal(unlink(path_of(f, "a.account")), 0);
	wait_for_change(f);
	assert_null(access_by_uid(f->access, 1));
	assert_true(access_reload(f->access));
}

static void
test_many(void **state)
{
	struct fixture *f = *state;
	char file[32], text[96];

	for (int i = 0; i < 200; i++) {
		snprintf(file, sizeof file, "u%03d.account", i);
		snprintf(text, sizeof text, "name = u%03d|role = council|member = health|unix-user = %d", i, 5000 + i);
		write_account(f, file, text);
	}
	open_it(f);
	assert_int_equal(access_count(f->access), 200);
	assert_true(text_is(access_by_uid(f->access, 5123)->actor.account, "u123"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_whole_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_is_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_claimed_twice, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_line_a_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_changes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_broken_leaves_others, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_plain_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_folder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
