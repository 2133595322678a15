/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/chooser.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cmdline.h"
#include "base/duration.h"
#include "base/error.h"

/* Adds the option to what the trace will say. */
static int note(struct chooser *chooser, const char *option, const char *argument)
{
	chooser->rules.some = true;
	return buffer_printf(&chooser->text, "%s%s %s", chooser->text.length ? "; " : "", option,
			     argument);
}

int chooser_slower_than(struct chooser *chooser, const char *argument)
{
	int r = duration_parse(argument, "--slower-than", &chooser->slower_ns);

	if (r < 0)
		return r;
	chooser->rules.slower = true;
	return note(chooser, "slower than", argument);
}

static int add_vcpu(struct chooser *chooser, const char *number)
{
	long long vcpu;
	int r = cmdline_number(number, "--vcpu", 0, CHOOSE_VCPUS - 1, &vcpu);

	if (r >= 0)
		chooser->rules.vcpu[vcpu / 64] |= UINT64_C(1) << (vcpu % 64);
	return r;
}

int chooser_add_vcpus(struct chooser *chooser, const char *argument)
{
	_cleanup_free_ char *list = strdup(argument);
	char *rest = list, *number;
	int r = 0;

	if (!list)
		return -ENOMEM;
	while (r >= 0 && (number = strsep(&rest, ",")))
		r = add_vcpu(chooser, number);
	if (r < 0)
		return r;
	chooser->rules.vcpus = true;
	return note(chooser, "vCPU", argument);
}

uint32_t chooser_below(uint32_t one_of)
{
	return one_of ? (uint32_t)((UINT64_C(1) << 32) / one_of) : 0;
}

int chooser_sample(struct chooser *chooser, const char *argument)
{
	_cleanup_free_ char *text = NULL;
	long long one_of;
	int r = cmdline_number(argument, "--sample N", 2, 1000000, &one_of);

	if (r < 0)
		return r;
	chooser->rules.below = chooser_below((uint32_t)one_of);
	text = format_text("of %lld, by chance", one_of);
	return text ? note(chooser, "one", text) : -ENOMEM;
}

void chooser_release(struct chooser *chooser)
{
	buffer_release(&chooser->text);
}
