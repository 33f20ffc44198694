/* One line a fact on standard error: `level=warning event=disk-low free_bytes=1048576`. Behind the
 * system's journal (JOURNAL_STREAM) each line has journald's priority before it. No secrets; a text,
 * a client's too, is one quoted value that can neither end its line nor pose as another key. */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include "proto/mem.h"

enum log_level { LOG_ERROR_ = 3, LOG_WARNING_ = 4, LOG_INFO_ = 6 };

struct log_pair { const char *key; struct text value; bool is_number; int64_t number; };

#define LOG_TEXT(name, text) { .key = (name), .value = (text) }
#define LOG_WORD(name, z) { .key = (name), .value = text_of(z) }
#define LOG_NUMBER(name, n) { .key = (name), .is_number = true, .number = (int64_t)(n) }

/* Pairs up to one without a key. Lines longer than 1,000 bytes are cut, in a value that ends with "...". */
void log_pairs(enum log_level, const char *event, const struct log_pair *);
/* A sentence for people: message="...". */
void log_line(enum log_level, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));

#define log_fact(level, event, ...) log_pairs((level), (event), (const struct log_pair[]){ __VA_ARGS__, { .key = NULL } })
#define log_error(...) log_line(LOG_ERROR_, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING_, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO_, __VA_ARGS__)

#endif
