/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/class_means.h"

#include "probes/stage_set.h"

enum { DOUBT_MAX = 20 }; /* one record in so many */

/* The cells that a stage is part of: its own and the sums at an exit, of its row and of all. */
struct places {
	struct class_mean *own[2], *exit[2]; /* NULL where there is none */
};

/* How many records have a stage, how many of them are whole exits, and in how many it is booked. */
struct use {
	uint64_t records, whole, booked;
};

static struct class_mean *mean_at(struct classes *classes, size_t row, enum account_column column)
{
	return &classes->row[row].cell[column].mean;
}

static struct places places_of(struct classes *classes, uint8_t account)
{
	enum account_column column = (enum account_column)classes->column_of[account];
	bool at_exit = column != COLUMN_LOAD && column != COLUMN_PUT;
	size_t rows[] = { classes->row_of[account], classes->count };
	struct places places = { 0 };

	for (int i = 0; i < 2; i++) {
		if (column != COLUMN_EXIT)
			places.own[i] = mean_at(classes, rows[i], column);
		if (at_exit)
			places.exit[i] = mean_at(classes, rows[i], COLUMN_EXIT);
	}
	return places;
}

static bool is_of_class(const struct classes *classes, uint8_t account)
{
	return account != ACCOUNT_NONE && classes->row_of[account] != ACCOUNT_NONE;
}

/* --- records ------------------------------------------------------------------ */

/* What the guest was left at and entered again through. */
static bool is_whole(const struct stage_set *set, const struct account_table *accounts,
		     const struct reader_facts *facts)
{
	size_t last = facts->stage_count;

	while (last && stage_set_has(&accounts->pseudo, (unsigned int)last - 1))
		last--;
	return last && stage_set_has(set, 0) && stage_set_has(set, (unsigned int)last - 1);
}

/* Several stages of a cell are one record. */
static void count_once(struct class_mean *mean, uint64_t mark, uint64_t count)
{
	if (!mean || mean->mark == mark)
		return;
	mean->mark = mark;
	mean->count += count;
}

static void count_pattern(struct classes *classes, const struct account_table *accounts,
			  const struct stage_set *set, uint64_t count, bool whole)
{
	classes->mark++;
	for_each_stage(stage, set) {
		uint8_t account = accounts->of_stage[stage];
		struct places places;

		if (!is_of_class(classes, account))
			continue;
		places = places_of(classes, account);
		for (int i = 0; i < 2; i++) {
			count_once(places.own[i], classes->mark, count);
			if (whole)
				count_once(places.exit[i], classes->mark, count);
		}
	}
}

static void count_patterns(struct classes *classes, const struct account_table *accounts,
			   const struct reader_facts *facts, const struct totals_vcpu *totals,
			   struct use use[static EXIT_STAGES_MAX])
{
	for (int i = 0; i < TOTALS_PATTERNS; i++) {
		const struct totals_pattern *pattern = &totals->pattern[i];
		struct stage_set set = { { pattern->expected[0], pattern->expected[1] } };
		bool whole = is_whole(&set, accounts, facts);

		if (!pattern->count)
			continue;
		count_pattern(classes, accounts, &set, pattern->count, whole);
		for_each_stage(stage, &set) {
			use[stage].records += pattern->count;
			use[stage].whole += whole ? pattern->count : 0;
		}
	}
}

/* --- time --------------------------------------------------------------------- */

/* What a stage took in `records` of those that have it. */
static void add_stage(struct class_mean *mean, uint64_t ticks, uint64_t records,
		      const struct use *use)
{
	if (!mean || !records)
		return;
	if (use->booked) {
		mean->ticks += (unsigned __int128)ticks * records / use->booked;
		mean->stamps += records;
	}
	mean->doubt += use->records - use->booked;
}

static void add_stages(struct classes *classes, const struct account_table *accounts,
		       const struct reader_facts *facts, const struct totals_vcpu *totals,
		       struct use use[static EXIT_STAGES_MAX])
{
	for (size_t stage = 0; stage < facts->stage_count; stage++) {
		uint8_t account = accounts->of_stage[stage];
		uint64_t records = use[stage].records, skipped = totals->skipped[stage];
		struct places places;

		if (!is_of_class(classes, account))
			continue;
		use[stage].booked = skipped < records ? records - skipped : 0;
		places = places_of(classes, account);
		for (int i = 0; i < 2; i++) {
			add_stage(places.own[i], totals->stage[stage], records, &use[stage]);
			add_stage(places.exit[i], totals->stage[stage], use[stage].whole,
				  &use[stage]);
		}
	}
}

/* No stamp ends it. */
static void add_unstamped(struct classes *classes, uint8_t account, uint64_t count, uint64_t ticks)
{
	if (!is_of_class(classes, account) || !count)
		return;
	mean_at(classes, classes->row_of[account], COLUMN_EXIT)->count += count;
	mean_at(classes, classes->row_of[account], COLUMN_EXIT)->ticks += ticks;
	mean_at(classes, classes->count, COLUMN_EXIT)->ticks += ticks;
}

/* --- doubt -------------------------------------------------------------------- */

static void doubt_once(struct class_mean *mean, uint64_t mark, uint64_t records)
{
	if (!mean || mean->mark == mark)
		return;
	mean->mark = mark;
	mean->doubt += records;
}

/* Records whose pattern found no place may have touched whatever was touched at all. */
static void doubt_others(struct classes *classes, const struct account_table *accounts,
			 const struct reader_facts *facts, const struct totals_vcpu *totals,
			 const struct use use[static EXIT_STAGES_MAX])
{
	uint64_t others = totals->pattern[TOTALS_PATTERNS].count;

	classes->mark++;
	for (size_t stage = 0; others && stage < facts->stage_count; stage++) {
		uint8_t account = accounts->of_stage[stage];
		struct places places;

		if (!is_of_class(classes, account) ||
		    !(use[stage].records || totals->stage[stage] || totals->skipped[stage]))
			continue;
		places = places_of(classes, account);
		for (int i = 0; i < 2; i++) {
			doubt_once(places.own[i], classes->mark, others);
			doubt_once(places.exit[i], classes->mark, others);
		}
	}
}

void class_means_add(struct classes *classes, const struct account_table *accounts,
		     const struct reader_facts *facts, const struct totals_vcpu *totals,
		     uint64_t vector_eret)
{
	const struct totals_part *fp = &totals->part[TOTALS_EL2_FP];
	struct use use[EXIT_STAGES_MAX] = { 0 };

	count_patterns(classes, accounts, facts, totals, use);
	add_stages(classes, accounts, facts, totals, use);
	add_unstamped(classes, accounts->fp_trap, fp->count, fp->ticks);
	if (vector_eret)
		add_unstamped(classes, accounts->vector_eret, totals->kinds[EXIT_KIND_EXIT],
			      vector_eret);
	doubt_others(classes, accounts, facts, totals, use);
}

unsigned __int128 class_mean_net(const struct classes *classes, const struct class_mean *mean)
{
	unsigned __int128 cost =
		((unsigned __int128)mean->stamps * classes->stamp_cost_64 + 32) / 64;

	return mean->ticks > cost ? mean->ticks - cost : 0;
}

bool class_mean_is_unknown(const struct class_mean *mean)
{
	return mean->doubt > mean->count / DOUBT_MAX;
}
