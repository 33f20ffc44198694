/* The server's key file: made once, read again, refused where others may read it or it is not whole. */
#include "daemon/reactor.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The pairs of zmq_curve(7). */
#define PUBLIC_A "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
#define SECRET_A "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"
#define PUBLIC_B "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

struct world {
	char dir[64], file[96], pub[100];
	struct server_key key;
	struct buf why;
};

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);

	strcpy(w->dir, "/tmp/test_server_key.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->file, sizeof w->file, "%s/key", w->dir);
	snprintf(w->pub, sizeof w->pub, "%s.pub", w->file);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;
	char command[128];

	snprintf(command, sizeof command, "rm -r '%s'", w->dir);
	assert_int_equal(system(command), 0);
	buf_free(&w->why);
	free(w);
	return 0;
}

static int
load(struct world *w)
{
	buf_clear(&w->why);
	memset(&w->key, 0, sizeof w->key);
	return server_key_load(w->file, &w->key, &w->why);
}

static void
put(const struct world *w, const char *text, mode_t mode)
{
	FILE *out = fopen(w->file, "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(w->file, mode), 0);
}

static void
assert_published(const struct world *w)
{
	char line[64] = "";
	FILE *in = fopen(w->pub, "r");

	assert_non_null(in);
	assert_int_equal(fread(line, 1, sizeof line - 1, in), 41);
	fclose(in);
	assert_memory_equal(line, w->key.public_key, 40);
	assert_int_equal(line[40], '\n');
}

static void
test_made_and_kept(void **state)
{
	struct world *w = *state;
	struct server_key first;
	struct stat st;

	umask(0);
	assert_int_equal(load(w), 0);
	first = w->key;
	assert_int_equal(strlen(first.public_key), 40);
	assert_int_equal(strlen(first.secret_key), 40);
	assert_int_equal(stat(w->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(w->pub, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_published(w);

	assert_int_equal(load(w), 0);
	assert_memory_equal(&w->key, &first, sizeof first);

	/* The public half is written again where it is gone or another's. */
	assert_int_equal(unlink(w->pub), 0);
	assert_int_equal(load(w), 0);
	assert_published(w);
	FILE *out = fopen(w->pub, "w");
	fputs(PUBLIC_B "\n", out);
	fclose(out);
	assert_int_equal(load(w), 0);
	assert_published(w);
}

static void
test_others_may_read(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0660, 0610, 0601, 0777 };
	struct world *w = *state;

	for (size_t i = 0; i < countof(modes); i++) {
		put(w, "curve\n    public-key = \"" PUBLIC_A "\"\n    secret-key = \"" SECRET_A "\"\n", modes[i]);
		assert_int_equal(load(w), -EACCES);
		assert_non_null(memmem(w->why.ptr, w->why.len, "chmod 600", 9));
		assert_int_equal(w->key.secret_key[0], '\0');
	}
	assert_int_equal(chmod(w->file, 0400), 0);
	assert_int_equal(load(w), 0);
	assert_string_equal(w->key.public_key, PUBLIC_A);
	assert_string_equal(w->key.secret_key, SECRET_A);
}

static void
test_not_a_key(void **state)
{
	static const char *const texts[] = {
		"",
		"curve\n",
		"public-key = \"" PUBLIC_A "\"\nsecret-key = \"" SECRET_A "\"\n",
		"curve\n    public-key = \"" PUBLIC_A "\"\n",
		"curve\n    secret-key = \"" SECRET_A "\"\n",
		"curve\n    public-key = \"" PUBLIC_B "\"\n    secret-key = \"" SECRET_A "\"\n",
		"curve\n    public-key = \"" PUBLIC_A "\"\n    secret-key = \"short\"\n",
		"curve\n    public-key = \"" PUBLIC_A "\"\n    secret-key = \"" SECRET_A "0\"\n",
		"curve\n    public-key = \"" PUBLIC_A "\"\n    secret-key = \"~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\"\n",
		"curve\n    public-key = \"" PUBLIC_A "\n",
	};
	struct world *w = *state;

	for (size_t i = 0; i < countof(texts); i++) {
		put(w, texts[i], 0600);
		if (load(w) != -EINVAL || !memmem(w->why.ptr, w->why.len, "holds no key pair", 17))
			fail_msg("text %zu: %.*s", i, TEXT_ARG(buf_view(&w->why)));
		/* Nobody's secret in a message. */
		assert_null(memmem(w->why.ptr, w->why.len, SECRET_A, 40));
		assert_int_equal(access(w->pub, F_OK), -1);
	}
}

static void
test_no_place(void **state)
{
	struct world *w = *state;

	snprintf(w->file, sizeof w->file, "%s/missing/key", w->dir);
	assert_int_equal(load(w), -ENOENT);
	assert_true(w->why.len > 0);
	snprintf(w->file, sizeof w->file, "%s", w->dir);
	assert_true(load(w) < 0);
	assert_true(w->why.len > 0);
	/* Nothing half-made stays. */
	assert_int_equal(rmdir(w->dir), 0);
	assert_int_equal(mkdir(w->dir, 0700), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_made_and_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_others_may_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_not_a_key, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_place, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
