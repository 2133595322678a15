/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/booking.h"

#include "probes/tool_cost.h"

#include <string.h>

#include "kvm-arm/decode/esr.h"

/* One piece of an account. */
static void book(struct booking *booking, uint8_t account, uint64_t ticks)
{
	if (!booking->touched[account]) {
		booking->touched[account] = true;
		booking->places[account] = booking->stamped[account] = 0;
		booking->cycled[account] = 0;
		booking->length[account] = booking->cycles[account] = 0;
	}
	booking->places[account]++;
	booking->length[account] += ticks;
}

static void book_cycles(struct booking *booking, uint8_t account, uint32_t cycles)
{
	booking->cycled[account]++;
	booking->cycles[account] += cycles;
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
	if (handler < 0 || !stage_set_has(&record->touched, (unsigned int)handler) ||
	    record->length[handler] < record->fixed.blocked) {
		booking->impossible = true;
		return 0;
	}
	book(booking, accounts->blocked, record->fixed.blocked);
	return record->fixed.blocked;
}

/* The way through user space, where the VMM tells what it was made of. */
static void book_user(struct booking *booking, const struct account_table *accounts,
		      const struct vmm_split *user)
{
	for (int i = 0; i < VMM_PARTS; i++)
		if (i != VMM_LOCK || user->part[i])
			book(booking, accounts->user_part[i], user->part[i]);
}

static void book_stage(struct booking *booking, const struct account_table *accounts,
		       const struct trace_record *record, int stage, uint64_t ticks)
{
	uint8_t account = account_of(accounts, record, stage);

	if (stage == accounts->stage_user && record->user.known &&
	    accounts->user_part[0] != ACCOUNT_NONE) {
		book_user(booking, accounts, &record->user);
		return;
	}
	book(booking, account, ticks);
	if (!stage_set_has(&accounts->pseudo, (unsigned int)stage))
		booking->stamped[account]++;
	if (stage_set_has(&record->cycled, (unsigned int)stage))
		book_cycles(booking, account, record->cycles[stage]);
}

/*
 * A stage begins at the touched stamp before it. Where a stamp that should be
 * between the two is missing, nobody knows what the time was spent on. What was
 * taken out of stages is known in any case, and no stamp ends it.
 */
static void book_stages(struct booking *booking, const struct account_table *accounts,
			const struct trace_record *record)
{
	uint64_t blocked = book_blocked(booking, accounts, record);
	int before = -1;

	for (int stage = stage_set_next(&record->touched, -1); stage >= 0;
	     stage = stage_set_next(&record->touched, stage)) {
		bool pseudo = stage_set_has(&accounts->pseudo, (unsigned int)stage);
		uint64_t ticks = record->length[stage];

		booking->own += ticks;
		booking->stamps += !pseudo;
		if (stage == accounts->stage_handler)
			ticks -= blocked;
		if (pseudo || !stage_set_between(&record->missing, before, stage))
			book_stage(booking, accounts, record, stage, ticks);
		if (!pseudo)
			before = stage;
	}
}

static bool is_fp_trap(const struct trace_el2 *cause)
{
	unsigned int class = esr_class(cause->esr);

	return cause->esr != UINT64_MAX && cause->code == EXIT_CODE_TRAP &&
	       (class == ESR_CLASS_FP_SIMD || class == ESR_CLASS_SVE);
}

/* FP traps switch the FP registers; all else that EL2 finishes alone is trap handling. */
static void book_el2(struct booking *booking, const struct account_table *accounts,
		     const struct exit_fixed *fixed, const struct el2_causes *causes)
{
	struct trace_el2 rest, fp = { 0 };
	bool sound = booking_el2_rest(fixed, causes, &rest);

	for (unsigned int i = 0; sound && i < causes->count; i++) {
		if (!is_fp_trap(&causes->cause[i]))
			continue;
		fp.count += causes->cause[i].count;
		fp.ticks += causes->cause[i].ticks;
	}
	booking->impossible |= !sound;
	if (fp.count)
		book(booking, accounts->fp_trap, fp.ticks);
	if (fixed->el2_count > fp.count || fixed->el2_time > fp.ticks)
		book(booking, accounts->el2_only, fixed->el2_time - fp.ticks);
}

uint64_t booking_unstamped(const struct reader_facts *facts, uint8_t code, uint64_t esr)
{
	unsigned int class = esr_class(esr);

	if (code == EXIT_CODE_IRQ || code == EXIT_CODE_SERROR)
		return facts->unstamped_eret + facts->unstamped_irq;
	if (code == EXIT_CODE_TRAP && (class == ESR_CLASS_HVC64 || class == ESR_CLASS_HVC32))
		return facts->unstamped_eret + facts->unstamped_hvc;
	return facts->unstamped_eret + facts->unstamped_trap;
}

/* Those of the exits before a record have the same. */
static uint64_t unstamped_el2(const struct reader_facts *facts, const struct exit_fixed *fixed,
			      const struct el2_causes *causes)
{
	struct trace_el2 rest;
	bool sound = booking_el2_rest(fixed, causes, &rest);
	uint64_t sum = rest.count * booking_unstamped(facts, EXIT_CODE_TRAP, 0);

	for (unsigned int i = 0; sound && i < causes->count; i++)
		sum += causes->cause[i].count *
		       booking_unstamped(facts, causes->cause[i].code, causes->cause[i].esr);
	return sum;
}

/* The time between two stamps in the guest, less what the vector and ERET must have taken. */
static void book_guest(struct booking *booking, const struct reader_facts *facts,
		       const struct account_table *accounts, const struct exit_fixed *fixed,
		       const struct el2_causes *causes)
{
	uint64_t around = 0;

	if (fixed->kind == EXIT_KIND_EXIT && accounts->vector_eret != ACCOUNT_NONE) {
		around = booking_unstamped(facts, fixed->code, fixed->esr) +
			 unstamped_el2(facts, fixed, causes);
		if (around > fixed->guest)
			around = fixed->guest;
		book(booking, accounts->vector_eret, around);
	}
	if (fixed->kind == EXIT_KIND_EXIT || fixed->guest)
		book(booking, accounts->guest, fixed->guest - around);
}

static void book_before(struct booking *booking, const struct reader_facts *facts,
			const struct account_table *accounts, const struct exit_fixed *fixed,
			const struct el2_causes *causes)
{
	if (fixed->kind == EXIT_KIND_START)
		return;
	if (booking_before(fixed) > fixed->begin) {
		booking->impossible = true;
		return;
	}
	book_guest(booking, facts, accounts, fixed, causes);
	if (fixed->el2_count && accounts->el2_only != ACCOUNT_NONE)
		book_el2(booking, accounts, fixed, causes);
}

uint64_t booking_work(uint64_t turns, uint64_t through_user, uint64_t el2)
{
	return tool_work(turns, through_user, el2);
}

static uint64_t work_besides(const struct exit_fixed *fixed)
{
	return booking_work(fixed->kind != EXIT_KIND_START, !!(fixed->flags & EXIT_FLAG_USER),
			    fixed->el2_count);
}

void booking_make(struct booking *booking, const struct reader_facts *facts,
		  const struct account_table *accounts, const struct trace_record *record,
		  const struct el2_causes *causes)
{
	/* The vector's stamp is the record's begin. */
	booking->stamps = record->fixed.kind == EXIT_KIND_EXIT;
	booking->work = work_besides(&record->fixed);
	booking->own = 0;
	booking->impossible = false;
	memset(booking->touched, 0, sizeof(booking->touched));
	book_before(booking, facts, accounts, &record->fixed, causes);
	book_stages(booking, accounts, record);
}

uint64_t booking_before(const struct exit_fixed *fixed)
{
	return fixed->kind == EXIT_KIND_START ? 0 : fixed->guest + fixed->el2_time;
}

bool booking_el2_rest(const struct exit_fixed *fixed, const struct el2_causes *causes,
		      struct trace_el2 *ret_rest)
{
	struct trace_el2 rest = { .count = fixed->el2_count, .ticks = fixed->el2_time };
	bool sound = true;

	for (unsigned int i = 0; sound && i < causes->count; i++) {
		const struct trace_el2 *cause = &causes->cause[i];

		sound = cause->count <= rest.count && cause->ticks <= rest.ticks;
		rest.count -= cause->count;
		rest.ticks -= cause->ticks;
	}
	if (!sound)
		rest = (struct trace_el2){ .count = fixed->el2_count, .ticks = fixed->el2_time };
	*ret_rest = rest;
	return sound;
}
