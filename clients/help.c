/* Help, from the tables of verbs and fields. */
#include "clients/help.h"

#include "clients/args.h"
#include "clients/cells.h"
#include "clients/say.h"
#include "clients/table.h"

#include <stdio.h>

static void
add_row(struct table *t, const char *left, const char *right)
{
	struct text *row = table_row(t);
	row[0] = text_of(left);
	row[1] = text_of(right);
}

static void
global_options(struct table *t, enum lang lang)
{
	add_row(t, "--endpoint ENDPOINT", SAY(lang,
	                                      "the daemon, ipc:///run/ocopd/command or tcp://HOST:5570 (OCOP_ENDPOINT)",
	                                      "địa chỉ máy chủ, ipc:///run/ocopd/command hoặc tcp://HOST:5570 (OCOP_ENDPOINT)"));
	add_row(t, "--key FILE", SAY(lang, "your own key pair, for tcp (OCOP_KEY)",
	                             "tệp khóa của bạn, dùng với tcp (OCOP_KEY)"));
	add_row(t, "--server KEY", SAY(lang, "the daemon's public key, for tcp (OCOP_SERVER)",
	                               "khóa công khai của máy chủ, dùng với tcp (OCOP_SERVER)"));
	add_row(t, "--from FILE", SAY(lang,
	                              "the params as JSON, - for standard input; options win over it",
	                              "đọc tham số dạng JSON từ tệp, - là đầu vào chuẩn; lựa chọn ghi thêm được ưu tiên"));
	add_row(t, "--json", SAY(lang, "print the result as JSON", "in kết quả dạng JSON"));
	add_row(t, "-q, --quiet", SAY(lang, "print the dossiers' numbers only", "chỉ in mã hồ sơ"));
	add_row(t, "--lang vi|en", SAY(lang, "language (else by LC_ALL, LC_MESSAGES, LANG)",
	                               "ngôn ngữ (mặc định theo LC_ALL, LC_MESSAGES, LANG)"));
	add_row(t, "--timeout SECONDS", SAY(lang, "how long to wait for the answer (10)",
	                                    "thời gian chờ trả lời (10 giây)"));
	add_row(t, "--request-key TEXT", SAY(lang,
	                                     "the write's own name: the same again does nothing twice (a random one)",
	                                     "mã của yêu cầu ghi: gửi lại cùng mã thì không ghi hai lần (mặc định ngẫu nhiên)"));
}

void
help_all(enum lang lang)
{
	struct arena *arena = arena_new();
	struct table verbs, options;
	table_init(&verbs, 2, arena);
	table_init(&options, 2, arena);
	const struct verb *v;
	for (size_t i = 0; (v = verb_item(i)); i++)
		add_row(&verbs, v->name, SAY(lang, v->en, v->vi));
	add_row(&verbs, "account add", SAY(lang, "make an account: its file and its key",
	                                   "tạo tài khoản: tệp tài khoản và khóa"));
	add_row(&verbs, "help", SAY(lang, "this, or of one verb: ocop help submit",
	                            "trang này, hoặc một lệnh: ocop help submit"));
	global_options(&options, lang);

	puts(SAY(lang, "usage: ocop [OPTION...] VERB [OPTION...] [ARGUMENT...]\n\nverbs",
	         "cách dùng: ocop [LỰA CHỌN...] LỆNH [LỰA CHỌN...] [THAM SỐ...]\n\ncác lệnh"));
	table_print(&verbs, false, 4, stdout);
	puts(SAY(lang, "\noptions of all verbs", "\nlựa chọn chung"));
	table_print(&options, false, 4, stdout);
	puts(SAY(lang,
	         "\nconfig files: ~/.config/ocop/ocop.cfg, /etc/ocop/ocop.cfg (endpoint, key, server, lang)\n"
	         "exit codes: 0 done, 1 refused, 64 usage, 65 bad file, 69 no answer, 75 try again later, 77 forbidden",
	         "\ntệp cấu hình: ~/.config/ocop/ocop.cfg, /etc/ocop/ocop.cfg (endpoint, key, server, lang)\n"
	         "mã kết thúc: 0 xong, 1 bị từ chối, 64 sai cách dùng, 65 tệp hỏng, 69 không có trả lời, "
	         "75 thử lại sau, 77 không được phép"));
	arena_destroy(&arena);
}

static void
field_rows(struct table *t, unsigned index, enum lang lang, struct arena *arena)
{
	const struct field *field = &params_shape.fields[index];
	const struct field_help *help = field_help(index);
	int parts = field->type == FIELD_ONE ? (int)field->shape->count : 0;
	for (int part = parts ? 0 : -1; part < parts; part++) {
		struct text name = args_name(index, part, arena);
		struct text *row = table_row(t);
		row[0] = arena_printf(arena, "--%.*s%s%s", TEXT_ARG(name), *help->value ? " " : "", help->value);
		row[1] = text_of(SAY(lang, help->en, help->vi));
		if (part >= 0)
			row[1] = arena_printf(arena, "%s: %s", row[1].ptr,
			                      label_of(text_of(field->shape->fields[part].name), lang, arena).ptr);
		if (field->type == FIELD_MANY)
			row[1] = arena_printf(arena, "%s%s", row[1].ptr, SAY(lang,
			                                                     " (again for each)", " (ghi lại cho mỗi mục)"));
	}
}

void
help_verb(const struct verb *v, enum lang lang)
{
	struct arena *arena = arena_new();
	struct table t;
	table_init(&t, 2, arena);
	printf(SAY(lang, "usage: ocop %s", "cách dùng: ocop %s"), v->name);
	if (!v->method)
		printf(" METHOD");
	for (int b = 0; b < BARE_MAX && v->bare[b] != BARE_NONE; b++)
		printf(" [%s]", field_help((unsigned)v->bare[b])->value);
	printf("%s\n%s\n", SAY(lang, " [OPTION...]", " [LỰA CHỌN...]"), SAY(lang, v->en, v->vi));
	for (unsigned i = 0; i < params_COUNT; i++)
		if (v->takes & UINT64_C(1) << i)
			field_rows(&t, i, lang, arena);
	if (v->kind == WRITE)
		field_rows(&t, params_version, lang, arena);
	if (t.rows) {
		putchar('\n');
		table_print(&t, false, 4, stdout);
	}
	puts(SAY(lang, "\noptions of all verbs: ocop help", "\nlựa chọn chung: ocop help"));
	arena_destroy(&arena);
}

void
help_account(enum lang lang)
{
	struct arena *arena = arena_new();
	struct table t;
	table_init(&t, 2, arena);
	puts(SAY(lang,
	         "usage: ocop account add NAME --role ROLE[,ROLE] --accounts DIR [OPTION...]\n"
	         "make an account: its file for the daemon, its secret for its owner\n",
	         "cách dùng: ocop account add TÊN --role VAI_TRÒ[,VAI_TRÒ] --accounts THƯ_MỤC [LỰA CHỌN...]\n"
	         "tạo tài khoản: tệp tài khoản cho máy chủ, khóa bí mật cho chủ tài khoản\n"));
	add_row(&t, "--role ROLE[,ROLE]", "officer, secretary, council, finance, commune, steering, admin");
	add_row(&t, "--accounts DIR", SAY(lang, "the daemon's folder of accounts",
	                                  "thư mục tài khoản của máy chủ"));
	add_row(&t, "--commune CODE", SAY(lang, "role commune: its code",
	                                  "vai trò commune: mã xã, thị trấn"));
	add_row(&t, "--member SEAT", SAY(lang, "role council: the seat",
	                                 "vai trò council: vị trí trong Hội đồng"));
	add_row(&t, "--title TEXT", SAY(lang, "its name for people", "tên hiển thị"));
	add_row(&t, "--unix-user USER", SAY(lang,
	                                    "a user of the daemon's machine, who needs no key",
	                                    "người dùng trên máy chủ, không cần khóa"));
	add_row(&t, "--secret FILE", SAY(lang, "where the key pair goes (NAME.key)",
	                                 "tệp lưu khóa (TÊN.key)"));
	add_row(&t, "--no-key", SAY(lang, "make none (as with --unix-user and no --secret)",
	                            "không tạo khóa (như khi có --unix-user mà không có --secret)"));
	table_print(&t, false, 4, stdout);
	arena_destroy(&arena);
}
