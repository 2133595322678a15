/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this process may do: what loading the probes needs is named where it is
 * missing, and given back once they are attached. Under sudo, COMMAND and the
 * trace are the invoking user's.
 */
#ifndef COLLECTOR_PRIVILEGES_H
#define COLLECTOR_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

enum { PRIVILEGES_TEXT = 256 };

/* The invoking user. */
struct privileges_user {
	uid_t uid;
	gid_t gid;
	bool sudo; /* another one than the process runs as */
};

/*
 * The user who ran sudo, where root got here that way; else the process's own.
 * SUDO_UID and SUDO_GID count for root alone.
 */
struct privileges_user privileges_user(void);

/*
 * The capabilities that loading and attaching the probes still needs, as
 * "CAP_BPF (to load BPF programs) and CAP_PERFMON (...)"; false where none is
 * missing. `module`: they attach to one. CAP_SYS_ADMIN stands for all.
 */
bool privileges_missing(bool module, char ret_text[PRIVILEGES_TEXT]);

/* Whether KVM is a module of this kernel, whose types only CAP_SYS_ADMIN may read. */
bool privileges_kvm_is_module(void);

/*
 * What besides capabilities keeps this process from using BPF: lockdown, a user
 * namespace. Static, completes "because ..."; NULL where nothing is known.
 */
const char *privileges_obstacle(void);

/* Returns 0, or -EPERM with a sentence that names what is missing. */
int privileges_check(bool module);

/* What root that stays root may keep for a while. */
enum privileges_keep {
	PRIVILEGES_FILES = 1, /* to make files in others' folders, and give them away */
	PRIVILEGES_KILL = 2   /* to pass signals on to processes of other users */
};

/*
 * Once the probes are attached: becomes the invoking user for good, with no
 * capability. Root that nobody became by sudo stays root, with what `keep` says,
 * and may give up more later. Returns 0, or a negative errno with a sentence.
 */
int privileges_drop(unsigned int keep);

/*
 * In the child that becomes COMMAND: the invoking user, with his groups, home
 * and no more rights than he has. Root stays as it is. Returns 0 or a negative errno.
 */
int privileges_become_user(void);

#endif
