/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/options.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cmdline.h"
#include "base/device_map.h"
#include "base/duration.h"
#include "base/error.h"
#include "collector/budget.h"
#include "collector/record.h"
#include "collector/tiers.h"

enum {
	OPTION_RING = 256,
	OPTION_BARRIERS,
	OPTION_CLOCK,
	OPTION_DELAY,
	OPTION_DURATION,
	OPTION_EXITS,
	OPTION_SLOWER,
	OPTION_REASON,
	OPTION_VCPU,
	OPTION_SAMPLE,
	OPTION_ROTATE,
	OPTION_KEEP,
	OPTION_FLIGHT,
	OPTION_DUMP,
	OPTION_DEVICES,
	OPTION_BUDGET,
	OPTION_TIER,
	OPTION_VMM
};

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define RING_DEFAULT (16 * MIB)
#define RINGS_MOST (256 * MIB)
#define PART_LEAST (64 * KIB)	/* else parts would hold next to nothing */
#define FLIGHT_LEAST (64 * KIB) /* the same */
#define TOTALS_VARIABLE "HYPTRACE_TOTALS_EVERY"
#define TOTALS_LEAST_NS UINT64_C(100000000)
#define TOTALS_MOST_NS UINT64_C(86400000000000)

static const struct cmdline_option record_rows[] = {
	{ 'o', "output", "DIR", "write the trace to DIR, a new directory (hyptrace-trace)" },
	{ 'p', "pid", "PID", "record the VMs of process PID, until it ends" },
	{ 'a', "all", NULL, "record every VM, until Ctrl-C" },
	{ OPTION_VMM, "vmm", NULL, "tell what COMMAND does in user space apart, with LTTng" },
	{ OPTION_RING, "mem-ring", "SIZE", "memory for each CPU's ring, as 512K or 8M (16M)" },
	{ OPTION_BARRIERS, "barriers", "WHICH", BARRIERS_HELP },
	{ OPTION_CLOCK, "clock", "WHICH", "generic, or cycles: count CPU cycles too (generic)" },
	{ OPTION_DELAY, "delay", "TIME", "begin to record after so long, as 10s or 5min" },
	{ OPTION_DURATION, "duration", "TIME", "end the recording after so long" },
	{ OPTION_EXITS, "exits", "N", "end the recording after N exits" },
	{ OPTION_SLOWER, "slower-than", "TIME", "full records only of exits that took longer" },
	{ OPTION_REASON, "reason", "NAME", "only of these, by class or as in the report" },
	{ OPTION_VCPU, "vcpu", "N[,N]", "only of these vCPUs" },
	{ OPTION_SAMPLE, "sample", "N", "only of one in N, by chance" },
	{ OPTION_BUDGET, "budget", "PERCENT", "record less where the tool takes more of the time" },
	{ OPTION_ROTATE, "rotate", "SIZE|TIME", "begin a new part of the trace each time" },
	{ OPTION_KEEP, "keep", "N", "of the parts, or dumps, keep the newest N (all)" },
	{ OPTION_FLIGHT, "flight", "SIZE",
	  "keep the newest records in memory; SIGUSR1 writes them" },
	{ OPTION_DUMP, "dump-slower", "TIME", "write them after an exit that took longer, too" },
	{ OPTION_DEVICES, "devices", "FILE", DEVICES_HELP },
	{ OPTION_TIER, "tier", "NAME", TIERS_HELP },
	{ 0 },
};

/* An option with two words to choose from; the second one is not the default. */
struct choice {
	int key;
	const char *option;
	const char *word[2];
	size_t field; /* of struct record_options, a bool */
};

static const struct choice choices[] = {
	{ OPTION_BARRIERS,
	  "--barriers",
	  { "plain", "synchronised" },
	  offsetof(struct record_options, synchronised) },
	{ OPTION_CLOCK,
	  "--clock",
	  { "generic", "cycles" },
	  offsetof(struct record_options, cycles) },
};

const struct cmdline_command record_command = {
	.name = "record",
	.usage = "[-o DIR] [--mem-ring SIZE] [--barriers WHICH] [--clock WHICH] "
		 "[--slower-than TIME] [--reason NAME]... [--vcpu N[,N]] [--sample N] "
		 "[--budget PERCENT] "
		 "[--rotate SIZE|TIME | --flight SIZE [--dump-slower TIME]] [--keep N] "
		 "[--delay TIME] [--duration TIME] [--exits N] [--devices FILE] [--tier NAME] "
		 "[--vmm] [-p PID | -a | -- COMMAND...]",
	.help = "trace the exits of one VM, or of all",
	.options = record_rows,
	.run = command_record,
};

static unsigned int suffix_shift(char suffix)
{
	static const struct {
		char suffix;
		unsigned int shift;
	} rows[] = { { 'K', 10 }, { 'M', 20 }, { 'G', 30 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].suffix == suffix)
			return rows[i].shift;
	return 0;
}

int size_parse(const char *text, const char *what, size_t *ret_bytes)
{
	size_t length = strlen(text);
	unsigned int shift = length ? suffix_shift(text[length - 1]) : 0;
	_cleanup_free_ char *digits = strndup(text, shift ? length - 1 : length);
	long long number;

	if (!digits)
		return -ENOMEM;
	if (cmdline_number(digits, what, 1, INT64_MAX >> shift, &number) < 0) {
		error_clear();
		return error_set(-EINVAL, "%s must be a size like 512K or 8M, not '%s'", what,
				 text);
	}
	*ret_bytes = (size_t)number << shift;
	return 0;
}

/* Halves a power of two until the rings of all CPUs fit. */
static size_t fit(size_t bytes, unsigned int cpus, size_t page_bytes)
{
	while (bytes > page_bytes && bytes > RINGS_MOST / cpus)
		bytes /= 2;
	return bytes;
}

size_t ring_bytes_default(unsigned int cpus, size_t page_bytes)
{
	return fit(RING_DEFAULT, cpus, page_bytes);
}

int ring_bytes_check(size_t ring_bytes, unsigned int cpus, size_t page_bytes)
{
	if (ring_bytes & (ring_bytes - 1) || ring_bytes < page_bytes)
		return error_set(-EINVAL,
				 "--mem-ring must be a power of two of %zu bytes or more, not %zu",
				 page_bytes, ring_bytes);
	if (fit(ring_bytes, cpus, page_bytes) < ring_bytes)
		return error_set(-EINVAL,
				 "--mem-ring %zu for each of %u CPUs exceeds %zu MiB in all; use "
				 "at most %zuK",
				 ring_bytes, cpus, RINGS_MOST / MIB,
				 fit(ring_bytes, cpus, page_bytes) / KIB);
	return 0;
}

static const struct choice *find_choice(int key)
{
	const struct choice *choice = choices;

	while (choice->key != key)
		choice++;
	return choice;
}

static int choose(const struct choice *choice, const char *argument, bool *ret_second)
{
	for (int i = 0; i < 2; i++)
		if (!strcmp(argument, choice->word[i])) {
			*ret_second = i;
			return 0;
		}
	return error_set(-EINVAL, "%s must be %s or %s, not '%s'", choice->option, choice->word[0],
			 choice->word[1], argument);
}

int barriers_parse(const char *argument, bool *ret_synchronised)
{
	return choose(find_choice(OPTION_BARRIERS), argument, ret_synchronised);
}

static int take_limit(struct limits_options *limits, int key, const char *argument)
{
	long long exits;
	int r;

	if (key == OPTION_DELAY)
		return duration_parse(argument, "--delay", &limits->delay_ns);
	if (key == OPTION_DURATION)
		return duration_parse(argument, "--duration", &limits->duration_ns);
	r = cmdline_number(argument, "--exits N", 1, INT64_MAX, &exits);
	if (r >= 0)
		limits->exits = (uint64_t)exits;
	return r;
}

static int take_rule(struct chooser *chooser, int key, const char *argument)
{
	switch (key) {
	case OPTION_SLOWER:
		return chooser_slower_than(chooser, argument);
	case OPTION_REASON:
		return chooser_add_reason(chooser, argument);
	case OPTION_VCPU:
		return chooser_add_vcpus(chooser, argument);
	default:
		return chooser_sample(chooser, argument);
	}
}

static int take_size(const char *argument, const char *what, size_t least, uint64_t *ret_bytes)
{
	size_t bytes;
	int r = size_parse(argument, what, &bytes);

	if (r >= 0 && bytes < least)
		r = error_set(-EINVAL, "%s must be %zuK or more, not '%s'", what, least / KIB,
			      argument);
	if (r >= 0)
		*ret_bytes = bytes;
	return r;
}

static int take_output(struct output_options *output, int key, const char *argument)
{
	long long keep;
	int r;

	switch (key) {
	case OPTION_ROTATE:
		if (duration_is(argument))
			return duration_parse(argument, "--rotate", &output->rotate_ns);
		return take_size(argument, "--rotate", PART_LEAST, &output->rotate_bytes);
	case OPTION_FLIGHT:
		return take_size(argument, "--flight", FLIGHT_LEAST, &output->flight_bytes);
	case OPTION_DUMP:
		return duration_parse(argument, "--dump-slower", &output->dump_ns);
	default:
		r = cmdline_number(argument, "--keep N", 1, 999999, &keep);
		if (r >= 0)
			output->keep = (unsigned int)keep;
		return r;
	}
}

/* Options that do not go together. */
static int check_output(const struct output_options *output, bool vmm)
{
	bool rotate = output->rotate_bytes || output->rotate_ns, flight = output->flight_bytes;

	if (rotate && flight)
		return error_set(-EINVAL, "record: give --rotate or --flight, not both");
	if (output->dump_ns && !flight)
		return error_set(-EINVAL, "record: --dump-slower is for --flight SIZE");
	if (vmm && (rotate || flight))
		return error_set(-EINVAL, "record: --vmm needs one whole trace, without --rotate "
					  "and --flight");
	if (output->keep && !rotate && !flight)
		return error_set(-EINVAL, "record: --keep is for --rotate or --flight");
	return 0;
}

static int take_option(void *context, int key, const char *argument)
{
	struct record_options *options = context;
	const struct choice *choice;

	switch (key) {
	case 'o':
		options->output.directory = argument;
		return 0;
	case 'p':
		return target_parse_pid(argument, &options->target.pid);
	case 'a':
		options->target.all = true;
		return 0;
	case OPTION_VMM:
		options->vmm = true;
		return 0;
	case OPTION_BARRIERS:
	case OPTION_CLOCK:
		choice = find_choice(key);
		return choose(choice, argument, (bool *)((char *)options + choice->field));
	case OPTION_DEVICES:
		options->output.devices = argument;
		return 0;
	case OPTION_TIER:
		return tiers_parse(argument, &options->tier);
	case OPTION_RING:
		return size_parse(argument, "--mem-ring", &options->ring_bytes);
	case OPTION_DELAY:
	case OPTION_DURATION:
	case OPTION_EXITS:
		return take_limit(&options->limits, key, argument);
	case OPTION_BUDGET:
		options->chooser.rules.some = options->chooser.rules.steps = true;
		return budget_parse(argument, &options->budget);
	case OPTION_ROTATE:
	case OPTION_KEEP:
	case OPTION_FLIGHT:
	case OPTION_DUMP:
		return take_output(&options->output, key, argument);
	default:
		return take_rule(&options->chooser, key, argument);
	}
}

/* What no option is for: tests, and who would have a smaller trace. */
static int take_environment(struct output_options *output)
{
	const char *every = getenv(TOTALS_VARIABLE);
	int r = every ? duration_parse(every, TOTALS_VARIABLE, &output->totals_ns) : 0;

	if (r < 0)
		return r;
	if (output->totals_ns < TOTALS_LEAST_NS || output->totals_ns > TOTALS_MOST_NS)
		return error_set(-EINVAL, TOTALS_VARIABLE " must be from 100ms to 24h, not '%s'",
				 every);
	return 0;
}

int record_options_parse(int argc, char **argv, struct record_options *ret_options)
{
	struct record_options options = { .output = { .directory = "hyptrace-trace",
						      .totals_ns = TOTALS_LOG_EVERY_NS } };
	int rest, r;

	r = cmdline_parse(&record_command, argc, argv, take_option, &options, &rest);
	if (r == 0 && rest < argc)
		options.target.command = argv + rest;
	if (r == 0)
		r = check_output(&options.output, options.vmm);
	if (r == 0)
		r = take_environment(&options.output);
	if (r == 0)
		r = target_options_check(&options.target, "record");
	if (r == 0)
		*ret_options = options;
	else
		chooser_release(&options.chooser);
	return r;
}
