/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/record.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/bpf_source.h"
#include "collector/privileges.h"
#include "collector/process.h"
#include "collector/progress.h"
#include "collector/tiers.h"
#include "collector/recording.h"

enum { DRAIN_MS = 10, LINE_WIDTH = 70 };

#define PROGRESS_NS UINT64_C(250000000)

static void recording_release(struct recording *recording)
{
	drain_freep(&recording->drain);
	output_release(&recording->output);
	source_closep(&recording->source);
	marks_close(&recording->marks);
	chooser_release(&recording->options.chooser);
	vmm_side_release(&recording->vmm);
	target_release(&recording->target); /* a signal that still waits ends us there */
}

/* --- before the first record ------------------------------------------------ */

/* What this process alone needs, not COMMAND. Where it is refused, things go on without. */
static void prepare_process(void)
{
	struct sched_param lowest = { .sched_priority = 1 };
	struct rlimit files;

	sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &lowest);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max; /* three for each CPU */
		setrlimit(RLIMIT_NOFILE, &files);
	}
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
}

static int prepare_source(struct recording *recording, source_open *open)
{
	struct source_options options = { .ring_bytes = recording->options.ring_bytes,
					  .all = recording->options.target.all,
					  .synchronised = recording->options.synchronised,
					  .cycles = recording->options.cycles,
					  .chooser = &recording->options.chooser,
					  .tier = recording->options.tier };
	size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	int cpus = bpf_source_cpus(), r = 0;

	if (cpus < 0)
		return cpus;
	if (options.ring_bytes)
		r = ring_bytes_check(options.ring_bytes, (unsigned int)cpus, page_bytes);
	else
		options.ring_bytes = ring_bytes_default((unsigned int)cpus, page_bytes);
	return r < 0 ? r : open(&options, &recording->source);
}

static int take_record(void *context, unsigned int ring, const void *bytes, size_t size)
{
	struct recording *recording = context;

	return steer_takes(recording, bytes) ? output_add(&recording->output, ring, bytes, size)
					     : 0;
}

/* What the trace says of the records that are not in it. */
static int name_choice(struct recording *recording)
{
	struct buffer *text = &recording->options.chooser.text;
	uint64_t flight_bytes = recording->options.output.flight_bytes;
	char size[PROGRESS_TEXT];
	int r = 0;

	if (flight_bytes)
		r = buffer_printf(text, "%sthe newest %s", text->length ? "; " : "",
				  size_text(flight_bytes, size));
	recording->facts.chosen = buffer_text(text);
	return r;
}

static int prepare_trace(struct recording *recording)
{
	const struct source *source = recording->source;
	int r = facts_collect(&source->facts, &recording->facts);

	if (r < 0)
		return r;
	recording->facts.vmm_side = vmm_side_text(&recording->vmm);
	r = name_choice(recording);
	if (r < 0)
		return r;
	r = output_open(&recording->output, &recording->options.output, recording->source,
			&recording->facts, recording->begin_ns);
	if (r >= 0)
		r = vmm_side_place(&recording->vmm, recording->options.output.directory);
	if (r < 0)
		return r;
	return drain_create(source->ring_fds, source->ring_count, take_record, recording,
			    &recording->drain);
}

/* How the kernel stamps is one choice for all: that of the recording that came first. */
static void warn_of_mode(const struct recording *recording)
{
	const struct source_facts *facts = &recording->source->facts;
	const struct record_options *options = &recording->options;

	if (facts->synchronised == options->synchronised && facts->cycles == options->cycles)
		return;
	fprintf(stderr,
		"hyptrace record: another recording runs and decides: barriers are %s, the clock "
		"is "
		"%s\n",
		facts->synchronised ? "synchronised" : "plain",
		facts->cycles ? "cycles" : "generic");
}

/* Before the trace is begun, whose metadata say how the kernel stamps. */
static int attach(struct recording *recording)
{
	struct source *source = recording->source;
	int r;

	recording->begin_ns = clock_now_ns();
	r = source->ops->attach(source, target_pid(&recording->target));
	if (r < 0)
		return r;
	warn_of_mode(recording);
	return wakeups_set_timer(&recording->target.wakeups, DRAIN_MS);
}

/* Before COMMAND is forked, which gets it with its environment. */
static int prepare_vmm(struct recording *recording)
{
	struct target_options *target = &recording->options.target;
	struct vmm_side *vmm = &recording->vmm;
	int r;

	if (!recording->options.vmm)
		return 0;
	r = vmm_side_open(vmm, recording->options.output.directory, target);
	if (vmm_side_is_open(vmm))
		target->environment = vmm->environment;
	if (vmm->reason)
		recording_say(recording, "without the VMM's side: %s", vmm->reason);
	return r;
}

/* As the user that this process is by now. */
static void warn_of_processes(const struct recording *recording)
{
	const char *obstacle = process_obstacle(!recording->options.target.command);

	if (obstacle)
		recording_say(recording, "%s", obstacle);
}

/*
 * From here on no file is made outside the trace's folder, which is this user's. COMMAND
 * may be another user's by the time that it is told to end. The VMM's side is another
 * user's, too: it is given back, and removed, at the end.
 */
static int keep_little(const struct recording *recording)
{
	unsigned int keep = recording->target.child.pid ? PRIVILEGES_KILL : 0;

	if (vmm_side_is_open(&recording->vmm))
		keep |= PRIVILEGES_FILES;
	return privileges_drop(keep);
}

static int prepare(struct recording *recording, source_open *open)
{
	int r = ctf_check_absent(recording->options.output.directory);

	if (r >= 0)
		r = target_open(&recording->target);
	if (r >= 0)
		r = prepare_vmm(recording);
	if (r >= 0)
		r = target_prepare(&recording->target, &recording->options.target);
	if (r < 0)
		return r;
	prepare_process();
	r = prepare_source(recording, open);
	if (r >= 0)
		r = attach(recording);
	if (r >= 0)
		r = privileges_drop(PRIVILEGES_FILES | PRIVILEGES_KILL);
	if (r >= 0)
		r = prepare_trace(recording);
	if (r >= 0)
		r = steer_begin(recording);
	if (r >= 0)
		r = keep_little(recording);
	if (r >= 0)
		warn_of_processes(recording);
	return r;
}

/* --- while it records ------------------------------------------------------- */

static int turn(struct recording *recording, bool *ret_more)
{
	int r = output_take_lost(&recording->output);

	if (r >= 0)
		r = output_watch(&recording->output, clock_now_ns());
	if (r >= 0)
		r = drain_turn(recording->drain, ret_more);
	return r < 0 ? r : output_tick(&recording->output, clock_now_ns(), !*ret_more);
}

static void show_line(const char *text)
{
	fprintf(stderr, "\r%-*s", LINE_WIDTH, text);
}

static void clear_progress(const struct recording *recording)
{
	if (!recording->terminal)
		return;
	show_line("");
	fputc('\r', stderr);
}

void recording_say(const struct recording *recording, const char *format, ...)
{
	va_list args;

	clear_progress(recording);
	fputs("hyptrace record: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static void show_progress(struct recording *recording)
{
	uint64_t now_ns = recording->terminal ? clock_now_ns() : 0;
	char text[PROGRESS_TEXT], line[PROGRESS_TEXT + 2];
	struct ctf_counts counts;

	if (now_ns < recording->shown_ns + PROGRESS_NS)
		return;
	output_get_counts(&recording->output, &counts);
	snprintf(line, sizeof(line), "  %s",
		 progress_text(&counts, now_ns - recording->begin_ns, text));
	show_line(line);
	recording->shown_ns = now_ns;
}

static int record_until_told(struct recording *recording, struct wakeup *ret_last)
{
	struct wakeup wakeup = { 0 };
	bool more = false, over = false;
	int r = 0;

	while (r >= 0 && !over) {
		r = wakeups_wait(&recording->target.wakeups, !more, &wakeup);
		if (r >= 0)
			r = turn(recording, &more);
		if (r >= 0)
			r = steer(recording, &wakeup, &over);
		show_progress(recording);
	}
	*ret_last = wakeup;
	return r;
}

/* --- when it ends ----------------------------------------------------------- */

static int finish_trace(struct recording *recording)
{
	bool more = true;
	int r = 0;

	while (r >= 0 && more)
		r = turn(recording, &more);
	return r < 0 ? r : output_finish(&recording->output, clock_now_ns());
}

static void print_summary(const struct recording *recording)
{
	char text[PROGRESS_TEXT];
	struct ctf_counts counts;

	output_get_counts(&recording->output, &counts);
	fprintf(stderr, "hyptrace record: %s\n",
		summary_text(&counts, recording->options.output.directory, text));
	if (!counts.vcpus && !recording->options.output.flight_bytes)
		fprintf(stderr, "hyptrace record: no vCPU ran; 'hyptrace check' says what this "
				"host lacks\n");
	if (counts.tear.ticks)
		fprintf(stderr, "hyptrace record: %s\n",
			tear_text(&counts, &recording->source->facts, text));
}

/* The recording has failed; COMMAND, if it still runs, is not disturbed. */
static int give_up(struct recording *recording, struct wakeup last, int err)
{
	clear_progress(recording);
	if (!recording->target.child.pid)
		return err;
	if (!last.ended)
		fprintf(stderr, "hyptrace record: recording has stopped; '%s' runs on\n",
			recording->target.child.name);
	target_await_child(&recording->target, last);
	return err;
}

static void end_vmm(struct recording *recording)
{
	if (!vmm_side_end(&recording->vmm))
		recording_say(recording,
			      "lttng-sessiond ended early: the VMM's side is recorded up to then");
}

static int finish(struct recording *recording, struct wakeup last, int err)
{
	struct source *source = recording->source;
	int status = 0;

	target_forward_signal(&recording->target, &last);
	source->ops->detach(source);
	if (err >= 0)
		err = finish_trace(recording);
	end_vmm(recording);
	wakeups_set_timer(&recording->target.wakeups, 0);
	if (err < 0)
		return give_up(recording, last, err);
	if (recording->target.child.pid)
		status = target_await_child(&recording->target, last);
	clear_progress(recording);
	print_summary(recording);
	return status;
}

static void remove_trace(struct recording *recording)
{
	vmm_side_remove(&recording->vmm);
	if (recording->output.open)
		output_remove(&recording->output);
}

/* A COMMAND that cannot be run ends as in a shell, and leaves no trace. */
static int report_exec(struct recording *recording, int err)
{
	remove_trace(recording);
	fprintf(stderr, "hyptrace: %s\n", error_text(err));
	child_wait(&recording->target.child);
	return child_exec_status(err);
}

static int record(struct recording *recording, source_open *open)
{
	struct wakeup last;
	int r = prepare(recording, open);

	if (r < 0) {
		/* It holds the session's pipe, too, until it is COMMAND. */
		child_release(&recording->target.child);
		remove_trace(recording);
		return r;
	}
	if (recording->target.child.pid)
		r = child_start(&recording->target.child);
	if (r < 0)
		return report_exec(recording, r);
	r = record_until_told(recording, &last);
	return finish(recording, last, r);
}

int record_from(source_open *open, int argc, char **argv)
{
	_cleanup_(recording_release) struct recording recording = {
		.target = TARGET_NONE,
		.marks = MARKS_NONE,
		.vmm = VMM_SIDE_NONE,
		.terminal = isatty(STDERR_FILENO),
	};
	int r = record_options_parse(argc, argv, &recording.options);

	if (r == CMDLINE_HELP)
		return 0;
	return r < 0 ? r : record(&recording, open);
}

int command_record(int argc, char **argv)
{
	return record_from(source_open_best, argc, argv);
}
