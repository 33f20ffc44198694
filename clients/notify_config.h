/* The listener's settings: its file, over what ocop's own files and the environment say. */
#ifndef CLIENTS_NOTIFY_CONFIG_H
#define CLIENTS_NOTIFY_CONFIG_H

#include "clients/notify_template.h"
#include "clients/settings.h"

enum { NOTIFY_TARGETS_MAX = 64, NOTIFY_TYPES_MAX = 32 };

struct notify_exec {
	const char *command;        /* for the shell */
	int64_t limit_s;
};

struct notify_mail {
	const char *from;
	struct text to;             /* addresses, separated by commas */
	const char *sendmail;       /* the program; or: */
	const char *smtp;           /* smtp://HOST:PORT or smtps://HOST:PORT */
	const char *tls;            /* "must", "try", "no" */
	const char *user, *password_file, *password;
	int64_t limit_s;
};

/* One receiver: each is delivered to, and retried, on its own. */
struct notify_target {
	enum { TARGET_PRINT, TARGET_EXEC, TARGET_MAIL } kind;
	const char *name;           /* "print", "exec COMMAND", "mail ADDRESS" */
	bool json;                  /* of print */
	const struct notify_exec *exec;
	const struct notify_mail *mail;
	const char *to;
};

struct notify_config {
	const char *feed, *from, *contact, *templates, *dead, *print;
	const char *endpoint, *key_file, *server, *lang;
	struct text types, communes; /* separated by commas */
	int64_t attempts, retry_first_ms, retry_most_ms, wait_s, catch_up;
	/* Made from the above: */
	enum lang language;
	struct notify_target targets[NOTIFY_TARGETS_MAX];
	size_t target_count;
	struct {
		struct text type;
		const struct mail_template *words;
	} templates_read[NOTIFY_TYPES_MAX];
	size_t template_count;
};

/* What options say; NULL or false: nothing. */
struct notify_options {
	const char *config, *feed, *types, *endpoint, *key_file, *server, *lang;
	bool json;
};

/* Reads the file (if options name one) and the templates. Everything lives in the arena. false with
 * complaints. */
bool notify_config_load(const struct notify_options *, struct arena *, struct complaints *,
                        struct notify_config *ret);
/* The template of a type, or NULL. */
const struct mail_template *notify_config_template(const struct notify_config *, struct text type);

#endif
