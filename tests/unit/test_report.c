/* SPDX-License-Identifier: GPL-2.0-only */
/* What a report is made of: the reader, the units, the sums, the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/ledger.h"
#include "analyzer/reader.h"
#include "analyzer/summary.h"
#include "analyzer/text_table.h"
#include "analyzer/units.h"
#include "base/error.h"
#include "tests/golden/report_trace.h"

static const char three_stages[] = "sr_save_gp th_handler sr_restore_gp";

struct scratch {
	char path[256];
	struct writer writer;
};

static int setup(void **state)
{
	struct scratch *scratch = calloc(1, sizeof(*scratch));
	const char *folder = getenv("TMPDIR");

	snprintf(scratch->path, sizeof(scratch->path), "%.200s/report-test-XXXXXX",
		 folder ? folder : "/tmp");
	assert_non_null(mkdtemp(scratch->path));
	error_clear();
	*state = scratch;
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { "exits_0", "exits_1", "exits_2", "vcpus", "metadata" };
	struct scratch *scratch = *state;
	char path[300];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", scratch->path, names[i]);
		unlink(path);
	}
	rmdir(scratch->path);
	free(scratch);
	return 0;
}

static struct writer *begin(struct scratch *scratch, const char *stages)
{
	struct writer_facts facts = {
		.stages = stages, .hz = 62500000, .mode = "hvhe", .emulated = true
	};

	writer_begin(&scratch->writer, scratch->path, &facts);
	return &scratch->writer;
}

static struct reader *finish(struct scratch *scratch)
{
	struct reader *reader = NULL;

	writer_finish(&scratch->writer);
	assert_int_equal(reader_open(scratch->path, &reader), 0);
	return reader;
}

static void assert_next(struct reader *reader, struct trace_item *item, enum trace_item_kind kind)
{
	assert_int_equal(reader_next(reader, item), 1);
	assert_int_equal(item->kind, kind);
}

/* Field n holds n in its lowest byte and 0x40 + n in its highest. */
static struct exit_fixed distinct_fields(void)
{
	struct exit_fixed fixed;
	uint64_t n = 1;

#define EXIT_FIELD(bits, name, base, help)                                                         \
	fixed.name = (__u##bits)(bits > 8 ? (0x40 + n) << (bits - 8) | n : n);                     \
	n++;
#include "probes/events.def"
#undef EXIT_FIELD
	fixed.kind = EXIT_KIND_EXIT;
	fixed.stages = 2;
	return fixed;
}

static void every_field_arrives(void **state)
{
	struct scratch *scratch = *state;
	struct exit_fixed fixed = distinct_fields();
	const uint64_t length[WRITER_STAGES] = { 11, 0, 13 };
	struct trace_item item;

	writer_record(begin(scratch, three_stages), 1, 7, 1234, &fixed, 5, length);

	_cleanup_reader_ struct reader *reader = finish(scratch);

	assert_next(reader, &item, TRACE_RECORD);
	/* Two go to a set of stages instead. */
	assert_int_equal(item.record.missing.word[0], fixed.missing);
	assert_int_equal(item.record.missing.word[1], fixed.missing_high);
	fixed.missing = fixed.missing_high = 0;
	assert_memory_equal(&item.record.fixed, &fixed, sizeof(fixed));
	assert_int_equal(item.record.slot, 7);
	assert_int_equal(item.record.touched.word[0], 5);
	assert_int_equal(item.record.length[0], 11);
	assert_int_equal(item.record.length[2], 13);
	assert_int_equal(reader_next(reader, &item), 0);
}

static void facts_arrive(void **state)
{
	struct scratch *scratch = *state;

	begin(scratch, three_stages);

	_cleanup_reader_ struct reader *reader = finish(scratch);

	assert_string_equal(reader->facts.hyptrace_version, "0.1");
	assert_string_equal(reader->facts.kernel, "6.12.30");
	assert_string_equal(reader->facts.arch, "arm64");
	assert_string_equal(reader->facts.kvm_mode, "hvhe");
	assert_string_equal(reader->facts.tier, "patched");
	assert_string_equal(reader->facts.clock_name, "CNTPCT_EL0");
	assert_string_equal(reader->facts.barriers, "plain");
	assert_string_equal(reader->facts.unit, "ns");
	assert_int_equal(reader->facts.clock_hz, 62500000);
	assert_true(reader->facts.emulated);
	assert_int_equal(reader->facts.stage_count, 3);
	assert_string_equal(reader->facts.stage_name[1], "th_handler");
}

static void other_items_arrive(void **state)
{
	struct scratch *scratch = *state;
	struct writer *writer = begin(scratch, three_stages);
	struct trace_item item;

	writer_vcpu(writer, 10, 3, 100, 101, 2, "a \"VM\"");
	writer_discard(writer, 0, 20, 5);
	writer_discard(writer, 0, 30, 2);
	writer_end(writer, 40, 6, 7, 8, 9);

	_cleanup_reader_ struct reader *reader = finish(scratch);

	/* Loss counts from the packet before it, which ended at 0; items say by how much. */
	assert_next(reader, &item, TRACE_DISCARDED);
	assert_int_equal(item.discarded, 5);
	assert_next(reader, &item, TRACE_VCPU);
	assert_int_equal(item.vcpu.slot, 3);
	assert_int_equal(item.vcpu.pid, 100);
	assert_int_equal(item.vcpu.tid, 101);
	assert_int_equal(item.vcpu.index, 2);
	assert_string_equal(item.vcpu.vm, "a \"VM\"");
	assert_next(reader, &item, TRACE_DISCARDED);
	assert_int_equal(item.discarded, 2);
	assert_next(reader, &item, TRACE_END);
	assert_int_equal(item.end.records, 6);
	assert_int_equal(item.end.lost, 7);
	assert_int_equal(item.end.clamped, 8);
	assert_int_equal(item.end.torn, 9);
	assert_int_equal(reader_next(reader, &item), 0);
}

static void prices_arrive(void **state)
{
	struct scratch *scratch = *state;
	struct writer_facts facts = { .stages = three_stages,
				      .barriers = "synchronised",
				      .stamp_cost_64 = 96,
				      .eret = 3,
				      .irq = 20,
				      .trap = 25,
				      .hvc = 30,
				      .cycles = true };

	writer_begin(&scratch->writer, scratch->path, &facts);
	writer_end_paused(&scratch->writer, 40, 6, 7, 8, 9, 10, 11);

	_cleanup_reader_ struct reader *reader = finish(scratch);
	struct trace_item item;

	assert_string_equal(reader->facts.barriers, "synchronised");
	assert_int_equal(reader->facts.cycle_counter, 1);
	assert_int_equal(reader->facts.stamp_cost_64, 96);
	assert_int_equal(reader->facts.unstamped_eret, 3);
	assert_int_equal(reader->facts.unstamped_irq, 20);
	assert_int_equal(reader->facts.unstamped_trap, 25);
	assert_int_equal(reader->facts.unstamped_hvc, 30);
	assert_next(reader, &item, TRACE_END);
	assert_int_equal(item.end.torn, 9);
	assert_int_equal(item.end.pause_runs, 10);
	assert_int_equal(item.end.pause_ns, 11);
}

/* EL2's own exits come right before their record. */
static void el2_events_arrive(void **state)
{
	struct scratch *scratch = *state;
	struct writer *writer = begin(scratch, three_stages);
	const uint64_t length[WRITER_STAGES] = { 1 };
	struct exit_fixed fixed = { .kind = EXIT_KIND_EXIT, .seq = 9 };
	struct trace_item item;

	writer_el2(writer, 1, 7, 1234, 9, EXIT_CODE_TRAP, 0x623a3036, 5, UINT64_C(1) << 40);
	writer_record(writer, 1, 7, 1234, &fixed, 1, length);

	_cleanup_reader_ struct reader *reader = finish(scratch);

	assert_next(reader, &item, TRACE_EL2);
	assert_int_equal(item.el2.slot, 7);
	assert_int_equal(item.el2.seq, 9);
	assert_int_equal(item.el2.code, EXIT_CODE_TRAP);
	assert_int_equal(item.el2.esr, 0x623a3036);
	assert_int_equal(item.el2.count, 5);
	assert_int_equal(item.el2.ticks, UINT64_C(1) << 40);
	assert_next(reader, &item, TRACE_RECORD);
	assert_int_equal(item.record.slot, 7);
	assert_int_equal(item.record.fixed.seq, 9);
}

/* 100 stages, of which 3, 70 and 99 are touched; 70 and 99 have cycles, 99 none at all. */
static void stages_beyond_64_and_cycles_arrive(void **state)
{
	struct scratch *scratch = *state;
	const uint64_t length[WRITER_STAGES] = { [3] = 33, [70] = 77, [99] = 0 };
	const uint32_t cycles[WRITER_STAGES] = { [70] = 231, [99] = 0 };
	struct exit_fixed fixed = { .kind = EXIT_KIND_EXIT, .missing_high = 5 };
	char names[100 * 8 + 1] = "";
	struct trace_item item;

	for (int i = 0; i < 100; i++)
		snprintf(names + 8 * i, 9, " host_%02d", i);
	writer_stages(begin(scratch, names), 0, 0, 1, &fixed,
		      (struct writer_set){ { 8, UINT64_C(1) << 6 | UINT64_C(1) << 35 } }, length,
		      (struct writer_set){ { 0, UINT64_C(1) << 6 | UINT64_C(1) << 35 } }, cycles);

	_cleanup_reader_ struct reader *reader = finish(scratch);

	assert_int_equal(reader->facts.stage_count, 100);
	assert_next(reader, &item, TRACE_RECORD);
	assert_int_equal(item.record.missing.word[0], 0);
	assert_int_equal(item.record.missing.word[1], 5);
	assert_int_equal(item.record.touched.word[0], 8);
	assert_int_equal(item.record.touched.word[1], UINT64_C(1) << 6 | UINT64_C(1) << 35);
	assert_int_equal(item.record.length[3], 33);
	assert_int_equal(item.record.length[70], 77);
	assert_int_equal(item.record.length[99], 0);
	assert_int_equal(item.record.cycled.word[0], 0);
	assert_int_equal(item.record.cycled.word[1], UINT64_C(1) << 6 | UINT64_C(1) << 35);
	assert_int_equal(item.record.cycles[70], 231);
	assert_int_equal(item.record.cycles[99], 0);
}

/* The first traces had neither prices nor missing_high. */
static void old_traces_are_read(void **state)
{
	struct scratch *scratch = *state;
	struct writer_facts facts = { .stages = three_stages, .old = true, .stamp_cost_64 = 7 };
	struct exit_fixed fixed = { .kind = EXIT_KIND_EXIT, .missing = 2, .missing_high = 4 };
	const uint64_t length[WRITER_STAGES] = { 11, 0, 13 };
	struct trace_item item;

	writer_begin(&scratch->writer, scratch->path, &facts);
	writer_record(&scratch->writer, 0, 3, 1, &fixed, 5, length);
	writer_end_paused(&scratch->writer, 40, 6, 7, 8, 9, 10, 11);

	_cleanup_reader_ struct reader *reader = finish(scratch);

	assert_int_equal(reader->facts.stamp_cost_64, 0);
	memset(&item, 0xff, sizeof(item));
	assert_next(reader, &item, TRACE_RECORD);
	assert_int_equal(item.record.missing.word[0], 2);
	assert_int_equal(item.record.missing.word[1], 0);
	assert_int_equal(item.record.length[2], 13);
	assert_int_equal(item.record.cycled.word[0], 0);
	assert_next(reader, &item, TRACE_END);
	assert_int_equal(item.end.pause_ns, 0);
}

/* Three CPUs, and more packets than one: 600 records, in order of time. */
static void streams_are_merged_by_time(void **state)
{
	struct scratch *scratch = *state;
	struct writer *writer = begin(scratch, three_stages);
	const uint64_t length[WRITER_STAGES] = { 1 };
	struct exit_fixed fixed = { .kind = EXIT_KIND_EXIT };
	struct trace_item item;

	for (unsigned int i = 0; i < 600; i++) {
		fixed.seq = i;
		writer_record(writer, i * 7 % 3, 0, 1000 + i, &fixed, 1, length);
	}

	_cleanup_reader_ struct reader *reader = finish(scratch);

	for (unsigned int i = 0; i < 600; i++) {
		assert_next(reader, &item, TRACE_RECORD);
		assert_int_equal(item.record.fixed.seq, i);
	}
	assert_int_equal(reader_next(reader, &item), 0);
}

static void lengths_may_have_64_bits(void **state)
{
	struct scratch *scratch = *state;
	const uint64_t length[WRITER_STAGES] = { 11, 0, 0x100000002 };
	struct exit_fixed fixed = { .kind = EXIT_KIND_EXIT };
	struct trace_item item;

	writer_record(begin(scratch, three_stages), 0, 0, 1, &fixed, 5, length);

	_cleanup_reader_ struct reader *reader = finish(scratch);

	assert_next(reader, &item, TRACE_RECORD);
	assert_int_equal(item.record.touched.word[0], 5);
	assert_int_equal(item.record.length[0], 11);
	assert_int_equal(item.record.length[2], 0x100000002);
}

/* In a class of its own a length of 0 was touched; in the one with all stages it was not. */
static void zero_is_untouched_where_all_stages_are(void **state)
{
	struct scratch *scratch = *state;
	struct writer *writer = begin(scratch, three_stages);
	const uint64_t own[WRITER_STAGES] = { 0, 0, 5 }, all[WRITER_STAGES] = { 0, 4, 0 };
	struct exit_fixed fixed = { .kind = EXIT_KIND_EXIT };
	struct trace_item item;

	writer->patterns = 1;
	writer_record(writer, 0, 0, 1, &fixed, 5, own);
	writer_record(writer, 0, 0, 2, &fixed, 2, all);

	_cleanup_reader_ struct reader *reader = finish(scratch);

	assert_next(reader, &item, TRACE_RECORD);
	assert_int_equal(item.record.touched.word[0], 5);
	assert_next(reader, &item, TRACE_RECORD);
	assert_int_equal(item.record.touched.word[0], 2);
	assert_int_equal(item.record.length[1], 4);
}

/* From its end, from its middle, and before anything was read. */
static void a_reader_begins_again(void **state)
{
	struct scratch *scratch = *state;
	struct exit_fixed fixed = distinct_fields();
	const uint64_t length[WRITER_STAGES] = { 11, 0, 13 };
	struct writer *writer = begin(scratch, three_stages);
	struct trace_item item;

	for (uint32_t slot = 0; slot < 3; slot++)
		writer_record(writer, 1, slot, 1000 + slot, &fixed, 5, length);

	_cleanup_reader_ struct reader *reader = finish(scratch);

	for (uint32_t most = 0; most < 5; most++) {
		assert_int_equal(reader_rewind(reader, scratch->path), 0);
		for (uint32_t slot = 0; slot < 3 && slot < most; slot++) {
			assert_next(reader, &item, TRACE_RECORD);
			assert_int_equal(item.record.slot, slot);
		}
		for (int i = 0; most > 3 && i < 2; i++)
			assert_int_equal(reader_next(reader, &item), 0);
	}
}

static void assert_refused(const char *path, const char *sentence)
{
	struct reader *reader = NULL;
	int r = reader_open(path, &reader);

	assert_true(r < 0);
	assert_null(reader);
	assert_non_null(strstr(error_text(r), sentence));
	error_clear();
}

static void what_is_no_trace_is_refused(void **state)
{
	struct scratch *scratch = *state;
	struct writer_facts foreign = { .stages = three_stages, .foreign = true };
	char path[300];

	assert_refused(scratch->path, "is not a trace");
	snprintf(path, sizeof(path), "%s/nothing", scratch->path);
	assert_refused(path, "cannot open");
	writer_begin(&scratch->writer, scratch->path, &foreign);
	writer_finish(&scratch->writer);
	assert_refused(scratch->path, "hyptrace did not write it");
	snprintf(path, sizeof(path), "%s/metadata", scratch->path);
	assert_refused(path, "is not a directory");
}

static void damage_is_one_sentence(void **state)
{
	struct scratch *scratch = *state;
	struct exit_fixed fixed = { .kind = EXIT_KIND_EXIT };
	const uint64_t length[WRITER_STAGES] = { 1 };
	char path[300];

	writer_record(begin(scratch, three_stages), 0, 0, 1, &fixed, 1, length);
	writer_finish(&scratch->writer);
	snprintf(path, sizeof(path), "%s/exits_0", scratch->path);
	assert_int_equal(truncate(path, 2 * WRITER_PACKET - 100), 0);
	assert_refused(scratch->path, "is damaged");
	snprintf(path, sizeof(path), "%s/metadata", scratch->path);
	assert_int_equal(truncate(path, 200), 0);
	assert_refused(scratch->path, "is damaged");
}

/* 62.5 MHz: 16 ns a tick. 19.2 MHz: 52 1/12 ns. 24 MHz: 41 2/3 ns. */
static void ticks_become_ns(void **state)
{
	struct units units = { .kind = UNITS_NS, .hz = 62500000 };

	(void)state;
	assert_int_equal(units_whole(&units, 0), 0);
	assert_int_equal(units_whole(&units, 7), 112);
	units.hz = 19200000;
	assert_int_equal(units_whole(&units, 1), 52);
	assert_int_equal(units_whole(&units, 11), 572); /* 572.9 */
	assert_int_equal(units_whole(&units, 12), 625);
	units.hz = 24000000;
	assert_int_equal(units_whole(&units, 1000000000000000), 41666666666666666);
	assert_int_equal(units_whole(&units, (unsigned __int128)1 << 100), INT64_MAX);
	units.kind = UNITS_TICKS;
	assert_int_equal(units_whole(&units, 11), 11);
	units = (struct units){ .kind = UNITS_INSTRUCTIONS, .hz = 1000000000 };
	assert_int_equal(units_whole(&units, 1558), 1558);
}

static void units_print_what_they_count(void **state)
{
	const struct units ns = { .kind = UNITS_NS, .hz = 1 };
	const struct units instructions = { .kind = UNITS_INSTRUCTIONS, .hz = 1 };
	char text[NUMBER_TEXT];

	(void)state;
	assert_string_equal(units_print(&ns, 1558, 1, 4, text), "1.558 us");
	assert_string_equal(units_print(&ns, 1558, 0, 4, text), "-");
	assert_string_equal(units_print(&instructions, 1558, 1, 4, text), "1,558");
	assert_string_equal(units_print(&instructions, 4675, 3, 4, text), "1,558.3");
	assert_string_equal(units_print(&instructions, 4675, 2, 4, text), "2,337.5");
	/* 10,000.5 needs no tenths; it rounds up. */
	assert_string_equal(units_print(&instructions, 20001, 2, 4, text), "10,001");
	assert_string_equal(units_print(&instructions, -20001, 2, 4, text), "-10,001");
}

/* A ledger of one exit at 19.2 MHz whose three stages last 5, 5 and 2 ticks. */
static struct ledger *small_ledger(struct reader_facts *facts, char *unit)
{
	struct ledger *ledger = NULL;
	struct trace_item item = { .kind = TRACE_RECORD,
				   .record = { .touched = { { 7 } }, .length = { 5, 5, 2 } } };

	facts->clock_hz = 19200000;
	facts->unit = unit;
	assert_int_equal(reader_facts_set_stages(facts, three_stages), 0);
	assert_int_equal(ledger_create(facts, &ledger), 0);
	item.record.fixed.kind = EXIT_KIND_EXIT;
	item.record.fixed.begin = 100;
	assert_int_equal(ledger_add(ledger, &item), 0);
	assert_int_equal(ledger_finish(ledger), 0);
	facts->unit = NULL;
	return ledger;
}

/*
 * 5, 10 and 12 ticks are 260.4, 520.8 and 625 ns: the accounts get 260, 260 and
 * 105, which add up to the wall's 625. Each for itself would be 260, 260, 104.
 */
static void accounts_add_up_in_ns(void **state)
{
	struct reader_facts facts = { 0 };
	char unit[] = "ns";
	_cleanup_ledger_ struct ledger *ledger = small_ledger(&facts, unit);
	struct summary summary;

	(void)state;
	facts.unit = unit;
	summary = summary_of_ledger(ledger, false, -1);
	assert_int_equal(summary.wall, 625);
	assert_int_equal(summary.unattributed, 0);
	assert_int_equal(summary.value[ledger->accounts.of_stage[0]], 260);
	assert_int_equal(summary.value[ledger->accounts.of_stage[1]], 260);
	assert_int_equal(summary.value[ledger->accounts.of_stage[2]], 105);
	/* In the order of the stages, a group in two parts: 260 and 105. */
	assert_int_equal(summary.group[GROUP_SAVE_RESTORE], 365);
	assert_int_equal(summary.group[GROUP_TRAP_HANDLING], 260);
	assert_true(summary.shares);
	assert_true(summary_group_touched(&summary, GROUP_GUEST)); /* for 0 ticks */
	assert_false(summary_group_touched(&summary, GROUP_HOST));
	facts.unit = NULL;
	reader_facts_release(&facts);
}

static void wall_from_outside_replaces_ours(void **state)
{
	struct reader_facts facts = { 0 };
	char unit[] = "instructions";
	_cleanup_ledger_ struct ledger *ledger = small_ledger(&facts, unit);
	struct summary summary;

	(void)state;
	facts.unit = unit;
	summary = summary_of_ledger(ledger, false, 700);
	assert_int_equal(summary.wall, 700);
	assert_int_equal(summary.unattributed, 75);
	assert_false(summary.shares);
	assert_int_equal(summary.units.kind, UNITS_INSTRUCTIONS);
	/* More booked than passed is shown, not hidden. */
	assert_int_equal(summary_of_ledger(ledger, false, 600).unattributed, -25);
	summary = summary_of_ledger(ledger, true, -1);
	assert_int_equal(summary.units.kind, UNITS_TICKS);
	assert_int_equal(summary.wall, 12);
	facts.unit = NULL;
	reader_facts_release(&facts);
}

static void put(struct text_table *table, const char *const *cells, size_t count)
{
	for (size_t i = 0; i < count; i++)
		text_table_cell(table, cells[i]);
}

static void table_aligns(void **state)
{
	static const char *const cells[] = { "first", "1", "10,000", "second one", "22", "" };
	_cleanup_text_table_ struct text_table table = { 0 };
	_cleanup_buffer_ struct buffer out = { 0 };

	(void)state;
	text_table_column(&table, "name");
	text_table_column(&table, "a");
	text_table_column(&table, "much");
	put(&table, cells, ARRAY_SIZE(cells));
	assert_int_equal(text_table_print(&table, &out), 0);
	/* No spaces at the end of the last line. */
	assert_string_equal(buffer_text(&out), "name        a   much\n"
					       "first       1 10,000\n"
					       "second one 22\n");
}

/* Two columns of 30 leave 80 - 31 = 49: a name of 50 has a line of its own. */
static void table_keeps_to_80_columns(void **state)
{
	static const char *const cells[] = { "12345678901234567890123456789012345678901234567890",
					     "123456789012345678901234567890", "short", "x" };
	_cleanup_text_table_ struct text_table table = { 0 };
	_cleanup_buffer_ struct buffer out = { 0 };

	(void)state;
	text_table_column(&table, "n");
	text_table_column(&table, "v");
	put(&table, cells, ARRAY_SIZE(cells));
	assert_int_equal(text_table_print(&table, &out), 0);
	for (char *line = strtok(out.data, "\n"); line; line = strtok(NULL, "\n"))
		assert_in_range(strlen(line), 1, 80);
}

#define SCRATCH_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH_TEST(every_field_arrives),
		SCRATCH_TEST(facts_arrive),
		SCRATCH_TEST(other_items_arrive),
		SCRATCH_TEST(prices_arrive),
		SCRATCH_TEST(el2_events_arrive),
		SCRATCH_TEST(stages_beyond_64_and_cycles_arrive),
		SCRATCH_TEST(old_traces_are_read),
		SCRATCH_TEST(streams_are_merged_by_time),
		SCRATCH_TEST(lengths_may_have_64_bits),
		SCRATCH_TEST(zero_is_untouched_where_all_stages_are),
		SCRATCH_TEST(a_reader_begins_again),
		SCRATCH_TEST(what_is_no_trace_is_refused),
		SCRATCH_TEST(damage_is_one_sentence),
		cmocka_unit_test(ticks_become_ns),
		cmocka_unit_test(units_print_what_they_count),
		cmocka_unit_test(accounts_add_up_in_ns),
		cmocka_unit_test(wall_from_outside_replaces_ours),
		cmocka_unit_test(table_aligns),
		cmocka_unit_test(table_keeps_to_80_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
