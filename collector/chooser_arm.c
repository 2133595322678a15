/* SPDX-License-Identifier: GPL-2.0-only */
/* Examples of exits of Arm hosts. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "collector/chooser_search.h"

enum { ESR_CLASS_SHIFT = 26, ESR_CLASS_COUNT = 64, CLASS_SYSREG = 0x18, CLASS_ABORT = 0x24 };

/* --- classes ------------------------------------------------------------------ */

static int try_class(struct chooser_search *search, const struct exit_fixed *example)
{
	__u32 class = choose_class_of(example->kind, example->code, example->flags, example->esr);

	return chooser_try_class(search, class, example);
}

static int try_traps(struct chooser_search *search)
{
	int r = 0;

	for (__u64 class = 0; class < ESR_CLASS_COUNT; class ++)
		for (__u64 wait = 0; r >= 0 && wait < (class == 1 ? 4 : 1); wait++) {
			const struct exit_fixed example = { .kind = EXIT_KIND_EXIT,
							    .code = EXIT_CODE_TRAP,
							    .esr = class << ESR_CLASS_SHIFT |
								   wait };

			r = try_class(search, &example);
		}
	return r;
}

static int try_classes(struct chooser_search *search)
{
	static const struct exit_fixed others[] = {
		{ .kind = EXIT_KIND_EXIT, .code = EXIT_CODE_IRQ },
		{ .kind = EXIT_KIND_EXIT, .code = EXIT_CODE_SERROR },
		{ .kind = EXIT_KIND_EXIT, .code = EXIT_CODE_IL },
		{ .kind = EXIT_KIND_EXIT,
		  .code = EXIT_CODE_TRAP,
		  .flags = EXIT_FLAG_MMIO_KERNEL,
		  .esr = (__u64)CLASS_ABORT << ESR_CLASS_SHIFT },
		{ .kind = EXIT_KIND_START },
		{ .kind = EXIT_KIND_CONTINUATION },
		{ .kind = EXIT_KIND_CONTINUATION, .flags = EXIT_FLAG_USER },
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(others); i++)
		r = try_class(search, &others[i]);
	return r < 0 ? r : try_traps(search);
}

/* --- reasons with a detail ------------------------------------------------------ */

static int try_detail(struct chooser_search *search, __u64 esr, __u16 flags, __u64 number)
{
	const struct exit_fixed example = { .kind = EXIT_KIND_EXIT,
					    .code = EXIT_CODE_TRAP,
					    .flags = flags,
					    .esr = esr,
					    .ipa = number,
					    .arg = number };

	if (!chooser_is_named(search, &example))
		return 0;
	return chooser_found(search, (struct choose_reason){ esr, number });
}

/* The immediate of an HVC or SMC is printed behind '#'. */
static int try_calls(struct chooser_search *search, __u64 number)
{
	static const __u64 classes[] = { 0x12, 0x13, 0x16, 0x17 };
	const char *immediate = strchr(search->name, '#');
	__u64 imm16 = immediate ? strtoul(immediate + 1, NULL, 16) & 0xffff : 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(classes); i++)
		r = try_detail(search, classes[i] << ESR_CLASS_SHIFT | imm16, 0, number);
	return r;
}

/* ISS of a data abort: ISV bit 24, SAS bits 23:22, WnR bit 6. */
static int try_accesses(struct chooser_search *search, __u64 ipa)
{
	__u64 class = (__u64)CLASS_ABORT << ESR_CLASS_SHIFT;
	int r = 0;

	for (__u64 i = 0; r >= 0 && i < 16; i++) {
		__u64 width = i >> 3 ? 1 << 24 | (i & 3) << 22 : 0, write = (i >> 2 & 1) << 6;

		if (width || !(i & 3)) /* without ISV there is no width */
			r = try_detail(search, class | width | write, EXIT_FLAG_MMIO_USER, ipa);
	}
	return r;
}

/* ISS of class 0x18: Op0 21:20, Op2 19:17, Op1 16:14, CRn 13:10, CRm 4:1, Dir 0. */
static int try_sysregs(struct chooser_search *search, bool read)
{
	__u64 class = (__u64)CLASS_SYSREG << ESR_CLASS_SHIFT;
	int r = 0;

	for (__u64 i = 0; r >= 0 && i < 1 << 16; i++)
		r = try_detail(search, class | i >> 4 << 10 | (i & 15) << 1 | read, 0, 0);
	return r;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length > tail && !strcmp(text + length - tail, end);
}

static int try_details(struct chooser_search *search)
{
	const char *hex = strstr(search->name, "0x");
	bool read = ends_with(search->name, " read");
	__u64 number = hex ? strtoull(hex, NULL, 16) : 0;
	int r = hex ? try_calls(search, number) : 0;

	if (r >= 0 && hex && !search->found)
		r = try_accesses(search, number);
	if (r >= 0 && !search->found && (read || ends_with(search->name, " write")))
		r = try_sysregs(search, read);
	return r;
}

int chooser_search_arm(struct chooser_search *search)
{
	int r = try_classes(search);

	return r < 0 || search->found ? r : try_details(search);
}
