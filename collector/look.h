/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What `hyptrace check` looks at: each function looks at one thing of the running
 * host and says what it found, and what to do about it. None needs a privilege;
 * without one, some know less.
 */
#ifndef COLLECTOR_LOOK_H
#define COLLECTOR_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "collector/source.h"

/* GOOD: as it should be; REDUCED: less can be measured, or less well; MISSING: it is not there. */
enum look_state { LOOK_GOOD, LOOK_REDUCED, LOOK_MISSING };

enum { LOOK_TEXT = 200 };

struct finding {
	enum look_state state;
	char text[LOOK_TEXT];
	char remedy[LOOK_TEXT]; /* "" where nothing is to be done */
};

/* What several of them look at, found once. */
struct look_host {
	struct source *source; /* loaded, not attached; NULL where it cannot be */
};

typedef void look(const struct look_host *host, struct finding *ret_finding);

look look_kernel, look_kvm, look_tier, look_clock, look_btf, look_lttng, look_privileges,
	look_lockdown;
look look_scheduling, look_pinning, look_governor, look_rings;

/* Sets what was found, and what helps. */
void finding_set(struct finding *finding, enum look_state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void finding_remedy(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The first line of a file without its end. Returns 0 or a negative errno. */
int look_read_line(const char *path, char *ret_line, size_t size);

/*
 * Whether `folder`, NULL for one that was not found, has all files of the VMM's side. False:
 * says which one it lacks.
 */
bool look_has_vmm_files(const char *folder, struct finding *ret_finding);

/* The first library that ld.so says it cannot find, by its list of them. False without any. */
bool look_missing_library(const char *list, char *ret_name, size_t size);

/* Whether the kernel's list of CPUs, as "0-3,8", is one CPU. */
bool look_is_one_cpu(const char *list);

/* Whether a thread has run a guest for a clock tick or more, by its file stat of /proc. */
bool look_has_run_guest(const char *stat);

/* The file on which a thread calls KVM_RUN, by its file syscall of /proc; -1: it does not. */
int look_kvm_run_fd(const char *syscall);

/* Whether a thread's name is one that VMMs give to their vCPUs. */
bool look_is_vcpu_name(const char *name);

#endif
