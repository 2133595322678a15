/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/tiers.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/bpf_source.h"
#include "collector/kernel_types.h"

/* The best first. */
static const struct tier {
	const char *name;
	bool (*exists)(void);
	source_open *open;
} tiers[] = {
	{ "patched", patched_exists, patched_open },
	{ "stock", stock_exists, stock_open },
	{ "x86", x86_exists, x86_open },
	{ "generic", generic_exists, generic_open },
};

/* libbpf does not speak for itself. */
static int read_types(void)
{
	const struct btf *kernel;

	bpf_source_quiet();
	return kernel_types(&kernel);
}

static const struct tier *find_best(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(tiers); i++)
		if (tiers[i].exists())
			return &tiers[i];
	return NULL;
}

static const struct tier *find_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(tiers); i++)
		if (!strcmp(tiers[i].name, name))
			return &tiers[i];
	return NULL;
}

int tiers_parse(const char *argument, const char **ret_name)
{
	const struct tier *tier = find_named(argument);

	if (!tier)
		return error_set(-EINVAL, "there is no tier '%s'; --tier takes patched, stock, x86 or "
				 "generic",
				 argument);
	*ret_name = tier->name;
	return 0;
}

const char *tiers_name(size_t number)
{
	return number < ARRAY_SIZE(tiers) ? tiers[number].name : NULL;
}

int tiers_exist(const char *name, bool *ret_exists)
{
	const struct tier *tier = find_named(name);
	int r = read_types();

	if (r >= 0)
		*ret_exists = tier && tier->exists();
	return r;
}

int tiers_find(const char **ret_name)
{
	const struct tier *tier;
	int r = read_types();

	if (r < 0)
		return r;
	tier = find_best();
	*ret_name = tier ? tier->name : NULL;
	return 0;
}

/* The tier that was asked for; that of the patched kernel says itself what it lacks. */
static int check_named(const char *name)
{
	bool exists = false;
	int r = tiers_exist(name, &exists);

	if (r < 0 || exists || !strcmp(name, "patched"))
		return r;
	return error_set(-ENODEV,
			 "this kernel lacks the tracepoints or types that tier '%s' needs; leave "
			 "--tier out for the best tier that there is",
			 name);
}

int source_open_best(const struct source_options *options, struct source **ret_source)
{
	const char *name = options->tier;
	int r = name ? check_named(name) : tiers_find(&name);

	if (r < 0)
		return r;
	if (!name)
		return error_set(-ENODEV,
				 "this kernel has no tracepoint of KVM; load the module kvm (and "
				 "kvm-amd or kvm-intel), or run 'hyptrace lab'");
	return find_named(name)->open(options, ret_source);
}
