/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `record --vmm`: an LTTng session beside the recording, in which the VMM tells
 * when it works for a vCPU (probes/ust/). A recording never fails for the lack of
 * it: what stands against it is a sentence, kept here and in the trace.
 */
#ifndef COLLECTOR_VMM_SIDE_H
#define COLLECTOR_VMM_SIDE_H

#include <stdbool.h>
#include <sys/types.h>

#include "collector/target.h"

/* What the trace says of the VMM's side where it has one. */
#define VMM_SIDE_RECORDED "lttng-ust"

/* The folder of its trace, in the trace's directory. */
#define VMM_SIDE_FOLDER "ust"

enum { VMM_SIDE_VARIABLES = 4 };

struct vmm_side_user {
	uid_t uid;
	gid_t gid;
};

struct vmm_side {
	char *reason; /* why there is none; NULL where there is, or none is wanted */
	char *home;   /* LTTNG_HOME of the session */
	char *folder; /* where its trace is: beside the recording's directory, then in it */
	struct vmm_side_user user; /* of the session */
	pid_t session;
	int control_fd;				   /* closing it ends the session; -1 without one */
	int words_fd;				   /* what the session says; -1 without one */
	char *environment[VMM_SIDE_VARIABLES + 1]; /* of COMMAND, "NAME=value"; NULL ends it */
};

#define VMM_SIDE_NONE ((struct vmm_side){ .control_fd = -1, .words_fd = -1 })

/*
 * The folder with the session's program and what COMMAND preloads: hyptrace's own, or
 * libdir/hyptrace; the caller frees it. NULL where neither has the program.
 */
char *vmm_side_files(void);

/*
 * Starts the session for what is to be recorded in `directory`, which need not
 * be there yet. Returns 0 with a session or a reason, or -ENOMEM.
 */
int vmm_side_open(struct vmm_side *side, const char *directory,
		  const struct target_options *target);

/* Whether COMMAND can be told apart from its kernel's side: a session runs. */
bool vmm_side_is_open(const struct vmm_side *side);

/*
 * For the trace's environment: VMM_SIDE_RECORDED; the reason why there is none;
 * "" where none is wanted. Owned by the side, or static.
 */
const char *vmm_side_text(const struct vmm_side *side);

/* Moves the session's trace into the directory. Returns 0, or a negative errno with a sentence. */
int vmm_side_place(struct vmm_side *side, const char *directory);

/*
 * Ends the session; its trace is complete then and belongs to the directory's
 * owner. Returns false where its daemon ended on its own before. Harmless when
 * there is none.
 */
bool vmm_side_end(struct vmm_side *side);

/* Ends it and removes its trace. */
void vmm_side_remove(struct vmm_side *side);

/* Ends it, keeps a trace that was moved into its directory, frees the rest. */
void vmm_side_release(struct vmm_side *side);

#endif
