/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/totals.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/totals_sums.h"

/* The kernel maps whole pages. */
static size_t mapped_bytes(size_t of_slot)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (TOTALS_SLOTS * of_slot + page - 1) / page * page;
}

static int map(int fd, size_t of_slot, const void **ret_at)
{
	void *at = mmap(NULL, mapped_bytes(of_slot), PROT_READ, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return error_set(-errno, "cannot map the totals of the probes: %s",
				 strerror(errno));
	*ret_at = at;
	return 0;
}

int totals_map(int vcpu_fd, int sums_fd, struct totals_mapped *ret_mapped)
{
	const void *vcpu = NULL, *sums = NULL;
	int r = map(vcpu_fd, sizeof(*ret_mapped->vcpu), &vcpu);

	if (r >= 0 && sums_fd >= 0)
		r = map(sums_fd, sizeof(*ret_mapped->sums), &sums);
	if (r < 0) {
		totals_unmap(&(struct totals_mapped){ vcpu, sums });
		return r;
	}
	*ret_mapped = (struct totals_mapped){ vcpu, sums };
	return 0;
}

void totals_unmap(const struct totals_mapped *mapped)
{
	if (mapped->vcpu)
		munmap((void *)mapped->vcpu, mapped_bytes(sizeof(*mapped->vcpu)));
	if (mapped->sums)
		munmap((void *)mapped->sums, mapped_bytes(sizeof(*mapped->sums)));
}

static uint64_t sequence(const struct totals_vcpu *slot)
{
	return atomic_load((_Atomic uint64_t *)&slot->sequence);
}

void totals_copy(struct totals_vcpu *to, const struct totals_vcpu *from)
{
	__u32 used;

	memcpy(to, from, offsetof(struct totals_vcpu, histogram));
	used = to->histograms < TOTALS_HISTOGRAMS ? to->histograms : TOTALS_HISTOGRAMS;
	memcpy(to->histogram, from->histogram, used * sizeof(from->histogram[0]));
	to->grouped = from->grouped;
	if (to->grouped)
		memcpy(to->group, from->group, sizeof(to->group));
}

/* A writer is done within microseconds, unless it lost its CPU. */
static uint64_t wait_for_writer(const struct totals_vcpu *slot)
{
	uint64_t before = sequence(slot);

	while (before & 1) {
		sched_yield();
		before = sequence(slot);
	}
	return before;
}

static int read_slot(const struct totals_mapped *mapped, uint32_t number, struct totals_vcpu *to)
{
	const struct totals_vcpu *slot = &mapped->vcpu[number];
	uint64_t before = wait_for_writer(slot);

	totals_copy(to, slot);
	if (mapped->sums)
		totals_add_sums(to, &mapped->sums[number]);
	atomic_thread_fence(memory_order_acquire);
	return sequence(slot) == before ? 0 : -EAGAIN;
}

void totals_read_slot(const struct totals_mapped *mapped, uint32_t slot,
		      struct totals_vcpu *ret_vcpu)
{
	while (read_slot(mapped, slot, ret_vcpu) < 0)
		;
}

/* A vCPU that exits all the time may never hold still: then the copy alone must be whole. */
static int look_at_slot(const struct totals_mapped *mapped, uint32_t number, totals_look *look,
			void *context, struct totals *totals)
{
	const struct totals_vcpu *slot = &mapped->vcpu[number];
	unsigned int to = totals->count;
	enum { TRIES = 16 };
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN; i++) {
		r = read_slot(mapped, number, &totals->vcpu[to]);
		if (r < 0 || !look || !totals->vcpu[to].vcpu)
			continue;
		r = look(context, number, &totals->open[to]);
		if (r >= 0 && i < TRIES && sequence(slot) != totals->vcpu[to].sequence)
			r = -EAGAIN;
	}
	return r;
}

/* Room for so many, and for what they are about where that is wanted. */
static int reserve(struct totals *totals, unsigned int size, bool open)
{
	struct totals_vcpu *vcpu;
	struct totals_open *opens;

	if (size <= totals->size && (totals->open || !open))
		return 0;
	vcpu = reallocarray(totals->vcpu, size, sizeof(*vcpu));
	if (!vcpu)
		return -ENOMEM;
	totals->vcpu = vcpu;
	opens = open ? reallocarray(totals->open, size, sizeof(*opens)) : NULL;
	if (open && !opens)
		return -ENOMEM;
	if (open)
		totals->open = opens;
	totals->size = size;
	return 0;
}

int totals_read(const struct totals_mapped *mapped, unsigned int used,
		const struct totals_others *others, totals_look *look, void *context,
		struct totals *ret_totals)
{
	unsigned int slots = used < TOTALS_SLOTS ? used : TOTALS_SLOTS;
	int r = reserve(ret_totals, slots + 1, look != NULL);

	ret_totals->others = *others;
	ret_totals->count = 0;
	for (unsigned int i = 0; r >= 0 && i < slots; i++) {
		r = look_at_slot(mapped, i, look, context, ret_totals);
		ret_totals->count += r >= 0 && ret_totals->vcpu[ret_totals->count].vcpu != 0;
	}
	return r < 0 ? r : 0;
}

int totals_append(struct totals *to, const struct totals *from)
{
	unsigned int count = to->count + from->count;
	int r = reserve(to, count + 1, to->open != NULL);

	if (r < 0)
		return r;
	for (unsigned int i = to->count; i < count; i++) {
		totals_copy(&to->vcpu[i], &from->vcpu[i - to->count]);
		if (to->open)
			to->open[i] = (struct totals_open){ .state = TOTALS_STATE_GONE };
	}
	to->count = count;
	return 0;
}

const struct totals_vcpu *totals_find(const struct totals *totals, const struct totals_vcpu *vcpu)
{
	for (unsigned int i = 0; i < totals->count; i++) {
		const struct totals_vcpu *known = &totals->vcpu[i];

		if (known->vm == vcpu->vm && known->pid == vcpu->pid && known->index == vcpu->index)
			return known;
	}
	return NULL;
}

static uint64_t records_of(const struct totals_vcpu *vcpu)
{
	uint64_t records = 0;

	for (int kind = 0; kind < EXIT_KINDS; kind++)
		records += vcpu->kinds[kind];
	return records;
}

/* Shortest and longest of a reason stay those of its whole life. */
static void take_away(struct totals_vcpu *from, const struct totals_vcpu *before)
{
	const uint32_t hole = from->hole;

#define TOTALS_VCPU(bits, name, member) from->member -= before->member;
#include "probes/totals.def"
#undef TOTALS_VCPU
	from->begin = before->end;
	from->end += before->end;
	from->hole = hole;
	for (int i = 0; i < EXIT_STAGES_MAX; i++) {
		from->stage[i] -= before->stage[i];
		from->skipped[i] -= before->skipped[i];
	}
	for (int i = 0; i <= TOTALS_PATTERNS; i++)
		from->pattern[i].count -= before->pattern[i].count;
	for (int i = 0; i <= TOTALS_REASONS; i++) {
		from->reason[i].count -= before->reason[i].count;
		from->reason[i].ticks -= before->reason[i].ticks;
	}
	for (size_t i = 0; i < ARRAY_SIZE(from->pauser); i++) {
		from->pauser[i].count -= before->pauser[i].count;
		from->pauser[i].ticks -= before->pauser[i].ticks;
	}
}

int totals_difference(const struct totals *now, const struct totals *before,
		      struct totals *ret_since)
{
	struct totals since = { .others = now->others };
	const struct totals_vcpu *known;

	since.vcpu = calloc(now->count + 1, sizeof(*since.vcpu));
	if (!since.vcpu)
		return -ENOMEM;
	since.others.records -= before->others.records;
	for (unsigned int i = 0; i < now->count; i++) {
		struct totals_vcpu *to = &since.vcpu[since.count];

		known = totals_find(before, &now->vcpu[i]);
		*to = now->vcpu[i];
		if (known)
			take_away(to, known);
		since.count += records_of(to) || to->off;
	}
	*ret_since = since;
	return 0;
}

void totals_release(struct totals *totals)
{
	free(totals->vcpu);
	free(totals->open);
	*totals = (struct totals){ 0 };
}
