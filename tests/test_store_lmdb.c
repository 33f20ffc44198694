/* What only the store in LMDB has: files, making, reopening, growing, copying, refusing damage. */
#include "daemon/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* The fixture is a folder; paths in it are made by at(), which keeps the last few. */
static const char *
at(void **state, const char *name)
{
	static char paths[4][160];
	static unsigned turn;
	char *path = paths[turn++ % countof(paths)];
	snprintf(path, sizeof *paths, "%s/%s", (char *)*state, name);
	return path;
}

static int
set_up(void **state)
{
	char dir[] = "/tmp/test_store_lmdb.XXXXXX";
	assert_non_null(mkdtemp(dir));
	*state = strdup(dir);
	return 0;
}

static void
remove_all(const char *path)
{
	char inner[600];
	DIR *dir = opendir(path);
	if (dir) {
		for (struct dirent *e; (e = readdir(dir)); ) {
			snprintf(inner, sizeof inner, "%s/%s", path, e->d_name);
			if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
				remove_all(inner);
		}
		closedir(dir);
	}
	remove(path);
}

static int
tear_down(void **state)
{
	remove_all(*state);
	free(*state);
	return 0;
}

static struct store *
open_at(const char *dir)
{
	struct store *s = NULL;
	assert_int_equal(store_open(&(struct store_options){ .dir = dir }, &s), 0);
	return s;
}

static int
try_open(const char *dir, bool read_only)
{
	struct store *s = NULL;
	int fault = store_open(&(struct store_options){ .dir = dir, .read_only = read_only }, &s);
	assert_int_equal(!fault, !!s);
	store_close(&s);
	return fault;
}

/* `count` rows of 1,000 bytes; what store_commit says. */
static int
fill(struct store *s, uint32_t from, uint32_t count)
{
	static char value[1000];
	assert_int_equal(store_begin(s), 0);
	for (uint32_t i = from; i < from + count; i++) {
		uint32_t key = __builtin_bswap32(i);
		store_put(s, TABLE_DOSSIER, (struct text){ (char *)&key, 4 },
		          (struct text){ value, sizeof value });
	}
	return store_commit(s);
}

static uint64_t
rows(struct store *s)
{
	return store_figures(s).rows[TABLE_DOSSIER];
}

static off_t
size_of(const char *path)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static int
mode_of(const char *path)
{
	struct stat st;
	return stat(path, &st) ? -errno : (int)(st.st_mode & 0777);
}

static void
is_made_private_and_alone(void **state)
{
	assert_int_equal(mkdir(at(state, "new.abcdef"), 0700), 0);
	assert_int_equal(close(creat(at(state, "new.abcdef/data.mdb"), 0600)), 0);
	assert_int_equal(mkdir(at(state, "new.others"), 0700), 0);
	assert_int_equal(close(creat(at(state, "new.others/letter"), 0600)), 0);
	assert_int_equal(mkdir(at(state, "newspaper"), 0700), 0);

	struct store *s = open_at(at(state, "db/"));
	assert_int_equal(mode_of(at(state, "db")), 0700);
	assert_int_equal(mode_of(at(state, "db/data.mdb")), 0600);
	assert_int_equal(mode_of(at(state, "db/lock.mdb")), 0600);
	assert_int_equal(mode_of(at(state, "new.abcdef")), -ENOENT);
	assert_int_equal(mode_of(at(state, "new.others/letter")), 0600);
	assert_int_equal(mode_of(at(state, "newspaper")), 0700);
	store_close(&s);
}

static void
is_made_where_nothing_stands_in_the_way(void **state)
{
	assert_int_equal(mkdir(at(state, "empty"), 0700), 0);
	assert_int_equal(try_open(at(state, "empty"), false), 0);
	assert_int_equal(mkdir(at(state, "lock"), 0700), 0);
	assert_int_equal(close(creat(at(state, "lock/lock.mdb"), 0600)), 0);
	assert_int_equal(try_open(at(state, "lock"), false), 0);
	assert_int_equal(mkdir(at(state, "full"), 0700), 0);
	assert_int_equal(close(creat(at(state, "full/letter"), 0600)), 0);
	assert_int_equal(try_open(at(state, "full"), false), -ENOTEMPTY);
	assert_int_equal(close(creat(at(state, "file"), 0600)), 0);
	assert_int_equal(try_open(at(state, "file"), false), -ENOTDIR);
	assert_int_equal(try_open(at(state, "missing/db"), false), -ENOENT);
	assert_int_equal(try_open(at(state, "missing"), true), -ENOENT);

	DIR *dir = opendir(*state);
	for (struct dirent *e; (e = readdir(dir)); )
		assert_true(strncmp(e->d_name, "new.", 4));
	closedir(dir);
}

static void
is_there_again(void **state)
{
	struct store *s = open_at(at(state, "db"));
	assert_int_equal(fill(s, 0, 10), 0);
	assert_int_equal(store_begin(s), 0);
	store_del(s, TABLE_DOSSIER, TEXT("\0\0\0\3"));
	store_close(&s);

	s = open_at(at(state, "db"));
	assert_int_equal(rows(s), 10);
	assert_int_equal(store_figures(s).puts, 0);
	store_close(&s);
}

static void
reads_only(void **state)
{
	struct store *s = open_at(at(state, "db"));
	struct text key, value;
	assert_int_equal(fill(s, 0, 3), 0);
	store_close(&s);

	struct store_options options = { .dir = at(state, "db"), .read_only = true };
	assert_int_equal(store_open(&options, &s), 0);
	assert_int_equal(rows(s), 3);
	assert_int_equal(store_begin(s), 0);
	assert_true(store_seek(s, TABLE_DOSSIER, TEXT(""), &key, &value));
	assert_true(store_next(s, TABLE_DOSSIER, &key, &value));
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(store_begin(s), 0);
	store_put(s, TABLE_DOSSIER, TEXT("a"), TEXT(""));
	assert_int_equal(store_commit(s), -EACCES);
	assert_int_equal(store_sync(s), 0);
	store_close(&s);
}

/* One change to the file of a good store: bytes written at an offset, or its new size. */
static const struct {
	const char *name;
	off_t offset;
	const char *bytes;
	size_t len;
	off_t size;                     /* 0: as it was; -1: one byte less than it needs */
	int fault;
} damages[] = {
	{ "none", 0, "", 0, 0, 0 },
	{ "empty", 0, "", 0, 1, -EILSEQ },
	{ "half a meta page", 0, "", 0, 100, -EILSEQ },
	{ "one meta page", 0, "", 0, 4096, -EILSEQ },
	{ "meta pages only", 0, "", 0, 8192, -EILSEQ },
	{ "a byte short of its pages", 0, "", 0, -1, -EILSEQ },
	{ "magic of the first", 16, "x", 1, 0, -EILSEQ },
	{ "magic of the second", 4096 + 16, "x", 1, 0, -EILSEQ },
	{ "version", 20, "\2", 1, 0, -EILSEQ },
	{ "page number", 0, "\5", 1, 0, -EILSEQ },
	{ "page kind", 10, "\1", 1, 0, -EILSEQ },
	{ "page size 0", 40, "\0\0\0\0", 4, 0, -EILSEQ },
	{ "page size odd", 40, "\1\20\0\0", 4, 0, -EILSEQ },
	{ "page size huge", 40, "\0\0\2\0", 4, 0, -EILSEQ },
	{ "last page of the newer far behind the end", 4096 + 16 + 125, "\1", 1, 0, -EILSEQ },
	{ "last page of the older, which is not used", 16 + 125, "\1", 1, 0, 0 },
	{ "a text", 0, "This is no store at all, but a letter to the district.", 54, 0, -EILSEQ },
};

static void
refuses_damage(void **state)
{
	for (size_t i = 0; i < countof(damages); i++) {
		struct store *s = open_at(at(state, "db"));
		assert_int_equal(fill(s, 0, 100), 0);
		assert_int_equal(fill(s, 0, 100), 0);
		off_t used = (off_t)store_figures(s).used_bytes;
		store_close(&s);

		print_message("    %s\n", damages[i].name);
		int fd = open(at(state, "db/data.mdb"), O_RDWR);
		assert_int_equal(pwrite(fd, damages[i].bytes, damages[i].len, damages[i].offset),
		                 damages[i].len);
		if (damages[i].size)
			assert_int_equal(ftruncate(fd, damages[i].size < 0 ? used - 1 : damages[i].size), 0);
		close(fd);
		assert_int_equal(try_open(at(state, "db"), false), damages[i].fault);
		assert_int_equal(try_open(at(state, "db"), true), damages[i].fault);
		remove_all(at(state, "db"));
	}
}

/* Pages made and freed in one transaction are never written: the file must be long enough even so. */
static void
is_as_long_as_it_claims(void **state)
{
	struct store *s = open_at(at(state, "db"));
	srand(1);
	for (int round = 0; round < 60; round++) {
		static char value[600];
		uint32_t count = (uint32_t)rand() % 3000;
		assert_int_equal(store_begin(s), 0);
		for (uint32_t i = 0; i < 2 * count; i++) {
			uint32_t key = i < count ? i : 2 * count - i - 1;
			struct text k = { (char *)&key, 4 };
			if (i < count)
				store_put(s, TABLE_DOSSIER, k, (struct text){ value, (size_t)rand() % 600 });
			else
				store_del(s, TABLE_DOSSIER, k);
		}
		int fault = store_commit(s);
		assert_true(fault == 0 || fault == -EXFULL);
		if (fault)
			assert_int_equal(store_grow(s), 0);
		assert_true(size_of(at(state, "db/data.mdb")) >= (off_t)store_figures(s).used_bytes);
	}
	store_close(&s);
	assert_int_equal(try_open(at(state, "db"), false), 0);
}

static void
grows(void **state)
{
	struct store *s = open_at(at(state, "db"));
	uint64_t map = store_figures(s).map_bytes;
	assert_int_equal(map, 1 << 20);
	assert_int_equal(fill(s, 0, 100), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fill(s, 100, 2000), -EXFULL);
		assert_int_equal(rows(s), 100);
		assert_int_equal(store_grow(s), 0);
		assert_true(store_figures(s).map_bytes > map);
		map = store_figures(s).map_bytes;
	}
	while (fill(s, 100, 2000) == -EXFULL)
		assert_int_equal(store_grow(s), 0);
	assert_int_equal(rows(s), 2100);
	store_close(&s);

	s = open_at(at(state, "db"));
	assert_int_equal(rows(s), 2100);
	assert_int_equal(fill(s, 0, 10), 0);
	store_close(&s);
}

static void
preallocates(void **state)
{
	struct store_options options = { .dir = at(state, "db"), .preallocate_bytes = 8 << 20 };
	struct stat st;
	struct store *s;
	for (int i = 0; i < 2; i++) {           /* when it is made, and when it is there */
		assert_int_equal(store_open(&options, &s), 0);
		assert_int_equal(stat(at(state, "db/data.mdb"), &st), 0);
		assert_true(st.st_size >= (off_t)options.preallocate_bytes);
		assert_true(st.st_size < (off_t)options.preallocate_bytes + (3 << 20));
		assert_true(st.st_blocks * 512 >= st.st_size);
		assert_int_equal(fill(s, 0, 100), 0);
		assert_int_equal(rows(s), 100);
		store_close(&s);
		options.preallocate_bytes += 4 << 20;
	}
	options.preallocate_bytes = 0;          /* and it never shrinks */
	assert_int_equal(try_open(at(state, "db"), false), 0);
	assert_true(size_of(at(state, "db/data.mdb")) >= 12 << 20);
}

/* Half of it used up, and it is made whole again; a map is never longer than the file on disk. */
static void
keeps_room_ahead(void **state)
{
	struct store_options options = { .dir = at(state, "db"), .preallocate_bytes = 4 << 20 };
	struct stat st;
	struct store *s;
	assert_int_equal(store_open(&options, &s), 0);
	for (uint32_t i = 0; i < 20; i++) {
		struct store_figures f;
		assert_int_equal(fill(s, 1000 * i, 1000), 0);
		assert_int_equal(store_prepare(s), 0);
		f = store_figures(s);
		assert_true(f.map_bytes - f.used_bytes >= options.preallocate_bytes / 2);
		assert_int_equal(stat(at(state, "db/data.mdb"), &st), 0);
		assert_true(f.map_bytes <= f.file_bytes && (off_t)f.file_bytes == st.st_size);
		assert_true(st.st_blocks * 512 >= st.st_size);
	}
	store_close(&s);
}

static void
copies(void **state)
{
	struct store *s = open_at(at(state, "db")), *copy;
	assert_int_equal(fill(s, 0, 300), 0);
	assert_int_equal(store_begin(s), 0);
	for (uint32_t i = 0; i < 250; i++) {
		uint32_t key = __builtin_bswap32(i);
		store_del(s, TABLE_DOSSIER, (struct text){ (char *)&key, 4 });
	}
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(store_copy(s, at(state, "copy")), 0);
	assert_int_equal(store_copy(s, at(state, "copy")), -EEXIST);
	assert_int_equal(store_copy(s, at(state, "missing/copy")), -ENOENT);
	assert_int_equal(mode_of(at(state, "copy")), 0700);
	assert_int_equal(mode_of(at(state, "copy/data.mdb")), 0600);
	assert_int_equal(fill(s, 1000, 10), 0);

	copy = open_at(at(state, "copy"));
	assert_int_equal(rows(copy), 50);
	assert_true(store_figures(copy).used_bytes < store_figures(s).used_bytes / 2);
	assert_int_equal(fill(copy, 0, 10), 0);
	assert_int_equal(rows(copy), 60);
	assert_int_equal(rows(s), 60);
	store_close(&copy);
	store_close(&s);
	assert_int_equal(try_open(at(state, "copy"), true), 0);
}

/* The disk refuses more: a full map tells before the commit, what was there is still there, and what
 * must not fail any more has the last of the file. */
static void
survives_a_refusing_disk(void **state)
{
	struct rlimit before, small = { 4 << 20, RLIM_INFINITY };
	struct store *s = open_at(at(state, "db"));
	assert_int_equal(fill(s, 0, 100), 0);

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	while (!store_grow(s))
		;
	assert_int_equal(store_grow(s), -EFBIG);
	int copied = store_copy(s, at(state, "copy"));
	int fault = fill(s, 100, 10000), small_fault = fill(s, 100, 1);
	uint32_t row = 1000, stretched_from;
	while (!fill(s, row, 100))
		row += 100;
	stretched_from = row;
	assert_int_equal(store_stretch(s), 0);
	assert_int_equal(store_stretch(s), -ENOSPC);
	while (!fill(s, row, 100))
		row += 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);

	assert_int_equal(fault, -EXFULL);
	assert_int_equal(copied, 0);
	assert_int_equal(small_fault, 0);
	assert_true(row > stretched_from);
	assert_int_equal(rows(s), 101 + row - 1000);
	assert_int_equal(store_grow(s), 0);
	assert_int_equal(fill(s, row, 100), 0);
	store_close(&s);
	s = open_at(at(state, "db"));
	assert_int_equal(rows(s), 101 + row + 100 - 1000);
	store_close(&s);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(is_made_private_and_alone),
		TEST(is_made_where_nothing_stands_in_the_way),
		TEST(is_there_again),
		TEST(reads_only),
		TEST(refuses_damage),
		TEST(is_as_long_as_it_claims),
		TEST(grows),
		TEST(preallocates),
		TEST(keeps_room_ahead),
		TEST(copies),
		TEST(survives_a_refusing_disk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
