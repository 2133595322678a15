/* SPDX-License-Identifier: GPL-2.0-only */
#include <stddef.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/recording.h"

static int switch_on(struct recording *recording, bool on, const char *why)
{
	struct source *source = recording->source;
	uint64_t now_ns = clock_now_ns();
	int r = source->ops->switch_on(source, on);

	recording->off = !on;
	if (r >= 0)
		r = output_choice(&recording->output, now_ns, on ? CHOICE_ALL : CHOICE_OFF, 0, why);
	if (on)
		limits_note_begin(&recording->limits, now_ns);
	return r;
}

int steer_begin(struct recording *recording)
{
	const struct limits_options *options = &recording->options.limits;

	if (marks_open(&recording->marks) < 0) {
		recording_say(recording, "%s", error_text(0));
		error_clear();
	}
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
		r = dump_where_due(recording, wakeup, now_ns);
	*ret_over = is_over(recording, wakeup, now_ns);
	return r;
}

bool steer_takes(struct recording *recording, const struct ring_record *record)
{
	return record->fixed.kind != EXIT_KIND_EXIT || limits_take_exit(&recording->limits);
}
