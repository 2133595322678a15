/* SPDX-License-Identifier: GPL-2.0-only */
/* Event classes by pattern of stages, and the text that declares them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "collector/event_class.h"
#include "collector/metadata.h"

static const struct stage_fields all = { .stages.word = { 0xff, 1 }, .cycles.word = { 0x3 } };

/* The pattern of a record with the stages of `word`, and cycles for those of `cycles`. */
static struct event_pattern *pattern_of(struct event_classes *classes, enum exit_kind kind,
					uint64_t word, uint64_t cycles)
{
	const struct stage_fields fields = { .stages.word = { word }, .cycles.word = { cycles } };
	struct event_pattern *pattern = event_classes_pattern(classes, kind, &fields);

	assert_non_null(pattern);
	return pattern;
}

/* Finds a record's class; its fields are 0 but the first stage, which is `length`. */
static bool find(struct event_classes *classes, struct event_pattern *pattern, uint64_t length,
		 const struct event_class **ret_class)
{
	uint64_t value[EVENT_FIELDS_MAX] = { [EXIT_FIELDS] = length };

	return event_classes_find(classes, pattern, value, ret_class);
}

static void one_pattern_per_kind_stages_and_cycles(void **state)
{
	struct event_pattern *first, *other;
	struct event_classes classes;

	(void)state;
	event_classes_init(&classes, &all);
	first = pattern_of(&classes, EXIT_KIND_EXIT, 0x5, 0);
	assert_int_equal(first->fields.stages.word[0], 0x5);
	assert_int_equal(first->count, EXIT_FIELDS + 2);
	assert_ptr_not_equal(pattern_of(&classes, EXIT_KIND_START, 0x5, 0), first);
	assert_ptr_not_equal(pattern_of(&classes, EXIT_KIND_EXIT, 0, 0), first);
	other = pattern_of(&classes, EXIT_KIND_EXIT, 0x5, 0x4);
	assert_ptr_not_equal(other, first);
	assert_int_equal(other->fields.cycles.word[0], 0x4);
	assert_int_equal(other->count, EXIT_FIELDS + 3);
	assert_ptr_equal(pattern_of(&classes, EXIT_KIND_EXIT, 0x5, 0), first);
	event_classes_release(&classes);
}

static void the_129th_pattern_falls_back(void **state)
{
	struct event_pattern *fallback;
	struct event_classes classes;

	(void)state;
	event_classes_init(&classes, &all);
	for (uint64_t i = 0; i < 128; i++)
		assert_int_equal(pattern_of(&classes, EXIT_KIND_EXIT, i, 0)->fields.stages.word[0],
				 i);
	fallback = pattern_of(&classes, EXIT_KIND_EXIT, 128, 0);
	assert_int_equal(fallback->fields.stages.word[0], 0xff);
	assert_int_equal(fallback->fields.stages.word[1], 1);
	assert_int_equal(fallback->fields.cycles.word[0], 0x3);
	assert_ptr_equal(pattern_of(&classes, EXIT_KIND_EXIT, 129, 0), fallback);
	assert_ptr_not_equal(pattern_of(&classes, EXIT_KIND_CONTINUATION, 129, 0), fallback);
	/* What was met before keeps its own. */
	assert_int_equal(pattern_of(&classes, EXIT_KIND_EXIT, 3, 0)->fields.stages.word[0], 3);
	event_classes_release(&classes);
}

static void every_record_fits_a_given_class(void **state)
{
	const struct event_class *class;
	struct event_classes classes;
	struct event_pattern *pattern;
	uint16_t narrow, wide;

	(void)state;
	event_classes_init(&classes, &all);
	pattern = pattern_of(&classes, EXIT_KIND_EXIT, 0x1, 0);
	assert_true(find(&classes, pattern, UINT32_MAX, &class));
	assert_int_equal(class->bits[EXIT_FIELDS], 32);
	assert_int_equal(class->bits[EXIT_FIELD_esr], 64);
	assert_int_equal(class->payload_bits, 8 * (EXIT_FIXED_BYTES + 4));
	narrow = class->id;
	assert_true(find(&classes, pattern, UINT32_MAX + UINT64_C(1), &class));
	assert_int_equal(class->bits[EXIT_FIELDS], 64);
	assert_int_equal(class->payload_bits, 8 * (EXIT_FIXED_BYTES + 8));
	wide = class->id;
	assert_int_not_equal(narrow, wide);
	assert_false(find(&classes, pattern, 7, &class));
	assert_int_equal(class->id, narrow);
	assert_false(find(&classes, pattern, UINT64_MAX, &class));
	assert_int_equal(class->id, wide);
	event_classes_release(&classes);
}

/*
 * Records of 100, which needs 7 bits, all else 0. After 8 of them a class has 1 bit more,
 * also `begin`, `emit` and `seq`, which grow and have 2 to spare; narrow fields have all
 * theirs, wide ones are left out. A miss brings the next learning forward to 12, then
 * 48 and 192: by then there is a class with what is needed alone.
 */
static void widths_are_learned(void **state)
{
	const unsigned int narrow = 16 + 16 + 16 + 16 + 8 + 8 + 16;
	const struct event_class *class;
	struct event_classes classes;
	struct event_pattern *pattern;
	uint16_t id;

	(void)state;
	event_classes_init(&classes, &all);
	pattern = pattern_of(&classes, EXIT_KIND_EXIT, 0x1, 0);
	for (int i = 0; i < 8; i++)
		assert_int_equal(find(&classes, pattern, 100, &class), i == 0);
	assert_true(find(&classes, pattern, 100, &class));
	id = class->id;
	assert_int_equal(class->payload_bits, 8 + 3 * 3 + narrow);
	assert_int_equal(class->bits[EXIT_FIELD_esr], 0);
	assert_int_equal(class->bits[EXIT_FIELD_begin], 3);
	assert_int_equal(class->bits[EXIT_FIELD_seq], 3);
	assert_int_equal(class->bits[EXIT_FIELDS], 8);
	assert_false(find(&classes, pattern, 255, &class));
	assert_int_equal(class->id, id);
	/* Too long for it: a learned class that has more room, then the given ones. */
	assert_true(find(&classes, pattern, 256, &class));
	assert_int_equal(class->bits[EXIT_FIELDS], 11);
	assert_false(find(&classes, pattern, UINT32_MAX, &class));
	assert_int_equal(class->bits[EXIT_FIELDS], 32);
	for (int i = 12; i <= 193; i++)
		find(&classes, pattern, 100, &class);
	assert_int_not_equal(class->id, id);
	assert_int_equal(class->payload_bits, 7 + 3 * 2);
	event_classes_release(&classes);
}

/* One record in 16 is long: it gets a class of its own, and learning comes to an end. */
static void few_long_records_make_no_wide_class(void **state)
{
	const struct event_class *class;
	struct event_classes classes;
	struct event_pattern *pattern;
	uint64_t bits = 0;

	(void)state;
	event_classes_init(&classes, &all);
	pattern = pattern_of(&classes, EXIT_KIND_EXIT, 0x1, 0);
	for (unsigned int i = 0; i < 100000; i++) {
		find(&classes, pattern, i % 16 ? 100 : 1u << 30, &class);
		if (i >= 90000)
			bits += class->payload_bits;
	}
	assert_in_range(bits, 10000 * 13, 10000 * 30);
	assert_in_range(classes.next_id, 4, 60);
	event_classes_release(&classes);
}

static void check_string(const char *text, const char *quoted)
{
	_cleanup_buffer_ struct buffer out = { 0 };

	assert_int_equal(metadata_string(&out, text), 0);
	assert_string_equal(buffer_text(&out), quoted);
}

static void strings_are_escaped(void **state)
{
	(void)state;
	check_string("", "\"\"");
	check_string("6.12.1-amd64", "\"6.12.1-amd64\"");
	check_string("a\"b", "\"a\\\"b\"");
	check_string("a\\b", "\"a\\\\b\"");
	check_string("a\nb\x7f", "\"a\\012b\\177\"");
}

static void class_names_its_fields_only(void **state)
{
	static const char *const names[128] = { "one", "two", "three", [127] = "last" };
	static const uint8_t bits[EXIT_FIELDS + 4] = { [EXIT_FIELD_begin] = 40,
						       [EXIT_FIELD_esr] = 32,
						       [EXIT_FIELD_stages] = 2,
						       [EXIT_FIELDS] = 64,
						       1,
						       7,
						       31 };
	const struct event_class class = { .id = 9,
					   .kind = EXIT_KIND_CONTINUATION,
					   .fields = { .stages.word = { 0x5, 1ULL << 63 },
						       .cycles.word = { 0x4 } },
					   .bits = bits };
	_cleanup_buffer_ struct buffer out = { 0 };

	(void)state;
	assert_int_equal(metadata_exit_class(&out, &class, names), 0);
	assert_string_equal(buffer_text(&out), "event {\n"
					       "\tname = \"continuation\";\n"
					       "\tid = 9;\n"
					       "\tstream_id = 0;\n"
					       "\tfields := struct {\n"
					       "\t\tb40 begin;\n"
					       "\t\th32 esr;\n"
					       "\t\tb2 stages;\n"
					       "\t\tb64 one;\n"
					       "\t\tb1 three;\n"
					       "\t\tb7 last;\n"
					       "\t\tb31 three_cycles;\n"
					       "\t};\n"
					       "};\n\n");
}

static void check_names(const char *first, const char *second, int expected)
{
	const char *const names[] = { first, second };
	const struct source_facts source = { .tier = "patched",
					     .kvm_mode = "vhe",
					     .counter_name = "c",
					     .stage_count = 2,
					     .stage_names = names };
	const struct trace_facts facts = {
		.source = &source, .version = "0", .arch = "arm64", .unit = "ns"
	};
	_cleanup_buffer_ struct buffer out = { 0 };

	error_clear();
	assert_int_equal(metadata_begin(&out, &facts), expected);
	error_clear();
}

static void unfit_stage_names_are_refused(void **state)
{
	(void)state;
	check_names("sr_save", "sr_save__b", 0);
	check_names("sr_save", "sr_save", -EINVAL);
	check_names("sr_save", "guest", -EINVAL);  /* a fixed field */
	check_names("sr_save", "string", -EINVAL); /* a word of TSDL */
	check_names("sr_save", "", -EINVAL);
	check_names("sr_save", "_host", -EINVAL); /* babeltrace2 drops the underscore */
	check_names("sr save", "host", -EINVAL);
	check_names("sr_save", "sr_save_cycles", -EINVAL); /* the field for its cycles */
	check_names("sr_save_cycles", "sr_save", -EINVAL);
	check_names("sr_save", "sr_save_cyclesx", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_pattern_per_kind_stages_and_cycles),
		cmocka_unit_test(the_129th_pattern_falls_back),
		cmocka_unit_test(every_record_fits_a_given_class),
		cmocka_unit_test(widths_are_learned),
		cmocka_unit_test(few_long_records_make_no_wide_class),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(class_names_its_fields_only),
		cmocka_unit_test(unfit_stage_names_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
