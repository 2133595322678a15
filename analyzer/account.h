/* SPDX-License-Identifier: GPL-2.0-only */
/* The accounts that time is booked to, their groups and their names. */
#ifndef ANALYZER_ACCOUNT_H
#define ANALYZER_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/reader.h"

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

enum { ACCOUNT_KEY = 64, ACCOUNT_TEXT = 80, ACCOUNT_NONE = 255 };

/* Four are no stages: guest, el2_only, kernel of I/O emulation, blocked. */
enum { ACCOUNTS_MAX = EXIT_STAGES_MAX + 4 };

struct account {
	enum account_group group;
	char key[ACCOUNT_KEY];
};

/* The accounts of one trace; those of a group in the order of their first stage. */
struct account_table {
	size_t count;
	struct account account[ACCOUNTS_MAX];
	uint8_t of_stage[EXIT_STAGES_MAX]; /* account by stage number */
	uint8_t guest, el2_only, io_kernel, blocked;
	uint8_t tracing; /* the tool's own cost, ACCOUNT_NONE where the kernel does not stamp it */
	int stage_handler; /* number of th_handler, -1 where the kernel does not stamp it */
};

/* Makes the accounts out of the names of the stages. */
void account_table_init(struct account_table *table, const struct reader_facts *facts);

/* The number of the account, or ACCOUNT_NONE. */
uint8_t account_find(const struct account_table *table, enum account_group group, const char *key);

/* "save_restore" and "Save and restore". Static. */
const char *account_group_key(enum account_group group);
const char *account_group_label(enum account_group group);

/* "EL1 system registers, guest: save"; the key where no other name is known. Returns `text`. */
char *account_label(const struct account *account, char text[ACCOUNT_TEXT]);

#endif
