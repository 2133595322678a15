/* SPDX-License-Identifier: GPL-2.0-only */
/* Whom a command watches: a process, all, or a COMMAND that it runs; and what it waits for. */
#ifndef COLLECTOR_TARGET_H
#define COLLECTOR_TARGET_H

#include <stdbool.h>
#include <sys/types.h>

#include "collector/child.h"
#include "collector/wakeups.h"

struct target_options {
	pid_t pid;		  /* -p, or 0 */
	bool all;		  /* -a */
	char **command;		  /* ends with NULL; NULL without COMMAND */
	char *const *environment; /* more of it for COMMAND, as child_fork() takes it */
};

struct target {
	const struct target_options *options; /* borrowed */
	struct wakeups wakeups;
	struct child child; /* none without COMMAND */
	int fd;		    /* pid fd of -p, -1 without */
};

#define TARGET_NONE ((struct target){ .wakeups = WAKEUPS_NONE, .child = CHILD_NONE, .fd = -1 })

/* "-p PID" as a number. Returns 0, or -EINVAL with a sentence. */
int target_parse_pid(const char *argument, pid_t *ret_pid);

/* Exactly one of the three is given. Returns 0, or -EINVAL with a sentence; `name` is the
 * command's. */
int target_options_check(const struct target_options *options, const char *name);

/*
 * From here on a signal waits to be answered. Returns 0, or a negative errno with
 * a sentence; target_release() either way.
 */
int target_open(struct target *target);

/*
 * A process that runs, or a COMMAND that waits to be started. Opens the target
 * where that has not been done. Returns as target_open().
 */
int target_prepare(struct target *target, const struct target_options *options);

/* The process whose VMs are meant, 0 for all. */
pid_t target_pid(const struct target *target);

/*
 * The terminal sends its signals to COMMAND too; this passes on those that came to us alone,
 * and a hang-up, which may have.
 */
void target_forward_signal(const struct target *target, const struct wakeup *wakeup);

/*
 * Waits for COMMAND. Returns its exit status, or that of a second signal, which
 * ends the wait; or a negative errno with a sentence.
 */
int target_await_child(struct target *target, struct wakeup last);

void target_release(struct target *target);

#endif
