/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's types as far as the probes touch them. Offsets and sizes come
 * from the running kernel's BTF (CO-RE); only names and types count here.
 */
#ifndef PROBES_KERNEL_TYPES_H
#define PROBES_KERNEL_TYPES_H

#include <stdbool.h>
#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/linux/sched.h */
struct files_struct;

struct task_struct {
	int pid;
	int tgid;
	struct task_struct *group_leader;
	struct files_struct *files;
	char comm[16];
};

/* include/linux/fs.h, include/linux/fdtable.h */
struct file {
	void *private_data;
};

struct fdtable {
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

/* include/linux/kvm_host.h */
struct kvm {
	int userspace_pid;
};


/* arch/arm64/include/asm/ptrace.h and kvm_host.h; ___ and what follows is not looked at */
struct user_pt_regs___arm64 {
	__u64 regs[31];
};

struct kvm_cpu_context___arm64 {
	struct user_pt_regs___arm64 regs;
};

struct kvm_vcpu_fault_info___arm64 {
	__u64 esr_el2;
	__u64 far_el2;
	__u64 hpfar_el2;
};

struct kvm_vcpu_arch___arm64 {
	struct kvm_cpu_context___arm64 ctxt;
	struct kvm_vcpu_fault_info___arm64 fault;
};

struct kvm_vcpu___arm64 {
	struct kvm_vcpu_arch___arm64 arch;
};

/* arch/x86/include/asm/ptrace.h */
struct pt_regs___x86 {
	unsigned long si;
	unsigned long di;
};

/* arch/x86/include/asm/kvm_host.h */
struct kvm_vcpu_arch___x86 {
	unsigned long regs[17];
};

struct kvm_vcpu___x86 {
	struct kvm_vcpu_arch___x86 arch;
};

/* arch/x86/kvm/vmx/vmx.h; both begin with the struct kvm_vcpu */
union vmx_exit_reason {
	__u32 full;
};

struct vcpu_vmx {
	union vmx_exit_reason exit_reason;
};

/* The same from 6.16 on. */
struct vcpu_vt {
	union vmx_exit_reason exit_reason;
};

struct vcpu_vmx___vt {
	struct vcpu_vt vt;
};

/* arch/x86/include/asm/svm.h, arch/x86/kvm/svm/svm.h */
struct vmcb_control_area {
	__u32 exit_code;
	__u64 exit_info_1;
};

struct vmcb {
	struct vmcb_control_area control;
};

struct vcpu_svm {
	struct vmcb *vmcb;
};

/* arch/arm64/include/asm/kvm_wstrace.h, from kernel-patches/ */
struct kvm_ws_el2 {
	__u64 esr;
	__u64 ticks;
	__u32 count;
	__u32 code;
};

struct kvm_ws_set {
	__u64 bits[2];
};

struct kvm_ws_record {
	__u64 begin;
	__u64 emit;
	__u64 timestamp;
	__u64 esr;
	__u64 ipa;
	__u64 pc;
	__u64 arg;
	__u64 guest;
	__u64 el2_time;
	__u64 blocked;
	struct kvm_ws_set expected;
	__u32 seq;
	__u32 el2_count;
	__u16 cpu_exit;
	__u16 cpu_entry;
	__u16 flags;
	__u16 user_reason;
	__u8 kind;
	__u8 code;
	__u8 el2_causes;
	__u32 begin_cycles;
	__u64 stamp[128]; /* as many as the kernel has */
	__u32 cycles[128];
	struct kvm_ws_el2 el2[4];
};

/* The same of kernels with at most 64 stages. */
struct kvm_ws_record___one_word {
	__u64 expected;
};

struct kvm_ws {
	__u32 cur;
	struct kvm_ws_record rec[2];
};

/* arch/arm64/include/asm/kvm_host.h */
struct kvm_vcpu_arch {
	struct kvm_ws ws;
};

/* include/linux/kvm_types.h */
struct kvm_vcpu_stat_generic {
	__u64 blocking;
};

struct kvm_vcpu_stat {
	struct kvm_vcpu_stat_generic generic;
};

/* include/linux/kvm_host.h */
struct kvm_run;

struct kvm_vcpu {
	struct kvm *kvm;
	struct kvm_run *run;
	int vcpu_idx;
	int mode;
	bool preempted;
	struct kvm_vcpu_arch arch;
	struct kvm_vcpu_stat stat;
};

/* arch/arm64/kvm/wstrace.c, from kernel-patches/ */
struct kvm_ws_host {
	__u32 mode;
	__u32 counter_hz;
	__u32 ws_mode;
	__u32 stamp_cost;
	__u16 cycles_exit;
	__u16 cycles_entry;
	__u16 unstamped_eret;
	__u16 unstamped_irq;
	__u16 unstamped_trap;
	__u16 unstamped_hvc;
};

#pragma clang attribute pop

#endif
