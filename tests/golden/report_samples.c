/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes the traces that report.sh reports on: report_samples NAME DIR.
 * All lengths are fixed, so every figure of a report can be checked by hand.
 */
#include "tests/golden/report_trace.h"

/* A part of the 6.12 kernel's stages, in its order. */
enum {
	SAVE_GP,
	TH_EL2,
	SAVE_EL1_GUEST,
	RESTORE_EL1_HOST,
	TRANSIT_OUT,
	TRACKING_EXIT,
	SYNC,
	IRQ,
	TRACING,
	HANDLER,
	LOOP_LEAVE,
	IO_USER,
	IO_COMPLETE,
	REQUESTS_SLEEP,
	BLOCKED,
	REQUESTS,
	FLUSH,
	LOOP_ENTRY,
	TRANSIT_IN,
	SAVE_EL1_HOST,
	RESTORE_EL1_GUEST,
	RESTORE_GP,
	STAGES
};

static const char stage_names[] =
	"sr_save_gp th_el2 sr_save_el1_guest sr_restore_el1_host sr_transit_out "
	"host_context_tracking__exit id_sync host_irq host_tracing th_handler "
	"host_run_loop__leave io_user io_complete host_requests__sleep "
	"host_blocked host_requests id_flush host_run_loop__entry "
	"sr_transit_in sr_save_el1_host sr_restore_el1_guest sr_restore_gp";

#define BIT(stage) (UINT64_C(1) << (stage))

/* One vCPU's life, told record by record. */
struct life {
	struct writer *writer;
	unsigned int cpu;
	uint32_t slot, seq;
	uint64_t now;	/* counter at the end of the last record [ticks] */
	bool el1_moved; /* VHE: no EL1 state is switched at an exit */
};

enum { NS_PER_TICK = 16 };

static uint64_t touched_of(const uint64_t *length)
{
	uint64_t touched = 0;

	for (int i = 0; i < STAGES; i++)
		if (length[i])
			touched |= BIT(i);
	return touched;
}

static uint64_t sum_of(const uint64_t *length)
{
	uint64_t sum = 0;

	for (int i = 0; i < STAGES; i++)
		sum += length[i];
	return sum;
}

/* Adds a record with the guest before it; a length of 0 is a stage that is not touched. */
static void live(struct life *life, struct exit_fixed fixed, const uint64_t *length)
{
	fixed.begin = life->now + fixed.guest + fixed.el2_time;
	fixed.seq = life->seq++;
	fixed.tid = 4001 + life->slot;
	fixed.cpu_exit = (uint16_t)life->cpu;
	fixed.cpu_entry = (uint16_t)life->cpu;
	life->now = fixed.begin + sum_of(length);
	fixed.emit = life->now;
	writer_record(life->writer, life->cpu, life->slot, life->now * NS_PER_TICK, &fixed,
		      touched_of(length), length);
}

/* What every exit of the sample does at least: 100 + 8 ticks of tracing. */
static void common_stages(const struct life *life, uint64_t length[WRITER_STAGES])
{
	static const uint64_t each[STAGES] = {
		[SAVE_GP] = 3,
		[TH_EL2] = 4,
		[SAVE_EL1_GUEST] = 10,
		[RESTORE_EL1_HOST] = 11,
		[TRANSIT_OUT] = 9,
		[TRACKING_EXIT] = 2,
		[SYNC] = 6,
		[TRACING] = 8,
		[HANDLER] = 5,
		[REQUESTS] = 1,
		[FLUSH] = 7,
		[LOOP_ENTRY] = 2,
		[TRANSIT_IN] = 12,
		[SAVE_EL1_HOST] = 8,
		[RESTORE_EL1_GUEST] = 15,
		[RESTORE_GP] = 5,
	};

	memset(length, 0, WRITER_STAGES * sizeof(*length));
	memcpy(length, each, sizeof(each));
	if (!life->el1_moved)
		return;
	length[SAVE_EL1_GUEST] = length[RESTORE_EL1_HOST] = 0;
	length[SAVE_EL1_HOST] = length[RESTORE_EL1_GUEST] = 0;
	length[TRANSIT_OUT] = length[TRANSIT_IN] = 1;
}

static void start(struct life *life)
{
	uint64_t length[WRITER_STAGES] = {
		[REQUESTS] = 20, [FLUSH] = 30, [LOOP_ENTRY] = 2, [TRANSIT_IN] = 12, [RESTORE_GP] = 5
	};

	live(life, (struct exit_fixed){ .kind = EXIT_KIND_START }, length);
}

static void hypercall(struct life *life, uint32_t function, uint64_t guest)
{
	uint64_t length[WRITER_STAGES];

	common_stages(life, length);
	live(life,
	     (struct exit_fixed){ .kind = EXIT_KIND_EXIT,
				  .code = EXIT_CODE_TRAP,
				  .esr = 0x5a000000,
				  .arg = function,
				  .guest = guest },
	     length);
}

static void interrupt(struct life *life, uint64_t guest, uint64_t host_irq)
{
	uint64_t length[WRITER_STAGES];

	common_stages(life, length);
	length[IRQ] = host_irq;
	live(life,
	     (struct exit_fixed){ .kind = EXIT_KIND_EXIT, .code = EXIT_CODE_IRQ, .guest = guest },
	     length);
}

/* WFI: the handler blocks. The guest came from two exits that EL2 finished by itself. */
static void wait(struct life *life, uint64_t blocked)
{
	uint64_t length[WRITER_STAGES];

	common_stages(life, length);
	length[HANDLER] += blocked;
	live(life,
	     (struct exit_fixed){ .kind = EXIT_KIND_EXIT,
				  .code = EXIT_CODE_TRAP,
				  .esr = 0x07e00000,
				  .guest = 500,
				  .el2_time = 30,
				  .el2_count = 2,
				  .blocked = blocked },
	     length);
}

static void mmio(struct life *life, uint64_t ipa, bool write, uint64_t user)
{
	uint64_t length[WRITER_STAGES];
	struct exit_fixed fixed = { .kind = EXIT_KIND_EXIT,
				    .code = EXIT_CODE_TRAP,
				    .esr = write ? 0x93830045 : 0x93830005,
				    .ipa = ipa,
				    .guest = 40,
				    .flags = EXIT_FLAG_MMIO_KERNEL };

	common_stages(life, length);
	length[HANDLER] = 50;
	if (user) {
		fixed.flags = EXIT_FLAG_MMIO_USER | EXIT_FLAG_USER;
		fixed.user_reason = 6; /* KVM_EXIT_MMIO */
		length[LOOP_LEAVE] = 20;
		length[IO_USER] = user;
		length[IO_COMPLETE] = 10;
	}
	live(life, fixed, length);
}

/* The run is prepared, finds a signal, and begins again. */
static void aborted(struct life *life)
{
	uint64_t length[WRITER_STAGES], again[WRITER_STAGES] = {
		[REQUESTS] = 4, [FLUSH] = 7, [LOOP_ENTRY] = 2, [TRANSIT_IN] = 12, [RESTORE_GP] = 5
	};

	common_stages(life, length);
	live(life,
	     (struct exit_fixed){ .kind = EXIT_KIND_EXIT,
				  .code = EXIT_CODE_IRQ,
				  .guest = 60,
				  .flags = EXIT_FLAG_NOT_ENTERED },
	     length);
	live(life, (struct exit_fixed){ .kind = EXIT_KIND_CONTINUATION }, again);
}

/* The handler's stamp is not there: the requests after it are not booked. */
static void incomplete(struct life *life)
{
	uint64_t length[WRITER_STAGES];

	common_stages(life, length);
	length[HANDLER] = 0;
	length[REQUESTS] = 6;
	live(life,
	     (struct exit_fixed){ .kind = EXIT_KIND_EXIT,
				  .code = EXIT_CODE_IRQ,
				  .guest = 10,
				  .missing = BIT(HANDLER) },
	     length);
}

static void busy_vcpu(struct life *life)
{
	start(life);
	for (int i = 0; i < 40; i++)
		hypercall(life, 0x84000000, 1000 + (uint64_t)i);
	for (int i = 0; i < 10; i++)
		interrupt(life, 3000, 100 + 10 * (uint64_t)i);
	for (int i = 0; i < 5; i++)
		mmio(life, 0x08000100, i & 1, 0);
	for (int i = 0; i < 6; i++)
		mmio(life, 0x09000018, i < 4, 400 + 100 * (uint64_t)i);
	aborted(life);
	incomplete(life);
	hypercall(life, 0x84000008, 10);
}

/* The vCPU is paused: it sleeps in a request, not in a handler. */
static void pause_request(struct life *life, uint64_t blocked)
{
	uint64_t length[WRITER_STAGES];

	common_stages(life, length);
	length[REQUESTS_SLEEP] = 2;
	length[BLOCKED] = blocked;
	live(life,
	     (struct exit_fixed){ .kind = EXIT_KIND_EXIT, .code = EXIT_CODE_IRQ, .guest = 10 },
	     length);
}

static void idle_vcpu(struct life *life)
{
	start(life);
	pause_request(life, 700);
	wait(life, 2000);
	wait(life, 3000);
	interrupt(life, 10, 40);
}

static void write_host(struct writer *writer, bool el1_moved)
{
	struct life busy = { .writer = writer, .now = 10000, .el1_moved = el1_moved };
	struct life idle = {
		.writer = writer, .cpu = 1, .slot = 1, .now = 20000, .el1_moved = el1_moved
	};

	writer_vcpu(writer, 10, 0, 4000, 4001, 0, "qemu-system-aar");
	writer_vcpu(writer, 20, 1, 4000, 4002, 1, "qemu-system-aar");
	busy_vcpu(&busy);
	idle_vcpu(&idle);
}

static void write_nvhe(struct writer *writer)
{
	write_host(writer, false);
	writer_discard(writer, 2, 3000, 3);
	writer_end(writer, 90000000000, 72, 3, 0, 1);
}

static void write_vhe(struct writer *writer)
{
	write_host(writer, true);
	writer_end(writer, 90000000000, 72, 0, 0, 0);
}

/* 30 registers on 25 pages: more reasons and devices than a report shows apart. */
static void write_many(struct writer *writer)
{
	struct life life = { .writer = writer, .now = 1000 };

	writer_vcpu(writer, 10, 0, 77, 77, 0, "many");
	for (uint64_t i = 0; i < 30; i++)
		mmio(&life, 0x0a000000 + (i % 25 << 12) + (i / 25 << 3), false, 500 + i);
	writer_end(writer, 90000000000, 30, 0, 0, 0);
}

/* A length of more than 32 bits. */
static void write_wide(struct writer *writer)
{
	struct life life = { .writer = writer, .now = 1000 };

	writer_vcpu(writer, 10, 0, 77, 77, 0, "sleeper");
	start(&life);
	wait(&life, 5000000000);
	wait(&life, 4);
	writer_end(writer, 90000000000, 3, 0, 0, 0);
}

/*
 * A hypercall loop under icount: one instruction is one tick. Of the 301 guests
 * before an exit, sorted, the 298th, which is p99, is 41.
 */
static void write_icount(struct writer *writer)
{
	struct life life = { .writer = writer, .now = 1000000 };

	writer_vcpu(writer, 10, 0, 77, 77, 0, "hyptrace-vmm");
	start(&life);
	for (int i = 0; i < 300; i++)
		hypercall(&life, 0x84000000, i < 295 ? 21 : 40 + (uint64_t)i - 295);
	hypercall(&life, 0x84000008, 9);
	writer_end(writer, 90000000000, 302, 0, 0, 0);
}

/* Nothing says that the recording ended. */
static void write_cut(struct writer *writer)
{
	struct life life = { .writer = writer, .now = 1000 };

	writer_vcpu(writer, 10, 0, 77, 77, 0, "cut");
	start(&life);
	hypercall(&life, 0x80000000, 21);
}

/*
 * Two VMs whose devices are named by the kernel and by QEMU, before and behind the
 * accesses; two devices on one page, one on two, and one without a name.
 */
static void write_devices(struct writer *writer)
{
	struct life red = { .writer = writer, .now = 1000 };
	struct life blue = { .writer = writer, .cpu = 1, .slot = 1, .now = 2000 };

	writer_vcpu(writer, 10, 0, 50, 50, 0, "red");
	writer_vcpu(writer, 20, 1, 60, 60, 0, "blue");
	writer_device(writer, 30, 0x8000000, 0x800ffff, 50, 1, "GICD");
	writer_device(writer, 30, 0x8000000, 0x800ffff, 60, 1, "GICD");
	writer_device(writer, 30, 0xa000000, 0xa0001ff, 50, 2, "virtio-mmio");
	writer_device(writer, 30, 0xa000200, 0xa0003ff, 50, 2, "virtio-mmio");
	mmio(&red, 0x08000100, false, 0);
	mmio(&red, 0x0800f000, true, 0);
	mmio(&red, 0x0a000010, true, 500);
	mmio(&red, 0x0a000210, true, 400);
	mmio(&red, 0x09000018, true, 300);
	mmio(&red, 0x09010000, false, 200);
	mmio(&blue, 0x08000100, false, 0);
	mmio(&blue, 0x09000018, true, 100);
	writer_device(writer, 80000000000, 0x9000000, 0x9000fff, 50, 2, "pl\00311");
	writer_end(writer, 90000000000, 8, 0, 0, 0);
}

/* A million exits of two vCPUs, for benchmarks. */
static void write_million(struct writer *writer)
{
	struct life busy = { .writer = writer, .now = 1000 };
	struct life other = { .writer = writer, .cpu = 1, .slot = 1, .now = 2000 };

	writer_vcpu(writer, 10, 0, 4000, 4001, 0, "qemu-system-aar");
	writer_vcpu(writer, 20, 1, 4000, 4002, 1, "qemu-system-aar");
	for (uint32_t i = 0; i < 250000; i++) {
		hypercall(&busy, 0x84000000 + i % 9, 1000 + i % 500);
		interrupt(&other, 3000, 100 + i % 300);
		hypercall(&other, 0xc4000000, 900 + i % 77);
		mmio(&busy, 0x09000000 + (i % 16 << 12), i & 1, i % 1000 ? 400 + i % 50 : 90000);
	}
	writer_end(writer, 90000000000, 1000000, 0, 0, 0);
}

/* More patterns of stages than have a class of their own. */
static void write_fallback(struct writer *writer)
{
	writer->patterns = 2;
	write_vhe(writer);
}

static const struct sample samples[] = {
	{ "nvhe", write_nvhe, { .hz = 62500000, .mode = "nvhe", .old = true } },
	{ "vhe", write_vhe, { .hz = 62500000, .mode = "vhe", .old = true } },
	{ "fallback", write_fallback, { .hz = 62500000, .mode = "vhe", .old = true } },
	{ "many", write_many, { .hz = 25000000, .old = true } },
	{ "wide", write_wide, { .hz = 19200000, .old = true } },
	{ "icount", write_icount, { .unit = "instructions", .emulated = true, .old = true } },
	{ "cut", write_cut, { .emulated = true, .old = true } },
	{ "devices", write_devices, { .hz = 62500000 } },
	{ "million", write_million, { .hz = 62500000, .old = true } },
	{ "foreign", write_cut, { .foreign = true, .old = true } },
	{ "unnamed", write_cut, { .unnamed = true, .old = true } },
};

int main(int argc, char **argv)
{
	return sample_main(argc, argv, samples, sizeof(samples) / sizeof(samples[0]), stage_names);
}
