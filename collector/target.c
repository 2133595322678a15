/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/target.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/pidfd.h>

#include "base/cleanup.h"
#include "base/cmdline.h"
#include "base/error.h"

int target_parse_pid(const char *argument, pid_t *ret_pid)
{
	long long pid;
	int r = cmdline_number(argument, "-p PID", 1, INT32_MAX, &pid);

	if (r >= 0)
		*ret_pid = (pid_t)pid;
	return r;
}

int target_options_check(const struct target_options *options, const char *name)
{
	int targets = !!options->pid + options->all + !!options->command;

	if (targets == 0)
		return error_set(-EINVAL,
				 "%s: what is to be recorded? Give -p PID, -a, or "
				 "-- COMMAND; see 'hyptrace %s --help'",
				 name, name);
	if (targets > 1)
		return error_set(-EINVAL, "%s: give only one of -p PID, -a, and -- COMMAND", name);
	return 0;
}

static int open_process(pid_t pid, int *ret_fd)
{
	int fd = pidfd_open(pid, 0);

	if (fd < 0 && errno == ESRCH)
		return error_set(-ESRCH,
				 "there is no process %d to record; 'pgrep -a qemu' lists some",
				 pid);
	if (fd < 0)
		return error_set(
			-errno,
			"cannot watch process %d: %s; give a process, not one of its threads", pid,
			strerror(errno));
	*ret_fd = fd;
	return 0;
}

int target_open(struct target *target)
{
	return target->wakeups.open ? 0 : wakeups_open(&target->wakeups);
}

int target_prepare(struct target *target, const struct target_options *options)
{
	int r = target_open(target);

	target->options = options;
	if (r >= 0 && options->command) {
		r = child_fork(options->command, options->environment, &target->wakeups.before,
			       &target->child);
		return r < 0 ? r : wakeups_watch(&target->wakeups, target->child.pid_fd);
	}
	if (r >= 0 && options->pid)
		r = open_process(options->pid, &target->fd);
	if (r >= 0 && options->pid)
		r = wakeups_watch(&target->wakeups, target->fd);
	return r;
}

pid_t target_pid(const struct target *target)
{
	return target->options->command ? target->child.pid : target->options->pid;
}

void target_forward_signal(const struct target *target, const struct wakeup *wakeup)
{
	if (wakeup->signal && !wakeup->from_terminal && target->child.pid)
		kill(target->child.pid, wakeup->signal);
}

int target_await_child(struct target *target, struct wakeup last)
{
	int r = 0;

	while (r >= 0 && !last.ended) {
		r = wakeups_wait(&target->wakeups, true, &last);
		if (r >= 0 && last.signal) {
			target_forward_signal(target, &last);
			wakeups_end_at_once();
			return CHILD_SIGNAL_BASE + last.signal;
		}
	}
	return r < 0 ? r : child_wait(&target->child);
}

void target_release(struct target *target)
{
	child_release(&target->child);
	cleanup_close(&target->fd);
	wakeups_close(&target->wakeups);
}
