/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each single operation took by the guest's own counter, handed to the VMM:
 * see PLATFORM_UART_SAMPLES. Shared by the guest and the VMM.
 */
#ifndef GUEST_SAMPLES_H
#define GUEST_SAMPLES_H

#include <stdint.h>

enum { SAMPLES_NAME_SIZE = 16, SAMPLES_MOST = 512 };

struct sample {
	uint64_t begin, end; /* CNTVCT_EL0 before and after */
};

struct samples {
	char operation[SAMPLES_NAME_SIZE]; /* its name, with a NUL */
	uint64_t count;			   /* of the rows in use */
	struct sample rows[SAMPLES_MOST];
};

struct operation;

/* Runs an operation with samples `count` times and hands them over, many at a time. */
void samples_take(const struct operation *operation, uint64_t count);

#endif
