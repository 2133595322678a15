/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/lab/data.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"

#define MARK "kernel.config"

/* Where the lab's own folder and the series may be, seen from some folder. */
struct place {
	const char *folder, *patches;
};

static const struct place source_tree = { "kvm-arm/lab", "kernel-patches" };
static const struct place installed = { "../share/hyptrace/lab",
					"../share/hyptrace/kernel-patches" };

static char *own_folder(void)
{
	_cleanup_free_ char *path = realpath("/proc/self/exe", NULL);
	char *slash = path ? strrchr(path, '/') : NULL;

	if (!slash)
		return NULL;
	*slash = '\0';
	return TAKE_PTR(path);
}

/* Returns 1 and fills `data` where the place holds the lab, 0 where it does not. */
static int try_place(const struct place *place, const char *from, struct lab_data *data)
{
	_cleanup_free_ char *mark = format_text("%s/%s/" MARK, from, place->folder);

	if (!mark)
		return -ENOMEM;
	if (access(mark, R_OK) < 0)
		return 0;
	data->folder = format_text("%s/%s", from, place->folder);
	data->patches = format_text("%s/%s", from, place->patches);
	return data->folder && data->patches ? 1 : -ENOMEM;
}

static int find_folders(const char *own, struct lab_data *data)
{
	_cleanup_free_ char *above = strdup(own);
	const char *named = getenv("HYPTRACE_SOURCE");
	char *slash;
	int r;

	if (!above)
		return -ENOMEM;
	if (named)
		return try_place(&source_tree, named, data);
	do {
		r = try_place(&source_tree, above, data);
		slash = strrchr(above, '/');
		if (slash)
			*slash = '\0';
	} while (r == 0 && slash);
	return r == 0 ? try_place(&installed, own, data) : r;
}

static int find_init(const char *own, const struct arch *arch, struct lab_data *data)
{
	_cleanup_free_ char *beside = format_text("%s/%s", own, arch->init);
	_cleanup_free_ char *shared = format_text("%s/%s", data->folder, arch->init);

	if (!beside || !shared)
		return -ENOMEM;
	if (access(beside, R_OK) == 0)
		data->init = TAKE_PTR(beside);
	else if (access(shared, R_OK) == 0)
		data->init = TAKE_PTR(shared);
	else
		return error_set(-ENOENT,
				 "lab: %s is missing: build it with '%s', for which a compiler for "
				 "%s is needed ('make deps')",
				 beside, arch->make, arch->debian);
	return 0;
}

int lab_data_find(const struct arch *arch, struct lab_data *ret_data)
{
	_cleanup_lab_data_ struct lab_data data = { 0 };
	_cleanup_free_ char *own = own_folder();
	int r;

	if (!own)
		return error_set(-ENOENT,
				 "lab: cannot tell where this program is (/proc/self/exe)");
	r = find_folders(own, &data);
	if (r < 0)
		return r;
	if (r == 0)
		return error_set(
			-ENOENT,
			"lab: neither a source tree above %s nor %s/%s holds the lab's files: "
			"install hyptrace with 'make install', or name its source tree in "
			"HYPTRACE_SOURCE",
			own, own, installed.folder);
	r = find_init(own, arch, &data);
	if (r < 0)
		return r;
	*ret_data = data;
	data = (struct lab_data){ 0 };
	return 0;
}

void lab_data_release(struct lab_data *data)
{
	free(data->folder);
	free(data->patches);
	free(data->init);
	*data = (struct lab_data){ 0 };
}
