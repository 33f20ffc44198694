/* One event to its receivers: standard output, a command, a mail. */
#include "clients/notify_deliver.h"

#include "clients/notify_child.h"
#include "clients/notify_mail.h"
#include "proto/date.h"
#include "proto/i18n.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool
deliver_print(const struct notify_target *target, const struct note *n, struct arena *arena, struct buf *ret_why)
{
	struct buf line = { 0 };
	if (target->json)
		json_write(&line, n->event);
	else
		note_line(&line, n, arena);
	buf_byte(&line, '\n');
	clearerr(stdout);
	bool good = fwrite(line.ptr, 1, line.len, stdout) == line.len && !fflush(stdout);
	if (!good)
		buf_str(ret_why, strerror(errno));
	buf_free(&line);
	return good;
}

/* The environment of this program, and behind it the facts that there are. */
static char **
environment_make(const struct note *n, struct arena *arena)
{
	size_t own = 0;
	while (environ[own])
		own++;
	char **all = arena_array(arena, own + (size_t)note_count() + 1, sizeof *all);
	memcpy(all, environ, own * sizeof *all);
	for (int i = 0; i < note_count(); i++) {
		struct text value = note_variable(i) ? note_raw(n, i, arena) : ABSENT;
		if (value.len)
			all[own++] = (char *)arena_printf(arena, "%s=%.*s", note_variable(i), TEXT_ARG(value)).ptr;
	}
	return all;
}

static bool
deliver_exec(const struct delivery *d, const struct notify_target *target, struct arena *arena,
             struct buf *ret_why)
{
	const char *argv[] = { "/bin/sh", "-c", target->exec->command, NULL };
	struct buf input = { 0 };
	json_write(&input, d->note->event);
	buf_byte(&input, '\n');
	struct child_job job = {
		.argv = argv, .environment = environment_make(d->note, arena), .input = buf_view(&input),
		.limit_ms = target->exec->limit_s * 1000, .stop_fd = d->stop_fd,
	};
	bool good = child_run(&job, ret_why);
	buf_free(&input);
	return good;
}

static struct text
safe_word(struct text t, struct arena *arena)
{
	struct text copy = arena_text(arena, t);
	for (char *p = (char *)copy.ptr; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", *p))
			*p = '-';
	return copy;
}

static bool
deliver_mail(const struct delivery *d, const struct notify_target *target, struct arena *arena,
             struct buf *ret_why)
{
	const struct note *n = d->note;
	const struct mail_template *template = notify_config_template(d->config, note_type(n->event));
	struct buf subject = { 0 }, body = { 0 };
	int64_t time = 0;
	if (!template) {
		buf_printf(ret_why, _("no text for %.*s"), TEXT_ARG(note_type(n->event)));
		return false;
	}
	mail_template_render(template, n, arena, &subject, &body);
	time_parse(json_text(json_get(n->event, "time")), &time);
	struct text source = safe_word(json_text(json_get(n->event, "source")), arena);
	struct text id = safe_word(json_text(json_get(n->event, "id")), arena);
	struct mail mail = {
		.from = target->mail->from, .to = target->to, .subject = buf_view(&subject), .body = buf_view(&body),
		.id = arena_printf(arena, "event-%s.%s.%.*s", id.ptr, source.ptr + (*source.ptr == '-'),
		                   TEXT_ARG(n->feed)).ptr,
		.type = safe_word(note_type(n->event), arena).ptr, .time_ms = time,
	};
	bool good = mail_send(target->mail, &mail, d->stop_fd, ret_why);
	buf_free(&subject);
	buf_free(&body);
	return good;
}

bool
deliver_one(const struct delivery *d, size_t index, struct arena *arena, struct buf *ret_why)
{
	const struct notify_target *target = &d->config->targets[index];
	switch (target->kind) {
	case TARGET_PRINT:
		return deliver_print(target, d->note, arena, ret_why);
	case TARGET_EXEC:
		return deliver_exec(d, target, arena, ret_why);
	case TARGET_MAIL:
		return deliver_mail(d, target, arena, ret_why);
	}
	return false;
}

bool
deliver_all(struct delivery *d, struct arena *arena, void (*turn)(void *), void *user, struct buf *ret_why)
{
	bool all = true;
	for (size_t i = 0; i < d->config->target_count; i++) {
		struct buf why = { 0 };
		if (d->done >> i & 1)
			continue;
		if (deliver_one(d, i, arena, &why)) {
			d->done |= UINT64_C(1) << i;
		} else {
			all = false;
			buf_printf(ret_why, "%s%s: ", ret_why->len ? "; " : "", d->config->targets[i].name);
			note_add_flat(ret_why, buf_view(&why));
		}
		buf_free(&why);
		turn(user);
	}
	return all;
}
