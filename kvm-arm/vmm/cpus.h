/* SPDX-License-Identifier: GPL-2.0-only */
/* Host CPUs, and which of them a thread runs on. */
#ifndef VMM_CPUS_H
#define VMM_CPUS_H

#include <sched.h>
#include <sys/types.h>

struct cpus {
	unsigned int count;
	int numbers[CPU_SETSIZE]; /* of the CPUs this process may use, ascending */
};

/* Returns 0, or a negative errno with a sentence. */
int cpus_read(struct cpus *cpus);

/* Lets thread `thread` (0: the calling one) run on `number` alone. Negative errno on failure. */
int cpus_pin(pid_t thread, int number);

/* The usable CPU after `number`, the first one after the last. */
int cpus_next(const struct cpus *cpus, int number);

#endif
