/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's private interrupts. */
#ifndef GUEST_GIC_H
#define GUEST_GIC_H

#include "kvm-arm/guest/operation.h"

/*
 * Sets up this vCPU's part of the GIC so that exactly the private interrupts in
 * `bits` (bit n: INTID n) can become pending: 4 device writes, no reads.
 */
void gic_enable(struct runner *runner, uint32_t bits);

/* Makes software generated interrupt `intid` pending at this vCPU. */
void gic_send_to_self(const struct runner *runner, uint64_t intid);

#endif
