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

static void one_class_per_kind_pattern_and_width(void **state)
{
	struct event_classes classes;
	struct event_class class;

	(void)state;
	event_classes_init(&classes, 8);
	assert_true(event_classes_find(&classes, EXIT_KIND_EXIT, 0x5, false, &class));
	assert_int_equal(class.id, 0);
	assert_int_equal(class.stages, 0x5);
	assert_false(event_classes_find(&classes, EXIT_KIND_EXIT, 0x5, false, &class));
	assert_int_equal(class.id, 0);
	assert_true(event_classes_find(&classes, EXIT_KIND_EXIT, 0x5, true, &class));
	assert_int_equal(class.id, 1);
	assert_true(class.wide);
	assert_true(event_classes_find(&classes, EXIT_KIND_START, 0x5, false, &class));
	assert_int_equal(class.id, 2);
	assert_int_equal(class.kind, EXIT_KIND_START);
	assert_true(event_classes_find(&classes, EXIT_KIND_EXIT, 0, false, &class));
	assert_int_equal(class.id, 4);
	assert_int_equal(class.stages, 0);
	assert_false(event_classes_find(&classes, EXIT_KIND_EXIT, 0x5, false, &class));
	assert_int_equal(class.id, 0);
}

static void the_65th_pattern_falls_back(void **state)
{
	struct event_classes classes;
	struct event_class class;

	(void)state;
	event_classes_init(&classes, 8);
	for (uint64_t i = 0; i < 64; i++) {
		assert_true(event_classes_find(&classes, EXIT_KIND_EXIT, i, false, &class));
		assert_int_equal(class.id, 2 * i);
	}
	assert_true(event_classes_find(&classes, EXIT_KIND_EXIT, 64, false, &class));
	assert_int_equal(class.id, 2 * (64 + EXIT_KIND_EXIT));
	assert_int_equal(class.stages, 0xff);
	assert_false(event_classes_find(&classes, EXIT_KIND_EXIT, 65, false, &class));
	assert_int_equal(class.id, 2 * (64 + EXIT_KIND_EXIT));
	assert_true(event_classes_find(&classes, EXIT_KIND_EXIT, 65, true, &class));
	assert_int_equal(class.id, 2 * (64 + EXIT_KIND_EXIT) + 1);
	assert_true(event_classes_find(&classes, EXIT_KIND_CONTINUATION, 65, false, &class));
	assert_int_equal(class.id, 2 * (64 + EXIT_KIND_CONTINUATION));
	/* What was met before keeps its class; a new width of it is declared. */
	assert_true(event_classes_find(&classes, EXIT_KIND_EXIT, 3, true, &class));
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
	static const char *const names[64] = { "one", "two", "three" };
	const struct event_class class = {
		.id = 9, .kind = EXIT_KIND_CONTINUATION, .stages = 0x5, .wide = true
	};
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
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_class_per_kind_pattern_and_width),
		cmocka_unit_test(the_65th_pattern_falls_back),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(class_names_its_stages_only),
		cmocka_unit_test(unfit_stage_names_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
