/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hyptrace-ust-session HOME SECONDS: an LTTng session of its own for one recording, as
 * root's lttng-sessiond suffers no second one beside it. `hyptrace record --vmm`
 * starts this program under a user that is not root, with the trace's folder as
 * descriptor UST_FOLDER_FD. It waits SECONDS for a daemon that hangs, and says on standard output
 * how it goes, and ends, with all it has started, when its standard input does.
 *
 * A program of its own, so that hyptrace runs where LTTng is not installed.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <lttng/lttng.h>

#include "base/buffer.h"
#include "base/error.h"
#include "probes/ust/names.h"

#define SESSION "hyptrace"
#define CHANNEL "vmm"
#define NS_PER_S 1000000000L

enum {
	LOOK_MS = 20,		  /* how often to look for the VMM until it is there */
	SWITCH_TIMER_US = 200000, /* so much is lost at most when the daemon is killed */
	SUBBUFFER_BYTES = 1 << 18,
	SUBBUFFERS = 8,
	NOT_EXECUTABLE = 127,
	OPEN_FILES = 16,
};

struct session {
	const char *home;
	unsigned int patience_s;
	pid_t daemon; /* 0: none, or it has ended */
	int signals;  /* signalfd: SIGUSR1 of a daemon that is ready, SIGCHLD */
	sigset_t before;
	struct lttng_handle *handle;
	bool safe; /* stopped and started once, with the VMM there */
};

/* --- the daemon -------------------------------------------------------------- */

_Noreturn static void run_daemon(const struct session *session)
{
	static char *const argv[] = { "lttng-sessiond", "--no-kernel", "--sig-parent", NULL };
	int log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
	int none = open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigprocmask(SIG_SETMASK, &session->before, NULL);
	if (log < 0 || none < 0 || dup2(none, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 ||
	    dup2(log, STDERR_FILENO) < 0)
		_exit(1);
	execvp(argv[0], argv);
	_exit(NOT_EXECUTABLE);
}

/* The next signal within `ms`: its number, or 0. */
static int next_signal(const struct session *session, int ms)
{
	struct pollfd wait = { .fd = session->signals, .events = POLLIN };
	struct signalfd_siginfo info;

	if (poll(&wait, 1, ms) != 1 || read(wait.fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	return (int)info.ssi_signo;
}

/* Whether the daemon has ended; *ret_status is what waitpid() says then. */
static bool daemon_ended(struct session *session, int *ret_status)
{
	if (session->daemon && waitpid(session->daemon, ret_status, WNOHANG) == session->daemon)
		session->daemon = 0;
	return !session->daemon;
}

/* The last line that the daemon has written, to follow a sentence; "" for none. */
static void read_log(char *ret_text, size_t size)
{
	_cleanup_fclose_ FILE *log = fopen("log", "re");
	char line[256];

	*ret_text = '\0';
	while (log && fgets(line, sizeof(line), log)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line)
			snprintf(ret_text, size, ": %s", line);
	}
}

static int await_daemon(struct session *session)
{
	int status = 0, got = next_signal(session, (int)session->patience_s * 1000);
	char log[300];

	if (got == SIGUSR1)
		return 0;
	if (!daemon_ended(session, &status))
		return error_set(-ETIMEDOUT, "lttng-sessiond has not come up within %u s",
				 session->patience_s);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_EXECUTABLE)
		return error_set(-ENOENT, "lttng-sessiond cannot be run; install lttng-tools");
	read_log(log, sizeof(log));
	return error_set(-EIO, "lttng-sessiond ended at once%s", log);
}

static int start_daemon(struct session *session)
{
	sigset_t wanted;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGUSR1);
	sigaddset(&wanted, SIGCHLD);
	sigprocmask(SIG_BLOCK, &wanted, &session->before);
	session->signals = signalfd(-1, &wanted, SFD_CLOEXEC);
	if (session->signals < 0)
		return error_set(-errno, "cannot wait for lttng-sessiond: %s", strerror(errno));
	session->daemon = fork();
	if (session->daemon < 0)
		return error_set(-errno, "cannot fork for lttng-sessiond: %s", strerror(errno));
	if (session->daemon == 0)
		run_daemon(session);
	return await_daemon(session);
}

static void end_daemon(struct session *session)
{
	int status;

	if (!session->daemon)
		return;
	kill(session->daemon, SIGTERM);
	for (unsigned int i = 0; i < session->patience_s && !daemon_ended(session, &status); i++)
		next_signal(session, 1000);
	if (session->daemon)
		kill(session->daemon, SIGKILL);
}

/* --- the session ------------------------------------------------------------- */

static int refused(int code, const char *what)
{
	return error_set(-EIO, "LTTng cannot %s: %s", what, lttng_strerror(code));
}

static int create(struct session *session)
{
	_cleanup_free_ char *url = format_text("file:///proc/%d/fd/%d", getpid(), UST_FOLDER_FD);
	struct lttng_domain domain = { .type = LTTNG_DOMAIN_UST, .buf_type = LTTNG_BUFFER_PER_UID };
	int r;

	if (!url)
		return -ENOMEM;
	r = lttng_create_session(SESSION, url);
	if (r < 0)
		return refused(r, "create a session");
	session->handle = lttng_create_handle(SESSION, &domain);
	return session->handle ? 0 : -ENOMEM;
}

static int enable(struct session *session)
{
	struct lttng_domain domain = session->handle->domain;
	struct lttng_channel *channel = lttng_channel_create(&domain);
	struct lttng_event event = { .type = LTTNG_EVENT_TRACEPOINT,
				     .name = UST_PROVIDER ":*",
				     .loglevel_type = LTTNG_EVENT_LOGLEVEL_ALL };
	int r;

	if (!channel)
		return -ENOMEM;
	strcpy(channel->name, CHANNEL);
	channel->attr.overwrite = 0;
	channel->attr.subbuf_size = SUBBUFFER_BYTES;
	channel->attr.num_subbuf = SUBBUFFERS;
	channel->attr.switch_timer_interval = SWITCH_TIMER_US;
	r = lttng_enable_channel(session->handle, channel);
	lttng_channel_destroy(channel);
	if (r < 0)
		return refused(r, "make a channel");
	r = lttng_enable_event(session->handle, &event, CHANNEL);
	if (r < 0)
		return refused(r, "enable the events " UST_PROVIDER ":*");
	r = lttng_start_tracing(SESSION);
	return r < 0 ? refused(r, "start the session") : 0;
}

static bool vmm_is_there(const struct session *session)
{
	struct lttng_event *events = NULL;
	int count = lttng_list_tracepoints(session->handle, &events);
	bool found = false;

	for (int i = 0; i < count; i++)
		found |= !strcmp(events[i].name, UST_PROVIDER ":" UST_EVENT_STAY);
	free(events);
	return found;
}

/* A kill of the daemon takes the metadata with it that no stop has put into the file. */
static void make_safe(struct session *session)
{
	if (!vmm_is_there(session))
		return;
	session->safe = lttng_stop_tracing(SESSION) >= 0 && lttng_start_tracing(SESSION) >= 0;
	if (session->safe)
		close(open(UST_SAFE_FILE, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

/* Until standard input ends, 0; or until the daemon does. */
static int watch(struct session *session)
{
	struct pollfd wait[] = { { .fd = UST_CONTROL_FD, .events = POLLIN },
				 { .fd = session->signals, .events = POLLIN } };
	int status = 0;

	while (!daemon_ended(session, &status)) {
		alarm(session->patience_s);
		if (!session->safe)
			make_safe(session);
		alarm(0);
		if (poll(wait, 2, session->safe ? -1 : LOOK_MS) < 0 && errno != EINTR)
			return -errno;
		if (wait[0].revents)
			return 0;
		if (wait[1].revents)
			next_signal(session, 0);
	}
	return -ECHILD;
}

static int run(struct session *session)
{
	int r = start_daemon(session);

	alarm(session->patience_s);
	if (r >= 0)
		r = create(session);
	if (r >= 0)
		r = enable(session);
	alarm(0);
	if (r < 0) {
		printf(UST_SAYS_NO "%s\n", error_text(r));
		return r;
	}
	puts(UST_SAYS_READY);
	r = watch(session);
	if (r < 0)
		puts(UST_SAYS_GONE);
	return r;
}

/* What the daemon holds goes to the files, as far as it lives. */
static void end(struct session *session)
{
	alarm(session->patience_s);
	if (session->handle && session->daemon) {
		lttng_stop_tracing(SESSION);
		lttng_destroy_session(SESSION);
	}
	lttng_destroy_handle(session->handle);
	alarm(0);
	end_daemon(session);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
	return remove(path), 0;
}

int main(int argc, char **argv)
{
	struct session session = { .signals = -1 };
	int r;

	if (argc != 3 || chdir(argv[1]) < 0) {
		fputs("usage: hyptrace-ust-session HOME SECONDS; 'hyptrace record --vmm' starts "
		      "it\n",
		      stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN); /* the recorder may be gone: what was started ends all the same */
	session.home = argv[1];
	session.patience_s = (unsigned int)strtoul(argv[2], NULL, 10);
	r = run(&session);
	end(&session);
	nftw(session.home, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
	return r < 0;
}
