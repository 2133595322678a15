/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What --with can add to a run, so that the host's world switch has more to
 * save and restore: features of the vCPU, state that the guest sets, events of
 * the host.
 */
#ifndef VMM_STIMULUS_H
#define VMM_STIMULUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/* One bit for each row of the table; 0 for none. */
typedef uint32_t stimuli;

/* Reads "NAME[,NAME...]". Returns 0, or -EINVAL with a sentence. */
int stimuli_parse(const char *list, stimuli *ret_set);

/* Prints a line for each. */
void stimuli_print_help(int column);

/* Appends the guest's words for them, a space before each. */
int stimuli_add_words(stimuli set, struct buffer *words);

/* Enables in a new VM what has to be; a sentence if its KVM does not offer one of them. */
int stimuli_prepare(stimuli set, int vm_fd);

/* The features of vCPUs (KVM_ARM_VCPU_INIT), as bits. */
uint32_t stimuli_features(stimuli set);

/* Whether one of them makes the vCPU's own thread count cycles on the host. */
bool stimuli_count_on_host(stimuli set);

/* Counts the host's cycles of the calling thread; returns a file descriptor to close. */
int stimulus_open_host_counter(void);

#endif
