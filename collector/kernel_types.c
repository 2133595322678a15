/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/kernel_types.h"

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"

#define KERNEL_BTF "/sys/kernel/btf/vmlinux"
#define KEPT_BYTES (32 << 20) /* the most that glibc takes for M_MMAP_THRESHOLD */
#define LARGE_PAGE ((uintptr_t)2 << 20)

static struct btf *kernel;

/* Those of modules, which refer to the kernel's; KVM is three at most. */
static struct module {
	const char *name;
	struct btf *types;
} modules[4];

/*
 * Gets the memory from the kernel at once, where page by page is half the time of
 * reading: the file, libbpf's copy of it, and an index. What fails is done page by page.
 */
static void get_memory(void)
{
	struct stat file;
	uintptr_t place, begin;
	size_t bytes;

	mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
	mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	if (stat(KERNEL_BTF, &file) < 0 || file.st_size > KEPT_BYTES / 3)
		return;
	bytes = (size_t)file.st_size / 4 * 10;
	place = (uintptr_t)malloc(bytes);
	begin = (place + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
	if (place && begin < place + bytes) {
		madvise((void *)begin, place + bytes - begin, MADV_HUGEPAGE);
		madvise((void *)begin, place + bytes - begin, MADV_POPULATE_WRITE);
	}
	free((void *)place);
}

static bool kernel_is_read(void)
{
	if (!kernel) {
		get_memory();
		kernel = btf__load_vmlinux_btf();
	}
	return kernel;
}

int kernel_types(const struct btf **ret_kernel)
{
	if (!kernel_is_read())
		return error_set(
			-errno,
			"this kernel has no type information that can be read in " KERNEL_BTF
			"; build it with CONFIG_DEBUG_INFO_BTF=y, or run 'hyptrace lab'");
	*ret_kernel = kernel;
	return 0;
}

const struct btf *kernel_types_module(const char *name)
{
	struct module *module = modules;

	while (module->types && strcmp(module->name, name) != 0)
		if (++module == modules + ARRAY_SIZE(modules))
			return NULL;
	if (!kernel_is_read())
		return NULL;
	if (!module->types)
		*module = (struct module){ name, btf__load_module_btf(name, kernel) };
	return module->types ? module->types : kernel;
}

void kernel_types_forget(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(modules); i++)
		btf__free(modules[i].types);
	memset(modules, 0, sizeof(modules));
	btf__free(kernel);
	kernel = NULL;
}
