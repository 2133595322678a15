/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps the set of processes to record: children join, the dead leave. Included
 * once per object, behind probes/rings.bpf.h and <bpf/bpf_tracing.h>.
 */
#ifndef PROBES_PROCESSES_BPF_H
#define PROBES_PROCESSES_BPF_H

/* A new process of a target is a target; a new thread of it is one already. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 from = parent->tgid, to = child->tgid;
	__u8 one = 1;

	if (from != to && bpf_map_lookup_elem(&targets, &from))
		bpf_map_update_elem(&targets, &to, &one, BPF_ANY);
	return 0;
}

/*
 * The last of a process is gone, reaped: its number may come again. (At its
 * exit it would be too early: the last records come when its files are closed.)
 */
SEC("tp_btf/sched_process_free")
int BPF_PROG(process_free, struct task_struct *task)
{
	__u32 process = task->tgid;

	if (task->pid == task->tgid)
		bpf_map_delete_elem(&targets, &process);
	return 0;
}

#endif
