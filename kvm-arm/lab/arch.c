/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/lab/arch.h"

#include <errno.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/error.h"

static const struct arch archs[] = {
	{
		.name = "arm64",
		.debian = "arm64",
		.emulator = { "qemu-system-aarch64", "qemu-system-arm" },
		.board = "virt,virtualization=on",
		.cpu = "max",
		.cpu_more = ",cntfrq=1000000000",
		.append = "",
		.init = "lab-init",
		.make = "make",
		.el2 = true,
	},
	/*
	 * QEMU emulates SVM, not VMX. The TSC is the clock, as no CPU leaves the others behind.
	 * CPUs take turns: with a thread each, QEMU 7.2 may go on executing an INT3 by which
	 * the kernel has patched its text while another CPU takes it out, and the kernel,
	 * which knows no such INT3 any more, panics.
	 */
	{
		.name = "x86",
		.debian = "amd64",
		.emulator = { "qemu-system-x86_64", "qemu-system-x86" },
		.board = "q35",
		.turns = true,
		.cpu = "EPYC",
		.cpu_more = ",+svm,+npt",
		.append = "console=ttyS0 tsc=reliable",
		.init = "lab-init-x86",
		.make = "make x86",
	},
};

static int refuse(const char *name)
{
	_cleanup_buffer_ struct buffer names = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		buffer_printf(&names, "%s%s", i ? ", " : "", archs[i].name);
	return error_set(-EINVAL, "lab: there is no architecture '%s'; the lab has %s", name,
			 buffer_text(&names));
}

int arch_find(const char *name, const struct arch **ret_arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++) {
		if (strcmp(archs[i].name, name) != 0)
			continue;
		*ret_arch = &archs[i];
		return 0;
	}
	return refuse(name);
}
