/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/process.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMESPACE_FILE "/proc/self/ns/pid"
#define FIRST_PROCESS "/proc/1"

/* The kernel's PROC_PID_INIT_INO. */
enum { FIRST_NAMESPACE_INODE = 0xEFFFFFFC };

static bool in_first_namespace(void)
{
	struct stat found;

	return stat(NAMESPACE_FILE, &found) < 0 || found.st_ino == FIRST_NAMESPACE_INODE;
}

/* Not by /proc, which need not show other users' processes. */
static bool does_not_exist(uint32_t pid)
{
	return kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

bool process_is_gone(uint32_t pid)
{
	return does_not_exist(pid) && in_first_namespace();
}

const char *process_obstacle(bool all)
{
	if (!in_first_namespace())
		return "in a PID namespace (a container) processes have other numbers than the "
		       "kernel's: -p and COMMAND find no VM, -a no names; run it on the host";
	if (all && access(FIRST_PROCESS, F_OK) < 0 && !does_not_exist(1))
		return "/proc hides other users' processes (hidepid): their VMs are named by their "
		       "command, and not asked for devices; join the group of /proc's option gid=";
	return NULL;
}
