/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/privileges.h"

/* In the child: end of file instead of a byte means that the recording came to nothing. */
_Noreturn static void run_command(char **argv, char *const *environment, const sigset_t *mask,
				  int go_fd, int exec_fd)
{
	char go;
	int err;

	if (read(go_fd, &go, 1) != 1)
		_exit(CHILD_NOT_EXECUTABLE);
	sigprocmask(SIG_SETMASK, mask, NULL);
	while (environment && *environment)
		putenv(*environment++);
	err = -privileges_become_user();
	if (!err) {
		execvp(argv[0], argv);
		err = errno;
	}
	if (write(exec_fd, &err, sizeof(err)) < 0)
		_exit(CHILD_NOT_EXECUTABLE);
	_exit(CHILD_NOT_FOUND);
}

static void close_pair(int (*pair)[2])
{
	cleanup_close(&(*pair)[0]);
	cleanup_close(&(*pair)[1]);
}

int child_fork(char **argv, char *const *environment, const sigset_t *mask, struct child *ret_child)
{
	_cleanup_(close_pair) int go[2] = { -1, -1 };
	_cleanup_(close_pair) int exec[2] = { -1, -1 };
	_cleanup_(child_release) struct child child = CHILD_NONE;

	if (pipe2(go, O_CLOEXEC) < 0 || pipe2(exec, O_CLOEXEC) < 0)
		return error_set(-errno, "cannot make a pipe: %s", strerror(errno));
	child.name = argv[0];
	child.pid = fork();
	if (child.pid < 0)
		return error_set(-errno, "cannot fork for '%s': %s", argv[0], strerror(errno));
	if (child.pid == 0) {
		close(TAKE_FD(go[1]));
		run_command(argv, environment, mask, go[0], exec[1]);
	}
	child.go_fd = TAKE_FD(go[1]);
	child.exec_fd = TAKE_FD(exec[0]);
	child.pid_fd = pidfd_open(child.pid, 0);
	if (child.pid_fd < 0)
		return error_set(-errno, "cannot watch '%s': %s", argv[0], strerror(errno));
	*ret_child = child;
	child = CHILD_NONE;
	return 0;
}

int child_start(struct child *child)
{
	ssize_t n = write(child->go_fd, "", 1);
	int err = 0;

	cleanup_close(&child->go_fd);
	child->go_fd = -1;
	if (n == 1)
		n = read(child->exec_fd, &err, sizeof(err));
	if (n == 0)
		return 0;
	if (n < 0)
		err = errno;
	return error_set(-err, "cannot run '%s': %s", child->name, strerror(err));
}

int child_exec_status(int err)
{
	return err == -ENOENT ? CHILD_NOT_FOUND : CHILD_NOT_EXECUTABLE;
}

int child_wait(struct child *child)
{
	siginfo_t end = { 0 };

	if (waitid(P_PID, (id_t)child->pid, &end, WEXITED) < 0)
		return error_set(-errno, "cannot wait for '%s': %s", child->name, strerror(errno));
	child->pid = 0;
	return end.si_code == CLD_EXITED ? end.si_status : CHILD_SIGNAL_BASE + end.si_status;
}

void child_release(struct child *child)
{
	bool waits = child->pid > 0 && child->go_fd >= 0;

	cleanup_close(&child->go_fd);
	if (waits)
		waitpid(child->pid, NULL, 0);
	cleanup_close(&child->pid_fd);
	cleanup_close(&child->exec_fd);
	*child = CHILD_NONE;
}
