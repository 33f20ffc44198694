/* Wiring: options, programme, state, engine, sockets, and the exit code (sysexits.h). */
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/reactor.h"
#include "daemon/reload.h"
#include "daemon/state.h"
#include "daemon/verify_start.h"
#include "daemon/versions.h"
#include "proto/i18n.h"
#include "proto/version.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>

/* Descriptors for files, own sockets, and connections accepted before they are counted. */
enum { EX_IN_USE = EX_TEMPFAIL, OWN_DESCRIPTORS = 200 };

/* Everything that has to be taken down again, in this order backwards. */
struct daemon {
	struct config config;
	struct inherited inherited;
	struct programme *programme;
	struct access *access;
	struct state_folder state;
	struct engine *engine;
	struct reactor *reactor;
	struct server_key key;
};

static int
exit_code(int fault)
{
	switch (-fault) {
	case EWOULDBLOCK:
		return EX_IN_USE;
	case EACCES: case EPERM: case ENOTDIR: case ENOENT: case EINVAL:
		return EX_CONFIG;
	case EILSEQ: case EIO: case ENOSPC: case EDQUOT: case EFBIG: case EROFS: case ENOTSUP: case ESTALE:
		return EX_IOERR;
	default:
		return EX_OSERR;
	}
}

static int
fail(int fault, const char *what, struct buf *why)
{
	log_fact(LOG_ERROR_, what, LOG_TEXT("message", why->len ? buf_view(why) : text_of(strerror(-fault))));
	buf_free(why);
	return exit_code(fault);
}

/* A file is told line by line, so that each keeps its priority in the system's journal. */
static void
log_lines(const char *event, struct text lines, enum log_level level)
{
	struct text line;

	while (text_next(&lines, '\n', &line))
		log_fact(level, event, LOG_TEXT("message", line));
}

static int
programme_open(struct daemon *d)
{
	struct complaints complaints = { .errors = 0 };

	d->programme = programme_load(d->config.programme, &complaints);
	/* --check-config ends its page with the warnings. */
	if (!d->programme || d->config.mode != MODE_CHECK)
		log_lines("programme", buf_view(&complaints.text), d->programme ? LOG_WARNING_ : LOG_ERROR_);
	buf_free(&complaints.text);
	return d->programme ? 0 : EX_CONFIG;
}

static int
access_start(struct daemon *d)
{
	int fault = access_open(d->config.accounts, d->programme, &d->access);

	if (fault < 0) {
		log_error("accounts", "%s: %s; make the folder, or name another with --accounts", d->config.accounts,
		          strerror(-fault));
		return EX_CONFIG;
	}
	/* While serving, the second of two with one key is left out and told; a start is the time to mend it. */
	if (access_conflict(d->access).ptr) {
		log_fact(LOG_ERROR_, "accounts", LOG_TEXT("message", access_conflict(d->access)));
		return EX_CONFIG;
	}
	log_lines("account-broken", access_broken(d->access), LOG_WARNING_);
	return 0;
}

static struct state_options
state_options_of(const struct daemon *d, bool rebuild, bool must_exist)
{
	return (struct state_options){
		.dir = d->config.state, .source = d->programme->source,
		.segment_bytes = d->config.segment_bytes, .preallocate_bytes = d->config.preallocate_bytes,
		.rebuild = rebuild, .must_exist = must_exist,
	};
}

static int
state_start(struct daemon *d, bool rebuild, bool must_exist)
{
	struct state_options options = state_options_of(d, rebuild, must_exist);
	struct buf why = { .len = 0 };
	int fault = state_open(&options, &d->state, &why);

	if (fault < 0)
		return fail(fault, "state", &why);
	if (why.len)
		log_fact(LOG_WARNING_, "state", LOG_TEXT("message", buf_view(&why)));
	buf_free(&why);
	if (journal_cut(d->state.journal) > 0)
		log_fact(LOG_WARNING_, "journal-cut", LOG_NUMBER("bytes", journal_cut(d->state.journal)),
		         LOG_WORD("message", "behind the last event: a write that was never answered"));
	return 0;
}

/* The whole journal, where that takes less than a moment; its tail was checked when it was opened. */
static int
journal_verify(struct daemon *d)
{
	struct verified verified;
	struct buf why = { .len = 0 };
	int fault = verify_start(d->state.journal, &verified, &why);

	if (fault < 0)
		return fail(fault, "journal", &why);
	log_fact(LOG_INFO_, "journal-verified", LOG_WORD("extent", verified.whole ? "whole" : "tail"),
	         LOG_NUMBER("events", journal_tail(d->state.journal).sequence), LOG_NUMBER("ms", verified.ms));
	return 0;
}

/* --- modes ------------------------------------------------------------------------------------- */

static int
mode_check(struct daemon *d)
{
	struct buf page = { .len = 0 };
	int code = programme_open(d);

	if (code)
		return code;
	programme_print(d->programme, &page);
	fwrite(page.ptr, 1, page.len, stdout);
	buf_free(&page);
	if (d->config.accounts && (code = access_start(d)) != 0)
		return code;
	return d->access && access_broken_count(d->access) ? EX_CONFIG : 0;
}

static int
mode_rebuild(struct daemon *d)
{
	struct applied applied;
	struct buf why = { .len = 0 };
	int code = programme_open(d);

	if (code || (code = state_start(d, true, true)))
		return code;
	int fault = projection_catch_up(d->state.journal, d->state.store, d->programme, &applied, &why);

	if (fault == 0)
		fault = store_sync(d->state.store);
	if (fault == 0)
		fault = state_mark(&d->state, true);
	if (fault < 0)
		return fail(fault, "rebuild", &why);
	printf("state: made anew from %lld events\n", (long long)applied.sequence);
	return 0;
}

static int
verify_open(struct daemon *d, bool copy)
{
	struct buf why = { .len = 0 };

	if (!copy)
		return state_start(d, false, true);
	int fault = state_open_copy(d->config.state, d->programme->source, &d->state, &why);

	return fault < 0 ? fail(fault, "state", &why) : 0;
}

static int
mode_verify(struct daemon *d)
{
	bool copy = state_is_copy(d->config.state);
	struct applied applied;
	struct buf report = { .len = 0 };
	struct arena *arena;
	int code = programme_open(d);

	if (code || (code = verify_open(d, copy)))
		return code == EX_IOERR ? 1 : code;
	/* What a start would do first: a crash may have left the store a batch behind. A copy is whole. */
	int result = copy ? 0 : projection_catch_up(d->state.journal, d->state.store, d->programme, &applied, &report);

	if (result == 0) {
		arena = arena_new();
		result = projection_verify(d->state.journal, d->state.store, d->programme,
		                           arena_printf(arena, "%s/verify.tmp", d->config.state).ptr, &report);
		arena_destroy(&arena);
	}
	if (result == 0 && !copy && store_sync(d->state.store) == 0)
		state_mark(&d->state, true);
	printf("%.*s%s\n", TEXT_ARG(buf_view(&report)),
	       result == 0 ? "verify: ok" : "verify: FAILED; keep a copy of the state folder, then see --rebuild");
	buf_free(&report);
	return result != 0;
}

/* What a unit passes stands in the unit alone: an endpoint here would be bound where nobody comes by. */
static int
sockets_take(struct daemon *d)
{
	struct buf why = { .len = 0 };

	if (inherited_take(&d->inherited, &why) < 0) {
		fail(-EINVAL, "sockets", &why);
		return EX_CONFIG;
	}
	d->config.inherited = &d->inherited;
	if (d->inherited.count > 0 && d->config.command_count + d->config.event_count > 0) {
		log_error("sockets", "%s: command and event: the sockets are passed at the start (LISTEN_FDS), so put the "
		          "endpoints into the socket units (ListenStream=) and take them out here",
		          d->config.file ? d->config.file : "ocopd");
		return EX_CONFIG;
	}
	return 0;
}

/* What the store holds is of an older format, or not of this journal: made anew. The old one is kept
 * where it may be wanted again, by the program that wrote it. */
static int
state_upgrade(struct daemon *d, struct buf *why)
{
	struct state_options renew = state_options_of(d, true, true);
	int64_t format = applied_format(d->state.store);
	char keep[40] = "";

	if (format != STATE_FORMAT)
		snprintf(keep, sizeof keep, "store.format-%lld", (long long)format);
	log_fact(LOG_WARNING_, "state-renewed", LOG_TEXT("message", buf_view(why)), LOG_WORD("kept", keep),
	         LOG_WORD("from", "journal"));
	buf_clear(why);
	return state_renew(&renew, keep, &d->state);
}

static int
engine_start(struct daemon *d)
{
	struct engine_options options = {
		.programme = d->programme, .access = d->access,
		.journal = d->state.journal, .store = d->state.store,
		.backup_dir = d->config.backup, .backup_keep = d->config.backup_keep, .state_dir = d->config.state,
		.reserve_bytes = d->config.reserve_bytes, .simulated = d->config.simulated,
		.clock_ms = d->config.simulated ? d->config.clock_ms : clock_wall_ms(),
		.server_key = config_network(&d->config) ? text_of(d->key.public_key) : ABSENT,
		.mark = state_mark, .mark_context = &d->state,
	};
	struct buf why = { .len = 0 };
	int fault = engine_open(&options, &d->engine, &why);

	if (fault == -ESTALE && (fault = state_upgrade(d, &why)) == 0) {
		options.store = d->state.store;
		fault = engine_open(&options, &d->engine, &why);
	}
	if (fault < 0)
		return fail(fault, "state", &why);
	if (!versions_fit(d->programme, d->state.store, &why))
		return fail(-EINVAL, "programme", &why);
	buf_free(&why);
	return 0;
}

static int
key_start(struct daemon *d)
{
	const char *file = d->config.server_key, *passed = d->config.credential;
	struct buf why = { .len = 0 };
	int fault = -EINVAL;

	if (!config_network(&d->config))
		return 0;
	if (file || passed)
		fault = file ? server_key_load(file, &d->key, &why) : server_key_credential(passed, &d->key, &why);
	else
		buf_str(&why, "a tcp socket was passed at the start, and there is no key: on the network only encrypted "
		        "connections are possible; give --server-key, or the credential server-key");
	if (fault < 0) {
		fail(fault, "server-key", &why);
		return EX_CONFIG;
	}
	return 0;
}

/* Without descriptors libzmq goes round in circles: the limit on connections must be the lower one. */
static void
fit_descriptors(struct config *config)
{
	size_t *connections = &config->limits[LIMIT_CONNECTIONS];
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){ files.rlim_max, files.rlim_max }) == 0)
		files.rlim_cur = files.rlim_max;
	if (files.rlim_cur >= *connections + OWN_DESCRIPTORS)
		return;
	*connections = files.rlim_cur > OWN_DESCRIPTORS + 16 ? files.rlim_cur - OWN_DESCRIPTORS : 16;
	log_fact(LOG_WARNING_, "descriptors", LOG_NUMBER("limit", files.rlim_cur), LOG_NUMBER("connections", *connections),
	         LOG_WORD("message", "too few descriptors for the connections asked for; raise LimitNOFILE"));
}

static int
mode_key(struct daemon *d)
{
	struct buf why = { .len = 0 };
	int fault = server_key_load(d->config.server_key, &d->key, &why);

	if (fault < 0)
		return fail(fault, "server-key", &why);
	printf("%s\n", d->key.public_key);
	return 0;
}

/* SIGHUP. */
static int
programme_reload(void *context, struct buf *ret_why)
{
	struct daemon *d = context;
	int fault = reload_programme(d->config.programme, &d->programme, d->engine, d->access, d->state.store, ret_why);

	log_lines("programme", buf_view(ret_why), fault < 0 ? LOG_ERROR_ : LOG_WARNING_);
	if (fault < 0)
		log_error("programme", "%s: not reloaded; the programme in force stays", d->config.programme);
	else
		log_info("programme", "reloaded");
	return fault;
}

static int
mode_run(struct daemon *d)
{
	struct buf why = { .len = 0 };
	int code, fault;

	fit_descriptors(&d->config);
	if ((code = sockets_take(d)) || (code = programme_open(d)) || (code = access_start(d)) || (code = key_start(d)) ||
	    (code = state_start(d, false, false)) || (code = journal_verify(d)) || (code = engine_start(d)))
		return code;
	if ((fault = reactor_open(&d->config, config_network(&d->config) ? &d->key : NULL, d->engine,
	                          d->access, &d->reactor, &why)) < 0)
		return fail(fault, "sockets", &why);
	log_fact(LOG_INFO_, "started", LOG_WORD("version", OCOP_VERSION), LOG_TEXT("programme", d->programme->name),
	         LOG_NUMBER("sequence", journal_tail(d->state.journal).sequence),
	         LOG_WORD("journal", journal_name(d->state.journal)));
	reactor_on_reload(d->reactor, programme_reload, d);
	fault = reactor_run(d->reactor);
	if (fault < 0)
		return fail(fault, "ended-unanswered", &why);
	return engine_rest(d->engine) < 0 ? EX_IOERR : 0;
}

static void
daemon_close(struct daemon *d)
{
	reactor_close(&d->reactor);
	engine_close(&d->engine);
	state_close(&d->state);
	access_close(&d->access);
	programme_destroy(&d->programme);
	inherited_close(&d->inherited);
	sodium_memzero(&d->key, sizeof d->key);
}

static int
mode_text(enum config_mode mode)
{
	struct buf page = { .len = 0 };

	if (mode == MODE_HELP)
		config_usage(&page);
	else
		buf_str(&page, "ocopd " OCOP_VERSION "\n");
	fwrite(page.ptr, 1, page.len, stdout);
	buf_free(&page);
	return 0;
}

static int
daemon_main(struct daemon *d)
{
	switch (d->config.mode) {
	case MODE_RUN:
		return mode_run(d);
	case MODE_CHECK:
		return mode_check(d);
	case MODE_VERIFY:
		return mode_verify(d);
	case MODE_REBUILD:
		return mode_rebuild(d);
	case MODE_KEY:
		return mode_key(d);
	case MODE_HELP:
	case MODE_VERSION:
		return mode_text(d->config.mode);
	}
	return EX_SOFTWARE;
}

int
main(int argc, char **argv)
{
	struct daemon d = { .state = { .lock_fd = -1, .trust_fd = -1 } };
	struct complaints complaints = { .errors = 0 };
	struct arena *arena = arena_new();

	i18n_use(i18n_locale());
	umask(0077);
	/* A file size limit is then a full disk like any other. */
	signal(SIGXFSZ, SIG_IGN);
	if (sodium_init() < 0)
		return EX_OSERR;
	int code = config_load(argc, argv, arena, &d.config, &complaints);

	log_lines("config", buf_view(&complaints.text), code ? LOG_ERROR_ : LOG_WARNING_);
	buf_free(&complaints.text);
	if (code == 0)
		code = daemon_main(&d);
	daemon_close(&d);
	arena_destroy(&arena);
	return code;
}
