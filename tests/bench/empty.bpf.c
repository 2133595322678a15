// SPDX-License-Identifier: GPL-2.0-only
/* A program that does nothing: what is left is the price of being called. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("tp_btf/kvm_entry") /* attach_empty.c names another tracepoint */
int empty(void *context)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
