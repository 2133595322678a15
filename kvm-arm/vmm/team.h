/* SPDX-License-Identifier: GPL-2.0-only */
/* All vCPUs of a VM: a thread each, on host CPUs of one's choice. */
#ifndef VMM_TEAM_H
#define VMM_TEAM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "kvm-arm/vmm/config.h"
#include "kvm-arm/vmm/cpus.h"
#include "kvm-arm/vmm/vcpu.h"

struct team;

struct member {
	struct team *team;
	struct vcpu vcpu;
	pthread_t thread;
	_Atomic pid_t tid; /* 0 while there is no thread to move */
	int cpu;	   /* the host CPU it was sent to last */
	int result;
	char *sentence; /* owned: why the result is negative */
};

struct team {
	struct member members[PLATFORM_MOST_VCPUS];
	unsigned int size;    /* members with an open vCPU */
	unsigned int started; /* members with a thread */
	struct cpus cpus;
	pthread_mutex_t gate; /* held until all threads are there */
	bool abandoned;	      /* by the gate: leave without running */
	atomic_bool stop_moving;
	unsigned int migrate_ms;
	bool count_on_host;
	unsigned long moves;
};

/* Makes the vCPUs and the VM's GIC. */
int team_open(struct team *team, struct vm *vm, const struct config *config);

/* For a team that team_open() was called on, whatever it returned. */
void team_close(struct team *team);

/* Runs all vCPUs until the guest switches off or one of them fails. */
int team_run(struct team *team);

/* Reads KVM's statistics; to be called after team_run(). */
int team_read_kvm(struct team *team);

/* One line for each vCPU, and one for all. */
void team_print(const struct team *team, FILE *out);

/* Whether the guest reported a failure when it switched off. */
bool team_guest_failed(const struct team *team);

#endif
