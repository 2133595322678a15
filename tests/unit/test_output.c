/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory of a flight, names of parts, and what is between two readings; by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "collector/flight.h"
#include "collector/parts.h"
#include "collector/totals.h"

struct walk {
	char text[64];
};

static int append(void *context, const struct flight_entry *entry, const void *bytes)
{
	struct walk *walk = context;

	snprintf(walk->text + strlen(walk->text), sizeof(walk->text) - strlen(walk->text),
		 "%u%.*s ", entry->cpu, (int)entry->size, (const char *)bytes);
	return 0;
}

static void keep(struct flight *flight, uint32_t cpu, const char *text)
{
	const struct flight_entry entry = { cpu, (uint32_t)strlen(text), 0 };

	flight_keep(flight, &entry, text);
}

static void assert_kept(const struct flight *flight, const char *text)
{
	struct walk walk = { "" };

	assert_int_equal(flight_walk(flight, append, &walk), 0);
	assert_string_equal(walk.text, text);
}

/* An entry has 16 bytes before it: of 64 bytes, three of 5 fit (63), and not a fourth. */
static void the_oldest_go(void **state)
{
	struct flight flight;

	(void)state;
	assert_int_equal(flight_init(&flight, 64), 0);
	assert_kept(&flight, "");
	keep(&flight, 0, "aaaaa");
	keep(&flight, 1, "bbbbb");
	keep(&flight, 0, "ccccc");
	assert_kept(&flight, "0aaaaa 1bbbbb 0ccccc ");
	keep(&flight, 2, "ddddd"); /* across the end */
	assert_kept(&flight, "1bbbbb 0ccccc 2ddddd ");
	keep(&flight, 3, "eeeeeeeeeeeeeeeeeeeee"); /* 37 bytes: two must go */
	assert_kept(&flight, "2ddddd 3eeeeeeeeeeeeeeeeeeeee ");
	assert_int_equal(flight.dropped, 3);
	assert_int_equal(flight.kept, 2);
	flight_release(&flight);
}

static void what_never_fits_is_dropped(void **state)
{
	struct flight flight;

	(void)state;
	assert_int_equal(flight_init(&flight, 32), 0);
	keep(&flight, 0, "a");
	keep(&flight, 0, "0123456789abcdefg"); /* 33 bytes */
	assert_kept(&flight, "0a ");
	keep(&flight, 0, "0123456789abcdef");
	assert_kept(&flight, "00123456789abcdef ");
	flight_release(&flight);
}

static int stop(void *context, const struct flight_entry *entry, const void *bytes)
{
	return ++*(int *)context == 2 ? -5 : 0;
}

static void a_failed_visit_ends_the_walk(void **state)
{
	struct flight flight;
	int visits = 0;

	(void)state;
	assert_int_equal(flight_init(&flight, 64), 0);
	keep(&flight, 0, "a");
	keep(&flight, 0, "b");
	keep(&flight, 0, "c");
	assert_int_equal(flight_walk(&flight, stop, &visits), -5);
	assert_int_equal(visits, 2);
	flight_release(&flight);
}

static void make_part(const struct parts *parts, unsigned int number)
{
	_cleanup_free_ char *path = parts_path(parts, number, false);
	_cleanup_free_ char *metadata = NULL;

	assert_int_equal(mkdir(path, 0700), 0);
	metadata = format_text("%s/metadata", path);
	fclose(fopen(metadata, "w"));
}

static bool has_part(const struct parts *parts, unsigned int number)
{
	_cleanup_free_ char *path = parts_path(parts, number, false);

	return access(path, F_OK) == 0;
}

static void the_oldest_parts_go(void **state)
{
	char directory[] = "parts-XXXXXX";
	struct parts parts;

	(void)state;
	assert_non_null(mkdtemp(directory));
	rmdir(directory);
	assert_int_equal(parts_create(&parts, directory, "part", 2), 0);
	for (unsigned int i = 1; i <= 4; i++) {
		assert_int_equal(parts_make_room(&parts), 0);
		make_part(&parts, i);
		parts.next++;
	}
	assert_false(has_part(&parts, 1));
	assert_false(has_part(&parts, 2));
	assert_true(has_part(&parts, 3));
	assert_true(has_part(&parts, 4));
	parts.keep = 1;
	assert_int_equal(parts_make_room(&parts), 0);
	parts_remove(&parts);
	assert_int_equal(access(directory, F_OK), -1);
}

/* vCPU 0 had 3 exits until 100 and 5 until 180; vCPU 1 nothing since; vCPU 2 is new. */
static void totals_between_two_readings(void **state)
{
	struct totals_vcpu *before = calloc(2, sizeof(*before)), *now = calloc(3, sizeof(*now));
	const struct totals first = { .vcpu = before, .count = 2 };
	const struct totals second = { .vcpu = now, .count = 3 };
	struct totals since;

	(void)state;
	before[0].begin = 20;
	before[0].end = 100;
	before[0].kinds[EXIT_KIND_EXIT] = 3;
	before[0].stage[7] = 11;
	before[0].reason[5].count = 3;
	before[0].reason[5].ticks = 60;
	before[1].kinds[EXIT_KIND_EXIT] = 9;
	before[1].index = 1;
	memcpy(now, before, 2 * sizeof(*now));
	now[0].end = 180;
	now[0].kinds[EXIT_KIND_EXIT] = 5;
	now[0].stage[7] = 31;
	now[0].reason[5].count = 5;
	now[0].reason[5].ticks = 90;
	now[2].index = 2;
	now[2].begin = 130;
	now[2].end = 140;
	now[2].kinds[EXIT_KIND_START] = 1;
	assert_int_equal(totals_difference(&second, &first, &since), 0);
	assert_int_equal(since.count, 2);
	assert_int_equal(since.vcpu[0].begin, 100);
	assert_int_equal(since.vcpu[0].end, 180);
	assert_int_equal(since.vcpu[0].kinds[EXIT_KIND_EXIT], 2);
	assert_int_equal(since.vcpu[0].stage[7], 20);
	assert_int_equal(since.vcpu[0].reason[5].count, 2);
	assert_int_equal(since.vcpu[0].reason[5].ticks, 30);
	assert_int_equal(since.vcpu[1].begin, 130);
	totals_release(&since);
	free(before);
	free(now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_go),
		cmocka_unit_test(what_never_fits_is_dropped),
		cmocka_unit_test(a_failed_visit_ends_the_walk),
		cmocka_unit_test(the_oldest_parts_go),
		cmocka_unit_test(totals_between_two_readings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
