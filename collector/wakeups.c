/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/wakeups.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include "base/cleanup.h"
#include "base/error.h"

enum { NS_PER_MS = 1000000, MS_PER_S = 1000 };

static int failed(const char *what)
{
	return error_set(-errno, "cannot %s: %s", what, strerror(errno));
}

static int watch(const struct wakeups *wakeups, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(wakeups->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static const int taken[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 };
enum { ENDING = 3 /* of them, the first ones */ };

int wakeups_open(struct wakeups *wakeups)
{
	sigset_t signals;

	sigemptyset(&signals);
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		sigaddset(&signals, taken[i]);
	sigprocmask(SIG_BLOCK, &signals, &wakeups->before);
	wakeups->open = true;
	wakeups->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	wakeups->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	wakeups->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (wakeups->epoll_fd < 0 || wakeups->timer_fd < 0 || wakeups->signal_fd < 0)
		return failed("set up a timer and signals");
	if (watch(wakeups, wakeups->timer_fd) < 0 || watch(wakeups, wakeups->signal_fd) < 0)
		return failed("wait for a timer and signals");
	return 0;
}

int wakeups_watch(struct wakeups *wakeups, int pid_fd)
{
	return watch(wakeups, pid_fd) < 0 ? failed("watch a process") : 0;
}

void wakeups_forget(struct wakeups *wakeups, int pid_fd)
{
	epoll_ctl(wakeups->epoll_fd, EPOLL_CTL_DEL, pid_fd, NULL);
}

int wakeups_set_timer(struct wakeups *wakeups, long interval_ms)
{
	struct timespec interval = { .tv_sec = interval_ms / MS_PER_S,
				     .tv_nsec = interval_ms % MS_PER_S * NS_PER_MS };
	struct itimerspec timer = { .it_interval = interval, .it_value = interval };

	if (timerfd_settime(wakeups->timer_fd, 0, &timer, NULL) < 0)
		return failed("set a timer");
	return 0;
}

static void take_signal(const struct wakeups *wakeups, struct wakeup *wakeup)
{
	struct signalfd_siginfo info;

	if (read(wakeups->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	wakeup->dump = info.ssi_signo == SIGUSR1;
	wakeup->toggle = info.ssi_signo == SIGUSR2;
	if (wakeup->dump || wakeup->toggle)
		return;
	wakeup->signal = (int)info.ssi_signo;
	/* Of a terminal that is closed the kernel tells the session's leader alone. */
	wakeup->from_terminal = info.ssi_code == SI_KERNEL && info.ssi_signo != SIGHUP;
}

static void take(const struct wakeups *wakeups, int fd, struct wakeup *wakeup)
{
	uint64_t expirations;

	if (fd == wakeups->signal_fd)
		take_signal(wakeups, wakeup);
	else if (fd == wakeups->timer_fd)
		wakeup->tick = read(fd, &expirations, sizeof(expirations)) > 0;
	else
		wakeup->ended = true;
}

int wakeups_wait(struct wakeups *wakeups, bool block, struct wakeup *ret_wakeup)
{
	struct epoll_event events[3];
	struct wakeup found = { 0 };
	int n = epoll_wait(wakeups->epoll_fd, events, ARRAY_SIZE(events), block ? -1 : 0);

	if (n < 0 && errno != EINTR)
		return failed("wait");
	for (int i = 0; i < n; i++)
		take(wakeups, events[i].data.fd, &found);
	*ret_wakeup = found;
	return 0;
}

/* As signals are, the process's. */
static bool at_once;

void wakeups_end_at_once(void)
{
	at_once = true;
}

bool wakeups_end_is_due(void)
{
	sigset_t waiting;
	bool due = at_once;

	sigpending(&waiting);
	for (size_t i = 0; i < ENDING; i++)
		due |= sigismember(&waiting, taken[i]) == 1;
	return due;
}

void wakeups_close(struct wakeups *wakeups)
{
	if (!wakeups->open)
		return;
	cleanup_close(&wakeups->epoll_fd);
	cleanup_close(&wakeups->timer_fd);
	cleanup_close(&wakeups->signal_fd);
	sigprocmask(SIG_SETMASK, &wakeups->before, NULL);
	*wakeups = WAKEUPS_NONE;
}
