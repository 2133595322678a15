/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hyptrace-vmm for x86: runs the counted guest on the plain KVM API and tells
 * what is known to have happened, to hold a tool's report against.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kvm-arm/vmm/cpus.h"
#include "kvm-x86/vmm/config.h"
#include "kvm-x86/vmm/vm.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static int pin(int cpu)
{
	int r = cpu < 0 ? 0 : cpus_pin(0, cpu);

	return r < 0 ? error_set(r, "cannot run on CPU %d: %s", cpu, strerror(-r)) : 0;
}

static int tell(const struct vm *vm, const char *path)
{
	_cleanup_fclose_ FILE *file = path ? fopen(path, "we") : NULL;

	if (path && !file)
		return error_set(-errno, "cannot write to '%s': %s", path, strerror(errno));
	truth_print(&vm->truth, vm->plan, file ? file : stderr);
	if (file && fflush(file))
		return error_set(-errno, "cannot write all of '%s': %s", path, strerror(errno));
	return 0;
}

static void set_plan(struct plan *plan, const struct plan *wanted)
{
	memcpy(plan->count, wanted->count, sizeof(plan->count));
	plan->hlt_ns = wanted->hlt_ns;
}

static int run(const struct config *config)
{
	_cleanup_(vm_close) struct vm vm;
	int r = vm_open(&vm, config->guest);

	if (r < 0)
		return r;
	set_plan(vm.plan, &config->plan);
	r = pin(config->cpu);
	if (r >= 0)
		r = vm_run(&vm);
	return r < 0 ? r : tell(&vm, config->truth);
}

static int complain(int err, int status)
{
	fprintf(stderr, "hyptrace-vmm: %s\n", error_text(err));
	return status;
}

int main(int argc, char **argv)
{
	struct config config;
	int r = config_parse(&config, argc, argv);

	if (r < 0)
		return complain(r, EXIT_USAGE);
	if (r == CONFIG_HELP)
		return 0;
	r = run(&config);
	return r < 0 ? complain(r, EXIT_FAILED) : 0;
}
