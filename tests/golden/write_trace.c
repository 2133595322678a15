/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes a trace through the collector's writer, from fixed records.
 *
 * write_trace every DIR: each field with a value of its own, each width and
 *   kind, holes between events, cycles, pauses, exits that EL2 finished alone,
 *   loss, a clamped and a torn record
 * write_trace many DIR: more patterns of stages than there may be classes
 * write_trace widths DIR: records whose values need more and fewer bits, at times
 *   far apart; prints what babeltrace2 should read, a line each
 * write_trace cut DIR N: N records, 1 ms apart, and an end without finish;
 *   prints how many records are in the files
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/error.h"
#include "collector/ctf_notes.h"

#define BEGIN_NS UINT64_C(100000000000)

static const char *const stage_names[] = {
	"th_vector",  "sr_save_gp",  "sr_save_el1_guest", "host_irq",	    "th_handler",
	"id_vgic__b", "host_events", "sr_transit_eret",	  "host_preempted", "host_irq__taken",
};

enum { STAMPS = ARRAY_SIZE(stage_names) - PAUSE_KINDS };

static const struct source_facts source = {
	.tier = "patched",
	.kvm_mode = "nvhe",
	.counter_name = "CNTPCT_EL0",
	.counter_hz = 1000000000,
	.stamp_count = STAMPS,
	.stage_count = ARRAY_SIZE(stage_names),
	.stage_names = stage_names,
	.synchronised = true,
	.cycles = true,
	.cycles_exit = 2,
	.cycles_entry = 4,
	.stamp_cost_64 = 0x41424344,
	.unstamped_eret = 11,
	.unstamped_irq = 12,
	.unstamped_trap = 13,
	.unstamped_hvc = 14,
};

static const struct trace_facts facts = {
	.source = &source,
	.version = "0.1",
	.arch = "arm64",
	.unit = "instructions",
	.emulated = true,
	.kernel = "6.12.48-a\"b\\c",
	.boot_id = "01234567-89ab-cdef-0123-456789abcdef",
	.uuid = { 0x10, 0x21, 0x32, 0x43, 0x54, 0x65, 0x46, 0x87, 0x98, 0xa9, 0xba, 0xcb, 0xdc,
		  0xed, 0xfe, 0x0f },
	.clock_offset_ns = 1700000000000000000,
};

static void check(int r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "write_trace: %s\n", error_text(r));
	exit(1);
}

/* Every field differs from every other, in every byte that it has. */
static struct ring_record distinct_record(void)
{
	return (struct ring_record){
		.timestamp = BEGIN_NS + 1000,
		.vm = 0xffff000812345000,
		.expected = { 0x90, ~0ULL /* no stages */ },
		.pid = (__u32)getpid(),
		.vcpu = 7,
		.fixed = {
			.begin = 0x0102030405060708,
			.emit = 0x1112131415161718,
			.esr = 0x2122232425262728,
			.ipa = 0x3132333435363738,
			.pc = 0xffff4243aabbccdd,
			.arg = 0x5152535455565758,
			.guest = 0x6162636465666768,
			.el2_time = 0x7172737475767778,
			.blocked = 0x8182838485868788,
			.missing = 0xdead,	/* the collector's to say */
			.missing_high = 0xdead, /* the same */
			.seq = 0xa1a2a3a4,
			.el2_count = 0xb1b2b3b4,
			.tid = 0xc1c2c3c4,
			.cpu_exit = 0xd1d2,
			.cpu_entry = 0xe1e2,
			.flags = 0x7f,
			.user_reason = 0x0607,
			.kind = EXIT_KIND_EXIT,
			.code = EXIT_CODE_TRAP,
			.stages = 0xbeef, /* the collector's to say */
		},
	};
}

/* Stages 0, 4 and 5, of 11, 22 and 33 ticks; stage 7 is missing. */
static void stamp_three(struct ring_record *record)
{
	uint64_t begin = record->fixed.begin;

	memset(record->stamp, 0, sizeof(record->stamp));
	record->stamp[0] = begin + 11;
	record->stamp[4] = begin + 33;
	record->stamp[5] = begin + 66;
}

static void add(struct ctf *ctf, unsigned int cpu, struct ring_record *record)
{
	check(ctf_add(ctf, cpu, record, offsetof(struct ring_record, stamp[8])));
	record->timestamp += 1000;
	record->fixed.seq++;
}

static void write_kinds(struct ctf *ctf, struct ring_record *record)
{
	stamp_three(record);
	add(ctf, 0, record); /* three stages of 32 bits: a hole before the next event */
	record->stamp[5] = record->fixed.begin + 33 + 0x100000000;
	add(ctf, 0, record); /* the wide twin */
	record->fixed.kind = EXIT_KIND_START;
	memset(record->stamp, 0, sizeof(record->stamp));
	add(ctf, 0, record); /* no stage at all */
	record->fixed.kind = EXIT_KIND_CONTINUATION;
	record->stamp[7] = record->fixed.begin + 0xffffffff; /* the widest of 32 bits */
	add(ctf, 0, record);
	record->fixed.kind = EXIT_KIND_EXIT;
	stamp_three(record);
	add(ctf, 0, record); /* the first pattern again */
}

/* What a big record has behind its last stamp. */
struct big_record {
	struct ring_record small; /* up to stamp[STAMPS] */
	uint8_t bytes[sizeof(struct ring_extra)];
};

static void add_big(struct ctf *ctf, struct ring_record *record, const struct ring_extra *extra)
{
	struct big_record big = { .small = *record };

	memcpy(&big.small.stamp[STAMPS], extra, sizeof(*extra));
	check(ctf_add(ctf, 0, &big,
		      offsetof(struct ring_record, stamp[STAMPS]) +
			      offsetof(struct ring_extra, cycles[STAMPS])));
	record->timestamp += 1000;
	record->fixed.seq++;
}

/*
 * Cycles of stages 0, 5 and 7; a preemption of 5 and an interrupt of 6 ticks in
 * stage 5; two causes of exits that EL2 finished.
 */
static void write_big(struct ctf *ctf, struct ring_record *record)
{
	uint64_t begin = record->fixed.begin;
	uint64_t begin_ns = record->timestamp - (record->fixed.emit - begin);
	struct ring_extra extra = {
		.el2 = { { 0x1e000000, 0x0102, 3, EXIT_CODE_TRAP },
			 { 0, 0x0304, 5, EXIT_CODE_IRQ } },
		.pause = { { [3] = { begin_ns + 40, 5, 5, 5, PAUSE_BY_TASK, { 0 } } },
			   { { begin_ns + 50, 6, 6, 5, PAUSE_BY_IRQ, { 27, 0x1234 } } } },
		.pause_first = { 3, 0 },
		.pauses = { 1, 1 },
		.begin_cycles = 100,
		.el2_causes = 2,
		.cycles = { 121, [4] = 7000, [5] = 7032, [7] = 7075 },
	};

	memcpy(extra.pause[PAUSE_PREEMPTED][3].cause, "kworker/0:1-\"\\", 15);
	stamp_three(record);
	record->stamp[7] = begin + 70;
	add_big(ctf, record, &extra);
	record->stamp[5] = begin + 33 + 0x80000001; /* too long for cycles */
	record->stamp[7] = 0;
	extra.el2_causes = 0;
	extra.pauses[PAUSE_PREEMPTED] = extra.pauses[PAUSE_IRQ] = 0;
	add_big(ctf, record, &extra);
}

static void name_pauser(void *context, uint32_t by, const __u64 cause[2],
			char ret_name[PAUSER_NAME_BYTES])
{
	strcpy(ret_name, by == PAUSE_BY_IRQ && cause[1] == 0x1234 ? "arch_timer" : "");
}

static void write_every(struct ctf *ctf)
{
	struct ring_record record = distinct_record();

	ctf_set_pauser_name(ctf, name_pauser, NULL);
	ctf_set_lost(ctf, 0, 3);
	write_kinds(ctf, &record);
	record.fixed.emit = record.fixed.begin + 1000;
	write_big(ctf, &record);
	record.vcpu = 8;
	stamp_three(&record);
	add(ctf, 1, &record);
	record.timestamp -= 5000;
	add(ctf, 1, &record); /* clamped */
	record.stamp[4] = record.stamp[0] - 1;
	add(ctf, 1, &record); /* torn */
	record.fixed.kind = EXIT_KINDS;
	stamp_three(&record);
	add(ctf, 1, &record);							 /* torn */
	check(ctf_add(ctf, 1, &record, offsetof(struct ring_record, stamp[7]))); /* torn: short */
	check(ctf_tick(ctf, BEGIN_NS + 90000000));
	check(ctf_add_choice(ctf, BEGIN_NS + 95000000, CHOICE_SAMPLES, 0x01020304, "a\"b"));
	check(ctf_add_mark(ctf, &(struct ctf_mark){ .ns = BEGIN_NS + 96000000,
						    .number = 0x0102030405060708,
						    .slot = 0x11121314,
						    .text = "c\nd" }));
	check(ctf_add_device(ctf, &(struct device_range){ .first = 0x0102030405060708,
							  .last = 0x1112131415161718,
							  .pid = 0x21222324,
							  .source = DEVICE_BY_VMM,
							  .name = "e\"f" }));
	ctf_set_pause_cost(ctf, &(struct pause_cost){ .runs = 640, .ns = 12345 });
	ctf_set_lost(ctf, 1, 4); /* with no event to travel with */
	check(ctf_finish(ctf, BEGIN_NS + 100000000));
}

static void write_many(struct ctf *ctf)
{
	struct ring_record record = distinct_record();

	for (unsigned int pattern = 0; pattern < 140; pattern++) {
		for (unsigned int i = 0; i < 8; i++)
			record.stamp[i] = pattern >> i & 1 ? record.fixed.begin + i + 1 : 0;
		add(ctf, 0, &record);
	}
	record.stamp[7] = record.fixed.begin + 0x100000008;
	add(ctf, 0, &record);
	check(ctf_finish(ctf, BEGIN_NS + 1000000));
}

/* Of as many bits as chance says, up to `bits`; mostly of few. */
static uint64_t some_value(unsigned int bits)
{
	static uint64_t state = 1;
	unsigned int wanted;

	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	wanted = (unsigned int)(state >> 60) ? 5 : (unsigned int)(state >> 54 & 0x3f) + 1;
	if (wanted > bits)
		wanted = bits;
	return (state ^ state >> 32) & (UINT64_MAX >> (64 - wanted));
}

static void print_record(const struct ring_record *record, unsigned int cpu, uint32_t slot)
{
	printf("%llu cpu_id=%u vcpu=%u", (unsigned long long)record->timestamp, cpu, slot);
#define EXIT_FIELD(bits, name, base, help)                                                         \
	printf(base == 16 ? " " #name "=0x%llX" : " " #name "=%llu",                               \
	       (unsigned long long)record->fixed.name);
#include "probes/events.def"
#undef EXIT_FIELD
	printf(" th_vector=%llu host_events=%llu\n",
	       (unsigned long long)(record->stamp[0] - record->fixed.begin),
	       (unsigned long long)(record->stamp[6] - record->stamp[0]));
}

/* What a record of that number has; every 1,000th comes 5 s after the one before it. */
static void fill_some(struct ring_record *record, unsigned int number)
{
#define EXIT_FIELD(bits, name, base, help) record->fixed.name = (__u##bits)some_value(bits);
#include "probes/events.def"
#undef EXIT_FIELD
	record->timestamp += number % 1000 ? 1 + some_value(20) : 5000000000;
	record->fixed.begin = UINT64_C(1) << 40 | some_value(50);
	record->fixed.flags &= ~(EXIT_FLAG_CYCLES_EXIT | EXIT_FLAG_CYCLES_ENTRY);
	record->fixed.kind = EXIT_KIND_EXIT;
	record->fixed.stages = 2; /* what the collector says of it */
	record->fixed.missing = record->fixed.missing_high = 0;
	record->stamp[0] = record->fixed.begin + some_value(48) + 1;
	record->stamp[6] = record->stamp[0] + some_value(62);
}

static void write_widths(struct ctf *ctf)
{
	struct ring_record record = { .timestamp = BEGIN_NS, .pid = (__u32)getpid() };

	for (unsigned int i = 1; i <= 6000; i++) {
		fill_some(&record, i);
		print_record(&record, i % 2, record.vcpu);
		check(ctf_add(ctf, i % 2, &record, offsetof(struct ring_record, stamp[8])));
	}
	check(ctf_finish(ctf, record.timestamp + 1));
}

static void write_cut(struct ctf *ctf, int records)
{
	struct ring_record record = distinct_record();
	struct ctf_counts counts;

	for (int i = 0; i < records; i++) {
		for (unsigned int stage = 0; stage < 8; stage++)
			record.stamp[stage] =
				i / 16 >> stage & 1 ? record.fixed.begin + stage + 1 : 0;
		record.vcpu = (unsigned int)i / 50;
		record.timestamp += 1000000 - 1000;
		add(ctf, i / 10 % 2, &record);
		check(ctf_tick(ctf, record.timestamp));
	}
	ctf_get_counts(ctf, &counts);
	printf("%llu\n", (unsigned long long)counts.records);
}

int main(int argc, char **argv)
{
	struct identities identities = { 0 };
	struct ctf *ctf = NULL;

	if (argc < 3)
		return 2;
	prctl(PR_SET_NAME, "vm a\"b\\c");
	check(ctf_create(argv[2], &facts, 2, &identities, BEGIN_NS, &ctf));
	if (!strcmp(argv[1], "every"))
		write_every(ctf);
	else if (!strcmp(argv[1], "many"))
		write_many(ctf);
	else if (!strcmp(argv[1], "widths"))
		write_widths(ctf);
	else
		write_cut(ctf, atoi(argv[3]));
	ctf_free(ctf);
	identities_release(&identities);
	return 0;
}
