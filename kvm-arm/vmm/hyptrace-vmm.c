/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hyptrace-vmm: runs the benchmark guest on the plain KVM API of an arm64 host
 * and tells what is known to have happened. Nothing in it is tuned, so that
 * what a tool reports about it can be held against its own counts.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kvm-arm/vmm/config.h"
#include "kvm-arm/vmm/team.h"
#include "kvm-arm/vmm/vm.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* No path: no file. */
static int open_output(const char *path, FILE **ret_file)
{
	FILE *file = path ? fopen(path, "we") : NULL;

	if (path && !file)
		return error_set(-errno, "cannot write to '%s': %s", path, strerror(errno));
	*ret_file = file;
	return 0;
}

static int close_output(FILE *file, const char *path)
{
	int failed;

	if (!file)
		return 0;
	failed = ferror(file);
	if (fclose(file) || failed)
		return error_set(-EIO, "cannot write all of '%s'; is the disk full?", path);
	return 0;
}

static int team_tell(struct team *team, FILE *out)
{
	int r = team_run(team);

	if (r >= 0)
		r = team_read_kvm(team);
	if (r < 0)
		return r;
	team_print(team, out);
	if (team_guest_failed(team))
		return error_set(-ECANCELED, "the guest failed; what it printed says why");
	return 0;
}

static int run(const struct config *config, FILE *truth, FILE *samples)
{
	_cleanup_(vm_close) struct vm vm;
	int r = vm_open(&vm, config);
	struct team team;

	if (r < 0)
		return r;
	vm.samples = samples;
	r = team_open(&team, &vm, config);
	if (r >= 0)
		r = team_tell(&team, truth);
	team_close(&team);
	return r;
}

static int run_and_tell(const struct config *config)
{
	_cleanup_fclose_ FILE *truth = NULL, *samples = NULL;
	int r = open_output(config->truth, &truth);

	if (r >= 0)
		r = open_output(config->samples, &samples);
	if (r >= 0)
		r = run(config, truth ? truth : stderr, samples);
	if (r >= 0)
		r = close_output(TAKE_PTR(samples), config->samples);
	if (r >= 0)
		r = close_output(TAKE_PTR(truth), config->truth);
	return r;
}

static int complain(int err, int status)
{
	fprintf(stderr, "hyptrace-vmm: %s\n", error_text(err));
	return status;
}

int main(int argc, char **argv)
{
	_cleanup_(config_release) struct config config;
	int r = config_parse(&config, argc, argv);

	if (r < 0)
		return complain(r, EXIT_USAGE);
	if (r == CONFIG_HELP)
		return 0;
	r = run_and_tell(&config);
	return r < 0 ? complain(r, EXIT_FAILED) : 0;
}
