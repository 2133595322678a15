/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/vmm/vm.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kvm-arm/vmm/kvm.h"

enum {
	RAM_SIZE = 16 << 20,
	WORDS_OFFSET = 0x1000,
	API_VERSION = 12, /* KVM_API_VERSION, the only one there ever was */
	GIC_INTERRUPTS = 64,
};

/* The arm64 Image header: Documentation/arch/arm64/booting.rst of Linux. */
struct image_header {
	uint32_t code[2];
	uint64_t text_offset;
	uint64_t image_size;
	uint64_t flags;
	uint64_t reserved[3];
	uint32_t magic;
	uint32_t reserved_last;
};

#define IMAGE_MAGIC 0x644d5241u /* "ARM\x64" */

static int open_kvm(struct vm *vm)
{
	int r;

	vm->kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm_fd < 0)
		return error_set(
			-errno,
			"cannot open /dev/kvm: %s; run on a KVM/ARM host as a user who may "
			"use it, or inside 'hyptrace lab'",
			strerror(errno));
	r = kvm_call(vm->kvm_fd, KVM_GET_API_VERSION, NULL);
	if (r != API_VERSION)
		return error_set(-ENOTSUP,
				 "/dev/kvm does not answer as KVM on arm64 does; run on a KVM/ARM "
				 "host, or inside 'hyptrace lab'");
	r = kvm_call(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, NULL);
	if (r < 0)
		return error_set(r, "cannot learn the size of a vCPU's shared memory: %s",
				 strerror(-r));
	vm->run_size = (size_t)r;
	return 0;
}

static int make_ram(struct vm *vm)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = PLATFORM_RAM,
		.memory_size = RAM_SIZE,
	};
	void *ram =
		mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int r;

	if (ram == MAP_FAILED)
		return error_set(-errno, "cannot get %d MB for the guest: %s", RAM_SIZE >> 20,
				 strerror(errno));
	vm->ram = ram;
	region.userspace_addr = (uintptr_t)ram;
	r = kvm_call(vm->fd, KVM_SET_USER_MEMORY_REGION, &region);
	if (r < 0)
		return error_set(r, "cannot give the guest its memory: %s", strerror(-r));
	return 0;
}

static int set_counter_offset(struct vm *vm, uint64_t ticks)
{
	struct kvm_arm_counter_offset offset = { .counter_offset = ticks };
	int r = kvm_call(vm->fd, KVM_ARM_SET_COUNTER_OFFSET, &offset);

	if (r < 0)
		return error_set(r,
				 "cannot set the counter offset: %s; --counter-offset needs Linux "
				 "6.4 or later on the host",
				 strerror(-r));
	return 0;
}

static int make_vm(struct vm *vm, const struct config *config)
{
	int r;

	vm->fd = kvm_call(vm->kvm_fd, KVM_CREATE_VM, NULL);
	if (vm->fd < 0)
		return error_set(vm->fd, "cannot create a virtual machine: %s", strerror(-vm->fd));
	r = stimuli_prepare(config->with, vm->fd);
	if (r >= 0)
		r = make_ram(vm);
	if (r >= 0 && config->counter_offset_given)
		r = set_counter_offset(vm, config->counter_offset);
	return r;
}

static int read_at(int fd, const char *path, void *bytes, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n = pread(fd, (char *)bytes + done, length - done, (off_t)done);

		if (n < 0)
			return error_set(-errno, "cannot read the guest '%s': %s", path,
					 strerror(errno));
		if (!n)
			return error_set(-EINVAL, "the guest '%s' ends too early", path);
		done += (size_t)n;
	}
	return 0;
}

static int check_header(const struct image_header *header, const char *path, size_t file_size)
{
	const size_t space = RAM_SIZE - PLATFORM_IMAGE_OFFSET;

	if (header->magic != IMAGE_MAGIC || header->text_offset != PLATFORM_IMAGE_OFFSET)
		return error_set(-ENOEXEC,
				 "'%s' is not the benchmark guest as a flat arm64 Image; give what "
				 "objcopy made, not the ELF file",
				 path);
	if (header->image_size > space || file_size > space)
		return error_set(-EFBIG, "the guest '%s' does not fit into %d MB", path,
				 RAM_SIZE >> 20);
	return 0;
}

static int load_image(struct vm *vm, const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct image_header header;
	struct stat status;
	int r;

	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(-errno, "cannot read the guest '%s': %s; name a guest image", path,
				 strerror(errno));
	r = read_at(fd, path, &header, sizeof(header));
	if (r >= 0)
		r = check_header(&header, path, (size_t)status.st_size);
	if (r < 0)
		return r;
	vm->entry = PLATFORM_RAM + PLATFORM_IMAGE_OFFSET;
	return read_at(fd, path, vm->ram + PLATFORM_IMAGE_OFFSET, (size_t)status.st_size);
}

int vm_open(struct vm *vm, const struct config *config)
{
	int r;

	*vm = (struct vm){
		.kvm_fd = -EBADF,
		.fd = -EBADF,
		.gic_fd = -EBADF,
		.features = stimuli_features(config->with),
		.rounds_32bit = config->rounds_32bit,
		.spin_us = config->spin_us,
	};
	r = open_kvm(vm);
	if (r >= 0)
		r = make_vm(vm, config);
	if (r >= 0)
		r = load_image(vm, config->guest);
	if (r < 0)
		return r;
	vm->words = PLATFORM_RAM + WORDS_OFFSET;
	strcpy((char *)vm->ram + WORDS_OFFSET, buffer_text(&config->words));
	return 0;
}

/* KVM's arm-vgic-v3 device: Documentation/virt/kvm/devices/arm-vgic-v3.rst. */
static int gic_set(struct vm *vm, uint32_t group, uint64_t attribute, void *value)
{
	struct kvm_device_attr attr = {
		.group = group,
		.attr = attribute,
		.addr = (uintptr_t)value,
	};
	int r = kvm_call(vm->gic_fd, KVM_SET_DEVICE_ATTR, &attr);

	if (r < 0)
		return error_set(r, "cannot set attribute %llu of group %u of the GICv3: %s",
				 (unsigned long long)attribute, group, strerror(-r));
	return 0;
}

int vm_make_gic(struct vm *vm)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	uint64_t distributor = PLATFORM_GICD, redistributors = PLATFORM_GICR;
	uint32_t interrupts = GIC_INTERRUPTS;
	int r = kvm_call(vm->fd, KVM_CREATE_DEVICE, &device);

	if (r < 0)
		return error_set(
			r,
			"this host's KVM offers no GICv3 to guests: %s; a host with a GICv3 "
			"is needed",
			strerror(-r));
	vm->gic_fd = (int)device.fd;
	r = gic_set(vm, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &distributor);
	if (r >= 0)
		r = gic_set(vm, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST,
			    &redistributors);
	if (r >= 0)
		r = gic_set(vm, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &interrupts);
	if (r >= 0)
		r = gic_set(vm, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
	return r;
}

void *vm_memory(const struct vm *vm, uint64_t address, size_t length)
{
	if (address < PLATFORM_RAM || address - PLATFORM_RAM > RAM_SIZE - length)
		return NULL;
	return vm->ram + (address - PLATFORM_RAM);
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void vm_close(struct vm *vm)
{
	if (vm->ram)
		munmap(vm->ram, RAM_SIZE);
	close_fd(vm->gic_fd);
	close_fd(vm->fd);
	close_fd(vm->kvm_fd);
}
