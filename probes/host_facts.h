/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel tells of KVM and of its stamps, as the probe hands it to user
 * space; 0 where it does not tell. The types come from the includer.
 */
#ifndef PROBES_HOST_FACTS_H
#define PROBES_HOST_FACTS_H

struct host_facts {
	__u32 mode;	  /* 0 unknown, 1 nvhe, 2 vhe, 3 hvhe, 4 protected */
	__u32 counter_hz; /* CNTFRQ_EL0 */
	__u32 ws_mode;	  /* of the running attachment: bit 0 synchronised, bit 1 cycles */
	__u32 stamp_cost; /* of 64 stamps [ticks] */
	__u32 cycles_exit, cycles_entry;
	__u32 unstamped_eret, unstamped_irq, unstamped_trap, unstamped_hvc;
};

#endif
