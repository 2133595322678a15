/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/ledger.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/totals.h"
#include "base/error.h"

int ledger_create(const struct reader_facts *facts, struct ledger **ret_ledger)
{
	_cleanup_ledger_ struct ledger *ledger = calloc(1, sizeof(*ledger));
	int r;

	if (!ledger)
		return -ENOMEM;
	ledger->facts = facts;
	account_table_init(&ledger->accounts, facts);
	r = classes_init(&ledger->classes, &ledger->accounts, facts->stamp_cost_64);
	if (r < 0)
		return r;
	*ret_ledger = TAKE_PTR(ledger);
	return 0;
}

static int grow_slots(struct ledger *ledger, size_t slots)
{
	struct ledger_vcpu **grown = reallocarray(ledger->vcpu, slots, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	memset(grown + ledger->vcpu_slots, 0, (slots - ledger->vcpu_slots) * sizeof(*grown));
	ledger->vcpu = grown;
	ledger->vcpu_slots = slots;
	return 0;
}

int ledger_get_vcpu(struct ledger *ledger, uint32_t slot, struct ledger_vcpu **ret_vcpu)
{
	if (slot >= LEDGER_VCPUS_MAX)
		return error_set(-EPROTO, "the trace is damaged: it names vCPU slot %u", slot);
	if (slot >= ledger->vcpu_slots && grow_slots(ledger, slot + 1) < 0)
		return -ENOMEM;
	if (!ledger->vcpu[slot]) {
		ledger->vcpu[slot] = calloc(1, sizeof(*ledger->vcpu[slot]));
		if (!ledger->vcpu[slot])
			return -ENOMEM;
		ledger->vcpu[slot]->slot = slot;
		ledger->vcpu[slot]->at_account = ACCOUNT_NONE;
	}
	*ret_vcpu = ledger->vcpu[slot];
	return 0;
}

static bool went_through_user(const struct account_table *accounts,
			      const struct trace_record *record)
{
	return accounts->stage_user >= 0 &&
	       stage_set_has(&record->touched, (unsigned int)accounts->stage_user);
}

static void count_record(struct ledger_counts *counts, const struct account_table *accounts,
			 const struct trace_record *record, const struct booking *booking)
{
	const struct exit_fixed *fixed = &record->fixed;

	counts->starts += fixed->kind == EXIT_KIND_START;
	counts->exits += fixed->kind == EXIT_KIND_EXIT;
	counts->continuations += fixed->kind == EXIT_KIND_CONTINUATION;
	counts->el2_only += fixed->el2_count;
	counts->never_entered += !!(fixed->flags & EXIT_FLAG_NOT_ENTERED);
	counts->user_ways += went_through_user(accounts, record);
	counts->user_split += record->user.known;
	counts->stamps += booking->stamps;
	counts->work += booking->work;
	counts->incomplete += !stage_set_is_empty(&record->missing);
	counts->impossible += booking->impossible;
}

/* Numbers left out since the vCPU's last record; a sequence that begins again has no gap. */
static uint64_t sequence_gap(const struct ledger_vcpu *vcpu, uint32_t seq)
{
	uint32_t gap = seq - vcpu->next_seq;

	return vcpu->records && gap < UINT32_C(1) << 31 ? gap : 0;
}

/* Records that are no more than a part of the totals may lie between. */
static void extend_off(struct ledger_vcpu *vcpu, uint64_t begin)
{
	uint64_t known = vcpu->end > vcpu->totals_end ? vcpu->end : vcpu->totals_end;

	if (vcpu->records && begin > vcpu->end)
		vcpu->off += begin - vcpu->end;
	if (vcpu->totals_end && begin > known)
		vcpu->off_since += begin - known;
	vcpu->start = begin;
}

static void extend_life(struct ledger_vcpu *vcpu, const struct exit_fixed *fixed, uint64_t own)
{
	uint64_t before = booking_before(fixed), end = fixed->begin + own;
	uint64_t begin = before > fixed->begin ? fixed->begin : fixed->begin - before;

	if (fixed->kind == EXIT_KIND_START)
		extend_off(vcpu, begin);
	if (!vcpu->records || begin < vcpu->begin)
		vcpu->begin = begin;
	if (!vcpu->records || end > vcpu->end)
		vcpu->end = end;
	vcpu->records++;
	vcpu->exits += fixed->kind == EXIT_KIND_EXIT;
	vcpu->next_seq = fixed->seq + 1;
}

static int keep_lengths(struct histogram *account, const struct booking *booking, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (booking->touched[i] && histogram_add(&account[i], booking->length[i]) < 0)
			return -ENOMEM;
	return 0;
}

/* The exits before the record that EL2 finished alone, each cause in a row of its own. */
static int add_el2_reasons(struct reasons *reasons, const struct exit_fixed *fixed,
			   const struct el2_causes *causes)
{
	struct exit_reason unknown = reason_el2();
	struct trace_el2 rest;
	bool sound = booking_el2_rest(fixed, causes, &rest);
	int r = 0;

	for (unsigned int i = 0; !r && sound && i < causes->count; i++) {
		const struct trace_el2 *cause = &causes->cause[i];
		struct exit_reason reason = reason_of_el2(cause->esr, cause->code);

		r = reasons_add_sum(reasons, &reason, cause->count, cause->ticks);
	}
	if (!r && rest.count)
		r = reasons_add_sum(reasons, &unknown, rest.count, rest.ticks);
	return r;
}

static int add_reason(struct ledger *ledger, struct ledger_vcpu *vcpu,
		      const struct trace_record *record, uint64_t own)
{
	struct exit_reason reason = reason_of(&record->fixed);
	int r = reasons_add(&ledger->reasons, &reason, own);

	if (!r && reason_is_mmio(&reason))
		r = devices_add(&vcpu->accesses, &reason, own, &record->user);
	return r;
}

/* What belongs to a record that was lost is lost with it. */
static void drop_other_causes(struct el2_causes *causes, uint32_t seq)
{
	if (causes->seq != seq)
		causes->count = 0;
	causes->seq = seq;
}

/* More causes than there is room for are left to the row of the unknown. */
static int add_el2(struct ledger *ledger, const struct trace_el2 *el2)
{
	struct ledger_vcpu *vcpu = NULL;
	int r = ledger_get_vcpu(ledger, el2->slot, &vcpu);

	if (r < 0)
		return r;
	drop_other_causes(&vcpu->causes, el2->seq);
	if (vcpu->causes.count < EL2_CAUSES_MAX)
		vcpu->causes.cause[vcpu->causes.count++] = *el2;
	return 0;
}

static int tell(const struct ledger_listener *listener, const struct trace_record *record,
		const struct booking *booking)
{
	struct exit_reason reason;

	if (!listener->record)
		return 0;
	reason = reason_of(&record->fixed);
	return listener->record(listener->context, record, booking, &reason);
}

static int keep_groups(struct ledger *ledger, const struct booking *booking)
{
	const struct account_table *accounts = &ledger->accounts;
	uint64_t length[GROUPS] = { 0 };
	bool touched[GROUPS] = { false };
	int r = 0;

	for (size_t i = 0; i < accounts->count; i++) {
		enum account_group group =
			i == accounts->vector_eret ? GROUP_GUEST : accounts->account[i].group;

		if (!booking->touched[i])
			continue;
		touched[group] = true;
		length[group] += booking->length[i];
	}
	for (int group = 0; r >= 0 && group < GROUPS; group++)
		if (touched[group])
			r = histogram_add(&ledger->group[group], length[group]);
	ledger->grouped = true;
	return r;
}

static int keep_booking(struct ledger *ledger, struct ledger_vcpu *vcpu,
			const struct trace_record *record, const struct booking *booking)
{
	const struct exit_fixed *fixed = &record->fixed;
	int r = keep_lengths(vcpu->account, booking, ledger->accounts.count);

	if (r >= 0)
		r = keep_groups(ledger, booking);
	if (r >= 0)
		r = classes_add(&ledger->classes, record, booking);
	if (r >= 0)
		r = add_reason(ledger, vcpu, record, booking->own);
	return r < 0 ? r : add_el2_reasons(&ledger->reasons, fixed, &vcpu->causes);
}

static int add_record(struct ledger *ledger, const struct trace_record *record)
{
	struct ledger_vcpu *vcpu = NULL;
	struct booking booking;
	int r = ledger_get_vcpu(ledger, record->slot, &vcpu);

	if (r < 0)
		return r;
	if (!ledger->notes.begin_ns)
		ledger->notes.begin_ns = record->timestamp;
	ledger->notes.end_ns = record->timestamp;
	drop_other_causes(&vcpu->causes, record->fixed.seq);
	booking_make(&booking, ledger->facts, &ledger->accounts, record, &vcpu->causes);
	count_record(&ledger->counts, &ledger->accounts, record, &booking);
	if (record->fixed.kind != EXIT_KIND_START || !ledger->notes.switched_off)
		ledger->counts.gaps += sequence_gap(vcpu, record->fixed.seq);
	extend_life(vcpu, &record->fixed, booking.own);
	r = keep_booking(ledger, vcpu, record, &booking);
	if (r >= 0)
		r = tell(&ledger->listener, record, &booking);
	vcpu->causes.count = 0;
	return r;
}

/* A process may call itself anything; a terminal must not obey it. */
static void disarm(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static int keep_text(const char *text, char **to)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	disarm(copy);
	free(*to);
	*to = copy;
	return 0;
}

static int add_vcpu(struct ledger *ledger, const struct trace_vcpu *vcpu)
{
	struct ledger_vcpu *known = NULL;
	int r = ledger_get_vcpu(ledger, vcpu->slot, &known);

	if (r >= 0)
		r = keep_text(vcpu->vm, &known->vm);
	if (r >= 0 && vcpu->cgroup && *vcpu->cgroup)
		r = keep_text(vcpu->cgroup, &known->cgroup);
	if (r < 0)
		return r;
	known->pid = vcpu->pid;
	known->tid = vcpu->tid;
	known->index = vcpu->index;
	known->named = true;
	return 0;
}

static int add_device(struct ledger *ledger, const struct trace_device *device)
{
	struct device_range range = { .first = device->first,
				      .last = device->last,
				      .pid = device->pid,
				      .source = device->source };

	snprintf(range.name, sizeof(range.name), "%s", device->name);
	return device_map_add(&ledger->device_map, &range);
}

/* What the totals have, from here on; they know how long recording was off before. */
static void take_totals(struct ledger *ledger, uint64_t until_ns)
{
	struct stored_totals *totals = &ledger->totals;

	stored_totals_commit(totals);
	ledger->totals_ns = until_ns;
	for (size_t slot = 0; slot < totals->slots && slot < ledger->vcpu_slots; slot++) {
		const struct stored_vcpu *last = totals->slot[slot].last;
		struct ledger_vcpu *vcpu = ledger->vcpu[slot];

		if (!vcpu || !last)
			continue;
		vcpu->totals_end = last->totals.end;
		if (vcpu->start <= vcpu->totals_end)
			vcpu->off_since = 0;
	}
}

int ledger_add(struct ledger *ledger, const struct trace_item *item)
{
	switch (item->kind) {
	case TRACE_RECORD:
		return add_record(ledger, &item->record);
	case TRACE_EL2:
		return add_el2(ledger, &item->el2);
	case TRACE_PAUSE:
		return pause_rows_add(&ledger->pauses, item->pause.who, item->pause.ticks);
	case TRACE_PAUSER:
		return pause_rows_name(&ledger->pauses, item->pauser.who, item->pauser.by,
				       item->pauser.number, item->pauser.name);
	case TRACE_TOTALS_UNTIL:
		take_totals(ledger, item->until);
		return 0;
	case TRACE_DEVICE:
		return add_device(ledger, &item->device);
	case TRACE_VCPU:
		return add_vcpu(ledger, &item->vcpu);
	case TRACE_DISCARDED:
		ledger->counts.discarded += item->discarded;
		return 0;
	case TRACE_CHOICE:
		notes_add_choice(&ledger->notes, &item->choice);
		return 0;
	case TRACE_MARK:
		return notes_add_mark(&ledger->notes, &item->mark);
	case TRACE_END:
		ledger->ended = true;
		ledger->end = item->end;
		return 0;
	default:
		return stored_totals_add(&ledger->totals, item);
	}
}

/* Of one source, the last one counts. */
static int names_of(const struct ledger *ledger, uint32_t pid, struct device_map *names)
{
	int r = device_map_select(&ledger->device_map, pid, names);

	if (r >= 0 && ledger->named_devices)
		r = device_map_select(ledger->named_devices, pid, names);
	return r;
}

static int gather_devices(struct ledger *ledger)
{
	int r = 0;

	devices_release(&ledger->devices);
	for (size_t slot = 0; r >= 0 && slot < ledger->vcpu_slots; slot++) {
		_cleanup_(device_map_drop_selected) struct device_map names = { 0 };
		const struct ledger_vcpu *vcpu = ledger->vcpu[slot];

		if (!vcpu || !vcpu->accesses.count)
			continue;
		r = names_of(ledger, vcpu->pid, &names);
		if (r >= 0)
			r = devices_merge(&ledger->devices, &vcpu->accesses, vcpu->pid, &names);
	}
	return r;
}

int ledger_finish(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->accounts.count; i++)
		histogram_release(&ledger->account[i]);
	/* A vCPU may come back to the run loop in any recording. */
	for (size_t slot = 0; !ledger->notes.switched_off && slot < ledger->vcpu_slots; slot++)
		if (ledger->vcpu[slot])
			ledger->vcpu[slot]->off = 0;
	for (size_t slot = 0; slot < ledger->vcpu_slots; slot++)
		for (size_t i = 0; ledger->vcpu[slot] && i < ledger->accounts.count; i++)
			if (histogram_merge(&ledger->account[i], &ledger->vcpu[slot]->account[i]) <
			    0)
				return -ENOMEM;
	return gather_devices(ledger);
}

int ledger_name_devices(struct ledger *ledger, const struct device_map *map)
{
	ledger->named_devices = map;
	return gather_devices(ledger);
}

bool ledger_is_chosen(const struct ledger *ledger)
{
	return ledger->facts->chosen || ledger->notes.stepped;
}

static int add_rest_of(struct ledger *ledger, uint32_t slot, const struct stored_vcpu *last)
{
	int r = 0;

	for (unsigned int i = 0; r >= 0 && i < last->pausers; i++)
		r = pause_rows_add_many(&ledger->pauses, last->pauser[i].who, last->pauser[i].count,
					last->pauser[i].ticks);
	if (r < 0 || !last->known)
		return r;
	ledger->from_totals = true;
	return ledger_add_totals(ledger, slot, &last->totals);
}

/* Older traces store them once, and do not say when they are whole. */
static int add_rest(struct ledger *ledger)
{
	struct stored_totals *totals = &ledger->totals;
	int r = 0;

	if (!ledger->facts->totals_ms)
		stored_totals_commit(totals);
	for (uint32_t slot = 0; r >= 0 && slot < totals->slots; slot++)
		if (totals->slot[slot].last)
			r = add_rest_of(ledger, slot, totals->slot[slot].last);
	return r;
}

int ledger_complete(struct ledger *ledger, enum ledger_figures figures)
{
	int r = figures == LEDGER_RECORDS ? 0 : add_rest(ledger);

	return r < 0 ? r : ledger_finish(ledger);
}

int ledger_read(struct reader *reader, enum ledger_figures figures, struct ledger **ret_ledger)
{
	_cleanup_ledger_ struct ledger *ledger = NULL;
	struct trace_item item;
	int r = ledger_create(&reader->facts, &ledger);

	if (r < 0)
		return r;
	while ((r = reader_next(reader, &item)) > 0) {
		r = ledger_add(ledger, &item);
		if (r < 0)
			return r;
	}
	if (r == 0)
		r = ledger_complete(ledger, figures);
	if (r < 0)
		return r;
	*ret_ledger = TAKE_PTR(ledger);
	return 0;
}

uint64_t ledger_vcpu_wall(const struct ledger_vcpu *vcpu)
{
	return vcpu->end - vcpu->begin - vcpu->off; /* all are 0 before the first one */
}

unsigned __int128 ledger_wall(const struct ledger *ledger)
{
	unsigned __int128 wall = 0;

	for (size_t slot = 0; slot < ledger->vcpu_slots; slot++)
		if (ledger->vcpu[slot])
			wall += ledger_vcpu_wall(ledger->vcpu[slot]);
	return wall;
}

static bool is_of_process(const struct ledger_vcpu *vcpu, uint32_t pid)
{
	return vcpu && vcpu->named && vcpu->pid == pid;
}

const char *ledger_vm_name(const struct ledger *ledger, uint32_t pid)
{
	for (size_t slot = 0; slot < ledger->vcpu_slots; slot++)
		if (is_of_process(ledger->vcpu[slot], pid))
			return ledger->vcpu[slot]->vm;
	return NULL;
}

bool ledger_vm_at(const struct ledger *ledger, size_t slot, struct ledger_vm *ret_vm)
{
	const struct ledger_vcpu *first = ledger->vcpu[slot];
	uint32_t vcpus = 0;

	if (!first || !first->named)
		return false;
	for (size_t i = 0; i < slot; i++)
		if (is_of_process(ledger->vcpu[i], first->pid))
			return false;
	for (size_t i = slot; i < ledger->vcpu_slots; i++)
		vcpus += is_of_process(ledger->vcpu[i], first->pid);
	*ret_vm = (struct ledger_vm){
		.pid = first->pid, .vcpus = vcpus, .name = first->vm, .cgroup = first->cgroup
	};
	return true;
}

static uint64_t larger(uint64_t left, uint64_t right)
{
	return left > right ? left : right;
}

uint64_t ledger_lost(const struct ledger *ledger)
{
	uint64_t gaps = ledger_is_chosen(ledger) ? 0 : ledger->counts.gaps;
	uint64_t torn = ledger->end.torn;

	return larger(larger(ledger->counts.discarded, ledger->end.lost),
		      gaps > torn ? gaps - torn : 0);
}

void ledger_destroy(struct ledger *ledger)
{
	for (size_t slot = 0; slot < ledger->vcpu_slots; slot++) {
		struct ledger_vcpu *vcpu = ledger->vcpu[slot];

		for (size_t i = 0; vcpu && i < ledger->accounts.count; i++)
			if (vcpu->account[i].count)
				histogram_release(&vcpu->account[i]);
		if (vcpu)
			devices_release(&vcpu->accesses);
		free(vcpu ? vcpu->vm : NULL);
		free(vcpu ? vcpu->cgroup : NULL);
		free(vcpu);
	}
	for (size_t i = 0; i < ledger->accounts.count; i++)
		histogram_release(&ledger->account[i]);
	for (size_t i = 0; i < GROUPS; i++)
		histogram_release(&ledger->group[i]);
	classes_release(&ledger->classes);
	reasons_release(&ledger->reasons);
	devices_release(&ledger->devices);
	pause_rows_release(&ledger->pauses);
	device_map_release(&ledger->device_map);
	stored_totals_release(&ledger->totals);
	notes_release(&ledger->notes);
	free(ledger->vcpu);
	free(ledger);
}
