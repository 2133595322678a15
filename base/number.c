/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/number.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const duration_units[] = { "ns", "us", "ms", "s" };

enum { DURATION_UNITS = sizeof(duration_units) / sizeof(duration_units[0]) };

int64_t number_divide(number_signed_wide part, number_wide whole)
{
	number_wide size = part < 0 ? -(number_wide)part : (number_wide)part, quotient;

	if (!whole)
		return 0;
	quotient = size / whole;
	if (size % whole >= whole - size % whole)
		quotient++;
	if (quotient > INT64_MAX)
		return part < 0 ? INT64_MIN : INT64_MAX;
	return part < 0 ? -(int64_t)quotient : (int64_t)quotient;
}

static uint64_t power_of_ten(unsigned int exponent)
{
	uint64_t power = 1;

	while (exponent--)
		power *= 10;
	return power;
}

/* Writes the digits with a comma before every third from the right. */
static char *group_digits(uint64_t number, char *out)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
	return out;
}

char *number_fixed(int64_t number, unsigned int decimals, char text[NUMBER_TEXT])
{
	uint64_t size = number < 0 ? -(uint64_t)number : (uint64_t)number;
	uint64_t scale = power_of_ten(decimals);
	char *out = text;

	if (number < 0)
		*out++ = '-';
	out = group_digits(size / scale, out);
	if (decimals)
		snprintf(out, NUMBER_TEXT - (size_t)(out - text), ".%0*llu", (int)decimals,
			 (unsigned long long)(size % scale));
	return text;
}

char *number_thousands(int64_t number, char text[NUMBER_TEXT])
{
	return number_fixed(number, 0, text);
}

char *number_percent(number_signed_wide part, number_wide whole, unsigned int decimals,
		     char text[NUMBER_TEXT])
{
	if (!whole)
		return strcpy(text, "-");
	return number_fixed(number_divide(part * 100 * power_of_ten(decimals), whole), decimals,
			    text);
}

/*
 * sum / count in units of 10^(3 * unit) ns, as a number of 10^-decimals. True
 * when it has at most `digits` digits, three of them before the point.
 */
static bool duration_fits(number_signed_wide sum_ns, uint64_t count, unsigned int unit,
			  unsigned int decimals, unsigned int digits, int64_t *ret_number)
{
	number_wide whole = (number_wide)count * power_of_ten(3 * unit);
	int64_t number = number_divide(sum_ns * power_of_ten(decimals), whole);
	uint64_t size = number < 0 ? -(uint64_t)number : (uint64_t)number;

	*ret_number = number;
	return size < power_of_ten(digits) && size < 1000 * power_of_ten(decimals);
}

static char *duration_text(int64_t number, unsigned int decimals, unsigned int unit,
			   char text[NUMBER_TEXT])
{
	char *end = text + strlen(number_fixed(number, decimals, text));

	snprintf(end, NUMBER_TEXT - (size_t)(end - text), " %s", duration_units[unit]);
	return text;
}

/* The smallest unit and the most decimals that fit; 999.96 us becomes "1.000 ms". */
char *number_duration(number_signed_wide sum_ns, uint64_t count, unsigned int digits,
		      char text[NUMBER_TEXT])
{
	int64_t number = 0;

	if (!count)
		return strcpy(text, "-");
	if (!sum_ns)
		return strcpy(text, "0 ns");
	for (unsigned int unit = 0; unit < DURATION_UNITS; unit++)
		for (unsigned int tried = unit || count > 1 ? 1 : digits; tried <= digits; tried++)
			if (duration_fits(sum_ns, count, unit, digits - tried, digits, &number))
				return duration_text(number, digits - tried, unit, text);
	return duration_text(number, 0, DURATION_UNITS - 1, text);
}
