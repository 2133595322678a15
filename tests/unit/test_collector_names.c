/* SPDX-License-Identifier: GPL-2.0-only */
/* Stage names out of BTF that is made here, and the slots of vCPUs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/stage_names.h"
#include "collector/vcpus.h"

DEFINE_CLEANUP(struct btf *, btf__free)

struct enumerator {
	const char *name;
	int value;
};

/* Type information as a patched kernel has it: the tracepoint's type and the enum. */
static struct btf *make_btf(const struct enumerator *rows)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);

	btf__add_typedef(btf, "btf_trace_kvm_world_switch", number);
	btf__add_enum(btf, "kvm_ws_stage", 4);
	for (; rows->name; rows++)
		btf__add_enum_value(btf, rows->name, rows->value);
	return btf;
}

static void read_names(void **state)
{
	const struct enumerator rows[] = { { "KVM_WS_TH_VECTOR", 0 },
					   { "KVM_WS_SR_SAVE_EL1_GUEST", 1 },
					   { "KVM_WS_HOST_IRQ__B", 2 },
					   { "KVM_WS_NR_STAGES", 3 },
					   { NULL, 0 } };
	_cleanup_(btf__freep) struct btf *btf = make_btf(rows);
	_cleanup_(stage_names_release) struct stage_names names = { 0 };

	(void)state;
	assert_int_equal(stage_names_read(btf, &names), 0);
	assert_int_equal(names.count, 3);
	assert_string_equal(names.name[0], "th_vector");
	assert_string_equal(names.name[1], "sr_save_el1_guest");
	assert_string_equal(names.name[2], "host_irq__b");
}

static void refuse_names(const struct enumerator *rows)
{
	_cleanup_(btf__freep) struct btf *btf = make_btf(rows);
	struct stage_names names = { .count = 77 };

	error_clear();
	assert_int_equal(stage_names_read(btf, &names), -EINVAL);
	assert_int_equal(names.count, 77);
	error_clear();
}

static void refused_enums(void **state)
{
	const struct enumerator gap[] = {
		{ "KVM_WS_A", 0 }, { "KVM_WS_B", 2 }, { "KVM_WS_NR_STAGES", 3 }, { NULL, 0 }
	};
	const struct enumerator no_stage[] = { { "KVM_WS_NR_STAGES", 0 }, { NULL, 0 } };
	const struct enumerator no_end[] = { { "KVM_WS_A", 0 }, { NULL, 0 } };
	const struct enumerator prefix[] = { { "OTHER_A", 0 },
					     { "KVM_WS_NR_STAGES", 1 },
					     { NULL, 0 } };

	(void)state;
	refuse_names(gap);
	refuse_names(no_stage);
	refuse_names(no_end);
	refuse_names(prefix);
}

static int read_numbered(int count)
{
	_cleanup_(stage_names_release) struct stage_names names = { 0 };
	_cleanup_(btf__freep) struct btf *btf = NULL;
	struct enumerator rows[130] = { 0 };
	char text[130][32];

	for (int i = 0; i < count; i++) {
		snprintf(text[i], sizeof(text[i]), "KVM_WS_S%d", i);
		rows[i] = (struct enumerator){ text[i], i };
	}
	rows[count] = (struct enumerator){ "KVM_WS_NR_STAGES", count };
	btf = make_btf(rows);
	error_clear();
	return stage_names_read(btf, &names);
}

static void at_most_126_stages(void **state)
{
	(void)state;
	assert_int_equal(read_numbered(126), 0);
	assert_int_equal(read_numbered(127), -EINVAL);
	error_clear();
}

static void stages_of_pauses_come_last(void **state)
{
	const struct enumerator rows[] = { { "KVM_WS_TH_VECTOR", 0 },
					   { "KVM_WS_NR_STAGES", 1 },
					   { NULL, 0 } };
	_cleanup_(btf__freep) struct btf *btf = make_btf(rows);
	_cleanup_(stage_names_release) struct stage_names names = { 0 };

	(void)state;
	assert_int_equal(stage_names_read(btf, &names), 0);
	assert_int_equal(stage_names_add_pauses(&names), 0);
	assert_int_equal(names.count, 3);
	assert_string_equal(names.name[1], "host_preempted");
	assert_string_equal(names.name[2], "host_irq__taken");
}

static void unpatched_kernel(void **state)
{
	_cleanup_(btf__freep) struct btf *btf = btf__new_empty();
	struct stage_names names;

	(void)state;
	assert_int_equal(stage_names_read(btf, &names), -ENOENT);
	assert_string_equal(error_text(0),
			    "this kernel is not patched: it lacks the tracepoint kvm_world_switch; "
			    "build one with kernel-patches/, or run 'hyptrace lab'");
	error_clear();
}

static void slots_in_order_of_appearance(void **state)
{
	struct vcpus vcpus = { 0 };
	uint32_t slot;
	bool new;

	(void)state;
	/* 300 vCPUs of 3 VMs, so that the table grows; then all of them again. */
	for (uint32_t turn = 0; turn < 2; turn++)
		for (uint32_t i = 0; i < 300; i++) {
			assert_int_equal(vcpus_slot(&vcpus, 0xffff000012340000 + 64 * (i % 3),
						    1000, i / 3, &slot, &new),
					 0);
			assert_int_equal(slot, i);
			assert_int_equal(new, turn == 0);
		}
	assert_int_equal(vcpus.count, 300);
	vcpus_release(&vcpus);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_names),
		cmocka_unit_test(refused_enums),
		cmocka_unit_test(at_most_126_stages),
		cmocka_unit_test(stages_of_pauses_come_last),
		cmocka_unit_test(unpatched_kernel),
		cmocka_unit_test(slots_in_order_of_appearance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
