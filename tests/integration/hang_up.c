/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hang_up MS COMMAND...: runs COMMAND as what leads the session of a terminal of its
 * own, and closes that after MS. Ends as COMMAND does, with 128 + n for signal n;
 * with 99 if it has not ended after 20 s.
 */
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000, LOOK_MS = 20, NS_PER_MS = 1000000, TOO_LATE = 99 };

static void wait_ms(long ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * NS_PER_MS };

	nanosleep(&time, NULL);
}

static int await(pid_t pid)
{
	int status;

	for (int ms = 0; ms < PATIENCE_MS; ms += LOOK_MS) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		wait_ms(LOOK_MS);
	}
	kill(pid, SIGKILL);
	return TOO_LATE;
}

int main(int argc, char **argv)
{
	int terminal;
	pid_t pid;

	if (argc < 3)
		return 2;
	pid = forkpty(&terminal, NULL, NULL, NULL);
	if (pid < 0)
		return 2;
	if (pid == 0) {
		signal(SIGHUP, SIG_DFL); /* under nohup, too */
		execv(argv[2], argv + 2);
		_exit(127);
	}
	wait_ms(atol(argv[1]));
	close(terminal);
	return await(pid);
}
