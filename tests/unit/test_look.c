/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/look.h"
#include "collector/privileges.h"

static void one_cpu_is_no_list(void **state)
{
	assert_true(look_is_one_cpu("0"));
	assert_true(look_is_one_cpu("127"));
	assert_false(look_is_one_cpu("0-1"));
	assert_false(look_is_one_cpu("0,2"));
	assert_false(look_is_one_cpu(""));
}

static void vcpus_are_known_by_name(void **state)
{
	assert_true(look_is_vcpu_name("CPU 0/KVM"));  /* QEMU */
	assert_true(look_is_vcpu_name("CPU 12/KVM")); /* QEMU */
	assert_true(look_is_vcpu_name("kvm-vcpu-0")); /* kvmtool */
	assert_true(look_is_vcpu_name("fc_vcpu 0"));  /* Firecracker */
	assert_true(look_is_vcpu_name("vcpu0"));      /* Cloud Hypervisor */
	assert_false(look_is_vcpu_name("qemu-system-aar"));
	assert_false(look_is_vcpu_name("CPU hotplug"));
	assert_false(look_is_vcpu_name("kvm-nx-lpage-re"));
}

/* Fields 3 and 43 are those of proc(5), and a name may have all that there is. */
static void vcpus_are_known_by_what_they_ran(void **state)
{
#define STAT(guest)                                                                                \
	"77 (a) b) S 1 77 77 0 -1 0 7 0 0 0 5 6 0 0 20 0 3 0 100 0 0 0 1 2 3 4 5 0 0 0 0 1 0 0 "   \
	"17 "                                                                                      \
	"2 0 0 0 " guest " 8 9 10 11 12 13 14 0\n"
	assert_true(look_has_run_guest(STAT("1")));
	assert_true(look_has_run_guest(STAT("250")));
	assert_false(look_has_run_guest(STAT("0")));
	assert_false(look_has_run_guest("77 (cut) S 1 77"));
	assert_false(look_has_run_guest(""));
}

static void vcpus_are_known_by_the_call_they_sleep_in(void **state)
{
	char line[64];

	snprintf(line, sizeof(line), "%ld 0xc 0xae80 0x0 0x0 0x0 0x0 0x7ffd 0x7f00\n",
		 (long)SYS_ioctl);
	assert_int_equal(look_kvm_run_fd(line), 12);
	snprintf(line, sizeof(line), "%ld 0xc 0xae41 0x0 0x0 0x0 0x0 0x7ffd 0x7f00\n",
		 (long)SYS_ioctl);
	assert_int_equal(look_kvm_run_fd(line), -1);
	assert_int_equal(look_kvm_run_fd("0 0xc 0xae80 0x0 0x0 0x0 0x0 0x7ffd 0x7f00\n"), -1);
	assert_int_equal(look_kvm_run_fd("running\n"), -1);
	assert_int_equal(look_kvm_run_fd(""), -1);
}

static void put(const char *folder, const char *name, mode_t mode)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static void lacks(const char *folder, const char *name)
{
	struct finding finding = { 0 };

	assert_false(look_has_vmm_files(folder, &finding));
	assert_int_equal(finding.state, LOOK_MISSING);
	assert_non_null(strstr(finding.text, name));
	assert_non_null(strstr(finding.remedy, "make install"));
}

static void each_file_of_the_vmm_side_is_looked_for(void **state)
{
	char folder[] = "/tmp/look-test-XXXXXX", command[64];
	struct finding finding = { 0 };

	(void)state;
	assert_non_null(mkdtemp(folder));
	lacks(NULL, "no hyptrace-ust-session");
	lacks(folder, "no hyptrace-ust-session");
	put(folder, "hyptrace-ust-session", 0644);
	lacks(folder, "no hyptrace-ust-session");
	put(folder, "hyptrace-ust-session", 0755);
	lacks(folder, "no hyptrace-preload.so");
	put(folder, "hyptrace-preload.so", 0644);
	lacks(folder, "no hyptrace-ust.so");
	put(folder, "hyptrace-ust.so", 0644);
	assert_true(look_has_vmm_files(folder, &finding));
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

static void libraries_that_are_not_found_are_named(void **state)
{
	static const char all[] = "\tlinux-vdso.so.1 (0x00007f4d8f243000)\n"
				  "\tlibc.so.6 => /lib/libc.so.6 (0x00007f4d8ef96000)\n";
	char name[32] = "", text[256];

	(void)state;
	assert_false(look_missing_library("", name, sizeof(name)));
	assert_false(look_missing_library(all, name, sizeof(name)));
	snprintf(text, sizeof(text),
		 "%s\tliblttng-ctl.so.0 => not found\n\tlibz.so.1 => not found\n", all);
	assert_true(look_missing_library(text, name, sizeof(name)));
	assert_string_equal(name, "liblttng-ctl.so.0");
	assert_true(look_missing_library("liba.so => not found", name, sizeof(name)));
	assert_string_equal(name, "liba.so");
}

static void long_findings_are_cut(void **state)
{
	struct finding finding = { 0 };

	finding_set(&finding, LOOK_REDUCED, "%0*d", 2 * LOOK_TEXT, 7);
	assert_int_equal(finding.state, LOOK_REDUCED);
	assert_int_equal(strlen(finding.text), LOOK_TEXT - 1);
	finding_remedy(&finding, "%s", "do it");
	assert_string_equal(finding.remedy, "do it");
}

/* Whoever runs the tests: only root is somebody else by sudo, and never root. */
static void sudo_is_for_root(void **state)
{
	bool root = geteuid() == 0;
	struct privileges_user user;

	setenv("SUDO_UID", "1000", 1);
	setenv("SUDO_GID", "100", 1);
	user = privileges_user();
	assert_int_equal(user.sudo, root);
	assert_int_equal(user.uid, root ? 1000 : geteuid());
	assert_int_equal(user.gid, root ? 100 : getegid());
	setenv("SUDO_UID", "0", 1);
	assert_false(privileges_user().sudo);
	setenv("SUDO_UID", "-1", 1);
	assert_false(privileges_user().sudo);
	setenv("SUDO_UID", "4294967295", 1); /* (uid_t)-1: setresuid() would leave it as it is */
	assert_false(privileges_user().sudo);
	setenv("SUDO_UID", "1000x", 1);
	assert_false(privileges_user().sudo);
	unsetenv("SUDO_UID");
	assert_false(privileges_user().sudo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_cpu_is_no_list),
		cmocka_unit_test(vcpus_are_known_by_name),
		cmocka_unit_test(vcpus_are_known_by_what_they_ran),
		cmocka_unit_test(vcpus_are_known_by_the_call_they_sleep_in),
		cmocka_unit_test(each_file_of_the_vmm_side_is_looked_for),
		cmocka_unit_test(libraries_that_are_not_found_are_named),
		cmocka_unit_test(long_findings_are_cut),
		cmocka_unit_test(sudo_is_for_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
