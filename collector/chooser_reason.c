/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of reasons to rules: what kvm-arm/decode makes of examples is compared
 * with the name, so that its tables stay the only ones.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "collector/chooser.h"
#include "kvm-arm/decode/reason.h"

enum { ESR_CLASS_SHIFT = 26, ESR_CLASS_COUNT = 64, CLASS_SYSREG = 0x18, CLASS_ABORT = 0x24 };

struct search {
	struct chooser *chooser;
	const char *name;
	bool found;
	struct buffer classes; /* their words, for the sentence */
};

/* --- classes ------------------------------------------------------------------ */

static int list_class(struct search *search, const char *key)
{
	const char *list = buffer_text(&search->classes);
	size_t length = strlen(key);

	for (const char *at = list; (at = strstr(at, key)); at += length)
		if ((at == list || at[-1] == ' ') && (at[length] == ',' || !at[length]))
			return 0;
	return buffer_printf(&search->classes, "%s%s", *list ? ", " : "", key);
}

/* What has no detail is named by its class, or by the name that the report prints. */
static int try_class(struct search *search, const struct exit_fixed *example)
{
	__u32 class = choose_class_of(example->kind, example->code, example->flags, example->esr);
	struct exit_reason reason = reason_of(example);
	char name[REASON_TEXT], detail[REASON_TEXT];
	const char *key = reason_class_key(&reason);
	bool whole = !*reason_detail(&reason, detail);

	if (!strcmp(search->name, key) ||
	    (whole && !strcmp(search->name, reason_name(&reason, name)))) {
		search->chooser->rules.class[class / 64] |= UINT64_C(1) << (class % 64);
		search->found = true;
	}
	return list_class(search, key);
}

static int try_traps(struct search *search)
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

static int try_classes(struct search *search)
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

static int add_reason(struct search *search, __u64 esr, __u64 number)
{
	struct chooser *chooser = search->chooser;

	if (chooser->reasons == CHOOSE_REASONS)
		return error_set(-E2BIG,
				 "--reason: more than %d reasons with a detail; choose by class",
				 CHOOSE_REASONS);
	chooser->reason[chooser->reasons++] = (struct choose_reason){ esr, number };
	chooser->rules.details = true;
	search->found = true;
	return 0;
}

static int try_detail(struct search *search, __u64 esr, __u16 flags, __u64 number)
{
	const struct exit_fixed example = { .kind = EXIT_KIND_EXIT,
					    .code = EXIT_CODE_TRAP,
					    .flags = flags,
					    .esr = esr,
					    .ipa = number,
					    .arg = number };
	struct exit_reason reason = reason_of(&example);
	char name[REASON_TEXT];

	if (strcmp(search->name, reason_name(&reason, name)) != 0)
		return 0;
	return add_reason(search, esr, number);
}

/* The immediate of an HVC or SMC is printed behind '#'. */
static int try_calls(struct search *search, __u64 number)
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
static int try_accesses(struct search *search, __u64 ipa)
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
static int try_sysregs(struct search *search, bool read)
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

static int try_details(struct search *search)
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

/* --- both ------------------------------------------------------------------------ */

int chooser_add_reason(struct chooser *chooser, const char *argument)
{
	_cleanup_buffer_ struct buffer classes = { 0 };
	struct search search = { .chooser = chooser, .name = argument };
	int r = try_classes(&search);

	classes = search.classes;
	if (r >= 0 && !search.found)
		r = try_details(&search);
	if (r < 0)
		return r;
	if (!search.found)
		return error_set(-EINVAL,
				 "--reason: there is no reason '%s'; give one as the report prints "
				 "it, or a class: %s",
				 argument, buffer_text(&classes));
	chooser->rules.some = chooser->rules.reasons = true;
	return buffer_printf(&chooser->text, "%sreason %s", chooser->text.length ? "; " : "",
			     argument);
}
