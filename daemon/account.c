/* One account file as an account of the programme: its commune and its seat exist there. */
#include "daemon/account.h"

#include <string.h>

/* A commune that has been merged away still may read what it once sent in: any day will do. */
static bool
unit_known(const struct programme *p, struct text code)
{
	for (size_t i = 0; i < p->unit_count; i++)
		if (text_equal(p->units[i].label.code, code))
			return true;
	return false;
}

static bool
check(const struct account_file *file, const struct programme *p, struct complaints *complaints)
{
	const struct zpl *commune = zpl_find(file->section, "commune"), *member = zpl_find(file->section, "member");
	int errors = complaints->errors;

	if (commune && !unit_known(p, file->commune))
		complain(complaints, commune->file, commune->line,
		         "commune \"%.*s\" is no unit of the programme; give the code of its units", TEXT_ARG(file->commune));
	if (member && !programme_member(p, file->member))
		complain(complaints, member->file, member->line,
		         "member \"%.*s\" is no seat of the council; give the code of one of the programme's members",
		         TEXT_ARG(file->member));
	return complaints->errors == errors;
}

bool
account_load(int dir_fd, const char *name, const struct programme *programme, struct arena *arena,
             struct complaints *complaints, struct account *ret)
{
	struct account_file file;

	if (!account_file_load(dir_fd, name, arena, complaints, &file) || !check(&file, programme, complaints))
		return false;
	*ret = (struct account){
		.actor = { .account = file.name, .roles = file.roles, .commune = file.commune, .member = file.member },
		.title = file.title, .has_key = file.has_key, .has_uid = file.has_uid, .uid = file.uid,
	};
	memcpy(ret->key, file.key, KEY_BYTES);
	return true;
}
