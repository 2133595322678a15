/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/lab/session.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kvm-arm/lab/frame.h"

/* A pipe that poll() calls writable takes that much without making us wait. */
enum { LOOK_MS = 5000 }; /* for a host that still answers */

enum { CHUNK = PIPE_BUF, TAIL = 2048, RUNNING = -1, MS_PER_S = 1000, NS_PER_MS = 1000000 };

struct session {
	const struct emulator *emulator;
	int signals;
	bool verbose;
	bool port_open, console_open, input_open;
	bool looking; /* the time is over; the host was asked what its threads are at */
	int status;   /* RUNNING until the last frame */

	/* Bytes from the port: those before `from` are dealt with. */
	char bytes[65536];
	size_t from, to;
	struct lab_frame frame; /* the frame they belong to */
	size_t head_filled;	/* how much of it has arrived */
	uint32_t payload_left;

	/* One frame for the port, and how much of it is sent. */
	char typed[sizeof(struct lab_frame) + CHUNK];
	size_t typed_from, typed_to;

	char tail[TAIL + 1]; /* the console's last bytes, and room for a NUL */
	size_t tail_length;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

static bool frame_is_whole(const struct session *session)
{
	return session->head_filled == sizeof(session->frame) && !session->payload_left;
}

/* Where the current frame's payload goes, -1 where nothing waits to be written. */
static int target(const struct session *session)
{
	if (session->from == session->to || !session->payload_left)
		return -1;
	switch (session->frame.kind) {
	case LAB_STDOUT:
		return STDOUT_FILENO;
	case LAB_STDERR:
		return STDERR_FILENO;
	default:
		return -1;
	}
}

static void take_header(struct session *session)
{
	size_t want = sizeof(session->frame) - session->head_filled;
	size_t n = session->to - session->from < want ? session->to - session->from : want;

	memcpy((char *)&session->frame + session->head_filled, session->bytes + session->from, n);
	session->from += n;
	session->head_filled += n;
	if (session->head_filled == sizeof(session->frame))
		session->payload_left = session->frame.length;
}

static void take_status(struct session *session)
{
	session->status = (unsigned char)session->bytes[session->from];
	session->from++;
	session->payload_left--;
}

/* Goes over bytes until some have to be written, or there are no more. */
static int decode(struct session *session)
{
	while (session->from < session->to && target(session) < 0) {
		if (frame_is_whole(session))
			session->head_filled = 0;
		if (session->head_filled < sizeof(session->frame))
			take_header(session);
		else if (session->frame.kind == LAB_STATUS)
			take_status(session);
		else
			return error_set(-EPROTO, "lab: the emulated host sent a frame of kind %u",
					 session->frame.kind);
	}
	return 0;
}

static int receive(struct session *session)
{
	ssize_t n =
		recv(session->emulator->port, session->bytes, sizeof(session->bytes), MSG_DONTWAIT);

	if (n > 0) {
		session->from = 0;
		session->to = n;
		return decode(session);
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		session->port_open = false;
	return 0;
}

static int write_out(struct session *session, int fd)
{
	size_t length = session->to - session->from;
	ssize_t n;

	if (length > session->payload_left)
		length = session->payload_left;
	n = write(fd, session->bytes + session->from, length > CHUNK ? CHUNK : length);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return error_set(-errno, "lab: cannot write to standard %s: %m",
				 fd == STDOUT_FILENO ? "output" : "error");
	if (n > 0) {
		session->from += n;
		session->payload_left -= n;
	}
	return decode(session);
}

/* Reading in the background would stop us. */
static bool may_read_input(void)
{
	return !isatty(STDIN_FILENO) || tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static void read_input(struct session *session)
{
	struct lab_frame head = { LAB_STDIN, 0 };
	ssize_t n;

	if (!may_read_input())
		n = 0;
	else
		n = read(STDIN_FILENO, session->typed + sizeof(head), CHUNK);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	head.length = n < 0 ? 0 : n;
	session->input_open = n > 0;
	memcpy(session->typed, &head, sizeof(head));
	session->typed_from = 0;
	session->typed_to = sizeof(head) + head.length;
}

static void send_input(struct session *session)
{
	ssize_t n = send(session->emulator->port, session->typed + session->typed_from,
			 session->typed_to - session->typed_from, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0)
		session->typed_from += n;
}

static void keep_tail(struct session *session, const char *bytes, size_t length)
{
	size_t keep = length < TAIL ? TAIL - length : 0;
	size_t drop;

	if (length > TAIL) {
		bytes += length - TAIL;
		length = TAIL;
	}
	drop = session->tail_length > keep ? session->tail_length - keep : 0;
	memmove(session->tail, session->tail + drop, session->tail_length - drop);
	session->tail_length -= drop;
	memcpy(session->tail + session->tail_length, bytes, length);
	session->tail_length += length;
}

static void read_console(struct session *session)
{
	char bytes[4096];
	ssize_t n = recv(session->emulator->console, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		session->console_open = false;
	if (n <= 0)
		return;
	keep_tail(session, bytes, n);
	if (session->verbose && write(STDERR_FILENO, bytes, n) < 0)
		session->verbose = false;
}

/* Cuts the line that `at` is in out of the console's tail. */
static const char *console_line(struct session *session, char *at)
{
	char *from = at;

	while (from > session->tail && from[-1] != '\n')
		from--;
	at[strcspn(at, "\r\n")] = '\0';
	return from;
}

/* What the console said that explains an early end best: a known cause, or its last words. */
static const char *last_words(struct session *session)
{
	static const char *const causes[] = { "lab-init: ", "Kernel panic" };
	char *end = session->tail + session->tail_length;

	*end = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		char *at = strstr(session->tail, causes[i]);

		if (at)
			return console_line(session, at);
	}
	while (end > session->tail && strchr(" \r\n\t", end[-1]))
		*--end = '\0';
	return end > session->tail ? console_line(session, end - 1) : "its console was silent";
}

/* Returns 1 where a signal asks us to end. */
static int take_signal(struct session *session, struct session_result *result)
{
	struct signalfd_siginfo info;

	if (read(session->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 0;
	*result = (struct session_result){ SESSION_SIGNAL, (int)info.ssi_signo };
	return 1;
}

enum { SIGNALS, PORT, CONSOLE, INPUT, OUTPUT, SOURCES };

static void prepare(const struct session *session, struct pollfd fds[static SOURCES])
{
	bool typed = session->typed_from < session->typed_to;
	short port = (session->from == session->to ? POLLIN : 0) | (typed ? POLLOUT : 0);

	fds[SIGNALS] = (struct pollfd){ session->signals, POLLIN, 0 };
	fds[PORT] = (struct pollfd){ session->port_open && port ? session->emulator->port : -1,
				     port, 0 };
	fds[CONSOLE] = (struct pollfd){ session->console_open ? session->emulator->console : -1,
					POLLIN, 0 };
	fds[INPUT] =
		(struct pollfd){ session->input_open && !typed ? STDIN_FILENO : -1, POLLIN, 0 };
	fds[OUTPUT] = (struct pollfd){ target(session), POLLOUT, 0 };
}

static int serve(struct session *session, const struct pollfd fds[static SOURCES])
{
	int r = 0;

	if (fds[CONSOLE].revents)
		read_console(session);
	if (fds[INPUT].revents)
		read_input(session);
	if (fds[PORT].revents & POLLOUT)
		send_input(session);
	if (fds[OUTPUT].revents)
		r = write_out(session, fds[OUTPUT].fd);
	else if (fds[PORT].revents & ~POLLOUT)
		r = receive(session);
	return r;
}

/* Puts a frame in place of what waits to be sent; COMMAND gets no more input. */
static void ask_for_look(struct session *session)
{
	const struct lab_frame head = { LAB_LOOK, 0 };

	session->looking = true;
	session->input_open = false;
	if (session->typed_from < session->typed_to)
		return; /* the host does not read */
	memcpy(session->typed, &head, sizeof(head));
	session->typed_from = 0;
	session->typed_to = sizeof(head);
}

/* Returns 1 when the session is over and *result says how, 0 to go on. */
static int step(struct session *session, int64_t deadline_ms, struct session_result *result)
{
	struct pollfd fds[SOURCES];
	int64_t left_ms = deadline_ms - now_ms();
	int r;

	if (session->status != RUNNING) {
		*result = (struct session_result){ SESSION_DONE, session->status };
		return 1;
	}
	if (!session->port_open && !session->console_open)
		return error_set(-EIO, "lab: the emulated host ended before COMMAND did: %s",
				 last_words(session));
	if (left_ms <= 0 && !session->looking) {
		ask_for_look(session);
		fprintf(stderr, "hyptrace: lab: the time is over; the host's threads:\n");
	}
	left_ms += session->looking ? LOOK_MS : 0;
	if (left_ms <= 0) {
		*result = (struct session_result){ SESSION_TIME_OUT, 0 };
		return 1;
	}
	prepare(session, fds);
	r = poll(fds, SOURCES, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
	if (r < 0)
		return errno == EINTR ? 0 : error_set(-errno, "lab: cannot wait for COMMAND: %m");
	if (fds[SIGNALS].revents)
		return take_signal(session, result);
	return serve(session, fds);
}

/* From here on these signals are read, not delivered. */
static int watch_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	return fd < 0 ? error_set(-errno, "lab: cannot watch for signals: %m") : fd;
}

int session_run(const struct emulator *emulator, int time_limit_s, bool verbose,
		struct session_result *ret_result)
{
	_cleanup_free_ struct session *session = calloc(1, sizeof(*session));
	_cleanup_close_ int signals = watch_signals();
	int64_t deadline_ms = now_ms() + (int64_t)time_limit_s * MS_PER_S;
	struct session_result result;
	int r = 0;

	if (signals < 0)
		return signals;
	if (!session)
		return -ENOMEM;
	session->emulator = emulator;
	session->signals = signals;
	session->verbose = verbose;
	session->status = RUNNING;
	session->port_open = session->console_open = session->input_open = true;
	while (r == 0)
		r = step(session, deadline_ms, &result);
	if (r < 0)
		return r;
	*ret_result = result;
	return 0;
}
