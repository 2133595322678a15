/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said to a QEMU, which this program plays for itself: with arguments it is one. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "collector/device_finder.h"
#include "collector/facts.h"
#include "collector/qmp.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n"
#define DONE "{\"return\": {}}\r\n"
#define EVENT "{\"event\": \"RESUME\", \"data\": {}}\r\n"
#define TREE                                                                                       \
	"FlatView #0\\r\\n AS \\\"memory\\\", root: system\\r\\n"                                  \
	"  0000000009000000-0000000009000fff (prio 1, i/o): pl011\\r\\n"

/* What is sent at once, behind the first line heard, behind the second. */
static const struct manner {
	const char *name, *say[3];
	int result;
} manners[] = {
	{ "good", { GREETING, DONE, EVENT "{\"return\": \"" TREE "\"}\r\n" }, 0 },
	{ "pretty",
	  { "{\r\n  \"QMP\": {\r\n  }\r\n}\r\n", "{\r\n    \"return\": {\r\n    }\r\n}\r\n",
	    "{\r\n    \"return\": \"" TREE "\"\r\n}\r\n" },
	  0 },
	{ "refusing",
	  { GREETING, DONE, "{\"error\": {\"class\": \"CommandNotFound\"}}\r\n" },
	  -EPROTO },
	{ "other", { "220 mail ready\r\n" }, -EPROTO },
	{ "numbers", { GREETING, DONE, "{\"return\": 5}\r\n" }, -EPROTO },
	{ "cut", { GREETING, DONE, "{\"return\": \"" }, -EPIPE },
	{ "leaving", { GREETING }, -EPIPE },
	{ "silent", { GREETING, DONE, "" }, -ETIMEDOUT },
};

/* --- the QEMU ----------------------------------------------------------------- */

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 1) < 0)
		exit(2);
	return fd;
}

static int play(const char *path, const char *name)
{
	const struct manner *manner = manners;
	char heard[256];
	int fd;

	while (strcmp(manner->name, name))
		manner++;
	fd = accept(listen_at(path), NULL, NULL);
	for (int i = 0; i < 3; i++) {
		if (i && read(fd, heard, sizeof(heard)) <= 0)
			return 1;
		if (!manner->say[i])
			return 0;
		if (write(fd, manner->say[i], strlen(manner->say[i])) < 0)
			return 1;
	}
	if (manner->result == -ETIMEDOUT)
		pause();
	return 0;
}

/* --- who asks ----------------------------------------------------------------- */

struct qemu {
	char folder[32], path[64];
	pid_t pid;
};

static void begin(struct qemu *qemu, const char *manner)
{
	_cleanup_free_ char *option = NULL;

	strcpy(qemu->folder, "/tmp/hyptrace-qmp-XXXXXX");
	assert_non_null(mkdtemp(qemu->folder));
	snprintf(qemu->path, sizeof(qemu->path), "%s/qmp", qemu->folder);
	assert_true(asprintf(&option, "unix:%s,server=on,wait=off", qemu->path) > 0);
	qemu->pid = fork();
	if (!qemu->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("/proc/self/exe", "qemu", "-qmp", option, manner, qemu->path, NULL);
		_exit(3);
	}
	for (int i = 0; i < 500 && access(qemu->path, F_OK) < 0; i++)
		usleep(10000);
	usleep(10000); /* until it listens */
}

static void end(struct qemu *qemu)
{
	kill(qemu->pid, SIGKILL);
	waitpid(qemu->pid, NULL, 0);
	unlink(qemu->path);
	rmdir(qemu->folder);
}

static void every_manner(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(manners); i++) {
		_cleanup_free_ char *text = NULL;
		uint64_t begin_ns = clock_now_ns();
		struct qemu qemu;
		int r;

		begin(&qemu, manners[i].name);
		r = qmp_memory_tree((uint32_t)qemu.pid, &text);
		end(&qemu);
		if (r != manners[i].result)
			print_message("%s: %d\n", manners[i].name, r);
		assert_int_equal(r, manners[i].result);
		if (r == 0)
			assert_non_null(strstr(text, "9000fff (prio 1, i/o): pl011"));
		assert_true(clock_now_ns() - begin_ns < 10 * UINT64_C(1000000000));
	}
}

/* The socket is in QEMU's command line, but this process has taken its place. */
static void another_process_listens(void **state)
{
	_cleanup_free_ char *text = NULL;
	struct qemu qemu;
	int fd;

	(void)state;
	begin(&qemu, "good");
	unlink(qemu.path);
	fd = listen_at(qemu.path);
	assert_int_equal(qmp_memory_tree((uint32_t)qemu.pid, &text), -EREMOTE);
	close(fd);
	end(&qemu);
}

static void nobody_is_there(void **state)
{
	_cleanup_free_ char *text = NULL;
	struct qemu qemu;

	(void)state;
	assert_int_equal(qmp_memory_tree((uint32_t)getpid(), &text), -ENOENT);
	begin(&qemu, "good");
	unlink(qemu.path);
	assert_int_equal(qmp_memory_tree((uint32_t)qemu.pid, &text), -ECONNREFUSED);
	end(&qemu);
	assert_int_equal(qmp_memory_tree((uint32_t)qemu.pid, &text), -ENOENT);
}

/* Whoever asks goes on meanwhile, and is not kept from ending. */
static void the_finder_does_not_wait(void **state)
{
	struct device_finder finder = { 0 };
	const struct device_range *range;
	struct qemu good, silent;
	uint64_t begin_ns;

	(void)state;
	begin(&silent, "silent");
	begin(&good, "good");
	begin_ns = clock_now_ns();
	assert_int_equal(device_finder_meet(&finder, (uint32_t)silent.pid), 0);
	assert_int_equal(device_finder_turn(&finder, begin_ns), 0);
	assert_int_equal(device_finder_meet(&finder, (uint32_t)good.pid), 0);
	assert_int_equal(device_finder_meet(&finder, (uint32_t)good.pid), 0);
	assert_int_equal(finder.count, 2);
	assert_int_equal(device_finder_turn(&finder, begin_ns), 0);
	assert_true(clock_now_ns() - begin_ns < UINT64_C(1000000000));
	assert_int_equal(finder.map.count, 0);
	assert_int_equal(device_finder_finish(&finder), 0);
	range = device_map_find(&finder.map, (uint32_t)good.pid, 0x9000004);
	assert_non_null(range);
	assert_string_equal(range->name, "pl011");
	assert_int_equal(range->source, DEVICE_BY_VMM);
	device_finder_release(&finder);
	end(&good);
	end(&silent);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_manner),
		cmocka_unit_test(another_process_listens),
		cmocka_unit_test(nobody_is_there),
		cmocka_unit_test(the_finder_does_not_wait),
	};

	if (argc == 5)
		return play(argv[4], argv[3]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
