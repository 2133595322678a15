/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every BPF program that writes ring records shares: whom to record, the
 * rings, and the count of what did not fit. Included once per object, behind
 * <linux/bpf.h> and <bpf/bpf_helpers.h>.
 */
#ifndef PROBES_RINGS_BPF_H
#define PROBES_RINGS_BPF_H

#include <stdbool.h>
#include <stddef.h>

#include "probes/exit_record.h"

/* Set before loading. */
const volatile bool target_all = false; /* every process, not only those of `targets` */
const volatile bool records = true;	/* besides the totals */
const volatile __u32 stage_count = EXIT_STAGES_MAX;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1); /* one per possible CPU, set before loading */
	__type(key, __u32);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_RINGBUF);
			__uint(max_entries, 4096);
		});
} rings SEC(".maps");

/* Failed reservations, per CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} lost SEC(".maps");

/* Processes to record, by tgid; their children join. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u8);
} targets SEC(".maps");

static __always_inline bool wanted(__u32 tgid)
{
	return target_all || bpf_map_lookup_elem(&targets, &tgid);
}

static __always_inline void count_lost(void)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&lost, &zero);

	if (count)
		(*count)++;
}

/* Stages that are dealt with behind one comparison. */
enum { STAGES_CHUNK = 8 };

#define EACH_UNROLLED(i, first, end)                                                               \
	_Pragma("clang loop unroll(full)") for (__u32 i = (first); i < (end); i++)

/*
 * Does something for each stage `i` of a run of `length` that `count`, a constant to the
 * verifier, has: it drops a comparison of which one side is dead, but not one in front of
 * each stage, and not one without another side, hence the idle jump. `asm` keeps the
 * compiler from making one body, or one end, of the two.
 */
#define EACH_STAGE_OF_RUN(i, first, length, count, ...)                                            \
	do {                                                                                       \
		if ((count) >= (first) + (length)) {                                               \
			asm volatile("");                                                          \
			EACH_UNROLLED(i, first, (first) + (length))                                \
			{                                                                          \
				__VA_ARGS__;                                                       \
			}                                                                          \
			asm volatile("");                                                          \
		} else if ((count) > (first)) {                                                    \
			EACH_UNROLLED(i, first, (first) + (length))                                \
			{                                                                          \
				if ((count) > i) {                                                 \
					__VA_ARGS__;                                               \
				}                                                                  \
			}                                                                          \
		} else {                                                                           \
			asm volatile("goto +0");                                                   \
		}                                                                                  \
	} while (0)

#define EACH_STAGE_OF_CHUNK(i, first, count, ...)                                                  \
	EACH_STAGE_OF_RUN(i, first, STAGES_CHUNK, count, __VA_ARGS__)

/* By direct loads. */
static __always_inline void copy_stamps(__u64 *to, const __u64 *stamp, __u32 count)
{
#pragma clang loop unroll(full)
	for (__u32 first = 0; first < EXIT_STAGES_MAX; first += STAGES_CHUNK)
		EACH_STAGE_OF_CHUNK(i, first, count, to[i] = stamp[i]);
}

/* Whole cache lines with the ring's own header of 8 bytes: each copy costs the same. */
static __always_inline __u64 whole_lines(__u64 bytes)
{
	return ((bytes + 8 + 63) & ~63ULL) - 8;
}

/* The two sizes of a record with `count` stamps; constants for the verifier. */
static __always_inline __u64 ring_record_bytes(__u32 count)
{
	return whole_lines(offsetof(struct ring_record, stamp) + count * sizeof(__u64));
}

static __always_inline __u64 ring_extra_offset(__u32 count)
{
	return offsetof(struct ring_record, stamp) + count * sizeof(__u64);
}

static __always_inline __u64 ring_big_bytes(__u32 count)
{
	return whole_lines(ring_extra_offset(count) + offsetof(struct ring_extra, cycles) +
			   count * sizeof(__u32));
}

/*
 * Room in this CPU's ring, to be submitted; NULL, and counted, where it does
 * not fit. `bytes` must be a constant for the verifier, as is what the two
 * functions above make of `stage_count`: read-only data is frozen before loading.
 */
static __always_inline struct ring_record *ring_reserve(__u32 cpu, __u64 bytes)
{
	void *ring = bpf_map_lookup_elem(&rings, &cpu);
	struct ring_record *record;

	if (!ring)
		return NULL;
	record = bpf_ringbuf_reserve(ring, bytes, 0);
	if (!record)
		count_lost();
	return record;
}

#endif
