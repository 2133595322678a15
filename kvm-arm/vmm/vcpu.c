/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/vmm/vcpu.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kvm-arm/guest/samples.h"
#include "kvm-arm/vmm/kvm.h"
#include "kvm-arm/vmm/spin.h"

#ifndef __aarch64__
#error "hyptrace-vmm is an arm64 program: build it with aarch64-linux-gnu-gcc"
#endif

enum {
	UART_DATA = 0, /* UARTDR: PL011 technical reference (DDI 0183) */
};

/* KVM's name for a general purpose register or the PC (Documentation/virt/kvm/api.rst). */
#define CORE_REGISTER(field)                                                                       \
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(field))

static int set_register(struct vcpu *vcpu, uint64_t id, uint64_t value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };
	int r = kvm_call(vcpu->fd, KVM_SET_ONE_REG, &reg);

	if (r < 0)
		return error_set(r, "cannot set a register of vCPU %u: %s", vcpu->index,
				 strerror(-r));
	return 0;
}

static int read_status(struct vcpu *vcpu)
{
	struct kvm_one_reg reg = {
		.id = CORE_REGISTER(regs.regs[PLATFORM_STATUS_REGISTER]),
		.addr = (uintptr_t)&vcpu->status,
	};
	int r = kvm_call(vcpu->fd, KVM_GET_ONE_REG, &reg);

	if (r < 0)
		return error_set(r, "cannot read the guest's status from vCPU %u: %s", vcpu->index,
				 strerror(-r));
	return 0;
}

static int vcpu_init(struct vcpu *vcpu, const struct vm *vm)
{
	struct kvm_vcpu_init init;
	int r = kvm_call(vm->fd, KVM_ARM_PREFERRED_TARGET, &init);

	if (r >= 0) {
		init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2 | vm->features;
		r = kvm_call(vcpu->fd, KVM_ARM_VCPU_INIT, &init);
	}
	if (r < 0)
		return error_set(r, "cannot initialise vCPU %u: %s", vcpu->index, strerror(-r));
	return 0;
}

static bool has_feature(const struct vcpu *vcpu, unsigned int feature)
{
	return vcpu->vm->features & 1u << feature;
}

/* The program of kvm-arm/guest/aarch32.S. */
static int set_registers_32bit(struct vcpu *vcpu, const struct vm *vm)
{
	int r = set_register(vcpu, CORE_REGISTER(regs.pc), vm->entry + PLATFORM_IMAGE_AARCH32);

	return r < 0 ? r : set_register(vcpu, CORE_REGISTER(regs.regs[4]), vm->rounds_32bit);
}

static int set_registers(struct vcpu *vcpu, const struct vm *vm, unsigned int nvcpus)
{
	const struct {
		uint64_t id, value;
	} start[] = {
		{ CORE_REGISTER(regs.pc), vm->entry },
		{ CORE_REGISTER(regs.regs[0]), vm->words },
		{ CORE_REGISTER(regs.regs[1]), vcpu->index },
		{ CORE_REGISTER(regs.regs[2]), nvcpus },
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(start) && r >= 0; i++)
		r = set_register(vcpu, start[i].id, start[i].value);
	return r;
}

int vcpu_open(struct vcpu *vcpu, const struct vm *vm, unsigned int index, unsigned int nvcpus)
{
	void *run;
	int r;

	*vcpu = (struct vcpu){ .index = index, .vm = vm, .run_size = vm->run_size };
	vcpu->fd = kvm_call(vm->fd, KVM_CREATE_VCPU, (void *)(uintptr_t)index);
	if (vcpu->fd < 0)
		return error_set(vcpu->fd, "cannot create vCPU %u: %s", index, strerror(-vcpu->fd));
	run = mmap(NULL, vcpu->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (run == MAP_FAILED)
		return error_set(-errno, "cannot map the shared memory of vCPU %u: %s", index,
				 strerror(errno));
	vcpu->run = run;
	r = vcpu_init(vcpu, vm);
	if (r < 0)
		return r;
	return has_feature(vcpu, KVM_ARM_VCPU_EL1_32BIT) ? set_registers_32bit(vcpu, vm)
							 : set_registers(vcpu, vm, nvcpus);
}

/* Documentation/virt/kvm/devices/vcpu.rst of Linux */
static int pmu_set(struct vcpu *vcpu, uint64_t attribute, void *value)
{
	struct kvm_device_attr attr = {
		.group = KVM_ARM_VCPU_PMU_V3_CTRL,
		.attr = attribute,
		.addr = (uintptr_t)value,
	};
	int r = kvm_call(vcpu->fd, KVM_SET_DEVICE_ATTR, &attr);

	if (r < 0)
		return error_set(r, "cannot set attribute %llu of the PMU of vCPU %u: %s",
				 (unsigned long long)attribute, vcpu->index, strerror(-r));
	return 0;
}

int vcpu_finish(struct vcpu *vcpu)
{
	int interrupt = PLATFORM_PMU_INTID, r;

	if (!has_feature(vcpu, KVM_ARM_VCPU_PMU_V3))
		return 0;
	r = pmu_set(vcpu, KVM_ARM_VCPU_PMU_V3_IRQ, &interrupt);
	return r < 0 ? r : pmu_set(vcpu, KVM_ARM_VCPU_PMU_V3_INIT, NULL);
}

void vcpu_close(struct vcpu *vcpu)
{
	if (vcpu->run)
		munmap(vcpu->run, vcpu->run_size);
	if (vcpu->fd >= 0)
		close(vcpu->fd);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int uart_put(struct vcpu *vcpu, uint32_t value)
{
	unsigned char byte = (unsigned char)value;

	(void)vcpu;
	putchar(byte);
	if (byte == '\n')
		fflush(stdout);
	return 0;
}

/* Answers with KVM's count of WFIs in the guest's word at `address`: see platform.h. */
static int uart_tally(struct vcpu *vcpu, uint32_t address)
{
	uint64_t *word = vm_memory(vcpu->vm, address, sizeof(*word));
	int r = truth_read_kvm(&vcpu->truth, vcpu->fd);

	if (r < 0)
		return r;
	if (!word || address % sizeof(*word))
		return error_set(-EFAULT,
				 "the guest wants its tally at 0x%x, where no word of RAM is",
				 address);
	*word = 1 + vcpu->truth.values[TRUTH_WFI_EXIT_STAT];
	return 0;
}

/* Writes out the samples at `address`, a line "OPERATION BEGIN END" each: see platform.h. */
static int uart_samples(struct vcpu *vcpu, uint32_t address)
{
	const struct samples *samples = vm_memory(vcpu->vm, address, sizeof(*samples));

	if (!samples || address % _Alignof(struct samples) || samples->count > SAMPLES_MOST)
		return error_set(-EFAULT, "the guest hands over samples at 0x%x, where none are",
				 address);
	for (uint64_t i = 0; vcpu->vm->samples && i < samples->count; i++)
		fprintf(vcpu->vm->samples, "%.*s %" PRIu64 " %" PRIu64 "\n", SAMPLES_NAME_SIZE,
			samples->operation, samples->rows[i].begin, samples->rows[i].end);
	return 0;
}

static const struct uart_register {
	uint64_t offset;
	int (*write)(struct vcpu *vcpu, uint32_t value);
} uart_registers[] = {
	{ UART_DATA, uart_put },
	{ PLATFORM_UART_TALLY, uart_tally },
	{ PLATFORM_UART_SAMPLES, uart_samples },
};

static int uart_write(struct vcpu *vcpu, uint64_t offset, uint32_t value)
{
	for (size_t i = 0; i < ARRAY_SIZE(uart_registers); i++)
		if (uart_registers[i].offset == offset)
			return uart_registers[i].write(vcpu, value);
	return 0;
}

static int handle_mmio(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	uint64_t address = run->mmio.phys_addr;
	uint32_t value;
	int r;

	if (address < PLATFORM_UART || address >= PLATFORM_UART + PLATFORM_UART_SIZE)
		return error_set(-EFAULT, "vCPU %u touched address 0x%llx, where there is nothing",
				 vcpu->index, (unsigned long long)address);
	spin_work(vcpu->vm->spin_us);
	if (run->mmio.is_write) {
		vcpu->truth.values[TRUTH_MMIO_WRITES]++;
		memcpy(&value, run->mmio.data, sizeof(value));
		r = uart_write(vcpu, address - PLATFORM_UART, value);
		return r < 0 ? r : 1;
	}
	vcpu->truth.values[TRUTH_MMIO_READS]++;
	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	return 1;
}

static int handle_system_event(struct vcpu *vcpu)
{
	vcpu->truth.values[TRUTH_SYSTEM_EVENT]++;
	if (vcpu->run->system_event.type == KVM_SYSTEM_EVENT_SHUTDOWN)
		return 0;
	return error_set(-EPROTO, "the guest asked for system event %u instead of power-off",
			 vcpu->run->system_event.type);
}

/* Handles one return from KVM_RUN: 1 to go on, 0 at the end, or a negative errno. */
static int handle_return(struct vcpu *vcpu, int result)
{
	vcpu->truth.values[TRUTH_KVM_RUN_RETURNS]++;
	if (result == -EINTR) {
		vcpu->truth.values[TRUTH_EINTR]++;
		return !__atomic_load_n(&vcpu->run->immediate_exit, __ATOMIC_ACQUIRE);
	}
	if (result < 0)
		return error_set(result, "KVM cannot run vCPU %u: %s", vcpu->index,
				 strerror(-result));
	switch (vcpu->run->exit_reason) {
	case KVM_EXIT_MMIO:
		return handle_mmio(vcpu);
	case KVM_EXIT_SYSTEM_EVENT:
		return handle_system_event(vcpu);
	default:
		return error_set(-EPROTO, "KVM stopped vCPU %u with exit reason %u", vcpu->index,
				 vcpu->run->exit_reason);
	}
}

int vcpu_run(struct vcpu *vcpu)
{
	uint64_t begin_ns = now_ns();
	int r;

	do {
		r = handle_return(vcpu, kvm_call(vcpu->fd, KVM_RUN, NULL));
	} while (r > 0);
	vcpu->truth.values[TRUTH_WALL_NS] = now_ns() - begin_ns;
	if (r >= 0 && vcpu->truth.values[TRUTH_SYSTEM_EVENT])
		r = read_status(vcpu);
	return r;
}

void vcpu_ask_to_stop(struct vcpu *vcpu)
{
	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_RELEASE);
}
