/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a library can be preloaded into COMMAND. */
#ifndef COLLECTOR_VMM_COMMAND_H
#define COLLECTOR_VMM_COMMAND_H

/*
 * Returns NULL, or what in the program stands against it, to follow its name:
 * "is a static program". Static. `name` is looked for as execvp() does; a script,
 * or what cannot be read, is not judged.
 */
const char *vmm_command_obstacle(const char *name);

#endif
