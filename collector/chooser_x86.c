/* SPDX-License-Identifier: GPL-2.0-only */
/* Examples of exits of x86 hosts: of each number, and of accesses to devices. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "collector/chooser_search.h"

enum { UNLISTED = 0x1000 }; /* a number that no table has */

static struct exit_fixed exit_of(__u8 code, __u64 esr, __u64 arg)
{
	return (struct exit_fixed){ .kind = EXIT_KIND_EXIT, .code = code, .esr = esr, .arg = arg };
}

/* To a port or to memory, which is what no exit for an I/O instruction is for. */
static struct exit_fixed access_of(__u8 code, bool port, __u64 how, __u64 address)
{
	const __u64 numbers = 0xff;
	struct exit_fixed example = exit_of(code, how, address);

	example.flags = EXIT_FLAG_MMIO_KERNEL;
	for (__u64 i = 0; port && i < numbers && !choose_is_port(code, example.esr); i++)
		example.esr = how | i;
	return example;
}

/* --- classes ------------------------------------------------------------------- */

static int try_class(struct chooser_search *search, const struct exit_fixed *example)
{
	__u32 class = choose_x86_class(example->kind, example->code, example->flags, example->esr);

	return chooser_try_class(search, class, example);
}

static int try_classes(struct chooser_search *search, __u8 code)
{
	const struct exit_fixed others[] = {
		{ .kind = EXIT_KIND_START },
		access_of(code, true, 0, 0),
		access_of(code, false, 0, 0),
		exit_of(code, UNLISTED, 0),
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(others); i++)
		r = try_class(search, &others[i]);
	for (__u32 class = CHOOSE_NUMBER; r >= 0 && class < CHOOSE_ERROR + 0x20; class ++) {
		const struct exit_fixed example = exit_of(code, choose_number_of(class), 0);

		r = try_class(search, &example);
	}
	return r;
}

/* --- reasons with a detail -------------------------------------------------------- */

static int add(struct chooser_search *search, const struct exit_fixed *example)
{
	return chooser_found(search, choose_x86_reason(example->code, example->flags, example->esr,
						       example->arg));
}

/*
 * MSRs and calls alone have an argument, and MSRs alone are written: of all else the
 * first example has the name, if any has.
 */
static int try_number(struct chooser_search *search, __u8 code, __u32 number, __u64 argument)
{
	const __u64 write = UINT64_C(1) << EXIT_X86_WRITE_BIT;
	const struct exit_fixed examples[] = {
		exit_of(code, number, 0),
		exit_of(code, number, argument),
		exit_of(code, number | write, 0),
		exit_of(code, number | write, argument),
	};

	for (size_t i = 0; i < ARRAY_SIZE(examples); i++)
		if (chooser_is_named(search, &examples[i]))
			return add(search, &examples[i]);
	return 0;
}

static int try_accesses(struct chooser_search *search, __u8 code, bool port, __u64 address)
{
	static const __u64 widths[] = { 0, 1, 2, 4, 8 };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < 2 * ARRAY_SIZE(widths); i++) {
		__u64 how = widths[i / 2] << EXIT_X86_WIDTH_SHIFT | (i & UINT64_C(1))
									    << EXIT_X86_WRITE_BIT;
		const struct exit_fixed example = access_of(code, port, how, address);

		if (chooser_is_named(search, &example))
			r = add(search, &example);
	}
	return r;
}

/* What a name has in it: of a call in decimal digits, else in hexadecimal ones. */
static __u64 number_in(const char *name)
{
	const char *hex = strstr(name, "0x"), *digits = strpbrk(name, "0123456789");

	if (hex)
		return strtoull(hex, NULL, 16);
	return digits ? strtoull(digits, NULL, 10) : 0;
}

/* An exit's own number is its detail where no table has it. */
static int try_details(struct chooser_search *search, __u8 code)
{
	__u64 number = number_in(search->name);
	__u32 unlisted = choose_number(code, number);
	int r = try_accesses(search, code, true, number);

	if (r >= 0)
		r = try_accesses(search, code, false, number);
	for (__u32 class = CHOOSE_NUMBER; r >= 0 && class < CHOOSE_ERROR + 0x20; class ++)
		r = try_number(search, code, choose_number_of(class), number);
	if (r >= 0 && !search->found && unlisted == number)
		r = try_number(search, code, unlisted, 0);
	return r;
}

int chooser_search_x86(struct chooser_search *search, __u8 code)
{
	int r = try_classes(search, code);

	return r < 0 || search->found ? r : try_details(search, code);
}
