/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State that makes a hypervisor's world switch save and restore more, set once
 * before the operations that are measured.
 */
#ifndef GUEST_STIMULUS_H
#define GUEST_STIMULUS_H

#include "kvm-arm/guest/operation.h"
#include "kvm-arm/guest/plan.h"

void stimulus_apply(const struct plan *plan, struct runner *runner);

#endif
