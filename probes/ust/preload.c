/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Preloaded into COMMAND: sees where a vCPU's thread returns from KVM_RUN and
 * where it calls it again, and what it waits for mutexes in between. A process
 * that makes no VM loads nothing and pays one comparison for each ioctl().
 *
 * Nothing here may change what the VMM sees: results, errno, the order of calls.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "probes/ust/names.h"
#include "probes/ust/stay.h"

/* The page of struct kvm_run that holds the reason of the exit and an access. */
enum { RUN_BYTES = 4096, NS_PER_S = 1000000000 };

typedef int ioctl_function(int fd, unsigned long request, ...);
typedef int lock_function(pthread_mutex_t *mutex);

static ioctl_function *next_ioctl;
static lock_function *next_lock;

static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static ust_stay_function *emit_stay; /* NULL: no provider, nothing is told */
static ust_lock_function *emit_lock;

/* What a thread that runs a vCPU knows of it. */
struct vcpu_thread {
	int fd; /* of the vCPU, 0 before the first KVM_RUN */
	bool outside;
	const struct kvm_run *run; /* NULL where it cannot be mapped */
	struct vmm_stay stay;
};

static __thread struct vcpu_thread self __attribute__((tls_model("initial-exec")));

__attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...);

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* Other libraries' constructors may call before this one's has run. */
static void find_next(void)
{
	if (!next_ioctl)
		next_ioctl = (ioctl_function *)dlsym(RTLD_NEXT, "ioctl");
	if (!next_lock)
		next_lock = (lock_function *)dlsym(RTLD_NEXT, "pthread_mutex_lock");
}

__attribute__((constructor)) static void begin(void)
{
	find_next();
}

/* --- the provider ------------------------------------------------------------ */

static void load_provider(void)
{
	const char *path = getenv(UST_PROVIDER_VARIABLE);
	void *provider = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
	ust_attach_function *attach;

	if (!provider)
		return;
	attach = (ust_attach_function *)dlsym(provider, UST_SYMBOL_ATTACH);
	if (attach)
		attach();
	emit_lock = (ust_lock_function *)dlsym(provider, UST_SYMBOL_LOCK);
	emit_stay = (ust_stay_function *)dlsym(provider, UST_SYMBOL_STAY);
}

/* --- a vCPU's thread --------------------------------------------------------- */

/* The kernel names the file behind a vCPU's descriptor: "anon_inode:kvm-vcpu:1". */
static int32_t vcpu_of(int fd)
{
	char path[32], name[64];
	int32_t vcpu;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, name, sizeof(name) - 1);
	if (n < 0)
		return STAY_NO_VCPU;
	name[n] = '\0';
	return sscanf(name, "anon_inode:kvm-vcpu:%d", &vcpu) == 1 ? vcpu : STAY_NO_VCPU;
}

static void meet_vcpu(int fd)
{
	void *run;

	if (self.run)
		munmap((void *)self.run, RUN_BYTES);
	run = mmap(NULL, RUN_BYTES, PROT_READ, MAP_SHARED, fd, 0);
	self.run = run == MAP_FAILED ? NULL : run;
	self.fd = fd;
	self.outside = false;
	self.stay = (struct vmm_stay){ .vcpu = vcpu_of(fd), .tid = gettid() };
}

static void leave_vmm(int fd)
{
	int saved = errno;

	if (self.fd != fd)
		meet_vcpu(fd);
	if (self.outside) {
		self.outside = false;
		emit_stay(&self.stay);
	}
	errno = saved;
}

static void enter_vmm(int result)
{
	struct vmm_stay *stay = &self.stay;
	int saved = errno;

	stay->begin_ns = now_ns();
	stay->lock_ns = stay->address = 0;
	stay->locks = stay->exit_reason = 0;
	stay->result = result < 0 ? -saved : 0;
	if (result >= 0 && self.run) {
		stay->exit_reason = self.run->exit_reason;
		if (stay->exit_reason == KVM_EXIT_MMIO)
			stay->address = self.run->mmio.phys_addr;
	}
	self.outside = true;
	errno = saved;
}

static int run_vcpu(int fd, void *argument)
{
	int result;

	leave_vmm(fd);
	result = next_ioctl(fd, KVM_RUN, argument);
	enter_vmm(result);
	return result;
}

/* What only some requests have is passed on as it came. */
int ioctl(int fd, unsigned long request, ...)
{
	void *argument;
	va_list rest;
	int saved;

	va_start(rest, request);
	argument = va_arg(rest, void *);
	va_end(rest);
	if (!next_ioctl)
		find_next();
	if (request == KVM_RUN && emit_stay)
		return run_vcpu(fd, argument);
	if (request == KVM_CREATE_VM) {
		saved = errno;
		pthread_once(&load_once, load_provider);
		errno = saved;
	}
	return next_ioctl(fd, request, argument);
}

/* --- the VMM's locks --------------------------------------------------------- */

static int wait_for(pthread_mutex_t *mutex)
{
	struct vmm_lock lock = {
		.begin_ns = now_ns(),
		.mutex = (uintptr_t)mutex,
		.vcpu = self.stay.vcpu,
		.tid = self.stay.tid,
	};
	int result = next_lock(mutex), saved = errno;

	self.stay.lock_ns += now_ns() - lock.begin_ns;
	self.stay.locks++;
	self.outside = false; /* the tracer's own locks are none of the VMM's */
	emit_lock(&lock);
	self.outside = true;
	errno = saved;
	return result;
}

/* Only a mutex that is taken costs more than the attempt. */
__attribute__((visibility("default"))) int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	int result;

	if (!next_lock)
		find_next();
	if (!self.outside)
		return next_lock(mutex);
	result = pthread_mutex_trylock(mutex);
	return result == EBUSY ? wait_for(mutex) : result;
}
