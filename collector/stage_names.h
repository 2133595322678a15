/* SPDX-License-Identifier: GPL-2.0-only */
/* The names of the stages, from the running kernel's `enum kvm_ws_stage`. */
#ifndef COLLECTOR_STAGE_NAMES_H
#define COLLECTOR_STAGE_NAMES_H

#include <bpf/btf.h>

#include "base/cleanup.h"
#include "probes/exit_record.h"

struct stage_names {
	unsigned int count;
	char *name[EXIT_STAGES_MAX]; /* owned; by stage number */
};

/*
 * KVM_WS_SR_SAVE_EL1_GUEST becomes "sr_save_el1_guest"; KVM_WS_NR_STAGES, the
 * last one, is the count. Returns 0; -ENOENT with a sentence where the kernel
 * has no such enum or tracepoint (not patched); -EINVAL with a sentence where
 * the enum is not numbered 0, 1, 2... or has more than EXIT_STAGES_MAX stages.
 * Release with stage_names_release().
 */
int stage_names_read(const struct btf *btf, struct stage_names *ret_names);

/* The same from the running kernel. -ENOENT with a sentence also where it has no BTF. */
int stage_names_read_kernel(struct stage_names *ret_names);

void stage_names_release(struct stage_names *names);

#endif
