/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trip: one way out of the guest and back, as KVM's own tracepoints show it.
 * Shared by BPF programs, the collector and tests; includes no header but the
 * record's.
 */
#ifndef PROBES_TRIP_H
#define PROBES_TRIP_H

#include "probes/exit_record.h"

#define TRIP_INLINE static inline __attribute__((always_inline))

enum trip_stage {
#define TRIP_STAGE(id, name, help) TRIP_##id,
#include "probes/trip_stages.def"
#undef TRIP_STAGE
	TRIP_STAGES
};

enum trip_state {
	TRIP_NONE,   /* no record is begun */
	TRIP_OUT,    /* the host has the vCPU */
	TRIP_ENTERED /* complete, to be handed over at the next exit */
};

/* The record of a thread's vCPU while it comes about. Times are CLOCK_MONOTONIC [ns]. */
struct trip {
	__u64 vcpu;    /* address of the kernel's struct kvm_vcpu */
	__u64 vm;      /* identity of the VM in this boot */
	__u64 entered; /* into the guest; 0: not known */
	__u64 begin;
	__u64 guest;   /* before `begin` */
	__u64 blocked; /* part of the handler */
	__u64 esr, ipa, pc, arg;
	__u64 stamp[TRIP_STAGES];
	__u32 pid, index; /* of the VM's process; of the vCPU in its VM */
	__u32 seq;
	__u16 cpu_exit, cpu_entry;
	__u16 flags, user_reason;
	__u8 kind, code, state, resumed; /* not 0: recording was off, and no exit was seen since */
	__u32 period;			 /* of recording */
};

/* The stages that its path stamps: a return from KVM_RUN is handled when it is seen. */
TRIP_INLINE __u64 trip_expected(const struct trip *trip)
{
	__u64 expected = 1 << TRIP_TRACING;

	if (trip->code != EXIT_CODE_RUN)
		expected |= 1 << TRIP_HANDLER;
	if (trip->stamp[TRIP_PREEMPTED])
		expected |= 1 << TRIP_PREEMPTED;
	if (trip->stamp[TRIP_IRQ])
		expected |= 1 << TRIP_IRQ;
	if (trip->flags & EXIT_FLAG_USER && !(trip->flags & EXIT_FLAG_OPEN))
		expected |= 1 << TRIP_USER;
	if (trip->stamp[TRIP_RUN_LOOP])
		expected |= 1 << TRIP_RUN_LOOP;
	return expected;
}

/* The last stamp. */
TRIP_INLINE __u64 trip_end(const struct trip *trip)
{
	__u64 end = trip->begin;

	for (__u32 i = 0; i < TRIP_STAGES; i++)
		if (trip->stamp[i] > end)
			end = trip->stamp[i];
	return end;
}

/*
 * The host's part of the time between entry and exit [ns]: interrupts are let in
 * before kvm_exit fires. The record begins where the guest must have stopped.
 */
TRIP_INLINE void trip_take_out(struct trip *trip, __u64 now, __u64 preempted, __u64 irq)
{
	__u64 between = trip->entered ? now - trip->entered : 0;

	if (irq > between)
		irq = between;
	if (preempted > between - irq)
		preempted = between - irq;
	trip->guest = between - irq - preempted;
	trip->begin = now - irq - preempted;
	trip->stamp[TRIP_PREEMPTED] = preempted ? now - irq : 0;
	trip->stamp[TRIP_IRQ] = irq ? now : 0;
}

/*
 * Recording was off meanwhile. A record that was complete is still handed over; one
 * that was not is dropped, as what ended it was not seen.
 */
TRIP_INLINE void trip_resume(struct trip *trip, __u32 period)
{
	if (trip->state == TRIP_OUT)
		trip->state = TRIP_NONE;
	trip->entered = 0;
	trip->resumed = 1;
	trip->period = period;
}

/* kvm_exit. Without an entry before it, nobody knows how long the guest ran. */
TRIP_INLINE void trip_begin(struct trip *trip, __u64 now, __u64 preempted, __u64 irq, __u16 cpu)
{
	trip_take_out(trip, now, preempted, irq);
	trip->kind = trip->entered ? EXIT_KIND_EXIT : EXIT_KIND_START;
	trip->entered = 0;
	trip->resumed = 0;
	trip->blocked = 0;
	trip->flags = 0;
	trip->user_reason = 0;
	trip->esr = 0;
	trip->ipa = 0;
	trip->arg = 0;
	trip->cpu_exit = cpu;
	trip->cpu_entry = cpu;
	trip->stamp[TRIP_HANDLER] = 0;
	trip->stamp[TRIP_USER] = 0;
	trip->stamp[TRIP_RUN_LOOP] = 0;
}

/* kvm_entry. The guest's first run after a gap is not known apart from it. */
TRIP_INLINE void trip_entry(struct trip *trip, __u64 now, __u16 cpu)
{
	if (trip->state == TRIP_OUT) {
		if (!(trip->flags & EXIT_FLAG_USER))
			trip->stamp[TRIP_HANDLER] = now;
		else if (trip->stamp[TRIP_USER])
			trip->stamp[TRIP_RUN_LOOP] = now;
		else
			trip->stamp[TRIP_USER] = now;
		trip->cpu_entry = cpu;
		trip->state = TRIP_ENTERED;
	}
	trip->entered = trip->resumed ? 0 : now;
}

/*
 * KVM_RUN returns; again where it did not enter the guest, which is part of user
 * space. `io`: for user space to emulate a device.
 */
TRIP_INLINE void trip_user(struct trip *trip, __u64 now, __u32 reason, int err, __u32 io)
{
	if (trip->state != TRIP_OUT)
		return;
	if (trip->flags & EXIT_FLAG_USER) {
		trip->stamp[TRIP_USER] = 0;
		return;
	}
	trip->stamp[TRIP_HANDLER] = now;
	trip->flags |= EXIT_FLAG_USER;
	trip->user_reason = reason;
	if (io && err >= 0 && trip->flags & EXIT_FLAG_MMIO_KERNEL)
		trip->flags ^= EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER;
}

/* KVM_RUN begins. */
TRIP_INLINE void trip_run(struct trip *trip, __u64 now)
{
	if (trip->state == TRIP_OUT && trip->flags & EXIT_FLAG_USER)
		trip->stamp[TRIP_USER] = now;
}

/*
 * An access to a device is being emulated; until user space is asked, the kernel
 * does it. False where that is known of this trip already.
 */
TRIP_INLINE int trip_device(struct trip *trip)
{
	if (trip->state != TRIP_OUT ||
	    trip->flags & (EXIT_FLAG_USER | EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER))
		return 0;
	trip->flags |= EXIT_FLAG_MMIO_KERNEL;
	return 1;
}

/* The kernel tells how long the vCPU slept, when it has. */
TRIP_INLINE void trip_slept(struct trip *trip, __u64 ns)
{
	if (trip->state == TRIP_OUT && !(trip->flags & EXIT_FLAG_USER))
		trip->blocked += ns;
}

#endif
