/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/units.h"

#include <string.h>

enum { NS_PER_S = 1000000000, LARGEST_WITH_TENTHS = 10000 };

int64_t units_whole(const struct units *units, unsigned __int128 ticks)
{
	uint64_t seconds, rest;

	if (units->kind == UNITS_TICKS || units->hz == NS_PER_S)
		return ticks > INT64_MAX ? INT64_MAX : (int64_t)ticks;
	if (ticks / units->hz >= INT64_MAX / NS_PER_S)
		return INT64_MAX;
	seconds = (uint64_t)(ticks / units->hz);
	rest = (uint64_t)(ticks % units->hz);
	return (int64_t)(seconds * NS_PER_S +
			 (uint64_t)((unsigned __int128)rest * NS_PER_S / units->hz));
}

int64_t units_from_ns(const struct units *units, uint64_t ns)
{
	if (units->kind == UNITS_TICKS)
		return number_divide((number_signed_wide)ns * units->hz, NS_PER_S);
	return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

/* A count has no unit to change: its tenths go when there are digits enough. */
static char *print_count(int64_t sum, uint64_t count, char text[NUMBER_TEXT])
{
	int64_t whole = number_divide(sum, count);

	if (count == 1 || whole >= LARGEST_WITH_TENTHS || whole <= -LARGEST_WITH_TENTHS)
		return number_thousands(whole, text);
	return number_fixed(number_divide((number_signed_wide)sum * 10, count), 1, text);
}

static char *print_part(int64_t sum, number_wide whole, char text[NUMBER_TEXT])
{
	number_percent(sum, whole, 1, text);
	return whole ? strcat(text, " %") : text;
}

void units_in_percent(struct units *units, int64_t wall, uint64_t exits)
{
	units->kind = UNITS_PERCENT;
	units->wall = wall > 0 ? wall : 0;
	units->mean = number_divide(units->wall, exits);
}

char *units_print_sum(const struct units *units, int64_t sum, char text[NUMBER_TEXT])
{
	if (units->kind == UNITS_PERCENT)
		return print_part(sum, (number_wide)units->wall, text);
	return units_print(units, sum, 1, 4, text);
}

char *units_print(const struct units *units, int64_t sum, uint64_t count, unsigned int digits,
		  char text[NUMBER_TEXT])
{
	if (!count)
		return strcpy(text, "-");
	if (units->kind == UNITS_PERCENT)
		return print_part(sum, (number_wide)count * (number_wide)units->mean, text);
	if (units->kind != UNITS_NS)
		return print_count(sum, count, text);
	return number_duration(sum, count, digits, text);
}

const char *units_title(const struct units *units)
{
	static const char *const titles[] = {
		[UNITS_NS] = "time",
		[UNITS_INSTRUCTIONS] = "instructions",
		[UNITS_TICKS] = "ticks",
		[UNITS_PERCENT] = "%",
	};

	return titles[units->kind];
}
