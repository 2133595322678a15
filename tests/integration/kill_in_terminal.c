/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kill_in_terminal LEAST_MS MOST_MS COMMAND...: runs a recording COMMAND on a
 * terminal of its own, and from its first progress line on waits for a random
 * time; then kill -9. Prints how many exits the last progress line counted, and
 * CLOCK_MONOTONIC at the kill [ns].
 */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 256, PATIENCE_MS = 20000, NS_PER_MS = 1000000 };

struct terminal {
	int fd;
	char line[LINE_BYTES]; /* since the last carriage return */
	size_t length;
	long long exits; /* -1 before the first progress line */
};

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* "  12,345 exits ..." */
static void read_count(struct terminal *terminal)
{
	const char *end = strstr(terminal->line, " exits");
	long long count = 0;

	if (!end)
		return;
	for (const char *c = terminal->line; c < end; c++)
		if (*c >= '0' && *c <= '9')
			count = count * 10 + *c - '0';
	terminal->exits = count;
}

static void take_byte(struct terminal *terminal, char byte)
{
	if (byte == '\r' || byte == '\n') {
		terminal->length = 0;
		return;
	}
	if (terminal->length + 1 < LINE_BYTES)
		terminal->line[terminal->length++] = byte;
	terminal->line[terminal->length] = '\0';
	read_count(terminal);
}

/* Reads what there is, waiting for up to `wait_ms`. False at the end. */
static bool read_some(struct terminal *terminal, int wait_ms)
{
	struct pollfd poll_fd = { .fd = terminal->fd, .events = POLLIN };
	char bytes[512];
	ssize_t n;

	if (poll(&poll_fd, 1, wait_ms) <= 0)
		return true;
	n = read(terminal->fd, bytes, sizeof(bytes));
	for (ssize_t i = 0; i < n; i++)
		take_byte(terminal, bytes[i]);
	return n > 0;
}

static bool read_until_progress(struct terminal *terminal)
{
	long long end_ns = now_ns() + (long long)PATIENCE_MS * NS_PER_MS;

	while (terminal->exits < 0 && now_ns() < end_ns)
		if (!read_some(terminal, 100))
			break;
	return terminal->exits >= 0;
}

static void read_for(struct terminal *terminal, long long ms)
{
	long long end_ns = now_ns() + ms * NS_PER_MS, left_ns;

	while ((left_ns = end_ns - now_ns()) > 0)
		if (!read_some(terminal, (int)(left_ns / NS_PER_MS)))
			break;
}

static int kill_at_random(struct terminal *terminal, pid_t pid, int least_ms, int most_ms)
{
	bool began = read_until_progress(terminal);
	unsigned int random = 0;
	long long killed_ns;

	getrandom(&random, sizeof(random), 0);
	if (began)
		read_for(terminal, least_ms + random % (unsigned int)(most_ms - least_ms + 1));
	killed_ns = now_ns();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	read_for(terminal, 10);
	if (!began) {
		fprintf(stderr, "no progress line; the terminal shows '%s'\n", terminal->line);
		return 1;
	}
	printf("%lld %lld\n", terminal->exits, killed_ns);
	return 0;
}

int main(int argc, char **argv)
{
	struct terminal terminal = { .exits = -1 };
	pid_t pid;

	if (argc < 4)
		return 2;
	pid = forkpty(&terminal.fd, NULL, NULL, NULL);
	if (pid < 0)
		return 2;
	if (pid == 0) {
		/* Of nohup: what runs in a terminal goes with it. */
		signal(SIGHUP, SIG_DFL);
		execv(argv[3], argv + 3);
		_exit(127);
	}
	return kill_at_random(&terminal, pid, atoi(argv[1]), atoi(argv[2]));
}
