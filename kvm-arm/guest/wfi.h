/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * WFIs that a hypervisor has to trap.
 *
 * A WFI is trapped only when it would wait (Arm ARM, HCR_EL2.TWI): with
 * anything pending it does nothing. So before each one the timer is armed
 * afresh with nothing left pending, and it counts only if the timer's interrupt
 * is taken after it. If the interrupt is taken before it, the WFI was never
 * executed, and the timer is armed again. If none comes, something else ended
 * it: an interrupt of the *host* that was pending at that very instruction, in
 * which case it was not trapped, or (only if somebody signals the VMM's thread)
 * after a trap. That one is not counted but done again, and reported as `again`.
 *
 * What remains cannot be told apart from inside: such an interrupt of the host,
 * with the host staying away until the timer has fired, once in some 10,000
 * WFIs on a busy emulated host. So where the VMM tells how many WFIs KVM has
 * counted (PLATFORM_UART_TALLY), the missing ones, reported as `untrapped`, are
 * made up for after the last stamp. Elsewhere a longer wfi_us makes them rarer:
 * at least half of it is left when the WFI comes.
 */
#ifndef GUEST_WFI_H
#define GUEST_WFI_H

#include "kvm-arm/guest/operation.h"

/* Sets up this vCPU's part of the GIC: 4 device writes, no reads; asks for the tally. */
void wfi_prepare(struct runner *runner);

/* Asks for the tally and makes up for untrapped WFIs until there are none. */
void wfi_finish(struct runner *runner, uint64_t count);

void wfi_run(struct runner *runner, uint64_t count);
void wfi_report(const struct runner *runner, struct text *text);

#endif
