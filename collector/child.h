/* SPDX-License-Identifier: GPL-2.0-only */
/* The COMMAND to record: a child that waits until the probes are attached. */
#ifndef COLLECTOR_CHILD_H
#define COLLECTOR_CHILD_H

#include <signal.h>
#include <sys/types.h>

/* Exit statuses of a command that could not be run, as in a shell. */
enum { CHILD_NOT_EXECUTABLE = 126, CHILD_NOT_FOUND = 127, CHILD_SIGNAL_BASE = 128 };

struct child {
	const char *name; /* borrowed */
	pid_t pid;	  /* 0 without a child */
	int pid_fd;	  /* readable when the child has ended; -1 without one */
	int go_fd;	  /* the child waits for a byte from it */
	int exec_fd;	  /* gives the errno of a failed exec, end of file after a good one */
};

#define CHILD_NONE ((struct child){ .pid_fd = -1, .go_fd = -1, .exec_fd = -1 })

/*
 * Forks; the child becomes the invoking user and waits for child_start() with the
 * signal mask `mask`, and with the further `environment`, "NAME=value", which may be
 * NULL. It and `argv` end with NULL. Returns 0, or a negative errno with a sentence.
 * Release with child_release().
 */
int child_fork(char **argv, char *const *environment, const sigset_t *mask,
	       struct child *ret_child);

/* Lets the child run its command. Returns 0, or a negative errno with a sentence naming it. */
int child_start(struct child *child);

/* What a shell would return after a failed exec with this negative errno. */
int child_exec_status(int err);

/* Waits for the child to end. Returns its exit status, 128 + n for signal n, or a negative errno.
 */
int child_wait(struct child *child);

/* Ends a child that was not started; a child that runs is left alone. */
void child_release(struct child *child);

#endif
