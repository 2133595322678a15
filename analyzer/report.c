/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/report.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/views.h"
#include "base/error.h"

enum {
	OPTION_JSON = 256,
	OPTION_WALL,
	OPTION_BY,
	OPTION_RAW,
	OPTION_UNIT,
	OPTION_RECORDS,
	OPTION_DEVICES
};

static const struct cmdline_option options[] = {
	{ OPTION_JSON, "json", NULL, "print JSON instead of text" },
	{ OPTION_WALL, "wall", "NS", "the wall time, measured outside, summed over the vCPUs" },
	{ OPTION_BY, "by", "KEY",
	  "print one table: account, group, class, reason, vcpu, device, preempter, irq or mark" },
	{ OPTION_RAW, "raw", NULL, "print ticks and the trace's own names" },
	{ OPTION_RECORDS, "records", NULL,
	  "leave out the totals of what was lost or not wanted as a record" },
	{ OPTION_DEVICES, "devices", "FILE", DEVICES_HELP },
	{ OPTION_UNIT, "unit", "UNIT", "of --by class: time or cycles" },
	{ 0 },
};

const struct cmdline_command report_command = {
	.name = "report",
	.usage = "DIR [DIR2] [--json] [--wall NS] [--by KEY] [--raw] [--unit UNIT] "
		 "[--devices FILE] [--records]",
	.help = "show where the time went, or what two traces differ in",
	.options = options,
	.mixed = true,
	.run = command_report,
};

typedef int (*view_function)(const struct report *report, struct buffer *out);
typedef int (*compare_function)(const struct report *a, const struct report *b, struct buffer *out);

static const struct view {
	const char *key;
	view_function print;
	compare_function compare; /* NULL: not for two traces */
} views[] = {
	{ "account", view_accounts, compare_accounts },
	{ "group", view_groups, NULL },
	{ "class", view_classes, compare_classes },
	{ "reason", view_reasons, compare_reasons },
	{ "vcpu", view_vcpus, NULL },
	{ "device", view_devices, NULL },
	{ "preempter", view_preempters, NULL },
	{ "irq", view_irqs, NULL },
	{ "mark", view_marks, NULL },
};

struct request {
	const char *path[2];
	int paths; /* given; more than two are counted and not kept */
	bool json, raw, unit, cycles;
	enum ledger_figures figures;
	long long wall_ns;	/* -1: from the trace */
	const struct view *one; /* NULL: the usual ones */
	const char *devices;	/* a file that names them; NULL: none */
};

static int find_view(const char *key, const struct view **ret_view)
{
	for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
		if (!strcmp(views[i].key, key)) {
			*ret_view = &views[i];
			return 0;
		}
	}
	return error_set(-EINVAL,
			 "report: there is no table '%s'; --by takes account, group, class, "
			 "reason, vcpu, device, preempter, irq or mark",
			 key);
}

static int set_unit(struct request *request, const char *unit)
{
	request->unit = true;
	request->cycles = !strcmp(unit, "cycles");
	if (request->cycles || !strcmp(unit, "time"))
		return 0;
	return error_set(-EINVAL, "report: --unit takes time or cycles, not '%s'", unit);
}

static int handle_option(void *context, int key, const char *argument)
{
	struct request *request = context;

	switch (key) {
	case OPTION_JSON:
		request->json = true;
		return 0;
	case OPTION_RAW:
		request->raw = true;
		return 0;
	case OPTION_WALL:
		return cmdline_number(argument, "--wall", 1, INT64_MAX, &request->wall_ns);
	case OPTION_RECORDS:
		request->figures = LEDGER_RECORDS;
		return 0;
	case OPTION_DEVICES:
		request->devices = argument;
		return 0;
	case OPTION_UNIT:
		return set_unit(request, argument);
	default:
		return find_view(argument, &request->one);
	}
}

static void add_path(struct request *request, const char *path)
{
	if (request->paths < 2)
		request->path[request->paths] = path;
	request->paths++;
}

static int parse(int argc, char **argv, struct request *request)
{
	int rest = 0, r;

	r = cmdline_parse(&report_command, argc, argv, handle_option, request, &rest);
	if (r != 0)
		return r;
	for (; rest < argc; rest++)
		add_path(request, argv[rest]);
	return 0;
}

/* Options that do not go together. */
static int check_request(const struct request *request)
{
	if (request->paths < 1 || request->paths > 2)
		return error_set(-EINVAL,
				 "report: name one trace directory, or two to compare; see "
				 "'hyptrace report --help'");
	if (request->json && (request->raw || request->one))
		return error_set(-EINVAL,
				 "report: --json prints everything, in ns; leave --raw and "
				 "--by out");
	if (request->unit && (request->raw || !request->one || request->one->print != view_classes))
		return error_set(-EINVAL,
				 "report: --unit is for --by class, without --raw, which prints "
				 "ticks");
	if (request->raw && request->wall_ns >= 0)
		return error_set(-EINVAL, "report: --wall is in ns and --raw in ticks; give one of "
					  "them");
	if (request->paths == 1)
		return 0;
	if (request->json || request->wall_ns >= 0)
		return error_set(-EINVAL,
				 "report: --json and --wall are for one trace; report each of "
				 "the two");
	if (request->one && !request->one->compare)
		return error_set(-EINVAL,
				 "report: two traces are compared by account, class or reason, "
				 "not by %s",
				 request->one->key);
	return 0;
}

static void report_close(struct report *report)
{
	if (report->ledger)
		ledger_destroy(report->ledger);
	if (report->reader)
		reader_close(report->reader);
	device_map_release(&report->device_map);
}

#define _cleanup_report_ _cleanup_(report_close)

static int report_open(const char *path, const struct request *request, struct report *report)
{
	int r;

	report->path = path;
	report->raw = request->raw;
	report->outside_wall = request->wall_ns >= 0;
	report->all_rows = request->one;
	report->cycles = request->cycles;
	r = request->devices ? device_map_read_file(&report->device_map, request->devices) : 0;
	if (r >= 0)
		r = reader_open(path, &report->reader);
	if (r >= 0 && request->cycles && !report->reader->facts.cycle_counter)
		r = error_set(-EINVAL,
			      "report: the trace '%s' has no cycles; record with --clock cycles",
			      path);
	if (r < 0)
		return r;
	r = ledger_read(report->reader, request->figures, &report->ledger);
	if (r >= 0)
		r = ledger_name_devices(report->ledger, &report->device_map);
	if (r < 0)
		return r;
	report->summary = summary_of_ledger(report->ledger, request->raw, request->wall_ns);
	return 0;
}

static int print_text(const struct report *report, const struct request *request,
		      struct buffer *out)
{
	int r = view_header(report, out);

	if (r >= 0)
		r = buffer_printf(out, "\n");
	if (r < 0)
		return r;
	return request->one ? request->one->print(report, out) : view_usual(report, out);
}

static int report_one(const struct request *request, struct buffer *out)
{
	_cleanup_report_ struct report report = { 0 };
	int r = report_open(request->path[0], request, &report);

	if (r < 0)
		return r;
	return request->json ? view_json(&report, out) : print_text(&report, request, out);
}

/* Of one unit; and with --raw, of one clock. */
static int check_pair(const struct report *a, const struct report *b)
{
	const struct reader_facts *of_a = &a->reader->facts, *of_b = &b->reader->facts;

	if (strcmp(of_a->unit, of_b->unit))
		return error_set(-EINVAL,
				 "report: '%s' counts %s and '%s' %s; compare traces of one kind",
				 a->path, of_a->unit, b->path, of_b->unit);
	if (a->raw && of_a->clock_hz != of_b->clock_hz)
		return error_set(-EINVAL,
				 "report: the clocks of '%s' and '%s' do not tick alike; leave "
				 "--raw out",
				 a->path, b->path);
	return 0;
}

static int report_two(const struct request *request, struct buffer *out)
{
	_cleanup_report_ struct report a = { 0 }, b = { 0 };
	int r = report_open(request->path[0], request, &a);

	if (r >= 0)
		r = report_open(request->path[1], request, &b);
	if (r < 0)
		return r;
	r = check_pair(&a, &b);
	if (r < 0)
		return r;
	r = compare_header(&a, &b, out);
	if (r >= 0)
		r = buffer_printf(out, "\n");
	if (r < 0)
		return r;
	return request->one ? request->one->compare(&a, &b, out) : compare_accounts(&a, &b, out);
}

static int write_out(const struct buffer *out)
{
	errno = 0;
	if (fputs(buffer_text(out), stdout) < 0 || fflush(stdout) < 0)
		return error_set(errno ? -errno : -EIO, "cannot write the report: %s",
				 strerror(errno));
	return 0;
}

int command_report(int argc, char **argv)
{
	_cleanup_buffer_ struct buffer out = { 0 };
	struct request request = { .wall_ns = -1 };
	int r;

	r = parse(argc, argv, &request);
	if (r != 0)
		return r == CMDLINE_HELP ? 0 : r;
	r = check_request(&request);
	if (r < 0)
		return r;
	r = request.paths == 1 ? report_one(&request, &out) : report_two(&request, &out);
	return r < 0 ? r : write_out(&out);
}
