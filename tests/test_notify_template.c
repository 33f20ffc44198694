/* The texts of mails: what is refused with which line, and what is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "clients/notify_mail.h"
#include "clients/notify_template.h"

#include <stdio.h>
#include <string.h>

static const char event_text[] =
	"{\"id\":\"17\",\"type\":\"vn.ocop.dossier.returned\",\"time\":\"2020-03-04T09:12:44.120+07:00\",\"sequence\":\"17\","
	"\"data\":{\"dossier\":\"KN-2020-0007\",\"commune\":\"24346\",\"role\":\"officer\",\"until\":\"2020-03-10\",\"note\":\"\","
	"\"reasons\":[{\"document\":\"plan\",\"reason\":\"thiếu chữ ký\",\"guidance\":\"ký\\nđóng dấu\"},"
	"{\"reason\":\"2020-01-02\"}]}}";
static const char record_text[] =
	"{\"product\":{\"name\":\"Cà phê {until}\"},\"until\":\"2020-09-09\",\"score\":{\"points\":\"74.28\",\"stars\":4}}";
static const char labels_text[] =
	"{\"documents\":[{\"code\":\"plan\",\"vi\":\"Phương án\",\"en\":\"Plan\"}],"
	"\"communes\":[{\"code\":\"24346\",\"vi\":\"Xã mới\",\"en\":\"New\",\"valid-from\":\"2025-07-01\"},"
	"{\"code\":\"24346\",\"vi\":\"Xã cũ\",\"en\":\"Old\",\"valid-until\":\"2025-06-30\"}]}";

static const struct {
	const char *body, *want;
} written[] = {
	{ "một\n\nhai\n", "một\n\nhai\n" },
	{ "không có xuống dòng cuối", "không có xuống dòng cuối\n" },
	{ "{dossier}: {until}\n", "KN-2020-0007: 10/03/2020\n" },
	{ "{type} {type_en}\n", "hồ sơ bị trả lại để bổ sung dossier returned to be completed\n" },
	{ "{commune_vi}, {commune_en}\n", "Xã cũ, Old\n" },
	{ "{points} {points_en} {stars}\n", "74,28 74.28 4\n" },
	{ "{product}\n", "Cà phê {until}\n" },
	{ "{{{dossier}}} }\n", "{KN-2020-0007} }\n" },
	{ "{role}\n", "cán bộ Phòng Nông nghiệp và PTNT\n" },
	/* Lines whose fields are all empty go; blank ones and those with a value stay. */
	{ "a {letter}\nb {note}{minutes}\n\nc {letter}{dossier}\n", "\nc KN-2020-0007\n" },
	{ "{reasons}\n{number}. {reason}\n   {document}: {guidance}\n{/reasons}\nhết\n",
	  "1. thiếu chữ ký\n   Phương án: ký\nđóng dấu\n2. 2020-01-02\nhết\n" },
	{ "{reasons}{number}) {reason}; {/reasons}\n", "1) thiếu chữ ký; 2) 2020-01-02; \n" },
	{ "{reasons}\n\n{reason}\n{/reasons}\n", "\nthiếu chữ ký\n\n2020-01-02\n" },
	{ "{letter?chưa có}, {until?không}\n", "chưa có, 10/03/2020\n" },
	{ "{when role=officer}Phòng{/when}{when role=council}Hội đồng{/when}\n", "Phòng\n" },
	{ "{when letter}\nCông văn\n{/when}\n{when !letter}\nChưa gửi\n{/when}\n", "Chưa gửi\n" },
	{ "{reasons}{when guidance}{number}{/when}{/reasons}\n", "1\n" },
	{ "{reason}\n{contact}\n{feed}\n", "Phòng\nxa\n" },
	{ "Dòng\r\n{dossier}\r\n", "Dòng\nKN-2020-0007\n" },
};

static const struct {
	const char *text, *line, *names;
} refused[] = {
	{ "Hồ sơ\n", ":1:", "Subject" },
	{ "", ":1:", "Subject" },
	{ "Subject: \n", ":1:", "Subject" },
	{ "Subject: {deadline}\n", ":1:", "{deadline}" },
	{ "Subject: a\n\nb\n{untill}\n", ":4:", "{untill}" },
	{ "Subject: a\n\n{}\n", ":3:", "{}" },
	{ "Subject: a\n\n{until_fr}\n", ":3:", "{until_fr}" },
	{ "Subject: a\n\n{guidance}\n", ":3:", "{guidance}" },
	{ "Subject: a\n\n{until\n}\n", ":3:", "{{" },
	{ "Subject: a\n\nb\n{reasons}\n{reason}\n", ":4:", "{reasons}" },
	{ "Subject: a\n\n{/reasons}\n", ":3:", "{/reasons}" },
	{ "Subject: a\n\n{reasons}\n{reasons}\n{/reasons}\n", ":4:", "{reasons}" },
	{ "Subject: a\n\n\xff\n", ":3:", "UTF-8" },
	{ "Subject: a\n\n{when until}\nb\n", ":3:", "{when}" },
	{ "Subject: a\n\n{when soon}b{/when}\n", ":3:", "{soon}" },
	{ "Subject: a\n\n{reasons}{when reason}\n{/reasons}{/when}\n", ":4:", "{/reasons} stands before {/when}" },
};

struct world {
	struct arena *arena;
	struct note note;
};

static void
world_open(struct world *w)
{
	w->arena = arena_new();
	w->note = (struct note){
		.event = json_parse(text_of(event_text), w->arena, NULL),
		.record = json_parse(text_of(record_text), w->arena, NULL),
		.labels = json_parse(text_of(labels_text), w->arena, NULL),
		.feed = TEXT("xa"), .contact = TEXT("Phòng"), .lang = LANG_VI,
	};
	assert_non_null(w->note.event);
	assert_non_null(w->note.record);
	assert_non_null(w->note.labels);
}

static void
test_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(written); i++) {
		struct world w;
		struct complaints complaints = { 0 };
		struct buf subject = { 0 }, body = { 0 };
		world_open(&w);
		struct text file = arena_printf(w.arena, "Subject: {dossier}: {product}\n\n%s", written[i].body);
		const struct mail_template *t = mail_template_parse("t", file, w.arena, &complaints);
		assert_non_null(t);
		mail_template_render(t, &w.note, w.arena, &subject, &body);
		assert_true(text_is(buf_view(&subject), "KN-2020-0007: Cà phê {until}"));
		buf_byte(&body, '\0');
		assert_string_equal(body.ptr, written[i].want);
		buf_free(&subject);
		buf_free(&body);
		buf_free(&complaints.text);
		arena_destroy(&w.arena);
	}
}

static void
test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(refused); i++) {
		struct arena *arena = arena_new();
		struct complaints complaints = { 0 };
		assert_null(mail_template_parse("t.txt", text_of(refused[i].text), arena, &complaints));
		buf_byte(&complaints.text, '\0');
		if (!strstr(complaints.text.ptr, refused[i].line) || !strstr(complaints.text.ptr, refused[i].names))
			fail_msg("%s gives %s", refused[i].text, complaints.text.ptr);
		buf_free(&complaints.text);
		arena_destroy(&arena);
	}
}

/* What others wrote makes neither a header nor a second subject line. */
static void
test_subject_is_one_line(void **state)
{
	(void)state;
	struct world w;
	struct complaints complaints = { 0 };
	struct buf subject = { 0 }, body = { 0 }, message = { 0 };
	world_open(&w);
	w.note.record = json_parse(TEXT("{\"product\":{\"name\":\"a\\r\\nBcc: x@y\"}}"), w.arena, NULL);
	const struct mail_template *t = mail_template_parse("t", TEXT("Subject: {product}\n\nb\n"), w.arena, &complaints);
	mail_template_render(t, &w.note, w.arena, &subject, &body);
	assert_true(text_is(buf_view(&subject), "a  Bcc: x@y"));
	buf_clear(&subject);
	mail_template_render(mail_template_parse("t", TEXT("Subject: b{letter}\r\n\r\nc\r\n"), w.arena, &complaints), &w.note,
	                     w.arena, &subject, &body);
	assert_true(text_is(buf_view(&subject), "b"));
	buf_clear(&subject);
	buf_clear(&body);
	mail_template_render(t, &w.note, w.arena, &subject, &body);
	struct mail mail = { "a@b", "c@d", buf_view(&subject), buf_view(&body), "1", "returned", 0 };
	mail_write(&message, &mail);
	buf_byte(&message, '\0');
	assert_non_null(strstr(message.ptr, "\r\nSubject: a  Bcc: x@y\r\n"));
	assert_null(strstr(message.ptr, "\r\nBcc"));
	buf_free(&subject);
	buf_free(&body);
	buf_free(&message);
	arena_destroy(&w.arena);
}

/* No character is cut between two encoded words, and no line is over 76. */
static void
test_long_subject(void **state)
{
	(void)state;
	struct buf subject = { 0 }, message = { 0 };
	for (int n = 0; n < 100; n++) {
		buf_str(&subject, n % 3 ? "ế" : "a");
		struct mail mail = { "a@b", "c@d", buf_view(&subject), TEXT(""), "1", "returned", 0 };
		buf_clear(&message);
		mail_write(&message, &mail);
		buf_byte(&message, '\0');
		size_t line = 0;
		for (const char *p = message.ptr; *p; p++) {
			line = *p == '\n' ? 0 : line + 1;
			assert_true(line <= 77 && (unsigned char)*p < 0x80);
			/* A word that ends within a character would begin with one of its later bytes: 10xxxxxx. */
			if (!strncmp(p, "?UTF-8?B?", 9))
				assert_null(memchr("ghijklmnopqrstuv", p[9], 16));
		}
	}
	buf_free(&subject);
	buf_free(&message);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_subject_is_one_line),
		cmocka_unit_test(test_long_subject),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
