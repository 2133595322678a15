/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/widths.h"

#include <errno.h>
#include <stdlib.h>

#include "collector/bits.h"

int widths_init(struct widths *widths, unsigned int fields)
{
	*widths = (struct widths){ .fields = fields,
				   .seen = calloc(fields, sizeof(*widths->seen)),
				   .any = calloc(fields, sizeof(*widths->any)) };
	if (widths->seen && widths->any)
		return 0;
	widths_release(widths);
	return -ENOMEM;
}

void widths_count(struct widths *widths, const uint64_t *value)
{
	for (unsigned int i = 0; i < widths->fields; i++)
		widths->seen[i][bits_needed(value[i])]++;
	widths->records++;
}

void widths_meet(struct widths *widths, const uint64_t *value)
{
	for (unsigned int i = 0; i < widths->fields; i++)
		widths->any[i][0] |= value[i];
}

unsigned int widths_most(const struct widths *widths, unsigned int field)
{
	return bits_needed(widths->any[field][0] | widths->any[field][1]);
}

unsigned int widths_bits(const struct widths *widths, unsigned int field, uint32_t but)
{
	unsigned int bits = WIDTHS - 1;
	uint32_t more = widths->seen[field][bits];

	while (bits > 0 && more <= but)
		more += widths->seen[field][--bits];
	return more <= but ? 0 : bits;
}

void widths_age(struct widths *widths)
{
	for (unsigned int i = 0; i < widths->fields; i++) {
		for (unsigned int bits = 0; bits < WIDTHS; bits++)
			widths->seen[i][bits] /= 2;
		widths->any[i][1] = widths->any[i][0];
		widths->any[i][0] = 0;
	}
	widths->records /= 2;
}

void widths_release(struct widths *widths)
{
	free(widths->seen);
	free(widths->any);
	*widths = (struct widths){ 0 };
}
