/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-x86/vmm/vm.h"

#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kvm-arm/vmm/kvm.h"
#include "kvm-x86/guest/platform.h"

enum { API_VERSION = 12, /* KVM_API_VERSION, the only one there ever was */ MOST_CPUID = 256 };

/* Bits of AMD's Architecture Programmer's Manual, volume 2, "System Resources" */
#define CR0_PE (1u << 0)
#define CR0_PG (1u << 31)
#define CR4_PAE (1u << 5)
#define EFER_LME (1u << 8)
#define EFER_LMA (1u << 10)
#define PAGE_PRESENT 0x1
#define PAGE_WRITE 0x2
#define PAGE_LARGE 0x80

enum { TABLE_ENTRIES = 512, GIGABYTES = 4, LARGE_PAGE_SHIFT = 21, PAGE_SIZE = 4096 };

/* An ioctl that fails with what it was for. */
static int vm_call(int fd, unsigned long request, void *argument, const char *what)
{
	int r = kvm_call(fd, request, argument);

	return r < 0 ? error_set(r, "cannot %s: %s", what, strerror(-r)) : r;
}

static int open_kvm(struct vm *vm)
{
	vm->kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm_fd < 0)
		return error_set(-errno,
				 "cannot open /dev/kvm: %s; run on a KVM host as a user who may "
				 "use it, or inside 'hyptrace lab --arch x86'",
				 strerror(errno));
	if (kvm_call(vm->kvm_fd, KVM_GET_API_VERSION, NULL) != API_VERSION)
		return error_set(-ENOTSUP, "/dev/kvm does not answer as KVM does");
	return 0;
}

static int make_ram(struct vm *vm)
{
	struct kvm_userspace_memory_region region = { .memory_size = PLATFORM_RAM_SIZE };
	void *ram = mmap(NULL, PLATFORM_RAM_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (ram == MAP_FAILED)
		return error_set(-errno, "cannot get the guest's memory: %s", strerror(errno));
	vm->ram = ram;
	vm->plan = (struct plan *)(vm->ram + PLATFORM_PLAN);
	region.userspace_addr = (uintptr_t)ram;
	return vm_call(vm->fd, KVM_SET_USER_MEMORY_REGION, &region, "give the guest its memory");
}

static int load_image(struct vm *vm, const char *path)
{
	const size_t space = PLATFORM_RAM_SIZE - PLATFORM_IMAGE;
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, vm->ram + PLATFORM_IMAGE, space);

	if (length < 0)
		return error_set(-errno, "cannot read the guest '%s': %s; name a guest image", path,
				 strerror(errno));
	if (!length || (size_t)length == space || !memcmp(vm->ram + PLATFORM_IMAGE, "\177ELF", 4))
		return error_set(-ENOEXEC,
				 "'%s' is not the counted guest; give what objcopy made, not the "
				 "ELF file",
				 path);
	return 0;
}

/* Maps 4 GB onto themselves by pages of 2 MB: a root, a table of gigabytes, one for each. */
static void make_page_tables(struct vm *vm)
{
	uint64_t *root = (uint64_t *)(vm->ram + PLATFORM_TABLES);
	uint64_t *gigabytes = root + TABLE_ENTRIES, *pages = gigabytes + TABLE_ENTRIES;
	uint64_t address = PLATFORM_TABLES + 2 * PAGE_SIZE;

	root[0] = (PLATFORM_TABLES + PAGE_SIZE) | PAGE_PRESENT | PAGE_WRITE;
	for (unsigned int i = 0; i < GIGABYTES; i++, address += PAGE_SIZE)
		gigabytes[i] = address | PAGE_PRESENT | PAGE_WRITE;
	for (uint64_t i = 0; i < GIGABYTES * TABLE_ENTRIES; i++)
		pages[i] = i << LARGE_PAGE_SHIFT | PAGE_PRESENT | PAGE_WRITE | PAGE_LARGE;
}

static struct kvm_segment segment(uint16_t selector, uint8_t type, uint8_t is_code)
{
	return (struct kvm_segment){
		.limit = UINT32_MAX,
		.selector = selector,
		.type = type,
		.present = 1,
		.s = 1,
		.g = 1,
		.l = is_code,
		.db = !is_code,
	};
}

static int set_registers(struct vm *vm)
{
	struct kvm_regs regs = {
		.rip = PLATFORM_IMAGE,
		.rdi = PLATFORM_PLAN,
		.rsp = PLATFORM_STACK,
		.rflags = 2, /* always set */
	};
	struct kvm_sregs sregs;
	int r = vm_call(vm->vcpu_fd, KVM_GET_SREGS, &sregs, "read the vCPU's registers");

	if (r < 0)
		return r;
	sregs.cs = segment(PLATFORM_CODE, 0xb, 1);
	sregs.ss = sregs.ds = sregs.es = segment(PLATFORM_DATA, 0x3, 0);
	sregs.cr3 = PLATFORM_TABLES;
	sregs.cr4 |= CR4_PAE;
	sregs.cr0 |= CR0_PE | CR0_PG;
	sregs.efer |= EFER_LME | EFER_LMA;
	r = vm_call(vm->vcpu_fd, KVM_SET_SREGS, &sregs, "set the vCPU's system registers");
	return r < 0 ? r : vm_call(vm->vcpu_fd, KVM_SET_REGS, &regs, "set the vCPU's registers");
}

/* The guest's CPU is the host's, as far as KVM can offer it. */
static int set_cpuid(struct vm *vm)
{
	_cleanup_free_ struct kvm_cpuid2 *cpuid =
		calloc(1, sizeof(*cpuid) + MOST_CPUID * sizeof(cpuid->entries[0]));
	int r;

	if (!cpuid)
		return -ENOMEM;
	cpuid->nent = MOST_CPUID;
	r = vm_call(vm->kvm_fd, KVM_GET_SUPPORTED_CPUID, cpuid, "learn what CPU a guest can have");
	return r < 0 ? r : vm_call(vm->vcpu_fd, KVM_SET_CPUID2, cpuid, "set the vCPU's CPUID");
}

static int make_vcpu(struct vm *vm)
{
	void *run;
	int r = vm_call(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, NULL,
			"learn the size of a vCPU's shared memory");

	if (r < 0)
		return r;
	vm->run_size = (size_t)r;
	vm->vcpu_fd = vm_call(vm->fd, KVM_CREATE_VCPU, NULL, "create a vCPU");
	if (vm->vcpu_fd < 0)
		return vm->vcpu_fd;
	run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu_fd, 0);
	if (run == MAP_FAILED)
		return error_set(-errno, "cannot map the vCPU's shared memory: %s",
				 strerror(errno));
	vm->run = run;
	r = set_cpuid(vm);
	return r < 0 ? r : set_registers(vm);
}

static int cpu_is_intel(void)
{
	unsigned int a, b = 0, c, d;

	__get_cpuid(0, &a, &b, &c, &d);
	return b == signature_INTEL_ebx;
}

int vm_open(struct vm *vm, const char *image)
{
	int r;

	*vm = (struct vm){ .kvm_fd = -EBADF, .fd = -EBADF, .vcpu_fd = -EBADF };
	r = open_kvm(vm);
	if (r < 0)
		return r;
	vm->fd = r = vm_call(vm->kvm_fd, KVM_CREATE_VM, NULL, "create a virtual machine");
	if (r >= 0)
		r = vm_call(vm->fd, KVM_CREATE_IRQCHIP, NULL, "make its interrupt controller");
	if (r >= 0)
		r = make_ram(vm);
	if (r >= 0)
		r = load_image(vm, image);
	if (r < 0)
		return r;
	make_page_tables(vm);
	vm->plan->intel = cpu_is_intel();
	return make_vcpu(vm);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* All ports read as 0; a write to the last one ends the guest. */
static int handle_io(struct vm *vm)
{
	struct kvm_run *run = vm->run;

	if (run->io.direction == KVM_EXIT_IO_OUT) {
		vm->truth.values[TRUTH_PIO_WRITES]++;
		return run->io.port != PLATFORM_PORT_END;
	}
	vm->truth.values[TRUTH_PIO_READS]++;
	memset((char *)run + run->io.data_offset, 0, run->io.size * run->io.count);
	return 1;
}

static int handle_mmio(struct vm *vm)
{
	struct kvm_run *run = vm->run;

	if (run->mmio.phys_addr != PLATFORM_DEVICE)
		return error_set(-EFAULT,
				 "the guest touched address 0x%llx, where there is nothing",
				 (unsigned long long)run->mmio.phys_addr);
	if (run->mmio.is_write) {
		vm->truth.values[TRUTH_MMIO_WRITES]++;
		return 1;
	}
	vm->truth.values[TRUTH_MMIO_READS]++;
	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	return 1;
}

/* Handles one return from KVM_RUN: 1 to go on, 0 at the end, or a negative errno. */
static int handle_return(struct vm *vm, int result)
{
	vm->truth.values[TRUTH_KVM_RUN_RETURNS]++;
	if (result == -EINTR) {
		vm->truth.values[TRUTH_EINTR]++;
		return 1;
	}
	if (result < 0)
		return error_set(result, "KVM cannot run the guest: %s", strerror(-result));
	switch (vm->run->exit_reason) {
	case KVM_EXIT_IO:
		return handle_io(vm);
	case KVM_EXIT_MMIO:
		return handle_mmio(vm);
	case KVM_EXIT_SHUTDOWN:
		return error_set(-ECANCELED, "the guest crashed: it took an exception");
	default:
		return error_set(-EPROTO, "KVM stopped the guest with exit reason %u",
				 vm->run->exit_reason);
	}
}

int vm_run(struct vm *vm)
{
	uint64_t begin_ns = now_ns();
	int r;

	do {
		r = handle_return(vm, kvm_call(vm->vcpu_fd, KVM_RUN, NULL));
	} while (r > 0);
	vm->truth.values[TRUTH_WALL_NS] = now_ns() - begin_ns;
	return r < 0 ? r : truth_read_kvm(&vm->truth, vm->vcpu_fd);
}

void vm_close(struct vm *vm)
{
	if (vm->run)
		munmap(vm->run, vm->run_size);
	if (vm->ram)
		munmap(vm->ram, PLATFORM_RAM_SIZE);
	cleanup_close(&vm->vcpu_fd);
	cleanup_close(&vm->fd);
	cleanup_close(&vm->kvm_fd);
}
