/* The daemon's CURVE key pair: kept in one file for itself, the public half in another for all. */
#include "daemon/reactor.h"

#include "proto/zpl.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

enum { FILE_BYTES_MAX = 4096 };

static int
say(struct buf *why, int fault, const char *file, const char *what)
{
	buf_printf(why, "%s: %s%s%s", file, what, fault == -EINVAL || fault == -EACCES ? "" : ": ",
	           fault == -EINVAL || fault == -EACCES ? "" : strerror(-fault));
	return fault;
}

static int
write_all(int fd, struct text bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);
		if (n < 0)
			return -errno;
		bytes.ptr += n;
		bytes.len -= (size_t)n;
	}
	return 0;
}

static int
sync_folder_of(const char *file, struct arena *arena)
{
	char *copy = (char *)arena_text(arena, text_of(file)).ptr;
	int fault = 0, fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (fsync(fd) < 0)
		fault = -errno;
	close(fd);
	return fault;
}

/* Whole or not at all, also where the power is cut in between. */
static int
write_file(const char *file, mode_t mode, struct text bytes)
{
	struct arena *arena = arena_new();
	char *aside = (char *)arena_printf(arena, "%s.XXXXXX", file).ptr;
	int fault, fd = mkostemp(aside, O_CLOEXEC);

	if (fd < 0) {
		fault = -errno;
	} else {
		fault = fchmod(fd, mode) < 0 ? -errno : write_all(fd, bytes);
		if (fault == 0 && fsync(fd) < 0)
			fault = -errno;
		close(fd);
		if (fault == 0 && rename(aside, file) < 0)
			fault = -errno;
		if (fault < 0)
			unlink(aside);
		else
			fault = sync_folder_of(file, arena);
	}
	arena_destroy(&arena);
	return fault;
}

static int
make_key(const char *file, struct server_key *ret, struct buf *ret_why)
{
	struct server_key key;
	struct buf text = { 0 };
	int fault;

	if (zmq_curve_keypair(key.public_key, key.secret_key) < 0)
		return say(ret_why, -errno, file, "no key pair can be made");
	buf_printf(&text, "# The server's CURVE key pair. Keep it secret: who has it can pose as the server.\n"
	           "# Clients need the public key alone; it stands in the file beside this one that ends in .pub.\n"
	           "curve\n    public-key = \"%s\"\n    secret-key = \"%s\"\n", key.public_key, key.secret_key);
	fault = write_file(file, 0600, buf_view(&text));
	explicit_bzero(text.ptr, text.cap);
	buf_free(&text);
	if (fault == 0)
		*ret = key;
	else
		say(ret_why, fault, file, "the new key can't be written");
	explicit_bzero(&key, sizeof key);
	return fault;
}

/* Up to FILE_BYTES_MAX bytes of the file; -EACCES where somebody else may read it. A credential that
 * was `given` shows its access list as rights of its group. */
static int
read_secret(const char *file, bool given, char *bytes, size_t *ret_len)
{
	struct stat st;
	ssize_t n = 0;
	int fault = 0, fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || (n = read(fd, bytes, FILE_BYTES_MAX)) < 0)
		fault = -errno;
	else if (!S_ISREG(st.st_mode))
		fault = -EINVAL;
	else if (!given && st.st_mode & (S_IRWXG | S_IRWXO))
		fault = -EACCES;
	close(fd);
	*ret_len = fault == 0 ? (size_t)n : 0;
	return fault;
}

/* Takes the pair out of the file's text; the parsed copy of the secret is wiped. */
static bool
parse_key(const char *file, struct text text, struct server_key *ret, struct buf *ret_why)
{
	struct complaints complaints = { 0 };
	struct arena *arena = arena_new();
	struct zpl *root = zpl_parse(file, text, arena, &complaints), *curve = root ? zpl_find(root, "curve") : NULL;
	struct text public_key = curve ? zpl_value(curve, "public-key") : (struct text){ 0 };
	struct text secret_key = curve ? zpl_value(curve, "secret-key") : (struct text){ 0 };
	char derived[41] = "";
	bool good = public_key.len == 40 && secret_key.len == 40 &&
	            zmq_curve_public(derived, secret_key.ptr) == 0 && text_is(public_key, derived);

	if (good) {
		memcpy(ret->public_key, public_key.ptr, 41);
		memcpy(ret->secret_key, secret_key.ptr, 41);
	} else {
		say(ret_why, -EINVAL, file, "holds no key pair; a section curve with public-key and secret-key, "
		    "40 characters of Z85 each, that belong together");
	}
	if (secret_key.len > 0)
		explicit_bzero((char *)secret_key.ptr, secret_key.len);
	arena_destroy(&arena);
	buf_free(&complaints.text);
	return good;
}

static int
read_key(const char *file, bool given, struct server_key *ret, struct buf *ret_why)
{
	char bytes[FILE_BYTES_MAX];
	size_t len = 0;
	int fault = read_secret(file, given, bytes, &len);

	if (fault == -ENOENT)
		return fault;
	if (fault == -EACCES && access(file, R_OK) == 0)
		return say(ret_why, fault, file, "others may read the server's secret key; chmod 600 it, and think "
		           "of making a new one");
	if (fault == -EACCES)
		return say(ret_why, fault, file, "the server's key can't be read by this user");
	if (fault == -EINVAL)
		return say(ret_why, fault, file, "is no plain file");
	if (fault < 0)
		return say(ret_why, fault, file, "the server's key can't be read");
	if (!parse_key(file, (struct text){ bytes, len }, ret, ret_why))
		fault = -EINVAL;
	explicit_bzero(bytes, sizeof bytes);
	return fault;
}

/* Written where it is missing or is that of another key. */
static int
publish(const char *file, const struct server_key *key, struct buf *ret_why)
{
	struct arena *arena = arena_new();
	const char *name = arena_printf(arena, "%s.pub", file).ptr;
	struct text line = arena_printf(arena, "%s\n", key->public_key);
	char there[64];
	ssize_t n = -1;
	int fault = 0, fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		n = read(fd, there, sizeof there);
		close(fd);
	}
	if ((n < 0 || !text_equal(line, (struct text){ there, (size_t)n })) &&
	    (fault = write_file(name, 0644, line)) < 0)
		say(ret_why, fault, name, "the public key can't be written");
	arena_destroy(&arena);
	return fault;
}

int
server_key_load(const char *file, struct server_key *ret, struct buf *ret_why)
{
	struct server_key key;
	int fault = read_key(file, false, &key, ret_why);

	if (fault == -ENOENT)
		fault = make_key(file, &key, ret_why);
	if (fault == 0)
		fault = publish(file, &key, ret_why);
	if (fault == 0)
		*ret = key;
	explicit_bzero(&key, sizeof key);
	return fault;
}

int
server_key_credential(const char *file, struct server_key *ret, struct buf *ret_why)
{
	int fault = read_key(file, true, ret, ret_why);

	return fault == -ENOENT ? say(ret_why, fault, file, "the server's key was not passed") : fault;
}
