/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/vmm/spin.h"

#include <pthread.h>
#include <stdint.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void spin_work(unsigned int us)
{
	uint64_t end_ns;

	if (!us)
		return;
	pthread_mutex_lock(&lock);
	end_ns = now_ns() + (uint64_t)us * 1000;
	while (now_ns() < end_ns)
		; /* busy, as a device's emulation is */
	pthread_mutex_unlock(&lock);
}
