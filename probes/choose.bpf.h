/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decides whether a record crosses the ring or is added up.
 * Included once per object, behind probes/totals.bpf.h.
 */
#ifndef PROBES_CHOOSE_BPF_H
#define PROBES_CHOOSE_BPF_H

#include "probes/choose.h"

/* Objects whose exits are no Arm's make it 1. */
#ifndef CHOOSE_X86
#define CHOOSE_X86 0
#endif

/* Set before loading. */
const volatile struct choose_rules choose_rules = { 0 };

/* Set before attaching. */
__u64 choose_slower_ticks = 0;

/* Set at any time: of 2^32 records this many; ~0: all. */
__u32 choose_below = ~0U;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CHOOSE_REASONS);
	__type(key, struct choose_reason);
	__type(value, __u8);
} choose_reasons SEC(".maps");

static __always_inline bool choose_has_vcpu(__u32 vcpu)
{
	__u32 word = vcpu / 64;

	asm volatile("" : "+r"(word)); /* else clang leaves the mask out, which 6.1 wants */
	word &= CHOOSE_VCPUS / 64 - 1;
	return vcpu < CHOOSE_VCPUS && choose_rules.vcpu[word] >> (vcpu & 63) & 1;
}

static __always_inline bool choose_has_x86_reason(const struct totals_record *rec)
{
	__u32 class = choose_x86_class(rec->kind, rec->code, rec->flags, rec->esr);
	struct choose_reason key;

	_Static_assert(CHOOSE_CLASSES == 512, "a class is in one of eight words");
	if (choose_rules.class[class / 64 & 7] >> (class & 63) & 1)
		return true;
	if (!choose_rules.details || rec->kind != EXIT_KIND_EXIT)
		return false;
	key = choose_x86_reason(rec->code, rec->flags, rec->esr, rec->arg);
	return bpf_map_lookup_elem(&choose_reasons, &key);
}

static __always_inline bool choose_has_arm_reason(const struct totals_record *rec)
{
	__u32 class = choose_class_of(rec->kind, rec->code, rec->flags, rec->esr);
	struct totals_what of;
	struct choose_reason key;

	_Static_assert(CHOOSE_NUMBER == 128, "a class of Arm's is in one of two words");
	if (choose_rules.class[class / 64 & 1] >> (class & 63) & 1)
		return true;
	if (!choose_rules.details)
		return false;
	of = totals_what(rec);
	key.esr = of.esr;
	key.number = of.number;
	return bpf_map_lookup_elem(&choose_reasons, &key);
}

static __always_inline bool choose_has_reason(const struct totals_record *rec)
{
	return CHOOSE_X86 ? choose_has_x86_reason(rec) : choose_has_arm_reason(rec);
}

/* By chance and not by counting: what a guest does every so often is hit as often as all else. */
static __always_inline bool choose_by_chance(__u32 below)
{
	return bpf_get_prandom_u32() < below;
}

/*
 * `own` is the record's time from begin to end [ticks], of which sleep is not
 * slowness. A guest's mark is always wanted.
 */
static __always_inline bool choose(const struct totals_record *rec, __u32 vcpu, __u64 own)
{
	if (!choose_rules.some || choose_is_mark(rec->kind, rec->code, rec->esr, rec->arg))
		return true;
	if (choose_rules.slower && own - rec->blocked < choose_slower_ticks)
		return false;
	if (choose_rules.vcpus && !choose_has_vcpu(vcpu))
		return false;
	if (choose_rules.reasons && !choose_has_reason(rec))
		return false;
	if (choose_rules.below && !choose_by_chance(choose_rules.below))
		return false;
	return !choose_rules.steps || choose_below == ~0U || choose_by_chance(choose_below);
}

#endif
