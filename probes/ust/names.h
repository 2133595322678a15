/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the VMM's side know each other by. */
#ifndef PROBES_UST_NAMES_H
#define PROBES_UST_NAMES_H

/* LTTng's provider, and its event of one stay in the VMM. */
#define UST_PROVIDER "hyptrace_vmm"
#define UST_EVENT_STAY "stay"

/* Beside each other, wherever hyptrace finds them. */
#define UST_PRELOAD_FILE "hyptrace-preload.so"
#define UST_PROVIDER_FILE "hyptrace-ust.so"
#define UST_SESSION_FILE "hyptrace-ust-session"

/* In the environment of COMMAND: the provider's file, absolute. */
#define UST_PROVIDER_VARIABLE "HYPTRACE_UST_PROVIDER"

/* In LTTNG_HOME: once it is there, a kill of lttng-sessiond costs no event before it. */
#define UST_SAFE_FILE "safe"

/* The session's words to the recorder, a line each; UST_SAYS_NO is followed by a reason. */
#define UST_SAYS_READY "ready"
#define UST_SAYS_GONE "gone"
#define UST_SAYS_NO "no "

/* The session's descriptors: the recorder's end ends it, the trace goes to the folder. */
enum { UST_CONTROL_FD = 0, UST_FOLDER_FD = 3 };

#endif
