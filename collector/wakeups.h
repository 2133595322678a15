/* SPDX-License-Identifier: GPL-2.0-only */
/* What the recording loop waits for: a timer, signals, the end of a process. */
#ifndef COLLECTOR_WAKEUPS_H
#define COLLECTOR_WAKEUPS_H

#include <signal.h>
#include <stdbool.h>

struct wakeups {
	bool open;
	int epoll_fd;
	int timer_fd;
	int signal_fd;
	sigset_t before; /* the signal mask that wakeups_open() found */
};

#define WAKEUPS_NONE ((struct wakeups){ .epoll_fd = -1, .timer_fd = -1, .signal_fd = -1 })

struct wakeup {
	bool tick;	    /* the timer fired */
	bool ended;	    /* the watched process ended */
	bool dump;	    /* SIGUSR1 arrived */
	bool toggle;	    /* SIGUSR2 arrived */
	int signal;	    /* SIGINT, SIGTERM or SIGHUP arrived; else 0 */
	bool from_terminal; /* the kernel sent it to all of the foreground group */
};

/*
 * Blocks the ending signals and the two for users, to take them here instead. Returns 0, or a
 * negative errno with a sentence; wakeups_close() either way.
 */
int wakeups_open(struct wakeups *wakeups);

/* Also waits for the process of a pid fd, which stays the caller's. Returns as wakeups_open(). */
int wakeups_watch(struct wakeups *wakeups, int pid_fd);

/* Waits for it no more, as once it has ended. */
void wakeups_forget(struct wakeups *wakeups, int pid_fd);

/* Starts the timer; an interval of 0 stops it. Returns as wakeups_open(). */
int wakeups_set_timer(struct wakeups *wakeups, long interval_ms);

/* Waits; without `block` only looks. Returns as wakeups_open(). */
int wakeups_wait(struct wakeups *wakeups, bool block, struct wakeup *ret_wakeup);

/*
 * For work that may take long once the end has begun: whether to leave it. So it is where
 * one more signal that ends waits to be taken, and once one was said to be the second.
 */
bool wakeups_end_is_due(void);
void wakeups_end_at_once(void);

/* Closes, and sets the signal mask back. Nothing to do for WAKEUPS_NONE. */
void wakeups_close(struct wakeups *wakeups);

#endif
