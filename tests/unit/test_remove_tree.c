/* SPDX-License-Identifier: GPL-2.0-only */
/* What is removed of a folder whose owner has put things into it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/remove_tree.h"

static void touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static void links_are_not_followed(void **state)
{
	char work[] = "/tmp/test_remove.XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(work));
	assert_int_equal(chdir(work), 0);
	assert_int_equal(mkdir("outside", 0700), 0);
	touch("outside/file");
	assert_int_equal(mkdir("tree", 0700), 0);
	assert_int_equal(mkdir("tree/folder", 0700), 0);
	touch("tree/folder/.hidden");
	assert_int_equal(mkfifo("tree/pipe", 0600), 0);
	assert_int_equal(symlink("../outside", "tree/link"), 0);
	assert_int_equal(symlink("nowhere", "tree/folder/dangling"), 0);
	remove_tree("tree");
	assert_int_equal(access("tree", F_OK), -1);
	assert_int_equal(access("outside/file", F_OK), 0);
	assert_int_equal(symlink("outside", "tree"), 0);
	remove_tree("tree");
	assert_int_equal(access("tree", F_OK), -1);
	assert_int_equal(access("outside/file", F_OK), 0);
	remove_tree("outside");
	remove_tree("outside"); /* harmless */
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(work), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_are_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
