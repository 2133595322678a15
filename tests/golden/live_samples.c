/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The dashboard on totals without a kernel: live_samples SAMPLE VCPUS REASONS
 * ARGUMENT... is `hyptrace live ARGUMENT...` on an array of the probes' layout,
 * filled with VMs of two vCPUs each; with stat before ARGUMENT, `hyptrace stat`.
 *
 * fixed: the numbers stay as they are; grows: each reading finds some more;
 * busy: a process of its own adds to them twice a second; idle: no exit for 12 s; spins: in the
 * guest since then; turns: each reading adds most to another reason; gone: the VMs' processes
 * do not exist; crash: dies by a signal once it is shown; leaves: the first VM is gone once
 * there is a file named `gone`; switch: a stamp takes 4 ns, and each vCPU came 10 times into
 * the run loop, RESTORE_GP took 70 ns then; stock: of that tier.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/error.h"
#include "collector/facts.h"
#include "collector/totals.h"
#include "live/stat.h"
#include "tui/tui.h"

enum { EXIT_USAGE = 2, GONE = 4194303, IDLE_S = 12, STARTS = 10, NS_PER_S = 1000000000 };

/* A part of the kernel's stages, and the two that are made of pauses. */
enum { SAVE_GP, TH_EL2, SYNC, IRQ, TRACING, HANDLER, IO_USER, FLUSH, RESTORE_GP, STAMPS };

static const char *const stage_names[] = {
	"sr_save_gp",	 "th_el2",	   "id_sync",	      "host_irq",
	"host_tracing",	 "th_handler",	   "io_user",	      "id_flush",
	"sr_restore_gp", "host_preempted", "host_irq__taken",
};

static const struct sample {
	const char *name;
	unsigned int growth; /* per cent of the first filling that each reading adds */
	bool busy, idle, spins, turns, gone, crash, leaves, priced;
	const char *tier; /* NULL: patched */
} samples[] = {
	{ .name = "fixed" },
	{ .name = "grows", .growth = 100 },
	{ .name = "busy", .busy = true },
	{ .name = "idle", .idle = true },
	{ .name = "spins", .idle = true, .spins = true },
	{ .name = "turns", .growth = 100, .turns = true },
	{ .name = "gone", .gone = true },
	{ .name = "crash", .crash = true },
	{ .name = "leaves", .leaves = true },
	{ .name = "switch", .priced = true },
	{ .name = "stock", .tier = "stock" },
};

static struct {
	const struct sample *sample;
	unsigned int vcpus, reasons, readings;
	struct totals_vcpu *vcpu;
	struct totals_vcpu_sums *sums;
} filled;

/* --- one filling -------------------------------------------------------------------------- */

/* Hypercalls 0x84000000 on, then accesses to devices; each with lengths of its own. */
static void fill_reason(struct totals_vcpu *vcpu, struct totals_sums *sums, unsigned int i)
{
	struct totals_reason *row = &vcpu->reason[i];
	uint64_t count = 1000 / (i + 1) + 1, length = 100 * (i + 1);
	bool mmio = i % 4 == 3;

	if (filled.sample->turns && filled.readings % filled.reasons == i)
		count *= 1000;
	row->kind = EXIT_KIND_EXIT;
	row->code = EXIT_CODE_TRAP;
	row->esr = mmio ? 0x93830005 : 0x5a000000;
	row->flags = mmio ? EXIT_FLAG_MMIO_USER | EXIT_FLAG_USER : 0;
	row->number = mmio ? 0x09000000 + ((uint64_t)i << 12) : 0x84000000 + i;
	row->count += count;
	row->ticks += count * length;
	row->min = length;
	row->max = length;
	row->histogram = i < TOTALS_HISTOGRAMS ? i : TOTALS_HISTOGRAMS;
	if (i < TOTALS_HISTOGRAMS)
		vcpu->histogram[i][totals_bucket(length)] += (uint32_t)count;
	sums->records += count; /* of which all else is told */
	sums->ticks[SAVE_GP] += count * 20;
	sums->ticks[TRACING] += count * 30;
	sums->ticks[HANDLER] += count * (length - 30);
	sums->ticks[RESTORE_GP] += count * length;
	vcpu->part[TOTALS_GUEST].ticks += count * 1000;
	vcpu->end += count * (length + 1000);
}

static void fill_starts(struct totals_vcpu *vcpu)
{
	vcpu->pattern[1].expected[0] = 1 << RESTORE_GP;
	vcpu->pattern[1].count += STARTS;
	vcpu->kinds[EXIT_KIND_START] += STARTS;
	vcpu->stage[RESTORE_GP] += STARTS * 70;
	vcpu->end += STARTS * 70;
}

static void name_vcpu(struct totals_vcpu *vcpu, unsigned int slot)
{
	unsigned int vm = slot / 2;

	vcpu->vm = 100 + vm;
	vcpu->vcpu = 1 + slot;
	vcpu->pid = filled.sample->gone ? GONE - vm : vm ? (uint32_t)getpid() + vm - 1 : 1;
	vcpu->tid = 4000 + slot;
	vcpu->index = slot % 2;
	snprintf(vcpu->command, sizeof(vcpu->command), "guest-%u", vm % 100);
	vcpu->begin = 1000;
	vcpu->end = 1000;
	vcpu->pattern[0].expected[0] = 1 << SAVE_GP | 1 << RESTORE_GP | 1 << TRACING | 1 << HANDLER;
	vcpu->histograms = filled.reasons < TOTALS_HISTOGRAMS ? filled.reasons : TOTALS_HISTOGRAMS;
}

static void fill(void)
{
	for (unsigned int slot = 0; slot < filled.vcpus; slot++) {
		struct totals_vcpu *vcpu = &filled.vcpu[slot];

		if (!filled.readings)
			name_vcpu(vcpu, slot);
		vcpu->sequence++;
		for (unsigned int i = 0; i < filled.reasons; i++)
			fill_reason(vcpu, &filled.sums[slot].pattern[0], i);
		if (filled.sample->priced)
			fill_starts(vcpu);
		vcpu->timestamp = clock_now_ns();
		vcpu->emit = vcpu->end;
		if (filled.sample->idle)
			vcpu->timestamp -= (uint64_t)IDLE_S * NS_PER_S;
		vcpu->sequence++;
	}
}

/* --- the source --------------------------------------------------------------------------- */

static int attach(struct source *source, pid_t pid)
{
	return 0;
}

static void detach(struct source *source)
{
}

static int lost(struct source *source, uint64_t *ret_by_cpu, uint64_t *ret_skipped)
{
	*ret_by_cpu = *ret_skipped = 0;
	return 0;
}

static int pause_cost(struct source *source, struct pause_cost *ret_cost)
{
	*ret_cost = (struct pause_cost){ 0 };
	return 0;
}

static int look(void *context, uint32_t slot, struct totals_open *ret_open)
{
	*ret_open = (struct totals_open){ .at_ns = clock_now_ns(), .state = TOTALS_STATE_GUEST };
	return 0;
}

static int totals(struct source *source, struct totals *ret_totals)
{
	const struct totals_mapped mapped = { .vcpu = filled.vcpu, .sums = filled.sums };
	const struct totals_others others = { 0 };

	if (!filled.readings || filled.sample->growth)
		fill();
	if (filled.readings++ > 1 && filled.sample->crash)
		raise(SIGSEGV);
	if (filled.sample->leaves && access("gone", F_OK) == 0)
		filled.vcpu[0].vcpu = filled.vcpu[1].vcpu = 0;
	return totals_read(&mapped, filled.vcpus, &others, filled.sample->spins ? look : NULL, NULL,
			   ret_totals);
}

static void close_source(struct source *source)
{
	identities_release(&source->identities);
	free(source);
}

static const struct source_ops ops = {
	.attach = attach,
	.detach = detach,
	.lost = lost,
	.pause_cost = pause_cost,
	.totals = totals,
	.close = close_source,
};

/* So that filling costs the dashboard nothing. */
static void begin_filling(void)
{
	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (filled.readings = 1; getppid() != 1; usleep(500000))
		fill();
	_exit(0);
}

static int open_source(const struct source_options *options, struct source **ret_source)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source)
		return -ENOMEM;
	source->ops = &ops;
	source->ring_count = 1;
	source->facts = (struct source_facts){ .tier = filled.sample->tier ?: "patched",
					       .stamp_cost_64 = filled.sample->priced ? 4 * 64 : 0,
					       .kvm_mode = "nvhe",
					       .counter_name = "CNTPCT_EL0",
					       .counter_hz = NS_PER_S,
					       .stamp_count = STAMPS,
					       .stage_count = ARRAY_SIZE(stage_names),
					       .stage_names = stage_names };
	if (filled.sample->busy)
		begin_filling();
	*ret_source = source;
	return 0;
}

static void *shared(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

int main(int argc, char **argv)
{
	bool stat = argc > 4 && !strcmp(argv[4], "stat");
	int r;

	for (size_t i = 0; argc > 4 && i < ARRAY_SIZE(samples); i++)
		if (!strcmp(samples[i].name, argv[1]))
			filled.sample = &samples[i];
	if (!filled.sample)
		return EXIT_USAGE;
	filled.vcpus = (unsigned int)atoi(argv[2]);
	filled.reasons = (unsigned int)atoi(argv[3]);
	filled.vcpu = shared(TOTALS_SLOTS * sizeof(*filled.vcpu));
	filled.sums = shared(TOTALS_SLOTS * sizeof(*filled.sums));
	r = filled.vcpu && filled.sums ? 0 : -ENOMEM;
	if (r >= 0)
		r = stat ? stat_from(open_source, argc - 4, argv + 4)
			 : live_from(open_source, argc - 3, argv + 3);
	if (r >= 0)
		return r;
	fprintf(stderr, "live_samples: %s\n", error_text(r));
	return 1;
}
