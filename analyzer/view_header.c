/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/views.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/merged.h"

enum { WRAPPED_WIDTH = 68 }; /* of text behind the titles */

static int print_trace(const struct report *report, struct buffer *out)
{
	if (!report->path)
		return 0;
	return buffer_printf(out, "%s, written by hyptrace %s", report->path,
			     report->reader->facts.hyptrace_version);
}

static int print_kernel(const struct report *report, struct buffer *out)
{
	const struct reader_facts *facts = &report->reader->facts;

	return buffer_printf(out, "%s, %s, mode %s, tier %s", facts->kernel, facts->arch,
			     facts->kvm_mode, facts->tier);
}

static int print_clock(const struct report *report, struct buffer *out)
{
	const struct reader_facts *facts = &report->reader->facts;
	char hz[NUMBER_TEXT], tick[NUMBER_TEXT];

	return buffer_printf(out, "%s at %s Hz, a tick is %s%s", facts->clock_name,
			     number_thousands((int64_t)facts->clock_hz, hz),
			     number_duration(1000000000, facts->clock_hz, 4, tick),
			     facts->cycle_counter ? "; CPU cycles too" : "");
}

static int print_barriers(const struct report *report, struct buffer *out)
{
	const char *barriers = report->reader->facts.barriers;
	bool plain = !strcmp(barriers, "plain");

	if (!merged_sees_switch(&report->reader->facts))
		return 0;
	return buffer_printf(out, "%s%s", barriers,
			     plain ? ": single stages are indicative, sums are sound" : "");
}

/* A list is broken where a line would be longer. */
enum { HEADER_INDENT = 10, HEADER_WIDTH = 80 };

static int put_merged(const struct merged *row, bool first, size_t *column, struct buffer *out)
{
	size_t length = strlen(row->label);
	const char *comma = first ? "" : ",";

	if (*column + strlen(comma) + 1 + length >= HEADER_WIDTH) {
		*column = HEADER_INDENT + 2 + length;
		return buffer_printf(out, "%s\n%-*s%s", comma, HEADER_INDENT + 2, "", row->label);
	}
	*column += strlen(comma) + 1 + length;
	return buffer_printf(out, "%s %s", comma, row->label);
}

/* What this tier cannot tell apart, by where it is booked. */
static int print_merged(const struct report *report, struct buffer *out)
{
	const char *into = "";
	size_t count, column = 0;
	const struct merged *row = merged_accounts(&report->reader->facts, &count);
	int r = 0;

	for (size_t i = 0; r >= 0 && i < count; i++) {
		bool first = strcmp(row[i].into, into);

		into = row[i].into;
		if (first) {
			r = buffer_printf(out, "%s%-*sinto %s:", i ? ";\n" : "",
					  i ? HEADER_INDENT : 0, "", merged_into_label(into));
			column = HEADER_INDENT + strlen("into :") + strlen(merged_into_label(into));
		}
		if (r >= 0)
			r = put_merged(&row[i], first, &column, out);
	}
	return r;
}

static int print_unit(const struct report *report, struct buffer *out)
{
	if (report->summary.units.kind == UNITS_TICKS)
		return buffer_printf(out, "ticks of the clock, as recorded");
	if (report->summary.units.kind == UNITS_INSTRUCTIONS)
		return buffer_printf(out, "instructions; idle time is arbitrary, so there are no "
					  "shares of time");
	return 0;
}

static int print_emulated(const struct report *report, struct buffer *out)
{
	if (!report->reader->facts.emulated)
		return 0;
	if (!report->summary.shares)
		return buffer_printf(out, "yes: instructions are exact, barriers cost nothing");
	return buffer_printf(out, "yes: ratios mean something, times do not");
}

/* Slots of one process are one VM, printed at its first slot. */
static int print_vms(const struct report *report, struct buffer *out)
{
	const struct ledger *ledger = report->ledger;
	const char *between = "";
	struct ledger_vm vm;
	bool cgroup;
	int r = 0;

	for (size_t slot = 0; r >= 0 && slot < ledger->vcpu_slots; slot++) {
		if (!ledger_vm_at(ledger, slot, &vm))
			continue;
		cgroup = vm.cgroup && strcmp(vm.cgroup, "/") != 0;
		r = buffer_printf(out, "%s%s (pid %u%s%s): %u vCPU%s", between, vm.name, vm.pid,
				  cgroup ? ", cgroup " : "", cgroup ? vm.cgroup : "", vm.vcpus,
				  vm.vcpus == 1 ? "" : "s");
		between = "\n          ";
	}
	return r;
}

/* Words into lines of a header, the first of which has begun with `used` columns. */
static int print_wrapped(const char *text, size_t used, struct buffer *out)
{
	int r = 0;

	while (r >= 0 && *(text += strspn(text, " "))) {
		size_t length = strcspn(text, " ");
		bool broken = used + 1 + length > WRAPPED_WIDTH;

		r = broken ? buffer_printf(out, "\n%-10s", "") : buffer_printf(out, " ");
		if (r >= 0)
			r = buffer_append(out, text, length);
		used = broken ? length : used + 1 + length;
		text += length;
	}
	return r;
}

static int print_no_vmm_side(const char *why, struct buffer *out)
{
	static const char begin[] = "not told apart:";
	int r = buffer_printf(out, "%s", begin);

	return r < 0 ? r : print_wrapped(why, strlen(begin), out);
}

static int print_vmm_side(const struct report *report, struct buffer *out)
{
	const struct reader_facts *facts = &report->reader->facts;
	const struct ledger_counts *counts = &report->ledger->counts;
	char split[NUMBER_TEXT], all[NUMBER_TEXT];

	if (!reader_facts_wanted_vmm(facts))
		return 0;
	if (!reader_facts_joined(facts))
		return print_no_vmm_side(facts->vmm_side, out);
	return buffer_printf(out, "told apart in %s of %s ways through user space%s",
			     number_thousands((int64_t)counts->user_split, split),
			     number_thousands((int64_t)counts->user_ways, all),
			     facts->vmm_damaged ? ";\n          the rest of its trace is damaged"
						: "");
}

static int print_exits(const struct report *report, struct buffer *out)
{
	const struct ledger_counts *counts = &report->ledger->counts;
	char exits[NUMBER_TEXT], el2[NUMBER_TEXT], never[NUMBER_TEXT];

	if (!merged_sees_switch(&report->reader->facts))
		return buffer_printf(out, "%s; %sruns not entered are not seen",
				     number_thousands((int64_t)counts->exits, exits),
				     strcmp(report->reader->facts.arch, "arm64")
					     ? ""
					     : "what EL2 finishes alone and ");
	return buffer_printf(out, "%s; finished by EL2 alone %s, runs not entered %s",
			     number_thousands((int64_t)counts->exits, exits),
			     number_thousands((int64_t)counts->el2_only, el2),
			     number_thousands((int64_t)counts->never_entered, never));
}

static int print_chosen(const struct report *report, struct buffer *out)
{
	const struct ledger *ledger = report->ledger;
	const char *chosen = report->reader->facts.chosen;
	char records[NUMBER_TEXT];
	int r;

	if (!ledger_is_chosen(ledger))
		return 0;
	r = buffer_printf(out, "%s", chosen ? chosen : "fewer after a while, by --budget");
	if (r >= 0 && ledger->ended)
		r = buffer_printf(out, ": %s records",
				  number_thousands((int64_t)ledger->end.records, records));
	if (r < 0 || ledger->from_totals)
		return r;
	return buffer_printf(out, "; all figures are of these alone");
}

static int print_marks(const struct report *report, struct buffer *out)
{
	const struct notes *notes = &report->ledger->notes;
	uint64_t marks = notes->marks + notes->marks_left_out;
	char number[NUMBER_TEXT];

	if (!marks)
		return 0;
	return buffer_printf(out, "%s; --by mark lists them",
			     number_thousands((int64_t)marks, number));
}

static int print_lost(const struct report *report, struct buffer *out)
{
	const struct ledger *ledger = report->ledger;
	char lost[NUMBER_TEXT], torn[NUMBER_TEXT], clamped[NUMBER_TEXT];

	return buffer_printf(out, "%s records; torn %s, clamped %s",
			     number_thousands((int64_t)ledger_lost(ledger), lost),
			     number_thousands((int64_t)ledger->end.torn, torn),
			     number_thousands((int64_t)ledger->end.clamped, clamped));
}

/* What the cost is made of, where the trace says more than one thing about it. */
static int print_tool_parts(const struct report *report, const struct tool_cost *cost,
			    struct buffer *out)
{
	const struct summary *summary = &report->summary;
	char event[NUMBER_TEXT], stamps[NUMBER_TEXT], pauses[NUMBER_TEXT];

	if (!merged_sees_switch(&report->reader->facts))
		return buffer_printf(out, ";\n%-10swhat it does at kvm_entry is not counted", "");
	if (!cost->stamps_known)
		return buffer_printf(out, "; its stamps not counted");
	return buffer_printf(out, ":\n%-10sevent %s, stamps %s, seeing pauses %s", "",
			     units_print(&summary->units, cost->event, summary->exits, 3, event),
			     units_print(&summary->units, cost->stamps, summary->exits, 3, stamps),
			     units_print(&summary->units, cost->pauses, summary->exits, 3, pauses));
}

static int print_tool(const struct report *report, struct buffer *out)
{
	const struct summary *summary = &report->summary;
	struct tool_cost cost = summary_tool(summary, report->ledger);
	char each[NUMBER_TEXT], share[NUMBER_TEXT];
	int r;

	if (!cost.known)
		return buffer_printf(out, "cost not measured by this kernel");
	r = buffer_printf(out, "%s%s an exit",
			  units_print(&summary->units, cost.all, summary->exits, 4, each),
			  summary->units.kind == UNITS_INSTRUCTIONS ? " instructions" : "");
	if (r >= 0 && summary->shares)
		r = buffer_printf(out, ", %s %% of all time",
				  number_percent(cost.all, (number_wide)summary->wall, 2, share));
	return r < 0 ? r : print_tool_parts(report, &cost, out);
}

static int print_wall(const struct report *report, struct buffer *out)
{
	char wall[NUMBER_TEXT];

	return buffer_printf(out, "%s, %s",
			     units_print(&report->summary.units, report->summary.wall, 1, 4, wall),
			     report->outside_wall ? "measured outside"
						  : "from each vCPU's first record to its last");
}

static const struct header_line {
	const char *title;
	bool compared; /* said of each of two traces */
	int (*print)(const struct report *report, struct buffer *out);
} lines[] = {
	{ "trace", true, print_trace },	       { "kernel", true, print_kernel },
	{ "clock", true, print_clock },	       { "barriers", true, print_barriers },
	{ "merged", true, print_merged },      { "unit", false, print_unit },
	{ "emulated", false, print_emulated }, { "VMs", true, print_vms },
	{ "VMM", true, print_vmm_side },       { "exits", true, print_exits },
	{ "chosen", true, print_chosen },      { "marks", false, print_marks },
	{ "lost", true, print_lost },	       { "tool", true, print_tool },
	{ "wall", true, print_wall },
};

/* A line without text is left out. */
static int print_line(const struct header_line *line, const char *title,
		      const struct report *report, struct buffer *out)
{
	_cleanup_buffer_ struct buffer text = { 0 };
	int r = line->print(report, &text);

	if (r < 0 || !text.length)
		return r;
	return buffer_printf(out, "%-10s%s\n", title, buffer_text(&text));
}

static int print_counted(struct buffer *out, const char *what, uint64_t count, const char *so)
{
	char number[NUMBER_TEXT];

	if (!count)
		return 0;
	return buffer_printf(out, "%-10s%s: %s; %s\n", "note", what,
			     number_thousands((int64_t)count, number), so);
}

/* What the vector and ERET take, where that is no account. */
static int print_unstamped(const struct report *report, struct buffer *out)
{
	const struct reader_facts *facts = &report->reader->facts;

	if (!facts->unstamped_eret || report->summary.accounts->vector_eret != ACCOUNT_NONE)
		return 0;
	return buffer_printf(out,
			     "%-10sof each exit, these instructions count as guest: ERET %u,\n"
			     "%-10svector %u (interrupt), %u (trap), %u (HVC)\n",
			     "note", facts->unstamped_eret, "", facts->unstamped_irq,
			     facts->unstamped_trap, facts->unstamped_hvc);
}

char *view_totals_moment(const struct ledger *ledger, char text[VIEW_MOMENT_TEXT])
{
	uint64_t until = ledger->totals_ns, end = ledger->notes.end_ns;
	bool before = until < end;
	char time[NUMBER_TEXT];

	if (!end)
		return strcpy(text, "the time that they were stored last");
	number_duration((number_signed_wide)(before ? end - until : until - end), 1, 3, time);
	snprintf(text, VIEW_MOMENT_TEXT, "%s %s the last record", time,
		 before ? "before" : "after");
	return text;
}

/* Totals are stored every so often; those of a vCPU that has ended are all that there is. */
static int print_totals_until(const struct ledger *ledger, struct buffer *out)
{
	static const char begin[] = "records that are not here are in counts and sums as of";
	char moment[VIEW_MOMENT_TEXT];
	_cleanup_free_ char *text = NULL;
	int r;

	text = format_text("%s, and those of VMs that had ended; what came later is missing, and "
			   "its time is unattributed; percentiles of such rows are not known, and "
			   "the table of classes is of the records that are here",
			   view_totals_moment(ledger, moment));
	if (!text)
		return -ENOMEM;
	r = buffer_printf(out, "%-10s%s", "note", begin);
	if (r >= 0)
		r = print_wrapped(text, strlen(begin), out);
	return r < 0 ? r : buffer_printf(out, "\n");
}

/* Older traces have a vCPU's totals when it has ended, or with the trace's end. */
static int print_from_totals(const struct ledger *ledger, struct buffer *out)
{
	static const char ended[] =
		"%-10scounts and sums are exact, of records that are not here too, as the kernel\n"
		"%-10sadded them up; percentiles of such rows are not known, and the table of\n"
		"%-10sclasses is of the records that are here\n";
	static const char cut[] =
		"%-10srecords that are not here are in counts and sums only of vCPUs that had\n"
		"%-10sended by then, of others they are missing; percentiles of such rows are\n"
		"%-10snot known, and the table of classes is of the records that are here\n";

	if (ledger->ended)
		return buffer_printf(out, ended, "note", "", "");
	if (ledger->totals_ns)
		return print_totals_until(ledger, out);
	return buffer_printf(out, cut, "note", "", "");
}

/* What makes the figures below less than the whole truth. */
static int print_notes(const struct report *report, struct buffer *out)
{
	const struct ledger *ledger = report->ledger;
	int r = 0;

	if (!ledger->ended)
		r = buffer_printf(out,
				  "%-10sthe trace was cut off: it is complete up to its last "
				  "packet\n",
				  "note");
	if (r >= 0 && ledger->from_totals)
		r = print_from_totals(ledger, out);
	if (r >= 0)
		r = print_counted(out, "times that recording was switched off",
				  ledger->notes.switched_off, "no figure has that time");
	if (r >= 0)
		r = print_counted(out, "records without a stamp of their path",
				  ledger->counts.incomplete, "see unattributed");
	if (r >= 0)
		r = print_counted(out, "records that contradict themselves",
				  ledger->counts.impossible, "please report this");
	if (r >= 0 && report->summary.unattributed < 0)
		r = buffer_printf(out, "%-10smore is booked than passed: %s\n", "note",
				  report->outside_wall ? "is the wall time given too short?"
						       : "a bug, please report this");
	return r < 0 ? r : print_unstamped(report, out);
}

/* Once, whatever is reported. */
static int print_not_seen(const struct report *report, struct buffer *out)
{
	if (strcmp(report->reader->facts.arch, "arm64"))
		return 0;
	return buffer_printf(out,
			     "%-10sHVCs that EL2's vector itself answers "
			     "(ARCH_WORKAROUND_x) are not seen\n",
			     "note");
}

int view_header(const struct report *report, struct buffer *out)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(lines); i++)
		r = print_line(&lines[i], lines[i].title, report, out);
	if (r >= 0)
		r = print_notes(report, out);
	return r < 0 ? r : print_not_seen(report, out);
}

/* The first line is titled with the trace's letter. */
static int print_side(const struct report *report, const char *letter, struct buffer *out)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(lines); i++)
		if (lines[i].compared)
			r = print_line(&lines[i], i ? lines[i].title : letter, report, out);
	return r < 0 ? r : print_notes(report, out);
}

int compare_header(const struct report *a, const struct report *b, struct buffer *out)
{
	int r = print_side(a, "A", out);

	if (r >= 0)
		r = print_side(b, "B", out);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(lines); i++)
		if (!lines[i].compared)
			r = print_line(&lines[i], lines[i].title, a, out);
	return r < 0 ? r : print_not_seen(a, out);
}
