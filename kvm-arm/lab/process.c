/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/lab/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

#define SYSTEM_FOLDERS "/usr/sbin:/sbin" /* not in everybody's PATH */

static bool in_folders(const char *name, const char *list)
{
	_cleanup_free_ char *copy = strdup(list);
	char *rest = copy, *folder;

	while (copy && (folder = strsep(&rest, ":"))) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "%s/%s", folder, name) < 0)
			path = NULL;
		if (path && access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static bool tool_exists(const struct tool *tool)
{
	const char *path = getenv("PATH");

	if (tool->name[0] == '/')
		return access(tool->name, R_OK) == 0;
	return (path && in_folders(tool->name, path)) || in_folders(tool->name, SYSTEM_FOLDERS);
}

int tools_check(const struct tool *tools, size_t count, const char *purpose)
{
	for (size_t i = 0; i < count; i++)
		if (!tool_exists(&tools[i]))
			return error_set(-ENOENT,
					 "lab: %s is missing, which %s needs: install Debian's %s, "
					 "or all the lab needs with 'make deps'",
					 tools[i].name, purpose, tools[i].package);
	return 0;
}

static void __attribute__((noreturn)) become(char *const *words, const int stdio[3], pid_t parent)
{
	sigset_t none;

	for (int i = 0; i < 3; i++)
		if (stdio[i] >= 0)
			dup2(stdio[i], i);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() == parent)
		execvp(words[0], words);
	_exit(127);
}

pid_t process_start(char *const *words, const int stdio[3])
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0)
		become(words, stdio, parent);
	return pid < 0 ? -errno : pid;
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int process_run(char *const *words)
{
	pid_t pid = process_start(words, (const int[3]){ -1, -1, -1 });

	return pid < 0 ? pid : wait_for(pid);
}

int process_line(char *const *words, char **ret_line)
{
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	_cleanup_fclose_ FILE *out = NULL;
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	bool printed;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = process_start(words, (const int[3]){ null, ends[1], null });
	close(ends[1]);
	out = fdopen(ends[0], "r");
	printed = out && getline(&line, &size, out) >= 0;
	if (pid < 0 || wait_for(pid) != 0 || !printed)
		return -EIO;
	line[strcspn(line, "\n")] = '\0';
	*ret_line = TAKE_PTR(line);
	return 0;
}
