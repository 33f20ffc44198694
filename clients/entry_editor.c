/* An editor, as the environment names it, on a file. */
#include "clients/entry_editor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* The variable may hold options: it is the shell's to take apart, and the path stays one word. */
static void
become_editor(const char *editor, const char *path)
{
	char command[4096];
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Standard output may be a file; the editor needs the terminal. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	if (snprintf(command, sizeof command, "%s \"$@\"", editor) < (int)sizeof command)
		execl("/bin/sh", "sh", "-c", command, editor, path, (char *)NULL);
	_exit(127);
}

int
editor_run(const char *path)
{
	const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");
	const char *program = visual && *visual ? visual : editor && *editor ? editor : "editor";
	int status;
	pid_t pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		become_editor(program, path);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
