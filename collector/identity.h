/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose a vCPU is: the name of its VM, and the control group of its process. */
#ifndef COLLECTOR_IDENTITY_H
#define COLLECTOR_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

enum { VM_NAME_BYTES = 256, CGROUP_BYTES = 512 };

struct identity {
	char name[VM_NAME_BYTES];  /* never empty */
	char cgroup[CGROUP_BYTES]; /* path in the cgroup v2 hierarchy, "" where not known */
	bool sure;		   /* read while the process lived, else `name` is its command */
};

/* The identities met so far; all zero is empty. */
struct identities {
	struct identity_entry *entry; /* owned */
	size_t count;
};

/*
 * Asks systemd-machined, then the process's command line, then its command;
 * `command` is what is known already, "" for nothing: the name where the
 * process is gone.
 */
void identity_read(uint32_t pid, const char *command, struct identity *ret_identity);

/*
 * The same of the VM `vm` of process `pid`, asked once: a name outlives its
 * process. Valid until the next call; NULL without memory.
 */
const struct identity *identities_get(struct identities *identities, uint64_t vm, uint32_t pid,
				      const char *command);

/* Drops those that nobody has asked for since it was last called: their VMs are gone. */
void identities_forget(struct identities *identities);

void identities_release(struct identities *identities);

/*
 * The name that a command line gives: "-name NAME", "-name guest=NAME,...",
 * "--name=NAME"; as in QEMU the last one counts and ",," is a comma. `words`
 * holds `length` bytes, a NUL behind each word. False where it gives none.
 */
bool identity_from_words(const char *words, size_t length, char ret_name[VM_NAME_BYTES]);

/* Appends /proc/PID/NAME, 1 MiB at most. Returns 0, -ENOENT or -ENOMEM. No sentence. */
int process_file(uint32_t pid, const char *name, struct buffer *out);

/* The path of cgroup v2 in the text of /proc/PID/cgroup. False where there is none. */
bool identity_cgroup(const char *text, char ret_cgroup[CGROUP_BYTES]);

/*
 * machined's name, unless libvirt made it ("qemu-1-NAME", in which characters
 * may be missing) and the command line gives the whole one. "" stands for none.
 */
const char *identity_choose(const char *machine, const char *words_name, const char *command);

#endif
