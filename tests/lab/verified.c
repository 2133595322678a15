/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads every BPF object that this kernel has the types for, with records, totals
 * alone, totals by group and every rule of choice, and prints name and verified
 * instructions of each program, or why the object does not load here. Fails where one
 * takes 100,000 or more, or loads in some of the ways only; 77 where none loads.
 */
#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/chooser.h"
#include "collector/tiers.h"

enum { INSTRUCTIONS_MOST = 100000, EXIT_SKIP = 77 };

static __u32 newest_program(void)
{
	__u32 id = 0;

	while (bpf_prog_get_next_id(id, &id) == 0)
		continue;
	return id;
}

/* Prints the programs that came after `id`. Returns 0, or 1 where one is too long. */
static int print_programs(const char *tier, __u32 id)
{
	int status = 0;

	while (bpf_prog_get_next_id(id, &id) == 0) {
		struct bpf_prog_info info = { 0 };
		__u32 size = sizeof(info);
		_cleanup_close_ int fd = bpf_prog_get_fd_by_id(id);

		if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
			return 1;
		printf("%s %s %u\n", tier, info.name, info.verified_insns);
		if (info.verified_insns >= INSTRUCTIONS_MOST)
			status = 1;
	}
	return status;
}

/* Whatever the verifier leaves out as dead code in one of these is there in another. */
static struct chooser every_rule = {
	.rules = { .some = 1, .slower = 1, .vcpus = 1, .reasons = 1, .details = 1, .steps = 1,
		   .below = 1 }
};

static const struct source_options ways[] = {
	{ .all = true },
	{ .all = true, .totals_only = true },
	{ .all = true, .totals_only = true, .groups = true },
	{ .all = true, .chooser = &every_rule },
};

static int load_one(const char *tier, const struct source_options *way, bool *loaded)
{
	struct source_options options = *way;
	_cleanup_(source_closep) struct source *source = NULL;
	__u32 before = newest_program();
	int r;

	options.ring_bytes = (size_t)sysconf(_SC_PAGESIZE);
	options.tier = tier;
	r = source_open_best(&options, &source);
	if (r < 0) {
		printf("%s %s: %s\n", *loaded ? "FAIL" : "SKIP", tier, error_text(r));
		error_clear();
		return *loaded;
	}
	*loaded = true;
	return print_programs(tier, before);
}

/* Where an object loads in one way, it must in all. */
static int load(const char *tier, bool *any)
{
	bool loaded = false;
	int status = 0;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		status |= load_one(tier, &ways[i], &loaded);
	*any |= loaded;
	return status;
}

int main(void)
{
	bool loaded = false;
	int status = 0;

	for (size_t i = 0; tiers_name(i); i++) {
		bool exists = false;

		if (tiers_exist(tiers_name(i), &exists) < 0 || !exists) {
			printf("SKIP %s: the kernel's types lack what it needs of KVM\n",
			       tiers_name(i));
			error_clear();
			continue;
		}
		status |= load(tiers_name(i), &loaded);
	}
	return status || loaded ? status : EXIT_SKIP;
}
