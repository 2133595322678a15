/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes traces of hosts without patches, for report.sh: report_tiers NAME DIR.
 * All lengths are fixed, so every figure of a report can be checked by hand.
 */
#include "tests/golden/report_trace.h"

#include "probes/trip.h"

enum { PREEMPTED = TRIP_STAGES, TAKEN, STAGES };

static const char stage_names[] =
#define TRIP_STAGE(id, name, help) #name " "
#include "probes/trip_stages.def"
#undef TRIP_STAGE
	"host_preempted host_irq__taken";

struct life {
	struct writer *writer;
	uint32_t seq;
	uint64_t now; /* end of the last record [ns] */
};

/* Adds a record with the guest before it; a length of 0 is a stage that is not touched. */
static void live(struct life *life, struct exit_fixed fixed, const uint64_t *length)
{
	uint64_t touched = 0, sum = 0;

	for (int i = 0; i < STAGES; i++) {
		touched |= length[i] ? UINT64_C(1) << i : 0;
		sum += length[i];
	}
	fixed.kind = EXIT_KIND_EXIT;
	fixed.begin = life->now + fixed.guest;
	fixed.seq = life->seq++;
	fixed.tid = 4001;
	life->now = fixed.begin + sum;
	fixed.emit = life->now;
	writer_record(life->writer, 0, 0, life->now, &fixed, touched, length);
}

static void in_kernel(struct life *life, struct exit_fixed fixed, uint64_t handler)
{
	const uint64_t length[WRITER_STAGES] = { [TRIP_TRACING] = 20, [TRIP_HANDLER] = handler };

	fixed.guest = 1000;
	live(life, fixed, length);
}

static void in_user(struct life *life, struct exit_fixed fixed, uint64_t user, uint64_t run_loop)
{
	const uint64_t length[WRITER_STAGES] = { [TRIP_TRACING] = 20,
						 [TRIP_HANDLER] = 300,
						 [TRIP_USER] = user,
						 [TRIP_RUN_LOOP] = run_loop };

	fixed.guest = 1000;
	fixed.flags |= EXIT_FLAG_USER;
	live(life, fixed, length);
}

/* A host interrupt ends the guest's run, another one and a preemption come in the handler. */
static void interrupted(struct life *life, struct exit_fixed fixed)
{
	const uint64_t length[WRITER_STAGES] = { [TRIP_IRQ] = 700,
						 [TRIP_TRACING] = 20,
						 [TRIP_HANDLER] = 180,
						 [PREEMPTED] = 5000,
						 [TAKEN] = 100 };

	fixed.guest = 2000;
	live(life, fixed, length);
}

static void write_stock_records(struct writer *writer)
{
	const struct exit_fixed trap = { .code = EXIT_CODE_TRAP };
	struct life life = { .writer = writer, .now = 10000 };
	struct exit_fixed fixed = trap;

	writer_vcpu(writer, 10, 0, 4000, 4001, 0, "qemu-system-aar");
	fixed.esr = 0x5a000000;
	fixed.arg = 0x84000000;
	for (int i = 0; i < 4; i++)
		in_kernel(&life, fixed, 500);
	interrupted(&life, (struct exit_fixed){ .code = EXIT_CODE_IRQ });
	fixed = trap;
	fixed.esr = 0x93820005;
	fixed.ipa = 0x08000008;
	fixed.flags = EXIT_FLAG_MMIO_KERNEL;
	in_kernel(&life, fixed, 900);
	fixed.ipa = 0x09000018;
	fixed.flags = EXIT_FLAG_MMIO_USER;
	for (int i = 0; i < 3; i++)
		in_user(&life, fixed, 4000, 0);
	fixed = trap;
	fixed.esr = 0x07e00000;
	fixed.blocked = 30000;
	in_kernel(&life, fixed, 31000);
}

static void write_stock(struct writer *writer)
{
	write_stock_records(writer);
	writer_end_paused(writer, 90000, 10, 0, 0, 0, 6, 600);
}

/* The same with records lost, for screens that have more to say than room. */
static void write_lossy(struct writer *writer)
{
	write_stock_records(writer);
	writer_end_paused(writer, 90000, 10, 3, 0, 0, 6, 600);
}

static void write_svm(struct writer *writer)
{
	const struct exit_fixed svm = { .code = EXIT_CODE_SVM };
	struct life life = { .writer = writer, .now = 10000 };
	struct exit_fixed fixed = svm;

	writer_vcpu(writer, 10, 0, 4000, 4001, 0, "qemu-system-x86");
	fixed.esr = 0x72;
	for (int i = 0; i < 4; i++)
		in_kernel(&life, fixed, 500);
	fixed.esr = 0x7c | UINT64_C(1) << EXIT_X86_WRITE_BIT;
	fixed.arg = 0x6e0;
	in_kernel(&life, fixed, 800);
	fixed = svm;
	fixed.esr = 0x60;
	interrupted(&life, fixed);
	fixed.esr = 0x7b | UINT64_C(1) << EXIT_X86_WIDTH_SHIFT | UINT64_C(1) << EXIT_X86_WRITE_BIT;
	fixed.arg = 0x3f8;
	fixed.flags = EXIT_FLAG_MMIO_USER;
	for (int i = 0; i < 3; i++)
		in_user(&life, fixed, 4000, 50);
	fixed.esr = 0x400 | UINT64_C(4) << EXIT_X86_WIDTH_SHIFT;
	fixed.arg = fixed.ipa = 0xfec00010;
	fixed.flags = EXIT_FLAG_MMIO_KERNEL;
	in_kernel(&life, fixed, 900);
	fixed = svm;
	fixed.esr = 0x400;
	in_kernel(&life, fixed, 1900);
	fixed.esr = 0x78;
	fixed.blocked = 30000;
	in_kernel(&life, fixed, 31000);
	writer_end_paused(writer, 90000, 12, 0, 0, 0, 6, 600);
}

static void return_from_run(struct life *life, struct exit_fixed fixed, uint64_t user)
{
	const uint64_t length[WRITER_STAGES] = {
		[TRIP_IRQ] = 100, [TRIP_TRACING] = 20, [TRIP_USER] = user
	};

	fixed.guest = 9000;
	fixed.flags |= EXIT_FLAG_USER;
	fixed.code = EXIT_CODE_RUN;
	live(life, fixed, length);
}

static void write_generic(struct writer *writer)
{
	struct life life = { .writer = writer, .now = 10000 };
	struct exit_fixed fixed = { .flags = EXIT_FLAG_MMIO_USER };

	writer_vcpu(writer, 10, 0, 4000, 4001, 0, "qemu-system-x86");
	fixed.esr = EXIT_RUN_PORT | UINT64_C(1) << EXIT_X86_WIDTH_SHIFT |
		    UINT64_C(1) << EXIT_X86_WRITE_BIT;
	fixed.arg = 0x3f8;
	for (int i = 0; i < 3; i++)
		return_from_run(&life, fixed, 4000);
	fixed.esr = EXIT_RUN_MMIO | UINT64_C(4) << EXIT_X86_WIDTH_SHIFT;
	fixed.arg = fixed.ipa = 0xfed00010;
	return_from_run(&life, fixed, 6000);
	return_from_run(&life, (struct exit_fixed){ .esr = 10 }, 500);
	writer_end_paused(writer, 90000, 5, 0, 0, 0, 6, 600);
}

static const struct sample samples[] = {
	{ "stock", write_stock, { .tier = "stock", .clock = "CLOCK_MONOTONIC" } },
	{ "lossy", write_lossy, { .tier = "stock", .clock = "CLOCK_MONOTONIC" } },
	{ "svm",
	  write_svm,
	  { .tier = "x86", .arch = "x86_64", .mode = "svm", .clock = "CLOCK_MONOTONIC" } },
	{ "generic",
	  write_generic,
	  { .tier = "generic", .arch = "x86_64", .mode = "unknown", .clock = "CLOCK_MONOTONIC" } },
};

int main(int argc, char **argv)
{
	return sample_main(argc, argv, samples, sizeof(samples) / sizeof(samples[0]), stage_names);
}
