/* SPDX-License-Identifier: GPL-2.0-only */
/* The report for programs: schema 1. Keys are only ever added. */
#include "analyzer/views.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "analyzer/class_means.h"
#include "analyzer/merged.h"

enum { SCHEMA = 1 };

#define _cleanup_json_ _cleanup_(json_decrefp)

/* A number of 10^-decimals: made from integers, so that no rounding happens here. */
static json_t *json_fixed(int64_t number, unsigned int decimals)
{
	double scale = 1;

	while (decimals--)
		scale *= 10;
	return json_real((double)number / scale);
}

/* sum / count with two decimals, null for nothing. */
static json_t *json_mean(int64_t sum, uint64_t count)
{
	if (!count)
		return json_null();
	return json_fixed(number_divide((number_signed_wide)sum * 100, count), 2);
}

/* In per cent of the wall time, null where that means nothing. */
static json_t *json_share(const struct summary *summary, int64_t value)
{
	if (!summary->shares || summary->wall <= 0)
		return json_null();
	return json_fixed(
		number_divide((number_signed_wide)value * 10000, (number_wide)summary->wall), 2);
}

static json_t *json_number(uint64_t number)
{
	return json_integer(number > INT64_MAX ? INT64_MAX : (json_int_t)number);
}

static json_t *json_ticks(const struct summary *summary, unsigned __int128 ticks)
{
	return json_integer(units_whole(&summary->units, ticks));
}

static json_t *json_percentile(const struct summary *summary, const struct histogram *histogram,
			       unsigned int percent)
{
	if (histogram->partial)
		return json_null();
	return json_ticks(summary, histogram_percentile(histogram, percent));
}

/* Text that is not UTF-8 would make the whole report fail. */
static json_t *json_text(const char *text)
{
	json_t *string = json_string(text);

	return string ? string : json_string("?");
}

/* Instructions of an exit that no stamp sees, null where the trace does not say. */
static json_t *json_unstamped(const struct reader_facts *facts)
{
	if (!facts->unstamped_eret)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o}", "eret", json_number(facts->unstamped_eret), "irq",
			 json_number(facts->unstamped_irq), "trap",
			 json_number(facts->unstamped_trap), "hvc",
			 json_number(facts->unstamped_hvc));
}

static json_t *json_host(const struct reader_facts *facts)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:{s:o, s:o}, s:o, s:b, s:o}", "kernel",
			 json_text(facts->kernel), "arch", json_text(facts->arch), "mode",
			 json_text(facts->kvm_mode), "tier", json_text(facts->tier), "clock",
			 "name", json_text(facts->clock_name), "hz", json_number(facts->clock_hz),
			 "barriers", json_text(facts->barriers), "cycle_counter",
			 facts->cycle_counter, "unstamped", json_unstamped(facts));
}

static json_t *json_vms(const struct ledger *ledger)
{
	_cleanup_json_ json_t *list = json_array();
	struct ledger_vm vm;

	for (size_t slot = 0; list && slot < ledger->vcpu_slots; slot++) {
		if (!ledger_vm_at(ledger, slot, &vm))
			continue;
		if (json_array_append_new(
			    list,
			    json_pack("{s:I, s:o, s:I, s:o}", "pid", (json_int_t)vm.pid, "name",
				      json_text(vm.name), "vcpus", (json_int_t)vm.vcpus, "cgroup",
				      vm.cgroup ? json_text(vm.cgroup) : json_null())))
			return NULL;
	}
	return TAKE_PTR(list);
}

static json_t *json_vcpu(const struct report *report, const struct ledger_vcpu *vcpu)
{
	struct summary summary = summary_of_vcpu(report->ledger, vcpu, report->raw);

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "vm",
			 vcpu->named ? json_text(vcpu->vm) : json_null(), "pid",
			 json_number(vcpu->pid), "tid", json_number(vcpu->tid), "index",
			 json_number(vcpu->index), "records", json_number(vcpu->records), "exits",
			 json_number(vcpu->exits), "wall_ns", (json_int_t)summary.wall);
}

static json_t *json_vcpus(const struct report *report)
{
	const struct ledger *ledger = report->ledger;
	_cleanup_json_ json_t *list = json_array();

	for (size_t slot = 0; list && slot < ledger->vcpu_slots; slot++)
		if (ledger->vcpu[slot] && ledger->vcpu[slot]->records &&
		    json_array_append_new(list, json_vcpu(report, ledger->vcpu[slot])))
			return NULL;
	return TAKE_PTR(list);
}

static json_t *json_merged(const struct reader_facts *facts)
{
	_cleanup_json_ json_t *list = json_array();
	size_t count;
	const struct merged *row = merged_accounts(facts, &count);

	for (size_t i = 0; list && i < count; i++)
		if (json_array_append_new(list, json_string(row[i].account)))
			return NULL;
	return TAKE_PTR(list);
}

/* The same by where each is booked: only said where something is merged. */
static int json_add_merged_into(json_t *json, const struct reader_facts *facts)
{
	_cleanup_json_ json_t *into = json_object();
	size_t count;
	const struct merged *row = merged_accounts(facts, &count);

	for (size_t i = 0; into && i < count; i++)
		if (json_object_set_new(into, row[i].account, json_string(row[i].into)))
			return -ENOMEM;
	if (!into)
		return -ENOMEM;
	return count && json_object_set(json, "merged_into", into) ? -ENOMEM : 0;
}

/* null for what the tier does not see. */
static json_t *json_if_seen(const struct ledger *ledger, uint64_t count)
{
	return merged_sees_switch(ledger->facts) ? json_number(count) : json_null();
}

/* At the last record; NULL where the trace does not say, or its totals are all there. */
static json_t *json_totals_age(const struct ledger *ledger)
{
	uint64_t until = ledger->totals_ns, end = ledger->notes.end_ns;

	if (ledger->ended || !until || !end)
		return NULL;
	return json_integer((json_int_t)(int64_t)(end - until));
}

static json_t *json_exits(const struct ledger *ledger)
{
	const struct ledger_counts *counts = &ledger->counts;

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:o*}", "total",
		json_number(counts->exits), "el2_only", json_if_seen(ledger, counts->el2_only),
		"never_entered", json_if_seen(ledger, counts->never_entered), "lost",
		json_number(ledger_lost(ledger)), "clamped", json_number(ledger->end.clamped),
		"torn", json_number(ledger->end.torn), "incomplete",
		json_number(counts->incomplete), "impossible", json_number(counts->impossible),
		"starts", json_number(counts->starts), "continuations",
		json_number(counts->continuations), "cut_off", !ledger->ended, "from_totals",
		ledger->from_totals, "totals_age_ns", json_totals_age(ledger));
}

static json_t *json_tool(const struct report *report)
{
	const struct summary *summary = &report->summary;
	struct tool_cost cost = summary_tool(summary, report->ledger);

	if (!cost.known)
		return json_pack("{s:n, s:n}", "ns_per_exit", "percent");
	return json_pack("{s:o, s:o, s:I, s:o, s:I}", "ns_per_exit",
			 json_mean(cost.all, summary->exits), "percent",
			 json_share(summary, cost.all), "event_ns", (json_int_t)cost.event,
			 "stamps_ns", cost.stamps_known ? json_integer(cost.stamps) : json_null(),
			 "pauses_ns", (json_int_t)cost.pauses);
}

static json_t *json_account(const struct summary *summary, size_t i)
{
	const struct histogram *length = &summary->account[i];

	if (!length->count)
		return json_null();
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o}", "count", json_number(length->count), "ns",
		json_integer(summary->value[i]), "min", json_percentile(summary, length, 0), "p50",
		json_percentile(summary, length, 50), "p99", json_percentile(summary, length, 99),
		"max", json_percentile(summary, length, 100));
}

static json_t *json_accounts(const struct summary *summary, enum account_group group)
{
	_cleanup_json_ json_t *accounts = json_object();

	for (size_t i = 0; accounts && i < summary->accounts->count; i++) {
		const struct account *account = &summary->accounts->account[i];

		if (account->group == group &&
		    json_object_set_new(accounts, account->key, json_account(summary, i)))
			return NULL;
	}
	return TAKE_PTR(accounts);
}

/* Of the records that spent time in the group; NULL where that is not known. */
static json_t *json_group_lengths(const struct report *report, int group)
{
	const struct histogram *length = &report->ledger->group[group];
	const struct summary *summary = &report->summary;

	if (!report->ledger->grouped || !length->count)
		return NULL;
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "count", json_number(length->count), "min",
			 json_percentile(summary, length, 0), "p50",
			 json_percentile(summary, length, 50), "p99",
			 json_percentile(summary, length, 99), "max",
			 json_percentile(summary, length, 100));
}

static json_t *json_group(const struct summary *summary, int64_t value, json_t *accounts,
			  json_t *lengths)
{
	return json_pack("{s:I, s:o, s:o, s:o*}", "ns", (json_int_t)value, "percent",
			 json_share(summary, value), "accounts", accounts, "lengths", lengths);
}

static json_t *json_groups(const struct report *report)
{
	const struct summary *summary = &report->summary;
	_cleanup_json_ json_t *groups = json_object();

	for (int i = 0; groups && i < GROUPS; i++) {
		enum account_group group = (enum account_group)i;

		if (json_object_set_new(groups, account_group_key(group),
					json_group(summary, summary->group[i],
						   json_accounts(summary, group),
						   json_group_lengths(report, i))))
			return NULL;
	}
	if (groups &&
	    json_object_set_new(groups, "unattributed",
				json_group(summary, summary->unattributed, json_object(), NULL)))
		return NULL;
	return TAKE_PTR(groups);
}

/* Of totals; null where the mean is not known. */
static json_t *json_mean_cell(const struct summary *summary, const struct classes *classes,
			      const struct class_mean *mean)
{
	bool unknown = class_mean_is_unknown(mean);
	int64_t sum = units_whole(&summary->units, class_mean_net(classes, mean));

	if (!mean->count && !unknown)
		return json_null();
	return json_pack("{s:o, s:o, s:n, s:n, s:n, s:n}", "count", json_number(mean->count),
			 "mean", unknown ? json_null() : json_mean(sum, mean->count), "p50", "p99",
			 "raw_p50", "cycles_p50");
}

/* One cell of the table of classes; what a record took there less its stamps, and as measured. */
static json_t *json_cell(const struct summary *summary, const struct classes *classes,
			 const struct class_cell *cell)
{
	const struct histogram *net = &cell->length[CLASS_NET], *raw = &cell->length[CLASS_RAW];
	const struct histogram *cycles = &cell->length[CLASS_CYCLES];

	if (classes->means)
		return json_mean_cell(summary, classes, &cell->mean);
	if (!net->count)
		return json_null();
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o}", "count", json_number(net->count), "mean",
		json_mean(units_whole(&summary->units, net->sum), net->count), "p50",
		json_percentile(summary, net, 50), "p99", json_percentile(summary, net, 99),
		"raw_p50", json_percentile(summary, raw, 50), "cycles_p50",
		cycles->count ? json_number(histogram_percentile(cycles, 50)) : json_null());
}

static json_t *json_class(const struct summary *summary, const struct classes *classes,
			  const struct class_row *row)
{
	_cleanup_json_ json_t *cells = json_object();

	for (int i = 0; cells && i < ACCOUNT_COLUMNS; i++)
		if (json_object_set_new(cells, account_column_key((enum account_column)i),
					json_cell(summary, classes, &row->cell[i])))
			return NULL;
	return TAKE_PTR(cells);
}

static json_t *json_class_rows(const struct summary *summary, const struct classes *classes)
{
	_cleanup_json_ json_t *rows = json_object();

	for (size_t i = 0; rows && i < classes->count; i++)
		if (json_object_set_new(rows, classes->row[i].key,
					json_class(summary, classes, &classes->row[i])))
			return NULL;
	return TAKE_PTR(rows);
}

static json_t *json_stamp(const struct summary *summary, const struct classes *classes)
{
	if (!classes->stamp_cost_64)
		return json_null();
	return json_mean(units_whole(&summary->units, classes->stamp_cost_64), 64);
}

static json_t *json_classes(const struct report *report)
{
	const struct classes *classes = &report->ledger->classes;

	return json_pack("{s:o, s:o, s:o}", "stamp", json_stamp(&report->summary, classes), "rows",
			 json_class_rows(&report->summary, classes), "all",
			 json_class(&report->summary, classes, &classes->row[classes->count]));
}

static json_t *json_lengths(const struct summary *summary, const struct reason_row *row)
{
	const struct histogram *length = &row->length;
	int64_t sum = units_whole(&summary->units, row->ticks);

	if (!length->count)
		return json_pack("{s:o, s:n, s:n, s:n, s:I}", "mean", json_mean(sum, row->count),
				 "p50", "p99", "max", "sum", (json_int_t)sum);
	return json_pack("{s:o, s:o, s:o, s:o, s:I}", "mean", json_mean(sum, row->count), "p50",
			 json_percentile(summary, length, 50), "p99",
			 json_percentile(summary, length, 99), "max",
			 json_percentile(summary, length, 100), "sum", (json_int_t)sum);
}

static json_t *json_ipa(uint64_t ipa)
{
	return ipa == UINT64_MAX ? json_null() : json_sprintf("0x%" PRIx64, ipa);
}

static json_t *json_reason(const struct summary *summary, const struct reason_row *row)
{
	const struct exit_reason *reason = &row->reason;
	char name[REASON_TEXT], detail[REASON_TEXT];

	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "name", reason_name(reason, name),
			 "class", reason_class_key(reason), "detail", reason_detail(reason, detail),
			 "handled", reason_handled_key(reason), "ipa",
			 reason_is_mmio(reason) ? json_ipa(reason->number) : json_null(), "count",
			 json_number(row->count), "ns", json_lengths(summary, row));
}

static json_t *json_reasons(const struct report *report)
{
	_cleanup_free_ const struct reason_row **row = reasons_by_time(&report->ledger->reasons);
	_cleanup_json_ json_t *list = row ? json_array() : NULL;

	for (size_t i = 0; list && row[i]; i++)
		if (json_array_append_new(list, json_reason(&report->summary, row[i])))
			return NULL;
	return TAKE_PTR(list);
}

/* What accesses spent in user space, of those whose VMM tells; null where it does not. */
static json_t *json_user_parts(const struct summary *summary, const struct device_row *row)
{
	_cleanup_json_ json_t *parts = NULL;

	if (!row->split)
		return json_null();
	parts = json_pack("{s:o}", "count", json_number(row->split));
	for (int i = 0; parts && i < VMM_PARTS; i++)
		if (json_object_set_new(parts, account_user_part_key((enum vmm_part)i),
					json_ticks(summary, row->user_part[i])))
			return NULL;
	return TAKE_PTR(parts);
}

static json_t *json_device(const struct summary *summary, const struct device_row *row)
{
	struct exit_reason reason = { .handled = row->handled };
	char name[32] = "others";

	if (row->ipa != UINT64_MAX)
		snprintf(name, sizeof(name), "0x%" PRIx64, row->ipa);
	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o}", "name",
			 json_text(row->name ? row->name : name), "ipa", json_ipa(row->ipa), "pid",
			 row->pid ? json_number(row->pid) : json_null(), "handled",
			 reason_handled_key(&reason), "reads", json_number(row->reads), "writes",
			 json_number(row->writes), "ns", json_ticks(summary, row->ticks), "vmm",
			 json_user_parts(summary, row));
}

static json_t *json_devices(const struct report *report)
{
	_cleanup_free_ const struct device_row **row = report_devices(report);
	_cleanup_json_ json_t *list = row ? json_array() : NULL;

	for (size_t i = 0; list && row[i]; i++)
		if (json_array_append_new(list, json_device(&report->summary, row[i])))
			return NULL;
	return TAKE_PTR(list);
}

/* null where none was wanted. */
static json_t *json_vmm_side(const struct report *report)
{
	const struct reader_facts *facts = &report->reader->facts;
	bool joined = reader_facts_joined(facts);

	if (!reader_facts_wanted_vmm(facts))
		return json_null();
	return json_pack("{s:b, s:o, s:o, s:o}", "joined", joined, "reason",
			 joined ? json_null() : json_text(facts->vmm_side), "stays",
			 json_number(report->ledger->counts.user_ways), "stays_joined",
			 json_number(report->ledger->counts.user_split));
}

static json_t *json_pause(const struct summary *summary, const struct pause_row *row)
{
	const char *name = row->name ? row->name : "?";

	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "kind", pause_row_key(row), "number",
			 row->by == PAUSE_BY_IRQ || row->by == PAUSE_BY_SOFTIRQ
				 ? json_number(row->number)
				 : json_null(),
			 "name", *name ? json_text(name) : json_null(), "count",
			 json_number(row->count), "ns", json_ticks(summary, row->ticks));
}

static json_t *json_pauses(const struct report *report, bool tasks)
{
	_cleanup_free_ const struct pause_row **row =
		pause_rows_by_time(&report->ledger->pauses, tasks);
	_cleanup_json_ json_t *list = row ? json_array() : NULL;

	for (size_t i = 0; list && row[i]; i++)
		if (json_array_append_new(list, json_pause(&report->summary, row[i])))
			return NULL;
	return TAKE_PTR(list);
}

static json_t *json_report(const struct report *report)
{
	const struct reader_facts *facts = &report->reader->facts;
	const struct summary *summary = &report->summary;

	return json_pack("{s:o, s:i, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:{s:I, s:o}, s:o, s:o, "
			 "s:o, s:o, s:o, s:o, s:o}",
			 "hyptrace", json_text(facts->hyptrace_version), "schema", SCHEMA, "host",
			 json_host(facts), "vms", json_vms(report->ledger), "unit",
			 json_text(facts->unit), "emulated", facts->emulated, "merged",
			 json_merged(facts), "exits", json_exits(report->ledger), "tool_cost",
			 json_tool(report), "ledger", "wall_ns", (json_int_t)summary->wall,
			 "groups", json_groups(report), "reasons", json_reasons(report), "devices",
			 json_devices(report), "classes", json_classes(report), "vmm_side",
			 json_vmm_side(report), "vcpus", json_vcpus(report), "preempters",
			 json_pauses(report, true), "interrupts", json_pauses(report, false));
}

/* The time is CLOCK_MONOTONIC; a guest's mark has a number and a slot, the host's a text. */
static json_t *json_mark(const struct note_mark *mark)
{
	bool host = mark->slot == TRACE_MARK_BY_HOST;

	return json_pack("{s:o, s:s, s:o, s:o, s:o}", "ns", json_number(mark->ns), "by",
			 host ? "host" : "guest", "text",
			 host ? json_text(mark->text) : json_null(), "number",
			 host ? json_null() : json_number(mark->number), "slot",
			 host ? json_null() : json_number(mark->slot));
}

static int json_add_marks(json_t *json, const struct notes *notes)
{
	json_t *list = json_array();
	int r = json_object_set_new(json, "marks", list);

	for (size_t i = 0; !r && i < notes->marks; i++)
		r = json_array_append_new(list, json_mark(&notes->mark[i]));
	return r;
}

static int json_add_chosen(json_t *json, const struct report *report)
{
	const char *chosen = report->reader->facts.chosen;

	return json_object_set_new(json, "chosen", json_text(chosen ? chosen : "--budget"));
}

int view_json(const struct report *report, struct buffer *out)
{
	_cleanup_json_ json_t *json = json_report(report);

	if (json && ledger_is_chosen(report->ledger) && json_add_chosen(json, report))
		return -ENOMEM;
	if (json && report->ledger->notes.marks && json_add_marks(json, &report->ledger->notes))
		return -ENOMEM;
	if (json && report->at_ns && json_object_set_new(json, "at_ns", json_number(report->at_ns)))
		return -ENOMEM;
	if (json && json_add_merged_into(json, &report->reader->facts) < 0)
		return -ENOMEM;
	/* 15 digits: as many as a double keeps, so that 0.1 is not 0.10000000000000001. */
	_cleanup_free_ char *text =
		json ? json_dumps(json, (report->compact ? JSON_COMPACT : JSON_INDENT(2)) |
						JSON_REAL_PRECISION(15))
		     : NULL;

	return text ? buffer_printf(out, "%s\n", text) : -ENOMEM;
}
