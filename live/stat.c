/* SPDX-License-Identifier: GPL-2.0-only */
#include "live/stat.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/views.h"
#include "base/duration.h"
#include "base/error.h"
#include "collector/options.h"
#include "collector/privileges.h"
#include "collector/target.h"
#include "collector/tiers.h"
#include "live/snapshot.h"

enum {
	OPTION_JSON = 256,
	OPTION_BY,
	OPTION_DURATION,
	OPTION_BARRIERS,
	OPTION_TIER,
	OPTION_DEVICES
};

enum {
	WATCH_MS = 200, /* how often new VMs and such that are gone are looked for */
	SHORTEST_MS = 10
};

#define NS_PER_MS UINT64_C(1000000)

static const struct cmdline_option options[] = {
	{ 'p', "pid", "PID", "watch the VMs of process PID, until it ends" },
	{ 'a', "all", NULL, "watch every VM, until Ctrl-C" },
	{ 'I', "interval", "MS", "print what each so many milliseconds, or a time like 2s, added" },
	{ OPTION_DURATION, "duration", "MS", "end after so many milliseconds, or a time like 2s" },
	{ OPTION_BY, "by", "KEY",
	  "print one table: account, group, reason, class, vcpu, device, preempter or irq" },
	{ OPTION_BARRIERS, "barriers", "WHICH", BARRIERS_HELP },
	{ OPTION_DEVICES, "devices", "FILE", DEVICES_HELP },
	{ OPTION_TIER, "tier", "NAME", TIERS_HELP },
	{ OPTION_JSON, "json", NULL, "print JSON: with -I one line for each interval" },
	{ 0 },
};

const struct cmdline_command stat_command = {
	.name = "stat",
	.usage = "[-I MS] [--duration MS] [--by KEY] [--json] [--barriers WHICH] [--devices FILE] "
		 "[--tier NAME] "
		 "[-p PID | -a | -- COMMAND...]",
	.help = "count exits and add up their time, without a trace",
	.options = options,
	.run = command_stat,
};

static const struct stat_view {
	const char *key;
	int (*print)(const struct report *report, struct buffer *out);
} views[] = {
	{ "account", view_accounts },	  { "group", view_groups }, { "reason", view_reasons },
	{ "class", view_classes },	  { "vcpu", view_vcpus },   { "device", view_devices },
	{ "preempter", view_preempters }, { "irq", view_irqs },
};

struct stat_options {
	struct target_options target;
	long long interval_ms, duration_ms; /* 0: none */
	const char *tier;		    /* NULL: the best one */
	const char *devices;		    /* a file that names them; NULL: none */
	bool json, synchronised;
	const struct stat_view *one; /* NULL: the usual ones */
};

struct stat {
	struct stat_options options;
	struct target target;
	struct source *source;
	struct trace_facts facts;
	struct reader reader; /* its facts only */
	struct totals before; /* when the last interval ended */
	uint64_t begin_ns, printed_ns;
};

static void stat_release(struct stat *stat)
{
	totals_release(&stat->before);
	reader_facts_release(&stat->reader.facts);
	source_closep(&stat->source);
	target_release(&stat->target);
}

/* --- the command line ------------------------------------------------------- */

/* The probes keep these lengths only where they are asked for. */
static bool by_group(const struct stat_options *of)
{
	return of->one && of->one->print == view_groups;
}

static int find_view(const char *key, const struct stat_view **ret_view)
{
	for (size_t i = 0; i < ARRAY_SIZE(views); i++)
		if (!strcmp(views[i].key, key)) {
			*ret_view = &views[i];
			return 0;
		}
	return error_set(-EINVAL,
			 "stat: there is no table '%s'; --by takes account, group, reason, "
			 "class, vcpu, device, preempter or irq",
			 key);
}

/* Milliseconds, or a time with its unit as `record` has it. */
static int take_time(const char *text, const char *what, long long *ret_ms)
{
	uint64_t ns;

	if (duration_is(text) && duration_parse(text, what, &ns) >= 0 &&
	    ns / NS_PER_MS >= SHORTEST_MS && ns / NS_PER_MS <= INT32_MAX) {
		*ret_ms = (long long)(ns / NS_PER_MS);
		return 0;
	}
	error_clear();
	return cmdline_number(text, what, SHORTEST_MS, INT32_MAX, ret_ms);
}

static int take_option(void *context, int key, const char *argument)
{
	struct stat_options *to = context;

	switch (key) {
	case 'p':
		return target_parse_pid(argument, &to->target.pid);
	case 'a':
		to->target.all = true;
		return 0;
	case 'I':
		return take_time(argument, "-I MS", &to->interval_ms);
	case OPTION_DURATION:
		return take_time(argument, "--duration MS", &to->duration_ms);
	case OPTION_BY:
		return find_view(argument, &to->one);
	case OPTION_BARRIERS:
		return barriers_parse(argument, &to->synchronised);
	case OPTION_DEVICES:
		to->devices = argument;
		return 0;
	case OPTION_TIER:
		return tiers_parse(argument, &to->tier);
	default:
		to->json = true;
		return 0;
	}
}

static int parse(int argc, char **argv, struct stat_options *to)
{
	int rest, r = cmdline_parse(&stat_command, argc, argv, take_option, to, &rest);

	if (r != 0)
		return r;
	if (rest < argc)
		to->target.command = argv + rest;
	if (to->json && to->one && !by_group(to))
		return error_set(-EINVAL, "stat: --json prints everything; leave --by out, or have "
					  "--by group added");
	return target_options_check(&to->target, "stat");
}

/* --- what is printed -------------------------------------------------------- */

static int print_text(const struct stat *stat, const struct report *report, struct buffer *out)
{
	char seconds[NUMBER_TEXT], exits[NUMBER_TEXT];
	int r;

	if (!stat->options.interval_ms) {
		r = view_header(report, out);
	} else {
		number_duration((int64_t)report->at_ns, 1, 4, seconds);
		r = buffer_printf(out, "after %s: %s exits\n", seconds,
				  number_thousands((int64_t)report->ledger->counts.exits, exits));
	}
	if (r >= 0)
		r = buffer_printf(out, "\n");
	if (r >= 0)
		r = stat->options.one ? stat->options.one->print(report, out)
				      : view_usual(report, out);
	return r >= 0 && stat->options.interval_ms ? buffer_printf(out, "\n") : r;
}

static int write_out(const struct buffer *out)
{
	errno = 0;
	if (fputs(buffer_text(out), stdout) < 0 || fflush(stdout) < 0)
		return error_set(errno ? -errno : -EIO, "cannot write the totals: %s",
				 strerror(errno));
	return 0;
}

static int print(struct stat *stat, const struct ledger *ledger)
{
	_cleanup_buffer_ struct buffer out = { 0 };
	struct report report = {
		.reader = &stat->reader,
		.ledger = (struct ledger *)ledger,
		.summary = summary_of_ledger(ledger, false, -1),
		.all_rows = stat->options.one,
		.compact = stat->options.interval_ms,
		.at_ns = clock_now_ns() - stat->begin_ns,
	};
	int r = stat->options.json ? view_json(&report, &out) : print_text(stat, &report, &out);

	return r < 0 ? r : write_out(&out);
}

/* What came since the last time; everything without -I. */
static int print_now(struct stat *stat)
{
	_cleanup_ledger_ struct ledger *ledger = NULL;
	_cleanup_(totals_release) struct totals now = { 0 };
	int r = snapshot_read(stat->source, &now);

	if (r >= 0)
		r = snapshot_ledger(stat->source, &stat->reader.facts, &now,
				    stat->options.interval_ms ? &stat->before : NULL, NULL,
				    &ledger);
	if (r >= 0)
		r = print(stat, ledger);
	totals_release(&stat->before);
	stat->before = now;
	now = (struct totals){ 0 };
	return r;
}

/* --- the run ---------------------------------------------------------------- */

static int prepare(struct stat *stat, source_open *open)
{
	const struct source_options wanted = {
		.ring_bytes = (size_t)sysconf(_SC_PAGESIZE), /* no record is written */
		.all = stat->options.target.all,
		.synchronised = stat->options.synchronised,
		.totals_only = true,
		.groups = by_group(&stat->options),
		.tier = stat->options.tier,
	};
	int r = target_prepare(&stat->target, &stat->options.target);

	if (r >= 0)
		r = open(&wanted, &stat->source);
	if (r >= 0)
		r = stat->source->ops->attach(stat->source, target_pid(&stat->target));
	if (r >= 0)
		r = privileges_drop(stat->target.child.pid ? PRIVILEGES_KILL : 0);
	if (r >= 0 && stat->options.devices)
		r = device_map_read_file(&stat->source->devices.map, stat->options.devices);
	if (r >= 0)
		r = facts_collect(&stat->source->facts, &stat->facts);
	if (r >= 0)
		r = snapshot_facts(&stat->facts, &stat->reader.facts);
	stat->begin_ns = stat->printed_ns = clock_now_ns();
	return r;
}

/* About WATCH_MS: a part of what is printed after, or of all. */
static long tick_ms(const struct stat_options *of)
{
	long long whole = of->interval_ms ? of->interval_ms : of->duration_ms, parts;

	if (of->duration_ms && of->duration_ms < whole)
		whole = of->duration_ms;
	if (!whole)
		return WATCH_MS;
	for (parts = whole / WATCH_MS; parts > 1 && whole % parts; parts--)
		;
	return whole / (parts ?: 1);
}

static bool is_due(struct stat *stat, uint64_t now_ns)
{
	uint64_t interval_ns = (uint64_t)stat->options.interval_ms * NS_PER_MS;

	if (!interval_ns || now_ns < stat->printed_ns + interval_ns)
		return false;
	stat->printed_ns += (now_ns - stat->printed_ns) / interval_ns * interval_ns;
	return true;
}

static bool is_over(const struct stat *stat, uint64_t now_ns)
{
	uint64_t limit_ms = (uint64_t)stat->options.duration_ms;

	return limit_ms && now_ns >= stat->begin_ns + limit_ms * NS_PER_MS;
}

static int watch(struct stat *stat, struct wakeup *ret_last)
{
	struct wakeup wakeup = { 0 };
	bool over = false;
	int r = wakeups_set_timer(&stat->target.wakeups, tick_ms(&stat->options));

	while (r >= 0 && !wakeup.signal && !wakeup.ended && !over) {
		r = wakeups_wait(&stat->target.wakeups, true, &wakeup);
		over = is_over(stat, clock_now_ns());
		if (r >= 0 && !wakeup.ended && is_due(stat, clock_now_ns()))
			r = print_now(stat);
		else if (r >= 0)
			r = snapshot_watch(stat->source);
	}
	*ret_last = wakeup;
	return r;
}

/* Without -I all is printed when it ends; COMMAND's status is passed on. */
static int finish(struct stat *stat, struct wakeup last)
{
	int status = 0, r;

	target_forward_signal(&stat->target, &last);
	if (stat->target.child.pid)
		status = target_await_child(&stat->target, last);
	r = source_find_devices(stat->source, clock_now_ns(), true);
	if (r >= 0)
		r = print_now(stat); /* before detaching: what runs on is known up to now */
	stat->source->ops->detach(stat->source);
	return r < 0 ? r : status;
}

static int run(struct stat *stat, source_open *open)
{
	struct wakeup last;
	int r = prepare(stat, open), err;

	if (r < 0)
		return r;
	if (stat->target.child.pid && (err = child_start(&stat->target.child)) < 0) {
		fprintf(stderr, "hyptrace: %s\n", error_text(err));
		child_wait(&stat->target.child);
		return child_exec_status(err);
	}
	r = watch(stat, &last);
	return r < 0 ? r : finish(stat, last);
}

int stat_from(source_open *open, int argc, char **argv)
{
	_cleanup_(stat_release) struct stat stat = { .target = TARGET_NONE };
	int r = parse(argc, argv, &stat.options);

	if (r == CMDLINE_HELP)
		return 0;
	return r < 0 ? r : run(&stat, open);
}

int command_stat(int argc, char **argv)
{
	return stat_from(source_open_best, argc, argv);
}
