/* SPDX-License-Identifier: GPL-2.0-only */
#include "tui/model.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/merged.h"

/* --- scopes ------------------------------------------------------------------------- */

bool scope_has(const struct snapshot_scope *scope, const struct ledger_vcpu *vcpu)
{
	if (scope->one)
		return vcpu->slot == scope->slot;
	return !scope->pid || (vcpu->named && vcpu->pid == scope->pid);
}

static bool scope_is(const struct snapshot_scope *a, const struct snapshot_scope *b)
{
	return a->pid == b->pid && a->one == b->one && (!a->one || a->slot == b->slot);
}

/* All; each VM and then its vCPUs, where it has more than one; vCPUs without a name. */
static size_t list_scopes(const struct ledger *ledger, struct snapshot_scope *list, size_t size)
{
	size_t count = 1;
	struct ledger_vm vm;

	list[0] = (struct snapshot_scope){ 0 };
	for (size_t slot = 0; slot < ledger->vcpu_slots; slot++) {
		const struct ledger_vcpu *first = ledger->vcpu[slot];

		if (first && !first->named && count < size)
			list[count++] = (struct snapshot_scope){ .one = true, .slot = first->slot };
		if (!ledger_vm_at(ledger, slot, &vm))
			continue;
		if (count < size)
			list[count++] = (struct snapshot_scope){ .pid = vm.pid };
		for (size_t i = slot; vm.vcpus > 1 && i < ledger->vcpu_slots && count < size; i++)
			if (ledger->vcpu[i] && ledger->vcpu[i]->named &&
			    ledger->vcpu[i]->pid == vm.pid)
				list[count++] = (struct snapshot_scope){ .pid = vm.pid,
									 .one = true,
									 .slot = (uint32_t)i };
	}
	return count;
}

int model_select(struct model *model, struct snapshot_scope scope)
{
	model->timeline = (struct timeline){ 0 };
	return model->feed->ops->select(model->feed, scope);
}

int model_step_scope(struct model *model, int direction)
{
	const struct ledger *ledger = model->feed->all.ledger;
	size_t size = 2 * ledger->vcpu_slots + 1, count, at = 0;
	_cleanup_free_ struct snapshot_scope *list = calloc(size, sizeof(*list));

	if (!list)
		return -ENOMEM;
	count = list_scopes(ledger, list, size);
	while (at < count - 1 && !scope_is(&list[at], &model->feed->scope))
		at++;
	at = (at + count + (size_t)direction) % count;
	return model_select(model, list[at]);
}

static const struct ledger_vcpu *first_of(const struct ledger *ledger,
					  const struct snapshot_scope *scope)
{
	for (size_t i = 0; i < ledger->vcpu_slots; i++)
		if (ledger->vcpu[i] && scope_has(scope, ledger->vcpu[i]))
			return ledger->vcpu[i];
	return NULL;
}

static void count_all(const struct ledger *ledger, uint32_t *ret_vms, uint32_t *ret_vcpus)
{
	struct ledger_vm vm;

	*ret_vms = *ret_vcpus = 0;
	for (size_t i = 0; i < ledger->vcpu_slots; i++) {
		*ret_vms += ledger_vm_at(ledger, i, &vm);
		*ret_vcpus += !!ledger->vcpu[i];
	}
}

static const char *plural(uint32_t count)
{
	return count == 1 ? "" : "s";
}

void model_scope_text(const struct model *model, struct buffer *out)
{
	const struct snapshot_scope *scope = &model->feed->scope;
	const struct ledger *ledger = model->feed->all.ledger;
	const struct ledger_vcpu *first = first_of(ledger, scope);
	uint32_t vms, vcpus = 0;

	for (size_t i = 0; i < ledger->vcpu_slots; i++)
		vcpus += ledger->vcpu[i] && scope_has(scope, ledger->vcpu[i]);
	if (!scope->pid && !scope->one) {
		count_all(ledger, &vms, &vcpus);
		buffer_printf(out, "all: %u VM%s, %u vCPU%s", vms, plural(vms), vcpus,
			      plural(vcpus));
	} else if (!first) {
		buffer_printf(out, "a VM that is gone");
	} else if (scope->one && first->named) {
		buffer_printf(out, "%s (pid %u), vCPU %u alone", first->vm, first->pid,
			      first->index);
	} else if (scope->one) {
		buffer_printf(out, "vCPU slot %u", first->slot);
	} else {
		buffer_printf(out, "%s (pid %u): %u vCPU%s", first->vm, first->pid, vcpus,
			      plural(vcpus));
	}
}

/* --- where one looks ----------------------------------------------------------------- */

struct table_look *model_look(struct model *model)
{
	if (model->screen == SCREEN_EXITS && model->in_reason)
		return &model->reason_look;
	return &model->look[model->screen];
}

void model_show(struct model *model, enum screen_number screen)
{
	if (screen == SCREEN_HELP && model->screen != SCREEN_HELP)
		model->before_help = model->screen;
	model->screen = screen;
	model->in_reason = false;
	if (screen != SCREEN_HELP)
		model->settings.screen = (int)screen;
}

void model_move(struct model *model, int rows)
{
	struct table_look *look = model_look(model);

	look->chosen = true;
	look->name[0] = '\0';
	look->selected += rows;
	if (look->selected >= look->rows)
		look->selected = look->rows - 1;
	if (look->selected < 0)
		look->selected = 0;
}

/* --- sorting -------------------------------------------------------------------------- */

/* The selection keeps its place: one looks for what is first now. */
static void remember_sort(struct model *model, struct table_look *look)
{
	look->name[0] = '\0';
	if (look == &model->reason_look)
		return;
	snprintf(model->settings.sort[model->screen], SETTING_BYTES, "%s%.22s",
		 look->ascending ? "+" : "", look->sort);
}

/* The same column once more turns the order round, and then gives the report's own back. */
void model_sort_by(struct model *model, const char *title)
{
	struct table_look *look = model_look(model);

	if (strcmp(look->sort, title)) {
		snprintf(look->sort, sizeof(look->sort), "%s", title);
		look->ascending = false;
	} else if (!look->ascending) {
		look->ascending = true;
	} else {
		look->sort[0] = '\0';
		look->ascending = false;
	}
	remember_sort(model, look);
}

void model_step_sort(struct model *model, int direction)
{
	struct table_look *look = model_look(model);
	int at = direction > 0 ? -1 : look->titles;

	for (int i = 0; i < look->titles; i++)
		if (!strcmp(look->title[i].title, look->sort))
			at = i;
	at += direction;
	look->ascending = false;
	if (at < 0 || at >= look->titles)
		look->sort[0] = '\0';
	else
		snprintf(look->sort, sizeof(look->sort), "%s", look->title[at].title);
	remember_sort(model, look);
}

void model_turn_round(struct model *model)
{
	struct table_look *look = model_look(model);

	if (!look->sort[0])
		return;
	look->ascending = !look->ascending;
	remember_sort(model, look);
}

/* --- words ----------------------------------------------------------------------------- */

void model_say(struct model *model, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(model->message, sizeof(model->message), format, list);
	va_end(list);
}

static __attribute__((format(printf, 2, 3))) void add_state(struct states *states,
							    const char *format, ...)
{
	va_list list;

	if (states->count == STATES_MAX)
		return;
	va_start(list, format);
	vsnprintf(states->text[states->count++], sizeof(states->text[0]), format, list);
	va_end(list);
}

static void add_reading(const struct feed *feed, struct states *states)
{
	if (feed->busy)
		add_state(states, "reading the trace: %u %%; what is shown is a part",
			  feed->percent);
}

static bool has_ended(const struct feed *feed, const struct ledger_vcpu *vcpu)
{
	struct vcpu_state state = { 0 };

	if (vcpu && feed->ops->state)
		feed->ops->state(feed, vcpu, &state);
	return state.ended;
}

/* Returns how many VMs there are. */
static uint32_t count_ended(const struct feed *feed, uint32_t *ret_ended, struct ledger_vm *ret_any)
{
	const struct ledger *ledger = feed->all.ledger;
	struct ledger_vm vm;
	uint32_t vms = 0;

	*ret_ended = 0;
	for (size_t i = 0; i < ledger->vcpu_slots; i++) {
		if (!ledger_vm_at(ledger, i, &vm))
			continue;
		vms++;
		if (!has_ended(feed, ledger->vcpu[i]))
			continue;
		++*ret_ended;
		*ret_any = vm;
	}
	return vms;
}

/* Where many have ended, it is said once. */
static void add_vms(const struct feed *feed, struct states *states)
{
	struct ledger_vm any;
	uint32_t ended, vms = count_ended(feed, &ended, &any);

	if (ended == 1)
		add_state(states, "VM ended: %s (pid %u); its last totals are shown", any.name,
			  any.pid);
	else if (ended)
		add_state(states, "%u VMs ended; their last totals are shown", ended);
	if (feed->live && vms == ended)
		add_state(states, "no VM is running%s",
			  vms ? "" : "; the first one to run shows up by itself");
}

/* One sentence for each account that has others in it. */
static void add_tier(const struct feed *feed, struct states *states)
{
	const struct reader_facts *facts = &feed->all.reader->facts;
	size_t count;
	const struct merged *row = merged_accounts(facts, &count);

	for (size_t i = 0; i < count;) {
		_cleanup_buffer_ struct buffer text = { 0 };
		const char *into = row[i].into;

		for (const char *between = ""; i < count && !strcmp(row[i].into, into);
		     between = ", ", i++)
			buffer_printf(&text, "%s%s", between, row[i].label);
		add_state(states, "tier %.16s, merged into %s: %s", facts->tier,
			  merged_into_label(into), buffer_text(&text));
	}
}

static void add_lost(const struct feed *feed, struct states *states)
{
	const struct ledger *ledger = feed->all.ledger;
	char lost[NUMBER_TEXT], moment[VIEW_MOMENT_TEXT];

	if (!ledger_lost(ledger))
		return;
	number_thousands((int64_t)ledger_lost(ledger), lost);
	if (feed->live)
		add_state(states, "%s exits found no room in the totals and are not shown", lost);
	else if (!ledger->from_totals)
		add_state(states, "%s records lost; what they held is missing here", lost);
	else if (ledger->ended)
		add_state(states,
			  "%s records lost; counts and sums are exact, from the kernel's totals",
			  lost);
	else if (ledger->totals_ns)
		add_state(states, "%s records lost; totals are as of %s", lost,
			  view_totals_moment(ledger, moment));
	else
		add_state(states, "%s records lost; there are totals of VMs that had ended only",
			  lost);
}

static void add_cost(const struct feed *feed, struct states *states)
{
	const struct summary *summary = &feed->all.summary;
	struct tool_cost cost = summary_tool(summary, feed->all.ledger);
	char share[NUMBER_TEXT];

	if (!summary->shares || !cost.known || summary->wall <= 0 || cost.all <= summary->wall / 20)
		return;
	add_state(states, "the tool itself costs %s %% of all time",
		  number_percent(cost.all, (number_wide)summary->wall, 1, share));
}

static void add_cut(const struct feed *feed, struct states *states)
{
	const struct ledger *ledger = feed->all.ledger;
	char moment[VIEW_MOMENT_TEXT];

	if (feed->live || feed->busy || ledger->ended)
		return;
	add_state(states, "the trace was cut off: it is complete up to its last packet");
	if (ledger->from_totals && ledger->totals_ns && !ledger_lost(ledger))
		add_state(states, "exits without a record are counted as of %s",
			  view_totals_moment(ledger, moment));
}

void model_states(const struct model *model, struct states *ret_states)
{
	static void (*const sources[])(const struct feed *feed, struct states *states) = {
		add_reading, add_vms, add_lost, add_cost, add_cut, add_tier,
	};

	ret_states->count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
		sources[i](model->feed, ret_states);
}

/* --- units ------------------------------------------------------------------------------- */

static void set_units(struct report *report, enum unit_choice unit)
{
	struct summary *summary = &report->summary;

	if (!report->ledger)
		return;
	report->cycles = unit == UNIT_CYCLES;
	*summary = summary_of_ledger(report->ledger, unit == UNIT_TICKS, -1);
	if (unit == UNIT_PERCENT)
		units_in_percent(&summary->units, summary->wall, summary->exits);
}

static bool shows_cycles(const struct model *model)
{
	const struct feed *feed = model->feed;

	return model->screen == SCREEN_SWITCH && feed->all.reader->facts.cycle_counter &&
	       (!feed->other.ledger || feed->other.reader->facts.cycle_counter);
}

enum unit_choice model_unit(const struct model *model)
{
	if (model->settings.unit == UNIT_CYCLES && !shows_cycles(model))
		return UNIT_TIME;
	return (enum unit_choice)model->settings.unit;
}

void model_step_unit(struct model *model)
{
	model->settings.unit = (model->settings.unit + 1) % UNIT_CHOICES;
	if (model->settings.unit == UNIT_CYCLES && !shows_cycles(model))
		model->settings.unit++;
}

void model_units(struct model *model)
{
	enum unit_choice unit = model_unit(model);

	set_units(&model->feed->all, unit);
	set_units(&model->feed->scoped, unit);
	set_units(&model->feed->other, unit);
}
