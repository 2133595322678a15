/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exits of x86 hosts by their VMX exit reason or SVM exit code, and returns from
 * KVM_RUN where no more is known.
 */
#ifndef KVM_X86_DECODE_EXIT_H
#define KVM_X86_DECODE_EXIT_H

#include "kvm-arm/decode/reason.h"

/*
 * Sets class, number and syndrome of the reason of a record whose code is
 * EXIT_CODE_VMX, EXIT_CODE_SVM or EXIT_CODE_RUN. Every number has a name.
 *
 * Sources: Intel SDM, volume 3, appendix C "VMX Basic Exit Reasons"; AMD64 APM,
 * volume 2, appendix C "SVM Intercept Exit Codes"; include/uapi/linux/kvm.h,
 * KVM_EXIT_*.
 */
void x86_decode(struct exit_reason *reason, const struct exit_fixed *fixed);

#endif
