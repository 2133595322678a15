/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the benchmark guest that run anywhere; expected values by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kvm-arm/guest/fdt.h"
#include "kvm-arm/guest/operation.h"
#include "kvm-arm/guest/plan.h"
#include "kvm-arm/guest/text.h"

const struct operation operations[] = {
	{ .name = "first", .help = "one" },
	{ .name = "second", .help = "two" },
	{ .name = "sleep", .help = "three", .sleeps = true },
	{ 0 },
};

static const char *shown(struct text *text)
{
	text->bytes[text->length] = '\0';
	return text->bytes;
}

static void quotients_have_two_decimals(void **state)
{
	static const struct {
		uint64_t dividend, divisor;
		const char *text;
	} rows[] = {
		{ 0, 7, "0.00" },
		{ 5, 2, "2.50" },
		{ 1, 3, "0.33" },
		{ 2, 3, "0.67" },
		{ 199, 200, "1.00" }, /* 0.995 */
		{ 994, 1000, "0.99" },
		{ 123456, 10000, "12.35" }, /* 12.3456 */
		{ 18446744073709551615u, 1, "18446744073709551615.00" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text text = { .length = 0 };

		text_add_quotient(&text, rows[i].dividend, rows[i].divisor);
		assert_string_equal(shown(&text), rows[i].text);
	}
}

static void pairs_and_bases(void **state)
{
	struct text text = { .length = 0 };

	(void)state;
	text_add_pair(&text, "a", 0);
	text_add_pair(&text, "b", 10);
	text_add(&text, "\n");
	text_add_pair(&text, "c", 7);
	text_add(&text, " ");
	text_add_hex(&text, 0xdeadbeef10);
	assert_string_equal(shown(&text), "a=0 b=10\nc=7 0xdeadbeef10");
}

static void text_stops_at_its_size(void **state)
{
	struct text text = { .length = sizeof(text.bytes) - 1 };

	(void)state;
	text_add(&text, "xyz");
	assert_int_equal(text.length, sizeof(text.bytes));
	assert_int_equal(text.bytes[sizeof(text.bytes) - 1], 'x');
}

static void numbers_are_whole_and_small(void **state)
{
	uint64_t number = 5;

	(void)state;
	assert_true(text_number("4294967295", 10, &number));
	assert_int_equal(number, 4294967295);
	assert_true(text_number("12x", 2, &number));
	assert_int_equal(number, 12);
	assert_false(text_number("4294967296", 10, &number));
	assert_false(text_number("99999999999999999999", 20, &number));
	assert_false(text_number("", 0, &number));
	assert_false(text_number("-1", 2, &number));
	assert_int_equal(number, 12);
}

static void plan_keeps_the_order(void **state)
{
	struct text text = { .length = 0 };
	struct plan plan;

	(void)state;
	assert_int_equal(plan_parse(&plan, " second=3  wfi_us=70 first=0 second=9", &text), 0);
	assert_int_equal(plan.nsteps, 3);
	assert_ptr_equal(plan.steps[0].operation, &operations[1]);
	assert_ptr_equal(plan.steps[1].operation, &operations[0]);
	assert_ptr_equal(plan.steps[2].operation, &operations[1]);
	assert_int_equal(plan.steps[0].count, 3);
	assert_int_equal(plan.steps[2].count, 9);
	assert_int_equal(plan.wfi_us, 70);
	assert_int_equal(text.length, 0);
	assert_int_equal(plan_parse(&plan, "", &text), 0);
	assert_int_equal(plan.wfi_us, PLAN_WFI_US);
}

static void plan_names_the_bad_word(void **state)
{
	static const char *const bad[] = { "first",    "first=",    "third=1",	"firs=1",
					   "first=1x", "=1",	    "wfi_us=9", "debug=2",
					   "sgi=17",   "samples=2", "fp=" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct text text = { .length = 0 };
		struct plan plan;
		char words[64];

		strcpy(words, "second=1 ");
		strcat(words, bad[i]);
		strcat(words, " first=2");
		assert_int_equal(plan_parse(&plan, words, &text), -1);
		strcpy(words, "'");
		strcat(words, bad[i]);
		strcat(words, "'");
		assert_non_null(strstr(shown(&text), words));
	}
}

static void settings_have_their_place(void **state)
{
	struct text text = { .length = 0 };
	struct plan plan;

	(void)state;
	assert_int_equal(plan_parse(&plan, "debug=1 sgi=4 first=2 samples=1 ptrauth=1", &text), 0);
	assert_int_equal(plan.debug, 1);
	assert_int_equal(plan.sgi, 4);
	assert_int_equal(plan.samples, 1);
	assert_int_equal(plan.ptrauth, 1);
	assert_int_equal(plan.fp, 0);
	assert_int_equal(plan.pmu, 0);
	assert_int_equal(plan.wfi_us, PLAN_WFI_US);
	assert_int_equal(plan.nsteps, 1);
	assert_int_equal(plan_parse(&plan, "fp=1 pmu=1 sgi=16 sgi=0", &text), 0);
	assert_int_equal(plan.fp, 1);
	assert_int_equal(plan.pmu, 1);
	assert_int_equal(plan.debug + plan.sgi + plan.samples + plan.ptrauth, 0);
	assert_int_equal(text.length, 0);
}

static void nothing_sleeps_beside_pending_interrupts(void **state)
{
	static const struct {
		const char *words;
		int result;
	} rows[] = {
		{ "sleep=1", 0 },	 { "sgi=1 first=1", 0 },
		{ "sgi=0 sleep=1", 0 },	 { "sgi=1 first=1 sleep=1", -1 },
		{ "sleep=1 sgi=4", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text text = { .length = 0 };
		struct plan plan;

		assert_int_equal(plan_parse(&plan, rows[i].words, &text), rows[i].result);
		assert_int_equal(text.length > 0, rows[i].result < 0);
	}
}

static void plan_has_an_end(void **state)
{
	char words[PLAN_MOST_STEPS * 8 + 16] = "";
	struct text text = { .length = 0 };
	struct plan plan;

	(void)state;
	for (int i = 0; i < PLAN_MOST_STEPS; i++)
		strcat(words, "first=1 ");
	assert_int_equal(plan_parse(&plan, words, &text), 0);
	strcat(words, "first=1");
	assert_int_equal(plan_parse(&plan, words, &text), -1);
}

/* A tree with /chosen/inner/bootargs (a decoy) and /chosen/bootargs. */
static const unsigned char tree[] = {
	0xd0, 0x0d, 0xfe, 0xed, 0,   0,	  0,   144, 0,	 0,   0, 40,
	0,    0,    0,	  135, /* header */
	0,    0,    0,	  0,	0,   0,	  0,   17,  0,	 0,   0, 16,
	0,    0,    0,	  0,					    /* */
	0,    0,    0,	  9,	0,   0,	  0,   92,		    /* */
	0,    0,    0,	  1,	0,   0,	  0,   0,		    /* 40: root */
	0,    0,    0,	  4,					    /* 48: nop */
	0,    0,    0,	  1,	'c', 'h', 'o', 's', 'e', 'n', 0, 0, /* 52: chosen */
	0,    0,    0,	  1,	'i', 0,	  0,   0,		    /* 64: inner */
	0,    0,    0,	  3,	0,   0,	  0,   2,   0,	 0,   0, 0,
	'x',  0,    0,	  0,					    /* 72: decoy */
	0,    0,    0,	  2,					    /* 88: end of inner */
	0,    0,    0,	  2,					    /* 92: end of chosen */
	0,    0,    0,	  1,	'c', 'h', 'o', 's', 'e', 'n', 0, 0, /* 96: chosen again */
	0,    0,    0,	  3,	0,   0,	  0,   4,   0,	 0,   0, 0,
	'a',  '=',  '1',  0,					 /* 108: bootargs */
	0,    0,    0,	  2,	0,   0,	  0,   2,   0,	 0,   0, /* 124 */
	'b',  'o',  'o',  't',	'a', 'r', 'g', 's', 0,		 /* 135: names */
};

static void bootargs_are_found(void **state)
{
	(void)state;
	assert_int_equal(sizeof(tree), 144);
	assert_true(fdt_present(tree));
	assert_false(fdt_present("hypercall=1"));
	assert_string_equal(fdt_bootargs(tree), "a=1");
}

/* Under the sanitizers: no byte outside the tree is read, whatever is in it. */
static void damaged_trees_are_harmless(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tree); i++) {
		for (unsigned int flip = 1; flip < 256; flip++) {
			unsigned char copy[sizeof(tree)];

			memcpy(copy, tree, sizeof(tree));
			copy[i] ^= (unsigned char)flip;
			if (copy[4] || copy[5] || copy[6] || copy[7] > sizeof(tree))
				continue; /* longer than it is: the loader's fault */
			assert_true(strlen(fdt_bootargs(copy)) < sizeof(tree));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotients_have_two_decimals),
		cmocka_unit_test(pairs_and_bases),
		cmocka_unit_test(text_stops_at_its_size),
		cmocka_unit_test(numbers_are_whole_and_small),
		cmocka_unit_test(plan_keeps_the_order),
		cmocka_unit_test(plan_names_the_bad_word),
		cmocka_unit_test(settings_have_their_place),
		cmocka_unit_test(nothing_sleeps_beside_pending_interrupts),
		cmocka_unit_test(plan_has_an_end),
		cmocka_unit_test(bootargs_are_found),
		cmocka_unit_test(damaged_trees_are_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
