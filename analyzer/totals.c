/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/totals.h"

#include <errno.h>
#include <string.h>

#include "analyzer/class_means.h"

/* --- accounts ----------------------------------------------------------------- */

static void add(struct ledger_vcpu *vcpu, uint8_t account, uint64_t count, uint64_t ticks)
{
	if (account != ACCOUNT_NONE)
		histogram_add_sum(&vcpu->account[account], count, ticks);
}

static void add_part(struct ledger_vcpu *vcpu, uint8_t account, const struct totals_part *part)
{
	add(vcpu, account, part->count, part->ticks);
}

static struct stage_set expected(const struct totals_pattern *pattern)
{
	struct stage_set set;

	for (int i = 0; i < STAGE_SET_WORDS; i++)
		set.word[i] = pattern->expected[i];
	return set;
}

/* Two places of one account count once in each record. */
static void count_pattern(uint64_t count[static ACCOUNTS_MAX], const struct account_table *accounts,
			  const struct totals_pattern *pattern)
{
	struct stage_set set = expected(pattern);
	bool seen[ACCOUNTS_MAX] = { false };

	for_each_stage(stage, &set) {
		uint8_t account = accounts->of_stage[stage];

		if (!seen[account])
			count[account] += pattern->count;
		seen[account] = true;
	}
}

static void add_stages(struct ledger *ledger, struct ledger_vcpu *vcpu,
		       const struct totals_vcpu *totals)
{
	const struct account_table *accounts = &ledger->accounts;
	const struct totals_part *mmio = &totals->part[TOTALS_HANDLER_MMIO];
	uint64_t count[ACCOUNTS_MAX] = { 0 }, ticks[ACCOUNTS_MAX] = { 0 };

	for (size_t i = 0; i < TOTALS_PATTERNS; i++)
		count_pattern(count, accounts, &totals->pattern[i]);
	for (size_t i = 0; i < ledger->facts->stage_count; i++) {
		uint64_t *of = &count[accounts->of_stage[i]], skipped = totals->skipped[i];

		ticks[accounts->of_stage[i]] += totals->stage[i];
		*of -= skipped < *of ? skipped : *of; /* a record may lack both places */
	}
	if (accounts->stage_handler >= 0)
		count[accounts->of_stage[accounts->stage_handler]] -= mmio->count;
	for (size_t i = 0; i < accounts->count; i++)
		if (count[i])
			add(vcpu, (uint8_t)i, count[i], ticks[i]);
	add_part(vcpu, accounts->io_kernel, mmio);
}

/* The stages made of pauses follow the kernel's, in the order of enum pause_kind. */
static void add_pauses(struct ledger *ledger, struct ledger_vcpu *vcpu,
		       const struct totals_vcpu *totals)
{
	static const enum totals_part_kind parts[PAUSE_KINDS] = {
		[PAUSE_PREEMPTED] = TOTALS_PREEMPTED,
		[PAUSE_IRQ] = TOTALS_IRQ,
	};
	int kind = 0;

	for_each_stage(stage, &ledger->accounts.pseudo) {
		if (kind < PAUSE_KINDS)
			add_part(vcpu, ledger->accounts.of_stage[stage],
				 &totals->part[parts[kind++]]);
	}
}

static uint64_t el2_known(const struct totals_vcpu *totals, uint64_t *ret_ticks)
{
	uint64_t count = 0, ticks = 0;

	for (size_t i = 0; i < TOTALS_REASONS; i++)
		if (totals->reason[i].flags & TOTALS_FLAG_EL2) {
			count += totals->reason[i].count;
			ticks += totals->reason[i].ticks;
		}
	*ret_ticks = ticks;
	return count;
}

/* What vector and ERET take of all exits, by the kernel's text. */
static uint64_t around(const struct reader_facts *facts, const struct totals_vcpu *totals)
{
	uint64_t ticks, rest = totals->el2_count - el2_known(totals, &ticks);
	uint64_t sum = rest * booking_unstamped(facts, EXIT_CODE_TRAP, 0);

	for (size_t i = 0; i <= TOTALS_REASONS; i++) {
		const struct totals_reason *row = &totals->reason[i];

		if (row->kind == EXIT_KIND_EXIT)
			sum += row->count * booking_unstamped(facts, row->code, row->esr);
	}
	return sum;
}

/* No more than there was before the records. */
static uint64_t vector_eret(const struct ledger *ledger, const struct totals_vcpu *totals)
{
	uint64_t out, guest = totals->part[TOTALS_GUEST].ticks;

	if (ledger->accounts.vector_eret == ACCOUNT_NONE)
		return 0;
	out = around(ledger->facts, totals);
	return out < guest ? out : guest;
}

static void add_guest(struct ledger *ledger, struct ledger_vcpu *vcpu,
		      const struct totals_vcpu *totals)
{
	const struct totals_part *guest = &totals->part[TOTALS_GUEST];
	uint64_t out = vector_eret(ledger, totals);

	if (out)
		add(vcpu, ledger->accounts.vector_eret, totals->kinds[EXIT_KIND_EXIT], out);
	add(vcpu, ledger->accounts.guest, guest->count, guest->ticks - out);
}

/* --- reasons ------------------------------------------------------------------ */

static struct exit_reason reason_of_row(const struct totals_reason *row)
{
	const struct exit_fixed fixed = { .kind = row->kind,
					  .code = row->code,
					  .flags = row->flags,
					  .esr = row->esr,
					  .ipa = row->number,
					  .arg = row->number };

	if (row->flags & TOTALS_FLAG_EL2)
		return reason_of_el2(row->esr, row->code);
	return reason_of(&fixed);
}

/* Lengths of records as the probes keep them. */
struct spread {
	uint64_t ticks, min, max;
	const __u32 *bucket;
};

/* Each bucket's values are taken for its middle; the ends are known. */
static int spread(const struct spread *of, struct histogram *length)
{
	uint64_t count = length->count, min = length->min, max = length->max;
	unsigned __int128 sum = length->sum;

	for (__u32 i = totals_bucket(of->min); i <= totals_bucket(of->max); i++) {
		uint64_t first = totals_bucket_first(i), next = totals_bucket_first(i + 1);

		if (of->bucket[i] &&
		    histogram_add_many(length, first + (next - first - 1) / 2, of->bucket[i]) < 0)
			return -ENOMEM;
	}
	if (length->count == count)
		return 0;
	if (!count || of->min < min)
		min = of->min;
	if (!count || of->max > max)
		max = of->max;
	length->min = min;
	length->max = max;
	length->sum = sum + of->ticks;
	return 0;
}

static int add_reason(struct ledger *ledger, struct ledger_vcpu *vcpu,
		      const struct totals_vcpu *totals, const struct totals_reason *row)
{
	struct exit_reason reason = reason_of_row(row);
	struct histogram *length =
		reasons_add_apart(&ledger->reasons, &reason, row->count, row->ticks);
	uint64_t known = length ? length->count : 0;
	int r = length ? 0 : -ENOMEM;

	if (r >= 0 && row->histogram < TOTALS_HISTOGRAMS && !(row->flags & TOTALS_FLAG_EL2))
		r = spread(&(struct spread){ row->ticks, row->min, row->max,
					     totals->histogram[row->histogram] },
			   length);
	if (r >= 0)
		length->partial |= length->count - known != row->count;
	if (r >= 0 && reason_is_mmio(&reason))
		r = devices_add_sum(&vcpu->accesses, &reason, row->count, row->ticks);
	return r;
}

static int add_reasons(struct ledger *ledger, struct ledger_vcpu *vcpu,
		       const struct totals_vcpu *totals)
{
	const struct totals_reason *others = &totals->reason[TOTALS_REASONS];
	struct exit_reason el2 = reason_el2(), other = reason_others();
	uint64_t ticks, count = totals->el2_count - el2_known(totals, &ticks);
	int r = 0;

	for (size_t i = 0; r >= 0 && i < TOTALS_REASONS; i++)
		if (totals->reason[i].count)
			r = add_reason(ledger, vcpu, totals, &totals->reason[i]);
	if (r >= 0 && others->count)
		r = reasons_add_sum(&ledger->reasons, &other, others->count, others->ticks);
	if (r >= 0 && count)
		r = reasons_add_sum(&ledger->reasons, &el2, count,
				    totals->part[TOTALS_EL2].ticks +
					    totals->part[TOTALS_EL2_FP].ticks - ticks);
	return r;
}

/* --- groups -------------------------------------------------------------------- */

static int add_groups(struct ledger *ledger, const struct totals_vcpu *totals)
{
	int r = 0;

	for (int i = 0; totals->grouped && r >= 0 && i < GROUPS; i++) {
		const struct totals_group *row = &totals->group[i];

		if (row->count)
			r = spread(
				&(struct spread){ row->ticks, row->min, row->max, row->histogram },
				&ledger->group[i]);
	}
	ledger->grouped |= totals->grouped;
	return r;
}

/* --- the vCPU ----------------------------------------------------------------- */

static uint64_t stamps(const struct totals_vcpu *totals)
{
	uint64_t sum = totals->kinds[EXIT_KIND_EXIT]; /* the vector's stamp is the begin */

	for (size_t i = 0; i < TOTALS_PATTERNS; i++) {
		struct stage_set set = expected(&totals->pattern[i]);

		sum += totals->pattern[i].count * stage_set_count(&set);
	}
	return sum;
}

static void add_counts(struct ledger_counts *counts, const struct totals_vcpu *totals)
{
	const __u64 *kinds = totals->kinds;

	counts->starts += kinds[EXIT_KIND_START];
	counts->exits += kinds[EXIT_KIND_EXIT];
	counts->continuations += kinds[EXIT_KIND_CONTINUATION];
	counts->stamps += stamps(totals);
	counts->work += booking_work(kinds[EXIT_KIND_EXIT] + kinds[EXIT_KIND_CONTINUATION],
				     totals->through_user, totals->el2_count);
	counts->el2_only += totals->el2_count;
	counts->never_entered += totals->never_entered;
	counts->incomplete += totals->incomplete;
	counts->impossible += totals->impossible;
}

static void extend_life(struct ledger_vcpu *vcpu, const struct totals_vcpu *totals)
{
	if (!vcpu->records || totals->begin < vcpu->begin)
		vcpu->begin = totals->begin;
	if (!vcpu->records || totals->end > vcpu->end)
		vcpu->end = totals->end;
	vcpu->off = totals->off + vcpu->off_since;
}

int ledger_add_totals(struct ledger *ledger, uint32_t slot, const struct totals_vcpu *totals)
{
	const struct account_table *accounts = &ledger->accounts;
	struct ledger_vcpu *vcpu = NULL;
	int r = ledger_get_vcpu(ledger, slot, &vcpu);

	if (r < 0)
		return r;
	extend_life(vcpu, totals);
	add_counts(&ledger->counts, totals);
	for (int i = 0; i < EXIT_KINDS; i++)
		vcpu->records += totals->kinds[i];
	vcpu->exits += totals->kinds[EXIT_KIND_EXIT];
	add_guest(ledger, vcpu, totals);
	add_stages(ledger, vcpu, totals);
	add_pauses(ledger, vcpu, totals);
	add_part(vcpu, accounts->blocked, &totals->part[TOTALS_BLOCKED]);
	add_part(vcpu, accounts->el2_only, &totals->part[TOTALS_EL2]);
	add_part(vcpu, accounts->fp_trap, &totals->part[TOTALS_EL2_FP]);
	if (ledger->classes.means)
		class_means_add(&ledger->classes, accounts, ledger->facts, totals,
				vector_eret(ledger, totals));
	r = pause_rows_add_vcpu(&ledger->pauses, totals);
	if (r >= 0)
		r = add_groups(ledger, totals);
	return r < 0 ? r : add_reasons(ledger, vcpu, totals);
}

/* --- intervals ---------------------------------------------------------------- */

static void take_parts(struct totals_vcpu *now, const struct totals_vcpu *before)
{
	for (int i = 0; i < TOTALS_PARTS; i++) {
		now->part[i].count -= before->part[i].count;
		now->part[i].ticks -= before->part[i].ticks;
	}
}

/* A pattern that a stamp has been missing of since then takes what it had before with it. */
static void take_stages(struct totals_vcpu *now, const struct totals_vcpu *before)
{
	for (int i = 0; i < EXIT_STAGES_MAX; i++) {
		now->stage[i] -= before->stage[i];
		if ((int64_t)now->stage[i] < 0)
			now->stage[i] = 0;
		now->skipped[i] -= before->skipped[i];
	}
}

/*
 * Rows stay where they are in a vCPU's own totals. Where several were added up, a row may have
 * been elsewhere before, or nowhere: NULL. The last rows hold what is left over.
 */
static bool is_same_pattern(const struct totals_pattern *a, const struct totals_pattern *b)
{
	return b->count && !memcmp(a->expected, b->expected, sizeof(a->expected));
}

static const struct totals_pattern *pattern_before(const struct totals_pattern *row,
						   const struct totals_pattern *table, int i)
{
	if (i >= TOTALS_PATTERNS || is_same_pattern(row, &table[i]))
		return &table[i];
	for (int j = 0; j < TOTALS_PATTERNS; j++)
		if (is_same_pattern(row, &table[j]))
			return &table[j];
	return NULL;
}

static bool is_same_reason(const struct totals_reason *a, const struct totals_reason *b)
{
	return b->count && a->esr == b->esr && a->number == b->number && a->flags == b->flags &&
	       a->kind == b->kind && a->code == b->code;
}

static const struct totals_reason *reason_before(const struct totals_reason *row,
						 const struct totals_reason *table, int i)
{
	if (i >= TOTALS_REASONS || is_same_reason(row, &table[i]))
		return &table[i];
	for (int j = 0; j < TOTALS_REASONS; j++)
		if (is_same_reason(row, &table[j]))
			return &table[j];
	return NULL;
}

static bool is_same_pauser(const struct totals_pauser *a, const struct totals_pauser *b)
{
	return b->count && a->by == b->by && !memcmp(a->cause, b->cause, sizeof(a->cause));
}

static const struct totals_pauser *pauser_before(const struct totals_pauser *row,
						 const struct totals_pauser *table, int i)
{
	if (i >= TOTALS_PAUSERS || is_same_pauser(row, &table[i]))
		return &table[i];
	for (int j = 0; j < TOTALS_PAUSERS; j++)
		if (is_same_pauser(row, &table[j]))
			return &table[j];
	return NULL;
}

static void take_patterns(struct totals_vcpu *now, const struct totals_vcpu *before)
{
	for (int i = 0; i <= TOTALS_PATTERNS; i++) {
		const struct totals_pattern *row;

		if (!now->pattern[i].count)
			continue;
		row = pattern_before(&now->pattern[i], before->pattern, i);
		if (row)
			now->pattern[i].count -= row->count;
	}
}

static void take_pausers(struct totals_vcpu *now, const struct totals_vcpu *before)
{
	for (int i = 0; i < (int)ARRAY_SIZE(now->pauser); i++) {
		const struct totals_pauser *row;

		if (!now->pauser[i].count)
			continue;
		row = pauser_before(&now->pauser[i], before->pauser, i);
		if (!row)
			continue;
		now->pauser[i].count -= row->count;
		now->pauser[i].ticks -= row->ticks;
	}
}

/* The ends of an interval's lengths are known as well as its buckets tell. */
static void narrow(const __u32 bucket[static TOTALS_BUCKETS], __u64 *min, __u64 *max)
{
	__u32 low = 0, high = TOTALS_BUCKETS - 1;

	while (low < high && !bucket[low])
		low++;
	while (high > low && !bucket[high])
		high--;
	if (*min < totals_bucket_first(low))
		*min = totals_bucket_first(low);
	if (*max >= totals_bucket_first(high + 1))
		*max = totals_bucket_first(high + 1) - 1;
}

static void take_lengths(struct totals_vcpu *now, __u32 histogram, const struct totals_vcpu *before,
			 __u32 histogram_before)
{
	if (histogram >= TOTALS_HISTOGRAMS || histogram_before >= TOTALS_HISTOGRAMS)
		return;
	for (int i = 0; i < TOTALS_BUCKETS; i++)
		now->histogram[histogram][i] -= before->histogram[histogram_before][i];
}

static void take_reason(struct totals_vcpu *now, struct totals_reason *to,
			const struct totals_vcpu *before, const struct totals_reason *row)
{
	to->count -= row->count;
	to->ticks -= row->ticks;
	take_lengths(now, to->histogram, before, row->histogram);
	if (to->count && to->histogram < TOTALS_HISTOGRAMS)
		narrow(now->histogram[to->histogram], &to->min, &to->max);
}

static void take_reasons(struct totals_vcpu *now, const struct totals_vcpu *before)
{
	for (int i = 0; i <= TOTALS_REASONS; i++) {
		const struct totals_reason *row;

		if (!now->reason[i].count)
			continue;
		row = reason_before(&now->reason[i], before->reason, i);
		if (row)
			take_reason(now, &now->reason[i], before, row);
	}
}

static void take_groups(struct totals_vcpu *now, const struct totals_vcpu *before)
{
	for (int group = 0; now->grouped && before->grouped && group < GROUPS; group++) {
		struct totals_group *to = &now->group[group];

		to->count -= before->group[group].count;
		to->ticks -= before->group[group].ticks;
		for (int i = 0; i < TOTALS_BUCKETS; i++)
			to->histogram[i] -= before->group[group].histogram[i];
		if (to->count)
			narrow(to->histogram, &to->min, &to->max);
	}
}

void totals_since(struct totals_vcpu *now, const struct totals_vcpu *before)
{
	for (int i = 0; i <= EXIT_KINDS; i++)
		now->kinds[i] -= before->kinds[i];
	now->begin = before->end;
	now->off -= before->off;
	now->el2_count -= before->el2_count;
	now->never_entered -= before->never_entered;
	now->through_user -= before->through_user;
	now->incomplete -= before->incomplete;
	now->impossible -= before->impossible;
	take_parts(now, before);
	take_stages(now, before);
	take_patterns(now, before);
	take_pausers(now, before);
	take_reasons(now, before);
	take_groups(now, before);
}
