/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is said to a QEMU, which this program plays for itself: with arguments it is one.
 * And to real ones, where they are installed.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "collector/device_finder.h"
#include "collector/facts.h"
#include "collector/mtree.h"
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

/* Runs `command`, which listens at the path. */
static void start(struct qemu *qemu, const char *program, char *const command[])
{
	qemu->pid = fork();
	if (!qemu->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execvp(program, command);
		_exit(3);
	}
	for (int i = 0; i < 500 && access(qemu->path, F_OK) < 0; i++)
		usleep(10000);
	usleep(10000); /* until it listens */
}

static char *choose_path(struct qemu *qemu)
{
	char *option = NULL;

	strcpy(qemu->folder, "/tmp/hyptrace-qmp-XXXXXX");
	assert_non_null(mkdtemp(qemu->folder));
	snprintf(qemu->path, sizeof(qemu->path), "%s/qmp", qemu->folder);
	assert_true(asprintf(&option, "unix:%s,server=on,wait=off", qemu->path) > 0);
	return option;
}

static void begin(struct qemu *qemu, const char *manner)
{
	_cleanup_free_ char *option = choose_path(qemu);
	char *command[] = { "qemu", "-qmp", option, (char *)manner, qemu->path, NULL };

	start(qemu, "/proc/self/exe", command);
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
		r = qmp_memory_tree((uint32_t)qemu.pid, -1, &text);
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
	assert_int_equal(qmp_memory_tree((uint32_t)qemu.pid, -1, &text), -EREMOTE);
	close(fd);
	end(&qemu);
}

static void nobody_is_there(void **state)
{
	_cleanup_free_ char *text = NULL;
	struct qemu qemu;

	(void)state;
	assert_int_equal(qmp_memory_tree((uint32_t)getpid(), -1, &text), -ENOENT);
	begin(&qemu, "good");
	unlink(qemu.path);
	assert_int_equal(qmp_memory_tree((uint32_t)qemu.pid, -1, &text), -ECONNREFUSED);
	end(&qemu);
	assert_int_equal(qmp_memory_tree((uint32_t)qemu.pid, -1, &text), -ENOENT);
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

static void it_can_be_stopped(void **state)
{
	_cleanup_close_ int stop_fd = eventfd(1, EFD_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	uint64_t begin_ns = clock_now_ns();
	struct qemu qemu;

	(void)state;
	begin(&qemu, "silent");
	assert_int_equal(qmp_memory_tree((uint32_t)qemu.pid, stop_fd, &text), -ECANCELED);
	assert_true(clock_now_ns() - begin_ns < UINT64_C(1000000000));
	end(&qemu);
}

/* A second Ctrl-C while the finder waits. It is still there for whom it ends. */
static void a_signal_ends_the_wait(void **state)
{
	const struct timespec none = { 0 };
	struct device_finder finder = { 0 };
	struct qemu first, second;
	uint64_t begin_ns;
	sigset_t signals;

	(void)state;
	begin(&first, "silent");
	begin(&second, "silent");
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	assert_int_equal(device_finder_meet(&finder, (uint32_t)first.pid), 0);
	assert_int_equal(device_finder_meet(&finder, (uint32_t)second.pid), 0);
	begin_ns = clock_now_ns();
	assert_int_equal(device_finder_turn(&finder, begin_ns), 0);
	kill(getpid(), SIGINT);
	assert_int_equal(device_finder_finish(&finder), 0);
	assert_true(clock_now_ns() - begin_ns < UINT64_C(1000000000));
	assert_int_equal(sigtimedwait(&signals, NULL, &none), SIGINT);
	sigprocmask(SIG_UNBLOCK, &signals, NULL);
	device_finder_release(&finder);
	end(&first);
	end(&second);
}

/* A number may be another process's later, which is to be asked. */
static void who_has_ended_is_forgotten(void **state)
{
	struct device_finder finder = { 0 };
	struct qemu qemu;

	(void)state;
	begin(&qemu, "silent");
	assert_int_equal(device_finder_meet(&finder, (uint32_t)getpid()), 0);
	assert_int_equal(device_finder_meet(&finder, (uint32_t)qemu.pid), 0);
	assert_int_equal(device_finder_turn(&finder, clock_now_ns()), 0);
	assert_int_equal(finder.count, 2);
	end(&qemu);
	assert_int_equal(device_finder_turn(&finder, clock_now_ns()), 0);
	assert_int_equal(finder.count, 1);
	device_finder_release(&finder);
}

/* Devices that never move on a board, and one that the guest has not placed yet. */
static const struct board {
	const char *emulator, *machine;
	struct {
		uint64_t ipa;
		const char *name; /* NULL: there is none */
	} device[4];
} boards[] = {
	{ "qemu-system-x86_64",
	  "q35",
	  { { 0xfed00000, "hpet" },
	    { 0xfec00000, "ioapic" },
	    { 0xfee00000, "apic-msi" },
	    { 0xfebff000, NULL } } },
	{ "qemu-system-aarch64",
	  "virt",
	  { { 0x09000000, "pl011" },
	    { 0x08000000, "gic_dist" },
	    { 0x09010000, "pl031" },
	    { 0x40000000, NULL } } },
};

/* False where it is not installed. */
static bool begin_real(struct qemu *qemu, const struct board *board)
{
	_cleanup_free_ char *option = NULL, *look = NULL;
	char *command[] = { (char *)board->emulator,
			    "-machine",
			    (char *)board->machine,
			    "-nodefaults",
			    "-display",
			    "none",
			    "-S",
			    "-qmp",
			    NULL,
			    NULL };

	assert_true(asprintf(&look, "command -v %s >/dev/null", board->emulator) > 0);
	if (system(look))
		return false;
	option = choose_path(qemu);
	command[8] = option;
	start(qemu, board->emulator, command);
	return true;
}

static void ask_board(const struct board *board, uint32_t pid)
{
	struct device_map map = { 0 };
	_cleanup_free_ char *text = NULL;

	assert_int_equal(qmp_memory_tree(pid, -1, &text), 0);
	assert_int_equal(mtree_read(text, pid, &map), 0);
	for (size_t i = 0; i < ARRAY_SIZE(board->device); i++) {
		const struct device_range *range = device_map_find(&map, pid, board->device[i].ipa);

		if (!board->device[i].name)
			assert_null(range);
		else
			assert_string_equal(range ? range->name : "", board->device[i].name);
	}
	device_map_release(&map);
}

static void real_ones(void **state)
{
	unsigned int asked = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(boards); i++) {
		struct qemu qemu;

		if (!begin_real(&qemu, &boards[i]))
			continue;
		ask_board(&boards[i], (uint32_t)qemu.pid);
		asked++;
		end(&qemu);
	}
	if (!asked)
		skip();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_manner),
		cmocka_unit_test(another_process_listens),
		cmocka_unit_test(nobody_is_there),
		cmocka_unit_test(the_finder_does_not_wait),
		cmocka_unit_test(it_can_be_stopped),
		cmocka_unit_test(a_signal_ends_the_wait),
		cmocka_unit_test(who_has_ended_is_forgotten),
		cmocka_unit_test(real_ones),
	};

	if (argc == 5)
		return play(argv[4], argv[3]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
