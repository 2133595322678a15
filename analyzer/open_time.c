/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/open_time.h"

#define NS_PER_S UINT64_C(1000000000)

/* The counter at a moment after the last record was handed over. */
static uint64_t counter_at(const struct totals_vcpu *totals, uint64_t at_ns, uint64_t hz)
{
	if (at_ns <= totals->timestamp)
		return totals->emit;
	return totals->emit +
	       (uint64_t)((unsigned __int128)(at_ns - totals->timestamp) * hz / NS_PER_S);
}

static void add(struct open_time *time, uint8_t account, uint64_t ticks)
{
	if (account != ACCOUNT_NONE)
		time->ticks[account] += ticks;
}

/*
 * Books what precedes the record and its stages so far. Returns the last stamp;
 * `ret_next` is the stage that comes after it, stage_count behind the last one.
 */
static uint64_t add_record(const struct ledger *ledger, const struct totals_open *open,
			   uint64_t from, struct open_time *time, size_t *ret_next)
{
	const struct account_table *accounts = &ledger->accounts;
	uint64_t last = open->begin, before = open->begin - from;
	uint64_t el2 = open->el2_time < before ? open->el2_time : before;
	size_t next = 0;

	add(time, accounts->el2_only, el2);
	add(time, accounts->guest, before - el2);
	for (size_t i = 0; i < ledger->facts->stage_count; i++) {
		if (open->stamp[i] < last || open->stamp[i] > time->end ||
		    stage_set_has(&accounts->pseudo, i))
			continue;
		add(time, accounts->of_stage[i], open->stamp[i] - last);
		last = open->stamp[i];
		next = i + 1;
	}
	*ret_next = next;
	return last;
}

static uint8_t account_of(const struct ledger *ledger, const struct totals_open *open, size_t next)
{
	const struct account_table *accounts = &ledger->accounts;
	uint8_t preempted = account_find(accounts, GROUP_HOST, "preempted");

	if (open->state == TOTALS_STATE_BLOCKED)
		return accounts->blocked;
	if (open->state == TOTALS_STATE_PREEMPTED && preempted != ACCOUNT_NONE)
		return preempted;
	if (open->state == TOTALS_STATE_GUEST || next >= ledger->facts->stage_count ||
	    stage_set_has(&accounts->pseudo, next))
		return accounts->guest;
	return accounts->of_stage[next];
}

void open_time_of(const struct ledger *ledger, const struct totals_vcpu *totals,
		  const struct totals_open *open, struct open_time *ret_time)
{
	struct open_time time = { .end = totals->end, .account = ACCOUNT_NONE };
	size_t next = 0;

	time.since = totals->end;
	if (open->state != TOTALS_STATE_GONE)
		time.end = counter_at(totals, open->at_ns, ledger->facts->clock_hz);
	if (time.end < totals->end)
		time.end = totals->end;
	if (open->state != TOTALS_STATE_GONE) {
		if (open->begin >= totals->end && open->begin <= time.end)
			time.since = add_record(ledger, open, totals->end, &time, &next);
		time.account = account_of(ledger, open, next);
		add(&time, time.account, time.end - time.since);
	}
	*ret_time = time;
}

/* Returns what is left of `minus`: an account cannot have less than nothing. */
static uint64_t move_sum(struct histogram *account, uint64_t plus, uint64_t minus)
{
	unsigned __int128 sum = account->sum + plus;

	account->sum = sum > minus ? sum - minus : 0;
	account->partial = true;
	if (account->sum && !account->count)
		account->count = 1;
	return sum < minus ? minus - (uint64_t)sum : 0;
}

static struct histogram *largest(const struct ledger *ledger, struct ledger_vcpu *vcpu)
{
	struct histogram *most = &vcpu->account[0];

	for (size_t i = 1; i < ledger->accounts.count; i++)
		if (vcpu->account[i].sum > most->sum)
			most = &vcpu->account[i];
	return most;
}

static uint64_t more_than_passed(const struct ledger *ledger, const struct ledger_vcpu *vcpu)
{
	unsigned __int128 booked = 0, wall = ledger_vcpu_wall(vcpu);

	for (size_t i = 0; i < ledger->accounts.count; i++)
		booked += vcpu->account[i].sum;
	return booked > wall ? (uint64_t)(booked - wall) : 0;
}

/*
 * What an earlier look gave to one account and was another's is in that one too by now, and is
 * to be in one interval only.
 */
static void give_back(const struct ledger *ledger, struct ledger_vcpu *vcpu, uint64_t ticks)
{
	uint64_t more = more_than_passed(ledger, vcpu);

	if (ticks > more)
		ticks = more;
	while (ticks)
		ticks = move_sum(largest(ledger, vcpu), 0, ticks);
}

/* Returns what could not be taken away. */
static uint64_t move_accounts(const struct ledger *ledger, struct ledger_vcpu *vcpu,
			      const struct open_time *now, const struct open_time *before)
{
	uint64_t left = 0;

	for (size_t i = 0; i < ledger->accounts.count; i++)
		if (now->ticks[i] || before->ticks[i])
			left += move_sum(&vcpu->account[i], now->ticks[i], before->ticks[i]);
	return left;
}

int ledger_add_open(struct ledger *ledger, uint32_t slot, const struct open_time *now,
		    const struct open_time *before)
{
	static const struct open_time none;
	struct ledger_vcpu *vcpu = NULL;
	int r = ledger_get_vcpu(ledger, slot, &vcpu);
	uint64_t left;

	if (r < 0)
		return r;
	left = move_accounts(ledger, vcpu, now, before ?: &none);
	vcpu->end = now->end;
	/* One that is gone may end before a look that saw it alive: nothing passed since then. */
	if (before)
		vcpu->begin = before->end < now->end ? before->end : now->end;
	if (vcpu->off > vcpu->end - vcpu->begin)
		vcpu->off = vcpu->end - vcpu->begin;
	give_back(ledger, vcpu, left);
	vcpu->at_account = now->account;
	vcpu->at_ticks = now->end - now->since;
	return 0;
}
