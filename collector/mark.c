/* SPDX-License-Identifier: GPL-2.0-only */
/* The command `hyptrace mark`. */
#include <errno.h>

#include "base/error.h"
#include "collector/facts.h"
#include "collector/marks.h"

const struct cmdline_command mark_command = {
	.name = "mark",
	.usage = "TEXT",
	.help = "put a mark into the recordings that run",
	.run = command_mark,
};

static int no_option(void *context, int key, const char *argument)
{
	return -EINVAL;
}

int command_mark(int argc, char **argv)
{
	uint64_t now_ns = clock_now_ns();
	int rest, r = cmdline_parse(&mark_command, argc, argv, no_option, NULL, &rest);

	if (r != 0)
		return r == CMDLINE_HELP ? 0 : r;
	if (argc != rest + 1)
		return error_set(-EINVAL, "mark: give one text, in quotes where it has spaces; see "
					  "'hyptrace mark --help'");
	r = marks_send(now_ns, argv[rest]);
	if (r == 0)
		return error_set(-ESRCH, "mark: no recording of this user runs; 'hyptrace record' "
					 "begins one, and root reaches those of all users");
	return r < 0 ? r : 0;
}
