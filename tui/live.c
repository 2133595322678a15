/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "collector/facts.h"
#include "collector/privileges.h"
#include "collector/target.h"
#include "collector/tiers.h"
#include "tui/dashboard.h"
#include "tui/terminal.h"
#include "tui/tui.h"

enum { OPTION_DEVICES = 256 };

static const struct cmdline_option options[] = {
	{ 'p', "pid", "PID", "watch the VMs of process PID" },
	{ 'a', "all", NULL, "watch every VM" },
	{ 'o', "output", "FILE", "where COMMAND prints to, instead of nowhere" },
	{ OPTION_DEVICES, "devices", "FILE", DEVICES_HELP },
	{ 0 },
};

const struct cmdline_command live_command = {
	.name = "live",
	.usage = "[-o FILE] [--devices FILE] [-p PID | -a | -- COMMAND...]",
	.help = "show where the time goes, while it goes there",
	.options = options,
	.run = command_live,
};

struct live {
	struct target_options options;
	const char *output;  /* of COMMAND */
	const char *devices; /* a file that names them; NULL: none */
	struct target target;
	struct source *source;
	struct trace_facts facts;
	struct feed *feed;
};

static void live_release(struct live *live)
{
	feed_closep(&live->feed);
	source_closep(&live->source);
	target_release(&live->target);
}

static int take_option(void *context, int key, const char *argument)
{
	struct live *live = context;

	switch (key) {
	case 'p':
		return target_parse_pid(argument, &live->options.pid);
	case 'o':
		live->output = argument;
		return 0;
	case OPTION_DEVICES:
		live->devices = argument;
		return 0;
	default:
		live->options.all = true;
		return 0;
	}
}

static int parse(int argc, char **argv, struct live *live)
{
	int rest, r = cmdline_parse(&live_command, argc, argv, take_option, live, &rest);

	if (r != 0)
		return r;
	if (rest < argc)
		live->options.command = argv + rest;
	if (live->output && !live->options.command)
		return error_set(-EINVAL, "live: -o is for what COMMAND prints; give one");
	return target_options_check(&live->options, "live");
}

/* --- COMMAND and the terminal ----------------------------------------------------------- */

enum { STANDARD = 3 };

static void put_back(int (*saved)[STANDARD])
{
	for (int fd = 0; fd < STANDARD; fd++)
		if ((*saved)[fd] >= 0) {
			dup2((*saved)[fd], fd);
			close((*saved)[fd]);
		}
}

/* The screen is the dashboard's: COMMAND is forked with other standard files. */
static int prepare_target(struct live *live)
{
	_cleanup_(put_back) int saved[STANDARD] = { -1, -1, -1 };
	_cleanup_close_ int null = -1, output = -1;
	const char *path = live->output ? live->output : "/dev/null";

	if (!live->options.command)
		return target_prepare(&live->target, &live->options);
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	output = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (null < 0 || output < 0)
		return error_set(-errno, "cannot open '%s' for what '%s' prints: %s", path,
				 live->options.command[0], strerror(errno));
	for (int fd = 0; fd < STANDARD; fd++)
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, STANDARD);
	dup2(null, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	return target_prepare(&live->target, &live->options);
}

/* --- the run --------------------------------------------------------------------------------- */

static int prepare(struct live *live, source_open *open)
{
	const struct source_options wanted = {
		.ring_bytes = (size_t)sysconf(_SC_PAGESIZE), /* no record is written */
		.all = live->options.all,
		.totals_only = true,
	};
	int r = prepare_target(live);

	if (r >= 0)
		r = open(&wanted, &live->source);
	if (r >= 0)
		r = live->source->ops->attach(live->source, target_pid(&live->target));
	if (r >= 0)
		r = privileges_drop(PRIVILEGES_FILES | PRIVILEGES_KILL); /* saves screens */
	if (r >= 0 && live->devices)
		r = device_map_read_file(&live->source->devices.map, live->devices);
	if (r >= 0)
		r = facts_collect(&live->source->facts, &live->facts);
	return r < 0 ? r : feed_totals_open(live->source, &live->facts, &live->feed);
}

static char *make_title(const struct target_options *of)
{
	if (of->all)
		return strdup("hyptrace live: every VM");
	if (of->pid)
		return format_text("hyptrace live: process %d", of->pid);
	return format_text("hyptrace live: %s", of->command[0]);
}

/* COMMAND is not ended with the dashboard: its status is passed on. */
static int finish(struct live *live, struct wakeup last)
{
	live->source->ops->detach(live->source);
	if (!live->target.child.pid)
		return 0;
	if (!last.ended && !last.signal)
		fprintf(stderr, "hyptrace: '%s' is still running; Ctrl-C ends it\n",
			live->options.command[0]);
	target_forward_signal(&live->target, &last);
	return target_await_child(&live->target, last);
}

static int run(struct live *live, source_open *open)
{
	_cleanup_free_ char *title = make_title(&live->options);
	struct wakeup last = { 0 };
	int r = title ? prepare(live, open) : -ENOMEM, err;

	if (r < 0)
		return r;
	if (live->target.child.pid && (err = child_start(&live->target.child)) < 0) {
		fprintf(stderr, "hyptrace: %s\n", error_text(err));
		child_wait(&live->target.child);
		return child_exec_status(err);
	}
	r = dashboard_run(live->feed, &live->target.wakeups,
			  live->target.child.pid ? live->target.child.pid_fd : live->target.fd,
			  title, &last);
	return r < 0 ? r : finish(live, last);
}

int live_from(source_open *open, int argc, char **argv)
{
	_cleanup_(live_release) struct live live = { .target = TARGET_NONE };
	int status = 0, r = parse(argc, argv, &live);

	if (r != 0)
		return r == CMDLINE_HELP ? 0 : r;
	r = terminal_guard(&status);
	if (r != 0)
		return r < 0 ? r : status;
	return run(&live, open);
}

int command_live(int argc, char **argv)
{
	return live_from(source_open_best, argc, argv);
}
