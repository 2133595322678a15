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

/* The kernel maps whole pages. */
static size_t mapped_bytes(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (TOTALS_SLOTS * sizeof(struct totals_vcpu) + page - 1) / page * page;
}

int totals_map(int map_fd, const struct totals_vcpu **ret_mapped)
{
	void *at = mmap(NULL, mapped_bytes(), PROT_READ, MAP_SHARED, map_fd, 0);

	if (at == MAP_FAILED)
		return error_set(-errno, "cannot map the totals of the probes: %s",
				 strerror(errno));
	*ret_mapped = at;
	return 0;
}

void totals_unmap(const struct totals_vcpu *mapped)
{
	if (mapped)
		munmap((void *)mapped, mapped_bytes());
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

static int read_slot(const struct totals_vcpu *slot, struct totals_vcpu *to)
{
	uint64_t before = wait_for_writer(slot);

	totals_copy(to, slot);
	atomic_thread_fence(memory_order_acquire);
	return sequence(slot) == before ? 0 : -EAGAIN;
}

/* A vCPU that exits all the time may never hold still: then the copy alone must be whole. */
static int look_at_slot(const struct totals_vcpu *slot, uint32_t number, totals_look *look,
			void *context, struct totals *totals)
{
	enum { TRIES = 16 };
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN; i++) {
		r = read_slot(slot, &totals->vcpu[number]);
		if (r < 0 || !look)
			continue;
		r = look(context, number, &totals->open[number]);
		if (r >= 0 && i < TRIES && sequence(slot) != totals->vcpu[number].sequence)
			r = -EAGAIN;
	}
	return r;
}

int totals_read(const struct totals_vcpu *mapped, unsigned int used,
		const struct totals_others *others, totals_look *look, void *context,
		struct totals *ret_totals)
{
	unsigned int count = used < TOTALS_SLOTS ? used : TOTALS_SLOTS;
	_cleanup_(totals_release) struct totals totals = { .count = count, .others = *others };
	int r = 0;

	totals.vcpu = reallocarray(NULL, count + 1, sizeof(*totals.vcpu));
	if (look)
		totals.open = calloc(count + 1, sizeof(*totals.open));
	if (!totals.vcpu || (look && !totals.open))
		return -ENOMEM;
	for (unsigned int i = 0; r >= 0 && i < count; i++)
		r = look_at_slot(&mapped[i], i, look, context, &totals);
	if (r < 0)
		return r;
	*ret_totals = totals;
	totals = (struct totals){ 0 };
	return 0;
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
}

int totals_difference(const struct totals *now, const struct totals *before,
		      struct totals *ret_since)
{
	struct totals since = { .others = now->others };

	since.vcpu = calloc(now->count + 1, sizeof(*since.vcpu));
	if (!since.vcpu)
		return -ENOMEM;
	since.others.records -= before->others.records;
	since.others.ticks -= before->others.ticks;
	for (unsigned int i = 0; i < now->count; i++) {
		struct totals_vcpu *to = &since.vcpu[since.count];

		*to = now->vcpu[i];
		if (i < before->count)
			take_away(to, &before->vcpu[i]);
		since.count += records_of(to) != 0;
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
