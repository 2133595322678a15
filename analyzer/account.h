/* SPDX-License-Identifier: GPL-2.0-only */
/* The accounts that time is booked to, their groups and their names. */
#ifndef ANALYZER_ACCOUNT_H
#define ANALYZER_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/reader.h"
#include "probes/stage_group.h"

enum { ACCOUNT_KEY = 64, ACCOUNT_TEXT = 80, ACCOUNT_NONE = 255 };

/*
 * Six are no stages: guest, el2_only, kernel of I/O emulation, blocked,
 * switch_fp_trap, vector_eret; nor are the parts of io_user.
 */
enum { ACCOUNTS_MAX = EXIT_STAGES_MAX + 6 + VMM_PARTS };

struct account {
	enum account_group group;
	char key[ACCOUNT_KEY];
};

/* The accounts of one trace; those of a group in the order of their first stage. */
struct account_table {
	size_t count;
	struct account account[ACCOUNTS_MAX];
	uint8_t of_stage[EXIT_STAGES_MAX]; /* account by stage number */
	uint8_t guest, io_kernel, blocked;
	uint8_t el2_only;    /* ACCOUNT_NONE where the tier does not see EL2, as the next one */
	uint8_t fp_trap;     /* FP traps that EL2 finished alone: the lazy switch of FP state */
	uint8_t vector_eret; /* ACCOUNT_NONE where it would not be in the trace's unit */
	uint8_t tracing; /* the tool's own cost, ACCOUNT_NONE where the kernel does not stamp it */
	uint8_t user_part[VMM_PARTS]; /* where the VMM's side is joined, else ACCOUNT_NONE */
	int stage_user;		      /* number of io_user, -1 where the kernel does not stamp it */
	int stage_handler;	 /* number of th_handler, -1 where the kernel does not stamp it */
	struct stage_set pseudo; /* stages that were taken out of others, not stamped */
};

/* Whose state an account of save and restore moves, and when. */
enum account_column {
	COLUMN_SAVE_HOST,
	COLUMN_RESTORE_GUEST,
	COLUMN_SAVE_GUEST,
	COLUMN_RESTORE_HOST,
	COLUMN_EXIT, /* none of these, but at each exit: the transit */
	COLUMN_LOAD, /* in vcpu_load() and vcpu_put(), round KVM_RUN */
	COLUMN_PUT,
	ACCOUNT_COLUMNS
};

/* A register class: "el1" of save_el1_guest; the whole key for an account of no class. */
struct account_class {
	enum account_column column;
	bool is_class;
	char key[ACCOUNT_KEY];
};

/* What an account of save and restore is about. */
struct account_class account_class(const char *key);

/* "EL1 system", for a narrow column; the key where no other name is known. */
const char *account_class_label(const char *key);

/* "save host". Static. */
const char *account_column_label(enum account_column column);
const char *account_column_key(enum account_column column);

/* The stages that were taken out of others, not stamped. */
struct stage_set account_pauses(const struct reader_facts *facts);

/* "leaving", "work": a part of the way through user space, for programs. Static. */
const char *account_user_part_key(enum vmm_part part);

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
