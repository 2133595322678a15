/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* What one record adds to each account; two places of one account are one length. */
struct booking {
	uint64_t own; /* from the record's begin to its end */
	bool impossible;
	bool touched[ACCOUNTS_MAX];
	uint64_t length[ACCOUNTS_MAX]; /* undefined where not touched */
};

int ledger_create(const struct reader_facts *facts, struct ledger **ret_ledger)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (!ledger)
		return -ENOMEM;
	ledger->facts = facts;
	account_table_init(&ledger->accounts, facts);
	*ret_ledger = ledger;
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

static int get_vcpu(struct ledger *ledger, uint32_t slot, struct ledger_vcpu **ret_vcpu)
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
	}
	*ret_vcpu = ledger->vcpu[slot];
	return 0;
}

static void book(struct booking *booking, uint8_t account, uint64_t ticks)
{
	booking->length[account] =
		ticks + (booking->touched[account] ? booking->length[account] : 0);
	booking->touched[account] = true;
}

/* The stages between two, which may be -1 for a record's begin. */
static uint64_t stages_between(int before, int stage)
{
	uint64_t up_to_before = before < 0 ? 0 : (UINT64_C(2) << before) - 1;

	return ((UINT64_C(1) << stage) - 1) & ~up_to_before;
}

static uint8_t account_of(const struct account_table *accounts, const struct trace_record *record,
			  int stage)
{
	bool mmio = record->fixed.flags & (EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER);

	if (mmio && stage == accounts->stage_handler)
		return accounts->io_kernel;
	return accounts->of_stage[stage];
}

/*
 * Books the part of the handler in which the vCPU slept. Returns how much to
 * take out of the handler: nothing, where it was not that long.
 */
static uint64_t book_blocked(struct booking *booking, const struct account_table *accounts,
			     const struct trace_record *record)
{
	int handler = accounts->stage_handler;

	if (!record->fixed.blocked)
		return 0;
	if (handler < 0 || !(record->touched >> handler & 1) ||
	    record->length[handler] < record->fixed.blocked) {
		booking->impossible = true;
		return 0;
	}
	book(booking, accounts->blocked, record->fixed.blocked);
	return record->fixed.blocked;
}

/*
 * A stage begins at the touched stamp before it. Where a stamp that should be
 * between the two is missing, nobody knows what the time was spent on.
 */
static void book_stages(struct booking *booking, const struct account_table *accounts,
			const struct trace_record *record)
{
	uint64_t blocked = book_blocked(booking, accounts, record);
	int before = -1;

	for (uint64_t left = record->touched; left; left &= left - 1) {
		int stage = __builtin_ctzll(left);
		uint64_t ticks = record->length[stage];

		booking->own += ticks;
		if (stage == accounts->stage_handler)
			ticks -= blocked;
		if (!(record->fixed.missing & stages_between(before, stage)))
			book(booking, account_of(accounts, record, stage), ticks);
		before = stage;
	}
}

/* The time between the last record's end and this one's begin; none before a start. */
static uint64_t ticks_before(const struct exit_fixed *fixed)
{
	return fixed->kind == EXIT_KIND_START ? 0 : fixed->guest + fixed->el2_time;
}

static void book_before(struct booking *booking, const struct account_table *accounts,
			const struct exit_fixed *fixed)
{
	if (fixed->kind == EXIT_KIND_START)
		return;
	if (ticks_before(fixed) > fixed->begin) {
		booking->impossible = true;
		return;
	}
	if (fixed->kind == EXIT_KIND_EXIT || fixed->guest)
		book(booking, accounts->guest, fixed->guest);
	if (fixed->el2_count)
		book(booking, accounts->el2_only, fixed->el2_time);
}

static void count_record(struct ledger_counts *counts, const struct exit_fixed *fixed,
			 const struct booking *booking)
{
	counts->starts += fixed->kind == EXIT_KIND_START;
	counts->exits += fixed->kind == EXIT_KIND_EXIT;
	counts->continuations += fixed->kind == EXIT_KIND_CONTINUATION;
	counts->el2_only += fixed->el2_count;
	counts->never_entered += !!(fixed->flags & EXIT_FLAG_NOT_ENTERED);
	counts->incomplete += !!fixed->missing;
	counts->impossible += booking->impossible;
}

/* Numbers left out since the vCPU's last record; a sequence that begins again has no gap. */
static uint64_t sequence_gap(const struct ledger_vcpu *vcpu, uint32_t seq)
{
	uint32_t gap = seq - vcpu->next_seq;

	return vcpu->records && gap < UINT32_C(1) << 31 ? gap : 0;
}

static void extend_life(struct ledger_vcpu *vcpu, const struct exit_fixed *fixed, uint64_t own)
{
	uint64_t before = ticks_before(fixed), end = fixed->begin + own;
	uint64_t begin = before > fixed->begin ? fixed->begin : fixed->begin - before;

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

static int add_reason(struct ledger *ledger, const struct exit_fixed *fixed, uint64_t own)
{
	struct exit_reason reason = reason_of(fixed), el2 = reason_el2();
	int r = reasons_add(&ledger->reasons, &reason, own);

	if (!r && reason_is_mmio(&reason))
		r = devices_add(&ledger->devices, &reason, own);
	if (!r && fixed->el2_count)
		r = reasons_add_sum(&ledger->reasons, &el2, fixed->el2_count, fixed->el2_time);
	return r;
}

static int add_record(struct ledger *ledger, const struct trace_record *record)
{
	struct booking booking = { 0 };
	struct ledger_vcpu *vcpu = NULL;
	int r = get_vcpu(ledger, record->slot, &vcpu);

	if (r < 0)
		return r;
	book_before(&booking, &ledger->accounts, &record->fixed);
	book_stages(&booking, &ledger->accounts, record);
	count_record(&ledger->counts, &record->fixed, &booking);
	ledger->counts.gaps += sequence_gap(vcpu, record->fixed.seq);
	extend_life(vcpu, &record->fixed, booking.own);
	r = keep_lengths(vcpu->account, &booking, ledger->accounts.count);
	return r < 0 ? r : add_reason(ledger, &record->fixed, booking.own);
}

/* A process may call itself anything; a terminal must not obey it. */
static void disarm(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static int add_vcpu(struct ledger *ledger, const struct trace_vcpu *vcpu)
{
	struct ledger_vcpu *known = NULL;
	int r = get_vcpu(ledger, vcpu->slot, &known);

	if (r < 0)
		return r;
	free(known->vm);
	known->vm = strdup(vcpu->vm);
	if (!known->vm)
		return -ENOMEM;
	disarm(known->vm);
	known->pid = vcpu->pid;
	known->tid = vcpu->tid;
	known->index = vcpu->index;
	known->named = true;
	return 0;
}

int ledger_add(struct ledger *ledger, const struct trace_item *item)
{
	switch (item->kind) {
	case TRACE_RECORD:
		return add_record(ledger, &item->record);
	case TRACE_VCPU:
		return add_vcpu(ledger, &item->vcpu);
	case TRACE_DISCARDED:
		ledger->counts.discarded += item->discarded;
		return 0;
	case TRACE_END:
		ledger->ended = true;
		ledger->end = item->end;
		return 0;
	}
	return 0;
}

int ledger_finish(struct ledger *ledger)
{
	for (size_t slot = 0; slot < ledger->vcpu_slots; slot++)
		for (size_t i = 0; ledger->vcpu[slot] && i < ledger->accounts.count; i++)
			if (histogram_merge(&ledger->account[i], &ledger->vcpu[slot]->account[i]) <
			    0)
				return -ENOMEM;
	return 0;
}

int ledger_read(struct reader *reader, struct ledger **ret_ledger)
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
		r = ledger_finish(ledger);
	if (r < 0)
		return r;
	*ret_ledger = TAKE_PTR(ledger);
	return 0;
}

uint64_t ledger_vcpu_wall(const struct ledger_vcpu *vcpu)
{
	return vcpu->records ? vcpu->end - vcpu->begin : 0;
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
	*ret_vm = (struct ledger_vm){ .pid = first->pid, .vcpus = vcpus, .name = first->vm };
	return true;
}

static uint64_t larger(uint64_t left, uint64_t right)
{
	return left > right ? left : right;
}

uint64_t ledger_lost(const struct ledger *ledger)
{
	uint64_t gaps = ledger->counts.gaps, torn = ledger->end.torn;

	return larger(larger(ledger->counts.discarded, ledger->end.lost),
		      gaps > torn ? gaps - torn : 0);
}

void ledger_destroy(struct ledger *ledger)
{
	for (size_t slot = 0; slot < ledger->vcpu_slots; slot++) {
		struct ledger_vcpu *vcpu = ledger->vcpu[slot];

		for (size_t i = 0; vcpu && i < ledger->accounts.count; i++)
			histogram_release(&vcpu->account[i]);
		free(vcpu ? vcpu->vm : NULL);
		free(vcpu);
	}
	for (size_t i = 0; i < ledger->accounts.count; i++)
		histogram_release(&ledger->account[i]);
	reasons_release(&ledger->reasons);
	devices_release(&ledger->devices);
	free(ledger->vcpu);
	free(ledger);
}
