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

/* A record with the stages of `word`, and cycles for those of `cycles`. */
static bool find(struct event_classes *classes, enum exit_kind kind, uint64_t word, uint64_t cycles,
		 bool wide, struct event_class *ret_class)
{
	const struct stage_fields fields = { .stages.word = { word }, .cycles.word = { cycles } };

	return event_classes_find(classes, kind, &fields, wide, ret_class);
}

static void one_class_per_kind_pattern_and_width(void **state)
{
	struct event_classes classes;
	struct event_class class;

	(void)state;
	event_classes_init(&classes, &all);
	assert_true(find(&classes, EXIT_KIND_EXIT, 0x5, 0, false, &class));
	assert_int_equal(class.id, 0);
	assert_int_equal(class.fields.stages.word[0], 0x5);
	assert_false(find(&classes, EXIT_KIND_EXIT, 0x5, 0, false, &class));
	assert_int_equal(class.id, 0);
	assert_true(find(&classes, EXIT_KIND_EXIT, 0x5, 0, true, &class));
	assert_int_equal(class.id, 1);
	assert_true(class.wide);
	assert_true(find(&classes, EXIT_KIND_START, 0x5, 0, false, &class));
	assert_int_equal(class.id, 2);
	assert_int_equal(class.kind, EXIT_KIND_START);
	assert_true(find(&classes, EXIT_KIND_EXIT, 0, 0, false, &class));
	assert_int_equal(class.id, 4);
	assert_int_equal(class.fields.stages.word[0], 0);
	assert_true(find(&classes, EXIT_KIND_EXIT, 0x5, 0x4, false, &class));
	assert_int_equal(class.id, 6);
	assert_int_equal(class.fields.cycles.word[0], 0x4);
	assert_false(find(&classes, EXIT_KIND_EXIT, 0x5, 0, false, &class));
	assert_int_equal(class.id, 0);
}

static void the_129th_pattern_falls_back(void **state)
{
	struct event_classes classes;
	struct event_class class;

	(void)state;
	event_classes_init(&classes, &all);
	for (uint64_t i = 0; i < 128; i++) {
		assert_true(find(&classes, EXIT_KIND_EXIT, i, 0, false, &class));
		assert_int_equal(class.id, 2 * i);
	}
	assert_true(find(&classes, EXIT_KIND_EXIT, 128, 0, false, &class));
	assert_int_equal(class.id, 2 * (128 + EXIT_KIND_EXIT));
	assert_int_equal(class.fields.stages.word[0], 0xff);
	assert_int_equal(class.fields.stages.word[1], 1);
	assert_int_equal(class.fields.cycles.word[0], 0x3);
	assert_false(find(&classes, EXIT_KIND_EXIT, 129, 0, false, &class));
	assert_int_equal(class.id, 2 * (128 + EXIT_KIND_EXIT));
	assert_true(find(&classes, EXIT_KIND_EXIT, 129, 0, true, &class));
	assert_int_equal(class.id, 2 * (128 + EXIT_KIND_EXIT) + 1);
	assert_true(find(&classes, EXIT_KIND_CONTINUATION, 129, 0, false, &class));
	assert_int_equal(class.id, 2 * (128 + EXIT_KIND_CONTINUATION));
	/* What was met before keeps its class; a new width of it is declared. */
	assert_true(find(&classes, EXIT_KIND_EXIT, 3, 0, true, &class));
	assert_int_equal(class.id, 7);
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

static void class_names_its_stages_only(void **state)
{
	static const char *const names[128] = { "one", "two", "three", [127] = "last" };
	const struct event_class class = { .id = 9,
					   .kind = EXIT_KIND_CONTINUATION,
					   .fields = { .stages.word = { 0x5, 1ULL << 63 },
						       .cycles.word = { 0x4 } },
					   .wide = true };
	_cleanup_buffer_ struct buffer out = { 0 };

	(void)state;
	assert_int_equal(metadata_exit_class(&out, &class, names), 0);
	assert_non_null(strstr(buffer_text(&out), "event {\n"
						  "\tname = \"continuation\";\n"
						  "\tid = 9;\n"
						  "\tstream_id = 0;\n"
						  "\tfields := struct {\n"
						  "\t\tu64 begin;\n"
						  "\t\tu64 emit;\n"
						  "\t\tx64 esr;\n"));
	assert_non_null(strstr(buffer_text(&out), "\t\tu8 code;\n"
						  "\t\tu16 stages;\n"
						  "\t\tu64 one;\n"
						  "\t\tu64 three;\n"
						  "\t\tu64 last;\n"
						  "\t\tu32 three_cycles;\n"
						  "\t};\n"
						  "};\n"));
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
		cmocka_unit_test(one_class_per_kind_pattern_and_width),
		cmocka_unit_test(the_129th_pattern_falls_back),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(class_names_its_stages_only),
		cmocka_unit_test(unfit_stage_names_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
