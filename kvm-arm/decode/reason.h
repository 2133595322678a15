/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a record came about: what the guest did, in detail, and who handled it. */
#ifndef KVM_ARM_DECODE_REASON_H
#define KVM_ARM_DECODE_REASON_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/types.h>

#include "probes/exit_record.h"

enum reason_handled { REASON_EL2, REASON_KERNEL, REASON_USER };

enum { REASON_TEXT = 96 };

struct reason_class;

struct exit_reason {
	const struct reason_class *class; /* static */
	enum reason_handled handled;
	uint32_t syndrome; /* the bits of the ISS that tell reasons of the class apart */
	uint64_t number;   /* SMCCC function, address or code, whatever the class needs */
};

/* The reason of a record. Never fails: every exception class has a name. */
struct exit_reason reason_of(const struct exit_fixed *fixed);

/*
 * The reason of exits that EL2 finished alone. An `esr` of UINT64_MAX is that of
 * several causes; `code` is an exception code. What the guest's registers held
 * is not known: the function of an HVC, the address of an access.
 */
struct exit_reason reason_of_el2(uint64_t esr, uint8_t code);

/* That of exits that EL2 finished alone and whose cause the trace does not have. */
struct exit_reason reason_el2(void);

/* What found no place of its own in a table of the probes. */
struct exit_reason reason_others(void);

/* The reason without its detail, for everything beyond what a table holds. */
struct exit_reason reason_of_class(const struct exit_reason *reason);

/* Negative, 0 or positive: some order of all reasons, the same throughout a process. */
int reason_compare(const struct exit_reason *left, const struct exit_reason *right);

/* An access to an emulated device; its address is in `number`. */
bool reason_is_mmio(const struct exit_reason *reason);
bool reason_mmio_is_write(const struct exit_reason *reason);

/* A word for programs: "hvc", "sysreg", "mmio". Static. */
const char *reason_class_key(const struct exit_reason *reason);

/* "el2", "kernel" or "user". Static. */
const char *reason_handled_key(const struct exit_reason *reason);

/* "0x84000000 PSCI_VERSION", "CNTPCT_EL0 read", "0x9000000 write 4"; may be empty. */
char *reason_detail(const struct exit_reason *reason, char text[REASON_TEXT]);

/* The whole reason, for people: "HVC 0x84000000 PSCI_VERSION". */
char *reason_name(const struct exit_reason *reason, char text[REASON_TEXT]);

#endif
