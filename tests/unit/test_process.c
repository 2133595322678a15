/* SPDX-License-Identifier: GPL-2.0-only */
/* Which processes are gone: also where they may not be signalled, and /proc hides them. */
#include <grp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/process.h"

enum { NOBODY = 65534, CANNOT = 77 };

static void one_is_gone_once_it_was_reaped(void **state)
{
	siginfo_t end;
	pid_t pid = fork();

	(void)state;
	if (!pid)
		_exit(0);
	assert_false(process_is_gone((uint32_t)getpid()));
	assert_int_equal(waitid(P_PID, (id_t)pid, &end, WEXITED | WNOWAIT), 0);
	assert_false(process_is_gone((uint32_t)pid));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(process_is_gone((uint32_t)pid));
}

static bool become_nobody(void)
{
	return setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0;
}

/* Runs `part` in a child of its own; skips the test where it may not do what it needs. */
static void run_apart(int (*part)(pid_t parent))
{
	pid_t parent = getpid(), pid = fork();
	int status;

	if (!pid)
		_exit(part(parent));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == CANNOT)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int look_as_nobody(pid_t parent)
{
	if (!become_nobody())
		return CANNOT;
	if (process_is_gone((uint32_t)parent))
		return 1;
	return process_obstacle(true) ? 2 : 0;
}

static void anothers_process_is_there(void **state)
{
	(void)state;
	run_apart(look_as_nobody);
}

static int look_where_proc_hides(pid_t parent)
{
	char path[32];
	const char *text;

	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", 0, "hidepid=2") < 0 || !become_nobody())
		return CANNOT;
	snprintf(path, sizeof(path), "/proc/%d", parent);
	if (access(path, F_OK) == 0)
		return CANNOT;
	if (process_is_gone((uint32_t)parent))
		return 1;
	text = process_obstacle(true);
	return text && strstr(text, "hidepid") && !process_obstacle(false) ? 0 : 2;
}

static void a_hidden_process_is_there(void **state)
{
	(void)state;
	run_apart(look_where_proc_hides);
}

/* This process's number is another one there. */
static int look_in_a_namespace(pid_t parent)
{
	const char *text;
	int status;
	pid_t pid;

	if (unshare(CLONE_NEWPID) < 0)
		return CANNOT;
	pid = fork();
	if (!pid) {
		if (process_is_gone((uint32_t)parent))
			_exit(1);
		text = process_obstacle(false);
		_exit(text && strstr(text, "namespace") ? 0 : 2);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

static void nothing_is_known_in_a_namespace(void **state)
{
	(void)state;
	run_apart(look_in_a_namespace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_is_gone_once_it_was_reaped),
		cmocka_unit_test(anothers_process_is_there),
		cmocka_unit_test(a_hidden_process_is_there),
		cmocka_unit_test(nothing_is_known_in_a_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
