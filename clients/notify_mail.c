/* A mail: written, and handed to sendmail or to a server. */
#include "clients/notify_mail.h"

#include "clients/notify_child.h"
#include "proto/date.h"
#include "proto/i18n.h"

#include <curl/curl.h>
#include <string.h>
#include <unistd.h>

/* RFC 2047: a line with encoded words is at most 76 characters; 39 bytes make 52 of them. */
enum { WORD_BYTES = 39, LINE_BYTES = 57, SUBJECT_PLAIN_MAX = 60 };

/* --- the text ------------------------------------------------------------------------------------ */

static void
add_base64(struct buf *out, const char *bytes, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < len; i += 3) {
		unsigned char b[3] = { 0 };
		size_t n = len - i < 3 ? len - i : 3;
		memcpy(b, bytes + i, n);
		buf_byte(out, (unsigned char)digits[b[0] >> 2]);
		buf_byte(out, (unsigned char)digits[(b[0] & 3) << 4 | b[1] >> 4]);
		buf_byte(out, n > 1 ? (unsigned char)digits[(b[1] & 15) << 2 | b[2] >> 6] : '=');
		buf_byte(out, n > 2 ? (unsigned char)digits[b[2] & 63] : '=');
	}
}

static bool
is_plain(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if ((unsigned char)t.ptr[i] < 0x20 || (unsigned char)t.ptr[i] > 0x7e)
			return false;
	return t.len <= SUBJECT_PLAIN_MAX && !memmem(t.ptr, t.len, "=?", 2);
}

/* No character is cut in two: each word must be readable alone. */
static void
add_subject(struct buf *out, struct text t)
{
	buf_str(out, "Subject: ");
	if (is_plain(t)) {
		buf_text(out, t);
	} else {
		for (const char *lead = ""; t.len; lead = "\r\n ") {
			size_t n = t.len < WORD_BYTES ? t.len : WORD_BYTES;
			while (n && n < t.len && ((unsigned char)t.ptr[n] & 0xc0) == 0x80)
				n--;
			buf_printf(out, "%s=?UTF-8?B?", lead);
			add_base64(out, t.ptr, n);
			buf_str(out, "?=");
			t.ptr += n;
			t.len -= n;
		}
	}
	buf_str(out, "\r\n");
}

static void
add_date(struct buf *out, int64_t time_ms)
{
	static const char days[] = "MonTueWedThuFriSatSun", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char text[TIME_LEN + 1];
	int64_t day = time_day(time_ms);
	int y, m, d;
	time_print(time_ms, text);
	day_split(day, &y, &m, &d);
	buf_printf(out, "Date: %.3s, %02d %.3s %04d %.8s +0700\r\n", days + 3 * day_weekday(day), d,
	           months + 3 * (m - 1), y, text + 11);
}

static void
add_body(struct buf *out, struct text body)
{
	struct buf lines = { 0 };
	for (size_t i = 0; i < body.len; i++) {
		if (body.ptr[i] == '\n')
			buf_byte(&lines, '\r');
		buf_byte(&lines, (unsigned char)body.ptr[i]);
	}
	for (size_t at = 0; at < lines.len; at += LINE_BYTES) {
		add_base64(out, lines.ptr + at, lines.len - at < LINE_BYTES ? lines.len - at : LINE_BYTES);
		buf_str(out, "\r\n");
	}
	buf_free(&lines);
}

void
mail_write(struct buf *out, const struct mail *m)
{
	const char *host = strchr(m->from, '@');
	buf_printf(out, "From: <%s>\r\nTo: <%s>\r\n", m->from, m->to);
	add_subject(out, m->subject);
	add_date(out, m->time_ms);
	buf_printf(out, "Message-ID: <%s%s>\r\nX-OCOP-Type: %s\r\n", m->id, host ? host : "@localhost", m->type);
	buf_str(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
	        "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
	add_body(out, m->body);
}

/* --- sendmail ------------------------------------------------------------------------------------ */

static bool
send_program(const struct notify_mail *c, const struct mail *m, struct text message, int stop_fd,
             struct buf *ret_why)
{
	const char *argv[] = { c->sendmail, "-i", "-f", m->from, "--", m->to, NULL };
	struct buf lines = { 0 };
	/* The program expects the line ends of the system. */
	for (size_t i = 0; i < message.len; i++)
		if (message.ptr[i] != '\r')
			buf_byte(&lines, (unsigned char)message.ptr[i]);
	struct child_job job = {
		.argv = argv, .environment = environ, .input = buf_view(&lines), .limit_ms = c->limit_s * 1000,
		.stop_fd = stop_fd,
	};
	bool sent = child_run(&job, ret_why);
	buf_free(&lines);
	return sent;
}

/* --- a server ------------------------------------------------------------------------------------ */

struct upload {
	struct text rest;
	int stop_fd;
	int64_t stop_ms;            /* when to give up, once the program is to end; 0: not yet */
};

static size_t
upload_read(char *to, size_t size, size_t count, void *user)
{
	struct upload *u = user;
	size_t n = size * count < u->rest.len ? size * count : u->rest.len;
	memcpy(to, u->rest.ptr, n);
	u->rest.ptr += n;
	u->rest.len -= n;
	return n;
}

static int
upload_progress(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct upload *u = user;
	(void)a, (void)b, (void)c, (void)d;
	if (!u->stop_ms && u->stop_fd >= 0 && child_wait_fd(u->stop_fd, 0))
		u->stop_ms = child_clock_ms() + CHILD_GRACE_MS;
	return u->stop_ms && child_clock_ms() >= u->stop_ms;
}

static long
tls_level(const char *word)
{
	return !strcmp(word, "must") ? CURLUSESSL_ALL : !strcmp(word, "try") ? CURLUSESSL_TRY : CURLUSESSL_NONE;
}

static void
set_server(CURL *curl, const struct notify_mail *c, const char *from, struct curl_slist *to)
{
	curl_easy_setopt(curl, CURLOPT_URL, c->smtp);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_USE_SSL, tls_level(c->tls));
	if (c->user) {
		curl_easy_setopt(curl, CURLOPT_USERNAME, c->user);
		curl_easy_setopt(curl, CURLOPT_PASSWORD, c->password);
	}
	/* A proxy of the environment is none for mail. */
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)c->limit_s * 1000);
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
}

static bool
send_server(const struct notify_mail *c, const struct mail *m, struct text message, int stop_fd,
            struct buf *ret_why)
{
	char detail[CURL_ERROR_SIZE] = "", from[300];
	struct upload u = { .rest = message, .stop_fd = stop_fd };
	CURL *curl = curl_easy_init();
	snprintf(from, sizeof from, "<%s>", m->from);
	struct curl_slist *to = curl_slist_append(NULL, m->to);
	if (!curl || !to) {
		buf_str(ret_why, "libcurl");
		curl_easy_cleanup(curl);
		curl_slist_free_all(to);
		return false;
	}
	set_server(curl, c, from, to);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, upload_read);
	curl_easy_setopt(curl, CURLOPT_READDATA, &u);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, upload_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &u);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
	CURLcode e = curl_easy_perform(curl);
	if (e != CURLE_OK)
		buf_printf(ret_why, "%s: %s", c->smtp, *detail ? detail : curl_easy_strerror(e));
	curl_easy_cleanup(curl);
	curl_slist_free_all(to);
	return e == CURLE_OK;
}

bool
mail_send(const struct notify_mail *c, const struct mail *m, int stop_fd, struct buf *ret_why)
{
	struct buf message = { 0 };
	mail_write(&message, m);
	bool sent = c->smtp ? send_server(c, m, buf_view(&message), stop_fd, ret_why)
	                    : send_program(c, m, buf_view(&message), stop_fd, ret_why);
	buf_free(&message);
	return sent;
}
