/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fake_vmm TIMES: calls KVM_RUN so many times on a file that is no vCPU, and works
 * and takes a lock in between that another thread holds half of the time. Fails
 * where a call does not fail as it does without hyptrace.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HOLD_US = 1000, WORK_US = 100, ERRNO_BEFORE = 4242 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *hold(void *unused)
{
	for (;;) {
		pthread_mutex_lock(&lock);
		usleep(HOLD_US);
		pthread_mutex_unlock(&lock);
		usleep(HOLD_US);
	}
	return unused;
}

static bool run(int fd)
{
	bool good;

	errno = ERRNO_BEFORE;
	good = ioctl(fd, KVM_RUN, 0) == -1 && errno == ENOTTY;
	usleep(WORK_US);
	errno = ERRNO_BEFORE;
	good &= pthread_mutex_lock(&lock) == 0 && errno == ERRNO_BEFORE;
	return pthread_mutex_unlock(&lock) == 0 && good;
}

int main(int argc, char **argv)
{
	long times = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
	int fd = memfd_create("fake-vcpu", MFD_CLOEXEC);
	pthread_t holder;
	bool good = fd >= 0 && ftruncate(fd, getpagesize()) == 0;

	if (ioctl(fd, KVM_CREATE_VM, 0) != -1 || errno != ENOTTY)
		good = false;
	if (pthread_create(&holder, NULL, hold, NULL))
		good = false;
	for (long i = 0; good && i < times; i++)
		good = run(fd);
	puts(good ? "good" : "bad");
	return good ? 7 : 1;
}
