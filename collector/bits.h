/* SPDX-License-Identifier: GPL-2.0-only */
/* Integers of any number of bits one behind the other, as CTF packs them. */
#ifndef COLLECTOR_BITS_H
#define COLLECTOR_BITS_H

#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "CTF fills a byte from its lowest bit in this byte order alone");

/*
 * babeltrace2 reads 0 in place of an integer whose bits lie in 9 bytes (2.0.4): one of
 * more bits than these has 64 and begins with a byte.
 */
enum { BITS_ANYWHERE = 57 };

/* How many bits an integer gets that needs so many. */
static inline unsigned int bits_wanted(unsigned int bits)
{
	return bits > BITS_ANYWHERE ? 64 : bits;
}

/* Where an integer of so many bits begins behind the bit `end`. */
static inline unsigned int bits_begin(unsigned int end, unsigned int bits)
{
	return bits > BITS_ANYWHERE ? (end + 7) / 8 * 8 : end;
}

/* Begins with `to`, all else 0. */
struct bit_writer {
	uint8_t *to;
	uint64_t word;	   /* what is not written yet */
	unsigned int used; /* bits of it, below 64 */
};

/* Adds `value`, which has no more than `bits` bits: 0 to BITS_ANYWHERE, or 64. */
static inline void bits_put(struct bit_writer *writer, uint64_t value, unsigned int bits)
{
	unsigned int used = bits_begin(writer->used, bits);

	if (used == 64) {
		memcpy(writer->to, &writer->word, 8);
		writer->to += 8;
		writer->word = 0;
		used = 0;
	}
	writer->word |= value << used;
	writer->used = used + bits;
	if (writer->used < 64)
		return;
	memcpy(writer->to, &writer->word, 8);
	writer->to += 8;
	writer->word = used ? value >> (64 - used) : 0;
	writer->used -= 64;
}

/* Writes the last bytes; what is left of the last one is 0. */
static inline void bits_end(struct bit_writer *writer)
{
	memcpy(writer->to, &writer->word, (writer->used + 7) / 8);
}

/* How many bits the value needs, 0 for 0. */
static inline unsigned int bits_needed(uint64_t value)
{
	return value ? 64 - (unsigned int)__builtin_clzll(value) : 0;
}

#endif
