/* One line a fact on standard error, with journald's priority prefix; client text only escaped. */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

enum log_level { LOG_ERROR_ = 3, LOG_WARNING_ = 4, LOG_INFO_ = 6 };

/* Control characters in the result are escaped, lines longer than 1,000 bytes cut. */
void log_line(enum log_level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_ERROR_, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING_, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO_, __VA_ARGS__)

#endif
