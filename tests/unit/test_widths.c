/* SPDX-License-Identifier: GPL-2.0-only */
/* Packed integers, and how many bits values need. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "collector/bits.h"
#include "collector/widths.h"

static void bits_fill_bytes_from_the_lowest(void **state)
{
	uint8_t bytes[12];
	struct bit_writer writer = { .to = bytes };

	(void)state;
	memset(bytes, 0xaa, sizeof(bytes));
	bits_put(&writer, 1, 1);
	bits_put(&writer, 5, 3);
	bits_put(&writer, 0, 0);
	bits_put(&writer, 0x123, 12); /* 0x3b, 0x12 so far */
	bits_put(&writer, UINT64_C(0x1fedcba98765432), 57);
	bits_put(&writer, 3, 2);
	bits_end(&writer);
	assert_memory_equal(bytes, "\x3b\x12\x32\x54\x76\x98\xba\xdc\xfe\x07\xaa\xaa", 12);
}

/* Behind 1 bit, behind 63 bits and behind none. */
static void long_ones_begin_with_a_byte(void **state)
{
	uint8_t bytes[33];
	struct bit_writer writer = { .to = bytes };

	(void)state;
	memset(bytes, 0xaa, sizeof(bytes));
	bits_put(&writer, 1, 1);
	bits_put(&writer, UINT64_C(0x8070605040302010), 64);
	bits_put(&writer, 0, 50);
	bits_put(&writer, 1, 5);
	bits_put(&writer, UINT64_C(0x8877665544332211), 64);
	bits_put(&writer, UINT64_MAX, 64);
	bits_end(&writer);
	assert_memory_equal(bytes,
			    "\1\x10\x20\x30\x40\x50\x60\x70\x80\0\0\0\0\0\0\4"
			    "\x11\x22\x33\x44\x55\x66\x77\x88\xff\xff\xff\xff\xff\xff\xff\xff\xaa",
			    33);
	assert_int_equal(bits_wanted(57), 57);
	assert_int_equal(bits_wanted(58), 64);
	assert_int_equal(bits_begin(9, 57), 9);
	assert_int_equal(bits_begin(9, 64), 16);
	assert_int_equal(bits_begin(16, 64), 16);
}

static void whole_words(void **state)
{
	uint8_t bytes[17];
	struct bit_writer writer = { .to = bytes };

	(void)state;
	memset(bytes, 0xaa, sizeof(bytes));
	bits_put(&writer, UINT64_MAX, 64);
	bits_put(&writer, 1, 32);
	bits_put(&writer, 2, 32);
	bits_end(&writer);
	assert_memory_equal(bytes, "\xff\xff\xff\xff\xff\xff\xff\xff\1\0\0\0\2\0\0\0\xaa", 17);
}

static void bits_of_values(void **state)
{
	(void)state;
	assert_int_equal(bits_needed(0), 0);
	assert_int_equal(bits_needed(1), 1);
	assert_int_equal(bits_needed(255), 8);
	assert_int_equal(bits_needed(256), 9);
	assert_int_equal(bits_needed(UINT64_MAX), 64);
}

/* 10 records: of the first field 8 need 3 bits, one 10, one 64; of the second none any. */
static void all_records_but_some(void **state)
{
	static const uint64_t first[10] = { 4, 5, 6, 7, 4, 5, 6, 7, 1000, UINT64_MAX };
	struct widths widths;

	(void)state;
	assert_int_equal(widths_init(&widths, 2), 0);
	for (size_t i = 0; i < ARRAY_SIZE(first); i++) {
		widths_count(&widths, (const uint64_t[]){ first[i], 0 });
		widths_meet(&widths, (const uint64_t[]){ first[i], 0 });
	}
	assert_int_equal(widths.records, 10);
	assert_int_equal(widths_bits(&widths, 0, 0), 64);
	assert_int_equal(widths_bits(&widths, 0, 1), 10);
	assert_int_equal(widths_bits(&widths, 0, 2), 3);
	assert_int_equal(widths_bits(&widths, 0, 9), 3);
	assert_int_equal(widths_bits(&widths, 0, 10), 0);
	assert_int_equal(widths_bits(&widths, 1, 0), 0);
	assert_int_equal(widths_most(&widths, 0), 64);
	assert_int_equal(widths_most(&widths, 1), 0);
	widths_age(&widths); /* what happened once counts no more, but is still known of */
	assert_int_equal(widths.records, 5);
	assert_int_equal(widths_bits(&widths, 0, 0), 3);
	assert_int_equal(widths_most(&widths, 0), 64);
	widths_meet(&widths, (const uint64_t[]){ 9, 0 });
	widths_age(&widths);
	assert_int_equal(widths_most(&widths, 0), 4);
	widths_release(&widths);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_fill_bytes_from_the_lowest),
		cmocka_unit_test(long_ones_begin_with_a_byte),
		cmocka_unit_test(whole_words),
		cmocka_unit_test(bits_of_values),
		cmocka_unit_test(all_records_but_some),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
