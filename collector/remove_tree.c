/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/remove_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

/* LTTng's folders are 8 deep; what goes deeper somebody has made to keep us busy. */
enum { DEPTH_MOST = 32 };

static void remove_entry(int folder, const char *name, int depth);

static void empty_folder(int fd, int depth)
{
	_cleanup_closedir_ DIR *folder = fdopendir(fd);
	const struct dirent *entry;

	if (!folder) {
		close(fd);
		return;
	}
	while ((entry = readdir(folder)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove_entry(fd, entry->d_name, depth);
}

static void remove_entry(int folder, const char *name, int depth)
{
	int fd;

	if (unlinkat(folder, name, 0) == 0)
		return;
	fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && depth < DEPTH_MOST)
		empty_folder(fd, depth + 1);
	else
		cleanup_close(&fd);
	unlinkat(folder, name, AT_REMOVEDIR);
}

void remove_tree(const char *path)
{
	remove_entry(AT_FDCWD, path, 0);
}
