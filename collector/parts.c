/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/error.h"

int parts_create(struct parts *parts, const char *directory, const char *prefix, unsigned int keep)
{
	*parts = (struct parts){
		.directory = directory, .prefix = prefix, .keep = keep, .first = 1, .next = 1
	};
	if (mkdir(directory, 0700) < 0)
		return error_set(-errno,
				 "cannot create the directory '%s': %s; choose another with -o",
				 directory, strerror(errno));
	return 0;
}

char *parts_path(const struct parts *parts, unsigned int number, bool hidden)
{
	return format_text("%s/%s%s-%06u", parts->directory, hidden ? "." : "", parts->prefix,
			   number);
}

/* Without its metadata a directory is no trace: readers pass it by. */
static int remove_trace(const char *path)
{
	_cleanup_closedir_ DIR *directory = opendir(path);
	const struct dirent *entry;

	if (!directory)
		return errno == ENOENT ? 0 : -errno;
	unlinkat(dirfd(directory), "metadata", 0);
	while ((entry = readdir(directory)))
		if (entry->d_name[0] != '.' || entry->d_name[1] == 'm')
			unlinkat(dirfd(directory), entry->d_name, 0);
	return rmdir(path) < 0 ? -errno : 0;
}

int parts_make_room(struct parts *parts)
{
	int r = 0;

	while (r >= 0 && parts->keep && parts->next - parts->first >= parts->keep) {
		_cleanup_free_ char *path = parts_path(parts, parts->first, false);

		if (!path)
			return -ENOMEM;
		r = remove_trace(path);
		if (r < 0)
			return error_set(r, "cannot remove '%s', which is to make room: %s", path,
					 strerror(-r));
		parts->first++;
	}
	return r;
}

void parts_remove(const struct parts *parts)
{
	rmdir(parts->directory);
}
