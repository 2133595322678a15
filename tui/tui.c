/* SPDX-License-Identifier: GPL-2.0-only */
#include "tui/tui.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "collector/wakeups.h"
#include "tui/dashboard.h"
#include "tui/terminal.h"

enum { OPTION_DEVICES = 256 };

static const struct cmdline_option options[] = {
	{ OPTION_DEVICES, "devices", "FILE", DEVICES_HELP },
	{ 0 },
};

const struct cmdline_command tui_command = {
	.name = "tui",
	.usage = "[--devices FILE] DIR [DIR2]",
	.help = "browse a trace on the dashboard's screens",
	.options = options,
	.run = command_tui,
};

static int take_option(void *context, int key, const char *argument)
{
	*(const char **)context = argument;
	return 0;
}

static int browse(const char *path, const char *other, const char *devices)
{
	_cleanup_(feed_closep) struct feed *feed = NULL;
	_cleanup_(wakeups_close) struct wakeups wakeups = WAKEUPS_NONE;
	_cleanup_free_ char *title = other ? format_text("hyptrace tui %s %s", path, other)
					   : format_text("hyptrace tui %s", path);
	struct wakeup last;
	int r = title ? feed_trace_open(path, other, devices, &feed) : -ENOMEM;

	if (r >= 0)
		r = wakeups_open(&wakeups);
	if (r >= 0)
		r = dashboard_run(feed, &wakeups, -1, title, &last);
	/* To open a trace takes as long as it is large, and nothing stops babeltrace2. */
	if (r >= 0 && feed->ops->is_held(feed))
		_exit(EXIT_SUCCESS);
	return r;
}

int command_tui(int argc, char **argv)
{
	const char *devices = NULL;
	int rest, status = 0,
		  r = cmdline_parse(&tui_command, argc, argv, take_option, &devices, &rest);

	if (r != 0)
		return r == CMDLINE_HELP ? 0 : r;
	if (rest == argc || argc - rest > 2)
		return error_set(-EINVAL, "tui: name one trace directory, or two to compare their "
					  "world switch; see 'hyptrace tui --help'");
	r = terminal_guard(&status);
	if (r != 0)
		return r < 0 ? r : status;
	return browse(argv[rest], argv[rest + 1], devices);
}
