/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses by device: rows by hand, from records and what the trace says of devices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/ledger.h"
#include "base/device_map.h"

struct fixture {
	struct reader_facts facts;
	struct ledger *ledger;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->facts.clock_hz = 1000000000;
	assert_int_equal(reader_facts_set_stages(&fixture->facts, "th_handler"), 0);
	assert_int_equal(ledger_create(&fixture->facts, &fixture->ledger), 0);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	ledger_destroy(fixture->ledger);
	reader_facts_release(&fixture->facts);
	free(fixture);
	return 0;
}

/* A record of `ticks` with an access by vCPU `slot`. */
static void add_access(struct fixture *fixture, uint32_t slot, uint64_t ipa, bool write,
		       uint16_t flags, uint64_t ticks)
{
	struct trace_item item = { .kind = TRACE_RECORD };

	item.record.slot = slot;
	item.record.fixed = (struct exit_fixed){ .kind = EXIT_KIND_EXIT,
						 .code = EXIT_CODE_TRAP,
						 .esr = write ? 0x93830045 : 0x93830005,
						 .ipa = ipa,
						 .flags = flags,
						 .begin = 1000 };
	item.record.length[0] = ticks;
	stage_set_add(&item.record.touched, 0);
	assert_int_equal(ledger_add(fixture->ledger, &item), 0);
}

static void add_vcpu(struct fixture *fixture, uint32_t slot, uint32_t pid, const char *vm)
{
	const struct trace_item item = { .kind = TRACE_VCPU,
					 .vcpu = { .slot = slot, .pid = pid, .vm = vm } };

	assert_int_equal(ledger_add(fixture->ledger, &item), 0);
}

static void add_device(struct fixture *fixture, uint64_t first, uint64_t last, uint32_t pid,
		       const char *name)
{
	const struct trace_item item = {
		.kind = TRACE_DEVICE,
		.device = { first, last, pid, DEVICE_BY_VMM, name },
	};

	assert_int_equal(ledger_add(fixture->ledger, &item), 0);
}

static void assert_row(const struct fixture *fixture, size_t i, uint64_t ipa, const char *name,
		       uint64_t reads, uint64_t writes, uint64_t ticks)
{
	const struct device_row *row = &fixture->ledger->devices.row[i];

	assert_true(i < fixture->ledger->devices.count);
	assert_int_equal(row->ipa, ipa);
	if (name)
		assert_string_equal(row->name, name);
	else
		assert_null(row->name);
	assert_int_equal(row->reads, reads);
	assert_int_equal(row->writes, writes);
	assert_int_equal((uint64_t)row->ticks, ticks);
}

static void nameless_devices_are_pages(void **state)
{
	struct fixture *fixture = *state;

	add_access(fixture, 0, 0x9000018, false, EXIT_FLAG_MMIO_USER, 100);
	add_access(fixture, 0, 0x9000ffc, true, EXIT_FLAG_MMIO_USER, 60);
	add_access(fixture, 0, 0x8000100, true, EXIT_FLAG_MMIO_KERNEL, 10);
	add_access(fixture, 0, 0x40000000, true, 0, 10);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal(fixture->ledger->devices.count, 2);
	assert_row(fixture, 0, 0x8000000, NULL, 0, 1, 10);
	assert_row(fixture, 1, 0x9000000, NULL, 1, 1, 160);
	assert_int_equal(fixture->ledger->devices.row[0].handled, REASON_KERNEL);
	assert_int_equal(fixture->ledger->devices.row[1].handled, REASON_USER);
}

/* Two on one page, one on two pages; what none of them has stays a page. */
static void named_devices_have_their_own_rows(void **state)
{
	struct fixture *fixture = *state;

	add_access(fixture, 0, 0xa000010, false, EXIT_FLAG_MMIO_USER, 1);
	add_access(fixture, 0, 0xa0001ff, true, EXIT_FLAG_MMIO_USER, 2);
	add_access(fixture, 0, 0xa000200, false, EXIT_FLAG_MMIO_USER, 4);
	add_access(fixture, 0, 0xa000400, false, EXIT_FLAG_MMIO_USER, 8);
	add_access(fixture, 0, 0x8000000, false, EXIT_FLAG_MMIO_KERNEL, 16);
	add_access(fixture, 0, 0x800f000, false, EXIT_FLAG_MMIO_KERNEL, 32);
	add_device(fixture, 0x8000000, 0x800ffff, 0, "gic");
	add_device(fixture, 0xa000000, 0xa0001ff, 0, "disk");
	add_device(fixture, 0xa000200, 0xa0003ff, 0, "net");
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal(fixture->ledger->devices.count, 4);
	assert_row(fixture, 0, 0x8000000, "gic", 2, 0, 48);
	assert_row(fixture, 1, 0xa000000, NULL, 1, 0, 8);
	assert_row(fixture, 2, 0xa000000, "disk", 1, 1, 3);
	assert_row(fixture, 3, 0xa000200, "net", 1, 0, 4);
}

/* The vCPU may be named, and the device, behind the first record. */
static void vms_are_apart(void **state)
{
	struct fixture *fixture = *state;

	add_access(fixture, 0, 0x9000000, true, EXIT_FLAG_MMIO_USER, 1);
	add_access(fixture, 1, 0x9000000, true, EXIT_FLAG_MMIO_USER, 2);
	add_access(fixture, 2, 0x9000000, true, EXIT_FLAG_MMIO_USER, 4);
	add_vcpu(fixture, 0, 50, "a");
	add_vcpu(fixture, 1, 50, "a");
	add_vcpu(fixture, 2, 60, "b");
	add_device(fixture, 0x9000000, 0x9000fff, 50, "uart");
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal(fixture->ledger->devices.count, 2);
	assert_row(fixture, 0, 0x9000000, "uart", 0, 2, 3);
	assert_row(fixture, 1, 0x9000000, NULL, 0, 1, 4);
	assert_int_equal(fixture->ledger->devices.row[0].pid, 50);
	assert_int_equal(fixture->ledger->devices.row[1].pid, 60);
	assert_string_equal(ledger_vm_name(fixture->ledger, 60), "b");
	assert_null(ledger_vm_name(fixture->ledger, 70));
}

/* Names that come with the report are better than the trace's. */
static void names_may_be_given(void **state)
{
	static const struct device_range given = { 0x9000000, 0x9000fff, 0, DEVICE_BY_FILE,
						   "mine" };
	_cleanup_device_map_ struct device_map map = { 0 };
	struct fixture *fixture = *state;

	assert_int_equal(device_map_add(&map, &given), 0);
	add_access(fixture, 0, 0x9000000, true, EXIT_FLAG_MMIO_USER, 1);
	add_access(fixture, 0, 0x9001000, true, EXIT_FLAG_MMIO_USER, 1);
	add_device(fixture, 0x9000000, 0x9001fff, 0, "its");
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal(fixture->ledger->devices.count, 1);
	assert_row(fixture, 0, 0x9000000, "its", 0, 2, 2);
	assert_int_equal(ledger_name_devices(fixture->ledger, &map), 0);
	assert_int_equal(fixture->ledger->devices.count, 2);
	assert_row(fixture, 0, 0x9000000, "its", 0, 1, 1);
	assert_row(fixture, 1, 0x9000000, "mine", 0, 1, 1);
	assert_int_equal(ledger_name_devices(fixture->ledger, NULL), 0);
	assert_int_equal(fixture->ledger->devices.count, 1);
}

/* Of 5,000 addresses on 79 pages the last 2,952 go by page, and none is lost. */
static void addresses_are_bounded(void **state)
{
	const struct ledger_vcpu *vcpu;
	struct fixture *fixture = *state;
	uint64_t writes = 0;

	for (uint64_t i = 0; i < 5000; i++)
		add_access(fixture, 0, 0x9000000 + i * 64, true, EXIT_FLAG_MMIO_USER, 1);
	vcpu = fixture->ledger->vcpu[0];
	/* 2,048 end with page 31: pages 32 to 78 come to it. */
	assert_int_equal(vcpu->accesses.count, ADDRESSES_APART + 47);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal(fixture->ledger->devices.count, 79);
	for (size_t i = 0; i < 79; i++)
		writes += fixture->ledger->devices.row[i].writes;
	assert_int_equal(writes, 5000);
	assert_row(fixture, 40, 0x9028000, NULL, 0, 64, 64);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nameless_devices_are_pages),
		TEST(named_devices_have_their_own_rows),
		TEST(vms_are_apart),
		TEST(names_may_be_given),
		TEST(addresses_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
