/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Books records into the totals of their vCPU. Included once per object,
 * behind probes/rings.bpf.h and probes/pauses.bpf.h.
 */
#ifndef PROBES_TOTALS_BPF_H
#define PROBES_TOTALS_BPF_H

#include "probes/totals.h"

/* No record of the object's has more stages: what cannot be need not be verified. */
#ifndef TOTALS_STAGES
#define TOTALS_STAGES EXIT_STAGES_MAX
#endif

/* What else is to be done once a vCPU is new. */
#ifndef TOTALS_NEW_VCPU
#define TOTALS_NEW_VCPU(who)
#endif

/* Set before loading. */
const volatile __u32 totals_handler = EXIT_STAGES_MAX; /* number of the stage th_handler */

/* Set before attaching. */
__u64 totals_counter_hz = 0;

/* Slots that were given to vCPUs; some of them may wait in totals_free. */
__u32 totals_used = 0;
struct totals_others totals_others = { 0 };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, TOTALS_SLOTS);
	__type(key, __u32);
	__type(value, struct totals_vcpu);
} totals SEC(".maps");

struct totals_identity {
	__u64 vm;
	__u64 vcpu;
	__u32 pid;
	__u32 index;
	__u32 left; /* the last record, which whoever takes the vCPU down hands over */
	__u32 hole;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TOTALS_SLOTS);
	__type(key, struct totals_key);
	__type(value, __u32);
} totals_slots SEC(".maps");

/* Slots of vCPUs that are gone, emptied by user space. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, TOTALS_SLOTS);
	__type(value, __u32);
} totals_free SEC(".maps");

/* What is booked of a record besides its stamps. */
struct totals_record {
	__u64 begin, emit, timestamp, guest, el2_time, blocked;
	__u64 end;			     /* the last touched stamp */
	__u64 emit_before, timestamp_before; /* of the vCPU's last record */
	__u64 expected[EXIT_STAGE_WORDS];    /* filled in for totals_book() */
	__u64 esr, ipa, arg;
	struct totals_part fp; /* FP traps that EL2 finished alone; known once these are booked */
	__u32 el2_count;
	__u16 flags;
	__u8 kind, code;
};

/* --- slots ------------------------------------------------------------------- */

static __always_inline void totals_command(struct totals_vcpu *to)
{
	struct task_struct *task = bpf_get_current_task_btf();

	bpf_probe_read_kernel_str(to->command, sizeof(to->command), task->group_leader->comm);
}

static __always_inline void totals_name(struct totals_vcpu *to, const struct totals_identity *who,
					__u32 tid)
{
	to->vm = who->vm;
	to->vcpu = who->vcpu;
	to->pid = who->pid;
	to->index = who->index;
	to->tid = tid;
	totals_command(to);
}

/* The slot of a vCPU, a new one at its first record; TOTALS_SLOTS where all are taken. */
__noinline __u32 totals_find_slot(struct totals_identity *who, __u32 tid)
{
	struct totals_key key; /* Linux 6.1 wants keys on the stack */
	__u32 *known, slot;
	struct totals_vcpu *to;

	if (!who)
		return TOTALS_SLOTS;
	key.vm = who->vm;
	key.pid = who->pid;
	key.index = who->index;
	known = bpf_map_lookup_elem(&totals_slots, &key);
	if (known) {
		slot = *known;
		to = bpf_map_lookup_elem(&totals, &slot);
		if (to) {
			to->vcpu = who->vcpu;
			if (!who->left)
				to->tid = tid;
		}
		return slot;
	}
	/* Before Linux 6.4 it returns an int, whose sign is not a long's. */
	if ((int)bpf_map_pop_elem(&totals_free, &slot) < 0) {
		if (totals_used >= TOTALS_SLOTS)
			return TOTALS_SLOTS;
		slot = __sync_fetch_and_add(&totals_used, 1);
	}
	to = bpf_map_lookup_elem(&totals, &slot);
	if (!to)
		return TOTALS_SLOTS;
	totals_name(to, who, tid);
	TOTALS_NEW_VCPU(who);
	bpf_map_update_elem(&totals_slots, &key, &slot, BPF_ANY);
	return slot;
}

static __always_inline bool totals_is_cached(const struct probe_cpu *cpu, __u64 vcpu, __u32 tid)
{
	return cpu && cpu->vcpu == vcpu && cpu->tid == tid;
}

/* The same, without a look-up where the CPU's last record was this vCPU's. */
static __always_inline __u32 totals_slot(struct probe_cpu *cpu, struct totals_identity *who,
					 __u32 tid)
{
	__u32 slot;

	if (totals_is_cached(cpu, who->vcpu, tid))
		return cpu->slot;
	slot = totals_find_slot(who, tid);
	if (cpu) {
		cpu->slot = slot;
		cpu->tid = tid;
		cpu->vcpu = who->vcpu;
	}
	return slot;
}

/* --- reasons ----------------------------------------------------------------- */

/*
 * What of the ISS tells reasons of an exception class apart, as
 * kvm-arm/decode/reason.c has it or finer; Arm ARM, "ISS encoding" of ESR_ELx.
 */
static const __u32 totals_keep[64] = {
	[0x01] = 0x3, /* WFx: TI */
	[0x03] = 0x1fffc1f, [0x04] = 0x1ff801f, [0x05] = 0x1fffc1f, [0x0c] = 0x1ff801f,
	[0x12] = 0xffff,    [0x13] = 0xffff,	[0x16] = 0xffff,    [0x17] = 0xffff,
	[0x18] = 0x1fffc1f, /* all but the general register, bits 9:5 */
	[0x24] = 0x1c00040, /* ISV, SAS, WnR */
};

static __always_inline bool totals_is_call(__u32 class)
{
	return class - 0x12 <= 1 || class - 0x16 <= 1;
}

/* What tells reasons apart. */
struct totals_what {
	__u64 esr, number;
	__u32 bits; /* flags, kind and code of struct totals_reason, in its order */
};

static __always_inline __u32 totals_bits(__u32 flags, __u32 kind, __u32 code)
{
	return flags | kind << 16 | code << 24;
}

static __always_inline struct totals_what totals_what(const struct totals_record *rec)
{
	bool mmio = rec->flags & (EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER);
	__u32 class = rec->esr >> 26 & 0x3f, flags = rec->flags & TOTALS_FLAGS;
	struct totals_what what = { .bits = totals_bits(flags, rec->kind, 0) };

	if (rec->kind != EXIT_KIND_EXIT)
		return what;
	what.bits = totals_bits(flags, rec->kind, rec->code);
	if (rec->code >= EXIT_CODE_VMX) {
		what.esr = rec->esr;
		what.number = rec->arg;
		return what;
	}
	if (rec->code != EXIT_CODE_TRAP)
		return what;
	what.esr = (__u64) class << 26;
	if (class != 0x24 || mmio)
		what.esr |= rec->esr & totals_keep[class];
	if (class == 0x24 && mmio)
		what.number = rec->ipa;
	else if (totals_is_call(class))
		what.number = (__u32)rec->arg;
	return what;
}

static __always_inline __u32 totals_hash(const struct totals_what *what)
{
	__u64 mix = what->esr ^ what->number << 7 ^ what->number >> 9 ^ (__u64)what->bits << 32;

	return mix * 0x9e3779b97f4a7c15ULL >> 40;
}

static __always_inline bool totals_same(const struct totals_reason *row,
					const struct totals_what *what)
{
	__u32 bits;

	__builtin_memcpy(&bits, &row->flags, sizeof(bits));
	return row->esr == what->esr && row->number == what->number && bits == what->bits;
}

static __always_inline void totals_new_reason(struct totals_vcpu *to, struct totals_reason *row,
					      const struct totals_what *what)
{
	row->esr = what->esr;
	row->number = what->number;
	__builtin_memcpy(&row->flags, &what->bits, sizeof(what->bits));
	row->min = ~0ULL;
	row->histogram = to->histograms;
	if (to->histograms < TOTALS_HISTOGRAMS)
		to->histograms++;
}

/* The number of its row. */
static __always_inline __u32 totals_reason(struct totals_vcpu *to, const struct totals_what *what)
{
	__u32 hash = totals_hash(what);

	for (__u32 i = 0; i < TOTALS_PROBES; i++) {
		__u32 place = (hash + i) & (TOTALS_REASONS - 1);
		struct totals_reason *row = &to->reason[place];

		if (row->count && totals_same(row, what))
			return place;
		if (!row->count) {
			totals_new_reason(to, row, what);
			return place;
		}
	}
	to->reason[TOTALS_REASONS].histogram = TOTALS_HISTOGRAMS;
	return TOTALS_REASONS;
}

/* Not static, as what is below: the verifier looks at it by itself. */
__noinline int totals_book_own(struct totals_vcpu *to, __u32 place, __u64 own)
{
	__u32 histogram, bucket = totals_bucket(own);
	struct totals_reason *row;

	if (!to || place > TOTALS_REASONS)
		return 0;
	row = &to->reason[place];
	histogram = row->histogram;
	row->count++;
	row->ticks += own;
	if (own < row->min)
		row->min = own;
	if (own > row->max)
		row->max = own;
	/* What is loaded anew behind the comparison, Linux 6.1 does not know to be compared. */
	asm volatile("" : "+r"(bucket));
	if (histogram < TOTALS_HISTOGRAMS && bucket < TOTALS_BUCKETS)
		to->histogram[histogram][bucket]++;
	return 0;
}

/* The first arguments are a struct totals_what. Returns the row's number. */
__noinline __u32 totals_book_reason(struct totals_vcpu *to, __u64 esr, __u64 number, __u32 bits,
				    __u64 own)
{
	struct totals_what what = { .esr = esr, .number = number, .bits = bits };
	__u32 place;

	if (!to)
		return TOTALS_REASONS;
	place = totals_reason(to, &what);
	totals_book_own(to, place, own);
	return place;
}

/* --- exits that EL2 finished alone ------------------------------------------- */

static __always_inline bool totals_is_fp(const struct ring_el2 *cause)
{
	__u32 class = cause->esr >> 26 & 0x3f;

	return cause->esr != ~0ULL && cause->code == EXIT_CODE_TRAP &&
	       (class == 0x07 || class == 0x19);
}

static __always_inline struct totals_what totals_el2_what(const struct ring_el2 *cause)
{
	struct totals_what what = { .esr = cause->esr };
	__u32 class = cause->esr >> 26 & 0x3f, code = cause->code;

	if (cause->esr == ~0ULL)
		code = 0;
	else
		what.esr = (__u64) class << 26 | (cause->esr & totals_keep[class]);
	what.bits = totals_bits(TOTALS_FLAG_EL2, EXIT_KIND_EXIT, code);
	return what;
}

/* Called for each of a record's causes; `fp` sums up the FP traps among them. */
__noinline int totals_book_cause(struct totals_vcpu *to, struct ring_el2 *cause,
				 struct totals_part *fp)
{
	struct totals_reason *row;
	struct totals_what what;
	__u32 place;

	if (!to || !cause || !fp)
		return 0;
	what = totals_el2_what(cause);
	place = totals_reason(to, &what);
	if (place > TOTALS_REASONS)
		return 0;
	row = &to->reason[place];
	row->count += cause->count;
	row->ticks += cause->ticks;
	if (totals_is_fp(cause)) {
		fp->count += cause->count;
		fp->ticks += cause->ticks;
	}
	return 0;
}

/* What precedes the record and EL2 finished alone; the caller has booked the causes. */
static __always_inline void totals_book_el2(struct totals_vcpu *to, const struct totals_record *rec,
					    const struct totals_part *fp)
{
	to->el2_count += rec->el2_count;
	if (fp->count) {
		to->part[TOTALS_EL2_FP].count++;
		to->part[TOTALS_EL2_FP].ticks += fp->ticks;
	}
	if (rec->el2_count > fp->count || rec->el2_time > fp->ticks) {
		to->part[TOTALS_EL2].count++;
		to->part[TOTALS_EL2].ticks += rec->el2_time - fp->ticks;
	}
}

/* --- the record ---------------------------------------------------------------- */

/* Returns the pattern's place. */
__noinline __u32 totals_book_pattern(struct totals_vcpu *to, __u64 low, __u64 high)
{
	__u32 hash = (low ^ high * 31) * 0x9e3779b97f4a7c15ULL >> 40;

	if (!to)
		return TOTALS_PATTERNS;
	for (__u32 i = 0; i < TOTALS_PROBES; i++) {
		__u32 place = (hash + i) & (TOTALS_PATTERNS - 1);
		struct totals_pattern *row = &to->pattern[place];

		if (!row->count) {
			row->expected[0] = low;
			row->expected[1] = high;
		}
		if (row->expected[0] == low && row->expected[1] == high) {
			row->count++;
			return place;
		}
	}
	to->pattern[TOTALS_PATTERNS].count++;
	return TOTALS_PATTERNS;
}

/*
 * Straight through all stages: a loop over the set bits costs more. A stage
 * behind a missing stamp is not booked, as nobody knows what the time was for.
 * What is kept from stage to stage must not be a constant on some paths, as the
 * verifier would follow each by itself. A function of its own, so that all of it stays
 * in registers. Returns the last touched stamp, or the begin.
 */
static __attribute__((noinline)) __u64
totals_book_stages(struct totals_vcpu *to, __u64 low, __u64 high, const __u64 *stamp, __u64 begin)
{
	__u64 gap = begin & 1ULL << 63, last = begin; /* 0, which the verifier cannot know */
	__u32 count = stage_count;

#pragma clang loop unroll(full)
	for (__u32 i = 0; i < EXIT_STAGES_MAX; i++) {
		__u64 length, bad, expected = i < 64 ? low : high;

		if (i >= count || !((__u32)(expected >> (i & 32)) & 1U << (i & 31)))
			continue;
		length = stamp[i] - last;
		if ((__s64)(length | gap) < 0) {
			bad = length >> 63;
			to->skipped[i]++;
			*(volatile __u64 *)&to->missing += bad; /* not in a register */
			last += length & (bad - 1);
			gap = bad << 63; /* the sign of the next length */
			continue;
		}
		last += length;
		to->stage[i] += length;
	}
	return last;
}

static __always_inline __u64 totals_handler_ticks(const struct totals_vcpu *to)
{
	__u32 stage = totals_handler;

	return stage < EXIT_STAGES_MAX ? to->stage[stage] : 0;
}

static __always_inline void totals_add(struct totals_part *part, __u64 ticks)
{
	part->count++;
	part->ticks += ticks;
}

/* Takes what was not the handler's out of it. */
static __always_inline void totals_split_handler(struct totals_vcpu *to, __u32 flags, __u64 blocked,
						 __u64 handler)
{
	__u32 stage = totals_handler;

	if (blocked && blocked <= handler) {
		totals_add(&to->part[TOTALS_BLOCKED], blocked);
		handler -= blocked;
		if (stage < EXIT_STAGES_MAX)
			to->stage[stage] -= blocked;
	}
	if (flags & (EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER) && stage < EXIT_STAGES_MAX) {
		totals_add(&to->part[TOTALS_HANDLER_MMIO], handler);
		to->stage[stage] -= handler;
	}
}

static __always_inline __u64 totals_before(const struct totals_record *rec)
{
	return rec->kind == EXIT_KIND_START ? 0 : rec->guest + rec->el2_time;
}

static __always_inline void totals_book_before(struct totals_vcpu *to,
					       const struct totals_record *rec)
{
	if (totals_before(rec) > rec->begin)
		to->impossible++;
	else if (rec->kind == EXIT_KIND_EXIT || (rec->kind != EXIT_KIND_START && rec->guest))
		totals_add(&to->part[TOTALS_GUEST], rec->guest);
}

/* The vCPU's life, which each record is a part of, whether it is booked or not. */
static __always_inline void totals_live(struct totals_vcpu *to, struct totals_record *rec)
{
	__u64 before = totals_before(rec);

	if (!to->begin && before <= rec->begin)
		to->begin = rec->begin - before;
	else if (rec->kind == EXIT_KIND_START && rec->begin > to->end)
		to->off += rec->begin - to->end;
	rec->emit_before = to->emit;
	rec->timestamp_before = to->timestamp;
	to->end = rec->end;
	to->ended = rec->flags & EXIT_FLAG_OPEN;
	to->emit = rec->emit;
	to->timestamp = rec->timestamp;
}

static __always_inline void totals_count(struct totals_vcpu *to, const struct totals_record *rec)
{
	to->kinds[rec->kind & EXIT_KINDS]++;
	_Static_assert(EXIT_KINDS == 3, "a kind is two bits");
	if (rec->flags & EXIT_FLAG_NOT_ENTERED)
		to->never_entered++;
	if (rec->flags & EXIT_FLAG_USER)
		to->through_user++;
}

/*
 * All but the stages and the time that is all of them. `handler`: how long the handler
 * took. Returns the row of the record's reason.
 */
static __always_inline __u32 totals_book_record(struct totals_vcpu *to,
						const struct totals_record *rec, __u64 handler,
						__u64 own)
{
	struct totals_what what = totals_what(rec);

	totals_count(to, rec);
	totals_book_before(to, rec);
	totals_split_handler(to, rec->flags, rec->blocked, handler);
	return totals_book_reason(to, what.esr, what.number, what.bits, own);
}

/*
 * Stage by stage, of a record whose pattern is booked; the stamps are in a map. The
 * stages come first: what is known by then, the verifier follows them with. Returns
 * the record's end.
 */
static __always_inline __u64 totals_book_apart(struct totals_vcpu *to,
					       const struct totals_record *rec, const __u64 *stamp)
{
	__u64 handler = totals_handler_ticks(to), missing = to->missing, last;

	last = totals_book_stages(to, rec->expected[0], rec->expected[1], stamp, rec->begin);
	if (to->missing != missing)
		to->incomplete++;
	totals_add(&to->part[TOTALS_OWN], last - rec->begin);
	totals_book_record(to, rec, totals_handler_ticks(to) - handler, last - rec->begin);
	return last;
}

static __always_inline void totals_book(struct totals_vcpu *to, const struct totals_record *rec,
					const __u64 *stamp)
{
	totals_book_apart(to, rec, stamp);
	totals_book_pattern(to, rec->expected[0], rec->expected[1]);
}

/* --- consistency ----------------------------------------------------------------- */

/*
 * An atomic add is a barrier only where its result is wanted: without, arm64's JIT makes
 * STADD of it, which orders nothing (arch/arm64/net/bpf_jit_comp.c, emit_lse_atomic()).
 */
static __always_inline void totals_step(struct totals_vcpu *to)
{
	__u64 before = __sync_fetch_and_add(&to->sequence, 1);

	asm volatile("" : : "r"(before));
}

/* Readers see what is between the two, or read again. */
static __always_inline void totals_open(struct totals_vcpu *to)
{
	totals_step(to);
}

static __always_inline void totals_close(struct totals_vcpu *to)
{
	totals_step(to);
}

#endif
