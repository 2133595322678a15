// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program that does nothing: what is left is the price of being called. And the least
 * that a recorder can do: one look at the clock, one small record in a ring.
 */
#include <linux/types.h>

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("tp_btf/kvm_entry") /* attach_empty.c names another tracepoint */
int empty(void *context)
{
	return 0;
}

enum { RING_BYTES = 8 << 20, RECORD_WORDS = 12 };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_BYTES);
} ring SEC(".maps");

SEC("tp_btf/kvm_entry")
int least(void *context)
{
	__u64 *record = bpf_ringbuf_reserve(&ring, RECORD_WORDS * sizeof(*record), 0);

	if (!record)
		return 0;
	record[0] = bpf_ktime_get_ns();
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
