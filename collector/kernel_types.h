/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The running kernel's types (BTF), by which a tier is chosen and fitted to the kernel.
 * They are some ten megabytes to read and to keep: they are read once, and given up
 * before libbpf reads them for itself. Not for several threads.
 */
#ifndef COLLECTOR_KERNEL_TYPES_H
#define COLLECTOR_KERNEL_TYPES_H

#include <bpf/btf.h>

/* Read where they are not at hand. Returns 0, or a negative errno with a sentence. */
int kernel_types(const struct btf **ret_kernel);

/*
 * Those of a module behind the kernel's, or the kernel's alone where the module is
 * built in or not loaded. NULL where not even those can be read.
 */
const struct btf *kernel_types_module(const char *module);

/*
 * Whatever the two have given is gone. Its memory stays with the process for libbpf,
 * which needs as much: what takes longest is to get it from the kernel.
 */
void kernel_types_forget(void);

#endif
