/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Traces with all that a record can hold: more than 64 stages, cycles, causes
 * of EL2's own exits, stages taken out of others. report_classes NAME DIR.
 * All lengths are fixed, so every figure of a report can be checked by hand.
 */
#include "tests/golden/report_trace.h"

/* Some of the kernel's stages; 60 that are never touched make the rest two-word. */
enum {
	SAVE_GP,
	TH_EL2,
	SAVE_EL1_GUEST,
	SAVE_FP_GUEST,
	RESTORE_EL1_HOST,
	TRANSIT_OUT,
	TRACING,
	SAVE_FP_GUEST_SYNC,
	HANDLER,
	VCPU_PUT,
	PUT_EL1,
	IO_USER,
	VCPU_LOAD,
	LOAD_EL1,
	SPARE,
	FLUSH = SPARE + 60,
	TRANSIT_IN,
	SAVE_EL1_HOST,
	RESTORE_EL1_GUEST,
	RESTORE_QUUX_GUEST,
	RESTORE_GP,
	PREEMPTED,
	IRQ_TAKEN,
	STAGES
};

static const char stages_before[] =
	"sr_save_gp th_el2 sr_save_el1_guest sr_save_fp_guest sr_restore_el1_host sr_transit_out "
	"host_tracing sr_save_fp_guest__sync th_handler sr_vcpu_put sr_put_el1 io_user "
	"sr_vcpu_load sr_load_el1";
static const char stages_after[] =
	" id_flush sr_transit_in sr_save_el1_host sr_restore_el1_guest sr_restore_quux_guest "
	"sr_restore_gp host_preempted host_irq__taken";

/* One vCPU's life, told exit by exit. */
struct life {
	struct writer *writer;
	uint32_t seq;
	uint64_t now, ns_per_tick;
	bool deferred; /* VHE: EL1 state is moved at vcpu_load and vcpu_put */
	bool cycles;
};

/* An exit under way. */
struct step {
	struct exit_fixed fixed;
	uint64_t length[WRITER_STAGES];
};

/* 3 cycles a tick, of what is stamped at EL2. */
static void live(struct life *life, struct step step)
{
	struct writer_set touched = { 0 }, cycled = { 0 };
	uint32_t cycles[WRITER_STAGES] = { 0 };

	step.fixed.begin = life->now + step.fixed.guest + step.fixed.el2_time;
	step.fixed.seq = life->seq++;
	life->now = step.fixed.begin;
	for (unsigned int i = 0; i < STAGES; i++) {
		life->now += step.length[i];
		if (step.length[i])
			writer_add(&touched, i);
		cycles[i] = (uint32_t)step.length[i] * 3;
		if (life->cycles && step.length[i] &&
		    (i < TRANSIT_OUT || (i > TRANSIT_IN && i < PREEMPTED)))
			writer_add(&cycled, i);
	}
	step.fixed.emit = life->now;
	if (life->cycles)
		step.fixed.flags |= 32 | 64; /* of both halves */
	writer_stages(life->writer, 0, 0, life->now * life->ns_per_tick, &step.fixed, touched,
		      step.length, cycled, cycles);
}

/* What each exit does: 12 stages, 10 where EL1 state is moved at another time. */
static struct step hypercall(const struct life *life, uint64_t guest)
{
	struct step step = {
		.fixed = { .kind = EXIT_KIND_EXIT,
			   .code = EXIT_CODE_TRAP,
			   .esr = 0x5a000000,
			   .arg = 0x84000000,
			   .guest = guest },
		.length = { [SAVE_GP] = 5,
			    [TH_EL2] = 4,
			    [SAVE_EL1_GUEST] = 12,
			    [RESTORE_EL1_HOST] = 10,
			    [TRANSIT_OUT] = 9,
			    [TRACING] = 8,
			    [HANDLER] = 6,
			    [FLUSH] = 7,
			    [TRANSIT_IN] = 12,
			    [SAVE_EL1_HOST] = 8,
			    [RESTORE_EL1_GUEST] = 15,
			    [RESTORE_QUUX_GUEST] = 1,
			    [RESTORE_GP] = 5 },
	};

	if (!life->deferred)
		return step;
	step.length[SAVE_EL1_GUEST] = step.length[RESTORE_EL1_HOST] = 0;
	step.length[SAVE_EL1_HOST] = step.length[RESTORE_EL1_GUEST] = 0;
	step.length[TRANSIT_OUT] = step.length[TRANSIT_IN] = 1;
	return step;
}

/* The guest used FP since the last exit; saved in two places. EL2 finished 2 traps for it. */
static struct step fp(struct life *life, uint64_t guest)
{
	struct step step = hypercall(life, guest);

	step.fixed.el2_count = 5;
	step.fixed.el2_time = 300;
	step.length[SAVE_FP_GUEST] = 20;
	step.length[SAVE_FP_GUEST_SYNC] = 6;
	writer_el2(life->writer, 0, 0, (life->now + 1) * life->ns_per_tick, life->seq,
		   EXIT_CODE_TRAP, 0x1e000000, 2, 200);
	writer_el2(life->writer, 0, 0, (life->now + 1) * life->ns_per_tick, life->seq,
		   EXIT_CODE_TRAP, 0x623a3036, 1, 40);
	writer_el2(life->writer, 0, 0, (life->now + 1) * life->ns_per_tick, life->seq,
		   EXIT_CODE_TRAP, UINT64_MAX, 2, 60);
	return step;
}

/* An access that user space emulates; the thread is preempted and interrupted there. */
static struct step mmio(const struct life *life, uint64_t guest)
{
	struct step step = hypercall(life, guest);

	step.fixed.esr = 0x93830045;
	step.fixed.ipa = 0x9000018;
	step.fixed.flags = EXIT_FLAG_MMIO_USER | EXIT_FLAG_USER;
	step.fixed.user_reason = 6; /* KVM_EXIT_MMIO */
	step.length[VCPU_PUT] = 11;
	step.length[IO_USER] = 500;
	step.length[VCPU_LOAD] = 13;
	step.length[PREEMPTED] = 300;
	step.length[IRQ_TAKEN] = 45;
	if (life->deferred) {
		step.length[PUT_EL1] = 17;
		step.length[LOAD_EL1] = 22;
	}
	return step;
}

/* A stamp of the second word is not there: what follows it is not booked, pauses are. */
static struct step incomplete(const struct life *life)
{
	struct step step = mmio(life, 10);

	step.fixed.missing_high = UINT64_C(1) << (TRANSIT_IN - 64);
	step.length[TRANSIT_IN] = 0;
	return step;
}

static void write_life(struct writer *writer, bool deferred, uint64_t ns_per_tick)
{
	struct life life = { .writer = writer,
			     .now = 10000,
			     .ns_per_tick = ns_per_tick,
			     .deferred = deferred,
			     .cycles = writer->facts.cycles };

	writer_vcpu(writer, 10, 0, 4000, 4001, 0, "qemu-system-aar");
	for (uint64_t i = 0; i < 20; i++)
		live(&life, hypercall(&life, 1000 + i));
	for (int i = 0; i < 5; i++)
		live(&life, fp(&life, 2000));
	for (int i = 0; i < 8; i++)
		live(&life, mmio(&life, 400));
	live(&life, incomplete(&life));
	writer_end_paused(writer, 90000000000, 34, 0, 0, 0, 9, 4080);
}

static void write_nvhe(struct writer *writer)
{
	write_life(writer, false, 16);
}

static void write_vhe(struct writer *writer)
{
	write_life(writer, true, 16);
}

static void write_icount(struct writer *writer)
{
	write_life(writer, false, 1);
}

static const struct sample samples[] = {
	{ "classes_nvhe",
	  write_nvhe,
	  { .hz = 62500000, .mode = "nvhe", .stamp_cost_64 = 96, .cycles = true } },
	{ "classes_vhe",
	  write_vhe,
	  { .hz = 62500000,
	    .mode = "vhe",
	    .barriers = "synchronised",
	    .stamp_cost_64 = 128,
	    .eret = 3,
	    .irq = 20,
	    .trap = 25,
	    .hvc = 30 } },
	{ "classes_icount",
	  write_icount,
	  { .unit = "instructions",
	    .emulated = true,
	    .stamp_cost_64 = 256,
	    .eret = 3,
	    .irq = 20,
	    .trap = 25,
	    .hvc = 30 } },
	{ "classes_slow",
	  write_nvhe,
	  { .hz = 25000000, .mode = "nvhe", .stamp_cost_64 = 96, .cycles = true } },
};

/* The names of all stages; the spare ones are places of one account. */
static const char *stage_names(void)
{
	static char names[8192];
	size_t length = (size_t)snprintf(names, sizeof(names), "%s", stages_before);

	for (int i = SPARE; i < FLUSH; i++)
		length += (size_t)snprintf(names + length, sizeof(names) - length,
					   " host_spare__%d", i);
	snprintf(names + length, sizeof(names) - length, "%s", stages_after);
	return names;
}

int main(int argc, char **argv)
{
	return sample_main(argc, argv, samples, sizeof(samples) / sizeof(samples[0]), stage_names());
}
