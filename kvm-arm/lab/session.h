/* SPDX-License-Identifier: GPL-2.0-only */
/* One run of COMMAND: bytes in and out until its exit status arrives. */
#ifndef KVM_ARM_LAB_SESSION_H
#define KVM_ARM_LAB_SESSION_H

#include <stdbool.h>

#include "kvm-arm/lab/machine.h"

enum session_end {
	SESSION_DONE,	  /* COMMAND ended */
	SESSION_SIGNAL,	  /* we were asked to end, by a signal */
	SESSION_TIME_OUT, /* it took too long */
};

struct session_result {
	enum session_end end;
	int status; /* COMMAND's exit status, or the signal */
};

/*
 * Carries our standard input, output and error to and from COMMAND. verbose:
 * print the console on standard error.
 *
 * Returns 0, or a negative errno with a sentence where the machine or our own
 * output failed.
 */
int session_run(const struct emulator *emulator, int time_limit_s, bool verbose,
		struct session_result *ret_result);

#endif
