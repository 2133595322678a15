/* SPDX-License-Identifier: GPL-2.0-only */
/* A small kernel for tests by hand: these stages, in this order. */
#ifndef TESTS_UNIT_SMALL_KERNEL_H
#define TESTS_UNIT_SMALL_KERNEL_H

enum stage {
	SAVE_GP,
	TH_EL2,
	LOOP_EXIT,
	HANDLER,
	IO_USER,
	BLOCKED,
	LOOP_ENTRY,
	MYSTERY,
	TRACING,
	RESTORE_GP
};

static const char stage_names[] = "sr_save_gp th_el2 host_run_loop__exit th_handler io_user "
				  "host_blocked host_run_loop__entry mystery_stage host_tracing "
				  "sr_restore_gp";

#endif
