/* SPDX-License-Identifier: GPL-2.0-only */
/* How many bits the values of some fields need: a histogram of each field. */
#ifndef COLLECTOR_WIDTHS_H
#define COLLECTOR_WIDTHS_H

#include <stdint.h>

enum { WIDTHS = 65 /* 0 to 64 bits */ };

struct widths {
	unsigned int fields;
	uint32_t records;
	uint32_t (*seen)[WIDTHS]; /* of each field, records by bits; owned */
	uint64_t (*any)[2];	  /* of each field, all its values' bits, and those before; owned */
};

/* Returns 0 or -ENOMEM. */
int widths_init(struct widths *widths, unsigned int fields);

/* Adds a record's values to the histograms. */
void widths_count(struct widths *widths, const uint64_t *value);

/* Has widths_most() know of a record's values. */
void widths_meet(struct widths *widths, const uint64_t *value);

/* As many bits as all records need in the field but `but`, at least. */
unsigned int widths_bits(const struct widths *widths, unsigned int field, uint32_t but);

/* As many bits as no record has needed more, since widths_age() was called last but one. */
unsigned int widths_most(const struct widths *widths, unsigned int field);

/* What was counted so far counts half from now on. */
void widths_age(struct widths *widths);

void widths_release(struct widths *widths);

#endif
