// SPDX-License-Identifier: GPL-2.0-only
/*
 * attach-empty [--ring] TRACEPOINT... -- COMMAND...: attaches an empty BPF program to
 * each tracepoint, in that order, runs COMMAND, and detaches; --ring: one that puts a
 * small record into a ring, which is read every 10 ms. Exits with COMMAND's status; 126
 * where one could not be attached, so that nothing was run.
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

enum { NOT_RUNNABLE = 126, SIGNAL_BASE = 128, MOST = 8, TURN_US = 10000 };

static bool load(struct empty *skeleton, const char *tracepoint, bool with_ring)
{
	struct bpf_program *used = skeleton->progs.empty, *unused = skeleton->progs.least;

	if (with_ring) {
		used = skeleton->progs.least;
		unused = skeleton->progs.empty;
	}
	return !bpf_program__set_attach_target(used, 0, tracepoint) &&
	       !bpf_program__set_autoload(unused, false) && !empty__load(skeleton) &&
	       !empty__attach(skeleton);
}

static struct empty *attach(const char *tracepoint, bool with_ring)
{
	struct empty *skeleton = empty__open();

	if (skeleton && load(skeleton, tracepoint, with_ring))
		return skeleton;
	fprintf(stderr, "attach-empty: cannot attach to %s: %s\n", tracepoint, strerror(errno));
	empty__destroy(skeleton);
	return NULL;
}

static int ignore(void *context, void *record, size_t size)
{
	return 0;
}

/* Waits for the end of COMMAND; reads the ring of the program meanwhile, where there is one. */
static pid_t await(pid_t pid, const struct empty *with_ring, int *ret_status)
{
	struct ring_buffer *ring = NULL;
	pid_t ended;

	if (with_ring)
		ring = ring_buffer__new(bpf_map__fd(with_ring->maps.ring), ignore, NULL, NULL);
	while (ring && !(ended = waitpid(pid, ret_status, WNOHANG))) {
		ring_buffer__consume(ring);
		usleep(TURN_US);
	}
	if (!ring)
		ended = waitpid(pid, ret_status, 0);
	ring_buffer__free(ring);
	return ended;
}

static int run(char **command, const struct empty *with_ring)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execvp(command[0], command);
		fprintf(stderr, "attach-empty: cannot run %s: %s\n", command[0], strerror(errno));
		_exit(NOT_RUNNABLE);
	}
	if (pid < 0 || await(pid, with_ring, &status) < 0)
		return NOT_RUNNABLE;
	return WIFSIGNALED(status) ? SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	struct empty *skeletons[MOST] = { NULL };
	bool attached = true, with_ring = argc > 1 && !strcmp(argv[1], "--ring");
	int count = 0, status;

	libbpf_set_print(NULL);
	argc -= with_ring;
	argv += with_ring;
	while (count + 2 < argc && count < MOST && strcmp(argv[count + 1], "--") != 0)
		count++;
	if (!count || count + 2 >= argc || strcmp(argv[count + 1], "--") != 0) {
		fprintf(stderr, "usage: attach-empty [--ring] TRACEPOINT... -- COMMAND...\n");
		return 2;
	}
	for (int i = 0; attached && i < count; i++) {
		skeletons[i] = attach(argv[i + 1], with_ring);
		attached = skeletons[i];
	}
	status = attached ? run(argv + count + 2, with_ring ? skeletons[count - 1] : NULL)
			  : NOT_RUNNABLE;
	while (count--)
		empty__destroy(skeletons[count]);
	return status;
}
