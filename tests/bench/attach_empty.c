// SPDX-License-Identifier: GPL-2.0-only
/*
 * attach-empty TRACEPOINT... -- COMMAND...: attaches an empty BPF program to each
 * tracepoint, in that order, runs COMMAND, and detaches. Exits with COMMAND's
 * status; 126 where one could not be attached, so that nothing was run.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "tests/bench/empty.skel.h"

enum { NOT_RUNNABLE = 126, SIGNAL_BASE = 128, MOST = 8 };

static struct empty *attach(const char *tracepoint)
{
	struct empty *skeleton = empty__open();

	if (skeleton && !bpf_program__set_attach_target(skeleton->progs.empty, 0, tracepoint) &&
	    !empty__load(skeleton) && !empty__attach(skeleton))
		return skeleton;
	fprintf(stderr, "attach-empty: cannot attach to %s: %s\n", tracepoint, strerror(errno));
	empty__destroy(skeleton);
	return NULL;
}

static int run(char **command)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execvp(command[0], command);
		fprintf(stderr, "attach-empty: cannot run %s: %s\n", command[0], strerror(errno));
		_exit(NOT_RUNNABLE);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return NOT_RUNNABLE;
	return WIFSIGNALED(status) ? SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	struct empty *skeletons[MOST] = { NULL };
	bool attached = true;
	int count = 0, status;

	libbpf_set_print(NULL);
	while (count + 2 < argc && count < MOST && strcmp(argv[count + 1], "--") != 0)
		count++;
	if (!count || count + 2 >= argc || strcmp(argv[count + 1], "--") != 0) {
		fprintf(stderr, "usage: attach-empty TRACEPOINT... -- COMMAND...\n");
		return 2;
	}
	for (int i = 0; attached && i < count; i++) {
		skeletons[i] = attach(argv[i + 1]);
		attached = skeletons[i];
	}
	status = attached ? run(argv + count + 2) : NOT_RUNNABLE;
	while (count--)
		empty__destroy(skeletons[count]);
	return status;
}
