/* One account file: every line of it checked. */
#include "proto/account.h"

#include "proto/i18n.h"
#include "proto/role.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 64 * 1024, TITLE_MAX_BYTES = 400 };

static const char suffix[] = ".account";

/* What is being read, for the functions that each check one line. */
struct reading {
	struct complaints *complaints;
	struct account_file *account;
};

/* --- lines of the file ------------------------------------------------------------------------- */

static void
wrong(struct reading *r, const struct zpl *line, const char *what)
{
	complain(r->complaints, line->file, line->line, "%.*s \"%.*s\" %s", TEXT_ARG(line->name),
	         TEXT_ARG(line->value), gettext(what));
}

static void
read_name(struct reading *r, const struct zpl *line)
{
	if (!text_equal(line->value, r->account->name))
		wrong(r, line, "is not the file's name; a file NAME.account holds the account NAME");
}

static void
read_title(struct reading *r, const struct zpl *line)
{
	if (line->value.len > TITLE_MAX_BYTES)
		wrong(r, line, "is too long; at most 400 bytes");
	r->account->title = line->value;
}

static void
read_role(struct reading *r, const struct zpl *line)
{
#define X(symbol, word, vi, en) " " word
	static const char known[] = ROLE_TABLE(X);
#undef X
	struct text list = line->value, word;
	enum role role;
	bool any = false;

	while (text_next(&list, ',', &word)) {
		any = true;
		if (role_find(word, &role))
			r->account->roles |= 1u << role;
		else
			complain(r->complaints, line->file, line->line, "there is no role \"%.*s\"; there are:%s",
			         TEXT_ARG(word), known);
	}
	if (!any)
		wrong(r, line, "names no role; name one or more, with commas between");
}

static void
read_commune(struct reading *r, const struct zpl *line)
{
	r->account->commune = line->value;
}

static void
read_member(struct reading *r, const struct zpl *line)
{
	r->account->member = line->value;
}

/* Z85 (RFC 32/Z85): five characters make four bytes, most significant first. */
static bool
z85_decode(struct text text, uint8_t key[ACCOUNT_KEY_BYTES])
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                             ".-:+=^!/*?&<>()[]{}@%$#";
	const char *at;

	if (text.len != ACCOUNT_KEY_Z85)
		return false;
	for (size_t i = 0; i < ACCOUNT_KEY_Z85; i += 5) {
		uint64_t value = 0;
		for (size_t j = i; j < i + 5; j++) {
			if (text.ptr[j] == '\0' || !(at = strchr(digits, text.ptr[j])))
				return false;
			value = value * 85 + (uint64_t)(at - digits);
		}
		if (value > UINT32_MAX)
			return false;
		for (size_t j = 0; j < 4; j++)
			key[i / 5 * 4 + j] = (uint8_t)(value >> (24 - 8 * j));
	}
	return true;
}

static void
read_key(struct reading *r, const struct zpl *line)
{
	r->account->curve_key = line->value;
	r->account->has_key = z85_decode(line->value, r->account->key);
	if (!r->account->has_key)
		wrong(r, line, "is no key; a CURVE public key in Z85 has 40 characters");
}

static void
read_user(struct reading *r, const struct zpl *line)
{
	const struct passwd *user;
	uint64_t number = 0;
	size_t i;

	r->account->unix_user = line->value;
	for (i = 0; i < line->value.len && i < 10 && line->value.ptr[i] >= '0' && line->value.ptr[i] <= '9'; i++)
		number = number * 10 + (uint64_t)(line->value.ptr[i] - '0');
	/* The highest number means "no user" to the kernel. */
	if (i > 0 && i == line->value.len && number < UINT32_MAX) {
		r->account->uid = (uint32_t)number;
		r->account->has_uid = true;
	} else if (line->value.len > 0 && (user = getpwnam(line->value.ptr))) {
		r->account->uid = user->pw_uid;
		r->account->has_uid = true;
	} else {
		wrong(r, line, "is no user of this machine; give a user's name or number");
	}
}

static const struct {
	const char *name;
	void (*read)(struct reading *, const struct zpl *);
} lines[] = {
	{ "name", read_name },   { "title", read_title },   { "role", read_role },     { "commune", read_commune },
	{ "member", read_member }, { "curve-key", read_key }, { "unix-user", read_user },
};

static void
read_line(struct reading *r, const struct zpl *account, const struct zpl *line)
{
	for (const struct zpl *earlier = account->child; earlier != line; earlier = earlier->next)
		if (text_equal(earlier->name, line->name)) {
			wrong(r, line, "stands twice; once is enough");
			return;
		}
	if (!line->value.ptr || line->child) {
		wrong(r, line, "is not a line NAME = \"VALUE\"");
		return;
	}
	for (size_t i = 0; i < countof(lines); i++)
		if (text_is(line->name, lines[i].name)) {
			lines[i].read(r, line);
			return;
		}
	complain(r->complaints, line->file, line->line, "\"%.*s\" is not known here; known are: name, "
	         "title, role, commune, member, curve-key, unix-user", TEXT_ARG(line->name));
}

/* What no single line can tell: what is missing, and what does not go together. */
static void
check_whole(struct reading *r, const struct zpl *node)
{
	unsigned roles = r->account->roles;
	bool has_commune = zpl_find(node, "commune"), has_member = zpl_find(node, "member");

	if (!zpl_find(node, "name"))
		complain(r->complaints, node->file, node->line, "there is no name; add name = \"%.*s\"",
		         TEXT_ARG(r->account->name));
	if (!zpl_find(node, "role"))
		complain(r->complaints, node->file, node->line, "there is no role; add role = \"...\"");
	if (has_commune != !!(roles & ROLE(COMMUNE)))
		complain(r->complaints, node->file, node->line, "%s", has_commune ?
		         _("commune is for the role commune only; take it away") :
		         _("the role commune needs its commune; add commune = \"CODE\""));
	if (has_member != !!(roles & ROLE(COUNCIL)))
		complain(r->complaints, node->file, node->line, "%s", has_member ?
		         _("member is for the role council only; take it away") :
		         _("the role council needs its seat; add member = \"CODE\""));
	if (!zpl_find(node, "curve-key") && !zpl_find(node, "unix-user"))
		complain(r->complaints, node->file, node->line,
		         "nobody can be this account; add curve-key = \"...\" or unix-user = \"...\"");
}

/* --- the file ---------------------------------------------------------------------------------- */

bool
account_file_name(const char *file, struct text *ret_account)
{
	size_t len = strlen(file), tail = sizeof suffix - 1;

	if (file[0] == '.' || len <= tail || strcmp(file + len - tail, suffix) != 0)
		return false;
	*ret_account = (struct text){ file, len - tail };
	return true;
}

bool
account_name_good(struct text name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
	}
	/* "system" is who the clock's own events are by. */
	return name.len >= 1 && name.len <= ACCOUNT_NAME_MAX && !text_is(name, "system");
}

/* 0 or -errno. A pipe or a device in the folder must not hold up the daemon. */
static int
read_file(int dir_fd, const char *file, struct arena *arena, struct text *ret)
{
	struct stat st;
	ssize_t n = 1;
	size_t len = 0;
	char *bytes;
	int fault = 0, fd = openat(dir_fd, file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		fault = -errno;
	else if (!S_ISREG(st.st_mode))
		fault = -EINVAL;
	else if (st.st_size > FILE_BYTES_MAX)
		fault = -EFBIG;
	if (fault == 0) {
		bytes = arena_alloc(arena, (size_t)st.st_size + 1);
		while (len < (size_t)st.st_size && (n = read(fd, bytes + len, (size_t)st.st_size - len)) > 0)
			len += (size_t)n;
		if (n < 0)
			fault = -errno;
		else
			*ret = (struct text){ bytes, len };
	}
	close(fd);
	return fault;
}

bool
account_file_load(int dir_fd, const char *file, struct arena *arena, struct complaints *complaints,
                  struct account_file *ret)
{
	struct account_file account = { 0 };
	struct reading r = { complaints, &account };
	int errors = complaints->errors, fault;
	struct text text, name;
	struct zpl *root;

	file = arena_text(arena, text_of(file)).ptr;
	if (!account_file_name(file, &name) || !account_name_good(name)) {
		complain(complaints, file, 1, "no account can have this name; use 1 to 64 letters, digits, "
		         "'-' or '_', and not \"system\"");
		return false;
	}
	account.name = account.title = arena_text(arena, name);
	if ((fault = read_file(dir_fd, file, arena, &text)) < 0) {
		complain(complaints, file, 1, "can't be read: %s; it must be a plain file of at most 64 KiB",
		         strerror(-fault));
		return false;
	}
	if (!(root = zpl_parse(file, text, arena, complaints)))
		return false;
	struct zpl *section = zpl_find(root, "account");
	account.section = section;
	for (const struct zpl *other = root->child; other; other = other->next)
		if (other != section)
			complain(complaints, file, other->line, "\"%.*s\" is not known here; the file holds one section: account",
			         TEXT_ARG(other->name));
	if (!section) {
		complain(complaints, file, 1, "there is no section account; begin with the line: account");
		return false;
	}
	for (const struct zpl *line = section->child; line; line = line->next)
		read_line(&r, section, line);
	check_whole(&r, section);
	if (complaints->errors > errors)
		return false;
	*ret = account;
	return true;
}
