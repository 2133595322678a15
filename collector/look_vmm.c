/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether `record --vmm` would find what it needs. */
#include "collector/look.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "collector/vmm_side.h"
#include "probes/ust/names.h"

#define WHOLE "the VMM's own time stays whole"

/* --- files ------------------------------------------------------------------- */

/* As a shell would find it. */
static bool is_in_path(const char *program)
{
	_cleanup_free_ char *folders = strdup(getenv("PATH") ?: "");
	char *rest = folders, *folder;

	while (folders && (folder = strsep(&rest, ":"))) {
		_cleanup_free_ char *path = format_text("%s/%s", folder, program);

		if (path && access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static bool has_file(const char *folder, const char *name, int mode)
{
	_cleanup_free_ char *path = format_text("%s/%s", folder, name);

	return path && access(path, mode) == 0;
}

bool look_has_vmm_files(const char *folder, struct finding *ret_finding)
{
	static const char *const files[] = { UST_PRELOAD_FILE, UST_PROVIDER_FILE };
	const char *lacks =
		folder && has_file(folder, UST_SESSION_FILE, X_OK) ? NULL : UST_SESSION_FILE;

	for (size_t i = 0; !lacks && i < ARRAY_SIZE(files); i++)
		if (!has_file(folder, files[i], R_OK))
			lacks = files[i];
	if (!lacks)
		return true;
	finding_set(ret_finding, LOOK_MISSING, "no %s: " WHOLE, lacks);
	finding_remedy(ret_finding, "'make install' puts it into lib/hyptrace, 'make' beside "
				    "hyptrace");
	return false;
}

/* --- libraries --------------------------------------------------------------- */

bool look_missing_library(const char *list, char *ret_name, size_t size)
{
	const char *arrow = strstr(list, " => not found"), *name = arrow;

	if (!arrow)
		return false;
	while (name > list && !strchr("\t\n ", name[-1]))
		name--;
	snprintf(ret_name, size, "%.*s", (int)(arrow - name), name);
	return true;
}

static int read_all(int fd, struct buffer *out)
{
	char bytes[4096];
	ssize_t n;
	int r = 0;

	while (r >= 0 && (n = read(fd, bytes, sizeof(bytes))) > 0)
		r = buffer_append(out, bytes, (size_t)n);
	return r;
}

/* The program's libraries and the provider's: ld.so lists them instead of running it. */
static int spawn_list(const char *folder, int to_fd, pid_t *ret_pid)
{
	_cleanup_free_ char *program = format_text("%s/" UST_SESSION_FILE, folder);
	_cleanup_free_ char *preload = format_text("LD_PRELOAD=%s/" UST_PROVIDER_FILE, folder);
	_cleanup_free_ char *path =
		format_text("LD_LIBRARY_PATH=%s", getenv("LD_LIBRARY_PATH") ?: "");
	char list[] = "LD_TRACE_LOADED_OBJECTS=1";
	char *const argv[] = { program, NULL }, *const names[] = { list, preload, path, NULL };
	posix_spawn_file_actions_t actions;
	int err;

	if (!program || !preload || !path)
		return -ENOMEM;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, to_fd, STDOUT_FILENO);
	err = posix_spawn(ret_pid, program, &actions, NULL, argv, names);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

/* Returns 0, or a negative errno without a sentence. */
static int list_libraries(const char *folder, struct buffer *out)
{
	int pipe_fds[2], status = 0, r;
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	r = spawn_list(folder, pipe_fds[1], &pid);
	close(pipe_fds[1]);
	if (r >= 0) {
		r = read_all(pipe_fds[0], out);
		waitpid(pid, &status, 0);
	}
	close(pipe_fds[0]);
	return r >= 0 && status ? -ENOEXEC : r;
}

static void look_libraries(const char *folder, struct finding *finding)
{
	_cleanup_buffer_ struct buffer list = { 0 };
	char name[LOOK_TEXT / 2];

	if (list_libraries(folder, &list) < 0)
		finding_set(finding, LOOK_MISSING, UST_SESSION_FILE " does not run: " WHOLE);
	else if (look_missing_library(buffer_text(&list), name, sizeof(name)))
		finding_set(finding, LOOK_MISSING, "no %s: " WHOLE, name);
	else
		finding_set(finding, LOOK_GOOD, "lttng-sessiond, to see into the VMM");
	if (finding->state != LOOK_GOOD)
		finding_remedy(finding, "install liblttng-ctl0 and liblttng-ust1");
}

void look_lttng(const struct look_host *host, struct finding *ret_finding)
{
	_cleanup_free_ char *folder = vmm_side_files();

	if (!is_in_path("lttng-sessiond")) {
		finding_set(ret_finding, LOOK_MISSING, "no lttng-sessiond in PATH: " WHOLE);
		finding_remedy(ret_finding, "install lttng-tools and liblttng-ust1");
	} else if (look_has_vmm_files(folder, ret_finding)) {
		look_libraries(folder, ret_finding);
	}
}
