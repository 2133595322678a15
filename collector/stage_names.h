/* SPDX-License-Identifier: GPL-2.0-only */
/* The names of the stages, from the running kernel's `enum kvm_ws_stage`. */
#ifndef COLLECTOR_STAGE_NAMES_H
#define COLLECTOR_STAGE_NAMES_H

#include <bpf/btf.h>

#include "base/cleanup.h"
#include "probes/exit_record.h"

/* So many stages may end with a stamp: those made of pauses need room too. */
enum { STAMPS_MAX = EXIT_STAGES_MAX - PAUSE_KINDS };

struct stage_names {
	unsigned int count;
	char *name[EXIT_STAGES_MAX]; /* owned; by stage number */
};

/*
 * KVM_WS_SR_SAVE_EL1_GUEST becomes "sr_save_el1_guest"; KVM_WS_NR_STAGES, the
 * last one, is the count. Returns 0; -ENOENT with a sentence where the kernel
 * has no such enum or tracepoint (not patched); -EINVAL with a sentence where
 * the enum is not numbered 0, 1, 2... or has more than STAMPS_MAX stages.
 * Release with stage_names_release().
 */
int stage_names_read(const struct btf *btf, struct stage_names *ret_names);

/* Appends the stages that are made of pauses. Returns 0, or -ENOMEM. */
int stage_names_add_pauses(struct stage_names *names);

void stage_names_release(struct stage_names *names);

#endif
