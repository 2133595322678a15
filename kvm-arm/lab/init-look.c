// SPDX-License-Identifier: GPL-2.0-only
/* What the emulated host's threads are at, for a COMMAND that does not end. */
#include "kvm-arm/lab/init-look.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { KERNEL_THREAD = 0x00200000, STAT_FLAGS = 9, STAT_USER_TIME = 14 };

/* The first `size - 1` bytes of /proc/PID/task/TID/NAME, or an empty text. */
static void read_task(const char *pid, const char *tid, const char *name, char *text, size_t size)
{
	char path[512];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%s/task/%s/%s", pid, tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
}

/* proc(5): field `number` of a `stat` line, counted from 1; the name may hold blanks. */
static const char *stat_field(const char *stat, int number)
{
	const char *at = strrchr(stat, ')');

	for (int i = 2; at && i < number; i++)
		at = strchr(at + 1, ' ');
	return at ? at + 1 : "?";
}

static void look_at_task(const char *pid, const char *tid, look_line *line, void *context)
{
	char stat[512], place[128], stack[1024], text[2048];
	unsigned long flags = 0, user = 0, kernel = 0;

	read_task(pid, tid, "stat", stat, sizeof(stat));
	sscanf(stat_field(stat, STAT_FLAGS), "%lu", &flags);
	if (!stat[0] || flags & KERNEL_THREAD)
		return;
	sscanf(stat_field(stat, STAT_USER_TIME), "%lu %lu", &user, &kernel);
	read_task(pid, tid, "wchan", place, sizeof(place));
	read_task(pid, tid, "stack", stack, sizeof(stack));
	snprintf(text, sizeof(text), "  %s/%s %.*s %c user %lu kernel %lu ticks, in %s\n%s", pid,
		 tid, (int)(strrchr(stat, ')') - strchr(stat, '(') + 1), strchr(stat, '('),
		 stat_field(stat, 3)[0], user, kernel, place, stack);
	line(context, text);
}

static void look_at_process(const char *pid, look_line *line, void *context)
{
	char path[512];
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	tasks = opendir(path);
	for (struct dirent *entry; tasks && (entry = readdir(tasks));)
		if (isdigit((unsigned char)entry->d_name[0]))
			look_at_task(pid, entry->d_name, line, context);
	if (tasks)
		closedir(tasks);
}

void look_at_processes(look_line *line, void *context)
{
	DIR *processes = opendir("/proc");

	for (struct dirent *entry; processes && (entry = readdir(processes));)
		if (isdigit((unsigned char)entry->d_name[0]))
			look_at_process(entry->d_name, line, context);
	if (processes)
		closedir(processes);
}
