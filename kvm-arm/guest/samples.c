/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/guest/samples.h"

#include "kvm-arm/guest/machine.h"
#include "kvm-arm/guest/operation.h"
#include "kvm-arm/guest/platform.h"

/* Of the first vCPU, the only one that takes samples. */
static struct samples samples;

static void set_name(const char *name)
{
	unsigned int i = 0;

	for (; name[i] && i < SAMPLES_NAME_SIZE - 1; i++)
		samples.operation[i] = name[i];
	samples.operation[i] = '\0';
}

void samples_take(const struct operation *operation, uint64_t count)
{
	set_name(operation->name);
	while (count) {
		samples.count = count < SAMPLES_MOST ? count : SAMPLES_MOST;
		operation->sample(&samples);
		count -= samples.count;
		mmio_write(PLATFORM_UART + PLATFORM_UART_SAMPLES, (uint32_t)(uintptr_t)&samples);
	}
}
