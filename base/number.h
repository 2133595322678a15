/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers as people read them, made from integers: number_divide() is the one
 * place that rounds.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

typedef unsigned __int128 number_wide;
typedef __int128 number_signed_wide;

/* Room for any text that the functions below make. */
enum { NUMBER_TEXT = 64 };

/*
 * part / whole rounded to a whole number, half away from zero (half up, for
 * what is not negative). 0 for a whole of 0; beyond 64 bits, the outermost
 * value.
 */
int64_t number_divide(number_signed_wide part, number_wide whole);

/* 1234567 as "1,234,567". Each of these returns `text`. */
char *number_thousands(int64_t number, char text[NUMBER_TEXT]);

/* A number of 10^-decimals: 12345 with 2 decimals as "123.45". */
char *number_fixed(int64_t number, unsigned int decimals, char text[NUMBER_TEXT]);

/*
 * part / whole in per cent with `decimals` decimals, "12.3"; no sign of per
 * cent. "-" for a whole of 0.
 */
char *number_percent(number_signed_wide part, number_wide whole, unsigned int decimals,
		     char text[NUMBER_TEXT]);

/*
 * sum_ns / count as a time with its unit: `digits` (3 or 4) significant digits
 * and ns, us, ms or s: "876 ns", "1.234 us", "56.78 ms", "9,876 s". With a
 * count of 1 the value is a whole number of ns and shows no fraction of them.
 * "-" for a count of 0.
 */
char *number_duration(number_signed_wide sum_ns, uint64_t count, unsigned int digits,
		      char text[NUMBER_TEXT]);

#endif
