/* SPDX-License-Identifier: GPL-2.0-only */
/* Who gets a mark, where others have prepared sockets: in a /tmp and a /run of its own. */
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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "collector/facts.h"
#include "collector/marks.h"

#define FOLDER "/tmp/hyptrace-test"
#define SOCKET FOLDER "/1.mark"

enum { ROOT = 0, USER = 65534, OTHER = 65533, QUEUE_MOST = 1000 };

static int set_up(void **state)
{
	bool alone = unshare(CLONE_NEWNS) == 0 &&
		     mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		     mount("none", "/tmp", "tmpfs", 0, "mode=1777") == 0 &&
		     mount("none", "/run", "tmpfs", 0, "mode=755") == 0;

	*state = alone ? "" : NULL;
	return 0;
}

/* A socket in a folder, of these owners; its descriptor. */
static int prepare(uid_t folder, mode_t mode, uid_t socket_owner)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = SOCKET };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	unlink(SOCKET);
	rmdir(FOLDER);
	assert_int_equal(mkdir(FOLDER, 0700), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(chmod(SOCKET, 0666), 0);
	assert_int_equal(chown(SOCKET, socket_owner, socket_owner), 0);
	assert_int_equal(chmod(FOLDER, mode), 0);
	assert_int_equal(chown(FOLDER, folder, folder), 0);
	return fd;
}

/* How many recordings got the mark that this user sends. */
static int send_as(uid_t uid)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (setgroups(0, NULL) < 0 || setgid(uid) < 0 || setuid(uid) < 0)
			_exit(99);
		_exit(marks_send(clock_now_ns(), "secret"));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const struct {
	uid_t folder;
	mode_t mode;
	uid_t socket, sender;
	int sent;
} rows[] = {
	{ USER, 0700, USER, USER, 1 },	 { ROOT, 0700, ROOT, ROOT, 1 },
	{ USER, 0700, USER, ROOT, 1 }, /* root reaches those of all */
	{ OTHER, 0777, OTHER, USER, 0 }, { OTHER, 0755, OTHER, USER, 0 },
	{ OTHER, 0700, OTHER, USER, 0 }, { USER, 0755, USER, USER, 0 }, /* others could be in it */
	{ USER, 0777, USER, ROOT, 0 },	 { USER, 0700, OTHER, ROOT, 0 },
	{ USER, 0700, ROOT, ROOT, 0 }, /* moved there */
};

static void only_private_folders_count(void **state)
{
	if (!*state)
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_close_ int fd = prepare(rows[i].folder, rows[i].mode, rows[i].socket);
		int sent = send_as(rows[i].sender);
		struct mark mark = { 0 };

		if (sent != rows[i].sent)
			print_message("row %zu: %d\n", i, sent);
		assert_int_equal(sent, rows[i].sent);
		assert_int_equal(recv(fd, &mark, sizeof(mark), 0) > 0, rows[i].sent);
		assert_string_equal(mark.text, rows[i].sent ? "secret" : "");
	}
}

static void a_link_is_no_folder(void **state)
{
	_cleanup_close_ int fd = -1;
	char byte;

	if (!*state)
		skip();
	fd = prepare(ROOT, 0700, ROOT);
	assert_int_equal(rename(FOLDER, "/tmp/elsewhere"), 0);
	assert_int_equal(symlink("/tmp/elsewhere", FOLDER), 0);
	assert_int_equal(send_as(ROOT), 0);
	assert_int_equal(recv(fd, &byte, 1, 0), -1);
	unlink(FOLDER);
	rename("/tmp/elsewhere", FOLDER);
}

/* What a recording has left that was killed goes, but never by another user. */
static void only_the_owner_clears_up(void **state)
{
	if (!*state)
		skip();
	close(prepare(USER, 0700, USER));
	assert_int_equal(send_as(ROOT), 0);
	assert_int_equal(access(SOCKET, F_OK), 0);
	assert_int_equal(send_as(USER), 0);
	assert_int_equal(access(SOCKET, F_OK), -1);
	close(prepare(USER, 0777, USER));
	assert_int_equal(send_as(ROOT), 0);
	assert_int_equal(access(SOCKET, F_OK), 0);
}

/* Two sockets whose owner reads nothing hold root up once. */
static void nobody_is_held_up_twice(void **state)
{
	_cleanup_close_ int first = -1, second = -1;
	uint64_t begin_ns = 0;
	int sent = 2;

	if (!*state)
		skip();
	first = prepare(USER, 0700, USER);
	assert_int_equal(rename(FOLDER, "/tmp/hyptrace-first"), 0);
	second = prepare(USER, 0700, USER);
	for (int i = 0; i < QUEUE_MOST && sent == 2; i++) {
		begin_ns = clock_now_ns();
		sent = send_as(ROOT);
	}
	assert_int_equal(sent, 0);
	assert_true(clock_now_ns() - begin_ns < UINT64_C(3500000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_private_folders_count),
		cmocka_unit_test(a_link_is_no_folder),
		cmocka_unit_test(only_the_owner_clears_up),
		cmocka_unit_test(nobody_is_held_up_twice),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
