/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hyptrace lab: builds the emulated host's kernel and root file system or finds
 * them in the cache, boots them under QEMU and runs COMMAND there.
 */
#include "kvm-arm/lab/lab.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kvm-arm/lab/arch.h"
#include "kvm-arm/lab/data.h"
#include "kvm-arm/lab/initramfs.h"
#include "kvm-arm/lab/kernel.h"
#include "kvm-arm/lab/machine.h"
#include "kvm-arm/lab/rootfs.h"
#include "kvm-arm/lab/session.h"
#include "kvm-arm/lab/stock.h"

enum { STATUS_TIME_OUT = 124, SIGNAL_BASE = 128 };
enum { MOST_CPUS = 8, LEAST_MEMORY_MB = 256, MOST_MEMORY_MB = 262144, MOST_SECONDS = 864000 };

enum {
	KEY_ARCH = 256,
	KEY_MODE,
	KEY_KERNEL,
	KEY_STOCK,
	KEY_UNPATCHED,
	KEY_EXTRA_PATCH,
	KEY_CONFIG,
	KEY_IMAGE,
	KEY_ICOUNT,
	KEY_TURNS,
	KEY_SMP,
	KEY_MEMORY,
	KEY_CPU,
	KEY_GIC,
	KEY_MTE,
	KEY_SHARE,
	KEY_TIME_LIMIT,
	KEY_APPEND,
	KEY_BUILD_ONLY,
	KEY_VERBOSE,
	KEY_END,
};

static const struct cmdline_option options[] = {
	{ KEY_ARCH, "arch", "ARCH", "arm64 (default), or x86 with SVM" },
	{ KEY_MODE, "mode", "MODE", "nvhe (default), vhe, hvhe or protected" },
	{ KEY_KERNEL, "kernel", "VERSION", "Debian's kernel of that version (default 6.12)" },
	{ KEY_STOCK, "stock", NULL, "Debian's own kernel package, unmodified" },
	{ KEY_UNPATCHED, "unpatched", NULL, "leave hyptrace's kernel patches out" },
	{ KEY_EXTRA_PATCH, "extra-patch", "FILE",
	  "apply a patch of your own as well (repeatable)" },
	{ KEY_CONFIG, "config", "FILE", "kernel options on top of the lab's own (repeatable)" },
	{ KEY_IMAGE, "image", "FILE", "boot this arm64 Image, build none" },
	{ KEY_ICOUNT, "icount", NULL, "count instructions: one is one nanosecond" },
	{ KEY_TURNS, "turns", NULL, "CPUs take turns: each runs what another has just patched" },
	{ KEY_SMP, "smp", "N", "emulated CPUs (default 2)" },
	{ KEY_MEMORY, "memory", "MB", "emulated memory (default 1024)" },
	{ KEY_CPU, "cpu", "MODEL", "QEMU's CPU model (default max, x86: EPYC)" },
	{ KEY_GIC, "gic", "VERSION", "interrupt controller: 3 (default) or 2" },
	{ KEY_MTE, "mte", NULL, "memory with tags (MTE)" },
	{ KEY_SHARE, "share", "DIR", "becomes /share, where COMMAND starts (default .)" },
	{ KEY_TIME_LIMIT, "time-limit", "SECONDS", "end the host after that time (default 600)" },
	{ KEY_APPEND, "append", "ARGS", "add to the kernel's command line" },
	{ KEY_BUILD_ONLY, "build-only", NULL, "build, print where the results are, run nothing" },
	{ KEY_VERBOSE, "verbose", NULL, "print the host kernel's console on standard error" },
	{ 0 },
};

const struct cmdline_command lab_command = {
	.name = "lab",
	.usage = "[OPTION...] [--] COMMAND [ARGUMENT...]",
	.help = "run a command on an emulated KVM host",
	.options = options,
	.run = command_lab,
};

struct lab {
	struct machine machine;
	struct kernel_wish wish;
	bool stock;
	bool given[KEY_END - KEY_ARCH]; /* which options there were */
	const char *image;		/* NULL: build one */
	int time_limit_s;
	bool build_only;
};

static void lab_release(struct lab *lab)
{
	words_release(&lab->wish.extra);
	words_release(&lab->wish.configs);
}

static int take_number(const char *text, const char *what, int min, int max, int *ret_number)
{
	long long number;
	int r = cmdline_number(text, what, min, max, &number);

	if (r >= 0)
		*ret_number = (int)number;
	return r;
}

static int take_file(struct words *files, const char *path)
{
	words_add(files, "%s", path);
	return files->error;
}

/* What an option without an argument sets; NULL for the others. */
static bool *find_flag(struct lab *lab, int key)
{
	switch (key) {
	case KEY_STOCK:
		return &lab->stock;
	case KEY_UNPATCHED:
		return &lab->wish.unpatched;
	case KEY_ICOUNT:
		return &lab->machine.icount;
	case KEY_TURNS:
		return &lab->machine.turns;
	case KEY_MTE:
		return &lab->machine.mte;
	case KEY_BUILD_ONLY:
		return &lab->build_only;
	case KEY_VERBOSE:
		return &lab->machine.verbose;
	default:
		return NULL;
	}
}

static int handle(void *context, int key, const char *argument)
{
	struct lab *lab = context;
	struct machine *machine = &lab->machine;
	bool *flag = find_flag(lab, key);

	lab->given[key - KEY_ARCH] = true;
	if (flag) {
		*flag = true;
		return 0;
	}
	switch (key) {
	case KEY_ARCH:
		return arch_find(argument, &machine->arch);
	case KEY_MODE:
		return kvm_mode_find(argument, &machine->mode);
	case KEY_KERNEL:
		lab->wish.version = argument;
		return 0;
	case KEY_EXTRA_PATCH:
		return take_file(&lab->wish.extra, argument);
	case KEY_CONFIG:
		return take_file(&lab->wish.configs, argument);
	case KEY_IMAGE:
		lab->image = argument;
		return 0;
	case KEY_SMP:
		return take_number(argument, "lab: --smp", 1, MOST_CPUS, &machine->smp);
	case KEY_MEMORY:
		return take_number(argument, "lab: --memory", LEAST_MEMORY_MB, MOST_MEMORY_MB,
				   &machine->memory_mb);
	case KEY_CPU:
		machine->cpu = argument;
		return 0;
	case KEY_GIC:
		return take_number(argument, "lab: --gic", 2, 3, &machine->gic);
	case KEY_SHARE:
		machine->share = argument;
		return 0;
	case KEY_TIME_LIMIT:
		return take_number(argument, "lab: --time-limit", 1, MOST_SECONDS,
				   &lab->time_limit_s);
	case KEY_APPEND:
		machine->append = argument;
		return 0;
	default:
		return -EINVAL;
	}
}

/* What --stock leaves no place for: nothing is built then. --arch x86 means it too. */
static const int builds[] = { KEY_UNPATCHED, KEY_EXTRA_PATCH, KEY_CONFIG, KEY_IMAGE };

/* What only arm64 has. */
static const int el2_only[] = { KEY_MODE, KEY_GIC, KEY_MTE };

static const char *option_name(int key)
{
	const struct cmdline_option *row = options;

	while (row->key != key)
		row++;
	return row->name;
}

static int refuse_given(const struct lab *lab, const int *keys, size_t count, const char *why)
{
	for (size_t i = 0; i < count; i++)
		if (lab->given[keys[i] - KEY_ARCH])
			return error_set(-EINVAL, "lab: --%s has no meaning here: %s",
					 option_name(keys[i]), why);
	return 0;
}

/* Options that do not go together, and what --arch decides. */
static int settle(struct lab *lab)
{
	const struct arch *arch = lab->machine.arch;
	int r = 0;

	if (!arch->el2) {
		lab->stock = true;
		lab->machine.mode = NULL;
		r = refuse_given(lab, el2_only, ARRAY_SIZE(el2_only),
				 "an x86 host has no EL2 and no GIC");
	}
	if (r >= 0 && lab->stock)
		r = refuse_given(lab, builds, ARRAY_SIZE(builds),
				 arch->el2 ? "--stock takes Debian's own kernel as it is"
					   : "an x86 host runs Debian's own kernel as it is");
	return r;
}

static int get_kernel(const struct lab *lab, const struct lab_data *data, struct kernel *ret_kernel)
{
	if (lab->image)
		return kernel_given(lab->image, ret_kernel);
	if (lab->stock)
		return stock_get(data, lab->machine.arch, lab->wish.version, ret_kernel);
	return kernel_get(data, &lab->wish, ret_kernel);
}

static int print_results(const struct kernel *kernel, const char *rootfs)
{
	printf("image=%s\n", kernel->image);
	if (kernel->vmlinux)
		printf("vmlinux=%s\n", kernel->vmlinux);
	printf("rootfs=%s\n", rootfs);
	return 0;
}

/* What ended the run other than COMMAND has to be said here: it is no error of ours. */
static int conclude(const struct session_result *result, const struct lab *lab)
{
	switch (result->end) {
	case SESSION_TIME_OUT:
		fprintf(stderr,
			"hyptrace: lab: ended after %d s, COMMAND was still running; "
			"--time-limit sets another limit\n",
			lab->time_limit_s);
		return STATUS_TIME_OUT;
	case SESSION_SIGNAL:
		return SIGNAL_BASE + result->status;
	default:
		return result->status;
	}
}

static int run(const struct lab *lab, const struct lab_data *data, const struct kernel *kernel,
	       char **command)
{
	const struct initramfs contents = {
		.init = data->init,
		.command = command,
		.mode = lab->machine.mode ? lab->machine.mode->pattern : "",
		.modules = &kernel->modules,
	};
	_cleanup_emulator_ struct emulator emulator = EMULATOR_NONE;
	_cleanup_close_ int initramfs = initramfs_make(&contents);
	struct session_result result;
	int r = initramfs;

	if (r >= 0)
		r = machine_start(&lab->machine, initramfs, &emulator);
	if (r >= 0)
		r = session_run(&emulator, lab->time_limit_s, lab->machine.verbose, &result);
	return r < 0 ? r : conclude(&result, lab);
}

static int build_and_run(struct lab *lab, char **command)
{
	_cleanup_lab_data_ struct lab_data data = { 0 };
	_cleanup_kernel_ struct kernel kernel = { 0 };
	_cleanup_free_ char *rootfs = NULL;
	int r = lab_data_find(lab->machine.arch, &data);

	if (r >= 0)
		r = get_kernel(lab, &data, &kernel);
	if (r >= 0)
		r = rootfs_get(&data, lab->machine.arch, &rootfs);
	if (r < 0)
		return r;
	if (lab->build_only)
		return print_results(&kernel, rootfs);
	lab->machine.kernel = kernel.image;
	lab->machine.rootfs = rootfs;
	return run(lab, &data, &kernel, command);
}

static int check_share(const char *share, char **ret_path)
{
	_cleanup_free_ char *path = realpath(share, NULL);
	struct stat info;

	if (!path || stat(path, &info) < 0)
		return error_set(-errno, "lab: cannot share %s: %m", share);
	if (!S_ISDIR(info.st_mode))
		return error_set(-ENOTDIR, "lab: cannot share %s: it is not a folder", share);
	*ret_path = TAKE_PTR(path);
	return 0;
}

/* Refuses what cannot work before anything is built. */
static int check(struct lab *lab, bool has_command, char **ret_share)
{
	int r = settle(lab);

	if (r < 0 || lab->build_only)
		return r;
	if (!has_command)
		return error_set(-EINVAL, "lab: there is no COMMAND; see 'hyptrace lab --help'");
	r = machine_check(&lab->machine);
	return r < 0 ? r : check_share(lab->machine.share, ret_share);
}

int command_lab(int argc, char **argv)
{
	_cleanup_(lab_release) struct lab lab = {
		.machine = { .gic = 3, .share = ".", .append = "", .smp = 2, .memory_mb = 1024 },
		.wish = { .version = "6.12" },
		.time_limit_s = 600,
	};
	_cleanup_free_ char *share = NULL;
	int rest, r;

	r = arch_find("arm64", &lab.machine.arch);
	if (r >= 0)
		r = kvm_mode_find("nvhe", &lab.machine.mode);
	if (r >= 0)
		r = cmdline_parse(&lab_command, argc, argv, handle, &lab, &rest);
	if (r != 0)
		return r == CMDLINE_HELP ? 0 : r;
	r = check(&lab, rest < argc, &share);
	if (r < 0)
		return r;
	lab.machine.share = share;
	return build_and_run(&lab, argv + rest);
}
