/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `hyptrace record` with records of ring_producer.bpf.c in place of KVM's: the
 * whole collector on any kernel.
 *
 * recorder stat ARGUMENT...: `hyptrace stat` with their totals; live: the dashboard
 * recorder --probe: only tells whether BPF is permitted here: 0, or 77 with the
 *   reason
 * recorder --turns CALLS: makes so many calls on one CPU itself, then reads the
 *   rings and prints how many records each turn took
 * recorder --stages N ARGUMENT...: as with ARGUMENT, but records have so many stages, as
 *   large as those of a kernel that has as many
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/bpf_source.h"
#include "collector/drain.h"
#include "collector/record.h"
#include "collector/stage_names.h"
#include "live/stat.h"
#include "tui/tui.h"
#include "tests/integration/ring_producer.skel.h"

enum { TEST_SKIPPED = 77, EXIT_USAGE = 2 };

static const char *const usual_names[] = {
	"th_first",	    "sr_save_gp",      "sr_save_el1_guest", "sr_save_vgic_lr",
	"sr_save_fp",	    "sr_save_timer",   "sr_save_debug",	    "host_irq",
	"th_handler",	    "id_flush",	       "host_requests",	    "sr_restore_el1_guest",
	"io_user",	    "sr_traps",	       "sr_stage2",	    "sr_restore_timer",
	"sr_restore_debug", "sr_restore_gp",   "never_touched",	    "sr_transit_eret",
	"host_preempted",   "host_irq__taken",
};

enum { HANDLER = 8, NS_PER_S = 1000000000, NAME_BYTES = 16 };

/* The usual ones; before those of pauses what is never touched, but for the last one. */
static const char *stage_names[EXIT_STAGES_MAX];
static char made_names[EXIT_STAGES_MAX][NAME_BYTES];
static unsigned int stage_total;

static bool name_stages(unsigned int total)
{
	const unsigned int usual = ARRAY_SIZE(usual_names), stamps = usual - PAUSE_KINDS;

	if (total < usual || total > EXIT_STAGES_MAX)
		return false;
	for (unsigned int i = 0; i < total; i++) {
		if (i < stamps) {
			stage_names[i] = usual_names[i];
		} else if (i >= total - PAUSE_KINDS) {
			stage_names[i] = usual_names[usual - (total - i)];
		} else {
			snprintf(made_names[i], NAME_BYTES, "host_more__%u", i);
			stage_names[i] = made_names[i];
		}
	}
	stage_total = total;
	return true;
}

struct producer {
	struct bpf_source base;
	struct ring_producer *probes;
};

static void producer_set_below(struct source *source, uint32_t below)
{
	((struct producer *)source)->probes->data->choose_below = below;
}

static void producer_close(struct source *source)
{
	struct producer *producer = (struct producer *)source;

	if (producer->probes)
		ring_producer__destroy(producer->probes);
	bpf_source_release(&producer->base);
	free(producer);
}

static const struct source_ops producer_ops = {
	.attach = bpf_source_attach,
	.detach = bpf_source_detach,
	.switch_on = bpf_source_switch,
	BPF_SOURCE_OPS,
	.set_below = producer_set_below,
	.close = producer_close,
};

static int load(struct producer *producer, const struct source_options *options)
{
	struct bpf_source *base = &producer->base;
	int r;

	producer->probes = ring_producer__open();
	if (!producer->probes)
		return bpf_source_error(-errno, "open the test's probes");
	producer->probes->rodata->target_all = options->all;
	producer->probes->rodata->records = !options->totals_only;
	producer->probes->rodata->stage_count = stage_total - PAUSE_KINDS;
	producer->probes->rodata->totals_handler = HANDLER;
	producer->probes->bss->totals_counter_hz = NS_PER_S;
	producer->probes->rodata->getppid_number = SYS_getppid;
	base->skeleton = producer->probes->skeleton;
	base->recorder = producer->probes->progs.produce;
	r = bpf_source_set_rules(base, options, &producer->probes->rodata->choose_rules);
	if (r >= 0)
		r = bpf_source_load(base);
	if (r >= 0)
		r = bpf_source_set_reasons(base, options,
					   &producer->probes->bss->choose_slower_ticks);
	return r < 0 ? r
		     : bpf_totals_open(&base->totals, producer->probes->obj,
				       &producer->probes->bss->totals_used,
				       &producer->probes->bss->totals_others,
				       (struct bpf_look){ 0 });
}

static int producer_open(const struct source_options *options, struct source **ret_source)
{
	_cleanup_(source_closep) struct source *source = NULL;
	struct producer *producer = calloc(1, sizeof(*producer));
	int r;

	if (!producer)
		return -ENOMEM;
	bpf_source_quiet();
	source = &producer->base.source;
	source->ops = &producer_ops;
	source->facts = (struct source_facts){
		.tier = "patched",
		.kvm_mode = "nvhe",
		.counter_name = "CLOCK_MONOTONIC",
		.counter_hz = NS_PER_S,
		.stamp_count = stage_total - PAUSE_KINDS,
		.stage_count = stage_total,
		.stage_names = stage_names,
	};
	producer->base.no_module = true;
	r = bpf_source_create_rings(&producer->base, options);
	if (r >= 0)
		r = load(producer, options);
	if (r < 0)
		return r;
	*ret_source = TAKE_PTR(source);
	return 0;
}

static int probe(void)
{
	const struct source_options options = { .ring_bytes = (size_t)sysconf(_SC_PAGESIZE) };
	_cleanup_(source_closep) struct source *source = NULL;
	int r = producer_open(&options, &source);

	if (r >= 0)
		r = source->ops->attach(source, getpid());
	if (r >= 0)
		return 0;
	printf("SKIP: %s\n", error_text(r));
	return TEST_SKIPPED;
}

static int count_record(void *context, unsigned int ring, const void *bytes, size_t size)
{
	++*(long *)context;
	return 0;
}

static int call_on_one_cpu(struct source *source, long calls)
{
	cpu_set_t here;
	int r = source->ops->attach(source, getpid());

	CPU_ZERO(&here);
	CPU_SET(sched_getcpu(), &here);
	sched_setaffinity(0, sizeof(here), &here);
	while (r >= 0 && calls--)
		syscall(SYS_getppid);
	source->ops->detach(source);
	return r;
}

static int print_turns(struct source *source, long *count)
{
	_cleanup_(drain_freep) struct drain *drain = NULL;
	bool more = true;
	int r = drain_create(source->ring_fds, source->ring_count, count_record, count, &drain);

	while (r >= 0 && more) {
		*count = 0;
		r = drain_turn(drain, &more);
		printf("%ld\n", *count);
	}
	return r;
}

static int turns(long calls)
{
	const struct source_options options = { .ring_bytes = (size_t)16 << 20 };
	_cleanup_(source_closep) struct source *source = NULL;
	int r = producer_open(&options, &source);
	long count = 0;

	if (r >= 0)
		r = call_on_one_cpu(source, calls);
	return r < 0 ? r : print_turns(source, &count);
}

int main(int argc, char **argv)
{
	bool sized = argc > 2 && !strcmp(argv[1], "--stages");
	int r;

	if (!name_stages(sized ? (unsigned int)atoi(argv[2]) : ARRAY_SIZE(usual_names)))
		return EXIT_USAGE;
	if (sized) {
		argv[2] = argv[0];
		argv += 2;
		argc -= 2;
	}
	if (argc == 2 && !strcmp(argv[1], "--probe"))
		return probe();
	if (argc == 3 && !strcmp(argv[1], "--turns"))
		r = turns(atol(argv[2]));
	else if (argc > 1 && !strcmp(argv[1], "stat"))
		r = stat_from(producer_open, argc - 1, argv + 1);
	else if (argc > 1 && !strcmp(argv[1], "live"))
		r = live_from(producer_open, argc - 1, argv + 1);
	else
		r = record_from(producer_open, argc, argv);
	if (r >= 0)
		return r;
	fprintf(stderr, "recorder: %s\n", error_text(r));
	return r == -EINVAL ? EXIT_USAGE : 1;
}
