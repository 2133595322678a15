/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/kernel_types.h"

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"

#define KERNEL_BTF "/sys/kernel/btf/vmlinux"
#define KEPT_BYTES (32 << 20) /* the most that glibc takes for M_MMAP_THRESHOLD */

static struct btf *kernel;

/* Those of modules, which refer to the kernel's; KVM is three at most. */
static struct module {
	const char *name;
	struct btf *types;
} modules[4];

static bool kernel_is_read(void)
{
	if (!kernel) {
		mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
		mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
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
