/* SPDX-License-Identifier: GPL-2.0-only */
/* The groups that accounts roll up into. Shared by BPF programs and those who read. */
#ifndef PROBES_STAGE_GROUP_H
#define PROBES_STAGE_GROUP_H

/* In the order of every report; what is unattributed comes after them. */
enum account_group {
	GROUP_GUEST,
	GROUP_SAVE_RESTORE,
	GROUP_TRAP_HANDLING,
	GROUP_IO_EMULATION,
	GROUP_INTERRUPT_DELIVERY,
	GROUP_HOST,
	GROUPS
};

#ifndef __bpf__

#include <string.h>

/*
 * How long the first word of a stage's name is, which says what group it belongs to; 0, and
 * the group as it was, where it is none of these.
 */
static inline size_t stage_group_word(const char *stage, enum account_group *ret_group)
{
	static const struct {
		const char *word;
		enum account_group group;
	} words[] = {
		{ "sr", GROUP_SAVE_RESTORE }, { "th", GROUP_TRAP_HANDLING },
		{ "io", GROUP_IO_EMULATION }, { "id", GROUP_INTERRUPT_DELIVERY },
		{ "host", GROUP_HOST },
	};
	size_t length = strcspn(stage, "_");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].word) == length && !strncmp(words[i].word, stage, length)) {
			*ret_group = words[i].group;
			return length;
		}
	return 0;
}

#endif

#endif
