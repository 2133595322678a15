/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/guest/gic.h"

#include "kvm-arm/guest/machine.h"
#include "kvm-arm/guest/platform.h"

enum {
	/* GIC architecture specification (IHI 0069), GICD_ and GICR_ registers */
	GICD_CTLR = 0x0000,
	GICR_WAKER = 0x0014,
	GICR_SGI_FRAME = 0x10000, /* the second 64 KB of a redistributor */
	GICR_IGROUPR0 = GICR_SGI_FRAME + 0x0080,
	GICR_ISENABLER0 = GICR_SGI_FRAME + 0x0100,
	/* With one security state: EnableGrp1 (bit 1) and ARE (bit 4) */
	CTLR_GROUP1_AFFINITY = 1 << 1 | 1 << 4,
	PRIORITY_ALL = 0xf0,
	/* ICC_SGI1R_EL1.INTID; affinity 0.0.0, TargetList in bits 0 to 15 */
	SGI1R_INTID_SHIFT = 24,
};

static void gic_write(struct runner *runner, uint64_t address, uint32_t value)
{
	mmio_write(address, value);
	runner->gic_writes++;
}

/*
 * A GIC as KVM and QEMU emulate it: awake as soon as GICR_WAKER is written, the
 * system register interface already enabled, priorities at their reset value 0.
 */
void gic_enable(struct runner *runner, uint32_t bits)
{
	uint64_t redistributor = PLATFORM_GICR + runner->index * PLATFORM_GICR_STRIDE;

	gic_write(runner, PLATFORM_GICD + GICD_CTLR, CTLR_GROUP1_AFFINITY);
	gic_write(runner, redistributor + GICR_WAKER, 0);
	gic_write(runner, redistributor + GICR_IGROUPR0, bits);
	gic_write(runner, redistributor + GICR_ISENABLER0, bits);
	write_sysreg("icc_pmr_el1", PRIORITY_ALL);
	write_sysreg("icc_igrpen1_el1", 1);
	isb();
}

void gic_send_to_self(const struct runner *runner, uint64_t intid)
{
	write_sysreg("icc_sgi1r_el1", intid << SGI1R_INTID_SHIFT | 1ULL << runner->index);
	isb();
}
