/* SPDX-License-Identifier: GPL-2.0-only */
/* What the decoders of reasons share among themselves. */
#ifndef KVM_ARM_DECODE_REASON_CLASS_H
#define KVM_ARM_DECODE_REASON_CLASS_H

#include "kvm-arm/decode/reason.h"

struct reason_class {
	const char *key;   /* NULL: that of the ESR's class */
	const char *label; /* NULL: that of the ESR's class; "" where the detail says it all */
	char *(*detail)(const struct exit_reason *reason, char text[REASON_TEXT]); /* or NULL */
};

/* An access to an emulated device: `number` is its address, `syndrome` as an ESR has it. */
extern const struct reason_class reason_class_mmio;

/* ISV, SAS and WnR of a data abort's ISS, for an access of `width` bytes; 0: not known. */
uint32_t reason_mmio_syndrome(unsigned int width, bool is_write);

#endif
