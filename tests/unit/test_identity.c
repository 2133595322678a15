/* SPDX-License-Identifier: GPL-2.0-only */
/* The names of VMs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/identity.h"

/* Words as /proc/PID/cmdline has them: the array's own NUL is the last one. */
#define NAME_OF(words) name_of(words, sizeof(words))

static const char *name_of(const char *words, size_t length)
{
	static char name[VM_NAME_BYTES];

	return identity_from_words(words, length, name) ? name : NULL;
}

static void names_on_a_command_line(void **state)
{
	(void)state;
	assert_string_equal(NAME_OF("qemu\0-name\0web\0-m\0"
				    "1G"),
			    "web");
	assert_string_equal(NAME_OF("qemu\0-name\0guest=web,debug-threads=on"), "web");
	assert_string_equal(NAME_OF("qemu\0-name\0debug-threads=on,guest=web"), "web");
	assert_string_equal(NAME_OF("qemu\0-name\0web,process=p"), "web");
	assert_string_equal(NAME_OF("vmm\0--name=web"), "web");
	assert_string_equal(NAME_OF("vmm\0--name\0web"), "web");
	assert_string_equal(NAME_OF("qemu\0-name\0first\0-name\0guest=last"), "last");
	assert_string_equal(NAME_OF("qemu\0-name\0a\"b"), "a\"b");
	assert_string_equal(NAME_OF("qemu\0-name\0one,,two,x=y"), "one,two");
	assert_string_equal(NAME_OF("qemu\0-name\0guest=a=b"), "a=b");
}

static void command_lines_without_a_name(void **state)
{
	(void)state;
	assert_null(NAME_OF("qemu\0-m\0"
			    "1G"));
	assert_null(NAME_OF("qemu\0-name"));
	assert_null(NAME_OF("qemu\0-name\0debug-threads=on"));
	assert_null(NAME_OF("qemu\0-name\0"));
	assert_null(NAME_OF("qemu\0-named\0web"));
	assert_null(NAME_OF("qemu\0name\0web"));
	assert_null(name_of("", 0));
	/* Not even a NUL at the end; nothing behind the length is looked at. */
	assert_null(name_of("-name", 5));
}

static void long_names_are_cut(void **state)
{
	char words[1000] = "q\0-name\0";

	(void)state;
	memset(words + 8, 'x', 900);
	assert_int_equal(strlen(name_of(words, 909)), VM_NAME_BYTES - 1);
	memcpy(words + 8, "guest=", 6);
	assert_int_equal(strlen(name_of(words, 909)), VM_NAME_BYTES - 1);
}

static void control_groups(void **state)
{
	char path[CGROUP_BYTES] = "old";

	(void)state;
	assert_true(identity_cgroup("0::/machine.slice/a.scope\n", path));
	assert_string_equal(path, "/machine.slice/a.scope");
	assert_true(identity_cgroup("12:cpu:/x\n1:name=systemd:/y\n0::/", path));
	assert_string_equal(path, "/");
	assert_false(identity_cgroup("12:cpu:/x\n10::/y\n", path));
	assert_false(identity_cgroup("", path));
	assert_string_equal(path, "/");
}

static void who_is_believed(void **state)
{
	(void)state;
	assert_string_equal(identity_choose("web", "", "qemu"), "web");
	assert_string_equal(identity_choose("web", "other", "qemu"), "web");
	assert_string_equal(identity_choose("qemu-12-web", "we\"b", "qemu"), "we\"b");
	assert_string_equal(identity_choose("qemu-12-web", "", "qemu"), "qemu-12-web");
	assert_string_equal(identity_choose("qemu-x-web", "other", "qemu"), "qemu-x-web");
	assert_string_equal(identity_choose("", "other", "qemu"), "other");
	assert_string_equal(identity_choose("", "", "qemu"), "qemu");
	assert_string_equal(identity_choose("", "", ""), "?");
}

static void a_name_outlives_its_process(void **state)
{
	struct identities identities = { 0 };
	const struct identity *identity;

	(void)state;
	identity = identities_get(&identities, 1, (uint32_t)getpid(), "");
	assert_true(identity->sure);
	assert_string_equal(identity->name, "test_identity");
	/* No process has this number: its name is what becomes known of it. */
	identity = identities_get(&identities, 2, INT32_MAX, "");
	assert_false(identity->sure);
	assert_string_equal(identity->name, "?");
	identity = identities_get(&identities, 2, INT32_MAX, "gone");
	assert_string_equal(identity->name, "gone");
	assert_string_equal(identities_get(&identities, 1, (uint32_t)getpid(), "other")->name,
			    "test_identity");
	assert_int_equal(identities.count, 2);
	identities_forget(&identities);
	assert_int_equal(identities.count, 2);
	assert_string_equal(identities_get(&identities, 2, INT32_MAX, "")->name, "gone");
	identities_forget(&identities);
	assert_int_equal(identities.count, 1);
	assert_string_equal(identities_get(&identities, 2, INT32_MAX, "")->name, "gone");
	identities_release(&identities);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_on_a_command_line),
		cmocka_unit_test(command_lines_without_a_name),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(control_groups),
		cmocka_unit_test(who_is_believed),
		cmocka_unit_test(a_name_outlives_its_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
