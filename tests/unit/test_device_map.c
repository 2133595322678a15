/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of devices: files, QEMU's memory tree, and where QEMU listens. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/device_map.h"
#include "base/error.h"
#include "collector/mtree.h"
#include "collector/qmp_socket.h"

static const char tree[] =
	"FlatView #0\n"
	" AS \"memory\", root: system\n"
	" AS \"cpu-memory-0\", root: system\n"
	" Root memory region: system\n"
	"  0000000000000000-0000000003ffffff (prio 0, romd): virt.flash0 KVM\n"
	"  0000000008000000-0000000008000fff (prio 0, i/o): gicv3_dist @0000000000000000\n"
	"  0000000009000000-0000000009000fff (prio 1, i/o): pl011\n"
	"  0000000009020000-0000000009020007 (prio 0, i/o): fwcfg.data\n"
	"  0000000009020008-0000000009020009 (prio 0, i/o): fwcfg.ctl\n"
	"  0000000010000000-0000000010000fff (prio 1, i/o): virtio-pci-common-virtio-net\n"
	"  0000000010001000-0000000010001fff (prio 1, i/o): 0000:01:00.0 BAR 0\n"
	"  0000008000000000-000000ffffffffff (prio 0, i/o): gpex_mmio @0000008000000000\n"
	"  0000000040000000-000000004fffffff (prio 0, ram): mach-virt.ram KVM\n"
	"\n"
	"FlatView #1\n"
	" AS \"I/O\", root: io\n"
	" Root memory region: io\n"
	"  0000000009000000-000000000900ffff (prio 0, i/o): io\n"
	"\n";

static const char *name_at(const struct device_map *map, uint32_t pid, uint64_t address)
{
	const struct device_range *range = device_map_find(map, pid, address);

	return range ? range->name : NULL;
}

static void qemus_memory_tree(void **state)
{
	_cleanup_device_map_ struct device_map map = { 0 };

	(void)state;
	assert_int_equal(mtree_read(tree, 77, &map), 0);
	assert_int_equal(map.count, 8);
	assert_string_equal(name_at(&map, 77, 0x09000018), "pl011");
	assert_string_equal(name_at(&map, 77, 0x08000000), "gicv3_dist");
	assert_string_equal(name_at(&map, 77, 0x08000fff), "gicv3_dist");
	assert_string_equal(name_at(&map, 77, 0), "virt.flash0");
	assert_string_equal(name_at(&map, 77, 0x09020007), "fwcfg.data");
	assert_string_equal(name_at(&map, 77, 0x09020008), "fwcfg.ctl");
	assert_null(name_at(&map, 77, 0x0902000a));
	assert_string_equal(name_at(&map, 77, 0x10000000), "virtio-pci-common-virtio-net");
	assert_string_equal(name_at(&map, 77, 0x10001000), "0000:01:00.0 BAR 0");
	assert_string_equal(name_at(&map, 77, 0x8000000000), "gpex_mmio");
	assert_null(name_at(&map, 77, 0x40000000));
	assert_null(name_at(&map, 78, 0x09000018));
	assert_int_equal(map.range[0]->first, 0);
	assert_int_equal(map.range[0]->last, 0x3ffffff);
}

static void damaged_trees(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"nonsense",
		" AS \"memory\", root: system\n  12",
		" AS \"memory\", root: system\n  0000000000002000-0000000000001000 (prio 0, i/o): "
		"a",
		" AS \"memory\", root: system\n  0000000000001000-0000000000002000 (prio 0, i/o): ",
		" AS \"memory\", root: system\n  0000000000001000-0000000000002000 (prio 0",
		" AS \"memory2\", root: b\n  0000000000001000-0000000000002000 (prio 0, i/o): c",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_device_map_ struct device_map map = { 0 };

		assert_int_equal(mtree_read(texts[i], 1, &map), 0);
		assert_int_equal(map.count, 0);
	}
}

static void who_is_believed(void **state)
{
	static const struct device_range ranges[] = {
		{ 0x1000, 0x8fff, 5, DEVICE_BY_KERNEL, "kernel" },
		{ 0x1000, 0x1fff, 0, DEVICE_BY_VMM, "vmm" },
		{ 0x1000, 0x8fff, 0, DEVICE_BY_FILE, "first" },
		{ 0x1800, 0x18ff, 0, DEVICE_BY_FILE, "second" },
	};
	_cleanup_device_map_ struct device_map map = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(device_map_add(&map, &ranges[i]), 0);
	assert_string_equal(name_at(&map, 5, 0x1010), "kernel");
	assert_string_equal(name_at(&map, 6, 0x1010), "vmm");
	for (size_t i = 2; i < 4; i++)
		assert_int_equal(device_map_add(&map, &ranges[i]), 0);
	assert_string_equal(name_at(&map, 5, 0x17ff), "first");
	assert_string_equal(name_at(&map, 5, 0x1800), "second");
	assert_string_equal(name_at(&map, 5, 0x18ff), "second");
	assert_string_equal(name_at(&map, 5, 0x1900), "first");
	assert_null(name_at(&map, 5, 0xfff));
	assert_null(name_at(&map, 5, 0x9000));
}

/* Of a device that is moved away and back the last place counts, and nothing is kept twice. */
static void the_last_word_counts(void **state)
{
	static const struct device_range net = { 0x1000, 0x1fff, 5, DEVICE_BY_VMM, "net" };
	static const struct device_range disk = { 0x1000, 0x1fff, 5, DEVICE_BY_VMM, "disk" };
	_cleanup_device_map_ struct device_map map = { 0 }, copy = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(device_map_add(&map, &net), 0);
	assert_int_equal(map.count, 1);
	assert_int_equal(device_map_add(&map, &disk), 0);
	assert_string_equal(name_at(&map, 5, 0x1000), "disk");
	assert_int_equal(device_map_add(&map, &net), 0);
	assert_string_equal(name_at(&map, 5, 0x1000), "net");
	assert_int_equal(map.count, 3);
	assert_int_equal(device_map_merge(&copy, &map), 0);
	assert_int_equal(copy.count, 3);
	assert_string_equal(name_at(&copy, 5, 0x1000), "net");
}

static void of_one_vm(void **state)
{
	static const struct device_range ranges[] = {
		{ 0x1000, 0x1fff, 5, DEVICE_BY_VMM, "five" },
		{ 0x1000, 0x1fff, 6, DEVICE_BY_VMM, "six" },
		{ 0x2000, 0x2fff, 0, DEVICE_BY_FILE, "all\33[2J" },
	};
	_cleanup_device_map_ struct device_map map = { 0 };
	_cleanup_(device_map_drop_selected) struct device_map of_vm = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		assert_int_equal(device_map_add(&map, &ranges[i]), 0);
	assert_int_equal(device_map_select(&map, 6, &of_vm), 0);
	assert_int_equal(of_vm.count, 2);
	assert_string_equal(name_at(&of_vm, 6, 0x1000), "six");
	assert_string_equal(name_at(&of_vm, 6, 0x2fff), "all?[2J");
}

static void maps_are_bounded(void **state)
{
	_cleanup_device_map_ struct device_map map = { 0 };
	struct device_range range = { .name = "a" };

	(void)state;
	for (int i = 0; i < DEVICE_RANGES_MOST + 10; i++) {
		range.first = range.last = (uint64_t)i;
		assert_int_equal(device_map_add(&map, &range), 0);
	}
	assert_int_equal(map.count, DEVICE_RANGES_MOST);
}

/* Returns what reading a file of this text says. */
static int read_text(const char *text, struct device_map *map)
{
	char path[] = "test-devices-XXXXXX";
	int fd = mkstemp(path), r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	error_clear();
	r = device_map_read_file(map, path);
	unlink(path);
	return r;
}

static void files(void **state)
{
	_cleanup_device_map_ struct device_map map = { 0 };

	(void)state;
	assert_int_equal(read_text("# ours\n\n0x9000000-0x9000fff the uart  \r\n"
				   "  4096+16\ta\"b\n010+1 decimal\n"
				   "0xffffffffffffffff+1 last",
				   &map),
			 0);
	assert_int_equal(map.count, 4);
	assert_string_equal(name_at(&map, 1, 0x9000fff), "the uart");
	assert_null(name_at(&map, 1, 0x9001000));
	assert_string_equal(name_at(&map, 1, 4111), "a\"b");
	assert_null(name_at(&map, 1, 4112));
	assert_string_equal(name_at(&map, 1, 10), "decimal");
	assert_string_equal(name_at(&map, 1, UINT64_MAX), "last");
}

static void damaged_files(void **state)
{
	static const char *const texts[] = {
		"0x10-0x20",
		"0x10-0x20  ",
		"0x20-0x10 a",
		"x",
		"0x10 a",
		"0x10*2 a",
		"16+0 a",
		"0+0 a",
		"1-2name",
		"-1-2 a",
		"0x-0x1 a",
		"1- 2 a",
		"0x1ffffffffffffffff+1 a",
		"0xffffffffffffffff+2 a",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_device_map_ struct device_map map = { 0 };
		_cleanup_free_ char *text = NULL;

		assert_true(asprintf(&text, "# first\n%s\n", texts[i]) > 0);
		assert_int_equal(read_text(text, &map), -EINVAL);
		assert_non_null(strstr(error_text(0), "', line 2: write 'START-END NAME'"));
	}
	error_clear();
	assert_int_equal(device_map_read_file(&(struct device_map){ 0 }, "/no/such/file"), -ENOENT);
	assert_non_null(strstr(error_text(0), "cannot read the devices in '/no/such/file'"));
	error_clear();
}

/* Words as /proc/PID/cmdline has them: the array's own NUL is the last one. */
#define SOCKET_OF(words) socket_of(words, sizeof(words))

static const char *socket_of(const char *words, size_t length)
{
	static char path[QMP_PATH_BYTES];

	return qmp_socket_from_words(words, length, path) ? path : NULL;
}

static void where_qemu_listens(void **state)
{
	(void)state;
	assert_string_equal(SOCKET_OF("qemu\0-qmp\0unix:/run/q,server=on,wait=off"), "/run/q");
	assert_string_equal(SOCKET_OF("qemu\0-qmp\0unix:/run/q,server,nowait"), "/run/q");
	assert_string_equal(SOCKET_OF("qemu\0--qmp-pretty\0unix:a,,b,server=on"), "a,b");
	assert_string_equal(SOCKET_OF("qemu\0-qmp\0chardev:a\0-chardev\0"
				      "socket,id=a,path=/a,server=on"),
			    "/a");
	assert_string_equal(
		SOCKET_OF("qemu\0-chardev\0socket,id=a,path=/a,server=on\0-chardev\0"
			  "socket,path=/b,id=b,server=on\0-mon\0chardev=b,mode=control"),
		"/b");
	assert_string_equal(SOCKET_OF("qemu\0-mon\0a,mode=control\0-chardev\0"
				      "socket,id=a,path=/a,server=on"),
			    "/a");
}

static void where_nobody_is_to_be_asked(void **state)
{
	(void)state;
	/* QEMU is the client: another program listens. */
	assert_null(SOCKET_OF("qemu\0-qmp\0unix:/run/q"));
	assert_null(SOCKET_OF("qemu\0-qmp\0unix:/run/q,server=off"));
	assert_null(SOCKET_OF("qemu\0-mon\0chardev=a,mode=control\0-chardev\0"
			      "socket,id=a,path=/a"));
	/* A monitor for people. */
	assert_null(SOCKET_OF("qemu\0-mon\0chardev=a,mode=readline\0-chardev\0"
			      "socket,id=a,path=/a,server=on"));
	assert_null(SOCKET_OF("qemu\0-mon\0chardev=c,mode=control\0-chardev\0"
			      "socket,id=a,path=/a,server=on"));
	/* libvirt's, newer and older. */
	assert_null(SOCKET_OF("qemu\0-chardev\0socket,id=charmonitor,fd=30,server=on\0-mon\0"
			      "chardev=charmonitor,id=monitor,mode=control"));
	assert_null(SOCKET_OF("qemu\0-chardev\0socket,id=charmonitor,path=/m,server=on\0-mon\0"
			      "chardev=charmonitor,id=monitor,mode=control"));
	assert_null(SOCKET_OF("qemu\0-qmp\0tcp:localhost:4444,server=on"));
	assert_null(SOCKET_OF("qemu\0-qmp"));
	assert_null(SOCKET_OF("qemu\0-name\0-qmp"));
	assert_null(socket_of("", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(qemus_memory_tree),
		cmocka_unit_test(damaged_trees),
		cmocka_unit_test(who_is_believed),
		cmocka_unit_test(the_last_word_counts),
		cmocka_unit_test(of_one_vm),
		cmocka_unit_test(maps_are_bounded),
		cmocka_unit_test(files),
		cmocka_unit_test(damaged_files),
		cmocka_unit_test(where_qemu_listens),
		cmocka_unit_test(where_nobody_is_to_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
