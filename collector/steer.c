/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/number.h"
#include "collector/recording.h"

#define BUDGET_LOOK_NS UINT64_C(500000000)

/* What is recorded while recording is on. */
static struct budget_step chosen(const struct recording *recording)
{
	return budget_at(recording->budget.step);
}

static int switch_on(struct recording *recording, bool on, const char *why)
{
	struct source *source = recording->source;
	uint64_t now_ns = clock_now_ns();
	struct budget_step step = chosen(recording);
	int r = source->ops->switch_on(source, on);

	recording->off = !on;
	if (r >= 0)
		r = output_choice(&recording->output, now_ns, on ? step.what : CHOICE_OFF,
				  on ? step.one_of : 0, why);
	if (on)
		limits_note_begin(&recording->limits, now_ns);
	return r;
}

/* Probes may lack what an option needs. */
static int check_source(const struct recording *recording)
{
	const struct source_ops *ops = recording->source->ops;

	if (recording->options.budget && (!ops->set_below || !ops->totals))
		return error_set(-EOPNOTSUPP,
				 "--budget is not for the probes of tier '%s'; leave it out",
				 recording->source->facts.tier);
	return 0;
}

int steer_begin(struct recording *recording)
{
	const struct limits_options *options = &recording->options.limits;
	int r = check_source(recording);

	if (r < 0)
		return r;
	if (marks_open(&recording->marks) < 0) {
		recording_say(recording, "%s", error_text(0));
		error_clear();
	}
	recording->budget = (struct budget){ .hundredths = recording->options.budget,
					     .looked_ns = clock_now_ns() };
	limits_begin(&recording->limits, options, clock_now_ns());
	return options->delay_ns ? switch_on(recording, false, "--delay") : 0;
}

static int toggle(struct recording *recording)
{
	int r = switch_on(recording, recording->off, "SIGUSR2");

	if (r >= 0)
		recording_say(recording, "recording is %s", recording->off ? "off" : "on");
	return r;
}

static int end_delay(struct recording *recording, uint64_t now_ns)
{
	bool waits = recording->off && !recording->limits.begin_ns;

	if (!waits || !limits_delay_is_over(&recording->limits, now_ns))
		return 0;
	return switch_on(recording, true, "--delay");
}

static int take_marks(struct recording *recording, uint64_t now_ns)
{
	struct mark mark;
	int r = 0;

	while (r >= 0 && marks_next(&recording->marks, now_ns, &mark))
		r = output_mark(&recording->output, &(struct ctf_mark){ .ns = mark.ns,
									.slot = MARK_BY_HOST,
									.text = mark.text });
	return r;
}

/* --- what the tool may take ---------------------------------------------------- */

static char *share_text(int64_t hundredths, char text[NUMBER_TEXT])
{
	return number_fixed(hundredths, 2, text);
}

/* One step down: says so, in the trace too. */
static int step_down(struct recording *recording, uint64_t now_ns, int64_t share)
{
	struct budget *budget = &recording->budget;
	struct source *source = recording->source;
	char took[NUMBER_TEXT], limit[NUMBER_TEXT], why[2 * NUMBER_TEXT + 64];
	struct budget_step step;

	snprintf(why, sizeof(why), "the tool took %s %% of the vCPUs' time, more than %s %%",
		 share_text(share, took), share_text(budget->hundredths, limit));
	if (budget_is_last(budget->step)) {
		if (!budget->told)
			recording_say(recording, "%s, with totals alone; the rest is the stamps'",
				      why);
		budget->told = true;
		return 0;
	}
	step = budget_at(++budget->step);
	source->ops->set_below(source, chooser_below(step.one_of));
	if (step.what == CHOICE_TOTALS)
		recording_say(recording, "%s: totals alone from now on", why);
	else
		recording_say(recording, "%s: one record in %u from now on", why, step.one_of);
	return output_choice(&recording->output, now_ns, step.what, step.one_of, why);
}

static int read_budget(struct recording *recording, struct budget_reading *ret_reading)
{
	_cleanup_(totals_release) struct totals totals = { 0 };
	struct source *source = recording->source;
	struct pause_cost pauses;
	int r = source->ops->totals(source, &totals);

	if (r >= 0)
		r = source->ops->pause_cost(source, &pauses);
	if (r >= 0)
		budget_read(&source->facts, &totals, &pauses, ret_reading);
	return r;
}

static int keep_budget(struct recording *recording, uint64_t now_ns)
{
	struct budget *budget = &recording->budget;
	struct budget_reading now;
	int64_t share;
	int r;

	if (!budget->hundredths || recording->off || now_ns < budget->looked_ns + BUDGET_LOOK_NS)
		return 0;
	r = read_budget(recording, &now);
	if (r < 0)
		return r;
	share = budget_share(&recording->source->facts, &budget->before, &now);
	budget->looked_ns = now_ns;
	if (share < 0)
		return 0; /* hardly any time has passed */
	budget->before = now;
	return share > budget->hundredths ? step_down(recording, now_ns, share) : 0;
}

/* --- all of it ------------------------------------------------------------------- */

static int dump(struct recording *recording, uint64_t now_ns, const char *why)
{
	_cleanup_free_ char *path = NULL;
	int r = output_dump(&recording->output, now_ns, &path);

	if (r >= 0) {
		recording_say(recording, "%s: the newest records are in %s", why, path);
		return 0;
	}
	recording_say(recording, "%s: %s", why, error_text(r));
	error_clear(); /* the memory is still there, for the next time */
	return 0;
}

static int dump_where_due(struct recording *recording, const struct wakeup *wakeup, uint64_t now_ns)
{
	if (!recording->options.output.flight_bytes)
		return 0;
	if (wakeup->dump)
		return dump(recording, now_ns, "SIGUSR1");
	if (output_wants_dump(&recording->output, now_ns))
		return dump(recording, now_ns, "a slow exit");
	return 0;
}

static bool is_over(const struct recording *recording, const struct wakeup *wakeup, uint64_t now_ns)
{
	const struct child *child = &recording->target.child;
	const char *limit = limits_end(&recording->limits, now_ns);

	if (wakeup->signal || wakeup->ended)
		return true;
	if (limit && child->pid)
		recording_say(recording, "%s ends the recording; '%s' runs on", limit, child->name);
	return limit;
}

int steer(struct recording *recording, const struct wakeup *wakeup, bool *ret_over)
{
	uint64_t now_ns = clock_now_ns();
	int r = wakeup->toggle ? toggle(recording) : 0;

	if (r >= 0)
		r = end_delay(recording, now_ns);
	if (r >= 0)
		r = take_marks(recording, now_ns);
	if (r >= 0)
		r = keep_budget(recording, now_ns);
	if (r >= 0)
		r = dump_where_due(recording, wakeup, now_ns);
	*ret_over = is_over(recording, wakeup, now_ns);
	return r;
}

bool steer_takes(struct recording *recording, const struct ring_record *record)
{
	return record->fixed.kind != EXIT_KIND_EXIT || limits_take_exit(&recording->limits);
}
