/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/vmm/cpus.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"

int cpus_read(struct cpus *cpus)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return error_set(-errno, "cannot read which CPUs this process may use: %s",
				 strerror(errno));
	cpus->count = 0;
	for (int number = 0; number < CPU_SETSIZE; number++)
		if (CPU_ISSET(number, &set))
			cpus->numbers[cpus->count++] = number;
	return 0;
}

int cpus_pin(pid_t thread, int number)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(number, &set);
	return sched_setaffinity(thread, sizeof(set), &set) < 0 ? -errno : 0;
}

int cpus_next(const struct cpus *cpus, int number)
{
	for (unsigned int i = 0; i < cpus->count; i++)
		if (cpus->numbers[i] > number)
			return cpus->numbers[i];
	return cpus->numbers[0];
}
