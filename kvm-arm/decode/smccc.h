/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of the functions that a guest calls with HVC or SMC. */
#ifndef KVM_ARM_DECODE_SMCCC_H
#define KVM_ARM_DECODE_SMCCC_H

#include <stdint.h>

/*
 * The name of a function, or NULL for one that is not known. The 32-bit and
 * the 64-bit form of a call share a name; the SVE hint is not looked at. Static.
 */
const char *smccc_name(uint32_t function);

#endif
