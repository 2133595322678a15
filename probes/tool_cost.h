/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stamping costs, from counts: shared by the collector and the analyzer. The
 * fixed-width types come from the includer (<linux/types.h>).
 */
#ifndef PROBES_TOOL_COST_H
#define PROBES_TOOL_COST_H

/*
 * What the kernel series does between its stamps and outside the event, in
 * stamps' worth of four instructions each: for a turn of the run loop, for a way
 * through user space, for an exit that EL2 finishes. The first two are what
 * tests/bench/tool_cost.sh measured under icount above stamps and event, rounded
 * over its guests and modes; the third is what a trapped counter read takes
 * longer with the key on.
 */
enum { WORK_OF_TURN = 50, WORK_OF_USER = 70, WORK_OF_EL2 = 26 };

static inline __u64 tool_work(__u64 turns, __u64 through_user, __u64 el2)
{
	return turns * WORK_OF_TURN + through_user * WORK_OF_USER + el2 * WORK_OF_EL2;
}

#endif
