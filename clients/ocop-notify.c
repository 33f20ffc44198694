/* ocop-notify, the listener: brings the events of one account's feed to those they concern. */
#include "clients/notify_child.h"
#include "clients/notify_dead.h"
#include "clients/notify_run.h"
#include "clients/options.h"
#include "proto/i18n.h"
#include "proto/version.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

enum { LABELS_MS = 2000 };

enum action { LISTEN, CHECK, TEST, RETRY, HELP, VERSION };

static const char help[] =
	N_("ocop-notify [OPTION...]   listens to a feed and delivers each event by mail, command or line\n"
	"  --config FILE    its settings (config/ocop-notify.cfg names every key)\n"
	"  --feed NAME      the feed; --types A,B  what to listen for\n"
	"  --endpoint E     the daemon; for tcp with --key FILE and --server KEY\n"
	"  --lang vi|en     language of lines and messages\n"
	"  --json           each event as its JSON on standard output\n"
	"  --check-config   checks settings and templates, and ends\n"
	"  --test           delivers a sample event by every way, and ends\n"
	"  --retry          sends what was set aside again, and ends\n"
	"  --help, --version\n");

/* Whoever gets it must not take it for a real one. */
static const char sample[] =
	"{\"specversion\":\"1.0\",\"id\":\"0\",\"source\":\"/ocop/test\",\"type\":\"vn.ocop.dossier.%.*s\","
	"\"subject\":\"KN-0000-0000\",\"time\":\"2020-03-04T09:12:44.120+07:00\",\"datacontenttype\":\"application/json\","
	"\"sequence\":\"0\",\"data\":{\"dossier\":\"KN-0000-0000\",\"version\":2,\"state\":\"returned\",\"commune\":\"24346\","
	"\"by\":\"ocop-notify\",\"role\":\"officer\",\"due\":\"2020-03-09\",\"until\":\"2020-03-10\","
	"\"reasons\":[{\"document\":\"business-plan\",\"reason\":\"THƯ THỬ: phương án kinh doanh chưa có chữ ký\","
	"\"guidance\":\"đây là thư thử của ocop-notify, không phải xử lý\"}]}}";
static const char sample_record[] =
	"{\"dossier\":\"KN-0000-0000\",\"state\":\"returned\",\"commune\":\"24346\",\"due\":\"2020-03-09\","
	"\"product\":{\"name\":\"Sản phẩm thử\",\"group\":\"coffee-cocoa\"},"
	"\"producer\":{\"name\":\"Chủ thể thử\",\"kind\":\"cooperative\"},"
	"\"score\":{\"points\":\"74.28\",\"stars\":4},\"province\":{\"points\":\"80.00\",\"stars\":4,"
	"\"decision\":\"01/QĐ\",\"expires\":\"2023-03-04\"}}";

/* --- the words of the shell ---------------------------------------------------------------------- */

static int
wrong_word(const char *what, const char *word)
{
	fprintf(stderr, "ocop-notify: %s: %s\n", word, what);
	fputs(_("see: ocop-notify --help\n"), stderr);
	return EX_USAGE;
}

static int
take_words(int argc, char **argv, struct notify_options *o, enum action *action)
{
	const struct { const char *name; enum action action; } actions[] = {
		{ "check-config", CHECK }, { "test", TEST }, { "retry", RETRY }, { "help", HELP }, { "version", VERSION },
	};
	const struct { const char *name; const char **value; } texts[] = {
		{ "config", &o->config }, { "feed", &o->feed }, { "types", &o->types }, { "endpoint", &o->endpoint },
		{ "key", &o->key_file }, { "server", &o->server }, { "lang", &o->lang },
	};
	for (int i = 1; i < argc; i++) {
		struct option_word word = option_split(argv[i]);
		size_t a = 0, t = 0;
		while (a < countof(actions) && !text_is(word.name, actions[a].name))
			a++;
		while (t < countof(texts) && !text_is(word.name, texts[t].name))
			t++;
		if (a < countof(actions) && !word.value.ptr)
			*action = actions[a].action;
		else if (text_is(word.name, "json") && !word.value.ptr)
			o->json = true;
		else if (t == countof(texts))
			return wrong_word(_("there is no such option"), argv[i]);
		else if (!option_value(argc, argv, &i, &word))
			return wrong_word(_("needs a value"), argv[i]);
		else
			*texts[t].value = word.value.ptr;
	}
	return EX_OK;
}

/* --- actions ------------------------------------------------------------------------------------- */

static int
check(const struct notify_config *c)
{
	printf(_("good: feed %s, %.*s\n"), c->feed, TEXT_ARG(c->types));
	for (size_t i = 0; i < c->target_count; i++)
		printf("  %s\n", c->targets[i].name);
	return EX_OK;
}

/* By the ways of delivery alone; the daemon, if it is there, lends the words for codes. */
static int
test(struct feed *feed, struct arena *arena)
{
	const struct notify_config *c = feed->config;
	const struct json *labels = NULL;
	struct text types = c->types, type = TEXT("returned");
	/* Of the types that are listened for: a mail needs its text. */
	if (!notify_config_template(c, type))
		text_next(&types, ',', &type);
	feed_labels(feed, LABELS_MS, arena, &labels);
	struct note note = {
		.event = json_parse(arena_printf(arena, sample, TEXT_ARG(type)), arena, NULL),
		.record = json_parse(text_of(sample_record), arena, NULL), .labels = labels,
		.feed = text_of(c->feed), .contact = text_of(c->contact), .lang = c->language,
	};
	struct delivery d = { .config = c, .note = &note, .stop_fd = feed->stop_fd };
	int failed = 0;
	for (size_t i = 0; i < c->target_count; i++) {
		struct buf why = { 0 };
		bool good = deliver_one(&d, i, arena, &why);
		fprintf(stderr, "ocop-notify: %s: %.*s\n", c->targets[i].name,
		        TEXT_ARG(good ? text_of(_("delivered")) : buf_view(&why)));
		buf_free(&why);
		failed += !good;
	}
	return failed ? EX_TEMPFAIL : EX_OK;
}

static int
retry(struct feed *feed, struct arena *arena)
{
	const struct json *labels = NULL;
	feed_labels(feed, LABELS_MS, arena, &labels);
	return dead_retry(feed->config, labels, feed->stop_fd);
}

/* --- the whole ----------------------------------------------------------------------------------- */

/* Never read: once a signal has come it stays readable, and ends every wait from then on. */
static int
stop_fd_make(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int
act(enum action action, const struct notify_config *c, int stop_fd, struct arena *arena)
{
	struct complaints complaints = { 0 };
	struct feed feed;
	int e = feed_init(&feed, c, stop_fd, arena, &complaints);
	if (e < 0) {
		fprintf(stderr, "%.*s", TEXT_ARG(buf_view(&complaints.text)));
		e = EX_CONFIG;
	} else {
		e = action == CHECK ? check(c) : action == TEST ? test(&feed, arena)
		    : action == RETRY ? retry(&feed, arena) : notify_run(&feed);
	}
	feed_close(&feed);
	buf_free(&complaints.text);
	return e;
}

static void
spoken(void)
{
	struct arena *arena = arena_new();
	struct complaints ignored = { 0 };
	struct settings s = { .lang = LANG_EN };
	settings_load(&s, arena, &ignored);
	buf_free(&ignored.text);
	arena_destroy(&arena);
}

int
main(int argc, char **argv)
{
	struct notify_options options = { 0 };
	struct notify_config *config = xcalloc(1, sizeof *config);
	struct complaints complaints = { 0 };
	enum action action = LISTEN;
	spoken();
	int e = take_words(argc, argv, &options, &action), stop_fd = stop_fd_make();
	if (!e && action == HELP) {
		fputs(_(help), stdout);
	} else if (!e && action == VERSION) {
		puts("ocop-notify " OCOP_VERSION);
	} else if (!e && (stop_fd < 0 || curl_global_init(CURL_GLOBAL_DEFAULT))) {
		perror("ocop-notify");
		e = EX_OSERR;
	} else if (!e) {
		struct arena *arena = arena_new();
		if (notify_config_load(&options, arena, &complaints, config))
			e = act(action, config, stop_fd, arena);
		else
			e = EX_CONFIG;
		fprintf(stderr, "%.*s", TEXT_ARG(buf_view(&complaints.text)));
		arena_destroy(&arena);
		curl_global_cleanup();
	}
	buf_free(&complaints.text);
	free(config);
	if (stop_fd >= 0)
		close(stop_fd);
	return fflush(stdout) && !e ? EX_IOERR : e;
}
