/* The state in LMDB: one environment, one writer, ordered tables. The one file with lmdb.h. */
#include "daemon/store.h"

#include "daemon/store_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	KEY_MOST = 511,
	FILE_LEAST = 2 << 20,
	/* What the map leaves free of the file's room, see store_stretch(). */
	SLACK = 1 << 20,
	GROW_LEAST = 1 << 20,
};

/* No WRITEMAP: it turns a full disk into a SIGBUS. NOSYNC: the journal is what must not be lost. */
static const unsigned env_flags = MDB_NOSYNC | MDB_NOTLS | MDB_NORDAHEAD;

static const char *const table_names[TABLE_TOTAL] = {
	[TABLE_META] = "meta",
	[TABLE_DOSSIER] = "dossier",
	[TABLE_EVENT] = "event",
	[TABLE_INDEX] = "index",
	[TABLE_COUNT] = "count",
	[TABLE_KEY] = "key",
	[TABLE_FEED] = "feed",
};

/* Where a table's cursor stands. LMDB's own would start over behind the end. */
enum place { PLACE_LOST, PLACE_ROW, PLACE_END };

struct store {
	MDB_env *env;
	MDB_txn *txn;                   /* NULL outside, and where begin failed */
	MDB_dbi tables[TABLE_TOTAL];
	MDB_cursor *cursors[TABLE_TOTAL]; /* of the open transaction; NULL: not needed yet */
	enum place places[TABLE_TOTAL];
	bool open, read_only;
	int fault;                      /* the open transaction's first */
	size_t page_bytes, ahead_bytes;
	size_t file_bytes;              /* all of them allocated on disk: no page in the map can lack its block */
	uint64_t puts, commits, steps;
};

/* LMDB's codes become faults here and nowhere else. */
static int
fault_of(int rc)
{
	switch (rc) {
	case MDB_MAP_FULL:
		return -EXFULL;
	case MDB_TXN_FULL:
	case MDB_READERS_FULL:
		return -ENOBUFS;
	case MDB_BAD_VALSIZE:
		return -EINVAL;
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_NOTFOUND:
	case MDB_INCOMPATIBLE:
		return -EILSEQ;
	default:
		return rc < 0 ? -EIO : -rc;
	}
}

static int
open_env(const char *dir, size_t map_bytes, unsigned flags, MDB_env **ret)
{
	MDB_env *env;
	int rc = mdb_env_create(&env);
	if (rc)
		return fault_of(rc);
	rc = mdb_env_set_maxdbs(env, TABLE_TOTAL);
	if (!rc)
		rc = mdb_env_set_mapsize(env, map_bytes);
	if (!rc)
		rc = mdb_env_open(env, dir, env_flags | flags, 0600);
	if (rc) {
		mdb_env_close(env);
		return fault_of(rc);
	}
	*ret = env;
	return 0;
}

static int
open_tables(MDB_env *env, unsigned txn_flags, unsigned flags, MDB_dbi tables[TABLE_TOTAL])
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(env, NULL, txn_flags, &txn);
	if (rc)
		return fault_of(rc);
	for (int i = 0; i < TABLE_TOTAL && !rc; i++)
		rc = mdb_dbi_open(txn, table_names[i], flags, &tables[i]);
	if (!rc)
		return fault_of(mdb_txn_commit(txn));
	mdb_txn_abort(txn);
	return fault_of(rc);
}

static int
fill_new(const char *dir)
{
	MDB_env *env;
	MDB_dbi tables[TABLE_TOTAL];
	int fault = open_env(dir, FILE_LEAST - SLACK, 0, &env);
	if (fault)
		return fault;
	fault = open_tables(env, 0, MDB_CREATE, tables);
	if (!fault)
		fault = fault_of(mdb_env_sync(env, 1));
	mdb_env_close(env);

	char *data = store_join(dir, "data.mdb");
	if (!fault)
		fault = store_file_sync(data);
	if (!fault)
		fault = store_file_sync(dir);
	free(data);
	return fault;
}

/* LMDB's own creation can be cut in half, and such a file crashes the next open: so it happens
 * aside, and the rename is what makes the store. */
static int
make_store(const struct store_places *p)
{
	char *aside = store_join(p->parent, "new.XXXXXX");
	int fault = 0;
	if (!mkdtemp(aside)) {
		fault = -errno;
		free(aside);
		return fault;
	}
	fault = fill_new(aside);
	unlink(p->lock);        /* alone in the folder it is worth nothing, and stops the rename */
	if (!fault && rename(aside, p->dir))
		fault = -errno;
	if (fault)
		store_file_remove(aside);
	else
		fault = store_file_sync(p->parent);
	free(aside);
	return fault;
}

static size_t
used_bytes(const struct store *s)
{
	MDB_envinfo info;
	mdb_env_info(s->env, &info);
	return (info.me_last_pgno + 1) * s->page_bytes;
}

/* The map ends where the file's blocks do. So a full disk shows itself as a full map, in a put, while
 * the transaction can still be dropped, and not in the commit, when its events are in the journal. */
static int
set_map(struct store *s, size_t bytes)
{
	return fault_of(mdb_env_set_mapsize(s->env, bytes / s->page_bytes * s->page_bytes));
}

/* Makes the file this long on disk; where there is no room it stays as it was. */
static int
allocate(struct store *s, size_t bytes)
{
	int fd, fault = fault_of(mdb_env_get_fd(s->env, &fd));
	if (fault || bytes <= s->file_bytes)
		return fault;
	while ((fault = -posix_fallocate(fd, 0, (off_t)bytes)) == -EINTR)
		;
	if (!fault)
		s->file_bytes = bytes;
	else if (ftruncate(fd, (off_t)s->file_bytes))
		return -errno;
	return fault;
}

static int
prepare_file(struct store *s)
{
	struct stat st;
	MDB_stat stat;
	size_t used;
	int fd, fault = fault_of(mdb_env_get_fd(s->env, &fd));
	if (fault)
		return fault;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) || fstat(fd, &st))
		return -errno;
	mdb_env_stat(s->env, &stat);
	s->page_bytes = stat.ms_psize;
	used = used_bytes(s);
	if (s->read_only)
		return 0;
	/* What is there may have holes, from before it was kept like this. */
	fault = allocate(s, (size_t)st.st_size);
	if (fault)
		return fault;
	if (allocate(s, FILE_LEAST) || allocate(s, used + SLACK + s->ahead_bytes))
		return set_map(s, s->file_bytes - SLACK > used ? s->file_bytes - SLACK : s->file_bytes);
	return set_map(s, s->file_bytes - SLACK);
}

static int
open_store(struct store *s, const struct store_places *p)
{
	size_t used = 0;
	unsigned flags = s->read_only ? MDB_RDONLY : 0;
	int dead, fault;

	if (!s->read_only)
		store_file_remove_stale(p->parent);
	fault = store_file_check(p->data, &used);
	if (fault == -ENOENT && !s->read_only) {
		fault = make_store(p);
		if (!fault)
			fault = store_file_check(p->data, &used);
	}
	if (!fault)
		fault = open_env(p->dir, used + SLACK, flags, &s->env);
	if (!fault)
		fault = fault_of(mdb_reader_check(s->env, &dead));
	if (!fault)
		fault = open_tables(s->env, flags, 0, s->tables);
	if (!fault)
		fault = prepare_file(s);
	return fault;
}

int
store_open(const struct store_options *options, struct store **ret)
{
	struct store_places p = store_places_of(options->dir);
	struct store *s = xcalloc(1, sizeof *s);
	s->read_only = options->read_only;
	s->ahead_bytes = options->preallocate_bytes;
	int fault = open_store(s, &p);
	store_places_free(&p);
	if (fault)
		store_close(&s);
	else
		*ret = s;
	return fault;
}

void
store_close(struct store **store)
{
	struct store *s = *store;
	if (!s)
		return;
	if (s->open)
		store_abort(s);
	if (s->env)
		mdb_env_close(s->env);
	free(s);
	*store = NULL;
}

int
store_begin(struct store *s)
{
	assert(!s->open);
	s->open = true;
	s->fault = fault_of(mdb_txn_begin(s->env, NULL, s->read_only ? MDB_RDONLY : 0, &s->txn));
	if (s->fault)
		s->txn = NULL;
	return s->fault;
}

static void
close_cursors(struct store *s)
{
	for (int i = 0; i < TABLE_TOTAL; i++) {
		if (s->cursors[i])
			mdb_cursor_close(s->cursors[i]);
		s->cursors[i] = NULL;
		s->places[i] = PLACE_LOST;
	}
}

int
store_commit(struct store *s)
{
	assert(s->open);
	int fault = s->fault;
	if (fault) {
		store_abort(s);
		return fault;
	}
	close_cursors(s);
	fault = fault_of(mdb_txn_commit(s->txn));
	s->txn = NULL;
	s->open = false;
	s->commits += !fault;
	return fault;
}

void
store_abort(struct store *s)
{
	assert(s->open);
	close_cursors(s);
	if (s->txn)
		mdb_txn_abort(s->txn);
	s->txn = NULL;
	s->open = false;
	s->fault = 0;
}

int
store_fault(const struct store *s)
{
	return s->fault;
}

int
store_grow(struct store *s)
{
	size_t half = s->file_bytes / 2;
	int fault;
	assert(!s->open);
	if (s->file_bytes > SIZE_MAX / 4)
		return -ENOMEM;
	fault = allocate(s, s->file_bytes + (half > GROW_LEAST ? half : GROW_LEAST));
	if (fault)
		fault = allocate(s, s->file_bytes + GROW_LEAST);
	return fault ? fault : set_map(s, s->file_bytes - SLACK);
}

bool
store_stretched(const struct store *s)
{
	MDB_envinfo info;
	mdb_env_info(s->env, &info);
	return info.me_mapsize + SLACK > s->file_bytes + s->page_bytes;
}

int
store_stretch(struct store *s)
{
	assert(!s->open);
	return store_stretched(s) ? -ENOSPC : set_map(s, s->file_bytes);
}

int
store_prepare(struct store *s)
{
	size_t used = used_bytes(s);
	assert(!s->open);
	if (s->read_only || used + SLACK + s->ahead_bytes / 2 <= s->file_bytes)
		return 0;
	int fault = allocate(s, used + SLACK + s->ahead_bytes);
	return fault ? fault : set_map(s, s->file_bytes - SLACK);
}

int
store_sync(struct store *s)
{
	return s->read_only ? 0 : fault_of(mdb_env_sync(s->env, 1));
}

static MDB_val
val_of(struct text t)
{
	return (MDB_val){ t.len, (void *)t.ptr };
}

static struct text
text_of_val(MDB_val v)
{
	return (struct text){ v.mv_data, v.mv_size };
}

/* Not there is an answer, everything else a fault. */
static bool
found(struct store *s, int rc)
{
	if (rc && rc != MDB_NOTFOUND)
		s->fault = fault_of(rc);
	return !rc;
}

bool
store_get(struct store *s, enum store_table table, struct text key, struct text *ret_value)
{
	MDB_val k = val_of(key), v;
	assert(s->open);
	if (s->fault || !key.len || key.len > KEY_MOST)
		return false;
	if (!found(s, mdb_get(s->txn, s->tables[table], &k, &v)))
		return false;
	*ret_value = text_of_val(v);
	return true;
}

void
store_put(struct store *s, enum store_table table, struct text key, struct text value)
{
	MDB_val k = val_of(key), v = val_of(value);
	assert(s->open);
	s->places[table] = PLACE_LOST;
	if (s->fault)
		return;
	int rc = mdb_put(s->txn, s->tables[table], &k, &v, 0);
	if (rc)
		s->fault = fault_of(rc);
	else
		s->puts++;
}

static bool
open_cursor(struct store *s, enum store_table table)
{
	return s->cursors[table] || found(s, mdb_cursor_open(s->txn, s->tables[table], &s->cursors[table]));
}

/* By the cursor, which then stands at the end already when the next one comes. */
void
store_append(struct store *s, enum store_table table, struct text key, struct text value)
{
	MDB_val k = val_of(key), v = val_of(value);
	assert(s->open);
	s->places[table] = PLACE_LOST;
	if (s->fault || !open_cursor(s, table))
		return;
	int rc = mdb_cursor_put(s->cursors[table], &k, &v, MDB_APPEND);
	if (rc == MDB_KEYEXIST)         /* not behind the others after all */
		store_put(s, table, key, value);
	else if (rc)
		s->fault = fault_of(rc);
	else
		s->puts++;
}

void
store_del(struct store *s, enum store_table table, struct text key)
{
	MDB_val k = val_of(key);
	assert(s->open);
	s->places[table] = PLACE_LOST;
	if (s->fault)
		return;
	int rc = key.len > KEY_MOST ? MDB_BAD_VALSIZE
		: mdb_del(s->txn, s->tables[table], &k, NULL);
	found(s, rc);
}

void
store_clear(struct store *s, enum store_table table)
{
	assert(s->open);
	s->places[table] = PLACE_LOST;
	if (!s->fault)
		s->fault = fault_of(mdb_drop(s->txn, s->tables[table], 0));
}

static bool
move(struct store *s, enum store_table table, MDB_val *key, MDB_cursor_op op,
     struct text *ret_key, struct text *ret_value)
{
	MDB_val v;
	s->steps++;
	bool there = found(s, mdb_cursor_get(s->cursors[table], key, &v, op));
	s->places[table] = there ? PLACE_ROW : PLACE_END;
	if (!there)
		return false;
	*ret_key = text_of_val(*key);
	*ret_value = text_of_val(v);
	return true;
}

bool
store_seek(struct store *s, enum store_table table, struct text key,
           struct text *ret_key, struct text *ret_value)
{
	MDB_val k = val_of(key);
	assert(s->open);
	if (s->fault)
		return false;
	return open_cursor(s, table) &&
	       move(s, table, &k, key.len ? MDB_SET_RANGE : MDB_FIRST, ret_key, ret_value);
}

bool
store_next(struct store *s, enum store_table table, struct text *ret_key, struct text *ret_value)
{
	MDB_val k;
	assert(s->open);
	if (s->fault)
		return false;
	assert(s->places[table] != PLACE_LOST);
	return s->places[table] == PLACE_ROW && move(s, table, &k, MDB_NEXT, ret_key, ret_value);
}

struct store_figures
store_figures(struct store *s)
{
	struct store_figures f = { .puts = s->puts, .commits = s->commits, .steps = s->steps };
	MDB_envinfo info;
	MDB_stat stat;
	MDB_txn *txn = s->txn;
	mdb_env_info(s->env, &info);
	f.map_bytes = info.me_mapsize;
	f.used_bytes = used_bytes(s);
	f.file_bytes = s->file_bytes;
	if (!txn && mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn))
		return f;
	for (int i = 0; i < TABLE_TOTAL; i++)
		if (!mdb_stat(txn, s->tables[i], &stat))
			f.rows[i] = stat.ms_entries;
	if (!s->txn)
		mdb_txn_abort(txn);
	return f;
}

static int
copy_to(struct store *s, const struct store_places *p)
{
	int fd = open(p->data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	int fault = fault_of(mdb_env_copyfd2(s->env, fd, MDB_CP_COMPACT));
	if (!fault && fsync(fd))
		fault = -errno;
	if (close(fd) && !fault)
		fault = -errno;
	if (!fault)
		fault = store_file_sync(p->dir);
	return fault ? fault : store_file_sync(p->parent);
}

int
store_copy(struct store *s, const char *dir)
{
	struct store_places p = store_places_of(dir);
	int fault = 0;
	if (mkdir(p.dir, 0700)) {
		fault = -errno;
	} else {
		fault = copy_to(s, &p);
		if (fault)
			store_file_remove(p.dir);
	}
	store_places_free(&p);
	return fault;
}
